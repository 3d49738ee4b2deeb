//! Whom the system trusts: its trust manager, which knows the roots of the system, of the user and of the company, and
//! on Android the rules of the application for single domains.

use std::sync::{Mutex, PoisonError};

use jni::errors::Error;
use jni::objects::{JClass, JObject, JObjectArray};
use jni::refs::Global;
use jni::{Env, jni_sig, jni_str};

use super::{Thrown, ask, text, thrown};

/// The class that applies an application's rules for domains (Android 4.2 and later), as the host is asked for it.
pub const EXTENSIONS: &str = "android.net.http.X509TrustManagerExtensions";

/// That class as the host has found it.
static OFFERED: Mutex<Option<Global<JClass<'static>>>> = Mutex::new(None);

/// Why a chain is not trusted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// What it means.
    pub verdict: Verdict,
    /// Java's words.
    pub words: String,
}

/// What a refusal means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// A certificate is no longer valid.
    Expired,
    /// A certificate is not valid yet.
    NotYetValid,
    /// A certificate was revoked.
    Revoked,
    /// The trust manager does not trust the chain.
    Untrusted,
    /// The question could not be answered.
    Failed,
}

/// Takes over the class [`EXTENSIONS`] from a host that can find classes which this library cannot.
pub fn offer_extensions(class: Global<JClass<'static>>) {
    *OFFERED.lock().unwrap_or_else(PoisonError::into_inner) = Some(class);
}

/// Whether the system trusts a server's chain (each DER, its own certificate first). The name in the certificate is
/// not looked at here; `host` is for the rules of domains.
///
/// # Errors
/// Why it does not, or that it could not be asked.
pub fn check_server(chain: &[&[u8]], host: &str) -> Result<(), Refusal> {
    let failed = |thrown: Thrown| Refusal { verdict: Verdict::Failed, words: thrown.words };
    ask(|env| {
        // The refusal is an answer, whatever else is thrown on the way to it is not.
        let question = Question::new(env, chain, host)?;
        Ok(question.put(env))
    })
    .map_err(failed)?
}

/// A chain and who is to judge it.
struct Question<'local> {
    manager: JObject<'local>,
    /// The manager of the rules for domains around `manager`.
    extensions: Option<JObject<'local>>,
    chain: JObjectArray<'local>,
    authentication: JObject<'local>,
    host: JObject<'local>,
}

impl<'local> Question<'local> {
    fn new(env: &mut Env<'local>, chain: &[&[u8]], host: &str) -> Result<Self, Thrown> {
        let manager = manager(env)?;
        let (chain, authentication) = certificates(env, chain)?;
        let host = env.new_string(host).map_err(|error| thrown(env, error))?.into();
        let extensions = extensions(env, &manager)?;
        Ok(Self { manager, extensions, chain, authentication, host })
    }

    fn put(&self, env: &mut Env<'local>) -> Result<(), Refusal> {
        let (chain, authentication) = ((&*self.chain).into(), (&self.authentication).into());
        let answer = match &self.extensions {
            Some(extensions) => env.call_method(
                extensions,
                jni_str!("checkServerTrusted"),
                jni_sig!(
                    "([Ljava/security/cert/X509Certificate;Ljava/lang/String;Ljava/lang/String;)Ljava/util/List;"
                ),
                &[chain, authentication, (&self.host).into()],
            ),
            None => env.call_method(
                &self.manager,
                jni_str!("checkServerTrusted"),
                jni_sig!("([Ljava/security/cert/X509Certificate;Ljava/lang/String;)V"),
                &[chain, authentication],
            ),
        };
        answer.map(drop).map_err(|error| {
            let checked = is_about_certificates(env);
            let thrown = thrown(env, error);
            Refusal { verdict: verdict(&thrown.classes, checked), words: thrown.words }
        })
    }
}

/// Whether the pending exception is the one trust managers refuse with.
fn is_about_certificates(env: &mut Env<'_>) -> bool {
    let Some(throwable) = env.exception_occurred() else { return false };
    env.exception_clear();
    let is = env.is_instance_of(&throwable, jni_str!("java/security/cert/CertificateException"));
    env.exception_clear();
    // Pending again, for its words.
    let _thrown = env.throw(throwable);
    is.unwrap_or(false)
}

fn verdict(classes: &[String], refused: bool) -> Verdict {
    let among = |name: &str| classes.iter().any(|class| class == name);
    if !refused {
        Verdict::Failed
    } else if among("java.security.cert.CertificateRevokedException") {
        Verdict::Revoked
    } else if among("java.security.cert.CertificateExpiredException") {
        Verdict::Expired
    } else if among("java.security.cert.CertificateNotYetValidException") {
        Verdict::NotYetValid
    } else {
        Verdict::Untrusted
    }
}

/// The system's trust manager, made anew each time: the user may have changed what is trusted.
fn manager<'local>(env: &mut Env<'local>) -> Result<JObject<'local>, Thrown> {
    made_manager(env)
        .map_err(|error| thrown(env, error))?
        .ok_or_else(|| Thrown { classes: Vec::new(), words: "the system has no X509TrustManager".to_owned() })
}

