//! OAuth 2.0 client credentials (RFC 6749 section 4.4): a token is fetched, sent as Bearer (RFC 6750), kept until
//! shortly before its end, and fetched anew once when the server refuses it.
//!
//! A token is kept under all of the settings it was made with. The token endpoint may be plain http, as any URL with
//! credentials may; a guard that allows https alone holds for it too.

use std::sync::Arc;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;
use time::{Duration, OffsetDateTime};

use crate::engine::error::{Error, Result};
use crate::engine::exchange::Head;
use crate::engine::redact;

use super::challenge::challenges;
use super::scheme::failure;
use super::{Ask, Fetch, Memory, OAuth2, Scheme, Side};

const NAME: &str = "OAuth2";

/// A token is not used any more this long before its end, or a tenth of its life if that is shorter: the request has
/// a way to go.
const MARGIN: Duration = Duration::minutes(1);
/// Longest life that is believed.
const LONGEST: Duration = Duration::days(365);
/// Characters shown of what the endpoint says.
const SHOWN: usize = 300;

/// `application/x-www-form-urlencoded` but for the blank, which `%20` stands for as well.
const FORM: &AsciiSet = &NON_ALPHANUMERIC.remove(b'*').remove(b'-').remove(b'.').remove(b'_');

/// A request with a token, or without one where none can be fetched.
pub(crate) struct Grant {
    settings: OAuth2,
    memory: Arc<Memory>,
    /// The token of the last request.
    sent: Option<String>,
    /// A token was refused and fetched anew since the last answer.
    renewed: bool,
}

/// A token that is kept.
#[derive(Clone)]
pub(crate) struct Kept {
    settings: OAuth2,
    token: String,
    /// When to fetch another; `None`: when this one is refused.
    until: Option<OffsetDateTime>,
}

impl Grant {
    pub(crate) fn new(settings: &OAuth2, memory: &Arc<Memory>) -> Self {
        Self { settings: settings.clone(), memory: memory.clone(), sent: None, renewed: false }
    }

    fn fetch(&self, fetch: &dyn Fetch, now: OffsetDateTime) -> Result<Kept> {
        let settings = &self.settings;
        let mut fields = vec![("grant_type".to_owned(), "client_credentials".to_owned())];
        let mut add = |name: &str, value: &str| fields.push((name.to_owned(), value.to_owned()));
        if !settings.scope.is_empty() {
            add("scope", &settings.scope);
        }
        if settings.in_body {
            add("client_id", &settings.client_id);
            add("client_secret", &settings.client_secret);
        }
        settings.parameters.iter().for_each(|(name, value)| add(name, value));
        // RFC 6749 section 2.3.1: both are encoded like a form before they become user and password.
        let (id, secret) = (encoded(&settings.client_id), encoded(&settings.client_secret));
        let basic = (!settings.in_body).then_some((id.as_str(), secret.as_str()));
        let (status, text) = fetch.post_form(&settings.token_url, basic, &fields)?;
        self.understood(status, &text, now).map_err(|mut error| {
            error.method = Some("POST".to_owned());
            error.url = Some(redact::written(&settings.token_url));
            error
        })
    }

    fn understood(&self, status: u16, text: &[u8], now: OffsetDateTime) -> Result<Kept> {
        let answer: Option<Value> = serde_json::from_slice(text).ok();
        if status != 200 {
            return Err(self.refused(status, answer.as_ref()));
        }
        let answer = answer.ok_or_else(|| failure(NAME, "protocol", "the answer is not JSON"))?;
        let (token, life) = read(&answer)?;
        let margin = life.map(|life| MARGIN.min(life / 10));
        let left = life.zip(margin).map(|(life, margin)| life - margin);
        let until = left.and_then(|left| now.checked_add(left));
        Ok(Kept { settings: self.settings.clone(), token, until })
    }

