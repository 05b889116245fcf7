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
use std::path::Path;
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::SystemTime;

use crate::input::InputError;
use crate::input::decode::Decoded;
use crate::input::decode::Encoding;
use crate::input::decode::Misfit;
use crate::input::spool::COPY_LENGTH;
use crate::input::spool::Spool;
use crate::model::Problem;

/// Opened bytes that can be read at any place, any number of times.
#[derive(Debug)]
pub struct Source {
    file: Mutex<File>,
    /// The file as it was given, where `file` is a copy of what it holds.
    original: Option<File>,
    identity: Option<Identity>,
    /// Absent for a private copy: nobody else can write it.
    stamp: Option<Stamp>,
    /// How `file` came about, where it is a copy in UTF-8 of another encoding.
    decoded: Option<Decoded>,
    /// What is written of it begins with a byte order mark.
    is_marked: bool,
    /// What people are to be told of it.
    problem: Option<Problem>,
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
    /// Opens a file, or copies what can be read once alone: a pipe, a FIFO, a device. Of that at most `length_max` bytes
    /// are taken: what never ends must not fill the disk.
    pub fn open(path: &Path, length_max: u64) -> Result<Self, InputError> {
        let refused = |reason| refusal(path, reason);
        let file = File::open(path).map_err(refused)?;
        let metadata = file.metadata().map_err(refused)?;
        if metadata.is_dir() {
            return Err(InputError::Directory { path: path.into() });
        }
        let identity = identity_of(path, &metadata);
        if metadata.is_file() {
            let stamp = Some(Stamp::of(&metadata));
            return Ok(Self { identity, stamp, ..Self::of(file) });
        }
        Ok(Self { identity, ..Self::spool(file, length_max)? })
    }

    /// Copies standard input, and remembers which file it is where it is one.
    pub fn stdin(length_max: u64) -> Result<Self, InputError> {
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
            Ok(Self { identity, ..Self::spool(file, length_max)? })
        }
        #[cfg(not(unix))]
        Self::spool(io::stdin().lock(), length_max)
    }

    /// Copies a reader to its end into an unnamed file, which is gone when the process is.
    pub fn spool(reader: impl Read, length_max: u64) -> Result<Self, InputError> {
        let mut spool = Spool::new(length_max)?;
        spool.copy(reader, |reason| InputError::Read { reason })?;
        Ok(Self::of(spool.finish()?))
    }

    fn of(file: File) -> Self {
        let file = Mutex::new(file);
        Self {
            file,
            original: None,
            identity: None,
            stamp: None,
            decoded: None,
            is_marked: false,
            problem: None,
        }
    }

    /// The same input, with a copy of what its bytes stand for.
    pub(super) fn copied(self, copy: File) -> Self {
        let file = self.file.into_inner().unwrap_or_else(PoisonError::into_inner);
        let original = Some(self.original.unwrap_or(file));
        Self { file: Mutex::new(copy), original, ..self }
    }

    /// The same input, with what is known of its encoding.
    pub(super) fn decoded(self, decoded: Decoded) -> Self {
        Self { decoded: Some(decoded), ..self.marked() }
    }

    /// The same input, whose rejects say that they are UTF-8.
    pub(super) fn marked(self) -> Self {
        Self { is_marked: true, ..self }
    }

    /// The same input, with what people are to be told of it.
    pub(super) fn noted(self, problem: Option<Problem>) -> Self {
        Self { problem, ..self }
    }

    /// What people are to be told of it.
    pub(super) fn problem(&self) -> Option<&Problem> {
        self.problem.as_ref()
    }

    /// Whether what is written of it begins with a byte order mark.
    pub(super) fn is_marked(&self) -> bool {
        self.is_marked
    }

    /// What is known of its encoding, where it was another than UTF-8.
    pub(super) fn take_decoded(&mut self) -> Option<Decoded> {
        self.decoded.take()
    }

    /// The bytes from their beginning, for a reader that wants a file of its own. One at a time: they share a place.
    pub(super) fn rewound(&self) -> Result<File, InputError> {
        let file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        let rewound = file.try_clone().and_then(|mut it| it.rewind().map(|()| it));
        rewound.map_err(|reason| InputError::Read { reason })
    }

    /// The encoding in which it was given.
    pub(super) fn encoding(&self) -> Encoding {
        self.decoded.as_ref().map_or(Encoding::UTF_8, Decoded::encoding)
    }

    /// The place in the input as it was given of what stands here and does not decode, where it is known.
    pub(super) fn place(&self, offset: u64) -> Option<u64> {
        match &self.decoded {
            Some(decoded) => decoded.mark(offset),
            None => Some(offset),
        }
    }

    /// The same input, written anew with other bytes in the same lines; `misfits` are what does not decode of them.
    pub(super) fn replaced(self, copy: Self, misfits: Vec<Misfit>) -> Self {
        let Self { identity, decoded, is_marked, .. } = self;
        let decoded = Some(Decoded::by_lines(decoded, misfits));
        Self { identity, decoded, is_marked, ..copy }
    }

    /// Whether a path names the very file that is read.
    pub fn same_file(&self, path: &Path) -> bool {
        let Ok(metadata) = path.metadata() else { return false };
        self.identity.is_some() && self.identity == identity_of(path, &metadata)
    }

    /// Says so if the file was written since it was opened.
    pub fn unchanged(&self) -> Result<(), InputError> {
        let Some(before) = &self.stamp else { return Ok(()) };
        let metadata = match &self.original {
            Some(file) => file.metadata(),
            None => self.file.lock().unwrap_or_else(PoisonError::into_inner).metadata(),
        };
        let metadata = metadata.map_err(|reason| InputError::Read { reason })?;
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
        let told = |path: &Path| Source::open(path, u64::MAX).unwrap_err();
        assert!(matches!(told(folder.path()), InputError::Directory { .. }));
        assert!(matches!(told(&folder.path().join("no.csv")), InputError::Missing { .. }));
        assert!(matches!(told(&file.join("x")), InputError::Missing { .. }));
    }

    #[test]
    fn a_reader_is_copied_and_can_be_read_twice() {
        let source = Source::spool(&b"mailbox\n101\n"[..], u64::MAX).unwrap();
        assert_eq!(all(&source), b"mailbox\n101\n");
        assert_eq!(all(&source), b"mailbox\n101\n");
        assert!(source.unchanged().is_ok());
    }

    #[cfg(unix)]
    #[test]
    fn what_is_no_regular_file_is_copied_and_still_known_by_its_path() {
        let source = Source::open(Path::new("/dev/null"), u64::MAX).unwrap();
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
        assert!(matches!(Source::spool(Broken, u64::MAX).unwrap_err(), InputError::Read { .. }));
    }

    #[cfg(unix)]
    #[test]
    fn a_link_to_the_input_is_the_same_file_and_a_copy_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("rows.csv");
        std::fs::write(&file, "mailbox\n").unwrap();
        let source = Source::open(&file, u64::MAX).unwrap();
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
        let source = Source::open(&file, u64::MAX).unwrap();
        assert!(source.unchanged().is_ok());
        std::fs::write(&file, "mailbox\n101\n").unwrap();
        assert!(matches!(source.unchanged(), Err(InputError::ChangedWhileRead)));
    }
}
