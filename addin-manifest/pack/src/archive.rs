//! The archives: written so that the same files give the same bytes, and read back to be checked.

use std::io::{Cursor, Read as _, Write as _};
use std::path::Path;

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipArchive, ZipWriter};

use crate::check::{self, Facts, LARGEST};
use crate::manifest::{self, Row};
use crate::targets::{System, TARGETS, Target};
use crate::version;

/// One kind of archive.
pub(crate) struct Kind {
    /// In its file name.
    pub name: &'static str,
    pub what: &'static str,
    /// Whether a row belongs to it.
    pub holds: fn(&Target) -> bool,
}

/// What a release has. The first one goes into the templates.
pub(crate) static KINDS: &[Kind] = &[
    Kind { name: "all", what: "every system", holds: |_| true },
    Kind {
        name: "desktop-server",
        what: "Windows and Linux",
        holds: |target| target.system != System::Android,
    },
    Kind { name: "mobile", what: "Android", holds: |target| target.system == System::Android },
    Kind {
        name: "old-platforms",
        what: "Windows and Linux on Intel only, in words every platform since 8.3.10 knows",
        holds: |target| target.old,
    },
];

/// What chosen targets alone are packed as.
pub(crate) static CHOSEN: Kind = Kind { name: "chosen", what: "the chosen systems", holds: |_| true };

impl Kind {
    /// The kind that a file's name says. What was packed of chosen targets may hold any rows.
    pub(crate) fn of(file: &Path) -> Option<&'static Self> {
        let name = file.file_stem()?.to_str()?;
        KINDS
            .iter()
            .find(|kind| name.starts_with("HTTPConnector_") && name.ends_with(&format!("_{}", kind.name)))
    }

    pub(crate) fn file(&self) -> String {
        format!("HTTPConnector_{}_{}.zip", version::in_names(), self.name)
    }
}

/// A row and the bytes of its library.
pub(crate) struct Built {
    pub target: &'static Target,
    pub bytes: Vec<u8>,
    pub facts: Facts,
}

/// An archive of these rows.
pub(crate) fn write(rows: &[&Built]) -> Result<Vec<u8>, String> {
    let manifest = manifest::manifest(rows.iter().map(|row| row.target));
    let info = manifest::info();
    let mut entries: Vec<(String, &[u8])> =
        rows.iter().map(|row| (row.target.file(), row.bytes.as_slice())).collect();
    entries.push(("MANIFEST.XML".to_owned(), manifest.as_bytes()));
    entries.push(("INFO.XML".to_owned(), info.as_bytes()));
    if rows.iter().any(|row| row.target.system == System::Android) {
        entries.extend(manifest::ANDROID_NAMES.map(|name| (name.to_owned(), manifest::ANDROID.as_bytes())));
    }
    entries.sort();
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .compression_level(Some(9))
        .last_modified_time(DateTime::default())
        .unix_permissions(0o644);
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let failed = |error: &dyn std::fmt::Display| format!("the archive could not be written: {error}");
    for (name, bytes) in entries {
        zip.start_file(name, options).map_err(|error| failed(&error))?;
        zip.write_all(bytes).map_err(|error| failed(&error))?;
    }
    zip.finish().map(Cursor::into_inner).map_err(|error| failed(&error))
}

/// Reads an archive as the platform does and checks every row; the complaints of all rows together. `kind`, where it
/// is known, says which rows there have to be.
pub(crate) fn check(
    bytes: &[u8],
    kind: Option<&Kind>,
    folders: &[String],
) -> Result<Vec<(&'static Target, Facts)>, Vec<String>> {
    let damaged = |error: &dyn std::fmt::Display| vec![format!("the archive is damaged: {error}")];
    let mut zip = ZipArchive::new(Cursor::new(bytes)).map_err(|error| damaged(&error))?;
    let mut names = zip.file_names().flatten().map(String::from);
    let name = names.find(|name| name.eq_ignore_ascii_case("MANIFEST.XML"));
    drop(names);
    let name = name.ok_or_else(|| vec!["the archive has no MANIFEST.XML at its root".to_owned()])?;
    let text = entry(&mut zip, &name).map_err(|error| damaged(&error))?;
    let text = String::from_utf8(text).map_err(|_| damaged(&"MANIFEST.XML is not UTF-8"))?;
    let rows = manifest::rows(&text).map_err(|error| vec![error])?;
    if rows.is_empty() {
        return Err(vec!["MANIFEST.XML has no rows".to_owned()]);
    }
    let (mut found, mut complaints) = (Vec::new(), differences(&zip, &rows, kind));
    for row in rows {
        let place = place(&row.os, &row.arch);
        let known = TARGETS.iter().find(|target| row.is_of(target));
        let Some(target) = known else {
            complaints.push(format!("{place}: no system this library is made for"));
            continue;
        };
        match entry(&mut zip, &row.path) {
            Err(error) => complaints.push(format!("{place}: {}: {error}", row.path)),
            Ok(bytes) => match check::file(target, &bytes, folders) {
                Ok(facts) => found.push((target, facts)),
                Err(more) => complaints.extend(more.iter().map(|text| format!("{place}: {text}"))),
            },
        }
    }
    if complaints.is_empty() { Ok(found) } else { Err(complaints) }
}

/// What the rows lack or have too much of, compared with the kind of archive and with its files.
fn differences(zip: &ZipArchive<Cursor<&[u8]>>, rows: &[Row], kind: Option<&Kind>) -> Vec<String> {
    let mut complaints = Vec::new();
    for target in TARGETS {
        let place = place(target.system.name(), target.arch);
        let times = rows.iter().filter(|row| row.is_of(target)).count();
        if times > 1 {
            complaints.push(format!("{place}: stands {times} times, the platform takes one of them"));
        }
        if let Some(kind) = kind {
            match ((kind.holds)(target), times) {
                (true, 0) => complaints.push(format!("{place}: missing, an archive of {} has it", kind.what)),
                (false, 1..) => complaints.push(format!("{place}: too much for an archive of {}", kind.what)),
                _ => {}
            }
        }
    }
    let texts = ["MANIFEST.XML", "INFO.XML"].into_iter().chain(manifest::ANDROID_NAMES).collect::<Vec<_>>();
    for name in zip.file_names().flatten() {
        if !texts.iter().any(|text| name.eq_ignore_ascii_case(text))
            && !rows.iter().any(|row| row.path == name)
        {
            complaints.push(format!("{name}: no row of MANIFEST.XML is for it"));
        }
    }
    complaints
}

/// Where a complaint belongs.
fn place(os: &str, arch: &str) -> String {
    format!("row {os} {arch}")
}

/// The bytes of an entry; no more than any library has, whatever the archive says of itself.
fn entry(zip: &mut ZipArchive<Cursor<&[u8]>>, name: &str) -> Result<Vec<u8>, String> {
    let file = zip.by_name(name).map_err(|error| error.to_string())?;
    let mut bytes = Vec::new();
    let limit = u64::try_from(LARGEST).unwrap_or(u64::MAX).saturating_mul(2);
    // Reading to the end also compares the checksum.
    file.take(limit).read_to_end(&mut bytes).map_err(|error| error.to_string())?;
    Ok(bytes)
}

#[cfg(test)]
mod tests;
