//! Where the test modules of `1c/tests` find their servers: the module `Окружение` with the addresses of this run.
#![allow(dead_code, clippy::print_stdout, reason = "each suite uses a part; what could not be tried is said")]

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use bsl::run::Machine;
use bsl::tests::{TestResult, Verdict, run};
use test_server::Server;

#[path = "../../../support/told.rs"]
mod told;
use told::told;

/// One server for all tests of a program: they share nothing but paths.
pub(crate) static HOST: LazyLock<Server> = LazyLock::new(|| Server::start().unwrap());

/// The server's authority in a file, as a script needs it.
static AUTHORITY: LazyLock<PathBuf> = LazyLock::new(|| {
    let name = format!("authority-{}.pem", std::process::id());
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::write(&path, HOST.ca_pem()).unwrap();
    path
});

/// The text of `Окружение`. Every address that stands in it is replaced; one that is not there any more fails.
pub(crate) fn environment() -> String {
    let closed = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap();
    with_addresses(&[
        ("http://127.0.0.1:8080", HOST.url("").trim_end_matches('/')),
        ("https://localhost:8443", HOST.secure_url("").trim_end_matches('/')),
        ("http://127.0.0.1:9\"", &format!("http://{closed}\"")),
        ("\"ca.pem\"", &format!("\"{}\"", AUTHORITY.display())),
    ])
}

/// The same with an S3 server that checks signatures and its keys; `None` when the run did not tell of one, which CI
/// does not accept.
pub(crate) fn environment_with_storage() -> Option<String> {
    let mut text = environment();
    for (known, variable) in [
        ("http://127.0.0.1:9000", "CONNECTOR_S3"),
        ("\"ACCESS_KEY\"", "CONNECTOR_S3_ACCESS_KEY"),
        ("\"SECRET_KEY\"", "CONNECTOR_S3_SECRET_KEY"),
    ] {
        let value = told(variable)?;
        let value = if known.starts_with('"') { format!("\"{value}\"") } else { value };
        text = replaced(&text, known, &value);
    }
    Some(text)
}

/// Runs a test module: what was registered passes.
pub(crate) fn passed(machine: &mut Machine, module: &str) -> Vec<TestResult> {
    let results = run(machine, module);
    let failed: Vec<_> = results.iter().filter(|result| result.verdict != Verdict::Passed).collect();
    assert!(failed.is_empty(), "{module}: {failed:#?}");
    results
}

/// The same, and every exported procedure but the one that registers them was run once. One with parameters runs
/// several times.
pub(crate) fn all_passed(machine: &mut Machine, module: &str) {
    let results = passed(machine, module);
    let mut ran: Vec<&str> = results.iter().filter_map(|result| result.name.split('(').next()).collect();
    ran.dedup();
    ran.push("ИсполняемыеСценарии");
    ran.sort_unstable();
    let mut exported: Vec<String> = machine.exported(module).iter().map(ToString::to_string).collect();
    exported.sort();
    assert_eq!(ran, exported, "{module}: a test that is not registered, or twice");
}

fn with_addresses(addresses: &[(&str, &str)]) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../1c/tests/Окружение.bsl");
    let text = std::fs::read_to_string(path).unwrap();
    addresses.iter().fold(text, |text, (known, address)| replaced(&text, known, address))
}

fn replaced(text: &str, known: &str, by: &str) -> String {
    assert_eq!(text.matches(known).count(), 1, "{known} in Окружение.bsl");
    text.replace(known, by)
}
