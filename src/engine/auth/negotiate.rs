//! NTLM and Negotiate over HTTP (RFC 4559, MS-NTHT): the dialogue that authenticates a connection.
//!
//! The first token goes with the first request on a new connection, because who has these credentials knows that they
//! are asked for; on a connection that is authenticated already nothing is said. While the token is only the beginning
//! of NTLM the body is held back, once it is known that the peer does ask. Refused credentials end the dialogue, whatever is offered then, except that one
//! mechanism gives way to the next one of the list.

use std::sync::Arc;
use std::time::Instant;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use time::OffsetDateTime;

use crate::engine::cancel::Cancel;
use crate::engine::error::{Error, ErrorKind, Phase, Result};
use crate::engine::exchange::Head;
use crate::os::{Identity, Package};

use super::binding::end_point;
use super::ntlm::{Account, Moment, Ntlm};
use super::scheme::Channel;
use super::system::System;
use super::{Ask, Credentials, Memory, Scheme, Side, challenges, spnego};

/// The dialogue for credentials that authenticate connections, with an origin or a proxy (`scheme://host:port`);
/// `None` for other credentials.
pub(crate) fn of_connection(
    credentials: &Credentials,
    whom: &str,
    side: Side,
    memory: &Arc<Memory>,
) -> Option<Box<dyn Scheme>> {
    let (account, ways) = match credentials {
        Credentials::Ntlm { user, password } => (Some((user, password)), vec![Way::Ntlm, Way::NtlmInSpnego]),
        Credentials::Negotiate { user, password } => {
            let ways = vec![Way::Library(Package::Negotiate), Way::NtlmInSpnego, Way::Ntlm];
            (Some((user, password)), ways)
        }
        Credentials::System if cfg!(windows) => {
            (None, vec![Way::Library(Package::Negotiate), Way::Library(Package::Ntlm)])
        }
        Credentials::System => (None, vec![Way::Library(Package::Negotiate)]),
        _ => return None,
    };
    Some(Box::new(Dialogue {
        side,
        host: host_of(whom).to_owned(),
        account: account.map(|(user, password)| (user.clone(), password.clone())),
        ways,
        state: State::Start,
        around: Around::default(),
        sent: 0,
        withheld: false,
        asked: false,
        reopened: false,
        broken: false,
        opened: Ok(false),
        asker: (whom.to_owned(), credentials.clone()),
        memory: memory.clone(),
    }))
}

/// One run of something that makes tokens out of tokens.
pub(super) trait Mechanism: Send {
    /// The first token.
    fn first(&mut self, around: &Around) -> Result<Vec<u8>, Trouble>;

    /// The token that answers the peer's.
    fn answer(&mut self, token: &[u8], around: &Around) -> Result<Vec<u8>, Trouble>;

    /// Whether a token of the peer's can still be answered.
    fn expects_more(&self) -> bool;

    /// Takes the token that came with a success.
    fn finish(&mut self, _token: &[u8], _around: &Around) -> Result<(), Trouble> {
        Ok(())
    }
}

/// What a mechanism knows of the request.
#[derive(Default)]
pub(super) struct Around {
    /// What binds to the TLS channel.
    pub(super) binding: Option<Vec<u8>>,
    /// When everything must be over.
    pub(super) deadline: Option<Instant>,
    /// Cancelling from another thread.
    pub(super) cancel: Cancel,
}

/// Why there is no token.
#[derive(Debug)]
pub(super) struct Trouble {
    /// Word of [`ErrorKind::Authentication`].
    pub(super) problem: &'static str,
    /// Its detail.
    pub(super) detail: String,
    /// The account is known and its password is not this one: nothing else is to be tried with it.
    pub(super) wrong_password: bool,
    /// Not about authentication at all: cancelled, out of time.
    pub(super) instead: Option<Box<Error>>,
}

impl Trouble {
    pub(super) fn new(problem: &'static str, detail: &str) -> Self {
        Self { problem, detail: detail.to_owned(), wrong_password: false, instead: None }
    }
}

/// Where tokens come from, and under which name they go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    /// The system's library.
    Library(Package),
    /// Our NTLM inside SPNEGO.
    NtlmInSpnego,
    /// Our NTLM.
    Ntlm,
}

