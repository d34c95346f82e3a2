//! 经办与复核: two people of one unit at two computers, by the center and by file.
#![allow(clippy::unwrap_used, reason = "a test that cannot start has failed")]

use std::path::{Path, PathBuf};
use std::sync::Arc;

use huijiao_center::{Fault, Target, UnitRole};
use huijiao_demo::people::{practice_unit, unit_of};
use huijiao_demo::practice::{APPROVER, APPROVER_KEY, CLERK, CLERK_KEY, PIN, seed};
use huijiao_demo::{Door, Practice, workbooks};
use huijiao_desk::Desk;
use huijiao_desk::ports::{Clock, Connection, SystemClock};
use huijiao_desk::views::{
    ApprovalDone, ApprovalLines, ApprovalView, ApprovalsView, AuditView, ContributorView, ContributorsView, DraftView,
    EditOp, Exported, ExportedFile, FilingStage, FilingView, HomeView, PaymentsView, Preferences, ReadyLine, ReadyPart,
    ReadyState, ReviewView, SessionView, UiError,
};
use huijiao_domain::field::Field;
use huijiao_domain::filing::FilingKind;
use huijiao_domain::profile::{Approval, CenterProfile};
use huijiao_domain::roster::AccountStatus;
use huijiao_signing::issue::{DevelopmentCa, Operator, Validity, countersign_regardless};
use huijiao_signing::{Algorithm, KeyProvider, P12Folder, Pin, Purpose, TrustAnchors, only_adds_signatures, verify};
use huijiao_tests::{call, desk, desk_of, import, order, pulse, settle, sign, until};
use serde_json::{Value, json};
use tempfile::TempDir;

const WORKER: &str = env!("CARGO_BIN_EXE_huijiao-test-worker");

/// A center that wants one kind approved, the clerk at one computer and the approver at another.
struct Scene {
    folder: TempDir,
    practice: Practice,
    clerk: Arc<Desk>,
    approver: Arc<Desk>,
}

impl Scene {
    async fn open() -> Self {
        Self::wanting(FilingKind::BaseAdjustment).await
    }

    async fn wanting(kind: FilingKind) -> Self {
        let folder = TempDir::new().unwrap();
        let practice = Practice::open(&folder.path().join("practice"), SystemClock.now()).await.unwrap();
        let mut profile = CenterProfile::shipped("demo").unwrap();
        profile.kinds.insert(kind, Approval::Always);
        practice.center.seed(seed(&practice_unit(&profile).unwrap(), &profile)).await.unwrap();
        let [clerk, approver] = ["one", "two"].map(|name| desk(&folder.path().join(name), Path::new(WORKER)));
        let scene = Self { folder, practice, clerk, approver };
        scene.clerk.enter(scene.practice.connection()).await.unwrap();
        scene.approver.enter(scene.connection(APPROVER_KEY)).await.unwrap();
        scene
    }

    fn connection(&self, key: &str) -> Connection {
        Connection { login: Some((key.into(), PIN.into())), ..self.practice.connection() }
    }

    async fn draft(&self) -> DraftView {
        import(&self.clerk, &self.practice.workbook_folder.join(workbooks::CLEAN), "2026-07").await.unwrap()
    }

    /// A filing that the center has taken and that waits.
    async fn waiting(&self) -> FilingView {
        let filed = sign(&self.clerk, &self.draft().await, CLERK_KEY, PIN).await.unwrap();
        assert_eq!(filed.line.stage, FilingStage::AwaitingApproval, "{:?}", filed.trouble);
        filed
    }

    /// As little of a kind as can be filed: one row, or what the books say of July.
    async fn filed(&self, kind: FilingKind) -> FilingView {
        if kind == FilingKind::RemittanceVerification {
            return order(&self.clerk, json!({ "order": "verify", "through": "2026-07" })).await.unwrap();
        }
        if kind == FilingKind::Payment {
            let pay = json!({ "order": "pay", "pays": ["month:2026-07"], "method": "transfer" });
            return order(&self.clerk, pay).await.unwrap();
        }
        if kind == FilingKind::PaymentClaim {
            let unprocessed = self.payments().await.unprocessed;
            let claim = json!({ "order": "claim", "incoming": unprocessed[0].number, "to": "suspense" });
            return order(&self.clerk, claim).await.unwrap();
        }
        let new = json!({ "kind": kind.as_str(), "period": "2026-07" });
        let mut draft: DraftView = call(&self.clerk, "draft_new", new).await.unwrap();
        let set = |(field, text): (Field, String)| EditOp::Set { index: 0, field: field.as_str().into(), text };
        let ops: Vec<EditOp> = one_row(kind).into_iter().map(set).collect();
        let args = json!({ "draft": draft.draft, "revision": draft.revision, "ops": ops });
        draft = call(&self.clerk, "draft_edit", args).await.unwrap();
        draft = call(&self.clerk, "draft_lookup", json!({ "draft": draft.draft })).await.unwrap();
        if kind == FilingKind::Deferral {
            let paper = self.clerk.ticket_of_bytes("决议.pdf", b"%PDF-1.7 resolution".to_vec()).ticket;
            let args = json!({ "draft": draft.draft, "revision": draft.revision, "ticket": paper });
            draft = call(&self.clerk, "draft_attach", args).await.unwrap();
        }
        assert_eq!(draft.blocking, 0, "{}: {:?}", kind.label(), draft.summary);
        sign(&self.clerk, &settle(&self.clerk, draft).await.unwrap(), CLERK_KEY, PIN).await.unwrap()
    }

    async fn review(&self, filing: &FilingView) -> ApprovalView {
        call(&self.approver, "approval_review", json!({ "filing": filing.line.filing })).await.unwrap()
    }

    async fn approvals(&self) -> ApprovalsView {
        call(&self.approver, "approvals", json!({})).await.unwrap()
    }

    async fn payments(&self) -> PaymentsView {
        call(&self.clerk, "payments", json!({})).await.unwrap()
    }

    /// Money comes in that nobody ordered.
    async fn money_came_in(&mut self) {
        let folder = self.folder.path().join("practice");
        self.practice.transfer(&folder, "1234.50".parse().unwrap(), "没有缴款码").await.unwrap();
        self.days(1);
        self.clerk.enter(self.practice.connection()).await.unwrap();
        self.approver.enter(self.connection(APPROVER_KEY)).await.unwrap();
    }

    async fn asked(&self, filing: &FilingView) -> FilingView {
        call(&self.clerk, "ask", json!({ "filing": filing.line.filing })).await.unwrap()
    }

