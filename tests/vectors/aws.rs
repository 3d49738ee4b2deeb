//! AWS Signature Version 4: the published suite in both forms (header fields and query), and the worked examples of the
//! S3 API reference. The functions are those the client signs with; only the choice of the signed fields is the
//! suite's, which signs all there are.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;

use httpconnector::engine::auth::Aws;
use httpconnector::engine::auth::aws::{
    Chunks, Draft, PathRule, SignedHeaders, SignedQuery, encoded_length, sign_headers, sign_query,
};
use httpconnector::engine::body::{Body, Source};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::outcome::{Outcome, Vectors};

/// The published suite, each case once for each form.
pub(crate) fn suite(vectors: &Vectors) -> Outcome {
    let requests = vectors.files(|path| path.contains("aws-sigv4/v4/") && path.ends_with("/request.txt"));
    if requests.is_empty() {
        return Outcome::absent();
    }
    let mut outcome = Outcome::new();
    for request in requests {
        let folder = request.parent().unwrap();
        let name = folder.file_name().unwrap().to_string_lossy().into_owned();
        let case = Case::read(folder);
        outcome.case(format!("{name} (header)"), || case.header(folder));
        // Two cases that their origin added to the suite have neither a query form nor a context.
        if folder.join("query-signature.txt").exists() {
            outcome.case(format!("{name} (query)"), || case.query(folder));
        }
    }
    outcome
}

/// The examples of the S3 API reference.
pub(crate) fn s3(vectors: &Vectors) -> Outcome {
    let Some(text) = vectors.text("s3-examples.json") else { return Outcome::absent() };
    let all: Value = serde_json::from_str(&text).unwrap();
    let mut outcome = Outcome::new();
    for case in all["cases"].as_array().unwrap() {
        outcome.case(case["id"].as_str().unwrap(), || example(&all, case));
    }
    outcome
}

struct Case {
    method: String,
    path: String,
    query: String,
    headers: Vec<(String, String)>,
    body: String,
    aws: Aws,
    seconds: u32,
    time: String,
    rule: PathRule,
    /// The hash of the body goes into a header field, too.
    says_hash: bool,
    /// The token is added after signing.
    token_last: Option<String>,
}

impl Case {
    fn read(folder: &Path) -> Self {
        let request = text(folder, "request.txt");
        let (head, body) = request.split_once("\n\n").unwrap_or((request.trim_end(), ""));
        let mut headers: Vec<(String, String)> = Vec::new();
        for line in head.lines().skip(1) {
            match (line.strip_prefix([' ', '\t']), headers.last_mut()) {
                // A folded line continues the value (RFC 9112 section 5.2).
                (Some(rest), Some((_, value))) => *value = format!("{value} {rest}"),
                _ => {
                    let (name, value) = line.split_once(':').unwrap();
                    headers.push((name.to_owned(), value.to_owned()));
                }
            }
        }
        // The request line is that of the signed request: in `get-space-normalized` the suite's own request was given
        // an encoded space, for the sake of a parser, while everything derived from it is for a plain one.
        let signed = text(folder, "header-signed-request.txt");
        let line = signed.lines().next().unwrap();
        let (method, target) = line.trim_end_matches(" HTTP/1.1").split_once(' ').unwrap();
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let mut case = Self {
            method: method.to_owned(),
            path: path.to_owned(),
            query: query.to_owned(),
            time: String::new(),
            headers,
            body: body.to_owned(),
            aws: Aws::default(),
            seconds: 0,
            rule: PathRule::Resolved,
            says_hash: false,
            token_last: None,
        };
        let context = folder.join("context.json");
        if context.exists() {
            case.take_context(&serde_json::from_str(&std::fs::read_to_string(context).unwrap()).unwrap());
        } else {
            case.take_scope(&signed);
        }
        case
    }

