//! Tokens with SM2 keys, by SKF: a filing from the token to the center's books, and everything that goes wrong with one.

use huijiao_desk::DeskConfig;
use huijiao_desk::views::{HomeView, ReviewView, TokenSearchView};
use huijiao_signing::issue::{Operator, Sm2Ca};
use huijiao_signing::{Kept, PinState, SignError, SignSession, Tokens};
use huijiao_tests::skf::SkfDriver;
use huijiao_tests::{PASSPHRASE, config};

use super::*;

/// The token's PIN.
const TYPED: &str = "246810";

#[tokio::test(flavor = "multi_thread")]
async fn a_filing_is_signed_on_a_token_accepted_by_the_center_and_openssl_agrees() {
    let scene = Scene::open(SignatureIdentifiers::Gmt).await;
    let files = P12Folder::new(scene.folder.path().join("keys"));
    let own = files.open(CLERK_KEY).unwrap().certificate().clone();
    let driver = SkfDriver::install(&scene.folder.path().join("driver"));
    driver.token("ukey", TYPED);
    driver.put("ukey", "签名", &own, &scene.folder.path().join(format!("{CLERK_KEY}-issued.p12")), PIN);
    let tokens = Tokens::at(vec![driver.library()]);
    let [key] = <[_; 1]>::try_from(tokens.list().unwrap()).expect("one key");
    assert_eq!((key.kept, key.tries_left), (Kept::Token { label: "ukey".into() }, None));

    let folder = scene.folder.path().join("with-token");
    let desk = Arc::new(Desk::new(DeskConfig { tokens, ..config(&folder, Path::new(WORKER)) }));
    desk.set_passphrase(PASSPHRASE).unwrap();
    let connection = Connection {
        certificates: scene.folder.path().join("no keys in files"),
        login: Some((key.id.clone(), TYPED.into())),
        ..scene.connection(CLERK_KEY)
    };
    let session = desk.enter(connection).await.unwrap();
    assert_eq!((session.connection.as_str(), session.role.as_str()), ("reachable", "经办人"), "by the challenge");

    let draft = import(&desk, &scene.books.join(workbooks::CLEAN), "2026-07").await.unwrap();
    let draft = settle(&desk, draft).await.unwrap();
    let review: ReviewView = call(&desk, "review", json!({ "draft": draft.draft })).await.unwrap();
    let shown = review.certificates.iter().find(|one| one.certificate == key.id).unwrap();
    assert_eq!((shown.kept.as_str(), shown.algorithm.as_str(), shown.usable), ("UKey（ukey）", "国密 SM2", true));

    let refused = sign(&desk, &draft, &key.id, "000000").await.unwrap_err();
    assert_eq!((refused.code.as_str(), refused.args["left"].as_str()), ("sign-wrong-pin", "5"), "it says so");
    let home: HomeView = call(&desk, "home", json!({})).await.unwrap();
    assert!(home.filings.is_empty(), "with a wrong PIN nothing is signed");
    let filed = sign(&desk, &draft, &key.id, TYPED).await.unwrap();
    assert_eq!(filed.line.stage, FilingStage::AwaitingApproval, "{:?}", filed.trouble);

    let file = scene.gateway().filing_file(filed.line.filing.parse().unwrap()).await.unwrap();
    let anchors = TrustAnchors::from_der(scene.center.anchors()).unwrap();
    let verified = verify(&file, &anchors, scene.center.clock().now(), Purpose::Filing, &[]).unwrap();
    assert_eq!(verified.signers[0].certificate, own);
    independent(&file, &[&own]);

    let found: TokenSearchView = call(&desk, "token_search", json!({})).await.unwrap();
    let [module] = found.modules.as_slice() else { panic!("{:?}", found.modules) };
    assert_eq!((module.said.as_str(), module.slots), ("SKF（GM/T 0016）", 1), "what answered");
    assert_eq!((module.tokens[0].label.as_str(), module.tokens[0].pin.as_str()), ("ukey", "可以输入"));
    assert_eq!(module.tokens[0].certificates[0].refused, "", "and can be used");
    assert!(found.report.contains("SKF（GM/T 0016）") && !found.report.contains(CLERK), "{}", found.report);
}

