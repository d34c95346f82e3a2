//! Personal accounts in sheets.

use std::borrow::Cow;

use foldhash::HashSet;

use super::about;
use crate::characters::{mended, says_nothing, without_decimal};
use crate::filing::people::cell_ref;
use crate::finding::{Code, Finding, Level};
use crate::roster::Roster;
use crate::sheet::{CellKind, Field, RawSheet};

/// What an account cell gave.
#[derive(Debug, Default)]
pub(crate) struct Account<'a> {
    /// The account meant, absent where there is none.
    pub(crate) meant: Option<Cow<'a, str>>,
    /// It may be filed as it stands (an empty one too: the roster may fill it).
    pub(crate) sound: bool,
    /// Digits, but fewer than the center's accounts have.
    pub(crate) short: bool,
}

/// Judges an account by itself.
pub(crate) fn account<'a>(text: &'a str, kind: CellKind, length: Option<u8>, out: &mut Vec<Finding>) -> Account<'a> {
    if says_nothing(text) {
        return Account { sound: true, ..Account::default() };
    }
    let fault = || about(Field::PersonalAccount, Code::AccountCharacters, Level::Error);
    match kind {
        CellKind::Text | CellKind::Edited | CellKind::Number => {}
        CellKind::Date | CellKind::Bool | CellKind::Error => {
            out.push(fault());
            return Account::default();
        }
    }
    let bare = match mended(text) {
        Cow::Borrowed(bare) => Cow::Borrowed(without_decimal(bare)),
        Cow::Owned(bare) => without_decimal(&bare).to_owned().into(),
    };
    // A double keeps fifteen digits; what stands behind them is made of zeros. Without them nobody is looked for.
    if kind == CellKind::Number && (bare.len() > 15 || bare.contains(['E', 'e'])) {
        out.push(about(Field::PersonalAccount, Code::AccountNumeric, Level::Error));
        return Account::default();
    }
    let formed = bare != text;
    if formed {
        out.push(about(Field::PersonalAccount, Code::AccountForm, Level::Fix).propose(&*bare));
    }
    let wanted = length.map(usize::from);
    let odd = !bare.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') || bare.len() > 30;
    if odd || wanted.is_some_and(|wanted| bare.len() > wanted) {
        out.push(fault());
        return Account { meant: Some(bare), ..Account::default() };
    }
    let short = wanted.is_some_and(|wanted| bare.len() < wanted);
    if short && !bare.bytes().all(|b| b.is_ascii_digit()) {
        out.push(fault());
        return Account { meant: Some(bare), ..Account::default() };
    }
    Account { meant: Some(bare), sound: !formed, short }
}

/// A short account with zeros in front.
pub(crate) fn padded(account: &str, length: Option<u8>) -> String {
    format!("{account:0>width$}", width = length.map_or(0, usize::from))
}

/// Whether it is the center's account but for zeros in front that a spreadsheet took away.
pub(crate) fn lost_zeros(said: &str, account: &str) -> bool {
    said.len() < account.len() && said.trim_start_matches('0') == account.trim_start_matches('0')
}

/// The finding that proposes the account with its zeros.
pub(crate) fn zeros(proposal: &str) -> Finding {
    about(Field::PersonalAccount, Code::AccountZeros, Level::Fix).propose(proposal)
}

/// So many people tell a column of other numbers from accounts that were mistyped.
const FEWEST: usize = 3;

