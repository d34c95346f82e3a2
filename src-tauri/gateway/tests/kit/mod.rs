//! A server that does exactly what a test says, over true TLS.
#![allow(clippy::unwrap_used, dead_code, unreachable_pub)]

use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use huijiao_gateway::{Endpoint, Gateway, Identity, Proxy, Timing};
use rcgen::{
    BasicConstraints, CertificateParams, CertificateRevocationListParams, CertifiedIssuer, DnType, IsCa, KeyIdMethod,
    KeyPair, RevokedCertParams, SerialNumber,
};
use rustls::crypto::ring;
use rustls::server::WebPkiClientVerifier;
use rustls::version::TLS12;
use rustls::{RootCertStore, ServerConfig, SupportedProtocolVersion};
use rustls_pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use uuid::Uuid;

/// Of everything that is issued.
const SERIAL: &[u8] = &[0x11, 0x22, 0x33];

pub struct Ca(CertifiedIssuer<'static, KeyPair>);

impl Ca {
    pub fn new(name: &str) -> Self {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    pub fn anchor(&self) -> Vec<u8> {
        self.0.der().to_vec()
    }

    /// Certificate and PKCS#8 key for a host or an operator.
    pub fn issue(&self, name: &str) -> (Vec<u8>, Vec<u8>) {
        self.issue_for(name, 2020..4096)
    }

    /// As [`Ca::issue`], valid in these years.
    pub fn issue_for(&self, name: &str, years: Range<i32>) -> (Vec<u8>, Vec<u8>) {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        params.serial_number = Some(SerialNumber::from_slice(SERIAL));
        params.not_before = rcgen::date_time_ymd(years.start, 1, 1);
        params.not_after = rcgen::date_time_ymd(years.end, 1, 1);
        let certificate = params.signed_by(&key, &self.0).unwrap();
        (certificate.der().to_vec(), key.serialize_der())
    }

    /// A revocation list, with everything that it issued or with nothing.
    pub fn crl(&self, all: bool) -> Vec<u8> {
        let at = |year| rcgen::date_time_ymd(year, 1, 1);
        let revoked = all.then(|| RevokedCertParams {
            serial_number: SerialNumber::from_slice(SERIAL),
            revocation_time: at(2025),
            reason_code: None,
            invalidity_date: None,
        });
        let params = CertificateRevocationListParams {
            this_update: at(2026),
            next_update: at(2049),
            crl_number: SerialNumber::from(1_u64),
            issuing_distribution_point: None,
            revoked_certs: revoked.into_iter().collect(),
            key_identifier_method: KeyIdMethod::Sha256,
        };
        params.signed_by(&self.0).unwrap().der().to_vec()
    }

    pub fn identity(&self) -> Identity {
        let (certificate, key) = self.issue("operator");
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key));
        Identity { chain: vec![certificate], key: ring::sign::any_supported_type(&key).unwrap() }
    }
}

/// What the server does with one request, after it has read all of it.
#[derive(Clone)]
pub enum Act {
    /// Sends these bytes and closes.
    Say(Vec<u8>),
    /// Closes without a word.
    Hang,
    /// Closes as soon as the head is read, the body unread.
    HangEarly,
    /// Says nothing and keeps the line.
    Silence,
}

pub struct Server {
    pub ca: Ca,
    pub base_url: String,
    requests: Arc<AtomicUsize>,
    bodies: Arc<Mutex<Vec<Vec<u8>>>>,
}

impl Server {
    /// Answers one request per act; the last act goes on for ever.
    pub async fn start(acts: Vec<Act>) -> Self {
        Self::start_asking_for(acts, None, "localhost").await
    }

    pub async fn start_asking_for(acts: Vec<Act>, clients: Option<&Ca>, host: &str) -> Self {
        let ca = Ca::new("test CA");
        let own = ca.issue(host);
        Self::showing(ca, own, acts, clients, rustls::ALL_VERSIONS).await
    }

    /// One that speaks nothing but TLS 1.2.
    pub async fn of_tls12(acts: Vec<Act>) -> Self {
        let ca = Ca::new("test CA");
        let own = ca.issue("localhost");
        Self::showing(ca, own, acts, None, &[&TLS12]).await
    }

    /// One whose certificate is valid in these years.
    pub async fn valid_in(years: Range<i32>) -> Self {
        let ca = Ca::new("test CA");
        let own = ca.issue_for("localhost", years);
        Self::showing(ca, own, vec![Act::Hang], None, rustls::ALL_VERSIONS).await
    }

