//! What became of a submission: answered, refused, surely not sent, or unknown — never a guess.
#![allow(clippy::unwrap_used)]

mod kit;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use huijiao_gateway::{Endpoint, Gateway, NetError, Proxy, ProxyAccount, Submission, Timing};
use huijiao_protocol::problem::ProblemCode;
use kit::{Act, Ca, Server, answer, cut, endpoint, id, json, problem, status_of};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use uuid::Uuid;

const P7M: &[u8] = b"signed bytes";

async fn put(server: &Server) -> Submission {
    server.gateway().put_filing(id(), P7M.to_vec()).await
}

#[track_caller]
fn not_sent(outcome: Submission) -> NetError {
    match outcome {
        Submission::NotSent(error) => error,
        Submission::Answered(_) | Submission::Refused(_) | Submission::Unknown(_) => panic!("{outcome:?}"),
    }
}

#[track_caller]
fn unknown(outcome: Submission) -> NetError {
    match outcome {
        Submission::Unknown(error) => error,
        Submission::Answered(_) | Submission::Refused(_) | Submission::NotSent(_) => panic!("{outcome:?}"),
    }
}

#[tokio::test]
async fn an_answer_is_taken_and_the_bytes_arrive_as_they_are() {
    for status in ["201 Created", "200 OK"] {
        let server = Server::start(vec![json(status, &status_of(id()))]).await;
        let Submission::Answered(found) = put(&server).await else { panic!("{status}") };
        assert_eq!(found.filing_number, "YW1");
        assert_eq!(server.bodies(), [P7M]);
    }
}

#[tokio::test]
async fn nobody_listening_means_not_sent() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("https://localhost:{}", listener.local_addr().unwrap().port());
    drop(listener);
    let gateway = Gateway::connect(endpoint(&address, &Ca::new("CA")), None).unwrap();
    assert_eq!(not_sent(gateway.put_filing(id(), P7M.to_vec()).await).code(), "net-unreachable");

    let gateway = Gateway::connect(endpoint("https://no-such-center.invalid", &Ca::new("CA")), None).unwrap();
    assert_eq!(not_sent(gateway.put_filing(id(), P7M.to_vec()).await).code(), "net-unreachable");
}

#[tokio::test]
async fn a_server_that_never_shakes_hands_means_not_sent() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("https://localhost:{}", listener.local_addr().unwrap().port());
    let mut endpoint = endpoint(&address, &Ca::new("CA"));
    endpoint.timing = Timing { connect: Duration::from_millis(50), ..endpoint.timing };
    let error = not_sent(Gateway::connect(endpoint, None).unwrap().put_filing(id(), P7M.to_vec()).await);
    assert!(matches!(error, NetError::Unreachable { timed_out: true, .. }), "{error:?}");
}

#[tokio::test]
async fn a_server_that_speaks_no_tls_means_not_sent() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("https://localhost:{}", listener.local_addr().unwrap().port());
    tokio::spawn(async move {
        loop {
            let (mut socket, _) = listener.accept().await.unwrap();
            socket.write_all(b"HTTP/1.1 200 OK\r\n\r\n<html>login</html>").await.unwrap();
            let _ = socket.read(&mut [0; 1024]).await;
        }
    });
    let gateway = Gateway::connect(endpoint(&address, &Ca::new("CA")), None).unwrap();
    assert_eq!(not_sent(gateway.put_filing(id(), P7M.to_vec()).await).code(), "net-tls");
}

#[tokio::test]
async fn a_server_of_another_ca_or_another_name_gets_nothing() {
    let server = Server::start(vec![json("201 Created", &status_of(id()))]).await;
    let gateway = Gateway::connect(endpoint(&server.base_url, &Ca::new("the true CA")), None).unwrap();
    assert_eq!(not_sent(gateway.put_filing(id(), P7M.to_vec()).await).code(), "net-certificate-untrusted");
    assert_eq!(server.requests(), 0, "not even the head");

    let server = Server::start_asking_for(vec![Act::Hang], None, "elsewhere.example").await;
    assert_eq!(not_sent(put(&server).await).code(), "net-certificate-untrusted");
    assert_eq!(server.requests(), 0);
}

