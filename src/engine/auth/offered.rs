//! A user and password for whatever a proxy asks for: the best scheme of its challenge that there is here, Negotiate,
//! NTLM, Digest and Basic in that order. What turns out not to work on this system gives way to the next; a refusal by
//! the proxy leads to nothing weaker.
//!
//! Basic waits for a challenge, too, so that a proxy of Digest is never told the password; once a proxy has taken it,
//! it goes along from the start.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::engine::error::{Error, ErrorKind, Result};
use crate::engine::exchange::Head;

use super::challenge::challenges;
use super::digest::Digest;
use super::negotiate::of_connection;
use super::plan::basic;
use super::scheme::failure;
use super::{Ask, Channel, Credentials, Memory, Scheme, Side};

/// The dialogue with the proxy called `proxy` (`scheme://host:port`). Every head from it must be told: a 407 that
/// [`Scheme::answers`] to [`Scheme::challenged`], any other to [`Scheme::settled`].
pub(crate) fn for_proxy(credentials: &Credentials, memory: &Arc<Memory>, proxy: &str) -> Box<dyn Scheme> {
    match credentials {
        Credentials::Basic { user, password } => Box::new(Offered {
            user: user.clone(),
            password: password.clone(),
            proxy: proxy.to_owned(),
            memory: memory.clone(),
            chosen: None,
            others: VecDeque::new(),
            challenge: None,
        }),
        Credentials::Digest { user, password } => Box::new(Digest::with_proxy(user, password, proxy, memory)),
        other => of_connection(other, proxy, Side::Proxy, memory).unwrap_or_else(|| Box::new(Silent)),
    }
}

/// The scheme of that name for a user and password; `None` where it is not there.
fn named(
    scheme: &str,
    user: &str,
    password: &str,
    proxy: &str,
    memory: &Arc<Memory>,
) -> Option<Box<dyn Scheme>> {
    let (user, password) = (user.to_owned(), password.to_owned());
    let credentials = match scheme {
        "Negotiate" => Credentials::Negotiate { user, password },
        "NTLM" => Credentials::Ntlm { user, password },
        _ => return None,
    };
    of_connection(&credentials, proxy, Side::Proxy, memory)
}

/// A choice to be made, or made.
struct Offered {
    user: String,
    password: String,
    proxy: String,
    memory: Arc<Memory>,
    chosen: Option<Box<dyn Scheme>>,
    /// What else would answer the challenge, until something was sent.
    others: VecDeque<Box<dyn Scheme>>,
    challenge: Option<Head>,
}

impl Offered {
    /// The dialogues that would answer this challenge, best first.
    fn candidates(&self, head: &Head) -> VecDeque<Box<dyn Scheme>> {
        if head.status != Side::Proxy.status() {
            return VecDeque::new();
        }
        let offered = challenges(head, Side::Proxy);
        let dialogue = |name: &str| -> Option<Box<dyn Scheme>> {
            let Self { user, password, proxy, memory, .. } = self;
            Some(match name {
                "Digest" => Box::new(Digest::with_proxy(user, password, proxy, memory)),
                "Basic" => Box::new(self.basic(false)),
                _ => named(name, user, password, proxy, memory)?,
            })
        };
        ["Negotiate", "NTLM", "Digest", "Basic"]
            .into_iter()
            .filter(|name| offered.iter().any(|challenge| challenge.is(name)))
            .filter_map(dialogue)
            .filter(|scheme| scheme.answers(head))
            .collect()
    }

    fn basic(&self, sent: bool) -> Basic {
        let entry = (self.proxy.clone(), self.user.clone(), self.password.clone());
        Basic { entry, memory: self.memory.clone(), ready: sent, sent }
    }

    /// What this proxy took before, by the session's memory.
    fn remembered(&self) -> Box<dyn Scheme> {
        let basic = self.basic(true);
        if self.memory.basic_proxies.find(|known| *known == basic.entry).is_some() {
            return Box::new(basic);
        }
        Box::new(Digest::with_proxy(&self.user, &self.password, &self.proxy, &self.memory))
    }
}

