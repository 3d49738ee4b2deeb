//! Bodies in files: written beside the final name and renamed when complete, so that the name never stands for half
//! a body.

use super::hex;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::error::{Error, ErrorKind, Phase, Result};
use super::exchange::Head;
use super::received::{Disposition, Sink};

/// Bytes written at once.
const BUFFER: usize = 256 * 1024;
/// Longest name that is extended; file systems end at 255 bytes.
const NAME: usize = 220;

/// Receives bodies into a file.
pub struct FileSink {
    path: PathBuf,
    part: Option<Partial>,
    buffer: Vec<u8>,
    filled: usize,
    length: u64,
    complete: bool,
}

/// The file under its temporary name, removed unless it is renamed. No name: a device, written as it is.
struct Partial {
    path: PathBuf,
    file: Option<File>,
    /// The name it gets when complete.
    target: PathBuf,
}

impl FileSink {
    /// A sink that leaves the body in `path`, replacing a file that is there.
    #[must_use]
    pub fn new(path: PathBuf) -> Self {
        Self { path, part: None, buffer: Vec::new(), filled: 0, length: 0, complete: false }
    }

    /// Bytes of the body received last.
    #[must_use]
    pub fn length(&self) -> u64 {
        self.length
    }

    /// Whether a body is in the file. A 304 has none and leaves the file alone.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.complete
    }

    /// Where the body is when finished.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    fn write(&mut self) -> Result<()> {
        let bytes = self.buffer.get(..self.filled).unwrap_or_default();
        let written = match self.part.as_mut().and_then(|part| part.file.as_mut()) {
            Some(file) => file.write_all(bytes),
            None => Err(io::ErrorKind::NotFound.into()),
        };
        written.map_err(|source| file_error(&self.path, "write", source))?;
        self.filled = 0;
        Ok(())
    }
}

impl Sink for FileSink {
    fn begin(&mut self, head: &Head, _length: Option<u64>) -> Result<Disposition> {
        self.part = None;
        self.filled = 0;
        self.length = 0;
        self.complete = false;
        if self.buffer.is_empty() {
            self.buffer
                .try_reserve_exact(BUFFER)
                .map_err(|_| Error::new(ErrorKind::OutOfMemory { wanted: BUFFER as u64 }, Phase::File))?;
            self.buffer.resize(BUFFER, 0);
        }
        // It has no body by definition: what it says is that the file one has is still good.
        if head.status == 304 {
            return Ok(Disposition::Discard);
        }
        let part = open_for(&self.path);
        self.part = Some(part.map_err(|source| file_error(&self.path, "create", source))?);
        Ok(Disposition::Keep)
    }

    fn space(&mut self) -> Result<&mut [u8]> {
        if self.filled == self.buffer.len() {
            self.write()?;
        }
        Ok(self.buffer.get_mut(self.filled..).unwrap_or_default())
    }

    fn advance(&mut self, count: usize) -> Result<()> {
        self.filled = (self.filled + count).min(self.buffer.len());
        self.length += count as u64;
        Ok(())
    }

    fn finish(&mut self) -> Result<()> {
        if self.part.is_none() && self.filled == 0 {
            return Ok(());
        }
        self.write()?;
        self.buffer = Vec::new();
        if let Some(part) = self.part.take() {
            part.rename().map_err(|source| file_error(&self.path, "rename", source))?;
            self.complete = true;
        }
        Ok(())
    }

    fn abandon(&mut self, _error: &Error) {
        self.part = None;
        self.buffer = Vec::new();
        (self.filled, self.length) = (0, 0);
    }
}

impl std::fmt::Debug for FileSink {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FileSink")
            .field("path", &self.path)
            .field("length", &self.length)
            .finish_non_exhaustive()
    }
}

impl Partial {
    fn rename(mut self) -> io::Result<()> {
        // Closed first: an open file cannot be renamed on Windows.
        self.file = None;
        if !self.path.as_os_str().is_empty() {
            std::fs::rename(&self.path, &self.target)?;
        }
        self.path = PathBuf::new();
        Ok(())
    }
}

