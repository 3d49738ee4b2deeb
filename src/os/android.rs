//! The Java VM of the process, where there is one: on Android, and in the tests in a desktop JVM. The system's own
//! classes are asked whom to trust (`trust`) and which proxy to take (`proxy`).
//!
//! A thread is attached for one question and detached after it. What Java throws ends here, as [`Thrown`].

mod proxy;
mod trust;

use std::ffi::c_void;

use jni::errors::Error;
use jni::objects::{JObject, JThrowable};
use jni::sys::{JNI_VERSION_1_6, jint};
use jni::{Env, JavaVM, jni_str};

pub use proxy::{SystemProxy, proxy_for};
pub use trust::{EXTENSIONS, Refusal, Verdict, check_server, offer_extensions};

/// Longest class name and message taken over from an exception, in characters.
const LONGEST: usize = 200;
/// Causes of an exception that are looked at.
const CAUSES: usize = 8;

/// Keeps the VM. Called by the VM when `System.load` has loaded the library.
///
/// # Safety
/// `vm` is null or the VM of the process.
#[unsafe(no_mangle)]
#[allow(non_snake_case, reason = "a name given by Java")]
pub unsafe extern "system" fn JNI_OnLoad(vm: *mut jni::sys::JavaVM, _reserved: *mut c_void) -> jint {
    if !vm.is_null() {
        // SAFETY: not null; the VM passes itself and lives as long as the process.
        let _kept = unsafe { JavaVM::from_raw(vm) };
    }
    JNI_VERSION_1_6
}

/// Whether there is a VM to ask.
#[must_use]
pub fn has_vm() -> bool {
    JavaVM::singleton().is_ok()
}

/// An exception, or a failure of the VM's interface: the classes of it and its causes, and what to say of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Thrown {
    /// Class names, the outermost first; none when it is no exception.
    pub classes: Vec<String>,
    /// Class and message of the outermost, and of the innermost when that is another.
    pub words: String,
}

impl From<Error> for Thrown {
    fn from(error: Error) -> Self {
        // Exceptions were taken by `thrown`; what is left are the words of the interface.
        let words = match error {
            Error::CaughtJavaException { name, msg, .. } => sentence(&name, &msg),
            error => shortened(&error.to_string()),
        };
        Self { classes: Vec::new(), words }
    }
}

/// Asks with this thread attached to the VM for as long as that lasts.
fn ask<T>(question: impl FnOnce(&mut Env<'_>) -> Result<T, Thrown>) -> Result<T, Thrown> {
    JavaVM::singleton()?.attach_current_thread_for_scope(question)
}

/// What went wrong with a call. A pending exception is cleared.
fn thrown(env: &mut Env<'_>, error: Error) -> Thrown {
    let Some(throwable) = env.exception_occurred() else { return error.into() };
    env.exception_clear();
    let described = describe(env, throwable);
    // Asking an exception for its name may have failed, with an exception.
    env.exception_clear();
    described.unwrap_or_else(Thrown::from)
}

fn describe(env: &mut Env<'_>, outermost: JThrowable<'_>) -> Result<Thrown, Error> {
    let mut classes = Vec::new();
    let mut sentences = Vec::new();
    let mut throwable = env.new_local_ref(&outermost)?;
    while !throwable.is_null() && classes.len() < CAUSES {
        let class = env.get_object_class(&throwable)?.get_name(env)?.try_to_string(env)?;
        let message = throwable.get_message(env)?;
        let message = if message.is_null() { String::new() } else { message.try_to_string(env)? };
        sentences.push(sentence(&class, &message));
        classes.push(class);
        throwable = throwable.get_cause(env)?;
    }
    let mut words = sentences.first().cloned().unwrap_or_default();
    if let [_, .., innermost] = sentences.as_slice() {
        words = format!("{words}; {innermost}");
    }
    Ok(Thrown { classes, words })
}

fn sentence(class: &str, message: &str) -> String {
    let class = shortened(class);
    if message.is_empty() { class } else { format!("{class}: {}", shortened(message)) }
}

/// The first line, or its beginning.
fn shortened(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default();
    let mut short: String = line.chars().take(LONGEST).collect();
    if short.len() < line.len() {
        short.push_str("...");
    }
    short
}

/// A text of Java's, `None` for null.
fn text(env: &mut Env<'_>, object: JObject<'_>) -> Result<Option<String>, Thrown> {
    if object.is_null() {
        return Ok(None);
    }
    let string = env.cast_local::<jni::objects::JString>(object).map_err(|error| thrown(env, error))?;
    string.try_to_string(env).map(Some).map_err(|error| thrown(env, error))
}

/// A property of the Java system.
fn property(env: &mut Env<'_>, name: &str) -> Result<Option<String>, Thrown> {
    let name = env.new_string(name).map_err(|error| thrown(env, error))?;
    let value = env
        .call_static_method(
            jni_str!("java/lang/System"),
            jni_str!("getProperty"),
            jni::jni_sig!("(Ljava/lang/String;)Ljava/lang/String;"),
            &[(&name).into()],
        )
        .and_then(|value| value.l())
        .map_err(|error| thrown(env, error))?;
    text(env, value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_one_short_line() {
        assert_eq!(shortened("a\nb"), "a");
        let long = "я".repeat(LONGEST + 1);
        assert_eq!(shortened(&long), format!("{}...", "я".repeat(LONGEST)));
        assert_eq!(sentence("java.lang.Error", ""), "java.lang.Error");
    }

    #[test]
    fn without_a_vm_a_question_is_an_error() {
        assert!(!has_vm());
        let refused = ask(|_| Ok(())).unwrap_err();
        assert!(refused.classes.is_empty() && !refused.words.is_empty(), "{refused:?}");
    }
}
