//! Tests of charsets: names, decoding, encoding, UTF-16 in memory of the asker.

use super::*;

fn named(name: &str) -> Charset {
    Charset::by_name(name).unwrap_or_else(|_| panic!("{name} is known"))
}

fn text_of(charset: Charset, bytes: &[u8]) -> String {
    charset.decode(std::iter::once(bytes)).expect("memory")
}

#[test]
fn encoding_follows_the_content_type() {
    let cases = [
        (None, None),
        (Some("application/json"), None),
        (Some("application/json; charset=UTF-8"), Some("utf-8")),
        (Some("text/html"), Some("iso-8859-1")),
        (Some(" TEXT/Plain ; format=flowed "), Some("iso-8859-1")),
        (Some("application/vnd.context+json"), Some("iso-8859-1")),
        (Some("text/html; charset=\"Windows-1251\""), Some("windows-1251")),
        (Some("text/html;charset='koi8-r';q=1"), Some("koi8-r")),
        (Some("text/html; boundary=x;  charset = utf-8"), Some("iso-8859-1")),
        (Some("text/html; charset= cp866 ; x=y"), Some("cp866")),
        (Some("text/html; charset="), Some("iso-8859-1")),
        (Some("text/html; charset=\"utf-8\" junk"), Some("utf-8")),
        (Some("text/html; charset=\"utf-8"), Some("utf-8")),
        (Some("text/html; charset=utf\u{1}8; charset=koi8-r"), Some("koi8-r")),
        (Some("image/png; charset"), None),
        (Some("image/png; name=\"a;charset=cp866\""), None),
        (Some("text/xml; name=\"a;charset=cp866; charset=utf-8"), Some("cp866")),
        (Some("charset=utf-8"), None),
        (Some(""), None),
        (Some(";;;=;\"\\"), None),
    ];
    for (content_type, expected) in cases {
        assert_eq!(encoding_of(content_type).as_deref(), expected, "{content_type:?}");
    }
}

#[test]
fn a_content_type_of_open_quotes_is_read_in_no_time() {
    let hostile = format!("text/html;\"{}", "a;\\\"".repeat(60_000));
    let began = std::time::Instant::now();
    assert_eq!(encoding_of(Some(&hostile)).as_deref(), Some("iso-8859-1"));
    assert!(began.elapsed().as_secs() < 5, "{:?}", began.elapsed());
}

#[test]
fn json_is_utf8_unless_a_charset_is_written() {
    assert_eq!(Charset::for_json(None).expect("default"), Charset::UTF_8);
    assert_eq!(Charset::for_json(Some("text/plain")).expect("default"), Charset::UTF_8);
    assert_eq!(Charset::for_json(Some("text/plain; charset=cp1251")).expect("known").name(), "windows-1251");
    assert!(Charset::for_json(Some("application/json; charset=klingon")).is_err());
}

#[test]
fn names_are_found_in_any_spelling() {
    let cases = [
        ("UTF8", "UTF-8"),
        ("utf-8", "UTF-8"),
        ("UTF-8-BOM", "UTF-8"),
        ("cp65001", "UTF-8"),
        (" Windows-1251 ", "windows-1251"),
        ("cp1251", "windows-1251"),
        ("CP-1251", "windows-1251"),
        ("win1251", "windows-1251"),
        ("1251", "windows-1251"),
        ("windows-1252", "windows-1252"),
        ("cp866", "IBM866"),
        ("IBM866", "IBM866"),
        ("DOS-866", ""),
        ("KOI8-R", "KOI8-R"),
        ("koi8r", "KOI8-R"),
        ("koi8-u", "KOI8-U"),
        ("UTF-16", "UTF-16LE"),
        ("utf16be", "UTF-16BE"),
        ("UTF-16LE", "UTF-16LE"),
        ("utf-32", "UTF-32LE"),
        ("UTF-32BE", "UTF-32BE"),
        ("ISO-8859-1", "ISO-8859-1"),
        ("iso8859_1", "ISO-8859-1"),
        ("latin1", "ISO-8859-1"),
        ("iso-8859-5", "ISO-8859-5"),
        ("ISO8859-15", "ISO-8859-15"),
        ("gb2312", "GBK"),
        ("us-ascii", "windows-1252"),
        ("ANSI", ""),
        ("OEM", ""),
        ("binary", ""),
        ("iso-2022-kr", ""),
        ("", ""),
        ("---", ""),
        ("utf-8(", ""),
        ("ютф-8", ""),
    ];
    for (name, expected) in cases {
        let found = Charset::by_name(name).map_or("", Charset::name);
        assert_eq!(found, expected, "{name:?}");
    }
}

