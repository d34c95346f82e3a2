//! The forms of the fund, filled in.

use std::collections::BTreeMap;

use huijiao_domain::capitals::capitals;
use huijiao_domain::filing::{FilingKind, Rows};
use huijiao_domain::money::Yuan;
use huijiao_domain::month::Month;
use huijiao_domain::remittance::{MonthFigures, MonthTable, PaymentMethod};

use crate::form::{Block, Fact, Form, Seal, grouped};

mod filed;
mod people;
mod proof;
mod receipt;
mod remittance;
mod unit;

pub use proof::{PersonalProof, Posted, UnitProof};
pub use unit::{LeaverNote, PaymentNotice};

/// What a filing says, as it was signed; of a draft, as it would be.
#[derive(Debug, Clone)]
pub struct Filed<'a> {
    /// 中心名称
    pub center: &'a str,
    /// 单位名称 (DWMC)
    pub unit_name: &'a str,
    /// 单位账号 (DWZH)
    pub unit_account: &'a str,
    /// 统一社会信用代码
    pub credit_code: &'a str,
    /// The month it takes effect.
    pub period: Month,
    /// What is filed.
    pub rows: &'a Rows,
    /// 汇缴核定表: the figures of each month, of a verification.
    pub figures: &'a [MonthFigures],
    /// Names of the papers that go along.
    pub attachments: Vec<&'a str>,
    /// Names of identity documents by national code, as the center has them.
    pub id_types: &'a BTreeMap<String, String>,
    /// How far it is.
    pub standing: Standing,
    /// When it is printed, as it stands at the foot: `2026-07-06 14:32`.
    pub printed_at: &'a str,
}

/// How far a filing is.
#[derive(Debug, Clone)]
pub enum Standing {
    /// Nobody has signed it.
    Draft,
    /// Signed, and the center has not answered.
    Signed(Signed),
    /// Signed, and handed in as the center's own file; of what came of it the clerk's record is all there is.
    Recorded(Signed, Recorded),
    /// The center answered; the last answer counts.
    Received(Signed, Receipt),
    /// The center has it in its books, whoever filed it from whatever computer.
    Booked(Booked),
}

/// What the center's books say of a filing.
#[derive(Debug, Clone)]
pub struct Booked {
    /// 业务流水号 (YWLSH)
    pub number: String,
    /// 姓名 of whoever filed it; empty where the books do not say
    pub by: String,
    /// When it reached the center, `2026-07-06 14:32`.
    pub at: String,
}

/// The signed file.
#[derive(Debug, Clone, Default)]
pub struct Signed {
    /// The filing's own id.
    pub id: String,
    /// SHA-256 of what was signed, lower-case hex, as it was shown before it was signed.
    pub digest: String,
    /// SHA-256 of the file, lower-case hex.
    pub sha256: String,
    /// Who signed it, the clerk first.
    pub signers: Vec<Signer>,
}

/// Somebody who signed.
#[derive(Debug, Clone)]
pub struct Signer {
    /// 经办人, 复核人
    pub role: &'static str,
    /// 姓名, from the certificate
    pub name: String,
    /// `2026-07-06 14:32`
    pub at: String,
}

/// The center's answer as the clerk wrote it down: nobody signed it.
#[derive(Debug, Clone)]
pub struct Recorded {
    /// 业务流水号 (YWLSH); empty where the center gave none
    pub number: String,
    /// 办理结果: 中心已受理, 中心退回.
    pub outcome: &'static str,
    /// Whether the filing does not hold.
    pub void: bool,
    /// When it was written down, `2026-07-06 14:32`.
    pub at: String,
}

/// The center's answer, as it signed it.
#[derive(Debug, Clone)]
pub struct Receipt {
    /// 业务流水号 (YWLSH)
    pub number: String,
    /// 受理时间, `2026-07-06 14:32`
    pub accepted_at: String,
    /// 办理状态
    pub state: &'static str,
    /// Whether the filing does not hold: 已退回, 已撤回.
    pub void: bool,
    /// Why it was refused; empty where it was not.
    pub reason: String,
    /// Rows that were not taken as filed: zero-based row, the center's sentence.
    pub refused_rows: Vec<(u32, String)>,
    /// Whose key signed it.
    pub signed_by: String,
    /// SHA-256 of the receipt file, lower-case hex.
    pub sha256: String,
}

/// What the unit promises on everything that it hands in.
const PROMISE: &str = "本单位承诺：以上所填写的内容和所提交的材料真实、合法、准确，并承担相应责任。";

