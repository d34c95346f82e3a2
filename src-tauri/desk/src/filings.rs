//! Signed filings: where they stand, their receipts verified anew at every look, and the way back for refused ones.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use huijiao_domain::filing::{FilingKind, Totals};
use huijiao_domain::mask;
use huijiao_domain::roster::Elsewhere;
use huijiao_domain::sheet::{CellKind, Field, RawCell, RawRow};
use huijiao_protocol::filing::{AuditHead, FilingContent};
use huijiao_protocol::receipt::{FilingState, ReceiptContent, RowResult};
use huijiao_signing::{Crl, Purpose, Role, TrustAnchors, verify};
use huijiao_store::{DraftLife, Filing, OutboxState, Store};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::approval::VerdictHead;
use crate::chain::Chain;
use crate::draft::{DraftRow, Returned};
use crate::drafts::{Move, NewDraft};
use crate::error::DeskError;
use crate::import::hex;
use crate::kept::{Kept, anchors_of, number_of};
use crate::review::{As, certificates};
use crate::submit::{Trouble, Work, archived, note, receipt_content, receipt_shown, receipt_under, said_by_center};
use crate::views::{
    DraftView, FilingLine, FilingStage, FilingView, FindingView, GridFilter, ReceiptView, UiError, VerificationStep,
};
use crate::{Desk, Inner, text};

/// What the desk keeps about a filing beside its bytes.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct FilingHead {
    pub(crate) kind: FilingKind,
    pub(crate) file_name: String,
    pub(crate) totals: Totals,
    /// How many rows were filed: not always one for each of the people.
    #[serde(default)]
    pub(crate) rows: u32,
    pub(crate) signer: String,
    pub(crate) roster_version: Option<u64>,
    /// Where the log of operations stood, as what is signed was prepared.
    #[serde(default)]
    pub(crate) audit: Option<AuditHead>,
    /// SHA-256 of what was signed, as the review showed it; empty where the filing has none on record.
    #[serde(default)]
    pub(crate) digest: String,
    /// It stays in the unit's own books, and is never sent.
    #[serde(default)]
    pub(crate) kept: Option<Kept>,
}

impl FilingHead {
    pub(crate) fn of(work: &Work) -> Self {
        Self {
            kind: work.rows.kind(),
            file_name: work.source.file_name.clone(),
            totals: work.rows.totals(),
            rows: u32::try_from(work.rows.len()).unwrap_or(u32::MAX),
            signer: String::new(),
            roster_version: work.roster_version,
            audit: None,
            digest: String::new(),
            kept: None,
        }
    }
}

