//! 单证: forms printed from what was signed and what the center answered; from drafts only with 草稿 across them.

use std::ffi::OsStr;
use std::path::Path;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use huijiao_documents::form::Form;
use huijiao_documents::forms::{
    Booked, Filed, LeaverNote, PaymentNotice, PersonalProof, Posted, Receipt, Recorded, Signed, Signer, Standing,
    UnitProof,
};
use huijiao_documents::{Fonts, Pdf, Shift, print_shifted};
use huijiao_domain::filing::remittance_verification::Verification;
use huijiao_domain::filing::{FilingKind, Rows};
use huijiao_domain::mask;
use huijiao_domain::profile::CenterProfile;
use huijiao_domain::remittance::{Books, MonthTable, PaidDue, PaymentMethod};
use huijiao_domain::roster::Unit;
use huijiao_gateway::NetError;
use huijiao_protocol::filing::FilingContent;
use huijiao_protocol::queries::{Days, EntryKind};
use huijiao_protocol::receipt::FilingState;
use huijiao_protocol::resources::{OrderState, PaymentOrder};
use huijiao_sheets::write::safe_stem;
use huijiao_signing::{Purpose, TrustAnchors, verify};
use huijiao_store::{Filing, Store};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::calls::blocking;
use crate::error::DeskError;
use crate::filings::{FilingHead, id_of, of_id};
use crate::import::hex;
use crate::kept::{anchors_of, recorded};
use crate::month::{asked, month_named};
use crate::step::Step;
use crate::submit::{note, receipt_content};
use crate::views::{ExportedFile, FilingStage, PaperForm, PaperView, PrintShift, UploadStage};
use crate::workbooks::{LONGEST, put};
use crate::{Desk, text};

/// Forms, and what the file of them is called.
type Named = (String, Vec<Form>);

/// What is noted of a filing whose receipt was saved or printed.
const PRINTED: &str = "event-printed";

impl Desk {
    /// A form as it would be printed.
    ///
    /// # Errors
    /// What there is nothing to print of; a signature that does not hold; a center that does not answer where its books
    /// are proven; fonts, see [`huijiao_documents::PaperError`].
    pub async fn paper(self: &Arc<Self>, form: PaperForm) -> Result<PaperView, DeskError> {
        let (title, pdf, _) = self.printed(form).await?;
        Ok(PaperView { title, pages: pdf.pages, pdf: BASE64.encode(pdf.bytes) })
    }

    /// Writes it to the user's folder, never over another file. What has a receipt says from the second time on that
    /// it is a copy (补打), and which.
    ///
    /// # Errors
    /// As [`Desk::paper`]; a folder that cannot be written.
    pub async fn paper_save(self: &Arc<Self>, form: PaperForm) -> Result<ExportedFile, DeskError> {
        let (title, pdf, received) = self.printed(form).await?;
        blocking(self, move |desk| {
            let folder = desk.config.export_folder.join("单证");
            let file = put(&folder, &safe_stem(&title, LONGEST), "pdf", &pdf.bytes)?;
            let mut inner = desk.inner();
            let at = text::stamp(desk.now(&inner));
            for (filing, time) in received {
                note(inner.store()?, filing, &at, PRINTED, &[("time", &time.to_string())])?;
            }
            Ok(ExportedFile { folder: folder.to_string_lossy().into_owned(), file })
        })
        .await
    }

    /// Saves it, and opens it in the system's own viewer, which prints.
    ///
    /// # Errors
    /// As [`Desk::paper_save`]; [`DeskError::NO_VIEWER`], then it is saved nevertheless.
    pub async fn paper_open(self: &Arc<Self>, form: PaperForm) -> Result<ExportedFile, DeskError> {
        let saved = self.paper_save(form).await?;
        blocking(self, move |_| {
            let path = Path::new(&saved.folder).join(&saved.file);
            open_with_system(path.as_os_str())
                .map_err(|_| DeskError::refusal_with(DeskError::NO_VIEWER, "file", path.display()))?;
            Ok(saved)
        })
        .await
    }

