//! From a curl command line to what this client is asked for. Options are known by name; one that is not known, or has
//! no counterpart in this client, excepts its test with the reason.

use std::collections::BTreeMap;
use std::time::Duration;

use super::words::{Field, form_field, form_string, words};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// What curl escapes in names of files and in encoded data.
pub(super) const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Options up to `--next`, for each URL in it.
#[derive(Debug, Clone, Default)]
pub(super) struct Group {
    pub(super) urls: Vec<String>,
    /// `-T`, one per URL in order.
    pub(super) uploads: Vec<String>,
    /// `-d` and its kin, joined.
    pub(super) data: Option<Vec<u8>>,
    /// `-F`.
    pub(super) form: Vec<Field>,
    /// `-H`; no value: the header is removed.
    pub(super) headers: Vec<(String, Option<String>)>,
    pub(super) method: Option<String>,
    pub(super) head: bool,
    /// `-G`.
    pub(super) query: bool,
    pub(super) follow: bool,
    pub(super) max_redirects: Option<u32>,
    pub(super) user: Option<String>,
    pub(super) bearer: Option<String>,
    /// `-b` with `name=value`.
    pub(super) cookies: Vec<String>,
    /// `-b` with a file.
    pub(super) cookie_files: Vec<String>,
    /// Whether curl keeps cookies at all.
    pub(super) cookie_engine: bool,
    pub(super) compressed: bool,
    pub(super) max_time: Option<Duration>,
    pub(super) max_size: Option<u64>,
    pub(super) retries: u32,
    pub(super) retry_time: Option<Duration>,
    pub(super) json: bool,
    /// The output holds more than responses (`-w`).
    pub(super) more_output: bool,
    /// The output lies elsewhere (`-o`).
    pub(super) other_output: bool,
    /// `-x`, without its scheme.
    pub(super) proxy: Option<String>,
    /// `-i` is given by curl's test tool unless a test says otherwise.
    pub(super) include: bool,
}

/// Files of the test by name, and standard input as `-`.
pub(super) type Files = BTreeMap<String, Vec<u8>>;

const OTHER: &str = "an option of curl without a counterpart here";
/// The file a command names does not exist: in this client that is the caller's own error, before any request.
pub(super) const NO_FILE: &str = "names a file that does not exist";

/// Splits and reads a command line.
pub(super) fn parse(command: &str, files: &Files) -> Result<Vec<Group>, &'static str> {
    let mut words = words(command).ok_or("shell syntax that is not understood")?.into_iter();
    let mut groups = vec![Group { include: true, ..Group::default() }];
    let mut glob = true;
    while let Some(word) = words.next() {
        let group = groups.last_mut().ok_or(OTHER)?;
        if word == "--next" {
            groups.push(Group { include: true, ..Group::default() });
        } else if let Some(name) = word.strip_prefix("--") {
            if name == "globoff" {
                glob = false;
            } else {
                option(group, name, files, &mut || words.next())?;
            }
        } else if let Some(letters) = word.strip_prefix('-').filter(|letters| !letters.is_empty()) {
            let mut rest = letters;
            while let Some(letter) = rest.chars().next() {
                rest = rest.get(letter.len_utf8()..).unwrap_or_default();
                if letter == 'g' {
                    glob = false;
                    continue;
                }
                let name = long_name(letter).ok_or(OTHER)?;
                let mut attached = false;
                option(group, name, files, &mut || {
                    attached = true;
                    if rest.is_empty() { words.next() } else { Some(rest.to_owned()) }
                })?;
                if attached {
                    break;
                }
            }
        } else {
            group.urls.push(word);
        }
    }
    for group in &mut groups {
        if glob {
            group.urls =
                group.urls.iter().map(|url| alternatives(url)).collect::<Result<Vec<_>, _>>()?.concat();
        }
        check(group)?;
    }
    Ok(groups)
}

fn check(group: &Group) -> Result<(), &'static str> {
    if group.urls.is_empty() {
        return Err("no URL on the command line");
    }
    if group
        .urls
        .iter()
        .any(|url| url.split_once("://").is_some_and(|(scheme, _)| !scheme.eq_ignore_ascii_case("http")))
    {
        return Err("another scheme than http");
    }
    if group.urls.iter().chain(&group.uploads).any(|word| word.contains(['{', '}'])) {
        return Err("curl's own globbing of URLs and files");
    }
    if group.follow && group.method.is_some() {
        return Err("-X with -L: curl repeats the method whatever the redirect says");
    }
    Ok(())
}

