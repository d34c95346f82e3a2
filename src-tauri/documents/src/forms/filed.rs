//! The forms of each kind of filing.

use huijiao_domain::filing::Rows;
use huijiao_domain::filing::base_adjustment::BaseAdjustmentRow;
use huijiao_domain::filing::deferral::{Asked, DeferralRow};
use huijiao_domain::filing::payment::PaymentRow;
use huijiao_domain::filing::payment_claim::ClaimRow;
use huijiao_domain::filing::ratio_adjustment::RatioAdjustmentRow;
use huijiao_domain::filing::remittance_verification::VerificationRow;
use huijiao_domain::filing::unit_update::UnitUpdateRow;
use huijiao_domain::money::Yuan;
use huijiao_domain::remittance::{Figure, MonthFigures};

use super::{Filed, month, people, said_twice};
use crate::form::{Block, Cell, Column, Fact, Form, Table, grouped};

pub(super) fn forms(filed: &Filed<'_>) -> Vec<Form> {
    match filed.rows {
        Rows::ContributorRegistration(rows) => vec![people::registration(filed, rows)],
        Rows::StatusChange(rows) => vec![people::status_change(filed, rows)],
        Rows::ContributorUpdate(rows) => vec![people::update(filed, rows)],
        Rows::BackPayment(rows) => vec![people::back_payment(filed, rows)],
        Rows::Correction(rows) => vec![people::correction(filed, rows)],
        Rows::BaseAdjustment(rows) => vec![base_adjustment(filed, rows)],
        Rows::RatioAdjustment(rows) => rows.iter().map(|row| ratio_adjustment(filed, row)).collect(),
        Rows::UnitUpdate(rows) => vec![unit_update(filed, rows)],
        Rows::Deferral(rows) => rows.iter().map(|row| deferral(filed, row)).collect(),
        Rows::RemittanceVerification(rows) => verification(filed, rows),
        Rows::Payment(rows) => vec![payment(filed, rows)],
        Rows::PaymentClaim(rows) => vec![claim(filed, rows)],
    }
}

/// 汇缴核定表 and 汇缴清册 of each month.
fn verification(filed: &Filed<'_>, rows: &[VerificationRow]) -> Vec<Form> {
    let mut forms = Vec::new();
    for figures in filed.figures {
        forms.push(month_table(filed, figures));
        forms.push(month_list(filed, figures, rows.iter().filter(|row| row.month == figures.month)));
    }
    forms
}

/// 上月 + 增加 − 减少 + 调整 = 本月; `due` is what the form calls the last one.
pub(super) fn figures_of(figures: &MonthFigures, due: &str) -> Block {
    let line =
        |title: &str, figure: Figure| vec![Cell::from(title), Cell::Count(figure.people), Cell::Amount(figure.amount)];
    let columns = vec![Column::text("项目", 220.0), Column::middle("人数", 100.0), Column::amount("金额（元）", 190.0)];
    Block::Table(Table::figures(
        columns,
        vec![
            line("上月汇缴", figures.previous),
            line("本月增加", figures.increase),
            line("本月减少", figures.decrease),
            line("基数（比例）调整", figures.adjusted),
            line(due, figures.due),
        ],
    ))
}

fn month_table(filed: &Filed<'_>, figures: &MonthFigures) -> Form {
    filed.upright(
        "住房公积金汇缴核定表",
        format!("汇缴年月　{}", month(figures.month)),
        vec![
            figures_of(figures, "本月应缴"),
            Block::Facts(vec![
                Fact::wide("应缴金额", said_twice(figures.due.amount)),
                Fact::wide("核对", "本月应缴人数 = 上月汇缴 + 本月增加 − 本月减少；本月应缴金额另加基数（比例）调整。"),
            ]),
        ],
    )
}

fn month_list<'r>(filed: &Filed<'_>, figures: &MonthFigures, rows: impl Iterator<Item = &'r VerificationRow>) -> Form {
    let rows = rows
        .map(|row| {
            vec![
                row.personal_account.as_str().into(),
                row.name.as_str().into(),
                row.id_number.as_str().into(),
                row.base.into(),
                row.amounts.unit_amount.into(),
                row.amounts.personal_amount.into(),
                row.amounts.monthly().into(),
            ]
        })
        .collect();
    let columns = vec![
        Column::middle("个人账号", 105.0),
        Column::text("姓名", 120.0),
        Column::middle("证件号码", 135.0),
        Column::amount("缴存基数（元）", 95.0),
        Column::sum("单位月缴存额（元）", 95.0),
        Column::sum("个人月缴存额（元）", 95.0),
        Column::sum("月缴存额（元）", 95.0),
    ];
    filed.landscape(
        "住房公积金汇缴清册",
        format!("汇缴年月　{}", month(figures.month)),
        vec![
            Block::Table(Table::list(columns, "人", rows)),
            Block::Facts(vec![Fact::wide("应缴金额", said_twice(figures.due.amount))]),
        ],
    )
}

