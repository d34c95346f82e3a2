//! 业务回执单: the center's answer on one page, and the rows that it did not take.

use huijiao_domain::filing::FilingKind;

use super::{Filed, month, said_twice};
use crate::form::{Block, Column, Fact, Form, Seal, Table, grouped};

pub(super) fn form(filed: &Filed<'_>) -> Option<Form> {
    let (signed, receipt) = (filed.signed()?, filed.received()?);
    let mut form = filed.form("住房公积金业务回执单", filed.kind().label());
    let totals = filed.rows.totals();
    let mut facts = vec![
        Fact::new("业务类型", filed.kind().label()),
        Fact::new("业务年月", month(filed.period)),
        Fact::new("受理时间", receipt.accepted_at.as_str()),
        Fact::new("办理状态", receipt.state),
        Fact::new(if counts_people(filed.kind()) { "人数" } else { "项数" }, totals.people.to_string()),
        Fact::new("申报行数", filed.rows.len().to_string()),
    ];
    match filed.kind() {
        FilingKind::StatusChange | FilingKind::BaseAdjustment | FilingKind::RatioAdjustment => {
            facts.push(Fact::new("调整前合计", grouped(totals.before)));
            facts.push(Fact::new("差额合计", grouped(totals.difference)));
            facts.push(Fact::wide("调整后合计", said_twice(totals.after)));
        }
        FilingKind::Correction => facts.push(Fact::wide("差额合计", said_twice(totals.difference))),
        FilingKind::ContributorRegistration
        | FilingKind::BackPayment
        | FilingKind::RemittanceVerification
        | FilingKind::Payment
        | FilingKind::PaymentClaim => facts.push(Fact::wide("金额", said_twice(totals.after))),
        FilingKind::ContributorUpdate | FilingKind::UnitUpdate | FilingKind::Deferral => {}
    }
    if !receipt.reason.is_empty() {
        facts.push(Fact::wide("退回原因", receipt.reason.as_str()));
    }
    for signer in &signed.signers {
        facts.push(Fact::wide(signer.role, format!("{}　已电子签名 {}", signer.name, signer.at)));
    }
    facts.push(Fact::wide("回执签发", receipt.signed_by.as_str()));
    facts.push(Fact::wide("签名内容摘要", signed.digest.as_str()));
    facts.push(Fact::wide("申报文件摘要", signed.sha256.as_str()));
    facts.push(Fact::wide("回执文件摘要", receipt.sha256.as_str()));
    form.blocks.push(Block::Facts(facts));
    if !receipt.refused_rows.is_empty() {
        let rows = receipt
            .refused_rows
            .iter()
            .map(|(row, why)| vec![(u64::from(*row) + 1).to_string().into(), why.as_str().into()])
            .collect();
        let columns = vec![Column::middle("申报行", 60.0), Column::text("未按申报办理的原因", 450.0)];
        form.blocks.push(Block::Heading("未按申报办理的明细".into()));
        form.blocks.push(Block::Table(Table { counted: "行", ..Table::figures(columns, rows) }));
    }
    form.blocks.push(Block::Text(vec!["本回执按中心电子签名的回执文件打印，两者不一致时以回执文件为准。".into()]));
    let center = vec![format!("{}　{}", receipt.state, receipt.accepted_at), format!("电子签章 {}", receipt.signed_by)];
    form.blocks.push(Block::Seals(vec![
        Seal { title: "单位（签章）".into(), lines: Vec::new() },
        Seal { title: "公积金中心（签章）".into(), lines: center },
    ]));
    Some(form)
}

/// Others count items of the unit, dues or sums.
fn counts_people(kind: FilingKind) -> bool {
    match kind {
        FilingKind::UnitUpdate | FilingKind::Deferral | FilingKind::PaymentClaim => false,
        FilingKind::ContributorRegistration
        | FilingKind::StatusChange
        | FilingKind::BaseAdjustment
        | FilingKind::RatioAdjustment
        | FilingKind::ContributorUpdate
        | FilingKind::BackPayment
        | FilingKind::Correction
        | FilingKind::RemittanceVerification
        | FilingKind::Payment => true,
    }
}
