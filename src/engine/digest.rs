//! Message digests and HMAC (RFC 2104, with the block size of the algorithm). Nothing here decides what is signed.

use hmac::{Hmac, KeyInit, Mac};
use md5::Md5;
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha512};

/// A digest algorithm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Algorithm {
    /// MD5, 16 bytes.
    Md5,
    /// SHA-1, 20 bytes.
    Sha1,
    /// SHA-256, 32 bytes.
    Sha256,
    /// SHA-512, 64 bytes.
    Sha512,
}

impl Algorithm {
    /// Every algorithm with its usual name.
    pub const ALL: [(&'static str, Self); 4] =
        [("MD5", Self::Md5), ("SHA1", Self::Sha1), ("SHA256", Self::Sha256), ("SHA512", Self::Sha512)];

    /// The algorithm called `name` in any letter case, with or without a dash (`SHA256`, `sha-256`).
    #[must_use]
    pub fn by_name(name: &str) -> Option<Self> {
        let plain: String = name.trim().chars().filter(|c| !matches!(c, '-' | '_')).collect();
        Self::ALL
            .into_iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(&plain))
            .map(|(_, algorithm)| algorithm)
    }
}

/// HMAC of `slices`, read as one, with a key of any length.
#[must_use]
pub fn hmac<'a>(algorithm: Algorithm, key: &[u8], slices: impl IntoIterator<Item = &'a [u8]>) -> Vec<u8> {
    let slices = slices.into_iter();
    match algorithm {
        Algorithm::Md5 => mac::<Hmac<Md5>>(key, slices),
        Algorithm::Sha1 => mac::<Hmac<Sha1>>(key, slices),
        Algorithm::Sha256 => mac::<Hmac<Sha256>>(key, slices),
        Algorithm::Sha512 => mac::<Hmac<Sha512>>(key, slices),
    }
}

/// Digest of `slices`, read as one.
#[must_use]
pub fn digest<'a>(algorithm: Algorithm, slices: impl IntoIterator<Item = &'a [u8]>) -> Vec<u8> {
    let slices = slices.into_iter();
    match algorithm {
        Algorithm::Md5 => hash::<Md5>(slices),
        Algorithm::Sha1 => hash::<Sha1>(slices),
        Algorithm::Sha256 => hash::<Sha256>(slices),
        Algorithm::Sha512 => hash::<Sha512>(slices),
    }
}

fn mac<'a, M: Mac + KeyInit>(key: &[u8], slices: impl Iterator<Item = &'a [u8]>) -> Vec<u8> {
    let mut mac = <M as KeyInit>::new_from_slice(key).expect("HMAC takes a key of any length");
    slices.for_each(|slice| mac.update(slice));
    mac.finalize().into_bytes().to_vec()
}

fn hash<'a, D: Digest>(slices: impl Iterator<Item = &'a [u8]>) -> Vec<u8> {
    let mut state = D::new();
    slices.for_each(|slice| state.update(slice));
    state.finalize().to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    #[test]
    fn hmac_gives_the_values_of_connector_api_9() {
        let digits = "1234567890".repeat(7);
        let pairs = [("Секретный ключ", ""), (digits.as_str(), "Какие-то данные")];
        let expected = [
            ("md5", ["1b1ec4166a11c03b3afefaea442e7709", "ed5b2d6b9f573cd46e8f8d1d1e8b70e3"]),
            (
                "SHA-1",
                ["355aa0587050d711f4ca9af6930c736363a88d34", "7e8f9d7ebbe81e508a39f410e157fc6e714b3371"],
            ),
            (
                "Sha256",
                [
                    "70907d03476d72b7276897718590a49f6ce56991112fb5a0e9ed41652b2aab6c",
                    "80be8107de7879f028c8bfe97e10b859785530dd19dfc41a4d6962ce4c2fc130",
                ],
            ),
        ];
        for (name, values) in expected {
            let algorithm = Algorithm::by_name(name).expect("known");
            for ((key, data), value) in pairs.iter().zip(values) {
                assert_eq!(hex(&hmac(algorithm, key.as_bytes(), data.as_bytes().chunks(3))), value, "{name}");
            }
        }
    }

    #[test]
    fn sha512_uses_its_own_block_of_128_bytes() {
        // RFC 4231 test case 6: a key of 131 bytes is hashed first; with a 64-byte block the value would differ.
        let value = hmac(
            Algorithm::Sha512,
            &[0xaa; 131],
            [&b"Test Using Larger Than Block-Size Key - Hash Key First"[..]],
        );
        assert!(hex(&value).starts_with("80b24263c7c1a3ebb71493c1dd7be8b4"), "{}", hex(&value));
        // A key between the two block sizes is used as it is.
        let padded = [vec![0xaa; 100], vec![0; 28]].concat();
        assert_eq!(hmac(Algorithm::Sha512, &[0xaa; 100], []), hmac(Algorithm::Sha512, &padded, []));
    }

    #[test]
    fn plain_digests_of_nothing_are_the_known_ones() {
        assert_eq!(hex(&digest(Algorithm::Md5, [])), "d41d8cd98f00b204e9800998ecf8427e");
        assert_eq!(hex(&digest(Algorithm::Sha1, [])), "da39a3ee5e6b4b0d3255bfef95601890afd80709");
        let sha256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(hex(&digest(Algorithm::Sha256, [&b""[..]])), sha256);
        assert_eq!(digest(Algorithm::Sha512, [&b"ab"[..], b"c"]), digest(Algorithm::Sha512, [&b"abc"[..]]));
    }

    #[test]
    fn unknown_algorithm_is_not_guessed() {
        for name in ["", "SHA", "SHA-3", "SHA384", "CRC32", "SHA2566"] {
            assert_eq!(Algorithm::by_name(name), None, "{name}");
        }
    }
}