#[tokio::test]
async fn f25_a_server_whose_certificate_does_not_hold_by_this_clock_is_not_called_a_stranger() {
    for years in [2001..2002, 4000..4001] {
        let server = Server::valid_in(years).await;
        assert_eq!(not_sent(put(&server).await).code(), "net-server-time", "the clock may be wrong as well");
        let gateway = Gateway::connect(endpoint(&server.base_url, &Ca::new("the true CA")), None).unwrap();
        let strange = not_sent(gateway.put_filing(id(), P7M.to_vec()).await);
        assert_eq!(strange.code(), "net-certificate-untrusted", "of a stranger's the dates say nothing");
        assert_eq!(server.requests(), 0, "not even the head");
    }
}

#[tokio::test]
async fn a_server_whose_certificate_is_revoked_gets_nothing_and_is_named() {
    let server = Server::start(vec![json("201 Created", &status_of(id()))]).await;
    let gateway = server.gateway();
    for harmless in [server.ca.crl(false), Ca::new("another").crl(true)] {
        gateway.refuse_revoked(&[harmless]).unwrap();
        let taken = gateway.put_filing(id(), P7M.to_vec()).await;
        assert!(matches!(taken, Submission::Answered(_)), "neither an empty list nor another authority's: {taken:?}");
    }
    let before = server.requests();
    gateway.refuse_revoked(&[server.ca.crl(true)]).unwrap();
    let refused = not_sent(gateway.put_filing(id(), P7M.to_vec()).await);
    assert_eq!(refused.code(), "net-server-revoked", "it showed its certificate before, and has to show it again");
    assert!(gateway.refuse_revoked(&[b"no list".to_vec()]).is_err());
    assert_eq!(not_sent(gateway.put_filing(id(), P7M.to_vec()).await).code(), "net-server-revoked", "still");
    assert_eq!(server.requests(), before, "not even the head");
}

/// openssl serves TLS 1.1 only where its own rules are turned off; `HUIJIAO_WITHOUT_OPENSSL` says that a computer has none.
#[tokio::test]
async fn f26_a_server_of_outdated_tls_alone_gets_nothing() {
    if std::env::var_os("HUIJIAO_WITHOUT_OPENSSL").is_some() {
        eprintln!("not run: HUIJIAO_WITHOUT_OPENSSL is set, and nothing else here speaks TLS 1.1");
        return;
    }
    let folder = std::env::temp_dir().join(format!("huijiao-tls-{}", Uuid::now_v7()));
    std::fs::create_dir(&folder).unwrap();
    let ca = Ca::new("the center's");
    let (certificate, key) = ca.issue("localhost");
    std::fs::write(folder.join("own.der"), certificate).unwrap();
    std::fs::write(folder.join("key.der"), key).unwrap();
    // The port is free when it is asked for, and somebody else may be faster: another one then.
    let (mut server, port) = loop {
        let port = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
        let mut server = std::process::Command::new("openssl")
            .args(["s_server", "-tls1_1", "-cipher", "DEFAULT:@SECLEVEL=0", "-certform", "DER", "-keyform", "DER"])
            .args(["-cert", "own.der", "-key", "key.der", "-naccept", "3", "-accept", &format!("127.0.0.1:{port}")])
            .current_dir(&folder)
            .stdin(std::process::Stdio::piped())
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let mut said = std::io::BufReader::new(server.stdout.take().unwrap());
        while std::io::BufRead::read_line(&mut said, &mut line).unwrap() > 0 && !line.contains("ACCEPT") {}
        if line.contains("ACCEPT") {
            // Its words are read on, so that it never waits for a reader.
            std::thread::spawn(move || std::io::copy(&mut said, &mut std::io::sink()));
            break (server, port);
        }
        server.wait().unwrap();
    };
    // It does speak: the old protocol, to whoever still does.
    let old = std::process::Command::new("openssl")
        .args(["s_client", "-tls1_1", "-cipher", "DEFAULT:@SECLEVEL=0", "-connect", &format!("127.0.0.1:{port}")])
        .stdin(std::process::Stdio::null())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&old.stdout).into_owned();
    let gateway = Gateway::connect(endpoint(&format!("https://localhost:{port}"), &ca), None).unwrap();
    let outcome = gateway.put_filing(id(), P7M.to_vec()).await;
    server.kill().unwrap();
    server.wait().unwrap();
    std::fs::remove_dir_all(&folder).unwrap();
    assert!(said.contains("TLSv1.1"), "{said}");
    assert_eq!(not_sent(outcome).code(), "net-tls-outdated");
}

