//! Dates in JSON: ISO 8601, `new Date(...)` and `/Date(...)/`.

use time::format_description::well_known::Rfc3339;
use time::{Duration, OffsetDateTime, PrimitiveDateTime, UtcOffset};

use crate::error::{Fault, Outcome};
use crate::names::names;
use crate::platform::arguments::Given;
use crate::platform::enums::EnumValue;
use crate::run::{Machine, Registry};
use crate::value::Value;

pub(super) fn register(registry: &mut Registry) {
    registry.function(names("ПрочитатьДатуJSON", "ReadJSONDate"), |machine, a| {
        let given = Given::new("ПрочитатьДатуJSON", a, 2, 2)?;
        read(machine, &given.text(0), &given.value(1)).map(Value::Date)
    });
    registry.function(names("ЗаписатьДатуJSON", "WriteJSONDate"), |machine, a| {
        let given = Given::new("ЗаписатьДатуJSON", a, 2, 3)?;
        let Value::Date(date) = given.value(0) else { return Err(given.wrong(0)) };
        write(machine, date, &given.value(1), &given.value(2)).map(Value::from)
    });
}

/// A date of a text in one of the formats, in the time zone of the session.
pub(super) fn read(machine: &Machine, text: &str, format: &Value) -> Outcome<PrimitiveDateTime> {
    let wrong = || Fault::raised("Представление даты имеет неверный формат");
    let is = |name| EnumValue::is(format, "ФорматДатыJSON", name);
    if is("JavaScript") {
        let inside =
            text.strip_prefix("new Date(").and_then(|rest| rest.strip_suffix(')')).ok_or_else(wrong)?;
        return of_milliseconds(machine, inside).ok_or_else(wrong);
    }
    if is("Microsoft") {
        let inside =
            text.strip_prefix("/Date(").and_then(|rest| rest.strip_suffix(")/")).ok_or_else(wrong)?;
        return of_milliseconds(machine, inside).ok_or_else(wrong);
    }
    iso(machine, text).ok_or_else(wrong)
}

/// A date as a text.
pub(super) fn write(
    machine: &Machine,
    date: PrimitiveDateTime,
    format: &Value,
    variant: &Value,
) -> Outcome<String> {
    let universal = EnumValue::is(variant, "ВариантЗаписиДатыJSON", "УниверсальнаяДата");
    let offset = EnumValue::is(variant, "ВариантЗаписиДатыJSON", "ЛокальнаяДатаСоСмещением");
    let is = |name| EnumValue::is(format, "ФорматДатыJSON", name);
    if is("JavaScript") || is("Microsoft") {
        if !universal {
            return Err(Fault::raised("Недопустимое сочетание формата и варианта записи даты"));
        }
        let since = (date - machine.offset - epoch()).whole_milliseconds();
        return Ok(if is("JavaScript") { format!("new Date({since})") } else { format!("/Date({since})/") });
    }
    let shown = if universal { date - machine.offset } else { date };
    let (hour, minute, second) = shown.as_hms();
    let plain = format!(
        "{:04}-{:02}-{:02}T{hour:02}:{minute:02}:{second:02}",
        shown.year(),
        u8::from(shown.month()),
        shown.day()
    );
    if universal {
        return Ok(format!("{plain}Z"));
    }
    if offset {
        let minutes = machine.offset.whole_minutes();
        let sign = if minutes < 0 { '-' } else { '+' };
        return Ok(format!("{plain}{sign}{:02}:{:02}", minutes.abs() / 60, minutes.abs() % 60));
    }
    Ok(plain)
}

fn epoch() -> PrimitiveDateTime {
    PrimitiveDateTime::new(OffsetDateTime::UNIX_EPOCH.date(), OffsetDateTime::UNIX_EPOCH.time())
}

fn of_milliseconds(machine: &Machine, text: &str) -> Option<PrimitiveDateTime> {
    let since: i64 = text.trim().parse().ok()?;
    epoch().checked_add(Duration::seconds(since.div_euclid(1000)))?.checked_add(machine.offset)
}

/// `YYYY-MM-DDTHH:MM:SS` with a zone, `Z` or none; fractions of a second are dropped; a date alone is midnight.
fn iso(machine: &Machine, text: &str) -> Option<PrimitiveDateTime> {
    let text = text.trim();
    if text.len() == 10 {
        return iso(machine, &format!("{text}T00:00:00"));
    }
    let has_zone = text.ends_with(['Z', 'z']) || text.get(19..).is_some_and(|rest| rest.contains(['+', '-']));
    let full = if has_zone { text.to_owned() } else { format!("{text}Z") };
    let parsed = OffsetDateTime::parse(&full, &Rfc3339).ok()?;
    let parsed = parsed.replace_nanosecond(0).ok()?;
    if has_zone {
        let utc = parsed.to_offset(UtcOffset::UTC);
        return PrimitiveDateTime::new(utc.date(), utc.time()).checked_add(machine.offset);
    }
    Some(PrimitiveDateTime::new(parsed.date(), parsed.time()))
}
