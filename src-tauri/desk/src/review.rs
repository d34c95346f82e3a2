//! The review: what will be signed, the same for clerk and approver.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use huijiao_domain::field::Field;
use huijiao_domain::filing::{FiledRow, FilingKind, Rows, Totals};
use huijiao_domain::finding::Level;
use huijiao_domain::identity::Sex;
use huijiao_domain::mask;
use huijiao_domain::money::{Ratio, Yuan};
use huijiao_domain::month::Month;
use huijiao_domain::profile::{SignatureAlgorithm, UnitItem};
use huijiao_protocol::filing::Confirmation;
use huijiao_signing::{Algorithm, Certificate, Kept, KeyInfo, Role, SignError, TrustAnchors, VerifyError, is_on_token};

use crate::attachments::Attached;
use crate::draft::Draft;
use crate::error::DeskError;
use crate::session::Session;
use crate::views::{
    CertificateView, ChangeLine, CodeCount, ConfirmationView, DraftLine, ElsewhereView, GroupCount, ReviewView,
};
use crate::{Desk, text};

/// How many changes the review lists.
const LARGEST: usize = 20;

impl Desk {
    /// What will be signed.
    pub fn review(&self, draft: &str) -> Result<ReviewView, DeskError> {
        let read = |d: &mut Draft| Ok((drawn_draft(d), d.totals().people, d.filed().moved()));
        let (drawn, people, moved) = self.with_draft(draft, read)?;
        let elsewhere = self.elsewhere(&drawn)?;
        let completed = self.completed(drawn, people, moved)?;
        let digest = self.prepared_for(self.work_of(draft, completed.revision));
        Ok(ReviewView { elsewhere, digest, ..completed })
    }

    /// The unit's other drafts of the kind and the month that somebody of these is in too.
    fn elsewhere(&self, drawn: &ReviewView) -> Result<Vec<ElsewhereView>, DeskError> {
        let lines = {
            let mut inner = self.inner();
            let session = inner.session()?;
            let (center, unit) = (session.info.profile.code.clone(), session.connection.unit_account.clone());
            self.draft_lines(inner.store()?, (&center, &unit))?
        };
        let like =
            |line: &DraftLine| line.draft != drawn.draft && line.kind == drawn.kind && line.period == drawn.period;
        let others: Vec<DraftLine> = lines.into_iter().filter(like).collect();
        if others.is_empty() {
            return Ok(Vec::new());
        }
        let here = self.with_draft(&drawn.draft, |d| Ok(people(d)))?;
        let mut found = Vec::new();
        for line in others {
            let there = self.with_draft(&line.draft, |d| Ok(people(d)))?;
            let both: Vec<&String> =
                here.iter().filter(|(id, _)| there.contains_key(*id)).map(|(_, name)| name).collect();
            if let Some(first) = both.first() {
                found.push(ElsewhereView {
                    first: (*first).clone(),
                    people: u32::try_from(both.len()).unwrap_or(u32::MAX),
                    draft: line.draft,
                    kind: line.kind,
                    file_name: line.file_name,
                    saved_at: line.saved_at,
                });
            }
        }
        Ok(found)
    }

    /// A review with who signs for whom, and with what; of rows that are about so many people and move so much.
    pub(crate) fn completed(&self, drawn: ReviewView, people: u32, moved: Yuan) -> Result<ReviewView, DeskError> {
        let keys = self.keys_here()?;
        let inner = self.inner();
        let session = inner.session()?;
        let unit = session.unit.as_ref().ok_or_else(|| DeskError::refusal(DeskError::ROSTER_MISSING))?;
        let roster = session.roster.as_ref().ok_or_else(|| DeskError::refusal(DeskError::ROSTER_MISSING))?;
        let now = self.now(&inner);
        Ok(ReviewView {
            center_name: session.info.profile.name.clone(),
            unit_name: unit.name.clone(),
            unit_account: unit.account.clone(),
            roster_version: roster.version,
            approval: session.wants_approval(&drawn.kind, people, moved),
            certificates: certificates(session, keys, now, As::Clerk),
            ..drawn
        })
    }
}

