//! 复核: a filing judged from its signed bytes, countersigned or returned. From the signature on, what was signed is
//! kept and sent like a filing.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use huijiao_domain::filing::remittance_verification::check_figures;
use huijiao_domain::filing::{Circumstances, FilingKind, Rows};
use huijiao_domain::finding::Finding;
use huijiao_domain::mask;
use huijiao_domain::month::Month;
use huijiao_domain::roster::{Asked, Elsewhere};
use huijiao_gateway::Gateway;
use huijiao_protocol::ending::Ending;
use huijiao_protocol::filing::FilingContent;
use huijiao_protocol::receipt::FilingState;
use huijiao_protocol::resources::{FilingStatus, Person};
use huijiao_protocol::{MAX_BODY, PROTOCOL};
use huijiao_signing::{
    AsOf, Crl, Pin, Purpose, Role, Signer, TrustAnchors, VerifyError, add_signature, claimed_time, sign_attached_by,
    verify, verify_taken,
};
use huijiao_store::{Verdict, failpoint};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::background::in_place;
use crate::draft::{PAGE, Returned};
use crate::error::DeskError;
use crate::filings::{FilingHead, id_of, in_a_file_name, of_center, of_id};
use crate::import::hex;
use crate::kept::{may_be_returned, written};
use crate::review::{As, certificates, drawn, line_of, must_sign};
use crate::submit::{note, receipt_shown, said_by_center, with_key};
use crate::views::{
    ApprovalDone, ApprovalLine, ApprovalLines, ApprovalView, ApprovalsView, AttachmentView, ConfirmationView, Exported,
    ExportedFile, FilingView, FindingView, ReviewView, RoundView, VerdictLine, VerificationStep,
};
use crate::workbooks::put;
use crate::{Desk, text};

/// Earlier rounds that are looked at.
const ROUNDS: usize = 20;

/// A filing that an approver looks at.
pub(crate) struct Reviewed {
    id: Uuid,
    /// As the clerk signed it.
    file: Vec<u8>,
    sha256: String,
    /// Of what he signed, as his review showed it.
    digest: String,
    content: FilingContent,
    clerk: Signer,
    /// Where the center has it.
    number: Option<String>,
    elsewhere: Elsewhere,
    rounds: Vec<RoundView>,
}

/// What the desk keeps beside what was signed.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct VerdictHead {
    pub(crate) kind: FilingKind,
    pub(crate) period: Month,
    pub(crate) people: u32,
    pub(crate) clerk: String,
    pub(crate) approver: String,
    /// 业务流水号; empty where the center did not have it
    pub(crate) number: String,
    /// Why it was returned; empty where it was approved.
    pub(crate) reason: String,
    /// The roots that it was verified by, DER in Base64; of a filing that stays in the unit's own books.
    #[serde(default)]
    pub(crate) roots: Vec<String>,
}

/// What an approver says.
enum Saying {
    Approve,
    /// Into a file that somebody else hands in.
    ApproveToFile,
    Return(String),
    /// As well.
    ReturnToFile(String),
}