impl Way {
    fn word(self) -> &'static str {
        match self {
            Self::Library(Package::Negotiate) | Self::NtlmInSpnego => "Negotiate",
            Self::Library(Package::Ntlm) | Self::Ntlm => "NTLM",
        }
    }
}

struct Dialogue {
    side: Side,
    host: String,
    account: Option<(String, String)>,
    /// What is still worth trying, the one in use in front; never empty.
    ways: Vec<Way>,
    state: State,
    around: Around,
    /// Tokens sent on this connection.
    sent: u32,
    /// The last request went without its body.
    withheld: bool,
    /// The peer has asked, so that a token that cannot be made is an error.
    asked: bool,
    /// An open connection asked again, or the peer did not ask at all: once is enough.
    reopened: bool,
    /// The connection was closed between two steps.
    broken: bool,
    opened: Result<bool>,
    /// What this dialogue is called in the memory.
    asker: (String, Credentials),
    memory: Arc<Memory>,
}

enum State {
    /// Nothing was said on this connection.
    Start,
    /// Nothing is to be said: authenticated, or not asked for.
    Plain,
    /// No token could be made; whether one is needed is not known yet.
    Silent(Trouble),
    /// The peer's token is to be answered.
    Answer(Box<dyn Mechanism>, Vec<u8>),
    /// A token is on its way.
    Said(Box<dyn Mechanism>),
}

impl Dialogue {
    fn way(&self) -> Way {
        self.ways.first().copied().unwrap_or(Way::Ntlm)
    }

    /// Whether what was sent last having been refused says that this way would be, too. A password that NTLM has
    /// refused is as wrong under NTLM's other name, and every try counts towards the lockout of the account.
    fn is_refused(&self, way: Way) -> bool {
        let is_ntlm = |way| matches!(way, Way::Ntlm | Way::NtlmInSpnego);
        way == self.way() || (self.sent > 1 && is_ntlm(way) && is_ntlm(self.way()))
    }

    fn error(&self, trouble: Trouble) -> Error {
        if let Some(error) = trouble.instead {
            return *error;
        }
        let (scheme, problem) = (self.way().word(), trouble.problem);
        Error::new(
            ErrorKind::Authentication { scheme, problem, detail: trouble.detail },
            Phase::Authentication,
        )
    }

    /// The first token of the first way that has one. A way that does not work here gives way to another one under the
    /// same name.
    fn begin(&mut self, now: OffsetDateTime) -> Result<(Box<dyn Mechanism>, Vec<u8>), Trouble> {
        loop {
            let way = self.way();
            let mut mechanism = self.mechanism(way, now)?;
            let trouble = match mechanism.first(&self.around) {
                Ok(token) if token.is_empty() => Trouble::new("protocol", "no first token"),
                Ok(token) => return Ok((mechanism, token)),
                Err(trouble) => trouble,
            };
            let next = self.ways.get(1).copied();
            let is_final = trouble.wrong_password || trouble.instead.is_some();
            if is_final || next.is_none_or(|next| next.word() != way.word()) {
                return Err(trouble);
            }
            self.ways.remove(0);
        }
    }

    fn mechanism(&self, way: Way, now: OffsetDateTime) -> Result<Box<dyn Mechanism>, Trouble> {
        let (user, password) = match &self.account {
            Some((user, password)) => (user.as_str(), password.as_str()),
            None => ("", ""),
        };
        if let Way::Library(package) = way {
            let identity = self
                .account
                .as_ref()
                .map(|(user, password)| Identity { user: user.clone(), password: password.clone() });
            return Ok(Box::new(System::new(package, &self.host, identity)));
        }
        let mut nonce = [0; 8];
        getrandom::fill(&mut nonce)
            .map_err(|error| Trouble::new("refused", &format!("no random numbers: {error}")))?;
        let run = Ntlm::new(Account::new(user, password), format!("HTTP/{}", self.host));
        let wrapped = way == Way::NtlmInSpnego;
        Ok(Box::new(Given { run, wrapped, nonce, now, answered: false }))
    }

