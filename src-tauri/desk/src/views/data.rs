//! 数据与安全: backups, the recovery passphrase, restoring.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{Choice, UiError};

/// `backups`: the backups of this computer, and whether they can be opened on another one.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct BackupsView {
    /// Where the automatic ones go.
    pub folder: String,
    /// The user chose it; else it lies beside the data.
    pub chosen: bool,
    /// The newest first.
    pub backups: Vec<BackupLine>,
    /// The passphrase that opens the data on another computer.
    pub passphrase: PassphraseUse,
    /// Why the automatic backup of today is not there, or not where it was to go.
    pub trouble: Option<UiError>,
}

/// What a passphrase is for here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
#[serde(rename_all = "snake_case")]
pub enum PassphraseUse {
    /// There is none: backups open on this computer only.
    None,
    /// It opens backups, and the data should the keyring lose their key.
    Recovery,
    /// It opens the data at every start, and backups.
    Data,
}

/// A backup.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct BackupLine {
    /// File name.
    pub name: String,
    /// When it was made, local time `2026-07-06 14:32`; empty where its head cannot be read.
    pub made_at: String,
    /// `daily`, `upgrade`, `restore`, `manual` or `unproven`.
    pub reason: String,
    /// Version of the program that made it.
    pub version: String,
    /// Open drafts in it.
    #[ts(type = "number")]
    pub drafts: u64,
    /// Signed filings in it.
    #[ts(type = "number")]
    pub filings: u64,
    /// Bytes of the file.
    #[ts(type = "number")]
    pub size: u64,
    /// It opens by a passphrase, on any computer.
    pub portable: bool,
    /// Why it cannot be used.
    pub problem: Option<UiError>,
}

/// Which backup is meant: one of the list, or a file that the user chose.
#[derive(Debug, Clone, Default, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct BackupChoice {
    /// File name of an automatic one.
    #[serde(default)]
    #[ts(optional)]
    pub name: Option<String>,
    /// Ticket of a chosen file.
    #[serde(default)]
    #[ts(optional)]
    pub ticket: Option<String>,
}

/// `restore_look`: what a backup would bring.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct RestoreView {
    /// The backup.
    pub backup: BackupLine,
    /// It was made under another key: its passphrase is needed.
    pub asks_passphrase: bool,
    /// There are data on this computer, whose place it takes.
    pub replaces: bool,
}

/// What unlocks the screen.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct UnlockWay {
    /// The certificate whose PIN does; empty for the passphrase.
    pub certificate: String,
    /// Name in the certificate.
    pub holder: String,
}

/// `safety`: when the screen locks, whether ID numbers are masked, how long copies are kept.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct SafetyView {
    /// Minutes without a sign of life; 0 for never.
    pub lock_minutes: u32,
    /// What can be chosen.
    pub lock_choices: Vec<u32>,
    /// There is a PIN or a passphrase that could unlock it.
    pub can_lock: bool,
    /// ID numbers show their ends only.
    pub masked: bool,
    /// Days that copies are kept; 0 for ever.
    pub retention_days: u32,
    /// What can be chosen.
    pub retention_choices: Vec<u32>,
    /// How long the rules of each unit's center let the data of people who left lie.
    pub retention: Vec<RetentionLine>,
    /// What is kept no longer.
    pub erasable: ErasableView,
    /// What was erased and is not out of the log beside the database yet.
    pub unemptied: Option<UiError>,
    /// Backups of before the last erasure, where there are any.
    pub older: Option<OlderBackups>,
}

/// Backups of before the last erasure: what was erased is still in them.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct OlderBackups {
    /// When it was erased, local time.
    pub erased_at: String,
    /// The oldest first.
    pub backups: Vec<OlderBackup>,
}

/// One of them.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct OlderBackup {
    /// Where it was put; the folder itself where that is away and nobody knows what is in it.
    pub path: String,
    /// When it was made, local time; empty for such a folder.
    pub made_at: String,
    /// It lies there now, and can be deleted.
    pub here: bool,
}

