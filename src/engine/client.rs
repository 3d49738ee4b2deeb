//! The client: one readable loop over redirects, and inside it one over attempts. It decides; [`Exchange`] moves the
//! bytes. Whatever a hop's answer means is decided when its head is there, so that only the body somebody wants is
//! kept. The jar learns from every response that came in whole, and from nothing else.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::auth::{Channel, Credentials, Memory, Plan, Side};
use super::body::Body;
use super::clock::{Clock, SystemClock};
use super::cookies::{Cookies, Jar};
use super::error::{Error, ErrorKind, Limit, Phase, Result};
use super::exchange::{Exchange, Head, Hop, Pin};
use super::headers::Headers;
use super::prepare::{self, Prepared};
use super::redirect::{self, Next, Refused};
use super::request::Request;
use super::response::{Redirected, Response, ResponseBody};
use super::retry::{Attempts, is_idempotent};
use super::tls::TlsSettings;
use super::transport::Transport;
use super::url::WebUrl;
use outgoing::{Fetcher, Outgoing, headers, outgoing};
use sink::{Deciding, Store};

/// Errors of overcome attempts kept at most: a ratio of 0 allows thousands in a second.
const ERRORS: usize = 100;
/// Challenges answered at most within one attempt: a dialogue of Negotiate takes a few.
const CHALLENGES: usize = 10;

/// A client with its own cookies and connections, or one that shares connections and keeps nothing.
pub struct Client {
    exchange: Arc<dyn Exchange>,
    /// `None`: cookies live for one request.
    jar: Option<Jar>,
    clock: Arc<dyn Clock>,
    /// What was learned of authentication. Empty again for every request of a client without state.
    memory: Arc<Memory>,
    /// The URL of the last request as written and as understood: the same one is often asked for again and again.
    last_url: Option<(String, WebUrl)>,
}

impl Client {
    /// A client that shares the process-wide pool and keeps no state (one-off requests). Cookies set on the way are
    /// sent on within the same request.
    #[must_use]
    pub fn shared() -> Self {
        Self::stateless(Transport::shared())
    }

    /// A client with its own pool and cookie jar (a session).
    #[must_use]
    pub fn session() -> Self {
        Self::stateful(Arc::new(Transport::private()))
    }

    /// A client without state over any exchange.
    #[must_use]
    pub fn stateless(exchange: Arc<dyn Exchange>) -> Self {
        Self { exchange, jar: None, clock: Arc::new(SystemClock), memory: Arc::default(), last_url: None }
    }

    /// A client with a cookie jar over any exchange.
    #[must_use]
    pub fn stateful(exchange: Arc<dyn Exchange>) -> Self {
        Self { jar: Some(Jar::new()), ..Self::stateless(exchange) }
    }

    /// The same client by another clock.
    #[must_use]
    pub fn with_clock(self, clock: Arc<dyn Clock>) -> Self {
        Self { clock, ..self }
    }

    /// The cookies of the jar that have not expired. Empty for a client without state.
    #[must_use]
    pub fn cookies(&self) -> Cookies {
        self.jar.as_ref().map(|jar| jar.export(self.clock.now())).unwrap_or_default()
    }

    /// Replaces the jar's cookies. Does nothing for a client without state.
    pub fn set_cookies(&mut self, cookies: &Cookies) {
        if let Some(jar) = &mut self.jar {
            *jar = Jar::import(cookies, self.clock.now());
        }
    }

    /// Closes the connections that are kept and not in use. Does nothing for a client that shares its connections
    /// with others.
    pub fn close_connections(&mut self) {
        if self.jar.is_some() {
            self.exchange.close_idle();
        }
    }

    fn url(&mut self, text: &str) -> Result<WebUrl> {
        if let Some((known, url)) = &self.last_url
            && known == text
        {
            return Ok(url.clone());
        }
        let url = WebUrl::parse(text)?;
        self.last_url = Some((text.to_owned(), url.clone()));
        Ok(url)
    }

