//! A small center behind a network that fails on demand, and clerks at computers that can be switched off.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use huijiao_center::{Center, CenterClock, CenterConfig, RunningCenter, UnitRole};
use huijiao_demo::people::{UNIT_ACCOUNT, unit_of};
use huijiao_demo::practice::{APPROVER, APPROVER_KEY, BEGINS, CLERK, CLERK_KEY, PIN, seed};
use huijiao_desk::ports::{Clock, Connection, SystemClock, UpdateDoor};
use huijiao_desk::views::{
    ApprovalDone, ApprovalView, ApprovalsView, DraftView, EditOp, FilingStage, FilingView, HomeView, SessionView,
    UiError, VaultState,
};
use huijiao_desk::{Desk, DeskConfig, KeyringUse};
use huijiao_domain::filing::FilingKind;
use huijiao_domain::profile::{Approval, CenterProfile, MinimumTls};
use huijiao_domain::roster::Contributor;
use huijiao_signing::issue::Validity;
use huijiao_signing::{P12Folder, Pin};
use huijiao_store::vault::{KeyVault, MemoryVault};
use huijiao_store::{Quarantined, Store};
use jiff::{SignedDuration, Timestamp};
use rusqlite::OpenFlags;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::oracles::{self, Books, Left};
use crate::proxy::Proxy;
use crate::{call, closed, config, settle, settled, sign};

/// The month that everybody works on.
pub const JULY: &str = "2026-07";

/// A filing as it stands in the center's books.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Booked {
    /// Its own id.
    pub id: String,
    /// `snake_case`
    pub kind: String,
    /// `2026-07`
    pub period: String,
    /// `snake_case`
    pub state: String,
    /// Of the filing file as it came.
    pub sha256: String,
}

/// A center with a unit of few people, and the network before it.
pub struct World {
    /// The network.
    pub proxy: Proxy,
    /// Everybody in the unit, as the practice makes them up.
    pub people: Vec<Contributor>,
    center: Option<RunningCenter>,
    offset: SignedDuration,
    anchors: Vec<Vec<u8>>,
    worker: PathBuf,
    /// As [`DeskConfig::pauses`], of the computers that are switched on from now on.
    pub pauses: Vec<Duration>,
    /// Where newer programs come from.
    pub updates: Option<Arc<dyn UpdateDoor>>,
    /// As [`DeskConfig::clock`], of the computers that are switched on from now on.
    pub clock: Arc<dyn Clock>,
    keyrings: Mutex<HashMap<String, Arc<MemoryVault>>>,
    folder: TempDir,
}

impl World {
    /// A new one; `worker` is the program that reads workbooks.
    pub async fn open(people: usize, worker: &Path) -> Self {
        Self::under(&CenterProfile::shipped("demo").unwrap(), people, worker).await
    }

    /// A new one whose center books no new base that an approver has not countersigned.
    pub async fn of_two(people: usize, worker: &Path) -> Self {
        let mut profile = CenterProfile::shipped("demo").unwrap();
        profile.kinds.insert(FilingKind::BaseAdjustment, Approval::Always);
        Self::under(&profile, people, worker).await
    }

    async fn under(profile: &CenterProfile, people: usize, worker: &Path) -> Self {
        oracles::listen();
        let folder = TempDir::new().unwrap();
        let unit = unit_of(people, profile).unwrap();
        let begins: Timestamp = BEGINS.parse().unwrap();
        let offset = begins.duration_since(SystemClock.now());
        let center = start(folder.path(), offset).await;
        center.seed(seed(&unit, profile)).await.unwrap();
        let keys = P12Folder::new(certificates(folder.path()));
        for (key, name, role) in [(CLERK_KEY, CLERK, UnitRole::Clerk), (APPROVER_KEY, APPROVER, UnitRole::Approver)] {
            let issued = center.issue_operator(UNIT_ACCOUNT, name, role, Pin::new(PIN)).await.unwrap();
            keys.install(key, &issued.p12, &Pin::new(PIN)).unwrap();
        }
        Self {
            proxy: Proxy::to(center.address()).await,
            people: unit.roster.contributors,
            anchors: center.anchors(),
            center: Some(center),
            offset,
            worker: worker.to_owned(),
            pauses: Vec::new(),
            updates: None,
            clock: Arc::new(SystemClock),
            keyrings: Mutex::default(),
            folder,
        }
    }

    /// The center, past the network.
    pub fn center(&self) -> &RunningCenter {
        self.center.as_ref().unwrap()
    }

    /// The center goes down with what is under way, and comes up again on the same books.
    pub async fn restart_center(&mut self) {
        drop(self.center.take());
        let center = start(self.folder.path(), self.offset).await;
        self.proxy.lead_to(center.address());
        self.center = Some(center);
        self.proxy.hang_up();
    }

    /// Time passes, here and there.
    pub fn let_hours_go_by(&mut self, hours: i64) {
        self.offset += SignedDuration::from_hours(hours);
        self.center().clock().run_ahead(self.offset);
    }

    /// A clerk at a computer of this name; it knows what it knew when it was switched off.
    pub async fn clerk(&self, computer: &str) -> Clerk {
        self.somebody(computer, CLERK_KEY).await
    }