impl Desk {
    /// A filing and everything known about it.
    pub fn filing(&self, filing: &str) -> Result<FilingView, DeskError> {
        let id = id_of(filing)?;
        let keys = self.keys_here()?;
        let mut inner = self.inner();
        let now = self.now(&inner);
        let Inner { store, session, chain, .. } = &mut *inner;
        let session = session.as_ref().ok_or_else(|| DeskError::refusal(DeskError::NO_SESSION))?;
        let store = store.as_mut().ok_or_else(|| DeskError::refusal(DeskError::LOCKED))?;
        let certificates = certificates(session, keys, now, As::Clerk);
        let anchors = TrustAnchors::from_der(&session.connection.anchors)?;
        let unit_name = session.unit.as_ref().map(|u| u.name.clone()).unwrap_or_default();
        let filing = of_id(store, id)?;
        let mut receipts = Vec::new();
        let mut newest = None;
        let filing_sha256 = hex(&Sha256::digest(store.filing_file(id)?));
        let of = ReceiptOf {
            id,
            unit_account: &filing.unit_account,
            filing_sha256: &filing_sha256,
            compared: "回执中的申报文件摘要与本机保存的一致",
            chain: chain.as_deref(),
            shown_under: None,
            wants_newer_crls: false,
        };
        for receipt in store.receipts(id)? {
            let (view, content) = receipt_view(store, &of, receipt, &anchors)?;
            receipts.push(view);
            newest = content;
        }
        let receipt = receipts.pop();
        let role = Role::Approver.as_str();
        let verdict = store.verdict::<VerdictHead>(id)?;
        // Of one that is kept here no receipt says who approved it.
        let said = verdict.as_ref().filter(|_| filing.head.kept.is_some());
        let by = |approved| said.filter(|verdict| verdict.approved == approved).map(|one| one.head.approver.as_str());
        let approver = newest.iter().flat_map(|content| &content.signers).find(|one| one.role == role);
        let approver = approver.map(|one| one.name.as_str()).or(by(true)).map(mask::id_numbers_in).unwrap_or_default();
        let returned_by = newest.iter().find_map(|content| content.returned_by.as_ref());
        let returned_by =
            returned_by.map(|one| one.name.as_str()).or(by(false)).map(mask::id_numbers_in).unwrap_or_default();
        let kept = filing.head.kept.as_ref().map(|kept| kept.view(store, session, &filing, said)).transpose()?;
        let row_results: Vec<_> = newest.into_iter().flat_map(|content| content.row_results).map(row_result).collect();
        let history = store
            .filing_events(id)?
            .into_iter()
            .map(|event| {
                // 业务流水号 is as long as an ID number and nobody's.
                let shown = |(name, said): (String, String)| {
                    let said = if name == "number" { said } else { mask::id_numbers_in(&said) };
                    (name, said)
                };
                let args = event.args.into_iter().map(shown).collect();
                let words = huijiao_domain::texts::fill(huijiao_domain::texts::title(&event.code), &args);
                (text::local_time(&event.at), words)
            })
            .collect();
        let trouble = filing
            .trouble
            .clone()
            .and_then(|t| serde_json::from_value::<Trouble>(t).ok())
            .map(|t| UiError { findings: t.findings, ..UiError::new(&t.code, t.args, "") });
        Ok(FilingView {
            line: line(&filing, number_of(store, &filing)?),
            kind_name: filing.head.kind.label().into(),
            unit_name,
            totals: text::totals(filing.head.totals),
            rows: filing.head.rows,
            signer: mask::id_numbers_in(&filing.head.signer),
            approver,
            returned_by,
            approving: verdict.is_some_and(|verdict| verdict.open),
            digest: filing.head.digest.clone(),
            sha256: filing.sha256.clone(),
            trouble,
            receipt,
            earlier_receipts: receipts,
            row_results,
            withdrawable: withdrawable(&filing),
            certificates,
            withdrawing: store.withdrawal(id)?.is_some(),
            reopenable: reopenable(store, &filing)?,
            kept,
            history,
        })
    }

    /// The filings of a unit at a center.
    pub(crate) fn filing_lines(
        &self,
        store: &mut Store,
        (center, unit): (&str, &str),
    ) -> Result<Vec<FilingLine>, DeskError> {
        let mut lines = Vec::new();
        let filings = store.filings::<FilingHead>()?;
        for filing in filings.into_iter().filter(|f| f.center == center && f.unit_account == unit) {
            let number = number_of(store, &filing)?;
            lines.push(line(&filing, number));
        }
        Ok(lines)
    }

    /// Makes a draft again of what the center did not take: all of a filing that it refused or let go, the refused
    /// rows of one that it took in part. The filing stays in the list.
    ///
    /// # Errors
    /// A filing that was taken, was made from the center's books, or whose draft was made before.
    pub fn filing_reopen(&self, filing: &str) -> Result<DraftView, DeskError> {
        let id = id_of(filing)?;
        let (draft, newest) = {
            let mut inner = self.inner();
            let at = text::stamp(self.now(&inner));
            inner.session()?;
            let store = inner.store()?;
            let filing = of_id(store, id)?;
            let again = [FilingStage::Refused, FilingStage::Withdrawn, FilingStage::PartlySettled];
            if !again.contains(&stage(&filing)) {
                return Err(DeskError::refusal(DeskError::NOT_REFUSED));
            }
            if !filing.head.kind.from_sheet() {
                return Err(DeskError::refusal(DeskError::NOT_FROM_DRAFT));
            }
            if !reopenable(store, &filing)? {
                return Err(DeskError::refusal(DeskError::ALREADY_REOPENED));
            }
            let newest = store.receipts(id)?.pop().map(|receipt| receipt.file);
            let draft = if store.thaws(id)? {
                let draft = store.together(|store| {
                    let draft = store.thaw_draft(id, &at)?;
                    note(store, id, &at, REOPENED, &[("draft", &draft.to_string())])?;
                    Ok::<Uuid, DeskError>(draft)
                })?;
                inner.drafts.remove(&draft);
                Some(draft.to_string())
            } else {
                None
            };
            (draft, newest)
        };
        let filter = GridFilter::default();
        let draft = match draft {
            Some(draft) => draft,
            None => self.draft_of_filing(id)?.draft,
        };
        match newest.map(|receipt| self.returned(id, &receipt)).transpose()?.flatten() {
            Some(returned) => self.change(&draft, None, &filter, |_, _| Ok(Some(Move::Return(returned)))),
            None => self.draft(&draft, &filter),
        }
    }

