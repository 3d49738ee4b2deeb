//! Conversions that the language makes by itself: to a string, to a number.

use rust_decimal::Decimal;
use time::PrimitiveDateTime;
use time::macros::datetime;

use crate::error::{Fault, Outcome};
use crate::value::Value;

/// The empty date.
pub const EMPTY_DATE: PrimitiveDateTime = datetime!(0001-01-01 00:00:00);

/// What `Строка(...)` and `+` make of a value, in the locale ru_RU.
#[must_use]
pub fn text(value: &Value) -> String {
    match value {
        Value::Undefined | Value::Null => String::new(),
        Value::Bool(true) => "Да".to_owned(),
        Value::Bool(false) => "Нет".to_owned(),
        Value::Number(value) => grouped(*value),
        Value::Text(value) => value.to_string(),
        Value::Date(value) => date(*value),
        Value::Type(value) => super::types::presentation(value.0).to_owned(),
        Value::Object(value) => value.text(),
    }
}

/// What arithmetic makes of a value.
///
/// # Errors
/// A value that is no number.
pub fn number(value: &Value) -> Outcome<Decimal> {
    let refused = || Fault::raised("Преобразование значения к типу Число не может быть выполнено");
    match value {
        Value::Number(value) => Ok(*value),
        Value::Bool(value) => Ok(Decimal::from(u8::from(*value))),
        Value::Text(text) => number_of_text(text).ok_or_else(refused),
        _ => Err(refused()),
    }
}

/// A number written as text: digits with a point or a comma, groups separated by spaces or NBSP.
#[must_use]
pub fn number_of_text(text: &str) -> Option<Decimal> {
    let plain: String = text
        .trim()
        .chars()
        .filter(|c| !matches!(c, ' ' | '\u{a0}'))
        .map(|c| if c == ',' { '.' } else { c })
        .collect();
    let digits = plain.trim_start_matches(['-', '+']);
    let shape = !digits.is_empty() && digits.chars().all(|c| c.is_ascii_digit() || c == '.');
    if shape { plain.parse().ok() } else { None }
}

/// Groups of three with NBSP, a decimal comma.
fn grouped(value: Decimal) -> String {
    let plain = value.normalize().to_string();
    let (sign, plain) = plain.strip_prefix('-').map_or(("", plain.as_str()), |rest| ("-", rest));
    let (whole, fraction) = plain.split_once('.').unwrap_or((plain, ""));
    let mut result = sign.to_owned();
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index) % 3 == 0 {
            result.push('\u{a0}');
        }
        result.push(digit);
    }
    if !fraction.is_empty() {
        result.push(',');
        result.push_str(fraction);
    }
    result
}

/// `dd.MM.yyyy H:mm:ss`; the empty date is an empty string.
fn date(value: PrimitiveDateTime) -> String {
    if value == EMPTY_DATE {
        return String::new();
    }
    let (year, month, day) = (value.year(), u8::from(value.month()), value.day());
    let (hour, minute, second) = value.as_hms();
    format!("{day:02}.{month:02}.{year:04} {hour}:{minute:02}:{second:02}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped_with_a_comma_before_the_fraction() {
        let shown = |text: &str| super::text(&Value::Number(text.parse().unwrap_or_default()));
        assert_eq!(shown("1234567.50"), "1\u{a0}234\u{a0}567,5");
        assert_eq!((shown("-100").as_str(), shown("0").as_str()), ("-100", "0"));
    }

    #[test]
    fn texts_become_numbers_only_when_they_are_ones() {
        assert_eq!(number_of_text(" 1\u{a0}000,5 "), "1000.5".parse().ok());
        assert_eq!((number_of_text("1e3"), number_of_text(""), number_of_text("--1")), (None, None, None));
    }
}
