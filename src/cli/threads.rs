//! How many threads judge rows: for little input this one alone, which is done before others have started.

use std::fs;
use std::fs::Metadata;
use std::path::PathBuf;

use rayon::ThreadPool;
use rayon::ThreadPoolBuilder;

/// Bytes as they lie on the disk. As many are judged in about the time that threads take to start; of a packed input, which
/// holds more, the check takes some milliseconds longer than it would with them.
const ALONE_BYTES_MAX: u64 = 64 << 10;

/// Has this thread judge rows alone, to be held while it does; rayon never takes that back. Nothing where inputs are large
/// or nobody knows how large they are, and where it is said how many threads there are to be.
#[expect(clippy::disallowed_methods, reason = "the edge, where the environment is read")]
pub(super) fn for_inputs(paths: &[PathBuf]) -> Option<ThreadPool> {
    if std::env::var_os("RAYON_NUM_THREADS").is_some() {
        return None;
    }
    let files = paths.iter().map(|it| fs::metadata(it).ok().filter(Metadata::is_file));
    let bytes = files.map(|it| Some(it?.len())).sum::<Option<u64>>()?;
    if bytes > ALONE_BYTES_MAX {
        return None;
    }
    ThreadPoolBuilder::new().num_threads(1).use_current_thread().build().ok()
}
