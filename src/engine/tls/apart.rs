//! A verifier of the system on a thread of its own, while the request waits with its deadline and its cancel: the system
//! may fetch revocation lists and missing issuers, or ask classes that hang.

use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, Error, OtherError};

use super::explain::SystemSays;
use super::system::Judge;
use crate::engine::alone::{NoAnswer, ask_for_request};

/// Longest that is waited for a verdict, whatever the request allows.
pub(super) const LONGEST: Duration = Duration::from_secs(30);

/// The judge inside, apart.
#[derive(Debug)]
pub(super) struct Apart(pub(super) Arc<dyn Judge>);

impl Judge for Apart {
    fn judge(
        &self,
        leaf: &CertificateDer<'_>,
        others: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<(), Error> {
        let by = Arc::clone(&self.0);
        let leaf = leaf.clone().into_owned();
        let others: Vec<_> = others.iter().map(|der| der.clone().into_owned()).collect();
        let (name, ocsp) = (name.to_owned(), ocsp.to_vec());
        let question = move || by.judge(&leaf, &others, &name, &ocsp, now);
        ask_for_request(question, LONGEST).unwrap_or_else(|none| Err(unanswered(&none)))
    }
}

fn unanswered(none: &NoAnswer) -> Error {
    CertificateError::Other(OtherError(Arc::new(SystemSays { word: "other", words: no_verdict(none) })))
        .into()
}

/// Why there is no verdict. The handshake tells an end of time or a cancel as what it is; the rest is about the system.
pub(super) fn no_verdict(none: &NoAnswer) -> String {
    match none {
        NoAnswer::Busy => "too many questions to the system's verifier are without an answer".to_owned(),
        NoAnswer::Failed(words) => words.clone(),
        NoAnswer::Late(_) | NoAnswer::Deadline(_) => {
            "no answer from the system's verifier in the time allowed".to_owned()
        }
        NoAnswer::Cancelled => "cancelled".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use std::sync::Mutex;
    use std::sync::mpsc::{Receiver, channel};
    use std::time::Instant;

    use super::*;
    use crate::engine::alone::at_request;
    use crate::engine::cancel::Cancel;

    /// Answers when it is let go, and says on which thread.
    #[derive(Debug)]
    struct Slow(Mutex<Receiver<std::thread::ThreadId>>);

    impl Judge for Slow {
        fn judge(
            &self,
            _: &CertificateDer<'_>,
            _: &[CertificateDer<'_>],
            _: &ServerName<'_>,
            _: &[u8],
            _: UnixTime,
        ) -> Result<(), Error> {
            let asker = self.0.lock().unwrap().recv().unwrap();
            assert_ne!(asker, std::thread::current().id());
            Ok(())
        }
    }

    fn asked(verifier: &Apart) -> Result<(), Error> {
        let leaf = CertificateDer::from(vec![1_u8]);
        let name = ServerName::try_from("host.test").unwrap();
        verifier.judge(&leaf, &[], &name, &[], UnixTime::since_unix_epoch(Duration::ZERO))
    }

    #[test]
    fn verdict_comes_from_another_thread() {
        let (release, released) = channel();
        let verifier = Apart(Arc::new(Slow(Mutex::new(released))));
        release.send(std::thread::current().id()).unwrap();
        asked(&verifier).unwrap();
    }

    #[test]
    fn verifier_without_an_answer_ends_with_the_request() {
        let (release, released) = channel();
        let verifier = Apart(Arc::new(Slow(Mutex::new(released))));
        let deadline = Instant::now().checked_add(Duration::from_millis(20));
        let _at = at_request(deadline, &Cancel::new());
        let error = asked(&verifier).unwrap_err();
        assert!(error.to_string().contains("in the time allowed"), "{error}");
        release.send(std::thread::current().id()).unwrap();
    }
}