    /// The approver at a computer of this name, likewise.
    pub async fn approver(&self, computer: &str) -> Clerk {
        self.somebody(computer, APPROVER_KEY).await
    }

    async fn somebody(&self, computer: &str, key: &'static str) -> Clerk {
        let keyring = {
            let mut keyrings = self.keyrings.lock().unwrap_or_else(PoisonError::into_inner);
            keyrings.entry(computer.to_owned()).or_default().clone()
        };
        let desk = Arc::new(Desk::new(DeskConfig {
            keyring: KeyringUse::Given(keyring),
            pauses: self.pauses.clone(),
            updates: self.updates.clone(),
            clock: self.clock.clone(),
            ..config(&self.folder.path().join(computer), &self.worker)
        }));
        let start = loop {
            match desk.start() {
                // The last of what was under way when it was switched off lets go of the data.
                Err(error) if error.code() == "store-in-use" => tokio::time::sleep(Duration::from_millis(2)).await,
                start => break start.unwrap(),
            }
        };
        assert_eq!(start.vault, VaultState::Ready, "her data open");
        let clerk = Clerk { computer: computer.to_owned(), key, desk };
        clerk.desk.enter(self.connection_of(key)).await.unwrap();
        settled(&clerk.desk).await;
        clerk
    }

    /// Switches a computer off and on again.
    pub async fn restart(&self, clerk: Clerk) -> Clerk {
        let Clerk { computer, key, desk } = clerk;
        closed(desk).await;
        self.somebody(&computer, key).await
    }

    /// What a computer keeps of receipts that it did not believe; it is switched off for that.
    pub async fn quarantined(&self, clerk: Clerk) -> Vec<Quarantined> {
        let Clerk { computer, key: _, desk } = clerk;
        closed(desk).await;
        let keyring = self.keyrings.lock().unwrap_or_else(PoisonError::into_inner)[&computer].clone();
        let key = keyring.load().unwrap().unwrap();
        let data = self.folder.path().join(computer).join("desk/practice/data");
        Store::open(&data, &key).unwrap().quarantined().unwrap()
    }

    /// Where everything lies.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// How a clerk's desk reaches the center: through the network that fails.
    pub fn connection(&self) -> Connection {
        self.connection_of(CLERK_KEY)
    }

    /// How the desk of whoever has this key reaches the center.
    pub fn connection_of(&self, key: &str) -> Connection {
        Connection {
            demo: true,
            base_url: format!("https://{}", self.proxy.address()),
            anchors: self.anchors.clone(),
            minimum_tls: MinimumTls::default(),
            certificates: certificates(self.folder.path()),
            unit_account: UNIT_ACCOUNT.into(),
            login: Some((key.into(), PIN.into())),
            operators: Vec::new(),
            clock_offset: self.offset,
            workbooks: Vec::new(),
        }
    }

    /// Every filing in the center's books, read past all of its own code; oldest first.
    pub fn booked(&self) -> Vec<Booked> {
        booked_in(&self.folder.path().join("center"))
    }

    /// I1 to I7, of computers that have opened their unit since whatever happened.
    pub async fn assert_oracles(&self, desks: &[&Arc<Desk>], left: &[Left<'_>], when: &str) {
        let folder = self.folder.path().join("center");
        let books = Books { center: self.center(), folder: &folder, people: &self.people, pin: PIN };
        oracles::assert_oracles(books, desks, left, when).await;
    }

    /// The books hold together: nothing booked, owed, ordered or paid twice.
    pub async fn assert_sound(&self, when: &str) {
        assert_eq!(self.center().contradictions().await.unwrap(), [""; 0], "{when}");
    }
}

/// Every filing in the books of the center in this folder, oldest first.
pub fn booked_in(folder: &Path) -> Vec<Booked> {
    let books =
        rusqlite::Connection::open_with_flags(folder.join("center.db"), OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
    let mut statement = books.prepare("select id, kind, period, state, sha256 from filing order by number").unwrap();
    let rows = statement.query_map([], |row| {
        let (id, kind, period) = (row.get(0)?, row.get(1)?, row.get(2)?);
        Ok(Booked { id, kind, period, state: row.get(3)?, sha256: row.get(4)? })
    });
    rows.unwrap().map(Result::unwrap).collect()
}

fn certificates(folder: &Path) -> PathBuf {
    folder.join("certificates")
}

async fn start(folder: &Path, offset: SignedDuration) -> RunningCenter {
    let day = |text: &str| text.parse().unwrap();
    let validity = Validity { not_before: day("2020-01-01T00:00:00Z"), not_after: day("2049-12-31T00:00:00Z") };
    Center::start(CenterConfig {
        clock: CenterClock::ahead(offset),
        validity: Some(validity),
        ..CenterConfig::in_folder(folder.join("center"))
    })
    .await
    .unwrap()
}

/// Somebody at a computer; clones are at the same.
#[derive(Clone)]
pub struct Clerk {
    computer: String,
    /// By which certificate.
    pub key: &'static str,
    /// What is on it.
    pub desk: Arc<Desk>,
}

/// What a clerk does that the center books.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// Files the newest draft of bases that she has.
    Submit,
    /// Verifies July.
    Verify,
    /// Orders July to be paid.
    Pay,
    /// Takes back what she filed last of what can be taken back.
    Withdraw,
}

impl Act {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Submit, Self::Verify, Self::Pay, Self::Withdraw];
}

