//! One transfer of a command line as a request to the client. Names of hosts lead to the script, whatever they are: a
//! test's `--resolve` and a proxy that asks for nothing do no more than that.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use httpconnector::engine::auth::Credentials;
use httpconnector::engine::body::Segment;
use httpconnector::engine::client::Client;
use httpconnector::engine::coding;
use httpconnector::engine::cookies::{Cookies, GivenCookie, NEVER, StoredCookie};
use httpconnector::engine::error::Result;
use httpconnector::engine::exchange::{Exchange, Head, Hop, Limits};
use httpconnector::engine::headers::Headers;
use httpconnector::engine::proxy::ProxySetting;
use httpconnector::engine::received::Sink;
use httpconnector::engine::request::{Content, Output, Part, Redirects, Request, Retries};
use httpconnector::engine::response::ResponseBody;
use httpconnector::engine::store::HeapMemory;
use httpconnector::engine::transport::Transport;
use percent_encoding::utf8_percent_encode;
use time::OffsetDateTime;
use url::{Host, Url};

use super::command::{ESCAPED, Files, Group, NO_FILE};
use super::server::Script;
use super::words::Field;

/// Bodies of these tests are small.
const MOST: u64 = 64 << 20;
/// A server that stays silent so long has lost its script.
const SILENCE: Duration = Duration::from_secs(10);
/// What curl's tool repeats on.
const REPEATED: [u16; 6] = [408, 429, 500, 502, 503, 504];

/// What came of a transfer.
pub(super) struct Done {
    pub(super) status: u16,
    pub(super) body: Vec<u8>,
    /// Whether a content coding was undone.
    pub(super) decoded: bool,
}

/// Whether this client is asked for something it means to do. `Err`: why the test is not played.
pub(super) fn possible(
    groups: &[Group],
    script: &Script,
    files: &Files,
) -> std::result::Result<(), &'static str> {
    for group in groups {
        let names = |name: &str| group.headers.iter().any(|(known, _)| known.eq_ignore_ascii_case(name));
        if names("content-length") || names("transfer-encoding") {
            return Err("framing fields written by the caller");
        }
        if group.uploads.iter().any(|upload| !files.contains_key(upload)) {
            return Err(NO_FILE);
        }
        if script.has_status("417") {
            return Err("curl repeats a request it expected too much of; here 417 is an answer");
        }
        if group.retries > 0 && group.follow {
            return Err("curl retries from the first URL, this client the hop that failed");
        }
        for file in group.cookie_files.iter().filter_map(|file| files.get(file)) {
            match netscape(file) {
                None => return Err("a cookie file of response headers"),
                Some(cookies) if cookies.len() > 100 => return Err("curl's limit on cookies sent at once"),
                Some(_) => {}
            }
        }
        if names("host")
            && (group.urls.len() > 1 || group.cookie_files.iter().any(|file| files.contains_key(file)))
        {
            return Err("curl chooses cookies by a Host header of the caller, this client by the URL");
        }
        let secure =
            script.values("set-cookie").iter().any(|value| value.to_ascii_lowercase().contains("secure"));
        if secure && group.urls.iter().any(|url| url.contains("//localhost")) {
            return Err("Secure cookies go to https only; curl takes localhost for secure");
        }
        let longest =
            script.values("retry-after").iter().filter_map(|value| value.parse().ok()).max().unwrap_or(0);
        if group.retry_time.is_some_and(|time| time < Duration::from_secs(longest)) {
            return Err(
                "curl gives up when Retry-After exceeds its limit, this client waits the rest of the limit",
            );
        }
        let chunked = script.values("transfer-encoding").join(",").to_ascii_lowercase();
        if script.single() && chunked.matches("chunked").count() > 1 {
            return Err("chunked more than once is refused (RFC 9112 section 6.1)");
        }
        let slashes = |place: &str| place.split_once(':').is_some_and(|(_, rest)| rest.starts_with("///"));
        if group.urls.iter().chain(&script.values("location")).any(|place| slashes(place)) {
            return Err("more than two slashes after a scheme are two (WHATWG URL), curl refuses them");
        }
    }
    Ok(())
}

