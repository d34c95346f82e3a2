//! Reads: retried where that may help, refused whole where something is missing.
#![allow(clippy::unwrap_used)]

mod kit;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use huijiao_gateway::{Endpoint, Events, Gateway, Heard, Identity, Login, NetError, Timing, Unsigned};
use huijiao_protocol::problem::Problem;
use huijiao_protocol::problem::ProblemCode;
use huijiao_protocol::queries::{Days, EntryKind};
use kit::{Act, Ca, Server, answer, cut, endpoint, id, json, problem, status_of};

fn units() -> Act {
    json("200 OK", &serde_json::json!([{"account": "u", "name": "单位", "role": "clerk"}]))
}

const PERSON: &str = r#"{"personal_account":"1","name":"测试","id_type":"01","id_number":"x","status":"normal","base":"8000.00","amounts":{"unit_amount":"640.00","personal_amount":"640.00"}}"#;

fn roster(end: &str) -> Act {
    let body = format!("{{\"version\":42,\"unit\":\"u\"}}\n{PERSON}\n{end}");
    answer("200 OK", "application/x-ndjson", "", &body)
}

#[tokio::test]
async fn a_read_that_was_cut_is_tried_again() {
    let busy = problem("503 Service Unavailable", "retry-after: 0\r\n", "unavailable");
    let server = Server::start(vec![Act::Hang, busy, units()]).await;
    let gateway = server.gateway();
    assert_eq!(gateway.units().await.unwrap()[0].name, "单位");
    assert_eq!(server.requests(), 3);
    assert_eq!(gateway.last_date().as_deref(), Some("Mon, 06 Jul 2026 06:37:30 GMT"));
}

#[tokio::test]
async fn tries_have_an_end_and_a_refusal_is_not_tried_again() {
    let server = Server::start(vec![Act::Hang]).await;
    assert_eq!(server.gateway().units().await.unwrap_err().code(), "net-cut");
    assert_eq!(server.requests(), 3);

    let server = Server::start(vec![problem("401 Unauthorized", "", "certificate_missing")]).await;
    assert_eq!(server.gateway().units().await.unwrap_err().code(), "problem-certificate-missing");
    assert_eq!(server.requests(), 1);

    let server = Server::start(vec![problem("409 Conflict", "", "of_a_later_version")]).await;
    let unknown = server.gateway().units().await.unwrap_err();
    assert_eq!(unknown.code(), "net-problem", "what has no words of ours is told in the center's");
    let said: Vec<_> = ["title", "detail", "problem", "status"].map(|name| unknown.args()[name].clone()).to_vec();
    assert_eq!(said, ["标题", "说明", "of_a_later_version", "409"], "and its own code and status are kept");

    let server = Server::start(vec![problem("503 Service Unavailable", "retry-after: 600\r\n", "unavailable")]).await;
    let error = server.gateway().units().await.unwrap_err();
    assert_eq!(error.args()["seconds"], "600", "the user is told how long, instead of waiting in silence");
    assert_eq!(server.requests(), 1);
}

#[tokio::test]
async fn f13_no_read_is_tried_again_before_the_center_wants_it() {
    for busy in ["429 Too Many Requests", "503 Service Unavailable"] {
        let server = Server::start(vec![problem(busy, "retry-after: 1\r\n", "unavailable"), units()]).await;
        let asked = Instant::now();
        server.gateway().units().await.unwrap();
        // A pause of its own is a thousandth of that, and no machine is too fast for a second.
        assert!(asked.elapsed() >= Duration::from_secs(1), "{busy}: the second try waits as long as it is asked to");
        assert_eq!(server.requests(), 2);
    }
}

#[tokio::test]
async fn f13_whoever_asks_by_himself_knows_how_long_the_center_wants_to_be_left_alone() {
    let of = async |status: &str, header: &str| {
        let server = Server::start(vec![problem(status, header, "unavailable")]).await;
        let gateway = server.gateway();
        assert_eq!(gateway.wait(), Duration::ZERO, "nobody asked for anything yet");
        let error = gateway.units().await.unwrap_err();
        (gateway.wait(), error.args().remove("seconds"))
    };
    let (wait, said) = of("503 Service Unavailable", "retry-after: 500\r\n").await;
    assert!(wait > Duration::from_secs(60) && wait <= Duration::from_secs(500), "{wait:?}");
    assert_eq!(said.as_deref(), Some("500"), "and says so");
    let (wait, said) = of("429 Too Many Requests", "retry-after: 99999999999\r\n").await;
    assert!(wait > Duration::from_secs(60) && wait <= Timing::default().wait, "{wait:?}: not for ever");
    assert_eq!(said.as_deref(), Some("99999999999"), "as it was said");
    for (status, header) in [("503 Service Unavailable", ""), ("500 Internal Server Error", "retry-after: 500\r\n")] {
        assert_eq!(of(status, header).await.0, Duration::ZERO, "{status}, {header:?}: asks for nothing");
    }
}