/// Who is in a draft: 姓名 by 个人账号, or by 证件号码 where somebody has no account yet.
fn people(draft: &Draft) -> BTreeMap<String, String> {
    let said = |row: &dyn FiledRow| {
        let account = row.said(Field::PersonalAccount);
        let id = if account.is_empty() { row.said(Field::IdNumber) } else { account };
        (id, row.said(Field::Name))
    };
    draft.filed().iter().map(said).filter(|(id, _)| !id.is_empty()).collect()
}

/// The part of the review that the draft itself gives.
fn drawn_draft(draft: &Draft) -> ReviewView {
    ReviewView {
        draft: draft.place.id.to_string(),
        revision: draft.place.revision,
        file_name: draft.head.file_name.clone(),
        excluded: draft.excluded(),
        confirmations: confirmations(draft)
            .into_iter()
            .map(|c| ConfirmationView {
                title: huijiao_domain::texts::title(&c.code).into(),
                code: c.code,
                count: c.count,
                note: c.note,
            })
            .collect(),
        attachments: draft.head.attachments.iter().map(Attached::view).collect(),
        obstacles: obstacles(draft),
        ..drawn(draft.filed(), draft.totals(), draft.head.period)
    }
}

/// The part of the review that the rows give.
pub(crate) fn drawn(filed: &Rows, totals: Totals, period: Month) -> ReviewView {
    let kind = filed.kind();
    let rows: Vec<&dyn FiledRow> = filed.iter().collect();
    let size = |amount: Yuan| if amount.is_negative() { -amount } else { amount };
    let mut largest = rows.clone();
    largest.sort_by_key(|row| std::cmp::Reverse(size(difference(*row))));
    ReviewView {
        draft: String::new(),
        revision: 0,
        kind_name: kind.label().into(),
        center_name: String::new(),
        unit_name: String::new(),
        unit_account: String::new(),
        period: period.to_string(),
        file_name: String::new(),
        roster_version: 0,
        totals: text::totals(totals),
        kind: kind.as_str().into(),
        groups: groups(filed),
        excluded: 0,
        largest: largest.into_iter().take(LARGEST).map(|row| line_of(kind, row)).collect(),
        approval: false,
        confirmations: Vec::new(),
        attachments: Vec::new(),
        obstacles: Vec::new(),
        elsewhere: Vec::new(),
        digest: String::new(),
        fingerprint: String::new(),
        certificates: Vec::new(),
    }
}

fn difference(row: &dyn FiledRow) -> Yuan {
    row.after().monthly() - row.before().monthly()
}

/// One row as a review shows it.
pub(crate) fn line_of(kind: FilingKind, row: &dyn FiledRow) -> ChangeLine {
    ChangeLine {
        name: row.said(Field::Name),
        personal_account: row.said(Field::PersonalAccount),
        old_base: row.said(Field::OldBase),
        new_base: row.said(Field::NewBase),
        what: what(kind, row),
        before: row.before().monthly().to_string(),
        after: row.after().monthly().to_string(),
        difference: difference(row).to_string(),
    }
}

/// What is filed about somebody, beside who he is, his base and what it costs.
fn what(kind: FilingKind, row: &dyn FiledRow) -> String {
    const TOLD: [Field; 9] = [
        Field::OldBase,
        Field::NewBase,
        Field::PersonalAccount,
        Field::Name,
        Field::IdType,
        Field::IdNumber,
        Field::UnitAmount,
        Field::PersonalAmount,
        Field::MonthlyAmount,
    ];
    let mut figures = row.figures();
    figures.retain(|(field, text)| !TOLD.contains(field) && !text.is_empty());
    let of_clerk = row.said(Field::Item) == UnitItem::ClerkIdNumber.label();
    let shown = |field, text: String| {
        let own_item = of_clerk && (field == Field::OldValue || field == Field::NewValue);
        if own_item || field == Field::NewIdNumber {
            mask::id_number(&text)
        } else if field == Field::UnitRatio || field == Field::PersonalRatio {
            text.parse::<Ratio>().map_or(text, Ratio::percent)
        } else if field == Field::Sex {
            Sex::parse(&text).map_or(text, |sex| sex.label().into())
        } else {
            text
        }
    };
    let said: Vec<_> =
        figures.into_iter().map(|(field, text)| format!("{} {}", kind.title(field), shown(field, text))).collect();
    said.join("，")
}

