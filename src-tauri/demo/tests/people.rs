//! The made-up unit is what it says it is.
#![allow(clippy::unwrap_used)]

use std::collections::HashSet;

use huijiao_demo::past::{MONTHS, past_months};
use huijiao_demo::people::{PEOPLE, UNIT_CREDIT_CODE, practice_unit, unit_of};
use huijiao_domain::identity::{CreditCode, ResidentId};
use huijiao_domain::money::Yuan;
use huijiao_domain::name::NameText;
use huijiao_domain::profile::CenterProfile;
use huijiao_domain::remittance::{MonthTable, due_list};
use huijiao_domain::roster::AccountStatus;
use jiff::civil::date;

fn profile() -> CenterProfile {
    CenterProfile::shipped("demo").unwrap()
}

#[test]
fn the_unit_counts_its_people() {
    let unit = practice_unit(&profile()).unwrap();
    assert_eq!(unit.roster.contributors.len(), PEOPLE, "the unit of the practice has 240 people");
    assert_eq!((unit.unit.contributors, unit.unit.sealed), (228, 12), "head counts agree with the roster");
    let sealed = unit.roster.contributors.iter().filter(|c| c.status == AccountStatus::Sealed).count();
    assert_eq!(sealed, 12, "twelve are sealed");
    CreditCode::parse(UNIT_CREDIT_CODE).expect("the unit's credit code has a right check character");
}

#[test]
fn everybody_could_be_real_and_nobody_is_there_twice() {
    let profile = profile();
    let unit = practice_unit(&profile).unwrap();
    let today = date(2026, 7, 6);
    let policy = profile.policy("2026-06".parse().unwrap()).unwrap();
    let mut seen = HashSet::new();
    let mut residence_permits = 0;
    let mut x_endings = 0;
    for person in &unit.roster.contributors {
        let id = ResidentId::parse(&person.id_number, today).expect("every ID is valid");
        assert!(id.region_known(), "no warning about the region of {}", person.id_number);
        let age = today.year() - id.birth_date().year();
        assert!((22..=59).contains(&age), "{age} is a working age");
        residence_permits += usize::from(person.id_number.starts_with("81"));
        x_endings += usize::from(person.id_number.ends_with('X'));
        let name = NameText::read(&person.name);
        assert_eq!(&*name.mended, &*person.name, "nothing in a name wants mending");
        assert_eq!((name.unusual, name.unreadable, name.bidi), (None, None, None), "{} can be printed", person.name);
        assert_eq!(person.personal_account.len(), 12, "accounts have the center's length");
        assert!(person.personal_account.starts_with("0410"), "with a leading zero to lose");
        assert!(
            person.base >= policy.base_floor.unwrap() && person.base <= policy.base_ceiling.unwrap(),
            "within limits"
        );
        let expected = policy.contribution(person.base, unit.unit.unit_ratio, unit.unit.personal_ratio);
        assert_eq!(person.amounts, expected, "monthly parts by the center's rounding");
        for unique in [&person.id_number, &person.personal_account, &person.name] {
            assert!(seen.insert(unique.clone()), "{unique} is there twice");
        }
    }
    assert_eq!(residence_permits, 1, "one residence permit");
    assert!(x_endings > 5, "some IDs end with X");
    for rare in ["欧阳", "尉迟", "万俟", "买买提·吐尔逊", "䶮", "𬱖", "努尔麦麦提·阿卜杜热合曼·吐尔逊"]
    {
        assert!(unit.roster.contributors.iter().any(|c| c.name.contains(rare)), "{rare} is among them");
    }
    let bases: Vec<Yuan> = unit.roster.contributors.iter().map(|c| c.base).collect();
    assert_eq!(bases.iter().min().unwrap().to_string(), "2100.00", "the lowest base");
    assert_eq!(bases.iter().max().unwrap().to_string(), "24018.00", "the highest base");
}

#[test]
fn the_same_people_every_time() {
    assert_eq!(practice_unit(&profile()).unwrap(), practice_unit(&profile()).unwrap(), "no chance, no clock");
    let many = unit_of(5_000, &profile()).unwrap();
    let ids: HashSet<_> = many.roster.contributors.iter().map(|c| &c.id_number).collect();
    assert_eq!(ids.len(), 5_000, "distinct in any number");
}

#[test]
fn a_year_of_months_leads_up_to_the_first_one() {
    let unit = practice_unit(&profile()).unwrap();
    let past = past_months(&unit);
    assert_eq!(past.len(), MONTHS, "a year");
    let last = past.last().unwrap();
    assert_eq!(last.month.next(), unit.unit.first_unverified, "up to the month before the practice");
    assert_eq!(last.lines, due_list(&unit.roster, last.month), "June is what the roster says");
    let months: Vec<_> = past.into_iter().map(|past| (past.month, past.lines)).collect();
    let tables = MonthTable::in_a_row(&[], &months);
    assert!(tables.iter().all(|table| table.figures.hold()), "the identities hold in every month");
    let moving = tables[1..].iter().filter(|table| !table.increase.is_empty() && !table.decrease.is_empty()).count();
    assert!(moving >= 9, "people come and go in most months, not in {moving} only");
}
