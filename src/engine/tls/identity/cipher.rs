//! Undoing what passwords do: PBES2 and PBES1 (RFC 8018), the schemes of PKCS#12 (RFC 7292 appendix B) and the
//! traditional one of PEM. Ciphers and key derivation are those of crates; what is decided here is which, with which
//! form of the password, and how much work a file may cause.

use aes::{Aes128, Aes192, Aes256};
use cbc::Decryptor;
use cbc::cipher::block_padding::Pkcs7;
use cbc::cipher::{BlockCipherDecrypt, BlockModeDecrypt, KeyInit, KeyIvInit};
use der::asn1::{BmpString, ObjectIdentifier, OctetString};
use der::{Decode, Reader};
use des::{Des, TdesEde2, TdesEde3};
use md5::{Digest, Md5};
use pkcs5::pbes2::{Kdf, PBES2_OID, Parameters};
use pkcs12::kdf::{Pkcs12KeyType, derive_key};
use rc2::Rc2;
use sha1::Sha1;
use x509_cert::spki::AlgorithmIdentifierOwned;
use zeroize::Zeroizing;

use super::{IdentityProblem, Plain, asn1, problem, wrong_password};

/// Iterations all derivations of one reading may take: some seconds. Files ask for 2 thousand to 2 million.
const ITERATIONS: u64 = 20_000_000;
/// Iterations of one derivation.
const ITERATIONS_AT_ONCE: u32 = 10_000_000;
/// Memory scrypt may take; OpenSSL makes keys that need 16 MiB.
const SCRYPT_MEMORY: u64 = 64 << 20;

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

/// The key in an EncryptedPrivateKeyInfo, still to be read.
pub(super) fn encrypted_key(bytes: &[u8], password: &str, work: &mut Work) -> Result<Plain, IdentityProblem> {
    let (algorithm, data) = encrypted_parts(bytes)?;
    let mut failed = wrong_password();
    // Schemes of PKCS#12 stand here too (`openssl pkcs8 -v1 PBE-SHA1-3DES`), with their forms of the password.
    for passphrase in Passphrase::forms(Some(password)) {
        match decrypt(&algorithm, data.as_bytes(), &passphrase, work) {
            Ok(plain) if asn1::kind(&plain) == Some(asn1::Kind::Pkcs8) => return Ok(plain),
            Ok(_) => {}
            Err(error) => failed = error,
        }
        if algorithm.oid == PBES2_OID {
            break;
        }
    }
    Err(failed)
}

/// EncryptedPrivateKeyInfo: algorithm and data.
pub(super) fn encrypted_parts(
    bytes: &[u8],
) -> Result<(AlgorithmIdentifierOwned, OctetString), IdentityProblem> {
    asn1::reader(bytes)
        .and_then(|mut reader| {
            reader.sequence(|reader| Ok::<_, der::Error>((reader.decode()?, reader.decode()?)))
        })
        .map_err(|error| problem("format", format!("encrypted key: {error}")))
}

/// `data` decrypted by the scheme `algorithm` names.
///
/// # Errors
/// `password` when the padding is wrong, `encryption` for schemes and parameters that are not known.
pub(super) fn decrypt(
    algorithm: &AlgorithmIdentifierOwned,
    data: &[u8],
    passphrase: &Passphrase,
    work: &mut Work,
) -> Result<Plain, IdentityProblem> {
    let oid = algorithm.oid;
    if oid == PBES2_OID {
        return pbes2(algorithm, data, passphrase, work);
    }
    let Some(scheme) = SCHEMES.iter().find(|scheme| scheme.oid == oid) else {
        return Err(problem("encryption", format!("algorithm {oid}")));
    };
    let (salt, iterations) = parameters(algorithm)?;
    work.spend(iterations.saturating_mul(2))?;
    let (key, iv) = match scheme.derivation {
        Derivation::Pkcs12 => {
            let rounds = i32::try_from(iterations).unwrap_or(i32::MAX);
            let derive = |purpose, length| {
                Zeroizing::new(derive_key::<Sha1>(passphrase.bmp(), &salt, purpose, rounds, length))
            };
            (derive(Pkcs12KeyType::EncryptionKey, scheme.key), derive(Pkcs12KeyType::Iv, 8))
        }
        Derivation::Md5 => pbkdf1::<Md5>(&passphrase.utf8, &salt, iterations),
        Derivation::Sha1 => pbkdf1::<Sha1>(&passphrase.utf8, &salt, iterations),
    };
    match (scheme.cipher, scheme.key) {
        (Block::Des, 24) => cbc::<TdesEde3>(&key, &iv, data),
        (Block::Des, 16) => cbc::<TdesEde2>(&key, &iv, data),
        (Block::Des, _) => cbc::<Des>(&key, &iv, data),
        (Block::Rc2, _) => cbc::<Rc2>(&key, &iv, data),
    }
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
    let (length, open): (usize, Open) = match cipher.trim() {
        "AES-128-CBC" => (16, cbc::<Aes128>),
        "AES-192-CBC" => (24, cbc::<Aes192>),
        "AES-256-CBC" => (32, cbc::<Aes256>),
        "DES-EDE3-CBC" => (24, cbc::<TdesEde3>),
        "DES-CBC" => (8, cbc::<Des>),
        _ => return Err(unknown()),
    };
    let iv = bytes_of(iv.trim()).ok_or_else(unknown)?;
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
    open(key.get(..length).unwrap_or_default(), &iv, data)
}

