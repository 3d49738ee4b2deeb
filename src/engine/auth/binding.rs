//! What binds an authentication to the TLS channel it goes over: `tls-server-end-point` of RFC 5929 section 4.

use der::Decode;
use sha2::{Digest, Sha256, Sha384, Sha512};
use x509_cert::Certificate;

const PREFIX: &[u8] = b"tls-server-end-point:";

/// The binding for a server's certificate, with its prefix; `None` for what is not a certificate.
pub(super) fn end_point(certificate: &[u8]) -> Option<Vec<u8>> {
    let algorithm = Certificate::from_der(certificate).ok()?.signature_algorithm().oid.to_string();
    // The hash of the signature; SHA-256 in place of MD5 and SHA-1, and where there is no single one.
    let hash = match algorithm.as_str() {
        "1.2.840.113549.1.1.12" | "1.2.840.10045.4.3.3" => Sha384::digest(certificate).to_vec(),
        "1.2.840.113549.1.1.13" | "1.2.840.10045.4.3.4" => Sha512::digest(certificate).to_vec(),
        _ => Sha256::digest(certificate).to_vec(),
    };
    Some([PREFIX, &hash].concat())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[test]
    fn hash_is_that_of_the_signature() {
        for (algorithm, length) in
            [(&rcgen::PKCS_ECDSA_P256_SHA256, 32), (&rcgen::PKCS_ECDSA_P384_SHA384, 48)]
        {
            let key = rcgen::KeyPair::generate_for(algorithm).unwrap();
            let certificate = rcgen::CertificateParams::new(vec!["localhost".to_owned()])
                .unwrap()
                .self_signed(&key)
                .unwrap();
            let binding = end_point(certificate.der()).unwrap();
            assert_eq!(binding.len(), PREFIX.len() + length);
            assert!(binding.starts_with(PREFIX));
        }
        assert_eq!(end_point(b"not a certificate"), None);
    }
}