/// One option; `value` gives its argument.
fn option(
    group: &mut Group,
    name: &str,
    files: &Files,
    value: &mut dyn FnMut() -> Option<String>,
) -> Result<(), &'static str> {
    if let Some(reason) = not_ours(name) {
        return Err(reason);
    }
    let mut argument = || value().ok_or(OTHER);
    match name {
        "request" => group.method = Some(argument()?),
        "head" => group.head = true,
        "get" => group.query = true,
        "location" => group.follow = true,
        "max-redirs" => group.max_redirects = Some(argument()?.parse().map_err(|_| OTHER)?),
        "user" => group.user = Some(argument()?),
        "oauth2-bearer" => group.bearer = Some(argument()?),
        "user-agent" => group.headers.push(("User-Agent".to_owned(), Some(argument()?))),
        "referer" => {
            let referer = argument()?;
            if referer.contains(";auto") {
                return Err(OTHER);
            }
            group.headers.push(("Referer".to_owned(), Some(referer)));
        }
        "header" => header(group, &argument()?)?,
        "data" | "data-ascii" | "data-binary" | "data-raw" => {
            let data = data(&argument()?, name, files)?;
            append(&mut group.data, &data, b"&");
        }
        "data-urlencode" => {
            let text = argument()?;
            let (key, value) = text.split_once('=').ok_or(OTHER)?;
            if key.contains('@') {
                return Err(OTHER);
            }
            let value = utf8_percent_encode(value, ESCAPED).to_string();
            let data = if key.is_empty() { value } else { format!("{key}={value}") };
            append(&mut group.data, data.as_bytes(), b"&");
        }
        "json" => {
            let data = data(&argument()?, "data-binary", files)?;
            append(&mut group.data, &data, b"");
            group.json = true;
        }
        "form" => group.form.push(form_field(&argument()?, files)?),
        "form-string" => group.form.push(form_string(&argument()?)?),
        "upload-file" => group.uploads.push(argument()?),
        "cookie" => {
            let cookie = argument()?;
            if cookie.contains('=') {
                group.cookies.push(cookie);
            } else {
                group.cookie_engine = true;
                group.cookie_files.push(cookie);
            }
        }
        "cookie-jar" => {
            argument()?;
            group.cookie_engine = true;
        }
        "compressed" => group.compressed = true,
        "max-time" => group.max_time = Some(seconds(&argument()?)?),
        "connect-timeout" => drop(seconds(&argument()?)?),
        "max-filesize" => group.max_size = Some(argument()?.parse().map_err(|_| OTHER)?),
        "retry" => group.retries = argument()?.parse().map_err(|_| OTHER)?,
        "retry-max-time" => group.retry_time = Some(seconds(&argument()?)?),
        "output" | "stderr" | "write-out" | "dump-header" | "libcurl" | "trace-ascii" | "trace" => {
            let place = argument()?;
            group.other_output |= name == "output" && place != "-";
            group.more_output |= name == "write-out" || place == "-";
        }
        "no-include" => group.include = false,
        "proto" | "proto-redir" => drop(argument()?),
        "proxy" => {
            let proxy = argument()?;
            let place = proxy.strip_prefix("http://").unwrap_or(&proxy).trim_end_matches('/');
            // All it does then is to stand where the names of hosts lead: the server of the test.
            group.proxy = Some(place.to_owned());
        }
        "resolve" | "connect-to" => drop(argument()?),
        // They change what curl prints, how it connects to 127.0.0.1, or ask for what is so anyway.
        "include" | "silent" | "show-error" | "verbose" | "basic" | "ipv4" | "no-progress-meter"
        | "no-http0.9" | "no-keepalive" | "fail" | "fail-with-body" | "tcp-nodelay" | "styled-output"
        | "no-styled-output" | "show-headers" | "http1.1" => {}
        _ => return Err(OTHER),
    }
    Ok(())
}

/// Options that say the test is about something this client, or this part of it, does not do.
fn not_ours(name: &str) -> Option<&'static str> {
    let has = |words: &[&str]| words.iter().any(|word| name.starts_with(word));
    if name == "proxy" {
        None
    } else if has(&["proxy", "preproxy", "noproxy", "socks", "haproxy", "suppress-connect"]) {
        Some("goes through a proxy")
    } else if has(&[
        "digest",
        "ntlm",
        "negotiate",
        "anyauth",
        "aws-sigv4",
        "krb",
        "delegation",
        "no-basic",
        "login-options",
    ]) {
        Some("authentication other than Basic and Bearer")
    } else if has(&["netrc"]) {
        Some("netrc files")
    } else if has(&["range", "continue-at"]) {
        Some("ranges and resuming")
    } else if has(&["time-cond", "etag"]) {
        Some("conditional requests made by curl")
    } else if has(&["http1.0", "http2", "http3", "http0.9"]) {
        Some("another version of HTTP")
    } else if has(&["tr-encoding", "raw", "ignore-content-length"]) {
        Some("transfer codings asked for, or lengths ignored")
    } else if has(&["interface", "unix-socket", "abstract", "doh", "dns", "ipv6", "local-port"]) {
        Some("another way to connect than the URL says")
    } else if has(&["config"]) {
        Some("curl's configuration files")
    } else if has(&["post30", "location-trusted", "path-as-is", "request-target", "referer-auto"]) {
        Some("a redirect or URL rule that curl has as an option")
    } else if has(&["form-escape"]) {
        Some("backslashes in form names; browsers' percent escapes are used")
    } else if has(&["retry-all-errors", "retry-connrefused", "retry-delay"]) {
        Some("retry rules that curl has as options")
    } else {
        None
    }
}

