use super::super::options::keys;
use super::*;
use crate::engine::error::Phase;
use crate::engine::tls::{Certificate, IdentityProblem, TlsProblem};

const UNVERIFIED: &[&str] = &[
    "unknown-issuer",
    "expired",
    "not-yet-valid",
    "wrong-name",
    "no-names",
    "revoked",
    "purpose",
    "bad-signature",
    "unsupported-algorithm",
    "weak-key",
    "national",
    "not-a-ca",
    "critical-extension",
    "pin",
];
const OTHER_TLS: &[&str] =
    &["protocol-version", "handshake", "certificate-required", "bad-ca", "bad-crl", "no-provider", "other"];
const IDENTITY: &[&str] = &[
    "password",
    "format",
    "encryption",
    "no-certificate",
    "no-key",
    "mismatch",
    "expired",
    "not-yet-valid",
    "weak-key",
    "key-type",
    "store",
];
const PROXY: &[&str] =
    &["connect", "refused", "authentication", "protocol", "socks", "tls", "configuration", "system"];
const AUTHENTICATION: &[&str] =
    &["no-library", "no-credentials", "refused", "protocol", "body", "unsupported"];
const GUARD: &[&str] = &["private-address", "scheme", "port", "proxy"];
const SETTINGS: &[&str] =
    &["pins", "revocations", "server-name", "system-and-own", "client-key", "client-store", "version"];

/// One error of every kind and word, with the word.
fn errors() -> Vec<(&'static str, ErrorKind)> {
    let detail = || "details".to_owned();
    let certificate = Certificate {
        subject: "CN=leaf".to_owned(),
        issuer: "CN=issuer".to_owned(),
        not_before: "2020-01-02 03:04:05".to_owned(),
        not_after: "2021-01-02 03:04:05".to_owned(),
        names: vec!["a.test".to_owned()],
    };
    let tls = UNVERIFIED.iter().chain(OTHER_TLS).map(|&word| {
        let certificate = UNVERIFIED.contains(&word).then(|| certificate.clone());
        let problem = TlsProblem { word, detail: detail(), certificate };
        (word, ErrorKind::Tls { host: "h.test".to_owned(), problem })
    });
    let identity = IDENTITY
        .iter()
        .map(|&word| (word, ErrorKind::Identity { problem: IdentityProblem { word, detail: detail() } }));
    let proxy = PROXY.iter().map(|&problem| {
        let proxy = "http://p.test:3128".to_owned();
        (problem, ErrorKind::Proxy { proxy, problem, status: Some(555), detail: detail() })
    });
    let schemes = ["Negotiate", "OAuth2", "AWS4-HMAC-SHA256"];
    let authentication = schemes.into_iter().flat_map(|scheme| {
        AUTHENTICATION.iter().map(move |&problem| {
            (problem, ErrorKind::Authentication { scheme, problem, detail: "details".to_owned() })
        })
    });
    let guard = GUARD.iter().map(|&rule| (rule, ErrorKind::Guard { rule, what: detail() }));
    let unsupported = SETTINGS.iter().flat_map(|&setting| {
        ["modern", "openssl", "schannel"].map(|by| (setting, ErrorKind::Unsupported { setting, by }))
    });
    tls.chain(identity).chain(proxy).chain(authentication).chain(guard).chain(unsupported).collect()
}

/// Words of a text that look like names of keys: a capital behind a small letter.
fn names(text: &str) -> Vec<&str> {
    let is_name = |word: &&str| {
        let letters: Vec<char> = word.chars().collect();
        letters.windows(2).any(|two| two[0].is_lowercase() && two[1].is_uppercase())
    };
    text.split(|c: char| !c.is_alphanumeric()).filter(is_name).collect()
}

#[test]
fn every_word_has_a_sentence_of_its_own_in_both_languages() {
    for language in [Language::English, Language::Russian] {
        let mut seen: Vec<String> = Vec::new();
        for (word, kind) in errors() {
            let text = engine_sentence(&Error::new(kind, Phase::Prepare), language);
            assert!(!word.contains('-') || !text.contains(word), "{word} itself is told: {text}");
            assert!(!seen.contains(&text), "{word}: {text} is told of two words");
            assert!(text.ends_with('.') && !text.contains("  "), "{text}");
            let russian = text.chars().any(|c| ('а'..='я').contains(&c));
            assert_eq!(russian, language == Language::Russian, "{text}");
            seen.push(text);
        }
    }
}

#[test]
fn sentences_name_keys_that_exist_in_their_language() {
    const OTHERS: [&str; 4] = ["OpenSSL", "SChannel", "OAuth2", "subjectAltName"];
    let tables =
        [keys::OPTIONS, keys::AUTHENTICATION, keys::PROXY, keys::CERTIFICATE, keys::STORE, keys::REFERENCE];
    for (language, least) in [(Language::English, 15), (Language::Russian, 15)] {
        let known: Vec<&str> = tables
            .iter()
            .flat_map(|table| table.iter())
            .map(|key| if language == Language::English { key.english } else { key.russian })
            .collect();
        let mut named: Vec<String> = Vec::new();
        for (_, kind) in errors() {
            let text = engine_sentence(&Error::new(kind, Phase::Prepare), language);
            for name in names(&text).into_iter().filter(|name| !OTHERS.contains(name)) {
                let value = matches!(name, "НеПодписано");
                assert!(value || known.contains(&name), "{name} is no key: {text}");
                named.push(name.to_owned());
            }
        }
        named.sort();
        named.dedup();
        assert!(named.len() >= least, "{named:?}");
    }
}

#[test]
fn refused_certificates_are_told_in_the_words_callers_search_for() {
    for (language, phrase) in [
        (Language::English, "Remote host failed verification"),
        (Language::Russian, "Удаленный узел не прошел проверку"),
    ] {
        for (word, kind) in errors() {
            let ErrorKind::Tls { .. } = kind else { continue };
            let text = engine_sentence(&Error::new(kind, Phase::Tls), language);
            assert_eq!(text.contains(phrase), UNVERIFIED.contains(&word), "{word}: {text}");
            for shown in ["CN=leaf", "CN=issuer", "2020-01-02 03:04:05", "2021-01-02 03:04:05", "a.test"] {
                assert_eq!(text.contains(shown), UNVERIFIED.contains(&word), "{word}: {text}");
            }
        }
    }
}

#[test]
fn errors_of_proxies_name_the_proxy_and_what_it_said() {
    for language in [Language::English, Language::Russian] {
        for (word, kind) in errors() {
            let ErrorKind::Proxy { .. } = kind else { continue };
            let text = engine_sentence(&Error::new(kind, Phase::Proxy), language);
            let named = text.contains("http://p.test:3128");
            assert!(named || ["configuration", "system"].contains(&word), "{text}");
            assert!(text.contains("555") && text.contains("details"), "{text}");
        }
    }
}

#[test]
fn every_code_of_the_engine_is_in_the_reference() {
    for (_, kind) in errors() {
        let code = Error::new(kind, Phase::Prepare).code();
        assert!(CODES.iter().any(|(known, ..)| *known == code), "{code}");
    }
}
