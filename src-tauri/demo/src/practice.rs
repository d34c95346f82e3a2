//! The practice center, started in this process on a free port of this machine.
//!
//! # What time it is there
//! The practice is about July 2026 whatever today is. When a practice folder is opened for the first time, the
//! center's clock starts at [`BEGINS`] and then runs with the real one, across restarts too, so that nothing signed
//! or received ever lies in the future. July 2026 stays the unit's first month that is not yet verified, so it can
//! be filed for at any later time. TLS however is judged by the real clock of this computer, so everything the
//! center issues is valid from 2020 to 2049, which covers both.

use std::fs;
use std::path::{Path, PathBuf};

use huijiao_center::{
    ActivationCode, ActivationFor, Center, CenterClock, CenterConfig, Decision, RefusedRow, ReviewRule, RunningCenter,
    Seed, Undecided, UnitRole,
};
use huijiao_desk::views::PracticeDecision;
use huijiao_domain::filing::FilingKind;
use huijiao_domain::money::Yuan;
use huijiao_domain::profile::{Approval, CenterProfile};
use huijiao_signing::issue::Validity;
use huijiao_signing::{KeyProvider, P12Folder, Pin, TrustAnchors};
use jiff::civil::{Date, date};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::DemoError;
use crate::past::{past_months, past_withdrawals};
use crate::people::{UNIT_ACCOUNT, UnitRoster, other_unit, practice_unit};
use crate::workbooks::{self, PracticeBook};

/// The center's time when a practice begins: a Monday morning at the start of the adjustment season.
pub const BEGINS: &str = "2026-07-06T09:00:00+08:00";
/// PIN of every practice certificate; no secret, it is shown beside the field.
pub const PIN: &str = "123456";
/// 经办人
pub const CLERK: &str = "王晓敏";
/// 复核人
pub const APPROVER: &str = "李建国";
/// The seed for a center of its own: `huijiao-center --seed`.
pub const SEED: &str = "center-seed.json";
/// Last day of the practice unit's agreement on 委托收款.
const AGREED_UNTIL: Date = date(2027, 12, 31);
/// Days that a certificate holds which was asked for in the practice.
const ENROLLED_DAYS: u16 = 50;
const DIARY: &str = "practice.json";
/// What the practice officer says where he does not accept.
const UNCONVINCED: &str = "申报材料不能说明情况";
/// Key id of [`CLERK`] in the folder of certificates.
pub const CLERK_KEY: &str = "clerk";
/// Key id of [`APPROVER`] in the folder of certificates.
pub const APPROVER_KEY: &str = "approver";

/// A practice that runs: the center until it is dropped, everything else on disk.
#[derive(Debug)]
pub struct Practice {
    /// The center.
    pub center: RunningCenter,
    /// 单位账号 of the practice unit.
    pub unit_account: &'static str,
    /// Folder with the key files [`CLERK_KEY`] and [`APPROVER_KEY`], both under [`PIN`].
    pub certificates: PathBuf,
    /// Folder with the practice workbooks.
    pub workbook_folder: PathBuf,
    /// The practice workbooks.
    pub workbooks: Vec<PracticeBook>,
    /// What to add to this computer's time to be at the center's.
    pub clock_offset: SignedDuration,
}

#[derive(Debug, Serialize, Deserialize)]
struct Diary {
    /// Real time of the first opening.
    began: Timestamp,
}

