//! 银行流水: what the unit's bank says it paid, held against the orders to pay. Done here, on the unit's own computer:
//! the statement goes nowhere.

use std::collections::BTreeMap;

use jiff::civil::Date;

use crate::characters;
use crate::money::Yuan;
use crate::texts;

/// A line of a bank statement: money that left the unit's account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatementLine {
    /// One-based row of the sheet.
    pub row: u32,
    /// When it was booked.
    pub on: Date,
    /// How much left the account, yuan, above zero
    pub amount: Yuan,
    /// 对方账号
    pub account: String,
    /// 对方户名; empty where the statement has no such column
    pub payee: String,
    /// What stands in each of 摘要, 用途, 附言, 备注 that the statement has; empty ones are left out.
    pub remarks: Vec<String>,
    /// 交易流水号 of the bank; empty where the statement has no such column
    pub number: String,
}

/// An order to pay by transfer, as far as a statement can tell about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderToMatch {
    /// 业务流水号
    pub number: String,
    /// 缴款码
    pub code: String,
    /// Both parts, yuan
    pub amount: Yuan,
    /// 收款账号 of the center
    pub account: String,
}

/// What the statement says about an order. Lines are places in the list that was matched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Paid once, the right amount, to the right account, the code and nothing else in the remark.
    Exact(usize),
    /// The code is there, among other words: the center may not find it.
    CodeNotAlone(usize),
    /// The amount and the account are those of the order, the remark holds no figure like a code.
    CodeMissing(usize),
    /// The amount and the account are those of the order, the remark holds another code.
    CodeWrong(usize),
    /// The code is there, the amount is another.
    AmountDiffers(usize),
    /// The code is there, the money went to another account.
    AccountDiffers(usize),
    /// More than one line pays it.
    PaidTwice(Vec<usize>),
    /// No line pays it.
    NotFound,
}

impl Verdict {
    /// Every code, for the table of texts.
    pub const CODES: &[&str] = &[
        "statement-exact",
        "statement-code-not-alone",
        "statement-code-missing",
        "statement-code-wrong",
        "statement-amount-differs",
        "statement-account-differs",
        "statement-paid-twice",
        "statement-not-found",
    ];

    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Exact(_) => "statement-exact",
            Self::CodeNotAlone(_) => "statement-code-not-alone",
            Self::CodeMissing(_) => "statement-code-missing",
            Self::CodeWrong(_) => "statement-code-wrong",
            Self::AmountDiffers(_) => "statement-amount-differs",
            Self::AccountDiffers(_) => "statement-account-differs",
            Self::PaidTwice(_) => "statement-paid-twice",
            Self::NotFound => "statement-not-found",
        }
    }

    /// The lines it rests on.
    pub fn lines(&self) -> &[usize] {
        match self {
            Self::Exact(line)
            | Self::CodeNotAlone(line)
            | Self::CodeMissing(line)
            | Self::CodeWrong(line)
            | Self::AmountDiffers(line)
            | Self::AccountDiffers(line) => std::slice::from_ref(line),
            Self::PaidTwice(lines) => lines,
            Self::NotFound => &[],
        }
    }

    /// What happened and what to do, in Chinese.
    pub fn message(&self, order: &OrderToMatch, lines: &[StatementLine]) -> String {
        let own: Vec<&StatementLine> = self.lines().iter().filter_map(|place| lines.get(*place)).collect();
        let joined = |each: &dyn Fn(&StatementLine) -> String| own.iter().map(|line| each(line)).collect::<Vec<_>>();
        let paid: Yuan = own.iter().map(|line| line.amount).sum();
        let args: BTreeMap<String, String> = [
            ("code", order.code.clone()),
            ("due", order.amount.to_string()),
            ("account", order.account.clone()),
            ("paid", paid.to_string()),
            ("difference", (paid - order.amount).to_string()),
            ("rows", joined(&|line| line.row.to_string()).join("、")),
            ("times", own.len().to_string()),
            ("day", joined(&|line| line.on.to_string()).join("、")),
            ("to", joined(&|line| line.account.clone()).join("、")),
            ("remark", joined(&|line| line.remarks.join(" ")).join("、")),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into();
        texts::lookup(self.code()).map_or_else(
            || self.code().to_owned(),
            |text| texts::fill(&text.happened, &args) + &texts::fill(&text.remedy, &args),
        )
    }
}

/// What a statement says about orders.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Matched {
    /// One for each order, in their order.
    pub verdicts: Vec<Verdict>,
    /// Lines that went to an account of the orders and belong to none of them.
    pub strays: Vec<usize>,
}

/// Fewer figures in a row are a month or a number of people, no code.
const CODE_DIGITS: usize = 6;

