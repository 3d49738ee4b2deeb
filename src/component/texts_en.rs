//! English sentences. One sentence: where, what, why; then what to do. Phrases that callers search for are constants
//! with their source.

mod security;

use std::io;

use crate::engine::error::{Error, ErrorKind, Limit};

use super::fault::{At, url_parameter};
use super::trouble::{KeyProblem, KeyTrouble, Trouble};

/// Stated as certain by the Connector's tests: user code matches on it.
pub(super) const TIMEOUT: &str = "Timeout exceeded";
/// Stated as certain by the Connector's tests.
pub(super) const TOO_MANY_REDIRECTS: &str = "TooManyRedirects";
/// The platform's known wording (it is curl's).
pub(super) const NAME_NOT_FOUND: &str = "Couldn't resolve host name";
/// The platform's known wording (it is curl's).
pub(super) const NOT_CONNECTED: &str = "Couldn't connect to server";
/// The platform's known wording.
pub(super) const NOT_VERIFIED: &str = "Remote host failed verification";

/// The sentence for a trouble.
pub(super) fn sentence(trouble: &Trouble, at: &At) -> String {
    let place = |index: usize| match at.parameter(index) {
        Some(parameter) => format!("{}, parameter {parameter}", at.member()),
        None => at.member().to_owned(),
    };
    match trouble {
        Trouble::Engine(error) => engine(error, Some(at)),
        Trouble::Argument { index, expected } => {
            format!("{}: {} expected, the value has another type.", place(*index), expected.english)
        }
        Trouble::Surrogate { index, position } => {
            format!(
                "{}: the string is not valid UTF-16, unpaired surrogate at position {position}.",
                place(*index)
            )
        }
        Trouble::EmptyArgument { index } => format!("{}: the value is empty.", place(*index)),
        Trouble::ArgumentValue { index, expected } => {
            format!("{}: the value is not acceptable, {} expected.", place(*index), expected.english)
        }
        Trouble::UnknownName { index, name, expected, nearest } => {
            let hint = nearest.map(|name| format!(" Did you mean \"{name}\"?")).unwrap_or_default();
            format!("{}: unknown value \"{name}\", {} expected.{hint}", place(*index), expected.english)
        }
        Trouble::NotJsonText { index, line, column, .. } => {
            format!("{}: a JSON object expected, error at line {line}, column {column}.", place(*index))
        }
        Trouble::TooLong { index, limit } => format!(
            "{}: the text is longer than {limit} bytes. Pass large data as the body argument or stage it with AddBlob.",
            place(*index)
        ),
        Trouble::TooMany { index, limit } => format!(
            "{}: the text has more than {limit} JSON values. Pass large JSON as ready text: as the Json argument of \
             PostJson, PutJson or as the body argument.",
            place(*index)
        ),
        Trouble::Key(trouble) => key(trouble, &place(trouble.index)),
        Trouble::BodyTwice { index, key } => format!(
            "{}: the body is given twice, as an argument and by the key {}. Keep one of them.",
            place(*index),
            key.english
        ),
        Trouble::NoResponse => {
            format!(
                "{}: there is no response to read: there was no request yet, or the last one failed. Make a request \
                 first.",
                at.member()
            )
        }
        Trouble::BodyTaken => format!(
            "{}: the body was taken by TakeBody and is no longer here. Read it before taking it.",
            at.member()
        ),
        Trouble::BodyReleased => format!("{}: the body was released by ReleaseBody.", at.member()),
        Trouble::BodyInFile { path } => {
            format!("{}: the body is in the file {path}, not in memory. Read the file.", at.member())
        }
        Trouble::EmptyJson { method, url, status } => format!(
            "JSON expected in the answer to {method} {url}, the body is empty (status {status}). \
             If that is right, set AllowEmptyJson."
        ),
        Trouble::NotJson { method, url, status, excerpt } => format!(
            "The answer is not JSON.\nHTTP {method} {url}\n{}\nResponse body:\n{excerpt}",
            super::status::presentation(*status, at.language)
        ),
        Trouble::Undecodable { index, detail } => {
            format!("{}: the data cannot be decompressed (gzip): {}.", place(*index), decode_problem(detail))
        }
        Trouble::Inflated { index, limit } => {
            format!(
                "{}: the data decompress to more than the {limit} bytes allowed in memory.",
                place(*index)
            )
        }
        Trouble::UnknownEncoding { index, name } => format!(
            "{}: unknown encoding \"{name}\". Give utf-8, windows-1251 or cp866, for example.",
            place(*index)
        ),
        Trouble::Memory { wanted } => format!(
            "{}: no memory for {wanted} bytes. Use files (OutputFile, {{\"File\": path}}) for large data.",
            at.member()
        ),
        Trouble::Busy => format!(
            "{}: a request is under way. Call Wait until it returns True, or end the request with Cancel.",
            at.member()
        ),
        Trouble::Thread { detail } => {
            format!("{}: no thread could be started for the request: {detail}.", at.member())
        }
        Trouble::Earlier { trouble, .. } => sentence(trouble, at),
        Trouble::Reported { text, .. } => text.clone(),
    }
}