impl Practice {
    /// Opens the practice in a folder, which is made if missing; `now` is this computer's time. What was filed there
    /// before is still there. A practice certificate that is missing, locked or of another center is issued anew.
    ///
    /// # Errors
    /// [`DemoError`] when the folder cannot be written or the center does not start.
    pub async fn open(folder: &Path, now: Timestamp) -> Result<Self, DemoError> {
        let profile = practice_profile()?;
        let unit = practice_unit(&profile)?;
        fs::create_dir_all(folder).map_err(|cause| DemoError::disk(folder, cause))?;
        let clock_offset = offset(folder, now)?;
        let workbook_folder = folder.join("表格");
        let workbooks = workbooks::lay(&workbook_folder, &unit, &profile)?;
        let center = Center::start(CenterConfig {
            clock: CenterClock::ahead(clock_offset),
            validity: Some(validity()?),
            seed: Some(seed(&unit, &profile)),
            ..CenterConfig::in_folder(folder.join("center"))
        })
        .await
        .map_err(|cause| DemoError::Center { folder: folder.into(), cause })?;
        let other = seed(&other_unit(&profile)?, &profile);
        center.seed(other).await.map_err(|cause| DemoError::Center { folder: folder.into(), cause })?;
        let practice = Self {
            center,
            unit_account: UNIT_ACCOUNT,
            certificates: folder.join("certificates"),
            workbook_folder,
            workbooks,
            clock_offset,
        };
        for (key, name, role) in [(CLERK_KEY, CLERK, UnitRole::Clerk), (APPROVER_KEY, APPROVER, UnitRole::Approver)] {
            if !practice.usable(key)? {
                practice.issue(folder, key, name, role).await?;
            }
        }
        Ok(practice)
    }

    /// The unit's bank transfers money to the center; it comes in on the next day.
    ///
    /// # Errors
    /// [`DemoError::Center`].
    pub async fn transfer(&self, folder: &Path, amount: Yuan, remark: &str) -> Result<(), DemoError> {
        let sent = self.center.transfer(self.unit_account, amount, remark).await;
        sent.map_err(|cause| DemoError::Center { folder: folder.into(), cause })
    }

    /// Days go by at the center, for good: the practice opens on the later day next time too.
    ///
    /// # Errors
    /// [`DemoError::Disk`].
    pub fn let_days_go_by(&mut self, folder: &Path, now: Timestamp, days: u16) -> Result<(), DemoError> {
        let by = SignedDuration::from_hours(24 * i64::from(days));
        let clock_offset = self.clock_offset + by;
        let begins: Timestamp = BEGINS.parse().map_err(|_| DemoError::Profile)?;
        // As if it had been opened so much earlier.
        let began = begins.checked_sub(clock_offset).unwrap_or(now);
        note(folder, began)?;
        self.center.clock().run_ahead(clock_offset);
        self.clock_offset = clock_offset;
        Ok(())
    }

    /// The practice officer decides of a filing that waits. Of part of one he refuses the last row.
    ///
    /// # Errors
    /// [`DemoError::Undecided`] when it does not wait, has one row only, or cannot be booked any more.
    pub async fn decide(&self, filing: Uuid, decision: PracticeDecision) -> Result<(), DemoError> {
        let decision = match decision {
            PracticeDecision::Accept => Decision::Accept,
            PracticeDecision::Refuse => Decision::Refuse { reason: UNCONVINCED.to_owned() },
            PracticeDecision::Partly => {
                let rows = self.rows_of(filing).await?;
                let last = rows.checked_sub(1).and_then(|last| u32::try_from(last).ok());
                let refused = last.map(|row| RefusedRow { row, reason: UNCONVINCED.to_owned(), code: None });
                Decision::Partly { rows: refused.into_iter().collect() }
            }
        };
        self.center.decide(filing, decision).await?;
        Ok(())
    }

    /// An activation code for somebody. The certificate that it brings can be renewed soon, so that this can be tried too.
    ///
    /// # Errors
    /// [`DemoError::Undecided`] when the counter says no.
    pub async fn activation(&self, name: &str, role: UnitRole) -> Result<ActivationCode, DemoError> {
        let wanted =
            ActivationFor { unit: self.unit_account.into(), name: name.into(), role, days: Some(ENROLLED_DAYS) };
        Ok(self.center.activation(wanted).await.map_err(Undecided::from)?)
    }

    async fn rows_of(&self, filing: Uuid) -> Result<usize, DemoError> {
        let waiting = self.center.in_review().await.map_err(Undecided::from)?;
        let found = waiting.into_iter().find(|one| one.id == filing);
        Ok(found.and_then(|one| one.rows.as_array().map(Vec::len)).unwrap_or_default())
    }

    /// Filings of a kind wait for the practice officer from now on, or are booked at once.
    ///
    /// # Errors
    /// [`DemoError::Undecided`] for kinds that nobody reviews.
    pub async fn review(&self, kind: FilingKind, officer: bool) -> Result<(), DemoError> {
        let rule = if officer { ReviewRule::Officer } else { ReviewRule::Book };
        Ok(self.center.set_review_rule(kind, rule).await?)
    }

