//! Filings that are signed for the unit's own books, where the center has no gateway: the draft leaves as the center's
//! own file, and what was signed stays here with whatever its approver signed. Nothing of it is ever sent.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use huijiao_domain::money::Yuan;
use huijiao_protocol::ending::Ending;
use huijiao_signing::{Certificate, Purpose, TrustAnchors, VerifyError, verify};
use huijiao_store::{DraftLife, Filing, FilingEvent, FilingRecord, Store, Verdict};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::approval::VerdictHead;
use crate::draft::{Draft, DraftHead, Returned};
use crate::drafts::Move;
use crate::error::DeskError;
use crate::filings::{FilingHead, made_again, of_id};
use crate::import::hex;
use crate::papers::WrittenDown;
use crate::review::{confirmations, one_person};
use crate::session::Session;
use crate::submit::{Work, event, note};
use crate::uploads::Outcome;
use crate::views::{GridFilter, KeptView, UploadStage};
use crate::{Desk, text};

/// What came of the file, as the clerk recorded it; without and with the center's number.
const OUTCOME: &str = "event-outcome";
const OUTCOME_NUMBERED: &str = "event-outcome-numbered";

/// As which files it left.
const EXPORTED: &str = "event-upload-exported";

/// Its draft was signed anew, as which filing.
const SUPERSEDED: &str = "event-superseded";

/// What an approver's file said, once it was brought.
const RETURNED: &str = "event-returned";
pub(crate) const APPROVED: &str = "event-approval-brought";

/// What is kept of a filing that stays here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Kept {
    /// The draft it was made of, which has yet to leave.
    pub(crate) draft: Uuid,
    /// An approver has to sign as well, by the rules of when it was signed.
    pub(crate) approval: bool,
    /// By how much it changes what is due a month, which the rules of now may ask for; none where an earlier version signed.
    #[serde(default)]
    pub(crate) moved: Option<Yuan>,
    /// The roots that the unit had registered then, DER in Base64; none where an earlier version signed.
    #[serde(default)]
    pub(crate) roots: Vec<String>,
}

impl Kept {
    /// How what is signed now is kept; `None` where it is sent.
    pub(crate) fn of(session: &Session, work: &Work) -> Result<Option<Self>, DeskError> {
        if session.gateway.is_some() {
            return Ok(None);
        }
        // What is made from the center's books is filed by a gateway alone.
        let (draft, _) = work.draft.ok_or_else(|| DeskError::refusal(DeskError::NO_GATEWAY))?;
        let (rows, moved) = (&work.rows, work.rows.moved());
        let approval = session.wants_approval(rows.kind().as_str(), rows.totals().people, moved);
        Ok(Some(Self { draft, approval, moved: Some(moved), roots: written(&session.connection.anchors) }))
    }

    /// Whether an approver has to sign as well before it leaves, by the rules of now: those that its draft leaves by.
    fn wants_approval(&self, session: &Session, filing: &Filing<FilingHead>) -> bool {
        if session.must_be_of(&filing.center, &filing.unit_account).is_err() {
            return self.approval;
        }
        match self.moved {
            Some(moved) => session.wants_approval(filing.head.kind.as_str(), filing.head.totals.people, moved),
            None => self.approval && !session.is_alone(),
        }
    }

    pub(crate) fn view(
        &self,
        store: &Store,
        session: &Session,
        filing: &Filing<FilingHead>,
        said: Option<&Verdict<VerdictHead>>,
    ) -> Result<KeptView, DeskError> {
        let there = store.draft::<DraftHead>(self.draft)?.is_some();
        // What has left, and was not refused, waits for nobody.
        let left = may_be_returned(store, filing.id).is_err();
        let later = store.filing_events(filing.id)?.into_iter().rfind(|event| event.code == SUPERSEDED);
        let superseded_by = later.and_then(|event| event.args.get("filing").cloned());
        Ok(KeptView {
            draft: there.then(|| self.draft.to_string()),
            awaits_approval: said.is_none() && superseded_by.is_none() && !left && self.wants_approval(session, filing),
            superseded_by,
            reason: said.map(|verdict| verdict.head.reason.clone()).unwrap_or_default(),
        })
    }
}

