//! Taking a filing: signature, signer, content, then its kind's own rules, then one transaction.
//!
//! Each kind has a file of its own that books it; everything else is the same for all.

use std::collections::{BTreeSet, HashSet};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use huijiao_domain::attachment;
use huijiao_domain::field::Field;
use huijiao_domain::filing::remittance_verification::check_figures;
use huijiao_domain::filing::{Circumstances, FiledRow, FilingKind, Rows};
use huijiao_domain::finding::{Code, Finding, Level};
use huijiao_domain::month::Month;
use huijiao_domain::profile::CenterProfile;
use huijiao_domain::remittance::{Books, MonthFigures};
use huijiao_domain::roster::{Asked, Contributor, Elsewhere, Roster, RosterIndex, Unit};
use huijiao_domain::texts;
use huijiao_protocol::filing::FilingContent;
use huijiao_protocol::problem::{ProblemCode, RowProblem};
use huijiao_protocol::receipt::{FilingState, ReceiptContent, RowResult, SignerSeen};
use huijiao_protocol::resources::FilingStatus;
use huijiao_protocol::{MAX_ROWS, PROTOCOL};
use huijiao_signing::{Algorithm, AsOf, Purpose, Role, Signer, Verified, VerifyError, verify, verify_taken};
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, Transaction};
use uuid::Uuid;

use crate::center::Center;
use crate::error::CenterError;
use crate::hex::sha256_hex;
use crate::http::caller::Caller;
use crate::http::problem::Refusal;
use crate::register::filings::{self, NewFiling};
use crate::register::operators::OperatorId;
use crate::register::people::{self, Booking};
use crate::register::{self, books, events, operators, refusals, reviews, units};
use crate::remittance::Desk;
use crate::review::ReviewRule;
use crate::seed::UnitRole;

pub(crate) mod approval;
mod back_payment;
mod base_adjustment;
mod contributor_registration;
mod contributor_update;
mod correction;
pub(crate) mod deferral;
mod payment;
mod payment_claim;
mod ratio_adjustment;
mod remittance_verification;
mod status_change;
mod unit_update;
pub(crate) mod withdrawal;

/// A client's clock may run ahead of the center's by this much; a filing signed long ago is fine, because an
/// outbox sends again after days.
const AHEAD: SignedDuration = SignedDuration::from_mins(10);

/// What the rules of a kind know besides the filing.
struct Facts<'a> {
    profile: &'a CenterProfile,
    unit: &'a Unit,
    roster: &'a Roster,
    elsewhere: Elsewhere,
    /// For kinds that are about months and money.
    books: Option<Books>,
    figures: &'a [MonthFigures],
    period: Month,
    today: Date,
}

/// The people of a unit by account.
struct People<'a>(RosterIndex<'a>);

impl People<'_> {
    fn of(&self, personal_account: &str) -> Result<&Contributor, CenterError> {
        let found = self.0.by_account(personal_account);
        found.ok_or_else(|| CenterError::Content("a filed account is not in the unit".into()))
    }
}

impl Facts<'_> {
    fn people(&self) -> People<'_> {
        People(RosterIndex::of(self.roster))
    }
}

/// Books a filing under a new roster version and says where it stands then.
fn book(
    rows: &Rows,
    facts: &Facts<'_>,
    number: &str,
    on: &Booking<'_>,
    desk: &Desk<'_>,
) -> Result<FilingState, CenterError> {
    match rows {
        Rows::BaseAdjustment(rows) => base_adjustment::book(rows, facts, on)?,
        Rows::ContributorRegistration(rows) => contributor_registration::book(rows, facts, on)?,
        Rows::StatusChange(rows) => status_change::book(rows, facts, on)?,
        Rows::RatioAdjustment(rows) => ratio_adjustment::book(rows, facts, on)?,
        Rows::ContributorUpdate(rows) => contributor_update::book(rows, facts, on)?,
        Rows::UnitUpdate(rows) => unit_update::book(rows, facts, on)?,
        Rows::BackPayment(rows) => return back_payment::book(rows, number, on, desk),
        Rows::Correction(rows) => return correction::book(rows, number, on, desk),
        Rows::RemittanceVerification(rows) => {
            remittance_verification::book(rows, facts.figures, on.version, desk)?;
        }
        Rows::Payment(rows) => return payment::book(rows, facts, number, desk),
        Rows::PaymentClaim(rows) => return payment_claim::book(rows, desk),
        Rows::Deferral(rows) => deferral::book(rows, facts, number, on)?,
    }
    Ok(FilingState::Settled)
}

