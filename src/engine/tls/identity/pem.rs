//! PEM as OpenSSL and others write it (RFC 7468, and RFC 1421 for its headers): sections with text around them, and the
//! traditional encryption of keys that `Proc-Type` and `DEK-Info` announce.

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use zeroize::Zeroizing;

use super::cipher::open_traditional;
use super::{IdentityProblem, Plain, no_password, problem, wrong_password};

/// One section.
pub(super) struct Section {
    /// What stands after `BEGIN`.
    pub(super) label: String,
    /// Its contents, decoded; still encrypted where a header says so.
    pub(super) bytes: Plain,
    /// The value of `DEK-Info`, where the section is encrypted.
    encryption: Option<String>,
}

impl Section {
    /// The contents without traditional encryption.
    pub(super) fn opened(&self, password: Option<&str>) -> Result<Plain, IdentityProblem> {
        match (&self.encryption, password) {
            (None, _) => Ok(self.bytes.clone()),
            (Some(_), None) => Err(no_password()),
            (Some(encryption), Some(password)) => open_traditional(encryption, password, &self.bytes),
        }
    }

    /// What a wrong password decrypts may look well padded by chance (once in 256), but it is no key.
    pub(super) fn unless_password<T>(&self, read: Result<T, IdentityProblem>) -> Result<T, IdentityProblem> {
        read.map_err(|error| if self.encryption.is_some() { wrong_password() } else { error })
    }
}

/// All sections of `text` in order.
///
/// # Errors
/// `format`: a section without its end, or with contents that are no base64.
pub(super) fn sections(text: &[u8]) -> Result<Vec<Section>, IdentityProblem> {
    let mut found = Vec::new();
    let mut lines = text.split(|byte| matches!(byte, b'\n' | b'\r')).map(<[u8]>::trim_ascii);
    while let Some(line) = lines.next() {
        let Some(label) = boundary(line, b"-----BEGIN ") else { continue };
        let mut body: Vec<&[u8]> = Vec::new();
        let mut encryption = None;
        loop {
            let Some(line) = lines.next() else {
                return Err(problem("format", format!("PEM section {label} has no end")));
            };
            if boundary(line, b"-----END ").is_some() {
                break;
            }
            // No base64 has a colon.
            match line.iter().position(|byte| *byte == b':').map(|colon| line.split_at(colon)) {
                None => body.push(line),
                Some((name, value)) if name.eq_ignore_ascii_case(b"DEK-Info") => {
                    let value = value.get(1..).unwrap_or_default().trim_ascii();
                    encryption = Some(String::from_utf8_lossy(value).into_owned());
                }
                Some(_) => {}
            }
        }
        let mut base64 = Zeroizing::new(Vec::with_capacity(body.iter().map(|line| line.len()).sum()));
        base64.extend(body.into_iter().flatten().filter(|byte| !byte.is_ascii_whitespace()));
        let bytes = LENIENT
            .decode(base64.as_slice())
            .map_err(|_| problem("format", format!("PEM section {label} is no base64")))?;
        found.push(Section { label, bytes: Zeroizing::new(bytes), encryption });
    }
    Ok(found)
}

/// Padding is left out by some hand-made files.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// The label of a line that begins or ends a section.
fn boundary(line: &[u8], start: &[u8]) -> Option<String> {
    let label = line.strip_prefix(start)?.strip_suffix(b"-----")?;
    // Labels are short; anything longer is not one, and would be repeated in an error.
    (label.len() <= 40).then(|| String::from_utf8_lossy(label).into_owned())
}
