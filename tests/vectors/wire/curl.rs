//! curl: its test cases as far as they are about HTTP between a client and an origin server. The replies are played by
//! [`server`] the way curl's test server plays them; the command line becomes requests to the client; requests, status,
//! body and the class of an error are compared. What a test uses decides whether it is played: everything left out is
//! counted under a reason.

use std::net::TcpStream;
use std::panic::catch_unwind;
use std::path::Path;
use std::sync::{Arc, OnceLock};

use self::command::{Files, Group};
use self::format::Test;
use self::server::Script;
use self::verify::Came;
use super::message;
use super::socket::{Server, closed_port};
use crate::outcome::{Outcome, Vectors};

mod command;
mod format;
mod server;
mod transfer;
mod verify;
mod words;

/// Every file `test<number>` of a folder `curl-tests`.
pub(crate) fn run(vectors: &Vectors) -> Outcome {
    let files = vectors.files(|path| path.contains("curl-tests/") && number(Path::new(path)).is_some());
    if files.is_empty() {
        return Outcome::absent();
    }
    let mut outcome = Outcome::new();
    outcome.case("reader of the test files", format::self_check);
    outcome.case("reader of the command lines", command::self_check);
    let (total, mut played) = (files.len(), 0);
    for file in files {
        let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        // Whatever a file holds, it must not end the run.
        match catch_unwind(|| prepare(file)) {
            Err(_) => outcome.not_ours(name, "not understood at all"),
            Ok(Err(reason)) => outcome.not_ours(name, reason),
            Ok(Ok(case)) => {
                played += 1;
                let mut rule = None;
                let seen = play(&case).map(|found| rule = found);
                match (seen, rule) {
                    (Ok(()), Some(reason)) => outcome.not_ours(name, reason),
                    (seen, _) => outcome.case(name, || seen),
                }
            }
        }
    }
    // A third are about an origin server; a selection that finds far fewer has lost its way.
    outcome.case(format!("{played} of {total} tests played"), || {
        (played * 5 >= total).then_some(()).ok_or_else(|| "less than a fifth".to_owned())
    });
    outcome
}

/// A test that can be played, its server running.
struct Case {
    test: Test,
    groups: Vec<Group>,
    files: Files,
    wanted: Vec<verify::Wanted>,
    /// Codes of the errors that count as curl's exit code; empty: no error.
    error: Vec<&'static str>,
    /// Whether curl fails for the status alone.
    failing: bool,
    script: Arc<OnceLock<Script>>,
    server: Server,
}

impl Case {
    fn script(&self) -> &Script {
        self.script.get().expect("set before the case exists")
    }
}

/// Reads a test and decides whether it is played. `Err`: why not.
fn prepare(file: &Path) -> Result<Case, &'static str> {
    let number = number(file).ok_or("no test number")?;
    let bytes = std::fs::read(file).map_err(|_| "cannot be read")?;
    let plain = Test::parse(&bytes, &[]);
    let host = suitable(&plain)?;
    let script: Arc<OnceLock<Script>> = Arc::default();
    let played = Arc::clone(&script);
    let serve = move |stream: TcpStream| {
        if let Some(script) = played.get() {
            script.serve(&stream);
        }
    };
    let server = Server::start(host, serve).map_err(|_| "this machine has no such loopback address")?;
    let port = server.address().port().to_string();
    let closed = closed_port().map_err(|_| "no port free")?.to_string();
    let test = Test::parse(&bytes, &variables(number, &port, &closed));
    let replies = Script::new(&test, number)?;
    let files = files(&test)?;
    let command = test.part("client/command").ok_or("no command")?.text();
    let groups = command::parse(&command, &files)?;
    let place = server.address().to_string();
    if groups.iter().filter_map(|group| group.proxy.as_ref()).any(|proxy| *proxy != place) {
        return Err("goes through a proxy");
    }
    transfer::possible(&groups, &replies, &files)?;
    let wanted = verify::wanted(&test)?;
    let error = error_class(&test, &replies)?;
    let failing = test.lines("verify/errorcode").first().is_some_and(|code| code == "22");
    script.set(replies).map_err(|_| "set twice")?;
    Ok(Case { test, groups, files, wanted, error, failing, script, server })
}

