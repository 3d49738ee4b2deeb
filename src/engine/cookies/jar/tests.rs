#![allow(clippy::unwrap_used, reason = "tests")]

use super::*;
use time::macros::datetime;

const NOW: OffsetDateTime = datetime!(2024-01-01 0:00 UTC);

fn url(text: &str) -> Url {
    Url::parse(text).unwrap()
}

fn jar(from: &str, values: &[&str]) -> Jar {
    let mut jar = Jar::new();
    jar.receive(values.iter().copied(), &url(from), NOW);
    jar
}

fn sent(jar: &Jar, to: &str) -> String {
    jar.header(&url(to), None, &Given::default(), NOW).unwrap_or_default()
}

#[test]
fn only_name_and_value_are_sent_longer_paths_first() {
    let jar = jar(
        "http://a.ru/x/y",
        &["sid=abc; Path=/; Expires=Wed, 09 Jun 2031 10:18:14 GMT", "deep=1; Path=/x/y", "mid=2; Path=/x"],
    );
    assert_eq!(sent(&jar, "http://a.ru/x/y"), "deep=1; mid=2; sid=abc");
    assert_eq!(sent(&jar, "http://a.ru/xyz"), "sid=abc");
}

#[test]
fn host_only_cookies_stay_home_and_domain_cookies_respect_labels() {
    let host = jar("http://example.com/", &["h=1"]);
    assert_eq!(
        (sent(&host, "http://example.com/"), sent(&host, "http://www.example.com/")),
        ("h=1".into(), String::new())
    );
    let domain = jar("http://www.example.com/", &["d=1; Domain=example.com"]);
    assert_eq!(sent(&domain, "http://other.example.com/"), "d=1");
    assert_eq!(sent(&domain, "http://badexample.com/"), "");
}

#[test]
fn public_suffixes_and_foreign_domains_are_refused() {
    for (from, value) in [
        ("http://shop.co.uk/", "a=1; Domain=co.uk"),
        ("http://a.com/", "a=1; Domain=com"),
        ("http://a.com/", "a=1; Domain=b.com"),
        ("http://a.b.com/", "a=1; Domain=x.a.b.com"),
        ("http://a.рф/", "a=1; Domain=рф"),
    ] {
        assert!(jar(from, &[value]).is_empty(), "{value} from {from}");
    }
    assert_eq!(sent(&jar("http://localhost/", &["a=1; Domain=localhost"]), "http://localhost/"), "a=1");
    assert_eq!(sent(&jar("http://127.0.0.1/", &["a=1; Domain=127.0.0.1"]), "http://127.0.0.1/"), "a=1");
    assert_eq!(sent(&jar("http://пример.рф/", &["a=1; Domain=ПРИМЕР.рф"]), "http://www.пример.рф/"), "a=1");
}

#[test]
fn a_dot_at_the_end_of_the_host_opens_no_public_suffix() {
    let jar = jar("http://a.com./", &["x=1; Domain=com.", "y=2; Domain=com"]);
    assert_eq!((sent(&jar, "http://b.com./"), sent(&jar, "http://b.com/")), (String::new(), String::new()));
}

#[test]
fn secure_cookies_come_from_and_go_to_https_only() {
    let secure = jar("https://a.ru/", &["s=1; Secure", "__Host-x=1; Secure; Path=/", "__Secure-y=1"]);
    assert_eq!(sent(&secure, "https://a.ru/"), "s=1; __Host-x=1");
    assert_eq!(sent(&secure, "http://a.ru/"), "");
    assert!(jar("http://a.ru/", &["s=1; Secure"]).is_empty());
    let mut secure = secure;
    secure.receive(["s=evil"].into_iter(), &url("http://a.ru/"), NOW);
    assert_eq!(sent(&secure, "https://a.ru/"), "s=1; __Host-x=1");
}

#[test]
fn a_new_value_replaces_the_old_in_its_place_and_an_expired_one_removes_it() {
    let mut jar = jar("http://a.ru/", &["a=1", "b=1"]);
    jar.receive(["a=2"].into_iter(), &url("http://a.ru/"), NOW);
    assert_eq!(sent(&jar, "http://a.ru/"), "a=2; b=1");
    let fresh = jar.receive(["a=; Max-Age=0"].into_iter(), &url("http://a.ru/"), NOW);
    assert_eq!((sent(&jar, "http://a.ru/"), fresh.is_empty()), ("b=1".to_owned(), true));
}

