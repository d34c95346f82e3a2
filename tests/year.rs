//! A whole year of a unit of 240 people at the clerk's desk, against a real center over TLS: everybody's money is right
//! to the fen, by a ledger of the test's own that knows nothing of the product's figures.
#![allow(clippy::unwrap_used, reason = "a test that cannot start has failed")]

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use calamine::{Data, Reader as _};
use huijiao_demo::Practice;
use huijiao_demo::people::practice_unit;
use huijiao_desk::Desk;
use huijiao_desk::ports::{self, Clock, SystemClock};
use huijiao_desk::views::{
    DraftView, EditOp, ExportedFile, FigureKey, FilingStage, FilingView, HomeView, MonthStage, MonthView, OpenedView,
    OrderStage, PaymentsView, VerificationPeople, VerificationView,
};
use huijiao_domain::money::Yuan;
use huijiao_domain::profile::CenterProfile;
use huijiao_domain::roster::AccountStatus;
use huijiao_tests::{call, desk, order, settle, sign};
use jiff::Timestamp;
use rusqlite::{Connection, OpenFlags};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tempfile::TempDir;

const WORKER: &str = env!("CARGO_BIN_EXE_huijiao-test-worker");

/// Fen.
type Fen = i64;
/// Account and person → fen.
type Accounts = BTreeMap<(String, String), Fen>;

/// Somebody as the test's ledger has him.
#[derive(Clone)]
struct Person {
    name: String,
    id_number: String,
    base: Fen,
    contributes: bool,
    /// What both sides have paid in for him, each: the practice unit pays eight percent on either side.
    each_side: Fen,
}

/// The test's own books: whole numbers of fen, and rules written out anew.
#[derive(Default)]
struct Ledger {
    people: BTreeMap<String, Person>,
    /// Who owes how much on each side, of every month that is verified.
    lists: BTreeMap<String, Vec<(String, Fen)>>,
    paid_through: String,
    received: Fen,
    allotted: Fen,
    suspense: Fen,
    returned: Fen,
}

/// Eight percent of a base in whole yuan, half a yuan and more upwards.
fn side(base: Fen) -> Fen {
    (base * 8 + 5_000) / 10_000 * 100
}

impl Ledger {
    fn due_now(&self) -> Vec<(String, Fen)> {
        let in_use = self.people.iter().filter(|(_, person)| person.contributes);
        in_use.map(|(account, person)| (account.clone(), side(person.base))).collect()
    }

    fn verify(&mut self, month: &str) {
        self.lists.insert(month.to_owned(), self.due_now());
    }

    fn due(&self, month: &str) -> Fen {
        both(&self.lists[month])
    }

    fn receive(&mut self, amount: Fen) {
        self.received += amount;
        self.suspense += amount;
    }

    fn allot(&mut self, parts: &[(String, Fen)]) {
        for (account, part) in parts {
            self.people.get_mut(account).unwrap().each_side += part;
        }
        self.suspense -= both(parts);
        self.allotted += both(parts);
    }

    fn post(&mut self, month: &str) {
        let parts = self.lists[month].clone();
        self.allot(&parts);
        self.paid_through = month.to_owned();
    }

    fn give_back(&mut self, amount: Fen) {
        self.suspense -= amount;
        self.returned += amount;
    }

    fn account_of(&self, name: &str) -> String {
        self.people.iter().find(|(_, person)| person.name == name).unwrap().0.clone()
    }
}

fn both(parts: &[(String, Fen)]) -> Fen {
    parts.iter().map(|(_, part)| part * 2).sum()
}

fn fen(text: &str) -> Fen {
    let (yuan, fen) = text.split_once('.').unwrap();
    assert_eq!(fen.len(), 2, "{text}");
    let (yuan, fen): (Fen, Fen) = (yuan.parse().unwrap(), fen.parse().unwrap());
    yuan * 100 + if text.starts_with('-') { -fen } else { fen }
}

fn yuan(fen: Fen) -> String {
    format!("{}.{:02}", fen / 100, fen % 100)
}

/// A valid number of somebody who does not exist.
fn id_number(serial: u32) -> String {
    let body = format!("41080219950615{serial:03}");
    let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let sum: u32 = body.bytes().zip(weights).map(|(digit, weight)| u32::from(digit - b'0') * weight).sum();
    format!("{body}{}", char::from(b"10X98765432"[(sum % 11) as usize]))
}

