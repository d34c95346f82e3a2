//! 智能比对 with nothing faked: one payroll becomes the filings of the month, each signed and booked by a real center.
#![allow(clippy::unwrap_used, reason = "a test that cannot start has failed")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use huijiao_center::{Fault, Target};
use huijiao_demo::people::{self, UnitRoster};
use huijiao_demo::workbooks::{PAYROLL, PLANTED_CHANGES, ROSTER};
use huijiao_demo::{Practice, practice};
use huijiao_desk::Desk;
use huijiao_desk::ports::{Clock, SystemClock};
use huijiao_desk::views::{
    ComparisonLine, ComparisonPage, ComparisonView, ComparisonsView, DraftView, FilingStage, FindingsView, HomeView,
    JumpScreen, MonthStepKey, MonthStepState, MonthView, PageView, PreviewView, UiError,
};
use huijiao_domain::profile::CenterProfile;
use huijiao_domain::roster::AccountStatus;
use huijiao_tests::{call, closed, desk, given_up, settle, settled, sign};
use serde_json::{Value, json};
use tempfile::TempDir;

const WORKER: &str = env!("CARGO_BIN_EXE_huijiao-test-worker");

struct Scene {
    folder: TempDir,
    practice: Practice,
    desk: Arc<Desk>,
}

impl Scene {
    async fn open() -> Self {
        let folder = TempDir::new().unwrap();
        let practice = Practice::open(&folder.path().join("practice"), SystemClock.now()).await.unwrap();
        let desk = desk(folder.path(), Path::new(WORKER));
        desk.enter(practice.connection()).await.unwrap();
        Self { folder, practice, desk }
    }

    fn payroll(&self) -> PathBuf {
        self.practice.workbook_folder.join(PAYROLL)
    }

    /// The unit as the practice begins with it.
    fn roster(&self) -> UnitRoster {
        serde_json::from_slice(&std::fs::read(self.practice.workbook_folder.join(ROSTER)).unwrap()).unwrap()
    }
}

async fn compare(desk: &Arc<Desk>, file: &Path) -> Result<ComparisonView, UiError> {
    let ticket = desk.ticket_of_file(file).unwrap().ticket;
    call(desk, "compare_open", json!({ "choice": { "ticket": ticket, "kind": "payroll", "period": "2026-07" } })).await
}

async fn lines(desk: &Arc<Desk>, view: &ComparisonView, filter: Value) -> Vec<ComparisonLine> {
    let mut lines = Vec::new();
    for page in 0.. {
        let args = json!({ "comparison": view.comparison, "filter": filter, "page": page });
        let page: ComparisonPage = call(desk, "comparison_page", args).await.unwrap();
        lines.extend(page.lines);
        if lines.len() >= page.total as usize {
            break;
        }
    }
    lines
}

async fn decide(desk: &Arc<Desk>, view: &ComparisonView, decision: Value) -> Result<ComparisonView, UiError> {
    let args = json!({ "comparison": view.comparison, "revision": view.revision, "decision": decision });
    call(desk, "compare_decide", args).await
}

async fn change(
    desk: &Arc<Desk>,
    command: &str,
    view: &ComparisonView,
    more: Value,
) -> Result<ComparisonView, UiError> {
    let mut args = json!({ "comparison": view.comparison, "revision": view.revision });
    args.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    call(desk, command, args).await
}

fn people(view: &ComparisonView) -> BTreeMap<&str, u32> {
    view.groups.iter().filter(|group| group.people > 0).map(|group| (group.kind.as_str(), group.people)).collect()
}

/// Answers every question of the practice payroll: one left for good, one moved, and the sheet is right otherwise.
async fn answer_all(desk: &Arc<Desk>, mut view: ComparisonView) -> ComparisonView {
    let left = lines(desk, &view, json!({ "group": "left" })).await;
    let [first, second] = left.as_slice() else { panic!("two people left: {left:?}") };
    let seal = json!({ "keys": [first.key], "answer": "seal", "reason": "解除或终止劳动关系" });
    view = decide(desk, &view, seal).await.unwrap();
    view = decide(desk, &view, json!({ "keys": [second.key], "answer": "transfer_out" })).await.unwrap();
    for group in ["name_differs", "id_differs"] {
        let asked = lines(desk, &view, json!({ "group": group })).await.remove(0);
        view = decide(desk, &view, json!({ "keys": [asked.key], "answer": "update" })).await.unwrap();
    }
    view
}

