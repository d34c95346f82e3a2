//! Forms of filings whose rows are people: 登记, 变更, 补缴, 更正.

use huijiao_domain::filing::back_payment::BackPaymentRow;
use huijiao_domain::filing::contributor_registration::ContributorRegistrationRow;
use huijiao_domain::filing::contributor_update::{ContributorUpdateRow, PersonalData};
use huijiao_domain::filing::correction::CorrectionRow;
use huijiao_domain::filing::status_change::{Change, StatusChangeRow};
use huijiao_domain::identity::Sex;
use huijiao_domain::money::Yuan;
use huijiao_domain::remittance::{DueLine, MonthTable};

use super::filed::before_and_after;
use super::{Filed, month, said_twice};
use crate::form::{Block, Cell, Column, Fact, Form, Table};

pub(super) fn registration(filed: &Filed<'_>, rows: &[ContributorRegistrationRow]) -> Form {
    let lines = rows
        .iter()
        .map(|row| {
            vec![
                row.name.as_str().into(),
                filed.id_type(&row.id_type).into(),
                row.id_number.as_str().into(),
                Sex::parse(&row.sex).map_or("", Sex::label).into(),
                row.birth_date.to_string().into(),
                row.mobile.as_str().into(),
                row.bank_card.as_str().into(),
                row.base.into(),
                row.amounts.unit_amount.into(),
                row.amounts.personal_amount.into(),
                row.amounts.monthly().into(),
            ]
        })
        .collect();
    let columns = vec![
        Column::text("姓名", 78.0),
        Column::middle("证件类型", 52.0),
        Column::middle("证件号码", 104.0),
        Column::middle("性别", 28.0),
        Column::middle("出生日期", 58.0),
        Column::middle("手机号码", 64.0),
        Column::middle("个人存款账户", 106.0),
        Column::amount("缴存基数", 62.0),
        Column::sum("单位月缴存额", 62.0),
        Column::sum("个人月缴存额", 62.0),
        Column::sum("月缴存额", 64.0),
    ];
    let amount: Yuan = rows.iter().map(|row| row.amounts.monthly()).sum();
    filed.landscape(
        "住房公积金缴存人登记清册",
        format!("汇缴年月　{}", month(filed.period)),
        vec![
            Block::Table(Table::list(columns, "人", lines)),
            Block::Facts(vec![Fact::wide("月缴存额合计", said_twice(amount))]),
        ],
    )
}

/// 汇缴变更清册: who comes, then who leaves.
pub(super) fn status_change(filed: &Filed<'_>, rows: &[StatusChangeRow]) -> Form {
    let mut blocks = Vec::new();
    let comes = |change: Change| match change {
        Change::Unseal | Change::TransferIn => true,
        Change::Seal | Change::TransferOut => false,
    };
    for (heading, coming) in [("本月增加（启封、转入）", true), ("本月减少（封存、转出）", false)]
    {
        let lines: Vec<_> = rows
            .iter()
            .filter(|row| comes(row.change) == coming)
            .map(|row| {
                let due = if coming { row.after } else { row.before };
                vec![
                    row.change.label().into(),
                    row.personal_account.as_str().into(),
                    row.name.as_str().into(),
                    filed.id_type(&row.id_type).into(),
                    row.id_number.as_str().into(),
                    row.reason.as_str().into(),
                    row.month.to_string().into(),
                    row.base.into(),
                    due.unit_amount.into(),
                    due.personal_amount.into(),
                    due.monthly().into(),
                ]
            })
            .collect();
        if lines.is_empty() {
            continue;
        }
        let columns = vec![
            Column::middle("变更类型", 54.0),
            Column::middle("个人账号", 84.0),
            Column::text("姓名", 84.0),
            Column::middle("证件类型", 52.0),
            Column::middle("证件号码", 108.0),
            Column::text("变更原因", 86.0),
            Column::middle("变更年月", 46.0),
            Column::amount("缴存基数", 62.0),
            Column::sum("单位月缴存额", 60.0),
            Column::sum("个人月缴存额", 60.0),
            Column::sum("月缴存额", 62.0),
        ];
        blocks.push(Block::Heading(heading.into()));
        blocks.push(Block::Table(Table::list(columns, "人", lines)));
    }
    blocks.push(before_and_after(filed));
    filed.landscape("住房公积金汇缴变更清册", format!("汇缴年月　{}", month(filed.period)), blocks)
}

/// Who is behind the figures of a month: come, gone, with another amount; `None` where nobody is.
pub(super) fn changes(filed: &Filed<'_>, table: &MonthTable) -> Option<Form> {
    let mut blocks = Vec::new();
    let person = |line: &DueLine| -> Vec<Cell> {
        vec![line.personal_account.as_str().into(), line.name.as_str().into(), line.id_number.as_str().into()]
    };
    let titles =
        || vec![Column::middle("个人账号", 105.0), Column::text("姓名", 120.0), Column::middle("证件号码", 135.0)];
    for (heading, lines) in [("本月增加", &table.increase), ("本月减少", &table.decrease)] {
        if lines.is_empty() {
            continue;
        }
        let rows = lines
            .iter()
            .map(|line| {
                let amounts =
                    [line.base, line.amounts.unit_amount, line.amounts.personal_amount, line.amounts.monthly()];
                [person(line), amounts.map(Cell::Amount).into()].concat()
            })
            .collect();
        let mut columns = titles();
        columns.extend([
            Column::amount("缴存基数（元）", 95.0),
            Column::sum("单位月缴存额（元）", 95.0),
            Column::sum("个人月缴存额（元）", 95.0),
            Column::sum("月缴存额（元）", 95.0),
        ]);
        blocks.push(Block::Heading(heading.into()));
        blocks.push(Block::Table(Table::list(columns, "人", rows)));
    }
    if !table.adjusted.is_empty() {
        let rows = table
            .adjusted
            .iter()
            .map(|(old, new)| {
                let (before, after) = (old.amounts.monthly(), new.amounts.monthly());
                [person(new), [old.base, new.base, before, after, after - before].map(Cell::Amount).into()].concat()
            })
            .collect();
        let mut columns = titles();
        columns.extend([
            Column::amount("调整前基数", 76.0),
            Column::amount("调整后基数", 76.0),
            Column::sum("调整前月缴存额", 76.0),
            Column::sum("调整后月缴存额", 76.0),
            Column::sum("差额", 76.0),
        ]);
        blocks.push(Block::Heading("基数（比例）调整".into()));
        blocks.push(Block::Table(Table::list(columns, "人", rows)));
    }
    (!blocks.is_empty())
        .then(|| filed.landscape("住房公积金汇缴变更清册", format!("汇缴年月　{}", month(table.figures.month)), blocks))
}