/// The transfers of one group: curl keeps connections and cookies between them.
pub(super) struct Session<'s> {
    client: Client,
    group: &'s Group,
    files: &'s Files,
}

impl<'s> Session<'s> {
    /// A client whose names of hosts all lead to `server`.
    pub(super) fn new(group: &'s Group, files: &'s Files, server: SocketAddr) -> Self {
        let exchange = Named { wire: Transport::private(), server };
        let mut client = Client::stateful(Arc::new(exchange));
        let list =
            group.cookie_files.iter().filter_map(|file| netscape(files.get(file)?)).flatten().collect();
        client.set_cookies(&Cookies { list });
        Self { client, group, files }
    }

    /// Runs the transfer of the URL at `index`; `expect`: with an expectation, as curl adds one by itself.
    pub(super) fn run(&mut self, index: usize, expect: bool) -> Result<Done> {
        let group = self.group;
        let mut url = group.urls.get(index).cloned().unwrap_or_default();
        let upload = group.uploads.get(index);
        let content = self.content(upload);
        if let Some(data) = group.data.as_ref().filter(|_| group.query) {
            url.push(if url.contains('?') { '&' } else { '?' });
            url.push_str(&String::from_utf8_lossy(data));
        }
        if let Some(upload) = upload.filter(|upload| *upload != "-" && in_folder(&mut url)) {
            // curl adds the name of the file to a URL that ends in a folder.
            let name = upload.rsplit('/').next().unwrap_or_default();
            url.extend(utf8_percent_encode(name, ESCAPED));
        }
        let method = match (&group.method, &content) {
            (Some(method), _) => method.as_str(),
            (None, _) if group.head => "HEAD",
            (None, Content::None) => "GET",
            (None, _) if upload.is_some() => "PUT",
            (None, _) => "POST",
        };
        let limit = group.max_size.unwrap_or(MOST);
        let output = Output::Memory { memory: Arc::new(HeapMemory), limit };
        let request = Request {
            headers: self.headers(expect && !matches!(content, Content::None)),
            content,
            credentials: credentials(group),
            cookies: group.cookies.iter().flat_map(|text| given(text)).collect(),
            redirects: Redirects {
                follow: group.follow,
                limit: group.max_redirects.unwrap_or(50),
                ..Redirects::default()
            },
            retries: Retries {
                limit: group.retries,
                time: group.retry_time.unwrap_or(Duration::from_secs(600)),
                statuses: Some(REPEATED.to_vec()),
                unsafe_methods: true,
                ..Retries::default()
            },
            limits: Limits { idle: Some(SILENCE), ..Limits::default() },
            total: group.max_time,
            proxy: ProxySetting::Direct,
            ..Request::new(method, &url, output)
        };
        let response = self.client.execute(&request)?;
        let ResponseBody::Memory(body) = &response.body else { unreachable!("asked for in memory") };
        let codings = coding::codings_of(&response.headers);
        let decoded = group.compressed && !codings.is_empty();
        let body = if decoded {
            coding::decode_to_vec(&codings, std::io::BufReader::new(body.reader()), MOST)?
        } else {
            body.contiguous()?.into_owned()
        };
        Ok(Done { status: response.status, body, decoded })
    }

    fn content(&self, upload: Option<&String>) -> Content<'s> {
        let group = self.group;
        let bytes = |bytes: &'s [u8], content_type| Content::Bytes {
            bytes: Segment::Bytes(bytes.into()),
            content_type,
        };
        if let Some(upload) = upload.and_then(|upload| self.files.get(upload)) {
            return bytes(upload, None);
        }
        if !group.form.is_empty() {
            let part = |field: &'s Field| Part {
                name: field.name.clone(),
                file_name: field.file_name.clone(),
                content_type: field.content_type.clone(),
                headers: Headers::new(),
                data: Segment::Bytes(field.data.as_slice().into()),
            };
            return Content::Multipart(group.form.iter().map(part).collect());
        }
        match &group.data {
            Some(data) if !group.query => {
                let kind = if group.json { "application/json" } else { "application/x-www-form-urlencoded" };
                let removed = |(name, value): &(String, Option<String>)| {
                    value.is_none() && name.eq_ignore_ascii_case("content-type")
                };
                bytes(data, Some(kind).filter(|_| !group.headers.iter().any(removed)))
            }
            _ => Content::None,
        }
    }

    fn headers(&self, expect: bool) -> Headers {
        let group = self.group;
        // A header that is given, even as one to leave out, takes the place of curl's own and of no other.
        let given = |name: &str| group.headers.iter().any(|(known, _)| known.eq_ignore_ascii_case(name));
        let mut headers = Headers::new();
        if expect && !given("Expect") {
            headers.append("Expect", "100-continue");
        }
        if group.json && !given("Accept") {
            headers.append("Accept", "application/json");
        }
        for (name, value) in &group.headers {
            if let Some(value) = value {
                headers.append(name, value);
            }
        }
        headers
    }
}

