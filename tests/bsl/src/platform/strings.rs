//! Functions on strings. Positions and lengths count UTF-16 units, from 1.

use crate::error::{Fault, Outcome};
use crate::names::names;
use crate::object::Argument;
use crate::platform::arguments::Given;
use crate::platform::collections::Array;
use crate::platform::enums::EnumValue;
use crate::run::{Machine, Registry};
use crate::value::Value;

pub(super) fn register(registry: &mut Registry) {
    registry.function(names("СтрДлина", "StrLen"), |_, a| {
        let given = Given::new("СтрДлина", a, 1, 1)?;
        Ok(Value::from(given.text(0).encode_utf16().count()))
    });
    registry.function(names("Лев", "Left"), |_, a| {
        let given = Given::new("Лев", a, 2, 2)?;
        Ok(part(&given.text(0), 0, given.index(1).unwrap_or(0)))
    });
    registry.function(names("Прав", "Right"), |_, a| {
        let given = Given::new("Прав", a, 2, 2)?;
        let text = given.text(0);
        let length = text.encode_utf16().count();
        let count = given.index(1).unwrap_or(0).min(length);
        Ok(part(&text, length - count, count))
    });
    registry.function(names("Сред", "Mid"), |_, a| {
        let given = Given::new("Сред", a, 2, 3)?;
        let from = given.integer(1)?;
        let count = if given.has(2) { given.index(2).unwrap_or(0) } else { usize::MAX };
        Ok(part(&given.text(0), usize::try_from(from - 1).unwrap_or(0), count))
    });
    registry.function(names("СокрЛП", "TrimAll"), |_, a| {
        Ok(Value::from(Given::new("СокрЛП", a, 1, 1)?.text(0).trim_matches(is_blank)))
    });
    registry.function(names("СокрЛ", "TrimL"), |_, a| {
        Ok(Value::from(Given::new("СокрЛ", a, 1, 1)?.text(0).trim_start_matches(is_blank)))
    });
    registry.function(names("СокрП", "TrimR"), |_, a| {
        Ok(Value::from(Given::new("СокрП", a, 1, 1)?.text(0).trim_end_matches(is_blank)))
    });
    registry.function(names("ВРег", "Upper"), |_, a| {
        Ok(Value::from(Given::new("ВРег", a, 1, 1)?.text(0).to_uppercase()))
    });
    registry.function(names("НРег", "Lower"), |_, a| {
        Ok(Value::from(Given::new("НРег", a, 1, 1)?.text(0).to_lowercase()))
    });
    registry.function(names("ПустаяСтрока", "IsBlankString"), |_, a| {
        Ok(Value::Bool(Given::new("ПустаяСтрока", a, 1, 1)?.text(0).trim_matches(is_blank).is_empty()))
    });
    registry.function(names("СтрЗаменить", "StrReplace"), |_, a| {
        let given = Given::new("СтрЗаменить", a, 3, 3)?;
        let what = given.text(1);
        let text = given.text(0);
        Ok(Value::from(if what.is_empty() { text } else { text.replace(&what, &given.text(2)) }))
    });
    registry.function(names("СтрНайти", "StrFind"), find);
    registry.function(names("Найти", "Find"), |_, a| {
        let given = Given::new("Найти", a, 2, 2)?;
        Ok(Value::from(position(&units(&given.text(0)), &units(&given.text(1)), 0).map_or(0, |at| at + 1)))
    });
    registry.function(names("СтрЧислоВхождений", "StrOccurrenceCount"), |_, a| {
        let given = Given::new("СтрЧислоВхождений", a, 2, 2)?;
        let what = given.text(1);
        Ok(Value::from(if what.is_empty() { 0 } else { given.text(0).matches(what.as_str()).count() }))
    });
    registry.function(names("СтрНачинаетсяС", "StrStartsWith"), |_, a| {
        let given = Given::new("СтрНачинаетсяС", a, 2, 2)?;
        non_empty(&given)?;
        Ok(Value::Bool(given.text(0).starts_with(&given.text(1))))
    });
    registry.function(names("СтрЗаканчиваетсяНа", "StrEndsWith"), |_, a| {
        let given = Given::new("СтрЗаканчиваетсяНа", a, 2, 2)?;
        non_empty(&given)?;
        Ok(Value::Bool(given.text(0).ends_with(&given.text(1))))
    });
    registry.function(names("СтрРазделить", "StrSplit"), |_, a| {
        let given = Given::new("СтрРазделить", a, 2, 3)?;
        let (text, separators) = (given.text(0), given.text(1));
        let empty_too = given.bool_or(2, true)?;
        let parts = text.split(|c| separators.contains(c)).filter(|part| empty_too || !part.is_empty());
        // An empty string is no parts at all.
        let parts = if text.is_empty() && !empty_too { Vec::new() } else { parts.map(Value::from).collect() };
        Ok(Value::object(Array::of(parts)))
    });
    registry.function(names("СтрСоединить", "StrConcat"), |_, a| {
        let given = Given::new("СтрСоединить", a, 1, 2)?;
        let array = given.value(0).downcast::<Array>().ok_or_else(|| given.wrong(0))?;
        let items = crate::object::Object::items(&*array).unwrap_or_default();
        let parts: Vec<String> = items.iter().map(super::convert::text).collect();
        Ok(Value::from(parts.join(&given.text_or(1, ""))))
    });
    registry.function(names("СтрЧислоСтрок", "StrLineCount"), |_, a| {
        Ok(Value::from(Given::new("СтрЧислоСтрок", a, 1, 1)?.text(0).split('\n').count()))
    });
    registry.function(names("СтрПолучитьСтроку", "StrGetLine"), |_, a| {
        let given = Given::new("СтрПолучитьСтроку", a, 2, 2)?;
        let text = given.text(0);
        let line = given.index(1)?.checked_sub(1).and_then(|index| text.split('\n').nth(index));
        Ok(Value::from(line.unwrap_or_default()))
    });
    registry.function(names("СтрСравнить", "StrCompare"), |_, a| {
        let given = Given::new("СтрСравнить", a, 2, 2)?;
        // Letter case aside (the order of letters is unverified).
        let order = given.text(0).to_lowercase().cmp(&given.text(1).to_lowercase());
        Ok(Value::from(order as i64))
    });
    registry.function(names("Символ", "Char"), |_, a| {
        let given = Given::new("Символ", a, 1, 1)?;
        let unit = u32::try_from(given.integer(0)?).ok().and_then(char::from_u32);
        unit.map(|c| Value::from(c.to_string()))
            .ok_or_else(|| Fault::unknown("Символ of half a surrogate pair"))
    });
    registry.function(names("КодСимвола", "CharCode"), |_, a| {
        let given = Given::new("КодСимвола", a, 1, 2)?;
        let at = if given.has(1) { given.index(1)?.max(1) - 1 } else { 0 };
        let unit = given.text(0).encode_utf16().nth(at);
        Ok(unit.map_or(Value::Undefined, |unit| Value::from(i64::from(unit))))
    });
    registry.function(names("СтрШаблон", "StrTemplate"), template);
    registry.function(names("НСтр", "NStr"), |machine, a| {
        let given = Given::new("НСтр", a, 1, 2)?;
        let language = given.text_or(1, machine.language);
        Ok(Value::from(localised(&given.text(0), &language)))
    });
}