impl Drop for Partial {
    fn drop(&mut self) {
        self.file = None;
        if !self.path.as_os_str().is_empty() {
            // Nothing better can be done with a file that cannot be removed.
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

/// What is there decides: a file is replaced (through a link, in the place the link leads to) and its permissions are
/// kept, a character device such as `/dev/null` is written as it is, anything else is refused now and not when the
/// body is here.
fn open_for(path: &Path) -> io::Result<Partial> {
    if path.as_os_str().to_string_lossy().ends_with(std::path::is_separator) {
        return Err(io::ErrorKind::IsADirectory.into());
    }
    let Ok(there) = std::fs::metadata(path) else { return create_beside(path) };
    if there.is_file() {
        let target = if path.is_symlink() { std::fs::canonicalize(path)? } else { path.to_owned() };
        // On Windows there is one permission, "read-only", and the system replaces no file that has it.
        if cfg!(windows) && there.permissions().readonly() {
            return Err(io::ErrorKind::PermissionDenied.into());
        }
        let partial = create_beside(&target)?;
        if let Some(file) = &partial.file {
            // Not every file system has them.
            let _ = file.set_permissions(there.permissions());
        }
        return Ok(partial);
    }
    if there.is_dir() {
        return Err(io::ErrorKind::IsADirectory.into());
    }
    #[cfg(unix)]
    if std::os::unix::fs::FileTypeExt::is_char_device(&there.file_type()) {
        let file = OpenOptions::new().write(true).open(path)?;
        return Ok(Partial { path: PathBuf::new(), file: Some(file), target: PathBuf::new() });
    }
    // Opening a pipe would wait for its reader beyond every limit.
    Err(io::ErrorKind::InvalidInput.into())
}

/// Creates `<name>.<random>.part` in the folder of `path`.
fn create_beside(path: &Path) -> io::Result<Partial> {
    let name = path.file_name().ok_or(io::ErrorKind::InvalidInput)?;
    let mut last = io::ErrorKind::AlreadyExists.into();
    for _ in 0..8 {
        let random = hex::random::<8>().map_err(io::Error::other)?;
        let mut partial = if name.len() <= NAME { name.to_owned() } else { "body".into() };
        partial.push(format!(".{random}.part"));
        let partial = path.with_file_name(partial);
        match OpenOptions::new().write(true).create_new(true).open(&partial) {
            Ok(file) => return Ok(Partial { path: partial, file: Some(file), target: path.to_owned() }),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => last = error,
            Err(error) => return Err(error),
        }
    }
    Err(last)
}

fn file_error(path: &Path, operation: &'static str, source: io::Error) -> Error {
    Error::new(ErrorKind::File { path: path.display().to_string(), operation, source }, Phase::File)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use crate::engine::headers::Headers;

    fn head() -> Head {
        Head { status: 200, headers: Headers::new(), ..Head::default() }
    }

    fn receive(sink: &mut FileSink, bytes: &[u8]) {
        sink.begin(&head(), None).unwrap();
        let mut rest = bytes;
        while !rest.is_empty() {
            let space = sink.space().unwrap();
            let count = space.len().min(rest.len());
            space[..count].copy_from_slice(&rest[..count]);
            sink.advance(count).unwrap();
            rest = &rest[count..];
        }
    }

    fn names(folder: &Path) -> Vec<String> {
        std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect()
    }

    #[test]
    fn a_finished_body_replaces_the_file_and_nothing_else_is_left() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("тело.bin");
        std::fs::write(&path, "old").unwrap();
        let bytes: Vec<u8> = (0..=u8::MAX).cycle().take(BUFFER * 2 + 7).collect();
        let mut sink = FileSink::new(path.clone());
        receive(&mut sink, &bytes);
        assert_eq!(std::fs::read(&path).unwrap(), b"old");
        sink.finish().unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), bytes);
        assert_eq!((sink.length(), names(folder.path()).len()), (bytes.len() as u64, 1));
    }

