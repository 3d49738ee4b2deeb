//! The host as a component sees it: its memory, the language of the call, what it is.

use std::fmt;
use std::sync::Arc;

use super::component::{Language, Value, ValueRef};
pub use super::memory::{HostBuffer, HostMemory};
use super::platform::Link;

/// A class of the Java VM.
#[cfg(java)]
pub type JavaClass = jni::refs::Global<jni::objects::JClass<'static>>;

/// The host during one call.
pub struct Host {
    pub(super) language: Language,
    pub(super) spelled: bool,
    pub(super) interface: Language,
    pub(super) memory: HostMemory,
    pub(super) link: Option<Arc<Link>>,
}

impl Host {
    /// Language of the call.
    #[must_use]
    pub fn language(&self) -> Language {
        self.language
    }

    /// Whether the script's own spelling of the member's name decided the language (a name that is the same in both
    /// languages decides nothing; then [`Host::language`] is that of the user interface, or English if never told).
    #[must_use]
    pub fn language_is_certain(&self) -> bool {
        self.spelled
    }

    /// Language of the user interface, or English if never told.
    #[must_use]
    pub fn interface_language(&self) -> Language {
        self.interface
    }

    /// The object's memory manager. The handle may be kept; once the object is gone it allocates nothing.
    #[must_use]
    pub fn memory(&self) -> HostMemory {
        self.memory.clone()
    }

    /// A Java class the host can find (on Android), when it offers to. Asks the platform.
    #[cfg(java)]
    #[must_use]
    pub fn java_class(&self, name: &str) -> Option<JavaClass> {
        self.link.as_ref()?.java_class(name)
    }

    /// Whether the component runs in the platform's own process. Asks the platform (8.3.21 and later).
    #[must_use]
    pub fn attached_type(&self) -> AttachedType {
        match self.link.as_ref().and_then(|link| link.attached()) {
            Some(0) => AttachedType::Isolated,
            Some(1) => AttachedType::InProcess,
            _ => AttachedType::Unknown,
        }
    }

    /// Version and kind of the application, when the platform tells. Asks the platform.
    #[must_use]
    pub fn platform_info(&self) -> Option<PlatformInfo> {
        let info = self.link.as_ref()?.app_info()?;
        Some(PlatformInfo { version: info.version, application: Application::from_number(info.kind) })
    }
}

impl fmt::Debug for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Host").field("language", &self.language).field("memory", &self.memory).finish()
    }
}

/// How the component is attached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AttachedType {
    /// In a process of its own: every argument and result is copied between processes.
    Isolated,
    /// In the platform's process.
    InProcess,
    /// The platform does not tell.
    Unknown,
}

/// What the platform says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlatformInfo {
    /// Version, such as 8.3.24.1342. Empty when not told.
    pub version: String,
    /// What kind of application runs the component.
    pub application: Application,
}

/// Kind of application.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Application {
    /// Not known, or a kind newer than this list.
    Unknown,
    /// Thin client.
    ThinClient,
    /// Thick client.
    ThickClient,
    /// Web client.
    WebClient,
    /// Server.
    Server,
    /// External connection.
    ExternalConnection,
    /// Mobile client.
    MobileClient,
    /// Mobile server.
    MobileServer,
}

impl Application {
    fn from_number(number: i32) -> Self {
        match number {
            0 => Application::ThinClient,
            1 => Application::ThickClient,
            2 => Application::WebClient,
            3 => Application::Server,
            4 => Application::ExternalConnection,
            5 => Application::MobileClient,
            6 => Application::MobileServer,
            _ => Application::Unknown,
        }
    }
}

/// The arguments of one call. Out-parameters are set here and copied back by the host.
pub struct Arguments<'a> {
    pub(super) values: Vec<ValueRef<'a>>,
    pub(super) set: Vec<Option<Value>>,
}

impl<'a> Arguments<'a> {
    /// Number of arguments: that of the table.
    #[must_use]
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// Argument `index` (from 0). `Empty` beyond the last.
    #[must_use]
    pub fn value(&self, index: usize) -> ValueRef<'a> {
        self.values.get(index).copied().unwrap_or(ValueRef::Empty)
    }

    /// Sets out-parameter `index` when the call succeeds.
    pub fn set(&mut self, index: usize, value: Value) {
        if let Some(slot) = self.set.get_mut(index) {
            *slot = Some(value);
        }
    }
}

impl fmt::Debug for Arguments<'_> {
    /// Without the values: they may be secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Arguments").field("len", &self.values.len()).finish_non_exhaustive()
    }
}