impl Desk {
    /// What waits for an approver, and what was signed here.
    ///
    /// # Errors
    /// No unit is open, or the local data is locked.
    pub fn approvals(&self) -> Result<ApprovalsView, DeskError> {
        let mut inner = self.inner();
        let session = inner.session()?;
        let anchors = TrustAnchors::from_der(&session.connection.anchors)?;
        let (center, unit) = (session.info.profile.code.clone(), session.connection.unit_account.clone());
        let (approves, stale) = (session.has_role(Role::Approver), session.is_stale());
        let crls = session.crls().to_vec();
        let awaiting = session.awaiting.clone();
        let verdicts = inner.store()?.verdicts::<VerdictHead>()?;
        let session = inner.session()?;
        let mut waiting = Vec::new();
        for status in awaiting.iter() {
            let receipt = STANDARD.decode(&status.receipt).unwrap_or_default();
            let content = receipt_shown(&receipt, &anchors, &crls)?.content;
            let (clerk, serial) =
                content.signers.into_iter().next().map(|signer| (signer.name, signer.serial)).unwrap_or_default();
            waiting.push(ApprovalLine {
                filing: status.id.to_string(),
                filing_number: status.filing_number.clone(),
                kind_name: status.kind.label().into(),
                period: status.period.to_string(),
                people: content.totals.people,
                difference: content.totals.difference.to_string(),
                own: session.is_named(&clerk, &serial),
                clerk: mask::id_numbers_in(&clerk),
                taken_at: text::local_time(&status.accepted_at),
                open: verdicts.iter().any(|verdict| verdict.filing == status.id && verdict.open),
            });
        }
        let here = |verdict: &Verdict<VerdictHead>| verdict.center == center && verdict.unit_account == unit;
        let signed = verdicts.into_iter().filter(here).map(verdict_line).collect();
        Ok(ApprovalsView { approves, stale, waiting, signed })
    }

    /// Fetches a filing from the center and shows what its clerk signed.
    ///
    /// # Errors
    /// A signature that does not hold, a filing that does not wait any more, a center that is not reached.
    pub async fn approval_review(self: &Arc<Self>, filing: String) -> Result<ApprovalView, DeskError> {
        let id = id_of(&filing)?;
        let (gateway, _) = self.reach()?;
        let status = gateway.filing(id).await?.ok_or_else(|| DeskError::refusal(DeskError::FILING_GONE))?;
        let file = gateway.filing_file(id).await?;
        self.examine(Some(&gateway), file, Some(status)).await
    }

    /// Opens a filing that was handed over as a file, and shows what its clerk signed.
    ///
    /// # Errors
    /// As [`Desk::approval_review`], but without the center, as far as the file itself tells.
    pub async fn approval_open(self: &Arc<Self>, ticket: String) -> Result<ApprovalView, DeskError> {
        let (file, gateway, id) = in_place(|| -> Result<_, DeskError> {
            let file = self.signed_file(&ticket)?;
            let gateway = {
                let inner = self.inner();
                let session = inner.session()?;
                session.must_have_roots()?;
                session.gateway.clone()
            };
            // Which filing the center is asked about; when it took it, it says. The clerk's clock alone refuses nothing.
            let id = match self.signed_filing(&file, None) {
                Ok((content, _, _)) => content.id,
                Err(_) => self.signed_filing(&file, Some(claimed_time(&file)?))?.0.id,
            };
            Ok((file, gateway, id))
        })?;
        let status = match &gateway {
            Some(gateway) => gateway.filing(id).await.ok().flatten(),
            None => None,
        };
        self.examine(gateway.as_deref(), file, status).await.map_err(|error| {
            let own = error.code() == DeskError::APPROVAL_ENDED && self.knows_filing(id);
            if own { DeskError::refusal_with(DeskError::APPROVAL_ENDED, "filing", id) } else { error }
        })
    }

    /// Whether a filing was made on this computer: then there is a page of it.
    fn knows_filing(&self, id: Uuid) -> bool {
        let mut inner = self.inner();
        inner.store().is_ok_and(|store| of_id(store, id).is_ok())
    }

    /// A page of the rows of the filing that was looked at last.
    ///
    /// # Errors
    /// `desk-approval-stale`
    pub fn approval_lines(&self, filing: &str, page: u32) -> Result<ApprovalLines, DeskError> {
        let reviewed = self.reviewed(filing, None)?;
        let rows = &reviewed.content.rows;
        let from = usize::try_from(page).unwrap_or(usize::MAX).saturating_mul(PAGE);
        let lines = rows.iter().skip(from).take(PAGE).map(|row| line_of(rows.kind(), row)).collect();
        Ok(ApprovalLines { total: count(rows.len()), lines })
    }

