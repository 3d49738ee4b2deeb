//! Our library, through its exports and vtables, by name, as the platform calls it.

use std::path::Path;

use addin_host::{Addin, HostBlob, Object, Settings, Val};

use crate::Failure;

/// One object of the library. Its host does not fill memory with patterns: a platform does not either.
pub(crate) struct Ours {
    object: Object,
}

impl Ours {
    pub(crate) fn new(library: &Path) -> Result<Self, Failure> {
        let settings = Settings { poison: false, decode: false, ..Settings::default() };
        Ok(Self { object: Addin::load(library)?.create_with("HTTPSession", settings)? })
    }

    /// GET, answer as text ready for ReadJSON.
    pub(crate) fn json(&self, url: &str) -> Result<usize, Failure> {
        let text = self.object.call("GetJson", &[Val::from(url)])?;
        match text {
            Val::Utf16(units) => Ok(units.len()),
            other => Err(format!("GetJson gave {other:?}").into()),
        }
    }

    /// Sets options of the session.
    pub(crate) fn configure(&self, options: &str) -> Result<(), Failure> {
        self.object.call("Configure", &[Val::from(options)])?;
        Ok(())
    }

    /// GET, whether the answer is this text.
    pub(crate) fn gives(&self, url: &str, wanted: &str) -> Result<bool, Failure> {
        match self.object.call("GetJson", &[Val::from(url)])? {
            Val::Utf16(units) => Ok(units.iter().copied().eq(wanted.encode_utf16())),
            other => Err(format!("GetJson gave {other:?}").into()),
        }
    }

    /// GET, body handed over without a copy.
    pub(crate) fn blob(&self, url: &str) -> Result<HostBlob, Failure> {
        self.expect_ok(&self.object.call("Get", &[Val::from(url)])?)?;
        match self.object.call("TakeBody", &[])? {
            Val::Host(blob) => Ok(blob),
            other => Err(format!("TakeBody gave {other:?}").into()),
        }
    }

    /// GET into a file.
    pub(crate) fn file(&self, url: &str, file: &str) -> Result<(), Failure> {
        let options = format!("{{\"OutputFile\":\"{}\"}}", file.replace('\\', "\\\\"));
        self.expect_ok(&self.object.call("Get", &[Val::from(url), Val::from(options)])?)
    }

    /// POST of bytes where they are.
    pub(crate) fn upload(&self, url: &str, bytes: &[u8]) -> Result<(), Failure> {
        self.expect_ok(&self.object.call("Post", &[Val::from(url), Val::BlobRef(bytes)])?)
    }

    fn expect_ok(&self, status: &Val<'_>) -> Result<(), Failure> {
        if status.as_int() == Some(200) { Ok(()) } else { Err(format!("status {status:?}").into()) }
    }
}
