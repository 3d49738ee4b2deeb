//! Bodies: `Data`, `Files`.

use serde_json::Value;

use crate::component::options::keys::{self, Id};
use crate::component::options::reader::Field;
use crate::component::options::{Data, DataSource, FilePart};
use crate::component::trouble::{KeyProblem, Outcome};
use crate::engine::headers::Headers;

use super::source::{reference, reference_not_form, remember};
use super::{parameters, scalar};

pub(in crate::component::options) fn data(
    field: &Field<'_, '_>,
    used: &mut Vec<String>,
) -> Outcome<Option<Data>> {
    if let Some(source) = reference_not_form(field)? {
        remember(&source, used);
        return Ok(Some(Data::Source(source)));
    }
    match field.value {
        Value::String(text) if text.is_empty() => Ok(None),
        Value::String(text) => Ok(Some(Data::Source(DataSource::Text(text.clone())))),
        Value::Object(fields) if fields.is_empty() => Ok(None),
        Value::Object(_) => Ok(Some(Data::Form(parameters(field)?))),
        _ => Err(field.wrong_type()),
    }
}

pub(in crate::component::options) fn files(
    field: &Field<'_, '_>,
    used: &mut Vec<String>,
) -> Outcome<Vec<FilePart>> {
    match field.value {
        Value::Object(file) if file.is_empty() => Ok(Vec::new()),
        Value::Object(_) => Ok(vec![file(field, used)?]),
        Value::Array(files) => files
            .iter()
            .enumerate()
            .map(|(index, value)| file(&field.element(&format!("[{index}]"), value), used))
            .collect(),
        _ => Err(field.wrong_type()),
    }
}

fn file(field: &Field<'_, '_>, used: &mut Vec<String>) -> Outcome<FilePart> {
    let (mut name, mut file_name, mut content_type) = (None, None, None);
    let mut headers = Headers::new();
    let mut data = DataSource::Text(String::new());
    for inner in field.source.fields(field.object()?, keys::PART, &field.path)? {
        match inner.key.id {
            Id::Name => name = Some(inner.text()?.to_owned()),
            Id::FileName => file_name = Some(inner.text()?.to_owned()),
            Id::Type => content_type = Some(inner.text()?.to_owned()),
            Id::Headers => headers = super::headers(&inner)?.set,
            Id::Data => data = part_data(&inner, used)?,
            _ => {}
        }
    }
    let Some(name) = name else {
        let missing = keys::PART.iter().find(|key| key.id == Id::Name).map(keys::Key::words);
        return Err(match missing {
            Some(name) => field.problem(KeyProblem::Missing { name }),
            None => field.wrong_type(),
        });
    };
    if let (None, DataSource::File(path)) = (&file_name, &data) {
        file_name = path.file_name().map(|name| name.to_string_lossy().into_owned());
    }
    let filled = |text: &String| !text.is_empty();
    Ok(FilePart {
        name,
        file_name: file_name.filter(filled),
        content_type: content_type.filter(filled),
        headers,
        data,
    })
}

fn part_data(field: &Field<'_, '_>, used: &mut Vec<String>) -> Outcome<DataSource> {
    let source = match reference(field)? {
        Some(source) => source,
        None => DataSource::Text(scalar(field.value).ok_or_else(|| field.wrong_type())?),
    };
    remember(&source, used);
    Ok(source)
}