    async fn showing(
        ca: Ca,
        (certificate, key): (Vec<u8>, Vec<u8>),
        acts: Vec<Act>,
        clients: Option<&Ca>,
        versions: &[&'static SupportedProtocolVersion],
    ) -> Self {
        let provider = Arc::new(ring::default_provider());
        let builder = ServerConfig::builder_with_provider(provider.clone()).with_protocol_versions(versions).unwrap();
        let builder = match clients {
            None => builder.with_no_client_auth(),
            Some(clients) => {
                let mut roots = RootCertStore::empty();
                roots.add(CertificateDer::from(clients.anchor())).unwrap();
                builder.with_client_cert_verifier(
                    WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider).build().unwrap(),
                )
            }
        };
        let config = builder
            .with_single_cert(
                vec![CertificateDer::from(certificate)],
                PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key)),
            )
            .unwrap();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base_url = format!("https://localhost:{}", listener.local_addr().unwrap().port());
        let (requests, bodies) = (Arc::new(AtomicUsize::new(0)), Arc::new(Mutex::new(Vec::new())));
        let (counter, store) = (requests.clone(), bodies.clone());
        tokio::spawn(async move {
            loop {
                let (socket, _) = listener.accept().await.unwrap();
                let (acceptor, acts, counter, store) = (acceptor.clone(), acts.clone(), counter.clone(), store.clone());
                tokio::spawn(async move {
                    let mut stream = match acceptor.accept(socket).into_fallible().await {
                        Ok(stream) => stream,
                        Err((_, mut socket)) => {
                            // Closing on unread bytes would reset the connection and lose the alert.
                            while let Ok(1..) = socket.read(&mut [0; 4096]).await {}
                            return;
                        }
                    };
                    let mut seen = Vec::new();
                    let head = loop {
                        let mut chunk = [0; 16 * 1024];
                        let Ok(read @ 1..) = stream.read(&mut chunk).await else { return };
                        seen.extend_from_slice(&chunk[..read]);
                        if let Some(at) = seen.windows(4).position(|window| window == b"\r\n\r\n") {
                            break at + 4;
                        }
                    };
                    let act = acts[counter.fetch_add(1, Ordering::SeqCst).min(acts.len() - 1)].clone();
                    if matches!(act, Act::HangEarly) {
                        return;
                    }
                    let text = String::from_utf8_lossy(&seen[..head]).to_lowercase();
                    let length = text
                        .lines()
                        .find_map(|line| line.strip_prefix("content-length: ")?.trim().parse::<usize>().ok())
                        .unwrap_or(0);
                    let mut body = seen.split_off(head);
                    while body.len() < length {
                        let mut chunk = [0; 16 * 1024];
                        let Ok(read @ 1..) = stream.read(&mut chunk).await else { return };
                        body.extend_from_slice(&chunk[..read]);
                    }
                    store.lock().unwrap().push(body);
                    match act {
                        Act::Say(bytes) => {
                            stream.write_all(&bytes).await.unwrap();
                            let _ = stream.shutdown().await;
                        }
                        Act::Hang | Act::HangEarly => {}
                        Act::Silence => std::future::pending::<()>().await,
                    }
                });
            }
        });
        Self { ca, base_url, requests, bodies }
    }

    pub fn requests(&self) -> usize {
        self.requests.load(Ordering::SeqCst)
    }

    /// Bodies that were read to the end.
    pub fn bodies(&self) -> Vec<Vec<u8>> {
        self.bodies.lock().unwrap().clone()
    }

    pub fn gateway(&self) -> Gateway {
        self.gateway_with(None)
    }

    pub fn gateway_with(&self, identity: Option<Identity>) -> Gateway {
        Gateway::connect(endpoint(&self.base_url, &self.ca), identity).unwrap()
    }
}

/// Straight to the server, with little patience.
pub fn endpoint(base_url: &str, ca: &Ca) -> Endpoint {
    Endpoint {
        proxy: Proxy::None,
        timing: Timing { pause: Duration::from_millis(1), ..Timing::default() },
        ..Endpoint::new(base_url, vec![ca.anchor()])
    }
}

pub fn id() -> Uuid {
    Uuid::from_u128(0x0193_0000_0000_7000_8000_0000_0000_0001)
}

pub fn answer(status: &str, content_type: &str, extra: &str, body: &str) -> Act {
    Act::Say(
        format!(
            "HTTP/1.1 {status}\r\ncontent-type: {content_type}\r\ndate: Mon, 06 Jul 2026 06:37:30 GMT\r\n\
             content-length: {}\r\nconnection: close\r\n{extra}\r\n{body}",
            body.len()
        )
        .into_bytes(),
    )
}

pub fn json(status: &str, body: &serde_json::Value) -> Act {
    answer(status, "application/json", "", &body.to_string())
}

pub fn problem(status: &str, extra: &str, code: &str) -> Act {
    let number: u16 = status[..3].parse().unwrap();
    let body = serde_json::json!({
        "type": format!("urn:huijiao:problem:{code}"), "code": code, "status": number,
        "title": "标题", "detail": "说明", "filing_id": id(),
        "errors": [{"row": 3, "field": "new_base", "code": "BASE-ABOVE-CEILING", "message": "超过上限"}],
    });
    answer(status, "application/problem+json", extra, &body.to_string())
}

pub fn status_of(id: Uuid) -> serde_json::Value {
    serde_json::json!({
        "id": id, "filing_number": "YW1", "unit_account": "u", "kind": "base_adjustment", "period": "2026-07",
        "state": "accepted", "accepted_at": "2026-07-06T14:32:00+08:00", "filing_sha256": "00", "receipt": "",
    })
}

/// The same answer, its last bytes missing.
pub fn cut(act: Act) -> Act {
    let Act::Say(mut bytes) = act else { unreachable!() };
    bytes.truncate(bytes.len() - 5);
    Act::Say(bytes)
}
