//! `Файл` and the functions on files. File names of the platform are texts: a name that is none is shown with U+FFFD.

use std::any::Any;
use std::fs;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use crate::error::{Fault, Outcome};
use crate::names::{Names, names};
use crate::object::{Argument, Object};
use crate::platform::arguments::Given;
use crate::platform::collections::Array;
use crate::run::{Machine, Registry};
use crate::value::Value;

const FILE: Names = names("Файл", "File");

/// A file or folder by name, whether it exists or not.
struct File(PathBuf);

impl Object for File {
    fn type_names(&self) -> Names {
        FILE
    }

    fn get(&self, _: &mut Machine, name: &str) -> Outcome<Option<Value>> {
        let shown = |part: Option<&std::ffi::OsStr>| {
            Value::from(part.map(|part| part.to_string_lossy().into_owned()).unwrap_or_default())
        };
        Ok(Some(match name {
            "имя" | "name" => shown(self.0.file_name()),
            "имябезрасширения" | "basename" => shown(self.0.file_stem()),
            // With its dot.
            "расширение" | "extension" => Value::from(
                self.0.extension().map(|part| format!(".{}", part.to_string_lossy())).unwrap_or_default(),
            ),
            "полноеимя" | "fullname" => Value::from(self.0.to_string_lossy().into_owned()),
            // With the separator at its end.
            "путь" | "path" => {
                let folder = self.0.parent().map(|folder| folder.to_string_lossy().into_owned());
                let folder = folder.filter(|folder| !folder.is_empty());
                Value::from(folder.map_or_else(String::new, |folder| with_separator(&folder)))
            }
            _ => return Ok(None),
        }))
    }

    fn call(&self, _: &mut Machine, name: &str, _: &[Argument]) -> Outcome<Option<Value>> {
        Ok(Some(match name {
            "существует" | "exist" | "exists" => Value::Bool(self.0.exists()),
            "этофайл" | "isfile" => Value::Bool(self.0.is_file()),
            "этокаталог" | "isdirectory" => Value::Bool(self.0.is_dir()),
            "размер" | "size" => {
                let size =
                    fs::metadata(&self.0).map_err(|error| failed("получения размера", &self.0, &error))?;
                Value::Number(size.len().into())
            }
            _ => return Ok(None),
        }))
    }

    fn into_any(self: Rc<Self>) -> Rc<dyn Any> {
        self
    }
}

fn with_separator(folder: &str) -> String {
    if folder.ends_with(std::path::MAIN_SEPARATOR) {
        folder.to_owned()
    } else {
        format!("{folder}{}", std::path::MAIN_SEPARATOR)
    }
}

fn failed(what: &str, path: &Path, error: &std::io::Error) -> Fault {
    Fault::raised(format!("Ошибка {what} файла '{}': {error}", path.display()))
}

pub(super) fn register(registry: &mut Registry) {
    registry.constructor(FILE, |_, a| {
        let given = Given::new("Файл", a, 1, 1)?;
        Ok(Value::object(File(given.text(0).into())))
    });
    registry.function(names("УдалитьФайлы", "DeleteFiles"), |_, a| {
        let given = Given::new("УдалитьФайлы", a, 1, 2)?;
        let path = PathBuf::from(given.text(0));
        if given.has(1) {
            let found = matching(&path, &given.text(1), false)?;
            return found.iter().try_for_each(|path| removed(path)).map(|()| Value::Undefined);
        }
        removed(&path).map(|()| Value::Undefined)
    });
    registry.function(
        names("ПолучитьИмяВременногоФайла", "GetTempFileName"),
        |_, a| {
            let given = Given::new("ПолучитьИмяВременногоФайла", a, 0, 1)?;
            let extension = given.text_or(0, "tmp");
            let name = format!("v8_{}.{}", uuid::Uuid::new_v4().simple(), extension.trim_start_matches('.'));
            Ok(Value::from(std::env::temp_dir().join(name).to_string_lossy().into_owned()))
        },
    );
    registry.function(names("КаталогВременныхФайлов", "TempFilesDir"), |_, _| {
        Ok(Value::from(with_separator(&std::env::temp_dir().to_string_lossy())))
    });
    registry.function(names("СоздатьКаталог", "CreateDirectory"), |_, a| {
        let path = PathBuf::from(Given::new("СоздатьКаталог", a, 1, 1)?.text(0));
        fs::create_dir_all(&path).map_err(|error| failed("создания", &path, &error))?;
        Ok(Value::Undefined)
    });
    registry.function(names("НайтиФайлы", "FindFiles"), |_, a| {
        let given = Given::new("НайтиФайлы", a, 1, 3)?;
        let path = PathBuf::from(given.text(0));
        let found = if given.has(1) {
            matching(&path, &given.text(1), given.bool_or(2, false)?)?
        } else if path.exists() {
            vec![path]
        } else {
            Vec::new()
        };
        let found = found.into_iter().map(|path| Value::object(File(path))).collect();
        Ok(Value::object(Array::of(found)))
    });
    registry.function(names("ПолучитьРазделительПути", "GetPathSeparator"), |_, _| {
        Ok(Value::from(std::path::MAIN_SEPARATOR_STR))
    });
}

/// A file, or a folder with everything in it; what is not there is no error.
fn removed(path: &Path) -> Outcome<()> {
    let result = match fs::symlink_metadata(path) {
        Ok(found) if found.is_dir() => fs::remove_dir_all(path),
        Ok(_) => fs::remove_file(path),
        Err(_) => Ok(()),
    };
    result.map_err(|error| failed("удаления", path, &error))
}

/// What is in a folder by a mask, sorted by name; `*` stands for anything.
fn matching(folder: &Path, mask: &str, deep: bool) -> Outcome<Vec<PathBuf>> {
    let Ok(entries) = fs::read_dir(folder) else { return Ok(Vec::new()) };
    let mut paths: Vec<PathBuf> = entries.filter_map(|entry| entry.ok().map(|entry| entry.path())).collect();
    paths.sort();
    let mut found = Vec::new();
    for path in paths {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let is_folder = path.is_dir();
        if fits(&name, mask)? {
            found.push(path.clone());
        }
        if deep && is_folder {
            found.extend(matching(&path, mask, true)?);
        }
    }
    Ok(found)
}

fn fits(name: &str, mask: &str) -> Outcome<bool> {
    if mask.contains('?') {
        return Err(Fault::unknown("a mask with ?"));
    }
    let parts: Vec<&str> = mask.split('*').collect();
    let [first, middle @ .., last] = parts.as_slice() else { return Ok(name == mask) };
    let Some(mut rest) = name.strip_prefix(first) else { return Ok(false) };
    for part in middle {
        match rest.split_once(part) {
            Some((_, after)) => rest = after,
            None => return Ok(false),
        }
    }
    Ok(rest.ends_with(last))
}
