//! Message authentication codes (RFC 2104) over the usual hashes, each with its own block size.

use hmac::{Hmac, KeyInit, Mac};

/// A hash function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hash {
    /// MD5, 16 bytes.
    Md5,
    /// SHA-1, 20 bytes.
    Sha1,
    /// SHA-256, 32 bytes.
    Sha256,
    /// SHA-512, 64 bytes.
    Sha512,
}

/// HMAC of `data` under `key`. Every key length is valid.
#[must_use]
pub fn hmac(hash: Hash, key: &[u8], data: &[u8]) -> Vec<u8> {
    match hash {
        Hash::Md5 => compute::<Hmac<md5::Md5>>(key, data),
        Hash::Sha1 => compute::<Hmac<sha1::Sha1>>(key, data),
        Hash::Sha256 => compute::<Hmac<sha2::Sha256>>(key, data),
        Hash::Sha512 => compute::<Hmac<sha2::Sha512>>(key, data),
    }
}

fn compute<M: Mac + KeyInit>(key: &[u8], data: &[u8]) -> Vec<u8> {
    let mut mac = <M as KeyInit>::new_from_slice(key).expect("HMAC takes a key of any length");
    mac.update(data);
    mac.finalize().into_bytes().to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::hex;

    #[test]
    fn hmac_gives_the_reference_values() {
        let (key, long) = ("Секретный ключ".as_bytes(), "1234567890".repeat(7));
        let data = "Какие-то данные".as_bytes();
        for (hash, short_key, long_key) in [
            (Hash::Md5, "1b1ec4166a11c03b3afefaea442e7709", "ed5b2d6b9f573cd46e8f8d1d1e8b70e3"),
            (
                Hash::Sha1,
                "355aa0587050d711f4ca9af6930c736363a88d34",
                "7e8f9d7ebbe81e508a39f410e157fc6e714b3371",
            ),
            (
                Hash::Sha256,
                "70907d03476d72b7276897718590a49f6ce56991112fb5a0e9ed41652b2aab6c",
                "80be8107de7879f028c8bfe97e10b859785530dd19dfc41a4d6962ce4c2fc130",
            ),
        ] {
            assert_eq!(hex::digits(&hmac(hash, key, b"")), short_key);
            assert_eq!(hex::digits(&hmac(hash, long.as_bytes(), data)), long_key);
        }
    }

    #[test]
    fn sha512_uses_its_128_byte_block() {
        // RFC 4231 test case 6: a key of 131 bytes is longer than any block.
        let tag = hmac(Hash::Sha512, &[0xaa; 131], b"Test Using Larger Than Block-Size Key - Hash Key First");
        assert!(hex::digits(&tag).starts_with("80b24263c7c1a3ebb71493c1dd7be8b4"));
    }
}