    /// Writes the papers of the filing that was looked at last to a folder of the user's.
    ///
    /// # Errors
    /// `desk-approval-stale`, a folder that cannot be written.
    pub fn approval_papers(&self, filing: &str) -> Result<Exported, DeskError> {
        let reviewed = self.reviewed(filing, None)?;
        let folder = self.config.export_folder.join(format!("{}-附件", reviewed.name()));
        for (place, paper) in (1..).zip(&reviewed.content.header.attachments) {
            let bytes = STANDARD.decode(&paper.content).unwrap_or_default();
            // What was signed says the name; it leads to no other folder.
            let (stem, end) = paper.name.rsplit_once('.').unwrap_or((&paper.name, "bin"));
            put(&folder, &format!("{place}-{}", in_a_file_name(stem)), &in_a_file_name(end), &bytes)?;
        }
        Ok(Exported { folder: folder.to_string_lossy().into_owned() })
    }

    /// Countersigns the filing that was looked at, and hands it to the center. What was signed before and not answered
    /// is sent as it is.
    ///
    /// # Errors
    /// Another filing than the one looked at, a key that may not or does not sign, a center that refuses, or nobody
    /// knows: then what was signed is kept, and is sent again.
    pub async fn approval_sign(
        self: &Arc<Self>,
        filing: String,
        fingerprint: String,
        certificate: String,
        pin: Pin,
    ) -> Result<ApprovalDone, DeskError> {
        self.say(filing, fingerprint, certificate, pin, Saying::Approve).await
    }

    /// Returns the filing that was looked at to its clerk, with a reason.
    ///
    /// # Errors
    /// As [`Desk::approval_sign`]; without a reason.
    pub async fn approval_return(
        self: &Arc<Self>,
        filing: String,
        fingerprint: String,
        reason: String,
        certificate: String,
        pin: Pin,
    ) -> Result<ApprovalDone, DeskError> {
        self.say(filing, fingerprint, certificate, pin, Saying::Return(reason)).await
    }

    /// Countersigns the filing that was looked at into a file of the user's, for whoever hands it in.
    ///
    /// # Errors
    /// As [`Desk::approval_sign`]; a folder that cannot be written.
    pub async fn approval_to_file(
        self: &Arc<Self>,
        filing: String,
        fingerprint: String,
        certificate: String,
        pin: Pin,
    ) -> Result<ExportedFile, DeskError> {
        self.say_to_file(filing, fingerprint, certificate, pin, Saying::ApproveToFile).await
    }

    /// Returns the filing that was looked at with a reason, into a file for its clerk: where the center has no gateway.
    ///
    /// # Errors
    /// As [`Desk::approval_to_file`]; without a reason; `desk-gateway-only`
    pub async fn approval_return_to_file(
        self: &Arc<Self>,
        filing: String,
        fingerprint: String,
        reason: String,
        certificate: String,
        pin: Pin,
    ) -> Result<ExportedFile, DeskError> {
        if self.inner().session()?.gateway.is_some() {
            return Err(DeskError::refusal(DeskError::GATEWAY_ONLY));
        }
        self.say_to_file(filing, fingerprint, certificate, pin, Saying::ReturnToFile(reason)).await
    }

    async fn say_to_file(
        self: &Arc<Self>,
        filing: String,
        fingerprint: String,
        certificate: String,
        pin: Pin,
        saying: Saying,
    ) -> Result<ExportedFile, DeskError> {
        let reviewed = self.reviewed(&filing, Some(&fingerprint))?;
        let verdict = {
            let (desk, reviewed) = (self.clone(), reviewed.clone());
            let sign = move || desk.sign_verdict(&reviewed, &saying, &certificate, &pin);
            tokio::task::spawn_blocking(sign).await.map_err(|e| DeskError::Internal(e.to_string()))??
        };
        let folder = &self.config.export_folder;
        let said = if verdict.approved { "已复核" } else { "复核退回" };
        let file = put(folder, &format!("{}-{said}", reviewed.name()), "p7m", &verdict.file)?;
        Ok(ExportedFile { folder: folder.to_string_lossy().into_owned(), file })
    }

