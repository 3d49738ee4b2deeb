//! Private keys: every form becomes PKCS#8 without attributes, and a key is recognised as a certificate's.
//!
//! Keys of algorithms no provider here speaks are read too: what can use them is decided later.

use std::sync::Arc;

use der::Encode;
use der::asn1::ObjectIdentifier;
use rustls::crypto::ring::sign::any_supported_type;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::sign::SigningKey;
use x509_cert::spki::SubjectPublicKeyInfoOwned;
use zeroize::Zeroizing;

use super::asn1::{BIT_STRING, EXPLICIT, Elements, INTEGER, OBJECT_IDENTIFIER, OCTET_STRING, SEQUENCE};
use super::{IdentityProblem, Plain, asn1, problem};

/// A private key.
pub(super) struct PrivateKey {
    /// AlgorithmIdentifier, encoded.
    algorithm: Vec<u8>,
    oid: ObjectIdentifier,
    shape: Shape,
}

enum Shape {
    /// RSAPrivateKey, encoded, and its modulus.
    Rsa { key: Plain, modulus: Vec<u8> },
    /// The secret number and, where the file has it, the public point.
    Ec { secret: Plain, public: Option<Vec<u8>> },
    /// Whatever stands in the PKCS#8.
    Other(Plain),
}

/// Whether a key is a certificate's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Match {
    Yes,
    No,
    /// Of the same algorithm, which is one that cannot be computed with here.
    Perhaps,
}

impl PrivateKey {
    /// From PrivateKeyInfo or OneAsymmetricKey (RFC 5958), DER.
    pub(super) fn from_pkcs8(bytes: &[u8]) -> Result<Self, IdentityProblem> {
        let parts = || {
            let mut inside = Elements::new(bytes).take(SEQUENCE)?.inside();
            inside.take_number()?;
            // Behind them attributes and the public key.
            Some((inside.take(SEQUENCE)?.whole, inside.take(OCTET_STRING)?.value))
        };
        let (algorithm, key) = parts().ok_or_else(bad)?;
        Self::new(algorithm, key)
    }

    /// From RSAPrivateKey (RFC 8017), DER.
    pub(super) fn from_pkcs1(bytes: &[u8]) -> Result<Self, IdentityProblem> {
        Self::new(RSA_ALGORITHM, bytes)
    }

    /// From ECPrivateKey (RFC 5915), DER, which must name its curve.
    pub(super) fn from_sec1(bytes: &[u8]) -> Result<Self, IdentityProblem> {
        let sec1 = Sec1::read(bytes).ok_or_else(bad)?;
        let curve = sec1.curve.ok_or_else(|| problem("format", "EC key without its curve"))?;
        Self::new(&ec_algorithm(curve), bytes)
    }

    fn new(algorithm: &[u8], key: &[u8]) -> Result<Self, IdentityProblem> {
        let (oid, curve) = algorithm_parts(algorithm).ok_or_else(bad)?;
        let secret = |bytes: &[u8]| Zeroizing::new(bytes.to_vec());
        let mut algorithm = algorithm.to_vec();
        let shape = match oid {
            RSA | RSA_PSS => Shape::Rsa { modulus: modulus(key).ok_or_else(bad)?, key: secret(key) },
            EC => {
                let sec1 = Sec1::read(key).ok_or_else(bad)?;
                // The curve may be named inside only.
                if let (None, Some(inner)) = (curve, sec1.curve) {
                    algorithm = ec_algorithm(inner);
                }
                Shape::Ec { secret: secret(sec1.secret), public: sec1.public.map(<[u8]>::to_vec) }
            }
            _ => Shape::Other(secret(key)),
        };
        Ok(Self { algorithm, oid, shape })
    }

