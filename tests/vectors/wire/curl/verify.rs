//! What a test says must have been asked and must have come out, compared with what happened. Of a request only what
//! the test gave a reason for is compared: target, method, body, credentials, cookies and the headers it set; curl's
//! habits (its name, its `Accept`, the order of fields) are its own.

use super::super::message::{self, Head};
use super::command::Group;
use super::format::{Part, Test};
use super::server::Record;

/// A request as the test wants it.
#[derive(Debug, Clone)]
pub(super) struct Wanted {
    pub(super) head: Head,
    body: Vec<u8>,
}

/// The requests a test wants, in order. `Err`: not understood.
pub(super) fn wanted(test: &Test) -> Result<Vec<Wanted>, &'static str> {
    const UNKNOWN: &str = "expected requests that are not understood";
    let Some(part) = test.part("verify/protocol") else { return Ok(Vec::new()) };
    let bytes = part.bytes()?;
    // With crlf the heads are stored with bare line feeds; both are read.
    let mut rest: &[u8] = &bytes;
    let mut requests = Vec::new();
    while !rest.trim_ascii().is_empty() {
        if let Some(after) = rest.strip_prefix(b"[DISCONNECT]") {
            rest = after.trim_ascii_start();
            continue;
        }
        if !starts_request(rest) {
            return Err(UNKNOWN);
        }
        let head = message::head(rest).ok_or(UNKNOWN)?;
        rest = rest.get(head.length..).ok_or(UNKNOWN)?;
        let chunked = message::values(&head.headers, "transfer-encoding").any(|value| value == "chunked");
        let length = message::content_length(&head.headers).flatten().unwrap_or(0);
        let body = if starts_request(rest) {
            // The body was never sent: the answer came first.
            Vec::new()
        } else if chunked {
            let (data, used) = message::dechunk(rest).ok_or(UNKNOWN)?;
            rest = rest.get(used..).ok_or(UNKNOWN)?;
            data
        } else {
            // The last line end of the part may belong to the file alone.
            let body = rest.get(..length.min(rest.len())).unwrap_or_default();
            rest = rest.get(body.len()..).unwrap_or_default();
            body.to_vec()
        };
        requests.push(Wanted { head, body });
    }
    Ok(requests)
}

/// Compares the requests; the reason if they differ by a rule.
pub(super) fn requests(
    wanted: &[Wanted],
    seen: &[Record],
    groups: &[Group],
) -> Result<Option<&'static str>, String> {
    let mut rule = None;
    let lines = |heads: Vec<&Head>| heads.iter().map(|head| head.start.clone()).collect::<Vec<_>>();
    if wanted.len() != seen.len() {
        let wanted = lines(wanted.iter().map(|wanted| &wanted.head).collect());
        let seen = lines(seen.iter().map(|record| &record.head).collect());
        return Err(format!("requests wanted {wanted:?}, sent {seen:?}"));
    }
    for (wanted, seen) in wanted.iter().zip(seen) {
        let (line, sent) = (origin_form(&wanted.head.start), origin_form(&seen.head.start));
        if line != sent && line.replace('+', "%20") == sent {
            rule = Some(
                "a space in a query is %20 (WHATWG URL), curl writes + there when it follows a redirect",
            );
        } else if line != sent {
            return Err(format!("request line wanted {:?}, sent {:?}", wanted.head.start, seen.head.start));
        }
        headers(&wanted.head, &seen.head, groups).map_err(|error| format!("{}: {error}", seen.head.start))?;
        body(wanted, seen).map_err(|error| format!("{}: {error}", seen.head.start))?;
    }
    Ok(rule)
}

/// A request line to a plain proxy as the origin would see it, escapes in upper case (RFC 3986 section 6.2.2.1).
fn origin_form(line: &str) -> String {
    let mut escape = 0;
    let line: String = line
        .chars()
        .map(|character| {
            escape = if character == '%' { 2 } else { i32::max(escape - 1, -1) };
            if escape >= 0 { character.to_ascii_uppercase() } else { character }
        })
        .collect();
    let Some((method, rest)) = line.split_once(" http://") else { return line };
    let (target, version) = rest.rsplit_once(' ').unwrap_or((rest, ""));
    let path = target.find(['/', '?']).and_then(|at| target.get(at..)).unwrap_or("/");
    let slash = if path.starts_with('/') { "" } else { "/" };
    format!("{method} {slash}{path} {version}")
}

