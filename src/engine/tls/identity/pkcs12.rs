//! PKCS#12 files (RFC 7292): the bags with certificates and keys, decrypted.
//!
//! The integrity of a file is checked where it has a MAC of the classic kind; files without one, or with one of another
//! kind (RFC 9579, national ones), are opened all the same, since what opens them then shows. Bags of other kinds
//! (revocation lists, secrets) are passed over.

use der::asn1::ObjectIdentifier;
use hmac::{KeyInit, Mac};
use pkcs12::kdf::{Pkcs12KeyType, derive_key};
use zeroize::Zeroizing;

use super::asn1::{EXPLICIT, Element, Elements, IMPLICIT_0, SEQUENCE};
use super::cipher::{self, Algorithm, Passphrase, Work};
use super::key::PrivateKey;
use super::{Found, IdentityProblem, Plain, no_password, problem, wrong_password};

/// Bags within bags are read this deep; nobody nests at all.
const DEPTH: usize = 4;

/// Puts what is in the file `bytes` into `found`.
///
/// # Errors
/// `format`, `password`, `encryption`.
pub(super) fn read(bytes: &[u8], found: &mut Found<'_>) -> Result<(), IdentityProblem> {
    let file = Pfx::read(bytes).ok_or_else(bad)?;
    let mut forms = Passphrase::forms(found.password);
    if let Some(mac) = &file.mac {
        let mut fitting = Vec::new();
        for form in forms {
            if mac.fits(&file.safe, &form, &mut found.work)? {
                fitting.push(form);
            }
        }
        forms = fitting;
    }
    let mut failed = if found.password.is_none() { no_password() } else { wrong_password() };
    for form in &forms {
        let mut bags = Bags { form, work: &mut found.work, certificates: Vec::new(), keys: Vec::new() };
        match bags.take_safe(&file.safe) {
            Ok(()) => {
                let Bags { certificates, keys, .. } = bags;
                found.certificates.extend(certificates);
                found.keys.extend(keys);
                return Ok(());
            }
            Err(error) if error.word == "password" => {}
            Err(error) => failed = error,
        }
    }
    Err(failed)
}

fn bad() -> IdentityProblem {
    problem("format", "PKCS#12")
}

/// The outermost structure.
struct Pfx {
    /// AuthenticatedSafe, encoded.
    safe: Plain,
    mac: Option<MacData>,
}

impl Pfx {
    fn read(bytes: &[u8]) -> Option<Self> {
        let mut inside = Elements::new(bytes).take(SEQUENCE)?.inside();
        inside.take_number()?;
        let mut content = inside.take(SEQUENCE)?.inside();
        // Signed with a key instead of a password: nobody does it.
        if content.take_oid()? != DATA {
            return None;
        }
        let safe = explicit(&mut content)?.octets()?;
        let mac = if inside.is_empty() { None } else { Some(MacData::read(&inside.take(SEQUENCE)?)?) };
        Some(Self { safe, mac })
    }
}

/// The value inside of a `[0]`.
fn explicit<'a>(elements: &mut Elements<'a>) -> Option<Element<'a>> {
    elements.take(EXPLICIT[0])?.inside().next()
}

/// The checksum over the safe, with a key made of the password.
struct MacData {
    algorithm: ObjectIdentifier,
    digest: Plain,
    salt: Plain,
    iterations: u32,
}

impl MacData {
    fn read(element: &Element<'_>) -> Option<Self> {
        let mut inside = element.inside();
        let mut info = inside.take(SEQUENCE)?.inside();
        let algorithm = info.take(SEQUENCE)?.inside().take_oid()?;
        let digest = info.take_octets()?;
        let salt = inside.take_octets()?;
        let iterations = if inside.is_empty() { 1 } else { inside.take_number()? };
        Some(Self { algorithm, digest, salt, iterations })
    }
}

impl MacData {
    /// Whether the MAC was made with this form of the password, or is one that is not known here.
    fn fits(&self, safe: &[u8], form: &Passphrase, work: &mut Work) -> Result<bool, IdentityProblem> {
        macro_rules! with {
            ($digest:ty, $length:literal) => {{
                work.spend(self.iterations)?;
                let rounds = i32::try_from(self.iterations).unwrap_or(i32::MAX);
                let key = derive_key::<$digest>(form.bmp(), &self.salt, Pkcs12KeyType::Mac, rounds, $length);
                let key = Zeroizing::new(key);
                hmac::Hmac::<$digest>::new_from_slice(&key)
                    .is_ok_and(|mac| mac.chain_update(safe).verify_slice(&self.digest).is_ok())
            }};
        }
        Ok(match self.algorithm {
            SHA1 => with!(sha1::Sha1, 20),
            SHA224 => with!(sha2::Sha224, 28),
            SHA256 => with!(sha2::Sha256, 32),
            SHA384 => with!(sha2::Sha384, 48),
            SHA512 => with!(sha2::Sha512, 64),
            _ => true,
        })
    }
}

