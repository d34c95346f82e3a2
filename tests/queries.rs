//! 单位信息查询 at the desk, against a real center: the five queries and the ledgers, the copy that serves without the
//! center, the workbook that is taken away, a filing that another computer made.
#![allow(clippy::unwrap_used, reason = "a test that cannot start has failed")]

use std::path::Path;
use std::sync::Arc;

use huijiao_demo::{Practice, workbooks};
use huijiao_desk::Desk;
use huijiao_desk::ports::{Clock, SystemClock};
use huijiao_desk::views::{
    ContributorsView, ExportedFile, FigureKey, FilingAtCenter, FilingStage, JumpScreen, QueryCell, QueryView, UiError,
    VerificationView,
};
use huijiao_domain::capitals::capitals;
use huijiao_domain::money::Yuan;
use huijiao_domain::profile::CenterProfile;
use huijiao_domain::sheet::{CellKind, Field};
use huijiao_sheets::{Limits, ReadChoice, RosterError, RosterFault, RosterProblem};
use huijiao_tests::{call, closed, desk, given_up, import, sign};
use serde_json::{Value, json};
use tempfile::TempDir;

const WORKER: &str = env!("CARGO_BIN_EXE_huijiao-test-worker");

struct Scene {
    desk: Arc<Desk>,
    practice: Practice,
    folder: TempDir,
}

impl Scene {
    async fn open() -> Self {
        let folder = TempDir::new().unwrap();
        let practice = Practice::open(&folder.path().join("practice"), SystemClock.now()).await.unwrap();
        let desk = desk(folder.path(), Path::new(WORKER));
        desk.enter(practice.connection()).await.unwrap();
        Self { desk, practice, folder }
    }

    async fn try_query(&self, form: Value, page: u32) -> Result<QueryView, UiError> {
        call(&self.desk, "query", json!({ "form": form, "page": page, "fresh": true })).await
    }

    async fn query(&self, form: Value) -> QueryView {
        self.try_query(form, 0).await.unwrap()
    }
}

fn column<'a>(view: &'a QueryView, label: &str) -> Vec<&'a str> {
    let place = view.columns.iter().position(|column| column.label == label).unwrap();
    view.rows.iter().map(|row| row.cells[place].as_str()).collect()
}

fn total<'a>(view: &'a QueryView, label: &str) -> &'a str {
    let place = view.columns.iter().position(|column| column.label == label).unwrap();
    &view.totals[place]
}

/// Of the part of the lines with a label below them.
fn subtotal<'a>(view: &'a QueryView, part: &str, label: &str) -> &'a str {
    let place = view.columns.iter().position(|column| column.label == label).unwrap();
    &view.subtotals.iter().find(|line| line[0] == part).unwrap()[place]
}

fn yuan(text: &str) -> Yuan {
    if text.is_empty() { Yuan::ZERO } else { text.parse().unwrap() }
}

fn sum(view: &QueryView, label: &str) -> Yuan {
    column(view, label).into_iter().map(yuan).sum()
}

