//! The README as a user takes it: every JSON text in its examples and every key of its table of options is accepted
//! by the component, under every name given there and in any letter case.

use std::path::Path;

use addin_host::Val;
use serde_json::{Value, json};

use crate::support::{call, connector, json as call_json, session};

const FILES: [&str; 2] = ["README.md", "README.ru.md"];

fn readme(name: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).unwrap()
}

/// String literals of the `bsl` code blocks, quotes undoubled, comments left out.
fn literals(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for block in text.split("```bsl").skip(1) {
        let mut letters = block.split("```").next().unwrap_or_default().chars().peekable();
        while let Some(letter) = letters.next() {
            if letter == '/' && letters.peek() == Some(&'/') {
                letters.by_ref().find(|letter| *letter == '\n');
            } else if letter == '"' {
                let mut literal = String::new();
                while let Some(letter) = letters.next() {
                    let doubled = letter == '"' && letters.peek() == Some(&'"');
                    if doubled {
                        letters.next();
                    } else if letter == '"' {
                        break;
                    }
                    literal.push(letter);
                }
                found.push(literal);
            }
        }
    }
    found
}

/// Files that stand in for those the examples name, by the end of their names.
struct Examples {
    folder: tempfile::TempDir,
}

impl Examples {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let key = rcgen::KeyPair::generate().unwrap();
        let mut authority = rcgen::CertificateParams::new(vec!["h".to_owned()]).unwrap();
        authority.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        authority.key_usages = vec![rcgen::KeyUsagePurpose::CrlSign, rcgen::KeyUsagePurpose::KeyCertSign];
        let certificate = authority.self_signed(&key).unwrap();
        let issuer = rcgen::Issuer::new(authority, &key);
        let list = rcgen::CertificateRevocationListParams {
            this_update: rcgen::date_time_ymd(2025, 1, 1),
            next_update: rcgen::date_time_ymd(2035, 1, 1),
            crl_number: 1.into(),
            issuing_distribution_point: None,
            revoked_certs: Vec::new(),
            key_identifier_method: rcgen::KeyIdMethod::Sha256,
        };
        let list = list.signed_by(&issuer).unwrap().pem().unwrap();
        let (certificate, key) = (certificate.pem(), key.serialize_pem());
        for (name, text) in [
            ("company.pem", certificate.clone()),
            ("russian_trusted_root_ca.pem", certificate.clone()),
            ("company.crl", list),
            // The format is found by the content.
            ("me.p12", certificate.clone() + &key),
            ("me.pem", certificate),
            ("me.key", key),
        ] {
            std::fs::write(folder.path().join(name), text).unwrap();
        }
        Self { folder }
    }

    /// A text with paths of these files.
    fn placed(&self, text: &str) -> String {
        // Slashes serve on Windows too, and need no escape in JSON.
        let here = self.folder.path().to_str().unwrap().replace('\\', "/");
        text.replace("/etc/ssl", &here).replace("/etc/keys", &here)
    }

    fn pem(&self) -> Vec<u8> {
        std::fs::read(self.folder.path().join("me.p12")).unwrap()
    }
}

#[test]
fn every_json_in_the_examples_is_accepted() {
    let examples = Examples::new();
    for file in FILES {
        let texts: Vec<String> =
            literals(&readme(file)).into_iter().filter(|text| text.starts_with('{')).collect();
        assert!(texts.len() >= 7, "{file}: {texts:?}");
        for text in texts {
            let value: Value =
                serde_json::from_str(&text).unwrap_or_else(|error| panic!("{file}: {text}: {error}"));
            let keys: Vec<&String> = value.as_object().unwrap().keys().collect();
            // What stands for a body or a header is not for the component to judge.
            if keys.iter().any(|key| ["сумма", "sum", "X-Client"].contains(&key.as_str())) {
                continue;
            }
            let text = examples.placed(&text);
            // A reference alone is the value of a property.
            if keys.iter().any(|key| key.as_str() == "Файл") {
                session()
                    .set("ClientSSLCertificate", text.as_str())
                    .unwrap_or_else(|error| panic!("{text}: {error}"));
                continue;
            }
            let object = connector();
            call(&object, "AddBlob", &["скан".into(), Val::Blob(vec![1])]);
            call(&object, "AddBlob", &["id".into(), Val::Blob(examples.pem())]);
            let arguments = ["POST".into(), "http://h/".into(), "".into(), text.as_str().into()];
            let prepared = call_json(&object, "PrepareRequest", &arguments);
            assert_eq!(prepared["method"], "POST", "{file}: {text}");
        }
    }
}

#[test]
fn every_member_in_the_examples_exists() {
    use httpconnector::abi::Library;
    let classes = httpconnector::component::Connector::CLASSES;
    for file in FILES {
        let text = readme(file);
        let mut seen = 0;
        for block in text.split("```bsl").skip(1) {
            let block = block.split("```").next().unwrap_or_default();
            for (object, class) in [("HTTP.", classes[0]), ("Сессия.", classes[1])] {
                for rest in block.split(object).skip(1) {
                    let name: String = rest.chars().take_while(|c| c.is_alphanumeric()).collect();
                    let method = class.methods.iter().any(|m| m.english == name || m.russian == name);
                    let property = class.properties.iter().any(|p| p.english == name || p.russian == name);
                    // `HTTP.` is also the end of other words, which are followed by no call.
                    assert!(method || property, "{file}: {object}{name}");
                    seen += 1;
                }
            }
        }
        assert!(seen >= 8, "{file}: {seen}");
    }
}