fn key(trouble: &KeyTrouble, place: &str) -> String {
    let path = &trouble.path;
    match &trouble.problem {
        KeyProblem::Unknown { nearest: Some(nearest) } => {
            format!("{place}: unknown key \"{path}\". Did you mean \"{nearest}\"?")
        }
        KeyProblem::Unknown { nearest: None } => {
            format!("{place}: unknown key \"{path}\". The keys are listed in the README.")
        }
        KeyProblem::Type { expected } => {
            format!("{place}: key \"{path}\" has the wrong type, expected {}.", expected.english)
        }
        KeyProblem::Value { expected } => {
            format!("{place}: key \"{path}\" is out of range or not valid, expected {}.", expected.english)
        }
        KeyProblem::Missing { name } => {
            format!("{place}: \"{path}\" lacks the mandatory key {}.", name.english)
        }
        KeyProblem::Twice => {
            format!(
                "{place}: key \"{path}\" repeats a setting already given under another spelling. Keep one."
            )
        }
        KeyProblem::Repeated => {
            format!("{place}: key \"{path}\" stands in the object twice. Keep one.")
        }
        KeyProblem::AppliedInBsl => format!(
            "{place}: key \"{path}\" is applied in BSL by WriteJSON and ReadJSON, the component does not take it. \
             Remove it."
        ),
        KeyProblem::NotInSession => {
            format!(
                "{place}: key \"{path}\" belongs to a single request, not to the session. Give it in the options of the request."
            )
        }
        KeyProblem::NotStaged { name } => format!(
            "{place}: key \"{path}\" names data \"{name}\" that were not staged. Call AddBlob first; staged data live \
             until the request that uses them ends."
        ),
        KeyProblem::Certificate { detail } => format!(
            "{place}: key \"{path}\": the certificates cannot be read ({detail}). PEM text or one DER certificate expected."
        ),
        KeyProblem::Revocations { detail } => format!(
            "{place}: key \"{path}\": the revocation lists cannot be read ({detail}). PEM text or one DER list expected."
        ),
        KeyProblem::Identity(problem) => {
            format!("{place}: key \"{path}\": {}", security::identity(problem))
        }
    }
}

/// The sentence for an error of the engine: with the hop it happened on, else with the member that was called.
pub(super) fn engine(error: &Error, at: Option<&At>) -> String {
    let subject = match (&error.method, &error.url, at) {
        (Some(method), Some(url), _) => format!("{method} {url}: "),
        (_, _, Some(at)) => match url_parameter(error, at) {
            Some(parameter) => format!("{}, parameter {parameter}: ", at.member()),
            None => format!("{}: ", at.member()),
        },
        _ => String::new(),
    };
    format!("{subject}{}", cause(error))
}

