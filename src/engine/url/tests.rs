#![allow(clippy::unwrap_used, reason = "tests")]

use super::*;
use crate::engine::request::Parameter;

fn parsed(text: &str) -> String {
    match WebUrl::parse(text) {
        Ok(url) => url.url().to_string(),
        Err(error) => match error.kind {
            ErrorKind::InvalidUrl { problem, .. } => format!("! {problem}"),
            _ => "!".to_owned(),
        },
    }
}

#[test]
fn urls_as_people_write_them_become_valid() {
    for (written, expected) in [
        ("connectorhttp.ru/get", "http://connectorhttp.ru/get"),
        ("  \u{a0}https://h/a b?q=c d ", "https://h/a%20b?q=c%20d"),
        (
            "https://президент.рф/новости?ключ=да",
            "https://xn--d1abbgf6aiiy.xn--p1ai/%D0%BD%D0%BE%D0%B2%D0%BE%D1%81%D1%82%D0%B8?%D0%BA%D0%BB%D1%8E%D1%87=%D0%B4%D0%B0",
        ),
        ("localhost:8080/x", "http://localhost:8080/x"),
        ("HTTPS://H/x", "https://h/x"),
        ("//h/x", "http://h/x"),
        ("ht\ntp://h/a\r\n\tb", "http://h/ab"),
        ("h?u=https://other/", "http://h/?u=https://other/"),
        (
            "http://[2001:0db8:11a3:09d7:1f34:8a2e:07a0:765d]:8080/test",
            "http://[2001:db8:11a3:9d7:1f34:8a2e:7a0:765d]:8080/test",
        ),
        ("https://h?jql=a >= 2017&j&i=2", "https://h/?jql=a%20%3E=%202017&j&i=2"),
        ("", "! empty"),
        (" \t", "! empty"),
        ("ftp://h/", "! scheme"),
        ("file:/etc/passwd", "! scheme"),
        ("mailto:a@b.ru", "! scheme"),
        ("/get", "! host"),
        ("http://", "! host"),
        ("http://h:99999/", "! port"),
        ("http://h:x/", "! port"),
        ("http://a b/", "! host"),
        ("http://[::1/", "! host"),
        ("http://xn--xn---epa/", "! host"),
        ("http://\u{3e8ac}.ru/", "! host"),
    ] {
        assert_eq!(parsed(written), expected, "{written:?}");
    }
}

#[test]
fn a_megabyte_is_no_url() {
    assert_eq!(parsed(&format!("http://h/{}", "x".repeat(LONGEST))), "! length");
    let mut url = WebUrl::parse("http://h/").unwrap();
    assert!(url.add_parameters(&vec![("a".into(), Parameter::Text("é".repeat(LONGEST / 5)))]).is_err());
    assert!(url.resolve(&"x".repeat(LONGEST + 1)).is_err());
    let mut url = WebUrl::parse(&format!("http://h/?{}", "x".repeat(LONGEST / 2))).unwrap();
    assert!(url.add_parameters(&vec![("a".into(), Parameter::Text("x".repeat(LONGEST / 2)))]).is_err());
    let error = parse_url(&format!("http://u:p@h/?{}", "x".repeat(LONGEST))).unwrap_err();
    assert!(matches!(error.kind, ErrorKind::InvalidUrl { problem: "length", .. }));
}

#[test]
fn arbitrary_text_is_answered_without_a_panic() {
    // Pieces that matter to the parsers, put together at random (a fixed sequence).
    let pieces = [
        "http", "https", "://", "//", "/", ":", "@", "?", "#", "[", "]", "%", "%2", "%D0", "ё", "\u{0}", "&",
        "=", "..", "xn--", "80", "65536", "::1", " ", "\\", "a", "\t",
    ];
    let mut state = 1u32;
    let base = WebUrl::parse("https://u:p@base:444/a/b?c#d").unwrap();
    for _ in 0..5_000 {
        let mut text = String::new();
        for _ in 0..(state >> 28) {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            text.push_str(pieces[(state >> 16) as usize % pieces.len()]);
        }
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        if let Ok(url) = WebUrl::parse(&text) {
            assert!(WebUrl::parse(&url.text()).is_ok(), "{text:?} became {}", url.text());
            assert!(
                !url.shown().contains('@')
                    || url.url().path().contains('@')
                    || url.url().query().is_some_and(|q| q.contains('@'))
            );
        }
        let _ = (parse_url(&text), base.resolve(&text), redact::written(&text));
    }
}

#[test]
fn user_information_is_decoded_and_may_hold_colons_and_at_signs() {
    let user = |text: &str| WebUrl::parse(text).unwrap().user();
    assert_eq!(user("http://user:pa:ss%40@h/"), Some(("user".into(), "pa:ss@".into())));
    assert_eq!(user("http://us@er:p@h/"), Some(("us@er".into(), "p".into())));
    assert_eq!(user("http://%D0%98:%D1%8F@h/"), Some(("И".into(), "я".into())));
    assert_eq!(user("http://h/"), None);
}