    #[test]
    fn an_abandoned_body_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let mut sink = FileSink::new(folder.path().join("body"));
        receive(&mut sink, b"half");
        sink.abandon(&Error::new(ErrorKind::Cancelled, Phase::Body));
        assert!(names(folder.path()).is_empty());
        receive(&mut sink, b"half");
        drop(sink);
        assert!(names(folder.path()).is_empty());
    }

    #[test]
    fn a_second_begin_starts_anew() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("body");
        let mut sink = FileSink::new(path.clone());
        receive(&mut sink, b"first attempt");
        receive(&mut sink, b"second");
        sink.finish().unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"second");
        assert_eq!(names(folder.path()), ["body"]);
    }

    #[test]
    fn a_folder_that_is_not_there_is_an_error_before_any_byte() {
        let mut sink = FileSink::new("/nonexistent/folder/body".into());
        let error = sink.begin(&head(), None).unwrap_err();
        assert!(matches!(error.kind, ErrorKind::File { operation: "create", .. }));
    }

    #[test]
    fn a_folder_or_no_name_at_all_is_refused_before_any_byte() {
        let folder = tempfile::tempdir().unwrap();
        let new = folder.path().join("new/");
        for path in [folder.path(), &new, Path::new("/"), Path::new(".."), Path::new("")] {
            let error = FileSink::new(path.to_owned()).begin(&head(), None).unwrap_err();
            assert!(matches!(error.kind, ErrorKind::File { operation: "create", .. }), "{path:?} {error:?}");
        }
        assert!(names(folder.path()).is_empty());
    }

    #[cfg(unix)]
    #[test]
    fn a_folder_that_cannot_be_written_is_an_error_before_any_byte() {
        // /proc refuses new files even from the superuser.
        let error = FileSink::new("/proc/тело.bin".into()).begin(&head(), None).unwrap_err();
        assert!(matches!(error.kind, ErrorKind::File { operation: "create", .. }));
    }

    #[cfg(unix)]
    #[test]
    fn a_device_is_written_as_it_is_and_a_socket_refused() {
        // Checked first: a failure of what follows would cost the machine its device.
        assert!(open_for(Path::new("/dev/null")).unwrap().path.as_os_str().is_empty());
        let mut sink = FileSink::new("/dev/null".into());
        receive(&mut sink, b"gone");
        sink.finish().unwrap();
        assert!(!std::fs::metadata("/dev/null").unwrap().is_file() && sink.is_complete());
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("socket");
        let _listener = std::os::unix::net::UnixListener::bind(&path).unwrap();
        let error = FileSink::new(path).begin(&head(), None).unwrap_err();
        assert!(matches!(error.kind, ErrorKind::File { operation: "create", .. }));
    }

    #[cfg(unix)]
    #[test]
    fn a_link_stays_a_link_and_permissions_stay() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let (path, link) = (folder.path().join("file"), folder.path().join("link"));
        std::fs::write(&path, "old").unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
        std::os::unix::fs::symlink("file", &link).unwrap();
        let mut sink = FileSink::new(link.clone());
        receive(&mut sink, b"new");
        sink.finish().unwrap();
        assert!(link.is_symlink() && std::fs::read(&path).unwrap() == b"new");
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o640);
    }

    #[test]
    fn not_modified_leaves_the_file_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("body");
        std::fs::write(&path, "good").unwrap();
        let mut sink = FileSink::new(path.clone());
        let head = Head { status: 304, ..head() };
        assert_eq!(sink.begin(&head, Some(0)).unwrap(), Disposition::Discard);
        sink.finish().unwrap();
        assert!(!sink.is_complete());
        assert_eq!(std::fs::read(&path).unwrap(), b"good");
    }

    #[test]
    fn a_very_long_name_still_gets_its_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("n".repeat(250));
        let mut sink = FileSink::new(path.clone());
        receive(&mut sink, b"x");
        sink.finish().unwrap();
        assert_eq!(std::fs::read(path).unwrap(), b"x");
    }
}
