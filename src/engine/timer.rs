//! Deadlines of one hop. Every wait asks here how long it may last; nothing waits longer than the answer.

use std::time::{Duration, Instant};

use super::cancel::Cancel;
use super::error::{Error, ErrorKind, Limit, Phase};

/// What a blocking operation needs to know: how long it may last, who may end it, and what to call it in an error.
#[derive(Debug, Clone)]
pub(crate) struct Wait<'a> {
    /// Deadlines.
    pub(crate) timer: Timer,
    /// Cancelling from another thread.
    pub(crate) cancel: &'a Cancel,
    /// What is being done.
    pub(crate) phase: Phase,
}

impl Wait<'_> {
    /// How long one operation may last from now: `None` without limit.
    ///
    /// # Errors
    /// Cancelled, or no time left.
    pub(crate) fn left(&self) -> Result<Option<Duration>, Error> {
        if self.cancel.is_cancelled() {
            return Err(Error::new(ErrorKind::Cancelled, self.phase));
        }
        self.timer.left(self.phase)
    }
}

/// What bounds the waits of one phase: the silence allowed, and a point in time.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Timer {
    idle: Option<Duration>,
    until: Option<Until>,
    silent_since: Instant,
}

#[derive(Debug, Clone, Copy)]
struct Until {
    at: Instant,
    limit: Limit,
    after: Duration,
}

impl Timer {
    /// A timer with the deadline of the whole request only.
    pub(crate) fn new(now: Instant, deadline: Option<Instant>) -> Self {
        let until =
            deadline.map(|at| Until { at, limit: Limit::Total, after: at.saturating_duration_since(now) });
        Self { idle: None, until, silent_since: now }
    }

    /// This timer, additionally ended `limit` after `now`.
    pub(crate) fn within(mut self, limit: Limit, after: Option<Duration>, now: Instant) -> Self {
        if let Some(after) = after
            && let Some(at) = now.checked_add(after)
            && self.until.is_none_or(|until| at < until.at)
        {
            self.until = Some(Until { at, limit, after });
        }
        self
    }

    /// This timer, additionally ended by a silence of `idle`.
    pub(crate) fn idle(mut self, idle: Option<Duration>) -> Self {
        self.idle = idle;
        self
    }

    /// Something moved: silence starts anew.
    pub(crate) fn progress(&mut self) {
        if self.idle.is_some() {
            self.silent_since = Instant::now();
        }
    }

    /// How long one wait may last from now: `None` without limit.
    ///
    /// # Errors
    /// [`ErrorKind::Timeout`] when no time is left.
    pub(crate) fn left(&self, phase: Phase) -> Result<Option<Duration>, Error> {
        if self.idle.is_none() && self.until.is_none() {
            return Ok(None);
        }
        let now = Instant::now();
        let mut left = None;
        if let Some(until) = self.until {
            let rest = until.at.saturating_duration_since(now);
            if rest.is_zero() {
                return Err(timeout(until.limit, until.after, phase));
            }
            left = Some(rest);
        }
        if let Some(idle) = self.idle {
            let rest = idle.saturating_sub(now.saturating_duration_since(self.silent_since));
            if rest.is_zero() {
                return Err(timeout(Limit::Idle, idle, phase));
            }
            left = Some(left.map_or(rest, |left| left.min(rest)));
        }
        Ok(left)
    }
}

fn timeout(limit: Limit, after: Duration, phase: Phase) -> Error {
    Error::new(ErrorKind::Timeout { limit, after }, phase)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn the_earlier_of_two_deadlines_is_named() {
        let now = Instant::now() - Duration::from_secs(5);
        let timer = Timer::new(now, Some(now + Duration::from_secs(3)));
        let timer = timer.within(Limit::Connect, Some(Duration::from_secs(1)), now);
        let error = timer.left(Phase::Connect).unwrap_err();
        let ErrorKind::Timeout { limit, after } = error.kind else { panic!("{error:?}") };
        assert_eq!((limit, after), (Limit::Connect, Duration::from_secs(1)));
    }

    #[test]
    fn silence_ends_a_wait_before_a_far_deadline() {
        let now = Instant::now();
        let timer = Timer::new(now, Some(now + Duration::from_secs(60))).idle(Some(Duration::from_secs(2)));
        assert!(timer.left(Phase::Body).unwrap().unwrap() <= Duration::from_secs(2));
    }

    #[test]
    fn no_limits_mean_no_bound() {
        assert_eq!(Timer::new(Instant::now(), None).left(Phase::Head).unwrap(), None);
    }
}
