//! Numbers: `ЧЦ`, `ЧДЦ`, `ЧС`, `ЧРД`, `ЧРГ`, `ЧГ`, `ЧН`, `ЧВН`, `ЧО`.

use rust_decimal::{Decimal, RoundingStrategy};

use super::{Language, Specifiers};
use crate::error::{Fault, Outcome};

const NO_BREAK_SPACE: &str = "\u{a0}";

/// A number by specifiers. Zero is an empty string unless `ЧН` says what it is; `ЧН=` alone makes it a usual number.
pub(super) fn format(value: Decimal, specifiers: &Specifiers) -> Outcome<String> {
    let value = shifted(value, specifiers)?;
    let digits = specifiers.count("ЧЦ")?;
    let fraction = specifiers.count("ЧДЦ")?;
    // With ЧЦ alone no fraction is shown; with neither the whole of it is.
    let places = fraction.or(digits.map(|_| 0));
    let rounded = match places {
        Some(places) => rounded(value, places)?,
        None => value.normalize(),
    };
    if rounded.is_zero() {
        match specifiers.get("ЧН") {
            None if value.is_zero() => return Ok(String::new()),
            // The documentation does not say which zero is meant.
            None => return Err(Fault::unknown("Формат of a number that only rounding made zero")),
            Some("") => {}
            Some(shown) => return Ok(shown.to_owned()),
        }
    }
    let plain = rounded.abs().to_string();
    let (whole, shown) = plain.split_once('.').unwrap_or((&plain, ""));
    let mut shown = shown.to_owned();
    if let Some(places) = places {
        shown.extend(std::iter::repeat_n('0', places.saturating_sub(shown.len())));
    }
    let whole = filled(whole, digits, places, specifiers)?;
    let mut result = grouped(&whole, specifiers)?;
    if !shown.is_empty() {
        let default = if specifiers.language == Language::Russian { "," } else { "." };
        // The first character counts.
        let point = specifiers.get("ЧРД").and_then(|text| text.chars().next());
        result.push_str(&point.map_or_else(|| default.to_owned(), String::from));
        result.push_str(&shown);
    }
    if rounded.is_sign_negative() && !rounded.is_zero() { negative(&result, specifiers) } else { Ok(result) }
}

/// `ЧС`: digits moved to the right (divided), or to the left when negative.
fn shifted(value: Decimal, specifiers: &Specifiers) -> Outcome<Decimal> {
    let Some(text) = specifiers.get("ЧС") else { return Ok(value) };
    let shift: i32 = text.trim().parse().map_err(|_| Fault::unknown(format!("ЧС={text}")))?;
    let mut moved = value;
    for _ in 0..shift.unsigned_abs() {
        let step = if shift > 0 { moved.checked_div(Decimal::TEN) } else { moved.checked_mul(Decimal::TEN) };
        moved = step.ok_or_else(|| Fault::unknown("a number beyond 28 digits"))?;
    }
    Ok(moved)
}

fn rounded(value: Decimal, places: usize) -> Outcome<Decimal> {
    let places = u32::try_from(places).ok().filter(|places| *places <= 28);
    let places = places.ok_or_else(|| Fault::unknown("ЧДЦ above 28"))?;
    Ok(value.round_dp_with_strategy(places, RoundingStrategy::MidpointAwayFromZero))
}

/// Leading zeros of `ЧВН`, up to the digits `ЧЦ` leaves for the whole part.
fn filled(
    whole: &str,
    digits: Option<usize>,
    places: Option<usize>,
    specifiers: &Specifiers,
) -> Outcome<String> {
    let Some(digits) = digits.filter(|digits| *digits > 0) else { return Ok(whole.to_owned()) };
    let room = digits.saturating_sub(places.unwrap_or(0));
    if whole.len() > room.max(1) {
        // The platform shows nines; how many of them with a fraction is unverified.
        return Err(Fault::unknown("Формат of a number with more digits than ЧЦ"));
    }
    let zeros = if specifiers.get("ЧВН").is_some() { room.saturating_sub(whole.len()) } else { 0 };
    Ok(format!("{}{whole}", "0".repeat(zeros)))
}

/// Groups by `ЧГ` (from the right: `3,0` is by three, `3,2,0` three and then by two, `0` or nothing none at all).
fn grouped(whole: &str, specifiers: &Specifiers) -> Outcome<String> {
    let sizes = group_sizes(specifiers.get("ЧГ").unwrap_or("3,0"))?;
    if sizes.is_empty() {
        return Ok(whole.to_owned());
    }
    let default = if specifiers.language == Language::Russian { NO_BREAK_SPACE } else { "," };
    let separator = match specifiers.get("ЧРГ") {
        // Documented: an empty separator is a no-break space, not no separator.
        Some("") => NO_BREAK_SPACE.to_owned(),
        Some(text) => text.chars().take(1).collect(),
        None => default.to_owned(),
    };
    let mut groups = Vec::new();
    let mut rest = whole;
    let mut index = 0;
    while let Some(size) = sizes.get(index.min(sizes.len() - 1)) {
        if rest.len() <= *size {
            break;
        }
        let (left, group) = rest.split_at(rest.len() - size);
        groups.push(group);
        rest = left;
        index += 1;
    }
    groups.push(rest);
    groups.reverse();
    Ok(groups.join(&separator))
}

fn group_sizes(text: &str) -> Outcome<Vec<usize>> {
    let unknown = || Fault::unknown(format!("ЧГ={text}"));
    if matches!(text.trim(), "" | "0") {
        return Ok(Vec::new());
    }
    let sizes: Vec<usize> =
        text.split(',').map(|size| size.trim().parse().map_err(|_| unknown())).collect::<Outcome<_>>()?;
    match sizes.as_slice() {
        [sizes @ .., 0] if sizes.iter().all(|size| *size > 0) => Ok(sizes.to_vec()),
        _ => Err(unknown()),
    }
}

fn negative(shown: &str, specifiers: &Specifiers) -> Outcome<String> {
    Ok(match specifiers.get("ЧО").unwrap_or("1").trim() {
        "0" => format!("({shown})"),
        "1" => format!("-{shown}"),
        "2" => format!("- {shown}"),
        "3" => format!("{shown}-"),
        "4" => format!("{shown} -"),
        other => return Err(Fault::unknown(format!("ЧО={other}"))),
    })
}
