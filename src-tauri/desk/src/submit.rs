//! From a reviewed draft to a receipt: sign once, keep before sending, send the same bytes until the center has
//! answered, believe no receipt that was not verified.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use huijiao_domain::filing::{FilingKind, Rows};
use huijiao_domain::month::Month;
use huijiao_domain::roster::{Roster, Unit};
use huijiao_gateway::{Gateway, NetError, Submission};
use huijiao_protocol::filing::{AuditHead, FilingContent, FilingHeader, Source, UnitRef};
use huijiao_protocol::problem::{Problem, ProblemCode};
use huijiao_protocol::receipt::{FilingState, ReceiptContent};
use huijiao_protocol::resources::FilingStatus;
use huijiao_signing::{
    Crl, Identifiers, KeyProvider, Keys, Pin, Purpose, Role, SignError, SignSession, TrustAnchors, claimed_time,
    sign_attached_by, verify,
};
use huijiao_store::{FilingEvent, FilingRecord, OutboxState, ReceiptFile, ReceiptRecord, Store, failpoint};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::attachments;
use crate::background::in_place;
use crate::draft::{DraftRow, Returned};
use crate::error::DeskError;
use crate::filings::FilingHead;
use crate::import::hex;
use crate::kept::{Kept, unsettled};
use crate::review::{As, confirmations, must_sign, obstacles};
use crate::session::{Session, Standing};
use crate::uploads::Upload;
use crate::views::{FilingView, FindingView};
use crate::{Desk, text};

/// Why the last try did not end in a receipt, as it is stored.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Trouble {
    pub(crate) code: String,
    pub(crate) args: BTreeMap<String, String>,
    pub(crate) findings: Vec<FindingView>,
}

/// What is filed: from a draft, or from the center's books.
pub(crate) struct Work {
    pub(crate) period: Month,
    pub(crate) source: Source,
    pub(crate) header: FilingHeader,
    pub(crate) rows: Rows,
    /// The roster it was checked against.
    pub(crate) roster_version: Option<u64>,
    /// The draft and the revision that was reviewed.
    pub(crate) draft: Option<(Uuid, u64)>,
    /// The rounds before.
    pub(crate) returned: Vec<Returned>,
}

/// The bytes that a review stands for, before anybody has signed them.
pub(crate) struct Prepared {
    content: FilingContent,
    bytes: Vec<u8>,
    /// SHA-256 of the bytes, lower-case hex: a review shows it, and it is found again on whatever is made of them.
    digest: String,
}

impl Prepared {
    /// Whether this would be signed too, were it prepared now.
    fn says(&self, work: &Work, session: &Session) -> bool {
        let Self { content, .. } = self;
        let audit = content.header.audit.clone();
        content.center == session.info.profile.code
            && session.unit.as_ref().map(named).as_ref() == Some(&content.unit)
            && Some(content.roster_version) == work.roster_version
            && content.period == work.period
            && content.source == work.source
            && content.header == FilingHeader { audit, ..work.header.clone() }
            && content.rows == work.rows
    }
}

/// The unit as filings name it.
fn named(unit: &Unit) -> UnitRef {
    UnitRef { account: unit.account.clone(), credit_code: unit.credit_code.clone(), name: unit.name.clone() }
}

/// Unit and roster, where the work was checked against them.
fn fresh<'a>(session: &'a Session, work: &Work) -> Result<(&'a Unit, &'a Roster), DeskError> {
    let missing = || DeskError::refusal(DeskError::ROSTER_MISSING);
    let unit = session.unit.as_ref().ok_or_else(missing)?;
    let roster = session.roster.as_ref().ok_or_else(missing)?;
    if work.roster_version != Some(roster.version) {
        return Err(DeskError::refusal(DeskError::ROSTER_MOVED));
    }
    Ok((unit, roster))
}

/// A receipt that holds in every respect.
struct Receipt {
    file: Vec<u8>,
    sha256: String,
    content: ReceiptContent,
}

