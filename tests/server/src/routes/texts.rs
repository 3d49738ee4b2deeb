//! Fixed contents of the server, public so that tests can compare. All written for this server.

use flate2::Crc;
use flate2::write::ZlibEncoder;

/// A phrase inside [`utf8_page`].
pub const PHRASE: &str = "Тёплый июльский ветер гонит рябь по щавелевым лугам";

/// Position of [`PHRASE`] in [`utf8_page`], in characters from 0.
pub const PHRASE_AT: usize = 3931;

/// Body of `/html`.
pub const HTML: &str = "<!DOCTYPE html>\n<html><head><title>Not JSON</title></head>\n\
    <body><h1>A page where JSON was expected</h1><p>1C Company makes software.</p></body></html>\n";

/// Body of `/json`.
pub const SLIDES: &str = "{\n  \"slideshow\": {\n    \"author\": \"Yours Truly\",\n    \"date\": \"date of publication\",\n    \
    \"slides\": [\n      {\"title\": \"First\", \"type\": \"all\"},\n      {\"title\": \"Second\", \"items\": [\"one\", \"two\"]}\n    ],\n    \
    \"title\": \"Sample Slide Show\"\n  }\n}\n";

/// Body of `/json-as-text`: JSON served as `text/plain` without charset.
pub const JSON_AS_TEXT: &str = "{\"привет\": \"мир\"}";

/// Body of `/encoding/windows-1251`: "Привет, мир!" in that encoding.
pub const WINDOWS_1251: &[u8] = b"\xcf\xf0\xe8\xe2\xe5\xf2, \xec\xe8\xf0!";

/// Hidden field of the portal's login form.
pub const EXECUTION: &str = "e1s1-0f8fad5b";

/// Answer of `/soap`.
pub const SOAP_ANSWER: &str = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\
    <soap:Envelope xmlns:soap=\"http://schemas.xmlsoap.org/soap/envelope/\"><soap:Body>\
    <Курс xmlns=\"urn:test\">90.1234</Курс></soap:Body></soap:Envelope>";

/// Body of `/encoding/utf8`: several scripts, one, two, three and four bytes long, with [`PHRASE`] at
/// [`PHRASE_AT`].
#[must_use]
pub fn utf8_page() -> String {
    let line = "Latin, ελληνικά, кириллица, עברית, العربية, ไทย, 日本語, 한국어, 𝄞𝄢, 😀, ∀x∈ℝ: ⌈x⌉ = −⌊−x⌋\n";
    let mut page: String = "<h1>UTF-8</h1>\n".chars().chain(line.chars().cycle()).take(PHRASE_AT).collect();
    page.push_str(PHRASE);
    page.push('\n');
    page
}

/// A valid PNG picture: 16 by 16 grey pixels, made here.
#[must_use]
pub fn png() -> Vec<u8> {
    const SIDE: u8 = 16;
    let rows: Vec<u8> =
        (0..SIDE).flat_map(|y| std::iter::once(0).chain((0..SIDE).map(move |x| x.wrapping_mul(y)))).collect();
    let mut encoder = ZlibEncoder::new(Vec::new(), flate2::Compression::default());
    let compressed = std::io::Write::write_all(&mut encoder, &rows).and_then(|()| encoder.finish());
    let mut file = b"\x89PNG\r\n\x1a\n".to_vec();
    let header = [0, 0, 0, SIDE, 0, 0, 0, SIDE, 8, 0, 0, 0, 0];
    add_chunk(&mut file, *b"IHDR", &header);
    add_chunk(&mut file, *b"IDAT", &compressed.expect("writing into memory does not fail"));
    add_chunk(&mut file, *b"IEND", &[]);
    file
}

/// Page of `/portal/login`.
pub(crate) fn login_form() -> Vec<u8> {
    format!(
        "<!DOCTYPE html><html><body><form method=\"post\">\
         <input name=\"username\"><input name=\"password\" type=\"password\">\
         <input type=\"hidden\" name=\"execution\" value=\"{EXECUTION}\"></form></body></html>"
    )
    .into_bytes()
}

fn add_chunk(file: &mut Vec<u8>, kind: [u8; 4], data: &[u8]) {
    let length = u32::try_from(data.len()).expect("the picture is small");
    file.extend_from_slice(&length.to_be_bytes());
    let mut crc = Crc::new();
    crc.update(&kind);
    crc.update(data);
    file.extend_from_slice(&kind);
    file.extend_from_slice(data);
    file.extend_from_slice(&crc.sum().to_be_bytes());
}