#[tokio::test]
async fn f13_events_are_listened_for_again_when_the_center_wants_it() {
    let busy = problem("503 Service Unavailable", "retry-after: 2\r\n", "unavailable");
    let server = Server::start(vec![busy, answer("200 OK", "text/event-stream", "", ": here\n\n")]).await;
    let mut events = Events::after(Arc::new(server.gateway()), 0);
    let asked = Instant::now();
    assert!(matches!(events.next().await, Heard::Lost(NetError::Busy { retry_after: Some(2) })));
    assert!(matches!(events.next().await, Heard::Connected));
    assert!(asked.elapsed() >= Duration::from_secs(2), "twice as long as its first pause is");
}

#[tokio::test]
async fn a_login_page_is_called_one() {
    for act in [
        answer("200 OK", "text/html", "", "<html>login</html>"),
        answer("302 Found", "text/html", "location: http://login.example/\r\n", ""),
    ] {
        let server = Server::start(vec![act]).await;
        assert_eq!(server.gateway().center().await.unwrap_err().code(), "net-portal");
        assert_eq!(server.requests(), 1, "and not followed");
    }
}

#[tokio::test]
async fn a_roster_is_whole_or_nothing() {
    let server = Server::start(vec![roster("{\"end\":1}\n")]).await;
    let found = server.gateway().roster("u").await.unwrap();
    assert_eq!((found.version, found.contributors.len()), (42, 1));

    for (what, act) in [
        ("no end line", roster("")),
        ("cut in the end line", cut(roster("{\"end\":1}\n"))),
        ("another count", roster("{\"end\":2}\n")),
        ("a page", answer("200 OK", "application/x-ndjson", "", "<html>\n")),
    ] {
        let server = Server::start(vec![act]).await;
        assert_eq!(server.gateway().roster("u").await.unwrap_err().code(), "net-answer-broken", "{what}");
    }
    let server = Server::start(vec![roster("{\"end\":1}\n")]).await;
    assert!(server.gateway().roster("another").await.is_err(), "another unit's roster");
}

#[tokio::test]
async fn a_ledger_of_several_pages_is_of_one_moment() {
    let entry = serde_json::json!({
        "on": "2026-07-06", "kind": "of_next_year", "label": "到账", "filing": null, "filing_number": null,
        "incoming": "DZ1", "people": 0, "moved": "1.00", "balance": "1.00",
    });
    let page = |closing: &str, next: Option<&str>| {
        let body = serde_json::json!({"opening": "0.00", "closing": closing, "items": [entry], "next": next});
        json("200 OK", &body)
    };
    let server = Server::start(vec![page("2.00", Some("1")), page("2.00", None)]).await;
    let ledger = server.gateway().suspense("u", Days::default()).await.unwrap();
    assert_eq!((ledger.items.len(), ledger.next), (2, None), "both pages");
    assert_eq!(ledger.items[0].kind, EntryKind::Other, "a kind of later is no fault");
    let server = Server::start(vec![page("2.00", Some("1")), page("3.00", None)]).await;
    let error = server.gateway().suspense("u", Days::default()).await.unwrap_err();
    assert_eq!(error.code(), "net-answer-broken", "pages that say different things are no ledger");
    let server = Server::start(vec![page("2.00", Some("1"))]).await;
    assert!(server.gateway().suspense("u", Days::default()).await.is_err(), "a ring");
}

#[tokio::test]
async fn a_list_is_read_to_its_end_and_no_further() {
    let order = serde_json::json!({
        "number": "JK1", "filing": id(), "pays": [{"month": "2026-07"}], "method": "transfer", "people": 1,
        "amounts": {"unit_amount": "640.00", "personal_amount": "640.00"}, "code": "JK1",
        "to": {"name": "户名", "number": "1", "bank": "银行"}, "state": "awaiting", "reason": "",
        "ordered_at": "2026-07-06T14:32:00+08:00", "settled_on": null, "received": "0.00",
    });
    let page = |next: Option<&str>| json("200 OK", &serde_json::json!({"items": [order], "next": next}));
    let server = Server::start(vec![page(Some("1")), page(Some("2")), page(None)]).await;
    assert_eq!(server.gateway().payments("u", Days::default()).await.unwrap().len(), 3, "every page");
    assert_eq!(server.requests(), 3);

    let server = Server::start(vec![page(Some("1"))]).await;
    assert_eq!(
        server.gateway().payments("u", Days::default()).await.unwrap_err().code(),
        "net-answer-broken",
        "a ring"
    );
    assert_eq!(server.requests(), 2, "left at once");
}

#[tokio::test]
async fn a_month_s_list_is_of_that_month() {
    let list = |month: &str| {
        let body = serde_json::json!({"month": month, "verified": true, "roster_version": 1, "lines": []});
        json("200 OK", &body)
    };
    let july = "2026-07".parse().unwrap();
    let server = Server::start(vec![list("2026-07")]).await;
    assert!(server.gateway().month_list("u", july).await.unwrap().verified);
    let server = Server::start(vec![list("2026-06")]).await;
    assert_eq!(server.gateway().month_list("u", july).await.unwrap_err().code(), "net-answer-broken", "another's");
}