    /// Who returned a filing and why, by its newest receipt.
    fn returned(&self, filing: Uuid, receipt: &[u8]) -> Result<Option<Returned>, DeskError> {
        let inner = self.inner();
        let anchors = TrustAnchors::from_der(&inner.session()?.connection.anchors)?;
        let signed = receipt_content(receipt, &anchors, self.now(&inner))?;
        let (at, reason) = (text::stamp(signed.at), signed.content.reason);
        Ok(signed.content.returned_by.map(|by| Returned { filing, by: by.name, at, reason }))
    }

    /// What was signed of a filing.
    pub(crate) fn signed_rows(&self, id: Uuid) -> Result<Signed, DeskError> {
        let (filing, anchors, file, newest) = {
            let mut inner = self.inner();
            let registered = inner.session()?.connection.anchors.clone();
            let store = inner.store()?;
            let filing = of_id(store, id)?;
            let anchors = anchors_of(store, &registered, &filing)?;
            (filing, anchors, store.filing_file(id)?, store.receipts(id)?.pop())
        };
        // What follows may be slow and must not hold up the desk.
        let signed_at = filing.signed_at.parse().map_err(|_| DeskError::Internal("signed_at".into()))?;
        let signed = verify(&file, &anchors, signed_at, Purpose::Filing, &[])?;
        let content = FilingContent::from_bytes(&signed.content).map_err(|e| DeskError::Internal(e.to_string()))?;
        let not_taken = match newest.filter(|_| stage(&filing) == FilingStage::PartlySettled) {
            Some(receipt) => {
                let at = receipt.kept_at.parse().map_err(|_| DeskError::Internal("kept_at".into()))?;
                let said = receipt_content(&receipt.file, &anchors, at)?.content.row_results;
                Some(said.into_iter().map(|result| result.row as usize).collect())
            }
            None => None,
        };
        Ok(Signed { content, not_taken, file_name: filing.head.file_name })
    }

    /// A new draft of what was signed and not taken.
    pub(crate) fn draft_of_filing(&self, id: Uuid) -> Result<DraftView, DeskError> {
        let Signed { content, not_taken, file_name } = self.signed_rows(id)?;
        let refused = not_taken.unwrap_or_else(|| (0..content.rows.len()).collect());
        let kind = content.rows.kind();
        let columns: HashMap<_, u16> = huijiao_sheets::write::template_fields(kind).zip(0..).collect();
        let not_taken = content.rows.iter().enumerate().filter(|(place, _)| refused.contains(place));
        let rows = (1..).zip(not_taken).map(|(row, (_, filed))| {
            let cell = |(field, text): (Field, String)| {
                let column = *columns.get(&field)?;
                (!text.is_empty()).then_some((field, RawCell { column, text: text.into(), kind: CellKind::Text }))
            };
            let cells = filed.figures().into_iter().filter_map(cell).collect();
            DraftRow { raw: RawRow { row, cells }, excluded: false, edited: BTreeSet::new() }
        });
        let draft = self.keep_new_draft(NewDraft {
            kind,
            period: content.period,
            title: format!("未通过：{file_name}"),
            source: None,
            rows: rows.collect(),
            elsewhere: Elsewhere::default(),
            confirmations: BTreeMap::new(),
        })?;
        self.attach_signed(&draft.draft, &content.header.attachments)?;
        let mut inner = self.inner();
        let at = text::stamp(self.now(&inner));
        note(inner.store()?, id, &at, REOPENED, &[("draft", &draft.draft)])?;
        drop(inner);
        self.draft(&draft.draft, &GridFilter::default())
    }
}

/// A filing as it was signed.
pub(crate) struct Signed {
    pub(crate) content: FilingContent,
    /// Of one that was taken in part, the places of the rows that were not.
    pub(crate) not_taken: Option<HashSet<usize>>,
    pub(crate) file_name: String,
}

/// The event of a draft that was made of what the center did not take.
const REOPENED: &str = "event-reopened";