    fn take_context(&mut self, context: &Value) {
        let word = |value: &Value| value.as_str().unwrap().to_owned();
        let token = context["credentials"]["token"].as_str().map(str::to_owned);
        let is_last = context["omit_session_token"] == true;
        self.aws = Aws {
            access_key: word(&context["credentials"]["access_key_id"]),
            secret_key: word(&context["credentials"]["secret_access_key"]),
            session_token: token.clone().filter(|_| !is_last),
            region: word(&context["region"]),
            service: word(&context["service"]),
            ..Aws::default()
        };
        self.token_last = token.filter(|_| is_last);
        self.seconds = u32::try_from(context["expiration_in_seconds"].as_u64().unwrap()).unwrap();
        self.time = word(&context["timestamp"]).replace(['-', ':'], "");
        self.rule = if context["normalize"] == true { PathRule::Resolved } else { PathRule::Unresolved };
        self.says_hash = context["sign_body"] == true;
    }

    /// Without a context: key id, day, region and service stand in the signed request, its time in its field.
    fn take_scope(&mut self, signed: &str) {
        let scope = signed.split("Credential=").nth(1).unwrap().split(',').next().unwrap();
        let parts: Vec<&str> = scope.split('/').collect();
        // The keys of the examples of the IAM User Guide, and those the origin of these cases uses in its tests.
        let secret = match parts[0] {
            "AKIDEXAMPLE" => "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
            "ANOTREAL" => "notrealrnrELgWzOk3IfjzDKtFBhDby",
            other => panic!("unknown key {other}"),
        };
        self.aws = Aws {
            access_key: parts[0].to_owned(),
            secret_key: secret.to_owned(),
            region: parts[2].to_owned(),
            service: parts[3].to_owned(),
            ..Aws::default()
        };
        let given =
            self.headers.iter().position(|(name, _)| name.eq_ignore_ascii_case("x-amz-date")).unwrap();
        self.time = self.headers.remove(given).1;
    }

    fn draft<'a>(&'a self, headers: &'a [(&'a str, &'a str)], payload: &'a str) -> Draft<'a> {
        let Self { method, path, query, rule, .. } = self;
        Draft { method, path, query, headers, payload, rule: *rule }
    }

    fn given(&self) -> Vec<(&str, &str)> {
        self.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
    }

    fn signed_headers(&self, time: &str) -> SignedHeaders {
        let hash = sha256(self.body.as_bytes());
        let mut headers = self.given();
        headers.push(("X-Amz-Date", time));
        if self.says_hash {
            headers.push(("x-amz-content-sha256", &hash));
        }
        if let Some(token) = &self.aws.session_token {
            headers.push(("X-Amz-Security-Token", token));
        }
        sign_headers(&self.aws, &self.draft(&headers, &hash), time)
    }

    fn header(&self, folder: &Path) -> Result<(), String> {
        let made = self.signed_headers(&self.time);
        // `double-encode-path` was signed at one time, and its canonical form written at another.
        let canonical = text(folder, "header-canonical-request.txt");
        let written = canonical.lines().find_map(|line| line.strip_prefix("x-amz-date:")).unwrap();
        same("canonical request", &self.signed_headers(written).canonical.text, canonical.trim_end())?;
        // The two cases without a context have not all of these files.
        for (file, seen) in [("string-to-sign", &made.string_to_sign), ("signature", &made.signature)] {
            if let Ok(wanted) = std::fs::read_to_string(folder.join(format!("header-{file}.txt"))) {
                same(file, seen, wanted.trim_end())?;
            }
        }
        let signed = text(folder, "header-signed-request.txt");
        let authorization = signed.lines().find_map(|line| line.strip_prefix("Authorization:")).unwrap();
        same("Authorization", &made.authorization, authorization.trim())
    }

    fn query(&self, folder: &Path) -> Result<(), String> {
        let hash = sha256(self.body.as_bytes());
        let headers = self.given();
        let made: SignedQuery = sign_query(&self.aws, &self.draft(&headers, &hash), self.seconds, &self.time);
        same(
            "canonical request",
            &made.canonical.text,
            text(folder, "query-canonical-request.txt").trim_end(),
        )?;
        same("string to sign", &made.string_to_sign, text(folder, "query-string-to-sign.txt").trim_end())?;
        same("signature", &made.signature, text(folder, "query-signature.txt").trim_end())?;
        let mut query = made.query;
        if let Some(token) = &self.token_last {
            let token = token.replace('/', "%2F").replace('+', "%2B").replace('=', "%3D");
            query = query
                .replace("&X-Amz-Signature=", &format!("&X-Amz-Security-Token={token}&X-Amz-Signature="));
        }
        let line = format!("{} {}?{query} HTTP/1.1", self.method, self.path);
        same("request line", &line, text(folder, "query-signed-request.txt").lines().next().unwrap())
    }
}