impl Clerk {
    /// What she sees first.
    pub async fn home(&self) -> HomeView {
        call(&self.desk, "home", json!({})).await.unwrap()
    }

    /// A filing with everything about it.
    pub async fn filing(&self, id: &str) -> FilingView {
        call(&self.desk, "filing", json!({ "filing": id })).await.unwrap()
    }

    /// A draft of a new base for one of the people, ready to be signed.
    pub async fn draft(&self, person: &Contributor, base: &str) -> DraftView {
        let new = json!({ "kind": "base_adjustment", "period": JULY });
        let draft: DraftView = call(&self.desk, "draft_new", new).await.unwrap();
        let old = person.base.to_string();
        let cells = [
            ("personal_account", person.personal_account.as_str()),
            ("name", &person.name),
            ("id_number", &person.id_number),
            ("old_base", &old),
            ("new_base", base),
        ];
        let set = |(field, text): (&str, &str)| EditOp::Set { index: 0, field: field.into(), text: text.into() };
        let ops: Vec<EditOp> = cells.map(set).into();
        let args = json!({ "draft": draft.draft, "revision": draft.revision, "ops": ops });
        settle(&self.desk, call(&self.desk, "draft_edit", args).await.unwrap()).await.unwrap()
    }

    /// The drafts of bases that she has, newest first.
    pub async fn bases(&self) -> Vec<String> {
        let drafts = self.home().await.drafts.into_iter();
        drafts.filter(|line| line.kind == "base_adjustment").map(|line| line.draft).collect()
    }

    /// Everything in a draft, cell by cell.
    pub async fn cells(&self, draft: &str) -> Value {
        oracles::cells(&self.desk, draft).await
    }

    /// Signs the draft as it is now.
    ///
    /// # Errors
    /// What she would be shown.
    pub async fn submit(&self, draft: &str) -> Result<FilingView, UiError> {
        let draft: DraftView = call(&self.desk, "draft", json!({ "draft": draft })).await?;
        sign(&self.desk, &settle(&self.desk, draft).await?, CLERK_KEY, PIN).await
    }

    /// Does it.
    ///
    /// # Errors
    /// What she would be shown; that there is nothing to be done, too.
    pub async fn does(&self, act: Act) -> Result<FilingView, UiError> {
        match act {
            Act::Submit => {
                let draft = self.bases().await.into_iter().next().ok_or_else(nothing)?;
                self.submit(&draft).await
            }
            Act::Verify => crate::order(&self.desk, json!({ "order": "verify", "through": JULY })).await,
            Act::Pay => {
                let order = json!({ "order": "pay", "pays": [format!("month:{JULY}")], "method": "transfer" });
                crate::order(&self.desk, order).await
            }
            Act::Withdraw => {
                let newest = self.standing().await.into_iter().next().ok_or_else(nothing)?;
                self.withdraw(&newest).await
            }
        }
    }

    /// As the approver: approves what waits of what nothing was said about yet, or returns it.
    ///
    /// # Errors
    /// What he would be shown; that there is nothing to be said, too.
    pub async fn says(&self, approved: bool) -> Result<ApprovalDone, UiError> {
        let _: SessionView = call(&self.desk, "refresh", json!({})).await?;
        let approvals: ApprovalsView = call(&self.desk, "approvals", json!({})).await?;
        let waits = approvals.waiting.into_iter().find(|line| !line.open).ok_or_else(nothing)?;
        let view: ApprovalView = call(&self.desk, "approval_review", json!({ "filing": waits.filing })).await?;
        let fingerprint = &view.review.fingerprint;
        let mut args =
            json!({ "filing": view.filing, "fingerprint": fingerprint, "certificate": self.key, "pin": PIN });
        if approved {
            return call(&self.desk, "approval_sign", args).await;
        }
        args["reason"] = "请再核对".into();
        call(&self.desk, "approval_return", args).await
    }

    /// What of hers stands or waits, newest first.
    pub async fn standing(&self) -> Vec<String> {
        let stands =
            |stage| [FilingStage::AwaitingApproval, FilingStage::Settled, FilingStage::Accepted].contains(&stage);
        self.home().await.filings.into_iter().filter(|line| stands(line.stage)).map(|line| line.filing).collect()
    }

    /// Takes a filing back.
    ///
    /// # Errors
    /// What she would be shown.
    pub async fn withdraw(&self, filing: &str) -> Result<FilingView, UiError> {
        let args = json!({ "filing": filing, "reason": "重新办理", "certificate": CLERK_KEY, "pin": PIN });
        call(&self.desk, "filing_withdraw", args).await
    }
}

/// What the tests say where there is nothing to be done; no program does.
fn nothing() -> UiError {
    UiError::new("nothing", BTreeMap::new(), "")
}
