//! A row against the center's roster.

use super::{about, account};
use crate::finding::{Code, Finding, Level};
use crate::mask;
use crate::roster::{AccountStatus, Contributor, RosterIndex};
use crate::sheet::Field;

/// By what a person was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum By {
    IdNumber,
    Account,
}

/// What a row says about a person.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Said<'a> {
    pub(crate) id_number: Option<&'a str>,
    /// The number exists; a damaged one is not compared.
    pub(crate) id_readable: bool,
    /// Empty where it cannot be read.
    pub(crate) name: &'a str,
    pub(crate) account: Option<&'a str>,
    pub(crate) account_length: Option<u8>,
}

/// Finds a person by ID number, else by account (also one that lost its zeros).
pub(crate) fn find<'r>(index: &RosterIndex<'r>, said: Said<'_>) -> Option<(&'r Contributor, By)> {
    if let Some(person) = said.id_number.and_then(|id| index.by_id_and_account(id, said.account)) {
        return Some((person, By::IdNumber));
    }
    let account = said.account?;
    let padded = || index.by_account(&account::padded(account, said.account_length));
    // Many centers' rules name no length: the roster's accounts say it.
    let person = index.by_account(account).or_else(padded).or_else(|| index.by_digits(account))?;
    Some((person, By::Account))
}

/// Nobody has this ID or account.
pub(crate) fn unknown() -> Finding {
    about(Field::IdNumber, Code::RosterUnknown, Level::Error)
}

/// The person's account must be 正常.
pub(crate) fn normal(person: &Contributor, out: &mut Vec<Finding>) {
    match person.status {
        AccountStatus::Normal => {}
        AccountStatus::Sealed
        | AccountStatus::ClosedByMerger
        | AccountStatus::ClosedByTransfer
        | AccountStatus::ClosedByWithdrawal
        | AccountStatus::Frozen
        | AccountStatus::Other => {
            let finding = about(Field::IdNumber, Code::RosterNotNormal, Level::Error);
            out.push(finding.arg("status", person.status.label()));
        }
    }
}

/// Compares a row with the person it was found to mean: ID number, name and account.
pub(crate) fn same_person(person: &Contributor, by: By, said: Said<'_>, out: &mut Vec<Finding>) {
    id_number(person, by, said, out);
    name_and_account(person, said, out);
}

fn id_number(person: &Contributor, by: By, said: Said<'_>, out: &mut Vec<Finding>) {
    if by == By::Account && said.id_readable && said.id_number.is_some_and(|id| id != person.id_number) {
        let finding = about(Field::IdNumber, Code::RosterIdDiffers, Level::Error);
        out.push(finding.arg("roster", mask::id_number(&person.id_number)));
    }
}

fn name_and_account(person: &Contributor, said: Said<'_>, out: &mut Vec<Finding>) {
    let renamed = !said.name.is_empty() && said.name != person.name;
    if renamed {
        out.push(about(Field::Name, Code::RosterNameDiffers, Level::Error).arg("roster", &person.name));
    }
    if let Some(account) = said.account.filter(|account| *account != person.personal_account) {
        if account::lost_zeros(account, &person.personal_account) && !renamed {
            out.push(account::zeros(&person.personal_account));
        } else {
            let finding = about(Field::PersonalAccount, Code::RosterAccountDiffers, Level::Error);
            out.push(finding.arg("roster", &person.personal_account));
        }
    }
}

/// 正常 at the center, but not in the sheet.
pub(crate) fn missing(person: &Contributor) -> Finding {
    Finding::new(Code::RosterMissing, Level::Warning).arg("name", &person.name).arg("account", &person.personal_account)
}