    /// Whether it is the key of the certificate with this public key.
    pub(super) fn matches(&self, public: &SubjectPublicKeyInfoOwned) -> Match {
        let bits = public.subject_public_key.as_bytes().unwrap_or_default();
        let decided = |same: bool| if same { Match::Yes } else { Match::No };
        match &self.shape {
            // A key for PSS and one for anything are the same numbers.
            Shape::Rsa { modulus: own, .. } => decided(
                matches!(public.algorithm.oid, RSA | RSA_PSS)
                    && modulus_of_public(bits).is_some_and(|n| n == *own),
            ),
            _ if public.algorithm.oid != self.oid => Match::No,
            Shape::Ec { .. } if !self.on_curve_of(public) => Match::No,
            Shape::Ec { public: Some(own), .. } => decided(same_point(own, bits)),
            Shape::Ec { public: None, .. } if !matches!(self.curve(), Some(P256 | P384)) => Match::Perhaps,
            Shape::Ec { public: None, .. } => decided(signing_key(&self.pkcs8(bits)).is_ok()),
            Shape::Other(_) if self.oid == ED25519 => {
                decided(signing_key(&self.pkcs8(bits)).is_ok_and(|key| {
                    key.public_key().is_some_and(|own| public.to_der().is_ok_and(|der| own.as_ref() == der))
                }))
            }
            Shape::Other(_) => Match::Perhaps,
        }
    }

    /// PKCS#8 (version 0, no attributes) for the certificate whose public key has these bits: a key on a curve is only
    /// taken with its point.
    pub(super) fn pkcs8(&self, public_bits: &[u8]) -> Plain {
        let inner = match &self.shape {
            Shape::Rsa { key, .. } | Shape::Other(key) => key.clone(),
            Shape::Ec { secret, public } => {
                let point = public.as_deref().unwrap_or(public_bits);
                let secret = self.padded(secret);
                let point = asn1::element(EXPLICIT[1], &[&asn1::element(BIT_STRING, &[&[0], point])]);
                asn1::element(SEQUENCE, &[&[2, 1, 1], &asn1::element(OCTET_STRING, &[&secret]), &point])
            }
        };
        asn1::element(SEQUENCE, &[&[2, 1, 0], &self.algorithm, &asn1::element(OCTET_STRING, &[&inner])])
    }

    /// Some write the secret number without its leading zeros.
    fn padded(&self, secret: &[u8]) -> Plain {
        let length = match self.curve() {
            Some(P256) => 32,
            Some(P384) => 48,
            Some(P521) => 66,
            _ => secret.len(),
        };
        let missing = length.saturating_sub(secret.len());
        let mut padded = Zeroizing::new(Vec::with_capacity(missing + secret.len()));
        padded.resize(missing, 0);
        padded.extend_from_slice(secret);
        padded
    }

    fn curve(&self) -> Option<ObjectIdentifier> {
        algorithm_parts(&self.algorithm).and_then(|(_, curve)| curve)
    }

    fn on_curve_of(&self, public: &SubjectPublicKeyInfoOwned) -> bool {
        let theirs =
            public.algorithm.parameters.as_ref().and_then(|any| any.decode_as::<ObjectIdentifier>().ok());
        match (self.curve(), theirs) {
            (Some(own), Some(theirs)) => own == theirs,
            // Written out in numbers: nothing to compare by.
            _ => true,
        }
    }
}

/// The key for rustls.
pub(super) fn signing_key(pkcs8: &[u8]) -> Result<Arc<dyn SigningKey>, rustls::Error> {
    any_supported_type(&PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(pkcs8)))
}

/// Bits of an RSA key in PKCS#8; `None` for other keys.
pub(super) fn rsa_bits(pkcs8: &[u8]) -> Option<usize> {
    match PrivateKey::from_pkcs8(pkcs8).ok()?.shape {
        Shape::Rsa { modulus, .. } => {
            let zeros = modulus.first().map_or(0, |first| first.leading_zeros());
            Some((modulus.len() * 8).saturating_sub(usize::try_from(zeros).unwrap_or(0)))
        }
        _ => None,
    }
}

