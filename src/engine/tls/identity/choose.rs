//! Out of all certificates and keys that were found: the client's own certificate with its key, and the chain.

use der::{Decode, Encode};
use time::OffsetDateTime;
use x509_cert::Certificate;
use x509_cert::time::Time;

use super::key::{Match, PrivateKey};
use super::{IdentityProblem, problem};

/// A certificate taken apart.
struct Candidate<'a> {
    der: &'a [u8],
    parsed: Certificate,
}

/// The certificates to send, the client's own first, and its key as PKCS#8.
///
/// # Errors
/// `no-key`, `no-certificate`, `format`, `mismatch`, `expired`, `not-yet-valid`.
pub(super) fn choose(
    certificates: &[Vec<u8>],
    keys: &[PrivateKey],
    now: OffsetDateTime,
) -> Result<(Vec<Vec<u8>>, Vec<u8>), IdentityProblem> {
    if certificates.is_empty() {
        return Err(problem("no-certificate", "there is no certificate"));
    }
    if keys.is_empty() {
        return Err(problem("no-key", "there is no private key"));
    }
    let candidates: Vec<Candidate<'_>> = certificates.iter().map(Candidate::new).collect::<Result<_, _>>()?;
    let pairs: Vec<(&Candidate<'_>, &PrivateKey, Match)> = keys
        .iter()
        .flat_map(|key| candidates.iter().map(move |candidate| (candidate, key, candidate.matches(key))))
        .collect();
    // A certificate that was renewed may stand beside its predecessor, with the same key.
    let of = |wanted: Match| {
        let mut fitting = pairs.iter().filter(|(_, _, matched)| *matched == wanted).peekable();
        let first = fitting.peek().copied();
        fitting.find(|(candidate, ..)| candidate.check_dates(now).is_ok()).or(first)
    };
    let Some((own, key, _)) = of(Match::Yes).or_else(|| of(Match::Perhaps)) else {
        let subject = candidates.first().map(Candidate::subject).unwrap_or_default();
        return Err(problem("mismatch", format!("the private key is not that of {subject}")));
    };
    own.check_dates(now)?;
    Ok((chain(own, &candidates), key.pkcs8(own.public_bits()).to_vec()))
}

impl<'a> Candidate<'a> {
    fn new(der: &'a Vec<u8>) -> Result<Self, IdentityProblem> {
        let parsed =
            Certificate::from_der(der).map_err(|error| problem("format", format!("certificate: {error}")))?;
        Ok(Self { der, parsed })
    }

    fn matches(&self, key: &PrivateKey) -> Match {
        key.matches(self.parsed.tbs_certificate().subject_public_key_info())
    }

    fn public_bits(&self) -> &[u8] {
        let public = self.parsed.tbs_certificate().subject_public_key_info();
        public.subject_public_key.as_bytes().unwrap_or_default()
    }

    fn subject(&self) -> String {
        self.parsed.tbs_certificate().subject().to_string()
    }

    /// Whether `other` bears the name of who issued this one.
    fn is_issued_by(&self, other: &Self) -> bool {
        let issuer = self.parsed.tbs_certificate().issuer().to_der();
        issuer.is_ok_and(|issuer| {
            other.parsed.tbs_certificate().subject().to_der().is_ok_and(|name| name == issuer)
        })
    }

    fn check_dates(&self, now: OffsetDateTime) -> Result<(), IdentityProblem> {
        let validity = self.parsed.tbs_certificate().validity();
        let (from, until) = (seconds(validity.not_before), seconds(validity.not_after));
        let now = now.unix_timestamp();
        let told = |word, time: Time| problem(word, format!("{}: {}", self.subject(), time.to_date_time()));
        if now > until {
            Err(told("expired", validity.not_after))
        } else if now < from {
            Err(told("not-yet-valid", validity.not_before))
        } else {
            Ok(())
        }
    }
}

/// From `own` to its authority, as far as the file goes. The authority's own, self-signed certificate is left out: who
/// trusts it has it (RFC 8446 section 4.4.2).
fn chain(own: &Candidate<'_>, all: &[Candidate<'_>]) -> Vec<Vec<u8>> {
    let mut found = vec![own];
    while let Some(last) = found.last()
        && !last.is_issued_by(last)
        && let Some(next) = all.iter().find(|next| {
            last.is_issued_by(next)
                && !next.is_issued_by(next)
                && found.iter().all(|known| known.der != next.der)
        })
    {
        found.push(next);
    }
    found.into_iter().map(|certificate| certificate.der.to_vec()).collect()
}

fn seconds(time: Time) -> i64 {
    i64::try_from(time.to_unix_duration().as_secs()).unwrap_or(i64::MAX)
}