#[test]
fn a_wrong_pin_a_locked_one_a_token_pulled_out_and_a_strange_key_are_told_apart() {
    let folder = TempDir::new().unwrap();
    let now = Timestamp::now();
    let ca = Sm2Ca::new("国密测试根", Validity::years(now, 2)).unwrap();
    let keys = P12Folder::new(folder.path().join("keys"));
    let issue = |name: &str| {
        let operator = Operator { name, unit_name: "示例单位", credit_code: "91410800MA0000000Y" };
        let issued = ca.issue_operator(&operator, Validity::years(now, 1), &Pin::new(PIN)).unwrap();
        keys.install(name, &issued.p12, &Pin::new(PIN)).unwrap();
        (issued.certificate, folder.path().join(format!("keys/{name}.p12")))
    };
    let ((own, file), (strange, _), (rsa, _)) = (issue("王晓梅"), issue("李建国"), issue("陈立新"));
    let driver = SkfDriver::install(&folder.path().join("driver"));
    driver.token("a", TYPED);
    driver.put("a", "签名", &own, &file, PIN);
    driver.put("a", "错放", &strange, &file, PIN);
    driver.rsa("a", "不是国密", &rsa);
    driver.token("b", TYPED);
    let tokens = Tokens::at(vec![driver.library()]);

    let listed = tokens.list().unwrap();
    let holders: BTreeSet<_> = listed.iter().map(|key| key.certificate.as_ref().unwrap().holder()).collect();
    assert_eq!(holders, BTreeSet::from(["王晓梅", "李建国"]), "of SM2 only");
    let id_of = |name: &str| {
        let key = listed.iter().find(|key| key.certificate.as_ref().is_some_and(|one| one.holder() == name));
        key.unwrap().id.clone()
    };
    let at = now.to_string();
    let signed = |session: &mut dyn SignSession| sign_attached(session, b"{}", &at, Role::Clerk, Purpose::Filing, None);

    let mut session = tokens.open(&id_of("王晓梅")).unwrap();
    assert!(matches!(signed(&mut *session), Err(SignError::NotLoggedIn)));
    assert!(matches!(session.login(&Pin::new("000000")), Err(SignError::WrongPin { left: 5 })));
    assert!(matches!(signed(&mut *session), Err(SignError::NotLoggedIn)), "a wrong PIN opens nothing");
    assert!(matches!(session.login(&Pin::new("24\u{0}6810")), Err(SignError::WrongTokenPin)), "nor half a one");
    session.login(&Pin::new(TYPED)).unwrap();
    let p7m = signed(&mut *session).unwrap();
    verify(&p7m, &ca.anchors(), now, Purpose::Filing, &[]).unwrap();
    assert!(matches!(session.tls_identity(), Err(SignError::Unsupported { .. })), "TLS knows no SM2");

    let mut another = tokens.open(&id_of("李建国")).unwrap();
    another.login(&Pin::new(TYPED)).unwrap();
    assert!(matches!(signed(&mut *another), Err(SignError::KeyMismatch)), "what it signed is not given out");
    another.logout();
    assert!(signed(&mut *session).is_ok(), "who is logged in stays so while another one leaves");

    let change = |old: &str, new: &str| tokens.change_pin(&id_of("王晓梅"), &Pin::new(old), &Pin::new(new));
    assert!(matches!(change("000000", "135790"), Err(SignError::WrongPin { left: 5 })), "it counts here too");
    assert!(matches!(change(TYPED, "13579"), Err(SignError::TokenPinForm { least: 6, most: 16 })), "by the standard");
    assert!(matches!(change(TYPED, "135790135790"), Err(SignError::TokenPinForm { .. })), "and by the token's maker");
    change(TYPED, "135790").unwrap();
    assert!(matches!(another.login(&Pin::new(TYPED)), Err(SignError::WrongPin { left: 5 })), "the old one is none now");
    another.login(&Pin::new("135790")).unwrap();
    another.logout();
    change("135790", TYPED).unwrap();
    session.login(&Pin::new(TYPED)).unwrap();

    driver.pull("a");
    assert!(matches!(signed(&mut *session), Err(SignError::TokenRemoved)));
    assert!(tokens.list().unwrap().is_empty());
    assert!(matches!(tokens.open(&id_of("王晓梅")).err(), Some(SignError::TokenRemoved)));
    driver.plug("a");
    assert!(matches!(signed(&mut *session), Err(SignError::NotLoggedIn)), "nobody signs without a PIN again");

    for left in (1..=5).rev() {
        let outcome = session.login(&Pin::new("000000")).unwrap_err();
        assert!(matches!(outcome, SignError::WrongPin { left: told } if told == left), "{left}: {outcome}");
    }
    assert_eq!(tokens.list().unwrap()[0].tries_left, Some(1), "the last one is told of");
    assert!(matches!(session.login(&Pin::new("000000")), Err(SignError::TokenLocked)));
    assert!(matches!(session.login(&Pin::new(TYPED)), Err(SignError::TokenLocked)), "the right one comes too late");
    session.logout();
    let survey = tokens.survey();
    let answer = survey.modules[0].answer.as_ref().unwrap();
    let pins: Vec<_> = answer.tokens.iter().map(|token| (token.label.as_str(), token.pin)).collect();
    assert_eq!(pins, [("a", PinState::Locked), ("b", PinState::Ready)], "each token its own");
    assert_eq!(driver.open(), "0", "nothing of a token's is left open");
}
