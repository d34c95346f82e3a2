//! 缴存证明: what the center's books say of a unit, or of one of its contributors, on the day they were asked.

use huijiao_domain::money::{Contribution, Ratio, Yuan};
use huijiao_domain::month::Month;
use huijiao_domain::remittance::{MonthState, VerifiedMonth};
use huijiao_domain::roster::Unit;

use super::{month, said_twice};
use crate::form::{Block, Cell, Column, Fact, Form, Seal, Table, grouped};

/// Months of a unit, and entries of a person, that a proof shows: the newest.
const SHOWN: usize = 12;

/// 单位住房公积金缴存证明
#[derive(Debug, Clone)]
pub struct UnitProof<'a> {
    /// 中心名称
    pub center: &'a str,
    /// The unit.
    pub unit: &'a Unit,
    /// Its verified months, the newest last.
    pub months: &'a [VerifiedMonth],
    /// When the center was asked, `2026-07-06 14:32`.
    pub taken_at: &'a str,
}

impl UnitProof<'_> {
    /// The form.
    pub fn form(&self) -> Form {
        let unit = self.unit;
        let rows = self.months.get(self.months.len().saturating_sub(SHOWN)..).unwrap_or_default();
        let rows = rows
            .iter()
            .map(|one| {
                let state = match one.state {
                    MonthState::Paid => "已入账",
                    MonthState::Verified => "已核定，未入账",
                };
                let due = one.figures.due;
                vec![
                    one.figures.month.to_string().into(),
                    Cell::Count(due.people),
                    due.amount.into(),
                    state.into(),
                    one.filing_number.as_str().into(),
                ]
            })
            .collect();
        let columns = vec![
            Column::middle("汇缴年月", 80.0),
            Column::middle("缴存人数", 70.0),
            Column::sum("应缴金额（元）", 110.0),
            Column::middle("状态", 100.0),
            Column::middle("业务流水号", 130.0),
        ];
        let said = format!(
            "　　兹证明：{}（统一社会信用代码 {}）在{}设立住房公积金单位账户，住房公积金已缴存至{}。账户情况如下：",
            unit.name,
            unit.credit_code,
            self.center,
            month(unit.paid_through)
        );
        proof(
            "单位住房公积金缴存证明",
            self.center,
            self.taken_at,
            vec![
                Block::Text(vec![said]),
                Block::Facts(vec![
                    Fact::new("单位名称", unit.name.as_str()),
                    Fact::new("单位账号", unit.account.as_str()),
                    Fact::new("社会信用代码", unit.credit_code.as_str()),
                    Fact::new("单位账户状态", unit.status.label()),
                    Fact::new("单位缴存比例", unit.unit_ratio.percent()),
                    Fact::new("个人缴存比例", unit.personal_ratio.percent()),
                    Fact::new("缴存人数", format!("{} 人", unit.contributors)),
                    Fact::new("封存人数", format!("{} 人", unit.sealed)),
                    Fact::new("缴至年月", unit.paid_through.to_string()),
                    Fact::new("暂存款余额", grouped(unit.suspense_balance)),
                ]),
                Block::Heading("最近汇缴情况".into()),
                Block::Table(Table::list(columns, "个月", rows)),
            ],
            vec![Fact::wide("用途", "　")],
            &["单位（盖章）", "经办人（签字）"],
        )
    }
}

/// 个人住房公积金缴存证明; the ID number is whole, a bank has to know who it is.
#[derive(Debug, Clone)]
pub struct PersonalProof<'a> {
    /// 中心名称
    pub center: &'a str,
    /// 单位名称 (DWMC)
    pub unit_name: &'a str,
    /// 单位账号 (DWZH)
    pub unit_account: &'a str,
    /// 姓名 (XINGMING)
    pub name: &'a str,
    /// 证件类型, its name
    pub id_type: &'a str,
    /// 证件号码 (ZJHM)
    pub id_number: &'a str,
    /// 个人账号 (GRZH)
    pub personal_account: &'a str,
    /// 个人账户状态
    pub status: &'a str,
    /// 缴存基数, yuan
    pub base: Yuan,
    /// 单位缴存比例
    pub unit_ratio: Ratio,
    /// 个人缴存比例
    pub personal_ratio: Ratio,
    /// 月缴存额, both parts
    pub amounts: Contribution,
    /// 单位缴至年月
    pub paid_through: Month,
    /// 个人账户余额, yuan
    pub balance: Yuan,
    /// What came in, the newest last.
    pub entries: Vec<Posted>,
    /// When the center was asked, `2026-07-06 14:32`.
    pub taken_at: &'a str,
}