fn balance(view: &QueryView, label: &str) -> Yuan {
    yuan(&view.balances.iter().find(|(name, _)| name == label).unwrap().1)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_query_is_answered_and_adds_up() {
    let scene = Scene::open().await;
    let unit = scene.query(json!({ "query": "unit" })).await;
    let said = |item: &str| {
        let at = column(&unit, "项目").iter().position(|label| *label == item).unwrap();
        column(&unit, "内容")[at].to_owned()
    };
    assert_eq!((said("单位账号").as_str(), said("缴存人数").as_str()), (scene.practice.unit_account, "228 人"));

    let ledger = scene.query(json!({ "query": "ledger", "span": "year" })).await;
    assert_eq!(ledger.period, "2026-01-01 至 2026-12-31", "by the center's calendar");
    for (moved, opening, closing) in
        [("应缴增减", "期初应缴未缴", "期末应缴未缴"), ("暂存款增减", "期初暂存款", "期末暂存款")]
    {
        assert_eq!(balance(&ledger, opening) + sum(&ledger, moved), balance(&ledger, closing), "{moved}");
    }
    assert_eq!(sum(&ledger, "个人账户增减"), yuan(total(&ledger, "个人账户增减")));
    assert!(column(&ledger, "业务").contains(&"提取"), "what people took out is in the unit's ledger too");

    let suspense = scene.query(json!({ "query": "suspense", "span": "all" })).await;
    let moved = yuan(total(&suspense, "转入")) - yuan(total(&suspense, "转出"));
    assert_eq!(moved, balance(&suspense, "期末余额"), "from nothing to what is there");
    assert_eq!(format!("{} 元", balance(&suspense, "期末余额")), said("暂存款余额"));

    let withdrawals = scene.query(json!({ "query": "withdrawals", "span": "all" })).await;
    assert!(withdrawals.total > 5 && sum(&withdrawals, "提取金额") == yuan(total(&withdrawals, "提取金额")));
    let jump = withdrawals.rows[0].jump.clone().unwrap();
    assert_eq!(jump.screen, JumpScreen::ContributorLedger);
    let his = scene.query(json!({ "query": "contributor", "span": "all", "account": jump.argument })).await;
    assert!(his.title.contains(column(&withdrawals, "姓名")[0]), "{}", his.title);
    assert_eq!(balance(&his, "期初余额") + sum(&his, "合计"), balance(&his, "期末余额"));
    assert!(column(&his, "流水号").contains(&column(&withdrawals, "业务流水号")[0]), "the same withdrawal");

    let accounts = scene.query(json!({ "query": "accounts" })).await;
    assert_eq!((accounts.total, accounts.pages, accounts.rows.len()), (240, 2, 200));
    let rest = scene.try_query(json!({ "query": "accounts" }), 1).await.unwrap();
    assert_eq!((rest.page, rest.rows.len()), (1, 40));
    assert_eq!(sum(&accounts, "账户余额") + sum(&rest, "账户余额"), yuan(total(&rest, "账户余额")), "of all pages");
    assert!(column(&accounts, "证件号码").iter().all(|id| id.contains('*')), "masked, as everywhere");
    let sealed = scene.query(json!({ "query": "accounts", "state": "sealed" })).await;
    assert_eq!((sealed.total, column(&sealed, "状态")[0]), (12, "封存"));
    assert_eq!(sealed.rows[0].jump.as_ref().unwrap().screen, JumpScreen::Contributor);

    // What is remitted every month is of nobody who is sealed.
    let normal = scene.query(json!({ "query": "accounts", "state": "normal" })).await;
    assert_eq!((accounts.subtotals.len(), normal.subtotals.len()), (2, 0), "of one status there are no parts");
    for (part, of_it) in [("正常小计", &normal), ("封存小计", &sealed)] {
        for label in ["姓名", "单位月缴存额", "个人月缴存额", "月缴存额", "账户余额"] {
            assert_eq!(subtotal(&accounts, part, label), total(of_it, label), "{part}, {label}");
        }
    }
    assert!(yuan(total(&sealed, "月缴存额")) > Yuan::ZERO, "they have an amount, though nobody pays it");
    assert_eq!(total(&accounts, "月缴存额"), "", "no sum over both, which no remittance agrees with");
    let table: VerificationView = call(&scene.desk, "verification", json!({})).await.unwrap();
    let figures = &table.tables[0].figures;
    let due = figures.iter().find(|figure| figure.key == FigureKey::Due).unwrap();
    assert_eq!(due.amount, subtotal(&accounts, "正常小计", "月缴存额"), "what is remitted");

    for (form, code) in [
        (
            json!({ "query": "ledger", "span": "days", "from": "2026-07-02", "to": "2026-07-01" }),
            "desk-period-reversed",
        ),
        (json!({ "query": "ledger", "span": "days", "from": "七月" }), "desk-day-unreadable"),
        (json!({ "query": "accounts", "state": "gone" }), "problem-query-invalid"),
        (json!({ "query": "contributor", "account": "000000000000" }), "problem-not-found"),
    ] {
        let error = scene.try_query(form.clone(), 0).await.unwrap_err();
        assert_eq!(error.code, code, "{form}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_center_the_copy_serves_and_says_its_age() {
    let scene = Scene::open().await;
    let form = json!({ "query": "ledger", "span": "last_year" });
    let before = scene.query(form.clone()).await;
    assert!(!before.stale && !before.rows.is_empty());
    let connection = scene.practice.connection();
    let Scene { desk, practice, folder } = scene;
    practice.center.shutdown().await;

    let ask = async |desk: &Arc<Desk>, form: &Value| -> Result<QueryView, UiError> {
        call(desk, "query", json!({ "form": form, "fresh": true })).await
    };
    let copy = ask(&desk, &form).await.unwrap();
    assert!(copy.stale && copy.as_of == before.as_of, "as old as it is: {}", copy.as_of);
    assert_eq!((copy.rows, copy.balances), (before.rows.clone(), before.balances));
    let other = ask(&desk, &json!({ "query": "ledger", "span": "all" })).await.unwrap_err();
    assert!(other.code.starts_with("net-"), "what was never fetched is not made up: {}", other.code);

    closed(desk).await;
    let desk = huijiao_tests::desk(folder.path(), Path::new(WORKER));
    desk.enter(connection).await.unwrap();
    let again = ask(&desk, &form).await.unwrap();
    assert!(again.stale && again.rows == before.rows, "it is kept over a restart");
    let label = before.rows[0].cells[2].as_bytes();
    let kept = std::fs::read_dir(folder.path().join("desk/practice/data")).unwrap().map(|file| file.unwrap().path());
    let kept: Vec<_> = kept.filter(|path| path.is_file()).map(|path| std::fs::read(path).unwrap()).collect();
    assert!(kept.iter().map(Vec::len).sum::<usize>() > 0, "it is there");
    assert!(kept.iter().all(|file| memchr::memmem::find(file, label).is_none()), "and sealed");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_whole_result_is_exported_and_can_be_read_again() {
    let scene = Scene::open().await;
    let form = json!({ "query": "accounts" });
    let shown = scene.query(form.clone()).await;
    let made: ExportedFile = call(&scene.desk, "query_export", json!({ "form": form })).await.unwrap();
    assert_eq!(made.file, "缴存人账户.xlsx");
    let bytes = std::fs::read(Path::new(&made.folder).join(&made.file)).unwrap();
    let book = huijiao_sheets::read(bytes, &ReadChoice::default(), &Limits::default()).unwrap();
    let text = |row: u32, column: u16| book.row(row).and_then(|row| row.cell(column)).map(|cell| cell.text);
    assert_eq!(text(1, 0), Some("缴存人账户"));
    let head = (1..=9).find(|row| text(*row, 0) == Some("个人账号")).unwrap();
    let lines: Vec<u32> =
        (head + 1..).take_while(|row| text(*row, 0).is_some_and(|said| !said.ends_with('计'))).collect();
    assert_eq!(lines.len(), 240, "all pages");
    let place = |label: &str| u16::try_from(shown.columns.iter().position(|one| one.label == label).unwrap()).unwrap();
    for (row, line) in lines.iter().zip(&shown.rows) {
        for (column, cell) in (0..).zip(&line.cells).filter(|(_, cell)| !cell.is_empty()) {
            let kept = book.row(*row).unwrap().cell(column).unwrap();
            if shown.columns[usize::from(column)].form == QueryCell::Amount {
                assert_eq!(kept.kind, CellKind::Number, "a sum can be made of it");
                assert_eq!(yuan(kept.text), yuan(cell));
            } else {
                assert_eq!((kept.kind, kept.text), (CellKind::Text, cell.as_str()), "no digit of an account is lost");
            }
        }
    }
    let below = lines.last().unwrap() + 1;
    for (row, part) in (below..).zip(["正常小计", "封存小计"]) {
        assert_eq!(text(row, 0), Some(part), "what is remitted stands apart from what is not");
        assert_eq!(yuan(text(row, place("月缴存额")).unwrap()), yuan(subtotal(&shown, part, "月缴存额")), "{part}");
    }
    let (all, balances) = (text(below + 2, 0), text(below + 2, place("账户余额")).unwrap());
    assert_eq!((all, yuan(balances)), (Some("合计"), yuan(total(&shown, "账户余额"))), "the totals below");
    assert_eq!(text(below + 2, place("月缴存额")).unwrap_or_default(), "", "no sum over both");
    let sum = total(&shown, "账户余额");
    assert_eq!(shown.capitals[sum], capitals(yuan(sum)), "and in words");
    assert!(!shown.capitals.contains_key("合计"), "words of amounts only");
    // As a roster it is refused, and says why: of its ID numbers only a part stands there.
    let ours = std::fs::read(Path::new(&made.folder).join(&made.file)).unwrap();
    let mut ours = huijiao_sheets::read(ours, &ReadChoice::default(), &Limits::default()).unwrap();
    let profile = CenterProfile::shipped("demo").unwrap();
    let refused = huijiao_sheets::roster(&mut ours, &profile, None).unwrap_err();
    let RosterError::Rows { problems } = &refused else { panic!("its columns are found: {refused:?}") };
    let masked = |problem: &RosterProblem| problem.fault == RosterFault::Masked(Field::IdNumber);
    assert!(problems.len() == 240 && problems.iter().all(masked), "everybody's: {:?}", problems.first());
    assert!(refused.args()["list"].contains("星号"), "{:?}", refused.args());
    let again: ExportedFile = call(&scene.desk, "query_export", json!({ "form": form })).await.unwrap();
    assert_eq!(again.file, "缴存人账户(2).xlsx", "nothing is written over");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_that_is_given_up_writes_nothing() {
    let scene = Scene::open().await;
    let step = || {
        let desk = scene.desk.clone();
        async move { call(&desk, "query_export", json!({ "form": { "query": "accounts" } })).await }
    };
    let code = given_up(&scene.desk, scene.folder.path().join("export").as_path(), step).await;
    assert_eq!(code, "desk-given-up");
    let made: ExportedFile =
        call(&scene.desk, "query_export", json!({ "form": { "query": "accounts" } })).await.unwrap();
    assert!(Path::new(&made.folder).join(&made.file).is_file(), "and it can be done again");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_filing_of_another_computer_is_shown_as_the_center_has_it() {
    let scene = Scene::open().await;
    let elsewhere = TempDir::new().unwrap();
    let colleague = desk(elsewhere.path(), Path::new(WORKER));
    colleague.enter(scene.practice.connection()).await.unwrap();
    let draft = import(&colleague, &scene.practice.workbook_folder.join(workbooks::CLEAN), "2026-07").await.unwrap();
    let filed = sign(&colleague, &draft, "clerk", "123456").await.unwrap();
    let number = filed.line.filing_number.unwrap();

    let form = json!({ "query": "filings", "span": "year", "kind": "base_adjustment", "state": "settled" });
    let list = scene.query(form).await;
    assert_eq!(column(&list, "业务流水号"), [number.as_str()]);
    assert_eq!(column(&list, "金额"), [filed.totals.after.as_str()], "as its receipt says");
    assert_eq!(list.rows[0].jump.as_ref().unwrap().screen, JumpScreen::Filings, "it is not on this computer");
    let none = scene.query(json!({ "query": "filings", "kind": "payment" })).await;
    assert_eq!((none.total, none.pages), (0, 1));

    let one: FilingAtCenter = call(&scene.desk, "query_filing", json!({ "number": number })).await.unwrap();
    assert!(!one.here && one.stage == FilingStage::Settled && !one.stale);
    assert!(one.receipt.valid, "{:?}", one.receipt.steps);
    assert_eq!(one.totals.unwrap().people, filed.totals.people);
    assert_eq!(one.signers[0].0, "经办人");
    let there: FilingAtCenter = call(&colleague, "query_filing", json!({ "number": number })).await.unwrap();
    assert!(there.here && there.filing == filed.line.filing, "there it is kept");
    let missing = call::<FilingAtCenter>(&scene.desk, "query_filing", json!({ "number": "1" })).await.unwrap_err();
    assert_eq!(missing.code, "desk-filing-gone");

    scene.practice.center.shutdown().await;
    let copy: FilingAtCenter = call(&scene.desk, "query_filing", json!({ "number": number })).await.unwrap();
    assert!(copy.stale && copy.receipt.valid, "the copy is verified anew");
    let people: ContributorsView = call(&scene.desk, "contributors", json!({})).await.unwrap();
    assert_eq!(people.total, 240, "all else goes on as well");
}
