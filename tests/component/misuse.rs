//! Every method called with values it cannot take, by the class tables: each is one clear error that names the method
//! and the parameter in the language of the call, and the object works on.

use addin_host::{Date, Object, Val};
use httpconnector::abi::{Class, Language, Library, Method};
use httpconnector::component::Connector;

use crate::support::{Scripted, addin, object_in, ok, property_json, property_text};

const DAY: Date = Date { year: 2026, month: 2, day: 1, hour: 0, minute: 0, second: 0 };
const LANGUAGES: [(&str, Language); 2] = [("en", Language::English), ("ru", Language::Russian)];

/// Values no parameter of the component takes.
fn never_taken() -> Vec<Val<'static>> {
    vec![Val::Bool(true), Val::Date(DAY), Val::Raw(0x7777, 1)]
}

/// Arguments that are right as far as types go. Nothing listens on port 1.
fn right(method: &Method) -> Vec<Val<'static>> {
    let value = |name: &str| match name {
        "URL" => "http://127.0.0.1:1/".into(),
        "Method" => "GET".into(),
        "Data" | "CompressedData" => Val::Blob(vec![1]),
        "StatusCode" => Val::Int(404),
        "Seconds" => Val::Int(60),
        "Milliseconds" => Val::Int(20_000),
        "Algorithm" => "MD5".into(),
        "Name" | "FileName" | "Key" => "name".into(),
        _ => "".into(),
    };
    method.parameters.iter().map(|parameter| value(parameter.english)).collect()
}

/// Runs a check for every parameter of every method, in objects of both classes and calls in both languages.
fn every_parameter(check: impl Fn(&Object, Language, (&str, &str), usize, &Method)) {
    for class in Connector::CLASSES {
        for (interface, language) in LANGUAGES {
            let object = object_in(class.name, interface);
            for method in class.methods {
                for (index, parameter) in method.parameters.iter().enumerate() {
                    let names = match language {
                        Language::English => (method.english, parameter.english),
                        Language::Russian => (method.russian, parameter.russian),
                    };
                    check(&object, language, names, index, method);
                }
            }
            usable(class, &object);
        }
    }
}

fn usable(class: &Class, object: &Object) {
    let server = Scripted::new([ok(&[], b"x")]);
    let status = object.call("Get", &[server.url("/").into()]);
    assert!(matches!(status, Ok(Val::Int(200))), "{}: {status:?}", class.name);
    assert_eq!(property_text(object, "LastError"), "");
}

fn failure(object: &Object, name: &str, arguments: &[Val<'_>]) -> (String, String) {
    let error = match object.call(name, arguments) {
        Ok(value) => panic!("{name}({arguments:?}) gave {value:?}"),
        Err(error) => error,
    };
    let details = property_json(object, "LastErrorDetails");
    (error.text(), details["code"].as_str().unwrap().to_owned())
}

#[test]
fn values_of_the_wrong_type_name_method_and_parameter() {
    every_parameter(|object, language, (name, parameter), index, method| {
        for wrong in never_taken() {
            let mut arguments = right(method);
            arguments[index] = wrong;
            let (text, code) = failure(object, name, &arguments);
            assert_eq!(code, "argument-type", "{text}");
            assert!(text.starts_with(&format!("{name}, ")) && text.contains(parameter), "{text}");
            assert_eq!(text.contains("ожидается"), language == Language::Russian, "{text}");
        }
    });
}

#[test]
fn broken_utf16_is_found_in_every_string() {
    every_parameter(|object, language, (name, parameter), index, method| {
        let given = right(method);
        if !matches!(given[index], Val::Str(_)) {
            return;
        }
        let mut arguments = given;
        arguments[index] = Val::Utf16(vec![0x68, 0xDC00, 0x69]);
        let (text, code) = failure(object, name, &arguments);
        assert_eq!(code, "argument-text", "{name}.{parameter}: {text}");
        let russian = text.contains("непарный суррогат в позиции 2");
        assert_eq!(russian, language == Language::Russian, "{text}");
        assert!(text.contains(parameter), "{text}");
    });
}

#[test]
fn without_exceptions_every_failing_method_returns_an_empty_value_of_its_type() {
    for class in Connector::CLASSES {
        let object = object_in(class.name, "ru");
        object.set("ВызыватьИсключения", false).unwrap();
        for method in class.methods {
            let wrong: Vec<Val<'_>> = method.parameters.iter().map(|_| Val::Bool(true)).collect();
            let value = object.call(method.english, &wrong).unwrap();
            let failed = !property_text(&object, "ПоследняяОшибка").is_empty();
            let reader = method.parameters.is_empty()
                && !matches!(
                    method.english,
                    "ReleaseBody" | "ClearBlobs" | "Cancel" | "HTTPStatusCodes" | "ClearCookies" | "CloseConnections"
                );
            assert_eq!(failed, reader || !method.parameters.is_empty(), "{}", method.english);
            if failed {
                // What tells whether a request has finished tells that nobody needs to wait.
                let empty = matches!(&value, Val::Int(0) | Val::Empty | Val::Bool(true))
                    || value.as_str() == Some("");
                assert!(empty, "{}: {value:?}", method.english);
                let details = property_json(&object, "LastErrorDetails");
                assert!(details["code"].is_string() && details["text"].is_string(), "{details}");
            }
        }
        for property in class.properties.iter().filter(|property| property.writable) {
            object.set(property.english, Val::Date(DAY)).unwrap();
            assert_eq!(property_json(&object, "LastErrorDetails")["member"], property.english);
        }
    }
}

#[test]
fn the_last_error_survives_the_switch_of_exceptions_and_no_success() {
    let object = object_in("HTTPSession", "ru");
    object.set("ВызыватьИсключения", false).unwrap();
    object.call("Get", &["ftp://h".into()]).unwrap();
    object.set("ВызыватьИсключения", true).unwrap();
    assert_eq!(property_json(&object, "LastErrorDetails")["code"], "invalid-url");
    object.set("Таймаут", 5).unwrap();
    assert_eq!(property_text(&object, "LastError"), "");
}

#[test]
fn missing_arguments_are_counted_and_objects_go_on() {
    let addin = addin();
    for class in Connector::CLASSES {
        let object = addin.create(class.name).unwrap();
        for method in class.methods.iter().filter(|method| !method.parameters.is_empty()) {
            let required = method.parameters.iter().filter(|parameter| parameter.default.is_none()).count();
            if required > 0 {
                assert!(object.call(method.english, &[]).is_err(), "{}", method.english);
            }
        }
        usable(class, &object);
    }
}