/// An entry of a person's account.
#[derive(Debug, Clone)]
pub struct Posted {
    /// 记账日期
    pub on: String,
    /// 摘要
    pub label: String,
    /// Both parts, yuan.
    pub moved: Contribution,
    /// 余额 after it, yuan.
    pub balance: Yuan,
}

impl PersonalProof<'_> {
    /// The form.
    pub fn form(&self) -> Form {
        let rows = self.entries.get(self.entries.len().saturating_sub(SHOWN)..).unwrap_or_default();
        let rows = rows
            .iter()
            .map(|entry| {
                vec![
                    entry.on.as_str().into(),
                    entry.label.as_str().into(),
                    entry.moved.unit_amount.into(),
                    entry.moved.personal_amount.into(),
                    entry.moved.monthly().into(),
                    entry.balance.into(),
                ]
            })
            .collect();
        let columns = vec![
            Column::middle("记账日期", 70.0),
            Column::text("摘要", 120.0),
            Column::sum("单位部分（元）", 75.0),
            Column::sum("个人部分（元）", 75.0),
            Column::sum("合计（元）", 75.0),
            Column::amount("余额（元）", 80.0),
        ];
        let said = format!(
            "　　兹证明：{}（{} {}）为{}职工，在{}缴存住房公积金。账户情况如下：",
            self.name, self.id_type, self.id_number, self.unit_name, self.center
        );
        proof(
            "个人住房公积金缴存证明",
            self.center,
            self.taken_at,
            vec![
                Block::Text(vec![said]),
                Block::Facts(vec![
                    Fact::new("姓名", self.name),
                    Fact::new("个人账号", self.personal_account),
                    Fact::new("证件类型", self.id_type),
                    Fact::new("证件号码", self.id_number),
                    Fact::new("单位名称", self.unit_name),
                    Fact::new("单位账号", self.unit_account),
                    Fact::new("账户状态", self.status),
                    Fact::new("单位缴至年月", self.paid_through.to_string()),
                    Fact::new("缴存基数", grouped(self.base)),
                    Fact::new("月缴存额", grouped(self.amounts.monthly())),
                    Fact::new(
                        "单位缴存",
                        format!("{}　{}", self.unit_ratio.percent(), grouped(self.amounts.unit_amount)),
                    ),
                    Fact::new(
                        "个人缴存",
                        format!("{}　{}", self.personal_ratio.percent(), grouped(self.amounts.personal_amount)),
                    ),
                    Fact::wide("账户余额", said_twice(self.balance)),
                ]),
                Block::Heading("最近入账情况".into()),
                Block::Table(Table::list(columns, "笔", rows)),
            ],
            // What only the center knows, as its own form has it.
            vec![
                Fact::new("最近连续缴存", "　　　年　　月 至 　　　年　　月"),
                Fact::new("住房公积金贷款", "　　　次　　　　　　　元"),
                Fact::wide("用途", "　"),
            ],
            &["单位（盖章）", "经办人（签字）", "本人（签字）"],
        )
    }
}

/// What is the same on both: where the figures are from, and what is filled in by hand.
fn proof(
    title: &str,
    center: &str,
    taken_at: &str,
    mut blocks: Vec<Block>,
    by_hand: Vec<Fact>,
    signs: &[&str],
) -> Form {
    blocks.extend([
        Block::Facts(by_hand),
        Block::Text(vec![
            format!("1. 以上数据于 {taken_at} 取自{center}的账务，由单位打印；空白栏目由用证方或中心填写。"),
            "2. 须由中心出具证明的（如异地贷款），请持本件到中心核对并加盖业务用章；以中心的账务为准。".into(),
        ]),
        Block::Seals(
            signs
                .iter()
                .chain(&["公积金中心（盖章）"])
                .map(|title| Seal { title: (*title).into(), lines: Vec::new() })
                .collect(),
        ),
    ]);
    Form { title: title.into(), blocks, footer: format!("数据时间 {taken_at}"), ..Form::default() }
}