#[test]
fn text_keeps_a_written_default_port_and_the_colon_of_user_information() {
    let text = |text: &str| WebUrl::parse(text).unwrap().text();
    assert_eq!(text("https://h:443/anything"), "https://h:443/anything");
    assert_eq!(text("https://user@h:443"), "https://user:@h:443/");
    assert_eq!(text("http://[::1]:80/?#x"), "http://[::1]:80/?#x");
    assert_eq!(text("http://[::1]/"), "http://[::1]/");
    assert_eq!(text("h:80"), "http://h:80/");
    assert_eq!(text("http://u:80@h/x:80"), "http://u:80@h/x:80");
}

#[test]
fn parameters_are_appended_encoded_and_the_urls_own_win() {
    let mut url = WebUrl::parse("https://h/anything/params?post=Программист&[x]=1").unwrap();
    let parameters = vec![
        ("post".to_owned(), Parameter::Text("other".to_owned())),
        ("[x]".to_owned(), Parameter::Text("2".to_owned())),
        ("time".to_owned(), Parameter::Text("01:47".to_owned())),
        ("t[]".to_owned(), Parameter::Text("42".to_owned())),
    ];
    url.add_parameters(&parameters).unwrap();
    assert_eq!(
        url.text(),
        "https://h/anything/params?post=%D0%9F%D1%80%D0%BE%D0%B3%D1%80%D0%B0%D0%BC%D0%BC%D0%B8%D1%81%D1%82&[x]=1&time=01%3A47&t%5B%5D=42"
    );
}

#[test]
fn nothing_secret_and_no_fragment_goes_to_the_wire() {
    let url = WebUrl::parse("https://u:p@h/a?b#c").unwrap();
    assert_eq!(url.for_wire().as_str(), "https://h/a?b");
    assert_eq!(format!("{url:?}"), "https://h/a?b");
}

#[test]
fn locations_are_resolved_without_decoding_and_inherit_the_fragment() {
    let base = WebUrl::parse("http://u:p@h:80/a/b?x#frag").unwrap();
    let to = |location: &str| base.resolve(location).map(|url| url.text());
    assert_eq!(to("/c%2Fd?u=http%3A%2F%2Fx"), Ok("http://h:80/c%2Fd?u=http%3A%2F%2Fx#frag".into()));
    assert_eq!(to("c?u=http://x#own"), Ok("http://h:80/a/c?u=http://x#own".into()));
    assert_eq!(to("//other/c"), Ok("http://other/c#frag".into()));
    assert_eq!(to("https://h:443/anything"), Ok("https://h:443/anything#frag".into()));
    assert_eq!(to("../../x y"), Ok("http://h:80/x%20y#frag".into()));
    assert_eq!(to("ftp://h/"), Err(BadTarget::Scheme));
    assert_eq!(to("http://[x/"), Err(BadTarget::Syntax));
}

#[test]
fn only_http_80_to_https_443_of_one_host_is_an_upgrade() {
    let upgrade =
        |from: &str, to: &str| WebUrl::parse(from).unwrap().upgrades_to(&WebUrl::parse(to).unwrap());
    assert!(upgrade("http://h/", "https://h/x"));
    assert!(!upgrade("http://h:8080/", "https://h/"));
    assert!(!upgrade("http://h/", "https://h:8443/"));
    assert!(!upgrade("http://h/", "https://g/"));
    assert!(!upgrade("https://h/", "http://h/"));
}

#[test]
fn parse_url_gives_what_upstream_tests_expect() {
    let of = |text: &str| parse_url(text).unwrap();
    let parts = of("https://h/anything?jql=worklogDate >= 2017-04-01 AND worklogDate <= 2017-05-01&j&i=2");
    assert_eq!((&*parts.scheme, &*parts.host, parts.port, &*parts.path), ("https", "h", 0, "/anything"));
    assert_eq!(
        parts.query,
        [
            (
                "jql".to_owned(),
                Parameter::Text("worklogDate >= 2017-04-01 AND worklogDate <= 2017-05-01".into())
            ),
            ("j".to_owned(), Parameter::NoValue),
            ("i".to_owned(), Parameter::Text("2".into())),
        ]
    );
    assert_eq!(of("https://h:443/get?key").port, 443);
    let wiki = of("https://en.wikipedia.org/wiki/1C_Company#Products");
    assert_eq!((&*wiki.path, &*wiki.fragment, wiki.query.len()), ("/wiki/1C_Company", "Products", 0));
    let ipv6 = of("http://[2001:0db8::765d]:8080/test");
    assert_eq!((&*ipv6.host, ipv6.port, &*ipv6.path), ("[2001:0db8::765d]", 8080, "/test"));
    assert_eq!((of("http://1c.ru").path, of("http://1c.ru").port), ("/".to_owned(), 0));
    assert_eq!(of("https://www.example.ru?url=1&O=1").path, "/");
    let user = of("http://user:pa:ss@1c.ru");
    assert_eq!((&*user.user, &*user.password, &*user.host), ("user", "pa:ss", "1c.ru"));
    assert_eq!(
        (of("http://user@1c.ru").user, of("http://user@1c.ru").password),
        ("user".into(), String::new())
    );
    assert_eq!(
        (of("h?").host, of("h#").host, of("HTTPS://h").scheme),
        ("h".into(), "h".into(), "https".into())
    );
    assert!(parse_url("http://h:x/").is_err());
}