/// The workbook has a line for each of them, and nobody's whole ID number.
fn assert_accounts(file: &Path, opened: &OpenedView) {
    let mut book = calamine::open_workbook_auto(file).unwrap();
    let rows = book.worksheet_range_at(0).unwrap().unwrap();
    let text = |row: &[Data]| row.iter().map(ToString::to_string).collect::<Vec<_>>().join("|");
    let rows: Vec<String> = rows.rows().map(text).collect();
    for line in &opened.lines {
        let wanted = [&line.name, &line.id_masked, &line.personal_account, &line.status].map(String::as_str).join("|");
        assert!(rows.contains(&wanted), "{wanted}: {rows:?}");
        assert!(line.id_masked.contains('*'), "masked");
    }
}

/// The unit, its center, its clerk, and the test's ledger beside them.
struct Year {
    folder: TempDir,
    practice: Practice,
    desk: Arc<Desk>,
    ledger: Ledger,
    /// What the center's accounts said before the year: its books begin with months that were paid before.
    opening: Accounts,
}

impl Year {
    async fn begin() -> Self {
        let folder = TempDir::new().unwrap();
        let practice = Practice::open(&folder.path().join("practice"), SystemClock.now()).await.unwrap();
        let desk = desk(folder.path(), Path::new(WORKER));
        let seeded = practice_unit(&CenterProfile::shipped("demo").unwrap()).unwrap();
        let people = seeded.roster.contributors.into_iter().map(|one| {
            let person = Person {
                name: one.name.into(),
                id_number: one.id_number.into(),
                base: fen(&one.base.to_string()),
                contributes: one.status == AccountStatus::Normal,
                each_side: 0,
            };
            (one.personal_account.into(), person)
        });
        let ledger = Ledger { people: people.collect(), paid_through: "2026-06".into(), ..Ledger::default() };
        let mut year = Self { folder, practice, desk, ledger, opening: Accounts::new() };
        year.stand_on("2026-07-08").await;
        assert_eq!(year.ledger.people.len(), 240, "a unit of 240 people");
        year.opening = year.accounts();
        year
    }

    /// The center's accounts as they lie on its disk, debits above zero.
    fn accounts(&self) -> Accounts {
        let file = self.folder.path().join("practice/center/center.db");
        let books = Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
        let sums = "select account, personal_account, sum(fen) from posting where unit = ?1 group by 1, 2";
        let mut sums = books.prepare(sums).unwrap();
        let sum = |row: &rusqlite::Row<'_>| Ok(((row.get(0)?, row.get(1)?), row.get(2)?));
        sums.query_map([self.practice.unit_account], sum).unwrap().map(Result::unwrap).collect()
    }

    /// Ten o'clock of a day, at the center and at the desk.
    async fn stand_on(&self, day: &str) {
        let at: Timestamp = format!("{day}T10:00:00+08:00").parse().unwrap();
        self.practice.center.clock().move_to(at);
        let clock_offset = at.duration_since(SystemClock.now());
        self.desk.enter(ports::Connection { clock_offset, ..self.practice.connection() }).await.unwrap();
    }

    async fn ask<T: DeserializeOwned>(&self, command: &str, args: Value) -> T {
        call(&self.desk, command, args).await.unwrap_or_else(|error| panic!("{command}: {error:?}"))
    }

    async fn payments(&self) -> PaymentsView {
        self.ask("payments", json!({})).await
    }

    /// Types rows into a new draft, settles what is asked, signs and submits it.
    async fn file(&self, kind: &str, period: &str, rows: &[Vec<(&str, String)>]) -> FilingView {
        let draft: DraftView = self.ask("draft_new", json!({ "kind": kind, "period": period })).await;
        let more = u32::try_from(rows.len()).unwrap().saturating_sub(draft.rows);
        let mut ops: Vec<EditOp> = (more > 0).then_some(EditOp::Add { rows: more }).into_iter().collect();
        for (index, row) in (0..).zip(rows) {
            ops.extend(row.iter().map(|(field, text)| EditOp::Set {
                index,
                field: (*field).into(),
                text: text.clone(),
            }));
        }
        let args = json!({ "draft": draft.draft, "revision": draft.revision, "ops": ops });
        let draft: DraftView = self.ask("draft_edit", args).await;
        let draft: DraftView = self.ask("draft_lookup", json!({ "draft": draft.draft })).await;
        assert_eq!(draft.blocking, 0, "{kind}: {:?}", draft.summary);
        let draft = settle(&self.desk, draft).await.unwrap();
        assert_eq!((draft.blocking, draft.excluded), (0, 0), "{kind}: {:?}", draft.summary);
        let filing = sign(&self.desk, &draft, "clerk", "123456").await.unwrap();
        assert!(filing.receipt.as_ref().is_some_and(|receipt| receipt.valid), "{kind}: {:?}", filing.trouble);
        filing
    }

