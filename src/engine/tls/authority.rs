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
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut found = Vec::new();
    if bytes.first() == Some(&0x30) {
        found.push(bytes.to_vec());
    } else {
        for section in <(SectionKind, Vec<u8>)>::pem_slice_iter(bytes) {
            match section {
                Ok((SectionKind::Certificate, der)) => found.push(der),
                Ok(_) => {}
                Err(error) => return Err(bad(format!("PEM: {error}"))),
            }
        }
    }
    if found.is_empty() {
        return Err(bad("no certificate found".to_owned()));
    }
    for der in &found {
        check(der)?;
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
