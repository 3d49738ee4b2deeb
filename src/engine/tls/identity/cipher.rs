//! Undoing what passwords do: PBES2 and PBES1 (RFC 8018), the schemes of PKCS#12 (RFC 7292 appendix B) and the
//! traditional one of PEM. Ciphers and key derivation are those of crates; what is decided here is which, with which
//! form of the password, and how much work a file may cause.

use crate::engine::hex;
use aes::{Aes128, Aes192, Aes256};
use cbc::Decryptor;
use cbc::cipher::block_padding::Pkcs7;
use cbc::cipher::{BlockCipherDecrypt, BlockModeDecrypt, KeyInit, KeyIvInit};
use der::asn1::{BmpString, ObjectIdentifier};
use des::{Des, TdesEde2, TdesEde3};
use md5::{Digest, Md5};
use pbkdf2::pbkdf2_hmac;
use pkcs12::kdf::{Pkcs12KeyType, derive_key};
use rc2::Rc2;
use sha1::Sha1;
use sha2::{Sha224, Sha256, Sha384, Sha512};
use zeroize::Zeroizing;

use super::asn1::{Element, Elements, SEQUENCE};
use super::{IdentityProblem, Plain, asn1, problem, wrong_password};

/// Iterations all derivations of one reading may take: some seconds. Files ask for 2 thousand to 2 million.
const ITERATIONS: u64 = 20_000_000;
/// Iterations of one derivation.
const ITERATIONS_AT_ONCE: u32 = 10_000_000;
/// Memory scrypt may take, each of its two tables; OpenSSL makes keys that need 16 MiB.
const SCRYPT_MEMORY: u64 = 32 << 20;

/// How much work a reading may still cause.
pub(super) struct Work {
    left: u64,
}

impl Default for Work {
    fn default() -> Self {
        Self { left: ITERATIONS }
    }
}

impl Work {
    /// Takes `iterations` of a derivation from what is left.
    pub(super) fn spend(&mut self, iterations: u32) -> Result<(), IdentityProblem> {
        match self.left.checked_sub(u64::from(iterations)) {
            Some(left) if iterations <= ITERATIONS_AT_ONCE => {
                self.left = left;
                Ok(())
            }
            _ => Err(problem("encryption", format!("{iterations} iterations are too many"))),
        }
    }
}

/// A password in the forms the schemes want it.
pub(super) struct Passphrase {
    /// For PBES1 and PBES2.
    utf8: Plain,
    /// For the schemes of PKCS#12: BMPString with two zero bytes at the end, or nothing at all.
    bmp: Plain,
}

impl Passphrase {
    /// The forms a PKCS#12 file may have been made with, the likeliest first. The empty password is two zero bytes or
    /// none, no password is the same two; OpenSSL before 1.1 took each byte of UTF-8 for a character.
    pub(super) fn forms(password: Option<&str>) -> Vec<Self> {
        let text = password.unwrap_or_default();
        let utf8 = text.as_bytes();
        let mut forms = Vec::new();
        if let Ok(characters) = BmpString::from_utf8(text) {
            forms.push(Self::new(utf8, characters.as_bytes(), &[0, 0]));
        }
        if text.is_empty() {
            forms.push(Self::new(utf8, &[], &[]));
        } else if !text.is_ascii() {
            let mut wide = Zeroizing::new(Vec::with_capacity(utf8.len() * 2));
            wide.extend(utf8.iter().flat_map(|byte| [0, *byte]));
            forms.push(Self::new(utf8, &wide, &[0, 0]));
        }
        forms
    }

    fn new(utf8: &[u8], characters: &[u8], end: &[u8]) -> Self {
        let mut bmp = Zeroizing::new(Vec::with_capacity(characters.len() + end.len()));
        bmp.extend_from_slice(characters);
        bmp.extend_from_slice(end);
        Self { utf8: Zeroizing::new(utf8.to_vec()), bmp }
    }

    /// What PKCS#12 derives its keys from.
    pub(super) fn bmp(&self) -> &[u8] {
        &self.bmp
    }
}

/// AlgorithmIdentifier.
pub(super) struct Algorithm<'a> {
    oid: ObjectIdentifier,
    parameters: Option<Element<'a>>,
}

impl<'a> Algorithm<'a> {
    /// Out of its sequence.
    pub(super) fn read(element: &Element<'a>) -> Option<Self> {
        let mut inside = element.inside();
        Some(Self { oid: inside.take_oid()?, parameters: inside.next() })
    }

    /// The parameters, which are a sequence in all schemes here.
    fn parameters(&self) -> Option<Elements<'a>> {
        self.parameters.filter(|parameters| parameters.tag == SEQUENCE).map(|parameters| parameters.inside())
    }
}