/// Roots, as they are kept beside what was verified by them.
pub(crate) fn written(roots: &[Vec<u8>]) -> Vec<String> {
    roots.iter().map(|root| STANDARD.encode(root)).collect()
}

/// The roots that a filing is verified by: those that are `registered` now, and of one that stays here those of when it
/// was signed and of when its approver's signature came in. Whoever registers others later undoes no signature.
pub(crate) fn anchors_of(
    store: &Store,
    registered: &[Vec<u8>],
    filing: &Filing<FilingHead>,
) -> Result<TrustAnchors, DeskError> {
    let own = filing.head.kept.as_ref().map(|kept| kept.roots.as_slice()).filter(|roots| !roots.is_empty());
    let Some(own) = own else { return Ok(TrustAnchors::from_der(registered)?) };
    let said = store.verdict::<VerdictHead>(filing.id)?.map(|verdict| verdict.head.roots).unwrap_or_default();
    let mut roots = Vec::new();
    for root in own.iter().chain(&said) {
        let root = STANDARD.decode(root).map_err(|error| DeskError::Internal(error.to_string()))?;
        if !roots.contains(&root) {
            roots.push(root);
        }
    }
    Ok(TrustAnchors::from_der(roots)?)
}

/// Who signed a filing that stays here, by the roots of then.
fn clerk_of(store: &Store, registered: &[Vec<u8>], filing: &Filing<FilingHead>) -> Result<Certificate, DeskError> {
    let signed_at = filing.signed_at.parse().map_err(|_| DeskError::Internal("signed_at".into()))?;
    let anchors = anchors_of(store, registered, filing)?;
    let signed = verify(&store.filing_file(filing.id)?, &anchors, signed_at, Purpose::Filing, &[])?;
    let clerk = signed.signers.into_iter().next().ok_or(VerifyError::NoSigner)?;
    Ok(clerk.certificate)
}

/// By what an approver's file about a filing that stays here is judged: the roots that are `registered` now, and the
/// clerk's certificate, which was proven by those of when he signed.
pub(crate) fn judged_by(
    store: &Store,
    registered: &[Vec<u8>],
    filing: &Filing<FilingHead>,
) -> Result<TrustAnchors, DeskError> {
    let clerk = clerk_of(store, registered, filing)?;
    let roots = TrustAnchors::from_der(registered)?;
    Ok(TrustAnchors::new(roots.certificates().iter().cloned().chain([clerk]).collect()))
}

/// The filing that a draft was signed as, and what of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignedAs {
    /// Its own id.
    filing: Uuid,
    /// SHA-256 of what the draft said then.
    content: String,
}

/// A filing that stays here, and how its draft names it.
pub(crate) struct SignedHere {
    pub(crate) signed: SignedAs,
    pub(crate) record: FilingRecord<FilingHead>,
    pub(crate) file: Vec<u8>,
    /// What its draft was signed as before.
    before: Option<Uuid>,
}

impl SignedHere {
    /// What the filing says from then on that its draft was signed as before.
    pub(crate) fn supersedes(&self) -> Option<(Uuid, FilingEvent)> {
        let id = self.record.id.to_string();
        Some((self.before?, event(&self.record.signed_at, SUPERSEDED, &[("filing", &id)])))
    }
}

/// What the history of a filing says of the files that it left as.
pub(crate) fn of_export(at: &str, files: &[String]) -> FilingEvent {
    event(at, EXPORTED, &[("files", &files.join("、"))])
}

/// What it says of the center's answer to them.
pub(crate) fn of_outcome(outcome: &Outcome) -> FilingEvent {
    let stage = text::upload_stage(outcome.stage);
    let numbered = [("stage", stage), ("number", outcome.number.as_str())];
    let (code, args) =
        if outcome.number.is_empty() { (OUTCOME, &numbered[..1]) } else { (OUTCOME_NUMBERED, &numbered[..]) };
    event(&outcome.at, code, args)
}

impl Draft {
    /// The filing that it was signed as, as long as it says what was signed.
    pub(crate) fn signed_as(&self) -> Option<Uuid> {
        let signed = self.head.signed.as_ref()?;
        (signed.content == said_by(self)).then_some(signed.filing)
    }
}