/// Decrypts with a key and an IV.
type Open = fn(&[u8], &[u8], &[u8]) -> Result<Plain, IdentityProblem>;

/// A password-based scheme that is not PBES2.
struct Scheme {
    oid: ObjectIdentifier,
    derivation: Derivation,
    cipher: Block,
    /// Length of the key in bytes, and what RC2 takes for its effective length.
    key: usize,
}

enum Derivation {
    /// RFC 7292 appendix B with SHA-1.
    Pkcs12,
    /// PBKDF1 with MD5.
    Md5,
    /// PBKDF1 with SHA-1.
    Sha1,
}

#[derive(Clone, Copy)]
enum Block {
    Des,
    Rc2,
}

/// RFC 7292 appendix C and RFC 8018 appendix A.3, without RC4 and MD2.
const SCHEMES: [Scheme; 8] = [
    scheme("1.2.840.113549.1.12.1.3", Derivation::Pkcs12, Block::Des, 24),
    scheme("1.2.840.113549.1.12.1.4", Derivation::Pkcs12, Block::Des, 16),
    scheme("1.2.840.113549.1.12.1.5", Derivation::Pkcs12, Block::Rc2, 16),
    scheme("1.2.840.113549.1.12.1.6", Derivation::Pkcs12, Block::Rc2, 5),
    scheme("1.2.840.113549.1.5.3", Derivation::Md5, Block::Des, 8),
    scheme("1.2.840.113549.1.5.6", Derivation::Md5, Block::Rc2, 8),
    scheme("1.2.840.113549.1.5.10", Derivation::Sha1, Block::Des, 8),
    scheme("1.2.840.113549.1.5.11", Derivation::Sha1, Block::Rc2, 8),
];

const fn scheme(oid: &str, derivation: Derivation, cipher: Block, key: usize) -> Scheme {
    Scheme { oid: ObjectIdentifier::new_unwrap(oid), derivation, cipher, key }
}

fn pbes2(
    algorithm: &AlgorithmIdentifierOwned,
    data: &[u8],
    passphrase: &Passphrase,
    work: &mut Work,
) -> Result<Plain, IdentityProblem> {
    let unknown = |error: der::Error| problem("encryption", format!("PBES2: {error}"));
    let parameters =
        algorithm.parameters.as_ref().ok_or_else(|| problem("encryption", "PBES2: no parameters"))?;
    let parameters = parameters.decode_as::<Parameters>().map_err(unknown)?;
    match &parameters.kdf {
        Kdf::Pbkdf2(kdf) => work.spend(kdf.iteration_count)?,
        Kdf::Scrypt(kdf) => {
            let blocks = kdf.cost_parameter.saturating_mul(u64::from(kdf.block_size));
            // The lanes are in memory all at once, beside the table of one.
            let lanes = u64::from(kdf.block_size).saturating_mul(u64::from(kdf.parallelization));
            if blocks.max(lanes).saturating_mul(128) > SCRYPT_MEMORY {
                return Err(problem("encryption", "scrypt wants too much memory"));
            }
            let all = blocks.saturating_mul(u64::from(kdf.parallelization));
            work.spend(u32::try_from(all).unwrap_or(u32::MAX))?;
        }
        _ => return Err(problem("encryption", "PBES2: key derivation")),
    }
    let mut buffer = Zeroizing::new(data.to_vec());
    let length = match parameters.decrypt_in_place(passphrase.utf8.as_slice(), &mut buffer) {
        Ok(plain) => plain.len(),
        Err(pkcs5::Error::DecryptFailed) => return Err(wrong_password()),
        Err(error) => return Err(problem("encryption", error.to_string())),
    };
    buffer.truncate(length);
    Ok(buffer)
}

/// Salt and iterations of a scheme that is not PBES2.
fn parameters(algorithm: &AlgorithmIdentifierOwned) -> Result<(Vec<u8>, u32), IdentityProblem> {
    let bad = |detail: String| problem("encryption", format!("algorithm {}: {detail}", algorithm.oid));
    let parameters = algorithm.parameters.as_ref().ok_or_else(|| bad("no parameters".to_owned()))?;
    asn1::reader(parameters.value())
        .and_then(|mut reader| {
            let salt = OctetString::decode(&mut reader)?.into_bytes();
            Ok((Vec::from(salt), u32::decode(&mut reader)?))
        })
        .map_err(|error| bad(error.to_string()))
}

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

/// Bytes written in hexadecimal.
fn bytes_of(hex: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u8>> =
        hex.chars().map(|digit| digit.to_digit(16).and_then(|value| u8::try_from(value).ok())).collect();
    let digits = digits.filter(|digits| digits.len() % 2 == 0)?;
    Some(digits.chunks_exact(2).map(|pair| pair.iter().fold(0, |byte, digit| byte << 4 | digit)).collect())
}