#[tokio::test]
async fn a_refused_client_certificate_means_not_sent() {
    let operators = Ca::new("operators");
    let act = || vec![json("201 Created", &status_of(id()))];
    let server = Server::start_asking_for(act(), Some(&operators), "localhost").await;
    let own = server.gateway_with(Some(operators.identity()));
    assert!(matches!(own.put_filing(id(), P7M.to_vec()).await, Submission::Answered(_)), "the right one is taken");

    let server = Server::start_asking_for(act(), Some(&operators), "localhost").await;
    for identity in [Some(Ca::new("others").identity()), None] {
        let outcome = server.gateway_with(identity).put_filing(id(), P7M.to_vec()).await;
        assert_eq!(not_sent(outcome).code(), "net-client-certificate");
    }
    assert_eq!(server.requests(), 0);
}

#[tokio::test]
async fn an_answer_lost_after_sending_is_unknown_and_sent_once() {
    let server = Server::start(vec![Act::Hang]).await;
    assert_eq!(unknown(put(&server).await).code(), "net-cut");
    assert_eq!(server.bodies(), [P7M], "the center had it, and only once");

    let server = Server::start(vec![Act::HangEarly]).await;
    let outcome = server.gateway().put_filing(id(), vec![7; 4_000_000]).await;
    unknown(outcome);
    assert_eq!(server.requests(), 1);
}

#[tokio::test]
async fn silence_after_sending_is_unknown() {
    let server = Server::start(vec![Act::Silence]).await;
    let mut endpoint = endpoint(&server.base_url, &server.ca);
    endpoint.timing.submit = Duration::from_millis(500);
    let outcome = Gateway::connect(endpoint, None).unwrap().put_filing(id(), P7M.to_vec()).await;
    assert_eq!(unknown(outcome).code(), "net-timeout");
}

#[tokio::test]
async fn answers_that_cannot_be_relied_on_are_unknown() {
    let good = || json("201 Created", &status_of(id()));
    let cases = [
        ("cut body", cut(good()), "net-answer-broken"),
        ("cut head", Act::Say(b"HTTP/1.1 201 Cre".to_vec()), "net-cut"),
        ("broken JSON", answer("201 Created", "application/json", "", "{\"id\":"), "net-answer-broken"),
        ("another filing", json("201 Created", &status_of(Uuid::from_u128(1))), "net-answer-broken"),
        ("text", answer("200 OK", "text/plain", "", "ok"), "net-answer-broken"),
        ("page", answer("200 OK", "text/html; charset=utf-8", "", "<html>"), "net-portal"),
        ("redirect", answer("302 Found", "text/html", "location: /login\r\n", ""), "net-portal"),
        ("nothing", answer("204 No Content", "application/json", "", ""), "net-answer-broken"),
        ("503", problem("503 Service Unavailable", "retry-after: 7\r\n", "unavailable"), "net-busy"),
        ("500", problem("500 Internal Server Error", "", "internal"), "net-server"),
        ("502 of a proxy", answer("502 Bad Gateway", "text/html", "", "<html>"), "net-server"),
        ("408", answer("408 Request Timeout", "text/plain", "", ""), "net-server"),
        ("403 of a filter", answer("403 Forbidden", "text/html", "", "<html>"), "net-answer-broken"),
        ("404 of a proxy", answer("404 Not Found", "text/plain", "", "no"), "net-answer-broken"),
        ("cut problem", cut(problem("409 Conflict", "", "roster_changed")), "net-answer-broken"),
    ];
    for (what, act, code) in cases {
        let server = Server::start(vec![act]).await;
        assert_eq!(unknown(put(&server).await).code(), code, "{what}");
        assert_eq!(server.requests(), 1, "{what}: never sent again from here");
    }
}

#[tokio::test]
async fn too_many_requests_is_not_sent_and_says_how_long() {
    let cases =
        [("retry-after: 30\r\n", Some(30)), ("retry-after: Mon, 06 Jul 2026 06:38:00 GMT\r\n", Some(30)), ("", None)];
    for (header, wait) in cases {
        let server = Server::start(vec![problem("429 Too Many Requests", header, "rate_limited")]).await;
        let error = not_sent(put(&server).await);
        let NetError::Busy { retry_after } = error else { panic!("{error:?}") };
        assert_eq!(retry_after, wait);
    }
}

