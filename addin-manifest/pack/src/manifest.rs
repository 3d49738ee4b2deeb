//! The texts of an archive: which file is for which system (`MANIFEST.XML`, read by the platform), what the component
//! is called (`INFO.XML`, read by the standard subsystems library), what an Android application must be allowed.

use std::fmt::Write as _;

use quick_xml::XmlVersion;
use quick_xml::events::Event;

use crate::targets::{System, Target};
use crate::version::VERSION;

/// The identity of the component on the mobile platform: a reversed site, then the name. It never changes.
const BUNDLE: &str = "com_github_ConnectorNative_HTTPConnector";
/// The name the modules give in the attach call.
const SYMBOLIC: &str = "ConnectorHTTPNative";
const SPACE: &str = "http://v8.1c.ru/8.2/addin/bundle";

/// Asks for the one permission a request needs. The platform's documentation spells the name of the file in two ways,
/// and published packages use either: the archive has both.
pub(crate) const ANDROID: &str = include_str!("../../ANDROID_MANIFEST_EXTENSIONS.XML");
pub(crate) const ANDROID_NAMES: [&str; 2] =
    ["ANDROID_MANIFEST_EXTENSIONS.XML", "ANDROID_MANIFEST_EXTENTIONS.XML"];

/// One `component` of a manifest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Row {
    pub os: String,
    pub arch: String,
    pub path: String,
}

impl Row {
    /// Whether it is the row of a target.
    pub(crate) fn is_of(&self, target: &Target) -> bool {
        self.os == target.system.name() && self.arch == target.arch
    }
}

/// `MANIFEST.XML` of these rows.
pub(crate) fn manifest<'rows>(rows: impl Iterator<Item = &'rows Target>) -> String {
    let mut text =
        format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<bundle xmlns=\"{SPACE}\" name=\"{BUNDLE}\">\n");
    for target in rows {
        let (os, path, arch) = (target.system.name(), target.file(), target.arch);
        // Beside .so, Android rows may name .apk: the word tells which.
        let code = if target.system == System::Android { " codeType=\"c++\"" } else { "" };
        let _ = writeln!(
            text,
            "\t<component os=\"{os}\" path=\"{path}\" type=\"native\" arch=\"{arch}\"{code}/>"
        );
    }
    text + "</bundle>\n"
}

/// `INFO.XML`.
pub(crate) fn info() -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<info>\n\t<progid>AddIn.{SYMBOLIC}</progid>\n\
         \t<name>HTTPConnector</name>\n\t<version>{VERSION}</version>\n</info>\n"
    )
}

/// The rows of a manifest.
pub(crate) fn rows(text: &str) -> Result<Vec<Row>, String> {
    let mut reader = quick_xml::Reader::from_str(text);
    let mut rows = Vec::new();
    let mut bundle = false;
    loop {
        match reader.read_event().map_err(|error| format!("MANIFEST.XML is no XML: {error}"))? {
            Event::Eof => break,
            Event::Start(element) | Event::Empty(element) => match element.local_name().as_ref() {
                b"bundle" => bundle = true,
                b"component" => {
                    let value = |name: &str| -> Result<String, String> {
                        element
                            .try_get_attribute(name)
                            .ok()
                            .flatten()
                            .and_then(|found| {
                                found
                                    .normalized_value(XmlVersion::Implicit1_0)
                                    .ok()
                                    .map(|text| text.into_owned())
                            })
                            .ok_or_else(|| format!("MANIFEST.XML: a component without `{name}`"))
                    };
                    rows.push(Row { os: value("os")?, arch: value("arch")?, path: value("path")? });
                }
                _ => {}
            },
            _ => {}
        }
    }
    if bundle { Ok(rows) } else { Err("MANIFEST.XML has no `bundle`".to_owned()) }
}
