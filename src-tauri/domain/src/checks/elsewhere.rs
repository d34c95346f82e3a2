//! What the center knows of people who are not in the unit (domain.md 6): who has an account in the city is not
//! given a second one, and only a sealed account can be transferred in.

use crate::finding::{Code, Finding, Level};
use crate::roster::{AccountStatus, Elsewhere, Known};
use crate::sheet::Field;

/// Under these names a finding says whom the center has to be asked about.
const ASKED_ID: &str = "id_number";
const ASKED_NAME: &str = "name";

/// ID number and name of the person whom the center has to be asked about, where a finding says so.
pub fn to_ask(finding: &Finding) -> Option<(&str, &str)> {
    let arg = |name| finding.args.get(name).map(String::as_str);
    (finding.code == Code::LookupMissing).then(|| arg(ASKED_ID).zip(arg(ASKED_NAME)))?
}

/// Judges a registration of somebody.
pub(crate) fn registered(elsewhere: Option<&Elsewhere>, id_number: &str, name: &str, out: &mut Vec<Finding>) {
    let Some(known) = answer(elsewhere, id_number, name, out) else { return };
    let about = |code| Finding::new(code, Level::Error).about(Field::IdNumber, "");
    match known {
        Known::Nobody => {}
        Known::OtherName => out.push(Finding::new(Code::KnownOtherName, Level::Error).about(Field::Name, "")),
        Known::Account { personal_account, status } => match status {
            AccountStatus::Sealed => out.push(about(Code::KnownSealed).arg("account", personal_account)),
            AccountStatus::Normal | AccountStatus::Frozen | AccountStatus::Other => {
                out.push(about(Code::KnownElsewhere).arg("status", status.label()));
            }
            // A closed account is no account.
            AccountStatus::ClosedByMerger | AccountStatus::ClosedByTransfer | AccountStatus::ClosedByWithdrawal => {}
        },
    }
}

/// Judges a transfer of somebody's account into the unit; gives the account that the center has.
pub(crate) fn transferred<'a>(
    elsewhere: Option<&'a Elsewhere>,
    id_number: &str,
    name: &str,
    out: &mut Vec<Finding>,
) -> Option<&'a str> {
    let about = |code| Finding::new(code, Level::Error).about(Field::IdNumber, "");
    match answer(elsewhere, id_number, name, out)? {
        Known::Nobody => out.push(about(Code::TransferUnknown)),
        Known::OtherName => out.push(Finding::new(Code::KnownOtherName, Level::Error).about(Field::Name, "")),
        Known::Account { personal_account, status } => match status {
            AccountStatus::Sealed => return Some(personal_account),
            AccountStatus::Normal | AccountStatus::Frozen | AccountStatus::Other => {
                out.push(about(Code::KnownElsewhere).arg("status", status.label()));
            }
            AccountStatus::ClosedByMerger | AccountStatus::ClosedByTransfer | AccountStatus::ClosedByWithdrawal => {
                out.push(about(Code::TransferUnknown));
            }
        },
    }
    None
}

/// Judges the new ID number of somebody in the unit: whoever has an account under it is another person, or has two
/// accounts to be merged at the counter.
pub(crate) fn renumbered(elsewhere: Option<&Elsewhere>, id_number: &str, name: &str, out: &mut Vec<Finding>) {
    let Some(known) = answer(elsewhere, id_number, name, out) else { return };
    match known {
        Known::Nobody => {}
        Known::OtherName => out.push(Finding::new(Code::KnownOtherName, Level::Error).about(Field::Name, "")),
        Known::Account { status, .. } => match status {
            AccountStatus::Normal | AccountStatus::Sealed | AccountStatus::Frozen | AccountStatus::Other => {
                let finding = Finding::new(Code::UpdateIdKnown, Level::Error).about(Field::IdNumber, "");
                out.push(finding.arg("status", status.label()));
            }
            // A closed account is no account.
            AccountStatus::ClosedByMerger | AccountStatus::ClosedByTransfer | AccountStatus::ClosedByWithdrawal => {}
        },
    }
}

/// The center's answer; a finding where it has not been asked yet.
fn answer<'a>(
    elsewhere: Option<&'a Elsewhere>,
    id_number: &str,
    name: &str,
    out: &mut Vec<Finding>,
) -> Option<&'a Known> {
    let known = elsewhere?.about(id_number, name);
    if known.is_none() {
        let finding = Finding::new(Code::LookupMissing, Level::Error).about(Field::IdNumber, "");
        // As they would be filed: the cell may hold 15 digits.
        out.push(finding.arg(ASKED_ID, id_number).arg(ASKED_NAME, name));
    }
    known
}