impl Receipt {
    fn file(&self) -> ReceiptFile<'_> {
        let previous = self.content.previous_receipt.as_deref();
        ReceiptFile { file: &self.file, sha256: &self.sha256, previous }
    }

    /// What the history of its filing says of it; the `first` of a filing says that the center took it.
    fn event(&self, first: bool, at: &str) -> FilingEvent {
        let content = &self.content;
        if first {
            event(at, "event-receipt", &[("number", &content.filing_number)])
        } else if let Some(by) = &content.returned_by {
            event(at, "event-returned", &[("by", &by.name), ("reason", &content.reason)])
        } else {
            event(at, "event-state", &[("state", content.state.label())])
        }
    }
}

/// All receipts of a filing: one for each state that it went through.
struct Verified {
    earlier: Vec<Receipt>,
    newest: Receipt,
}

impl Verified {
    fn all(&self) -> impl Iterator<Item = &Receipt> {
        self.earlier.iter().chain([&self.newest])
    }
}

impl Desk {
    /// Signs a reviewed draft and submits it: the very bytes whose digest a review showed, where it is named.
    ///
    /// # Errors
    /// Before the signature is kept: everything that stands in the way; then nothing has changed. Once it is kept
    /// there is no error any more: the view says where the filing stands, and what went wrong on this computer.
    pub async fn sign_and_submit(
        self: &Arc<Self>,
        draft: String,
        revision: u64,
        digest: Option<String>,
        certificate: String,
        pin: Pin,
    ) -> Result<FilingView, DeskError> {
        self.alone(self.file(move |desk| desk.work_of(&draft, revision), digest, certificate, pin)).await
    }

    /// Asks the center what became of a filing; sends the same bytes again where it never arrived.
    ///
    /// # Errors
    /// When there is no such filing, or another submission is under way.
    pub async fn ask(self: &Arc<Self>, filing: String) -> Result<FilingView, DeskError> {
        self.alone(async {
            let id = crate::filings::id_of(&filing)?;
            self.ask_or_send(id).await?;
            self.seek_stamp(id).await;
            self.send_withdrawal(id).await?;
            self.send_verdict(id).await?;
            in_place(|| self.filing(&filing))
        })
        .await
    }

    /// Settles what an earlier run left open: every filing without an answer is asked for.
    pub(crate) async fn settle_open_filings(self: &Arc<Self>) {
        let _one = self.submitting.lock().await;
        let mut stamps = true;
        for filing in self.in_the_outbox(unsettled) {
            // What cannot be settled now stays as it is, with its reason, and is asked for again.
            if let Err(error) = self.ask_or_send(filing.id).await {
                tracing::warn!(code = error.code(), "a filing of an earlier run is still open");
            }
            // A server that does not answer is asked once, not for each of them.
            stamps = stamps && self.seek_stamp(filing.id).await;
        }
        self.settle_withdrawals().await;
        self.settle_verdicts().await;
    }

    /// What a reviewed draft files.
    pub(crate) fn work_of(&self, draft: &str, revision: u64) -> Result<Work, DeskError> {
        let online = self.inner().session()?.gateway.is_some();
        let (mut work, id, attached) = self.with_draft(draft, |d| {
            if d.place.revision != revision {
                return Err(DeskError::refusal(DeskError::DRAFT_STALE));
            }
            if !obstacles(d).is_empty() {
                return Err(DeskError::refusal(DeskError::OBSTACLES));
            }
            if d.head.upload.as_ref().is_some_and(Upload::is_accepted) {
                return Err(DeskError::refusal(DeskError::UPLOAD_ACCEPTED));
            }
            // Of a center that has got a gateway since nobody knows whether it has the file, or some of it.
            if online && d.head.upload.as_ref().is_some_and(Upload::is_undecided) {
                return Err(DeskError::refusal(DeskError::UPLOAD_UNDECIDED));
            }
            let work = Work {
                period: d.head.period,
                source: Source {
                    file_name: d.head.file_name.clone(),
                    sha256: d.head.sha256.clone(),
                    sheet: d.head.sheet.clone(),
                    rows: u32::try_from(d.rows.len()).unwrap_or(u32::MAX),
                },
                header: FilingHeader {
                    confirmations: confirmations(d),
                    returned: d.head.returned.iter().map(|round| round.filing).collect(),
                    ..FilingHeader::default()
                },
                rows: d.filed().clone(),
                roster_version: d.head.roster_version,
                draft: Some((d.place.id, revision)),
                returned: d.head.returned.clone(),
            };
            Ok((work, d.place.id, d.head.attachments.clone()))
        })?;
        work.header.attachments = attachments::signed(self.inner().store()?, id, &attached)?;
        Ok(work)
    }