    /// Takes in the file of an own filing with the approver's signature, and hands it to the center. Of a filing that
    /// stays here it may be returned in the file as well, and goes nowhere.
    ///
    /// # Errors
    /// A file of another filing, or one whose signatures do not hold; as [`Desk::approval_sign`].
    pub async fn approval_bring(self: &Arc<Self>, filing: String, ticket: String) -> Result<FilingView, DeskError> {
        self.alone(async {
            let id = id_of(&filing)?;
            let stays = in_place(|| -> Result<bool, DeskError> {
                let (file, stays) = (self.signed_file(&ticket)?, self.is_kept(id)?);
                if stays {
                    self.bring_kept(id, file)?;
                } else {
                    self.keep_approved(id, file, true)?;
                }
                Ok(stays)
            })?;
            if !stays {
                self.ask_or_send(id).await?;
                self.send_verdict(id).await?;
            }
            in_place(|| self.filing(&filing))
        })
        .await
    }

    /// Sends what was signed about a filing and has no answer yet.
    ///
    /// # Errors
    /// As [`Desk::approval_sign`]; when nothing is open.
    pub async fn approval_send(self: &Arc<Self>, filing: String) -> Result<ApprovalDone, DeskError> {
        self.alone(async { self.send_open(id_of(&filing)?).await }).await
    }

    async fn send_open(self: &Arc<Self>, id: Uuid) -> Result<ApprovalDone, DeskError> {
        let status = self.send_verdict(id).await?.ok_or_else(|| DeskError::refusal(DeskError::APPROVAL_STALE))?;
        Ok(ApprovalDone { filing_number: status.filing_number, stage: of_center(status.state) })
    }

    async fn say(
        self: &Arc<Self>,
        filing: String,
        fingerprint: String,
        certificate: String,
        pin: Pin,
        saying: Saying,
    ) -> Result<ApprovalDone, DeskError> {
        self.alone(async {
            // What nobody would be sent is not signed.
            self.reach()?;
            let reviewed = self.reviewed(&filing, Some(&fingerprint))?;
            let id = reviewed.id;
            let desk = self.clone();
            tokio::task::spawn_blocking(move || desk.sign_verdict(&reviewed, &saying, &certificate, &pin))
                .await
                .map_err(|e| DeskError::Internal(e.to_string()))??;
            self.send_open(id).await
        })
        .await
    }