/// Whether the kind's checks need the books of months and money.
fn of_money(kind: FilingKind) -> bool {
    match kind {
        FilingKind::RemittanceVerification | FilingKind::Payment | FilingKind::PaymentClaim => true,
        FilingKind::BaseAdjustment
        | FilingKind::ContributorRegistration
        | FilingKind::StatusChange
        | FilingKind::RatioAdjustment
        | FilingKind::ContributorUpdate
        | FilingKind::UnitUpdate
        | FilingKind::BackPayment
        | FilingKind::Correction
        | FilingKind::Deferral => false,
    }
}

/// The kinds of which an open filing stands in the way of one of this kind. Bases and ratios make the same amounts, so
/// they wait for each other. Money waits for days, each sum for itself: the books say of every due, credit and month
/// whether something is under way.
fn waits_for(kind: FilingKind) -> &'static [FilingKind] {
    match kind {
        FilingKind::Payment | FilingKind::PaymentClaim | FilingKind::BackPayment | FilingKind::Correction => &[],
        FilingKind::BaseAdjustment | FilingKind::RatioAdjustment => {
            &[FilingKind::BaseAdjustment, FilingKind::RatioAdjustment]
        }
        FilingKind::ContributorRegistration => &[FilingKind::ContributorRegistration],
        FilingKind::StatusChange => &[FilingKind::StatusChange],
        FilingKind::ContributorUpdate => &[FilingKind::ContributorUpdate],
        FilingKind::UnitUpdate => &[FilingKind::UnitUpdate],
        FilingKind::Deferral => &[FilingKind::Deferral],
        FilingKind::RemittanceVerification => &[FilingKind::RemittanceVerification],
    }
}

/// What only the center's books say against a filing, though it passes every check.
fn against(
    rows: &Rows,
    profile: &CenterProfile,
    connection: &Connection,
    unit: &str,
) -> Result<Vec<Finding>, CenterError> {
    match rows {
        Rows::BackPayment(rows) => back_payment::filed_before(rows, connection, unit),
        Rows::Correction(rows) => correction::filed_before(rows, connection, unit),
        Rows::PaymentClaim(rows) => payment_claim::against(rows, connection, unit),
        Rows::Payment(_) if profile.collection_account.is_none() => {
            let kind = rows.kind().label();
            Ok(vec![Finding::new(Code::KindNotOffered, Level::Error).arg("kind", kind)])
        }
        Rows::Payment(_)
        | Rows::BaseAdjustment(_)
        | Rows::ContributorRegistration(_)
        | Rows::StatusChange(_)
        | Rows::RatioAdjustment(_)
        | Rows::ContributorUpdate(_)
        | Rows::UnitUpdate(_)
        | Rows::Deferral(_)
        | Rows::RemittanceVerification(_) => Ok(Vec::new()),
    }
}

/// The answer to a filing that was taken.
pub(crate) enum Taken {
    /// Now, for the first time.
    New(FilingStatus),
    /// Before, the same bytes.
    Again(FilingStatus),
}

