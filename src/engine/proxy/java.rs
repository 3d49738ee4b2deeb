//! The system's settings as Java knows them (on Android those of the network in use), asked anew for an origin at most
//! every 30 s: behind them may be a script.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use url::Url;

use super::{Proxy, ProxyKind};
use crate::engine::alone::{AtRequest, NoAnswer, ask_for_request, at_request};
use crate::engine::cancel::Cancel;
use crate::engine::error::{Error, ErrorKind, Limit, Phase, Result};
use crate::os::android::{SystemProxy, has_vm, proxy_for};

/// How long an answer is good.
const FRESH: Duration = Duration::from_secs(30);
/// Longest that is waited for one when no request waits, but maybe a person.
const PATIENCE: Duration = Duration::from_secs(2);
/// Longest that is waited for one.
const LONGEST: Duration = Duration::from_secs(30);
/// Origins remembered at most.
const ORIGINS: usize = 64;

type Known = HashMap<(String, String, u16), (Instant, Option<Arc<Proxy>>)>;

static KNOWN: Mutex<Option<Known>> = Mutex::new(None);

/// The proxy for `url`; outside, `None` where there is no VM.
pub(super) fn proxy(url: &Url) -> Option<Result<Option<Arc<Proxy>>>> {
    if !has_vm() {
        return None;
    }
    // Neither path nor query: the selector may be anybody's.
    let origin = (
        url.scheme().to_owned(),
        url.host_str()?.to_owned(),
        url.port_or_known_default().unwrap_or_default(),
    );
    if let Some((at, proxy)) = lock().get_or_insert_with(HashMap::new).get(&origin)
        && at.elapsed() < FRESH
    {
        return Some(Ok(proxy.clone()));
    }
    let (scheme, host, port) = origin.clone();
    let answer = match ask_for_request(move || proxy_for(&scheme, &host, port), LONGEST) {
        Ok(Ok(answer)) => answer,
        Ok(Err(thrown)) => return Some(Err(failed(thrown.words))),
        Err(none) => return Some(Err(unanswered(&none))),
    };
    let proxy = answer.map(|proxy| Arc::new(of_system(proxy)));
    let mut known = lock();
    let known = known.get_or_insert_with(HashMap::new);
    if known.len() >= ORIGINS {
        known.clear();
    }
    known.insert(origin, (Instant::now(), proxy.clone()));
    Some(Ok(proxy))
}

/// Questions of this thread have [`PATIENCE`] only, until the guard is dropped.
pub(super) fn patient() -> AtRequest {
    // What is remembered for the thread is dropped by code of ours when the thread ends.
    crate::os::pin_library();
    at_request(Instant::now().checked_add(PATIENCE), &Cancel::new())
}

fn lock() -> std::sync::MutexGuard<'static, Option<Known>> {
    KNOWN.lock().unwrap_or_else(PoisonError::into_inner)
}

fn of_system(proxy: SystemProxy) -> Proxy {
    let kind = if proxy.socks { ProxyKind::Socks5h } else { ProxyKind::Http };
    let bare = proxy.host.trim_start_matches('[').trim_end_matches(']');
    let host = if bare.contains(':') { format!("[{bare}]") } else { bare.to_owned() };
    Proxy { kind, host, port: proxy.port, credentials: None }
}

fn unanswered(none: &NoAnswer) -> Error {
    match none {
        NoAnswer::Cancelled => Error::new(ErrorKind::Cancelled, Phase::Prepare),
        NoAnswer::Failed(words) => failed(words.clone()),
        NoAnswer::Deadline(after) => {
            Error::new(ErrorKind::Timeout { limit: Limit::Total, after: *after }, Phase::Prepare)
        }
        NoAnswer::Busy | NoAnswer::Late(_) => {
            failed("no answer from the system's proxy selector in the time allowed".to_owned())
        }
    }
}

fn failed(detail: String) -> Error {
    let kind = ErrorKind::Proxy { proxy: String::new(), problem: "system", status: None, detail };
    Error::new(kind, Phase::Prepare)
}
