//! The bytes of an input, kept open so that they can be read twice.
//!
//! What cannot be read twice is copied into an unnamed private file first. Knows nothing of rows, and refuses
//! to guess: a file that was written meanwhile is an error.

use std::fs::File;
use std::fs::Metadata;
use std::io;
use std::io::Read;
use std::io::Seek;
use std::io::SeekFrom;
use std::io::Write;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::SystemTime;

use crate::input::InputError;

/// Most bytes taken from a pipe; one that never ends must not fill the disk.
const SPOOL_LENGTH_MAX: u64 = 16 << 30;

/// Bytes that are read at once.
const COPY_LENGTH: usize = 128 << 10;

/// Opened bytes that can be read at any place, any number of times.
#[derive(Debug)]
pub struct Source {
    file: Mutex<File>,
    identity: Option<Identity>,
    /// Absent for a private copy: nobody else can write it.
    stamp: Option<Stamp>,
}

/// What tells whether two names mean one file.
#[derive(Debug, Eq, PartialEq)]
enum Identity {
    #[cfg(unix)]
    Node(u64, u64),
    #[cfg(not(unix))]
    Path(PathBuf),
}

/// What changes when a file is written.
#[derive(Debug, Eq, PartialEq)]
struct Stamp {
    length: u64,
    modified: Option<SystemTime>,
}

impl Stamp {
    fn of(metadata: &Metadata) -> Self {
        Self { length: metadata.len(), modified: metadata.modified().ok() }
    }
}

impl Source {
    /// Opens a file, or copies what can be read once alone: a pipe, a FIFO, a device.
    pub fn open(path: &Path) -> Result<Self, InputError> {
        let refused = |reason| refusal(path, reason);
        let file = File::open(path).map_err(refused)?;
        let metadata = file.metadata().map_err(refused)?;
        if metadata.is_dir() {
            return Err(InputError::Directory { path: path.into() });
        }
        let identity = identity_of(path, &metadata);
        if metadata.is_file() {
            return Ok(Self {
                file: Mutex::new(file),
                identity,
                stamp: Some(Stamp::of(&metadata)),
            });
        }
        Ok(Self { identity, ..Self::spool(file)? })
    }

    /// Copies standard input, and remembers which file it is where it is one.
    pub fn stdin() -> Result<Self, InputError> {
        #[cfg(unix)]
        {
            use std::os::fd::AsFd;
            let own = io::stdin().as_fd().try_clone_to_owned();
            let file = File::from(own.map_err(|reason| InputError::Read { reason })?);
            let metadata = file.metadata().map_err(|reason| InputError::Read { reason })?;
            if metadata.is_dir() {
                return Err(InputError::Directory { path: PathBuf::from("-") });
            }
            let identity = identity_of(Path::new("-"), &metadata);
            Ok(Self { identity, ..Self::spool(file)? })
        }
        #[cfg(not(unix))]
        Self::spool(io::stdin().lock())
    }

    /// Copies a reader to its end into an unnamed file, which is gone when the process is.
    pub fn spool(reader: impl Read) -> Result<Self, InputError> {
        let copy = tempfile::tempfile().map_err(|reason| InputError::Spool { reason })?;
        let copied = copy_all(reader.take(SPOOL_LENGTH_MAX + 1), &copy)?;
        if copied > SPOOL_LENGTH_MAX {
            return Err(InputError::SpoolTooLong { length_max: SPOOL_LENGTH_MAX });
        }
        Ok(Self { file: Mutex::new(copy), identity: None, stamp: None })
    }

    /// The same input, with a copy of what its bytes stand for.
    pub(super) fn replaced(self, copy: Self) -> Self {
        Self { identity: self.identity, ..copy }
    }

    /// Whether a path names the very file that is read.
    pub fn same_file(&self, path: &Path) -> bool {
        let Ok(metadata) = path.metadata() else { return false };
        self.identity.is_some() && self.identity == identity_of(path, &metadata)
    }

    /// Says so if the file was written since it was opened.
    pub fn unchanged(&self) -> Result<(), InputError> {
        let Some(before) = &self.stamp else { return Ok(()) };
        let file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        let metadata = file.metadata().map_err(|reason| InputError::Read { reason })?;
        if Stamp::of(&metadata) == *before { Ok(()) } else { Err(InputError::ChangedWhileRead) }
    }

    /// Shows all bytes, in their order.
    pub fn visit(&self, mut show: impl FnMut(&[u8])) -> Result<(), InputError> {
        let mut offset = 0;
        let mut bytes = Vec::new();
        loop {
            bytes.clear();
            let read = self.append(offset, COPY_LENGTH, &mut bytes)?;
            if read == 0 {
                return Ok(());
            }
            show(&bytes);
            offset += read as u64;
        }
    }