/// Takes a filing or says why not. Blocking. Of a refused one it is kept that it was, see [`Refusal::stands`].
pub(crate) fn take(center: &Center, caller: Caller, url_id: Uuid, bytes: &[u8]) -> Result<Taken, Refusal> {
    let filing_sha256 = sha256_hex(bytes);
    let known = center.register.read(|c| taken_before(c, caller, url_id, &filing_sha256))?;
    if let Some(status) = known {
        return Ok(Taken::Again(status));
    }

    let verified = signed_by_clients(center, bytes, Purpose::Filing).map_err(|refusal| refusal.filing(url_id))?;

    let malformed = || Refusal::of(ProblemCode::Malformed).filing(url_id);
    let content = FilingContent::from_bytes(&verified.content).map_err(|error| {
        tracing::info!(%error, "content refused");
        malformed()
    })?;
    if content.id != url_id {
        return Err(Refusal::of(ProblemCode::IdDiffers).filing(url_id));
    }
    if content.id.get_version_num() != 7 || content.created_at.parse::<Timestamp>().is_err() {
        return Err(malformed());
    }
    if content.rows.len() > MAX_ROWS {
        return Err(Refusal::of(ProblemCode::TooLarge).filing(url_id));
    }

    let taken = decided(center, caller, url_id, &filing_sha256, &content.unit.account, |booking| {
        // Asked again under the write lock: of two that come at once, one is the second.
        if let Some(status) = taken_before(booking, caller, url_id, &filing_sha256)? {
            return Ok(Taken::Again(status));
        }
        let evidence = Evidence { bytes, sha256: &filing_sha256, signers: &verified.signers };
        accept(center, booking, caller, &content, &evidence)
    });
    taken.map_err(|refusal| refusal.filing(url_id))
}

/// Decides about a signed file of a unit, under the register's lock. What is refused for how the books stand leaves
/// nothing behind but that it was, see [`Refusal::stands`].
fn decided<T>(
    center: &Center,
    caller: Caller,
    id: Uuid,
    sha256: &str,
    unit: &str,
    decide: impl FnOnce(&Transaction<'_>) -> Result<T, Refusal>,
) -> Result<T, Refusal> {
    let decision = center.register.write(|booking| {
        refused_before(booking, caller, id, sha256)?;
        match register::whole_or_nothing(booking, || decide(booking)) {
            Err(refusal) if refusal.stands() => {
                let (unit, errors) = (unit.to_owned(), refusal.errors().to_vec());
                let refused = refusals::Refused { unit, code: refusal.code(), errors };
                refusals::add(booking, id, sha256, &refused, &center.clock.rfc3339())?;
                Ok(Err(refusal))
            }
            outcome => outcome.map(Ok),
        }
    });
    decision?
}

/// The refusal of before, if this very file had one.
fn refused_before(connection: &Connection, caller: Caller, id: Uuid, sha256: &str) -> Result<(), Refusal> {
    match refusals::of(connection, id, sha256)? {
        Some(refused) if caller.sees(connection, &refused.unit)? => {
            Err(Refusal::of(refused.code).rows(refused.errors).filing(id))
        }
        Some(_) | None => Ok(()),
    }
}

/// What clients signed for a purpose, now or some time ago.
pub(crate) fn signed_by_clients(center: &Center, bytes: &[u8], purpose: Purpose) -> Result<Verified, Refusal> {
    signed_since(center, bytes, purpose, center.clock.now())
}

/// As [`signed_by_clients`]; a filing's own signature held when it was taken, and only what was added since is judged
/// now.
fn signed_since(center: &Center, bytes: &[u8], purpose: Purpose, taken: Timestamp) -> Result<Verified, Refusal> {
    let now = center.clock.now();
    let as_of = |at| AsOf { at, crls: &[] };
    let verified =
        verify_taken(bytes, &center.anchors, as_of(taken), as_of(now), purpose).map_err(signature_refusal)?;
    let profile = center.register.read(register::profile)?.ok_or_else(|| CenterError::Content("no profile".into()))?;
    let taken = |signer: &Signer| profile.signatures.takes(signer.certificate.algorithm().map(Algorithm::as_str));
    if !verified.signers.iter().all(taken) {
        return Err(Refusal::of(ProblemCode::AlgorithmRefused));
    }
    if verified.signers.iter().any(|signer| signer.signing_time.duration_since(now) > AHEAD) {
        return Err(Refusal::of(ProblemCode::SigningTime));
    }
    Ok(verified)
}

/// The answer of before, if this id was taken before.
fn taken_before(
    connection: &Connection,
    caller: Caller,
    id: Uuid,
    filing_sha256: &str,
) -> Result<Option<FilingStatus>, Refusal> {
    let Some(status) = filings::one(connection, id)? else { return Ok(None) };
    let same = status.filing_sha256 == filing_sha256;
    // Whoever filed it hears what became of it though his role has ended since, or he would take it for not taken.
    let own = same && caller.operator == Some(operators::filed(connection, id)?);
    if !own {
        caller.must_see(connection, &status.unit_account).map_err(|refusal| refusal.filing(id))?;
    }
    if !same {
        return Err(Refusal::of(ProblemCode::FilingDiffers).filing(id));
    }
    Ok(Some(status))
}

/// The file as it came and who signed it: the clerk first, then who approved.
struct Evidence<'a> {
    bytes: &'a [u8],
    sha256: &'a str,
    signers: &'a [Signer],
}