    /// Signs and sends; the way is the same whatever is filed. Where the center has no gateway it is signed and kept.
    pub(crate) async fn file(
        self: &Arc<Self>,
        work: impl FnOnce(&Self) -> Result<Work, DeskError> + Send + 'static,
        digest: Option<String>,
        certificate: String,
        pin: Pin,
    ) -> Result<FilingView, DeskError> {
        let desk = self.clone();
        let sign = move || desk.sign(work(&desk)?, digest.as_deref(), &certificate, &pin);
        let (id, kept) = tokio::task::spawn_blocking(sign).await.map_err(|e| DeskError::Internal(e.to_string()))??;
        let send = async { if kept { Ok(()) } else { self.send(id, false).await } };
        let (sent, _) = tokio::join!(send, self.seek_stamp(id));
        let mut view = in_place(|| self.filing(&id.to_string()))?;
        if let Err(error) = sent
            && view.trouble.is_none()
            && view.receipt.is_none()
        {
            view.trouble = Some(self.to_ui(&error, &self.trace()));
        }
        Ok(view)
    }

    /// The bytes of what would be signed now, to be shown by their digest and then signed.
    ///
    /// # Errors
    /// What stands in the way of signing, whoever signs.
    fn prepare(&self, work: Work) -> Result<Prepared, DeskError> {
        let content = {
            let mut inner = self.inner();
            let audit = inner.store()?.audit_place()?;
            let audit = audit.map(|place| AuditHead { log: place.log, seq: place.seq, hash: place.hash });
            let now = self.now(&inner);
            let session = inner.session()?;
            session.must_have_roots()?;
            let (unit, roster) = fresh(session, &work)?;
            FilingContent {
                id: self.config.clock.new_id(),
                center: session.info.profile.code.clone(),
                unit: named(unit),
                period: work.period,
                created_at: text::stamp(now),
                roster_version: roster.version,
                source: work.source,
                totals: work.rows.totals(),
                header: FilingHeader { audit, ..work.header },
                rows: work.rows,
            }
        };
        let bytes = content.to_bytes()?;
        Ok(Prepared { digest: hex(&Sha256::digest(&bytes)), bytes, content })
    }

    /// Prepares what a review shows and keeps it until it is signed; its digest, or nothing where it cannot be signed
    /// anyway.
    pub(crate) fn prepared_for(&self, work: Result<Work, DeskError>) -> String {
        let prepared =
            work.and_then(|work| self.shown(&work).map_or_else(|| self.prepare(work).map(Arc::new), Ok)).ok();
        let digest = prepared.as_ref().map(|one| one.digest.clone()).unwrap_or_default();
        self.inner().prepared = prepared;
        digest
    }

    /// What was shown last, if it still is what would be signed.
    fn shown(&self, work: &Work) -> Option<Arc<Prepared>> {
        let inner = self.inner();
        let prepared = inner.prepared.clone()?;
        let session = inner.session().ok()?;
        prepared.says(work, session).then_some(prepared)
    }

