//! The native half of the tests in a desktop JVM: what `Driver` of the Java program declares. It is loaded beside the
//! component and walks the component's vtables as a platform does, on the calling Java thread or on one the VM has
//! never seen.
#![allow(
    clippy::multiple_unsafe_ops_per_block,
    reason = "a test plays the platform's side; each block states its reason"
)]

#[path = "../../support/script.rs"]
mod script;

use std::ffi::c_void;
use std::sync::OnceLock;

use addin_host::{Addin, Settings};
use jni::errors::{Result, ThrowRuntimeExAndDefault};
use jni::objects::{JClass, JString};
use jni::sys::jboolean;
use jni::{AttachConfig, EnvUnowned, JValue, JavaVM, jni_sig, jni_str};
use script::{CONNECTOR, Script};

static ADDIN: OnceLock<Addin> = OnceLock::new();

/// Remembers the component's library, which the Java program has loaded already.
#[unsafe(no_mangle)]
#[allow(non_snake_case, reason = "a name given by Java")]
pub extern "system" fn Java_Driver_open<'local>(
    mut env: EnvUnowned<'local>,
    _class: JClass<'local>,
    path: JString<'local>,
) {
    env.with_env(|env| -> Result<()> {
        let path = path.try_to_string(env)?;
        let addin = Addin::load(path).map_err(|error| jni::errors::Error::ParseFailed(error.to_string()))?;
        let _ = ADDIN.set(addin);
        Ok(())
    })
    .resolve::<ThrowRuntimeExAndDefault>();
}

/// One GET with a new object: `status body`, or `error text`.
#[unsafe(no_mangle)]
#[allow(non_snake_case, reason = "a name given by Java")]
pub extern "system" fn Java_Driver_get<'local>(
    mut env: EnvUnowned<'local>,
    _class: JClass<'local>,
    url: JString<'local>,
    options: JString<'local>,
    apart: jboolean,
) -> JString<'local> {
    env.with_env(|env| -> Result<JString<'local>> {
        let (url, options) = (url.try_to_string(env)?, options.try_to_string(env)?);
        let answer = if apart { on_own_thread(&url, &options) } else { get(&url, &options) };
        env.new_string(answer)
    })
    .resolve::<ThrowRuntimeExAndDefault>()
}

/// On a thread that is not the VM's before the call and must not be after it.
fn on_own_thread(url: &str, options: &str) -> String {
    std::thread::scope(|scope| {
        let thread = scope.spawn(|| {
            let answer = get(url, options);
            let attached = JavaVM::singleton().and_then(|machine| machine.is_thread_attached());
            if attached.unwrap_or(true) { "left attached".to_owned() } else { answer }
        });
        thread.join().unwrap_or_else(|_| "panicked".to_owned())
    })
}

fn get(url: &str, options: &str) -> String {
    let Some(addin) = ADDIN.get() else { return "not open".to_owned() };
    let answer = || {
        let settings =
            Settings { find_class: Some(find_class), language: Some("en".to_owned()), ..Settings::default() };
        let script = Script::with(addin, CONNECTOR, settings)?;
        let roots = script.get_json("DiagnosticsJSON")?["RootCertificates"].to_string();
        if !roots.starts_with("\"system") {
            return Err("the VM is not known".to_owned());
        }
        let status = script.status("Get", &[url, options])?;
        Ok::<_, String>(format!("{status} {}", script.text("AsText", &[])?))
    };
    answer().unwrap_or_else(|text| format!("error {text}"))
}

/// FindClass of the platform: asks the Java program. A class that is not there leaves an exception behind, as the
/// virtual machine's own function does.
fn find_class(name: &str) -> *mut c_void {
    let found = || {
        let machine = JavaVM::singleton()?;
        // No frame of its own, so that the reference is the caller's.
        machine.attach_current_thread_with_config(
            || AttachConfig::new().scoped(true),
            None,
            |env| {
                let name = env.new_string(name)?;
                let class = env.call_static_method(
                    jni_str!("Driver"),
                    jni_str!("findClass"),
                    jni_sig!("(Ljava/lang/String;)Ljava/lang/Class;"),
                    &[JValue::Object(&name)],
                )?;
                Ok::<_, jni::errors::Error>(class.l()?.into_raw())
            },
        )
    };
    found().map_or(std::ptr::null_mut(), <*mut _>::cast)
}