fn accept(
    center: &Center,
    booking: &Transaction<'_>,
    caller: Caller,
    content: &FilingContent,
    evidence: &Evidence<'_>,
) -> Result<Taken, Refusal> {
    let profile = register::profile(booking)?.ok_or_else(|| CenterError::Content("no profile".into()))?;
    if content.center != profile.code {
        return Err(Refusal::of(ProblemCode::Malformed));
    }
    let account = content.unit.account.as_str();
    let operator = check_signers(booking, caller, account, None, evidence.signers)?;
    let unit = units::unit(booking, account)?.ok_or_else(|| Refusal::of(ProblemCode::RoleMissing))?;
    if content.unit.credit_code != unit.credit_code || content.unit.name != unit.name {
        let mismatch = Finding::new(Code::UnitMismatch, Level::Error).arg("unit", &content.unit.name);
        return Err(Refusal::of(ProblemCode::ChecksFailed).rows(vec![row_problem(&mismatch, content.rows.kind())]));
    }
    let kind = content.rows.kind();
    for other in waits_for(kind) {
        if filings::open_one(booking, account, *other, content.id)? {
            return Err(Refusal::of(ProblemCode::FilingOpen));
        }
    }
    let standing = Standing::of(booking, unit, profile)?;
    let facts = standing.judge(center, booking, content)?;
    let number = filings::next_number(booking, center.clock.today())?;
    let accepted_at = center.clock.rfc3339();
    // The row must be there before what it changes can point to it.
    filings::add(
        booking,
        &NewFiling {
            id: content.id,
            unit: account,
            kind,
            period: content.period,
            state: FilingState::AwaitingApproval,
            number: &number,
            bytes: evidence.bytes,
            sha256: evidence.sha256,
            accepted_at: &accepted_at,
            operator,
        },
    )?;
    let approved = evidence.signers.len() > 1;
    let state = if !approved && standing.wants_approval(content) {
        FilingState::AwaitingApproval
    } else {
        take_on(center, booking, &facts, content, &number, &accepted_at)?
    };
    let receipt = ReceiptContent {
        protocol: PROTOCOL,
        filing_id: content.id,
        filing_number: number,
        filing_sha256: evidence.sha256.to_owned(),
        approved_sha256: None,
        center: facts.profile.code.clone(),
        unit_account: account.to_owned(),
        kind,
        period: content.period,
        totals: content.totals,
        signers: evidence.signers.iter().map(seen).collect(),
        accepted_at,
        state,
        reason: String::new(),
        returned_by: None,
        row_results: Vec::new(),
        previous_receipt: None,
        audit: content.header.audit.clone(),
    };
    issue(center, booking, receipt)?;
    let status = filings::one(booking, content.id)?.ok_or_else(|| CenterError::Content("filing lost".into()))?;
    tracing::info!(filing = %content.id, number = status.filing_number, ?state, "filing taken");
    Ok(Taken::New(status))
}

