//! PKCS#12 files (RFC 7292): the bags with certificates and keys, decrypted.
//!
//! The integrity of a file is checked where it has a MAC of the classic kind; files without one, or with one of another
//! kind (RFC 9579, national ones), are opened all the same, since what opens them then shows. Bags of other kinds
//! (revocation lists, secrets) are passed over.

use der::asn1::{ContextSpecific, ObjectIdentifier, OctetString};
use der::{Decode, DecodeValue, FixedTag, Header, Reader, Tag, TagNumber, Tagged};
use hmac::{KeyInit, Mac};
use pkcs12::kdf::{Pkcs12KeyType, derive_key};
use x509_cert::spki::AlgorithmIdentifierOwned;
use zeroize::Zeroizing;

use super::cipher::{self, Passphrase, Work};
use super::key::PrivateKey;
use super::{Found, IdentityProblem, Plain, asn1, no_password, problem, wrong_password};

/// Bags within bags are read this deep; nobody nests at all.
const DEPTH: usize = 4;

/// Puts what is in the file `bytes` into `found`.
///
/// # Errors
/// `format`, `password`, `encryption`.
pub(super) fn read(bytes: &[u8], found: &mut Found<'_>) -> Result<(), IdentityProblem> {
    let file = asn1::reader(bytes).and_then(|mut reader| Pfx::decode(&mut reader)).map_err(bad)?;
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

fn bad(error: der::Error) -> IdentityProblem {
    problem("format", format!("PKCS#12: {error}"))
}

/// The outermost structure.
struct Pfx {
    /// AuthenticatedSafe, encoded.
    safe: Plain,
    mac: Option<MacData>,
}

impl<'a> DecodeValue<'a> for Pfx {
    type Error = der::Error;

    fn decode_value<R: Reader<'a>>(reader: &mut R, _: Header) -> der::Result<Self> {
        u8::decode(reader)?;
        let safe = match ContentInfo::decode(reader)? {
            ContentInfo::Data(safe) => safe,
            // Signed with a key instead of a password: nobody does it.
            _ => return Err(Tag::OctetString.value_error().into()),
        };
        let mac = if reader.is_finished() { None } else { Some(MacData::decode(reader)?) };
        asn1::skip_rest(reader)?;
        Ok(Self { safe, mac })
    }
}

impl FixedTag for Pfx {
    const TAG: Tag = Tag::Sequence;
}

/// What holds bags (RFC 5652 sections 4 and 8).
enum ContentInfo {
    Data(Plain),
    Encrypted(AlgorithmIdentifierOwned, OctetString),
    /// Encrypted for a certificate, or unknown.
    Other,
}

impl<'a> DecodeValue<'a> for ContentInfo {
    type Error = der::Error;

    fn decode_value<R: Reader<'a>>(reader: &mut R, _: Header) -> der::Result<Self> {
        let content = match ObjectIdentifier::decode(reader)? {
            DATA => {
                let data = explicit::<OctetString, R>(reader)?;
                Self::Data(Zeroizing::new(data.into_bytes().into()))
            }
            ENCRYPTED_DATA => {
                let EncryptedData(algorithm, data) = explicit(reader)?;
                Self::Encrypted(algorithm, data)
            }
            _ => Self::Other,
        };
        asn1::skip_rest(reader)?;
        Ok(content)
    }
}

impl FixedTag for ContentInfo {
    const TAG: Tag = Tag::Sequence;
}

struct EncryptedData(AlgorithmIdentifierOwned, OctetString);

impl<'a> DecodeValue<'a> for EncryptedData {
    type Error = der::Error;

    fn decode_value<R: Reader<'a>>(reader: &mut R, _: Header) -> der::Result<Self> {
        u8::decode(reader)?;
        let (algorithm, data) = reader.sequence(|reader| {
            reader.tlv_bytes()?;
            let algorithm = reader.decode()?;
            let data = ContextSpecific::<OctetString>::decode_implicit(reader, TagNumber(0))?;
            let data = data.ok_or_else(|| Tag::OctetString.value_error())?;
            Ok::<_, der::Error>((algorithm, data.value))
        })?;
        asn1::skip_rest(reader)?;
        Ok(Self(algorithm, data))
    }
}

impl FixedTag for EncryptedData {
    const TAG: Tag = Tag::Sequence;
}

/// The checksum over the safe, with a key made of the password.
struct MacData {
    algorithm: ObjectIdentifier,
    digest: OctetString,
    salt: OctetString,
    iterations: u32,
}

impl<'a> DecodeValue<'a> for MacData {
    type Error = der::Error;

    fn decode_value<R: Reader<'a>>(reader: &mut R, _: Header) -> der::Result<Self> {
        let (algorithm, digest) = reader.sequence(|reader| {
            let algorithm: AlgorithmIdentifierOwned = reader.decode()?;
            Ok::<_, der::Error>((algorithm.oid, OctetString::decode(reader)?))
        })?;
        let salt = OctetString::decode(reader)?;
        let iterations = if reader.is_finished() { 1 } else { u32::decode(reader)? };
        Ok(Self { algorithm, digest, salt, iterations })
    }
}

impl FixedTag for MacData {
    const TAG: Tag = Tag::Sequence;
}

