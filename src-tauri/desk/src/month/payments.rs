//! 单位缴款: what is owed, what was ordered, what came in without an order.

use huijiao_domain::capitals::capitals;
use huijiao_domain::mask;
use huijiao_domain::money::Yuan;
use huijiao_domain::remittance::{Due, DueState, Incoming, PaidDue, PaymentMethod};
use huijiao_protocol::resources::{OrderState, PaymentOrder};

use super::{AtHand, Local};
use crate::error::DeskError;
use crate::session::Known;
use crate::views::{
    ClaimWay, DueView, IncomingView, OrderStage, OrderView, PayMethod, PayMethodView, PaymentCard, PaymentsView,
};
use crate::{Desk, text};

/// Key of a claim to 暂存款.
pub(super) const TO_SUSPENSE: &str = "suspense";
/// Key of a claim that asks for the money's return.
pub(super) const TO_RETURN: &str = "return";

impl Desk {
    /// What is owed, what was ordered, what came in.
    pub fn payments(&self) -> Result<PaymentsView, DeskError> {
        let (known, local, shown) = self.month_scene()?;
        let hand = known.at_hand()?;
        let books = &hand.books.books;
        Ok(PaymentsView {
            dues: books.dues.iter().map(due).collect(),
            orders: hand.books.orders.iter().map(|one| order(one, &local)).collect(),
            suspense: hand.unit.suspense_balance.to_string(),
            available: books.available.to_string(),
            debit_agreement: books.debit_agreement.map(|last| last.to_string()),
            unprocessed: books.unprocessed.iter().map(|one| incoming(one, &books.dues)).collect(),
            methods: PaymentMethod::ALL.map(|method| way_to_pay(method, &hand, &known)).into(),
            as_of: shown.as_of,
            stale: shown.stale,
        })
    }
}

/// What a screen calls a due; [`pays_of`] reads it again.
pub(super) fn key(pays: &PaidDue) -> String {
    match pays {
        PaidDue::Month(month) => format!("month:{month}"),
        PaidDue::Filing(number) => format!("filing:{number}"),
    }
}

pub(super) fn pays_of(key: &str) -> Result<PaidDue, DeskError> {
    let wrong = || DeskError::refusal(DeskError::BAD_ARGUMENTS);
    match key.split_once(':').ok_or_else(wrong)? {
        ("month", month) => month.parse().map(PaidDue::Month).map_err(|_| wrong()),
        ("filing", number) => Ok(PaidDue::Filing(number.to_owned())),
        _ => Err(wrong()),
    }
}

fn due(due: &Due) -> DueView {
    DueView {
        pays: key(&due.pays),
        label: due.pays.label(),
        kind_name: due.kind.label().into(),
        people: due.people,
        unit_amount: due.amounts.unit_amount.to_string(),
        personal_amount: due.amounts.personal_amount.to_string(),
        amount: due.amounts.monthly().to_string(),
        ordered: match &due.state {
            DueState::Open => None,
            DueState::Ordered(number) => Some(number.clone()),
        },
    }
}

fn order(order: &PaymentOrder, local: &Local) -> OrderView {
    let here = local.by_number.get(&order.number) == Some(&order.filing);
    let amount = order.amounts.monthly();
    let state = match order.state {
        OrderState::Awaiting => OrderStage::Awaiting,
        OrderState::Debiting => OrderStage::Debiting,
        OrderState::Paid => OrderStage::Paid,
        OrderState::Failed => OrderStage::Failed,
        OrderState::Withdrawn => OrderStage::Withdrawn,
    };
    let waiting = matches!(state, OrderStage::Awaiting | OrderStage::Debiting);
    let card = (state == OrderStage::Awaiting && order.method == PaymentMethod::Transfer).then(|| PaymentCard {
        account_name: order.to.name.clone(),
        account_number: order.to.number.clone(),
        bank: order.to.bank.clone(),
        amount: amount.to_string(),
        amount_capitals: capitals(amount),
        code: order.code.clone(),
    });
    OrderView {
        number: order.number.clone(),
        filing: order.filing.to_string(),
        here,
        label: order.pays.iter().map(PaidDue::label).collect::<Vec<_>>().join("、"),
        method: method(order.method),
        method_name: order.method.label().into(),
        people: order.people,
        amount: amount.to_string(),
        state,
        state_name: order.state.label().into(),
        reason: order.reason.clone(),
        ordered_at: text::local_time(&order.ordered_at),
        settled_on: order.settled_on.map(|on| on.to_string()),
        received: order.received.to_string(),
        withdrawable: here && waiting && order.received == Yuan::ZERO,
        card,
    }
}

fn incoming(incoming: &Incoming, dues: &[Due]) -> IncomingView {
    let enough = dues.iter().filter(|due| due.amounts.monthly() <= incoming.amount);
    let ways = enough.map(|due| ClaimWay {
        key: key(&due.pays),
        label: format!("认领为 {}（{} 元）", due.pays.label(), due.amounts.monthly()),
    });
    let others = [(TO_SUSPENSE, "转入暂存款"), (TO_RETURN, "申请退回")];
    IncomingView {
        number: incoming.number.clone(),
        received_on: incoming.received_on.to_string(),
        amount: incoming.amount.to_string(),
        remark: incoming.remark.clone(),
        payer: incoming.payer.clone(),
        payer_account: mask::id_number(&incoming.payer_account),
        reason: incoming.reason.clone(),
        ways: ways.chain(others.map(|(key, label)| ClaimWay { key: key.into(), label: label.into() })).collect(),
    }
}

fn method(method: PaymentMethod) -> PayMethod {
    match method {
        PaymentMethod::Transfer => PayMethod::Transfer,
        PaymentMethod::Suspense => PayMethod::Suspense,
        PaymentMethod::DirectDebit => PayMethod::DirectDebit,
    }
}

fn way_to_pay(of: PaymentMethod, hand: &AtHand<'_>, known: &Known) -> PayMethodView {
    let books = &hand.books.books;
    let (usable, why) = match of {
        PaymentMethod::Transfer => (true, "按缴款单转账，附言只填缴款码".to_owned()),
        PaymentMethod::Suspense if books.available <= Yuan::ZERO => (false, "没有可用的暂存款".to_owned()),
        PaymentMethod::Suspense => (true, format!("可用暂存款 {} 元", books.available)),
        PaymentMethod::DirectDebit => match books.debit_agreement {
            None => (false, "单位没有签订委托收款协议".to_owned()),
            Some(last) if last < known.today => (false, format!("委托收款协议已于 {last} 到期")),
            Some(last) => (true, format!("委托收款协议有效至 {last}")),
        },
    };
    PayMethodView { key: method(of), label: of.label().into(), usable, why }
}