/// The key in an EncryptedPrivateKeyInfo, still to be read.
pub(super) fn encrypted_key(bytes: &[u8], password: &str, work: &mut Work) -> Result<Plain, IdentityProblem> {
    let (algorithm, data) = encrypted_parts(bytes)?;
    let mut failed = wrong_password();
    // Schemes of PKCS#12 stand here too (`openssl pkcs8 -v1 PBE-SHA1-3DES`), with their forms of the password.
    for passphrase in Passphrase::forms(Some(password)) {
        match decrypt(&algorithm, &data, &passphrase, work) {
            Ok(plain) if asn1::kind(&plain) == Some(asn1::Kind::Pkcs8) => return Ok(plain),
            Ok(_) => {}
            Err(error) => failed = error,
        }
        if algorithm.oid == PBES2 {
            break;
        }
    }
    Err(failed)
}

/// EncryptedPrivateKeyInfo: algorithm and data.
pub(super) fn encrypted_parts(bytes: &[u8]) -> Result<(Algorithm<'_>, Plain), IdentityProblem> {
    let parts = || {
        let mut inside = Elements::new(bytes).take(SEQUENCE)?.inside();
        Some((Algorithm::read(&inside.take(SEQUENCE)?)?, inside.take_octets()?))
    };
    parts().ok_or_else(|| problem("format", "encrypted key"))
}

/// `data` decrypted by the scheme `algorithm` names.
///
/// # Errors
/// `password` when the padding is wrong, `encryption` for schemes and parameters that are not known.
pub(super) fn decrypt(
    algorithm: &Algorithm<'_>,
    data: &[u8],
    passphrase: &Passphrase,
    work: &mut Work,
) -> Result<Plain, IdentityProblem> {
    if algorithm.oid == PBES2 {
        return pbes2(algorithm, data, passphrase, work);
    }
    let unknown = || problem("encryption", format!("algorithm {}", algorithm.oid));
    let scheme = SCHEMES.iter().find(|scheme| scheme.oid == algorithm.oid).ok_or_else(unknown)?;
    let parameters = || {
        let mut inside = algorithm.parameters()?;
        Some((inside.take_octets()?, inside.take_number()?))
    };
    let (salt, iterations) = parameters().ok_or_else(unknown)?;
    work.spend(iterations.saturating_mul(2))?;
    let (key, iv) = match scheme.derivation {
        Derivation::Pkcs12 => {
            let rounds = i32::try_from(iterations).unwrap_or(i32::MAX);
            let derive = |purpose, length| {
                Zeroizing::new(derive_key::<Sha1>(passphrase.bmp(), &salt, purpose, rounds, length))
            };
            (derive(Pkcs12KeyType::EncryptionKey, scheme.cipher.key_length()), derive(Pkcs12KeyType::Iv, 8))
        }
        Derivation::Md5 => pbkdf1::<Md5>(&passphrase.utf8, &salt, iterations),
        Derivation::Sha1 => pbkdf1::<Sha1>(&passphrase.utf8, &salt, iterations),
    };
    scheme.cipher.open(&key, &iv, data)
}

/// A key of a PEM section with `DEK-Info: CIPHER,IV`: OpenSSL's EVP_BytesToKey with MD5, one iteration, the first half
/// of the IV (eight bytes) as the salt.
pub(super) fn open_traditional(
    encryption: &str,
    password: &str,
    data: &[u8],
) -> Result<Plain, IdentityProblem> {
    let (cipher, iv) = encryption.split_once(',').unwrap_or((encryption, ""));
    let unknown = || {
        let name: String = cipher.chars().filter(char::is_ascii_graphic).take(40).collect();
        problem("encryption", format!("DEK-Info {name}"))
    };
    let cipher = match cipher.trim() {
        "AES-128-CBC" => Cipher::Aes128,
        "AES-192-CBC" => Cipher::Aes192,
        "AES-256-CBC" => Cipher::Aes256,
        "DES-EDE3-CBC" => Cipher::ThreeDes,
        "DES-CBC" => Cipher::Des,
        _ => return Err(unknown()),
    };
    let length = cipher.key_length();
    let iv = hex::bytes(iv.trim()).ok_or_else(unknown)?;
    let salt = iv.get(..8).ok_or_else(unknown)?;
    let mut key = Zeroizing::new(Vec::with_capacity(48));
    let mut last = Zeroizing::new([0; 16]);
    while key.len() < length {
        let mut digest = Md5::new();
        if !key.is_empty() {
            digest.update(*last);
        }
        digest.update(password.as_bytes());
        digest.update(salt);
        *last = digest.finalize().into();
        key.extend_from_slice(&*last);
    }
    cipher.open(key.get(..length).unwrap_or_default(), &iv, data)
}