/// What a test needs beyond its command; gives the loopback address its server listens on.
fn suitable(test: &Test) -> Result<&'static str, &'static str> {
    if test.part("client/tool").is_some() {
        return Err("a C program of curl's drives its library");
    }
    if test.lines("client/setenv").iter().any(|line| {
        let name = line.split('=').next().unwrap_or_default().to_ascii_lowercase();
        name.ends_with("_proxy") || name.starts_with("curl_") || name.starts_with("ld_")
    }) {
        return Err("changes curl through the environment (proxies, debugging)");
    }
    if test.lines("client/features").iter().any(|feature| feature == "debug") {
        return Err("needs a debug build of curl");
    }
    let servers = test.lines("client/server");
    let host = match servers.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        [] | ["http" | "none"] => "127.0.0.1",
        ["http-ipv6"] => "::1",
        _ => return Err("needs other servers than one for HTTP (proxy, SOCKS, TLS, mail)"),
    };
    let command = test.part("client/command").ok_or("no command")?.text();
    let known = [
        "HOSTIP",
        "HTTPPORT",
        "HOST6IP",
        "HTTP6PORT",
        "TESTNUMBER",
        "NOLISTENPORT",
        "VERSION",
        "CLIENTIP",
        "hex[",
        "repeat[",
    ];
    let unknown = command.split('%').skip(1).any(|rest| {
        rest.starts_with(|character: char| character.is_ascii_uppercase())
            && !known.iter().any(|name| rest.starts_with(name))
    });
    if unknown { Err("the command needs a place of curl's own test set-up") } else { Ok(host) }
}

fn variables<'v>(number: u64, port: &str, closed: &str) -> Vec<(&'v str, String)> {
    vec![
        ("TESTNUMBER", number.to_string()),
        ("HOSTIP", "127.0.0.1".to_owned()),
        ("CLIENTIP", "127.0.0.1".to_owned()),
        ("HOST6IP", "[::1]".to_owned()),
        ("CLIENT6IP", "[::1]".to_owned()),
        ("HTTPPORT", port.to_owned()),
        ("HTTP6PORT", port.to_owned()),
        ("NOLISTENPORT", closed.to_owned()),
        ("VERSION", "7.88.1".to_owned()),
    ]
}

fn files(test: &Test) -> Result<Files, &'static str> {
    let mut files = Files::new();
    for part in test.parts("client/file") {
        if let Some(name) = part.attribute("name") {
            files.insert(name.to_owned(), part.bytes()?);
        }
    }
    if let Some(input) = test.part("client/stdin") {
        files.insert("-".to_owned(), input.bytes()?);
    }
    Ok(files)
}

/// The codes of this client's errors that say the same as curl's exit code.
fn error_class(test: &Test, script: &Script) -> Result<Vec<&'static str>, &'static str> {
    Ok(match test.lines("verify/errorcode").first().map_or("0", String::as_str) {
        // 22 is curl's --fail: a status is never an error here.
        "0" | "22" => vec![],
        "1" | "8" | "56" => vec!["protocol", "closed"],
        "3" => vec!["invalid-url", "redirect"],
        "7" => vec!["connect"],
        "18" | "52" => vec!["closed"],
        "26" => return Err(command::NO_FILE),
        "28" => vec!["timeout"],
        "47" => vec!["too-many-redirects"],
        "61" => vec!["decode"],
        // A length no number can hold is refused before it is compared with the limit.
        "63" => {
            if script.has_readable_lengths() {
                vec!["body-too-large"]
            } else {
                vec!["body-too-large", "protocol"]
            }
        }
        _ => return Err("an exit code of curl without a counterpart"),
    })
}

/// Runs the transfers of a test and compares; the reason if it differs by a rule.
fn play(case: &Case) -> Result<Option<&'static str>, String> {
    let expect =
        case.wanted.iter().any(|wanted| message::values(&wanted.head.headers, "expect").next().is_some());
    let mut came = Vec::new();
    let mut failed = None;
    for group in &case.groups {
        let mut session = transfer::Session::new(group, &case.files, case.server.address());
        for index in 0..group.urls.len() {
            let before = case.script().records().len();
            failed = None;
            match session.run(index, expect) {
                Ok(done) => {
                    let records = case.script().records();
                    let reply =
                        records.get(before..).and_then(<[_]>::last).map(|record| record.reply.clone());
                    came.push(Came {
                        status: done.status,
                        body: done.body,
                        reply: reply.ok_or("an answer without a request")?,
                        head_request: group.head,
                        decoded: done.decoded,
                    });
                }
                Err(error) => failed = Some(error),
            }
        }
    }
    let result = match (&failed, case.error.as_slice()) {
        // curl's --fail shows nothing of the answer; the status is what it is about.
        (None, []) if case.failing => {
            let status = came.last().map_or(0, |came| came.status);
            (status >= 400).then_some(()).ok_or_else(|| format!("an error status wanted, got {status}"))
        }
        (None, []) => verify::output(&case.test, &came, &case.groups),
        (None, wanted) => {
            let came: Vec<_> = came.iter().map(|came| (came.status, message::text(&came.body))).collect();
            Err(format!("error {wanted:?} wanted, got {came:?}"))
        }
        (Some(error), wanted) if wanted.contains(&error.code()) => Ok(()),
        (Some(error), wanted) => Err(format!("error {wanted:?} wanted, got {error} {:?}", error.kind)),
    };
    result.and_then(|()| verify::requests(&case.wanted, &case.script().records(), &case.groups))
}

fn number(file: &Path) -> Option<u64> {
    file.file_name()?.to_str()?.strip_prefix("test")?.parse().ok()
}