    /// Appends up to `length` bytes that stand at `offset`; fewer mean the end. Returns their number.
    pub(super) fn append(
        &self,
        offset: u64,
        length: usize,
        bytes: &mut Vec<u8>,
    ) -> Result<usize, InputError> {
        let file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        let mut reader: &File = &file;
        bytes.reserve(length);
        reader
            .seek(SeekFrom::Start(offset))
            .and_then(|_| reader.take(length as u64).read_to_end(bytes))
            .map_err(|reason| InputError::Read { reason })
    }
}

/// Whether two names mean one file that is there.
pub fn same_file(one: &Path, other: &Path) -> bool {
    let identity = |path: &Path| identity_of(path, &path.metadata().ok()?);
    let known = identity(one);
    known.is_some() && known == identity(other)
}

fn refusal(path: &Path, reason: io::Error) -> InputError {
    let path = PathBuf::from(path);
    match reason.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => InputError::Missing { path },
        io::ErrorKind::PermissionDenied => InputError::Forbidden { path },
        io::ErrorKind::IsADirectory => InputError::Directory { path },
        _ => InputError::Open { path, reason },
    }
}

fn copy_all(mut reader: impl Read, mut copy: &File) -> Result<u64, InputError> {
    let mut buffer = vec![0; COPY_LENGTH];
    let mut copied = 0;
    loop {
        let read = match reader.read(&mut buffer) {
            Ok(0) => return Ok(copied),
            Ok(read) => read,
            Err(reason) if reason.kind() == io::ErrorKind::Interrupted => continue,
            Err(reason) => return Err(InputError::Read { reason }),
        };
        copy.write_all(&buffer[..read]).map_err(|reason| InputError::Spool { reason })?;
        copied += read as u64;
    }
}

#[cfg(unix)]
#[expect(clippy::unnecessary_wraps, reason = "other systems cannot always tell")]
fn identity_of(_path: &Path, metadata: &Metadata) -> Option<Identity> {
    use std::os::unix::fs::MetadataExt;
    Some(Identity::Node(metadata.dev(), metadata.ino()))
}

#[cfg(not(unix))]
fn identity_of(path: &Path, _metadata: &Metadata) -> Option<Identity> {
    path.canonicalize().ok().map(Identity::Path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(source: &Source) -> Vec<u8> {
        let mut bytes = Vec::new();
        source.append(0, 1 << 20, &mut bytes).unwrap();
        bytes
    }

    #[test]
    fn a_directory_a_missing_file_and_a_path_through_a_file_are_told_apart() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("rows.csv");
        std::fs::write(&file, "mailbox\n").unwrap();
        let told = |path: &Path| Source::open(path).unwrap_err();
        assert!(matches!(told(folder.path()), InputError::Directory { .. }));
        assert!(matches!(told(&folder.path().join("no.csv")), InputError::Missing { .. }));
        assert!(matches!(told(&file.join("x")), InputError::Missing { .. }));
    }

    #[test]
    fn a_reader_is_copied_and_can_be_read_twice() {
        let source = Source::spool(&b"mailbox\n101\n"[..]).unwrap();
        assert_eq!(all(&source), b"mailbox\n101\n");
        assert_eq!(all(&source), b"mailbox\n101\n");
        assert!(source.unchanged().is_ok());
    }

    #[cfg(unix)]
    #[test]
    fn what_is_no_regular_file_is_copied_and_still_known_by_its_path() {
        let source = Source::open(Path::new("/dev/null")).unwrap();
        assert_eq!(all(&source), b"");
        assert!(source.stamp.is_none() && source.same_file(Path::new("/dev/null")));
    }

    #[test]
    fn a_reader_that_fails_is_a_read_error() {
        struct Broken;
        impl Read for Broken {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                Err(io::ErrorKind::ConnectionReset.into())
            }
        }
        assert!(matches!(Source::spool(Broken).unwrap_err(), InputError::Read { .. }));
    }

    #[cfg(unix)]
    #[test]
    fn a_link_to_the_input_is_the_same_file_and_a_copy_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("rows.csv");
        std::fs::write(&file, "mailbox\n").unwrap();
        let source = Source::open(&file).unwrap();
        let [soft, hard, copy] = ["soft", "hard", "copy"].map(|it| folder.path().join(it));
        std::os::unix::fs::symlink(&file, &soft).unwrap();
        std::fs::hard_link(&file, &hard).unwrap();
        std::fs::copy(&file, &copy).unwrap();
        let same = [&file, &soft, &hard, &copy].map(|it| source.same_file(it));
        assert_eq!(same, [true, true, true, false]);
    }

    #[test]
    fn a_file_that_grows_is_seen_to_have_changed() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("rows.csv");
        std::fs::write(&file, "mailbox\n").unwrap();
        let source = Source::open(&file).unwrap();
        assert!(source.unchanged().is_ok());
        std::fs::write(&file, "mailbox\n101\n").unwrap();
        assert!(matches!(source.unchanged(), Err(InputError::ChangedWhileRead)));
    }
}