/// Books a filing that is in the register and signed by all who have to, or leaves it to an officer; says where it
/// stands then.
fn take_on(
    center: &Center,
    booking: &Transaction<'_>,
    facts: &Facts<'_>,
    content: &FilingContent,
    number: &str,
    at: &str,
) -> Result<FilingState, CenterError> {
    let (filing, unit) = (content.id.to_string(), facts.unit.account.as_str());
    let version = units::next_roster_version(booking, unit)?;
    filings::set_roster_version(booking, content.id, version)?;
    let on = Booking { connection: booking, unit, filing: &filing, version };
    let today = center.clock.today();
    let desk = Desk { center, connection: booking, unit, at, today, filing: Some(&filing) };
    let state = match reviews::rule(booking, content.rows.kind())? {
        ReviewRule::Book => book(&content.rows, facts, number, &on, &desk)?,
        // The filing itself keeps what is asked for; nothing changes before it is decided.
        ReviewRule::Officer | ReviewRule::ByItself { .. } => FilingState::InReview,
    };
    filings::set_state(booking, content.id, state)?;
    Ok(state)
}

/// How a unit stands, against which a filing is judged.
struct Standing {
    profile: CenterProfile,
    unit: Unit,
    roster: Roster,
    /// When each of the roster's people changed last.
    versions: Vec<u64>,
}

impl Standing {
    fn of(connection: &Connection, unit: Unit, profile: CenterProfile) -> Result<Self, CenterError> {
        let found = units::roster(connection, &unit.account)?;
        let (roster, versions) = found.ok_or_else(|| CenterError::Content("unit without roster".into()))?;
        Ok(Self { profile, unit, roster, versions })
    }

    /// Whether a second person has to sign before a filing is booked.
    fn wants_approval(&self, content: &FilingContent) -> bool {
        let rule = self.profile.kinds.get(&content.rows.kind()).copied().unwrap_or_default();
        !self.unit.single_operator && rule.asked(content.rows.totals().people, content.rows.moved())
    }

    /// Refuses a filing whose people moved on since it was made, or against whose rows something stands now.
    fn judge<'a>(
        &'a self,
        center: &Center,
        connection: &Connection,
        content: &'a FilingContent,
    ) -> Result<Facts<'a>, Refusal> {
        let Self { profile, unit, roster, versions } = self;
        check_roster_version(connection, &unit.account, content, roster, versions)?;
        let facts = Facts {
            profile,
            unit,
            roster,
            elsewhere: known_elsewhere(connection, &unit.account, roster, &content.rows)?,
            books: of_money(content.rows.kind()).then(|| books::of_unit(connection, unit)).transpose()?,
            figures: &content.header.figures,
            period: content.period,
            today: center.clock.today(),
        };
        check(content, &facts)?;
        let findings = against(&content.rows, profile, connection, &unit.account)?;
        if findings.is_empty() {
            return Ok(facts);
        }
        Err(Refusal::of(ProblemCode::ChecksFailed)
            .rows(findings.iter().map(|finding| row_problem(finding, content.rows.kind())).collect()))
    }
}

/// The file of a filing that was taken then: whoever signed it had a certificate that held when it came.
fn filed(center: &Center, connection: &Connection, id: Uuid, accepted_at: &str) -> Result<Verified, CenterError> {
    let (then, bytes) = (moment(accepted_at)?, filings::bytes(connection, id)?);
    verify(&bytes, &center.anchors, then, Purpose::Filing, &[])
        .map_err(|e| CenterError::Content(format!("filing: {e}")))
}

/// When a filing was taken, as its books have it.
fn moment(accepted_at: &str) -> Result<Timestamp, CenterError> {
    accepted_at.parse::<Timestamp>().map_err(|e| CenterError::Content(format!("filing: {e}")))
}

/// What was signed in a filing that was taken then.
pub(crate) fn content(
    center: &Center,
    connection: &Connection,
    id: Uuid,
    accepted_at: &str,
) -> Result<FilingContent, CenterError> {
    let signed = filed(center, connection, id, accepted_at)?;
    FilingContent::from_bytes(&signed.content).map_err(|e| CenterError::Content(format!("filing: {e}")))
}

