//! What a suite of vectors gives back, and how it finds its files. A suite runs every case its file holds; a case
//! either passes, fails, or deviates on purpose with a written reason. A missing file is an absent suite, never a pass.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

/// The folder of vectors with every file below it.
pub(crate) struct Vectors {
    root: PathBuf,
    files: Vec<PathBuf>,
}

/// Result of one suite.
#[derive(Debug)]
pub(crate) struct Outcome {
    /// Whether the suite's files were found.
    pub(crate) present: bool,
    /// Cases that behaved as expected.
    pub(crate) passed: usize,
    /// Deliberate exceptions: reason and the cases it covers.
    pub(crate) exceptions: BTreeMap<&'static str, Vec<String>>,
    /// Cases that failed, with what was seen.
    pub(crate) failures: Vec<String>,
}

impl Vectors {
    /// The folder named by `CONNECTOR_VECTORS`, else `../shared/vectors` beside the repository. `None`: not there.
    pub(crate) fn locate() -> Option<Self> {
        let root = std::env::var_os("CONNECTOR_VECTORS")
            .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/vectors"), PathBuf::from);
        root.is_dir().then(|| {
            let mut files = Vec::new();
            collect(&root, &mut files);
            files.sort();
            Self { root, files }
        })
    }

    /// Where the vectors are.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// Every file whose path (below the root, with `/`) satisfies `wanted`, sorted.
    pub(crate) fn files(&self, wanted: impl Fn(&str) -> bool) -> Vec<&Path> {
        let below = |file: &Path| {
            let parts: Vec<_> =
                file.strip_prefix(&self.root).unwrap_or(file).iter().map(|p| p.to_string_lossy()).collect();
            parts.join("/")
        };
        self.files.iter().map(PathBuf::as_path).filter(|file| wanted(&below(file))).collect()
    }

    /// The file with this name, wherever it is.
    pub(crate) fn file(&self, name: &str) -> Option<&Path> {
        self.files.iter().map(PathBuf::as_path).find(|file| file.file_name().is_some_and(|n| n == name))
    }

    /// Text of the file with this name.
    pub(crate) fn text(&self, name: &str) -> Option<String> {
        self.file(name).map(|file| {
            std::fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
        })
    }

    /// The `cases` array of the JSON file with this name (or the file itself when it is an array).
    pub(crate) fn cases(&self, name: &str) -> Option<Vec<serde_json::Value>> {
        let text = self.text(name)?;
        let json: serde_json::Value =
            serde_json::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
        let cases = if json.is_array() { &json } else { &json["cases"] };
        Some(cases.as_array().unwrap_or_else(|| panic!("{name}: no cases")).clone())
    }
}

impl Outcome {
    /// A suite whose files are not there.
    pub(crate) fn absent() -> Self {
        Self { present: false, passed: 0, exceptions: BTreeMap::new(), failures: Vec::new() }
    }

    /// A suite about to run.
    pub(crate) fn new() -> Self {
        Self { present: true, ..Self::absent() }
    }

    /// Runs one case; a panic is a failure.
    pub(crate) fn case(&mut self, name: impl Into<String>, run: impl FnOnce() -> Result<(), String>) {
        let result = catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(|panic| {
            let text = panic
                .downcast_ref::<String>()
                .map(String::as_str)
                .or_else(|| panic.downcast_ref::<&str>().copied());
            Err(format!("panicked: {}", text.unwrap_or("?")))
        });
        match result {
            Ok(()) => self.passed += 1,
            Err(seen) => self.failures.push(format!("{}: {seen}", name.into())),
        }
    }

    /// Runs a case that a rule excepts. The rules speak of kinds of cases, so one of the kind may do as the vector says
    /// all the same: then it has passed.
    pub(crate) fn exception(
        &mut self,
        name: impl Into<String>,
        reason: &'static str,
        run: impl FnOnce() -> Result<(), String>,
    ) {
        let name = name.into();
        match catch_unwind(AssertUnwindSafe(run)) {
            Ok(Ok(())) => self.passed += 1,
            Ok(Err(_)) => self.exceptions.entry(reason).or_default().push(name),
            Err(_) => self.failures.push(format!("{name}: panicked")),
        }
    }

    /// Counts a case that says nothing about this part, with the reason.
    pub(crate) fn not_ours(&mut self, name: impl Into<String>, reason: &'static str) {
        self.exceptions.entry(reason).or_default().push(name.into());
    }

    /// Takes over what another run of cases gave.
    pub(crate) fn add(&mut self, other: Self) {
        self.passed += other.passed;
        self.failures.extend(other.failures);
        for (reason, cases) in other.exceptions {
            self.exceptions.entry(reason).or_default().extend(cases);
        }
    }

    /// All cases found.
    pub(crate) fn found(&self) -> usize {
        self.passed + self.failures.len() + self.exceptions.values().map(Vec::len).sum::<usize>()
    }
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect(&path, files);
        } else {
            files.push(path);
        }
    }
}