    /// A form with its title, and the filings in it that have a receipt, each with the how-manieth time it is printed.
    async fn printed(self: &Arc<Self>, form: PaperForm) -> Result<(String, Pdf, Vec<(Uuid, usize)>), DeskError> {
        let step = self.begin_step();
        let mut received = Vec::new();
        let (title, forms) = match form {
            PaperForm::Filing { filing } => {
                let (named, times) = blocking(self, move |desk| desk.papers_of_filing(&filing)).await?;
                received = times;
                named
            }
            PaperForm::Draft { draft } => blocking(self, move |desk| desk.papers_of_draft(&draft)).await?,
            PaperForm::Verification { through } => {
                blocking(self, move |desk| desk.papers_of_verification(through.as_deref())).await?
            }
            PaperForm::Remittance { month } => self.papers_of_remittance(&month).await?,
            PaperForm::Payment { number } => blocking(self, move |desk| desk.payment_notice(&number)).await?,
            PaperForm::Leaver { account, reason, sealed_on } => {
                blocking(self, move |desk| desk.leaver_note(&account, &reason, &sealed_on)).await?
            }
            PaperForm::Month { month } => {
                let (named, times) = blocking(self, move |desk| desk.papers_of_month(&month)).await?;
                received = times;
                named
            }
            PaperForm::UnitProof => self.unit_proof().await?,
            PaperForm::PersonalProof { account } => self.personal_proof(&account).await?,
        };
        // No lock is held while pages are drawn.
        let pdf = blocking(self, move |desk| {
            let PrintShift { right, down } = desk.preferences()?.print_shift;
            let mut fonts = Fonts::of_this_computer()?;
            let shift = Shift { right, down };
            Ok(print_shifted(&forms, &mut fonts, shift, &mut |done, total| step.at(done, total))?)
        });
        Ok((title, pdf.await?, received))
    }

    /// The forms of a filing, as evidence: by no printer's needs.
    pub(crate) fn printed_filing(&self, filing: &str, step: &Step) -> Result<Pdf, DeskError> {
        let ((_, forms), _) = self.papers_of_filing(filing)?;
        let mut fonts = Fonts::of_this_computer()?;
        Ok(print_shifted(&forms, &mut fonts, Shift::default(), &mut |done, total| step.at(done, total))?)
    }

    /// What a proof says of the center and of the moment.
    fn proving(&self) -> Result<(CenterProfile, String), DeskError> {
        let inner = self.inner();
        let taken_at = text::local_time(&text::stamp(self.now(&inner)));
        Ok((inner.session()?.info.profile.clone(), taken_at))
    }

    /// From the books as they are now: nothing is proven by a copy.
    async fn unit_proof(&self) -> Result<Named, DeskError> {
        let (gateway, account) = self.reach()?;
        let (unit, books) = (gateway.unit(&account).await?, gateway.books(&account).await?);
        let (profile, taken_at) = self.proving()?;
        let proof = UnitProof { center: &profile.name, unit: &unit, months: &books.months, taken_at: &taken_at };
        Ok((format!("单位缴存证明-{account}"), vec![proof.form()]))
    }

    async fn personal_proof(&self, person: &str) -> Result<Named, DeskError> {
        let (gateway, account) = self.reach()?;
        let unit = gateway.unit(&account).await?;
        let one = gateway.contributor_account(&account, person).await?;
        let ledger = gateway.contributor_ledger(&account, person, Days::default()).await?;
        let (profile, taken_at) = self.proving()?;
        let allotted = ledger.items.iter().filter(|entry| entry.kind == EntryKind::Allotted);
        let proof = PersonalProof {
            center: &profile.name,
            unit_name: &unit.name,
            unit_account: &unit.account,
            name: &one.name,
            id_type: profile.id_types.get(&one.id_type).unwrap_or(&one.id_type),
            id_number: &one.id_number,
            personal_account: &one.personal_account,
            status: one.status.label(),
            base: one.base,
            unit_ratio: unit.unit_ratio,
            personal_ratio: unit.personal_ratio,
            amounts: one.amounts,
            paid_through: unit.paid_through,
            balance: one.balance.monthly(),
            entries: allotted
                .map(|entry| Posted {
                    on: entry.on.to_string(),
                    label: entry.label.clone(),
                    moved: entry.moved,
                    balance: entry.balance.monthly(),
                })
                .collect(),
            taken_at: &taken_at,
        };
        Ok((format!("个人缴存证明-{}", one.name), vec![proof.form()]))
    }