    /// RFC 6749 section 5.2. The endpoint's words, in case it repeats what it was sent, without that.
    fn refused(&self, status: u16, answer: Option<&Value>) -> Error {
        let mut detail = status.to_string();
        for (name, separator) in [("error", " "), ("error_description", ": ")] {
            if let Some(Value::String(words)) = answer.and_then(|answer| answer.get(name)) {
                detail.push_str(separator);
                detail.push_str(&self.masked(words));
            }
        }
        failure(NAME, "refused", detail)
    }

    fn masked(&self, words: &str) -> String {
        let OAuth2 { client_secret, parameters, .. } = &self.settings;
        // What is a secret among further fields is not known here; a word of a few letters cannot be one.
        let further = parameters.iter().map(|(_, value)| value).filter(|value| value.chars().count() > 3);
        let mut shown = words.to_owned();
        for secret in [client_secret].into_iter().chain(further).filter(|secret| !secret.is_empty()) {
            shown = shown.replace(secret.as_str(), "***").replace(&encoded(secret), "***");
        }
        shown.chars().map(|c| if c.is_control() { ' ' } else { c }).take(SHOWN).collect()
    }
}

impl Scheme for Grant {
    fn value(&mut self, ask: &Ask<'_, '_>) -> Result<Option<String>> {
        let is_good =
            |kept: &Kept| kept.settings == self.settings && kept.until.is_none_or(|until| ask.now < until);
        let kept = match (self.memory.tokens.find(is_good), ask.fetch) {
            (Some(kept), _) => kept,
            (None, Some(fetch)) => {
                let kept = self.fetch(fetch, ask.now)?;
                self.memory.tokens.keep(kept.clone(), |known| known.settings == self.settings);
                kept
            }
            (None, None) => return Ok(None),
        };
        self.sent = Some(kept.token.clone());
        Ok(Some(format!("Bearer {}", kept.token)))
    }

    fn answers(&self, head: &Head) -> bool {
        // RFC 6750 section 3.1. A server that gives no reason may mean an expired token as well.
        let expired = || {
            let list = challenges(head, Side::Origin);
            let reason = list.iter().filter(|one| one.is("Bearer")).find_map(|one| one.get("error"));
            reason.is_none_or(|reason| reason.eq_ignore_ascii_case("invalid_token"))
        };
        head.status == Side::Origin.status() && self.sent.is_some() && !self.renewed && expired()
    }

    fn challenged(&mut self, _head: &Head) -> Result<()> {
        self.renewed = true;
        // Another request of the session may have fetched a new one already: that one stays.
        if let Some(refused) = self.sent.take() {
            self.memory.tokens.remove(|known| known.settings == self.settings && known.token == refused);
        }
        Ok(())
    }

    fn settled(&mut self, _head: &Head) {
        self.renewed = false;
    }
}

/// Token and life of a successful answer (RFC 6749 section 5.1).
fn read(answer: &Value) -> Result<(String, Option<Duration>)> {
    let bad = |detail: &str| Err(failure(NAME, "protocol", detail));
    // Required, and left out all the same.
    match answer.get("token_type") {
        None | Some(Value::Null) => {}
        Some(Value::String(kind)) if kind.eq_ignore_ascii_case("bearer") => {}
        Some(_) => return bad("token_type is not Bearer"),
    }
    let token = match answer.get("access_token") {
        Some(Value::String(token)) if !token.is_empty() => token,
        _ => return bad("no access_token"),
    };
    if !token.bytes().all(|byte| byte.is_ascii_graphic()) {
        return bad("access_token has characters that no header may have");
    }
    // Some write the number as a text.
    let seconds: Option<f64> = match answer.get("expires_in") {
        Some(Value::Number(number)) => number.as_f64(),
        Some(Value::String(number)) => number.trim().parse().ok(),
        _ => None,
    };
    let life = seconds
        .filter(|seconds| seconds.is_finite())
        .map(|seconds| Duration::seconds_f64(seconds.clamp(0.0, LONGEST.as_seconds_f64())));
    Ok((token.clone(), life))
}

fn encoded(text: &str) -> String {
    utf8_percent_encode(text, FORM).to_string()
}

#[cfg(test)]
mod tests;