/// How many people of each sort there are.
fn groups(rows: &Rows) -> Vec<GroupCount> {
    let mut groups: Vec<GroupCount> = Vec::new();
    for row in rows.iter() {
        let label = match rows.kind() {
            FilingKind::BaseAdjustment => {
                match row.said(Field::NewBase).parse::<Yuan>().ok().cmp(&row.said(Field::OldBase).parse::<Yuan>().ok())
                {
                    std::cmp::Ordering::Greater => "调高".to_owned(),
                    std::cmp::Ordering::Less => "调低".to_owned(),
                    std::cmp::Ordering::Equal => "不变".to_owned(),
                }
            }
            FilingKind::StatusChange => row.said(Field::ChangeKind),
            FilingKind::ContributorRegistration => "新登记".to_owned(),
            FilingKind::RatioAdjustment => match row.after().monthly().cmp(&row.before().monthly()) {
                std::cmp::Ordering::Greater => "调高".to_owned(),
                std::cmp::Ordering::Less => "调低".to_owned(),
                std::cmp::Ordering::Equal => "不变".to_owned(),
            },
            FilingKind::ContributorUpdate => updated(row).to_owned(),
            FilingKind::UnitUpdate => row.said(Field::Item),
            FilingKind::BackPayment => row.said(Field::Reason),
            FilingKind::Correction => match row.after().monthly().cmp(&row.before().monthly()) {
                std::cmp::Ordering::Less => "多缴，转入暂存款".to_owned(),
                std::cmp::Ordering::Greater => "少缴，应补足".to_owned(),
                std::cmp::Ordering::Equal => "单位与个人之间更正".to_owned(),
            },
            FilingKind::Deferral => row.said(Field::ChangeKind),
            FilingKind::RemittanceVerification => row.said(Field::Month),
            FilingKind::Payment => row.said(Field::ChangeKind),
            FilingKind::PaymentClaim => row.said(Field::NewValue),
        };
        match groups.iter_mut().find(|group| group.label == label) {
            Some(group) => group.people += row.people(),
            None => groups.push(GroupCount { label, people: row.people() }),
        }
    }
    groups
}

/// What of somebody's data changes: who he is weighs more than how to reach or pay him.
fn updated(row: &dyn FiledRow) -> &'static str {
    let changes = |field| !row.said(field).is_empty();
    let document = changes(Field::NewIdNumber) || changes(Field::NewIdType);
    match (changes(Field::NewName), document) {
        (true, true) => "变更姓名和证件",
        (true, false) => "变更姓名",
        (false, true) => "变更证件",
        (false, false) => "变更联系方式或银行卡",
    }
}

/// Findings that stand in the way: what blocks, and warnings nobody confirmed.
pub(crate) fn obstacles(draft: &Draft) -> Vec<CodeCount> {
    let warning = text::level(Level::Warning);
    draft.summary().into_iter().filter(|c| c.level != warning || c.confirmed.is_none()).collect()
}

/// Confirmed warnings as they go into the signed bytes.
pub(crate) fn confirmations(draft: &Draft) -> Vec<Confirmation> {
    draft
        .summary()
        .into_iter()
        .filter_map(|c| c.confirmed.map(|note| Confirmation { code: c.code, count: c.count, note }))
        .collect()
}

/// What somebody signs as.
#[derive(Clone, Copy)]
pub(crate) enum As<'a> {
    /// 经办
    Clerk,
    /// 复核, of what the holder of this certificate signed
    Approver(&'a Certificate),
    /// Himself, whatever he is in the unit
    Himself,
    /// Whoever of the unit: somebody who logs in
    Anybody,
}

/// The operator's certificates of [`Desk::keys_here`]; those that cannot sign here say why.
pub(crate) fn certificates(
    session: &Session,
    keys: Vec<KeyInfo>,
    now: jiff::Timestamp,
    acting: As<'_>,
) -> Vec<CertificateView> {
    let mut views: Vec<_> = keys
        .into_iter()
        .map(|key| {
            let reason = unusable(session, &key, now, acting).map(|e| e.code().to_owned());
            let rank = rank(session, &key, reason.is_none());
            let own = key.certificate.as_ref().is_some_and(|c| session.is_own(c));
            let role = if own { session.role_name() } else { String::new() };
            (rank, certificate_view(key, role, reason))
        })
        .collect();
    views.sort_by_key(|(rank, _)| *rank);
    views.into_iter().map(|(_, view)| view).collect()
}

