//! One attempt as it is sent: cookies chosen for its URL, and what the plan says about credentials.

use std::borrow::Cow;

use time::OffsetDateTime;

use super::{Course, token};
use crate::engine::auth::{Ask, Fetch, Plan, Side};
use crate::engine::body::Body;
use crate::engine::cookies::Jar;
use crate::engine::error::Result;
use crate::engine::headers::Headers;
use crate::engine::prepare::Prepared;

/// Header fields of one attempt but for credentials: cookies chosen for this URL.
pub(super) fn headers<'h>(
    current: &'h Prepared<'_>,
    url: &::url::Url,
    jar: &Jar,
    now: OffsetDateTime,
) -> Cow<'h, Headers> {
    if jar.is_empty() && current.given.is_empty() && !current.headers.contains("cookie") {
        return Cow::Borrowed(&current.headers);
    }
    let mut headers = current.headers.clone();
    let written: Vec<&str> = current.headers.all("cookie").collect();
    let written = written.join("; ");
    match jar.header(url, Some(&written), &current.given, now) {
        Some(cookies) => headers.set("Cookie", cookies),
        None => headers.remove("cookie"),
    }
    Cow::Owned(headers)
}

/// One attempt as it is sent.
pub(super) struct Outgoing<'h, 'b> {
    pub(super) headers: Cow<'h, Headers>,
    /// The body, if it is not the request's own.
    pub(super) body: Option<Body<'b>>,
}

/// Adds what the plan says about credentials.
pub(super) fn outgoing<'h, 'b>(
    plan: &mut Plan,
    method: &str,
    url: &::url::Url,
    mut headers: Cow<'h, Headers>,
    body: &'b Body<'_>,
    now: OffsetDateTime,
    fetch: Option<&dyn Fetch>,
) -> Result<Outgoing<'h, 'b>> {
    let target = &url[::url::Position::BeforePath..::url::Position::AfterQuery];
    let ask = Ask { method, url, target, headers: &headers, body, now, fetch };
    let field = Side::Origin.credentials();
    let (added, body) = match plan {
        Plan::None => return Ok(Outgoing { headers, body: None }),
        Plan::Fixed(value) => (vec![(field, value.clone())], None),
        Plan::Signed(signer) => {
            let signed = signer.sign(&ask)?;
            (signed.headers, signed.body)
        }
        Plan::Dialogue(scheme) => {
            let added = scheme.value(&ask)?.map(|value| (field, value));
            (added.into_iter().collect(), scheme.withholds_body().then(Body::none))
        }
    };
    for (name, value) in added {
        headers.to_mut().set(name, value);
    }
    Ok(Outgoing { headers, body })
}

/// Asks a token endpoint on behalf of a request.
pub(super) struct Fetcher<'c, 'r> {
    pub(super) course: &'c Course<'r>,
}

impl Fetch for Fetcher<'_, '_> {
    fn post_form(
        &self,
        url: &str,
        basic: Option<(&str, &str)>,
        fields: &[(String, String)],
    ) -> Result<(u16, Vec<u8>)> {
        token::post_form(self.course, url, basic, fields)
    }

    fn check(&self) -> Result<()> {
        self.course.check_limits()
    }
}