    /// Signs what the approver says and keeps it; nothing has been sent. One that is open is left as it is.
    fn sign_verdict(
        &self,
        reviewed: &Reviewed,
        saying: &Saying,
        certificate: &str,
        pin: &Pin,
    ) -> Result<Verdict<VerdictHead>, DeskError> {
        let approved = !matches!(saying, Saying::Return(_) | Saying::ReturnToFile(_));
        let here = self.keys_here()?;
        let (keys, at, identifiers, kept, roots) = {
            let mut inner = self.inner();
            let now = self.now(&inner);
            let said = inner.store()?.verdict::<VerdictHead>(reviewed.id)?;
            let returned = said.as_ref().is_some_and(|verdict| !verdict.approved);
            if let Some(open) = said.filter(|verdict| verdict.open) {
                let same = open.approved == approved;
                return if same { Ok(open) } else { Err(DeskError::refusal(DeskError::APPROVAL_OPEN)) };
            }
            // Without a center his own word is the only one that says so.
            if returned && inner.session()?.gateway.is_none() {
                return Err(DeskError::refusal(DeskError::APPROVAL_ENDED));
            }
            let store = inner.store()?;
            // The clerk's own computer: her draft is here.
            let kept = store.filing::<FilingHead>(reviewed.id)?.is_some_and(|own| own.head.kept.is_some());
            if kept && !approved {
                may_be_returned(store, reviewed.id)?;
            }
            store.reserve()?;
            let session = inner.session()?;
            must_sign(session, &here, certificate, now, As::Approver(&reviewed.clerk.certificate))?;
            let roots = if kept { written(&session.connection.anchors) } else { Vec::new() };
            (session.keys(), text::stamp(now), session.identifiers(), kept, roots)
        };
        let reason = match saying {
            Saying::Return(reason) | Saying::ReturnToFile(reason) if reason.trim().is_empty() => {
                return Err(DeskError::refusal(DeskError::APPROVAL_REASON));
            }
            Saying::Return(reason) | Saying::ReturnToFile(reason) => reason.trim().to_owned(),
            Saying::Approve | Saying::ApproveToFile => String::new(),
        };
        let rejection = Ending {
            protocol: PROTOCOL,
            filing_id: reviewed.id,
            filing_sha256: reviewed.sha256.clone(),
            unit_account: reviewed.content.unit.account.clone(),
            reason: reason.clone(),
            created_at: at.clone(),
        };
        let rejection = rejection.to_bytes()?;
        failpoint::pass("before-verdict-sign");
        let (file, approver) = with_key(&keys, certificate, pin, |session| {
            if approved {
                add_signature(session, &reviewed.file, &at)
            } else {
                sign_attached_by(session, &rejection, &at, Role::Approver, Purpose::Rejection, None, identifiers)
            }
        })?;
        failpoint::pass("after-verdict-sign");
        let verdict = Verdict {
            filing: reviewed.id,
            center: reviewed.content.center.clone(),
            unit_account: reviewed.content.unit.account.clone(),
            approved,
            open: !matches!(saying, Saying::ApproveToFile | Saying::ReturnToFile(_)),
            signed_at: at.clone(),
            sha256: hex(&Sha256::digest(&file)),
            head: reviewed.head(approver.clone(), reason.clone(), roots),
            file,
        };
        if kept && !approved {
            let (by, reason) = (approver.clone(), reason.clone());
            self.give_back(Returned { filing: reviewed.id, by, at: at.clone(), reason })?;
        }
        let mut inner = self.inner();
        let store = inner.store()?;
        failpoint::pass("before-verdict-kept");
        store.together(|store| {
            store.keep_verdict(&verdict)?;
            if store.filing::<FilingHead>(reviewed.id)?.is_none() {
                return Ok(());
            }
            let code = if approved { "event-approval-signed" } else { "event-rejection-signed" };
            note(store, reviewed.id, &at, code, &[("signer", &approver), ("reason", &reason)])
        })?;
        failpoint::pass("after-verdict-kept");
        Ok(verdict)
    }

    /// The filing that was looked at last.
    fn reviewed(&self, filing: &str, fingerprint: Option<&str>) -> Result<Arc<Reviewed>, DeskError> {
        let id = id_of(filing)?;
        let reviewed = self.inner().reviewing.clone();
        reviewed
            .filter(|one| one.id == id && fingerprint.is_none_or(|wanted| one.sha256 == wanted))
            .ok_or_else(|| DeskError::refusal(DeskError::APPROVAL_STALE))
    }

    /// A signed file that the user chose.
    fn signed_file(&self, ticket: &str) -> Result<Vec<u8>, DeskError> {
        let large = |_: &str| VerifyError::Malformed("too large").into();
        Ok(self.bytes_of_ticket(ticket, MAX_BODY as u64, large)?.1)
    }

