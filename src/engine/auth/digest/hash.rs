//! The algorithms of Digest (RFC 7616 section 3.2): hash functions by name, and their `-sess` forms.

use crate::engine::hex;
use sha2::digest::DynDigest;

/// What `algorithm` says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Algorithm {
    function: Function,
    /// The key is made once with the first nonces of both sides (`-sess`).
    pub(super) session: bool,
}

/// A hash function. The registered ones, SHA-512 as some servers ask for it, and SHA-1 as older ones do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Function {
    Md5,
    Sha1,
    Sha256,
    Sha512,
    Sha512Of256,
}

impl Algorithm {
    /// By its name in any letter case; no name is MD5. `None`: unknown.
    pub(super) fn named(name: Option<&str>) -> Option<Self> {
        let name = name.unwrap_or("MD5").trim().to_ascii_uppercase();
        let (function, session) = match name.strip_suffix("-SESS") {
            Some(function) => (function, true),
            None => (name.as_str(), false),
        };
        let function = match function {
            "MD5" => Function::Md5,
            "SHA" | "SHA-1" => Function::Sha1,
            "SHA-256" => Function::Sha256,
            "SHA-512" => Function::Sha512,
            "SHA-512-256" => Function::Sha512Of256,
            _ => return None,
        };
        Some(Self { function, session })
    }

    /// Greater is stronger.
    pub(super) fn strength(self) -> u8 {
        match self.function {
            Function::Md5 => 0,
            Function::Sha1 => 1,
            Function::Sha256 => 2,
            Function::Sha512 | Function::Sha512Of256 => 3,
        }
    }

    /// A computation that takes its data piece by piece.
    pub(super) fn hasher(self) -> Hasher {
        Hasher(match self.function {
            Function::Md5 => Box::new(md5::Md5::default()),
            Function::Sha1 => Box::new(sha1::Sha1::default()),
            Function::Sha256 => Box::new(sha2::Sha256::default()),
            Function::Sha512 => Box::new(sha2::Sha512::default()),
            Function::Sha512Of256 => Box::new(sha2::Sha512_256::default()),
        })
    }

    /// `H(a ":" b ":" ...)` in hexadecimal.
    pub(super) fn of(self, pieces: &[&str]) -> String {
        let mut hasher = self.hasher();
        for (index, piece) in pieces.iter().enumerate() {
            if index > 0 {
                hasher.update(b":");
            }
            hasher.update(piece.as_bytes());
        }
        hasher.finish()
    }
}

/// A hash under way.
pub(super) struct Hasher(Box<dyn DynDigest>);

impl Hasher {
    pub(super) fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// In hexadecimal, lower case.
    pub(super) fn finish(self) -> String {
        hex::digits(&self.0.finalize())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_in_any_case_and_unknown_ones_are_not() {
        let session = |name: &str| Algorithm::named(Some(name)).map(|algorithm| algorithm.session);
        for name in ["MD5", "md5", "SHA", "sha-1", "SHA-256", "Sha-512", "SHA-512-256"] {
            assert_eq!(session(name), Some(false), "{name}");
            assert_eq!(session(&format!("{name}-sess")), Some(true), "{name}");
        }
        for name in ["", "token", "SHA-384", "MD5-sess-sess", "-sess", "AKAv1-MD5"] {
            assert_eq!(session(name), None, "{name}");
        }
        assert_eq!(Algorithm::named(None), Algorithm::named(Some("MD5")));
    }

    #[test]
    fn each_function_gives_its_reference_value() {
        // FIPS 180-4 and RFC 1321: "abc".
        for (name, expected) in [
            ("MD5", "900150983cd24fb0d6963f7d28e17f72"),
            ("SHA", "a9993e364706816aba3e25717850c26c9cd0d89d"),
            ("SHA-256", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
            ("SHA-512-256", "53048e2681941ef99b2e29b76b4c7dabe4c2d0c634fc6d46e0e2f13107e7af23"),
        ] {
            assert_eq!(Algorithm::named(Some(name)).unwrap().of(&["abc"]), expected, "{name}");
        }
        let long = Algorithm::named(Some("SHA-512")).unwrap().of(&["abc"]);
        assert!(long.starts_with("ddaf35a193617abacc417349ae204131") && long.len() == 128);
    }
}