    /// Sends a request, follows redirects, repeats what may be repeated.
    ///
    /// # Errors
    /// See [`ErrorKind`]. The client stays usable.
    pub fn execute(&mut self, request: &Request<'_>) -> Result<Response> {
        let memory = self.memory();
        let prepared = self
            .url(request.url)
            .and_then(|url| prepare::prepare(request, url, &memory))
            .map_err(|error| about(error, request.method, None))?;
        let mut own = Jar::new();
        let jar = self.jar.as_mut().unwrap_or(&mut own);
        let started = self.clock.instant();
        let course = Course {
            exchange: &*self.exchange,
            clock: &*self.clock,
            request,
            started,
            deadline: request.total.and_then(|total| started.checked_add(total)),
            jar,
            memory,
            tls: request.tls.clone(),
            pin: None,
            errors: Vec::new(),
            history: Vec::new(),
        };
        course.run(prepared)
    }

    fn memory(&self) -> Arc<Memory> {
        if self.jar.is_some() { self.memory.clone() } else { Arc::default() }
    }
}

/// What a request would send first.
pub struct Preview {
    /// Method.
    pub method: String,
    /// URL as a response would report it.
    pub url: String,
    /// Header fields, credentials and cookies included, without the framing ones.
    pub headers: Headers,
    /// Length of the body in bytes.
    pub body_size: u64,
}

impl Client {
    /// What [`Client::execute`] would send first. Sends nothing and changes nothing.
    ///
    /// # Errors
    /// Those of a request that cannot be sent as asked.
    pub fn preview(&self, request: &Request<'_>) -> Result<Preview> {
        let failed = |error| about(error, request.method, None);
        let mut prepared = WebUrl::parse(request.url)
            .and_then(|url| prepare::prepare(request, url, &Arc::new(self.memory().copy())))
            .map_err(failed)?;
        let none = Jar::new();
        let jar = self.jar.as_ref().unwrap_or(&none);
        let now = self.clock.now();
        let wire_url = prepared.url.for_wire();
        let mut plan = std::mem::take(&mut prepared.plan);
        let headers = headers(&prepared, &wire_url, jar, now);
        // A dialogue begins with what the server asks; what is known without asking is shown. What authenticates a
        // connection is not: there is none.
        if request.credentials.as_ref().is_some_and(Credentials::bind_connection) {
            plan = Plan::None;
        }
        let outgoing = outgoing(&mut plan, &prepared.method, &wire_url, headers, &prepared.body, now, None)
            .map_err(failed)?;
        let headers = outgoing.headers.into_owned();
        let body_size = outgoing.body.as_ref().unwrap_or(&prepared.body).length();
        Ok(Preview { url: prepared.url.text(), method: prepared.method, headers, body_size })
    }
}

impl std::fmt::Debug for Preview {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Preview({} with {} bytes)", self.method, self.body_size)
    }
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client").field("jar", &self.jar).finish_non_exhaustive()
    }
}

/// One request on its way.
struct Course<'c> {
    exchange: &'c dyn Exchange,
    clock: &'c dyn Clock,
    request: &'c Request<'c>,
    started: Instant,
    deadline: Option<Instant>,
    jar: &'c mut Jar,
    memory: Arc<Memory>,
    /// TLS of the current hop.
    tls: Arc<TlsSettings>,
    /// Holds the connection while the plan authenticates connections.
    pin: Option<Pin>,
    errors: Vec<Error>,
    history: Vec<Redirected>,
}

/// What the head of a response means.
enum Verdict {
    /// This is the answer.
    Final,
    /// Ask elsewhere.
    Follow(Next),
    /// The redirect may not be followed.
    Refuse(Refused),
    /// Ask again after a pause.
    Again(Duration),
    /// A challenge that can be answered: ask again at once.
    Challenge,
}

/// A hop's last response.
struct Answer {
    head: Head,
    verdict: Verdict,
    cookies: Cookies,
    body: ResponseBody,
}