    /// Filings of a kind need the approver's signature from now on, or do not.
    ///
    /// # Errors
    /// [`DemoError::Undecided`] when the center's database refuses.
    pub async fn countersign(&self, kind: FilingKind, wanted: bool) -> Result<(), DemoError> {
        let approval = if wanted { Approval::Always } else { Approval::None };
        Ok(self.center.set_approval(kind, approval).await.map_err(Undecided::from)?)
    }

    fn usable(&self, key: &str) -> Result<bool, DemoError> {
        let anchors = TrustAnchors::from_der(self.center.anchors())?;
        let at = self.center.clock().now();
        let keys = P12Folder::new(&self.certificates).list()?;
        Ok(keys.iter().filter(|one| one.id == key && one.tries_left != Some(0)).any(|one| {
            one.certificate.as_ref().is_some_and(|certificate| {
                anchors.check(certificate, &[], at, &[]).is_ok() && !self.center.is_revoked(certificate.der())
            })
        }))
    }

    async fn issue(&self, folder: &Path, key: &str, name: &str, role: UnitRole) -> Result<(), DemoError> {
        let pin = Pin::new(PIN);
        let issued = self
            .center
            .issue_operator(self.unit_account, name, role, pin.clone())
            .await
            .map_err(|cause| DemoError::Center { folder: folder.into(), cause })?;
        P12Folder::new(&self.certificates).install(key, &issued.p12, &pin)?;
        Ok(())
    }
}

/// The practice unit as a center is seeded with it; operators are added by their certificates.
pub fn seed(unit: &UnitRoster, profile: &CenterProfile) -> Seed {
    Seed {
        profile: profile.clone(),
        unit: unit.unit.clone(),
        contributors: unit.roster.contributors.clone(),
        months: past_months(unit),
        withdrawals: past_withdrawals(unit),
        debit_agreement: Some(AGREED_UNTIL),
        operators: Vec::new(),
    }
}

/// Writes [`SEED`] into a folder that is there.
///
/// # Errors
/// [`DemoError::Disk`].
pub fn lay_seed(folder: &Path, unit: &UnitRoster, profile: &CenterProfile) -> Result<PathBuf, DemoError> {
    let path = folder.join(SEED);
    let mut bytes = serde_json::to_vec_pretty(&seed(unit, profile)).map_err(|_| DemoError::Profile)?;
    bytes.push(b'\n');
    fs::write(&path, bytes).map_err(|cause| DemoError::disk(&path, cause))?;
    Ok(path)
}

/// The rules of the practice center: what changes the sums of everybody is signed by a second person.
fn practice_profile() -> Result<CenterProfile, DemoError> {
    let mut profile = CenterProfile::shipped("demo").ok_or(DemoError::Profile)?;
    profile.kinds.insert(FilingKind::RatioAdjustment, Approval::Always);
    Ok(profile)
}

fn validity() -> Result<Validity, DemoError> {
    let day = |text: &str| text.parse::<Timestamp>().map_err(|_| DemoError::Profile);
    Ok(Validity { not_before: day("2020-01-01T00:00:00+08:00")?, not_after: day("2049-12-31T23:59:59+08:00")? })
}

/// Keeps the real time that stands for the practice's beginning.
fn note(folder: &Path, began: Timestamp) -> Result<(), DemoError> {
    let path = folder.join(DIARY);
    let diary = serde_json::to_vec(&Diary { began }).map_err(|_| DemoError::Profile)?;
    fs::write(&path, diary).map_err(|cause| DemoError::disk(&path, cause))
}

/// From this computer's time to the practice's.
fn offset(folder: &Path, now: Timestamp) -> Result<SignedDuration, DemoError> {
    let path = folder.join(DIARY);
    let begins: Timestamp = BEGINS.parse().map_err(|_| DemoError::Profile)?;
    let written: Option<Diary> = fs::read(&path).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok());
    // A computer whose clock was put back would otherwise find itself before July.
    let began = match written {
        Some(diary) if diary.began <= now => diary.began,
        Some(_) | None => {
            note(folder, now)?;
            now
        }
    };
    Ok(begins.duration_since(began))
}
