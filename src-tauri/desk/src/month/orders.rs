//! Filings made from the center's books: verifications, payments, claims. Nothing of them is typed; what is signed
//! is computed anew from the center's freshest books, and has to be what was reviewed.

use std::sync::Arc;

use huijiao_domain::filing::Rows;
use huijiao_domain::filing::payment::PaymentRow;
use huijiao_domain::filing::payment_claim::{ClaimRow, ClaimTo};
use huijiao_domain::filing::remittance_verification::Verification;
use huijiao_domain::finding::Finding;
use huijiao_domain::month::Month;
use huijiao_domain::remittance::{MonthFigures, PaymentMethod};
use huijiao_protocol::filing::{FilingHeader, Source};
use huijiao_protocol::resources::MonthList;
use huijiao_signing::Pin;
use sha2::{Digest, Sha256};

use super::payments::{TO_RETURN, TO_SUSPENSE, pays_of};
use super::verification::{asked, compared, obstacles};
use super::{Local, refusal_of};
use crate::error::DeskError;
use crate::import::hex;
use crate::review;
use crate::session::Known;
use crate::submit::Work;
use crate::views::{CodeCount, FilingView, OrderForm, PayMethod, ReviewView};
use crate::{Desk, text};

/// What an order files.
pub(super) struct Order {
    rows: Rows,
    /// Of a verification: the table of each month.
    figures: Vec<MonthFigures>,
    period: Month,
}

impl Order {
    /// The months that were computed.
    pub(super) fn verify(computed: &Verification, through: Month) -> Self {
        Self { rows: Rows::RemittanceVerification(computed.rows.clone()), figures: computed.figures(), period: through }
    }

    /// What a signature has to name, so that nothing else is signed than what was reviewed.
    pub(super) fn fingerprint(&self) -> Result<String, DeskError> {
        let bytes = serde_json::to_vec(&(self.rows.kind(), self.period, &self.rows, &self.figures));
        Ok(hex(&Sha256::digest(bytes.map_err(|e| DeskError::Internal(e.to_string()))?)))
    }
}

/// An order with everything that is to be said about it.
struct Judged {
    order: Order,
    /// Errors only.
    findings: Vec<Finding>,
    /// People whom the center has otherwise.
    differences: usize,
}

/// Makes an order from what is known; `lists` are the center's own, of a verification.
fn judged(form: &OrderForm, known: &Known, local: &Local, lists: &[MonthList]) -> Result<Judged, DeskError> {
    let hand = known.at_hand()?;
    let books = &hand.books.books;
    let (rows, differences) = match form {
        OrderForm::Verify { through } => {
            let (first, through) = asked(known, Some(through))?;
            let computed = Verification::compute(hand.roster, &books.previous, first, through);
            let findings = obstacles(&computed, through, known, local).into_iter().map(|(finding, _)| finding);
            return Ok(Judged {
                order: Order::verify(&computed, through),
                findings: findings.filter(Finding::blocks).collect(),
                differences: compared(&computed, lists).len(),
            });
        }
        OrderForm::Pay { pays, method } => {
            let method = match method {
                PayMethod::Transfer => PaymentMethod::Transfer,
                PayMethod::Suspense => PaymentMethod::Suspense,
                PayMethod::DirectDebit => PaymentMethod::DirectDebit,
            };
            let row = |key: &String| {
                let pays = pays_of(key)?;
                let due = books.due(&pays);
                due.map(|due| PaymentRow::of(due, method))
                    .ok_or_else(|| DeskError::refusal_with(DeskError::NOT_DUE, "due", pays.label()))
            };
            (Rows::Payment(pays.iter().map(row).collect::<Result<_, _>>()?), 0)
        }
        OrderForm::Claim { incoming, to } => {
            let gone = || DeskError::refusal_with(DeskError::INCOMING_GONE, "number", incoming);
            let found = books.incoming(incoming).ok_or_else(gone)?;
            let to = match to.as_str() {
                TO_SUSPENSE => ClaimTo::Suspense,
                TO_RETURN => ClaimTo::Return,
                key => ClaimTo::Due(pays_of(key)?),
            };
            (Rows::PaymentClaim(vec![ClaimRow { incoming: incoming.clone(), amount: found.amount, to }]), 0)
        }
    };
    let period = Month::of(known.today).map_err(|e| DeskError::Internal(e.to_string()))?;
    let findings = rows.check(rows.totals(), known.circumstances(period));
    let findings = findings.into_iter().filter(Finding::blocks).collect();
    Ok(Judged { order: Order { rows, figures: Vec::new(), period }, findings, differences })
}

