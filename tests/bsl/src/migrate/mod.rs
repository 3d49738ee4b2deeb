//! Looks through the sources of a configuration that uses Connector for what would be different with this module in its
//! place: the Designer's export or an EDT project, every `*.bsl` in a folder.
//!
//! `tree` finds and reads the files, `surface` knows what can be called and which keys there are, `trace` follows
//! parameters, sessions and responses through the variables of a module, `check` says what differs there, `rules` is the
//! table of differences, `report` writes it down. What depends on servers or on data is not in sources: `rules::UNSEEN`.

mod calls;
mod check;
mod keys;
mod report;
mod rules;
mod surface;
mod texts;
mod trace;
mod tree;

use std::collections::BTreeMap;
use std::path::Path;

use crate::names::folded;
use crate::syntax::ast::Module;
use crate::syntax::{SyntaxError, read};
use check::Check;
use surface::Surfaces;

pub use report::Language;
pub use rules::{RULES, Rule, Severity, UNSEEN};

/// Names the preprocessor knows where Connector may run.
const SERVER: &[&str] = &[
    "Сервер",
    "Server",
    "НаСервере",
    "AtServer",
    "ВнешнееСоединение",
    "ExternalConnection",
    "ТолстыйКлиентОбычноеПриложение",
    "ThickClientOrdinaryApplication",
];
/// And where it may not.
const CLIENT: &[&str] = &[
    "Клиент",
    "Client",
    "НаКлиенте",
    "AtClient",
    "ТонкийКлиент",
    "ThinClient",
    "ТолстыйКлиентУправляемоеПриложение",
    "ThickClientManagedApplication",
    "ВебКлиент",
    "WebClient",
    "МобильныйКлиент",
    "MobileClient",
];

/// What was found in a folder.
#[derive(Debug, Default)]
pub struct Report {
    /// Places that would be different, by file and line.
    pub findings: Vec<Finding>,
    /// Methods that mention Connector and are not the language, as far as known: file and line.
    pub broken: Vec<(String, usize)>,
    /// Files that cannot be read, and why.
    pub unreadable: Vec<(String, String)>,
    /// Modules in the folder.
    pub files: usize,
    /// Modules that mention Connector.
    pub users: usize,
    /// Calls by the name of the function.
    pub calls: BTreeMap<String, usize>,
}

/// A place that would be different.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// File, relative to the folder.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// Which rule: `Rule::name`.
    pub rule: &'static str,
    /// A key, a name, a value.
    pub what: String,
    /// The line's text, without what its strings say: a report is passed on, a password must not be.
    pub source: String,
}

/// Looks through a folder. `names` are further names of the module beside `КоннекторHTTP` and `HTTPConnector`, and these
/// with a prefix.
///
/// # Errors
/// The folder cannot be read.
pub fn scan(folder: &Path, names: &[String]) -> Result<Report, String> {
    let surfaces = Surfaces::new(names)?;
    let mut report = Report::default();
    let (mut with_proxy, mut system_proxy) = (None, false);
    for path in tree::modules(folder)? {
        report.files += 1;
        let place = tree::place(folder, &path);
        if tree::is_module(&path, "ПолучениеФайловИзИнтернета")
            || tree::is_module(&path, "GetFilesFromInternet")
        {
            with_proxy = Some(place.clone());
        }
        let text = match tree::text(&path) {
            Ok(text) => text,
            Err(why) => {
                report.unreadable.push((place, why));
                continue;
            }
        };
        // Connector itself is what is replaced.
        if surfaces.is_connector(&path) || !surfaces.mentioned_in(&folded(&text)) {
            continue;
        }
        report.users += 1;
        let is_client = tree::is_client(&path);
        let mut module = Of { surfaces: &surfaces, place, is_client, report: &mut report };
        system_proxy |= module.scan(&text);
    }
    if let (Some(file), true) = (with_proxy, system_proxy) {
        let what = String::new();
        report.findings.push(Finding { file, line: 1, rule: "default-proxy", what, source: String::new() });
    }
    report.findings.sort();
    report.findings.dedup();
    Ok(report)
}

/// One module being looked through.
struct Of<'a> {
    surfaces: &'a Surfaces,
    place: String,
    is_client: bool,
    report: &'a mut Report,
}

