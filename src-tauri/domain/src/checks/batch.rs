//! One person, one row: duplicates within a batch.

use crate::finding::Code;
use crate::numbers::{Places, may_repeat};
use crate::sheet::Field;

/// What identifies a row, with 15-digit numbers already in their 18-digit form.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Identified<'a> {
    pub(crate) id_number: Option<&'a str>,
    /// Empty where it cannot be read.
    pub(crate) name: &'a str,
    pub(crate) account: Option<&'a str>,
}

/// A row that repeats an earlier one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Twin {
    /// The later row.
    pub(crate) row: usize,
    /// The first row with the same value.
    pub(crate) first: usize,
    pub(crate) code: Code,
    pub(crate) field: Field,
}

/// Finds repetitions in one pass, in the order of the rows.
pub(crate) fn twins(rows: &[Identified<'_>]) -> Vec<Twin> {
    let mut found = Vec::new();
    let same_id = may_repeat(rows.iter().map(|row| row.id_number));
    let same_account = may_repeat(rows.iter().map(|row| row.account));
    let (mut ids, mut accounts) = (Places::default(), Places::default());
    for (row, this) in rows.iter().enumerate() {
        if let Some(id) = this.id_number.filter(|_| same_id[row]) {
            let first = *ids.or_insert(id, row);
            if first != row {
                let other = rows[first].name;
                let renamed = !this.name.is_empty() && !other.is_empty() && this.name != other;
                let code = if renamed { Code::IdTwoNames } else { Code::IdDuplicate };
                found.push(Twin { row, first, code, field: Field::IdNumber });
            }
        }
        if let Some(account) = this.account.filter(|_| same_account[row]) {
            let first = *accounts.or_insert(account, row);
            if first != row {
                let code = match (this.id_number, rows[first].id_number) {
                    // The repeated ID says it all.
                    (Some(one), Some(other)) if one == other => continue,
                    (Some(_), Some(_)) => Code::AccountTwoIds,
                    _ => Code::AccountDuplicate,
                };
                found.push(Twin { row, first, code, field: Field::PersonalAccount });
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row<'a>(id: &'a str, name: &'a str, account: &'a str) -> Identified<'a> {
        let filled = |text: &'a str| (!text.is_empty()).then_some(text);
        Identified { id_number: filled(id), name, account: filled(account) }
    }

    #[test]
    fn each_repetition_is_named_once_at_the_later_row() {
        let rows = [
            row("A", "王芳", "1"),
            row("A", "王芳", "1"),
            row("A", "李强", "2"),
            row("B", "赵敏", "1"),
            row("", "钱进", "1"),
            row("C", "孙丽", "3"),
            row("", "", ""),
            row("", "", ""),
        ];
        let found: Vec<_> = twins(&rows).into_iter().map(|twin| (twin.row, twin.first, twin.code)).collect();
        let expected = [
            (1, 0, Code::IdDuplicate),
            (2, 0, Code::IdTwoNames),
            (3, 0, Code::AccountTwoIds),
            (4, 0, Code::AccountDuplicate),
        ];
        assert_eq!(found, expected, "no repetition twice, none for empty cells");
    }
}