    fn papers_of_filing(&self, filing: &str) -> Result<(Named, Vec<(Uuid, usize)>), DeskError> {
        let id = id_of(filing)?;
        let mut inner = self.inner();
        let printed_at = text::local_time(&text::stamp(self.now(&inner)));
        let session = inner.session()?;
        let (profile, registered) = (session.info.profile.clone(), session.connection.anchors.clone());
        let store = inner.store()?;
        let anchors = anchors_of(store, &registered, &of_id(store, id)?)?;
        let (files, time) = (Files::kept(store, id)?, time(store, id)?);
        drop(inner);
        let signed = files.read(&anchors)?;
        let title = format!("{}-{}-{}", signed.content.rows.kind().label(), signed.content.period, signed.word());
        let received = signed.is_received().then_some((id, time)).into_iter().collect();
        Ok(((title, numbered(signed.forms(Some(&profile), &printed_at), time)), received))
    }

    /// What the center took of a month, by its receipts or as the clerk recorded it, in the order in which it was signed;
    /// what was refused or taken back is not there.
    fn papers_of_month(&self, month: &str) -> Result<(Named, Vec<(Uuid, usize)>), DeskError> {
        let mut inner = self.inner();
        let printed_at = text::local_time(&text::stamp(self.now(&inner)));
        let session = inner.session()?;
        let (profile, registered) = (session.info.profile.clone(), session.connection.anchors.clone());
        let account = session.connection.unit_account.clone();
        let store = inner.store()?;
        let mut files = Vec::new();
        let mut filings = store.filings::<FilingHead>()?;
        filings.retain(|f| f.center == profile.code && f.unit_account == account && f.period == month);
        filings.sort_by(|a, b| a.signed_at.cmp(&b.signed_at));
        for filing in filings {
            if holds(&filing) || recorded(store, &filing)?.is_some_and(|recorded| !recorded.is_void()) {
                let anchors = anchors_of(store, &registered, &filing)?;
                files.push((filing.id, time(store, filing.id)?, Files::kept(store, filing.id)?, anchors));
            }
        }
        drop(inner);
        let (mut forms, mut received) = (Vec::new(), Vec::new());
        for (id, time, file, anchors) in files {
            let signed = file.read(&anchors)?;
            forms.extend(numbered(signed.forms(Some(&profile), &printed_at), time));
            received.extend(signed.is_received().then_some((id, time)));
        }
        if forms.is_empty() {
            return Err(DeskError::refusal_with(DeskError::NO_PAPERS, "month", month));
        }
        Ok(((format!("单证-{account}-{month}"), forms), received))
    }

    fn papers_of_draft(&self, draft: &str) -> Result<Named, DeskError> {
        let (rows, head) = self.with_draft(draft, |draft| Ok((draft.filed().clone(), draft.head.clone())))?;
        let inner = self.inner();
        let printed_at = text::local_time(&text::stamp(self.now(&inner)));
        let session = inner.session()?;
        let unit = session.unit.as_ref().ok_or_else(|| DeskError::refusal(DeskError::ROSTER_MISSING))?;
        if rows.is_empty() {
            return Err(DeskError::refusal(DeskError::NOTHING_TO_PRINT));
        }
        let mut filed = drafted(&session.info.profile, unit, &rows, head.period, &printed_at);
        filed.attachments = head.attachments.iter().map(|attached| attached.name.as_str()).collect();
        Ok((format!("{}-{}-草稿", head.kind.label(), head.period), filed.forms()))
    }