    /// The unit's people as the center has them.
    async fn roster_version(&self) -> u64 {
        let session: SessionView = call(&self.clerk, "refresh", json!({})).await.unwrap();
        session.roster.unwrap().version
    }

    fn anchors(&self) -> TrustAnchors {
        TrustAnchors::from_der(self.practice.center.anchors()).unwrap()
    }

    /// Time goes by at the center, and at the desks once they are entered again.
    fn days(&mut self, days: u16) {
        let folder = self.folder.path().join("practice");
        self.practice.let_days_go_by(&folder, SystemClock.now(), days).unwrap();
    }
}

/// A row that nothing is wrong with.
fn one_row(kind: FilingKind) -> Vec<(Field, String)> {
    let profile = CenterProfile::shipped("demo").unwrap();
    let here = practice_unit(&profile).unwrap().roster.contributors;
    let more = unit_of(here.len() + 10, &profile).unwrap().roster.contributors;
    let said: &[(Field, &str)] = match kind {
        FilingKind::BaseAdjustment => &[(Field::NewBase, "6543.21")],
        FilingKind::ContributorRegistration => {
            &[(Field::IdType, "身份证"), (Field::Mobile, "13800000000"), (Field::NewBase, "6543.21")]
        }
        FilingKind::StatusChange => &[(Field::ChangeKind, "封存"), (Field::Reason, "解除或终止劳动关系")],
        FilingKind::RatioAdjustment => &[(Field::UnitRatio, "9%"), (Field::PersonalRatio, "7%")],
        FilingKind::ContributorUpdate => &[(Field::Mobile, "13900000001")],
        FilingKind::UnitUpdate => &[(Field::Item, "经办人手机号码"), (Field::NewValue, "13900000001")],
        FilingKind::BackPayment => &[
            (Field::FromMonth, "2026-05"),
            (Field::ToMonth, "2026-05"),
            (Field::Reason, "漏缴补缴"),
            (Field::UnitAmount, "420.00"),
            (Field::PersonalAmount, "0"),
        ],
        FilingKind::Correction => &[
            (Field::Month, "2026-05"),
            (Field::UnitAmount, "1.20"),
            (Field::PersonalAmount, "420"),
            (Field::RightUnitAmount, "0"),
            (Field::RightPersonalAmount, "512.30"),
            (Field::Reason, "其他"),
        ],
        FilingKind::Deferral => &[
            (Field::ChangeKind, "降低缴存比例"),
            (Field::FromMonth, "2026-07"),
            (Field::ToMonth, "2026-08"),
            (Field::UnitRatio, "4%"),
            (Field::PersonalRatio, "3%"),
            (Field::Reason, "生产经营困难"),
        ],
        FilingKind::RemittanceVerification | FilingKind::Payment | FilingKind::PaymentClaim => {
            unreachable!("no sheet is made for it")
        }
    };
    // Whom nobody pays for yet, where somebody is to be new.
    let person = if kind == FilingKind::ContributorRegistration {
        more.iter().find(|one| here.iter().all(|known| known.id_number != one.id_number))
    } else {
        here.iter().find(|one| one.status == AccountStatus::Normal)
    };
    let person = person.unwrap();
    let who = [
        (Field::PersonalAccount, person.personal_account.to_string()),
        (Field::Name, person.name.to_string()),
        (Field::IdNumber, person.id_number.to_string()),
    ];
    let columns: Vec<Field> = huijiao_sheets::write::template_fields(kind).collect();
    let said = said.iter().map(|(field, text)| (*field, (*text).to_owned()));
    who.into_iter().chain(said).filter(|(field, _)| columns.contains(field)).collect()
}

fn signing(view: &ApprovalView, certificate: &str, pin: &str) -> Value {
    json!({ "filing": view.filing, "fingerprint": view.review.fingerprint, "certificate": certificate, "pin": pin })
}

fn returning(view: &ApprovalView, reason: &str) -> Value {
    let mut args = signing(view, APPROVER_KEY, PIN);
    args["reason"] = reason.into();
    args
}

fn ticket(desk: &Arc<Desk>, file: &Path) -> String {
    desk.ticket_of_file(file).unwrap().ticket
}

