//! English sentences on trust, identity, authentication, proxies and guards.

use crate::engine::error::ErrorKind;
use crate::engine::tls::{Certificate, IdentityProblem, TlsProblem};

use super::NOT_VERIFIED;

/// The sentence for an error of these kinds; `None` for any other.
pub(super) fn cause(kind: &ErrorKind) -> Option<String> {
    Some(match kind {
        ErrorKind::Tls { host, problem } => tls(host, problem),
        ErrorKind::Proxy { proxy, problem, status, detail } => self::proxy(proxy, problem, *status, detail),
        ErrorKind::Authentication { scheme, problem, detail } => authentication(scheme, problem, detail),
        ErrorKind::Identity { problem } => {
            format!("The client certificate (ClientSSLCertificate) cannot be used: {}", identity(problem))
        }
        ErrorKind::Guard { rule, what } => guard(rule, what),
        ErrorKind::Unsupported { setting, by } => unsupported(setting, by),
        _ => return None,
    })
}

fn tls(host: &str, problem: &TlsProblem) -> String {
    let (why, advice) = match problem.word {
        "unknown-issuer" => (
            "its certificate is signed by an unknown authority",
            " If that authority is to be trusted, give it: VerifySSL = [true, {\"File\": \"ca.pem\"}].",
        ),
        "expired" => ("its certificate has expired", " It is for the owner of the server to renew it."),
        "not-yet-valid" => ("its certificate is not valid yet", " Check the clock of this computer."),
        "wrong-name" => (
            "its certificate is for another name",
            " If the server is reached under another name on purpose, give the one of the certificate in TLSServerName.",
        ),
        "no-names" => (
            "its certificate names no host in subjectAltName",
            " Have it issued anew with one, or pin its key (PinnedKeys) and set VerifySSL to false.",
        ),
        "revoked" => ("its certificate is revoked", ""),
        "purpose" => {
            ("its certificate is not meant for servers", " Have one issued for server authentication.")
        }
        "bad-signature" => ("a signature does not verify", ""),
        "unsupported-algorithm" => (
            "its certificate uses an algorithm that is not supported",
            " For an old server, TLSProvider \"Compatible\" may do.",
        ),
        "weak-key" => (
            "its certificate has a key too short to prove anything",
            " For an old server, TLSProvider \"Compatible\" may do.",
        ),
        "national" => (
            "its certificate is of a national scheme (GOST), which TLS here cannot do",
            " Use the address the service has for RSA or ECDSA certificates, or a TLS gateway with GOST in front of it.",
        ),
        "not-a-ca" => ("the issuer of its certificate is no authority", ""),
        "critical-extension" => ("its certificate has a critical extension that is not known here", ""),
        "pin" => (
            "no key of PinnedKeys is in its chain",
            " The server has a new key, or somebody stands in between. Have the new key confirmed before you pin it.",
        ),
        word => return unverified(host, word, problem),
    };
    let certificate = problem.certificate.as_ref().map(certificate).unwrap_or_default();
    format!("{NOT_VERIFIED}: {host}, {why} ({}).{certificate}{advice}", problem.detail)
}

/// What fails before or beside the server's certificate.
fn unverified(host: &str, word: &str, problem: &TlsProblem) -> String {
    let detail = &problem.detail;
    match word {
        "protocol-version" => format!(
            "{host} and this client have no TLS version in common ({detail}). An old server may need TLSProvider \
             \"Compatible\"; see also MinimumTLSVersion and MaximumTLSVersion."
        ),
        "handshake" => format!(
            "The TLS handshake with {host} failed ({detail}). An old server may need TLSProvider \"Compatible\"."
        ),
        "certificate-required" => format!(
            "{host} wants a client certificate, or refused the one given ({detail}). Give one it accepts in \
             ClientSSLCertificate."
        ),
        "bad-ca" => format!("The certificates given in VerifySSL cannot be used ({detail})."),
        "bad-crl" => format!("The lists given in RevocationLists cannot be used ({detail})."),
        "no-provider" => format!(
            "TLSProvider \"Compatible\" is not there on this computer ({detail}). Install OpenSSL 3 or 1.1, or leave \
             TLSProvider out."
        ),
        _ => format!("TLS with {host} failed ({detail})."),
    }
}

fn certificate(certificate: &Certificate) -> String {
    let Certificate { subject, issuer, not_before, not_after, names } = certificate;
    let names = if names.is_empty() { String::new() } else { format!(", for {}", names.join(", ")) };
    format!(
        " Certificate: subject \"{subject}\", issuer \"{issuer}\", valid from {not_before} to {not_after} UTC{names}."
    )
}

/// Why a client certificate cannot be used, and what to do.
pub(super) fn identity(problem: &IdentityProblem) -> String {
    let (why, advice) = match problem.word {
        "password" => ("the password is wrong or missing", " Give it in Password."),
        "format" => ("it is neither PKCS#12 nor PEM", ""),
        "encryption" => (
            "it is encrypted by a cipher that is not known here",
            " Write it anew, for example as PKCS#12 with AES-256 (openssl pkcs12 -export).",
        ),
        "no-certificate" => ("there is no certificate in it", ""),
        "no-key" => {
            ("there is no private key in it", " Give one in Key, or export it together with its key.")
        }
        "mismatch" => ("the private key is not that of the certificate", ""),
        "expired" => ("it has expired", " Have a new one issued."),
        "not-yet-valid" => ("it is not valid yet", " Check the clock of this computer."),
        "weak-key" => (
            "its key is too short for modern TLS",
            " Have a new one issued, or set TLSProvider to \"Compatible\".",
        ),
        "key-type" => (
            "its key is of a kind that this TLS does not speak",
            " RSA, ECDSA (P-256, P-384) and Ed25519 are possible; TLSProvider \"Compatible\" may know more.",
        ),
        "store" => (
            "it is not found in the certificate store of the system",
            " On Windows exactly one valid certificate with a key must match; other systems have no such store.",
        ),
        other => (other, ""),
    };
    if problem.detail.is_empty() {
        format!("{why}.{advice}")
    } else {
        format!("{why} ({}).{advice}", problem.detail)
    }
}