#[tokio::test]
async fn only_the_center_can_say_that_a_filing_is_not_there() {
    let server = Server::start(vec![problem("404 Not Found", "", "not_found")]).await;
    assert!(server.gateway().filing(id()).await.unwrap().is_none());

    let server = Server::start(vec![json("200 OK", &status_of(id()))]).await;
    assert_eq!(server.gateway().filing(id()).await.unwrap().unwrap().id, id());

    for (what, act) in [
        ("404 of a proxy", answer("404 Not Found", "text/html", "", "<html>")),
        ("another problem with 404", problem("404 Not Found", "", "filing_open")),
        ("another filing", json("200 OK", &status_of(uuid::Uuid::from_u128(1)))),
    ] {
        let server = Server::start(vec![act]).await;
        assert!(server.gateway().filing(id()).await.is_err(), "{what}");
    }
}

#[tokio::test]
async fn settings_that_cannot_work_are_refused_before_anything_is_sent() {
    let ca = Ca::new("CA");
    let code =
        |endpoint: Endpoint, identity: Option<Identity>| Gateway::connect(endpoint, identity).unwrap_err().code();
    assert_eq!(code(endpoint("http://localhost", &ca), None), "net-setup", "no clear text");
    assert_eq!(code(endpoint("localhost", &ca), None), "net-setup");
    assert_eq!(code(Endpoint::new("https://localhost", vec![]), None), "net-setup", "no anchor, no trust");
    assert_eq!(code(Endpoint::new("https://localhost", vec![vec![1, 2, 3]]), None), "net-setup");
    let mixed = Identity { chain: ca.identity().chain, key: ca.identity().key };
    assert_eq!(code(endpoint("https://localhost", &ca), Some(mixed)), "net-client-certificate", "key of another");
}

#[test]
fn every_code_has_words() {
    let problem = Problem::new(ProblemCode::NotFound, "标题", "说明");
    let all = [
        NetError::Setup(String::new()),
        NetError::Unreachable { cause: String::new(), timed_out: false },
        NetError::CertificateUntrusted { cause: String::new(), shown: None },
        NetError::ServerRevoked,
        NetError::TlsOutdated(String::new()),
        NetError::Tls(String::new()),
        NetError::ClientCertificate(String::new()),
        NetError::CertificateRevoked,
        NetError::CertificateExpired,
        NetError::ClientKey(String::new()),
        NetError::Proxy(String::new()),
        NetError::Timeout,
        NetError::Cut(String::new()),
        NetError::AnswerBroken(String::new()),
        NetError::Portal,
        NetError::Busy { retry_after: None },
        NetError::Server(500),
        NetError::Problem(Box::new(problem)),
    ];
    for error in all {
        let text = huijiao_domain::texts::lookup(error.code()).unwrap_or_else(|| panic!("{}", error.code()));
        for part in [&text.happened, &text.remedy] {
            let filled = huijiao_domain::texts::fill(part, &error.args());
            assert!(!filled.contains('…') && !filled.contains('{'), "{}: {filled}", error.code());
        }
    }
}

/// A gateway whose key refuses every challenge, and how often it was asked.
fn refusing(server: &Server, why: Unsigned) -> (Arc<Gateway>, Arc<AtomicUsize>) {
    let asked = Arc::new(AtomicUsize::new(0));
    let counter = asked.clone();
    let login = Login::new("u", move |_, _| {
        counter.fetch_add(1, Ordering::SeqCst);
        Err(why)
    });
    (Arc::new(server.gateway().logging_in(login)), asked)
}

fn challenge() -> Act {
    json(
        "200 OK",
        &serde_json::json!({
            "protocol": 1, "purpose": "login", "center": "demo", "unit": "u", "nonce": "00",
            "issued_at": "2026-07-06T14:37:30+08:00", "expires_at": "2026-07-06T06:39:30Z",
        }),
    )
}

#[tokio::test]
async fn a_key_that_refused_for_good_is_not_asked_again() {
    let server = Server::start(vec![challenge()]).await;
    let (gateway, asked) = refusing(&server, Unsigned::ForGood("sign-token-pin"));
    for _ in 0..3 {
        assert_eq!(gateway.units().await.unwrap_err().code(), "net-login-ended");
    }
    assert_eq!(gateway.center().await.unwrap_err().code(), "net-login-ended", "nor is anything else the reason");
    let mut events = Events::after(gateway.clone(), 0);
    let heard = events.next().await;
    assert!(matches!(heard, Heard::Lost(NetError::LoginEnded("sign-token-pin"))), "{heard:?}");
    assert_eq!(asked.load(Ordering::SeqCst), 1, "every further time could cost a try of its PIN");
    assert_eq!(server.requests(), 1, "and the center is not asked for challenges that nobody answers");

    let (gateway, asked) = refusing(&server, Unsigned::ForNow("sign-token-removed"));
    for _ in 0..2 {
        assert_eq!(gateway.units().await.unwrap_err().code(), "net-login");
    }
    assert_eq!(asked.load(Ordering::SeqCst), 2, "a token that is plugged in again serves again");
}
