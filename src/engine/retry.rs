//! When to ask again, and after how long. A request is repeated only when that is safe: the method is idempotent
//! (RFC 9110 section 9.2.2), nothing was sent, the server asked for it with `Retry-After`, or the caller did.

use std::time::{Duration, Instant};

use time::OffsetDateTime;

use super::date::http_date;
use super::error::{Error, ErrorKind, Limit, Phase};
use super::exchange::Head;
use super::request::Retries;

/// Methods registered as idempotent with IANA.
const IDEMPOTENT: &[&str] = &[
    "GET",
    "HEAD",
    "PUT",
    "DELETE",
    "OPTIONS",
    "TRACE",
    "QUERY",
    "PROPFIND",
    "PROPPATCH",
    "MKCOL",
    "COPY",
    "MOVE",
    "REPORT",
    "SEARCH",
    "ACL",
    "BIND",
    "REBIND",
    "UNBIND",
    "LINK",
    "UNLINK",
    "MKCALENDAR",
    "MKREDIRECTREF",
    "UPDATEREDIRECTREF",
    "ORDERPATCH",
    "BASELINE-CONTROL",
    "CHECKIN",
    "CHECKOUT",
    "UNCHECKOUT",
    "LABEL",
    "MERGE",
    "MKACTIVITY",
    "MKWORKSPACE",
    "UPDATE",
    "VERSION-CONTROL",
];

/// Whether sending the method twice means the same as once.
#[must_use]
pub fn is_idempotent(method: &str) -> bool {
    IDEMPOTENT.contains(&method)
}

/// Seconds to wait by a `Retry-After` value: a whole number, or a date (0 when it has passed). `None`: neither.
#[must_use]
pub fn retry_after(value: &str, now: OffsetDateTime) -> Option<u64> {
    let value = value.trim_matches([' ', '\t']);
    if !value.is_empty() && value.bytes().all(|b| b.is_ascii_digit()) {
        return Some(value.parse().unwrap_or(u64::MAX));
    }
    let wait = http_date(value, now)? - now;
    Some(u64::try_from(wait.whole_seconds()).unwrap_or(0))
}

/// The attempts of one hop.
#[derive(Debug)]
pub(crate) struct Attempts<'p> {
    policy: &'p Retries,
    first: Instant,
    made: u32,
}

impl<'p> Attempts<'p> {
    /// Before the first attempt.
    pub(crate) fn new(policy: &'p Retries, now: Instant) -> Self {
        Self { policy, first: now, made: 0 }
    }

    /// One more attempt begins.
    pub(crate) fn count(&mut self) {
        self.made = self.made.saturating_add(1);
    }

    /// The pause before the next attempt after a response, or `None`: the response is final.
    pub(crate) fn after_response(
        &self,
        method: &str,
        head: &Head,
        now: OffsetDateTime,
        instant: Instant,
    ) -> Option<Duration> {
        let asked = matches!(head.status, 413 | 429 | 503)
            .then(|| head.headers.first("retry-after").and_then(|value| retry_after(value, now)))
            .flatten();
        let listed = self.policy.statuses.as_ref().map(|list| list.contains(&head.status));
        let wanted = asked.is_some() || listed.unwrap_or(head.status >= 500);
        let safe =
            asked.is_some() || listed == Some(true) || is_idempotent(method) || self.policy.unsafe_methods;
        if !(wanted && safe) {
            return None;
        }
        // A date that has passed still means "not at once".
        self.pause(instant, asked.map(|seconds| Duration::from_secs(seconds.max(1))))
    }

    /// The pause before the next attempt after an error, or `None`: the error is final.
    pub(crate) fn after_error(&self, method: &str, error: &Error, instant: Instant) -> Option<Duration> {
        let passing = match &error.kind {
            ErrorKind::NameNotFound { .. }
            | ErrorKind::Connect { .. }
            | ErrorKind::Closed { .. }
            | ErrorKind::Protocol { .. } => true,
            // A certificate does not get better by asking again.
            ErrorKind::Tls { problem, .. } => problem.word == "handshake",
            ErrorKind::Timeout { limit, .. } => *limit != Limit::Total,
            // A proxy that is away, or says that the target is; no proxy changes its mind about what is allowed.
            ErrorKind::Proxy { problem, status, .. } => {
                *problem == "connect" || status.is_some_and(|status| status >= 500)
            }
            _ => false,
        };
        let unsent = matches!(error.phase, Phase::Resolve | Phase::Connect | Phase::Tls | Phase::Proxy);
        let safe = unsent || is_idempotent(method) || self.policy.unsafe_methods;
        if passing && safe { self.pause(instant, None) } else { None }
    }