fn base_adjustment(filed: &Filed<'_>, rows: &[BaseAdjustmentRow]) -> Form {
    let lines = rows
        .iter()
        .map(|row| {
            vec![
                row.personal_account.as_str().into(),
                row.name.as_str().into(),
                row.id_number.as_str().into(),
                row.old_base.into(),
                row.new_base.into(),
                row.before.monthly().into(),
                row.after.unit_amount.into(),
                row.after.personal_amount.into(),
                row.after.monthly().into(),
                (row.after.monthly() - row.before.monthly()).into(),
            ]
        })
        .collect();
    let columns = vec![
        Column::middle("个人账号", 88.0),
        Column::text("姓名", 90.0),
        Column::middle("证件号码", 115.0),
        Column::amount("调整前基数", 68.0),
        Column::amount("调整后基数", 68.0),
        Column::sum("调整前月缴存额", 72.0),
        Column::sum("调整后单位", 68.0),
        Column::sum("调整后个人", 68.0),
        Column::sum("调整后月缴存额", 72.0),
        Column::sum("差额", 66.0),
    ];
    filed.landscape(
        "住房公积金缴存基数调整表",
        format!("生效年月　{}", month(filed.period)),
        vec![Block::Table(Table::list(columns, "人", lines)), before_and_after(filed)],
    )
}

/// What all rows come to, in capitals.
pub(super) fn before_and_after(filed: &Filed<'_>) -> Block {
    let totals = filed.rows.totals();
    Block::Facts(vec![
        Fact::new("调整前合计", grouped(totals.before)),
        Fact::new("差额合计", grouped(totals.difference)),
        Fact::wide("调整后合计", said_twice(totals.after)),
    ])
}

fn ratio_adjustment(filed: &Filed<'_>, row: &RatioAdjustmentRow) -> Form {
    let line = |title: &str, before: String, after: String| vec![title.into(), before.into(), after.into()];
    let columns = vec![Column::text("项目", 170.0), Column::middle("调整前", 170.0), Column::middle("调整后", 170.0)];
    filed.upright(
        "住房公积金缴存比例调整表",
        format!("生效年月　{}", month(row.month)),
        vec![
            Block::Table(Table::figures(
                columns,
                vec![
                    line("单位缴存比例", row.old_unit_ratio.percent(), row.unit_ratio.percent()),
                    line("个人缴存比例", row.old_personal_ratio.percent(), row.personal_ratio.percent()),
                    line("单位月缴存额（元）", grouped(row.before.unit_amount), grouped(row.after.unit_amount)),
                    line("个人月缴存额（元）", grouped(row.before.personal_amount), grouped(row.after.personal_amount)),
                    line("月缴存额（元）", grouped(row.before.monthly()), grouped(row.after.monthly())),
                ],
            )),
            Block::Facts(vec![Fact::wide("缴存人数", format!("{} 人", row.people))]),
            before_and_after(filed),
        ],
    )
}

fn unit_update(filed: &Filed<'_>, rows: &[UnitUpdateRow]) -> Form {
    let lines = rows
        .iter()
        .map(|row| vec![row.item.label().into(), row.old_value.as_str().into(), row.new_value.as_str().into()])
        .collect();
    let columns =
        vec![Column::text("变更项目", 110.0), Column::text("变更前内容", 190.0), Column::text("变更后内容", 190.0)];
    filed.upright("住房公积金单位信息变更表", "", vec![Block::Table(Table::list(columns, "项", lines))])
}

fn deferral(filed: &Filed<'_>, row: &DeferralRow) -> Form {
    let title = match row.asked {
        Asked::Defer => "住房公积金缓缴申请表",
        Asked::LowerRatio => "降低住房公积金缴存比例申请表",
    };
    let mut facts = vec![
        Fact::new("申请事项", row.asked.label()),
        Fact::new("申请期限", format!("{} 至 {}", month(row.from), month(row.to))),
    ];
    if let (Some(unit), Some(personal)) = (row.unit_ratio, row.personal_ratio) {
        facts.push(Fact::new("单位缴存比例", unit.percent()));
        facts.push(Fact::new("个人缴存比例", personal.percent()));
    }
    facts.push(Fact::wide("申请原因", row.reason.as_str()));
    let papers = if filed.attachments.is_empty() { "无".to_owned() } else { filed.attachments.join("\n") };
    facts.push(Fact::wide("所附材料", papers));
    filed.upright(title, "", vec![Block::Facts(facts)])
}

fn payment(filed: &Filed<'_>, rows: &[PaymentRow]) -> Form {
    let lines = rows
        .iter()
        .map(|row| {
            vec![
                row.pays.label().into(),
                Cell::Count(row.people),
                row.amounts.unit_amount.into(),
                row.amounts.personal_amount.into(),
                row.amounts.monthly().into(),
            ]
        })
        .collect();
    let columns = vec![
        Column::text("缴款内容", 170.0),
        Column::middle("人数", 50.0),
        Column::sum("单位部分（元）", 90.0),
        Column::sum("个人部分（元）", 90.0),
        Column::sum("金额（元）", 90.0),
    ];
    let amount: Yuan = rows.iter().map(|row| row.amounts.monthly()).sum();
    let method = rows.first().map(|row| row.method.label()).unwrap_or_default();
    filed.upright(
        "住房公积金单位缴款书",
        "",
        vec![
            Block::Table(Table::list(columns, "笔", lines)),
            Block::Facts(vec![Fact::wide("缴款方式", method), Fact::wide("缴款金额", said_twice(amount))]),
        ],
    )
}

fn claim(filed: &Filed<'_>, rows: &[ClaimRow]) -> Form {
    let lines =
        rows.iter().map(|row| vec![row.incoming.as_str().into(), row.to.label().into(), row.amount.into()]).collect();
    let columns =
        vec![Column::text("到账流水号", 170.0), Column::text("认领为", 210.0), Column::sum("金额（元）", 100.0)];
    let amount: Yuan = rows.iter().map(|row| row.amount).sum();
    filed.upright(
        "未处理缴款认领单",
        "",
        vec![
            Block::Table(Table::list(columns, "笔", lines)),
            Block::Facts(vec![Fact::wide("认领金额", said_twice(amount))]),
        ],
    )
}