fn units(text: &str) -> Vec<u16> {
    text.encode_utf16().collect()
}

fn part(text: &str, from: usize, count: usize) -> Value {
    let units: Vec<u16> = text.encode_utf16().skip(from).take(count).collect();
    Value::from(String::from_utf16_lossy(&units))
}

/// Blanks and control characters, as the platform trims them.
fn is_blank(c: char) -> bool {
    c.is_whitespace() || c.is_control()
}

fn non_empty(given: &Given<'_>) -> Outcome<()> {
    if given.text(1).is_empty() {
        return Err(Fault::raised("Недопустимое значение параметра (параметр номер '2')"));
    }
    Ok(())
}

/// Where `what` is in `text` from `from` on.
fn position(text: &[u16], what: &[u16], from: usize) -> Option<usize> {
    if what.is_empty() {
        return None;
    }
    let rest = text.get(from..)?;
    rest.windows(what.len()).position(|window| window == what).map(|at| at + from)
}

/// `СтрНайти(Строка, Подстрока, Направление, НачальнаяПозиция, НомерВхождения)`.
fn find(_: &mut Machine, arguments: &[Argument]) -> Outcome<Value> {
    let given = Given::new("СтрНайти", arguments, 2, 5)?;
    let (text, what) = (units(&given.text(0)), units(&given.text(1)));
    let backwards = given.has(2) && EnumValue::is(&given.value(2), "НаправлениеПоиска", "СКонца");
    let occurrence = if given.has(4) { given.index(4)?.max(1) } else { 1 };
    let matches = |text: &[u16]| {
        let mut found = Vec::new();
        let mut from = 0;
        while let Some(at) = position(text, &what, from) {
            found.push(at);
            from = at + 1;
        }
        found
    };
    let found = if backwards {
        let last = if given.has(3) { given.index(3)? } else { text.len() };
        let mut found = matches(&text);
        found.retain(|at| *at < last);
        found.reverse();
        found
    } else {
        let first = if given.has(3) { given.index(3)?.max(1) - 1 } else { 0 };
        let mut found = matches(&text);
        found.retain(|at| *at >= first);
        found
    };
    Ok(Value::from(found.get(occurrence - 1).map_or(0, |at| at + 1)))
}