/// Where a certificate stands among those to choose from: of the ones that can be used, the token in hand is the first,
/// then the one that holds longest.
fn rank(session: &Session, key: &KeyInfo, usable: bool) -> (bool, bool, Reverse<Option<jiff::Timestamp>>) {
    let in_hand = key.kept != Kept::File && session.login_key() == Some(&key.id);
    (!usable, !in_hand, Reverse(key.certificate.as_ref().map(Certificate::not_after)))
}

/// What each person here signs with: of what can be used the first to choose from, else what has ended. Where the center
/// says who the operator is, that is he alone.
pub(crate) fn proposed<'a>(session: &Session, keys: &'a [KeyInfo], now: jiff::Timestamp) -> Vec<&'a Certificate> {
    let mut able: Vec<_> = keys
        .iter()
        .filter_map(|key| {
            let certificate = key.certificate.as_ref()?;
            if session.gateway.is_some() && !session.is_own(certificate) {
                return None;
            }
            let usable = match unusable(session, key, now, As::Himself) {
                None => true,
                Some(DeskError::Sign(SignError::CertificateExpired { .. })) => {
                    // Of one that never could have signed here nobody asks when it ended.
                    let anchors = TrustAnchors::from_der(&session.connection.anchors).ok()?;
                    if !anchors.leads_here(certificate, &key.chain) {
                        return None;
                    }
                    false
                }
                Some(_) => return None,
            };
            Some((rank(session, key, usable), certificate))
        })
        .collect();
    able.sort_by_key(|(rank, _)| *rank);
    let mut proposed: Vec<&Certificate> = Vec::new();
    for (_, certificate) in able {
        if !proposed.iter().any(|one| one_person(session.gateway.is_some(), one, certificate)) {
            proposed.push(certificate);
        }
    }
    proposed
}

/// A certificate to choose from; `reason` is the code of why it cannot be.
pub(crate) fn certificate_view(key: KeyInfo, role: String, reason: Option<String>) -> CertificateView {
    let of = |f: &dyn Fn(&Certificate) -> String| key.certificate.as_ref().map(f).unwrap_or_default();
    CertificateView {
        holder: of(&|c| mask::id_numbers_in(c.holder())),
        unit_name: of(&|c| c.unit_name().unwrap_or_default().to_owned()),
        role,
        algorithm: algorithm_label(key.certificate.as_ref()).to_owned(),
        valid_to: of(&|c| text::local(c.not_after()).date().to_string()),
        tail: of(&|c| tail(&c.serial_hex())),
        kept: kept(&key.kept),
        token: key.kept != Kept::File,
        usable: reason.is_none(),
        reason,
        tries_left: key.tries_left,
        certificate: key.id,
    }
}

/// The end of a serial number: namesakes, and two certificates of one person, are told apart by it.
fn tail(serial: &str) -> String {
    const DIGITS: usize = 6;
    serial.get(serial.len().saturating_sub(DIGITS)..).unwrap_or_default().to_ascii_uppercase()
}

/// Where a key is kept, Chinese.
pub(crate) fn kept(kept: &Kept) -> String {
    match kept {
        Kept::File => "文件证书".into(),
        Kept::Token { label } => format!("UKey（{label}）"),
    }
}

/// What a certificate's key signs with, as one says it; empty for one that is not read.
pub(crate) fn algorithm_label(certificate: Option<&Certificate>) -> &'static str {
    let word = certificate.and_then(Certificate::algorithm).map(Algorithm::as_str);
    word.and_then(SignatureAlgorithm::parse).map_or("", SignatureAlgorithm::label)
}

/// Refuses a certificate that is not among [`Desk::keys_here`], or cannot sign for this unit now.
pub(crate) fn must_sign(
    session: &Session,
    keys: &[KeyInfo],
    certificate: &str,
    now: jiff::Timestamp,
    acting: As<'_>,
) -> Result<(), DeskError> {
    if let Some(minutes) = session.clock_off(now) {
        return Err(DeskError::refusal_with(DeskError::CLOCK_OFF, "minutes", minutes));
    }
    if session.wants_newer_crls(now) {
        return Err(DeskError::refusal(DeskError::CRL_STALE));
    }
    let key = among(keys, certificate)?;
    unusable(session, key, now, acting).map_or(Ok(()), Err)
}

