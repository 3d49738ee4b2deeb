//! The user's story: `1c/examples/quickstart.bsl` and its English twin, through the modules of `1c/src` and the library,
//! against the embedded server. What they say must be what stands beside them.

use std::path::Path;

use test_server::Server;

#[path = "../../support/examples.rs"]
mod examples;

/// Requests of one quickstart on the server: 13 calls, one redirect and two repeats.
const REQUESTS: usize = 16;

const STORIES: [(&str, &str, &str); 2] =
    [("quickstart", "ru", "КоннекторHTTP, in Russian"), ("quickstart_en", "en", "HTTPConnector, in English")];

/// Runs both; `true` when every line was right.
pub(crate) fn run(library: &Path) -> Result<bool, String> {
    let server = Server::start().map_err(|error| format!("the embedded server does not start: {error}"))?;
    println!(
        "No 1C platform runs here: the bench of tests/bsl executes the built-in language, the modules of 1c/src and\n\
         the library are the real ones. The examples' https://httpbin.org is a server in this process."
    );
    let mut right = true;
    for (name, language, module) in STORIES {
        println!("\n1c/examples/{name}.bsl: module {module}");
        right &= tell(&server, library, name, language)?;
    }
    println!(
        "\nNext: cargo demo -- https://a.real/address, cargo demo -- --tour, 1c/README.md (1c/README.ru.md)"
    );
    Ok(right)
}

fn tell(server: &Server, library: &Path, name: &str, language: &'static str) -> Result<bool, String> {
    let mut machine = examples::machine(library, language)?;
    machine.heard = Some(|text| text.split('\n').for_each(|line| println!("  | {line}")));
    let before = server.requests();
    let address = server.url("").trim_end_matches('/').to_owned();
    let ran = examples::run(&mut machine, name, &[("https://httpbin.org", address)])?;
    let requests = server.requests() - before;
    let mut wrong = ran.wrong;
    if requests != REQUESTS {
        wrong.push(format!("the server saw {requests} requests, expected {REQUESTS}"));
    }
    for line in &wrong {
        println!("  WRONG {line}");
    }
    println!(
        "  {} lines, {} wrong; {requests} requests, {} calls into the library",
        ran.said.len(),
        wrong.len(),
        ran.crossings
    );
    Ok(wrong.is_empty())
}