#[tokio::test]
async fn a_refusal_comes_with_its_rows() {
    for (status, code) in [
        ("409 Conflict", ProblemCode::RosterChanged),
        ("422 Unprocessable Content", ProblemCode::ChecksFailed),
        ("400 Bad Request", ProblemCode::Malformed),
        ("401 Unauthorized", ProblemCode::CertificateMissing),
        ("403 Forbidden", ProblemCode::RoleMissing),
        ("403 Forbidden", ProblemCode::RoleEnded),
        ("409 Conflict", ProblemCode::ClerkRoleEnded),
        ("404 Not Found", ProblemCode::NotFound),
        ("413 Content Too Large", ProblemCode::TooLarge),
    ] {
        let server = Server::start(vec![problem(status, "", code.as_str())]).await;
        let Submission::Refused(found) = put(&server).await else { panic!("{status}") };
        assert_eq!((found.code, found.errors[0].row), (code, Some(3)));
    }
}

/// A proxy that lets nobody through but this user with this password, and only to where it was asked to; gives its
/// address and what it was told.
async fn proxy(user: &str, password: &str) -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://127.0.0.1:{}", listener.local_addr().unwrap().port());
    let pass = format!("proxy-authorization: Basic {}\r\n", STANDARD.encode(format!("{user}:{password}")));
    let heard = Arc::new(Mutex::new(Vec::new()));
    let hearing = heard.clone();
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                match socket.read_u8().await {
                    Ok(byte) => head.push(byte),
                    Err(_) => break,
                }
            }
            let head = String::from_utf8(head).unwrap();
            hearing.lock().unwrap().push(head.clone());
            if !head.to_lowercase().contains(&pass.to_lowercase()) {
                let refusal = b"HTTP/1.1 407 Proxy Authentication Required\r\nproxy-authenticate: Basic realm=\"office\"\r\ncontent-length: 0\r\n\r\n";
                let _ = socket.write_all(refusal).await;
                continue;
            }
            let target = head.strip_prefix("CONNECT ").and_then(|rest| rest.split(' ').next()).unwrap().to_owned();
            let mut behind = TcpStream::connect(target).await.unwrap();
            socket.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").await.unwrap();
            tokio::spawn(async move { tokio::io::copy_bidirectional(&mut socket, &mut behind).await });
        }
    });
    (address, heard)
}

#[tokio::test]
async fn a_proxy_with_a_password_is_passed_by_whoever_has_it_and_others_are_told_so() {
    let server = Server::start(vec![json("201 Created", &status_of(id()))]).await;
    let (address, heard) = proxy("周敏", "密码:1").await;
    let through = |account: Option<(&str, &str)>| {
        let account = account.map(|(user, password)| ProxyAccount { user: user.into(), password: password.into() });
        let proxy = Proxy::Manual { address: address.clone(), account };
        let endpoint = Endpoint { proxy, ..endpoint(&server.base_url, &server.ca) };
        async move { Gateway::connect(endpoint, None).unwrap().put_filing(id(), P7M.to_vec()).await }
    };
    for account in [None, Some(("周敏", "密码")), Some(("周", "密码:1"))] {
        assert_eq!(not_sent(through(account).await).code(), "net-proxy-account", "{account:?}");
    }
    assert_eq!(server.requests(), 0, "nothing went round the proxy");
    let Submission::Answered(_) = through(Some(("周敏", "密码:1"))).await else { panic!("it has the password") };
    assert_eq!(server.requests(), 1);
    let heard = heard.lock().unwrap().join("");
    assert!(
        heard.lines().filter(|line| line.starts_with("CONNECT ")).count() == 4 && !heard.contains("PUT "),
        "{heard}"
    );

    let nobody = Proxy::Manual { address: "http://127.0.0.1:1".into(), account: None };
    let endpoint = Endpoint { proxy: nobody, ..endpoint(&server.base_url, &server.ca) };
    let outcome = Gateway::connect(endpoint, None).unwrap().put_filing(id(), P7M.to_vec()).await;
    assert_eq!(not_sent(outcome).code(), "net-proxy", "one that is not there is another matter");
}