    fn papers_of_verification(&self, through: Option<&str>) -> Result<Named, DeskError> {
        let known = self.month_known()?;
        let (first, through) = asked(&known, through)?;
        let hand = known.at_hand()?;
        let computed = Verification::compute(hand.roster, &hand.books.books.previous, first, through);
        let figures = computed.figures();
        let rows = Rows::RemittanceVerification(computed.rows);
        let printed_at = text::local_time(&text::stamp(self.now(&self.inner())));
        let mut filed = drafted(&known.profile, hand.unit, &rows, through, &printed_at);
        filed.figures = &figures;
        let mut forms = filed.forms();
        forms.extend(filed.changes(&computed.tables));
        Ok((format!("汇缴核定-{through}-草稿"), forms))
    }

    /// 汇缴书 and 变更清册 of a verified month, under the number of its verification, by the center's own lists: whoever
    /// verified it, on whatever computer.
    async fn papers_of_remittance(&self, month: &str) -> Result<Named, DeskError> {
        let known = self.month_known()?;
        let hand = known.at_hand()?;
        let month = month_named(month)?;
        let verified = hand.books.books.months.iter().find(|one| one.figures.month == month);
        // A month from before the center's books has neither a number nor lists.
        let verified = verified
            .filter(|one| !one.filing_number.is_empty())
            .ok_or_else(|| DeskError::refusal_with(DeskError::NOT_VERIFIED, "month", month))?;
        let (previous, due) = self.frozen_lists(month).await?;
        let table = MonthTable::between(month, &previous, &due);
        if table.figures != verified.figures {
            return Err(NetError::AnswerBroken("the lists do not come to the month's figures".into()).into());
        }
        let printed_at = text::local_time(&text::stamp(self.now(&self.inner())));
        let rows = Rows::none(FilingKind::RemittanceVerification);
        let mut filed = drafted(&known.profile, hand.unit, &rows, month, &printed_at);
        filed.standing = Standing::Booked(Booked {
            number: verified.filing_number.clone(),
            by: mask::id_numbers_in(&verified.verified_by),
            at: verified.verified_at.clone(),
        });
        let pays = |order: &&PaymentOrder| match order.state {
            OrderState::Awaiting | OrderState::Debiting | OrderState::Paid => {
                order.pays.contains(&PaidDue::Month(month))
            }
            OrderState::Failed | OrderState::Withdrawn => false,
        };
        let method = hand.books.orders.iter().find(pays).map(|order| order.method);
        let mut forms = vec![filed.remittance(&verified.figures, method)];
        forms.extend(filed.changes(&[table]));
        Ok((format!("汇缴书-{}-{month}", hand.unit.account), forms))
    }

    fn payment_notice(&self, number: &str) -> Result<Named, DeskError> {
        let known = self.month_known()?;
        let hand = known.at_hand()?;
        let order = hand.books.orders.iter().find(|order| order.number == number);
        // Whoever pays once more after the money came in has to ask for its return.
        let order = order
            .filter(|order| order.state == OrderState::Awaiting && order.method == PaymentMethod::Transfer)
            .ok_or_else(|| DeskError::refusal_with(DeskError::NOT_AWAITED, "number", number))?;
        let printed_at = text::local_time(&text::stamp(self.now(&self.inner())));
        let (back, label) = said_of(&order.pays, &hand.books.books);
        let notice = PaymentNotice {
            center: &known.profile.name,
            unit_name: &hand.unit.name,
            unit_account: &hand.unit.account,
            number: &order.number,
            back,
            label,
            people: order.people,
            amount: order.amounts.monthly(),
            account_name: &order.to.name,
            account_number: &order.to.number,
            bank: &order.to.bank,
            code: &order.code,
            ordered_at: text::local_time(&order.ordered_at),
            printed_at: &printed_at,
        };
        Ok((format!("{}通知单-{number}", if back { "补缴" } else { "汇缴" }), vec![notice.form()]))
    }

