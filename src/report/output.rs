//! A file that is opened before the first call and put in place when it is whole.
//!
//! Until then an older file there stays as it is.

use std::fmt;
use std::fs;
use std::fs::File;
use std::fs::Metadata;
use std::io;
use std::io::BufWriter;
use std::io::Write;
use std::path::Path;
use std::path::PathBuf;

use super::unfinished::Unfinished;

/// A file that is being written.
#[derive(Debug)]
pub struct Output {
    path: PathBuf,
    target: Target,
}

#[derive(Debug)]
enum Target {
    /// Put in its place at the end.
    Private(Unfinished),
    /// A device or a pipe, which cannot be replaced.
    Direct(BufWriter<File>),
    /// What the caller opened.
    Given(Given),
}

/// A place that is written to as it comes.
struct Given(BufWriter<Box<dyn Write + Send + Sync>>);

impl fmt::Debug for Given {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Given")
    }
}

/// Why a file cannot be written.
#[derive(Debug, thiserror::Error)]
#[error("`{path}` cannot be written: {source}")]
pub struct OutputError {
    path: String,
    source: io::Error,
}

impl OutputError {
    /// Whether nobody reads it any more.
    pub fn reader_is_gone(&self) -> bool {
        self.source.kind() == io::ErrorKind::BrokenPipe
    }

    /// What to do about it.
    pub fn help(&self) -> &'static str {
        match self.source.kind() {
            io::ErrorKind::NotFound => "make the directory first, or name another place",
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
                "name a place where you may write"
            }
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                "make room, or name another place"
            }
            io::ErrorKind::FileTooLarge => "see that `ulimit -f` allows it, or name another place",
            _ => "name another place",
        }
    }
}

impl Output {
    /// Opens a place for writing, and fails now rather than after the run.
    pub fn open(path: &Path) -> Result<Self, OutputError> {
        let target = open(path).map_err(|source| failed(path, source))?;
        Ok(Self { path: path.to_owned(), target })
    }

    /// Writes to what is open already, by the name that people know it by.
    pub fn given(name: &str, out: Box<dyn Write + Send + Sync>) -> Self {
        Self { path: name.into(), target: Target::Given(Given(BufWriter::new(out))) }
    }

    /// Where it will be.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Makes what was written durable and puts it in its place.
    pub fn put_in_place(self) -> Result<(), OutputError> {
        let Self { path, target } = self;
        put(&path, target).map_err(|source| failed(&path, source))
    }

    /// An error of writing to it, with its place.
    pub fn failed(&self, source: io::Error) -> OutputError {
        failed(&self.path, source)
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.target {
            Target::Private(file) => file.write(bytes),
            Target::Direct(file) => file.write(bytes),
            Target::Given(Given(out)) => out.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match &mut self.target {
            Target::Private(file) => file.flush(),
            Target::Direct(file) => file.flush(),
            Target::Given(Given(out)) => out.flush(),
        }
    }
}

fn failed(path: &Path, source: io::Error) -> OutputError {
    OutputError { path: path.display().to_string(), source }
}

fn open(path: &Path) -> io::Result<Target> {
    let directory = directory_of(path);
    let known = fs::metadata(path);
    if known.as_ref().is_ok_and(Metadata::is_dir) {
        return Err(io::ErrorKind::IsADirectory.into());
    }
    let known = match known {
        // Said now, since the file has another name until it is put in its place.
        Err(error) if error.kind() == io::ErrorKind::InvalidFilename => return Err(error),
        known => known.ok(),
    };
    if known.is_some_and(|it| !it.is_file()) || holds_devices(directory) {
        return Ok(Target::Direct(BufWriter::new(File::options().write(true).open(path)?)));
    }
    Unfinished::begin(directory).map(Target::Private)
}

/// Whether names in a directory stand for something else, such as `/dev/stdout`, and must not be replaced.
fn holds_devices(directory: &Path) -> bool {
    let real = directory.canonicalize();
    // Shared memory lies among the devices, and holds files like any other place.
    real.is_ok_and(|it| {
        it.starts_with("/proc") || it.starts_with("/dev") && !it.starts_with("/dev/shm")
    })
}

fn put(path: &Path, target: Target) -> io::Result<()> {
    match target {
        Target::Direct(mut file) => file.flush(),
        Target::Given(Given(mut out)) => out.flush(),
        Target::Private(unfinished) => {
            let directory = directory_of(path);
            unfinished.finish(directory, path)?;
            sync_directory(directory)
        }
    }
}

fn directory_of(path: &Path) -> &Path {
    path.parent().filter(|it| !it.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Makes a rename durable, where directories can be opened.
fn sync_directory(path: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(path)?.sync_all() } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_older_file_stays_until_the_new_one_is_whole() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("report.csv");
        fs::write(&path, "old").unwrap();
        let mut output = Output::open(&path).unwrap();
        output.write_all(b"new").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "old");
        output.put_in_place().unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "new");
    }

    #[test]
    fn an_output_that_is_dropped_leaves_nothing_behind() {
        let directory = tempfile::tempdir().unwrap();
        drop(Output::open(&directory.path().join("report.csv")).unwrap());
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 0);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_folder_in_memory_below_dev_is_a_folder_like_any_other() {
        let Ok(directory) = tempfile::tempdir_in("/dev/shm") else { return };
        let path = directory.path().join("report.csv");
        for content in ["old and longer", "new"] {
            let before = fs::read_to_string(&path).ok();
            let mut output = Output::open(&path).unwrap();
            output.write_all(content.as_bytes()).unwrap();
            assert_eq!(fs::read_to_string(&path).ok(), before);
            output.put_in_place().unwrap();
            assert_eq!(fs::read_to_string(&path).unwrap(), content);
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_link_is_replaced_and_not_followed() {
        let directory = tempfile::tempdir().unwrap();
        let precious = directory.path().join("precious");
        let path = directory.path().join("report.csv");
        fs::write(&precious, "keep").unwrap();
        std::os::unix::fs::symlink(&precious, &path).unwrap();
        Output::open(&path).unwrap().put_in_place().unwrap();
        assert_eq!(fs::read_to_string(&precious).unwrap(), "keep");
        assert!(!fs::symlink_metadata(&path).unwrap().is_symlink());
    }

    #[test]
    fn a_place_that_cannot_be_written_is_named_with_a_remedy() {
        let error = Output::open(Path::new("/no/such/place/report.csv")).unwrap_err();
        assert!(error.to_string().starts_with("`/no/such/place/report.csv` cannot be written: "));
        assert_eq!(error.help(), "make the directory first, or name another place");
    }
}