    fn pause(&self, now: Instant, asked: Option<Duration>) -> Option<Duration> {
        let elapsed = now.saturating_duration_since(self.first);
        if self.made > self.policy.limit || elapsed > self.policy.time {
            return None;
        }
        let left = self.policy.time.saturating_sub(elapsed);
        let exponent = i32::try_from(self.made.saturating_sub(1)).unwrap_or(i32::MAX);
        let seconds = self.policy.ratio * 2f64.powi(exponent);
        let computed = match Duration::try_from_secs_f64(seconds) {
            Ok(pause) => pause,
            Err(_) if seconds > 0.0 => left,
            Err(_) => Duration::ZERO,
        };
        Some(asked.unwrap_or(computed).min(left))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use crate::engine::headers::Headers;
    use crate::engine::tls::plain_problem;
    use time::macros::datetime;

    const NOW: OffsetDateTime = datetime!(2019-06-03 11:00 UTC);

    fn head(status: u16, retry_after: Option<&str>) -> Head {
        Head {
            status,
            headers: retry_after.map(|v| ("Retry-After", v)).into_iter().collect::<Headers>(),
            ..Head::default()
        }
    }

    fn policy(limit: u32) -> Retries {
        Retries { limit, ..Retries::default() }
    }

    /// Pause in seconds after response number `made`, at `elapsed` seconds.
    fn pause(policy: &Retries, made: u32, elapsed: u64, method: &str, head: &Head) -> Option<u64> {
        let first = Instant::now();
        let attempts = Attempts { policy, first, made };
        attempts
            .after_response(method, head, NOW, first + Duration::from_secs(elapsed))
            .map(|pause| pause.as_secs())
    }

    #[test]
    fn pauses_double_and_end_with_the_limit_of_attempts() {
        let pauses = |policy: &Retries| {
            (1..6).map(|made| pause(policy, made, 0, "GET", &head(500, None))).collect::<Vec<_>>()
        };
        assert_eq!(pauses(&policy(4)), [Some(1), Some(2), Some(4), Some(8), None]);
        assert_eq!(pauses(&Retries { ratio: 2.0, ..policy(3) }), [Some(2), Some(4), Some(8), None, None]);
        assert_eq!(pauses(&policy(0)), [None; 5]);
    }

    #[test]
    fn the_budget_of_time_cuts_pauses_and_then_ends_the_attempts() {
        let short = Retries { time: Duration::from_secs(10), ..policy(9) };
        assert_eq!(pause(&short, 4, 3, "GET", &head(500, None)), Some(7));
        assert_eq!(pause(&short, 1, 0, "GET", &head(503, Some("3600"))), Some(10));
        assert_eq!(pause(&short, 1, 11, "GET", &head(500, None)), None);
        let wild = Retries { ratio: f64::MAX, ..short.clone() };
        assert_eq!(pause(&wild, 9, 0, "GET", &head(500, None)), Some(10));
        let nonsense = Retries { ratio: f64::NAN, ..short };
        assert_eq!(pause(&nonsense, 1, 0, "GET", &head(500, None)), Some(0));
    }

    #[test]
    fn only_safe_repeats_happen_unless_asked_for() {
        let default = policy(3);
        assert_eq!(pause(&default, 1, 0, "POST", &head(500, None)), None);
        assert_eq!(pause(&default, 1, 0, "PUT", &head(500, None)), Some(1));
        assert_eq!(pause(&default, 1, 0, "POST", &head(503, Some("5"))), Some(5));
        assert_eq!(pause(&default, 1, 0, "POST", &head(503, Some("soon"))), None);
        assert_eq!(
            pause(&Retries { unsafe_methods: true, ..policy(3) }, 1, 0, "POST", &head(500, None)),
            Some(1)
        );
        let listed = Retries { statuses: Some(vec![502]), ..policy(3) };
        assert_eq!(pause(&listed, 1, 0, "POST", &head(502, None)), Some(1));
        assert_eq!(pause(&listed, 1, 0, "GET", &head(500, None)), None);
        assert_eq!(pause(&listed, 1, 0, "GET", &head(429, Some("Mon, 03 Jun 2019 10:00:00 GMT"))), Some(1));
        assert_eq!(pause(&default, 1, 0, "GET", &head(404, Some("5"))), None);
    }

    #[test]
    fn errors_are_repeated_when_nothing_was_sent_or_the_method_is_idempotent() {
        let policy = policy(1);
        let first = Instant::now();
        let attempts = Attempts { policy: &policy, first, made: 1 };
        let closed =
            |phase| Error::new(ErrorKind::Closed { received: 0, expected: None, source: None }, phase);
        let pause = |method: &str, error: &Error| attempts.after_error(method, error, first).is_some();
        assert!(pause("GET", &closed(Phase::Head)));
        assert!(!pause("POST", &closed(Phase::Head)));
        assert!(pause("POST", &closed(Phase::Tls)));
        let timeout = |limit| Error::new(ErrorKind::Timeout { limit, after: Duration::ZERO }, Phase::Connect);
        assert!(pause("POST", &timeout(Limit::Connect)));
        assert!(!pause("GET", &timeout(Limit::Total)));
        assert!(!pause("GET", &Error::new(ErrorKind::Cancelled, Phase::Connect)));
        let tls = |word| {
            let problem = plain_problem(word, "");
            Error::new(ErrorKind::Tls { host: "host".into(), problem }, Phase::Tls)
        };
        assert!(pause("POST", &tls("handshake")));
        let proxy = |problem, status| {
            let kind = ErrorKind::Proxy { proxy: String::new(), problem, status, detail: String::new() };
            Error::new(kind, Phase::Proxy)
        };
        assert!(pause("POST", &proxy("connect", None)) && pause("POST", &proxy("refused", Some(503))));
        assert!(
            !pause("GET", &proxy("refused", Some(403))) && !pause("GET", &proxy("authentication", Some(407)))
        );
        for word in ["expired", "unknown-issuer", "pin", "certificate-required", "protocol-version", "bad-ca"]
        {
            assert!(!pause("GET", &tls(word)), "{word}");
        }
        let unsupported = ErrorKind::Unsupported { setting: "version", by: "modern" };
        assert!(!pause("GET", &Error::new(unsupported, Phase::Prepare)));
    }
}
