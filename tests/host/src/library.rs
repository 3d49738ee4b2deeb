//! A component's library: its five exports, found in a file or given as addresses of the same process.

use std::ffi::{c_int, c_long};
use std::fmt;
use std::path::Path;
use std::sync::Arc;

use crate::connection::{text_at, wide};
use crate::object::{CallError, Object, Settings};
use crate::raw::This;

type GetClassNames = unsafe extern "C" fn() -> *const u16;
type GetClassObject = unsafe extern "C" fn(*const u16, *mut This) -> c_long;
type DestroyObject = unsafe extern "C" fn(*mut This) -> c_long;
type SetPlatformCapabilities = unsafe extern "C" fn(c_int) -> c_int;
type GetAttachType = unsafe extern "C" fn() -> c_int;

/// A loaded component. Clones share it; it is unloaded when the last clone and the last object are gone.
#[derive(Clone)]
pub struct Addin(Arc<Loaded>);

/// The exports of a component in the same process, each as an untyped address.
#[derive(Clone, Copy, Debug)]
pub struct Addresses {
    /// GetClassNames.
    pub class_names: *const (),
    /// GetClassObject.
    pub class_object: *const (),
    /// DestroyObject.
    pub destroy_object: *const (),
    /// SetPlatformCapabilities, optional.
    pub set_platform_capabilities: *const (),
    /// GetAttachType, optional.
    pub attach_type: *const (),
}

/// Why a library cannot be loaded.
#[derive(Debug)]
pub struct LoadError(String);

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for LoadError {}

pub(crate) struct Loaded {
    get_class_names: GetClassNames,
    get_class_object: GetClassObject,
    destroy_object: DestroyObject,
    set_platform_capabilities: Option<SetPlatformCapabilities>,
    get_attach_type: Option<GetAttachType>,
    capabilities: c_int,
    library: Option<libloading::Library>,
}

impl fmt::Debug for Addin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Addin").field(&self.0.library).finish()
    }
}

impl Addin {
    /// Capabilities a current platform announces.
    pub const CAPABILITIES: i32 = 3;

    /// Opens a library as a current platform does.
    ///
    /// # Errors
    /// The file cannot be opened, or a required export is missing.
    pub fn load(path: impl AsRef<Path>) -> Result<Self, LoadError> {
        Self::load_for(path, Some(Self::CAPABILITIES))
    }

    /// Opens a library and announces `capabilities`; `None`: a host that announces nothing.
    ///
    /// # Errors
    /// As [`Addin::load`].
    pub fn load_for(path: impl AsRef<Path>, capabilities: Option<i32>) -> Result<Self, LoadError> {
        let path = path.as_ref();
        let failed = |error: libloading::Error| LoadError(format!("{}: {error}", path.display()));
        let library = open(path).map_err(failed)?;
        // SAFETY: the five names and signatures of the contract, here and below.
        let get_class_names = *unsafe { library.get::<GetClassNames>(b"GetClassNames") }.map_err(failed)?;
        // SAFETY: as above.
        let get_class_object =
            *unsafe { library.get::<GetClassObject>(b"GetClassObject") }.map_err(failed)?;
        // SAFETY: as above.
        let destroy_object = *unsafe { library.get::<DestroyObject>(b"DestroyObject") }.map_err(failed)?;
        // SAFETY: as above.
        let set_platform_capabilities =
            unsafe { library.get::<SetPlatformCapabilities>(b"SetPlatformCapabilities") }.ok().map(|f| *f);
        // SAFETY: as above.
        let get_attach_type = unsafe { library.get::<GetAttachType>(b"GetAttachType") }.ok().map(|f| *f);
        let mut loaded = Loaded {
            get_class_names,
            get_class_object,
            destroy_object,
            set_platform_capabilities,
            get_attach_type,
            capabilities: 0,
            library: Some(library),
        };
        loaded.announce(capabilities);
        Ok(Self(Arc::new(loaded)))
    }