    /// Signs and keeps the signed file, in the outbox or, where the answer says so, for good; nothing has been sent.
    fn sign(&self, work: Work, digest: Option<&str>, certificate: &str, pin: &Pin) -> Result<(Uuid, bool), DeskError> {
        let head = FilingHead::of(&work);
        let (draft, returned) = (work.draft, work.returned.clone());
        let here = self.keys_here()?;
        let (keys, signed_at, identifiers, kept) = {
            let mut inner = self.inner();
            inner.store()?.reserve()?;
            let now = self.now(&inner);
            let session = inner.session()?;
            session.must_have_roots()?;
            fresh(session, &work)?;
            must_sign(session, &here, certificate, now, As::Clerk)?;
            (session.keys(), text::stamp(now), session.identifiers(), Kept::of(session, &work)?)
        };
        // An empty one was shown where nothing could be prepared: then nothing was looked at that could be signed.
        let prepared = match digest {
            Some(digest) => {
                let shown = self.shown(&work).filter(|one| one.digest == digest);
                shown.ok_or_else(|| DeskError::refusal(DeskError::CONTENT_MOVED))?
            }
            None => Arc::new(self.prepare(work)?),
        };
        let Prepared { digest, bytes, content } = &*prepared;
        let id = content.id;
        failpoint::pass("before-sign");
        let (file, signer) = clerk_signs(&keys, certificate, pin, bytes, &signed_at, Purpose::Filing, identifiers)?;
        failpoint::pass("after-sign");
        let rounds = returned
            .iter()
            .map(|round| event(&round.at, "event-round", &[("by", &round.by), ("reason", &round.reason)]));
        let events = rounds.chain([event(&signed_at, "event-signed", &[("signer", &signer)])]).collect();
        let head = FilingHead { signer, audit: content.header.audit.clone(), digest: digest.clone(), kept, ..head };
        let stays = head.kept.is_some();
        let record = FilingRecord {
            id,
            // The draft of one that stays here goes on: it has yet to leave.
            draft: draft.filter(|_| !stays),
            center: content.center.clone(),
            unit_account: content.unit.account.clone(),
            kind: head.kind.as_str().into(),
            period: content.period.to_string(),
            sha256: hex(&Sha256::digest(&file)),
            signed_at,
            events,
            head,
        };
        failpoint::pass("before-outbox");
        match draft {
            Some(reviewed) if stays => self.keep_signed(reviewed, record, file)?,
            Some(_) | None => self.inner().store()?.commit_outbox(&record, &file)?,
        }
        failpoint::pass("after-outbox");
        let mut inner = self.inner();
        inner.prepared = None;
        // One that stays here leaves its draft to be exported.
        if let Some((draft, _)) = draft.filter(|_| !stays) {
            inner.drafts.remove(&draft);
        }
        Ok((id, stays))
    }

    /// What the open unit has in the outbox of one sort; nothing where no unit is open.
    pub(crate) fn in_the_outbox<T: Default>(&self, sort: impl FnOnce(&Store, &str, &str) -> Result<T, DeskError>) -> T {
        let mut inner = self.inner();
        let Ok(session) = inner.session() else { return T::default() };
        let (center, unit) = (session.info.profile.code.clone(), session.connection.unit_account.clone());
        let found = inner.store().and_then(|store| sort(store, &center, &unit));
        found.unwrap_or_else(|error| {
            tracing::warn!(code = error.code(), "the outbox cannot be read");
            T::default()
        })
    }

    /// The way to the center of a filing, and its unit.
    ///
    /// # Errors
    /// As [`Session::gateway_for`](crate::session::Session::gateway_for), and when there is no such filing, or it stays
    /// here: a center that has a gateway by now is not sent what left as a file.
    pub(crate) fn reach_of(&self, id: Uuid) -> Result<(Arc<Gateway>, String), DeskError> {
        let mut inner = self.inner();
        let filing = crate::filings::of_id(inner.store()?, id)?;
        if filing.head.kept.is_some() {
            return Err(DeskError::refusal(DeskError::FILING_KEPT));
        }
        Ok((inner.session()?.gateway_for(&filing.center, &filing.unit_account)?, filing.unit_account))
    }

