#![allow(clippy::unwrap_used, reason = "a test that cannot start has failed")]
use jiff::civil::date;

use super::*;
use crate::filing::FilingKind;
use crate::kit::{Case, yuan};
use crate::remittance::{Due, DueState, Incoming};

fn books() -> Books {
    let incoming = |number: &str, amount: &str| Incoming {
        number: number.into(),
        received_on: date(2026, 7, 8),
        amount: yuan(amount),
        remark: "公积金".into(),
        payer: "演示单位".into(),
        payer_account: "4100".into(),
        reason: "备注里没有缴款码".into(),
    };
    let due = Due {
        pays: PaidDue::Month("2026-07".parse().unwrap()),
        kind: FilingKind::RemittanceVerification,
        people: 3,
        amounts: Contribution { unit_amount: yuan("500"), personal_amount: yuan("500") },
        // Money that came with a wrong remark may pay what an order still waits for.
        state: DueState::Ordered("YW3".into()),
    };
    Books {
        unprocessed: vec![incoming("D1", "1000"), incoming("D2", "999.99"), incoming("D3", "1200")],
        dues: vec![due],
        ..Books::default()
    }
}

fn row(incoming: &str, amount: &str, to: ClaimTo) -> ClaimRow {
    ClaimRow { incoming: incoming.into(), amount: yuan(amount), to }
}

fn july() -> ClaimTo {
    ClaimTo::Due(PaidDue::Month("2026-07".parse().unwrap()))
}

fn said(rows: &[ClaimRow]) -> Vec<(Code, Option<String>)> {
    let (case, books) = (Case::of(1, &[]), books());
    let of = Circumstances { books: Some(&books), ..case.circumstances() };
    let findings = check_rows(rows, Totals::of(rows), of);
    findings.into_iter().map(|finding| (finding.code, finding.args.get("index").cloned())).collect()
}

#[test]
fn every_sum_has_three_ways() {
    for to in [july(), ClaimTo::Suspense, ClaimTo::Return] {
        assert_eq!(said(&[row("D1", "1000", to.clone())]), [], "{to:?}");
    }
    assert_eq!(said(&[row("D3", "1200", july())]), [], "what is over goes to suspense");
    assert_eq!(said(&[row("D1", "1000", july()), row("D2", "999.99", ClaimTo::Suspense)]), [], "two at once");
}

#[test]
fn only_what_came_in_is_claimed_all_of_it_and_once() {
    let refused = |rows: &[ClaimRow], code, index: &str| {
        assert_eq!(said(rows), [(code, Some(index.to_owned()))], "{rows:?}");
    };
    refused(&[row("D9", "1000", ClaimTo::Suspense)], Code::ClaimUnknown, "0");
    refused(&[row("D1", "900", ClaimTo::Suspense)], Code::ClaimAmount, "0");
    refused(&[row("D2", "999.99", july())], Code::ClaimShort, "0");
    let august = ClaimTo::Due(PaidDue::Month("2026-08".parse().unwrap()));
    refused(&[row("D1", "1000", august)], Code::PayNotDue, "0");
    let twice = [row("D1", "1000", ClaimTo::Suspense), row("D1", "1000", ClaimTo::Return)];
    refused(&twice, Code::ClaimTwice, "1");
    refused(&[row("D1", "1000", july()), row("D3", "1200", july())], Code::ClaimTwice, "1");
}
