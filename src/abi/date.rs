//! Dates of the host: `struct tm` and OLE days, to and from [`DateTime`]. Nothing is taken from the host unchecked:
//! the empty date of 1C is the first of January of year 1, and a zeroed `tm` is no date at all.

use std::ffi::c_int;

use super::component::DateTime;
use super::layout::Tm;

const TM_YEAR: i64 = 1900;
const SECONDS_PER_DAY: i64 = 86_400;
/// Days from 0001-01-01 to the OLE epoch 1899-12-30.
const OLE_EPOCH: i64 = days_before(1899, 12) + 29;

/// A date of the host, if it is one within years 1 to 9999.
pub(super) fn from_tm(tm: &Tm) -> Option<DateTime> {
    checked(
        i64::from(tm.year) + TM_YEAR,
        i64::from(tm.month) + 1,
        i64::from(tm.day),
        i64::from(tm.hour),
        i64::from(tm.minute),
        i64::from(tm.second),
    )
}

/// All fields are filled, the derived ones too; `None` for what is not a date.
pub(super) fn to_tm(date: DateTime) -> Option<Tm> {
    let DateTime { year, month, day, hour, minute, second } = date;
    let (year, month, day) = (i64::from(year), i64::from(month), i64::from(day));
    let date = checked(year, month, day, hour.into(), minute.into(), second.into())?;
    let days = days_before(year, month) + day - 1;
    let small = |value: i64| c_int::try_from(value).ok();
    Some(Tm {
        second: date.second.into(),
        minute: date.minute.into(),
        hour: date.hour.into(),
        day: date.day.into(),
        month: c_int::from(date.month) - 1,
        year: small(year - TM_YEAR)?,
        // The first day of year 1 is a Monday in the proleptic Gregorian calendar; 0 means Sunday.
        week_day: small((days + 1) % 7)?,
        year_day: small(days - days_before(year, 1))?,
        daylight_saving: 0,
        #[cfg(not(windows))]
        offset: 0,
        #[cfg(not(windows))]
        zone: std::ptr::null(),
    })
}

/// OLE days since 1899-12-30. For days before it the fraction counts forward all the same: -1.25 is 06:00 of the 29th.
pub(super) fn from_ole(days: f64) -> Option<DateTime> {
    // Beyond year 9999 or before year 1 in any case; also refuses NaN and infinities.
    if !(-700_000.0..=3_000_000.0).contains(&days) {
        return None;
    }
    #[expect(clippy::cast_possible_truncation, reason = "the range was checked above")]
    let whole = days.trunc() as i64;
    #[expect(clippy::cast_possible_truncation, reason = "a fraction of a day is at most 86400 seconds")]
    let seconds = ((days - days.trunc()).abs() * 86_400.0).round() as i64;
    let mut day = whole + OLE_EPOCH + seconds / SECONDS_PER_DAY;
    let seconds = seconds % SECONDS_PER_DAY;
    if day < 0 {
        return None;
    }
    let mut year = 1;
    // 400 years at a stride keep the loop short.
    year += day / DAYS_PER_400_YEARS * 400;
    day %= DAYS_PER_400_YEARS;
    while day >= days_in_year(year) {
        day -= days_in_year(year);
        year += 1;
    }
    let mut month = 1;
    while day >= days_in_month(year, month) {
        day -= days_in_month(year, month);
        month += 1;
    }
    checked(year, month, day + 1, seconds / 3600, seconds / 60 % 60, seconds % 60)
}

fn checked(year: i64, month: i64, day: i64, hour: i64, minute: i64, second: i64) -> Option<DateTime> {
    let valid = (1..=9999).contains(&year)
        && (1..=12).contains(&month)
        && (1..=days_in_month(year, month)).contains(&day)
        && (0..=23).contains(&hour)
        && (0..=59).contains(&minute)
        && (0..=60).contains(&second);
    if !valid {
        return None;
    }
    Some(DateTime {
        year: u16::try_from(year).ok()?,
        month: u8::try_from(month).ok()?,
        day: u8::try_from(day).ok()?,
        hour: u8::try_from(hour).ok()?,
        minute: u8::try_from(minute).ok()?,
        second: u8::try_from(second).ok()?,
    })
}

const DAYS_PER_400_YEARS: i64 = 146_097;

/// Days from 0001-01-01 to the first of this month.
const fn days_before(year: i64, month: i64) -> i64 {
    let past = year - 1;
    let mut days = past * 365 + past / 4 - past / 100 + past / 400;
    let mut passed = 1;
    while passed < month {
        days += days_in_month(year, passed);
        passed += 1;
    }
    days
}

const fn days_in_year(year: i64) -> i64 {
    if is_leap(year) { 366 } else { 365 }
}

const fn days_in_month(year: i64, month: i64) -> i64 {
    match month {
        2 => 28 + is_leap(year) as i64,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

const fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(year: u16, month: u8, day: u8, hour: u8, minute: u8, second: u8) -> DateTime {
        DateTime { year, month, day, hour, minute, second }
    }

    #[test]
    fn tm_goes_there_and_back_with_derived_fields() {
        let cases = [
            (date(1, 1, 1, 0, 0, 0), 1, 0),
            (date(1970, 1, 1, 0, 0, 0), 4, 0),
            (date(2024, 2, 29, 12, 30, 15), 4, 59),
            (date(2024, 12, 31, 23, 59, 59), 2, 365),
            (date(9999, 12, 31, 23, 59, 59), 5, 364),
        ];
        for (expected, week_day, year_day) in cases {
            let tm = to_tm(expected).expect("a date");
            assert_eq!((tm.week_day, tm.year_day), (week_day, year_day), "{expected:?}");
            assert_eq!(from_tm(&tm), Some(expected));
        }
    }

    #[test]
    fn what_is_no_date_is_refused() {
        assert!(to_tm(date(2023, 2, 29, 0, 0, 0)).is_none());
        assert!(to_tm(date(0, 1, 1, 0, 0, 0)).is_none());
        let mut tm = to_tm(date(2024, 1, 1, 0, 0, 0)).expect("a date");
        tm.year = c_int::MAX;
        assert_eq!(from_tm(&tm), None);
        tm.year = 124;
        tm.month = 12;
        assert_eq!(from_tm(&tm), None);
        tm.month = -1;
        assert_eq!(from_tm(&tm), None);
    }

    #[test]
    fn ole_days_are_counted_from_the_end_of_1899() {
        assert_eq!(from_ole(0.0), Some(date(1899, 12, 30, 0, 0, 0)));
        assert_eq!(from_ole(2.5), Some(date(1900, 1, 1, 12, 0, 0)));
        assert_eq!(from_ole(-1.25), Some(date(1899, 12, 29, 6, 0, 0)));
        assert_eq!(from_ole(45_351.999_999_99), Some(date(2024, 3, 1, 0, 0, 0)));
        assert_eq!(from_ole(2_958_465.0), Some(date(9999, 12, 31, 0, 0, 0)));
        assert_eq!(from_ole(-693_593.0), Some(date(1, 1, 1, 0, 0, 0)));
        for days in [-693_594.0, 2_958_466.0, f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1e300] {
            assert_eq!(from_ole(days), None, "{days}");
        }
    }
}