    fn leaver_note(&self, account: &str, reason: &str, sealed_on: &str) -> Result<Named, DeskError> {
        let view = self.contributor(account, sealed_on)?;
        let line = view.withdrawals.iter().find(|line| line.reason == reason);
        let line = line.ok_or_else(|| DeskError::refusal(DeskError::BAD_ARGUMENTS))?;
        let inner = self.inner();
        let session = inner.session()?;
        let unit = session.unit.as_ref().ok_or_else(|| DeskError::refusal(DeskError::ROSTER_MISSING))?;
        let yuan = |text: &str| text.parse().map_err(|_| DeskError::Internal("an amount of a view".into()));
        let note = LeaverNote {
            center: &session.info.profile.name,
            unit_name: &unit.name,
            unit_account: &unit.account,
            name: &view.line.name,
            id_masked: &view.line.id_masked,
            personal_account: &view.line.personal_account,
            base: yuan(&view.base)?,
            monthly: yuan(&view.monthly_amount)?,
            reason,
            sealed_on: sealed_on.trim(),
            withdrawal: &line.sentence,
            today: &view.today,
            caution: format!("账户信息取自 {} 的清册。{}。", view.roster_taken_at, view.caution),
        };
        Ok((format!("离职告知单-{}", view.line.name), vec![note.form()]))
    }
}

/// What an order pays, in the words of its notice, and whether none of it is a month's 汇缴.
fn said_of(pays: &[PaidDue], books: &Books) -> (bool, String) {
    let back = pays.iter().all(|one| matches!(one, PaidDue::Filing(_)));
    // A number alone says nobody what for.
    let said = pays.iter().map(|one| match (one, books.due(one)) {
        (PaidDue::Filing(_), Some(due)) => format!("{} {}", due.kind.label(), one.label()),
        (PaidDue::Filing(_), None) | (PaidDue::Month(_), _) => one.label(),
    });
    (back, said.collect::<Vec<_>>().join("、"))
}

/// The how-manieth time a filing is printed now.
fn time(store: &Store, id: Uuid) -> Result<usize, DeskError> {
    Ok(1 + store.filing_events(id)?.iter().filter(|event| event.code == PRINTED).count())
}

fn numbered(forms: Vec<Form>, time: usize) -> Vec<Form> {
    if time > 1 { forms.into_iter().map(|form| form.again(time)).collect() } else { forms }
}

/// A filing's forms before anybody signs it.
fn drafted<'a>(
    profile: &'a CenterProfile,
    unit: &'a Unit,
    rows: &'a Rows,
    period: huijiao_domain::month::Month,
    printed_at: &'a str,
) -> Filed<'a> {
    Filed {
        center: &profile.name,
        unit_name: &unit.name,
        unit_account: &unit.account,
        credit_code: &unit.credit_code,
        period,
        rows,
        figures: &[],
        attachments: Vec::new(),
        id_types: &profile.id_types,
        standing: Standing::Draft,
        printed_at,
    }
}

/// Whether the center took a filing and has not let it go.
fn holds(filing: &Filing<FilingHead>) -> bool {
    match crate::filings::stage(filing) {
        FilingStage::Accepted | FilingStage::InReview | FilingStage::Settled | FilingStage::PartlySettled => true,
        FilingStage::AwaitingApproval
        | FilingStage::Signed
        | FilingStage::Submitting
        | FilingStage::Unknown
        | FilingStage::Refused
        | FilingStage::Withdrawn
        | FilingStage::Kept => false,
    }
}

/// What the clerk wrote down of the center's answer, as it lies in a folder of evidence: nobody signed it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WrittenDown {
    /// Accepted, partly or refused.
    pub stage: UploadStage,
    /// 业务流水号; empty where the center gave none.
    pub number: String,
    /// When, RFC 3339.
    pub at: String,
}

impl WrittenDown {
    /// Its name in the folder.
    pub const FILE: &str = "办理结果.json";

    /// Whether the filing does not hold.
    pub(crate) fn is_void(&self) -> bool {
        self.stage == UploadStage::Refused
    }