    /// What the clerk signed, if he is of this unit and the file holds: his signature as of when the center took it,
    /// where it has.
    fn signed_filing(
        &self,
        file: &[u8],
        taken: Option<Timestamp>,
    ) -> Result<(FilingContent, String, Vec<Signer>), DeskError> {
        let inner = self.inner();
        let now = self.now(&inner);
        let session = inner.session()?;
        let anchors = TrustAnchors::from_der(&session.connection.anchors)?;
        let as_of = |at| AsOf { at, crls: session.crls() };
        let verified = verify_taken(file, &anchors, as_of(taken.unwrap_or(now)), as_of(now), Purpose::Filing)?;
        let content = FilingContent::from_bytes(&verified.content)?;
        let unit = session.unit.as_ref().ok_or_else(|| DeskError::refusal(DeskError::ROSTER_MISSING))?;
        let own = content.center == session.info.profile.code
            && content.unit.account == unit.account
            && content.unit.credit_code == unit.credit_code
            && verified.signers.iter().all(|one| one.certificate.credit_code() == Some(unit.credit_code.as_str()));
        if !own {
            return Err(DeskError::refusal(DeskError::APPROVAL_OTHER_UNIT));
        }
        Ok((content, hex(&Sha256::digest(&verified.content)), verified.signers))
    }

    /// When the center took this very file, by a receipt of it that holds.
    fn taken_at(&self, status: &FilingStatus, sha256: &str) -> Result<Option<Timestamp>, DeskError> {
        let inner = self.inner();
        let session = inner.session()?;
        let anchors = TrustAnchors::from_der(&session.connection.anchors)?;
        let receipt = STANDARD.decode(&status.receipt).unwrap_or_default();
        let Ok(shown) = receipt_shown(&receipt, &anchors, session.crls()) else { return Ok(None) };
        let said = shown.content;
        let of_it = said.filing_id == status.id
            && (said.filing_sha256 == sha256 || said.approved_sha256.as_deref() == Some(sha256));
        Ok(of_it.then(|| said.accepted_at.parse().ok()).flatten())
    }

    async fn examine(
        self: &Arc<Self>,
        gateway: Option<&Gateway>,
        file: Vec<u8>,
        status: Option<FilingStatus>,
    ) -> Result<ApprovalView, DeskError> {
        let (sha256, (content, digest, signers)) = in_place(|| -> Result<_, DeskError> {
            let sha256 = hex(&Sha256::digest(&file));
            let taken = status.as_ref().map(|status| self.taken_at(status, &sha256)).transpose()?.flatten();
            let signed = self.signed_filing(&file, taken)?;
            Ok((sha256, signed))
        })?;
        // Through a center it is the center that says so.
        let returned = gateway.is_none() && self.round_here(content.id)?.is_some();
        let ended = returned
            || signers.len() > 1
            || status.as_ref().is_some_and(|status| status.state != FilingState::AwaitingApproval);
        if ended {
            return Err(DeskError::refusal(DeskError::APPROVAL_ENDED));
        }
        if status.as_ref().is_some_and(|status| status.id != content.id || status.filing_sha256 != sha256) {
            return Err(DeskError::refusal(DeskError::APPROVAL_DIFFERS));
        }
        let clerk = signers.into_iter().next().ok_or(VerifyError::NoSigner)?;
        // Without the center nobody is known elsewhere, and who earlier rounds were returned by.
        let elsewhere = match gateway {
            Some(gateway) => self.known_elsewhere(gateway, &content.rows).await.unwrap_or_default(),
            None => Elsewhere::default(),
        };
        let mut rounds = Vec::new();
        for earlier in content.header.returned.iter().take(ROUNDS) {
            match gateway {
                Some(gateway) => {
                    if let Ok(Some(status)) = gateway.filing(*earlier).await {
                        rounds.extend(self.round_of(&status)?);
                    }
                }
                None => rounds.extend(self.round_here(*earlier)?),
            }
        }
        let number = status.map(|status| status.filing_number);
        let reviewed =
            Arc::new(Reviewed { id: content.id, file, sha256, digest, content, clerk, number, elsewhere, rounds });
        self.inner().reviewing = Some(reviewed.clone());
        let desk = self.clone();
        tokio::task::spawn_blocking(move || desk.approval_view(&reviewed))
            .await
            .map_err(|e| DeskError::Internal(e.to_string()))?
    }