impl Scheme for Offered {
    fn value(&mut self, ask: &Ask<'_, '_>) -> Result<Option<String>> {
        while let Some(chosen) = &mut self.chosen {
            match (chosen.value(ask), self.others.pop_front(), &self.challenge) {
                (Err(error), Some(mut next), Some(challenge)) if is_missing(&error) => {
                    next.challenged(challenge)?;
                    self.chosen = Some(next);
                }
                (result, ..) => {
                    self.others.clear();
                    return result;
                }
            }
        }
        let mut remembered = self.remembered();
        let value = remembered.value(ask)?;
        if value.is_some() {
            self.chosen = Some(remembered);
        }
        Ok(value)
    }

    fn answers(&self, head: &Head) -> bool {
        match &self.chosen {
            Some(chosen) => chosen.answers(head),
            None => !self.candidates(head).is_empty(),
        }
    }

    fn challenged(&mut self, head: &Head) -> Result<()> {
        if self.chosen.is_none() {
            self.others = self.candidates(head);
            self.chosen = self.others.pop_front();
            self.challenge = Some(head.clone());
        }
        match &mut self.chosen {
            Some(chosen) => chosen.challenged(head),
            None => Err(failure("", "protocol", "no challenge")),
        }
    }

    fn settled(&mut self, head: &Head) {
        if let Some(chosen) = &mut self.chosen {
            chosen.settled(head);
        }
        if head.status == Side::Proxy.status() {
            self.chosen = None;
        }
    }

    fn connected(&mut self, channel: &Channel<'_>) -> Result<()> {
        self.chosen.as_mut().map_or(Ok(()), |chosen| chosen.connected(channel))
    }

    fn opened(&mut self) -> Result<bool> {
        self.chosen.as_mut().map_or(Ok(false), |chosen| chosen.opened())
    }

    fn withholds_body(&self) -> bool {
        self.chosen.as_ref().is_some_and(|chosen| chosen.withholds_body())
    }
}

/// Whether a scheme cannot begin here, whoever is asked.
fn is_missing(error: &Error) -> bool {
    let ErrorKind::Authentication { problem, .. } = &error.kind else { return false };
    matches!(*problem, "no-library" | "no-credentials" | "unsupported")
}

/// Basic (RFC 7617) after a challenge, or at once with a proxy that has taken it before.
struct Basic {
    entry: (String, String, String),
    memory: Arc<Memory>,
    ready: bool,
    /// They have been sent; if they are refused now, they are wrong.
    sent: bool,
}

impl Scheme for Basic {
    fn value(&mut self, _ask: &Ask<'_, '_>) -> Result<Option<String>> {
        self.sent |= self.ready;
        let (_, user, password) = &self.entry;
        Ok(self.ready.then(|| basic(user, password)))
    }

    fn answers(&self, head: &Head) -> bool {
        let is_offered = || challenges(head, Side::Proxy).iter().any(|challenge| challenge.is("Basic"));
        head.status == Side::Proxy.status() && !self.sent && is_offered()
    }

    fn challenged(&mut self, _head: &Head) -> Result<()> {
        self.ready = true;
        Ok(())
    }

    fn settled(&mut self, head: &Head) {
        if head.status == Side::Proxy.status() {
            self.memory.basic_proxies.remove(|known| *known == self.entry);
        } else if self.sent {
            self.memory.basic_proxies.keep(self.entry.clone(), |known| *known == self.entry);
        }
    }
}

/// Credentials that a proxy cannot be given.
struct Silent;

impl Scheme for Silent {
    fn value(&mut self, _ask: &Ask<'_, '_>) -> Result<Option<String>> {
        Ok(None)
    }

    fn answers(&self, _head: &Head) -> bool {
        false
    }

    fn challenged(&mut self, _head: &Head) -> Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests;
