//! The names of Android's libraries, and libraries with these names and nothing behind them to link against.

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

use super::{API, clang_triple, run};
use crate::targets::Target;

const LIST: &str = include_str!("../../../android/symbols.txt");

/// A name of the system's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Symbol {
    /// Without `.so`.
    pub library: &'static str,
    /// First API level that has it.
    pub level: u32,
    pub name: &'static str,
}

/// Every name on the list.
pub(crate) fn symbols() -> Result<Vec<Symbol>, String> {
    let mut found = Vec::new();
    for line in LIST.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let mut words = line.split(' ');
        let (library, level) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        let level = level.parse().map_err(|_| format!("symbols.txt: no API level in {line}"))?;
        found.extend(words.map(|name| Symbol { library, level, name }));
    }
    Ok(found)
}

/// Makes a library of each, with the names that are there at the oldest API level.
pub(super) fn stubs(target: &Target, folder: &Path) -> Result<(), String> {
    let symbols = symbols()?;
    for library in ["libc", "libm", "libdl", "liblog"] {
        let mut source = String::new();
        for Symbol { name, .. } in
            symbols.iter().filter(|symbol| symbol.library == library && symbol.level <= API)
        {
            let _ =
                writeln!(source, ".globl {name}\n.type {name},%function\n{name}: .byte 0\n.size {name},1");
        }
        let file = folder.join(format!("{library}.s"));
        std::fs::write(&file, source).map_err(|error| format!("{}: {error}", file.display()))?;
        let mut command = Command::new("clang");
        command.arg(format!("--target={}", clang_triple(target)));
        command.args(["-fuse-ld=lld", "-nostdlib", "-shared"]).arg(format!("-Wl,-soname,{library}.so"));
        run(command.arg("-o").arg(folder.join(format!("{library}.so"))).arg(&file))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_name_is_on_the_list_once() {
        let mut names: Vec<&str> = symbols().expect("a list").iter().map(|symbol| symbol.name).collect();
        let all = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), all);
        assert!(all > 150, "{all}");
    }
}
