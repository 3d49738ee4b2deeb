//! Reading the certificates a caller trusts: PEM, several in one text and with other text around, or DER.

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::{PemObject, SectionKind};
use x509_cert::Certificate as Parsed;
use x509_cert::der::Decode;

use super::TlsProblem;

/// The certificates (each DER) in `bytes`: every `CERTIFICATE` section of a PEM text, other sections and text around
/// them ignored, or one DER certificate.
///
/// # Errors
/// A problem with the word `bad-ca` when there is no certificate, or one that cannot be read.
pub fn certificates_from(bytes: &[u8]) -> Result<Vec<Vec<u8>>, TlsProblem> {
    let found = sections(bytes, SectionKind::Certificate).map_err(bad)?;
    if found.is_empty() {
        return Err(bad("no certificate found".to_owned()));
    }
    for der in &found {
        check(der)?;
    }
    Ok(found)
}

/// Every section of `kind` of a PEM text (each DER), other sections and text around them ignored; or the bytes
/// themselves when they are DER.
///
/// # Errors
/// What is wrong with the PEM text.
pub(super) fn sections(bytes: &[u8], kind: SectionKind) -> Result<Vec<Vec<u8>>, String> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    if bytes.first() == Some(&0x30) {
        return Ok(vec![bytes.to_vec()]);
    }
    let mut found = Vec::new();
    for section in <(SectionKind, Vec<u8>)>::pem_slice_iter(bytes) {
        let (known, der) = section.map_err(|error| format!("PEM: {error}"))?;
        if known == kind {
            found.push(der);
        }
    }
    Ok(found)
}

/// A certificate is good as an anchor when both what reads it for verification and what describes it can read it; one
/// of them suffices, since a certificate only compared byte for byte needs no more.
fn check(der: &[u8]) -> Result<(), TlsProblem> {
    let anchor = webpki_reads(der);
    match Parsed::from_der(der) {
        Ok(_) => Ok(()),
        Err(_) if anchor => Ok(()),
        Err(error) => Err(bad(format!("certificate: {error}"))),
    }
}

fn webpki_reads(der: &[u8]) -> bool {
    rustls::RootCertStore::empty().add(CertificateDer::from(der)).is_ok()
}

fn bad(detail: String) -> TlsProblem {
    TlsProblem { word: "bad-ca", detail, certificate: None }
}
