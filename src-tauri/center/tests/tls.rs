//! What the center speaks to a stranger, seen by openssl: TLS 1.2 and 1.3 with strong ciphers, and it asks who one is.
#![allow(clippy::unwrap_used, reason = "a test that cannot start has failed")]

mod common;

use std::process::{Command, Stdio};

use common::World;
use huijiao_protocol::problem::ProblemCode;

/// Everything that openssl says when it shakes hands like this; `None` where no connection came of it.
fn shake_hands(world: &World, like: &[&str]) -> Option<String> {
    let output = Command::new("openssl")
        .args(["s_client", "-connect", &world.center.address().to_string(), "-servername", "localhost"])
        .args(["-CAfile".as_ref(), world.folder.path().join("ca.pem").as_os_str()])
        .args(["-attime", &world.clock.now().as_second().to_string(), "-verify_return_error"])
        .args(like)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    output.status.success().then_some(said)
}

#[tokio::test(flavor = "multi_thread")]
async fn only_tls_1_2_and_1_3_with_strong_ciphers_are_spoken() {
    let world = World::new().await;
    for (version, name) in [("-tls1_2", "TLSv1.2"), ("-tls1_3", "TLSv1.3")] {
        let said = shake_hands(&world, &[version]).unwrap_or_else(|| panic!("{name} is refused"));
        assert!(said.contains(name) && said.contains("Verify return code: 0 (ok)"), "{said}");
        assert!(said.contains("Acceptable client certificate CA names"), "it asks for a certificate: {said}");
    }
    let weak = "ALL:@SECLEVEL=0";
    for version in ["-tls1", "-tls1_1"] {
        assert_eq!(shake_hands(&world, &[version, "-cipher", weak]), None, "{version}");
    }
    for ciphers in
        ["kRSA", "kDHE", "aNULL", "eNULL", "3DES", "ECDHE+AES+SHA1", "ECDHE+AES+SHA256:!AESGCM:!AESCCM", "CAMELLIA"]
    {
        let like = ["-tls1_2", "-cipher", &format!("{ciphers}:@SECLEVEL=0")];
        assert_eq!(shake_hands(&world, &like), None, "without forward secrecy, authentication or an AEAD: {ciphers}");
    }
    let said = shake_hands(&world, &["-tls1_2", "-cipher", "ECDHE+AESGCM"]).unwrap();
    assert!(said.contains("Secure Renegotiation IS supported") && said.contains("Compression: NONE"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_certificate_only_what_is_for_everybody_is_said() {
    let world = World::new().await;
    let nobody = world.client(None);
    for path in ["/v1/units", "/v1/filings", "/v1/certificates", "/v1/events"] {
        nobody.get(path).await.problem(ProblemCode::CertificateMissing);
    }
    for path in ["/v1/center", "/v1/crl"] {
        assert_eq!(nobody.get(path).await.status, 200, "{path}");
    }
}
