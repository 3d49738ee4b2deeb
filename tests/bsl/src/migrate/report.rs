//! The report as a text: differences by severity and rule, each with its places; what no source shows; a summary.

use std::fmt::Write;

use super::{RULES, Report, Rule, Severity, UNSEEN};

/// Language of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// Russian.
    Russian,
    /// English.
    English,
}

impl Language {
    fn say<'a>(self, russian: &'a str, english: &'a str) -> &'a str {
        match self {
            Self::Russian => russian,
            Self::English => english,
        }
    }
}

impl Report {
    /// 0: nothing differs; 1: something does; 2: something could not be read.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        if !self.unreadable.is_empty() {
            2
        } else {
            u8::from(!self.findings.is_empty() || !self.broken.is_empty())
        }
    }

    /// The text.
    #[must_use]
    pub fn text(&self, language: Language) -> String {
        let mut out = String::new();
        self.write(language, &mut out).map(|()| out).unwrap_or_default()
    }

    fn write(&self, language: Language, out: &mut String) -> std::fmt::Result {
        for severity in [Severity::Breaks, Severity::Changes, Severity::Check] {
            let places = self.places(severity);
            if places == 0 {
                continue;
            }
            let heading = match severity {
                Severity::Breaks => language.say("Перестанет работать", "Will not work"),
                Severity::Changes => language.say("Будет работать иначе", "Will work otherwise"),
                Severity::Check => language.say("Проверьте", "To be looked at"),
            };
            writeln!(out, "== {heading}: {places}\n")?;
            for rule in RULES.iter().filter(|rule| rule.severity == severity) {
                self.rule(rule, language, out)?;
            }
        }
        if !self.broken.is_empty() || !self.unreadable.is_empty() {
            writeln!(out, "== {}\n", language.say("Не прочитано", "Not read"))?;
            for (file, line) in &self.broken {
                writeln!(
                    out,
                    "  {file}:{line}: {}",
                    language.say("метод не разобран", "a method is not understood")
                )?;
            }
            for (file, why) in &self.unreadable {
                writeln!(out, "  {file}: {why}")?;
            }
            writeln!(out)?;
        }
        if self.users > 0 {
            writeln!(out, "== {}\n", language.say("По коду не видно", "Not to be seen in code"))?;
            for (row, words) in UNSEEN {
                writeln!(out, "  {row}: {}", language.say(words[0], words[1]))?;
            }
            writeln!(out)?;
        }
        self.summary(language, out)
    }

    fn rule(&self, rule: &Rule, language: Language, out: &mut String) -> std::fmt::Result {
        let mut places = self.findings.iter().filter(|finding| finding.rule == rule.name).peekable();
        if places.peek().is_none() {
            return Ok(());
        }
        let text = match language {
            Language::Russian => &rule.texts[0],
            Language::English => &rule.texts[1],
        };
        writeln!(out, "{} [{}; {}]", text.title, rule.name, rule.rows.join(", "))?;
        writeln!(out, "  {} {}", language.say("Почему:", "Why:"), text.why)?;
        writeln!(out, "  {} {}", language.say("Что делать:", "What to do:"), text.advice)?;
        for place in places {
            write!(out, "  {}:{}", place.file, place.line)?;
            if !place.what.is_empty() {
                write!(out, ": {}", place.what)?;
            }
            if !place.source.is_empty() {
                write!(out, " | {}", place.source)?;
            }
            writeln!(out)?;
        }
        writeln!(out)
    }

    fn places(&self, severity: Severity) -> usize {
        let of = |name: &str| RULES.iter().find(|rule| rule.name == name).map(|rule| rule.severity);
        self.findings.iter().filter(|finding| of(finding.rule) == Some(severity)).count()
    }

    fn summary(&self, language: Language, out: &mut String) -> std::fmt::Result {
        writeln!(out, "== {}\n", language.say("Итог", "Summary"))?;
        let modules = language.say("Модулей", "Modules");
        let users = language.say("обращаются к Коннектору", "use Connector");
        writeln!(out, "  {modules}: {}; {users}: {}", self.files, self.users)?;
        let calls: Vec<String> = self.calls.iter().map(|(name, count)| format!("{name} {count}")).collect();
        if !calls.is_empty() {
            writeln!(out, "  {}: {}", language.say("Вызовы", "Calls"), calls.join(", "))?;
        }
        let counts = [Severity::Breaks, Severity::Changes, Severity::Check].map(|one| self.places(one));
        if counts.iter().all(|count| *count == 0) {
            return writeln!(out, "  {}", language.say("Отличий не найдено.", "Nothing differs."));
        }
        writeln!(
            out,
            "  {}: {}; {}: {}; {}: {}",
            language.say("перестанет работать", "will not work"),
            counts[0],
            language.say("будет работать иначе", "will work otherwise"),
            counts[1],
            language.say("проверьте", "to be looked at"),
            counts[2]
        )
    }
}
