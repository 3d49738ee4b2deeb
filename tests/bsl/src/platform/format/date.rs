//! Dates: `ДФ` by letters, `ДЛФ` by the locale, `ДП` for the empty date.

use time::PrimitiveDateTime;

use super::{Language, Specifiers};
use crate::error::{Fault, Outcome};
use crate::platform::convert::EMPTY_DATE;

const MONTHS: [(&str, &str); 12] = [
    ("января", "January"),
    ("февраля", "February"),
    ("марта", "March"),
    ("апреля", "April"),
    ("мая", "May"),
    ("июня", "June"),
    ("июля", "July"),
    ("августа", "August"),
    ("сентября", "September"),
    ("октября", "October"),
    ("ноября", "November"),
    ("декабря", "December"),
];

const DAYS: [(&str, &str, &str, &str); 7] = [
    ("понедельник", "Пн", "Monday", "Mon"),
    ("вторник", "Вт", "Tuesday", "Tue"),
    ("среда", "Ср", "Wednesday", "Wed"),
    ("четверг", "Чт", "Thursday", "Thu"),
    ("пятница", "Пт", "Friday", "Fri"),
    ("суббота", "Сб", "Saturday", "Sat"),
    ("воскресенье", "Вс", "Sunday", "Sun"),
];

/// A date by specifiers; without any, date and time of the locale. The empty date is what `ДП` says.
pub(super) fn format(value: PrimitiveDateTime, specifiers: &Specifiers) -> Outcome<String> {
    if value == EMPTY_DATE {
        return Ok(specifiers.get("ДП").unwrap_or_default().to_owned());
    }
    match specifiers.get("ДФ") {
        Some(pattern) => by_pattern(value, pattern, specifiers.language),
        None => local(value, specifiers.get("ДЛФ").unwrap_or("DT"), specifiers.language),
    }
}

/// Runs of one letter are parts of the date, text in quotes and every other character are themselves.
fn by_pattern(value: PrimitiveDateTime, pattern: &str, language: Language) -> Outcome<String> {
    let mut result = String::new();
    let mut rest = pattern.chars().peekable();
    while let Some(first) = rest.next() {
        if matches!(first, '\'' | '"') {
            result.extend(rest.by_ref().take_while(|c| *c != first));
            continue;
        }
        if !first.is_alphabetic() {
            result.push(first);
            continue;
        }
        let mut count = 1;
        while rest.next_if_eq(&first).is_some() {
            count += 1;
        }
        result.push_str(&part(value, first, count, language)?);
    }
    Ok(result)
}

/// One part. Letters of both alphabets; `M` is the month and `m` the minute, `H` counts to 24 and `h` to 12.
fn part(value: PrimitiveDateTime, letter: char, count: usize, language: Language) -> Outcome<String> {
    let unknown = || Fault::unknown(format!("ДФ with {count} of {letter}"));
    let number = |number: u8| match count {
        1 => Ok(number.to_string()),
        2 => Ok(format!("{number:02}")),
        _ => Err(unknown()),
    };
    let (hour, minute, second) = value.as_hms();
    match letter {
        'д' | 'd' if count <= 2 => number(value.day()),
        'д' | 'd' => day_name(value, count, language).ok_or_else(unknown),
        'М' | 'M' if count <= 2 => number(u8::from(value.month())),
        'М' | 'M' => month_name(value, count, language).ok_or_else(unknown),
        'г' | 'y' => match count {
            2 => Ok(format!("{:02}", value.year() % 100)),
            4 => Ok(format!("{:04}", value.year())),
            _ => Err(unknown()),
        },
        'к' | 'q' if count == 1 => Ok(((u8::from(value.month()) - 1) / 3 + 1).to_string()),
        'Ч' | 'H' => number(hour),
        'ч' | 'h' => number((hour + 11) % 12 + 1),
        'м' | 'm' => number(minute),
        'с' | 's' => number(second),
        'в' | 't' if count == 2 => Ok(if hour < 12 { "AM" } else { "PM" }.to_owned()),
        // Not documented, but relied upon everywhere: `yyyy-MM-ddTHH:mm:ssZ`. Other letters are unverified.
        'T' | 'Z' => Ok(String::from(letter).repeat(count)),
        _ => Err(unknown()),
    }
}

fn day_name(value: PrimitiveDateTime, count: usize, language: Language) -> Option<String> {
    let (russian, russian_short, english, english_short) =
        DAYS.get(usize::from(value.weekday().number_days_from_monday()))?;
    let name = match (count, language) {
        (3, Language::Russian) => russian_short,
        (3, Language::English) => english_short,
        (4, Language::Russian) => russian,
        (4, Language::English) => english,
        _ => return None,
    };
    Some((*name).to_owned())
}

/// The full name; in Russian in the genitive, as after a day. The short form is only known in English.
fn month_name(value: PrimitiveDateTime, count: usize, language: Language) -> Option<String> {
    let (russian, english) = MONTHS.get(usize::from(u8::from(value.month()) - 1))?;
    match (count, language) {
        (3, Language::English) => english.get(..3).map(str::to_owned),
        (4, Language::Russian) => Some((*russian).to_owned()),
        (4, Language::English) => Some((*english).to_owned()),
        _ => None,
    }
}

/// `ДЛФ`: `Д` (`D`) is the short date, `ДД` the long one, `В` (`T`) the time.
fn local(value: PrimitiveDateTime, form: &str, language: Language) -> Outcome<String> {
    let form: String = form
        .trim()
        .to_uppercase()
        .chars()
        .map(|c| match c {
            'Д' => 'D',
            'В' => 'T',
            other => other,
        })
        .collect();
    let (date, time) = match form.as_str() {
        "D" => (Some(false), false),
        "DD" => (Some(true), false),
        "T" => (None, true),
        "DT" => (Some(false), true),
        "DDT" => (Some(true), true),
        other => return Err(Fault::unknown(format!("ДЛФ={other}"))),
    };
    let date = match (date, language) {
        (None, _) => None,
        (Some(false), Language::Russian) => Some("dd.MM.yyyy"),
        (Some(true), Language::Russian) => Some("d MMMM yyyy 'г.'"),
        (Some(false), Language::English) => Some("M/d/yyyy"),
        (Some(true), Language::English) => Some("dddd, MMMM d, yyyy"),
    };
    let time = time.then_some(match language {
        Language::Russian => "H:mm:ss",
        Language::English => "h:mm:ss tt",
    });
    let pattern: Vec<&str> = date.into_iter().chain(time).collect();
    by_pattern(value, &pattern.join(" "), language)
}
