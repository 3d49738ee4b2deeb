//! One GET of an address from the command line.

use std::time::Instant;

use addin_host::Addin;
use serde_json::Value;

use crate::script::{CONNECTOR, Script};

/// Longest body shown.
const SHOWN: usize = 600;

/// Fetches and prints. `false` when the request failed.
pub(crate) fn run(addin: &Addin, url: &str) -> Result<bool, String> {
    let script = Script::new(addin, CONNECTOR)?;
    let begun = Instant::now();
    let status = match script.status("Get", &[url]) {
        Ok(status) => status,
        Err(text) => {
            println!("{text}\n\n{}", script.get_text("LastErrorDetails")?);
            return Ok(false);
        }
    };
    let milliseconds = begun.elapsed().as_millis();
    println!("{} {} {}", status, script.get_text("ReasonPhrase")?, script.get_text("ResponseURL")?);
    if let Value::Object(headers) = script.get_json("ResponseHeaders")? {
        for (name, value) in &headers {
            match value {
                Value::Array(values) => values.iter().for_each(|value| print_header(name, value)),
                value => print_header(name, value),
            }
        }
    }
    println!("\n{} bytes on the wire, {milliseconds} ms\n", script.get_number("BodySize")?);
    if let Ok(text) = script.text("AsText", &[]) {
        let shown: String = text.chars().take(SHOWN).collect();
        println!("{shown}{}", if shown.len() < text.len() { " ..." } else { "" });
    }
    Ok(true)
}

fn print_header(name: &str, value: &Value) {
    println!("{name}: {}", value.as_str().unwrap_or_default());
}