fn headers(wanted: &Head, seen: &Head, groups: &[Group]) -> Result<(), String> {
    let mut names = vec!["Host".to_owned(), "Authorization".to_owned(), "Content-Type".to_owned()];
    for group in groups {
        let set = group.headers.iter().filter(|(_, value)| value.is_some());
        names.extend(set.map(|(name, _)| name.clone()));
        if group.cookie_engine || !group.cookies.is_empty() {
            names.push("Cookie".to_owned());
        }
    }
    for name in names {
        let values =
            |head: &Head| message::values(&head.headers, &name).map(str::to_owned).collect::<Vec<_>>();
        let (mut wanted, mut seen) = (values(wanted), values(seen));
        if name.eq_ignore_ascii_case("cookie") {
            // Both orders satisfy RFC 6265 section 5.4 as long as the paths are equally long.
            for side in [&mut wanted, &mut seen] {
                *side = side
                    .iter()
                    .flat_map(|value| value.split(';'))
                    .map(|pair| pair.trim().to_owned())
                    .collect();
                side.sort();
            }
        }
        if name.eq_ignore_ascii_case("content-type") {
            // The boundary is everyone's own; a charset may be added.
            for side in [&mut wanted, &mut seen] {
                *side = side
                    .iter()
                    .map(|value| value.split(';').next().unwrap_or_default().trim().to_owned())
                    .collect();
            }
        }
        if wanted != seen {
            return Err(format!("{name} wanted {wanted:?}, sent {seen:?}"));
        }
    }
    Ok(())
}

fn body(wanted: &Wanted, seen: &Record) -> Result<(), String> {
    let (ours, theirs) = (parts(&seen.body), parts(&wanted.body));
    if let (Some(ours), Some(theirs)) = (&ours, &theirs) {
        return (ours == theirs)
            .then_some(())
            .ok_or_else(|| format!("parts wanted {theirs:?}, sent {ours:?}"));
    }
    let mut wanted = wanted.body.as_slice();
    if wanted.len() + 1 == seen.body.len() {
        // The part ends with its file's last line.
        wanted = wanted.strip_suffix(b"\n").unwrap_or(wanted);
    }
    let same = wanted == seen.body.as_slice();
    let show = |bytes: &[u8]| {
        String::from_utf8_lossy(bytes.get(..bytes.len().min(300)).unwrap_or_default()).into_owned()
    };
    same.then_some(()).ok_or_else(|| format!("body wanted {:?}, sent {:?}", show(wanted), show(&seen.body)))
}

/// A part of a multipart body: the words of its disposition, its type, its data.
type FormPart = (Vec<String>, Option<String>, String);

/// The parts of a multipart body, without what is everyone's own.
fn parts(body: &[u8]) -> Option<Vec<FormPart>> {
    let body = message::text(body);
    // The type of the message may be the caller's; the body begins with its delimiter in any case.
    let delimiter = body.strip_prefix("--").map(|_| body.split("\r\n").next().unwrap_or_default())?;
    let mut pieces = body.split(delimiter);
    pieces.next()?;
    let mut parts = Vec::new();
    for piece in pieces {
        if piece.starts_with("--") {
            return Some(parts);
        }
        let piece = piece.strip_prefix("\r\n")?;
        let piece = piece.strip_suffix("\r\n")?;
        let (head, data) = piece.split_once("\r\n\r\n")?;
        let field = |name: &str| {
            head.split("\r\n").find_map(|line| {
                let (known, value) = line.split_once(':')?;
                known.eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
            })
        };
        let disposition = field("content-disposition")?.split("; ").map(str::to_owned).collect();
        // Text without a type is text/plain (RFC 7578 section 4.4); a charset may be added.
        let kind = field("content-type").map(|kind| kind.split(';').next().unwrap_or_default().to_owned());
        parts.push((disposition, kind, data.to_owned()));
    }
    None
}

/// Whether what comes next is a request line.
fn starts_request(bytes: &[u8]) -> bool {
    let line = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let line = message::text(line.strip_suffix(b"\r").unwrap_or(line));
    let mut words = line.split(' ');
    let method = words
        .next()
        .is_some_and(|word| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_uppercase()));
    method && line.ends_with(" HTTP/1.1") && words.count() == 2
}