/// The sheet without its column of accounts, and the question about it, where that column holds the unit's own numbers:
/// a title such as 职工编号 means either. They are its own where none of them is an account of the roster or as long as
/// one, though the roster has these people by their ID numbers.
pub(crate) fn without_own_numbers(
    sheet: &RawSheet,
    roster: Option<&Roster>,
    length: Option<u8>,
) -> Option<(RawSheet, Finding)> {
    let people = &roster?.contributors;
    if ![Field::PersonalAccount, Field::IdNumber].iter().all(|field| sheet.columns.contains_key(field)) {
        return None;
    }
    let given = || sheet.rows.iter().filter(|row| !says_nothing(row.text(Field::PersonalAccount)));
    let digits = |text: &str| without_decimal(&mended(text)).trim_start_matches('0').to_owned();
    let first = given().next()?;
    let said = digits(first.text(Field::PersonalAccount));
    // Nearly every sheet ends here: whoever comes first has his account.
    if people.iter().any(|person| person.personal_account.trim_start_matches('0') == said) {
        return None;
    }
    let accounts: HashSet<&str> = people.iter().map(|person| person.personal_account.trim_start_matches('0')).collect();
    let lengths: HashSet<usize> = match length {
        Some(length) => std::iter::once(usize::from(length)).collect(),
        None => people.iter().map(|person| person.personal_account.len()).collect(),
    };
    let is_account = |text: &str| {
        lengths.contains(&without_decimal(&mended(text)).len()) || accounts.contains(digits(text).as_str())
    };
    if given().any(|row| is_account(row.text(Field::PersonalAccount))) {
        return None;
    }
    let ids: HashSet<&str> = people.iter().map(|person| person.id_number.as_str()).collect();
    if given().filter(|row| ids.contains(&*mended(row.text(Field::IdNumber)))).count() < FEWEST {
        return None;
    }
    let mut finding = about(Field::PersonalAccount, Code::AccountColumn, Level::Warning).arg("rows", given().count());
    first.text(Field::PersonalAccount).clone_into(&mut finding.value);
    finding.at = Some(cell_ref(sheet, first, Some(Field::PersonalAccount)));
    let mut without = sheet.clone();
    without.columns.remove(&Field::PersonalAccount);
    for row in &mut without.rows {
        row.cells.remove(&Field::PersonalAccount);
    }
    Some((without, finding))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compare::{ProposalKind, check_people, compare};
    use crate::filing::{CheckedSheet, FilingKind, Rows, check_sheet};
    use crate::kit::{self, Case};

    /// A base adjustment of everybody, with these numbers as accounts.
    fn numbered(number: impl Fn(usize) -> String) -> Case {
        let mut case = Case::of(4, &[Field::PersonalAccount, Field::Name, Field::IdNumber, Field::NewBase]);
        for (place, person) in case.roster.contributors.clone().iter().enumerate() {
            case.row(&[
                (Field::PersonalAccount, &number(place)),
                (Field::Name, &person.name),
                (Field::IdNumber, &person.id_number),
                (Field::NewBase, "6000"),
            ]);
        }
        case
    }

    fn adjusted(case: &Case) -> CheckedSheet {
        check_sheet(FilingKind::BaseAdjustment, &case.sheet, case.circumstances())
    }

    #[test]
    fn numbers_of_the_unit_s_own_are_one_question_and_no_accounts() {
        let mut case = numbered(|place| format!("{}", 1001 + place));
        let question = [(Code::AccountColumn, Some(2))];
        for length in [Some(12), None] {
            case.profile.account_length = length;
            let checked = adjusted(&case);
            assert_eq!(kit::said(&checked.findings), question, "once, not for each person");
            assert_eq!(checked.findings[0].args["rows"], "4", "with how many there are");
            assert!(!checked.findings[0].blocks(), "a person confirms");
            let known = case.roster.contributors.iter().map(|person| person.personal_account.as_str());
            let Rows::BaseAdjustment(rows) = &checked.rows else { panic!("other rows than were asked for") };
            let filed: Vec<&str> = rows.iter().map(|row| row.personal_account.as_str()).collect();
            assert!(known.eq(filed.iter().copied()), "filed are the center's accounts: {filed:?}");
            let compared = compare(&case.sheet, &case.roster, case.circumstances());
            assert_eq!(kit::said(&compared.findings), question, "compared with the roster it is the same");
            assert_eq!(compared.totals[&ProposalKind::BaseChanged], 4, "everybody is found by his ID number");
            let listed = check_people(&case.sheet, case.circumstances(), &[Field::Name]);
            assert_eq!(kit::said(&listed), question, "and in a list of people");
        }
    }

    #[test]
    fn accounts_that_are_wrong_are_not_taken_for_numbers_of_the_unit_s_own() {
        let mut case = numbered(|place| format!("{}", 1001 + place));
        let differ = |case: &Case| {
            let found = adjusted(case).findings;
            assert!(found.iter().all(|finding| finding.code != Code::AccountColumn), "{found:?}");
            found.iter().filter(|finding| finding.code == Code::RosterAccountDiffers).count()
        };
        let account = case.roster.contributors[3].personal_account.clone();
        case.set(3, Field::PersonalAccount, &account);
        assert_eq!(differ(&case), 3, "beside one true account the others are wrong");
        let as_long = numbered(|place| format!("99{place:010}"));
        assert_eq!(differ(&as_long), 4, "as long as accounts are: another unit's, or mistyped");
        case.sheet.rows.truncate(2);
        assert_eq!(differ(&case), 2, "two people are too few to judge a column by");
    }

    fn said(text: &str, kind: CellKind) -> Vec<(Code, Level, Option<String>)> {
        let mut out = Vec::new();
        account(text, kind, Some(12), &mut out);
        out.into_iter().map(|f| (f.code, f.level, f.fix)).collect()
    }

    #[test]
    fn accounts_by_themselves() {
        let form = [(Code::AccountForm, Level::Fix, Some("800100000012".to_owned()))];
        assert_eq!(said("800100000012", CellKind::Text), [], "sound");
        assert_eq!(said("800100000012", CellKind::Number), [], "twelve digits fit into a number");
        assert_eq!(said("", CellKind::Text), [], "the roster may know it");
        assert_eq!(said("800100000012 ", CellKind::Text), form, "a blank");
        assert_eq!(said("８00100000012", CellKind::Text), form, "full-width");
        assert_eq!(said("'800100000012", CellKind::Text), form, "an apostrophe");
        assert_eq!(said("800100000012.0", CellKind::Text), form, "a whole number that was taken for a decimal");
        for (text, kind) in [
            ("8.001E+11", CellKind::Text),
            ("8001000000123", CellKind::Text),
            ("账号不详", CellKind::Text),
            ("#N/A", CellKind::Error),
            ("8001-2", CellKind::Text),
        ] {
            assert_eq!(said(text, kind), [(Code::AccountCharacters, Level::Error, None)], "{text}");
        }
    }

    #[test]
    fn digits_that_a_number_has_lost_are_an_error_at_centers_of_any_length() {
        for length in [None, Some(12), Some(18)] {
            for text in ["410801000001234000", "4108010000012340", "4.10801E+17"] {
                let mut out = Vec::new();
                let judged = account(text, CellKind::Number, length, &mut out);
                let codes: Vec<_> = out.iter().map(|finding| (finding.code, finding.level)).collect();
                assert_eq!(codes, [(Code::AccountNumeric, Level::Error)], "{text} of {length:?}");
                assert!(judged.meant.is_none() && !judged.sound, "nobody is found by what is left of {text}");
            }
        }
        let mut out = Vec::new();
        assert!(account("410801000001234567", CellKind::Text, None, &mut out).sound, "as text none are lost");
        assert!(account("410801000001234", CellKind::Number, None, &mut out).sound, "fifteen digits fit");
        assert_eq!(out, [], "nothing to say of either");
    }

    #[test]
    fn lost_zeros_are_counted() {
        let mut out = Vec::new();
        let short = account("12", CellKind::Number, Some(4), &mut out);
        assert!(short.short && out.is_empty(), "whether zeros were lost is said once the roster was asked");
        assert_eq!(padded("12", Some(4)), "0012", "zeros in front");
        assert_eq!(padded("12", None), "12", "a center without one length");
    }
}