/// Books those rows of a filing in review that are not among the refused ones, as if it came now. Says where it
/// stands then.
pub(crate) fn book_reviewed(
    center: &Center,
    booking: &Transaction<'_>,
    status: &FilingStatus,
    filed: FilingContent,
    refused: &BTreeSet<usize>,
) -> Result<FilingState, Refusal> {
    let broken = |what: &str| CenterError::Content(what.into());
    let rows = filed.rows.without(refused);
    let content = FilingContent { totals: rows.totals(), rows, ..filed };
    let account = status.unit_account.as_str();
    let unit = units::unit(booking, account)?.ok_or_else(|| broken("a filing of no unit"))?;
    let profile = register::profile(booking)?.ok_or_else(|| broken("no profile"))?;
    let standing = Standing::of(booking, unit, profile)?;
    let facts = standing.judge(center, booking, &content)?;
    let (id, at, today) = (status.id.to_string(), center.clock.rfc3339(), center.clock.today());
    let version = units::next_roster_version(booking, account)?;
    filings::set_roster_version(booking, status.id, version)?;
    let on = Booking { connection: booking, unit: account, filing: &id, version };
    let desk = Desk { center, connection: booking, unit: account, at: &at, today, filing: Some(&id) };
    Ok(book(&content.rows, &facts, &status.filing_number, &on, &desk)?)
}

/// Signs a receipt as the unit's newest, keeps it, and lets the unit's clients know.
fn issue(center: &Center, booking: &Transaction<'_>, content: ReceiptContent) -> Result<(), CenterError> {
    let (filing, unit, state) = (content.filing_id, content.unit_account.clone(), content.state);
    let previous = filings::last_receipt(booking, &unit)?;
    let content = ReceiptContent { previous_receipt: previous.clone(), ..content };
    let content = serde_json::to_vec(&content).map_err(|e| CenterError::Content(e.to_string()))?;
    let at = center.clock.rfc3339();
    let receipt = center.receipt_key.sign(&content, &at)?;
    filings::add_receipt(booking, filing, &unit, &receipt, &sha256_hex(&receipt), previous.as_deref())?;
    events::filing_moved(booking, &unit, filing, state, &at)
}

/// Moves a filing on and says so in a new receipt of the unit's chain. `reason` is empty where nothing was refused;
/// `row_results` are the rows that were not taken as filed: once said they stay so, and the filing is never wholly
/// settled.
pub(crate) fn change_state(
    booking: &Transaction<'_>,
    center: &Center,
    filing: Uuid,
    state: FilingState,
    reason: &str,
    row_results: Vec<RowResult>,
) -> Result<(), CenterError> {
    let content = newest_receipt(booking, center, filing)?;
    let row_results = if row_results.is_empty() { content.row_results.clone() } else { row_results };
    let partly = state == FilingState::Settled && !row_results.is_empty();
    let state = if partly { FilingState::PartlySettled } else { state };
    filings::set_state(booking, filing, state)?;
    issue(center, booking, ReceiptContent { state, reason: reason.to_owned(), row_results, ..content })?;
    tracing::info!(%filing, ?state, "filing moved on");
    Ok(())
}

/// What the center signed of a filing last: it tells everything that stays the same.
fn newest_receipt(connection: &Connection, center: &Center, filing: Uuid) -> Result<ReceiptContent, CenterError> {
    let newest = filings::receipts(connection, filing)?.pop();
    let newest = newest.ok_or_else(|| CenterError::Content("a filing without receipt".into()))?;
    let newest = verify(&newest, &center.anchors, center.clock.now(), Purpose::Receipt, &[])
        .map_err(|e| CenterError::Content(format!("receipt: {e}")))?;
    serde_json::from_slice(&newest.content).map_err(|e| CenterError::Content(format!("receipt: {e}")))
}