    /// Sends the kept bytes and takes the answer. Where the center `may_have` the filing already, no refusal is one of
    /// the filing, and what was not sent this time may have been sent before.
    async fn send(self: &Arc<Self>, id: Uuid, may_have: bool) -> Result<(), DeskError> {
        let (gateway, _) = self.reach_of(id)?;
        let before = self.state_of(id)?;
        let file = in_place(|| -> Result<Vec<u8>, DeskError> {
            let mut inner = self.inner();
            let at = text::stamp(self.now(&inner));
            let store = inner.store()?;
            let file = store.filing_file(id)?;
            failpoint::pass("before-mark-submitting");
            store.set_state(id, &OutboxState::Submitting, None, &at)?;
            note(store, id, &at, "event-sent", &[])?;
            failpoint::pass("after-mark-submitting");
            Ok(file)
        })?;
        let submission = gateway.put_filing(id, file).await;
        failpoint::pass("after-answer");
        match submission {
            Submission::Answered(status) => self.take_answer(id, *status).await,
            Submission::Refused(problem) if may_have => {
                self.stand(id, &OutboxState::Unknown, trouble_of_net(&NetError::Problem(problem)), "event-unknown")
            }
            Submission::Refused(problem) => {
                let trouble = trouble_of(&problem, &self.filed_rows(id)?);
                self.stand(id, &OutboxState::Refused, trouble, "event-refused")?;
                // It was checked against a roster that the center no longer has: the draft that is made of it
                // must meet the one that it has now.
                // An order is made from the books: whatever refused it, they say otherwise now.
                let of_books = self.kind_of(id).is_ok_and(|kind| !kind.from_sheet());
                let stale = of_books || [ProblemCode::RosterChanged, ProblemCode::ChecksFailed].contains(&problem.code);
                if stale && let Err(error) = self.fetch_anew().await {
                    tracing::warn!(code = error.code(), "no fresh roster after a refusal");
                }
                Ok(())
            }
            Submission::NotSent(error) if may_have && before != OutboxState::Signed => {
                self.stand(id, &OutboxState::Unknown, trouble_of_net(&error), "event-asked-in-vain")
            }
            Submission::NotSent(error) => {
                self.stand(id, &OutboxState::Signed, trouble_of_net(&error), "event-not-sent")
            }
            Submission::Unknown(error) => {
                self.stand(id, &OutboxState::Unknown, trouble_of_net(&error), "event-unknown")
            }
        }
    }

    pub(crate) async fn ask_or_send(self: &Arc<Self>, id: Uuid) -> Result<(), DeskError> {
        let (gateway, _) = self.reach_of(id)?;
        let answer = gateway.filing(id).await;
        // Whose role was ended may not look, which does not say that there is nothing to see; the very bytes that he
        // signed bring him what became of them.
        let may_not_look = |error: &NetError| matches!(error, NetError::Problem(p) if p.code == ProblemCode::RoleEnded);
        let may_have = answer.as_ref().is_err_and(may_not_look);
        let answer = if may_have { Ok(None) } else { answer };
        match answer {
            Ok(Some(status)) => self.take_answer(id, status).await,
            Ok(None) => match self.state_of(id)? {
                OutboxState::Signed | OutboxState::Submitting | OutboxState::Unknown => self.send(id, may_have).await,
                // What was refused is never sent again: its draft may be on its way under another id.
                OutboxState::Answered(_) | OutboxState::Refused => Ok(()),
            },
            Err(error) => {
                // Not knowing stays not knowing; what surely was not sent stays unsent.
                let state = match self.state_of(id)? {
                    OutboxState::Signed => OutboxState::Signed,
                    OutboxState::Submitting | OutboxState::Unknown => OutboxState::Unknown,
                    OutboxState::Answered(_) | OutboxState::Refused => return Ok(()),
                };
                self.stand(id, &state, trouble_of_net(&error), "event-asked-in-vain")
            }
        }
    }

    fn state_of(&self, id: Uuid) -> Result<OutboxState, DeskError> {
        let filing = self.inner().store()?.filing::<FilingHead>(id)?;
        filing.map(|f| f.state).ok_or_else(|| DeskError::refusal(DeskError::FILING_GONE))
    }

    fn kind_of(&self, id: Uuid) -> Result<FilingKind, DeskError> {
        let filing = self.inner().store()?.filing::<FilingHead>(id)?;
        filing.map(|f| f.head.kind).ok_or_else(|| DeskError::refusal(DeskError::FILING_GONE))
    }