/// Everything of a draft that is signed.
fn said_by(draft: &Draft) -> String {
    let rounds: Vec<Uuid> = draft.head.returned.iter().map(|round| round.filing).collect();
    let said = (draft.head.period, draft.filed(), confirmations(draft), rounds, &draft.head.attachments);
    hex(&Sha256::digest(serde_json::to_vec(&said).unwrap_or_default()))
}

/// A unit's filings whose outcome only its center knows. One that stays here is none of them.
pub(crate) fn unsettled(store: &Store, center: &str, unit: &str) -> Result<Vec<Filing<FilingHead>>, DeskError> {
    let all = store.unsettled::<FilingHead>(center, unit)?;
    Ok(all.into_iter().filter(|filing| filing.head.kept.is_none()).collect())
}

/// 业务流水号 of a filing: by its receipt, or as the clerk recorded it last for one that stays here.
pub(crate) fn number_of(store: &Store, filing: &Filing<FilingHead>) -> Result<Option<String>, DeskError> {
    if filing.head.kept.is_none() {
        return Ok(store.filing_number(filing.id)?);
    }
    Ok(last_outcome(store, filing.id)?.and_then(|event| event.args.get("number").cloned()))
}

/// What the clerk recorded last of the center's answer to a filing; `None` of one that was sent: its receipt says it.
pub(crate) fn recorded(store: &Store, filing: &Filing<FilingHead>) -> Result<Option<WrittenDown>, DeskError> {
    if filing.head.kept.is_none() {
        return Ok(None);
    }
    let Some(event) = last_outcome(store, filing.id)? else { return Ok(None) };
    let number = event.args.get("number").cloned().unwrap_or_default();
    Ok(stage_of(&event).map(|stage| WrittenDown { stage, number, at: event.at }))
}

/// What an entry of the history says that the center answered.
fn stage_of(event: &FilingEvent) -> Option<UploadStage> {
    let said = event.args.get("stage")?;
    let stages = [UploadStage::Accepted, UploadStage::PartlyAccepted, UploadStage::Refused];
    stages.into_iter().find(|stage| text::upload_stage(*stage) == said)
}

fn last_outcome(store: &Store, filing: Uuid) -> Result<Option<FilingEvent>, DeskError> {
    Ok(store.filing_events(filing)?.into_iter().rfind(|event| event.code.starts_with(OUTCOME)))
}

/// Whether this very file was brought before, and is in the history under this code.
fn brought(store: &Store, filing: Uuid, sha256: &str, code: &str) -> Result<bool, DeskError> {
    let kept = store.verdict::<VerdictHead>(filing)?.is_some_and(|verdict| verdict.sha256 == sha256);
    Ok(kept && store.filing_events(filing)?.iter().any(|event| event.code == code))
}

/// Refuses to have a filing returned that has left as a file, unless the center refused that.
///
/// # Errors
/// [`DeskError::UPLOAD_ACCEPTED`], [`DeskError::APPROVAL_ENDED`].
pub(crate) fn may_be_returned(store: &Store, filing: Uuid) -> Result<(), DeskError> {
    let of_file = |event: &FilingEvent| event.code == EXPORTED || event.code.starts_with(OUTCOME);
    let events: Vec<FilingEvent> = store.filing_events(filing)?.into_iter().filter(of_file).collect();
    // What was taken in part and left once more is with the center, whatever it said of the rest.
    let partly = |pair: &[FilingEvent]| matches!(pair, [before, after] if stage_of(before) == Some(UploadStage::PartlyAccepted) && after.code == EXPORTED);
    if events.windows(2).any(partly) {
        return Err(DeskError::refusal(DeskError::APPROVAL_ENDED));
    }
    let Some(event) = events.last() else { return Ok(()) };
    match stage_of(event) {
        Some(UploadStage::Refused) => Ok(()),
        Some(UploadStage::Accepted) => Err(DeskError::refusal(DeskError::UPLOAD_ACCEPTED)),
        Some(UploadStage::PartlyAccepted | UploadStage::Exported | UploadStage::Changed) | None => {
            Err(DeskError::refusal(DeskError::APPROVAL_ENDED))
        }
    }
}