    fn on_forms(self) -> Recorded {
        Recorded {
            outcome: text::upload_stage(self.stage),
            void: self.is_void(),
            at: text::local_time(&self.at),
            number: self.number,
        }
    }
}

/// A signed file and the newest receipt over it, not read yet.
pub struct Files {
    /// `filing.p7m`, byte for byte.
    pub filing: Vec<u8>,
    /// As of when its certificates have to hold.
    pub signed_at: Timestamp,
    /// `receipt.p7m`, and as of when its certificate has to hold.
    pub receipt: Option<(Vec<u8>, Timestamp)>,
    /// What the clerk wrote down of the center's answer, where there is never a receipt.
    pub recorded: Option<WrittenDown>,
}

impl Files {
    fn kept(store: &Store, id: Uuid) -> Result<Self, DeskError> {
        let time = |text: &str| text.parse::<Timestamp>().unwrap_or_default();
        let filing = of_id(store, id)?;
        let receipt = store.receipts(id)?.pop().map(|receipt| (receipt.file, time(&receipt.kept_at)));
        let recorded = recorded(store, &filing)?;
        Ok(Self { filing: store.filing_file(id)?, signed_at: time(&filing.signed_at), receipt, recorded })
    }

    /// Verifies both, and that the receipt is of this file.
    ///
    /// # Errors
    /// A signature that does not hold, content of another version, [`DeskError::RECEIPT_INVALID`].
    pub fn read(self, anchors: &TrustAnchors) -> Result<SignedFiling, DeskError> {
        let verified = verify(&self.filing, anchors, self.signed_at, Purpose::Filing, &[])?;
        let content = FilingContent::from_bytes(&verified.content)?;
        let sha256 = hex(&Sha256::digest(&self.filing));
        let signers = verified.signers.iter().map(|signer| Signer {
            role: text::role(signer.role.as_str()),
            name: mask::id_numbers_in(signer.certificate.holder()),
            at: text::local_time(&text::stamp(signer.signing_time)),
        });
        let digest = hex(&Sha256::digest(&verified.content));
        let signed = Signed { id: content.id.to_string(), digest, sha256, signers: signers.collect() };
        let Some((file, at)) = self.receipt else {
            let standing = match self.recorded {
                Some(recorded) => Standing::Recorded(signed, recorded.on_forms()),
                None => Standing::Signed(signed),
            };
            return Ok(SignedFiling { content, standing });
        };
        let answer = receipt_content(&file, anchors, at)?;
        let of_this = [Some(&answer.content.filing_sha256), answer.content.approved_sha256.as_ref()];
        if !of_this.contains(&Some(&signed.sha256)) || answer.content.filing_id != content.id {
            return Err(DeskError::refusal(DeskError::RECEIPT_INVALID));
        }
        let receipt = Receipt {
            number: answer.content.filing_number,
            accepted_at: text::local_time(&answer.content.accepted_at),
            state: answer.content.state.label(),
            void: matches!(answer.content.state, FilingState::Refused | FilingState::Withdrawn),
            reason: answer.content.reason,
            refused_rows: answer.content.row_results.into_iter().map(|row| (row.row, row.message)).collect(),
            signed_by: answer.by,
            sha256: hex(&Sha256::digest(&file)),
        };
        Ok(SignedFiling { content, standing: Standing::Received(signed, receipt) })
    }
}

/// What a signed file says, and how far it is.
pub struct SignedFiling {
    /// What was signed.
    pub content: FilingContent,
    standing: Standing,
}

impl SignedFiling {
    /// 业务流水号, once there is one.
    pub fn number(&self) -> Option<&str> {
        match &self.standing {
            Standing::Draft | Standing::Signed(_) => None,
            Standing::Recorded(_, recorded) => Some(recorded.number.as_str()).filter(|number| !number.is_empty()),
            Standing::Received(_, receipt) => Some(&receipt.number),
            Standing::Booked(booked) => Some(&booked.number),
        }
    }

