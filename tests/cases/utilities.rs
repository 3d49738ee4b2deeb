//! Cases 11, 30, 31, 70, 71: functions without a request.

use addin_host::Val;

use crate::connector;

/// gzip of UTF-8 "Привет, Мир!": header without flags and with OS 255, one stored block, CRC-32, size.
const PACKED: &[u8] = &[
    0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0xff, 0x01, 0x15, 0x00, 0xea, 0xff, 0xd0, 0x9f,
    0xd1, 0x80, 0xd0, 0xb8, 0xd0, 0xb2, 0xd0, 0xb5, 0xd1, 0x82, 0x2c, 0x20, 0xd0, 0x9c, 0xd0, 0xb8, 0xd1,
    0x80, 0x21, 0x8a, 0x54, 0xba, 0x3e, 0x15, 0x00, 0x00, 0x00,
];

#[test]
fn case_11_hmac_gives_the_known_digests() {
    let digits = "1234567890".repeat(7);
    let (short, long) = (("Секретный ключ", ""), (digits.as_str(), "Какие-то данные"));
    let cases = [
        ("MD5", short, "1b1ec4166a11c03b3afefaea442e7709"),
        ("SHA1", short, "355aa0587050d711f4ca9af6930c736363a88d34"),
        ("SHA256", short, "70907d03476d72b7276897718590a49f6ce56991112fb5a0e9ed41652b2aab6c"),
        ("MD5", long, "ed5b2d6b9f573cd46e8f8d1d1e8b70e3"),
        ("SHA1", long, "7e8f9d7ebbe81e508a39f410e157fc6e714b3371"),
        ("SHA256", long, "80be8107de7879f028c8bfe97e10b859785530dd19dfc41a4d6962ce4c2fc130"),
    ];
    let script = connector();
    for (algorithm, (key, data), expected) in cases {
        let blob = |text: &str| Val::Blob(text.as_bytes().to_vec());
        let got = script.call("HMAC", &[blob(key), blob(data), algorithm.into()]).unwrap();
        let hex: String = got.as_bytes().unwrap().iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hex, expected, "{algorithm} of {data:?}");
    }
}

#[test]
fn case_30_packing_gives_the_known_bytes() {
    let script = connector();
    let got = script.call("WriteGZip", &["Привет, Мир!".as_bytes().into()]).unwrap();
    assert_eq!(got.as_bytes().unwrap(), PACKED);
}

#[test]
fn case_31_unpacking_gives_the_text() {
    let script = connector();
    let got = script.call("ReadGZip", &[PACKED.into()]).unwrap();
    assert_eq!(got.as_bytes().unwrap(), "Привет, Мир!".as_bytes());
}

#[test]
fn case_70_a_status_code_has_a_presentation() {
    let got = connector().call("HTTPStatusCodePresentation", &[400.into()]).unwrap();
    assert_eq!(got.as_str(), Some("400: Bad Request"));
}

#[test]
fn case_71_an_unknown_status_code_is_called_unknown() {
    let got = connector().call("ПредставлениеКодаСостоянияHTTP", &[488.into()]).unwrap();
    let text = got.as_str().unwrap();
    assert!(text.starts_with("488: ") && text.to_lowercase().contains("неизвестн"), "{text}");
}