    /// Verifies what the center answered, and keeps it with the roster after it.
    pub(crate) async fn take_answer(self: &Arc<Self>, id: Uuid, status: FilingStatus) -> Result<(), DeskError> {
        self.freshen_crls().await;
        failpoint::pass("before-receipt-verified");
        let verified = match in_place(|| self.verify_answer(id, &status)) {
            Ok(verified) => verified,
            Err(error) => {
                let error = self.quarantine(id, &status, error);
                // What an earlier receipt proved stays as it is.
                if let OutboxState::Answered(_) = self.state_of(id)? {
                    return Err(error);
                }
                // Kept as unknown, never as accepted: only a receipt that holds is an acceptance.
                let trouble = Trouble { code: error.code().into(), args: error.args(), findings: Vec::new() };
                let unjudged = trouble.code == DeskError::RECEIPT_UNJUDGED;
                let event = if unjudged { "event-receipt-unjudged" } else { "event-receipt-invalid" };
                return self.stand(id, &OutboxState::Unknown, trouble, event);
            }
        };
        failpoint::pass("after-receipt-verified");
        let (gateway, account) = self.reach_of(id)?;
        let fresh = Standing::fetch(&gateway, &account).await.ok();
        let state = state_word(verified.newest.content.state);
        let files: Vec<_> = verified.all().map(Receipt::file).collect();
        let at = in_place(|| -> Result<String, DeskError> {
            let mut inner = self.inner();
            let at = text::stamp(self.now(&inner));
            let store = inner.store()?;
            failpoint::pass("before-receipt-kept");
            let known = store.receipts(id)?.len();
            let news = verified.all().enumerate().skip(known);
            let events: Vec<FilingEvent> = news.map(|(place, receipt)| receipt.event(place == 0, &at)).collect();
            store.keep_receipts(&ReceiptRecord {
                filing: id,
                receipts: &files,
                number: &verified.newest.content.filing_number,
                state: &state,
                roster: fresh.as_ref().map(|standing| &standing.roster),
                events: &events,
                at: &at,
            })?;
            failpoint::pass("after-receipt-kept");
            if let Some(standing) = &fresh {
                standing.keep_beside_roster(store, &at)?;
            }
            Ok(at)
        })?;
        if let Some(standing) = fresh {
            self.take_standing(standing, at);
        }
        if let Some(sha256) = &verified.newest.content.approved_sha256
            && let Err(error) = self.fetch_approved(id, sha256).await
        {
            // The receipt holds without it; whoever asks again fetches it.
            tracing::warn!(code = error.code(), "the approved file is not here yet");
        }
        // The filing is answered; what is wrong with other receipts is said beside it.
        if let Err(error) = self.chain_on(verified.all().map(|each| (&each.sha256, &each.content))).await {
            tracing::warn!(code = error.code(), "the chain of receipts is not checked yet");
        }
        Ok(())
    }

    /// Each of the receipts must be the center's, of this filing, and one after the other.
    fn verify_answer(&self, id: Uuid, status: &FilingStatus) -> Result<Verified, DeskError> {
        let mut inner = self.inner();
        let now = self.now(&inner);
        let anchors = TrustAnchors::from_der(&inner.session()?.connection.anchors)?;
        let crls = inner.session()?.crls().to_vec();
        let unjudged = inner.session()?.wants_newer_crls(now);
        let store = inner.store()?;
        let (filing, kept) = (crate::filings::of_id(store, id)?, store.receipts(id)?);
        let read = |receipt: &String| {
            let invalid = || DeskError::refusal(DeskError::RECEIPT_INVALID);
            let file = STANDARD.decode(receipt).map_err(|_| invalid())?;
            let sha256 = hex(&Sha256::digest(&file));
            // What is kept was proven when it came, under the revocation list of then.
            let (at, crls, unjudged) = match kept.iter().find(|receipt| receipt.sha256 == sha256) {
                Some(kept) => (kept.kept_at.parse().unwrap_or(now), archived(store, &sha256)?, false),
                None => (now, crls.clone(), unjudged),
            };
            let content = receipt_under(&file, &anchors, at, &crls)?.content;
            if content.filing_id != id || content.unit_account != filing.unit_account {
                return Err(DeskError::refusal(DeskError::RECEIPT_OTHERS));
            }
            if content.filing_sha256 != filing.sha256
                || content.filing_number != status.filing_number
                || content.audit.is_some() && content.audit != filing.head.audit
            {
                return Err(invalid());
            }
            // Last: what is wrong in itself is so under any list.
            if unjudged {
                return Err(DeskError::refusal(DeskError::RECEIPT_UNJUDGED));
            }
            Ok(Receipt { sha256, file, content })
        };
        let earlier = status.earlier_receipts.iter().map(read).collect::<Result<Vec<_>, _>>()?;
        let newest = read(&status.receipt)?;
        let verified = Verified { earlier, newest };
        // Only the first of a unit has none before it, and no two have the same.
        let mut before = HashSet::new();
        let chained = verified.all().enumerate().all(|(at, receipt)| {
            let previous = receipt.content.previous_receipt.as_ref();
            before.insert(previous) && (at == 0 || previous.is_some())
        });
        let newest = &verified.newest.content;
        if chained && newest.state == status.state && newest.approved_sha256 == status.approved_sha256 {
            Ok(verified)
        } else {
            Err(DeskError::refusal(DeskError::RECEIPT_INVALID))
        }
    }