/// Opens a draft, fills in what no payroll knows, and confirms its warnings.
async fn complete(desk: &Arc<Desk>, draft: &str) -> DraftView {
    let mut draft: DraftView = call(desk, "draft", json!({ "draft": draft })).await.unwrap();
    if draft.kind == "contributor_registration" {
        let ops: Vec<Value> = (0..draft.rows)
            .map(
                |index| json!({ "op": "set", "index": index, "field": "mobile", "text": format!("1380000{index:04}") }),
            )
            .collect();
        let args = json!({ "draft": draft.draft, "revision": draft.revision, "ops": ops });
        draft = call(desk, "draft_edit", args).await.unwrap();
    }
    assert_eq!(draft.blocking, 0, "{}: {:?}", draft.kind, draft.summary);
    settle(desk, draft).await.unwrap()
}

async fn drafts(desk: &Arc<Desk>) -> Vec<String> {
    let home: HomeView = call(desk, "home", json!({})).await.unwrap();
    let mut drafts: Vec<String> = home.drafts.into_iter().map(|line| line.draft).collect();
    drafts.sort();
    drafts
}

#[tokio::test(flavor = "multi_thread")]
async fn all_drafts_of_a_comparison_are_taken_back_and_brought_back_together() {
    let scene = Scene::open().await;
    let begun = compare(&scene.desk, &scene.payroll()).await.unwrap();
    let view = answer_all(&scene.desk, begun).await;
    assert_eq!(view.to_take_back, 0, "nothing was made yet");
    let early = change(&scene.desk, "compare_take_back", &view, json!({})).await.unwrap_err();
    assert_eq!(early.code, "desk-comparison-stale");

    let made = change(&scene.desk, "compare_to_drafts", &view, json!({})).await.unwrap();
    let all = drafts(&scene.desk).await;
    assert_eq!((made.to_take_back as usize, all.len()), (made.making.len(), made.making.len()));
    let of = |kind: &str| made.making.iter().find(|m| m.kind == kind).unwrap().draft.clone().unwrap();
    let edited = complete(&scene.desk, &of("contributor_registration")).await;
    assert!(edited.can_undo, "something was typed into one of them: {edited:?}");
    // What is signed stays: the center has it.
    let filed = complete(&scene.desk, &of("base_adjustment")).await;
    sign(&scene.desk, &filed, "clerk", "123456").await.unwrap();

    let left: ComparisonView = call(&scene.desk, "comparison", json!({ "comparison": made.comparison })).await.unwrap();
    let taken = change(&scene.desk, "compare_take_back", &left, json!({})).await.unwrap();
    assert!(drafts(&scene.desk).await.is_empty(), "one step took all of them");
    assert_eq!(taken.to_take_back, 0);
    assert!(taken.making.iter().all(|m| m.draft.is_none()), "{:?}", taken.making);
    assert_eq!(taken.making.iter().filter(|m| m.filing.is_some()).count(), 1, "but for what was signed");
    assert_eq!(taken.open, 0, "what was decided stands");

    let one = of("status_change");
    let home: HomeView = call(&scene.desk, "draft_restore", json!({ "draft": one })).await.unwrap();
    assert_eq!(home.drafts.len(), made.making.len() - 1, "whoever names one brings all of them back");
    let again: DraftView = call(&scene.desk, "draft", json!({ "draft": edited.draft })).await.unwrap();
    assert_eq!((again.revision, again.can_undo), (edited.revision, true), "with what was typed, and its steps");
    let twice = call::<HomeView>(&scene.desk, "draft_restore", json!({ "draft": one })).await.unwrap_err();
    assert_eq!(twice.code, "desk-draft-gone", "once");

    let back: ComparisonView = call(&scene.desk, "comparison", json!({ "comparison": made.comparison })).await.unwrap();
    assert_eq!(back.to_take_back, left.to_take_back, "the comparison knows of them again");
    let taken = change(&scene.desk, "compare_take_back", &back, json!({})).await.unwrap();
    let remade = change(&scene.desk, "compare_to_drafts", &taken, json!({})).await.unwrap();
    assert_eq!(remade.to_take_back, left.to_take_back, "and can make them anew");
    let beside = call::<HomeView>(&scene.desk, "draft_restore", json!({ "draft": one })).await.unwrap_err();
    assert_eq!(beside.code, "desk-draft-gone", "those of before do not come back beside the new ones");
    assert_eq!(drafts(&scene.desk).await.len(), left.to_take_back as usize);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_comparison_that_is_given_up_is_not_there() {
    let scene = Scene::open().await;
    let ticket = scene.desk.ticket_of_file(&scene.payroll()).unwrap().ticket;
    let choice = json!({ "choice": { "ticket": ticket, "kind": "payroll", "period": "2026-07" } });
    let nothing = scene.folder.path().join("export");
    let step = || {
        let (desk, choice) = (scene.desk.clone(), choice.clone());
        async move { call(&desk, "compare_open", choice).await }
    };
    let kept = async || -> usize {
        call::<ComparisonsView>(&scene.desk, "comparisons", json!({})).await.unwrap().comparisons.len()
    };
    // The center is asked about whoever is new before anything is kept: while it does not answer there is no comparison.
    settled(&scene.desk).await;
    let faults = scene.practice.center.faults();
    faults.next(Target::Any, Fault::Hold);
    let under_way = tokio::spawn(step());
    while faults.waiting() > 0 {
        tokio::task::yield_now().await;
    }
    assert_eq!(kept().await, 0, "nothing is kept while the center is asked");
    let () = call(&scene.desk, "step_cancel", json!({})).await.unwrap();
    assert_eq!(under_way.await.unwrap().unwrap_err().code, "sheet-cancelled");
    assert_eq!(kept().await, 0);
    faults.release();
    assert_eq!(given_up(&scene.desk, &nothing, step).await, "sheet-cancelled");
    let before = kept().await;
    let view = compare(&scene.desk, &scene.payroll()).await.unwrap();
    assert_eq!(kept().await, before + 1, "and it can be made again");
    assert_eq!((view.not_asked, view.trouble), (0, None));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_payroll_becomes_the_filings_of_the_month() {
    let scene = Scene::open().await;
    let view = compare(&scene.desk, &scene.payroll()).await.unwrap();

    // Exactly the planted changes.
    let mut planted: BTreeMap<&str, u32> = BTreeMap::new();
    for change in &PLANTED_CHANGES {
        *planted.entry(change.kind.as_str()).or_default() += 1;
    }
    let found = people(&view);
    let changes: BTreeMap<&str, u32> =
        found.iter().filter(|(kind, _)| **kind != "unchanged").map(|(kind, people)| (*kind, *people)).collect();
    assert_eq!(changes, planted, "nine changes and nothing else");
    let roster = scene.roster().roster.contributors;
    for change in &PLANTED_CHANGES {
        let group = lines(&scene.desk, &view, json!({ "group": change.kind.as_str() })).await;
        let name = change.person.map_or(change.says, |place| roster[place].name.as_str());
        let line = group.iter().find(|line| line.name == name).unwrap_or_else(|| panic!("{name}: {group:?}"));
        assert!(line.reason.contains(name) || line.reason.contains("证件号码相同"), "it says why: {}", line.reason);
        let digits = line.id_masked.chars().filter(char::is_ascii_digit).count();
        assert!(digits < 10, "numbers of people are masked: {}", line.id_masked);
    }
    assert_eq!((view.people, view.blocking, view.unconfirmed), (229, 0, 0), "{:?}", view.findings);
    assert_eq!((view.not_asked, view.trouble.as_deref()), (0, None), "the center was asked about whoever is new");
    let new = lines(&scene.desk, &view, json!({ "group": "new" })).await;
    let filings: Vec<_> = new.iter().map(|line| line.filings.as_slice()).collect();
    assert_eq!(
        filings,
        [["缴存人登记"], ["缴存人状态变更"]],
        "one is unknown in the city, one has a sealed account at another unit"
    );

    // Nothing is made while a question is open.
    let refused = change(&scene.desk, "compare_to_drafts", &view, json!({})).await.unwrap_err();
    assert_eq!((refused.code.as_str(), refused.args["count"].as_str()), ("desk-comparison-open", "4"));
    let home: HomeView = call(&scene.desk, "home", json!({})).await.unwrap();
    assert!(home.drafts.is_empty(), "a missing person is never assumed to have left");
    let way = |month: &MonthView| month.steps[0].action.as_ref().map(|way| (way.screen, way.argument.clone()));
    let month: MonthView = call(&scene.desk, "month", json!({})).await.unwrap();
    assert_eq!(way(&month), Some((JumpScreen::Compare, view.comparison.clone())), "the month leads back to it");

    let view = answer_all(&scene.desk, view).await;
    assert_eq!(view.open, 0);
    let made = change(&scene.desk, "compare_to_drafts", &view, json!({})).await.unwrap();
    assert!(made.made && made.making.iter().all(|making| making.draft.is_some()), "{:?}", made.making);
    let counts: BTreeMap<&str, u32> = made.making.iter().map(|m| (m.kind.as_str(), m.people)).collect();
    assert_eq!(counts["contributor_registration"], 1);
    assert_eq!(counts["status_change"], 4, "启封, 转入, 封存 and 转出");
    assert_eq!(counts["base_adjustment"], 2);
    assert_eq!(counts["contributor_update"], 2, "another name, another number");

    // A second press makes nothing twice, and what was decided stands.
    let again = change(&scene.desk, "compare_to_drafts", &made, json!({})).await.unwrap();
    let drafts = |view: &ComparisonView| view.making.iter().map(|m| m.draft.clone()).collect::<Vec<_>>();
    assert_eq!(drafts(&again), drafts(&made));
    let home: HomeView = call(&scene.desk, "home", json!({})).await.unwrap();
    assert_eq!(home.drafts.len(), made.making.len());
    let late = decide(&scene.desk, &again, json!({ "group": "new", "answer": "leave_out", "note": "晚了" })).await;
    assert_eq!(late.unwrap_err().code, "desk-comparison-made");

    let status = made.making.iter().find(|making| making.kind == "status_change").unwrap();
    let first: PageView = call(&scene.desk, "draft_page", json!({ "draft": status.draft, "page": 0 })).await.unwrap();
    let said = |text: &str| first.rows.iter().flat_map(|row| &row.cells).filter(|cell| cell.as_str() == text).count();
    assert_eq!((said("身份证"), said("01")), (3, 0), "a document is named, not coded: {:?}", first.rows);

    for making in &made.making {
        let draft = making.draft.as_deref().unwrap();
        let page: PageView = call(&scene.desk, "draft_page", json!({ "draft": draft, "page": 0 })).await.unwrap();
        let why = |row: &huijiao_desk::views::GridRow| row.cells.iter().any(|cell| cell.chars().count() > 10);
        assert!(page.rows.iter().all(why), "every row says why it is there: {:?}", page.rows);
        let draft = complete(&scene.desk, draft).await;
        let filing = sign(&scene.desk, &draft, practice::CLERK_KEY, practice::PIN).await.unwrap();
        assert_eq!(filing.line.stage, FilingStage::Settled, "{}: {:?}", making.kind, filing.trouble);
    }
    let after: ComparisonView =
        call(&scene.desk, "comparison", json!({ "comparison": made.comparison })).await.unwrap();
    assert!(after.making.iter().all(|m| m.filing.is_some() && m.draft.is_none()), "each leads to its filing");
    let month: MonthView = call(&scene.desk, "month", json!({})).await.unwrap();
    let now: Vec<_> = month.steps.iter().filter(|step| step.state == MonthStepState::Now).map(|s| s.key).collect();
    assert_eq!(now, [MonthStepKey::Verification], "people and bases are seen to, the list is next");

    // The roster is what the payroll says: comparing again finds nothing that was filed.
    let second = compare(&scene.desk, &scene.payroll()).await.unwrap();
    let rest = people(&second);
    assert_eq!(rest.keys().copied().collect::<Vec<_>>(), ["unchanged"], "{rest:?}");
    let home: HomeView = call(&scene.desk, "home", json!({})).await.unwrap();
    assert_eq!(home.session.contributors, 229, "everybody who is paid");
}

/// A payroll of the practice unit as csv, with what `say` makes of a person's name, ID number and base.
fn payroll_of(scene: &Scene, say: impl Fn(usize, [String; 3]) -> [String; 3]) -> PathBuf {
    let mut csv = String::from("姓名,证件号码,缴存基数\n");
    for (place, person) in scene.roster().roster.contributors.into_iter().enumerate() {
        let said = say(place, [person.name.into(), person.id_number.into(), person.base.to_string()]);
        csv.push_str(&format!("{}\n", said.join(",")));
    }
    let file = scene.folder.path().join("工资.csv");
    std::fs::write(&file, csv).unwrap();
    file
}

#[tokio::test(flavor = "multi_thread")]
async fn two_changes_of_a_person_are_filed_in_one_round_in_their_order() {
    let scene = Scene::open().await;
    let roster = scene.roster().roster.contributors;
    let sealed = roster.iter().position(|person| person.status == AccountStatus::Sealed).unwrap();
    let renamed = roster.iter().position(|person| person.status == AccountStatus::Normal).unwrap();
    let file = payroll_of(&scene, |place, [name, id, base]| match place {
        // Everybody of the practice has another base than these.
        _ if place == sealed => [name, id, "8123".into()],
        _ if place == renamed => ["诸葛新".into(), id, "8124".into()],
        // Others who are sealed stay so.
        _ => [name, id, base],
    });
    let view = compare(&scene.desk, &file).await.unwrap();
    let asked = lines(&scene.desk, &view, json!({ "group": "name_differs" })).await.remove(0);
    let view = decide(&scene.desk, &view, json!({ "keys": [asked.key], "answer": "update" })).await.unwrap();
    let both = lines(&scene.desk, &view, json!({ "find": roster[sealed].name })).await;
    let returned = both.iter().find(|line| line.account == roster[sealed].personal_account).unwrap();
    assert_eq!(returned.filings, ["缴存人状态变更", "年度基数调整"], "{}", returned.reason);
    assert_eq!(view.in_several, 2, "one who returns with another base, one who has another name and base");

    let made = change(&scene.desk, "compare_to_drafts", &view, json!({})).await.unwrap();
    let order: Vec<&str> = made.making.iter().map(|m| m.kind.as_str()).collect();
    assert_eq!(order, ["status_change", "base_adjustment", "contributor_update"], "as they are to be settled");
    let base = made.making[1].draft.as_deref().unwrap();
    let early: DraftView = call(&scene.desk, "draft", json!({ "draft": base })).await.unwrap();
    assert_eq!(early.blocking, 1, "nobody's base is adjusted while he is sealed: {:?}", early.summary);
    for making in &made.making {
        let draft = complete(&scene.desk, making.draft.as_deref().unwrap()).await;
        let filing = sign(&scene.desk, &draft, practice::CLERK_KEY, practice::PIN).await.unwrap();
        assert_eq!(filing.line.stage, FilingStage::Settled, "{}: {:?}", making.kind, filing.trouble);
    }
    let second = compare(&scene.desk, &file).await.unwrap();
    let rest = people(&second);
    assert_eq!(rest.keys().copied().collect::<Vec<_>>(), ["unchanged"], "one round was enough: {rest:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_with_errors_is_mended_without_touching_the_workbook() {
    let scene = Scene::open().await;
    let roster = scene.roster().roster.contributors;
    let wrong = |id: &str| format!("{}{}", &id[..17], if id.ends_with('1') { '2' } else { '1' });
    let file = payroll_of(&scene, |place, [name, id, base]| match place {
        0 => [name, wrong(&id), base],
        1 => [name, id, "#N/A".into()],
        _ => [name, id, base],
    });
    let bytes = std::fs::read(&file).unwrap();
    let view = compare(&scene.desk, &file).await.unwrap();
    let open = lines(&scene.desk, &view, json!({ "group": "not_comparable" })).await;
    let [id, base] = open.as_slice() else { panic!("two rows: {open:?}") };
    let problem = &id.problems[0];
    assert_eq!((problem.field.as_deref(), problem.text.as_str()), (Some("id_number"), &*wrong(&roster[0].id_number)));
    assert_eq!(base.problems[0].field.as_deref(), Some("new_base"), "{:?}", base.problems);

    let mend =
        |row: Option<u32>, field: &str, text: &str| json!({ "mend": { "row": row, "field": field, "text": text } });
    let nowhere = change(&scene.desk, "compare_mend", &view, mend(Some(9_999), "name", "甲")).await.unwrap_err();
    assert_eq!(nowhere.code, "desk-no-such-cell");
    let better = mend(id.row, "id_number", &roster[0].id_number);
    let view = change(&scene.desk, "compare_mend", &view, better).await.unwrap();
    assert_eq!(people(&view)["not_comparable"], 1, "one is left");
    let mended = lines(&scene.desk, &view, json!({ "find": roster[0].personal_account })).await.remove(0);
    let [cell] = mended.mended.as_slice() else { panic!("{mended:?}") };
    assert!(cell.before.contains('*') && cell.after.contains('*') && cell.before != cell.after, "{cell:?}");

    let undone = change(&scene.desk, "compare_undo", &view, json!({})).await.unwrap();
    assert_eq!(people(&undone)["not_comparable"], 2, "the step is taken back");
    let back = lines(&scene.desk, &undone, json!({ "group": "not_comparable" })).await;
    assert!(back[0].mended.is_empty());
    let again = change(&scene.desk, "compare_undo", &undone, json!({})).await.unwrap();
    let view = change(&scene.desk, "compare_mend", &again, mend(base.row, "new_base", "8125")).await.unwrap();
    assert!(!people(&view).contains_key("not_comparable"), "{:?}", people(&view));
    let changed = lines(&scene.desk, &view, json!({ "group": "base_changed" })).await;
    assert_eq!(changed.len(), 1);
    assert_eq!(changed[0].after.as_deref(), Some("8125.00"), "what was mended is what is filed");
    let made = change(&scene.desk, "compare_to_drafts", &view, json!({})).await.unwrap();
    let draft = complete(&scene.desk, made.making.iter().find_map(|m| m.draft.as_deref()).unwrap()).await;
    assert_eq!(draft.blocking, 0);
    assert_eq!(std::fs::read(&file).unwrap(), bytes, "the clerk's file is as it was");
    let late = change(&scene.desk, "compare_mend", &made, mend(base.row, "new_base", "1")).await.unwrap_err();
    assert_eq!(late.code, "desk-comparison-made");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_in_the_middle_loses_nothing() {
    let scene = Scene::open().await;
    let view = compare(&scene.desk, &scene.payroll()).await.unwrap();
    let view = answer_all(&scene.desk, view).await;
    let spelled = lines(&scene.desk, &view, json!({ "group": "new", "find": "qianxinlai" })).await;
    assert_eq!(spelled.iter().map(|line| line.name.as_str()).collect::<Vec<_>>(), ["钱新来"]);
    // Who is decided for is who is shown.
    let note = json!({ "group": "new", "find": "qianxinlai", "answer": "leave_out", "note": "材料未齐" });
    let view = decide(&scene.desk, &view, note).await.unwrap();
    let Scene { folder, practice, desk: first } = scene;
    closed(first).await;

    let second = desk(folder.path(), Path::new(WORKER));
    second.enter(practice.connection()).await.unwrap();
    let kept: ComparisonsView = call(&second, "comparisons", json!({})).await.unwrap();
    let [entry] = kept.comparisons.as_slice() else { panic!("{kept:?}") };
    assert_eq!((entry.comparison.as_str(), entry.open, entry.made), (view.comparison.as_str(), 0, false));
    let again: ComparisonView = call(&second, "comparison", json!({ "comparison": view.comparison })).await.unwrap();
    assert_eq!((again.revision, again.open, again.can_undo), (view.revision, 0, true));
    let new = lines(&second, &again, json!({ "group": "new" })).await;
    let told: Vec<_> = new.iter().map(|line| line.left_out.as_deref()).collect();
    assert_eq!(told, [Some("材料未齐"), None], "only the one who was meant");

    let undone = change(&second, "compare_undo", &again, json!({})).await.unwrap();
    let new = lines(&second, &undone, json!({ "group": "new" })).await;
    assert!(new.iter().all(|line| line.left_out.is_none()), "the last decision is taken back");
    let stale = decide(&second, &again, json!({ "keys": [new[0].key], "answer": null })).await.unwrap_err();
    assert_eq!(stale.code, "desk-comparison-stale", "a page of before decides nothing");
    let redone = change(&second, "compare_undo", &undone, json!({})).await.unwrap();
    let made = change(&second, "compare_to_drafts", &redone, json!({})).await.unwrap();
    assert!(made.making.iter().all(|m| m.kind != "contributor_registration"), "whoever is left out is not filed");

    // Without its drafts it is open again; the comparison itself can go without them.
    for making in &made.making {
        let _: HomeView = call(&second, "draft_delete", json!({ "draft": making.draft })).await.unwrap();
    }
    let open: ComparisonView = call(&second, "comparison", json!({ "comparison": made.comparison })).await.unwrap();
    assert!(!open.made && open.making.iter().all(|m| m.draft.is_none()));
    let kept: ComparisonsView =
        call(&second, "comparison_delete", json!({ "comparison": made.comparison })).await.unwrap();
    assert!(kept.comparisons.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn without_id_numbers_people_are_found_by_account_and_name_and_that_is_confirmed() {
    let scene = Scene::open().await;
    let mut csv = String::from("姓名,个人账号,缴存基数\n");
    let roster = scene.roster().roster.contributors;
    let normal: Vec<_> = roster.iter().filter(|person| person.status == AccountStatus::Normal).collect();
    for person in &normal[1..] {
        csv.push_str(&format!("{},{},{}\n", person.name, person.personal_account, person.base));
    }
    let file = scene.folder.path().join("工资.csv");
    std::fs::write(&file, csv).unwrap();
    let view = compare(&scene.desk, &file).await.unwrap();
    assert_eq!(people(&view), BTreeMap::from([("left", 1), ("unchanged", 239)]));
    let sealed = json!({ "group": "left", "answer": "seal", "reason": "不是中心的原因" });
    assert_eq!(decide(&scene.desk, &view, sealed).await.unwrap_err().code, "desk-comparison-reason");
    let sealed = json!({ "group": "left", "answer": "seal", "reason": "离休退休" });
    let view = decide(&scene.desk, &view, sealed).await.unwrap();
    let refused = change(&scene.desk, "compare_to_drafts", &view, json!({})).await.unwrap_err();
    assert_eq!(refused.code, "desk-comparison-unconfirmed", "nobody's number was compared");
    let mut view = view;
    for finding in view.findings.clone() {
        let note = json!({ "code": finding.finding.code, "note": "按账号和姓名核对无误" });
        view = change(&scene.desk, "compare_confirm", &view, note).await.unwrap();
    }
    let made = change(&scene.desk, "compare_to_drafts", &view, json!({})).await.unwrap();
    let kinds: Vec<_> = made.making.iter().map(|m| (m.kind.as_str(), m.people)).collect();
    assert_eq!(kinds, [("status_change", 1)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_pays_elsewhere_stops_until_left_out() {
    let scene = Scene::open().await;
    let profile = CenterProfile::shipped("demo").unwrap();
    let mut other = people::other_unit(&profile).unwrap();
    other.unit.account = "041000000003".into();
    let first = compare(&scene.desk, &scene.payroll()).await.unwrap();
    let line = lines(&scene.desk, &first, json!({ "find": "钱新来" })).await.remove(0);
    assert!(!line.open, "unknown in the city: registered");
    let _: ComparisonsView =
        call(&scene.desk, "comparison_delete", json!({ "comparison": first.comparison })).await.unwrap();

    let person = &mut other.roster.contributors[0];
    person.personal_account = "041000000051".into();
    person.name = "钱新来".into();
    person.status = AccountStatus::Normal;
    // The payroll's number, as the demo makes it.
    person.id_number = new_number().into();
    scene.practice.center.seed(practice::seed(&other, &profile)).await.unwrap();
    let view = compare(&scene.desk, &scene.payroll()).await.unwrap();
    let line = lines(&scene.desk, &view, json!({ "group": "new", "open": true })).await.remove(0);
    assert_eq!(line.name, "钱新来");
    assert!(line.reason.contains("其他单位"), "{}", line.reason);
    let view = answer_all(&scene.desk, view).await;
    assert_eq!(view.open, 1, "no answer makes a second account");
    let none = json!({ "keys": [line.key], "answer": "leave_out", "note": " " });
    assert_eq!(decide(&scene.desk, &view, none).await.unwrap_err().code, "desk-comparison-note");
    let out = json!({ "keys": [line.key], "answer": "leave_out", "note": "等原单位封存" });
    assert_eq!(decide(&scene.desk, &view, out).await.unwrap().open, 0);
}

/// ID number of the first of the payroll's new people.
fn new_number() -> String {
    let body = "41080219991120314";
    let today = jiff::civil::date(2026, 7, 6);
    let complete = "0123456789X".chars().map(|check| format!("{body}{check}"));
    complete.into_iter().find(|id| huijiao_domain::identity::ResidentId::parse(id, today).is_ok()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_center_it_is_said_and_the_registration_waits() {
    let Scene { folder, practice, desk: first } = Scene::open().await;
    closed(first).await;
    let connection = practice.connection();
    let payroll = practice.workbook_folder.join(PAYROLL);
    practice.center.shutdown().await;
    let desk = desk(folder.path(), Path::new(WORKER));
    desk.enter(connection).await.unwrap();
    let view = compare(&desk, &payroll).await.unwrap();
    assert_eq!((view.not_asked, view.trouble.as_deref()), (2, Some("net-unreachable")), "it says so");
    let view = answer_all(&desk, view).await;
    let made = change(&desk, "compare_to_drafts", &view, json!({})).await.unwrap();
    let registration = made.making.iter().find(|m| m.kind == "contributor_registration").unwrap();
    assert_eq!(registration.people, 2, "nobody could say that one of them has an account");
    let args = json!({ "draft": registration.draft, "code": "LOOKUP-MISSING" });
    let missing: FindingsView = call(&desk, "draft_findings", args).await.unwrap();
    assert_eq!(missing.total, 2, "and none is filed before the center was asked");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payroll_is_previewed_and_is_no_filing() {
    let scene = Scene::open().await;
    let ticket = scene.desk.ticket_of_file(&scene.payroll()).unwrap().ticket;
    let choice = json!({ "choice": { "ticket": ticket, "kind": "payroll", "period": "2026-07" } });
    let preview: PreviewView = call(&scene.desk, "import_preview", choice.clone()).await.unwrap();
    assert_eq!((preview.kind.as_str(), preview.people), ("payroll", 229));
    let fields: Vec<_> = preview.columns.iter().filter_map(|c| c.field.as_deref()).collect();
    assert!(fields.contains(&"wage") && fields.contains(&"new_base"), "{fields:?}");
    let required: Vec<_> = preview.fields.iter().filter(|f| f.required).map(|f| f.field.as_str()).collect();
    assert_eq!(required, ["name", "id_number"]);
    let accepted = call::<DraftView>(&scene.desk, "import_accept", choice).await.unwrap_err();
    assert_eq!(accepted.code, "desk-bad-arguments");
    let ticket = scene.desk.ticket_of_file(&scene.payroll()).unwrap().ticket;
    let as_filing = json!({ "choice": { "ticket": ticket, "period": "2026-07" } });
    let compared = call::<ComparisonView>(&scene.desk, "compare_open", as_filing).await.unwrap_err();
    assert_eq!(compared.code, "desk-bad-arguments", "it is compared only as a payroll");
}