    /// What was said here of a filing that was returned.
    fn round_here(&self, id: Uuid) -> Result<Option<RoundView>, DeskError> {
        let verdict = self.inner().store()?.verdict::<VerdictHead>(id)?;
        Ok(verdict.filter(|verdict| !verdict.approved).map(|verdict| RoundView {
            by: mask::id_numbers_in(&verdict.head.approver),
            at: text::local_time(&verdict.signed_at),
            reason: verdict.head.reason,
        }))
    }

    async fn known_elsewhere(&self, gateway: &Gateway, rows: &Rows) -> Result<Elsewhere, DeskError> {
        let (account, roster) = {
            let inner = self.inner();
            let session = inner.session()?;
            (session.connection.unit_account.clone(), session.roster.clone())
        };
        let here = |id_number: &str| {
            roster.as_ref().is_some_and(|roster| roster.contributors.iter().any(|one| one.id_number == id_number))
        };
        let people: Vec<Person> = rows
            .iter()
            .filter_map(|row| row.asked_about())
            .filter(|(id_number, _)| !here(id_number))
            .map(|(id_number, name)| Person { id_number, name })
            .collect();
        if people.is_empty() {
            return Ok(Elsewhere::default());
        }
        let answers = gateway.lookup(&account, &people).await?;
        let asked = people.into_iter().zip(answers);
        Ok(Elsewhere(asked.map(|(one, answer)| (one.id_number, Asked { name: one.name, answer })).collect()))
    }

    /// Who returned a filing and why, by the center's receipt.
    pub(crate) fn round_of(&self, status: &FilingStatus) -> Result<Option<RoundView>, DeskError> {
        let inner = self.inner();
        let anchors = TrustAnchors::from_der(&inner.session()?.connection.anchors)?;
        let receipt = STANDARD.decode(&status.receipt).unwrap_or_default();
        let signed = receipt_shown(&receipt, &anchors, inner.session()?.crls())?;
        let at = text::local_time(&text::stamp(signed.at));
        Ok(signed.content.returned_by.map(|by| RoundView {
            by: mask::id_numbers_in(&by.name),
            at,
            reason: signed.content.reason,
        }))
    }

    fn approval_view(&self, reviewed: &Reviewed) -> Result<ApprovalView, DeskError> {
        let keys = self.keys_here()?;
        let inner = self.inner();
        let now = self.now(&inner);
        let session = inner.session()?;
        let content = &reviewed.content;
        let anchors = TrustAnchors::from_der(&session.connection.anchors)?;
        // A list may be younger than this computer's clock has it: what it revokes is revoked.
        let today = session.crls().iter().map(Crl::this_update).fold(now, Timestamp::max);
        let over = verify(&reviewed.file, &anchors, today, Purpose::Filing, session.crls()).is_err();
        let known = session.known(now);
        let of = known.circumstances(content.period);
        // Where nobody can be asked, nobody has to be.
        let of = Circumstances { elsewhere: of.elsewhere.map(|_| &reviewed.elsewhere), ..of };
        let mut findings = content.rows.check(content.totals, of);
        if let (Rows::RemittanceVerification(rows), Some(books)) = (&content.rows, &known.books) {
            findings.extend(check_figures(rows, &content.header.figures, &books.books.previous));
        }
        let review = ReviewView {
            center_name: session.info.profile.name.clone(),
            unit_name: content.unit.name.clone(),
            unit_account: content.unit.account.clone(),
            file_name: content.source.file_name.clone(),
            roster_version: content.roster_version,
            confirmations: content
                .header
                .confirmations
                .iter()
                .map(|each| ConfirmationView {
                    code: each.code.clone(),
                    title: huijiao_domain::texts::title(&each.code).into(),
                    count: each.count,
                    note: each.note.clone(),
                })
                .collect(),
            attachments: (1..)
                .zip(&content.header.attachments)
                .map(|(place, paper)| AttachmentView {
                    place,
                    name: paper.name.clone(),
                    kilobytes: paper.size.div_ceil(1024),
                })
                .collect(),
            digest: reviewed.digest.clone(),
            fingerprint: reviewed.sha256.clone(),
            certificates: certificates(session, keys, now, As::Approver(&reviewed.clerk.certificate)),
            ..drawn(&content.rows, content.totals, content.period)
        };
        Ok(ApprovalView {
            filing: reviewed.id.to_string(),
            filing_number: reviewed.number.clone(),
            review,
            clerk: mask::id_numbers_in(reviewed.clerk.certificate.holder()),
            signed_at: text::local_time(&text::stamp(reviewed.clerk.signing_time)),
            steps: steps(reviewed, session.gateway.is_some(), over),
            findings: findings.iter().map(found).collect(),
            roster_now: known.roster_version().unwrap_or_default(),
            lines: count(content.rows.len()),
            rounds: reviewed.rounds.clone(),
        })
    }
}