/// A password-based scheme that is not PBES2.
struct Scheme {
    oid: ObjectIdentifier,
    derivation: Derivation,
    cipher: Cipher,
}

enum Derivation {
    /// RFC 7292 appendix B with SHA-1.
    Pkcs12,
    /// PBKDF1 with MD5.
    Md5,
    /// PBKDF1 with SHA-1.
    Sha1,
}

/// RFC 7292 appendix C and RFC 8018 appendix A.3, without RC4 and MD2.
const SCHEMES: [Scheme; 8] = [
    scheme("1.2.840.113549.1.12.1.3", Derivation::Pkcs12, Cipher::ThreeDes),
    scheme("1.2.840.113549.1.12.1.4", Derivation::Pkcs12, Cipher::TwoDes),
    scheme("1.2.840.113549.1.12.1.5", Derivation::Pkcs12, Cipher::Rc2 { key: 16 }),
    scheme("1.2.840.113549.1.12.1.6", Derivation::Pkcs12, Cipher::Rc2 { key: 5 }),
    scheme("1.2.840.113549.1.5.3", Derivation::Md5, Cipher::Des),
    scheme("1.2.840.113549.1.5.6", Derivation::Md5, Cipher::Rc2 { key: 8 }),
    scheme("1.2.840.113549.1.5.10", Derivation::Sha1, Cipher::Des),
    scheme("1.2.840.113549.1.5.11", Derivation::Sha1, Cipher::Rc2 { key: 8 }),
];

const fn scheme(oid: &str, derivation: Derivation, cipher: Cipher) -> Scheme {
    Scheme { oid: ObjectIdentifier::new_unwrap(oid), derivation, cipher }
}

/// A cipher in CBC mode with the padding of RFC 5652 section 6.3.
#[derive(Clone, Copy)]
enum Cipher {
    Aes128,
    Aes192,
    Aes256,
    ThreeDes,
    TwoDes,
    Des,
    /// The length is the effective one too.
    Rc2 {
        key: usize,
    },
}