/// `older_backups_delete`: what was deleted.
#[derive(Debug, Clone, Default, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct OlderBackupsGone {
    /// How many.
    pub deleted: u32,
    /// Those that are not where they were put: on a stick, in another folder.
    pub missing: Vec<OlderBackup>,
    /// How many in words, for the log of operations; empty where there was nothing.
    pub summary: String,
}

/// How long the data of a unit's people who left are kept.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct RetentionLine {
    /// 单位账号
    pub account: String,
    /// Name of the center; empty where its rules are not known, and the usual years hold.
    pub center: String,
    /// Years.
    pub years: u8,
}

/// `erase`: what was erased.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct Erased {
    /// Counted.
    pub erased: ErasableView,
    /// The counts in words, for the log of operations; empty where there was nothing.
    pub summary: String,
    /// Why it is not out of the log beside the database yet; the next time takes it out.
    pub trouble: Option<UiError>,
}

/// Copies of people's data that are kept no longer, counted.
#[derive(Debug, Clone, Default, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct ErasableView {
    /// People in rosters who left.
    #[ts(type = "number")]
    pub people: u64,
    /// Drafts, with the workbooks they came from.
    #[ts(type = "number")]
    pub drafts: u64,
    /// Comparisons with their payrolls.
    #[ts(type = "number")]
    pub comparisons: u64,
    /// Workbooks that drafts came from.
    #[ts(type = "number")]
    pub workbooks: u64,
    /// Notes of workbooks seen before.
    #[ts(type = "number")]
    pub imports: u64,
    /// Answers of the center to queries.
    #[ts(type = "number")]
    pub answers: u64,
    /// Rosters that the center gives again.
    #[ts(type = "number")]
    pub rosters: u64,
    /// Data that a restoration put aside because they could not be opened; the newest of them stays.
    #[ts(type = "number")]
    pub aside: u64,
}

/// Which entries of the log are wanted.
#[derive(Debug, Clone, Default, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct AuditFilter {
    /// A piece of any of their texts.
    #[serde(default)]
    pub find: String,
    /// Code of the operation; empty for every one.
    #[serde(default)]
    pub what: String,
    /// Zero-based.
    #[serde(default)]
    pub page: u32,
}

/// `audit`: a page of the log of operations, the newest first.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct AuditView {
    /// Entries of the whole log.
    pub entries: u32,
    /// Those that were wanted.
    pub found: u32,
    /// Zero-based.
    pub page: u32,
    /// Pages that there are, one at least.
    pub pages: u32,
    /// Those of this page.
    pub lines: Vec<AuditLine>,
    /// Operations that the log has.
    pub kinds: Vec<Choice>,
    /// Hash of the newest entry: of the whole log.
    pub head: String,
    /// The first place at which the log does not hold.
    #[ts(type = "number | null")]
    pub broken: Option<u64>,
}

/// An entry of the log.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct AuditLine {
    /// Its place.
    #[ts(type = "number")]
    pub seq: u64,
    /// Local time; empty where it cannot be read any more.
    pub at: String,
    /// The operator and his certificate, whoever works here without one, or the program itself.
    pub who: String,
    /// Code of the operation.
    pub what: String,
    /// Its Chinese name.
    pub title: String,
    /// What it was done to.
    pub on: String,
    /// What stood in the way; empty where it was done.
    pub outcome: String,
    /// SHA-256 over all until here.
    pub hash: String,
}

/// Where a masked ID number can be shown whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
#[serde(rename_all = "snake_case")]
pub enum IdScreen {
    /// A contributor's panel
    Contributor,
    /// A cell of a draft that is being edited
    Draft,
}

/// `id_shown`: what the log was told.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct IdShown {
    /// Name of the screen, Chinese.
    pub screen: String,
}
