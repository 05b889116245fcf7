//! The journal as a file: made for one user alone, never through a link, locked by the kernel, with room kept in reserve.

use std::fs;
use std::fs::File;
use std::fs::OpenOptions;
use std::fs::TryLockError;
use std::io;
use std::io::Read;
use std::path::Path;
use std::path::PathBuf;

use crate::journal::JournalError;
use crate::journal::Reading;
use crate::journal::error;
use crate::model::RowIndex;

/// Room on a full disk for one result with the longest words: in the log, in the file, in the report and among the rejects,
/// where a row of some hundred bytes stands before them.
const RESERVE_BYTES_A_RESULT: u64 = 64 << 10;

/// As much as so many results: the end of a job, and intents that stand in one group with results.
const RESERVE_RESULTS_FOR_END: RowIndex = 2;

/// What a file's blocks are counted in, whatever the file system's own are.
#[cfg(target_os = "linux")]
const BLOCK_BYTES: u64 = 512;

/// How every database that is not empty begins.
const HEADER_BYTES: u64 = 100;

/// Tries to lock. Somebody who only looks whether a journal is held has it for an instant.
const LOCK_TRIES_MAX: usize = 3;

/// A file that is locked.
pub(super) struct Opened {
    pub lock: File,
    /// Its name without links in it.
    pub real: PathBuf,
}

/// Opens or makes the file and locks it.
pub(super) fn open(path: &Path) -> Result<Opened, JournalError> {
    let real = real(path).map_err(|source| error::of_io(path, source))?;
    let lock = match private().open(&real) {
        Ok(file) => file,
        Err(_) if is_link(&real) => {
            return Err(JournalError::Link { path: path.display().to_string() });
        }
        Err(source) => return Err(error::of_io(path, source)),
    };
    // SQLite takes a file of a byte or two for an empty one, and would write over it.
    let is_usable = |it: &fs::Metadata| it.is_file() && !(1..HEADER_BYTES).contains(&it.len());
    if !lock.metadata().is_ok_and(|it| is_usable(&it)) {
        return Err(JournalError::NotAJournal { path: path.display().to_string() });
    }
    take(&lock, path)?;
    Ok(Opened { lock, real })
}

fn take(lock: &File, path: &Path) -> Result<(), JournalError> {
    let mut holder = None;
    for _ in 0..LOCK_TRIES_MAX {
        match lock.try_lock() {
            Ok(()) => return Ok(()),
            Err(TryLockError::WouldBlock) => holder = Reading::holder_of(path),
            Err(TryLockError::Error(source)) => return Err(error::of_io(path, source)),
        }
    }
    let holder = holder.unwrap_or_else(|| "another process".to_owned());
    Err(JournalError::Held { path: path.display().to_string(), holder })
}

/// Whether a process holds a journal. Takes the lock for an instant, never the journal.
pub(super) fn is_held(real: &Path) -> io::Result<bool> {
    Ok(matches!(File::open(real)?.try_lock_shared(), Err(TryLockError::WouldBlock)))
}

/// Keeps a journal from being held by anybody, unless it is.
pub(super) fn still(real: &Path) -> io::Result<Option<File>> {
    let file = File::open(real)?;
    Ok(file.try_lock_shared().is_ok().then_some(file))
}

/// Whether a file still has this name.
#[cfg(unix)]
pub(super) fn is_named(file: &File, real: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let identity = |it: fs::Metadata| (it.dev(), it.ino());
    let held = file.metadata().map(identity);
    let named = real.symlink_metadata().map(identity);
    // Where nobody can tell, nothing is said.
    match (held, named) {
        (Ok(held), Ok(named)) => held == named,
        (Ok(_), Err(error)) => error.kind() != io::ErrorKind::NotFound,
        (Err(_), _) => true,
    }
}

#[cfg(not(unix))]
pub(super) fn is_named(_: &File, _: &Path) -> bool {
    true
}

/// The name with its directory free of links; the file itself need not be there.
pub(super) fn real(path: &Path) -> io::Result<PathBuf> {
    let name = path.file_name().ok_or(io::ErrorKind::InvalidFilename)?;
    Ok(directory_of(path).canonicalize()?.join(name))
}

/// Where SQLite keeps the log of a journal.
pub(super) fn log(real: &Path) -> PathBuf {
    let mut log = real.as_os_str().to_owned();
    log.push("-wal");
    log.into()
}

