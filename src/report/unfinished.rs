//! A file that is nowhere until it is whole: whatever ends the process, nothing of it is left.
//!
//! Where the system has no such files, it has a private name beside its place, which stays if the process is killed.

use std::fs::File;
use std::io;
use std::io::BufWriter;
use std::io::Write;
use std::path::Path;

use tempfile::Builder;
use tempfile::NamedTempFile;
use tempfile::TempPath;

/// A file that is being written.
#[derive(Debug)]
pub(super) struct Unfinished {
    file: BufWriter<File>,
    /// None for a file that is nowhere. It is written past its name, which an error would tell.
    name: Option<TempPath>,
}

impl Unfinished {
    /// Begins a file that is to stand in `directory`; its owner alone may read it.
    pub(super) fn begin(directory: &Path) -> io::Result<Self> {
        let (file, name) = match nowhere(directory) {
            Some(file) => (file, None),
            None => named(directory).map(|(file, name)| (file, Some(name)))?,
        };
        Ok(Self { file: BufWriter::new(file), name })
    }

    /// Makes it durable and gives it its name, in place of whatever has it. `path` is in the same directory.
    pub(super) fn finish(self, directory: &Path, path: &Path) -> io::Result<()> {
        let mut file = self.file.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.sync_all()?;
        let name = match self.name {
            Some(name) => name,
            // The system may forbid to name it after all.
            None => linked(&file, directory).or_else(|_| copied(&mut file, directory))?,
        };
        name.persist(path).map_err(|it| it.error)
    }
}

impl Write for Unfinished {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

fn private() -> Builder<'static, 'static> {
    let mut builder = Builder::new();
    builder.prefix(".boxlift-").suffix(".part");
    builder
}

fn named(directory: &Path) -> io::Result<(File, TempPath)> {
    let named = private().tempfile_in(directory).map(NamedTempFile::into_parts);
    // The error's own text has the private name, which means nothing to anybody.
    named.map_err(|it| io::Error::from(it.kind()))
}

/// A file of no directory on the disk of one, if it could be named there later.
#[cfg(target_os = "linux")]
fn nowhere(directory: &Path) -> Option<File> {
    use rustix::fs::Mode;
    use rustix::fs::OFlags;
    let flags = OFlags::TMPFILE | OFlags::RDWR | OFlags::CLOEXEC;
    let file = File::from(rustix::fs::open(directory, flags, Mode::RUSR | Mode::WUSR).ok()?);
    way_to(&file).symlink_metadata().is_ok().then_some(file)
}

#[cfg(not(target_os = "linux"))]
fn nowhere(_: &Path) -> Option<File> {
    None
}

/// Gives a file of no directory a private name, durably: some file systems take no sync before that for one.
#[cfg(target_os = "linux")]
fn linked(file: &File, directory: &Path) -> io::Result<TempPath> {
    use rustix::fs::AtFlags;
    use rustix::fs::CWD;
    use rustix::fs::linkat;
    let way = way_to(file);
    let named = private().make_in(directory, |name| {
        linkat(CWD, &way, CWD, name, AtFlags::SYMLINK_FOLLOW).map_err(io::Error::from)
    });
    let name = named?.into_temp_path();
    file.sync_all()?;
    Ok(name)
}

#[cfg(not(target_os = "linux"))]
fn linked(_: &File, _: &Path) -> io::Result<TempPath> {
    Err(io::ErrorKind::Unsupported.into())
}

/// Where the system shows an open file.
#[cfg(target_os = "linux")]
fn way_to(file: &File) -> std::path::PathBuf {
    use std::os::fd::AsRawFd;
    format!("/proc/self/fd/{}", file.as_raw_fd()).into()
}

/// Copies a whole file to a private name, down to the disk.
fn copied(file: &mut File, directory: &Path) -> io::Result<TempPath> {
    use std::io::Seek;
    let (mut copy, name) = named(directory)?;
    file.rewind()?;
    io::copy(file, &mut copy)?;
    copy.sync_all()?;
    Ok(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[cfg(target_os = "linux")]
    #[test]
    fn nothing_of_a_file_is_seen_before_it_is_whole() {
        let folder = tempfile::tempdir().unwrap();
        let mut unfinished = Unfinished::begin(folder.path()).unwrap();
        unfinished.write_all(b"pin").unwrap();
        unfinished.flush().unwrap();
        let is_known = nameless(folder.path()).is_ok();
        assert_eq!(unfinished.name.is_none(), is_known);
        assert_eq!(fs::read_dir(folder.path()).unwrap().next().is_none(), is_known);
        unfinished.finish(folder.path(), &folder.path().join("rows.csv")).unwrap();
        let names = fs::read_dir(folder.path()).unwrap().map(|it| it.unwrap().file_name());
        assert_eq!(names.collect::<Vec<_>>(), ["rows.csv"]);
    }

    /// Whether the file system has files of no directory.
    #[cfg(target_os = "linux")]
    fn nameless(directory: &Path) -> io::Result<File> {
        use std::os::unix::fs::OpenOptionsExt;
        let flag = rustix::fs::OFlags::TMPFILE.bits().cast_signed();
        File::options().read(true).write(true).custom_flags(flag).open(directory)
    }

    #[test]
    fn a_file_that_may_not_be_named_is_copied() {
        let folder = tempfile::tempdir().unwrap();
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(b"whole").unwrap();
        let name = copied(&mut file, folder.path()).unwrap();
        assert_eq!(fs::read(&name).unwrap(), b"whole");
    }
}
