//! Archives of components: a zip with `MANIFEST.XML` that names a library for each system and architecture. What the
//! platform does with one: read the manifest, choose the row of its own system, take that file out, load it.

use std::io::{Cursor, Read as _};

use quick_xml::XmlVersion;
use quick_xml::events::Event;
use zip::ZipArchive;

/// No library is larger; an archive that says so is not believed.
const LARGEST: u64 = 64 << 20;

/// One `component` of a manifest.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Row {
    /// Operating system.
    pub os: String,
    /// Architecture.
    pub arch: String,
    /// File in the archive.
    pub path: String,
}

/// A system and its architecture, in the words of a manifest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct System {
    /// Operating system.
    pub os: &'static str,
    /// Architecture.
    pub arch: &'static str,
}

impl System {
    /// The one this program was compiled for.
    #[must_use]
    pub fn current() -> Self {
        let os = match std::env::consts::OS {
            "windows" => "Windows",
            "macos" => "MacOS",
            "android" => "Android",
            _ => "Linux",
        };
        let arch = match std::env::consts::ARCH {
            "x86" => "i386",
            "aarch64" => "ARM64",
            "arm" => "ARM",
            _ => "x86_64",
        };
        Self { os, arch }
    }
}

/// Whether the bytes begin as an archive does.
pub(crate) fn is_archive(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PK")
}

/// The library of an archive for a system: its name and its bytes.
///
/// # Errors
/// A sentence: what is wrong with the archive, or which row it lacks.
pub fn library(bytes: &[u8], system: System) -> Result<(String, Vec<u8>), String> {
    let damaged = |error: &dyn std::fmt::Display| format!("the archive is damaged: {error}");
    let mut zip = ZipArchive::new(Cursor::new(bytes)).map_err(|error| damaged(&error))?;
    let mut names = zip.file_names().flatten().map(String::from);
    let manifest = names.find(|name| name.eq_ignore_ascii_case("MANIFEST.XML"));
    drop(names);
    let manifest = manifest.ok_or("the archive has no MANIFEST.XML at its root")?;
    let text = entry(&mut zip, &manifest).map_err(|error| damaged(&error))?;
    let text = String::from_utf8(text).map_err(|_| "MANIFEST.XML is not UTF-8")?;
    let rows = rows(&text)?;
    let row = choose(&rows, system).ok_or_else(|| {
        let known: Vec<String> = rows.iter().map(|row| format!("{} {}", row.os, row.arch)).collect();
        format!("MANIFEST.XML has no row for {} {}, only for {}", system.os, system.arch, known.join(", "))
    })?;
    if row.path.contains(['/', '\\', ':']) || row.path.starts_with('.') {
        return Err(format!("MANIFEST.XML: {} is no name of a file at the root of the archive", row.path));
    }
    let bytes = entry(&mut zip, &row.path)
        .map_err(|error| format!("the file {} of the archive cannot be read: {error}", row.path))?;
    Ok((row.path.clone(), bytes))
}

/// The row of a system.
#[must_use]
pub fn choose(rows: &[Row], system: System) -> Option<&Row> {
    rows.iter().find(|row| row.os == system.os && row.arch == system.arch)
}

/// The rows of a manifest for native components.
///
/// # Errors
/// What is wrong with the text.
pub fn rows(text: &str) -> Result<Vec<Row>, String> {
    let mut reader = quick_xml::Reader::from_str(text.trim_start_matches('\u{feff}'));
    let mut rows = Vec::new();
    let mut depth = 0_usize;
    loop {
        let event = reader.read_event().map_err(|error| format!("MANIFEST.XML is no XML: {error}"))?;
        match &event {
            Event::Eof if depth > 0 => return Err("MANIFEST.XML ends in the middle".to_owned()),
            Event::Eof => break,
            Event::End(_) => depth = depth.saturating_sub(1),
            Event::Start(element) | Event::Empty(element) => {
                match element.local_name().as_ref() {
                    b"bundle" if depth == 0 => {}
                    b"component" if depth > 0 => rows.extend(row(element)?),
                    other => {
                        return Err(format!(
                            "MANIFEST.XML: unknown element {}",
                            String::from_utf8_lossy(other)
                        ));
                    }
                }
                if matches!(event, Event::Start(_)) {
                    depth += 1;
                }
            }
            _ => {}
        }
    }
    Ok(rows)
}

/// A row, if it is for a native component and no Java part of one.
fn row(element: &quick_xml::events::BytesStart<'_>) -> Result<Option<Row>, String> {
    let mut row = Row::default();
    let (mut native, mut java) = (false, false);
    for attribute in element.attributes() {
        let attribute = attribute.map_err(|error| format!("MANIFEST.XML: {error}"))?;
        let value = attribute
            .normalized_value(XmlVersion::Implicit1_0)
            .map_err(|error| format!("MANIFEST.XML: {error}"))?
            .into_owned();
        match attribute.key.local_name().as_ref() {
            b"os" => row.os = value,
            b"arch" => row.arch = value,
            b"path" => row.path = value,
            b"type" => native = value == "native",
            b"codeType" => java = value == "java",
            _ => {}
        }
    }
    if row.os.is_empty() || row.arch.is_empty() || row.path.is_empty() {
        return Err("MANIFEST.XML: a component without os, arch or path".to_owned());
    }
    Ok((native && !java).then_some(row))
}

/// The bytes of an entry, to its end: only there is its checksum compared.
fn entry(zip: &mut ZipArchive<Cursor<&[u8]>>, name: &str) -> Result<Vec<u8>, String> {
    let file = zip.by_name(name).map_err(|error| error.to_string())?;
    let mut bytes = Vec::new();
    let count = file.take(LARGEST).read_to_end(&mut bytes).map_err(|error| error.to_string())?;
    // Cut off it would be half a library whose checksum nobody compared.
    if count as u64 == LARGEST { Err(format!("{name} has {LARGEST} bytes or more")) } else { Ok(bytes) }
}