/// The draft that a return goes back to: the filing's `own`, or one that was made of it since; `None` where neither is
/// there any more.
fn way_back(store: &Store, filing: Uuid, own: Uuid) -> Result<Option<Uuid>, DeskError> {
    let draft = if store.draft_life(own)? == DraftLife::Gone { made_again(store, filing)? } else { Some(own) };
    let Some(draft) = draft else { return Ok(None) };
    match store.draft_life(draft)? {
        DraftLife::Open => Ok(Some(draft)),
        DraftLife::Signed(_) => Err(DeskError::refusal(DeskError::ALREADY_REOPENED)),
        DraftLife::Gone => Ok(None),
    }
}

impl Desk {
    /// Keeps a filing that stays here and has its draft name it, and what the draft was signed as before say so: all of
    /// it, or nothing.
    ///
    /// # Errors
    /// A draft that was changed meanwhile: then it is not what was signed. A store that cannot keep it.
    pub(crate) fn keep_signed(
        &self,
        (draft, revision): (Uuid, u64),
        record: FilingRecord<FilingHead>,
        file: Vec<u8>,
    ) -> Result<(), DeskError> {
        self.change(&draft.to_string(), Some(revision), &GridFilter::default(), |draft, _| {
            let before = draft.head.signed.as_ref().map(|signed| signed.filing);
            let signed = SignedAs { filing: record.id, content: said_by(draft) };
            Ok(Some(Move::Sign(Box::new(SignedHere { signed, record, file, before }))))
        })?;
        Ok(())
    }

    /// The filing that a draft is signed as, where it may leave; `None` where nothing is signed.
    ///
    /// # Errors
    /// [`DeskError::UPLOAD_UNSIGNED`]; [`DeskError::UPLOAD_RETURNED`], whatever the rules want by now;
    /// [`DeskError::UPLOAD_UNAPPROVED`].
    pub(crate) fn signed_to_leave(&self, draft: &str) -> Result<Option<Uuid>, DeskError> {
        let (signed, kind, people, moved) =
            self.with_draft(draft, |d| Ok((d.signed_as(), d.head.kind, d.totals().people, d.filed().moved())))?;
        let mut inner = self.inner();
        let session = inner.session()?;
        if session.gateway.is_some() || !session.signs() {
            return Ok(None);
        }
        let wants_approval = session.wants_approval(kind.as_str(), people, moved);
        let signed = signed.ok_or_else(|| DeskError::refusal(DeskError::UPLOAD_UNSIGNED))?;
        match inner.store()?.verdict::<VerdictHead>(signed)?.map(|verdict| verdict.approved) {
            Some(false) => Err(DeskError::refusal_with(DeskError::UPLOAD_RETURNED, "filing", signed)),
            None if wants_approval => Err(DeskError::refusal_with(DeskError::UPLOAD_UNAPPROVED, "filing", signed)),
            Some(true) | None => Ok(Some(signed)),
        }
    }

    /// Whether a filing stays in the unit's own books.
    pub(crate) fn is_kept(&self, id: Uuid) -> Result<bool, DeskError> {
        Ok(of_id(self.inner().store()?, id)?.head.kept.is_some())
    }