impl Of<'_> {
    /// Whether there was a call that leaves the proxy to the system.
    fn scan(&mut self, text: &str) -> bool {
        if let [Ok(server), Ok(client)] = self.trees(text) {
            return self.check(&server, &client);
        }
        // One method that is not understood must not hide the others.
        let mut leaves = false;
        for piece in tree::methods(text) {
            match self.trees(&piece) {
                [Ok(server), Ok(client)] => leaves |= self.check(&server, &client),
                [Err(error), _] | [_, Err(error)] => self.broken(&error, &piece),
            }
        }
        leaves
    }

    /// What a server and what a client has of a text.
    fn trees(&self, text: &str) -> [Result<Module, SyntaxError>; 2] {
        [SERVER, CLIENT].map(|defined| read(&self.place, text, defined))
    }

    /// Lines to look at by hand.
    fn broken(&mut self, error: &SyntaxError, piece: &str) {
        let mut is_known = false;
        for (index, line) in piece.lines().enumerate() {
            if self.surfaces.mentioned_in(&folded(line)) {
                self.add("not-understood", index + 1, String::new(), line);
                is_known = true;
            }
        }
        if is_known {
            self.report.broken.push((self.place.clone(), error.line));
        }
    }

    fn check(&mut self, server: &Module, client: &Module) -> bool {
        let (found, calls) = Check::new(self.surfaces, server, self.is_client).run(false);
        let (more, client_calls) = Check::new(self.surfaces, client, self.is_client).run(true);
        for (rule, line, what) in found.into_iter().chain(more) {
            self.add_at(server, rule, line, what);
        }
        // What only a client compiles.
        for call in client_calls {
            if calls.iter().all(|known| known.line != call.line) {
                self.add_at(server, "on-client", call.line, call.name);
            }
        }
        for call in &calls {
            *self.report.calls.entry(call.name.clone()).or_default() += 1;
        }
        calls.iter().any(|call| call.leaves_proxy)
    }

    fn add_at(&mut self, module: &Module, rule: &'static str, line: usize, what: String) {
        let source = module.lines.get(line.saturating_sub(1)).cloned().unwrap_or_default();
        self.add(rule, line, what, &source);
    }

    fn add(&mut self, rule: &'static str, line: usize, what: String, source: &str) {
        let source = masked(source.trim());
        let finding = Finding { file: self.place.clone(), line, rule, what, source };
        if !self.report.findings.contains(&finding) {
            self.report.findings.push(finding);
        }
    }
}

/// A line with the insides of its strings and its comment left out.
fn masked(line: &str) -> String {
    if line.starts_with('|') {
        return "|...".to_owned();
    }
    let mut shown = String::new();
    let mut rest = line;
    while let Some(at) = rest.find(['"', '/']) {
        let (before, found) = rest.split_at(at);
        shown.push_str(before);
        if found.starts_with("//") {
            return shown.trim_end().to_owned();
        }
        let Some(inside) = found.strip_prefix('"') else {
            shown.push('/');
            rest = found.get(1..).unwrap_or_default();
            continue;
        };
        // A string that ends on another line is shown to the end of this one; so is what a doubled quote begins.
        let end = inside.find('"').map_or(inside.len(), |end| end + 1);
        shown.push_str(match end {
            1 => "\"\"",
            _ if end > inside.len() || !inside.contains('"') => "\"...",
            _ => "\"...\"",
        });
        rest = inside.get(end..).unwrap_or_default();
    }
    shown.push_str(rest);
    shown
}

#[cfg(test)]
mod tests {
    use super::masked;

    #[test]
    fn a_line_is_shown_without_the_insides_of_its_strings() {
        assert_eq!(masked("А = Б(\"user\", \"p\"\"w\");"), "А = Б(\"...\", \"...\"\"...\");");
        assert_eq!(masked("А = \"нач"), "А = \"...");
        assert_eq!(masked("|secret\";"), "|...");
        assert_eq!(masked("А = 1 / 2; // secret"), "А = 1 / 2;");
        assert_eq!(masked("А = \"\";"), "А = \"\";");
        assert_eq!(masked("А = \"http://user:pass@h\"; // secret"), "А = \"...\";");
    }
}