    /// Where each row of a filing came from, in its order: index in the frozen draft, row of the sheet. Empty where
    /// that is not certain: no place is better than a wrong one.
    fn filed_rows(&self, id: Uuid) -> Result<Vec<(u32, u32)>, DeskError> {
        let mut inner = self.inner();
        let store = inner.store()?;
        let Some(filing) = store.filing::<FilingHead>(id)? else { return Ok(Vec::new()) };
        let Some(draft) = filing.draft else { return Ok(Vec::new()) };
        let rows = store.draft_pages::<Vec<DraftRow>>(draft)?.into_iter().flat_map(|(_, rows)| rows);
        // Nothing with an unusable row is ever signed, so what was not left out was filed.
        let filed: Vec<(u32, u32)> = (0..)
            .zip(rows)
            .filter(|(_, row)| !row.excluded && !row.is_empty())
            .map(|(index, row)| (index, row.raw.row))
            .collect();
        Ok(if u32::try_from(filed.len()) == Ok(filing.head.rows) { filed } else { Vec::new() })
    }

    /// Notes where a filing stands and why.
    fn stand(&self, id: Uuid, state: &OutboxState, trouble: Trouble, event: &str) -> Result<(), DeskError> {
        let mut inner = self.inner();
        let at = text::stamp(self.now(&inner));
        let value = serde_json::to_value(&trouble).map_err(|e| DeskError::Internal(e.to_string()))?;
        let store = inner.store()?;
        store.set_state(id, state, Some(&value), &at)?;
        // A trouble that names its own cause is told by it.
        let title = huijiao_domain::texts::title(&trouble.code);
        let reason = trouble.args.get("reason").map_or(title, String::as_str);
        note(store, id, &at, event, &[("reason", reason)])
    }
}

/// What a receipt says, and who signed it when.
pub(crate) struct Signed {
    pub(crate) content: ReceiptContent,
    /// Name in the certificate.
    pub(crate) by: String,
    pub(crate) at: Timestamp,
}

/// The content of a receipt whose signature is the center's.
///
/// # Errors
/// [`DeskError::Verify`], or a receipt that cannot be read.
pub(crate) fn receipt_content(file: &[u8], anchors: &TrustAnchors, at: Timestamp) -> Result<Signed, DeskError> {
    receipt_under(file, anchors, at, &[])
}

/// As [`receipt_content`], with what was revoked by then.
pub(crate) fn receipt_under(
    file: &[u8],
    anchors: &TrustAnchors,
    at: Timestamp,
    crls: &[Crl],
) -> Result<Signed, DeskError> {
    let verified = verify(file, anchors, at, Purpose::Receipt, crls)?;
    let invalid = || DeskError::refusal(DeskError::RECEIPT_INVALID);
    let signer = verified.signers.into_iter().find(|s| s.role == Role::Center).ok_or_else(invalid)?;
    let content = serde_json::from_slice(&verified.content).map_err(|_| invalid())?;
    Ok(Signed { content, by: signer.certificate.holder().to_owned(), at: signer.signing_time })
}

