//! Where the way ends, named by the part that is at fault.
#![allow(clippy::unwrap_used)]

mod kit;

use std::time::Duration;

use huijiao_domain::profile::{CenterProfile, MinimumTls};
use huijiao_gateway::{Endpoint, Gateway, NetError, Probe, Proxy, Timing, Way};
use huijiao_protocol::resources::CenterInfo;
use kit::{Act, Ca, Server, answer, endpoint, json};

async fn ends(endpoint: Endpoint) -> (Way, &'static str) {
    let proxy = endpoint.proxy.clone();
    match Gateway::connect(endpoint, None).unwrap().probe(&proxy, Duration::from_secs(2)).await {
        Probe::Ends(way, error) => (way, error.code()),
        Probe::Open(_) => unreachable!("nothing here answers as a center"),
    }
}

fn quick(mut endpoint: Endpoint) -> Endpoint {
    endpoint.timing = Timing { tries: 1, connect: Duration::from_secs(5), ..endpoint.timing };
    endpoint
}

/// A port of this computer that nobody listens at.
fn closed_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

#[tokio::test]
async fn each_part_of_the_way_is_named_where_it_fails() {
    let server = Server::start(vec![answer("200 OK", "text/html", "", "<html>login</html>")]).await;
    assert_eq!(
        ends(quick(endpoint(&server.base_url, &server.ca))).await,
        (Way::Http, "net-portal"),
        "it answered, but not as a center"
    );

    let server = Server::start(vec![Act::Hang]).await;
    let mut strange = quick(endpoint(&server.base_url, &server.ca));
    strange.anchors = vec![Ca::new("another").anchor()];
    assert_eq!(ends(strange).await, (Way::Tls, "net-certificate-untrusted"), "somebody in between");

    let server = Server::start(vec![Act::Hang]).await;
    let mut strange = quick(endpoint(&server.base_url, &server.ca));
    strange.anchors = vec![Ca::new("another").anchor()];
    let proxy = strange.proxy.clone();
    let probed = Gateway::connect(strange, None).unwrap().probe(&proxy, Duration::from_secs(2)).await;
    let Probe::Ends(_, NetError::CertificateUntrusted { shown: Some(shown), .. }) = probed else {
        unreachable!("it showed a certificate: {probed:?}")
    };
    assert!(shown.windows(7).any(|part| part == b"test CA"), "by which its issuer can be named");
    assert_eq!(server.requests(), 0, "and nothing was said to it");

    let mut closed = quick(endpoint(&server.base_url, &server.ca));
    closed.base_url = format!("https://127.0.0.1:{}", closed_port());
    assert_eq!(ends(closed.clone()).await, (Way::Tcp, "net-unreachable"), "the name is known, nobody listens");

    let mut nowhere = closed.clone();
    nowhere.base_url = "https://center.invalid".into();
    assert_eq!(ends(nowhere).await, (Way::Name, "net-unreachable"), "a name that can never be known");

    let mut proxied = closed;
    proxied.proxy = Proxy::Manual { address: format!("http://127.0.0.1:{}", closed_port()), account: None };
    assert_eq!(ends(proxied).await, (Way::Proxy, "net-proxy"), "the proxy itself is not there");
}

#[tokio::test]
async fn a_center_of_tls_1_2_alone_is_heard_where_the_rules_allow_that_and_nowhere_else() {
    let profile = CenterProfile::shipped("demo").unwrap();
    let info = CenterInfo { protocol: 1, time: "2026-07-06T14:37:30+08:00".into(), profile, kinds: Vec::new() };
    let server = Server::of_tls12(vec![json("200 OK", &serde_json::to_value(&info).unwrap())]).await;
    let usual = quick(endpoint(&server.base_url, &server.ca));
    assert_eq!(ends(usual.clone()).await, (Way::Tls, "net-tls-outdated"), "TLS 1.3 is what is spoken");
    assert_eq!(server.requests(), 0, "and nothing was said to it");

    let allowed = Endpoint { minimum_tls: MinimumTls::Tls12, ..usual };
    let proxy = allowed.proxy.clone();
    let probed = Gateway::connect(allowed.clone(), None).unwrap().probe(&proxy, Duration::from_secs(2)).await;
    let Probe::Open(said) = probed else { unreachable!("it answers: {probed:?}") };
    assert_eq!(*said, info);
    let strange = Endpoint { anchors: vec![Ca::new("another").anchor()], ..allowed };
    assert_eq!(ends(strange).await, (Way::Tls, "net-certificate-untrusted"), "who it is counts as ever");
}
