//! Python requests: one interpreter for the whole run, doing what it is told line by line and reporting the time it
//! measured itself.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Duration;

use crate::Failure;

pub(crate) struct Python {
    process: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    /// Version of requests.
    pub(crate) version: String,
}

impl Python {
    /// `None` when there is no interpreter with `requests`.
    pub(crate) fn start() -> Option<Self> {
        let interpreter = std::env::var_os("BENCH_PYTHON").unwrap_or_else(|| "python3".into());
        let mut process = Command::new(interpreter)
            .args(["-c", include_str!("requests_peer.py")])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .ok()?;
        let input = process.stdin.take()?;
        let mut output = BufReader::new(process.stdout.take()?);
        let mut version = String::new();
        output.read_line(&mut version).ok()?;
        let version = version.trim().to_owned();
        if version.is_empty() {
            // It ended by itself: no requests there.
            let _status = process.wait();
            return None;
        }
        Some(Self { process, input, output, version })
    }

    /// `count` GETs, each body read.
    pub(crate) fn get(&mut self, url: &str, count: usize) -> Result<Duration, Failure> {
        writeln!(self.input, "{count} {url}")?;
        let mut line = String::new();
        self.output.read_line(&mut line)?;
        Ok(Duration::from_secs_f64(line.trim().parse()?))
    }
}

impl Drop for Python {
    fn drop(&mut self) {
        // It may be gone already; then there is nothing to end.
        let _ended = self.process.kill().and_then(|()| self.process.wait());
    }
}
