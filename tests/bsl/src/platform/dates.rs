//! Dates: parts, borders, the clock. A server's time zone is that of the machine's `offset`, UTC unless it says otherwise.

use std::time::{SystemTime, UNIX_EPOCH};

use time::{Date, Duration, Month, OffsetDateTime, PrimitiveDateTime, Time};

use crate::error::{Fault, Outcome};
use crate::names::{Names, names};
use crate::platform::arguments::Given;
use crate::platform::convert::EMPTY_DATE;
use crate::run::{Function, Machine, Registry};
use crate::value::Value;

pub(super) fn register(registry: &mut Registry) {
    registry
        .function(names("ТекущаяУниверсальнаяДата", "CurrentUniversalDate"), |_, _| Ok(Value::Date(now())));
    registry.function(
        names("ТекущаяУниверсальнаяДатаВМиллисекундах", "CurrentUniversalDateInMilliseconds"),
        |_, _| {
            // Milliseconds since 0001-01-01.
            let epoch = (PrimitiveDateTime::new(OffsetDateTime::UNIX_EPOCH.date(), Time::MIDNIGHT)
                - EMPTY_DATE)
                .whole_milliseconds();
            let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
            Ok(Value::from(i64::try_from(epoch).unwrap_or(0) + i64::try_from(since).unwrap_or(0)))
        },
    );
    for names in [names("ТекущаяДата", "CurrentDate"), names("ТекущаяДатаСеанса", "CurrentSessionDate")]
    {
        registry.function(names, |machine, _| Ok(Value::Date(now() + machine.offset)));
    }
    registry.function(names("УниверсальноеВремя", "ToUniversalTime"), |machine, a| {
        let given = Given::new("УниверсальноеВремя", a, 1, 2)?;
        Ok(Value::Date(date(&given, 0)? - machine.offset))
    });
    registry.function(names("МестноеВремя", "ToLocalTime"), |machine, a| {
        let given = Given::new("МестноеВремя", a, 1, 2)?;
        Ok(Value::Date(date(&given, 0)? + machine.offset))
    });
    part(registry, names("Год", "Year"), |_, a| number("Год", a, |d| i64::from(d.year())));
    part(registry, names("Месяц", "Month"), |_, a| {
        number("Месяц", a, |d| i64::from(u8::from(d.month())))
    });
    part(registry, names("День", "Day"), |_, a| number("День", a, |d| i64::from(d.day())));
    part(registry, names("Час", "Hour"), |_, a| number("Час", a, |d| i64::from(d.hour())));
    part(registry, names("Минута", "Minute"), |_, a| {
        number("Минута", a, |d| i64::from(d.minute()))
    });
    part(registry, names("Секунда", "Second"), |_, a| {
        number("Секунда", a, |d| i64::from(d.second()))
    });
    registry.function(names("НачалоДня", "BegOfDay"), |_, a| {
        let given = Given::new("НачалоДня", a, 1, 1)?;
        Ok(Value::Date(date(&given, 0)?.replace_time(Time::MIDNIGHT)))
    });
    registry.function(names("ДобавитьМесяц", "AddMonth"), |_, a| {
        let given = Given::new("ДобавитьМесяц", a, 2, 2)?;
        let from = date(&given, 0)?;
        let months =
            i64::from(from.year()) * 12 + i64::from(u8::from(from.month())) - 1 + given.integer(1)?;
        let year = i32::try_from(months.div_euclid(12)).map_err(|_| given.wrong(1))?;
        let month =
            u8::try_from(months.rem_euclid(12) + 1).ok().and_then(|month| Month::try_from(month).ok());
        let month = month.ok_or_else(|| given.wrong(1))?;
        let day = from.day().min(month.length(year));
        let moved = Date::from_calendar_date(year, month, day).map_err(|_| given.wrong(1))?;
        Ok(Value::Date(PrimitiveDateTime::new(moved, from.time())))
    });
    registry.function(names("Дата", "Date"), |_, a| {
        let given = Given::new("Дата", a, 1, 6)?;
        made(&given).map(Value::Date)
    });
}

fn part(registry: &mut Registry, names: Names, function: Function) {
    registry.function(names, function);
}

fn number(
    name: &'static str,
    arguments: &[crate::object::Argument],
    part: impl Fn(PrimitiveDateTime) -> i64,
) -> Outcome<Value> {
    let given = Given::new(name, arguments, 1, 1)?;
    date(&given, 0).map(|date| Value::from(part(date)))
}

/// A date argument.
pub(super) fn date(given: &Given<'_>, index: usize) -> Outcome<PrimitiveDateTime> {
    match given.value(index) {
        Value::Date(date) => Ok(date),
        _ => Err(given.wrong(index)),
    }
}

/// `Дата("20240131102030")` or `Дата(2024, 1, 31, 10, 20, 30)`.
fn made(given: &Given<'_>) -> Outcome<PrimitiveDateTime> {
    if let Value::Date(date) = given.value(0) {
        return Ok(date);
    }
    if given.len() == 1 {
        return of_digits(&given.text(0))
            .ok_or_else(|| Fault::raised("Преобразование значения к типу Дата не может быть выполнено"));
    }
    let part = |index: usize, least: i64| if given.has(index) { given.integer(index) } else { Ok(least) };
    let byte = |value: i64, index: usize| u8::try_from(value).map_err(|_| given.wrong(index));
    let year = i32::try_from(part(0, 1)?).map_err(|_| given.wrong(0))?;
    let month = Month::try_from(byte(part(1, 1)?, 1)?).map_err(|_| given.wrong(1))?;
    let date = Date::from_calendar_date(year, month, byte(part(2, 1)?, 2)?).map_err(|_| given.wrong(2))?;
    let time = Time::from_hms(byte(part(3, 0)?, 3)?, byte(part(4, 0)?, 4)?, byte(part(5, 0)?, 5)?);
    time.map(|time| PrimitiveDateTime::new(date, time)).map_err(|_| given.wrong(3))
}

/// `yyyyMMdd` or `yyyyMMddHHmmss`, nothing else.
pub(super) fn of_digits(text: &str) -> Option<PrimitiveDateTime> {
    let text = text.trim();
    if !text.bytes().all(|byte| byte.is_ascii_digit()) || !matches!(text.len(), 8 | 12 | 14) {
        return None;
    }
    let part =
        |range: std::ops::Range<usize>| text.get(range).map_or(Some(0), |part| part.parse::<u8>().ok());
    let month = Month::try_from(part(4..6)?).ok()?;
    let date = Date::from_calendar_date(text.get(..4)?.parse().ok()?, month, part(6..8)?).ok()?;
    let time = Time::from_hms(part(8..10)?, part(10..12)?, part(12..14)?).ok()?;
    Some(PrimitiveDateTime::new(date, time))
}

/// Now in UTC, to the second.
fn now() -> PrimitiveDateTime {
    let now = OffsetDateTime::now_utc();
    let whole = PrimitiveDateTime::new(now.date(), now.time());
    whole - Duration::nanoseconds(i64::from(now.nanosecond()))
}

impl Machine {
    /// Sets the time zone of the session, seconds east of UTC.
    pub fn set_offset(&mut self, seconds: i64) {
        self.offset = Duration::seconds(seconds);
    }
}
