//! Everything below `1c/src` that is made of something else: the module of clients, the English modules, the extension.

use std::collections::BTreeMap;
use std::path::Path;

use super::{Dictionary, client, extension, translate};
use crate::run::Machine;

/// Modules that are translated: Russian name, English name, file with methods of the English one alone.
const TRANSLATED: &[(&str, &str, Option<&str>)] = &[
    ("КоннекторHTTP", "HTTPConnector", Some("english_only.bsl")),
    ("КоннекторHTTPКлиент", "HTTPConnectorClient", None),
    ("КоннекторHTTPКлиентГлобальный", "HTTPConnectorClientGlobal", None),
];

/// What is made, and what was left out on the way.
#[derive(Debug)]
pub struct Made {
    /// Texts by path below `1c/src`.
    pub files: BTreeMap<String, String>,
    /// Inner comments without a translation.
    pub dropped: Vec<String>,
}

/// Makes everything from what lies below `root`, the folder `1c`.
///
/// # Errors
/// Files that cannot be read, and whatever cannot be made, a line each.
pub fn make(root: &Path) -> Result<Made, Vec<String>> {
    let read = |path: &str| {
        std::fs::read_to_string(root.join(path)).map_err(|error| vec![format!("{path}: {error}")])
    };
    let lines = |name: &str, problems: Vec<super::Problem>| -> Vec<String> {
        problems.iter().map(|problem| format!("{name}: {problem}")).collect()
    };
    let module = |name: &str| format!("cf/CommonModules/{name}/Ext/Module.bsl");
    let dictionary =
        Dictionary::read(&read("dictionary.txt")?).map_err(|all| lines("dictionary.txt", all))?;
    let registry = Machine::new().registry;
    let mut made = Made { files: BTreeMap::new(), dropped: Vec::new() };

    let server = read(&format!("src/{}", module("КоннекторHTTP")))?;
    let of_client = client::client(&read("client.bsl")?, &server).map_err(|all| lines("client.bsl", all))?;
    made.files.insert(module("КоннекторHTTPКлиент"), of_client);
    let mut problems = Vec::new();
    for (russian, english, aliases) in TRANSLATED {
        let source = match made.files.get(&module(russian)) {
            Some(source) => source.clone(),
            None => read(&format!("src/{}", module(russian)))?,
        };
        let aliases = aliases.map(&read).transpose()?.unwrap_or_default();
        match translate(&registry, &dictionary, &source, &aliases) {
            Ok(translation) => {
                made.dropped.extend(translation.dropped.iter().map(|one| format!("{russian}: {one}")));
                made.files.insert(module(english), translation.text);
            }
            Err(all) => problems.extend(lines(russian, all)),
        }
    }
    if !problems.is_empty() {
        return Err(problems);
    }

    let mut configuration = BTreeMap::new();
    collect(&root.join("src/cf"), "", &mut configuration).map_err(|error| vec![error])?;
    for (path, text) in &made.files {
        if let Some(path) = path.strip_prefix("cf/") {
            configuration.insert(path.to_owned(), text.clone());
        }
    }
    // A checkout may have either line ends.
    for text in configuration.values_mut() {
        *text = text.replace("\r\n", "\n").replace('\n', "\r\n");
    }
    let extension = extension::extension(&configuration).map_err(|error| vec![error])?;
    made.files.extend(extension.into_iter().map(|(path, text)| (format!("cfe/{path}"), text)));
    Ok(made)
}

/// Which files below `1c/src` are not what they should be: different, missing, or there although nothing makes them.
///
/// # Errors
/// A folder that cannot be read.
pub fn stale(root: &Path, made: &Made) -> Result<Vec<String>, String> {
    let plain = |text: &str| text.replace("\r\n", "\n");
    let mut stale = Vec::new();
    for (path, text) in &made.files {
        let there = std::fs::read_to_string(root.join("src").join(path)).unwrap_or_default();
        if plain(&there) != plain(text) {
            stale.push(path.clone());
        }
    }
    let mut there = BTreeMap::new();
    if root.join("src/cfe").is_dir() {
        collect(&root.join("src/cfe"), "cfe/", &mut there)?;
    }
    stale.extend(there.into_keys().filter(|path| !made.files.contains_key(path)));
    Ok(stale)
}

/// The texts below a folder, by path with `/`. Archives of the component, which packing puts there, are none.
fn collect(folder: &Path, prefix: &str, into: &mut BTreeMap<String, String>) -> Result<(), String> {
    let wrong = |error: std::io::Error| format!("{}: {error}", folder.display());
    for entry in std::fs::read_dir(folder).map_err(wrong)? {
        let entry = entry.map_err(wrong)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = format!("{prefix}{name}");
        if entry.path().is_dir() {
            collect(&entry.path(), &format!("{path}/"), into)?;
        } else if name.ends_with(".xml") || name.ends_with(".bsl") {
            let text = std::fs::read_to_string(entry.path()).map_err(wrong)?;
            into.insert(path, text);
        }
    }
    Ok(())
}