fn made_manager<'local>(env: &mut Env<'local>) -> Result<Option<JObject<'local>>, Error> {
    let factory = env.find_class(jni_str!("javax/net/ssl/TrustManagerFactory"))?;
    let algorithm = env
        .call_static_method(&factory, jni_str!("getDefaultAlgorithm"), jni_sig!("()Ljava/lang/String;"), &[])?
        .l()?;
    let factory = env
        .call_static_method(
            &factory,
            jni_str!("getInstance"),
            jni_sig!("(Ljava/lang/String;)Ljavax/net/ssl/TrustManagerFactory;"),
            &[(&algorithm).into()],
        )?
        .l()?;
    // Null: the default key store, which is that of the system.
    let store = JObject::null();
    env.call_method(&factory, jni_str!("init"), jni_sig!("(Ljava/security/KeyStore;)V"), &[(&store).into()])?;
    let managers = env
        .call_method(
            &factory,
            jni_str!("getTrustManagers"),
            jni_sig!("()[Ljavax/net/ssl/TrustManager;"),
            &[],
        )?
        .l()?;
    let managers = env.cast_local::<JObjectArray>(managers)?;
    let class = env.find_class(jni_str!("javax/net/ssl/X509TrustManager"))?;
    for index in 0..managers.len(env)? {
        let manager = managers.get_element(env, index)?;
        if env.is_instance_of(&manager, &class)? {
            return Ok(Some(manager));
        }
    }
    Ok(None)
}

/// The manager of the rules for domains, where the system has it.
fn extensions<'local>(
    env: &mut Env<'local>,
    manager: &JObject<'_>,
) -> Result<Option<JObject<'local>>, Thrown> {
    let offered = {
        let offered = OFFERED.lock().unwrap_or_else(PoisonError::into_inner);
        let own = offered.as_ref().map(|class| env.new_local_ref(class)).transpose();
        own.map_err(|error| thrown(env, error))?
    };
    let class = match offered {
        Some(class) => class,
        None => match env.find_class(jni_str!("android/net/http/X509TrustManagerExtensions")) {
            Ok(class) => class,
            Err(Error::NoClassDefFound { .. }) => return Ok(None),
            Err(error) => return Err(thrown(env, error)),
        },
    };
    env.new_object(&class, jni_sig!("(Ljavax/net/ssl/X509TrustManager;)V"), &[manager.into()])
        .map(Some)
        .map_err(|error| thrown(env, error))
}

/// The chain as an array of Java's, and how the server authenticates itself, in the words of a trust manager.
fn certificates<'local>(
    env: &mut Env<'local>,
    chain: &[&[u8]],
) -> Result<(JObjectArray<'local>, JObject<'local>), Thrown> {
    let (certificates, algorithm) = read_certificates(env, chain).map_err(|error| thrown(env, error))?;
    // Only what is known to be asked with other words needs them: key agreement is by elliptic curves in TLS 1.2 here.
    let authentication = match text(env, algorithm)?.as_deref() {
        Some("RSA") => "ECDHE_RSA",
        Some("EC") => "ECDHE_ECDSA",
        _ => "UNKNOWN",
    };
    let authentication = env.new_string(authentication).map_err(|error| thrown(env, error))?;
    Ok((certificates, authentication.into()))
}

fn read_certificates<'local>(
    env: &mut Env<'local>,
    chain: &[&[u8]],
) -> Result<(JObjectArray<'local>, JObject<'local>), Error> {
    let kind = env.new_string("X.509")?;
    let factory = env
        .call_static_method(
            jni_str!("java/security/cert/CertificateFactory"),
            jni_str!("getInstance"),
            jni_sig!("(Ljava/lang/String;)Ljava/security/cert/CertificateFactory;"),
            &[(&kind).into()],
        )?
        .l()?;
    let length = jni::sys::jsize::try_from(chain.len()).map_err(|_| Error::NullPtr("chain"))?;
    let class = env.find_class(jni_str!("java/security/cert/X509Certificate"))?;
    let certificates = env.new_object_array(length, &class, JObject::null())?;
    let mut algorithm = JObject::null();
    for (index, der) in chain.iter().enumerate() {
        let bytes = env.byte_array_from_slice(der)?;
        let stream =
            env.new_object(jni_str!("java/io/ByteArrayInputStream"), jni_sig!("([B)V"), &[(&*bytes).into()])?;
        let certificate = env
            .call_method(
                &factory,
                jni_str!("generateCertificate"),
                jni_sig!("(Ljava/io/InputStream;)Ljava/security/cert/Certificate;"),
                &[(&stream).into()],
            )?
            .l()?;
        if index == 0 {
            let key = env
                .call_method(
                    &certificate,
                    jni_str!("getPublicKey"),
                    jni_sig!("()Ljava/security/PublicKey;"),
                    &[],
                )?
                .l()?;
            algorithm = env
                .call_method(&key, jni_str!("getAlgorithm"), jni_sig!("()Ljava/lang/String;"), &[])?
                .l()?;
        }
        certificates.set_element(env, index, &certificate)?;
        // A chain may be longer than the room for references that a native thread has for sure.
        for object in [JObject::from(bytes), stream, certificate] {
            env.delete_local_ref(object);
        }
    }
    Ok((certificates, algorithm))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_are_told_apart_by_the_classes_of_the_causes() {
        let of = |classes: &[&str]| {
            let classes: Vec<String> = classes.iter().map(|class| (*class).to_owned()).collect();
            verdict(&classes, true)
        };
        let outer = "sun.security.validator.ValidatorException";
        assert_eq!(of(&[outer]), Verdict::Untrusted);
        assert_eq!(of(&[outer, "java.security.cert.CertificateExpiredException"]), Verdict::Expired);
        assert_eq!(of(&[outer, "java.security.cert.CertificateNotYetValidException"]), Verdict::NotYetValid);
        assert_eq!(of(&["java.security.cert.CertificateRevokedException"]), Verdict::Revoked);
        assert_eq!(verdict(&["java.lang.RuntimeException".to_owned()], false), Verdict::Failed);
    }
}
