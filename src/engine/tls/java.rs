//! The system's trust through its Java classes, the chain is judged by the trust manager, the name by us.

use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, Error, OtherError};

use super::certificate::{chain, validity};
use super::explain::SystemSays;
use super::system::Judge;
use super::verify::verify_name;
use crate::os::android::{Refusal, Verdict, check_server};

/// Asks Java. It asks nobody in turn, but may hang: see `apart`.
#[derive(Debug)]
pub(super) struct Java;

impl Judge for Java {
    fn judge(
        &self,
        leaf: &CertificateDer<'_>,
        others: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        _: &[u8],
        now: UnixTime,
    ) -> Result<(), Error> {
        let chain: Vec<&[u8]> = std::iter::once(leaf).chain(others).map(AsRef::as_ref).collect();
        check_server(&chain, &name.to_str()).map_err(|refusal| error(refusal, leaf, others, now))?;
        verify_name(leaf, name)
    }
}

fn error(refusal: Refusal, leaf: &CertificateDer<'_>, others: &[CertificateDer<'_>], now: UnixTime) -> Error {
    let chain = chain(leaf, others);
    let times = || chain.iter().map(validity);
    let problem = match refusal.verdict {
        Verdict::Revoked => CertificateError::Revoked,
        // Which certificate of the chain it is, Java does not say.
        Verdict::Expired => match times().find(|(_, not_after)| *not_after < now.as_secs()) {
            Some((_, not_after)) => CertificateError::ExpiredContext { time: now, not_after: at(not_after) },
            None => CertificateError::Expired,
        },
        Verdict::NotYetValid => match times().find(|(not_before, _)| *not_before > now.as_secs()) {
            Some((not_before, _)) => {
                CertificateError::NotValidYetContext { time: now, not_before: at(not_before) }
            }
            None => CertificateError::NotValidYet,
        },
        Verdict::Untrusted => says("unknown-issuer", refusal.words),
        Verdict::Failed => says("other", refusal.words),
    };
    problem.into()
}

fn says(word: &'static str, words: String) -> CertificateError {
    CertificateError::Other(OtherError(Arc::new(SystemSays { word, words })))
}

fn at(seconds: u64) -> UnixTime {
    UnixTime::since_unix_epoch(Duration::from_secs(seconds))
}