/// A good value for a key, by its English name.
fn value(key: &str) -> Value {
    match key {
        "Headers" => json!({"X": "1"}),
        "Authentication" => json!({"Пользователь": "u", "Password": "p"}),
        "RequestParameters" => json!({"a": [1, "б"], "c": null}),
        "Data" => json!({"field": "value"}),
        "Json" => json!({"a": 1}),
        "Files" => {
            json!([{"Имя": "f", "FileName": "a.txt", "Данные": "x", "Type": "text/plain", "Заголовки": {"X": 1}}])
        }
        "Cookies" => {
            json!([{"Наименование": "n", "Value": "v", "Домен": "h", "СрокДействия": "2031-01-02T03:04:05"}])
        }
        "Timeout" | "ConnectTimeout" | "TotalTimeout" | "MaximumTimeOfRetries" | "ExponentialDelayRatio" => {
            json!(1.5)
        }
        "MaximumNumberOfRedirects" | "MaximumNumberOfRetries" => json!(2),
        "MaximumBodySize" => json!(1000),
        "ToRetryForStatusesCodes" => json!([500, 503]),
        "OutputFile" => json!("/tmp/never-written"),
        "VerifySSL"
        | "AllowRedirect"
        | "AllowRedirectToHTTP"
        | "KeepMethodOn301"
        | "RetryUnsafeMethods"
        | "AllowEmptyJson"
        | "AllowTruncatedTLS"
        | "DenyPrivateAddresses"
        | "ClientSSLCertificate" => json!(false),
        "TLSProvider" => json!("Современный"),
        "MinimumTLSVersion" | "MaximumTLSVersion" => json!("1.2"),
        "TLSServerName" => json!("узел.рф"),
        "PinnedKeys" => json!(["sha256/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="]),
        "RevocationLists" => json!([]),
        "Proxy" => json!({"Server": "proxy.test", "Порт": 3128, "BypassProxyOnLocal": true}),
        "AllowedSchemes" => json!(["http"]),
        "AllowedPorts" => json!([80, 443]),
        "AddressOverrides" => json!({"h:80": ["10.0.0.1", "::1"]}),
        "JSONConversionParameters" | "JSONWriterSettings" => Value::Null,
        other => panic!("{other} is new: give it a value here"),
    }
}

/// Rows of a generated table, cells trimmed.
fn rows(text: &str, table: &str) -> Vec<Vec<String>> {
    let body = text.split(&format!("<!-- reference:start {table} -->")).nth(1).unwrap();
    let body = body.split("<!-- reference:end").next().unwrap();
    let cells = |line: &str| line.trim_matches('|').split(" | ").map(|cell| cell.trim().to_owned()).collect();
    body.lines().filter(|line| line.starts_with("| `")).map(cells).collect()
}

fn names(cell: &str) -> Vec<String> {
    cell.split("<br>").map(|name| name.trim_matches('`').to_owned()).collect()
}

#[test]
fn every_key_is_accepted_under_every_name_in_any_case() {
    let rows = rows(&readme("README.md"), "options");
    assert!(rows.len() >= 37, "{}", rows.len());
    for row in rows {
        let names = names(&row[0]);
        let good = value(&names[0]);
        for name in &names {
            for spelled in [name.clone(), name.to_uppercase(), name.to_lowercase(), format!(" {name} ")] {
                for (text, means) in
                    [(json!({&spelled: good}), "a value"), (json!({&spelled: null}), "not set")]
                {
                    let arguments = ["PUT".into(), "http://h/".into(), "".into(), text.to_string().into()];
                    let prepared = call_json(&connector(), "ПодготовитьЗапрос", &arguments);
                    assert_eq!(prepared["method"], "PUT", "{text} as {means}");
                }
                let session = session();
                let outcome = session.call("Configure", &[json!({&spelled: good}).to_string().into()]);
                assert_eq!(outcome.is_ok(), row[3] != "no", "{spelled} in a session: {outcome:?}");
            }
        }
    }
}

#[test]
fn both_languages_have_the_same_sections_examples_and_rows() {
    let [english, russian] = FILES.map(readme);
    let count = |text: &str, start: &str| text.lines().filter(|line| line.starts_with(start)).count();
    for start in ["## ", "### ", "* ", "```", "| "] {
        assert_eq!(count(&english, start), count(&russian, start), "lines beginning with {start:?}");
    }
    let [ours, theirs] = [&english, &russian]
        .map(|text| literals(text).into_iter().filter(|text| text.starts_with('{')).collect::<Vec<_>>());
    assert_eq!(ours, theirs, "examples");
}

#[test]
fn every_test_target_is_in_the_table() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for file in FILES {
        let text = readme(file);
        for entry in std::fs::read_dir(root.join("tests")).unwrap() {
            let entry = entry.unwrap();
            let name = entry.file_name().into_string().unwrap();
            let target = if entry.path().is_dir() {
                entry.path().join("main.rs").exists()
            } else {
                name.ends_with(".rs")
            };
            let benchmark = name == "bench" || name == "demo" || name == "server" || name == "host";
            if target || benchmark {
                assert!(text.contains(&format!("`tests/{name}`")), "{file} lacks tests/{name}");
            }
        }
        for piece in text.split("`tests/").skip(1) {
            let path = piece.split('`').next().unwrap().split(' ').next().unwrap();
            assert!(root.join("tests").join(path).exists(), "{file}: tests/{path}");
        }
        let aliases = std::fs::read_to_string(root.join(".cargo/config.toml")).unwrap();
        for alias in aliases.lines().filter_map(|line| line.split_once(" = ")).map(|(name, _)| name) {
            assert!(text.contains(&format!("cargo {alias}")), "{file} lacks cargo {alias}");
        }
    }
}
