//! 汇缴: who is due in a month, how that came from the month before, and what the center's books say of months,
//! dues and money (domain.md 7 and 8).

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use crate::money::{Contribution, Yuan};
use crate::month::Month;
use crate::roster::{Contributor, Roster};

mod books;

pub use books::{Books, Due, DueState, Incoming, MonthState, OpenFiling, PaidDue, PaymentMethod, VerifiedMonth};

/// One contributor due in a month (清册的一行).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DueLine {
    /// 个人账号 (GRZH)
    pub personal_account: String,
    /// 姓名 (XINGMING)
    pub name: String,
    /// 证件号码 (ZJHM)
    pub id_number: String,
    /// 个人缴存基数 (GRJCJS), yuan
    pub base: Yuan,
    /// Monthly parts (DWYJCE, GRYJCE), yuan
    pub amounts: Contribution,
}

impl DueLine {
    fn of(person: &Contributor, month: Month) -> Option<Self> {
        let due = person.due_in(month)?;
        Some(Self {
            personal_account: person.personal_account.to_string(),
            name: person.name.to_string(),
            id_number: person.id_number.to_string(),
            base: due.base,
            amounts: due.amounts,
        })
    }
}

/// Everybody who is due in a month, in the roster's order: accounts 正常 in that month, no others.
pub fn due_list(roster: &Roster, month: Month) -> Vec<DueLine> {
    roster.contributors.iter().filter_map(|person| DueLine::of(person, month)).collect()
}

/// People and yuan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Figure {
    /// 人数
    pub people: u32,
    /// 金额, yuan; below zero only for an adjustment
    pub amount: Yuan,
}

impl Figure {
    /// The figure over lines.
    pub fn of<'a>(lines: impl IntoIterator<Item = &'a DueLine>) -> Self {
        let mut sum = Self::default();
        for line in lines {
            sum.add(line.amounts.monthly());
        }
        sum
    }

    fn add(&mut self, amount: Yuan) {
        self.people += 1;
        self.amount += amount;
    }
}

/// The figures of one month of the 汇缴核定表.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MonthFigures {
    /// 汇缴年月
    pub month: Month,
    /// 上月汇缴人数、金额
    pub previous: Figure,
    /// 本月增加人数、金额
    pub increase: Figure,
    /// 本月减少人数、金额
    pub decrease: Figure,
    /// 基数（比例）调整人数、金额: after − before
    pub adjusted: Figure,
    /// 本月应缴人数、金额
    pub due: Figure,
}

impl MonthFigures {
    /// Whether `due = previous + increase − decrease + adjusted` in money, and in people without the adjusted.
    pub fn hold(&self) -> bool {
        let people = i64::from(self.previous.people) + i64::from(self.increase.people);
        people - i64::from(self.decrease.people) == i64::from(self.due.people)
            && self.previous.amount + self.increase.amount - self.decrease.amount + self.adjusted.amount
                == self.due.amount
    }
}

/// One month of the 汇缴核定表: its figures and the people behind each of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MonthTable {
    /// The figures.
    pub figures: MonthFigures,
    /// Who is due and was not in the month before.
    pub increase: Vec<DueLine>,
    /// Who was due in the month before and is not any more, as then.
    pub decrease: Vec<DueLine>,
    /// Who pays another amount, or the same from another base: before and after.
    pub adjusted: Vec<(DueLine, DueLine)>,
}

impl MonthTable {
    /// How a month's list came from that of the month before; people are the same by account.
    pub fn between(month: Month, previous: &[DueLine], due: &[DueLine]) -> Self {
        let before: HashMap<&str, &DueLine> =
            previous.iter().map(|line| (line.personal_account.as_str(), line)).collect();
        let now: HashMap<&str, &DueLine> = due.iter().map(|line| (line.personal_account.as_str(), line)).collect();
        let decrease: Vec<_> =
            previous.iter().filter(|line| !now.contains_key(line.personal_account.as_str())).cloned().collect();
        let (mut increase, mut adjusted) = (Vec::new(), Vec::new());
        let mut moved = Figure::default();
        for line in due {
            match before.get(line.personal_account.as_str()) {
                None => increase.push(line.clone()),
                Some(old) if old.amounts != line.amounts || old.base != line.base => {
                    moved.add(line.amounts.monthly() - old.amounts.monthly());
                    adjusted.push(((*old).clone(), line.clone()));
                }
                Some(_) => {}
            }
        }
        let figures = MonthFigures {
            month,
            previous: Figure::of(previous),
            increase: Figure::of(&increase),
            decrease: Figure::of(&decrease),
            adjusted: moved,
            due: Figure::of(due),
        };
        Self { figures, increase, decrease, adjusted }
    }

    /// The tables of several months in a row, each from the one before: `previous` is the list of the month before
    /// the first.
    pub fn in_a_row(previous: &[DueLine], months: &[(Month, Vec<DueLine>)]) -> Vec<Self> {
        let mut before = previous;
        let mut tables = Vec::with_capacity(months.len());
        for (month, due) in months {
            tables.push(Self::between(*month, before, due));
            before = due;
        }
        tables
    }
}

/// Somebody whom two lists of one month have differently.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// As this computer has it; `None` where its list lacks him.
    pub here: Option<DueLine>,
    /// As the center has it; `None` where its list lacks him.
    pub center: Option<DueLine>,
}

/// Where two lists of one month differ, person by person; names and numbers of people count too.
pub fn differences(here: &[DueLine], center: &[DueLine]) -> Vec<Difference> {
    let mut rest: HashMap<&str, &DueLine> = center.iter().map(|line| (line.personal_account.as_str(), line)).collect();
    let mut found = Vec::new();
    for line in here {
        match rest.remove(line.personal_account.as_str()) {
            Some(other) if other == line => {}
            other => found.push(Difference { here: Some(line.clone()), center: other.cloned() }),
        }
    }
    let missing = center.iter().filter(|line| rest.contains_key(line.personal_account.as_str()));
    found.extend(missing.map(|line| Difference { here: None, center: Some(line.clone()) }));
    found
}

#[cfg(test)]
mod tests;
