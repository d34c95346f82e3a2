//! What a unit may ask, over HTTP: ledgers, accounts, withdrawals and filings, by period and page by page.
#![allow(clippy::unwrap_used)]

mod common;

use std::time::Duration;

use common::{At, Client, OTHER_UNIT, UNIT, World};
use huijiao_center::{PastWithdrawal, Seed, UnitRole};
use huijiao_domain::filing::FilingKind;
use huijiao_domain::money::{Contribution, Yuan};
use huijiao_domain::roster::{AccountStatus, Unit};
use huijiao_protocol::problem::ProblemCode;
use huijiao_protocol::queries::{ContributorAccount, EntryKind, LedgerPage, PersonalWithdrawal, UnitMoney};
use huijiao_protocol::receipt::FilingState;
use huijiao_protocol::resources::{FilingStatus, Page};
use jiff::civil::date;

fn yuan(text: &str) -> Yuan {
    text.parse().unwrap()
}

/// The account of the second of the unit's people, who was due in May and June.
fn second() -> String {
    common::contributors(UNIT).swap_remove(1).personal_account.into()
}

async fn ledger(client: &Client, query: &str) -> LedgerPage<UnitMoney> {
    client.get(&format!("/v1/units/{UNIT}/ledger{query}")).await.json(200)
}

#[tokio::test]
async fn a_ledger_opens_where_the_period_before_closed() {
    let world = World::new().await;
    let clerk = world.clerk();
    let may = ledger(&clerk, "?from=2026-05&to=2026-05").await;
    let kinds: Vec<_> = may.items.iter().map(|entry| entry.kind).collect();
    assert_eq!(kinds, [EntryKind::Owed, EntryKind::Received, EntryKind::Allotted], "what a month is");
    assert_eq!(may.opening, UnitMoney::default(), "nothing before the first month");
    let [owed, received, allotted] = &may.items[..] else { panic!("three entries") };
    assert_eq!(owed.balance.due, owed.moved.due, "owed, not paid");
    assert_eq!(received.balance.suspense, owed.moved.due, "come in, nobody's yet");
    assert_eq!(
        allotted.balance,
        UnitMoney { posted: owed.moved.due, ..UnitMoney::default() },
        "from suspense to the persons' accounts"
    );
    assert_eq!((allotted.people, owed.people), (5, 0), "five were due in May");
    let june = ledger(&clerk, "?from=2026-06&to=2026-06").await;
    assert_eq!(june.opening, may.closing);
    assert_eq!(june.closing.posted - june.opening.posted, june.items[2].moved.posted);
    let both = ledger(&clerk, "").await;
    assert_eq!((both.items.len(), both.closing), (6, june.closing), "all of time where nothing is said");
    let day = ledger(&clerk, "?from=2026-06-20&to=2026-06-20").await;
    assert_eq!(day, june, "a day is a period too");
    let after = ledger(&clerk, "?from=2026-06-21").await;
    assert_eq!((after.items.len(), after.opening, after.closing), (0, june.closing, june.closing), "a quiet period");
}

#[tokio::test]
async fn suspense_is_what_the_unit_says_it_is() {
    let world = World::new().await;
    world.center.transfer(UNIT, yuan("123.45"), "").await.unwrap();
    world.clock.advance(Duration::from_secs(86_400));
    let clerk = world.clerk();
    let unit: Unit = clerk.get(&format!("/v1/units/{UNIT}")).await.json(200);
    let page: LedgerPage<Yuan> = clerk.get(&format!("/v1/units/{UNIT}/suspense?from=2026-08")).await.json(200);
    let [entry] = &page.items[..] else { panic!("one entry: {:?}", page.items) };
    assert_eq!((entry.kind, entry.moved, entry.on), (EntryKind::Received, yuan("123.45"), date(2026, 8, 16)));
    assert!(entry.incoming.is_some() && entry.filing.is_none(), "the bank's doing, nobody's filing");
    assert_eq!((page.opening, page.closing), (Yuan::ZERO, unit.suspense_balance));
}

