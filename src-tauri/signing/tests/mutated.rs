//! What others wrote and somebody changed on the way: every reader says no or yes, and none of them falls over.
//! The changes come from a fixed seed, so that what is found once is found again.
#![allow(clippy::unwrap_used)]

use std::fs;

use huijiao_signing::issue::{DevelopmentCa, Operator, Validity};
use huijiao_signing::{
    Algorithm, Certificate, Crl, KeyProvider, P12Folder, Pin, Purpose, Request, Role, TrustAnchors, claimed_time,
    only_adds_signatures, sign_attached, verify, verify_foreign, verify_stamp,
};
use jiff::Timestamp;

const AT: &str = "2026-07-06T10:00:00+08:00";
const PIN: &str = "840275";

/// xorshift64
struct Chance(u64);

impl Chance {
    fn next(&mut self, below: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % below.max(1) as u64) as usize
    }

    /// One to four changes: a bit, an octet, a length, a piece cut out, doubled, or put elsewhere.
    fn changed(&mut self, sample: &[u8]) -> Vec<u8> {
        let mut bytes = sample.to_vec();
        for _ in 0..=self.next(3) {
            if bytes.is_empty() {
                break;
            }
            let at = self.next(bytes.len());
            let to = (at + 1 + self.next(24)).min(bytes.len());
            match self.next(7) {
                0 => bytes[at] ^= 1 << self.next(8),
                1 => bytes[at] = [0, 1, 0x7f, 0x80, 0x84, 0x88, 0xff][self.next(7)],
                2 => bytes[at] = self.next(256) as u8,
                3 => drop(bytes.drain(at..to)),
                4 => bytes.truncate(at),
                5 => {
                    let piece = bytes[at..to].to_vec();
                    bytes.splice(at..at, piece);
                }
                _ => {
                    let piece: Vec<u8> = bytes.drain(at..to).collect();
                    let other = self.next(bytes.len());
                    bytes.splice(other..other, piece);
                }
            }
        }
        bytes
    }
}

struct Samples {
    anchors: TrustAnchors,
    signed: Vec<u8>,
    content: Vec<u8>,
    certificate: Certificate,
    request: Request,
    crl: Crl,
    p12: Vec<u8>,
}

fn samples() -> Samples {
    let at: Timestamp = AT.parse().unwrap();
    let validity = Validity::years("2026-01-01T00:00:00Z".parse().unwrap(), 3);
    let ca = DevelopmentCa::new("演示根证书", validity).unwrap();
    let operator = Operator {
        name: "王晓梅", unit_name: "演示市示例科技有限公司", credit_code: "91410800MA0000000Y"
    };
    let issued = ca.issue_operator(&operator, validity, &Pin::new(PIN)).unwrap();
    let content = "{\"kind\":\"base_adjustment\",\"rows\":[]}".repeat(8).into_bytes();
    let mut key = ca.issue_operator_key(&operator, validity).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let request = P12Folder::new(folder.path().join("keys")).request("new", Algorithm::P256, &Pin::new(PIN)).unwrap();
    Samples {
        anchors: TrustAnchors::new(vec![ca.certificate().clone()]),
        signed: sign_attached(&mut key, &content, AT, Role::Clerk, Purpose::Filing, None).unwrap(),
        content,
        crl: ca.revocation_list(&[(&issued.certificate, at)], at, "2026-08-06T00:00:00Z".parse().unwrap()).unwrap(),
        certificate: issued.certificate,
        request,
        p12: issued.p12,
    }
}

#[test]
fn a_changed_file_is_never_believed_to_say_something_else() {
    let samples = samples();
    let at: Timestamp = AT.parse().unwrap();
    let mut chance = Chance(0x9E37_79B9_7F4A_7C15);
    let mut held = 0;
    for _ in 0..4000 {
        let bytes = chance.changed(&samples.signed);
        let crls = std::slice::from_ref(&samples.crl);
        let outcomes = [
            verify(&bytes, &samples.anchors, at, Purpose::Filing, crls).map(|verified| verified.content),
            verify_foreign(&bytes, &samples.anchors, at, &[]).map(|verified| verified.content),
        ];
        for content in outcomes.into_iter().flatten() {
            held += 1;
            assert_eq!(content, samples.content, "what holds is what was signed");
        }
        let _ = claimed_time(&bytes);
        let _ = only_adds_signatures(&bytes, &samples.signed);
        let _ = verify_stamp(&bytes, &samples.content, &samples.anchors);
    }
    assert!(held < 400, "most changes are noticed, or this test changes nothing: {held}");
}

#[test]
fn a_changed_certificate_request_or_list_is_read_or_refused() {
    let samples = samples();
    let mut chance = Chance(0x2545_F491_4F6C_DD1D);
    let (mut certificates, mut lists) = (0, 0);
    for _ in 0..4000 {
        if let Ok(certificate) = Certificate::from_der(&chance.changed(samples.certificate.der())) {
            certificates += 1;
            let at = certificate.not_before();
            let trusted = samples.anchors.check(&certificate, &[], at, &[]).is_ok();
            assert!(!trusted || certificate == samples.certificate, "nobody signed another one");
            let _ = (certificate.can_sign(), certificate.algorithm(), certificate.issuer_name(), certificate.pem());
        }
        if let Ok(crl) = Crl::from_der(&chance.changed(samples.crl.der())) {
            lists += 1;
            let trusted = samples.anchors.check_crl(&crl).is_ok();
            assert!(!trusted || crl.der() == samples.crl.der(), "nobody signed another one");
        }
        if let Ok(request) = Request::from_der(&chance.changed(samples.request.der())) {
            assert_eq!(request.der(), samples.request.der(), "only its own key signs a request");
        }
    }
    assert!(certificates > 50 && lists > 50, "some are still read: {certificates}, {lists}");
}

/// Listed, not opened: a changed number of rounds could take hours.
#[test]
fn changed_key_files_hide_nobody_elses_key() {
    let samples = samples();
    let mut chance = Chance(0xD1B5_4A32_D192_ED03);
    let folder = tempfile::tempdir().unwrap();
    for place in 0..200 {
        fs::write(folder.path().join(format!("{place}.p12")), chance.changed(&samples.p12)).unwrap();
    }
    let keys = P12Folder::new(folder.path());
    keys.install("good", &samples.p12, &Pin::new(PIN)).unwrap();
    let listed = keys.list().unwrap();
    let good = listed.iter().find(|key| key.id == "good").unwrap();
    assert_eq!(good.certificate.as_ref(), Some(&samples.certificate), "the one that is whole is still offered");
}