/// Whether a draft can be made of what the center did not take: there is none, and none was filed.
pub(crate) fn reopenable(store: &Store, filing: &Filing<FilingHead>) -> Result<bool, DeskError> {
    if filing.state == OutboxState::Refused {
        return Ok(filing.draft.is_some());
    }
    let stage = stage(filing);
    let again = [FilingStage::Refused, FilingStage::Withdrawn, FilingStage::PartlySettled].contains(&stage);
    if !again || !filing.head.kind.from_sheet() {
        return Ok(false);
    }
    Ok(made_again(store, filing.id)?.is_none())
}

/// The draft that was made of what was not taken of a filing, while it is there or was signed.
pub(crate) fn made_again(store: &Store, filing: Uuid) -> Result<Option<Uuid>, DeskError> {
    for event in store.filing_events(filing)?.into_iter().filter(|event| event.code == REOPENED) {
        let draft = event.args.get("draft").and_then(|draft| draft.parse().ok());
        if let Some(draft) = draft
            && store.draft_life(draft)? != DraftLife::Gone
        {
            return Ok(Some(draft));
        }
    }
    Ok(None)
}

/// What a receipt must be about.
pub(crate) struct ReceiptOf<'a> {
    pub(crate) id: Uuid,
    pub(crate) unit_account: &'a str,
    /// SHA-256 of the filing file, lower-case hex.
    pub(crate) filing_sha256: &'a str,
    /// Says what that is the hash of.
    pub(crate) compared: &'a str,
    /// The unit's receipts, where the center was asked for all of them.
    pub(crate) chain: Option<&'a Chain>,
    /// What is revoked now, where the receipt is the one that the center shows.
    pub(crate) shown_under: Option<&'a [Crl]>,
    /// The center's rules have no receipt believed by a list that has run out.
    pub(crate) wants_newer_crls: bool,
}

/// Whether there was no revocation list, or one of them had run out.
fn ran_out(crls: &[Crl], at: jiff::Timestamp) -> bool {
    crls.is_empty() || crls.iter().any(|crl| crl.next_update().is_some_and(|next| next < at))
}

/// Verifies a kept receipt anew, step by step.
pub(crate) fn receipt_view(
    store: &Store,
    filing: &ReceiptOf<'_>,
    receipt: huijiao_store::Receipt,
    anchors: &TrustAnchors,
) -> Result<(ReceiptView, Option<ReceiptContent>), DeskError> {
    // As of the moment it was kept: a certificate that expires later does not undo a receipt.
    let at = receipt.kept_at.parse::<jiff::Timestamp>().unwrap_or_default();
    let (signed, old) = match filing.shown_under {
        None => {
            let crls = archived(store, &receipt.sha256)?;
            (receipt_under(&receipt.file, anchors, at, &crls).ok(), ran_out(&crls, at))
        }
        // Whether its lists had run out is said where it is kept.
        Some(_) if store.has_receipt(filing.unit_account, &receipt.sha256)? => {
            (receipt_shown(&receipt.file, anchors, &archived(store, &receipt.sha256)?).ok(), false)
        }
        Some(crls) => (receipt_shown(&receipt.file, anchors, crls).ok(), ran_out(crls, at)),
    };
    let content = signed.as_ref().map(|signed| &signed.content);
    let (id_holds, hash_holds, number_holds) = content.map_or((false, false, false), |c| {
        (c.filing_id == filing.id, c.filing_sha256 == filing.filing_sha256, c.filing_number == receipt.number)
    });
    let previous_holds = match &receipt.previous {
        None => true,
        Some(previous) => {
            filing.chain.is_some_and(|chain| chain.has(previous)) || store.has_receipt(filing.unit_account, previous)?
        }
    };
    let step =
        |code: &str, title: &str, passed: bool| VerificationStep { code: code.into(), title: title.into(), passed };
    let steps = [
        step("signature", "回执由中心的回执证书签名，内容未被改动", content.is_some()),
        step("filing_hash", filing.compared, hash_holds),
        step("filing_id", "回执所指的申报编号与流水号一致", id_holds && number_holds),
    ];
    // What was kept is believed: it was judged as the center's rules had it.
    let unjudged = old && filing.shown_under.is_some() && filing.wants_newer_crls;
    let valid = steps.iter().all(|s| s.passed) && !unjudged;
    let old = old.then(|| step("revocation", "核对签名人是否被吊销时，吊销列表已过期或还没有取到", false));
    // A receipt holds by itself. That one before it is missing here says only that somebody filed elsewhere; that the
    // center does not have it either is another matter.
    let chain = match (previous_holds, filing.chain) {
        (true, _) => "与上一份回执首尾相接",
        (false, None) => "上一份回执不在本机（可能在别的电脑上申报）",
        (false, Some(_)) => "上一份回执本机没有，中心也查不到",
    };
    let steps = steps.into_iter().chain(old).chain([step("previous", chain, previous_holds)]).collect();
    let view = ReceiptView {
        filing_number: receipt.number.clone(),
        accepted_at: content.map(|c| text::local_time(&c.accepted_at)).unwrap_or_default(),
        state: content.map(|c| of_center(c.state)),
        issued_at: signed.as_ref().map(|s| text::local_time(&text::stamp(s.at))).unwrap_or_default(),
        reason: content.map(|c| c.reason.clone()).unwrap_or_default(),
        signed_by: signed.as_ref().map(|s| s.by.clone()).unwrap_or_default(),
        valid,
        steps,
        sha256: receipt.sha256,
        previous: receipt.previous,
    };
    Ok((view, signed.map(|s| s.content)))
}