/// Holds a statement against orders. A line belongs to one order at most: to the one whose code it names, else to the
/// first unpaid one of its account and amount.
pub fn match_statement(orders: &[OrderToMatch], lines: &[StatementLine]) -> Matched {
    let mut of_order: Vec<Vec<usize>> = vec![Vec::new(); orders.len()];
    let mut uncoded = Vec::new();
    for (place, line) in lines.iter().enumerate() {
        match orders.iter().position(|order| names(line, &order.code)) {
            Some(order) => of_order[order].push(place),
            None => uncoded.push(place),
        }
    }
    let fits = |order: &OrderToMatch, line: &StatementLine| {
        order.amount == line.amount && plain(&order.account) == plain(&line.account)
    };
    // Who is not paid yet comes before who would be paid twice.
    for twice in [false, true] {
        uncoded.retain(|place| {
            let taker = orders
                .iter()
                .zip(&of_order)
                .position(|(order, own)| own.is_empty() != twice && fits(order, &lines[*place]));
            if let Some(order) = taker {
                of_order[order].push(*place);
            }
            taker.is_none()
        });
    }
    let verdicts = orders.iter().zip(of_order).map(|(order, own)| verdict(order, own, lines)).collect();
    uncoded.retain(|place| orders.iter().any(|order| plain(&order.account) == plain(&lines[*place].account)));
    Matched { verdicts, strays: uncoded }
}

fn verdict(order: &OrderToMatch, own: Vec<usize>, lines: &[StatementLine]) -> Verdict {
    let (place, line) = match own.as_slice() {
        [] => return Verdict::NotFound,
        [place] => (*place, &lines[*place]),
        _ => return Verdict::PaidTwice(own),
    };
    if !names(line, &order.code) {
        let code = |text: &str| figures(text).any(|run| run.len() >= CODE_DIGITS);
        return if line.remarks.iter().any(|text| code(&squeezed(text))) {
            Verdict::CodeWrong(place)
        } else {
            Verdict::CodeMissing(place)
        };
    }
    if plain(&order.account) != plain(&line.account) {
        Verdict::AccountDiffers(place)
    } else if order.amount != line.amount {
        Verdict::AmountDiffers(place)
    } else if line.remarks.iter().any(|text| squeezed(text) == squeezed(&order.code)) {
        Verdict::Exact(place)
    } else {
        Verdict::CodeNotAlone(place)
    }
}

/// Whether a remark holds the code as a word of its own: not as a part of a longer number.
fn names(line: &StatementLine, code: &str) -> bool {
    let word = |c: char| c.is_ascii_alphanumeric();
    let code = &*squeezed(code);
    !code.is_empty()
        && line.remarks.iter().map(|text| squeezed(text)).any(|text| {
            text.match_indices(code)
                .any(|(at, found)| !text[..at].ends_with(word) && !text[at + found.len()..].starts_with(word))
        })
}

/// Runs of figures.
fn figures(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_ascii_digit()).filter(|run| !run.is_empty())
}

/// Banks break long remarks and write capitals: without blanks, in half-width forms and capitals.
fn squeezed(text: &str) -> String {
    characters::squeezed(text).to_ascii_uppercase()
}