/// The key of this id.
pub(crate) fn among<'a>(keys: &'a [KeyInfo], certificate: &str) -> Result<&'a KeyInfo, DeskError> {
    let key = keys.iter().find(|key| key.id == certificate);
    // What is on a token was there when somebody chose it.
    let pulled_out = is_on_token(certificate).then_some(SignError::TokenRemoved);
    key.ok_or_else(|| pulled_out.map_or_else(|| DeskError::refusal(DeskError::CERTIFICATE_UNUSABLE), DeskError::from))
}

/// Whether two certificates are one person's. A number tells namesakes apart where a center's register vouches for whom
/// it means; where `registered` says that there is none, one name is one person.
pub(crate) fn one_person(registered: bool, one: &Certificate, other: &Certificate) -> bool {
    one.same_person(other) || !registered && one.holder() == other.holder()
}

/// Why a certificate cannot sign for this unit now.
pub(crate) fn unusable(session: &Session, key: &KeyInfo, now: jiff::Timestamp, acting: As<'_>) -> Option<DeskError> {
    let Some(certificate) = &key.certificate else {
        return Some(DeskError::refusal(DeskError::CERTIFICATE_UNUSABLE));
    };
    let unit = session.unit.as_ref()?;
    if certificate.credit_code() != Some(unit.credit_code.as_str()) {
        return Some(DeskError::refusal(DeskError::CERTIFICATE_OTHER_UNIT));
    }
    // The center's register says who is the unit's clerk; this operator is the one who logged in. Without a gateway
    // nobody logs in, and whoever of the unit has a certificate signs.
    if session.gateway.is_some() && !session.is_own(certificate) && !matches!(acting, As::Anybody) {
        return Some(DeskError::refusal(DeskError::CERTIFICATE_OTHER_OPERATOR));
    }
    if let Err(error) = session.must_have_roots() {
        return Some(error);
    }
    let algorithm = certificate.algorithm();
    if !session.info.profile.signatures.takes(algorithm.map(Algorithm::as_str)) {
        return Some(DeskError::refusal(DeskError::CERTIFICATE_ALGORITHM));
    }
    let mixed = |clerk: &Certificate| clerk.algorithm().zip(algorithm).is_some_and(|(its, own)| !own.goes_with(its));
    match acting {
        As::Clerk if !session.has_role(Role::Clerk) => return Some(DeskError::refusal(DeskError::NOT_CLERK)),
        As::Approver(clerk) if one_person(session.gateway.is_some(), clerk, certificate) => {
            return Some(VerifyError::SamePerson.into());
        }
        As::Approver(clerk) if mixed(clerk) => return Some(VerifyError::Mixed.into()),
        As::Approver(_) if !session.has_role(Role::Approver) => {
            return Some(DeskError::refusal(DeskError::NOT_APPROVER));
        }
        As::Clerk | As::Approver(_) | As::Himself | As::Anybody => {}
    }
    let fits = in_itself(certificate, now).and_then(|()| {
        // Unit and holder are only what the certificate says of itself: anybody can issue one that says so.
        let anchors = TrustAnchors::from_der(&session.connection.anchors)?;
        anchors.check(certificate, &key.chain, now, session.crls())?;
        match (key.tries_left, &key.kept) {
            (Some(0), Kept::File) => Err(SignError::PinLocked),
            (Some(0), Kept::Token { .. }) => Err(SignError::TokenLocked),
            (_, _) => Ok(()),
        }
    });
    fits.err().map(DeskError::from)
}

/// Whether a certificate may sign now, by what stands in it.
pub(crate) fn in_itself(certificate: &Certificate, now: jiff::Timestamp) -> Result<(), SignError> {
    let day = |at| text::local(at).date().to_string();
    certificate.can_sign()?;
    if now < certificate.not_before() {
        return Err(SignError::CertificateNotYetValid { not_before: day(certificate.not_before()) });
    }
    if now > certificate.not_after() {
        return Err(SignError::CertificateExpired { not_after: day(certificate.not_after()) });
    }
    Ok(())
}