/// Everybody who signs must have his role in the unit, by a certificate of the unit, and be somebody else than the
/// others; one of them holds the connection. `before` is who signed as the clerk what was taken before: his certificate
/// was asked about then, that he still has his role is asked now. Says who signed first.
fn check_signers(
    connection: &Connection,
    caller: Caller,
    unit: &str,
    before: Option<OperatorId>,
    signers: &[Signer],
) -> Result<OperatorId, Refusal> {
    let missing = || Refusal::of(ProblemCode::RoleMissing);
    let caller = caller.operator.ok_or_else(missing)?;
    if let Some(clerk) = before {
        must_have_role(connection, caller, clerk, unit, UnitRole::Clerk)?;
    }
    let mut all: Vec<OperatorId> = before.into_iter().collect();
    for signer in signers {
        let holder = operators::holder(connection, &signer.certificate.sha256_hex())?.ok_or_else(missing)?;
        if holder.revoked {
            return Err(Refusal::of(ProblemCode::CertificateRevoked));
        }
        let role = match signer.role {
            Role::Clerk => UnitRole::Clerk,
            Role::Approver => UnitRole::Approver,
            Role::Center => return Err(missing()),
        };
        // A certificate says whose it is: one of another unit signs for that unit only, whatever its holder may do here.
        let of_unit = units::credit_code(connection, unit)?;
        if of_unit.is_none() || signer.certificate.credit_code() != of_unit.as_deref() {
            return Err(missing());
        }
        must_have_role(connection, caller, holder.operator, unit, role)?;
        if all.contains(&holder.operator) {
            return Err(Refusal::of(ProblemCode::ApprovalSamePerson));
        }
        all.push(holder.operator);
    }
    if all.contains(&caller) { all.first().copied().ok_or_else(missing) } else { Err(missing()) }
}

/// Refuses a signer without his role; whose role was ended is said to himself, and of a clerk to whoever comes with what
/// he signed.
fn must_have_role(
    connection: &Connection,
    caller: OperatorId,
    signer: OperatorId,
    unit: &str,
    role: UnitRole,
) -> Result<(), Refusal> {
    if operators::has_role(connection, signer, unit, role)? {
        return Ok(());
    }
    let code = if !operators::had_role(connection, signer, unit, Some(role))? {
        ProblemCode::RoleMissing
    } else if signer == caller {
        ProblemCode::RoleEnded
    } else if role == UnitRole::Clerk {
        ProblemCode::ClerkRoleEnded
    } else {
        ProblemCode::RoleMissing
    };
    Err(Refusal::of(code))
}

fn seen(signer: &Signer) -> SignerSeen {
    SignerSeen {
        role: signer.role.as_str().into(),
        name: signer.certificate.holder().to_owned(),
        serial: signer.certificate.serial_hex(),
        certificate_sha256: signer.certificate.sha256_hex(),
    }
}

/// A change of one of the filing's people since its roster version stands in its way.
fn check_roster_version(
    connection: &Connection,
    unit: &str,
    content: &FilingContent,
    roster: &Roster,
    versions: &[u64],
) -> Result<(), Refusal> {
    let filed = content.roster_version;
    if filed == roster.version {
        return Ok(());
    }
    let mut changed = people::departed(connection, unit, filed)?;
    for (person, &version) in roster.contributors.iter().zip(versions) {
        if version > filed {
            changed.insert(person.personal_account.to_string());
            changed.insert(person.id_number.to_string());
        }
    }
    let everybody = content.rows.kind().of_everybody() && !changed.is_empty();
    let touched = |row: &dyn FiledRow| {
        everybody
            || [Field::PersonalAccount, Field::IdNumber].into_iter().any(|field| changed.contains(&row.said(field)))
    };
    let errors: Vec<_> = (0..)
        .zip(content.rows.iter())
        .filter(|(_, row)| touched(*row))
        .map(|(row, _)| RowProblem {
            row: Some(row),
            field: None,
            code: "roster_changed".into(),
            message: texts::lookup("problem-roster-changed").map_or_else(String::new, |t| t.happened.clone()),
        })
        .collect();
    // A version the center has not reached yet was never given out: the client must fetch the roster again.
    if errors.is_empty() && filed < roster.version {
        return Ok(());
    }
    Err(Refusal::of(ProblemCode::RosterChanged).rows(errors))
}

/// What the register knows of the filing's people who are not in the unit: whose account there was closed is not.
fn known_elsewhere(
    connection: &Connection,
    unit: &str,
    roster: &Roster,
    rows: &Rows,
) -> Result<Elsewhere, CenterError> {
    let mut known = Elsewhere::default();
    let here = roster.contributors.iter().filter(|person| !person.status.is_closed());
    let here: HashSet<&str> = here.map(|person| person.id_number.as_str()).collect();
    for row in rows.iter() {
        let Some((id_number, name)) = row.asked_about() else { continue };
        if !here.contains(id_number.as_str()) {
            let answer = people::elsewhere(connection, unit, &id_number, &name)?;
            known.0.insert(id_number, Asked { name, answer });
        }
    }
    Ok(known)
}

