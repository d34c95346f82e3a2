//! Papers of the unit's own: what it pays, what it tells somebody who leaves.

use huijiao_domain::money::Yuan;

use super::said_twice;
use crate::form::{Block, Fact, Form, Seal, grouped};

/// 单位汇缴通知单, 单位补缴通知单: where the money goes, how much, with which remark.
#[derive(Debug, Clone)]
pub struct PaymentNotice<'a> {
    /// 中心名称
    pub center: &'a str,
    /// 单位名称 (DWMC)
    pub unit_name: &'a str,
    /// 单位账号 (DWZH)
    pub unit_account: &'a str,
    /// 业务流水号 (YWLSH) of the order
    pub number: &'a str,
    /// Nothing of it is a month's 汇缴: it is 补缴, or what a correction asks for.
    pub back: bool,
    /// What is paid.
    pub label: String,
    /// 人数
    pub people: u32,
    /// 缴款金额, yuan
    pub amount: Yuan,
    /// 收款户名
    pub account_name: &'a str,
    /// 收款账号
    pub account_number: &'a str,
    /// 收款银行
    pub bank: &'a str,
    /// 缴款码
    pub code: &'a str,
    /// When the order was made, `2026-07-06 14:32`.
    pub ordered_at: String,
    /// When it is printed.
    pub printed_at: &'a str,
}

impl PaymentNotice<'_> {
    /// The form.
    pub fn form(&self) -> Form {
        let seal = |title: &str| Seal { title: title.into(), lines: Vec::new() };
        Form {
            title: format!("住房公积金单位{}通知单", if self.back { "补缴" } else { "汇缴" }),
            subtitle: self.label.clone(),
            number: Some(self.number.to_owned()),
            blocks: vec![
                Block::Facts(vec![
                    Fact::new("单位名称", self.unit_name),
                    Fact::new("单位账号", self.unit_account),
                    Fact::new("受理机构", self.center),
                    Fact::new("下单时间", self.ordered_at.as_str()),
                    Fact::new("缴款内容", self.label.as_str()),
                    Fact::new("人数", self.people.to_string()),
                    Fact::wide("缴款金额", said_twice(self.amount)),
                ]),
                Block::Facts(vec![
                    Fact::wide("收款户名", self.account_name),
                    Fact::wide("收款账号", self.account_number),
                    Fact::wide("收款银行", self.bank),
                    Fact::wide("缴款码", self.code),
                ]),
                Block::Text(vec![
                    "1. 请按上述金额一次足额转账。金额不足的不能入账，款项列入未处理缴款；多出的部分转入单位暂存款。"
                        .into(),
                    "2. 转账附言（备注）只填写缴款码，切勿填写其他任何内容，否则无法自动入账，须另行认领。".into(),
                    "3. 本通知单不是收款凭证；是否入账以中心的业务回执为准。".into(),
                ]),
                Block::Seals(vec![seal("单位（签章）"), seal("经办人（签字）"), seal("财务（签字）")]),
            ],
            footer: format!("打印时间 {}", self.printed_at),
            ..Form::default()
        }
    }
}

/// 离职告知单: what becomes of the account of somebody who leaves.
#[derive(Debug, Clone)]
pub struct LeaverNote<'a> {
    /// 中心名称
    pub center: &'a str,
    /// 单位名称 (DWMC)
    pub unit_name: &'a str,
    /// 单位账号 (DWZH)
    pub unit_account: &'a str,
    /// 姓名
    pub name: &'a str,
    /// 证件号码, masked: the paper is handed over
    pub id_masked: &'a str,
    /// 个人账号 (GRZH)
    pub personal_account: &'a str,
    /// 缴存基数, yuan
    pub base: Yuan,
    /// 月缴存额, yuan
    pub monthly: Yuan,
    /// 封存原因
    pub reason: &'a str,
    /// 封存日期; empty where it is to be filled in by hand
    pub sealed_on: &'a str,
    /// When he can withdraw, as a sentence.
    pub withdrawal: &'a str,
    /// 制单日期
    pub today: &'a str,
    /// Where the data is from, and how far it holds.
    pub caution: String,
}

impl LeaverNote<'_> {
    /// The form.
    pub fn form(&self) -> Form {
        let sealed_on = if self.sealed_on.is_empty() { "　　　　年　　月　　日" } else { self.sealed_on };
        let seal = |title: &str| Seal { title: title.into(), lines: Vec::new() };
        Form {
            title: "住房公积金离职告知单".into(),
            blocks: vec![
                Block::Text(vec![
                    format!("{}：", self.name),
                    format!(
                        "　　您与{}的劳动关系终止后，本单位停止为您缴存住房公积金，并在{}为您的个人账户办理封存。有关事项告知如下：",
                        self.unit_name, self.center
                    ),
                ]),
                Block::Facts(vec![
                    Fact::new("姓名", self.name),
                    Fact::new("证件号码", self.id_masked),
                    Fact::new("个人账号", self.personal_account),
                    Fact::new("单位账号", self.unit_account),
                    Fact::new("缴存基数", grouped(self.base)),
                    Fact::new("月缴存额", grouped(self.monthly)),
                    Fact::new("封存原因", self.reason),
                    Fact::new("封存日期", sealed_on),
                    Fact::wide("封存后提取", self.withdrawal),
                ]),
                Block::Text(
                    [
                        "1. 账户封存后，账户内的余额仍归您个人所有，并继续计息。",
                        "2. 提取由您本人向住房公积金管理中心申请（网上大厅、手机客户端或柜台）。自 2026 年 9 月 20 日起（国务院令第 844 号），提取不再需要单位出具证明。",
                        "3. 在本市到新单位工作的，由新单位办理启封或同城转入；到外地工作的，由您向新工作地的中心申请转入。",
                        "4. 姓名、证件号码、手机号码或银行卡有变动的，请在离职前告知单位或向中心办理变更。",
                    ]
                    .map(str::to_owned)
                    .into(),
                ),
                Block::Seals(vec![seal("单位（盖章）"), seal("职工签收")]),
                Block::Text(vec![self.caution.clone()]),
            ],
            footer: format!("制单日期 {}", self.today),
            ..Form::default()
        }
    }
}
