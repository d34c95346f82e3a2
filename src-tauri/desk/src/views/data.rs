//! 数据与安全: backups, the recovery passphrase, restoring.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::UiError;

/// `backups`: the backups of this computer, and whether they can be opened on another one.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct BackupsView {
    /// Where the automatic ones lie.
    pub folder: String,
    /// The newest first.
    pub backups: Vec<BackupLine>,
    /// The passphrase that opens the data on another computer.
    pub passphrase: PassphraseUse,
    /// Why the automatic backup of today is not there.
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
    /// `daily`, `upgrade`, `restore` or `manual`.
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