fn cause(error: &Error) -> String {
    match &error.kind {
        ErrorKind::InvalidUrl { url, problem } => {
            let why = match *problem {
                "scheme" => "only http and https are possible",
                "host" => "the host is not valid",
                "port" => "the port is not valid",
                "empty" => "it is empty",
                "length" => "it is too long",
                _ => "it cannot be parsed",
            };
            format!("The URL \"{url}\" cannot be used: {why}.")
        }
        ErrorKind::InvalidRequest { part, name, problem } => {
            let why = match *problem {
                "token" | "name" | "not a token" => "has characters a name may not have".to_owned(),
                "value" | "control character" => "has a value with characters it may not have".to_owned(),
                "differs" | "differs from the body" => {
                    "differs from the length of the body; leave it out".to_owned()
                }
                "range" => "is out of range".to_owned(),
                "repeated" => "is given more than once".to_owned(),
                other => format!("cannot be used ({other})"),
            };
            let name = if name.is_empty() { String::new() } else { format!(" \"{name}\"") };
            format!("The request cannot be sent: {part}{name} {why}.")
        }
        ErrorKind::NameNotFound { host, detail } => format!(
            "{NAME_NOT_FOUND} {host} ({detail}). Check the spelling of the host and the DNS of this computer."
        ),
        ErrorKind::Connect { host, port, attempts } => {
            let tried: Vec<String> =
                attempts.iter().map(|(address, error)| format!("{address}: {}", network(error))).collect();
            format!(
                "{NOT_CONNECTED} {host}:{port} ({}). Check the port, firewalls and whether it runs.",
                tried.join("; ")
            )
        }
        ErrorKind::Timeout { limit, after } => {
            let seconds = after.as_secs_f64();
            let (what, key) = match limit {
                Limit::Connect => ("connecting", "ConnectTimeout or Timeout"),
                Limit::Idle => ("waiting for data", "Timeout"),
                Limit::Total => ("the whole request", "TotalTimeout"),
            };
            format!("{TIMEOUT}: {seconds} s for {what}. If that is too short, raise {key}.")
        }
        ErrorKind::Closed { received, expected, source } => {
            let why = source.as_ref().map(|error| format!(", {}", network(error))).unwrap_or_default();
            let came = match expected {
                Some(expected) => format!("{received} of {expected} bytes of the body had come"),
                None => format!("{received} bytes of the body had come"),
            };
            format!("The server closed the connection before the answer was complete ({came}{why}).")
        }
        ErrorKind::Protocol { problem, detail } => {
            format!("The server does not keep to HTTP/1.1: {problem} ({detail}).")
        }
        ErrorKind::TooManyRedirects { limit, chain } => format!(
            "{TOO_MANY_REDIRECTS}: more than {limit}, the last one led to {}. Raise MaximumNumberOfRedirects or set \
             AllowRedirect to false.",
            chain.last().map_or("", String::as_str)
        ),
        ErrorKind::Redirect { problem, location, .. } => {
            let why = match *problem {
                "downgrade" => "it leads from https to http; allow that with AllowRedirectToHTTP",
                "scheme" => "only http and https can be followed",
                _ => "the Location is not valid",
            };
            format!("The redirect to \"{location}\" cannot be followed: {why}.")
        }
        ErrorKind::BodyTooLarge { limit, announced, decoded } => {
            let size = announced.map(|size| format!(" ({size} bytes announced)")).unwrap_or_default();
            let when = if *decoded { "after decompression" } else { "in memory" };
            format!(
                "The body is larger than the {limit} bytes allowed {when}{size}. Raise MaximumBodySize (up to 4 GiB) or \
                 receive into a file with OutputFile."
            )
        }
        ErrorKind::OutOfMemory { wanted } => {
            format!("No memory for {wanted} bytes of the body. Receive into a file with OutputFile.")
        }
        ErrorKind::Decode { coding, detail } => {
            let why = decode_problem(detail);
            format!("The body cannot be decompressed ({coding}): {why}. Body() returns it as it came.")
        }
        ErrorKind::UnknownCharset { name } => {
            format!("The response has the unknown encoding \"{name}\". Give one as the argument of AsText.")
        }
        ErrorKind::File { path, operation, source } => {
            format!("The file {path} failed ({operation}): {source}.")
        }
        ErrorKind::Cancelled => "The request was cancelled.".to_owned(),
        other => security::cause(other).unwrap_or_else(|| format!("The request failed ({}).", error.code())),
    }
}

/// Why a body cannot be decompressed, by the engine's words.
fn decode_problem(detail: &str) -> &str {
    match detail {
        "truncated" => "the data break off",
        "corrupt" => "the data are corrupt",
        "checksum" => "the checksum is wrong",
        "trailing-data" => "there is something behind the end of the data",
        "window-too-large" => "it needs a larger window than allowed",
        "dictionary" => "it needs a dictionary",
        "unknown-coding" => "the coding is not known",
        "too-many-codings" => "too many codings on top of each other",
        "decoder-fault" => "the decoder failed",
        other => other,
    }
}

fn network(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::ConnectionRefused => "connection refused".into(),
        io::ErrorKind::ConnectionReset => "connection reset".into(),
        io::ErrorKind::ConnectionAborted => "connection aborted".into(),
        io::ErrorKind::TimedOut => "no answer".into(),
        io::ErrorKind::HostUnreachable => "host unreachable".into(),
        io::ErrorKind::NetworkUnreachable => "network unreachable".into(),
        _ => error.to_string(),
    }
}