#[test]
fn unknown_name_is_in_the_error_without_control_characters() {
    match Charset::by_name("klin\u{0}gon") {
        Err(Error { kind: ErrorKind::UnknownCharset { name }, .. }) => assert_eq!(name, "klingon"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn cyrillic_decodes_from_every_usual_charset() {
    let cases: [(&str, &[u8]); 8] = [
        ("utf-8", "Привет".as_bytes()),
        ("windows-1251", b"\xcf\xf0\xe8\xe2\xe5\xf2"),
        ("cp866", b"\x8f\xe0\xa8\xa2\xa5\xe2"),
        ("koi8-r", b"\xf0\xd2\xc9\xd7\xc5\xd4"),
        ("iso-8859-5", b"\xbf\xe0\xd8\xd2\xd5\xe2"),
        ("utf-16le", b"\x1f\x04\x40\x04\x38\x04\x32\x04\x35\x04\x42\x04"),
        ("utf-16be", b"\x04\x1f\x04\x40\x04\x38\x04\x32\x04\x35\x04\x42"),
        ("utf-32be", b"\0\0\x04\x1f\0\0\x04\x40\0\0\x04\x38\0\0\x04\x32\0\0\x04\x35\0\0\x04\x42"),
    ];
    for (name, bytes) in cases {
        assert_eq!(text_of(named(name), bytes), "Привет", "{name}");
        assert_eq!(named(name).encode("Привет").expect("memory"), bytes, "{name}");
    }
}

#[test]
fn latin1_is_one_character_per_byte_and_goes_back() {
    let bytes: Vec<u8> = (0..=255).collect();
    let text = text_of(named("iso-8859-1"), &bytes);
    assert!(text.chars().map(u32::from).eq(0..256));
    assert_eq!(Charset::LATIN_1.encode(&text).expect("memory"), bytes);
    assert_eq!(text_of(named("windows-1252"), b"\x80"), "€");
}

#[test]
fn byte_order_mark_is_removed_and_wins_over_the_label() {
    for charset in [Charset::UTF_8, Charset::LATIN_1, named("cp1251"), named("utf-16be")] {
        assert_eq!(text_of(charset, b"\xef\xbb\xbf\xd0\xaf"), "Я");
        assert_eq!(text_of(charset, b"\xff\xfe\x2f\x04"), "Я");
        assert_eq!(text_of(charset, b"\xfe\xff\x04\x2f"), "Я");
        assert_eq!(text_of(charset, b"\xff\xfe\0\0\x2f\x04\0\0"), "Я");
        assert_eq!(text_of(charset, b"\0\0\xfe\xff\0\0\x04\x2f"), "Я");
        assert_eq!(text_of(charset, b"\xef\xbb\xbf"), "");
    }
    assert_eq!(
        text_of(Charset::UTF_8, b"\xef\xbb\xbf\xef\xbb\xbfx"),
        "\u{feff}x",
        "only one mark is removed"
    );
}

#[test]
fn invalid_bytes_become_replacement_characters() {
    assert_eq!(text_of(Charset::UTF_8, b"a\xffb\xd0"), "a\u{fffd}b\u{fffd}");
    assert_eq!(text_of(named("utf-16le"), b"\x00\xd8a\0b"), "\u{fffd}a\u{fffd}");
    assert_eq!(text_of(named("utf-32le"), b"\0\0\x11\0a\0\0\0b"), "\u{fffd}a\u{fffd}");
}

#[test]
fn slices_may_cut_characters_and_marks() {
    let text = "Ёлка 🌲 + mark".repeat(700);
    for name in ["utf-8", "utf-16le", "utf-16be", "utf-32le", "utf-32be"] {
        let charset = named(name);
        let bytes =
            [charset.encode("\u{feff}").expect("memory"), charset.encode(&text).expect("memory")].concat();
        for size in [1, 3, 5, 4096, bytes.len()] {
            assert!(Charset::LATIN_1.decode(bytes.chunks(size)).expect("memory") == text, "{name} in {size}");
        }
    }
}

#[test]
fn utf16_in_foreign_memory_equals_the_string() {
    let samples: [(&str, Vec<u8>); 6] = [
        ("utf-8", "Ж🌲\u{fffd}z".repeat(3000).into_bytes()),
        ("utf-8", b"\xf0\x9f\x8c broken \xc3".to_vec()),
        ("cp1251", (0..=255).collect()),
        ("iso-8859-1", (0..=255).cycle().take(10_000).collect()),
        ("utf-32le", "🌲я".repeat(2500).chars().flat_map(|c| u32::from(c).to_le_bytes()).collect()),
        ("utf-8", Vec::new()),
    ];
    for (name, bytes) in samples {
        let charset = named(name);
        let expected: Vec<u16> = text_of(charset, &bytes).encode_utf16().collect();
        for size in [1, 7, bytes.len().max(1)] {
            let slices = bytes.chunks(size);
            let length = charset.utf16_len(slices.clone());
            assert_eq!(length, expected.len(), "{name} in {size}");
            assert!(charset.utf16_bound(bytes.len()).is_some_and(|bound| bound >= length));
            let mut out = vec![0xAA; length * 2 + 1];
            assert_eq!(charset.write_utf16(slices.clone(), &mut out), Some(length));
            let units: Vec<u16> =
                out.chunks_exact(2).map(|two| u16::from_ne_bytes([two[0], two[1]])).collect();
            assert!(units == expected, "{name} in {size}");
            assert_eq!(out.last(), Some(&0xAA), "nothing is written behind the text");
            if length > 0 {
                assert_eq!(charset.write_utf16(slices, &mut out[..length * 2 - 1]), None, "too small");
            }
        }
    }
}

#[test]
fn bound_holds_for_every_charset_and_every_pair_of_bytes() {
    for name in
        ["utf-8", "gb18030", "big5", "shift_jis", "euc-jp", "euc-kr", "iso-2022-jp", "utf-16be", "utf-32"]
    {
        let charset = named(name);
        for first in 0..=255 {
            for second in (0..=255).step_by(5) {
                let bytes = [first, second, 0x1b, first];
                let length = charset.utf16_len(std::iter::once(&bytes[..]));
                assert!(
                    charset.utf16_bound(bytes.len()).is_some_and(|bound| bound >= length),
                    "{name} {bytes:?}"
                );
            }
        }
    }
}

#[test]
fn character_the_charset_lacks_becomes_a_question_mark() {
    assert_eq!(named("cp1251").encode("Я🌲€é").expect("memory"), b"\xdf?\x88?");
    assert_eq!(Charset::LATIN_1.encode("éЯ").expect("memory"), b"\xe9?");
}