    fn who(&self, account: &str) -> Vec<(&'static str, String)> {
        let person = &self.ledger.people[account];
        vec![
            ("personal_account", account.to_owned()),
            ("name", person.name.clone()),
            ("id_number", person.id_number.clone()),
        ]
    }

    /// New employees; the center gives each an account.
    async fn hire(&mut self, month: &str, people: &[(&str, u32, Fen)]) {
        let rows: Vec<_> = people
            .iter()
            .map(|(name, serial, base)| {
                vec![
                    ("name", (*name).to_owned()),
                    ("id_type", "身份证".to_owned()),
                    ("id_number", id_number(*serial)),
                    ("mobile", format!("1390000{serial:04}")),
                    ("new_base", yuan(*base)),
                ]
            })
            .collect();
        let filing = self.file("contributor_registration", month, &rows).await;
        assert_eq!(filing.line.stage, FilingStage::Settled);
        let of = json!({ "filing": filing.line.filing });
        let opened: OpenedView = self.ask("filing_accounts", of.clone()).await;
        let counted = (opened.opened as usize, opened.lines.len(), opened.awaited);
        assert_eq!(counted, (people.len(), people.len(), 0), "each has his account at once");
        let written: ExportedFile = self.ask("filing_accounts_export", of).await;
        assert_accounts(&Path::new(&written.folder).join(written.file), &opened);
        let args = json!({ "month": month, "figure": "increase" });
        let new: VerificationPeople = self.ask("verification_people", args).await;
        for (name, serial, base) in people {
            let found = new.people.iter().find(|one| one.name == *name).unwrap();
            let told = opened.lines.iter().find(|line| line.name == *name).map(|line| &line.personal_account);
            assert_eq!(told, Some(&found.personal_account), "the filing says which account {name} has");
            let person = Person {
                name: (*name).into(),
                id_number: id_number(*serial),
                base: *base,
                contributes: true,
                each_side: 0,
            };
            assert!(
                self.ledger.people.insert(found.personal_account.clone(), person).is_none(),
                "an account of his own"
            );
        }
    }

    /// 封存 or 启封 of people from a month on.
    async fn change(&mut self, month: &str, accounts: &[String], change: &str, reason: &str) {
        let rows: Vec<_> = accounts
            .iter()
            .map(|account| {
                let mut row = self.who(account);
                row.push(("change_kind", change.to_owned()));
                if !reason.is_empty() {
                    row.push(("reason", reason.to_owned()));
                }
                row
            })
            .collect();
        let filing = self.file("status_change", month, &rows).await;
        assert_eq!(filing.line.stage, FilingStage::Settled);
        for account in accounts {
            self.ledger.people.get_mut(account).unwrap().contributes = change == "启封";
        }
    }

    /// Leavers: the first so many of those who contribute, from a place on.
    async fn leave(&mut self, month: &str, from: usize, count: usize) -> Vec<String> {
        let in_use = self.ledger.people.iter().filter(|(_, person)| person.contributes);
        let accounts: Vec<String> = in_use.map(|(account, _)| account.clone()).skip(from).take(count).collect();
        self.change(month, &accounts, "封存", "解除或终止劳动关系").await;
        accounts
    }

    /// 汇缴核定 up to a month; the table is what the test's ledger says.
    async fn verify(&mut self, through: &str, months: &[&str]) {
        let table: VerificationView = self.ask("verification", json!({ "through": through })).await;
        assert!(table.compared && table.differences.is_empty(), "{through}: the center has the same");
        assert!(!table.blocked, "{through}: {:?}", table.obstacles);
        for (month, shown) in months.iter().zip(&table.tables) {
            self.ledger.verify(month);
            let due = &shown.figures[4];
            assert_eq!(shown.month, *month);
            let list = &self.ledger.lists[*month];
            assert_eq!((due.people as usize, fen(&due.amount)), (list.len(), both(list)), "{month}: 本月应缴");
        }
        assert_eq!(table.tables.len(), months.len());
        let filing = order(&self.desk, json!({ "order": "verify", "through": through })).await.unwrap();
        assert_eq!(filing.line.stage, FilingStage::Settled, "{through}: {:?}", filing.trouble);
    }