impl Reviewed {
    /// A name for files about it.
    fn name(&self) -> String {
        let id = self.id.simple().to_string();
        let tail = self.number.as_deref().map_or_else(|| id[id.len() - 8..].to_owned(), in_a_file_name);
        format!("{}-{}-{tail}", self.content.rows.kind().label(), self.content.period)
    }

    fn head(&self, approver: String, reason: String, roots: Vec<String>) -> VerdictHead {
        VerdictHead {
            kind: self.content.rows.kind(),
            period: self.content.period,
            people: self.content.totals.people,
            clerk: self.clerk.certificate.holder().to_owned(),
            approver,
            number: self.number.clone().unwrap_or_default(),
            reason,
            roots,
        }
    }
}

/// What was verified before anything was shown; a step that does not hold says what is not known, or that the clerk's
/// certificate is `over` since the center took the filing.
fn steps(reviewed: &Reviewed, gateway: bool, over: bool) -> Vec<VerificationStep> {
    let step = |code: &str, title: &str, passed| VerificationStep { code: code.into(), title: title.into(), passed };
    let issued = if gateway {
        "经办人的证书由本中心签发，属于本单位"
    } else {
        "经办人的证书由本单位登记的根证书签发，属于本单位"
    };
    let mut steps = vec![
        step("signature", "经办人的签名有效，内容未被改动", true),
        step("chain", issued, true),
        step("filing_id", "申报属于本单位和本中心", true),
    ];
    match (gateway, reviewed.number.is_some()) {
        (true, true) => steps.push(step("filing_hash", "与中心收到的申报一致", true)),
        (true, false) => steps.push(step("filing_hash", "尚未与中心核对（文件交接）", false)),
        (false, _) => {}
    }
    if over {
        steps.push(step("clerk_now", "经办人的证书在中心受理时有效，受理之后已到期或被吊销", false));
    }
    steps
}

fn found(finding: &Finding) -> FindingView {
    let row = finding.args.get("index").and_then(|index| index.parse::<u32>().ok());
    FindingView {
        level: text::level(finding.level).into(),
        row: row.map(|index| index + 1),
        field: finding.field.map(|field| field.as_str().to_owned()),
        ..said_by_center(finding.code.as_str(), &finding.message())
    }
}

fn verdict_line(verdict: Verdict<VerdictHead>) -> VerdictLine {
    let head = verdict.head;
    VerdictLine {
        filing: verdict.filing.to_string(),
        filing_number: head.number,
        kind_name: head.kind.label().into(),
        period: head.period.to_string(),
        people: head.people,
        clerk: mask::id_numbers_in(&head.clerk),
        approver: mask::id_numbers_in(&head.approver),
        approved: verdict.approved,
        reason: head.reason,
        signed_at: text::local_time(&verdict.signed_at),
        open: verdict.open,
    }
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