/// One line for each value that changes.
pub(super) fn update(filed: &Filed<'_>, rows: &[ContributorUpdateRow]) -> Form {
    let said = |data: &PersonalData| {
        [
            ("姓名", data.name.clone()),
            ("证件类型", filed.id_type(&data.id_type)),
            ("证件号码", data.id_number.clone()),
            ("手机号码", data.mobile.clone()),
            ("开户银行", data.bank_name.clone()),
            ("个人存款账户", data.bank_card.clone()),
        ]
    };
    let mut lines: Vec<Vec<Cell>> = Vec::new();
    for row in rows {
        for ((title, old), (_, new)) in said(&row.registered).into_iter().zip(said(&row.updated)) {
            if old != new {
                lines.push(vec![
                    row.personal_account.as_str().into(),
                    row.registered.name.as_str().into(),
                    row.registered.id_number.as_str().into(),
                    title.into(),
                    old.into(),
                    new.into(),
                ]);
            }
        }
    }
    let columns = vec![
        Column::middle("个人账号", 100.0),
        Column::text("姓名", 110.0),
        Column::middle("证件号码", 125.0),
        Column::middle("变更项目", 80.0),
        Column::text("变更前内容", 160.0),
        Column::text("变更后内容", 160.0),
    ];
    filed.landscape("住房公积金缴存人信息变更表", "", vec![Block::Table(Table::list(columns, "项", lines))])
}

pub(super) fn back_payment(filed: &Filed<'_>, rows: &[BackPaymentRow]) -> Form {
    let lines = rows
        .iter()
        .map(|row| {
            vec![
                row.personal_account.as_str().into(),
                row.name.as_str().into(),
                row.id_number.as_str().into(),
                row.reason.as_str().into(),
                format!("{} 至 {}", row.from, row.to).into(),
                row.base.map_or_else(|| "".into(), Cell::Amount),
                row.amounts.unit_amount.into(),
                row.amounts.personal_amount.into(),
                row.amounts.monthly().into(),
            ]
        })
        .collect();
    let columns = vec![
        Column::middle("个人账号", 88.0),
        Column::text("姓名", 90.0),
        Column::middle("证件号码", 112.0),
        Column::text("补缴原因", 84.0),
        Column::middle("补缴年月", 104.0),
        Column::amount("缴存基数", 66.0),
        Column::sum("单位补缴金额", 70.0),
        Column::sum("个人补缴金额", 70.0),
        Column::sum("补缴金额合计", 74.0),
    ];
    let amount: Yuan = rows.iter().map(|row| row.amounts.monthly()).sum();
    filed.landscape(
        "住房公积金补缴清册",
        "",
        vec![
            Block::Table(Table::list(columns, "笔", lines)),
            Block::Facts(vec![Fact::wide("补缴金额", said_twice(amount))]),
        ],
    )
}

pub(super) fn correction(filed: &Filed<'_>, rows: &[CorrectionRow]) -> Form {
    let lines = rows
        .iter()
        .map(|row| {
            vec![
                row.personal_account.as_str().into(),
                row.name.as_str().into(),
                row.id_number.as_str().into(),
                row.month.to_string().into(),
                row.reason.as_str().into(),
                row.wrong.unit_amount.into(),
                row.wrong.personal_amount.into(),
                row.right.unit_amount.into(),
                row.right.personal_amount.into(),
                (row.right.monthly() - row.wrong.monthly()).into(),
            ]
        })
        .collect();
    let columns = vec![
        Column::middle("个人账号", 88.0),
        Column::text("姓名", 88.0),
        Column::middle("证件号码", 112.0),
        Column::middle("更正年月", 50.0),
        Column::text("更正原因", 86.0),
        Column::sum("更正前单位", 66.0),
        Column::sum("更正前个人", 66.0),
        Column::sum("更正后单位", 66.0),
        Column::sum("更正后个人", 66.0),
        Column::sum("差额", 70.0),
    ];
    let more: Yuan = rows.iter().map(|row| row.right.monthly() - row.wrong.monthly()).sum();
    filed.landscape(
        "住房公积金错缴更正清册",
        "",
        vec![
            Block::Table(Table::list(columns, "笔", lines)),
            Block::Facts(vec![Fact::wide("差额合计", said_twice(more))]),
            Block::Text(vec![
                "更正后少于更正前的，差额转入单位暂存款；多于更正前的，差额由单位补缴。单位部分与个人部分分别计算。"
                    .into(),
            ]),
        ],
    )
}