    /// An order to pay; its number.
    async fn order(&self, pays: &[String], method: &str) -> String {
        let filing = order(&self.desk, json!({ "order": "pay", "pays": pays, "method": method })).await.unwrap();
        let receipt = filing.receipt.unwrap_or_else(|| panic!("{:?}", filing.trouble));
        assert!(receipt.valid);
        receipt.filing_number
    }

    async fn order_month(&self, month: &str) -> String {
        self.order(&[format!("month:{month}")], "transfer").await
    }

    /// The unit's bank sends money for an order; it is there two days later.
    async fn pays(&mut self, number: &str, amount: Fen, remark: &str, day: &str) {
        let code = self.payments().await.orders.into_iter().find(|order| order.number == number).unwrap();
        let remark = if remark == number { code.card.unwrap().code } else { remark.to_owned() };
        let center = &self.practice.center;
        center.transfer(self.practice.unit_account, Yuan::from_fen(amount), &remark).await.unwrap();
        self.ledger.receive(amount);
        self.stand_on(day).await;
    }

    /// Claims the one sum that waits.
    async fn claim(&self, to: &str) {
        let payments = self.payments().await;
        let [incoming] = &payments.unprocessed[..] else { panic!("{:?}", payments.unprocessed) };
        assert!(incoming.ways.iter().any(|way| way.key == to), "{:?}", incoming.ways);
        let claim = json!({ "order": "claim", "incoming": incoming.number, "to": to });
        let filing = order(&self.desk, claim).await.unwrap();
        assert!(filing.receipt.is_some_and(|receipt| receipt.valid), "{:?}", filing.trouble);
    }

    async fn state_of(&self, number: &str) -> OrderStage {
        self.payments().await.orders.into_iter().find(|order| order.number == number).unwrap().state
    }