impl MacData {
    /// Whether the MAC was made with this form of the password, or is one that is not known here.
    fn fits(&self, safe: &[u8], form: &Passphrase, work: &mut Work) -> Result<bool, IdentityProblem> {
        macro_rules! with {
            ($digest:ty, $length:literal) => {{
                work.spend(self.iterations)?;
                let rounds = i32::try_from(self.iterations).unwrap_or(i32::MAX);
                let salt = self.salt.as_bytes();
                let key = derive_key::<$digest>(form.bmp(), salt, Pkcs12KeyType::Mac, rounds, $length);
                let key = Zeroizing::new(key);
                hmac::Hmac::<$digest>::new_from_slice(&key)
                    .is_ok_and(|mac| mac.chain_update(safe).verify_slice(self.digest.as_bytes()).is_ok())
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
    /// AuthenticatedSafe: a sequence of contents.
    fn take_safe(&mut self, safe: &[u8]) -> Result<(), IdentityProblem> {
        let contents =
            asn1::reader(safe).and_then(|mut reader| all::<ContentInfo>(&mut reader)).map_err(bad)?;
        for content in contents {
            match content {
                ContentInfo::Data(bags) => self.take(&bags, DEPTH)?,
                ContentInfo::Encrypted(algorithm, data) => {
                    let bags = cipher::decrypt(&algorithm, data.as_bytes(), self.form, self.work)?;
                    // Wrong passwords that pass for right ones by chance make nonsense.
                    self.take(&bags, DEPTH).map_err(|error| match error.word {
                        "format" => wrong_password(),
                        _ => error,
                    })?;
                }
                ContentInfo::Other => {
                    return Err(problem("encryption", "PKCS#12 that is not encrypted with a password"));
                }
            }
        }
        Ok(())
    }

    /// SafeContents: a sequence of bags.
    fn take(&mut self, bags: &[u8], depth: usize) -> Result<(), IdentityProblem> {
        let bags = asn1::reader(bags).and_then(|mut reader| all::<Bag>(&mut reader)).map_err(bad)?;
        for Bag { kind, value } in bags {
            match kind {
                KEY_BAG => self.keys.push(PrivateKey::from_pkcs8(&value)?),
                SHROUDED_KEY_BAG => {
                    let (algorithm, data) = cipher::encrypted_parts(&value)?;
                    let plain = cipher::decrypt(&algorithm, data.as_bytes(), self.form, self.work)?;
                    self.keys.push(PrivateKey::from_pkcs8(&plain).map_err(|error| match error.word {
                        "format" => wrong_password(),
                        _ => error,
                    })?);
                }
                CERTIFICATE_BAG => {
                    let certificate =
                        asn1::reader(&value).and_then(|mut reader| CertificateBag::decode(&mut reader));
                    self.certificates.extend(certificate.map_err(bad)?.0);
                }
                NESTED_BAG if depth > 0 => self.take(&value, depth - 1)?,
                _ => {}
            }
        }
        Ok(())
    }
}

/// A bag: its kind and the value inside of the `[0]`, encoded.
struct Bag {
    kind: ObjectIdentifier,
    value: Plain,
}

impl<'a> DecodeValue<'a> for Bag {
    type Error = der::Error;

    fn decode_value<R: Reader<'a>>(reader: &mut R, _: Header) -> der::Result<Self> {
        let kind = reader.decode()?;
        let wrapped = reader.tlv_bytes()?;
        let mut inside = asn1::reader(wrapped)?;
        let header: Header = inside.decode()?;
        if !matches!(header.tag(), Tag::ContextSpecific { constructed: true, number: TagNumber(0) }) {
            return Err(header.tag().value_error().into());
        }
        let value = Zeroizing::new(inside.tlv_bytes()?.to_vec());
        asn1::skip_rest(reader)?;
        Ok(Self { kind, value })
    }
}

impl FixedTag for Bag {
    const TAG: Tag = Tag::Sequence;
}

/// An X.509 certificate, or nothing when it is of another kind.
struct CertificateBag(Option<Vec<u8>>);

impl<'a> DecodeValue<'a> for CertificateBag {
    type Error = der::Error;

    fn decode_value<R: Reader<'a>>(reader: &mut R, _: Header) -> der::Result<Self> {
        let kind = ObjectIdentifier::decode(reader)?;
        let found = if kind == X509_CERTIFICATE {
            Some(explicit::<OctetString, R>(reader)?.into_bytes().into())
        } else {
            None
        };
        asn1::skip_rest(reader)?;
        Ok(Self(found))
    }
}

impl FixedTag for CertificateBag {
    const TAG: Tag = Tag::Sequence;
}

/// All elements of a sequence.
fn all<'a, T>(reader: &mut impl Reader<'a>) -> der::Result<Vec<T>>
where
    T: Decode<'a, Error = der::Error>,
{
    reader.sequence(|reader| {
        let mut found = Vec::new();
        while !reader.is_finished() {
            found.push(T::decode(reader)?);
        }
        Ok(found)
    })
}

/// The value inside of an explicit `[0]`.
fn explicit<'a, T, R>(reader: &mut R) -> der::Result<T>
where
    T: Decode<'a, Error = der::Error> + Tagged,
    R: Reader<'a>,
{
    let found = ContextSpecific::<T>::decode_explicit(reader, TagNumber(0))?;
    found
        .map(|found| found.value)
        .ok_or_else(|| Tag::ContextSpecific { constructed: true, number: TagNumber(0) }.value_error().into())
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
