//! Measures the built library through the Native API, interleaved with peers, and prints what it found.
//!
//! `cargo bench-abi` (or `cargo run --release -p bench --`) builds the release library and measures it;
//! `HTTPCONNECTOR_LIB` names another one. Options:
//!
//! * `--check`: end with status 1 when a target that does not hang on the clock is missed (memory, threads, size,
//!   crossings of the module);
//! * `--check-clock`: as `--check`, and the targets of speed count too: for a quiet machine;
//! * `--quick`: fewer rounds and requests, for a look;
//! * `--only WORD`: only figures whose group begins with the word (json, handshake, module, download, upload,
//!   memory, threads, object, size).
//!
//! The server is a second process of this program (`bench serve`), pinned to one processor; the measuring process
//! is pinned to another one. Peers take turns in random order, and of all rounds the best counts: on a shared
//! machine others can only make a round slower. `BENCH_PYTHON` names the interpreter that has `requests`.
#![deny(unsafe_code)]
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program that reports to people")]

mod child;
mod figures;
mod peers;
mod process;
mod report;
mod rounds;
mod serve;
mod serve_tls;

use std::error::Error;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, ExitCode, Stdio};

use report::Report;

/// Anything that stops a measurement.
pub(crate) type Failure = Box<dyn Error + Send + Sync>;

/// Bytes of the large body: 256 MiB.
pub(crate) const LARGE: usize = 256 << 20;

/// What is measured with.
pub(crate) struct Bench {
    pub(crate) library: PathBuf,
    pub(crate) server: Server,
    pub(crate) quick: bool,
    pub(crate) folder: tempfile::TempDir,
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let outcome = match words.as_slice() {
        ["serve"] => serve::run().map(|()| true),
        ["child", what, library, url, file] => child::run(what, library.as_ref(), url, file).map(|()| true),
        options => Options::read(options).and_then(|options| measure(&options)),
    };
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("bench: {error}");
            ExitCode::from(2)
        }
    }
}

#[derive(Default)]
struct Options {
    check: bool,
    check_clock: bool,
    quick: bool,
    only: Option<String>,
}

impl Options {
    fn read(words: &[&str]) -> Result<Self, Failure> {
        let mut options = Self::default();
        let mut words = words.iter();
        while let Some(word) = words.next() {
            match *word {
                "--check" => options.check = true,
                "--check-clock" => options.check_clock = true,
                "--quick" => options.quick = true,
                "--only" => options.only = Some(words.next().ok_or("--only needs a word")?.to_string()),
                other => return Err(format!("unknown option {other}").into()),
            }
        }
        Ok(options)
    }
}

/// Whether the process may end with 0.
fn measure(options: &Options) -> Result<bool, Failure> {
    let library = addin_host::find::release("httpconnector")?;
    if cfg!(debug_assertions) {
        println!(
            "This is a debug build of the benchmark: run it with --release for figures that mean something."
        );
    }
    let bench =
        Bench { library, server: Server::start()?, quick: options.quick, folder: tempfile::tempdir()? };
    process::pin(process::CLIENT_PROCESSOR);
    let mut report = Report::default();
    println!("library   {}", bench.library.display());
    println!("libcurl   {}", curl::Version::get().version());
    println!("processor {}", process::processor());
    for (group, run) in figures::ALL {
        if options.only.as_ref().is_none_or(|word| group.starts_with(word.as_str())) {
            println!("\n{group}");
            run(&bench, &mut report)?;
        }
    }
    report.print();
    Ok(!(options.check || options.check_clock) || report.all_met(options.check_clock))
}

/// The server process; ended when dropped.
pub(crate) struct Server {
    process: Child,
    port: u16,
    /// Of the one that resumes nothing, and of the one that resumes everything.
    tls_ports: [u16; 2],
    /// Whom to trust, PEM.
    authority: String,
}

impl Server {
    fn start() -> Result<Self, Failure> {
        let mut process = Command::new(std::env::current_exe()?)
            .arg("serve")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let output = process.stdout.take().ok_or("no output of the server")?;
        let mut lines = BufReader::new(output).lines();
        let ports = lines.next().ok_or("the server said nothing")??;
        let ports: Result<Vec<u16>, _> = ports.split(' ').map(str::parse).collect();
        let [port, full, resumed] = *ports?.as_slice() else { return Err("the server gave no ports".into()) };
        let mut authority = String::new();
        for line in lines {
            let line = line?;
            authority += &line;
            authority.push('\n');
            if line.starts_with("-----END") {
                break;
            }
        }
        Ok(Self { process, port, tls_ports: [full, resumed], authority })
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}/{path}", self.port)
    }

    /// Where every connection is closed after one answer, which says what kind of handshake it was.
    pub(crate) fn tls_url(&self, resumed: bool) -> String {
        let [full, again] = self.tls_ports;
        format!("https://127.0.0.1:{}/", if resumed { again } else { full })
    }

    /// The authority of that server, PEM.
    pub(crate) fn authority(&self) -> &str {
        &self.authority
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may be gone already; then there is nothing to end.
        let _ended = self.process.kill().and_then(|()| self.process.wait());
    }
}
