//! Dates of HTTP header fields. One tolerant reader (the token rules of RFC 6265 section 5.1.1) understands all three
//! forms of RFC 9110 section 5.6.7 and what servers make of them; only two-digit years differ by use.

use time::{Date, Duration, Month, OffsetDateTime, PrimitiveDateTime, Time};

/// An `Expires` attribute of a cookie: years 70 to 99 are 19xx, 0 to 69 are 20xx.
#[must_use]
pub fn cookie_date(text: &str) -> Option<OffsetDateTime> {
    let fields = Fields::read(text)?;
    let year = match fields.year {
        year @ 70..=99 => year + 1900,
        year @ 0..=69 => year + 2000,
        year => year,
    };
    (year >= 1601).then(|| fields.at(year)).flatten()
}

/// An HTTP date. A two-digit year that would lie more than 50 years after `now` is the last past year with these
/// digits (RFC 9110 section 5.6.7). The zone is always UTC, as the RFC demands.
#[must_use]
pub fn http_date(text: &str, now: OffsetDateTime) -> Option<OffsetDateTime> {
    let fields = Fields::read(text)?;
    if fields.year > 99 {
        return fields.at(fields.year);
    }
    let mut year = now.year() - now.year().rem_euclid(100) + fields.year;
    let date = fields.at(year)?;
    // Fifty years with their leap days; a 29 February has no counterpart in most other years.
    let limit = now.checked_add(Duration::days(18_262)).unwrap_or(now);
    if date > limit {
        year -= 100;
    } else if fields.at(year + 100).is_some_and(|next| next <= limit) {
        year += 100;
    }
    fields.at(year)
}

/// What the tokens of a date say; the year as written.
struct Fields {
    day: u8,
    month: Month,
    year: i32,
    time: Time,
}

impl Fields {
    fn read(text: &str) -> Option<Self> {
        let (mut day, mut month, mut year, mut time) = (None, None, None, None);
        for token in text.split(is_delimiter).filter(|token| !token.is_empty()) {
            if time.is_none()
                && let Some(read) = clock_time(token)
            {
                time = Some(read);
            } else if day.is_none()
                && let Some(read) = number(token, 1, 2)
            {
                day = Some(read);
            } else if month.is_none()
                && let Some(read) = month_of(token)
            {
                month = Some(read);
            } else if year.is_none()
                && let Some(read) = number(token, 2, 4)
            {
                year = Some(read);
            }
        }
        let (hour, minute, second) = time?;
        Some(Self {
            day: u8::try_from(day?).ok()?,
            month: month?,
            year: i32::try_from(year?).ok()?,
            // A leap second is the second before it: no calendar here has it.
            time: Time::from_hms(hour, minute, if second == 60 { 59 } else { second }).ok()?,
        })
    }

    fn at(&self, year: i32) -> Option<OffsetDateTime> {
        let date = Date::from_calendar_date(year, self.month, self.day).ok()?;
        Some(PrimitiveDateTime::new(date, self.time).assume_utc())
    }
}

fn is_delimiter(c: char) -> bool {
    matches!(c, '\t' | ' '..='/' | ';'..='@' | '['..='`' | '{'..='~')
}

/// The digits a token starts with, when they are `least` to `most`; anything but a digit may follow.
fn number(token: &str, least: usize, most: usize) -> Option<u32> {
    let digits = token.find(|c: char| !c.is_ascii_digit()).unwrap_or(token.len());
    (least..=most).contains(&digits).then(|| token.get(..digits)?.parse().ok()).flatten()
}

fn clock_time(token: &str) -> Option<(u8, u8, u8)> {
    let mut parts = token.splitn(3, ':');
    let (hour, minute, second) = (parts.next()?, parts.next()?, parts.next()?);
    let whole = |text: &str| if text.bytes().all(|b| b.is_ascii_digit()) { number(text, 1, 2) } else { None };
    let byte = |value: Option<u32>| u8::try_from(value?).ok();
    Some((byte(whole(hour))?, byte(whole(minute))?, byte(number(second, 1, 2))?))
}

fn month_of(token: &str) -> Option<Month> {
    const NAMES: [&str; 12] =
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    let start = token.get(..3)?.to_ascii_lowercase();
    let index = NAMES.iter().position(|name| *name == start)?;
    Month::try_from(u8::try_from(index + 1).ok()?).ok()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use time::macros::datetime;

    const NOW: OffsetDateTime = datetime!(2019-06-03 11:00:00 UTC);

    #[test]
    fn the_three_forms_of_an_http_date_mean_the_same() {
        let expected = Some(datetime!(1994-11-06 08:49:37 UTC));
        for text in [
            "Sun, 06 Nov 1994 08:49:37 GMT",
            "Sunday, 06-Nov-94 08:49:37 GMT",
            "Sun Nov  6 08:49:37 1994",
            "Sun, 6 Nov 1994 08:49:37",
        ] {
            assert_eq!(http_date(text, NOW), expected, "{text}");
        }
        assert_eq!(http_date("Wed 16-Oct-2024 07:36:30 GMT", NOW), Some(datetime!(2024-10-16 07:36:30 UTC)));
    }

    #[test]
    fn two_digit_years_lie_at_most_fifty_years_ahead() {
        let year = |now, text: &str| {
            http_date(&format!("Sunday, 06-Nov-{text} 08:49:37 GMT"), now).map(|d| d.year())
        };
        assert_eq!(year(NOW, "68"), Some(2068));
        assert_eq!(year(NOW, "70"), Some(1970));
        assert_eq!(year(datetime!(2095-01-01 0:00 UTC), "10"), Some(2110));
        assert_eq!(year(datetime!(2028-02-29 0:00 UTC), "30"), Some(2030));
        assert_eq!(year(datetime!(2095-01-01 0:00 UTC), "96"), Some(2096));
    }

    #[test]
    fn what_is_no_date_gives_none() {
        for text in [
            "",
            "0",
            "-1",
            "1.0",
            "Sun, 32 Nov 1994 08:49:37 GMT",
            "Sun, 06 Nov 1994 24:49:37 GMT",
            "06 Nov 1994",
        ] {
            assert_eq!(http_date(text, NOW), None, "{text}");
        }
        assert_eq!(cookie_date("Thu, 01 Jan 1600 00:00:00 GMT"), None);
    }
}