/// Whether there is a log that holds anything. Who only looks at a journal may make an empty one.
pub(super) fn has_log(real: &Path) -> bool {
    log(real).metadata().is_ok_and(|it| it.len() > 0)
}

/// Whether a log lies here without its journal, or beside an empty file: SQLite would take it away.
pub(super) fn is_missing(path: &Path) -> bool {
    let real = path.canonicalize().or_else(|_| real(path));
    real.is_ok_and(|it| it.metadata().map_or(true, |it| it.len() == 0) && has_log(&it))
}

pub(super) fn is_link(path: &Path) -> bool {
    path.symlink_metadata().is_ok_and(|it| it.is_symlink())
}

/// What this process is called in a journal that it holds.
pub(super) fn holder(now_ms: i64) -> String {
    let pid = std::process::id();
    let since = jiff::Timestamp::from_millisecond(now_ms).unwrap_or_default();
    format!("pid {pid} on {} since {since:.3}", host())
}

#[cfg(unix)]
fn host() -> String {
    rustix::system::uname().nodename().to_string_lossy().into_owned()
}

#[cfg(not(unix))]
fn host() -> String {
    "this machine".to_owned()
}

#[cfg(unix)]
fn private() -> OpenOptions {
    use std::os::unix::fs::OpenOptionsExt;
    let mut options = File::options();
    let flags = rustix::fs::OFlags::NOFOLLOW | rustix::fs::OFlags::NONBLOCK;
    options
        .read(true)
        .write(true)
        .create(true)
        .mode(0o600)
        .custom_flags(flags.bits().cast_signed());
    options
}

#[cfg(not(unix))]
fn private() -> OpenOptions {
    let mut options = File::options();
    options.read(true).write(true).create(true).truncate(false);
    options
}

/// Takes a journal from everybody but its user; SQLite gives its companions the same mode.
#[cfg(unix)]
pub(super) fn restrict(file: &File) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    file.set_permissions(fs::Permissions::from_mode(0o600))
}

#[cfg(not(unix))]
pub(super) fn restrict(_: &File) -> io::Result<()> {
    Ok(())
}

/// Whether nothing was written to a file yet, as far as that can be told.
pub(super) fn is_empty(file: &File) -> bool {
    file.metadata().is_ok_and(|it| it.len() == 0)
}

/// The room that so many results need, and the end of their job.
pub(super) fn room_for(results_max: RowIndex) -> u64 {
    let results = results_max.saturating_add(RESERVE_RESULTS_FOR_END);
    u64::from(results) * RESERVE_BYTES_A_RESULT
}

/// A file without a name on the journal's disk.
pub(super) fn nameless(real: &Path) -> io::Result<File> {
    tempfile::tempfile_in(directory_of(real))
}

/// Takes so much room for a file: written out where the file system does not have it ready at once.
pub(super) fn take_room(file: &mut File, bytes: u64) -> io::Result<()> {
    if allocate(file, bytes) { Ok(()) } else { write_out(file, bytes) }
}

/// Fills a file, down to the disk. Not with zeros, which some file systems keep without room.
pub(super) fn write_out(file: &mut File, bytes: u64) -> io::Result<()> {
    io::copy(&mut io::repeat(0xa5).take(bytes), file)?;
    file.sync_data()
}

/// Has the file system set so many bytes aside for a file. Whether they are there its blocks tell: some only say so.
#[cfg(target_os = "linux")]
fn allocate(file: &File, bytes: u64) -> bool {
    use std::os::unix::fs::MetadataExt;
    let flags = rustix::fs::FallocateFlags::empty();
    let is_promised = rustix::fs::fallocate(file, flags, 0, bytes).is_ok();
    is_promised && file.metadata().is_ok_and(|it| it.blocks() * BLOCK_BYTES >= bytes)
}

#[cfg(not(target_os = "linux"))]
fn allocate(_: &File, _: u64) -> bool {
    false
}

/// Makes the name of a new file durable, where directories can be opened.
pub(super) fn sync_directory(real: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(directory_of(real))?.sync_all() } else { Ok(()) }
}

fn directory_of(path: &Path) -> &Path {
    path.parent().filter(|it| !it.as_os_str().is_empty()).unwrap_or(Path::new("."))
}