    /// 业务流水号, or what the forms say in its place.
    pub fn word(&self) -> &str {
        let unnumbered =
            if let Standing::Recorded(_, recorded) = &self.standing { recorded.outcome } else { "未受理" };
        self.number().unwrap_or(unnumbered)
    }

    /// Whether the center answered with a receipt.
    fn is_received(&self) -> bool {
        matches!(self.standing, Standing::Received(..))
    }

    /// The receipt and the forms of its kind. Without the center's rules its code stands for its name.
    pub fn forms(&self, profile: Option<&CenterProfile>, printed_at: &str) -> Vec<Form> {
        let content = &self.content;
        let none = std::collections::BTreeMap::new();
        let filed = Filed {
            center: profile.map_or(&content.center, |profile| &profile.name),
            unit_name: &content.unit.name,
            unit_account: &content.unit.account,
            credit_code: &content.unit.credit_code,
            period: content.period,
            rows: &content.rows,
            figures: &content.header.figures,
            attachments: content.header.attachments.iter().map(|paper| paper.name.as_str()).collect(),
            id_types: profile.map_or(&none, |profile| &profile.id_types),
            standing: self.standing.clone(),
            printed_at,
        };
        // The receipt is what is asked for first.
        filed.receipt().into_iter().chain(filed.forms()).collect()
    }
}

/// Whether [`open_with_system`] has a program to hand files to; Windows and macOS bring theirs.
pub(crate) fn has_viewer() -> bool {
    let there = |folder: std::path::PathBuf| folder.join("xdg-open").is_file();
    cfg!(windows)
        || cfg!(target_os = "macos")
        || std::env::var_os("PATH").is_some_and(|path| std::env::split_paths(&path).any(there))
}

/// Hands a file or an address to the system's own program for it.
///
/// # Errors
/// When there is none.
pub fn open_with_system(target: &OsStr) -> std::io::Result<()> {
    let opener = if cfg!(target_os = "macos") {
        "open"
    } else if cfg!(windows) {
        "explorer"
    } else {
        "xdg-open"
    };
    let silent = std::process::Stdio::null;
    let mut asked = std::process::Command::new(opener).arg(target).stdout(silent()).stderr(silent()).spawn()?;
    // Whoever finds no program says so at once, whoever opens the file himself stays; Explorer fails even when it did not.
    for _ in 0..40 {
        match asked.try_wait()? {
            Some(status) if status.success() || cfg!(windows) => return Ok(()),
            Some(_) => return Err(std::io::ErrorKind::NotFound.into()),
            None => std::thread::sleep(std::time::Duration::from_millis(50)),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot start has failed")]
    use huijiao_domain::money::Contribution;
    use huijiao_domain::remittance::{Due, DueState};

    use super::*;

    #[test]
    fn a_notice_says_what_is_paid_and_not_only_a_number() {
        let due = |number: &str, kind| Due {
            pays: PaidDue::Filing(number.into()),
            kind,
            people: 1,
            amounts: Contribution::default(),
            state: DueState::Open,
        };
        let (back, wrong) = (due("YW-1", FilingKind::BackPayment), due("YW-2", FilingKind::Correction));
        let month = PaidDue::Month("2026-07".parse().unwrap());
        let books = Books { dues: vec![back.clone(), wrong.clone()], ..Books::default() };
        let said = |pays: &[&PaidDue]| said_of(&pays.iter().copied().cloned().collect::<Vec<_>>(), &books);
        assert_eq!(said(&[&month]), (false, "2026-07 汇缴".into()));
        assert_eq!(said(&[&back.pays, &wrong.pays]), (true, "补缴 业务流水号 YW-1、错缴更正 业务流水号 YW-2".into()));
        assert!(!said(&[&back.pays, &month]).0, "a month among them makes it a notice of 汇缴");
        let gone = PaidDue::Filing("YW-3".into());
        assert_eq!(
            said(&[&gone]),
            (true, "业务流水号 YW-3".into()),
            "a due that the books no longer list has its number"
        );
    }
}