/// A row that was not taken as filed; its place is that in the signed file.
pub(crate) fn row_result(result: RowResult) -> FindingView {
    FindingView { row: Some(result.row + 1), ..said_by_center(&result.code, &result.message) }
}

pub(crate) fn of_center(state: FilingState) -> FilingStage {
    match state {
        FilingState::AwaitingApproval => FilingStage::AwaitingApproval,
        FilingState::Accepted => FilingStage::Accepted,
        FilingState::InReview => FilingStage::InReview,
        FilingState::Settled => FilingStage::Settled,
        FilingState::PartlySettled => FilingStage::PartlySettled,
        FilingState::Refused => FilingStage::Refused,
        FilingState::Withdrawn => FilingStage::Withdrawn,
    }
}

/// The center's words in the name of a file: letters, digits and hyphens stay.
pub(crate) fn in_a_file_name(text: &str) -> String {
    text.chars().take(64).map(|c| if c.is_alphanumeric() || c == '-' { c } else { '_' }).collect()
}

pub(crate) fn of_id(store: &Store, id: Uuid) -> Result<Filing<FilingHead>, DeskError> {
    store.filing(id)?.ok_or_else(|| DeskError::refusal(DeskError::FILING_GONE))
}

pub(crate) fn id_of(filing: &str) -> Result<Uuid, DeskError> {
    filing.parse().map_err(|_| DeskError::refusal(DeskError::FILING_GONE))
}

fn line(filing: &Filing<FilingHead>, number: Option<String>) -> FilingLine {
    FilingLine {
        filing: filing.id.to_string(),
        kind: filing.kind.clone(),
        period: filing.period.clone(),
        people: filing.head.totals.people,
        stage: stage(filing),
        filing_number: number,
        signed_at: text::local_time(&filing.signed_at),
    }
}

/// Whether the center may let a filing in this state go; whether it does, its books say.
pub(crate) fn withdrawable(filing: &Filing<FilingHead>) -> bool {
    match stage(filing) {
        FilingStage::AwaitingApproval
        | FilingStage::Accepted
        | FilingStage::InReview
        | FilingStage::Settled
        | FilingStage::PartlySettled => true,
        FilingStage::Signed
        | FilingStage::Submitting
        | FilingStage::Unknown
        | FilingStage::Refused
        | FilingStage::Withdrawn
        | FilingStage::Kept => false,
    }
}

pub(crate) fn stage(filing: &Filing<FilingHead>) -> FilingStage {
    match &filing.state {
        _ if filing.head.kept.is_some() => FilingStage::Kept,
        OutboxState::Signed => FilingStage::Signed,
        OutboxState::Submitting => FilingStage::Submitting,
        OutboxState::Unknown => FilingStage::Unknown,
        OutboxState::Refused => FilingStage::Refused,
        // A word that this version does not know is still an acceptance: the receipt is there.
        OutboxState::Answered(word) => {
            serde_json::from_value(serde_json::Value::String(word.clone())).unwrap_or(FilingStage::Accepted)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::in_a_file_name;

    #[test]
    fn a_filing_number_leads_to_no_other_folder() {
        assert_eq!(in_a_file_name("YW-2026-0001"), "YW-2026-0001");
        assert_eq!(in_a_file_name("../../etc/CON:*\0"), "______etc_CON___", "no separators, no dots");
        assert_eq!(in_a_file_name(&"九".repeat(300)).chars().count(), 64, "short enough for every file system");
    }
}
