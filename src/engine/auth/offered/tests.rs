#![allow(clippy::unwrap_used, reason = "tests")]

use time::OffsetDateTime;
use url::Url;

use super::super::scheme::failure;
use super::*;
use crate::engine::body::Body;
use crate::engine::headers::Headers;

const PROXY: &str = "http://proxy:3128";
const BASIC: &str = "Basic 0JjQstCw0L06cDpw";

fn credentials() -> Credentials {
    Credentials::Basic { user: "Иван".into(), password: "p:p".into() }
}

fn try_value(scheme: &mut dyn Scheme) -> Result<Option<String>> {
    let (url, headers, body) = (Url::parse("http://h/").unwrap(), Headers::new(), Body::none());
    let now = OffsetDateTime::UNIX_EPOCH;
    let target = "http://h/";
    scheme.value(&Ask { method: "GET", url: &url, target, headers: &headers, body: &body, now, fetch: None })
}

fn value(scheme: &mut dyn Scheme) -> Option<String> {
    try_value(scheme).unwrap()
}

fn asked(challenges: &[&str]) -> Head {
    let headers = challenges.iter().map(|value| ("Proxy-Authenticate", *value)).collect();
    Head { status: 407, headers, ..Head::default() }
}

#[test]
fn a_password_goes_as_basic_only_where_nothing_better_is_offered() {
    let mut scheme = for_proxy(&credentials(), &Arc::default(), PROXY);
    assert_eq!(value(&mut *scheme), None);
    let both = asked(&["Basic realm=\"p\"", "Digest nonce=n, realm=p"]);
    assert!(scheme.answers(&both));
    scheme.challenged(&both).unwrap();
    assert!(value(&mut *scheme).unwrap().starts_with("Digest "));
    assert!(!scheme.answers(&asked(&["Basic realm=\"p\""])), "a refusal leads to nothing weaker");
    let mut scheme = for_proxy(&credentials(), &Arc::default(), PROXY);
    assert_eq!(value(&mut *scheme), None);
    // Neither a Digest that nobody can do nor what is not a 407 counts.
    let unknown = asked(&["Digest nonce=n, algorithm=new, Basic"]);
    assert!(
        !scheme.answers(&asked(&["Bearer"])) && !scheme.answers(&Head { status: 401, ..unknown.clone() })
    );
    scheme.challenged(&unknown).unwrap();
    assert_eq!(value(&mut *scheme).as_deref(), Some(BASIC));
    assert!(!scheme.answers(&unknown));
}

#[test]
fn what_a_proxy_accepted_goes_along_from_the_start() {
    let memory = Arc::default();
    let settle = |challenge: &str, last: Head| {
        let mut scheme = for_proxy(&credentials(), &memory, PROXY);
        let _ = value(&mut *scheme);
        if scheme.answers(&asked(&[challenge])) {
            scheme.challenged(&asked(&[challenge])).unwrap();
            value(&mut *scheme).unwrap();
        }
        scheme.settled(&last);
    };
    let first = |proxy| value(&mut *for_proxy(&credentials(), &memory, proxy));
    settle("Basic", asked(&["Basic"]));
    assert_eq!(first(PROXY), None, "refused");
    settle("Basic", Head::default());
    assert_eq!((first(PROXY).as_deref(), first("http://other:3128")), (Some(BASIC), None));
    let other = Credentials::Basic { user: "Иван".into(), password: "q".into() };
    assert_eq!(value(&mut *for_proxy(&other, &memory, PROXY)), None);
    settle("Basic", asked(&["Basic"]));
    assert_eq!(first(PROXY), None, "refused later");
    settle("Digest nonce=n, qop=auth", Head { status: 404, ..Head::default() });
    assert!(first(PROXY).unwrap().contains("nc=00000002"));
}

#[test]
fn credentials_of_one_scheme_answer_that_only() {
    let digest = Credentials::Digest { user: "u".into(), password: "p".into() };
    let scheme = for_proxy(&digest, &Arc::default(), PROXY);
    assert!(scheme.answers(&asked(&["Basic, Digest nonce=n"])) && !scheme.answers(&asked(&["Basic"])));
    let mut scheme = for_proxy(&Credentials::Bearer { token: "t".into() }, &Arc::default(), PROXY);
    assert!(!scheme.answers(&asked(&["Bearer"])));
    scheme.challenged(&asked(&["Bearer"])).unwrap();
    assert_eq!(value(&mut *scheme), None);
}

#[test]
fn what_does_not_work_here_gives_way_to_the_next() {
    struct Missing(&'static str);
    impl Scheme for Missing {
        fn value(&mut self, _: &Ask<'_, '_>) -> Result<Option<String>> {
            Err(failure("Negotiate", self.0, ""))
        }
        fn answers(&self, _: &Head) -> bool {
            true
        }
        fn challenged(&mut self, _: &Head) -> Result<()> {
            Ok(())
        }
    }
    let challenge = asked(&["Basic"]);
    for (problem, value) in [("no-library", Some(BASIC)), ("no-credentials", Some(BASIC)), ("protocol", None)]
    {
        let mut scheme = Offered {
            user: "Иван".into(),
            password: "p:p".into(),
            proxy: PROXY.into(),
            memory: Arc::default(),
            chosen: None,
            others: VecDeque::new(),
            challenge: None,
        };
        scheme.others = scheme.candidates(&challenge);
        assert_eq!(scheme.others.len(), 1);
        scheme.chosen = Some(Box::new(Missing(problem)));
        scheme.challenge = Some(challenge.clone());
        assert_eq!(try_value(&mut scheme).ok().flatten().as_deref(), value, "{problem}");
    }
}