impl Desk {
    /// What will be signed.
    ///
    /// # Errors
    /// What there is no longer to pay or to claim, or a center that is not reached.
    pub async fn order_review(self: &Arc<Self>, order: OrderForm) -> Result<ReviewView, DeskError> {
        let lists = self.lists_of(&order).await?;
        let desk = self.clone();
        tokio::task::spawn_blocking(move || {
            let (known, local, _) = desk.month_scene()?;
            let Judged { order, findings, differences } = judged(&order, &known, &local, &lists)?;
            let drawn = ReviewView {
                obstacles: counted(&findings, differences),
                fingerprint: order.fingerprint()?,
                ..review::drawn(&order.rows, order.rows.totals(), order.period)
            };
            let completed = desk.completed(drawn, order.rows.totals().people, order.rows.moved())?;
            let digest = desk.prepared_for(Ok(work(order, &known)));
            Ok(ReviewView { digest, ..completed })
        })
        .await
        .map_err(|e| DeskError::Internal(e.to_string()))?
    }

    /// Signs an order and submits it, if the center's books still say what was reviewed.
    ///
    /// # Errors
    /// Before the signature is kept, as for a draft; also when the books have moved, or an order of this computer has
    /// no answer yet.
    pub async fn order_sign(
        self: &Arc<Self>,
        order: OrderForm,
        fingerprint: String,
        digest: Option<String>,
        certificate: String,
        pin: Pin,
    ) -> Result<FilingView, DeskError> {
        self.alone(async {
            self.settle_orders().await?;
            self.fetch_anew().await?;
            let lists = self.lists_of(&order).await?;
            let checked = move |desk: &Self| {
                let (known, local, _) = desk.month_scene()?;
                let Judged { order, findings, differences } = judged(&order, &known, &local, &lists)?;
                if let Some(finding) = findings.first() {
                    return Err(refusal_of(finding));
                }
                if differences > 0 {
                    return Err(DeskError::refusal_with(DeskError::LIST_DIFFERS, "count", differences));
                }
                if order.fingerprint()? != fingerprint {
                    return Err(DeskError::refusal(DeskError::ORDER_MOVED));
                }
                Ok(work(order, &known))
            };
            self.file(checked, digest, certificate, pin).await
        })
        .await
    }

    /// The center's lists that an order is held against.
    async fn lists_of(&self, order: &OrderForm) -> Result<Vec<MonthList>, DeskError> {
        let OrderForm::Verify { through } = order else { return Ok(Vec::new()) };
        let (first, through) = asked(&self.month_scene()?.0, Some(through))?;
        self.center_lists(first, through).await
    }

    /// Asks for every order of this computer that has no answer: what it did stands in the books that are read next.
    async fn settle_orders(self: &Arc<Self>) -> Result<(), DeskError> {
        let waiting = |local: Local| local.unsettled.into_iter().find(|(_, kind)| !kind.from_sheet());
        for (id, kind) in self.month_scene()?.1.unsettled {
            if !kind.from_sheet() {
                self.ask_or_send(id).await?;
            }
        }
        match waiting(self.month_scene()?.1) {
            Some((_, kind)) => Err(DeskError::refusal_with(DeskError::ORDER_PENDING, "kind", kind.label())),
            None => Ok(()),
        }
    }
}

/// What an order files.
fn work(order: Order, known: &Known) -> Work {
    Work {
        period: order.period,
        source: Source { file_name: String::new(), sha256: String::new(), sheet: String::new(), rows: 0 },
        header: FilingHeader { figures: order.figures, ..FilingHeader::default() },
        rows: order.rows,
        roster_version: known.roster_version(),
        draft: None,
        returned: Vec::new(),
    }
}

/// Errors by code, in their order; people whom the center has otherwise behind them.
fn counted(findings: &[Finding], differences: usize) -> Vec<CodeCount> {
    let mut counts: Vec<CodeCount> = Vec::new();
    let mut count = |code: &'static str, more: usize| {
        let more = u32::try_from(more).unwrap_or(u32::MAX);
        match counts.iter_mut().find(|count| count.code == code) {
            Some(count) => count.count += more,
            None => counts.push(CodeCount {
                code: code.into(),
                level: text::level(huijiao_domain::finding::Level::Error).into(),
                title: huijiao_domain::texts::title(code).into(),
                count: more,
                fixable: 0,
                confirmed: None,
            }),
        }
    };
    for finding in findings {
        count(finding.code.as_str(), 1);
    }
    if differences > 0 {
        count(DeskError::LIST_DIFFERS, differences);
    }
    counts
}