    /// A component linked into this process.
    ///
    /// # Safety
    /// Every address is that of the named export, or null for the optional ones, and stays valid.
    #[must_use]
    pub unsafe fn in_process(addresses: Addresses, capabilities: Option<i32>) -> Self {
        // SAFETY: function pointers of the named signatures by the caller's word, here and below.
        let get_class_names =
            unsafe { std::mem::transmute::<*const (), GetClassNames>(addresses.class_names) };
        // SAFETY: as above.
        let get_class_object =
            unsafe { std::mem::transmute::<*const (), GetClassObject>(addresses.class_object) };
        // SAFETY: as above.
        let destroy_object =
            unsafe { std::mem::transmute::<*const (), DestroyObject>(addresses.destroy_object) };
        // SAFETY: as above; null is `None`.
        let set_platform_capabilities = unsafe {
            std::mem::transmute::<*const (), Option<SetPlatformCapabilities>>(
                addresses.set_platform_capabilities,
            )
        };
        // SAFETY: as above; null is `None`.
        let get_attach_type =
            unsafe { std::mem::transmute::<*const (), Option<GetAttachType>>(addresses.attach_type) };
        let mut loaded = Loaded {
            get_class_names,
            get_class_object,
            destroy_object,
            set_platform_capabilities,
            get_attach_type,
            capabilities: 0,
            library: None,
        };
        loaded.announce(capabilities);
        Self(Arc::new(loaded))
    }

    /// Class names, in order.
    #[must_use]
    pub fn class_names(&self) -> Vec<String> {
        // SAFETY: an export of this signature; the string is static in the library.
        let names = unsafe { text_at((self.0.get_class_names)()) };
        names.split('|').map(str::to_owned).collect()
    }

    /// What SetPlatformCapabilities answered; 0 when it is absent or was not asked.
    #[must_use]
    pub fn capabilities(&self) -> i32 {
        self.0.capabilities
    }

    /// How the component may be attached: 1 in process, 2 separate process, 3 either; `None`: not told.
    #[must_use]
    pub fn attach_type(&self) -> Option<i32> {
        // SAFETY: an export of this signature.
        self.0.get_attach_type.map(|ask| unsafe { ask() })
    }

    /// Makes an object with default [`Settings`].
    ///
    /// # Errors
    /// The component refuses the class or the initialisation.
    pub fn create(&self, class: &str) -> Result<Object, CallError> {
        self.create_with(class, Settings::default())
    }

    /// Makes an object.
    ///
    /// # Errors
    /// As [`Addin::create`].
    pub fn create_with(&self, class: &str, settings: Settings) -> Result<Object, CallError> {
        Object::create(self.clone(), class, settings)
    }

    /// Unloads the library now. Gives it back when objects or clones of it are still there.
    ///
    /// # Errors
    /// The library itself, still loaded.
    pub fn unload(self) -> Result<(), Self> {
        let loaded = Arc::try_unwrap(self.0).map_err(Self)?;
        if let Some(library) = loaded.library {
            library.close().expect("the system closes a library it opened");
        }
        Ok(())
    }

    pub(crate) fn new_object(&self, class: &str) -> Option<This> {
        let name = wide(class);
        let mut object = std::ptr::null_mut();
        // SAFETY: an export of this signature; the name is NUL-terminated, the place is a local.
        let answer = unsafe { (self.0.get_class_object)(name.as_ptr(), &raw mut object) };
        match (answer, object.is_null()) {
            (0, true) => None,
            (0, false) => panic!("contract: an object was stored but refused"),
            (_, true) => panic!("contract: GetClassObject answered {answer} without an object"),
            (_, false) => Some(object),
        }
    }

    /// # Safety
    /// `object` is alive and not used afterwards.
    pub(crate) unsafe fn destroy_object(&self, object: This) {
        let mut place = object;
        // SAFETY: an export of this signature; alive by the caller's word.
        let answer = unsafe { (self.0.destroy_object)(&raw mut place) };
        assert_eq!(answer, 0, "contract: DestroyObject failed");
        assert!(place.is_null(), "contract: DestroyObject left the pointer");
        // SAFETY: a null object must be tolerated.
        unsafe { (self.0.destroy_object)(&raw mut place) };
    }
}

/// Names any value for a library built for another C library than this program's: what it needs is looked for in its
/// own dependencies before the program's.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
const DEEP: &str = "ADDIN_HOST_DEEPBIND";

fn open(path: &Path) -> Result<libloading::Library, libloading::Error> {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    if std::env::var_os(DEEP).is_some() {
        const RTLD_DEEPBIND: c_int = 8;
        let flags = libloading::os::unix::RTLD_NOW | RTLD_DEEPBIND;
        // SAFETY: as below.
        return unsafe { libloading::os::unix::Library::open(Some(path), flags) }.map(Into::into);
    }
    // SAFETY: opening runs the library's initialisers: a Rust cdylib has none of its own.
    unsafe { libloading::Library::new(path) }
}

impl Loaded {
    fn announce(&mut self, capabilities: Option<i32>) {
        if let (Some(level), Some(tell)) = (capabilities, self.set_platform_capabilities) {
            // SAFETY: an export of this signature.
            self.capabilities = unsafe { tell(level) };
        }
    }
}