#[test]
fn expiry_is_seen_by_the_given_clock() {
    let jar = jar("http://a.ru/", &["a=1; Max-Age=60"]);
    let header = |now| jar.header(&url("http://a.ru/"), None, &Given::default(), now);
    assert_eq!(header(NOW + time::Duration::seconds(59)), Some("a=1".to_owned()));
    assert_eq!(header(NOW + time::Duration::seconds(60)), None);
}

#[test]
fn an_export_imported_again_behaves_the_same() {
    let original = jar("https://www.a.ru:8443/x/y", &["h=1", "d=2; Domain=a.ru; Path=/; Secure; Max-Age=60"]);
    let exported = original.export(NOW);
    assert_eq!(exported.nested().len(), 2);
    assert_eq!((exported.list[0].expires, exported.list[0].port), (NEVER, Some(8443)));
    let again = Jar::import(&exported, NOW);
    for to in ["https://www.a.ru/x/z", "https://b.a.ru/", "http://www.a.ru/x/", "https://a.ru/"] {
        assert_eq!(sent(&original, to), sent(&again, to), "{to}");
    }
    assert_eq!(again.export(NOW), exported);
}

#[test]
fn given_cookies_win_by_name_and_a_written_header_before_all() {
    let jar = jar("http://a.ru/", &["a=jar", "b=jar", "c=jar"]);
    let given = |name: &str, domain: Option<&str>| GivenCookie {
        name: name.into(),
        value: "given".into(),
        domain: domain.map(str::to_owned),
        ..GivenCookie::default()
    };
    let given = Given::new(&[given("b", None), given("x", Some("other.ru"))], &url("http://a.ru/")).unwrap();
    assert_eq!(
        jar.header(&url("http://a.ru/"), Some("c=written"), &given, NOW).unwrap(),
        "c=written; b=given; a=jar"
    );
    assert_eq!(jar.header(&url("http://www.other.ru/"), None, &given, NOW).unwrap(), "x=given");
}

#[test]
fn given_cookies_that_would_break_the_header_are_refused() {
    for (name, value) in [("a\r\nX: y", "1"), ("a", "1;b=2"), ("", "1"), ("a=b", "1")] {
        let cookie = GivenCookie { name: name.into(), value: value.into(), ..GivenCookie::default() };
        assert_eq!(Given::new(&[cookie], &url("http://a.ru/")).err(), Some(name.to_owned()));
    }
}

#[test]
fn arbitrary_cookies_are_answered_without_a_panic() {
    let pieces = [
        "a=",
        "=",
        ";",
        "domain=",
        ".",
        "a.ru",
        "рф",
        "path=/",
        "/",
        "expires=",
        "31 Dec 9999 23:59:59",
        "max-age=",
        "-9",
        "9223372036854775807",
        " ",
        "secure",
        "\"",
        "é",
        "\u{0}",
        "[::1]",
        "..",
        "xn--",
    ];
    let mut state = 1u32;
    let mut jar = Jar::new();
    for index in 0..2_001 {
        let mut text = String::from("n=v;");
        for _ in 0..8 {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            text.push_str(pieces[(state >> 16) as usize % pieces.len()]);
        }
        let from =
            url(["http://a.ru/x/", "https://www.a.ru/", "http://[::1]/", "http://127.0.0.1/a"][index % 4]);
        jar.receive([text.as_str(), &text[4..]].into_iter(), &from, NOW);
        if index % 200 == 0 {
            let exported = jar.export(NOW);
            assert_eq!(Jar::import(&exported, NOW).export(NOW), exported, "after {text:?}");
        }
    }
    assert!(!jar.is_empty());
}

#[test]
fn one_domain_cannot_fill_the_jar() {
    let mut jar = Jar::new();
    for index in 0..500 {
        jar.receive([format!("n{index}=1").as_str()].into_iter(), &url("http://a.ru/"), NOW);
    }
    assert_eq!(jar.len(), MOST_PER_DOMAIN);
}