/// An account without the blanks and hyphens that make it legible.
fn plain(account: &str) -> String {
    squeezed(account).replace('-', "")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    const CENTER: &str = "6222 0000 1111 2222";

    fn order(code: &str, amount: &str) -> OrderToMatch {
        OrderToMatch {
            number: format!("JK{code}"),
            code: code.into(),
            amount: amount.parse().unwrap(),
            account: "6222000011112222".into(),
        }
    }

    fn line(row: u32, amount: &str, account: &str, remarks: &[&str]) -> StatementLine {
        StatementLine {
            row,
            on: date(2026, 7, 6),
            amount: amount.parse().unwrap(),
            account: account.into(),
            payee: "演示市住房公积金管理中心".into(),
            remarks: remarks.iter().map(|text| (*text).to_owned()).collect(),
            number: format!("N{row}"),
        }
    }

    fn verdict(lines: &[StatementLine]) -> Verdict {
        match_statement(&[order("2026070001", "372000.00")], lines).verdicts.remove(0)
    }

    #[test]
    fn one_order_and_one_line() {
        let of = |amount: &str, account: &str, remarks: &[&str]| verdict(&[line(2, amount, account, remarks)]);
        assert_eq!(of("372000", CENTER, &["2026070001"]), Verdict::Exact(0), "the account as people write it");
        assert_eq!(
            of("372000", CENTER, &["转账", "２０２６０７　０００１"]),
            Verdict::Exact(0),
            "one remark of several"
        );
        assert_eq!(of("372000", CENTER, &["公积金2026070001"]), Verdict::CodeNotAlone(0));
        assert_eq!(of("372000", CENTER, &["转账汇款"]), Verdict::CodeMissing(0));
        assert_eq!(of("372000", CENTER, &[]), Verdict::CodeMissing(0), "no remark at all");
        assert_eq!(of("372000", CENTER, &["7月公积金"]), Verdict::CodeMissing(0), "a month is no code");
        assert_eq!(of("372000", CENTER, &["2026070010"]), Verdict::CodeWrong(0), "two figures swapped");
        assert_eq!(of("372000", CENTER, &["12026070001"]), Verdict::CodeWrong(0), "a part of another number");
        assert_eq!(of("372000", CENTER, &["2026070001A"]), Verdict::CodeWrong(0), "and of another word");
        assert_eq!(of("371000", CENTER, &["2026070001"]), Verdict::AmountDiffers(0));
        assert_eq!(of("372000", "6222000011112223", &["2026070001"]), Verdict::AccountDiffers(0));
        assert_eq!(of("372000", "6222000011112223", &["房租"]), Verdict::NotFound, "money for somebody else");
        assert_eq!(of("371999.99", CENTER, &["公积金"]), Verdict::NotFound, "neither the code nor the amount");
        assert_eq!(verdict(&[]), Verdict::NotFound);
    }

    #[test]
    fn paid_twice_is_seen_with_and_without_the_code() {
        let coded = |row| line(row, "372000", CENTER, &["2026070001"]);
        let bare = line(4, "372000", CENTER, &["公积金"]);
        assert_eq!(verdict(&[coded(2), coded(3)]), Verdict::PaidTwice(vec![0, 1]));
        assert_eq!(verdict(&[coded(2), bare]), Verdict::PaidTwice(vec![0, 1]), "once more, the code forgotten");
        let other = line(5, "100", CENTER, &["2026070001"]);
        assert_eq!(verdict(&[coded(2), other]), Verdict::PaidTwice(vec![0, 1]), "in two parts, or too much");
    }

    #[test]
    fn a_line_pays_one_order_and_the_unpaid_comes_first() {
        let orders = [order("2026070001", "500"), order("2026070002", "500")];
        let coded = line(2, "500", CENTER, &["2026070001"]);
        let bare = line(3, "500", CENTER, &[]);
        let matched = match_statement(&orders, &[bare.clone(), coded.clone()]);
        assert_eq!(matched.verdicts, [Verdict::Exact(1), Verdict::CodeMissing(0)], "whatever the order of the lines");
        let matched = match_statement(&orders, &[coded, bare.clone(), bare.clone()]);
        assert_eq!(matched.verdicts, [Verdict::PaidTwice(vec![0, 2]), Verdict::CodeMissing(1)]);
        let stray = line(9, "7", CENTER, &["不知道"]);
        let matched = match_statement(&orders, &[stray, line(10, "7", "1", &["房租"])]);
        assert_eq!(
            (matched.verdicts[0].clone(), matched.strays),
            (Verdict::NotFound, vec![0]),
            "only the center's money"
        );
    }

    #[test]
    fn every_verdict_is_said_with_its_figures() {
        let one = order("2026070001", "372000.00");
        let lines = [line(12, "371000", CENTER, &["附言"]), line(13, "1000", "99", &["另"])];
        for verdict in [
            Verdict::Exact(0),
            Verdict::CodeNotAlone(0),
            Verdict::CodeMissing(0),
            Verdict::CodeWrong(0),
            Verdict::AmountDiffers(0),
            Verdict::AccountDiffers(1),
            Verdict::PaidTwice(vec![0, 1]),
            Verdict::NotFound,
        ] {
            let said = verdict.message(&one, &lines);
            assert!(Verdict::CODES.contains(&verdict.code()), "{verdict:?} is listed");
            assert!(!said.contains(['{', '…']) && !said.contains("statement-"), "{verdict:?}: {said}");
            let rows = verdict.lines().iter().all(|place| said.contains(&lines[*place].row.to_string()));
            assert!(rows, "{verdict:?} names its rows: {said}");
        }
        let short = Verdict::AmountDiffers(0).message(&one, &lines);
        assert!(short.contains("371000.00") && short.contains("-1000.00"), "{short}");
    }

    proptest! {
        #[test]
        fn no_line_counts_for_two_orders(
            orders in prop::collection::vec((0u32..6, 1i64..4), 0..6),
            lines in prop::collection::vec((0u32..8, 1i64..4, prop::bool::ANY), 0..12),
        ) {
            let code = |n: u32| format!("20260700{n:02}");
            let orders: Vec<_> = orders
                .into_iter()
                .map(|(n, amount)| OrderToMatch { amount: Yuan::from_fen(amount), ..order(&code(n), "1") })
                .collect();
            let lines: Vec<_> = lines
                .into_iter()
                .map(|(n, amount, coded)| {
                    let remark = if coded { code(n) } else { "公积金".into() };
                    StatementLine { amount: Yuan::from_fen(amount), ..line(n, "1", CENTER, &[&remark]) }
                })
                .collect();
            let matched = match_statement(&orders, &lines);
            prop_assert_eq!(matched.verdicts.len(), orders.len(), "every order has its answer");
            let mut used: Vec<usize> = matched.verdicts.iter().flat_map(|v| v.lines().to_vec()).chain(matched.strays).collect();
            used.sort_unstable();
            // All lines went to the center's account: each is somebody's or a stray, exactly once.
            let all: Vec<usize> = if orders.is_empty() { Vec::new() } else { (0..lines.len()).collect() };
            prop_assert_eq!(used, all);
        }
    }
}
