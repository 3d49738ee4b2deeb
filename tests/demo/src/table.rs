//! The table of the tour: one line per request as it happens, aligned, and the count at the end.

use std::io::Write;
use std::time::Instant;

/// Width of the URL column.
const URL_WIDTH: usize = 44;

/// What a step did, for its line.
pub(crate) struct Outcome {
    /// Status, or a word in its place.
    pub(crate) status: String,
    /// Size of the answer's body on the wire.
    pub(crate) size: Option<i64>,
    /// What was compared and held.
    pub(crate) checked: String,
}

/// Counts and prints.
#[derive(Default)]
pub(crate) struct Table {
    right: usize,
    wrong: usize,
}

impl Table {
    /// A heading before a group of lines.
    pub(crate) fn heading(&self, text: &str) {
        println!("\n{text}");
        if self.right + self.wrong == 0 {
            println!(
                "  {:<7} {:<URL_WIDTH$} {:>6} {:>12} {:>8}  checked",
                "method", "URL", "status", "bytes", "ms"
            );
        }
    }

    /// Runs a step and prints its line; a failed one with the reason below.
    pub(crate) fn step(&mut self, method: &str, url: &str, run: impl FnOnce() -> Result<Outcome, String>) {
        let begun = Instant::now();
        let result = run();
        let milliseconds = begun.elapsed().as_secs_f64() * 1e3;
        let url = shortened(url);
        let pad = " ".repeat(URL_WIDTH.saturating_sub(url.chars().count()));
        match result {
            Ok(Outcome { status, size, checked }) => {
                self.right += 1;
                let size = size.map(grouped).unwrap_or_default();
                println!("  {method:<7} {url}{pad} {status:>6} {size:>12} {milliseconds:>8.1}  {checked}");
            }
            Err(reason) => {
                self.wrong += 1;
                println!("  {method:<7} {url}{pad}  WRONG {:>12} {milliseconds:>8.1}", "");
                for line in reason.lines() {
                    println!("          {line}");
                }
            }
        }
        let _ = std::io::stdout().flush();
    }

    /// Prints the count; `true` when everything was right.
    pub(crate) fn finish(self) -> bool {
        println!("\n{} steps right, {} wrong", self.right, self.wrong);
        self.wrong == 0
    }
}

/// The URL without what is the same in every line, cut in the middle when too long.
fn shortened(url: &str) -> String {
    let letters: Vec<char> = url.chars().collect();
    if letters.len() <= URL_WIDTH {
        return url.to_owned();
    }
    let tail = 12;
    let head: String = letters[..URL_WIDTH - tail - 1].iter().collect();
    let end: String = letters[letters.len() - tail..].iter().collect();
    format!("{head}…{end}")
}

/// Digits in groups of three.
fn grouped(number: i64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) && digit.is_ascii_digit() {
            out.push(' ');
        }
        out.push(digit);
    }
    out
}
