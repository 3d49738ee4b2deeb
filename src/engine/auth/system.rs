//! Tokens of the system's own library (GSSAPI, SSPI). It may ask a domain controller and wait for it, so every step
//! runs on a thread of its own ([`alone`]).

use std::time::Duration;

use crate::engine::alone::{self, NoAnswer};
use crate::engine::error::{Error, ErrorKind, Limit, Phase};
use crate::os::{Context, Failure, Identity, Package, Reason};

use super::negotiate::{Around, Mechanism, Trouble};

/// The longest a step may take, whatever the request allows: an unreachable KDC is given up by the library sooner.
const LONGEST: Duration = Duration::from_secs(60);

/// The system's library as a mechanism.
pub(super) struct System {
    package: Package,
    host: String,
    identity: Option<Identity>,
    context: Option<Context>,
}

impl System {
    /// Nothing is asked of the library yet.
    pub(super) fn new(package: Package, host: &str, identity: Option<Identity>) -> Self {
        Self { package, host: host.to_owned(), identity, context: None }
    }

    fn advance(&mut self, input: Vec<u8>, around: &Around) -> Result<Vec<u8>, Trouble> {
        let (package, host, identity) = (self.package, self.host.clone(), self.identity.clone());
        let (context, binding) = (self.context.take(), around.binding.clone());
        let work = move || {
            let mut context = match context {
                Some(context) => context,
                None => Context::new(package, &host, identity.as_ref())?,
            };
            let token = context.step(&input, binding.as_deref())?;
            Ok::<_, Failure>((context, token))
        };
        let (context, token) = alone::ask(work, LONGEST, around.deadline, &around.cancel)??;
        self.context = Some(context);
        Ok(token)
    }
}

impl Mechanism for System {
    fn first(&mut self, around: &Around) -> Result<Vec<u8>, Trouble> {
        self.advance(Vec::new(), around)
    }

    fn answer(&mut self, token: &[u8], around: &Around) -> Result<Vec<u8>, Trouble> {
        self.advance(token.to_vec(), around)
    }

    fn expects_more(&self) -> bool {
        true
    }

    fn finish(&mut self, token: &[u8], around: &Around) -> Result<(), Trouble> {
        self.advance(token.to_vec(), around).map(drop)
    }
}

impl From<Failure> for Trouble {
    fn from(failure: Failure) -> Self {
        let problem = match failure.reason {
            Reason::NoLibrary => "no-library",
            Reason::NoCredentials => "no-credentials",
            Reason::WrongPassword | Reason::Refused => "refused",
        };
        let wrong_password = failure.reason == Reason::WrongPassword;
        Self { problem, detail: failure.words, wrong_password, instead: None }
    }
}

impl From<NoAnswer> for Trouble {
    fn from(none: NoAnswer) -> Self {
        let kind = match none {
            NoAnswer::Busy => {
                return Self::new("refused", "too many logons without an answer are under way");
            }
            NoAnswer::Failed(words) => return Self::new("refused", &words),
            NoAnswer::Late(_) => {
                return Self::new("refused", "no answer from the system's library in 60 s");
            }
            NoAnswer::Deadline(after) => ErrorKind::Timeout { limit: Limit::Total, after },
            NoAnswer::Cancelled => ErrorKind::Cancelled,
        };
        Self { instead: Some(Box::new(Error::new(kind, Phase::Authentication))), ..Self::new("", "") }
    }
}