#[tokio::test]
async fn a_contributor_takes_money_out_and_the_books_still_balance() {
    let world = World::new().await;
    let (clerk, account) = (world.clerk(), second());
    let path = format!("/v1/units/{UNIT}/contributors/{account}");
    let before: ContributorAccount = clerk.get(&path).await.json(200);
    let due = before.amounts;
    assert_eq!(before.balance.monthly(), due.monthly() + due.monthly(), "May and June");
    let more = before.balance.monthly() + yuan("0.01");
    world.center.withdraw(UNIT, &account, "租赁住房", more).await.unwrap_err();
    world.center.withdraw(OTHER_UNIT, &account, "租赁住房", yuan("1")).await.unwrap_err();
    world.center.withdraw(UNIT, &account, "租赁住房", Yuan::ZERO).await.unwrap_err();
    let amount = before.balance.personal_amount + yuan("10.01");
    world.center.withdraw(UNIT, &account, "租赁住房", amount).await.unwrap();

    let after: ContributorAccount = clerk.get(&path).await.json(200);
    let left = Contribution { unit_amount: before.balance.unit_amount - yuan("10.01"), personal_amount: Yuan::ZERO };
    assert_eq!((after.balance, after.last_entry), (left, Some(date(2026, 8, 15))), "his own part goes first");
    assert_eq!(ContributorAccount { balance: before.balance, last_entry: before.last_entry, ..after }, before);
    let listed: Page<PersonalWithdrawal> = clerk.get(&format!("/v1/units/{UNIT}/withdrawals")).await.json(200);
    let [one] = &listed.items[..] else { panic!("refused ones are in no list: {:?}", listed.items) };
    assert_eq!((one.name.as_str(), one.reason.as_str()), ("钱二丽", "租赁住房"));
    assert_eq!((one.amounts.monthly(), one.balance), (amount, left));
    let none: Page<PersonalWithdrawal> =
        clerk.get(&format!("/v1/units/{UNIT}/withdrawals?to=2026-08-14")).await.json(200);
    assert!(none.items.is_empty(), "not in that period");

    let own: LedgerPage<Contribution> = clerk.get(&format!("{path}/ledger")).await.json(200);
    let kinds: Vec<_> = own.items.iter().map(|entry| entry.kind).collect();
    assert_eq!(kinds, [EntryKind::Allotted, EntryKind::Allotted, EntryKind::Withdrawn]);
    assert_eq!((own.opening, own.closing), (Contribution::default(), left));
    assert_eq!(own.items[2].filing_number.as_ref(), Some(&one.number), "found again by its number");
    let unit = ledger(&clerk, "?from=2026-08").await;
    assert_eq!(
        unit.items[0].moved,
        UnitMoney { posted: -amount, ..UnitMoney::default() },
        "the unit owes no more for it"
    );
    let balances: Page<ContributorAccount> = clerk.get(&format!("/v1/units/{UNIT}/contributors")).await.json(200);
    let all: Yuan = balances.items.iter().map(|one| one.balance.monthly()).sum();
    assert_eq!(all, unit.closing.posted, "Σ of the accounts is what was posted");
}

#[tokio::test]
async fn withdrawals_of_the_past_are_booked_between_its_months() {
    let world = World::new().await;
    let new = "410800000003";
    let account = common::contributors(new)[1].personal_account.to_string();
    let taken = |on, amount: &str| PastWithdrawal {
        on,
        personal_account: account.clone(),
        reason: "租赁住房".into(),
        amount: yuan(amount),
    };
    let early = vec![taken(date(2026, 5, 19), "1")];
    world.center.seed(Seed { withdrawals: early, ..common::seed(new) }).await.unwrap_err();
    assert!(world.center.unit(new).await.unwrap().is_none(), "nothing was there to take, nothing is seeded");
    let withdrawals = vec![taken(date(2026, 7, 1), "2"), taken(date(2026, 5, 21), "1")];
    world.center.seed(Seed { withdrawals, ..common::seed(new) }).await.unwrap();
    let clerk = world.operator(new, "林外人", UnitRole::Viewer).await;
    let page: LedgerPage<UnitMoney> =
        world.client(Some(&clerk)).get(&format!("/v1/units/{new}/ledger")).await.json(200);
    let days: Vec<_> = page.items.iter().map(|entry| entry.on).collect();
    assert!(days.is_sorted() && days.len() == 8, "{days:?}");
    assert_eq!((page.items[3].kind, page.items[7].kind), (EntryKind::Withdrawn, EntryKind::Withdrawn));
}

#[tokio::test]
async fn accounts_are_listed_by_status() {
    let world = World::new().await;
    let clerk = world.clerk();
    let path = format!("/v1/units/{UNIT}/contributors");
    let all: Page<ContributorAccount> = clerk.get(&path).await.json(200);
    let names: Vec<_> = all.items.iter().map(|one| one.name.as_str()).collect();
    assert_eq!(names, ["赵一鸣", "钱二丽", "孙三强", "李四海", "周五洲", "吴六合", "郑七夕"], "as the roster has them");
    let sealed: Page<ContributorAccount> = clerk.get(&format!("{path}?status=sealed")).await.json(200);
    let [sealed] = &sealed.items[..] else { panic!("one is sealed") };
    assert_eq!(
        (sealed.status, sealed.balance, sealed.last_entry),
        (AccountStatus::Sealed, Contribution::default(), None)
    );
    let after: Page<ContributorAccount> = clerk.get(&format!("{path}?cursor=4")).await.json(200);
    assert_eq!(after.items, all.items[5..], "after the fifth");
}