    /// What the peer says under the name of the way in use (`None`: nothing, or that it refuses), and the ways it offers,
    /// in our order.
    fn offered(&self, head: &Head) -> (Option<String>, Vec<Way>) {
        let offered = challenges(head, self.side);
        let has = |way: &Way| offered.iter().any(|challenge| challenge.is(way.word()));
        let ways = self.ways.iter().copied().filter(has).collect();
        let word = self.way().word();
        let said = offered.into_iter().find(|challenge| challenge.is(word)).and_then(|said| said.token);
        let refuses = |token: &String| STANDARD.decode(token).is_ok_and(|token| spnego::is_rejection(&token));
        (said.filter(|token| !refuses(token)), ways)
    }
}

impl Scheme for Dialogue {
    fn connected(&mut self, channel: &Channel<'_>) -> Result<()> {
        let attached = &channel.attached;
        if attached.fresh {
            let begun = matches!(self.state, State::Said(_)) && self.sent > 1;
            if begun || matches!(self.state, State::Answer(..)) {
                if self.broken {
                    let detail = "the connection is closed between two steps";
                    return Err(self.error(Trouble::new("protocol", detail)));
                }
                self.broken = true;
            }
            self.state = if attached.authenticated { State::Plain } else { State::Start };
            self.sent = 0;
        }
        self.around = Around {
            binding: attached.certificate.as_deref().and_then(end_point),
            deadline: channel.deadline,
            cancel: channel.cancel.clone(),
        };
        Ok(())
    }

    fn value(&mut self, ask: &Ask<'_, '_>) -> Result<Option<String>> {
        self.withheld = false;
        let (mechanism, token) = match std::mem::replace(&mut self.state, State::Start) {
            silent @ (State::Plain | State::Silent(_)) => {
                self.state = silent;
                return Ok(None);
            }
            State::Answer(mut mechanism, token) => {
                let token = mechanism.answer(&token, &self.around).map_err(|trouble| self.error(trouble))?;
                if token.is_empty() {
                    return Err(self.error(Trouble::new("protocol", "asked again after the last token")));
                }
                (mechanism, token)
            }
            State::Start | State::Said(_) => match self.begin(ask.now) {
                Ok(begun) => begun,
                Err(trouble) if trouble.instead.is_some() || (self.asked && !trouble.wrong_password) => {
                    return Err(self.error(trouble));
                }
                Err(trouble) => {
                    self.state = State::Silent(trouble);
                    return Ok(None);
                }
            },
        };
        self.withheld = begins_ntlm(&token) && ask.body.length() > 0;
        // An empty POST is harmless only for a server that is going to refuse it.
        if self.withheld && !self.asked && self.memory.askers.find(|known| *known == self.asker).is_none() {
            (self.state, self.withheld) = (State::Plain, false);
            return Ok(None);
        }
        self.sent = self.sent.saturating_add(1);
        self.state = State::Said(mechanism);
        Ok(Some(format!("{} {}", self.way().word(), STANDARD.encode(token))))
    }

    fn answers(&self, head: &Head) -> bool {
        if head.status != self.side.status() {
            // Whoever did not ask has got a request without its body.
            return self.withheld;
        }
        let (said, ways) = self.offered(head);
        match &self.state {
            State::Start => !ways.is_empty(),
            // A wrong password is the server's to refuse, as by any other scheme.
            State::Silent(trouble) => !ways.is_empty() && !trouble.wrong_password,
            State::Plain => !ways.is_empty() && !self.reopened,
            State::Answer(..) => false,
            State::Said(mechanism) => match said {
                Some(_) => mechanism.expects_more() && stays_open(head),
                None => ways.iter().any(|way| !self.is_refused(*way)),
            },
        }
    }

    fn challenged(&mut self, head: &Head) -> Result<()> {
        if head.status != self.side.status() {
            (self.state, self.reopened) = (State::Plain, true);
            self.memory.askers.remove(|known| *known == self.asker);
            return Ok(());
        }
        self.asked = true;
        self.memory.askers.keep(self.asker.clone(), |known| *known == self.asker);
        let (said, mut ways) = self.offered(head);
        match std::mem::replace(&mut self.state, State::Start) {
            State::Silent(trouble) => return Err(self.error(trouble)),
            State::Plain => self.reopened = true,
            State::Said(mechanism) => {
                if let Some(token) = said {
                    let token = STANDARD
                        .decode(token)
                        .map_err(|_| self.error(Trouble::new("protocol", "a token that is not Base64")))?;
                    self.state = State::Answer(mechanism, token);
                    return Ok(());
                }
                ways.retain(|way| !self.is_refused(*way));
            }
            State::Start | State::Answer(..) => {}
        }
        if !ways.is_empty() {
            self.ways = ways;
        }
        Ok(())
    }

