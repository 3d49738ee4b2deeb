//! The examples of `1c/examples` on the bench: their addresses become those of a server here, and what they say is
//! compared with the `.out` beside them, where `…` stands for anything.
#![allow(dead_code, reason = "included by several programs, each of which uses a part")]

use std::path::{Path, PathBuf};

use bsl::run::{Machine, SERVER};

/// What became of an example.
pub(crate) struct Ran {
    /// Lines it said, with the addresses it was written with.
    pub(crate) said: Vec<String>,
    /// What differs from the expected lines.
    pub(crate) wrong: Vec<String>,
    /// Calls and accesses to properties of the component.
    pub(crate) crossings: u64,
}

/// A module with the template its text names.
struct Module {
    name: &'static str,
    template: &'static str,
}

const MODULES: [Module; 2] = [
    Module {
        name: "КоннекторHTTP", template: "ОбщийМакет.КоннекторHTTPКомпонента"
    },
    Module { name: "HTTPConnector", template: "CommonTemplate.HTTPConnectorAddIn" },
];

/// A file below `1c`.
pub(crate) fn path(below: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../1c").join(below)
}

/// A text below `1c`.
pub(crate) fn source(below: &str) -> Result<String, String> {
    std::fs::read_to_string(path(below)).map_err(|error| format!("1c/{below}: {error}"))
}

/// A bench with both modules and the library in their templates.
pub(crate) fn machine(library: &Path, language: &'static str) -> Result<Machine, String> {
    let mut machine = Machine::new();
    machine.language = language;
    for Module { name, template } in MODULES {
        let text = source(&format!("src/cf/CommonModules/{name}/Ext/Module.bsl"))?;
        machine.add_module(name, &text, SERVER).map_err(|error| error.to_string())?;
        machine.add_template(template, library);
    }
    Ok(machine)
}

/// Runs `1c/examples/NAME.bsl`, each address of its text replaced by the one beside it.
pub(crate) fn run(machine: &mut Machine, name: &str, addresses: &[(&str, String)]) -> Result<Ran, String> {
    let mut text = source(&format!("examples/{name}.bsl"))?;
    for (written, real) in addresses {
        text = text.replace(written, real);
    }
    let abroad = ["httpbin.org", "\"https://", "proxy.example.com", "/etc/"];
    let is_code = |line: &&str| !line.trim_start().starts_with("//");
    let is_abroad = |line: &&str| {
        abroad.iter().any(|place| line.contains(place))
            && !line.contains(".invalid")
            && !line.contains("\"https://localhost:")
    };
    if let Some(line) = text.lines().filter(is_code).find(is_abroad) {
        return Err(format!("{name}.bsl would leave this machine: {line}"));
    }
    let before = machine.crossings();
    let first = machine.messages.len();
    let result = machine.run_script(name, &text, SERVER);
    let mut said: Vec<String> =
        machine.messages[first..].iter().flat_map(|message| message.split('\n')).map(String::from).collect();
    if let Err(fault) = result {
        said.extend(format!("!{fault}").lines().map(String::from));
    }
    for line in &mut said {
        for (written, real) in addresses {
            *line = line.replace(real.as_str(), written);
        }
    }
    let expected = source(&format!("examples/{name}.out")).unwrap_or_default();
    Ok(Ran { wrong: differences(&said, &expected), said, crossings: machine.crossings() - before })
}

/// What differs, line by line.
fn differences(said: &[String], expected: &str) -> Vec<String> {
    let expected: Vec<&str> = expected.lines().collect();
    let count = said.len().max(expected.len());
    let line = |index: usize| {
        let said = said.get(index).map(String::as_str);
        let expected = expected.get(index).copied();
        let fits = matches!((said, expected), (Some(said), Some(expected)) if fits(said, expected));
        (!fits).then(|| {
            let [said, expected] = [said, expected].map(|text| text.unwrap_or("<nothing>"));
            format!("line {}: {said:?}, expected {expected:?}", index + 1)
        })
    };
    (0..count).filter_map(line).collect()
}

/// Whether a line fits a pattern with `…` for anything.
fn fits(line: &str, pattern: &str) -> bool {
    let mut parts = pattern.split('…');
    let Some(mut rest) = parts.next().and_then(|first| line.strip_prefix(first)) else { return false };
    let mut parts: Vec<&str> = parts.collect();
    let Some(last) = parts.pop() else { return rest.is_empty() };
    for part in parts {
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
    }
    rest.ends_with(last)
}