/// What kind of key a PKCS#8 has, for people: its algorithm and curve by number.
pub(super) fn algorithm_name(pkcs8: &[u8]) -> String {
    let key = PrivateKey::from_pkcs8(pkcs8).ok();
    match key.map(|key| (key.oid, key.curve())) {
        Some((RSA, _)) => "RSA".to_owned(),
        Some((RSA_PSS, _)) => "RSA-PSS".to_owned(),
        Some((EC, Some(P521))) => "EC on secp521r1".to_owned(),
        Some((EC, Some(SECP256K1))) => "EC on secp256k1".to_owned(),
        Some((EC, Some(curve))) => format!("EC on curve {curve}"),
        Some((EC, None)) => "EC on a curve without name".to_owned(),
        Some((DSA, _)) => "DSA".to_owned(),
        Some((ED448, _)) => "Ed448".to_owned(),
        Some((other, _)) => format!("algorithm {other}"),
        None => "unknown".to_owned(),
    }
}

/// ECPrivateKey taken apart.
struct Sec1<'a> {
    secret: &'a [u8],
    curve: Option<ObjectIdentifier>,
    public: Option<&'a [u8]>,
}

impl<'a> Sec1<'a> {
    fn read(bytes: &'a [u8]) -> Option<Self> {
        let mut inside = Elements::new(bytes).take(SEQUENCE)?.inside();
        inside.take_number()?;
        let secret = inside.take(OCTET_STRING)?.value;
        let curve = inside.take_if(EXPLICIT[0]).and_then(|curve| curve.inside().take_oid());
        let public = inside.take_if(EXPLICIT[1]).and_then(|public| public.inside().take(BIT_STRING));
        // Before the bits stands how many of the last byte do not count: none.
        let public = public.and_then(|public| public.value.strip_prefix(&[0]));
        Some(Self { secret, curve, public })
    }
}

fn bad() -> IdentityProblem {
    problem("format", "private key")
}

/// Algorithm, and the curve where that is its parameter.
fn algorithm_parts(algorithm: &[u8]) -> Option<(ObjectIdentifier, Option<ObjectIdentifier>)> {
    let mut inside = Elements::new(algorithm).take(SEQUENCE)?.inside();
    Some((inside.take_oid()?, inside.take_oid()))
}

fn ec_algorithm(curve: ObjectIdentifier) -> Vec<u8> {
    let element = |oid: ObjectIdentifier| asn1::element(OBJECT_IDENTIFIER, &[oid.as_bytes()]);
    asn1::element(SEQUENCE, &[&element(EC), &element(curve)]).to_vec()
}

/// The modulus of an RSAPrivateKey, without leading zeros.
fn modulus(key: &[u8]) -> Option<Vec<u8>> {
    let mut inside = Elements::new(key).take(SEQUENCE)?.inside();
    inside.take_number()?;
    Some(positive(inside.take(INTEGER)?.value))
}

/// The modulus of an RSAPublicKey, without leading zeros.
fn modulus_of_public(key: &[u8]) -> Option<Vec<u8>> {
    Some(positive(Elements::new(key).take(SEQUENCE)?.inside().take(INTEGER)?.value))
}

fn positive(number: &[u8]) -> Vec<u8> {
    number.iter().copied().skip_while(|byte| *byte == 0).collect()
}

/// Whether two points are the same, either of which may be compressed (SEC 1 section 2.3.3): with the same first
/// coordinate there are but two, and which is told by whether the second is odd.
fn same_point(one: &[u8], other: &[u8]) -> bool {
    let parts = |point: &[u8]| {
        let (form, rest) = point.split_first()?;
        match form {
            4 => {
                let (x, y) = rest.split_at_checked(rest.len() / 2)?;
                Some((x.to_vec(), 2 + (y.last()? & 1)))
            }
            2 | 3 => Some((rest.to_vec(), *form)),
            _ => None,
        }
    };
    one == other || parts(one).is_some_and(|one| Some(one) == parts(other))
}

/// AlgorithmIdentifier of RSA, its parameter NULL.
const RSA_ALGORITHM: &[u8] =
    &[0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00];

const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
const RSA_PSS: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.10");
const EC: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
const P256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7");
const P384: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.132.0.34");
const P521: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.132.0.35");
const SECP256K1: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.132.0.10");
const DSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10040.4.1");
const ED25519: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.112");
const ED448: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.113");
