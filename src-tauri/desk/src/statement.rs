//! 核对银行流水: the unit's own bank statement held against its orders to pay. The statement stays on this computer.

use std::sync::Arc;

use huijiao_domain::remittance::PaymentMethod;
use huijiao_domain::statement::{OrderToMatch, Verdict, match_statement};
use huijiao_domain::texts;
use huijiao_protocol::queries::Days;
use huijiao_protocol::resources::{OrderState, PaymentOrder};
use huijiao_sheets::{Statement, statement};
use jiff::civil::Date;

use crate::calls::blocking;
use crate::views::{StatementOrder, StatementStray, StatementView};
use crate::{Desk, DeskError, text};

impl Desk {
    /// Reads a bank statement and says of each order to pay by transfer whether it was paid as it should be.
    ///
    /// # Errors
    /// A workbook that is no statement; the center is not reached.
    pub async fn statement_match(
        self: &Arc<Self>,
        ticket: String,
        encoding: Option<String>,
    ) -> Result<StatementView, DeskError> {
        let (gateway, account) = self.reach()?;
        let step = self.begin_step();
        let of = step.clone();
        let (file_name, statement) = blocking(self, move |desk| {
            let (name, workbook) = desk.workbook_of_ticket(&ticket, encoding.as_deref(), &of)?;
            Ok((name, statement(&workbook)?))
        })
        .await?;
        let orders = step.or_given_up(gateway.payments(&account, Days::default())).await??;
        Ok(held_against(file_name, &statement, &orders))
    }
}

fn held_against(file_name: String, statement: &Statement, orders: &[PaymentOrder]) -> StatementView {
    let days = || statement.lines.iter().map(|line| line.on);
    let (first, last) = (days().min(), days().max());
    let spoken_of: Vec<&PaymentOrder> =
        orders.iter().filter(|order| first.zip(last).is_some_and(|(first, last)| within(order, first, last))).collect();
    let asked: Vec<OrderToMatch> = spoken_of
        .iter()
        .map(|order| OrderToMatch {
            number: order.number.clone(),
            code: order.code.clone(),
            amount: order.amounts.monthly(),
            account: order.to.number.clone(),
        })
        .collect();
    let matched = match_statement(&asked, &statement.lines);
    let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    let day = |day: Option<Date>| day.map(|day| day.to_string()).unwrap_or_default();
    StatementView {
        file_name,
        payments: count(statement.lines.len()),
        incoming: statement.incoming,
        first: day(first),
        last: day(last),
        orders: spoken_of
            .iter()
            .zip(&asked)
            .zip(&matched.verdicts)
            .map(|((order, asked), verdict)| StatementOrder {
                number: order.number.clone(),
                label: order.pays.iter().map(|pays| pays.label()).collect::<Vec<_>>().join("、"),
                code: order.code.clone(),
                amount: asked.amount.to_string(),
                verdict: verdict.code().into(),
                fine: matches!(verdict, Verdict::Exact(_)),
                title: texts::title(verdict.code()).to_owned(),
                message: verdict.message(asked, &statement.lines),
            })
            .collect(),
        strays: matched
            .strays
            .iter()
            .filter_map(|place| statement.lines.get(*place))
            .map(|line| StatementStray {
                row: line.row,
                on: line.on.to_string(),
                amount: line.amount.to_string(),
                remark: line.remarks.join(" "),
            })
            .collect(),
    }
}

/// Whether a statement of these days can speak of an order: one that was settled before, or made after, it cannot.
fn within(order: &PaymentOrder, first: Date, last: Date) -> bool {
    let transfer = order.method == PaymentMethod::Transfer && !order.code.is_empty();
    let stands = match order.state {
        OrderState::Awaiting | OrderState::Paid | OrderState::Failed => true,
        OrderState::Debiting | OrderState::Withdrawn => false,
    };
    let made = order.ordered_at.parse().map(|at| text::local(at).date()).ok();
    transfer && stands && made.is_none_or(|made| made <= last) && order.settled_on.is_none_or(|day| first <= day)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use huijiao_domain::statement::StatementLine;
    use serde_json::json;

    use super::*;

    fn order(number: &str, state: &str, method: &str, ordered_at: &str, settled_on: Option<&str>) -> PaymentOrder {
        serde_json::from_value(json!({
            "number": number,
            "filing": "00000000-0000-0000-0000-000000000000",
            "pays": [{ "month": "2026-07" }],
            "method": method,
            "people": 240,
            "amounts": { "unit_amount": "200.00", "personal_amount": "100.00" },
            "code": number,
            "to": { "name": "演示中心", "number": "6222000011112222", "bank": "演示银行" },
            "state": state,
            "reason": "",
            "ordered_at": ordered_at,
            "settled_on": settled_on,
            "received": "0.00",
        }))
        .unwrap()
    }

    fn line(row: u32, on: &str, amount: &str, remark: &str) -> StatementLine {
        StatementLine {
            row,
            on: on.parse().unwrap(),
            amount: amount.parse().unwrap(),
            account: "6222000011112222".into(),
            payee: String::new(),
            remarks: vec![remark.into()],
            number: String::new(),
        }
    }

    #[test]
    fn only_orders_of_the_statement_s_days_are_judged() {
        let noon = |day: &str| format!("{day}T12:00:00+08:00");
        let orders = [
            order("2026070009", "awaiting", "transfer", &noon("2026-07-21"), None),
            order("2026070008", "withdrawn", "transfer", &noon("2026-07-06"), None),
            order("2026070007", "debiting", "direct_debit", &noon("2026-07-06"), None),
            order("2026070006", "paid", "suspense", &noon("2026-07-06"), Some("2026-07-06")),
            order("2026070005", "failed", "transfer", &noon("2026-07-06"), None),
            order("2026070004", "awaiting", "transfer", "2026-07-19T17:00:00Z", None),
            order("2026070003", "paid", "transfer", &noon("2026-06-06"), Some("2026-06-08")),
        ];
        let statement = Statement {
            lines: vec![
                line(4, "2026-07-20", "300", "2026070004"),
                line(2, "2026-07-06", "299", "2026070005"),
                line(3, "2026-07-07", "1", "捐款"),
            ],
            incoming: 1,
        };
        let view = held_against("流水.xlsx".into(), &statement, &orders);
        let said: Vec<_> = view.orders.iter().map(|o| (o.number.as_str(), o.verdict.as_str(), o.fine)).collect();
        assert_eq!(
            said,
            [("2026070005", "statement-amount-differs", false), ("2026070004", "statement-exact", true)],
            "made after the statement, withdrawn, debited, from suspense, settled before it: none of its business"
        );
        assert_eq!(
            (view.first.as_str(), view.last.as_str()),
            ("2026-07-06", "2026-07-20"),
            "whatever order its rows have"
        );
        assert_eq!((view.payments, view.incoming), (3, 1));
        assert_eq!(view.orders[0].label, "2026-07 汇缴");
        let strays: Vec<_> = view.strays.iter().map(|stray| (stray.row, stray.remark.as_str())).collect();
        assert_eq!(strays, [(3, "捐款")], "money at the center that no order asked for");
    }
}