/// The revocation lists that a kept receipt was proven under.
pub(crate) fn archived(store: &Store, receipt_sha256: &str) -> Result<Vec<Crl>, DeskError> {
    let kept = store.receipt_crls(receipt_sha256)?;
    Ok(kept.and_then(|kept| Crl::all_from_der(&kept.der).ok()).unwrap_or_default())
}

/// What a receipt of the center's list says that was not kept here when it was issued: by what is revoked now, as of the
/// moment at which it says that it was signed. A key that was revoked later signed it rightly; whoever got hold of that
/// key and puts an earlier date finds the place in the chain taken.
pub(crate) fn receipt_shown(file: &[u8], anchors: &TrustAnchors, crls: &[Crl]) -> Result<Signed, DeskError> {
    receipt_under(file, anchors, claimed_time(file)?, crls)
}

/// What the operator's key makes of some bytes as the clerk, and the key's holder.
pub(crate) fn clerk_signs(
    keys: &Keys,
    certificate: &str,
    pin: &Pin,
    bytes: &[u8],
    at: &str,
    purpose: Purpose,
    identifiers: Identifiers,
) -> Result<(Vec<u8>, String), DeskError> {
    let sign =
        |session: &mut dyn SignSession| sign_attached_by(session, bytes, at, Role::Clerk, purpose, None, identifiers);
    with_key(keys, certificate, pin, sign)
}

/// What is signed with the operator's key, and the key's holder. The key is open no longer than that.
pub(crate) fn with_key(
    keys: &Keys,
    certificate: &str,
    pin: &Pin,
    sign: impl FnOnce(&mut dyn SignSession) -> Result<Vec<u8>, SignError>,
) -> Result<(Vec<u8>, String), DeskError> {
    let mut session = keys.open(certificate)?;
    session.login(pin)?;
    let signed = sign(session.as_mut());
    session.logout();
    Ok((signed?, session.certificate().holder().to_owned()))
}

pub(crate) fn note(
    store: &mut huijiao_store::Store,
    id: Uuid,
    at: &str,
    code: &str,
    args: &[(&str, &str)],
) -> Result<(), DeskError> {
    Ok(store.filing_event(id, at, code, &event(at, code, args).args)?)
}

/// An entry of a filing's history.
pub(crate) fn event(at: &str, code: &str, args: &[(&str, &str)]) -> FilingEvent {
    let args = args.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    FilingEvent { at: at.to_owned(), code: code.to_owned(), args }
}

/// A refusal with its rows; `filed` says where each row of the filing came from.
fn trouble_of(problem: &Problem, filed: &[(u32, u32)]) -> Trouble {
    let findings = problem
        .errors
        .iter()
        .map(|row| {
            let place = row.row.and_then(|r| filed.get(r as usize));
            FindingView {
                row: place.map(|(_, row)| *row),
                field: row.field.clone(),
                index: place.map(|(index, _)| *index),
                ..said_by_center(&row.code, &row.message)
            }
        })
        .collect();
    Trouble { findings, ..trouble_of_net(&NetError::Problem(Box::new(problem.clone()))) }
}

/// What the center says of a row, without a place.
pub(crate) fn said_by_center(code: &str, message: &str) -> FindingView {
    let known = huijiao_domain::texts::lookup(code).is_some();
    let code = if known { code.to_owned() } else { problem_code(code) };
    FindingView {
        level: "error".into(),
        title: huijiao_domain::texts::title(&code).to_owned(),
        code,
        message: message.to_owned(),
        sheet: String::new(),
        row: None,
        column: None,
        field: None,
        value: String::new(),
        fix: None,
        index: None,
        position: None,
        grid_column: None,
    }
}

/// A word of the protocol's as a key of the table of texts.
fn problem_code(word: &str) -> String {
    format!("problem-{}", word.replace('_', "-"))
}

fn trouble_of_net(error: &NetError) -> Trouble {
    Trouble { code: error.code().to_owned(), args: error.args(), findings: Vec::new() }
}

/// The protocol's own word for a state.
pub(crate) fn state_word(state: FilingState) -> String {
    serde_json::to_value(state).ok().and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default()
}