    fn settled(&mut self, head: &Head) {
        self.opened = Ok(false);
        (self.reopened, self.broken, self.withheld) = (false, false, false);
        let mut mechanism = match std::mem::replace(&mut self.state, State::Start) {
            State::Said(mechanism) => mechanism,
            other => {
                self.state = other;
                return;
            }
        };
        if head.status == self.side.status() {
            return;
        }
        let word = self.way().word();
        let token = challenges(head, self.side)
            .into_iter()
            .find(|challenge| challenge.is(word))
            .and_then(|challenge| STANDARD.decode(challenge.token?).ok());
        let finished = token.map_or(Ok(()), |token| mechanism.finish(&token, &self.around));
        // Kerberos is one token and authenticates a request, unless the server says otherwise; NTLM is a dialogue and
        // authenticates the connection.
        let lasts = match head.headers.first("persistent-auth") {
            Some(value) => value.trim().eq_ignore_ascii_case("true"),
            None => self.sent > 1,
        };
        self.opened = finished.map(|()| lasts).map_err(|trouble| self.error(trouble));
        if lasts {
            self.state = State::Plain;
        }
    }

    fn opened(&mut self) -> Result<bool> {
        std::mem::replace(&mut self.opened, Ok(false))
    }

    fn withholds_body(&self) -> bool {
        self.withheld
    }
}

/// NTLM of our own for a given account.
struct Given {
    run: Ntlm,
    wrapped: bool,
    nonce: [u8; 8],
    now: OffsetDateTime,
    answered: bool,
}

impl Mechanism for Given {
    fn first(&mut self, _around: &Around) -> Result<Vec<u8>, Trouble> {
        let token = self.run.first();
        Ok(if self.wrapped { spnego::first(token) } else { token.to_vec() })
    }

    fn answer(&mut self, token: &[u8], around: &Around) -> Result<Vec<u8>, Trouble> {
        let wrong = |words| Trouble::new("protocol", words);
        let unwrapped = if self.wrapped { Some(spnego::token_of(token).map_err(wrong)?) } else { None };
        let moment = Moment { now: self.now, nonce: self.nonce, binding: around.binding.as_deref() };
        let answer = self.run.answer(unwrapped.as_deref().unwrap_or(token), &moment).map_err(wrong)?;
        self.answered = true;
        if !self.wrapped {
            return Ok(answer);
        }
        Ok(spnego::next(&answer, self.run.sign(spnego::MECHANISMS).as_deref()))
    }

    fn expects_more(&self) -> bool {
        !self.answered
    }
}

/// Host of `scheme://host:port`, an IPv6 address without its brackets.
fn host_of(whom: &str) -> &str {
    let authority = whom.split_once("://").map_or(whom, |(_, authority)| authority);
    let port = authority.rfind(':').filter(|at| !authority.get(*at..).unwrap_or_default().contains(']'));
    port.and_then(|at| authority.get(..at)).unwrap_or(authority).trim_matches(['[', ']'])
}

/// Whether a token, in SPNEGO or not, is the first message of NTLM.
fn begins_ntlm(token: &[u8]) -> bool {
    let message = b"NTLMSSP\0\x01\0\0\0";
    token.windows(message.len()).any(|part| part == message)
}

/// Whether the connection of a challenge carries another request (RFC 9112 section 9.3).
fn stays_open(head: &Head) -> bool {
    let has = |word: &str| {
        ["connection", "proxy-connection"]
            .into_iter()
            .flat_map(|name| head.headers.all(name))
            .flat_map(|value| value.split(','))
            .any(|token| token.trim().eq_ignore_ascii_case(word))
    };
    !has("close") && (head.minor_version >= 1 || has("keep-alive"))
}
