//! Why a step could not be done, with a stable code; the words are in the one table of texts.

use std::collections::BTreeMap;

use huijiao_documents::PaperError;
use huijiao_domain::mask;
use huijiao_gateway::NetError;
use huijiao_protocol::filing::ContentError;
use huijiao_sheets::upload::UploadError;
use huijiao_sheets::write::WriteError;
use huijiao_sheets::{RosterError, SheetError, StatementError};
use huijiao_signing::{Certificate, SignError, VerifyError};
use huijiao_store::vault::VaultError;
use huijiao_store::{BackupError, StoreError};

use crate::import::OFFERED;
use crate::views::UiError;

/// Why a step could not be done.
#[derive(Debug, thiserror::Error)]
pub enum DeskError {
    /// The workbook cannot be read.
    #[error(transparent)]
    Sheet(#[from] SheetError),
    /// The workbook cannot be written.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// A roster that is none.
    #[error(transparent)]
    Roster(#[from] RosterError),
    /// A bank statement that cannot be used.
    #[error(transparent)]
    Statement(#[from] StatementError),
    /// The center's own file cannot be written or read.
    #[error(transparent)]
    Upload(#[from] UploadError),
    /// A form cannot be printed.
    #[error(transparent)]
    Paper(#[from] PaperError),
    /// The key does not sign.
    #[error(transparent)]
    Sign(#[from] SignError),
    /// A signature does not hold.
    #[error(transparent)]
    Verify(#[from] VerifyError),
    /// The center was not reached, or its answer cannot be used.
    #[error(transparent)]
    Net(#[from] NetError),
    /// The local database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A backup.
    #[error(transparent)]
    Backup(#[from] BackupError),
    /// The key of the local database.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// The content of a filing.
    #[error(transparent)]
    Content(#[from] ContentError),
    /// A file of the user's cannot be read.
    #[error("cannot read {name}: {source}")]
    FileRead {
        /// File name without folder.
        name: String,
        /// The system's word.
        source: std::io::Error,
    },
    /// A file cannot be written.
    #[error("cannot write {name}: {source}")]
    FileWrite {
        /// File name without folder.
        name: String,
        /// The system's word.
        source: std::io::Error,
    },
    /// The practice center does not start.
    #[error("practice center: {cause}")]
    Practice {
        /// Stable code.
        code: &'static str,
        /// Figures for its words.
        args: BTreeMap<String, String>,
        /// For the log.
        cause: String,
    },
    /// A refusal of ours that needs no more than its code and figures.
    #[error("{code}")]
    Refusal {
        /// Stable code.
        code: &'static str,
        /// Figures for its words.
        args: BTreeMap<String, String>,
    },
    /// Something that should not happen.
    #[error("internal: {0}")]
    Internal(String),
}

macro_rules! refusals {
    ($($(#[$doc:meta])* $name:ident = $code:literal,)*) => {
        impl DeskError {
            $($(#[$doc])* pub const $name: &'static str = $code;)*

            /// Every refusal code of the desk itself.
            pub const CODES: &'static [&'static str] = &[$($code,)* "desk-file-held", "desk-file-read", "desk-file-write", "desk-content", "desk-internal"];
        }
    };
}

refusals! {
    /// This program has no practice center.
    NO_PRACTICE = "desk-no-practice",
    /// No unit is open.
    NO_SESSION = "desk-no-session",
    /// The screen is locked.
    SCREEN_LOCKED = "desk-screen-locked",
    /// Nothing could unlock the screen.
    NO_WAY_TO_UNLOCK = "desk-no-way-to-unlock",
    /// The folder that was chosen for backups is away or cannot be written: they lie beside the data; arg `folder`.
    BACKUP_FOLDER = "desk-backup-folder",
    /// Something in today's backup does not open any more: the older ones stay.
    BACKUP_UNPROVEN = "desk-backup-unproven",
    /// The log of operations does not hold from arg `seq` on.
    AUDIT_BROKEN = "desk-audit-broken",
    /// A filing knows more of the log of operations than there is; args `seq`, `number`.
    AUDIT_CUT = "desk-audit-cut",
    /// The receipt before this one is nowhere; arg `number`.
    RECEIPT_GAP = "desk-receipt-gap",
    /// Two receipts follow the same one; args `number`, `other`.
    RECEIPT_FORK = "desk-receipt-fork",
    /// A receipt kept here that the center does not have any more; arg `number`.
    RECEIPT_DROPPED = "desk-receipt-dropped",
    /// A receipt in the center's list that is not signed by it, or of another filing; arg `number`.
    RECEIPT_FORGED = "desk-receipt-forged",
    /// The store is locked.
    LOCKED = "desk-locked",
    /// A query that begins after it ends.
    PERIOD_REVERSED = "desk-period-reversed",
    /// The entries of a ledger do not make its balance.
    LEDGER_UNBALANCED = "desk-ledger-unbalanced",
    /// Another query was asked before this one was answered.
    QUERY_OVERTAKEN = "desk-query-overtaken",
    /// No such draft.
    DRAFT_GONE = "desk-draft-gone",
    /// The draft has moved on since the page was drawn.
    DRAFT_STALE = "desk-draft-stale",
    /// A row or field that the draft does not have.
    NO_SUCH_CELL = "desk-no-such-cell",
    /// Rows cannot be added to this draft, or not as many.
    NO_ROOM = "desk-no-room",
    /// Nothing to undo or redo.
    NO_STEP = "desk-no-step",
    /// The workbook that a draft came from is not kept here.
    SOURCE_GONE = "desk-source-gone",
    /// What was prepared to be signed is not what would be signed now.
    CONTENT_MOVED = "desk-content-moved",
    /// The user gave a long step up.
    GIVEN_UP = "desk-given-up",
    /// No such workbook ticket.
    TICKET_GONE = "desk-ticket-gone",
    /// The month is not a month.
    PERIOD_UNREADABLE = "desk-period-unreadable",
    /// Findings stand in the way of signing.
    OBSTACLES = "desk-obstacles",
    /// The roster has moved since the draft was checked.
    ROSTER_MOVED = "desk-roster-moved",
    /// No roster has been fetched yet.
    ROSTER_MISSING = "desk-roster-missing",
    /// This certificate cannot sign here.
    CERTIFICATE_UNUSABLE = "desk-certificate-unusable",
    /// This is no driver of a token; arg `path`.
    NO_MODULE = "desk-no-module",
    /// This computer's clock is too far off to sign with; arg `minutes`.
    CLOCK_OFF = "desk-clock-off",
    /// The certificate is of another unit.
    CERTIFICATE_OTHER_UNIT = "desk-certificate-other-unit",
    /// The certificate is of another operator than the one who logged in.
    CERTIFICATE_OTHER_OPERATOR = "desk-certificate-other-operator",
    /// The center takes no signatures of the certificate's algorithm.
    CERTIFICATE_ALGORITHM = "desk-certificate-algorithm",
    /// The operator is not the unit's clerk.
    NOT_CLERK = "desk-not-clerk",
    /// The operator is not the unit's approver.
    NOT_APPROVER = "desk-not-approver",
    /// The filing does not wait for an approver.
    APPROVAL_ENDED = "desk-approval-ended",
    /// Not the file that the center has, or not the one that this clerk signed.
    APPROVAL_DIFFERS = "desk-approval-differs",
    /// What was signed for one unit is not sent from another, nor to another center; arg `unit`.
    FILING_OTHER_UNIT = "desk-filing-other-unit",
    /// The signed file is of another unit or center.
    APPROVAL_OTHER_UNIT = "desk-approval-other-unit",
    /// Another filing was looked at meanwhile.
    APPROVAL_STALE = "desk-approval-stale",
    /// The center does not have the filing that something was signed about.
    APPROVAL_AHEAD = "desk-approval-ahead",
    /// What was said before has no answer yet.
    APPROVAL_OPEN = "desk-approval-open",
    /// Returned without a reason.
    APPROVAL_REASON = "desk-approval-reason",
    /// The certificates between this one and the center's authority are not in the file.
    CERTIFICATE_CHAIN = "desk-certificate-chain",
    /// The certificate is here already.
    CERTIFICATE_KNOWN = "desk-certificate-known",
    /// There is no fresh revocation list, and the center wants one.
    CRL_STALE = "desk-crl-stale",
    /// The new PIN is the old one.
    PIN_UNCHANGED = "desk-pin-unchanged",
    /// The PIN of a practice certificate is fixed.
    PRACTICE_PIN = "desk-practice-pin",
    /// A certificate on a token is renewed by its issuer.
    TOKEN_RENEWAL = "desk-token-renewal",
    /// The certificate that the center gave is not what was asked for.
    CERTIFICATE_ANSWER = "desk-certificate-answer",
    /// A certificate reported lost with itself, where another one is needed.
    LOST_BY_ITSELF = "desk-lost-by-itself",
    /// A submission is under way.
    BUSY = "desk-busy",
    /// Nothing has to be paid under this name any more; arg `due`.
    NOT_DUE = "desk-not-due",
    /// The money has been claimed, or never came in; arg `number`.
    INCOMING_GONE = "desk-incoming-gone",
    /// The center's books have moved since the order was reviewed.
    ORDER_MOVED = "desk-order-moved",
    /// The center has people of the list otherwise; arg `count`.
    LIST_DIFFERS = "desk-list-differs",
    /// An order of this computer has no answer yet; arg `kind`.
    ORDER_PENDING = "desk-order-pending",
    /// An order never was a draft: it is made anew.
    NOT_FROM_DRAFT = "desk-not-from-draft",
    /// More months in a row than are looked at; arg `months`.
    TOO_MANY_MONTHS = "desk-too-many-months",
    /// No such filing.
    FILING_GONE = "desk-filing-gone",
    /// A withdrawal without a reason.
    WITHDRAWAL_REASON = "desk-withdrawal-reason",
    /// The filing is in no state that can be withdrawn.
    WITHDRAWAL_STATE = "desk-withdrawal-state",
    /// Only a refused filing becomes a draft again.
    NOT_REFUSED = "desk-not-refused",
    /// A refused filing becomes a draft once.
    ALREADY_REOPENED = "desk-already-reopened",
    /// The center's receipt does not hold.
    RECEIPT_INVALID = "desk-receipt-invalid",
    /// A receipt of another filing or another unit.
    RECEIPT_OTHERS = "desk-receipt-others",
    /// Whether the receipt's signer was revoked is not known, and the center wants that known.
    RECEIPT_UNJUDGED = "desk-receipt-unjudged",
    /// The answer's receipt was not believed and lies apart; arg `reason`.
    RECEIPT_REFUSED = "desk-receipt-refused",
    /// The data is there, its key is not in the keyring any more.
    KEY_LOST = "desk-key-lost",
    /// Nothing but the keyring opens data that are not the practice's.
    RECOVERY_MISSING = "desk-recovery-missing",
    /// Nothing is known of this city.
    NO_SUCH_CITY = "desk-no-such-city",
    /// There is no such page of the help.
    NO_SUCH_PAGE = "desk-no-such-page",
    /// There are no rules of this code.
    NO_SUCH_PROFILE = "desk-no-such-profile",
    /// The code of rules that are there already.
    PROFILE_TAKEN = "desk-profile-taken",
    /// Rules that are not the user's own.
    PROFILE_NOT_OWN = "desk-profile-not-own",
    /// A file that is no file of rules.
    PROFILE_FILE = "desk-profile-file",
    /// A list without a row to compare.
    LIST_EMPTY = "desk-list-empty",
    /// Nobody of the roster has this account.
    CONTRIBUTOR_GONE = "desk-contributor-gone",
    /// A day that is none.
    DAY_UNREADABLE = "desk-day-unreadable",
    /// A figure asked for that is none.
    FIGURE_UNREADABLE = "desk-figure-unreadable",
    /// The center has given no formula of loans.
    NO_LOAN_RULE = "desk-no-loan-rule",
    /// A ratio asked for that is none.
    RATIO_UNREADABLE = "desk-ratio-unreadable",
    /// A center's address that is none.
    CENTER_ADDRESS = "desk-center-address",
    /// A file without a center's root certificates.
    CENTER_ROOT = "desk-center-root",
    /// No 单位账号.
    UNIT_ACCOUNT = "desk-unit-account",
    /// A unit of this account is here already.
    UNIT_TAKEN = "desk-unit-taken",
    /// No unit of the user's own has this account.
    NO_SUCH_UNIT = "desk-no-such-unit",
    /// The center has no gateway.
    NO_GATEWAY = "desk-no-gateway",
    /// A sheet without a column of unit accounts.
    NO_UNIT_COLUMN = "desk-no-unit-column",
    /// The address of a proxy that is none.
    PROXY_ADDRESS = "desk-proxy-address",
    /// No root certificates say whose signatures hold for this unit.
    NO_ROOTS = "desk-no-roots",
    /// The filing stays in the unit's own books: there is nobody to ask about it.
    FILING_KEPT = "desk-filing-kept",
    /// The draft, as it is now, is not signed.
    UPLOAD_UNSIGNED = "desk-upload-unsigned",
    /// An approver returned what was signed; arg `filing`.
    UPLOAD_RETURNED = "desk-upload-returned",
    /// What was signed still wants an approver's signature; arg `filing`.
    UPLOAD_UNAPPROVED = "desk-upload-unapproved",
    /// The center has a gateway: nothing comes or goes as a file.
    GATEWAY_ONLY = "desk-gateway-only",
    /// The draft has not been written as an upload file yet.
    NOT_EXPORTED = "desk-not-exported",
    /// The center has taken the draft; it is not changed any more.
    UPLOAD_ACCEPTED = "desk-upload-accepted",
    /// The draft left as a file, and the center may have it: it is not submitted another way.
    UPLOAD_UNDECIDED = "desk-upload-undecided",
    /// The center's number of a filing is missing.
    NUMBER_MISSING = "desk-number-missing",
    /// No such comparison.
    COMPARISON_GONE = "desk-comparison-gone",
    /// The comparison has moved on since the page was drawn.
    COMPARISON_STALE = "desk-comparison-stale",
    /// Somebody waits for an answer.
    COMPARISON_OPEN = "desk-comparison-open",
    /// Warnings about the file or the matching are not confirmed.
    COMPARISON_UNCONFIRMED = "desk-comparison-unconfirmed",
    /// The file cannot be what is to be compared.
    COMPARISON_BLOCKED = "desk-comparison-blocked",
    /// Its drafts were made: decisions stand.
    COMPARISON_MADE = "desk-comparison-made",
    /// 封存 without a reason that the center knows.
    COMPARISON_REASON = "desk-comparison-reason",
    /// 本次不办 without a note.
    COMPARISON_NOTE = "desk-comparison-note",
    /// Nothing of the month was taken by the center; arg `month`.
    NO_PAPERS = "desk-no-papers",
    /// The month is not verified, or was before the center's books; arg `month`.
    NOT_VERIFIED = "desk-not-verified",
    /// A draft without a usable row.
    NOTHING_TO_PRINT = "desk-nothing-to-print",
    /// The order does not wait for a transfer, or not any more; arg `number`.
    NOT_AWAITED = "desk-not-awaited",
    /// The system has no program for PDF files; arg `file`.
    NO_VIEWER = "desk-no-viewer",
    /// This program has no place where newer ones are announced.
    UPDATE_OFF = "desk-update-off",
    /// Where newer programs are announced nobody answers, or it breaks off; arg `reason`.
    UPDATE_UNREACHED = "desk-update-unreached",
    /// What is announced is not what was shown any more; arg `version`.
    UPDATE_OTHER = "desk-update-other",
    /// The package is not signed by the publisher, or for another version; arg `version`.
    UPDATE_UNPROVEN = "desk-update-unproven",
    /// The package does not install; arg `reason`.
    UPDATE_FAILED = "desk-update-failed",
    /// There is no such command.
    NO_SUCH_COMMAND = "desk-no-such-command",
    /// The arguments of a command do not fit.
    BAD_ARGUMENTS = "desk-bad-arguments",
}

impl DeskError {
    /// A refusal with its code alone.
    pub fn refusal(code: &'static str) -> Self {
        Self::Refusal { code, args: BTreeMap::new() }
    }

    /// A refusal with one figure.
    pub fn refusal_with(code: &'static str, name: &str, value: impl ToString) -> Self {
        Self::Refusal { code, args: BTreeMap::from([(name.to_owned(), value.to_string())]) }
    }

    /// The stable code.
    pub fn code(&self) -> &str {
        match self {
            Self::Sheet(e) => e.code(),
            Self::Write(e) => e.code(),
            Self::Roster(e) => e.code(),
            Self::Statement(e) => e.code(),
            Self::Upload(e) => e.code(),
            Self::Paper(e) => e.code(),
            Self::Sign(e) => e.code(),
            Self::Verify(e) => e.code(),
            Self::Net(e) => e.code(),
            Self::Store(e) => e.code(),
            Self::Backup(e) => e.code(),
            Self::Vault(e) => e.code(),
            Self::Content(_) => "desk-content",
            Self::FileRead { source, .. } | Self::FileWrite { source, .. } if huijiao_files::is_held(source) => {
                "desk-file-held"
            }
            Self::FileRead { .. } => "desk-file-read",
            Self::FileWrite { .. } => "desk-file-write",
            Self::Practice { code, .. } => code,
            Self::Refusal { code, .. } => code,
            Self::Internal(_) => "desk-internal",
        }
    }

    /// Figures for the words.
    pub fn args(&self) -> BTreeMap<String, String> {
        match self {
            Self::Sheet(e) if e.depends_on_encoding() => {
                // The page offers them where the words tell to choose another one.
                let mut args = e.args();
                args.insert("encodings".to_owned(), OFFERED.join(" "));
                args
            }
            Self::Sheet(e) => e.args(),
            Self::Write(e) => e.args(),
            Self::Roster(e) => e.args(),
            Self::Statement(e) => e.args(),
            Self::Upload(e) => e.args(),
            Self::Paper(e) => e.args(),
            Self::Sign(e) => e.args().into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
            Self::Verify(_) | Self::Vault(_) | Self::Content(_) | Self::Internal(_) => BTreeMap::new(),
            Self::Net(e) => e.args().into_iter().chain(issuer(e)).collect(),
            Self::Store(e) => e.args(),
            Self::Backup(e) => e.args(),
            Self::FileRead { name, .. } | Self::FileWrite { name, .. } => {
                BTreeMap::from([("name".to_owned(), name.clone())])
            }
            Self::Refusal { args, .. } | Self::Practice { args, .. } => args.clone(),
        }
    }

    /// As it crosses to the UI.
    pub fn to_ui(&self, trace: &str) -> UiError {
        UiError::new(self.code(), self.args(), trace)
    }
}

/// Longest name of an issuer that is repeated.
const NAME: usize = 80;

/// Who issued the certificate of a server that is not the center: a company's proxy or a virus scanner names itself there.
/// Anybody can write anything there, and it is only repeated.
fn issuer(error: &NetError) -> Option<(String, String)> {
    let NetError::CertificateUntrusted { shown: Some(shown), .. } = error else { return None };
    let name = Certificate::from_der(shown).ok()?.issuer_name();
    let plain = |c: &char| {
        !c.is_control() && !matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}')
    };
    // Masked last: a character that nobody sees would part a number in two.
    let name: String = name.chars().filter(plain).collect();
    let name: String = mask::id_numbers_in(&name).chars().take(NAME).collect();
    (!name.trim().is_empty()).then(|| ("issuer".to_owned(), name))
}

#[cfg(test)]
mod tests {
    use std::io::{Error, ErrorKind};

    use super::*;

    #[test]
    fn a_file_that_another_program_holds_is_said_to_be_held_whether_read_or_written() {
        let name = || "工资.xlsx".to_owned();
        for (kind, read, written) in [
            (ErrorKind::ResourceBusy, "desk-file-held", "desk-file-held"),
            (ErrorKind::PermissionDenied, "desk-file-read", "desk-file-write"),
        ] {
            let source = || Error::from(kind);
            assert_eq!(DeskError::FileRead { name: name(), source: source() }.code(), read, "{kind}");
            let error = DeskError::FileWrite { name: name(), source: source() };
            assert_eq!((error.code(), error.args()["name"].as_str()), (written, "工资.xlsx"), "{kind}");
        }
    }
}
