//! Between strings and bytes: encodings, Base64, hexadecimal, URL encoding.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use super::data::BinaryData;
use super::encoding::Encoding;
use crate::error::{Fault, Outcome};
use crate::names::names;
use crate::platform::arguments::Given;
use crate::platform::collections::Array;
use crate::platform::enums::EnumValue;
use crate::run::Registry;
use crate::value::Value;

/// Unreserved characters of RFC 3986 stay (whether the platform leaves more is unverified).
const URL: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');
/// What a URL inside a URL keeps besides: its own delimiters.
const URL_IN_URL: &AsciiSet = &URL
    .remove(b':')
    .remove(b'/')
    .remove(b'?')
    .remove(b'#')
    .remove(b'[')
    .remove(b']')
    .remove(b'@')
    .remove(b'!')
    .remove(b'$')
    .remove(b'&')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')')
    .remove(b'*')
    .remove(b'+')
    .remove(b',')
    .remove(b';')
    .remove(b'=')
    .remove(b'%');

pub(super) fn register(registry: &mut Registry) {
    registry.function(
        names("ПолучитьДвоичныеДанныеИзСтроки", "GetBinaryDataFromString"),
        |_, a| {
            let given = Given::new("ПолучитьДвоичныеДанныеИзСтроки", a, 1, 3)?;
            let encoding = Encoding::of(&given.value(1))?;
            let mut bytes = if given.bool_or(2, false)? { encoding.mark().to_vec() } else { Vec::new() };
            bytes.extend(encoding.encode(&given.text(0)));
            Ok(BinaryData::value(bytes))
        },
    );
    registry.function(
        names("ПолучитьСтрокуИзДвоичныхДанных", "GetStringFromBinaryData"),
        |_, a| {
            let given = Given::new("ПолучитьСтрокуИзДвоичныхДанных", a, 1, 2)?;
            let encoding = Encoding::of(&given.value(1))?;
            Ok(Value::from(encoding.decode(&BinaryData::of(&given, 0)?)))
        },
    );
    for names in [
        names("ПолучитьBase64СтрокуИзДвоичныхДанных", "GetBase64StringFromBinaryData"),
        names("Base64Строка", "Base64String"),
    ] {
        registry.function(names, |_, a| {
            let given = Given::new("Base64Строка", a, 1, 1)?;
            Ok(Value::from(in_lines(&STANDARD.encode(BinaryData::of(&given, 0)?))))
        });
    }
    for names in [
        names("ПолучитьДвоичныеДанныеИзBase64Строки", "GetBinaryDataFromBase64String"),
        names("Base64Значение", "Base64Value"),
    ] {
        registry.function(names, |_, a| {
            let text: String = Given::new("Base64Значение", a, 1, 1)?.text(0).split_whitespace().collect();
            let bytes = STANDARD.decode(text).map_err(|_| Fault::raised("Неверный формат строки Base64"))?;
            Ok(BinaryData::value(bytes))
        });
    }
    registry.function(
        names("ПолучитьHexСтрокуИзДвоичныхДанных", "GetHexStringFromBinaryData"),
        |_, a| {
            let given = Given::new("ПолучитьHexСтрокуИзДвоичныхДанных", a, 1, 1)?;
            let data = BinaryData::of(&given, 0)?;
            Ok(Value::from(data.iter().map(|byte| format!("{byte:02X}")).collect::<String>()))
        },
    );
    registry.function(
        names("ПолучитьДвоичныеДанныеИзHexСтроки", "GetBinaryDataFromHexString"),
        |_, a| {
            let text = Given::new("ПолучитьДвоичныеДанныеИзHexСтроки", a, 1, 1)?.text(0);
            unhex(&text).map(BinaryData::value)
        },
    );
    registry.function(names("СоединитьДвоичныеДанные", "ConcatBinaryData"), |_, a| {
        let given = Given::new("СоединитьДвоичныеДанные", a, 1, 1)?;
        let array = given.value(0).downcast::<Array>().ok_or_else(|| given.wrong(0))?;
        let mut joined = Vec::new();
        for item in crate::object::Object::items(&*array).unwrap_or_default() {
            let part = item.downcast::<BinaryData>().ok_or_else(|| given.wrong(0))?;
            joined.extend_from_slice(&part.0);
        }
        Ok(BinaryData::value(joined))
    });
    registry.function(names("КодироватьСтроку", "EncodeString"), |_, a| {
        let given = Given::new("КодироватьСтроку", a, 2, 3)?;
        let set = if inside(&given)? { URL_IN_URL } else { URL };
        Ok(Value::from(utf8_percent_encode(&given.text(0), set).to_string()))
    });
    registry.function(names("РаскодироватьСтроку", "DecodeString"), |_, a| {
        let given = Given::new("РаскодироватьСтроку", a, 2, 3)?;
        inside(&given)?;
        Ok(Value::from(percent_decode_str(&given.text(0)).decode_utf8_lossy().into_owned()))
    });
}

/// Whether the method is "URL in URL".
fn inside(given: &Given<'_>) -> Outcome<bool> {
    if given.has(2) && Encoding::of(&given.value(2))? != Encoding::UTF8 {
        return Err(Fault::unknown("a URL in another encoding than UTF-8"));
    }
    let method = given.value(1);
    let is = |name| EnumValue::is(&method, "СпособКодированияСтроки", name);
    if is("URLВКодировкеURL") {
        Ok(true)
    } else if is("КодировкаURL") {
        Ok(false)
    } else {
        Err(given.wrong(1))
    }
}

/// The platform breaks Base64 into lines of 76 characters by CR LF.
fn in_lines(text: &str) -> String {
    let bytes: Vec<char> = text.chars().collect();
    bytes.chunks(76).map(|line| line.iter().collect::<String>()).collect::<Vec<_>>().join("\r\n")
}

fn unhex(text: &str) -> Outcome<Vec<u8>> {
    let digits: Option<Vec<u8>> =
        text.chars().map(|c| c.to_digit(16).and_then(|digit| u8::try_from(digit).ok())).collect();
    match digits {
        Some(digits) if digits.len() % 2 == 0 => {
            Ok(digits.chunks(2).map(|pair| pair.iter().fold(0, |byte, digit| byte << 4 | digit)).collect())
        }
        _ => Err(Fault::raised("Неверный формат шестнадцатеричной строки")),
    }
}