impl Course<'_> {
    fn run(mut self, current: Prepared<'_>) -> Result<Response> {
        let result = self.follow(current);
        match self.pin.take() {
            Some(pin) if result.is_ok() => self.exchange.release(pin),
            // In the middle of a dialogue nobody knows what the next request on it would mean.
            Some(pin) => pin.close(),
            None => {}
        }
        result
    }

    fn follow(&mut self, mut current: Prepared<'_>) -> Result<Response> {
        loop {
            self.hold(&current);
            let hop_started = self.clock.instant();
            let answer = self
                .hop(&mut current)
                .map_err(|error| at(total_as_asked(error, self.request.total), &current))?;
            match answer.verdict {
                Verdict::Follow(next) => {
                    let next =
                        self.step(&current, &answer.head, next).map_err(|error| at(error, &current))?;
                    let shown = current.url.shown();
                    if !next.with_secrets {
                        self.leave(&current.url, &next.url);
                    }
                    go(&mut current, next, &self.memory)
                        .map_err(|error| about(error, self.request.method, Some(&shown)))?;
                }
                Verdict::Refuse(refused) => {
                    let Refused { problem, location } = refused;
                    let chain = self.chain(&current.url.shown());
                    let kind = ErrorKind::Redirect { problem, location, chain };
                    return Err(at(Error::new(kind, Phase::Redirect), &current));
                }
                Verdict::Final | Verdict::Again(_) | Verdict::Challenge => {
                    let now = self.clock.instant();
                    return Ok(Response {
                        method: current.method,
                        url_text: current.url.text(),
                        url: current.url.into_url(),
                        status: answer.head.status,
                        reason: answer.head.reason,
                        headers: answer.head.headers,
                        body: answer.body,
                        history: std::mem::take(&mut self.history),
                        cookies: answer.cookies,
                        elapsed: now.saturating_duration_since(hop_started),
                        total: now.saturating_duration_since(self.started),
                        errors: std::mem::take(&mut self.errors),
                        notes: answer.head.notes,
                    });
                }
            }
        }
    }

    /// What TLS was told of an origin stays there: who we are to it, and the name of its host. Whom to trust and which
    /// keys to accept holds everywhere.
    fn leave(&mut self, from: &WebUrl, to: &WebUrl) {
        let renames = self.tls.server_name.is_some() && from.url().host() != to.url().host();
        if self.tls.identity.is_some() || renames {
            let mut settings = TlsSettings::clone(&self.tls);
            settings.identity = None;
            if renames {
                settings.server_name = None;
            }
            self.tls = Arc::new(settings);
        }
    }

    /// Credentials that authenticate connections get one for themselves.
    fn hold(&mut self, current: &Prepared<'_>) {
        let binding = match &current.plan {
            Plan::Dialogue(_) => self.request.credentials.as_ref().filter(|given| given.bind_connection()),
            _ => None,
        };
        match binding {
            Some(credentials) => {
                self.pin.get_or_insert_with(|| Pin::new(Arc::new(credentials.clone())));
            }
            None => {
                if let Some(pin) = self.pin.take() {
                    self.exchange.release(pin);
                }
            }
        }
    }

    /// Notes a redirect, unless there were too many.
    fn step(&mut self, current: &Prepared<'_>, head: &Head, next: Next) -> Result<Next> {
        let limit = self.request.redirects.limit;
        if self.history.len() as u64 >= u64::from(limit) {
            let mut chain = self.chain(&current.url.shown());
            chain.push(next.url.shown());
            return Err(Error::new(ErrorKind::TooManyRedirects { limit, chain }, Phase::Redirect));
        }
        self.history.push(Redirected {
            method: current.method.clone(),
            url: current.url.shown(),
            status: head.status,
            location: next.url.shown(),
        });
        Ok(next)
    }

    /// URLs visited, the current one last.
    fn chain(&self, current: &str) -> Vec<String> {
        self.history.iter().map(|step| step.url.clone()).chain([current.to_owned()]).collect()
    }

    /// One URL: as many attempts as the retry rules allow.
    fn hop(&mut self, current: &mut Prepared<'_>) -> Result<Answer> {
        let mut attempts = Attempts::new(&self.request.retries, self.clock.instant());
        loop {
            self.check_limits()?;
            attempts.count();
            match self.attempt(current, &attempts) {
                Ok(Answer { verdict: Verdict::Again(pause), .. }) => self.pause(pause)?,
                Ok(answer) => return Ok(answer),
                Err(error) => match attempts.after_error(&current.method, &error, self.clock.instant()) {
                    Some(pause) if self.fits(pause) => {
                        if self.errors.len() < ERRORS {
                            self.errors.push(at(error, current));
                        }
                        self.pause(pause)?;
                    }
                    _ => return Err(error),
                },
            }
        }
    }

    /// One attempt: a request, and another for every challenge that can be answered.
    fn attempt(&mut self, current: &mut Prepared<'_>, attempts: &Attempts<'_>) -> Result<Answer> {
        for _ in 0..CHALLENGES {
            let answer = match self.ask(current, attempts) {
                // The server closed a pinned connection before it answered: from the beginning, on another one. How
                // often is for the dialogue to say.
                Err(_) if self.pin.as_ref().is_some_and(Pin::was_lost) => {
                    self.check_limits()?;
                    continue;
                }
                answer => answer?,
            };
            let Plan::Dialogue(scheme) = &mut current.plan else { return Ok(answer) };
            match answer.verdict {
                Verdict::Challenge => scheme.challenged(&answer.head)?,
                _ => {
                    scheme.settled(&answer.head);
                    let opened = scheme.opened()?;
                    match &self.pin {
                        // What was refused in the middle of something is not kept for anybody.
                        Some(pin) if answer.head.status == Side::Origin.status() => pin.close(),
                        Some(pin) if opened => pin.authenticate(),
                        _ => {}
                    }
                    return Ok(answer);
                }
            }
            self.check_limits()?;
        }
        let scheme = self.request.credentials.as_ref().map_or("", Credentials::scheme);
        let detail = format!("more than {CHALLENGES} challenges");
        let kind = ErrorKind::Authentication { scheme, problem: "protocol", detail };
        Err(Error::new(kind, Phase::Authentication))
    }

    fn ask(&mut self, current: &mut Prepared<'_>, attempts: &Attempts<'_>) -> Result<Answer> {
        let url = current.url.for_wire();
        let now = self.clock.now();
        let mut plan = std::mem::take(&mut current.plan);
        let headers = headers(current, &url, self.jar, now);
        let fetch = Fetcher { course: self };
        let outgoing = self.connect(&mut plan, &current.method, &url, &headers).and_then(|()| {
            outgoing(&mut plan, &current.method, &url, headers, &current.body, now, Some(&fetch))
        });
        // The borrow of `current` ends with what was made of it, so the plan goes back last.
        let result = outgoing.and_then(|outgoing| self.send(current, &plan, &url, &outgoing, attempts));
        current.plan = plan;
        result
    }

    /// Tells a plan that authenticates connections which one it has.
    fn connect(&self, plan: &mut Plan, method: &str, url: &::url::Url, headers: &Headers) -> Result<()> {
        let (Plan::Dialogue(scheme), Some(_)) = (plan, &self.pin) else { return Ok(()) };
        // The headers have what opening a tunnel needs.
        let attached = self.exchange.attach(&self.hop_of(method, url, headers, &Body::none(), true))?;
        scheme.connected(&Channel { attached, deadline: self.deadline, cancel: &self.request.cancel })
    }

    fn hop_of<'h>(
        &'h self,
        method: &'h str,
        url: &'h ::url::Url,
        headers: &'h Headers,
        body: &'h Body<'h>,
        repeatable: bool,
    ) -> Hop<'h> {
        Hop {
            method,
            url,
            target: None,
            headers,
            body,
            tls: &self.tls,
            proxy: &self.request.proxy,
            guard: &self.request.guard,
            pin: self.pin.as_ref(),
            limits: &self.request.limits,
            deadline: self.deadline,
            cancel: &self.request.cancel,
            repeatable,
        }
    }

    fn send(
        &mut self,
        current: &Prepared<'_>,
        plan: &Plan,
        url: &::url::Url,
        outgoing: &Outgoing<'_, '_>,
        attempts: &Attempts<'_>,
    ) -> Result<Answer> {
        let body = outgoing.body.as_ref().unwrap_or(&current.body);
        let withheld = matches!(plan, Plan::Dialogue(scheme) if scheme.withholds_body());
        let repeatable = withheld || is_idempotent(&current.method);
        let hop = self.hop_of(&current.method, url, &outgoing.headers, body, repeatable);
        let decide = |head: &Head| self.decide(current, plan, attempts, head);
        let mut store = Store::new(&self.request.output);
        let mut sink = Deciding { inner: store.sink(), decide: &decide, verdict: None };
        let head = self.exchange.exchange(&hop, &mut sink)?;
        let verdict = sink.verdict.take().unwrap_or_else(|| decide(&head));
        let cookies = if head.headers.contains("set-cookie") {
            self.jar.receive(head.headers.all("set-cookie"), url, self.clock.now())
        } else {
            Cookies::default()
        };
        Ok(Answer { head, verdict, cookies, body: store.into_body() })
    }

    fn decide(&self, current: &Prepared<'_>, plan: &Plan, attempts: &Attempts<'_>, head: &Head) -> Verdict {
        if let Plan::Dialogue(scheme) = plan
            && scheme.answers(head)
        {
            return Verdict::Challenge;
        }
        match redirect::next(&self.request.redirects, &current.method, &current.url, head) {
            Ok(Some(next)) => return Verdict::Follow(next),
            Err(refused) => return Verdict::Refuse(refused),
            Ok(None) => {}
        }
        match attempts.after_response(&current.method, head, self.clock.now(), self.clock.instant()) {
            Some(pause) if self.fits(pause) => Verdict::Again(pause),
            _ => Verdict::Final,
        }
    }

    /// Whether there would be time left after a pause: an answer at hand is worth more than a timeout later.
    fn fits(&self, pause: Duration) -> bool {
        let after = self.clock.instant().checked_add(pause);
        self.deadline.is_none_or(|deadline| after.is_some_and(|after| after < deadline))
    }

    fn pause(&self, length: Duration) -> Result<()> {
        if self.clock.pause(length, &self.request.cancel) {
            return Err(Error::new(ErrorKind::Cancelled, Phase::Prepare));
        }
        Ok(())
    }

    fn check_limits(&self) -> Result<()> {
        if self.request.cancel.is_cancelled() {
            return Err(Error::new(ErrorKind::Cancelled, Phase::Prepare));
        }
        match (self.deadline, self.request.total) {
            (Some(deadline), Some(after)) if self.clock.instant() >= deadline => {
                Err(Error::new(ErrorKind::Timeout { limit: Limit::Total, after }, Phase::Prepare))
            }
            _ => Ok(()),
        }
    }
}

