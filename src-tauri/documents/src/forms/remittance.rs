//! 住房公积金汇缴书: what a verified month comes to, and where its money is from.

use huijiao_domain::money::Yuan;
use huijiao_domain::remittance::{MonthFigures, PaymentMethod};

use super::filed::figures_of;
use super::{Filed, month, said_twice};
use crate::form::{Block, Fact, Form, grouped};

/// What nobody here knows (the account that pays, whose money it is) is left to be filled in by hand.
pub(super) fn form(filed: &Filed<'_>, figures: &MonthFigures, method: Option<PaymentMethod>) -> Form {
    let amount = figures.due.amount;
    let suspense = match method {
        Some(PaymentMethod::Suspense) => grouped(amount),
        Some(PaymentMethod::Transfer | PaymentMethod::DirectDebit) => grouped(Yuan::ZERO),
        None => String::new(),
    };
    let methods = PaymentMethod::ALL.map(|one| format!("{} {}", ticked(method == Some(one)), one.label()));
    filed.upright(
        "住房公积金汇缴书",
        format!("汇缴年月　{}", month(figures.month)),
        vec![
            Block::Facts(vec![
                Fact::new("缴款类别", format!("{} 汇缴　{} 补缴", ticked(true), ticked(false))),
                Fact::new("填表日期", filed.printed_at.split(' ').next().unwrap_or_default()),
                Fact::wide("资金来源", format!("{0} 财政拨款　{0} 自有资金", ticked(false))),
            ]),
            figures_of(figures, "本月汇缴"),
            Block::Facts(vec![
                Fact::wide("汇缴金额", said_twice(amount)),
                Fact::new("缴款方式", methods.join("　")),
                Fact::new("使用暂存款", suspense),
                Fact::wide("付款户名", ""),
                Fact::wide("付款账号", ""),
                Fact::wide("付款银行", ""),
                Fact::wide("备注", ""),
            ]),
        ],
    )
}

fn ticked(is: bool) -> char {
    if is { '■' } else { '□' }
}