fn long_name(letter: char) -> Option<&'static str> {
    Some(match letter {
        'X' => "request",
        'I' => "head",
        'G' => "get",
        'L' => "location",
        'u' => "user",
        'A' => "user-agent",
        'e' => "referer",
        'H' => "header",
        'd' => "data",
        'F' => "form",
        'T' => "upload-file",
        'b' => "cookie",
        'c' => "cookie-jar",
        'm' => "max-time",
        'f' => "fail",
        'o' => "output",
        'w' => "write-out",
        'D' => "dump-header",
        'i' => "include",
        's' => "silent",
        'S' => "show-error",
        'v' => "verbose",
        '4' => "ipv4",
        '6' => "ipv6",
        'x' => "proxy",
        'U' => "proxy-user",
        'p' => "proxytunnel",
        'n' => "netrc",
        'r' => "range",
        'C' => "continue-at",
        'z' => "time-cond",
        '0' => "http1.0",
        'K' => "config",
        _ => return None,
    })
}

fn header(group: &mut Group, text: &str) -> Result<(), &'static str> {
    if text.starts_with('@') {
        return Err(OTHER);
    }
    let (name, value) = match (text.split_once(':'), text.strip_suffix(';')) {
        (Some((name, value)), _) => (name, Some(value.trim()).filter(|value| !value.is_empty())),
        // "Name;" is curl's way to send a header without a value.
        (None, Some(name)) => (name, Some("")),
        (None, None) => return Err(OTHER),
    };
    group.headers.push((name.to_owned(), value.map(str::to_owned)));
    Ok(())
}

fn data(text: &str, option: &str, files: &Files) -> Result<Vec<u8>, &'static str> {
    match text.strip_prefix('@').filter(|_| option != "data-raw") {
        Some(file) => {
            let mut bytes = files.get(file).cloned().ok_or(NO_FILE)?;
            if option != "data-binary" {
                bytes.retain(|byte| !matches!(byte, b'\r' | b'\n' | 0));
            }
            Ok(bytes)
        }
        None => Ok(text.as_bytes().to_vec()),
    }
}

fn append(to: &mut Option<Vec<u8>>, more: &[u8], between: &[u8]) {
    match to {
        Some(data) => {
            data.extend_from_slice(between);
            data.extend_from_slice(more);
        }
        None => *to = Some(more.to_vec()),
    }
}

fn seconds(text: &str) -> Result<Duration, &'static str> {
    text.parse().ok().and_then(|seconds| Duration::try_from_secs_f64(seconds).ok()).ok_or(OTHER)
}

/// One `{a,b}` in a URL becomes a URL for each; ranges in brackets are not read.
fn alternatives(url: &str) -> Result<Vec<String>, &'static str> {
    const GLOB: &str = "curl's own globbing of URLs and files";
    if let Some((before, rest)) = url.split_once('{') {
        let (list, after) = rest.split_once('}').ok_or(GLOB)?;
        return Ok(list.split(',').map(|word| format!("{before}{word}{after}")).collect());
    }
    if url.contains('[') && !url.contains("[::1]") { Err(GLOB) } else { Ok(vec![url.to_owned()]) }
}

/// Splitting and form fields, checked on made-up commands.
pub(super) fn self_check() -> Result<(), String> {
    let files: Files = [("log/a\".txt".to_owned(), b"1\r\n2".to_vec())].into();
    let command = r#"http://x/{1,2} -sL -d@'log/a".txt' -d b -H "A: \"q\"" -F "f=@\"log/a\\\".txt\";type=m/f" -Hb: -b n=v -b none"#;
    let groups = parse(command, &files).map_err(str::to_owned)?;
    let [group] = groups.as_slice() else { return Err(format!("{} groups", groups.len())) };
    let form = Field {
        name: "f".to_owned(),
        data: b"1\r\n2".to_vec(),
        file_name: Some("a\".txt".to_owned()),
        content_type: Some("m/f".to_owned()),
    };
    let right = group.urls == ["http://x/1", "http://x/2"]
        && group.follow
        && group.data.as_deref() == Some(b"12&b")
        && group.headers == [("A".to_owned(), Some("\"q\"".to_owned())), ("b".to_owned(), None)]
        && group.form == [form]
        && group.cookies == ["n=v"]
        && group.cookie_engine;
    let refused =
        parse("http://x --digest", &files).is_err() && parse("http://x --unheard-of", &files).is_err();
    (right && refused).then_some(()).ok_or_else(|| format!("{group:?}"))
}
