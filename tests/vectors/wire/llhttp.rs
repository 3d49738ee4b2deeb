//! llhttp: every response of its Markdown files is served raw by a scripted socket; the parse events that follow it
//! say what a client must make of it. Requests are turned into responses where they are about framing: the lines after
//! the first mean the same.
//!
//! llhttp is a strict parser. Where it refuses, this client may repair what [`message`](super::message) repairs, and
//! nothing else; each such case is counted under the rule that allows it.

use std::net::TcpStream;
use std::path::Path;

use httpconnector::engine::error::Error;

use self::cases::Case;
use self::expectation::Verdict;
use super::client;
use super::message::Response;
use super::socket::{Server, finish, read_head};
use crate::outcome::{Outcome, Vectors};

mod cases;
mod expectation;

/// Every `.md` file of a folder `llhttp`.
pub(crate) fn run(vectors: &Vectors) -> Outcome {
    let files = vectors.files(|path| path.contains("llhttp/") && path.ends_with(".md"));
    if files.is_empty() {
        return Outcome::absent();
    }
    let mut outcome = Outcome::new();
    outcome.case("reader of the Markdown", cases::self_check);
    let (mut responses, mut played) = (0, 0);
    for file in files {
        for case in cases::read(file) {
            responses += usize::from(case.is_response);
            let played_now = play(&mut outcome, file, &case);
            played += usize::from(played_now && case.is_response);
        }
    }
    // A suite that excepts most of its cases proves nothing.
    outcome.case(format!("{played} of {responses} responses served"), || {
        (played * 3 >= responses).then_some(()).ok_or_else(|| "less than a third".to_owned())
    });
    outcome
}

/// Runs one case; whether it was served at all.
fn play(outcome: &mut Outcome, file: &Path, case: &Case) -> bool {
    let name = format!("{} {}", file.file_stem().unwrap_or_default().to_string_lossy(), case.name);
    let verdict = match expectation::verdict(case) {
        Ok(verdict) => verdict,
        Err(reason) => {
            outcome.not_ours(name, reason);
            return false;
        }
    };
    let mut rule = None;
    let seen = [usize::MAX, 1].into_iter().try_for_each(|piece| {
        let got = serve(&case.served(), piece, case.head_request).map_err(|error| format!("{error:?}"))?;
        if matches(&verdict.expected, &got) {
            return Ok(());
        }
        match verdict.allowed.iter().find(|(allowed, _)| matches(allowed, &got)) {
            Some((_, reason)) => {
                rule = Some(*reason);
                Ok(())
            }
            None => Err(difference(&verdict, &got)),
        }
    });
    match (seen, rule) {
        (Ok(()), Some(reason)) => outcome.not_ours(name, reason),
        (seen, _) => outcome.case(name, || seen),
    }
    true
}

/// Serves `bytes` in pieces of `piece` to one request and gives what the client made of them.
fn serve(bytes: &[u8], piece: usize, head_request: bool) -> std::io::Result<Result<Response, Error>> {
    let script = bytes.to_vec();
    let server = Server::start("127.0.0.1", move |stream| {
        // A client that has refused the response is gone; the rest of the script then has no reader.
        drop(play_script(&stream, &script, piece));
    })?;
    Ok(client::exchange(server.address(), if head_request { "HEAD" } else { "GET" }))
}

fn play_script(stream: &TcpStream, script: &[u8], piece: usize) -> std::io::Result<()> {
    read_head(stream, &mut Vec::new())?;
    let mut rest = script;
    while rest.len() > piece {
        let (now, later) = rest.split_at(piece);
        std::io::Write::write_all(&mut &*stream, now)?;
        rest = later;
    }
    finish(stream, rest)
}

fn matches(expected: &Option<Response>, got: &Result<Response, Error>) -> bool {
    match (expected, got) {
        (Some(expected), Ok(got)) => expected == got,
        // A refusal is about what came, not about waiting for more.
        (None, Err(error)) => matches!(error.code(), "protocol" | "closed"),
        _ => false,
    }
}

fn difference(verdict: &Verdict, got: &Result<Response, Error>) -> String {
    let got = match got {
        Ok(response) => shown(response),
        Err(error) => format!("{error} {:?}", error.kind),
    };
    let expected = verdict.expected.as_ref().map_or_else(|| "a refusal".to_owned(), shown);
    format!("expected {expected}, or {} rules; got {got}", verdict.allowed.len())
}

fn shown(response: &Response) -> String {
    let Response { status, reason, headers, body } = response;
    format!("{status} {reason:?} {headers:?} {:?}", String::from_utf8_lossy(body))
}