#[tokio::test]
async fn accounts_come_in_pages_that_miss_nobody() {
    let world = World::new().await;
    let seed = common::large_seed("410800000004", 2_300);
    let unit = Unit { account: "410800000004".into(), ..seed.unit.clone() };
    world.center.seed(Seed { unit, ..seed.clone() }).await.unwrap();
    let viewer = world.operator("410800000004", "林外人", UnitRole::Viewer).await;
    let client = world.client(Some(&viewer));
    let path = "/v1/units/410800000004/contributors";
    let (mut seen, mut cursor, mut pages) = (Vec::new(), String::new(), 0);
    loop {
        let page: Page<ContributorAccount> = client.get(&format!("{path}{cursor}")).await.json(200);
        seen.extend(page.items.into_iter().map(|one| one.personal_account));
        pages += 1;
        let Some(next) = page.next else { break };
        cursor = format!("?cursor={next}");
    }
    let all: Vec<_> = seed.contributors.into_iter().map(|one| one.personal_account.to_string()).collect();
    assert_eq!((pages, seen), (3, all), "everybody once, a thousand at a time");
}

#[tokio::test]
async fn filings_are_found_by_kind_state_and_day() {
    let world = World::new().await;
    let (id, p7m) = world.filing(At::default());
    let status: FilingStatus = world.clerk().put(id, p7m).await.json(201);
    let clerk = world.clerk();
    let find = async |query: &str| -> Vec<FilingStatus> {
        let page: Page<FilingStatus> = clerk.get(&format!("/v1/filings?unit={UNIT}{query}")).await.json(200);
        assert!(page.next.is_none());
        page.items
    };
    assert_eq!((status.kind, status.state), (FilingKind::BaseAdjustment, FilingState::Settled));
    let found = [status.clone()];
    for query in ["", "&kind=base_adjustment", "&state=settled&from=2026-08-15&to=2026-08", "&from=2026-08"] {
        assert_eq!(find(query).await, found, "{query}");
    }
    assert_eq!(find(&format!("&number={}", status.filing_number)).await, found);
    for query in ["&number=1", "&kind=payment", "&state=refused", "&to=2026-08-14", "&from=2026-09"] {
        assert!(find(query).await.is_empty(), "{query}");
    }
    assert!(find(&format!("&cursor={}", status.filing_number)).await.is_empty(), "nothing before the first");
}

#[tokio::test]
async fn what_cannot_be_read_is_said_and_nothing_is_guessed() {
    let world = World::new().await;
    let clerk = world.clerk();
    let person = second();
    let ledgers = ["ledger".to_owned(), "suspense".into(), format!("contributors/{person}/ledger")];
    let by_period: Vec<_> = ledgers.iter().cloned().chain(["withdrawals".into(), "payments".into()]).collect();
    for resource in &by_period {
        for query in ["from=2026-13", "from=20260701", "to=yesterday", "from=2026-07&to=2026-06-30", "from="] {
            clerk.get(&format!("/v1/units/{UNIT}/{resource}?{query}")).await.problem(ProblemCode::QueryInvalid);
        }
        clerk.get(&format!("/v1/units/{UNIT}/{resource}?cursor=x")).await.problem(ProblemCode::CursorInvalid);
    }
    for cursor in
        ["", "2026-06-20", "2026-06-20_3", "2026-06-20_0_6", "2026-06-20_7_6", "2026-06-20_1_999", "2026-04-01_1_6"]
    {
        let query = format!("/v1/units/{UNIT}/ledger?from=2026-05&cursor={cursor}");
        clerk.get(&query).await.problem(ProblemCode::CursorInvalid);
    }
    for path in ["/v1/filings?kind=everything", "/v1/filings?state=somehow", "/v1/filings?from=2026-7"] {
        clerk.get(path).await.problem(ProblemCode::QueryInvalid);
    }
    clerk.get("/v1/filings?cursor=-1").await.problem(ProblemCode::CursorInvalid);
    let people = format!("/v1/units/{UNIT}/contributors");
    clerk.get(&format!("{people}?status=gone")).await.problem(ProblemCode::QueryInvalid);
    clerk.get(&format!("{people}?cursor=99999999999999999999")).await.problem(ProblemCode::CursorInvalid);
}

#[tokio::test]
async fn nobody_reads_another_unit_s_books() {
    let world = World::new().await;
    let stranger = world.operator(OTHER_UNIT, "林外人", UnitRole::Clerk).await;
    let stranger = world.client(Some(&stranger));
    let person = second();
    for resource in [
        "ledger".to_owned(),
        "suspense".into(),
        "withdrawals".into(),
        "contributors".into(),
        format!("contributors/{person}"),
        format!("contributors/{person}/ledger"),
        "payments".into(),
    ] {
        stranger.get(&format!("/v1/units/{UNIT}/{resource}")).await.problem(ProblemCode::NotFound);
        stranger.get(&format!("/v1/units/{UNIT}/{resource}?cursor=x")).await.problem(ProblemCode::NotFound);
    }
    for resource in [format!("contributors/{person}"), format!("contributors/{person}/ledger")] {
        stranger.get(&format!("/v1/units/{OTHER_UNIT}/{resource}")).await.problem(ProblemCode::NotFound);
    }
}