fn proxy(proxy: &str, problem: &str, status: Option<u16>, detail: &str) -> String {
    let status = status.map(|status| format!("status {status}"));
    let said: Vec<&str> =
        status.as_deref().into_iter().chain(Some(detail).filter(|text| !text.is_empty())).collect();
    let said = if said.is_empty() { String::new() } else { format!(" ({})", said.join(", ")) };
    match problem {
        "connect" => format!(
            "The proxy {proxy} cannot be reached{said}. Check its address; Proxy = false goes without a proxy."
        ),
        "refused" => format!("The proxy {proxy} refused to open a way to the server{said}."),
        "authentication" => format!(
            "The proxy {proxy} wants a user and password, or refused those given{said}. Give User and Password, or \
             UseOSAuthentication, in Proxy."
        ),
        "protocol" => format!(
            "The proxy {proxy} does not answer as a proxy of its kind{said}. Check its port and scheme (http, https, \
             socks4, socks4a, socks5, socks5h)."
        ),
        "socks" => format!("The proxy {proxy} did not connect to the server{said}."),
        "tls" => format!("TLS with the proxy {proxy} failed{said}."),
        "configuration" => format!(
            "The settings of the proxy cannot be understood{said}. Give the option Proxy, or correct the \
             variables https_proxy and http_proxy or the settings of the system."
        ),
        "system" => format!(
            "The system did not tell its proxy{said}. Give the option Proxy (false goes without a proxy)."
        ),
        other => format!("The proxy {proxy} failed: {other}{said}."),
    }
}

fn authentication(scheme: &str, problem: &str, detail: &str) -> String {
    let (why, advice) = match problem {
        "no-library" => (
            "the library for it is not on this computer",
            " Install GSSAPI (libgssapi-krb5-2), or give User and Password of another scheme.",
        ),
        "no-credentials" if scheme == "AWS4-HMAC-SHA256" => {
            ("the keys are not complete", " Give AccessKeyID, SecretKey, Region and Service.")
        }
        "no-credentials" => (
            "the current user has no credentials for it",
            " Get a ticket (kinit) or log on to the domain, or give User and Password.",
        ),
        "refused" if scheme == "OAuth2" => {
            ("the token endpoint refused", " Check TokenURL, ClientID, ClientSecret and Scope.")
        }
        "refused" => ("it was refused", " Check User and Password."),
        "protocol" => ("the server asked for it in a way that cannot be answered", ""),
        "body" => (
            "the body cannot be signed as asked",
            " Payload \"Signed\" takes any body; \"Unsigned\" needs https, \"Chunks\" is of S3 only.",
        ),
        "unsupported" => ("it is not possible on this system", " Choose another Type."),
        other => (other, ""),
    };
    let detail = if detail.is_empty() { String::new() } else { format!(" ({detail})") };
    format!("{scheme} authentication failed: {why}{detail}.{advice}")
}

fn guard(rule: &str, what: &str) -> String {
    match rule {
        "private-address" => format!(
            "The request is not allowed: {what} is not a public address, and DenyPrivateAddresses is set."
        ),
        "scheme" => format!("The request is not allowed: the scheme {what} is not in AllowedSchemes."),
        "port" => format!("The request is not allowed: the port {what} is not in AllowedPorts."),
        "proxy" => format!(
            "The request is not allowed: the proxy looks {what} up itself, so DenyPrivateAddresses cannot check the \
             address. Set Proxy to false, or use a proxy of scheme socks4 or socks5."
        ),
        other => format!("The request is not allowed: {other} ({what})."),
    }
}

fn unsupported(setting: &str, by: &str) -> String {
    let setting = match setting {
        "pins" => "PinnedKeys",
        "revocations" => "RevocationLists",
        "server-name" => "TLSServerName",
        "system-and-own" => "VerifySSL with own certificates besides the system's",
        "client-key" => "ClientSSLCertificate with a key in memory",
        "client-store" => "ClientSSLCertificate from the system's store",
        "version" => "this range of MinimumTLSVersion and MaximumTLSVersion",
        other => other,
    };
    if let ("ClientSSLCertificate from the system's store", "modern") = (setting, by) {
        return format!("{setting} is only possible on Windows with TLSProvider = \"Compatible\".");
    }
    let by = match by {
        "modern" => "TLSProvider \"Modern\" on this system",
        "openssl" => "TLSProvider \"Compatible\" (OpenSSL)",
        "schannel" => "TLSProvider \"Compatible\" (SChannel)",
        other => other,
    };
    format!(
        "{setting} is not possible with {by}. Leave it out or choose the other provider; the README has a table of \
         what goes together."
    )
}