    /// Takes in what an approver signed about a filing that stays here: his signature on it, or why he returned it. The
    /// same file changes nothing a second time.
    ///
    /// # Errors
    /// A file about another filing, or one whose signatures do not hold; a filing of another unit;
    /// [`DeskError::APPROVAL_ENDED`] once he returned it; as [`Desk::give_back`].
    pub(crate) fn bring_kept(&self, id: Uuid, file: Vec<u8>) -> Result<(), DeskError> {
        let rejected = {
            let mut inner = self.inner();
            let now = self.now(&inner);
            let filing = of_id(inner.store()?, id)?;
            let session = inner.session()?;
            session.must_be_of(&filing.center, &filing.unit_account)?;
            let (registered, crls) = (session.connection.anchors.clone(), session.crls().to_vec());
            let store = inner.store()?;
            let anchors = judged_by(store, &registered, &filing)?;
            let rejected = verify(&file, &anchors, now, Purpose::Rejection, &crls);
            let sha256 = hex(&Sha256::digest(&file));
            if brought(store, id, &sha256, RETURNED)? || brought(store, id, &sha256, APPROVED)? {
                return Ok(());
            }
            let before = store.verdict::<VerdictHead>(id)?;
            if before.is_some_and(|verdict| !verdict.approved && verdict.sha256 != sha256) {
                return Err(DeskError::refusal(DeskError::APPROVAL_ENDED));
            }
            rejected
        };
        let verified = match rejected {
            Ok(verified) => verified,
            // It was not signed as a rejection.
            Err(VerifyError::Purpose) => return self.keep_approved(id, file, true),
            Err(error) => return Err(error.into()),
        };
        let said = Ending::from_bytes(&verified.content)?;
        let approver = verified.signers.into_iter().next().ok_or(VerifyError::NoSigner)?;
        let verdict = {
            let mut inner = self.inner();
            let at = text::stamp(self.now(&inner));
            let session = inner.session()?;
            let registered = session.connection.anchors.clone();
            let credit_code = session.unit.as_ref().map(|unit| unit.credit_code.clone());
            let store = inner.store()?;
            let filing = of_id(store, id)?;
            let of_it =
                said.filing_id == id && said.filing_sha256 == filing.sha256 && said.unit_account == filing.unit_account;
            if !of_it {
                return Err(DeskError::refusal(DeskError::APPROVAL_DIFFERS));
            }
            if approver.certificate.credit_code() != credit_code.as_deref() {
                return Err(DeskError::refusal(DeskError::APPROVAL_OTHER_UNIT));
            }
            if one_person(false, &clerk_of(store, &registered, &filing)?, &approver.certificate) {
                return Err(VerifyError::SamePerson.into());
            }
            Verdict {
                filing: id,
                center: filing.center,
                unit_account: filing.unit_account,
                approved: false,
                open: false,
                signed_at: at,
                sha256: hex(&Sha256::digest(&file)),
                head: VerdictHead {
                    kind: filing.head.kind,
                    period: filing.period.parse().map_err(|_| DeskError::Internal("a kept month".into()))?,
                    people: filing.head.totals.people,
                    clerk: filing.head.signer,
                    approver: approver.certificate.holder().to_owned(),
                    number: String::new(),
                    reason: said.reason.clone(),
                    roots: written(&registered),
                },
                file,
            }
        };
        // The draft first: what cannot go back to it, because the center has taken it, is not kept as returned.
        let (by, at) = (verdict.head.approver.clone(), verdict.signed_at.clone());
        let returned_at = text::stamp(approver.signing_time);
        self.give_back(Returned { filing: id, by: by.clone(), at: returned_at, reason: said.reason.clone() })?;
        let mut inner = self.inner();
        inner.store()?.together(|store| {
            store.keep_verdict(&verdict)?;
            note(store, id, &at, RETURNED, &[("by", &by), ("reason", &said.reason)])
        })
    }

    /// Gives what an approver returned back to the draft that it was made of; to a new one where that is gone. Once,
    /// however often it is said.
    ///
    /// # Errors
    /// As [`may_be_returned`]; [`DeskError::ALREADY_REOPENED`] where its draft is on its way to the center.
    pub(crate) fn give_back(&self, round: Returned) -> Result<(), DeskError> {
        let id = round.filing;
        let draft = {
            let mut inner = self.inner();
            let store = inner.store()?;
            let kept = of_id(store, id)?.head.kept.ok_or_else(|| DeskError::refusal(DeskError::NO_GATEWAY))?;
            may_be_returned(store, id)?;
            way_back(store, id, kept.draft)?
        };
        let draft = match draft {
            Some(draft) => draft.to_string(),
            None => self.draft_of_filing(id)?.draft,
        };
        self.change(&draft, None, &GridFilter::default(), |draft, store| {
            if draft.head.returned.iter().any(|before| before.filing == id) {
                return Ok(None);
            }
            // It may have left meanwhile, or a later signature of the same draft has.
            may_be_returned(store, id)?;
            let left =
                draft.head.upload.as_ref().filter(|upload| upload.is_undecided()).and_then(|upload| upload.filing);
            // Ids are made in the order of time.
            if left.is_some_and(|left| left > id) {
                return Err(DeskError::refusal(DeskError::APPROVAL_ENDED));
            }
            Ok(Some(Move::Return(round)))
        })?;
        Ok(())
    }
}