/// What a transfer gave, to be found in the expected output.
#[derive(Debug)]
pub(super) struct Came {
    pub(super) status: u16,
    pub(super) body: Vec<u8>,
    /// The last reply that was sent for it.
    pub(super) reply: Vec<u8>,
    /// Whether the transfer asked for no body.
    pub(super) head_request: bool,
    /// Whether a content coding was undone.
    pub(super) decoded: bool,
}

/// Compares what came with the output the test expects, else with the reply itself.
pub(super) fn output(test: &Test, came: &[Came], groups: &[Group]) -> Result<(), String> {
    for came in came {
        status(came)?;
    }
    let elsewhere = test.part("client/command").and_then(|part| part.attribute("option"));
    let include = groups.iter().all(|group| group.include)
        && !elsewhere.is_some_and(|option| option.contains("no-include"));
    let Some(expected) = expected(test)? else {
        return came.iter().try_for_each(against_reply);
    };
    let expected = even(&expected);
    // Without a part for standard output curl's tool writes the first transfer to the file that is compared.
    let (shown, silent) = match test.part("verify/stdout") {
        Some(_) => (came, &[][..]),
        None => came.split_at(came.len().min(1)),
    };
    silent.iter().try_for_each(against_reply)?;
    if groups.iter().any(|group| group.other_output) {
        return shown.iter().try_for_each(against_reply);
    }
    let mut from = 0;
    for came in shown {
        let (head, _) = split_reply(&came.reply);
        let mut piece = if include { head.to_vec() } else { Vec::new() };
        piece.extend_from_slice(&came.body);
        let piece = even(&piece);
        let rest = expected.get(from..).unwrap_or_default();
        let Some(at) = rest.find(&piece) else {
            return Err(format!("output {piece:?} not in the expected {rest:?}"));
        };
        from += at + piece.len();
    }
    let more_output = groups.iter().any(|group| group.more_output);
    let trailers =
        shown.last().is_some_and(|came| message::text(&came.reply).to_ascii_lowercase().contains("chunked"));
    let left = expected.get(from..).unwrap_or_default();
    if more_output || trailers || left.trim().is_empty() {
        Ok(())
    } else {
        Err(format!("output lacks {left:?}"))
    }
}

/// Output without what curl may show in one way or the other: ends of lines, folded fields, runs of white space.
fn even(output: &[u8]) -> String {
    let output = String::from_utf8_lossy(output).replace('\r', "").replace('\t', " ");
    let output = output.replace("\n ", " ");
    let mut even = String::with_capacity(output.len());
    for character in output.chars() {
        if !(character == ' ' && even.ends_with([' ', '\n'])) {
            even.push(character);
        }
    }
    even
}

/// The output the test expects; `None`: it does not say.
fn expected(test: &Test) -> Result<Option<Vec<u8>>, String> {
    let first = ["verify/stdout", "reply/datacheck", "reply/data"].iter().find_map(|path| test.part(path));
    match first {
        Some(part) if part.attribute("nocheck") == Some("yes") => Ok(None),
        Some(part) => Part::bytes(part).map(Some).map_err(str::to_owned),
        None => Ok(None),
    }
}

fn status(came: &Came) -> Result<(), String> {
    let (head, _) = split_reply(&came.reply);
    let head = message::head(head).ok_or("a reply without a head was accepted")?;
    let sent = head.start.split(' ').nth(1).unwrap_or_default();
    let got = came.status.to_string();
    (sent == got).then_some(()).ok_or_else(|| format!("status sent {sent}, got {got}"))
}

/// The body as an independent reading of the reply has it.
fn against_reply(came: &Came) -> Result<(), String> {
    if came.decoded {
        return Ok(());
    }
    let read =
        message::response(&came.reply, came.head_request).ok_or("a reply to be refused was accepted")?;
    (read.body == came.body).then_some(()).ok_or_else(|| {
        format!("body sent {:?}, got {:?}", message::text(&read.body), message::text(&came.body))
    })
}

/// The head of the final response of a reply, and what follows.
fn split_reply(reply: &[u8]) -> (&[u8], &[u8]) {
    let mut rest = reply;
    while let Some(head) = message::head(rest) {
        let (now, later) = rest.split_at_checked(head.length).unwrap_or((rest, &[]));
        if !head.start.split(' ').nth(1).is_some_and(|status| status.starts_with('1')) {
            return (now, later);
        }
        rest = later;
    }
    (rest, &[])
}