impl Filed<'_> {
    /// The forms of the kind, each with its own pages.
    pub fn forms(&self) -> Vec<Form> {
        filed::forms(self)
    }

    /// 汇缴变更清册 of months that are being verified: who is behind the figures of their tables.
    pub fn changes(&self, tables: &[MonthTable]) -> Vec<Form> {
        tables.iter().filter_map(|table| people::changes(self, table)).collect()
    }

    /// 汇缴书 of a verified month; `method` is how it is paid, where that is decided.
    pub fn remittance(&self, figures: &MonthFigures, method: Option<PaymentMethod>) -> Form {
        remittance::form(self, figures, method)
    }

    /// 业务回执单; `None` before the center answered.
    pub fn receipt(&self) -> Option<Form> {
        receipt::form(self)
    }

    fn signed(&self) -> Option<&Signed> {
        match &self.standing {
            Standing::Draft | Standing::Booked(_) => None,
            Standing::Signed(signed) | Standing::Recorded(signed, _) | Standing::Received(signed, _) => Some(signed),
        }
    }

    fn recorded(&self) -> Option<&Recorded> {
        match &self.standing {
            Standing::Draft | Standing::Signed(_) | Standing::Received(..) | Standing::Booked(_) => None,
            Standing::Recorded(_, recorded) => Some(recorded),
        }
    }

    fn received(&self) -> Option<&Receipt> {
        match &self.standing {
            Standing::Draft | Standing::Signed(_) | Standing::Recorded(..) | Standing::Booked(_) => None,
            Standing::Received(_, receipt) => Some(receipt),
        }
    }

    fn number(&self) -> Option<&str> {
        match &self.standing {
            Standing::Draft | Standing::Signed(_) => None,
            Standing::Recorded(_, recorded) => Some(recorded.number.as_str()).filter(|number| !number.is_empty()),
            Standing::Received(_, receipt) => Some(&receipt.number),
            Standing::Booked(booked) => Some(&booked.number),
        }
    }

    fn kind(&self) -> FilingKind {
        self.rows.kind()
    }

    /// A form with what is the same on all of them.
    fn form(&self, title: impl Into<String>, subtitle: impl Into<String>) -> Form {
        let watermark = match &self.standing {
            Standing::Draft => Some("草稿"),
            Standing::Signed(_) => Some("未受理"),
            Standing::Recorded(_, recorded) => recorded.void.then_some(recorded.outcome),
            Standing::Received(_, receipt) => receipt.void.then_some(receipt.state),
            Standing::Booked(_) => None,
        };
        let id = match &self.standing {
            Standing::Draft => "未签名的草稿".to_owned(),
            Standing::Signed(signed) | Standing::Recorded(signed, _) | Standing::Received(signed, _) => {
                format!("申报编号 {}　文件摘要 {}", signed.id, signed.sha256.get(..16).unwrap_or_default())
            }
            Standing::Booked(_) => "按中心账册所记".to_owned(),
        };
        Form {
            title: title.into(),
            subtitle: subtitle.into(),
            landscape: false,
            number: self.number().map(str::to_owned),
            watermark,
            blocks: vec![Block::Facts(self.unit())],
            footer: format!("{id}　打印时间 {}", self.printed_at),
        }
    }

    /// A form on upright paper, closed by promise and seals.
    fn upright(&self, title: impl Into<String>, subtitle: impl Into<String>, blocks: Vec<Block>) -> Form {
        let mut form = self.form(title, subtitle);
        form.blocks.extend(blocks);
        form.blocks.extend(self.close());
        form
    }

    /// As [`Self::upright`], for tables with many columns.
    fn landscape(&self, title: impl Into<String>, subtitle: impl Into<String>, blocks: Vec<Block>) -> Form {
        Form { landscape: true, ..self.upright(title, subtitle, blocks) }
    }

    fn unit(&self) -> Vec<Fact> {
        [
            Fact::new("单位名称", self.unit_name),
            Fact::new("单位账号", self.unit_account),
            Fact::new("社会信用代码", self.credit_code),
            Fact::new("受理机构", self.center),
        ]
        .into_iter()
        .chain(self.recorded().map(|recorded| {
            let Recorded { outcome, at, .. } = recorded;
            Fact::wide("办理结果", format!("{outcome}（由经办人登记，{at}；无中心回执）"))
        }))
        .collect()
    }

    /// The unit's promise, and who signs where.
    fn close(&self) -> [Block; 2] {
        let who = |role: &str| -> Vec<String> {
            if let Standing::Booked(Booked { by, at, .. }) = &self.standing {
                let filed = role == "经办人" && !by.is_empty();
                return if filed { vec![by.clone(), format!("已申报 {at}")] } else { Vec::new() };
            }
            let signers = self.signed().map(|signed| signed.signers.as_slice()).unwrap_or_default();
            signers
                .iter()
                .filter(|signer| signer.role == role)
                .flat_map(|signer| [signer.name.clone(), format!("已电子签名 {}", signer.at)])
                .collect()
        };
        let center = self.received().map(|receipt| {
            vec![format!("{}　{}", receipt.state, receipt.accepted_at), format!("电子签章 {}", receipt.signed_by)]
        });
        let seal = |title: &str, lines| Seal { title: title.into(), lines };
        [
            Block::Text(vec![PROMISE.into()]),
            Block::Seals(vec![
                seal("单位（签章）", Vec::new()),
                seal("经办人（签字）", who("经办人")),
                seal("复核人（签字）", who("复核人")),
                seal("公积金中心（签章）", center.unwrap_or_default()),
            ]),
        ]
    }

    fn id_type(&self, code: &str) -> String {
        self.id_types.get(code).cloned().unwrap_or_else(|| code.to_owned())
    }
}

/// `2026年07月`
fn month(month: Month) -> String {
    format!("{:04}年{:02}月", month.year(), month.month())
}

/// In figures and in capitals, as forms of money say it.
fn said_twice(amount: Yuan) -> String {
    format!("¥{}　（大写）人民币{}", grouped(amount), capitals(amount))
}
