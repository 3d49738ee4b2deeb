//! Secrets stay with the origin they were written for: every kind of credential, every kind of redirect, to the same
//! origin and to two kinds of another one. What the other origin received is looked at whole: it may contain nothing
//! that is not on a short list of harmless fields.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use httpconnector::engine::auth::{Aws, Credentials, OAuth2};
use httpconnector::engine::client::Client;
use httpconnector::engine::proxy::ProxySetting;
use httpconnector::engine::request::{Output, Request};
use httpconnector::engine::store::HeapMemory;

const USER: &str = "leak-user";
const SECRET: &str = "S3cret-of-the-origin";
const TOKEN: &str = "T0ken-of-the-endpoint";

/// Fields another origin may see. Names of bodies and of the client, nothing else.
const HARMLESS: &[&str] =
    &["host", "user-agent", "accept", "accept-encoding", "content-type", "content-length", "x-request-id"];

/// A server that answers by a function and keeps every head with its body.
struct Site {
    address: SocketAddr,
    seen: Arc<Mutex<Vec<String>>>,
}

impl Site {
    fn start(answer: impl Fn(&str) -> String + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let seen: Arc<Mutex<Vec<String>>> = Arc::default();
        let (answer, kept) = (Arc::new(answer), seen.clone());
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let (answer, kept) = (answer.clone(), kept.clone());
                std::thread::spawn(move || serve(stream, &*answer, &kept));
            }
        });
        Self { address, seen }
    }

    fn url(&self, host: &str, path: &str) -> String {
        format!("http://{host}:{}{path}", self.address.port())
    }

    fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.seen.lock().unwrap())
    }
}

fn serve(mut stream: TcpStream, answer: &dyn Fn(&str) -> String, seen: &Mutex<Vec<String>>) {
    let mut bytes = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let end = loop {
            if let Some(at) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
                break at + 4;
            }
            match stream.read(&mut buffer) {
                Ok(count @ 1..) => bytes.extend_from_slice(&buffer[..count]),
                _ => return,
            }
        };
        let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
        let length = field(&head, "content-length").map_or(0, |value| value.parse().unwrap());
        while bytes.len() < end + length {
            match stream.read(&mut buffer) {
                Ok(count @ 1..) => bytes.extend_from_slice(&buffer[..count]),
                _ => return,
            }
        }
        let request = String::from_utf8_lossy(&bytes[..end + length]).into_owned();
        bytes.drain(..end + length);
        let reply = answer(&request);
        seen.lock().unwrap().push(request);
        if stream.write_all(reply.as_bytes()).is_err() {
            return;
        }
    }
}

fn fields(request: &str) -> impl Iterator<Item = (String, &str)> {
    let head = request.split("\r\n\r\n").next().unwrap_or_default();
    head.lines()
        .skip(1)
        .filter_map(|line| line.split_once(':').map(|(name, value)| (name.to_lowercase(), value.trim())))
}

fn field<'a>(request: &'a str, name: &str) -> Option<&'a str> {
    fields(request).find(|(known, _)| known == name).map(|(_, value)| value)
}

fn reply(status: u16, fields: &str, body: &str) -> String {
    format!("HTTP/1.1 {status} x\r\n{fields}Content-Length: {}\r\n\r\n{body}", body.len())
}

/// How a case says who it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    UserInfo,
    Basic,
    Bearer,
    Digest,
    Aws,
    OAuth2,
    Ntlm,
    OwnAuthorization,
    OwnHeaders,
    JarCookie,
}

const KINDS: &[Kind] = &[
    Kind::UserInfo,
    Kind::Basic,
    Kind::Bearer,
    Kind::Digest,
    Kind::Aws,
    Kind::OAuth2,
    Kind::Ntlm,
    Kind::OwnAuthorization,
    Kind::OwnHeaders,
    Kind::JarCookie,
];

impl Kind {
    fn credentials(self, endpoint: &str) -> Option<Credentials> {
        let (user, password) = (USER.to_owned(), SECRET.to_owned());
        Some(match self {
            Self::Basic => Credentials::Basic { user, password },
            Self::Bearer => Credentials::Bearer { token: SECRET.to_owned() },
            Self::Digest => Credentials::Digest { user, password },
            Self::Ntlm => Credentials::Ntlm { user, password },
            Self::Aws => Credentials::Aws(Box::new(Aws {
                access_key: USER.to_owned(),
                secret_key: SECRET.to_owned(),
                session_token: Some(SECRET.to_owned()),
                region: "r".to_owned(),
                service: "s3".to_owned(),
                ..Aws::default()
            })),
            Self::OAuth2 => Credentials::OAuth2(Box::new(OAuth2 {
                token_url: endpoint.to_owned(),
                client_id: USER.to_owned(),
                client_secret: SECRET.to_owned(),
                ..OAuth2::default()
            })),
            Self::UserInfo | Self::OwnAuthorization | Self::OwnHeaders | Self::JarCookie => return None,
        })
    }