/// What is being collected with one form of the password.
struct Bags<'a> {
    form: &'a Passphrase,
    work: &'a mut Work,
    certificates: Vec<Vec<u8>>,
    keys: Vec<PrivateKey>,
}

impl Bags<'_> {
    /// AuthenticatedSafe: a sequence of contents (RFC 5652 sections 4 and 8).
    fn take_safe(&mut self, safe: &[u8]) -> Result<(), IdentityProblem> {
        let mut contents = Elements::new(safe).take(SEQUENCE).ok_or_else(bad)?.inside();
        while !contents.is_empty() {
            let mut content = contents.take(SEQUENCE).ok_or_else(bad)?.inside();
            match content.take_oid().ok_or_else(bad)? {
                DATA => {
                    let bags = explicit(&mut content).and_then(|data| data.octets()).ok_or_else(bad)?;
                    self.take(&bags, DEPTH)?;
                }
                ENCRYPTED_DATA => {
                    let encrypted = explicit(&mut content).ok_or_else(bad)?;
                    let (algorithm, data) = encrypted_data(&encrypted).ok_or_else(bad)?;
                    let bags = cipher::decrypt(&algorithm, &data, self.form, self.work)?;
                    // Wrong passwords that pass for right ones by chance make nonsense.
                    self.take(&bags, DEPTH).map_err(unless_password)?;
                }
                _ => return Err(problem("encryption", "PKCS#12 that is not encrypted with a password")),
            }
        }
        Ok(())
    }

    /// SafeContents: a sequence of bags.
    fn take(&mut self, bags: &[u8], depth: usize) -> Result<(), IdentityProblem> {
        let mut bags = Elements::new(bags).take(SEQUENCE).ok_or_else(bad)?.inside();
        while !bags.is_empty() {
            let mut bag = bags.take(SEQUENCE).ok_or_else(bad)?.inside();
            let kind = bag.take_oid().ok_or_else(bad)?;
            let value = explicit(&mut bag).ok_or_else(bad)?;
            match kind {
                KEY_BAG => self.keys.push(PrivateKey::from_pkcs8(value.whole)?),
                SHROUDED_KEY_BAG => {
                    let (algorithm, data) = cipher::encrypted_parts(value.whole)?;
                    let plain = cipher::decrypt(&algorithm, &data, self.form, self.work)?;
                    self.keys.push(PrivateKey::from_pkcs8(&plain).map_err(unless_password)?);
                }
                CERTIFICATE_BAG => {
                    let mut inside = value.inside();
                    if inside.take_oid().ok_or_else(bad)? == X509_CERTIFICATE {
                        let certificate = explicit(&mut inside).and_then(|der| der.octets());
                        self.certificates.push(certificate.ok_or_else(bad)?.to_vec());
                    }
                }
                NESTED_BAG if depth > 0 => self.take(value.whole, depth - 1)?,
                _ => {}
            }
        }
        Ok(())
    }
}

/// EncryptedData: algorithm and data.
fn encrypted_data<'a>(element: &Element<'a>) -> Option<(Algorithm<'a>, Plain)> {
    let mut inside = element.inside();
    inside.take_number()?;
    let mut info = inside.take(SEQUENCE)?.inside();
    info.take_oid()?;
    let algorithm = Algorithm::read(&info.take(SEQUENCE)?)?;
    // In one piece, or in several.
    let data = info.next().filter(|data| data.tag == IMPLICIT_0 || data.tag == EXPLICIT[0])?;
    Some((algorithm, data.octets()?))
}

/// What was decrypted and makes no sense was decrypted with a wrong password.
fn unless_password(error: IdentityProblem) -> IdentityProblem {
    if error.word == "format" { wrong_password() } else { error }
}

const DATA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.7.1");
const ENCRYPTED_DATA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.7.6");
const KEY_BAG: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.12.10.1.1");
const SHROUDED_KEY_BAG: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.12.10.1.2");
const CERTIFICATE_BAG: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.12.10.1.3");
const NESTED_BAG: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.12.10.1.6");
const X509_CERTIFICATE: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.22.1");
const SHA1: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.14.3.2.26");
const SHA224: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.4");
const SHA256: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.1");
const SHA384: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.2");
const SHA512: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.3");
