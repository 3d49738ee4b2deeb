//! Names of charsets as people write them.

/// A label of the Encoding Standard for a name stripped of its separators.
pub(super) fn respelled(plain: &str) -> String {
    let numbered = |prefix: &str| {
        plain
            .strip_prefix(prefix)
            .filter(|number| !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()))
    };
    for prefix in ["windows", "win", "cp", "ibm", ""] {
        match numbered(prefix) {
            Some("866") => return "ibm866".to_owned(),
            Some("20866") => return "koi8-r".to_owned(),
            Some("21866") => return "koi8-u".to_owned(),
            Some("1200") => return "utf-16le".to_owned(),
            Some("1201") => return "utf-16be".to_owned(),
            Some(number) if prefix != "ibm" => return format!("windows-{number}"),
            _ => {}
        }
    }
    if let Some(number) = numbered("iso8859") {
        return format!("iso-8859-{number}");
    }
    match plain {
        "koi8r" => "koi8-r",
        "koi8u" => "koi8-u",
        "utf16le" | "ucs2le" => "utf-16le",
        "utf16be" | "ucs2be" => "utf-16be",
        "utf16" | "ucs2" => "utf-16",
        "shiftjis" => "shift_jis",
        "eucjp" => "euc-jp",
        "euckr" => "euc-kr",
        other => other,
    }
    .to_owned()
}