/// Makes the current request that of the next hop.
fn go(current: &mut Prepared<'_>, next: Next, memory: &Arc<Memory>) -> Result<()> {
    redirect::strip(&mut current.headers, &next);
    if !next.with_body {
        current.body = Body::none();
    }
    if !next.with_secrets {
        current.plan = Plan::None;
    }
    // User information written into a Location is for that URL, wherever it leads.
    // What the caller wrote itself wins over it.
    if let Some(user) = next.url.user()
        && !current.headers.contains("authorization")
    {
        current.plan = Plan::new(None, Some(user), &next.url.origin(), memory)?;
    }
    current.method = next.method;
    current.url = next.url;
    Ok(())
}

/// Says that an error belongs to the current hop. A function, because the text of the URL is made only when needed.
fn at(error: Error, current: &Prepared<'_>) -> Error {
    about(error, &current.method, Some(&current.url.shown()))
}

/// The transport knows what was left of the total limit; the caller knows what was asked for.
fn total_as_asked(mut error: Error, total: Option<Duration>) -> Error {
    if let (ErrorKind::Timeout { limit: Limit::Total, after }, Some(total)) = (&mut error.kind, total) {
        *after = total;
    }
    error
}

/// Says which hop an error belongs to, if it does not yet.
fn about(mut error: Error, method: &str, url: Option<&str>) -> Error {
    // A method that was refused may be any text.
    error.method.get_or_insert_with(|| method.chars().take(100).collect());
    if let Some(url) = url {
        error.url.get_or_insert_with(|| url.to_owned());
    }
    error
}

mod outgoing;
mod sink;
mod token;

#[cfg(test)]
mod tests;
