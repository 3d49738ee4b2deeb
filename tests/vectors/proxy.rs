//! Which proxy, and what goes past it: `no_proxy` as curl and as Go read it, networks, the environment.

use httpconnector::engine::proxy::{Bypass, Proxy, ProxyKind, from_environment};
use serde_json::Value;
use url::Url;

use crate::outcome::{Outcome, Vectors};

/// Runs one case.
type Case = fn(&mut Outcome, &Value);

const LEADING_DOT: &str = "a leading dot takes in the name itself, as in curl; in Go it does not";

pub(crate) fn run(vectors: &Vectors) -> Outcome {
    let mut outcome = Outcome::new();
    let suites: [(&str, Case); 3] =
        [("no-proxy.json", no_proxy), ("cidr.json", network), ("proxy-for-url.json", environment)];
    for (file, run) in suites {
        let Some(cases) = vectors.cases(file) else { return Outcome::absent() };
        cases.iter().for_each(|case| run(&mut outcome, case));
    }
    let Some(text) = vectors.text("go-use-proxy.json") else { return Outcome::absent() };
    let json: Value = serde_json::from_str(&text).unwrap();
    let list = json["no_proxy"].as_str().unwrap();
    for case in json["cases"].as_array().unwrap() {
        go_list(&mut outcome, case, list);
    }
    outcome
}

fn no_proxy(outcome: &mut Outcome, case: &Value) {
    let (host, list) = (case["host"].as_str().unwrap(), case["no_proxy"].as_str().unwrap());
    outcome.case(case.to_string(), || {
        same(Bypass::parse(list).matches(&at(host)), case["bypass"].as_bool().unwrap())
    });
}

fn network(outcome: &mut Outcome, case: &Value) {
    let (ip, network) = (case["ip"].as_str().unwrap(), case["network"].as_str().unwrap());
    let host = if ip.contains(':') { format!("[{ip}]") } else { ip.to_owned() };
    // curl's function gets 0 for a pattern without a length.
    let pattern = match case["bits"].as_u64().unwrap() {
        0 => network.to_owned(),
        bits => format!("{network}/{bits}"),
    };
    outcome.case(case.to_string(), || {
        same(Bypass::parse(&pattern).matches(&at(&host)), case["match"].as_bool().unwrap())
    });
}

fn go_list(outcome: &mut Outcome, case: &Value, list: &str) {
    let host = case["host"].as_str().unwrap();
    let run = || {
        let variable = |name: &str| match name {
            "http_proxy" => Some("proxy".to_owned()),
            "no_proxy" => Some(list.to_owned()),
            _ => None,
        };
        let proxy = from_environment(&variable, &at(host)).map_err(|error| error.to_string())?;
        same(proxy.is_some(), case["use_proxy"].as_bool().unwrap())
    };
    if host == "barbaz.net" {
        outcome.exception(case.to_string(), LEADING_DOT, run);
    } else {
        outcome.case(case.to_string(), run);
    }
}

fn environment(outcome: &mut Outcome, case: &Value) {
    let set = &case["env"];
    let url = Url::parse(case["url"].as_str().unwrap()).unwrap();
    let run = || {
        let variable = |name: &str| {
            let key = match name {
                "http_proxy" => "HTTPProxy",
                "https_proxy" => "HTTPSProxy",
                "no_proxy" => "NoProxy",
                "REQUEST_METHOD" if set["CGI"] == true => return Some("GET".to_owned()),
                _ => return None,
            };
            set[key].as_str().map(str::to_owned)
        };
        let proxy = from_environment(&variable, &url).map_err(|error| error.to_string())?;
        same(proxy.map(|proxy| proxy.id()), case["proxy"].as_str().map(with_port))
    };
    if set["NoProxy"] == ".example.com" && url.host_str() == Some("example.com") {
        outcome.exception(case.to_string(), LEADING_DOT, run);
    } else {
        outcome.case(case.to_string(), run);
    }
}

/// A proxy of the vectors with the port that it leaves out.
fn with_port(text: &str) -> String {
    let (scheme, host) = text.split_once("://").unwrap();
    let kind = match scheme {
        "http" => ProxyKind::Http,
        "https" => ProxyKind::Https,
        "socks5" => ProxyKind::Socks5,
        other => panic!("{other}"),
    };
    Proxy::new(kind, host.split(':').next().unwrap(), None, None).map_or_else(
        |word| panic!("{word}"),
        |proxy| if host.contains(':') { text.to_owned() } else { proxy.id() },
    )
}

fn at(host: &str) -> Url {
    Url::parse(&format!("http://{host}/")).unwrap()
}

fn same<T: PartialEq + std::fmt::Debug>(seen: T, wanted: T) -> Result<(), String> {
    if seen == wanted { Ok(()) } else { Err(format!("{seen:?}, wanted {wanted:?}")) }
}
