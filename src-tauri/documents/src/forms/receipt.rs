//! 业务回执单: the center's answer on one page, and the rows that it did not take.

use huijiao_domain::filing::status_change::Change;
use huijiao_domain::filing::{FilingKind, Rows};
use huijiao_domain::month::Month;

use super::{Filed, PROMISE, month, said_twice};
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
    facts.extend(own_facts(filed));
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
    form.blocks.push(Block::Text(vec![
        PROMISE.into(),
        "本回执按中心电子签名的回执文件打印，两者不一致时以回执文件为准。".into(),
    ]));
    let center = vec![format!("{}　{}", receipt.state, receipt.accepted_at), format!("电子签章 {}", receipt.signed_by)];
    form.blocks.push(Block::Seals(vec![
        Seal { title: "单位（签章）".into(), lines: Vec::new() },
        Seal { title: "公积金中心（签章）".into(), lines: center },
    ]));
    Some(form)
}

/// What the receipt of this kind says besides its sums.
fn own_facts(filed: &Filed<'_>) -> Vec<Fact> {
    match filed.rows {
        Rows::StatusChange(rows) => {
            let labels = Change::ALL.map(Change::label);
            let mut counts = counted(rows.iter().map(|row| row.change.label()));
            counts.sort_by_key(|(label, _)| labels.iter().position(|known| known == label));
            let reasons = counted(rows.iter().map(|row| row.reason.as_str()));
            let mut facts = vec![Fact::wide("变更类型", said(&counts, "人"))];
            if !reasons.is_empty() {
                facts.push(Fact::wide("变更原因", said(&reasons, "人")));
            }
            facts
        }
        Rows::RatioAdjustment(rows) => rows
            .iter()
            .flat_map(|row| {
                let change = |before: String, after: String| format!("由 {before} 调整为 {after}");
                [
                    Fact::new("单位缴存比例", change(row.old_unit_ratio.percent(), row.unit_ratio.percent())),
                    Fact::new("个人缴存比例", change(row.old_personal_ratio.percent(), row.personal_ratio.percent())),
                    Fact::wide("生效年月", month(row.month)),
                ]
            })
            .collect(),
        Rows::BaseAdjustment(_) => vec![Fact::wide("生效年月", month(filed.period))],
        Rows::UnitUpdate(rows) => {
            vec![Fact::wide("变更项目", rows.iter().map(|row| row.item.label()).collect::<Vec<_>>().join("、"))]
        }
        Rows::Deferral(rows) => rows
            .iter()
            .flat_map(|row| {
                [
                    Fact::new("申请事项", row.asked.label()),
                    Fact::new("申请期限", format!("{} 至 {}", month(row.from), month(row.to))),
                    Fact::wide("申请原因", row.reason.as_str()),
                ]
            })
            .collect(),
        Rows::RemittanceVerification(_) => {
            let lines = filed.figures.iter().map(|figures| {
                format!(
                    "{}：增加 {} 人 {}，减少 {} 人 {}，应缴 {} 人 {}",
                    month(figures.month),
                    figures.increase.people,
                    grouped(figures.increase.amount),
                    figures.decrease.people,
                    grouped(figures.decrease.amount),
                    figures.due.people,
                    grouped(figures.due.amount),
                )
            });
            vec![Fact::wide("汇缴年月", lines.collect::<Vec<_>>().join("\n"))]
        }
        Rows::Payment(rows) => vec![
            Fact::wide("汇补缴年月", rows.iter().map(|row| row.pays.label()).collect::<Vec<_>>().join("、")),
            Fact::wide("缴款方式", rows.first().map(|row| row.method.label()).unwrap_or_default()),
        ],
        Rows::PaymentClaim(rows) => {
            let lines = rows.iter().map(|row| format!("{}：{}", row.incoming, row.to.label()));
            vec![Fact::wide("认领为", lines.collect::<Vec<_>>().join("\n"))]
        }
        Rows::BackPayment(rows) => vec![
            Fact::wide("补缴年月", span(rows.iter().flat_map(|row| [row.from, row.to]))),
            Fact::wide("补缴原因", said(&counted(rows.iter().map(|row| row.reason.as_str())), "笔")),
        ],
        Rows::Correction(rows) => vec![
            Fact::wide("更正年月", span(rows.iter().map(|row| row.month))),
            Fact::wide("更正原因", said(&counted(rows.iter().map(|row| row.reason.as_str())), "笔")),
        ],
        Rows::ContributorRegistration(_) | Rows::ContributorUpdate(_) => Vec::new(),
    }
}

/// How often each word is there, in the order in which they come; nothing is no word.
fn counted<'t>(words: impl Iterator<Item = &'t str>) -> Vec<(&'t str, usize)> {
    let mut counts: Vec<(&str, usize)> = Vec::new();
    for word in words.filter(|word| !word.is_empty()) {
        match counts.iter_mut().find(|(known, _)| *known == word) {
            Some((_, count)) => *count += 1,
            None => counts.push((word, 1)),
        }
    }
    counts
}

fn said(counts: &[(&str, usize)], of: &str) -> String {
    counts.iter().map(|(word, count)| format!("{word} {count} {of}")).collect::<Vec<_>>().join("、")
}

/// From the first to the last month.
fn span(months: impl Iterator<Item = Month> + Clone) -> String {
    match (months.clone().min(), months.max()) {
        (Some(first), Some(last)) if first != last => format!("{} 至 {}", month(first), month(last)),
        (Some(only), _) => month(only),
        (None, _) => String::new(),
    }
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