/// `%1` to `%10`, `%(1)`; `%%` is a percent sign.
fn template(_: &mut Machine, arguments: &[Argument]) -> Outcome<Value> {
    let given = Given::new("СтрШаблон", arguments, 1, 11)?;
    let text = given.text(0);
    let mut result = String::new();
    let mut rest = text.as_str();
    while let Some(at) = rest.find('%') {
        result.push_str(rest.get(..at).unwrap_or_default());
        rest = rest.get(at + 1..).unwrap_or_default();
        if let Some(after) = rest.strip_prefix('%') {
            result.push('%');
            rest = after;
            continue;
        }
        let (number, after) = if let Some(inside) = rest.strip_prefix('(') {
            inside.split_once(')').ok_or_else(|| bad_template(at))?
        } else {
            let length = rest.bytes().take(2).take_while(u8::is_ascii_digit).count();
            // Two digits only for ten.
            let length = if rest.starts_with("10") { 2 } else { length.min(1) };
            rest.split_at(length)
        };
        let index: usize = number.parse().map_err(|_| bad_template(at))?;
        if !(1..=10).contains(&index) {
            return Err(bad_template(at));
        }
        result.push_str(&given.text(index));
        rest = after;
    }
    result.push_str(rest);
    Ok(Value::from(result))
}

fn bad_template(at: usize) -> Fault {
    Fault::raised(format!("Ошибка в параметрах шаблона (позиция {at})"))
}

/// The part of `ru = 'текст'; en = 'text'` for a language; the text itself when there are no parts; the first part
/// when the language is not among them.
fn localised(text: &str, language: &str) -> String {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some((name, after)) = rest.split_once('=') {
        let after = after.trim_start();
        let Some(quote) = after.chars().next().filter(|c| matches!(c, '\'' | '"')) else { break };
        let inside = after.get(1..).unwrap_or_default();
        let mut value = String::new();
        let mut characters = inside.char_indices().peekable();
        let mut end = None;
        while let Some((at, c)) = characters.next() {
            if c == quote {
                if characters.peek().is_some_and(|(_, next)| *next == quote) {
                    characters.next();
                } else {
                    end = Some(at + 1);
                    break;
                }
            }
            value.push(c);
        }
        parts.push((name.trim().trim_start_matches(';').trim().to_lowercase(), value));
        let Some(end) = end else { break };
        rest = inside.get(end..).unwrap_or_default();
    }
    if parts.is_empty() {
        return text.to_owned();
    }
    let language = language.to_lowercase();
    let chosen = parts.iter().find(|(name, _)| *name == language).or_else(|| parts.first());
    chosen.map(|(_, value)| value.clone()).unwrap_or_default()
}