fn example(all: &Value, case: &Value) -> Result<(), String> {
    let word = |value: &Value| value.as_str().unwrap().to_owned();
    let aws = Aws {
        access_key: word(&all["access_key"]),
        secret_key: word(&all["secret_key"]),
        region: word(&all["region"]),
        service: word(&all["service"]),
        ..Aws::default()
    };
    let time = word(&all["date"]);
    let (target, method) = (word(&case["path"]), word(&case["method"]));
    let (path, query) = target.split_once('?').unwrap_or((&target, ""));
    let headers: BTreeMap<String, String> = serde_json::from_value(case["headers"].clone()).unwrap();
    let headers: Vec<_> = headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let payload = headers.iter().find(|(name, _)| *name == "x-amz-content-sha256").map(|(_, value)| *value);
    let payload = payload.unwrap_or_else(|| case["x_amz_content_sha256"].as_str().unwrap());
    let rule = PathRule::of(&aws.service);
    let draft = Draft { method: &method, path, query, headers: &headers, payload, rule };
    let (canonical, signature) = match case["expires"].as_u64() {
        Some(seconds) => {
            let made = sign_query(&aws, &draft, u32::try_from(seconds).unwrap(), &time);
            (made.canonical, made.signature)
        }
        None => {
            let made = sign_headers(&aws, &draft, &time);
            (made.canonical, made.signature)
        }
    };
    if let Some(query) = case["canonical_query"].as_str() {
        same("canonical query", canonical.text.lines().nth(2).unwrap(), query)?;
    }
    same("signed headers", &canonical.signed, case["signed_headers"].as_str().unwrap())?;
    same("signature", &signature, case["signature"].as_str().unwrap())?;
    match case["chunks"].as_array() {
        Some(chunks) => chunked(&aws, &time, signature, case, chunks),
        None => Ok(()),
    }
}

fn chunked(aws: &Aws, time: &str, seed: String, case: &Value, wanted: &[Value]) -> Result<(), String> {
    let length: usize = case["headers"]["x-amz-decoded-content-length"].as_str().unwrap().parse().unwrap();
    let mut sent = Vec::new();
    let source = Chunks::new(aws, time, seed, Body::bytes(vec![b'a'; length]));
    source.open().unwrap().read_to_end(&mut sent).unwrap();
    same("length", &sent.len().to_string(), case["headers"]["Content-Length"].as_str().unwrap())?;
    assert_eq!(encoded_length(length as u64), Some(sent.len() as u64));
    let mut expected = Vec::new();
    for chunk in wanted {
        let size = usize::try_from(chunk["size"].as_u64().unwrap()).unwrap();
        let signature = chunk["signature"].as_str().unwrap();
        expected.extend_from_slice(format!("{size:x};chunk-signature={signature}\r\n").as_bytes());
        expected.resize(expected.len() + size, b'a');
        expected.extend_from_slice(b"\r\n");
    }
    if sent == expected { Ok(()) } else { Err("the chunks differ".to_owned()) }
}

fn text(folder: &Path, file: &str) -> String {
    std::fs::read_to_string(folder.join(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
}

fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn same(what: &str, seen: &str, wanted: &str) -> Result<(), String> {
    if seen == wanted { Ok(()) } else { Err(format!("{what} is {seen:?}, wanted {wanted:?}")) }
}