fn check(content: &FilingContent, facts: &Facts<'_>) -> Result<(), Refusal> {
    let of = Circumstances {
        books: facts.books.as_ref(),
        profile: facts.profile,
        unit: Some(facts.unit),
        roster: Some(facts.roster),
        elsewhere: Some(&facts.elsewhere),
        period: content.period,
        today: facts.today,
    };
    let mut findings = content.rows.check(content.totals, of);
    if let (Rows::RemittanceVerification(rows), Some(books)) = (&content.rows, &facts.books) {
        findings.extend(check_figures(rows, facts.figures, &books.previous));
    }
    findings.extend(attachments(content, facts.profile));
    let errors: Vec<_> = findings
        .iter()
        .filter(|finding| finding.blocks())
        .map(|finding| row_problem(finding, content.rows.kind()))
        .collect();
    if errors.is_empty() { Ok(()) } else { Err(Refusal::of(ProblemCode::ChecksFailed).rows(errors)) }
}

/// What stands against the papers that came along: judged as the client did, and held against what was signed of each.
fn attachments(content: &FilingContent, profile: &CenterProfile) -> Vec<Finding> {
    let said = &content.header.attachments;
    // What cannot be decoded is nothing.
    let bytes: Vec<Vec<u8>> = said.iter().map(|each| STANDARD.decode(&each.content).unwrap_or_default()).collect();
    let files: Vec<_> = said.iter().zip(&bytes).map(|(each, bytes)| (each.name.as_str(), bytes.as_slice())).collect();
    let mut findings = attachment::check(content.rows.kind(), &files, profile.attachments);
    for (each, (name, bytes)) in said.iter().zip(&files) {
        let media = attachment::judge(name, bytes, profile.attachments).ok();
        let same = each.sha256 == sha256_hex(bytes) && each.size == bytes.len() as u64;
        if media.is_some_and(|media| !same || media.as_str() != each.media_type) {
            findings.push(Finding::new(Code::AttachmentChanged, Level::Error).arg("name", name));
        }
    }
    findings
}

fn row_problem(finding: &Finding, kind: FilingKind) -> RowProblem {
    RowProblem {
        row: finding.args.get("index").and_then(|index| index.parse().ok()),
        field: finding.field.map(|field| field.as_str().to_owned()),
        code: finding.code.as_str().to_owned(),
        message: finding.message_in(kind),
    }
}

/// What the client is told of a signature that does not hold: the sort of refusal, and the exact reason as its only
/// entry.
fn signature_refusal(error: VerifyError) -> Refusal {
    tracing::info!(code = error.code(), "signature refused");
    let sort = match error {
        VerifyError::Malformed(_) | VerifyError::Trailing | VerifyError::Detached | VerifyError::Ber => {
            ProblemCode::Malformed
        }
        VerifyError::CertificateExpired | VerifyError::CertificateNotYetValid => ProblemCode::CertificateExpired,
        VerifyError::CertificateForeign => ProblemCode::CertificateForeign,
        VerifyError::CertificateUsage | VerifyError::CertificateEncryptionOnly => ProblemCode::CertificateUsage,
        VerifyError::CertificateRevoked => ProblemCode::CertificateRevoked,
        VerifyError::SamePerson => ProblemCode::ApprovalSamePerson,
        VerifyError::Digest
        | VerifyError::Signature
        | VerifyError::NoSigner
        | VerifyError::SignedTwice
        | VerifyError::Mixed
        | VerifyError::Purpose
        | VerifyError::Role
        | VerifyError::Approves
        | VerifyError::CertificateMismatch
        | VerifyError::Algorithm
        | VerifyError::Crl => ProblemCode::SignatureInvalid,
    };
    let message = texts::lookup(error.code()).map_or_else(String::new, |text| text.happened.clone());
    Refusal::of(sort).rows(vec![RowProblem { row: None, field: None, code: error.code().to_owned(), message }])
}
