//! The release folder: archives, the configuration's sources with the archive in their templates, documents, the bill
//! of materials, checksums. Written beside the old one and put in its place when it is whole.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use crate::archive::{self, Built, CHOSEN, KINDS, Kind};
use crate::build::Place;
use crate::options::Pack;
use crate::targets::Target;
use crate::{line, sbom, version, write};

/// Names a release folder as one: a folder without it is somebody's.
const SUMS: &str = "SHA256SUMS";

/// Copied as they are, when they are there.
const DOCUMENTS: [&str; 5] = ["README.md", "README.ru.md", "CHANGELOG.md", "LICENSE-APACHE", "LICENSE-MIT"];

/// A folder that will be one.
pub(crate) struct Folder {
    place: PathBuf,
    new: PathBuf,
}

impl Folder {
    /// Sees to it that the folder can be written, before anything is built.
    pub(crate) fn open(place: &Path) -> Result<Self, String> {
        let place =
            std::path::absolute(place).map_err(|error| format!("--dist {}: {error}", place.display()))?;
        let failed =
            |error: std::io::Error| format!("--dist {}: cannot be written: {error}", place.display());
        if place.exists() && !place.is_dir() {
            return Err(format!("--dist {}: is a file, not a folder", place.display()));
        }
        let filled = place.is_dir() && std::fs::read_dir(&place).map_err(failed)?.next().is_some();
        if filled && !place.join(SUMS).is_file() {
            return Err(format!(
                "--dist {}: is not empty and no release folder (no {SUMS} in it); it is left as it is",
                place.display()
            ));
        }
        // A name nobody else has: two runs at once must not write into one folder, and nothing of others is removed.
        let name = place.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let new = place.with_file_name(format!(".{name}.{}", std::process::id()));
        std::fs::create_dir_all(new.parent().unwrap_or(&new)).map_err(failed)?;
        std::fs::create_dir(&new).map_err(failed)?;
        Ok(Self { place, new })
    }

    /// Writes everything and takes the old folder's place.
    pub(crate) fn fill(self, pack: &Pack, place: &Place, rows: &[Built]) -> Result<(), String> {
        let kinds: Vec<&Kind> = if pack.all { KINDS.iter().collect() } else { vec![&CHOSEN] };
        let template = template_kind(pack)?;
        for kind in &kinds {
            let held: Vec<&Built> = rows.iter().filter(|row| (kind.holds)(row.target)).collect();
            let bytes = archive::write(&held)?;
            println!("{:44} {:>9} bytes, {}", kind.file(), bytes.len(), kind.what);
            write(&self.new.join(kind.file()), &bytes)?;
            if kind.name == template.name {
                self.configurations(place, &bytes)?;
            }
        }
        let targets: Vec<&'static Target> = rows.iter().map(|row| row.target).collect();
        let name = format!("HTTPConnector_{}.cdx.json", version::in_names());
        write(&self.new.join(name), &sbom::text(&place.root, &targets)?)?;
        let table: Vec<String> = rows.iter().map(|row| line(row.target, &row.facts)).collect();
        write(&self.new.join("ROWS.txt"), format!("{}\n", table.join("\n")).as_bytes())?;
        self.documents(place)?;
        write(&self.new.join(SUMS), sums(&self.new)?.as_bytes())?;
        if self.place.exists() {
            std::fs::remove_dir_all(&self.place)
                .map_err(|error| format!("{}: {error}", self.place.display()))?;
        }
        std::fs::rename(&self.new, &self.place)
            .map_err(|error| format!("{}: {error}", self.place.display()))?;
        println!("{}", self.place.display());
        Ok(())
    }

    /// The sources below `1c`, each template of an add-in with the archive in it.
    fn configurations(&self, place: &Place, archive: &[u8]) -> Result<(), String> {
        let source = place.root.join("1c");
        let target = self.new.join("1c");
        let mut templates = 0;
        // What else lies beside the folders serves this repository: the dictionary of the translation, say.
        let wanted = |file: &PathBuf| {
            file.components().count() > 1 || file.extension().is_some_and(|kind| kind == "md")
        };
        for file in files(&source)?.into_iter().filter(wanted) {
            let copy = target.join(&file);
            copied(&source.join(&file), &copy)?;
            let is_template =
                file.parent().and_then(Path::file_name).is_some_and(|name| name == "CommonTemplates")
                    && file.extension().is_some_and(|kind| kind == "xml");
            let text = std::fs::read_to_string(&copy).unwrap_or_default();
            if is_template && text.contains("<TemplateType>AddIn</TemplateType>") {
                let folder = copy.with_extension("").join("Ext");
                made(&folder)?;
                write(&folder.join("Template.bin"), archive)?;
                templates += 1;
            }
        }
        if templates == 0 {
            return Err(format!("{}: no template of an add-in below it", source.display()));
        }
        Ok(())
    }

    fn documents(&self, place: &Place) -> Result<(), String> {
        for name in DOCUMENTS {
            let source = place.root.join(name);
            if source.is_file() {
                copied(&source, &self.new.join(name))?;
            }
        }
        let folder = Path::new("addin-manifest");
        let source = place.root.join(folder);
        if source.is_dir() {
            for file in
                files(&source)?.iter().filter(|file| file.extension().is_some_and(|kind| kind == "md"))
            {
                copied(&source.join(file), &self.new.join(folder).join(file))?;
            }
        }
        Ok(())
    }
}

impl Drop for Folder {
    /// What did not become a release folder is no use. (After success it has been renamed.)
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.new);
    }
}

/// The archive of the templates.
pub(crate) fn template_kind(pack: &Pack) -> Result<&'static Kind, String> {
    match &pack.template {
        None if pack.all => Ok(&KINDS[0]),
        None => Ok(&CHOSEN),
        Some(_) if !pack.all => {
            Err("--template goes with --all: chosen targets make one archive, and it is the template"
                .to_owned())
        }
        Some(name) => KINDS.iter().find(|kind| kind.name == name).ok_or_else(|| {
            let known: Vec<&str> = KINDS.iter().map(|kind| kind.name).collect();
            format!("--template {name}: no such archive; there are {}", known.join(", "))
        }),
    }
}

/// `SHA256SUMS` of a folder, in the form `sha256sum --check` reads.
fn sums(folder: &Path) -> Result<String, String> {
    let mut text = String::new();
    for file in files(folder)? {
        let bytes = crate::read(&folder.join(&file))?;
        let digest: String = Sha256::digest(&bytes).iter().fold(String::new(), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        });
        let _ = writeln!(text, "{digest}  {}", file.to_string_lossy().replace('\\', "/"));
    }
    Ok(text)
}

/// The files below a folder, relative to it, sorted.
fn files(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let mut found = Vec::new();
    let mut waiting = vec![folder.to_owned()];
    while let Some(next) = waiting.pop() {
        let failed = |error: std::io::Error| format!("{}: {error}", next.display());
        for entry in std::fs::read_dir(&next).map_err(failed)? {
            let path = entry.map_err(failed)?.path();
            if path.is_dir() {
                waiting.push(path);
            } else if let Ok(relative) = path.strip_prefix(folder) {
                found.push(relative.to_owned());
            }
        }
    }
    found.sort();
    Ok(found)
}

fn copied(from: &Path, to: &Path) -> Result<(), String> {
    made(to.parent().unwrap_or(to))?;
    // Not `fs::copy`: the rights of the checkout are nobody's business.
    write(to, &crate::read(from)?)
}

fn made(folder: &Path) -> Result<(), String> {
    std::fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))
}
