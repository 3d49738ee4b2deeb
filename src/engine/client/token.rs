//! A request in between: a form to a token endpoint, under the limits of the request that needs the token.

use std::sync::Arc;

use super::Course;
use crate::engine::auth::Credentials;
use crate::engine::cookies::Jar;
use crate::engine::error::Result;
use crate::engine::prepare;
use crate::engine::request::{Content, Output, Parameter, Redirects, Request};
use crate::engine::response::ResponseBody;
use crate::engine::store::HeapMemory;
use crate::engine::tls::TlsSettings;
use crate::engine::url::WebUrl;

/// Longest answer taken.
const LIMIT: u64 = 1 << 20;

/// Sends `fields` to `url`; status and text of the answer. Redirects are not followed: the secret is for `url`.
pub(super) fn post_form(
    course: &Course<'_>,
    url: &str,
    basic: Option<(&str, &str)>,
    fields: &[(String, String)],
) -> Result<(u16, Vec<u8>)> {
    let asked = course.request;
    let endpoint = WebUrl::parse(url)?;
    let now = course.clock.instant();
    let form = fields.iter().map(|(name, value)| (name.clone(), Parameter::Text(value.clone()))).collect();
    let output = Output::Memory { memory: Arc::new(HeapMemory), limit: LIMIT };
    let headers = [("Accept", "application/json"), ("Accept-Encoding", "identity")];
    let basic = basic.map(|(user, password)| (user.to_owned(), password.to_owned()));
    let request = Request {
        headers: headers.into_iter().collect(),
        content: Content::Form(form),
        credentials: basic.map(|(user, password)| Credentials::Basic { user, password }),
        redirects: Redirects { follow: false, ..Redirects::default() },
        limits: asked.limits.clone(),
        total: course.deadline.map(|deadline| deadline.saturating_duration_since(now)),
        tls: tls(asked, &endpoint)?,
        proxy: asked.proxy.clone(),
        guard: asked.guard.clone(),
        cancel: asked.cancel.clone(),
        ..Request::new("POST", url, output)
    };
    let memory = Arc::default();
    let prepared = prepare::prepare(&request, endpoint, &memory)?;
    let inner = Course {
        exchange: course.exchange,
        clock: course.clock,
        request: &request,
        started: now,
        deadline: course.deadline,
        jar: &mut Jar::new(),
        memory,
        tls: request.tls.clone(),
        pin: None,
        errors: Vec::new(),
        history: Vec::new(),
    };
    let response = inner.run(prepared)?;
    let text = match &response.body {
        ResponseBody::Memory(body) => body.chunks().collect::<Vec<_>>().concat(),
        ResponseBody::File { .. } => Vec::new(),
    };
    Ok((response.status, text))
}

/// TLS to the endpoint: that of the request, but for the name that was given to the request's own host.
fn tls(asked: &Request<'_>, endpoint: &WebUrl) -> Result<Arc<TlsSettings>> {
    if asked.tls.server_name.is_none() || WebUrl::parse(asked.url)?.url().host() == endpoint.url().host() {
        return Ok(asked.tls.clone());
    }
    Ok(Arc::new(TlsSettings { server_name: None, ..TlsSettings::clone(&asked.tls) }))
}