    fn headers(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::OwnAuthorization => &[("Authorization", "Custom S3cret-of-the-origin")],
            Self::OwnHeaders => &[
                ("X-Api-Key", SECRET),
                ("Cookie", "own=S3cret-of-the-origin"),
                ("X-Auth-Token", SECRET),
                ("Proxy-Authorization", "Basic S3cret"),
            ],
            _ => &[],
        }
    }

    /// The answer of the origin to what lacks authentication; `None`: it is content.
    fn challenge(self, request: &str) -> Option<String> {
        let given = field(request, "authorization");
        match self {
            Self::Digest if given.is_none() => Some(
                "WWW-Authenticate: Digest realm=\"r\", nonce=\"n\", qop=\"auth\", algorithm=SHA-256"
                    .to_owned(),
            ),
            Self::Ntlm => {
                let message = given.and_then(|value| STANDARD.decode(value.split_once(' ')?.1).ok());
                match message.as_deref().and_then(|message| message.get(8)) {
                    None => Some("WWW-Authenticate: NTLM".to_owned()),
                    Some(1) => Some(format!("WWW-Authenticate: NTLM {}", STANDARD.encode(ntlm_challenge()))),
                    Some(_) => None,
                }
            }
            _ => None,
        }
    }

    /// What the same origin must see again after a redirect to itself.
    fn stays(self, request: &str) -> bool {
        match self {
            Self::OwnHeaders => field(request, "x-api-key").is_some() && field(request, "cookie").is_some(),
            Self::JarCookie => field(request, "cookie").is_some(),
            // The connection is authenticated, the request need not be.
            Self::Ntlm => true,
            _ => field(request, "authorization").is_some(),
        }
    }
}

/// A CHALLENGE_MESSAGE of MS-NLMP 2.2.1.2: Unicode, NTLM, extended session security, target information with nothing
/// but its end.
fn ntlm_challenge() -> Vec<u8> {
    let mut message = b"NTLMSSP\0".to_vec();
    message.extend_from_slice(&2u32.to_le_bytes());
    message.extend_from_slice(&[0, 0, 0, 0, 56, 0, 0, 0]);
    message.extend_from_slice(&0x0088_8205u32.to_le_bytes());
    message.extend_from_slice(&[1, 2, 3, 4, 5, 6, 7, 8]);
    message.extend_from_slice(&[0; 8]);
    message.extend_from_slice(&[4, 0, 4, 0, 56, 0, 0, 0]);
    message.extend_from_slice(&[0; 8]);
    message.extend_from_slice(&[0; 4]);
    message
}

/// Where a redirect leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum To {
    SameOrigin,
    OtherPort,
    OtherHost,
}

#[test]
fn no_secret_leaves_its_origin_by_any_redirect() {
    let mut checked = 0;
    for &kind in KINDS {
        for status in [301, 302, 303, 307, 308] {
            for to in [To::SameOrigin, To::OtherPort, To::OtherHost] {
                follow(kind, status, to);
                checked += 1;
            }
        }
    }
    assert_eq!(checked, KINDS.len() * 15);
}

fn follow(kind: Kind, status: u16, to: To) {
    let case = format!("{kind:?} {status} {to:?}");
    let endpoint = Site::start(|_| {
        let body = format!("{{\"access_token\":\"{TOKEN}\",\"token_type\":\"Bearer\",\"expires_in\":3600}}");
        reply(200, "Content-Type: application/json\r\n", &body)
    });
    let other = Site::start(|_| reply(200, "", "other"));
    let target = match to {
        To::SameOrigin => "/end".to_owned(),
        To::OtherPort => other.url("127.0.0.1", "/end"),
        To::OtherHost => other.url("localhost", "/end"),
    };
    let origin = Site::start(move |request| {
        if let Some(challenge) = kind.challenge(request) {
            return reply(401, &format!("{challenge}\r\n"), "who?");
        }
        if request.contains(" /end ") {
            return reply(200, "", "same");
        }
        let cookie = if kind == Kind::JarCookie { "Set-Cookie: jar=S3cret-of-the-origin\r\n" } else { "" };
        reply(status, &format!("Location: {target}\r\n{cookie}"), "")
    });
    let user = if kind == Kind::UserInfo { format!("{USER}:{SECRET}@") } else { String::new() };
    let url = format!("http://{user}127.0.0.1:{}/start", origin.address.port());
    let output = Output::Memory { memory: Arc::new(HeapMemory), limit: 1 << 20 };
    let request = Request {
        credentials: kind.credentials(&endpoint.url("127.0.0.1", "/token")),
        headers: kind.headers().iter().copied().chain([("X-Request-Id", "1")]).collect(),
        proxy: ProxySetting::Direct,
        ..Request::new("PUT", &url, output)
    };
    let mut client = Client::session();
    let response = client.execute(&request).unwrap_or_else(|error| panic!("{case}: {error:?}"));
    assert_eq!(response.status, 200, "{case}");
    let shown = format!("{request:?} {client:?} {:?}", response.history);
    assert!(!shown.contains(SECRET) && !shown.contains(TOKEN), "{case}: {shown}");

    let at_origin = origin.take();
    let end = at_origin.last().unwrap();
    if to == To::SameOrigin {
        assert!(end.contains(" /end ") && kind.stays(end), "{case}: {end}");
        assert!(other.take().is_empty(), "{case}");
    } else {
        let seen = other.take();
        assert_eq!(seen.len(), 1, "{case}: {seen:?}");
        // Cookies know no port (RFC 6265 section 8.5): one of the jar goes to another port of its host.
        if kind == Kind::JarCookie && to == To::OtherPort {
            assert!(field(&seen[0], "cookie").is_some(), "{case}");
            return;
        }
        for (name, value) in fields(&seen[0]) {
            assert!(HARMLESS.contains(&name.as_str()), "{case}: {name}: {value}");
        }
        for secret in [SECRET, TOKEN, USER, &STANDARD.encode(format!("{USER}:{SECRET}"))] {
            assert!(!seen[0].contains(secret), "{case}: {}", seen[0]);
        }
    }
    // The endpoint's secret is for the endpoint, the token for the origin.
    let at_endpoint = endpoint.take();
    assert_eq!(at_endpoint.len(), usize::from(kind == Kind::OAuth2), "{case}");
    if kind == Kind::OAuth2 {
        assert!(
            at_origin.iter().all(|request| !request.contains(SECRET) && request.contains(TOKEN)),
            "{case}"
        );
        assert!(!at_endpoint[0].contains(TOKEN), "{case}");
    }
}