fn refused<T: std::fmt::Debug>(outcome: Result<T, UiError>, code: &str) {
    let error = outcome.unwrap_err();
    assert_eq!(error.code, code, "{error:?}");
    assert!(huijiao_domain::texts::lookup(code).is_some(), "{code} has words");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_approver_sees_what_was_signed_and_has_it_booked() {
    let scene = Scene::open().await;
    let draft = scene.draft().await;
    let review: ReviewView = call(&scene.clerk, "review", json!({ "draft": draft.draft })).await.unwrap();
    assert!(review.approval, "the clerk is told that somebody else signs as well");
    let version = scene.roster_version().await;
    let quiet = pulse(&scene.approver).await;
    let filed = sign(&scene.clerk, &draft, CLERK_KEY, PIN).await.unwrap();
    assert_eq!(filed.line.stage, FilingStage::AwaitingApproval, "{:?}", filed.trouble);
    assert!(filed.withdrawable && !filed.reopenable, "it may be taken back, not changed");
    assert!(filed.receipt.as_ref().is_some_and(|receipt| receipt.valid), "the center says in a receipt that it waits");
    assert_eq!(scene.roster_version().await, version, "nothing is booked");

    until(&scene.approver, "the approver hears of it", |now| now.revision > quiet.revision).await;
    let approvals = scene.approvals().await;
    assert!(approvals.approves, "by the center's register");
    let [line] = approvals.waiting.as_slice() else { panic!("one waits: {approvals:?}") };
    assert_eq!((line.clerk.as_str(), line.own, line.open), (CLERK, false, false));
    let home: HomeView = call(&scene.approver, "home", json!({})).await.unwrap();
    assert_eq!((home.session.awaiting, home.session.role.as_str()), (1, "复核人"), "the navigation counts it");
    assert!(home.session.approves_only, "the approver's work begins with what waits");

    let view = scene.review(&filed).await;
    assert_eq!((view.clerk.as_str(), view.lines), (CLERK, filed.totals.people), "who signed, and every row");
    assert!(view.steps.iter().all(|step| step.passed), "{:?}", view.steps);
    assert!(view.findings.is_empty(), "the roster is as it was: {:?}", view.findings);
    assert_eq!(view.review.totals.after, filed.totals.after, "the sums are the signed ones");
    let page: ApprovalLines =
        call(&scene.approver, "approval_lines", json!({ "filing": view.filing, "page": 1 })).await.unwrap();
    assert_eq!(page.lines.len() as u32, page.total - 200, "the rows behind the first page");

    let own = view.review.certificates.iter().find(|each| each.certificate == APPROVER_KEY).unwrap();
    assert!(own.usable, "{:?}", own.reason);
    let clerks = view.review.certificates.iter().find(|each| each.certificate == CLERK_KEY).unwrap();
    assert!(!clerks.usable, "the clerk's own certificate does not approve");
    refused(
        call::<ApprovalDone>(&scene.approver, "approval_sign", signing(&view, APPROVER_KEY, "000000")).await,
        "sign-wrong-pin",
    );
    assert_eq!(scene.approvals().await.signed.len(), 0, "nothing was signed");
    let done: ApprovalDone = call(&scene.approver, "approval_sign", signing(&view, APPROVER_KEY, PIN)).await.unwrap();
    assert_eq!(done.stage, FilingStage::Settled, "it is booked");
    let approvals = scene.approvals().await;
    assert!(approvals.waiting.is_empty(), "nothing waits any more");
    assert!(approvals.signed[0].approved && !approvals.signed[0].open, "{:?}", approvals.signed);

    let settled = scene.asked(&filed).await;
    assert_eq!((settled.line.stage, settled.approver.as_str()), (FilingStage::Settled, APPROVER), "the clerk sees it");
    assert!(settled.receipt.as_ref().is_some_and(|receipt| receipt.valid), "{:?}", settled.receipt);
    assert!(scene.roster_version().await > version, "and the bases are booked");
    let exported: Exported = call(&scene.clerk, "filing_export", json!({ "filing": filed.line.filing })).await.unwrap();
    let read = |name: &str| std::fs::read(PathBuf::from(&exported.folder).join(name)).unwrap();
    let (both, clerks) = (read("filing.p7m"), read("filing-clerk.p7m"));
    let verified =
        verify(&both, &scene.anchors(), scene.practice.center.clock().now(), Purpose::Approval, &[]).unwrap();
    let holders: Vec<_> = verified.signers.iter().map(|one| one.certificate.holder()).collect();
    assert_eq!(holders, [CLERK, APPROVER], "the evidence has both signatures");
    assert!(only_adds_signatures(&both, &clerks).unwrap(), "and the clerk's byte for byte");
    refused(
        call::<ApprovalDone>(&scene.approver, "approval_sign", signing(&view, APPROVER_KEY, PIN)).await,
        "problem-approval-ended",
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_returned_is_a_draft_again_and_its_rounds_are_told() {
    let scene = Scene::open().await;
    let filed = scene.waiting().await;
    let version = scene.roster_version().await;
    let view = scene.review(&filed).await;
    refused(
        call::<ApprovalDone>(&scene.approver, "approval_return", returning(&view, " ")).await,
        "desk-approval-reason",
    );
    let reason = "第三行的基数与工资单不符";
    let done: ApprovalDone = call(&scene.approver, "approval_return", returning(&view, reason)).await.unwrap();
    assert_eq!(done.stage, FilingStage::Refused, "it goes back");
    let back = scene.asked(&filed).await;
    assert_eq!((back.line.stage, back.returned_by.as_str()), (FilingStage::Refused, APPROVER), "{:?}", back.history);
    assert_eq!(back.receipt.as_ref().unwrap().reason, reason, "in the approver's words");
    assert!(back.reopenable, "its draft is still there");
    assert_eq!(scene.roster_version().await, version, "nothing was booked");

    let draft: DraftView = call(&scene.clerk, "filing_reopen", json!({ "filing": filed.line.filing })).await.unwrap();
    assert_eq!(draft.returned.len(), 1, "the draft says why it is one again");
    assert_eq!((draft.returned[0].by.as_str(), draft.returned[0].reason.as_str()), (APPROVER, reason));
    let draft = settle(&scene.clerk, draft).await.unwrap();
    let anew = sign(&scene.clerk, &draft, CLERK_KEY, PIN).await.unwrap();
    assert_eq!(anew.line.stage, FilingStage::AwaitingApproval, "{:?}", anew.trouble);
    assert_ne!(anew.line.filing, filed.line.filing, "another filing");
    assert!(anew.history[0].1.contains(reason), "whose history begins with the round before: {:?}", anew.history);
    let view = scene.review(&anew).await;
    assert_eq!(view.rounds.len(), 1, "the approver sees it too");
    assert_eq!(view.rounds[0].reason, reason);
    let old = call::<ApprovalView>(&scene.approver, "approval_review", json!({ "filing": filed.line.filing })).await;
    refused(old, "desk-approval-ended");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_kind_is_returned_filed_anew_and_approved_where_it_wants_an_approver() {
    for kind in FilingKind::ALL.iter().copied() {
        let named = kind.label();
        let mut scene = Scene::wanting(kind).await;
        if kind == FilingKind::PaymentClaim {
            scene.money_came_in().await;
        }
        if kind == FilingKind::Payment {
            let verified = scene.filed(FilingKind::RemittanceVerification).await;
            assert_eq!(verified.line.stage, FilingStage::Settled, "{:?}", verified.trouble);
        }
        let first = scene.filed(kind).await;
        assert_eq!(first.line.stage, FilingStage::AwaitingApproval, "{named}: {:?}", first.trouble);
        let version = scene.roster_version().await;
        let heard = async || drop(call::<SessionView>(&scene.approver, "refresh", json!({})).await.unwrap());
        heard().await;
        let back = returning(&scene.review(&first).await, "请再核对");
        let done: ApprovalDone = call(&scene.approver, "approval_return", back).await.unwrap();
        assert_eq!(done.stage, FilingStage::Refused, "{named}");
        let back = scene.asked(&first).await;
        assert_eq!((back.line.stage, back.returned_by.as_str()), (FilingStage::Refused, APPROVER), "{named}");
        assert_eq!(scene.roster_version().await, version, "{named}: nothing was booked");
        let waits = scene.payments().await.unprocessed.len();
        assert_eq!(waits, usize::from(kind == FilingKind::PaymentClaim), "{named}: the money waits as it did");

        assert_eq!(back.reopenable, kind.from_sheet(), "{named}: what is made from the books is made anew");
        let second = if kind.from_sheet() {
            let reopen = json!({ "filing": first.line.filing });
            let draft: DraftView = call(&scene.clerk, "filing_reopen", reopen).await.unwrap();
            assert_eq!(draft.returned.len(), 1, "{named}: with the reason");
            sign(&scene.clerk, &settle(&scene.clerk, draft).await.unwrap(), CLERK_KEY, PIN).await.unwrap()
        } else {
            scene.filed(kind).await
        };
        assert_eq!(second.line.stage, FilingStage::AwaitingApproval, "{named}: {:?}", second.trouble);
        heard().await;
        let view = scene.review(&second).await;
        assert!(view.findings.iter().all(|one| one.level != "error"), "{named}: {:?}", view.findings);
        let signed = signing(&view, APPROVER_KEY, PIN);
        let done: ApprovalDone = call(&scene.approver, "approval_sign", signed).await.unwrap();
        let ends = if kind == FilingKind::Deferral {
            // An officer of the center decides after that.
            FilingStage::InReview
        } else if [FilingKind::Payment, FilingKind::BackPayment, FilingKind::Correction].contains(&kind) {
            // The money has yet to come.
            FilingStage::Accepted
        } else {
            FilingStage::Settled
        };
        assert_eq!(done.stage, ends, "{named}");
        let after = scene.asked(&second).await;
        assert_eq!((after.line.stage, after.approver.as_str()), (done.stage, APPROVER), "{named}: the clerk sees it");
        assert!(after.receipt.is_some_and(|receipt| receipt.valid), "{named}");
        assert!(scene.payments().await.unprocessed.is_empty(), "{named}: what was claimed has its place");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_approver_s_file_about_a_filing_that_the_center_refused_is_not_kept_as_its_approval() {
    let scene = Scene::open().await;
    scene.practice.center.faults().next(Target::Put, Fault::DropBefore);
    let filed = sign(&scene.clerk, &scene.draft().await, CLERK_KEY, PIN).await.unwrap();
    assert_eq!(filed.line.stage, FilingStage::Unknown, "it did not arrive: {:?}", filed.trouble);
    let id = json!({ "filing": filed.line.filing });
    let exported: Exported = call(&scene.clerk, "filing_export", id.clone()).await.unwrap();
    let open = json!({ "ticket": ticket(&scene.approver, &PathBuf::from(&exported.folder).join("filing.p7m")) });
    let view: ApprovalView = call(&scene.approver, "approval_open", open).await.unwrap();
    let written: ExportedFile =
        call(&scene.approver, "approval_to_file", signing(&view, APPROVER_KEY, PIN)).await.unwrap();
    let both = PathBuf::from(&written.folder).join(&written.file);

    // Somebody of the sheet is sealed before it arrives.
    let people = practice_unit(&CenterProfile::shipped("demo").unwrap()).unwrap().roster.contributors;
    let person = people.iter().find(|one| one.status == AccountStatus::Normal).unwrap();
    let (center, unit) = (&scene.practice.center, scene.practice.unit_account);
    assert!(center.set_account_status(unit, &person.personal_account, AccountStatus::Sealed).await.unwrap());
    let ended = scene.asked(&filed).await;
    assert_eq!((ended.line.stage, ended.reopenable), (FilingStage::Refused, true), "{:?}", ended.trouble);
    let version = scene.roster_version().await;
    for _ in 0..2 {
        let bring = json!({ "filing": filed.line.filing, "ticket": ticket(&scene.clerk, &both) });
        refused(call::<FilingView>(&scene.clerk, "approval_bring", bring).await, "problem-not-found");
        let after: FilingView = call(&scene.clerk, "filing", id.clone()).await.unwrap();
        assert_eq!((after.line.stage, after.approver.as_str()), (FilingStage::Refused, ""), "it stays refused");
        assert!(!after.approving && after.reopenable, "and nothing waits to be sent");
        assert!(after.history.iter().any(|(_, said)| said.starts_with("中心没有接受复核结果")), "{:?}", after.history);
    }
    assert_eq!(scene.roster_version().await, version, "nothing was booked");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_approval_whose_answer_was_lost_is_sent_as_it_was_signed() {
    let scene = Scene::open().await;
    let filed = scene.waiting().await;
    let view = scene.review(&filed).await;
    scene.practice.center.faults().next(Target::Put, Fault::DropAfterCommit);
    let lost = call::<ApprovalDone>(&scene.approver, "approval_sign", signing(&view, APPROVER_KEY, PIN)).await;
    refused(lost, "net-cut");
    assert!(scene.approvals().await.signed[0].open, "it is kept until there is an answer");
    refused(
        call::<ApprovalDone>(&scene.approver, "approval_return", returning(&view, "改主意了")).await,
        "desk-approval-open",
    );
    let sent: ApprovalDone = call(&scene.approver, "approval_send", json!({ "filing": view.filing })).await.unwrap();
    assert_eq!(sent.stage, FilingStage::Settled, "the center had it");
    assert!(!scene.approvals().await.signed[0].open, "nothing is left to do");
    let version = scene.roster_version().await;
    let nothing = call::<ApprovalDone>(&scene.approver, "approval_send", json!({ "filing": view.filing })).await;
    refused(nothing, "desk-approval-stale");
    assert_eq!(scene.roster_version().await, version, "it is booked once");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_filing_goes_to_its_approver_and_back_as_a_file() {
    let scene = Scene::open().await;
    let filed = scene.waiting().await;
    let id = json!({ "filing": filed.line.filing });
    let exported: Exported = call(&scene.clerk, "filing_export", id.clone()).await.unwrap();
    let handed = PathBuf::from(&exported.folder).join("filing.p7m");
    let open = json!({ "ticket": ticket(&scene.approver, &handed) });
    let view: ApprovalView = call(&scene.approver, "approval_open", open).await.unwrap();
    assert_eq!((view.clerk.as_str(), view.filing.as_str()), (CLERK, filed.line.filing.as_str()));
    let written: ExportedFile =
        call(&scene.approver, "approval_to_file", signing(&view, APPROVER_KEY, PIN)).await.unwrap();
    let back = PathBuf::from(&written.folder).join(&written.file);
    assert_eq!(scene.asked(&filed).await.line.stage, FilingStage::AwaitingApproval, "nothing was sent");

    let bring = |file: &Path| json!({ "filing": filed.line.filing, "ticket": ticket(&scene.clerk, file) });
    refused(call::<FilingView>(&scene.clerk, "approval_bring", bring(&handed)).await, "verify-no-signer");
    let mut bytes = std::fs::read(&back).unwrap();
    let place = bytes.windows(9).position(|some| some == b"\"center\":").unwrap();
    bytes[place + 1] ^= 1;
    let tampered = scene.folder.path().join("tampered.p7m");
    std::fs::write(&tampered, &bytes).unwrap();
    refused(call::<FilingView>(&scene.clerk, "approval_bring", bring(&tampered)).await, "desk-approval-differs");
    let open = json!({ "ticket": ticket(&scene.approver, &tampered) });
    refused(call::<ApprovalView>(&scene.approver, "approval_open", open).await, "verify-digest");
    assert_eq!(scene.asked(&filed).await.line.stage, FilingStage::AwaitingApproval, "still nothing");
    let settled: FilingView = call(&scene.clerk, "approval_bring", bring(&back)).await.unwrap();
    assert_eq!((settled.line.stage, settled.approver.as_str()), (FilingStage::Settled, APPROVER), "now it is booked");
    let open = json!({ "ticket": ticket(&scene.approver, &back) });
    refused(call::<ApprovalView>(&scene.approver, "approval_open", open).await, "desk-approval-ended");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_returned_before_the_center_has_it_keeps_its_reason_until_it_does() {
    let scene = Scene::open().await;
    scene.practice.center.faults().next(Target::Put, Fault::DropBefore);
    let filed = sign(&scene.clerk, &scene.draft().await, CLERK_KEY, PIN).await.unwrap();
    assert_eq!(filed.line.stage, FilingStage::Unknown, "it did not arrive: {:?}", filed.trouble);
    let id = json!({ "filing": filed.line.filing });
    let exported: Exported = call(&scene.clerk, "filing_export", id.clone()).await.unwrap();
    let handed = PathBuf::from(&exported.folder).join("filing.p7m");
    let open = json!({ "ticket": ticket(&scene.approver, &handed) });
    let view: ApprovalView = call(&scene.approver, "approval_open", open).await.unwrap();
    assert_eq!(view.filing_number, None, "the center does not have it");
    let reason = "第三行的基数与工资单不符";
    for _ in 0..2 {
        let back = call::<ApprovalDone>(&scene.approver, "approval_return", returning(&view, reason)).await;
        refused(back, "desk-approval-ahead");
        let signed = scene.approvals().await.signed;
        let kept: Vec<_> = signed.iter().map(|one| (one.open, one.approved, one.reason.as_str())).collect();
        assert_eq!(kept, [(true, false, reason)], "signed once, kept, and not said to have arrived");
    }

    assert_eq!(scene.asked(&filed).await.line.stage, FilingStage::AwaitingApproval, "now the center has it");
    let sent: ApprovalDone = call(&scene.approver, "approval_send", id).await.unwrap();
    assert_eq!(sent.stage, FilingStage::Refused);
    let back = scene.asked(&filed).await;
    assert_eq!((back.line.stage, back.returned_by.as_str()), (FilingStage::Refused, APPROVER), "{:?}", back.history);
    assert_eq!(back.receipt.unwrap().reason, reason, "with the reason of then");
    assert!(!scene.approvals().await.signed[0].open, "nothing is left to do");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_approves_his_own_filing_under_any_certificate() {
    let scene = Scene::open().await;
    let filed = scene.waiting().await;
    let (account, pin) = (scene.practice.unit_account, Pin::new(PIN));
    let second = scene.practice.center.issue_operator(account, CLERK, UnitRole::Approver, pin.clone()).await.unwrap();
    P12Folder::new(&scene.practice.certificates).install("second", &second.p12, &pin).unwrap();
    scene.approver.enter(scene.connection("second")).await.unwrap();
    assert!(scene.approvals().await.waiting[0].own, "the list says so");
    let view = scene.review(&filed).await;
    let own = view.review.certificates.iter().find(|each| each.certificate == "second").unwrap();
    assert_eq!(own.reason.as_deref(), Some("verify-same-person"), "another certificate of the same person");
    refused(
        call::<ApprovalDone>(&scene.approver, "approval_sign", signing(&view, "second", PIN)).await,
        "verify-same-person",
    );
    refused(
        call::<ExportedFile>(&scene.approver, "approval_to_file", signing(&view, "second", PIN)).await,
        "verify-same-person",
    );
    scene.clerk.enter(scene.connection(CLERK_KEY)).await.unwrap();
    let view: ApprovalView =
        call(&scene.clerk, "approval_review", json!({ "filing": filed.line.filing })).await.unwrap();
    refused(
        call::<ApprovalDone>(&scene.clerk, "approval_sign", signing(&view, CLERK_KEY, PIN)).await,
        "verify-same-person",
    );
    assert_eq!(scene.asked(&filed).await.line.stage, FilingStage::AwaitingApproval, "it waits for somebody else");
}

#[tokio::test(flavor = "multi_thread")]
async fn f16_what_waits_is_not_booked_by_an_approver_nor_for_a_clerk_whose_role_has_ended() {
    let scene = Scene::open().await;
    let filed = scene.waiting().await;
    let version = scene.roster_version().await;
    let (center, unit) = (&scene.practice.center, scene.practice.unit_account);
    let keys = P12Folder::new(&scene.practice.certificates);
    let [clerk, approver] = [CLERK_KEY, APPROVER_KEY].map(|key| keys.open(key).unwrap().certificate().der().to_vec());
    let signs = async || {
        let view = scene.review(&filed).await;
        call::<ApprovalDone>(&scene.approver, "approval_sign", signing(&view, APPROVER_KEY, PIN)).await
    };
    let heard = async || drop(call::<SessionView>(&scene.approver, "refresh", json!({})).await.unwrap());

    center.register_operator(unit, &approver, UnitRole::Viewer).await.unwrap();
    assert!(center.end_role(unit, &approver, UnitRole::Approver).await.unwrap());
    refused(signs().await, "problem-role-ended");
    heard().await;
    refused(signs().await, "desk-not-approver");
    assert_eq!(scene.asked(&filed).await.line.stage, FilingStage::AwaitingApproval, "it waits as before");

    center.register_operator(unit, &approver, UnitRole::Approver).await.unwrap();
    heard().await;
    assert!(center.end_role(unit, &clerk, UnitRole::Clerk).await.unwrap());
    refused(signs().await, "problem-clerk-role-ended");
    center.register_operator(unit, &clerk, UnitRole::Clerk).await.unwrap();
    assert_eq!(scene.asked(&filed).await.line.stage, FilingStage::AwaitingApproval, "nor is it lost");
    assert_eq!(scene.roster_version().await, version, "nothing is booked by then");
    signs().await.unwrap();
    assert_eq!(scene.asked(&filed).await.line.stage, FilingStage::Settled, "booked once both may sign");
}

#[tokio::test(flavor = "multi_thread")]
async fn whose_role_ended_before_the_filing_came_is_told_so_and_not_to_wait_for_it() {
    let scene = Scene::open().await;
    scene.practice.center.faults().next(Target::Put, Fault::DropBefore);
    let filed = sign(&scene.clerk, &scene.draft().await, CLERK_KEY, PIN).await.unwrap();
    assert_eq!(filed.line.stage, FilingStage::Unknown, "it did not arrive: {:?}", filed.trouble);
    let exported: Exported = call(&scene.clerk, "filing_export", json!({ "filing": filed.line.filing })).await.unwrap();
    let open = json!({ "ticket": ticket(&scene.approver, &PathBuf::from(&exported.folder).join("filing.p7m")) });
    let view: ApprovalView = call(&scene.approver, "approval_open", open).await.unwrap();
    let (center, unit) = (&scene.practice.center, scene.practice.unit_account);
    let key = P12Folder::new(&scene.practice.certificates).open(APPROVER_KEY).unwrap();
    assert!(center.end_role(unit, key.certificate().der(), UnitRole::Approver).await.unwrap());
    for verdict in ["approval_return", "approval_sign"] {
        let said = returning(&view, "第三行的基数与工资单不符");
        refused(call::<ApprovalDone>(&scene.approver, verdict, said).await, "problem-role-ended");
        assert!(scene.approvals().await.signed.is_empty(), "{verdict}: nothing waits for what will never be taken");
    }
    assert_eq!(scene.asked(&filed).await.line.stage, FilingStage::AwaitingApproval, "the filing itself is as it was");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_clerk_filed_whose_role_ended_is_returned_and_filed_by_another() {
    let scene = Scene::open().await;
    let filed = scene.waiting().await;
    let (center, unit) = (&scene.practice.center, scene.practice.unit_account);
    let key = P12Folder::new(&scene.practice.certificates).open(CLERK_KEY).unwrap();
    assert!(center.end_role(unit, key.certificate().der(), UnitRole::Clerk).await.unwrap());
    let view = scene.review(&filed).await;
    refused(
        call::<ApprovalDone>(&scene.approver, "approval_sign", signing(&view, APPROVER_KEY, PIN)).await,
        "problem-clerk-role-ended",
    );
    let view = scene.review(&filed).await;
    let back: ApprovalDone = call(&scene.approver, "approval_return", returning(&view, "经办人已离任")).await.unwrap();
    assert_eq!(back.stage, FilingStage::Refused, "as the words say, it can be returned");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_key_under_two_names_says_nothing_of_its_own_filing_through_the_center_or_by_file() {
    let scene = Scene::open().await;
    let (center, pin) = (&scene.practice.center, Pin::new(PIN));
    let read = |name| std::fs::read_to_string(scene.folder.path().join("practice/center").join(name)).unwrap();
    let authority = DevelopmentCa::from_pem(&read("ca.pem"), &read("ca-key.pem")).unwrap();
    let unit = practice_unit(&CenterProfile::shipped("demo").unwrap()).unwrap().unit;
    let asking = scene.folder.path().join("asking");
    let request = P12Folder::new(&asking).request("key", Algorithm::P256, &pin).unwrap();
    let asked: Vec<PathBuf> = std::fs::read_dir(&asking).unwrap().map(|entry| entry.unwrap().path()).collect();
    for (id, name, role) in [("one", "赵经办", UnitRole::Clerk), ("two", "钱主管", UnitRole::Approver)] {
        let operator = Operator { name, unit_name: &unit.name, credit_code: &unit.credit_code };
        let certificate = authority.issue_for(&operator, &request, Validity::years(center.clock().now(), 1)).unwrap();
        let own = scene.folder.path().join(format!("key-{id}"));
        std::fs::create_dir(&own).unwrap();
        for file in &asked {
            std::fs::copy(file, own.join(file.file_name().unwrap())).unwrap();
        }
        P12Folder::new(&own).complete("key", &pin, certificate.clone(), Vec::new()).unwrap();
        let key = std::fs::read(own.join("key.p12")).unwrap();
        P12Folder::new(&scene.practice.certificates).install(id, &key, &pin).unwrap();
        center.register_operator(scene.practice.unit_account, certificate.der(), role).await.unwrap();
    }
    scene.clerk.enter(scene.connection("one")).await.unwrap();
    scene.approver.enter(scene.connection("two")).await.unwrap();
    let filed = sign(&scene.clerk, &scene.draft().await, "one", PIN).await.unwrap();
    assert_eq!(filed.line.stage, FilingStage::AwaitingApproval, "{:?}", filed.trouble);
    let id = json!({ "filing": filed.line.filing });
    let exported: Exported = call(&scene.clerk, "filing_export", id).await.unwrap();
    let handed = PathBuf::from(&exported.folder).join("filing.p7m");

    let open = json!({ "ticket": ticket(&scene.approver, &handed) });
    let by_file: ApprovalView = call(&scene.approver, "approval_open", open).await.unwrap();
    for view in [by_file, scene.review(&filed).await] {
        let own = view.review.certificates.iter().find(|each| each.certificate == "two").unwrap();
        assert_eq!((own.usable, own.reason.as_deref()), (false, Some("verify-same-person")), "before a PIN is typed");
        let mut back = signing(&view, "two", PIN);
        back["reason"] = "再核对".into();
        for (command, args) in [
            ("approval_sign", signing(&view, "two", PIN)),
            ("approval_to_file", signing(&view, "two", PIN)),
            ("approval_return", back),
        ] {
            refused(call::<Value>(&scene.approver, command, args).await, "verify-same-person");
        }
    }
    assert!(scene.approvals().await.signed.is_empty(), "nothing was signed, so nothing can be sent");
    assert!(!scene.folder.path().join("two/export").exists(), "nor written to a file");

    // Countersigned by another program that asks nobody, and brought to the clerk.
    let mut key = P12Folder::new(&scene.practice.certificates).open("two").unwrap();
    key.login(&pin).unwrap();
    let at = center.clock().now().to_string();
    let forged = countersign_regardless(&mut *key, &std::fs::read(&handed).unwrap(), &at).unwrap();
    let file = scene.folder.path().join("forged.p7m");
    std::fs::write(&file, forged).unwrap();
    let bring = json!({ "filing": filed.line.filing, "ticket": ticket(&scene.clerk, &file) });
    refused(call::<FilingView>(&scene.clerk, "approval_bring", bring).await, "verify-same-person");
    assert_eq!(scene.asked(&filed).await.line.stage, FilingStage::AwaitingApproval, "it waits for somebody else");
}

/// Two people of one name in one unit, whose certificates number them; and one of them with two certificates.
#[tokio::test(flavor = "multi_thread")]
async fn a_namesake_approves_where_the_certificates_tell_them_apart_and_nobody_approves_for_himself() {
    for (numbers, approved) in
        [([Some("1001"), Some("1002")], true), ([Some("1001"), Some("1001")], false), ([Some("1001"), None], false)]
    {
        let scene = Scene::open().await;
        let (center, pin) = (&scene.practice.center, Pin::new(PIN));
        let read = |name| std::fs::read_to_string(scene.folder.path().join("practice/center").join(name)).unwrap();
        let authority = DevelopmentCa::from_pem(&read("ca.pem"), &read("ca-key.pem")).unwrap();
        let unit = practice_unit(&CenterProfile::shipped("demo").unwrap()).unwrap().unit;
        let operator = Operator { name: "张伟", unit_name: &unit.name, credit_code: &unit.credit_code };
        let validity = Validity::years(center.clock().now(), 1);
        for ((key, role), number) in [("one", UnitRole::Clerk), ("two", UnitRole::Approver)].into_iter().zip(numbers) {
            let issued = match number {
                Some(number) => authority.issue_person(&operator, number, validity, &pin),
                None => authority.issue_operator(&operator, validity, &pin),
            };
            let issued = issued.unwrap();
            P12Folder::new(&scene.practice.certificates).install(key, &issued.p12, &pin).unwrap();
            center.register_operator(scene.practice.unit_account, issued.certificate.der(), role).await.unwrap();
        }
        scene.clerk.enter(scene.connection("one")).await.unwrap();
        scene.approver.enter(scene.connection("two")).await.unwrap();
        let filed = sign(&scene.clerk, &scene.draft().await, "one", PIN).await.unwrap();
        assert_eq!(filed.line.stage, FilingStage::AwaitingApproval, "{:?}", filed.trouble);
        let own = scene.approvals().await.waiting[0].own;
        assert_eq!(own, numbers[1].is_none(), "{numbers:?}: his by the name alone where nothing else says whose");
        let view = scene.review(&filed).await;
        let usable = |key: &str| view.review.certificates.iter().find(|each| each.certificate == key).unwrap().usable;
        assert_eq!(usable("two"), approved, "{numbers:?}");
        if numbers == [Some("1001"), Some("1002")] {
            assert!(!usable("one"), "a namesake's certificate at the same computer is not his");
        }
        let done = call::<ApprovalDone>(&scene.approver, "approval_sign", signing(&view, "two", PIN)).await;
        if approved {
            assert_eq!(done.unwrap().stage, FilingStage::Settled, "the center agrees");
        } else {
            refused(done, "verify-same-person");
            assert_eq!(scene.asked(&filed).await.line.stage, FilingStage::AwaitingApproval);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_taken_before_its_clerk_s_certificate_was_revoked_can_be_returned_and_approved() {
    for returned in [true, false] {
        let mut scene = Scene::open().await;
        let (account, pin) = (scene.practice.unit_account, Pin::new(PIN));
        let issued = scene.practice.center.issue_operator(account, CLERK, UnitRole::Clerk, pin.clone()).await.unwrap();
        P12Folder::new(&scene.practice.certificates).install("lost", &issued.p12, &pin).unwrap();
        scene.clerk.enter(scene.connection("lost")).await.unwrap();
        let filed = sign(&scene.clerk, &scene.draft().await, "lost", PIN).await.unwrap();
        assert_eq!(filed.line.stage, FilingStage::AwaitingApproval, "{:?}", filed.trouble);
        scene.days(1);
        assert!(scene.practice.center.revoke(issued.certificate.der()).await.unwrap());
        scene.clerk.enter(scene.connection(CLERK_KEY)).await.unwrap();
        scene.approver.enter(scene.connection(APPROVER_KEY)).await.unwrap();

        let view = scene.review(&filed).await;
        let open: Vec<_> = view.steps.iter().filter(|step| !step.passed).map(|step| step.code.as_str()).collect();
        assert_eq!(open, ["clerk_now"], "what was signed holds, and that the certificate is over is told");
        let done: ApprovalDone = if returned {
            call(&scene.approver, "approval_return", returning(&view, "请换证书再报")).await.unwrap()
        } else {
            call(&scene.approver, "approval_sign", signing(&view, APPROVER_KEY, PIN)).await.unwrap()
        };
        let stage = if returned { FilingStage::Refused } else { FilingStage::Settled };
        assert_eq!((done.stage, scene.asked(&filed).await.line.stage), (stage, stage));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_moved_meanwhile_is_shown_before_anybody_approves() {
    let scene = Scene::open().await;
    let filed = scene.waiting().await;
    let somebody = practice_unit(&CenterProfile::shipped("demo").unwrap()).unwrap().roster;
    let account = somebody.contributors.iter().find(|one| one.status == AccountStatus::Normal).unwrap();
    let sealed = scene.practice.center.set_account_status(
        scene.practice.unit_account,
        &account.personal_account,
        AccountStatus::Sealed,
    );
    assert!(sealed.await.unwrap());
    let _: SessionView = call(&scene.approver, "refresh", json!({})).await.unwrap();
    let view = scene.review(&filed).await;
    assert_eq!(view.roster_now, view.review.roster_version + 1, "the roster is another");
    assert!(view.findings.iter().any(|finding| finding.level == "error"), "and says so: {:?}", view.findings);
    let refusal = call::<ApprovalDone>(&scene.approver, "approval_sign", signing(&view, APPROVER_KEY, PIN)).await;
    refused(refusal, "problem-roster-changed");
    assert!(scene.approvals().await.signed.is_empty(), "what the center refused is no approval");
    let done: ApprovalDone = call(&scene.approver, "approval_return", returning(&view, "有人已封存")).await.unwrap();
    assert_eq!(done.stage, FilingStage::Refused, "it can be returned");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clerk_takes_back_what_waits_and_an_approver_files_nothing() {
    let scene = Scene::open().await;
    let filed = scene.waiting().await;
    let args = json!({ "filing": filed.line.filing, "reason": "再改一处", "certificate": CLERK_KEY, "pin": PIN });
    let gone: FilingView = call(&scene.clerk, "filing_withdraw", args).await.unwrap();
    assert_eq!((gone.line.stage, gone.reopenable), (FilingStage::Withdrawn, true), "its draft is still there");
    let draft: DraftView = call(&scene.clerk, "filing_reopen", json!({ "filing": filed.line.filing })).await.unwrap();
    assert!(draft.returned.is_empty(), "nobody returned it");
    let _: SessionView = call(&scene.approver, "refresh", json!({})).await.unwrap();
    assert!(scene.approvals().await.waiting.is_empty(), "nothing waits any more");
    let file = scene.practice.workbook_folder.join(workbooks::CLEAN);
    let own = import(&scene.approver, &file, "2026-07").await.unwrap();
    refused(sign(&scene.approver, &own, APPROVER_KEY, PIN).await, "desk-not-clerk");
}

#[tokio::test(flavor = "multi_thread")]
async fn in_the_practice_one_computer_serves_both() {
    let folder = TempDir::new().unwrap();
    let desk = desk_of(folder.path(), Path::new(WORKER), Some(Arc::new(Door::default())));
    let session: SessionView = call(&desk, "enter_demo", json!({})).await.unwrap();
    let who = |session: &SessionView| {
        session.operators.iter().filter(|one| one.on).map(|one| one.name.clone()).collect::<Vec<_>>()
    };
    assert_eq!((who(&session), session.operators.len()), (vec![CLERK.to_owned()], 2));
    assert!(!session.approves_only, "the clerk's work begins with the month");
    let ready: Vec<ReadyLine> = call(&desk, "readiness", json!({})).await.unwrap();
    assert_eq!(ready.len(), 9);
    // Whether a test's computer has a viewer is its own matter.
    let wants = |line: &&ReadyLine| {
        !matches!(line.state, ReadyState::Good | ReadyState::Unneeded) && line.part != ReadyPart::Printing
    };
    let wanting: Vec<_> = ready.iter().filter(wants).collect();
    assert!(wanting.is_empty(), "in the practice all is there: {wanting:?}");
    let switch = |key: &str| json!({ "act": { "act": "operator", "key": key } });
    let _: Value = call(&desk, "practice", switch(APPROVER_KEY)).await.unwrap();
    let ready: Vec<ReadyLine> = call(&desk, "readiness", json!({})).await.unwrap();
    let wanting: Vec<_> = ready.iter().filter(wants).collect();
    let role = wanting.first().map(|line| (line.part, line.state, line.said.as_str()));
    assert_eq!((wanting.len(), role), (1, Some((ReadyPart::Role, ReadyState::Warn, "复核人：不能经办"))));
    let home: HomeView = call(&desk, "home", json!({})).await.unwrap();
    assert_eq!((who(&home.session), home.session.role.as_str()), (vec![APPROVER.to_owned()], "复核人"));
    refused(call::<Value>(&desk, "practice", switch("nobody")).await, "desk-bad-arguments");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_looks_at_a_whole_id_number_is_in_the_log_and_the_number_is_not() {
    let scene = Scene::open().await;
    let desk = &scene.clerk;
    let people: ContributorsView = call(desk, "contributors", json!({ "find": "" })).await.unwrap();
    let account = &people.lines[0].personal_account;
    let person: ContributorView =
        call(desk, "contributor", json!({ "account": account, "sealed_on": "" })).await.unwrap();
    let _: Value = call(desk, "id_shown", json!({ "screen": "contributor" })).await.unwrap();
    refused(call::<Value>(desk, "id_shown", json!({ "screen": person.id_number })).await, "desk-bad-arguments");
    let log: AuditView = call(desk, "audit", json!({})).await.unwrap();
    let seen: Vec<_> = log.lines.iter().filter(|line| line.what == "audit-id-shown").collect();
    assert_eq!(seen.len(), 2, "also what was refused");
    let good = seen.iter().find(|line| line.outcome.is_empty()).expect("it was done");
    assert!(good.who.starts_with(&format!("{CLERK}（证书 ")), "{}", good.who);
    assert_eq!(good.on, "个人事项");
    let words = serde_json::to_string(&log).unwrap();
    assert!(!words.contains(&person.id_number), "whatever a page says, no number gets in");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_system_says_once_that_something_waits_and_names_nobody() {
    let scene = Scene::open().await;
    // Whatever the calendar of the practice has to say.
    for desk in [&scene.clerk, &scene.approver] {
        desk.announcement(false).unwrap();
        assert_eq!(desk.announcement(false).unwrap(), None, "nothing is new");
    }
    let filed = scene.waiting().await;
    call::<SessionView>(&scene.approver, "refresh", json!({})).await.unwrap();
    let said = scene.approver.announcement(false).unwrap().expect("it waits for him");
    assert_eq!(said.text, "年度基数调整 2026-07 等待复核");
    let words = format!("{} {}", said.title, said.text);
    let number = filed.line.filing_number.clone().unwrap_or_default();
    for hidden in [CLERK, APPROVER, "晨光机电", "041000000001", number.as_str()] {
        assert!(!hidden.is_empty() && !words.contains(hidden), "a locked screen shows it too: {words}");
    }
    assert_eq!(scene.approver.announcement(false).unwrap(), None, "once");

    let view = scene.review(&filed).await;
    call::<ApprovalDone>(&scene.approver, "approval_return", returning(&view, "基数不符")).await.unwrap();
    scene.asked(&filed).await;
    let quiet = Preferences { notify: false, ..Preferences::default() };
    let loud = Preferences::default();
    scene.clerk.preferences_set(&quiet, None).unwrap();
    assert_eq!(scene.clerk.announcement(false).unwrap(), None, "she does not want it");
    scene.clerk.preferences_set(&loud, None).unwrap();
    let said = scene.clerk.announcement(false).unwrap().expect("not said yet");
    assert_eq!(said.text, "年度基数调整 2026-07：有退回的内容");
    assert!(!said.text.contains("不符"), "why is for her alone");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_window_says_by_itself_the_system_does_not_say_again() {
    let scene = Scene::open().await;
    scene.waiting().await;
    call::<SessionView>(&scene.approver, "refresh", json!({})).await.unwrap();
    assert_eq!(scene.approver.announcement(true).unwrap(), None, "it is before him");
    assert_eq!(scene.approver.announcement(false).unwrap(), None, "and was");
}