    /// Everything that both sides know, once the month is done.
    async fn check(&self, month: &str) {
        let payments = self.payments().await;
        assert_eq!(fen(&payments.suspense), self.ledger.suspense, "{month}: 暂存款");
        assert!(payments.dues.is_empty() && payments.unprocessed.is_empty(), "{month}: nothing is left over");
        let home: HomeView = self.ask("home", json!({})).await;
        assert_eq!(home.session.paid_through, self.ledger.paid_through, "{month}: 缴至年月");
        let view: MonthView = self.ask("month", json!({})).await;
        let paid = view.chart.iter().filter(|one| one.state == MonthStage::Paid);
        for one in paid.filter(|one| self.ledger.lists.contains_key(&one.month)) {
            let due = one.figures.iter().find(|figure| figure.key == FigureKey::Due).unwrap();
            assert_eq!(fen(&due.amount), self.ledger.due(&one.month), "{month}: what {} cost", one.month);
        }
        let ledger = &self.ledger;
        assert_eq!(ledger.received, ledger.allotted + ledger.suspense + ledger.returned, "the test's own sum");
        let accounts = self.accounts();
        let since = |account: &str, person: &str| {
            let key = (account.to_owned(), person.to_owned());
            let of = |accounts: &Accounts| accounts.get(&key).copied().unwrap_or(0);
            of(&accounts) - of(&self.opening)
        };
        assert_eq!(since("received", ""), ledger.received, "{month}: all that came in");
        assert_eq!(since("returned", ""), -ledger.returned, "{month}: sent back");
        assert_eq!(since("suspense", ""), -ledger.suspense, "{month}: 暂存款 in the center's books");
        assert_eq!((since("due", ""), since("pending", "")), (0, 0), "{month}: nothing owed");
        for (account, person) in &ledger.people {
            let parts = (-since("unit_part", account), -since("personal_part", account));
            assert_eq!(parts, (person.each_side, person.each_side), "{month}: account {account}");
        }
        let strangers = accounts.keys().filter(|(_, person)| !person.is_empty() && !ledger.people.contains_key(person));
        assert_eq!(strangers.count(), 0, "{month}: nobody else got anything");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_year_is_right_to_the_fen() {
    let mut year = Year::begin().await;

    // July 2026: nobody moves, the transfer is exact.
    year.verify("2026-07", &["2026-07"]).await;
    let number = year.order_month("2026-07").await;
    assert_eq!(year.state_of(&number).await, OrderStage::Awaiting);
    let due = year.ledger.due("2026-07");
    year.pays(&number, due, &number, "2026-07-10").await;
    assert_eq!(year.state_of(&number).await, OrderStage::Paid);
    year.ledger.post("2026-07");
    year.check("2026-07").await;

    // August: three come, two leave.
    year.stand_on("2026-08-08").await;
    year.hire("2026-08", &[("曲新荷", 101, 650_000), ("孔令博", 103, 543_210), ("鲍清扬", 105, 910_050)]).await;
    let gone = year.leave("2026-08", 30, 2).await;
    year.verify("2026-08", &["2026-08"]).await;
    let number = year.order_month("2026-08").await;
    let due = year.ledger.due("2026-08");
    year.pays(&number, due, &number, "2026-08-10").await;
    year.ledger.post("2026-08");
    year.check("2026-08").await;

    // September: the notice of the year's bases comes late; July and August are made up for with a back payment.
    year.stand_on("2026-09-08").await;
    let adjusted: Vec<String> = year.ledger.due_now().into_iter().map(|(account, _)| account).collect();
    let old: BTreeMap<String, Fen> =
        adjusted.iter().map(|account| (account.clone(), year.ledger.people[account].base)).collect();
    let rise = |base: Fen| base + 33_300;
    let rows: Vec<_> = adjusted
        .iter()
        .map(|account| {
            let mut row = year.who(account);
            row.push(("new_base", yuan(rise(old[account]))));
            row
        })
        .collect();
    assert_eq!(year.file("base_adjustment", "2026-09", &rows).await.line.stage, FilingStage::Settled);
    for account in &adjusted {
        year.ledger.people.get_mut(account).unwrap().base = rise(old[account]);
    }
    let stayed: Vec<String> = year.ledger.lists["2026-07"]
        .iter()
        .map(|(account, _)| account.clone())
        .filter(|account| year.ledger.people[account].contributes)
        .collect();
    let differences: Vec<(String, Fen)> =
        stayed.iter().map(|account| (account.clone(), 2 * (side(rise(old[account])) - side(old[account])))).collect();
    let rows: Vec<_> = differences
        .iter()
        .map(|(account, part)| {
            let mut row = year.who(account);
            row.extend([
                ("from_month", "2026-07".to_owned()),
                ("to_month", "2026-08".to_owned()),
                ("reason", "基数调整补差".to_owned()),
                ("old_base", yuan(old[account])),
                ("new_base", yuan(rise(old[account]))),
                ("unit_amount", yuan(*part)),
                ("personal_amount", yuan(*part)),
            ]);
            row
        })
        .collect();
    let back = year.file("back_payment", "2026-09", &rows).await;
    let back = back.receipt.unwrap().filing_number;
    year.verify("2026-09", &["2026-09"]).await;
    let number = year.order(&[format!("filing:{back}"), "month:2026-09".into()], "transfer").await;
    let due = year.ledger.due("2026-09") + both(&differences);
    year.pays(&number, due, &number, "2026-09-10").await;
    year.ledger.allot(&differences);
    year.ledger.post("2026-09");
    year.check("2026-09").await;

    // October: two come; a hundred yuan too much.
    year.stand_on("2026-10-08").await;
    year.hire("2026-10", &[("柴静怡", 107, 480_000), ("瞿远航", 109, 1_234_567)]).await;
    year.verify("2026-10", &["2026-10"]).await;
    let number = year.order_month("2026-10").await;
    let due = year.ledger.due("2026-10");
    year.pays(&number, due + 10_000, &number, "2026-10-10").await;
    assert_eq!(year.state_of(&number).await, OrderStage::Paid, "the due is allotted, the rest is in suspense");
    year.ledger.post("2026-10");
    year.check("2026-10").await;

    // November: a hundred yuan short. The order fails, the money waits, is claimed to suspense, and the month is paid
    // by a second order.
    year.stand_on("2026-11-08").await;
    year.verify("2026-11", &["2026-11"]).await;
    let number = year.order_month("2026-11").await;
    let due = year.ledger.due("2026-11");
    year.pays(&number, due - 10_000, &number, "2026-11-10").await;
    assert_eq!(year.state_of(&number).await, OrderStage::Failed);
    let payments = year.payments().await;
    assert_eq!(payments.dues.len(), 1, "still owed");
    assert_eq!(fen(&payments.available), 10_000, "what waits to be claimed cannot be used");
    year.claim("suspense").await;
    let number = year.order_month("2026-11").await;
    year.pays(&number, due, &number, "2026-11-12").await;
    year.ledger.post("2026-11");
    year.check("2026-11").await;

    // December: three leave; paid from suspense, without the bank.
    year.stand_on("2026-12-08").await;
    year.leave("2026-12", 60, 3).await;
    year.verify("2026-12", &["2026-12"]).await;
    let number = year.order(&["month:2026-12".into()], "suspense").await;
    assert_eq!(year.state_of(&number).await, OrderStage::Paid, "at once");
    year.ledger.post("2026-12");
    year.check("2026-12").await;

    // January 2027: a wrong remark; the money is claimed for the month that it was meant for.
    year.stand_on("2027-01-08").await;
    year.verify("2027-01", &["2027-01"]).await;
    let number = year.order_month("2027-01").await;
    let due = year.ledger.due("2027-01");
    year.pays(&number, due, "公积金一月", "2027-01-10").await;
    assert_eq!(year.state_of(&number).await, OrderStage::Awaiting, "nobody knows whose money it is");
    year.claim("month:2027-01").await;
    assert_eq!(year.state_of(&number).await, OrderStage::Paid, "settled by the claim");
    year.ledger.post("2027-01");
    year.check("2027-01").await;

    // February: somebody who came in January is registered late; his January is paid back.
    year.stand_on("2027-02-08").await;
    year.hire("2027-02", &[("苗雨辰", 111, 777_777)]).await;
    let late = year.ledger.account_of("苗雨辰");
    let part = vec![(late.clone(), side(777_777))];
    let mut row = year.who(&late);
    row.extend([
        ("from_month", "2027-01".to_owned()),
        ("to_month", "2027-01".to_owned()),
        ("reason", "漏缴补缴".to_owned()),
        ("new_base", yuan(777_777)),
        ("unit_amount", yuan(part[0].1)),
        ("personal_amount", yuan(part[0].1)),
    ]);
    let back = year.file("back_payment", "2027-02", &[row]).await.receipt.unwrap().filing_number;
    year.verify("2027-02", &["2027-02"]).await;
    let number = year.order(&[format!("filing:{back}"), "month:2027-02".into()], "transfer").await;
    let due = year.ledger.due("2027-02") + both(&part);
    year.pays(&number, due, &number, "2027-02-10").await;
    year.ledger.allot(&part);
    year.ledger.post("2027-02");
    year.check("2027-02").await;

    // March: one of the leavers is back; money without a remark is asked back, and sent again as it should be.
    year.stand_on("2027-03-08").await;
    year.change("2027-03", &gone[..1], "启封", "").await;
    year.verify("2027-03", &["2027-03"]).await;
    let number = year.order_month("2027-03").await;
    let due = year.ledger.due("2027-03");
    year.pays(&number, due, "", "2027-03-10").await;
    year.claim("return").await;
    year.stand_on("2027-03-12").await;
    year.ledger.give_back(due);
    year.pays(&number, due, &number, "2027-03-14").await;
    year.ledger.post("2027-03");
    year.check("2027-03").await;

    // April is left out; in May both are verified, with a leaver of May, and paid in one order.
    year.stand_on("2027-05-08").await;
    year.verify("2027-04", &["2027-04"]).await;
    year.leave("2027-05", 90, 1).await;
    year.verify("2027-05", &["2027-05"]).await;
    let number = year.order(&["month:2027-04".into(), "month:2027-05".into()], "transfer").await;
    let due = year.ledger.due("2027-04") + year.ledger.due("2027-05");
    year.pays(&number, due, &number, "2027-05-10").await;
    year.ledger.post("2027-04");
    year.ledger.post("2027-05");
    year.check("2027-05").await;

    // June: direct debit.
    year.stand_on("2027-06-08").await;
    let last = "2027-12-31".parse().unwrap();
    year.practice.center.agree_on_debits(year.practice.unit_account, last).await.unwrap();
    year.stand_on("2027-06-08").await;
    year.verify("2027-06", &["2027-06"]).await;
    let number = year.order(&["month:2027-06".into()], "direct_debit").await;
    assert_eq!(year.state_of(&number).await, OrderStage::Debiting);
    year.stand_on("2027-06-10").await;
    assert_eq!(year.state_of(&number).await, OrderStage::Paid);
    let due = year.ledger.due("2027-06");
    year.ledger.receive(due);
    year.ledger.post("2027-06");
    year.check("2027-06").await;
    assert_eq!(year.ledger.lists.len(), 12, "twelve months");
}