impl Cipher {
    /// Of the ciphers of PBES2 (RFC 8018 appendix B.2), those without parameters but the IV.
    fn of(oid: ObjectIdentifier) -> Option<Self> {
        const CIPHERS: [(ObjectIdentifier, Cipher); 5] = [
            (ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.1.2"), Cipher::Aes128),
            (ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.1.22"), Cipher::Aes192),
            (ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.1.42"), Cipher::Aes256),
            (ObjectIdentifier::new_unwrap("1.2.840.113549.3.7"), Cipher::ThreeDes),
            (ObjectIdentifier::new_unwrap("1.3.14.3.2.7"), Cipher::Des),
        ];
        CIPHERS.iter().find(|(known, _)| *known == oid).map(|(_, cipher)| *cipher)
    }

    /// In bytes.
    fn key_length(self) -> usize {
        match self {
            Self::Aes128 | Self::TwoDes => 16,
            Self::Aes192 | Self::ThreeDes => 24,
            Self::Aes256 => 32,
            Self::Des => 8,
            Self::Rc2 { key } => key,
        }
    }

    fn open(self, key: &[u8], iv: &[u8], data: &[u8]) -> Result<Plain, IdentityProblem> {
        match self {
            Self::Aes128 => cbc::<Aes128>(key, iv, data),
            Self::Aes192 => cbc::<Aes192>(key, iv, data),
            Self::Aes256 => cbc::<Aes256>(key, iv, data),
            Self::ThreeDes => cbc::<TdesEde3>(key, iv, data),
            Self::TwoDes => cbc::<TdesEde2>(key, iv, data),
            Self::Des => cbc::<Des>(key, iv, data),
            Self::Rc2 { .. } => cbc::<Rc2>(key, iv, data),
        }
    }
}

/// PBES2 (RFC 8018 section 6.2): a derivation and a cipher, each with parameters of its own.
fn pbes2(
    algorithm: &Algorithm<'_>,
    data: &[u8],
    passphrase: &Passphrase,
    work: &mut Work,
) -> Result<Plain, IdentityProblem> {
    let parts = || {
        let mut inside = algorithm.parameters()?;
        Some((Algorithm::read(&inside.take(SEQUENCE)?)?, Algorithm::read(&inside.take(SEQUENCE)?)?))
    };
    let (derivation, encryption) = parts().ok_or_else(|| problem("encryption", "PBES2: parameters"))?;
    let unknown = |oid| problem("encryption", format!("PBES2: algorithm {oid}"));
    let cipher = Cipher::of(encryption.oid).ok_or_else(|| unknown(encryption.oid))?;
    let iv = encryption.parameters.and_then(|iv| iv.octets()).ok_or_else(|| unknown(encryption.oid))?;
    let mut key = Zeroizing::new([0; 32]);
    let key = key.get_mut(..cipher.key_length()).unwrap_or_default();
    let parameters = derivation.parameters().ok_or_else(|| unknown(derivation.oid))?;
    match derivation.oid {
        PBKDF2 => pbkdf2(parameters, &passphrase.utf8, key, work)?,
        SCRYPT => scrypt(parameters, &passphrase.utf8, key, work)?,
        other => return Err(unknown(other)),
    }
    cipher.open(key, &iv, data)
}

/// PBKDF2 (RFC 8018 appendix A.2).
fn pbkdf2(
    mut parameters: Elements<'_>,
    password: &[u8],
    key: &mut [u8],
    work: &mut Work,
) -> Result<(), IdentityProblem> {
    let mut read = || {
        let salt = parameters.take_octets()?;
        let iterations = parameters.take_number()?;
        // The length of the key, which the cipher tells as well.
        parameters.take_if(asn1::INTEGER);
        let digest = match parameters.take_if(SEQUENCE) {
            Some(digest) => digest.inside().take_oid()?,
            None => HMAC_SHA1,
        };
        Some((salt, iterations, digest))
    };
    let (salt, iterations, digest) = read().ok_or_else(|| problem("encryption", "PBKDF2: parameters"))?;
    work.spend(iterations)?;
    match digest {
        HMAC_SHA1 => pbkdf2_hmac::<Sha1>(password, &salt, iterations, key),
        HMAC_SHA224 => pbkdf2_hmac::<Sha224>(password, &salt, iterations, key),
        HMAC_SHA256 => pbkdf2_hmac::<Sha256>(password, &salt, iterations, key),
        HMAC_SHA384 => pbkdf2_hmac::<Sha384>(password, &salt, iterations, key),
        HMAC_SHA512 => pbkdf2_hmac::<Sha512>(password, &salt, iterations, key),
        other => return Err(problem("encryption", format!("PBKDF2: algorithm {other}"))),
    }
    Ok(())
}

/// scrypt (RFC 7914 section 7).
fn scrypt(
    mut parameters: Elements<'_>,
    password: &[u8],
    key: &mut [u8],
    work: &mut Work,
) -> Result<(), IdentityProblem> {
    let mut read = || {
        let salt = parameters.take_octets()?;
        Some((salt, parameters.take_number()?, parameters.take_number()?, parameters.take_number()?))
    };
    let bad = || problem("encryption", "scrypt: parameters");
    let (salt, cost, size, parallel) = read().ok_or_else(bad)?;
    let (wide, blocks) = (u64::from(cost.max(parallel)), u64::from(size));
    if wide.saturating_mul(blocks).saturating_mul(128) > SCRYPT_MEMORY {
        return Err(problem("encryption", "scrypt wants too much memory"));
    }
    work.spend(cost.saturating_mul(size).saturating_mul(parallel))?;
    if !cost.is_power_of_two() {
        return Err(bad());
    }
    let log = u8::try_from(cost.ilog2()).map_err(|_| bad())?;
    let parameters = scrypt::Params::new(log, size, parallel).map_err(|_| bad())?;
    scrypt::scrypt(password, &salt, &parameters, key).map_err(|_| bad())
}

const PBES2: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.5.13");
const PBKDF2: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.5.12");
const SCRYPT: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.4.1.11591.4.11");
const HMAC_SHA1: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.2.7");
const HMAC_SHA224: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.2.8");
const HMAC_SHA256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.2.9");
const HMAC_SHA384: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.2.10");
const HMAC_SHA512: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.2.11");

/// PBKDF1 (RFC 8018 section 5.1) for a key and an IV of eight bytes each.
fn pbkdf1<D: Digest>(password: &[u8], salt: &[u8], iterations: u32) -> (Plain, Plain) {
    let mut value = Zeroizing::new(D::new().chain_update(password).chain_update(salt).finalize().to_vec());
    for _ in 1..iterations {
        value = Zeroizing::new(D::digest(value.as_slice()).to_vec());
    }
    let part = |from: usize| Zeroizing::new(value.get(from..from + 8).unwrap_or_default().to_vec());
    (part(0), part(8))
}

fn cbc<C>(key: &[u8], iv: &[u8], data: &[u8]) -> Result<Plain, IdentityProblem>
where
    C: BlockCipherDecrypt + KeyInit,
{
    let cipher =
        Decryptor::<C>::new_from_slices(key, iv).map_err(|_| problem("encryption", "length of key or IV"))?;
    let mut buffer = Zeroizing::new(data.to_vec());
    let length = cipher.decrypt_padded::<Pkcs7>(&mut buffer).map_err(|_| wrong_password())?.len();
    buffer.truncate(length);
    Ok(buffer)
}