/// The wire, with every name of a host leading to one server.
struct Named {
    wire: Transport,
    server: SocketAddr,
}

impl Exchange for Named {
    fn exchange(&self, hop: &Hop<'_>, sink: &mut dyn Sink) -> Result<Head> {
        let named = match hop.url.host() {
            Some(Host::Domain(name)) => name != "localhost",
            Some(Host::Ipv4(address)) => !address.is_loopback(),
            Some(Host::Ipv6(address)) => !address.is_loopback(),
            None => false,
        };
        if !named {
            return self.wire.exchange(hop, sink);
        }
        let mut url: Url = hop.url.clone();
        let mut headers = hop.headers.clone();
        if !headers.contains("Host") {
            let host = url.host_str().unwrap_or_default();
            let authority = url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
            headers.append("Host", authority);
        }
        url.set_ip_host(self.server.ip()).expect("an http URL takes any host");
        url.set_port(Some(self.server.port())).expect("an http URL takes any port");
        self.wire.exchange(&Hop { url: &url, headers: &headers, ..*hop }, sink)
    }
}

fn credentials(group: &Group) -> Option<Credentials> {
    if let Some(token) = &group.bearer {
        return Some(Credentials::Bearer { token: token.clone() });
    }
    let user = group.user.as_ref()?;
    let (user, password) = user.split_once(':').unwrap_or((user, ""));
    Some(Credentials::Basic { user: user.to_owned(), password: password.to_owned() })
}

/// Whether a URL ends in a folder; one without a path gets the root.
fn in_folder(url: &mut String) -> bool {
    let after = url.split_once("://").map_or(url.as_str(), |(_, after)| after);
    if !after.contains('/') {
        url.push('/');
    }
    url.ends_with('/')
}

/// `a=1; b=2`.
fn given(text: &str) -> Vec<GivenCookie> {
    let pair = |pair: &str| {
        let (name, value) = pair.trim().split_once('=')?;
        Some(GivenCookie { name: name.to_owned(), value: value.to_owned(), ..GivenCookie::default() })
    };
    text.split(';').filter_map(pair).collect()
}

/// Cookies of a file in the form Netscape gave it. `None`: it has another form.
fn netscape(file: &[u8]) -> Option<Vec<StoredCookie>> {
    let text = String::from_utf8_lossy(file);
    let mut cookies = Vec::new();
    for line in text.lines().map(|line| line.strip_prefix("#HttpOnly_").unwrap_or(line)) {
        if line.trim().is_empty() || line.starts_with('#') {
            continue;
        }
        let fields: Vec<&str> = line.split('\t').collect();
        let [domain, tail, path, secure, expires, name, rest @ ..] = fields.as_slice() else { return None };
        let bare = domain.trim_start_matches('.');
        let expires = match expires.parse() {
            Ok(0) => NEVER,
            Ok(seconds) => OffsetDateTime::from_unix_timestamp(seconds).ok()?.min(NEVER),
            Err(_) => return None,
        };
        cookies.push(StoredCookie {
            name: (*name).to_owned(),
            value: rest.first().copied().unwrap_or_default().to_owned(),
            domain: if *tail == "TRUE" { format!(".{bare}") } else { bare.to_owned() },
            path: (*path).to_owned(),
            port: None,
            expires,
            secure: *secure == "TRUE",
        });
    }
    Some(cookies)
}
