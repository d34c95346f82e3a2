//! What goes in comes out, and what must happen together happens together.
#![allow(clippy::unwrap_used)]

mod kit;

use std::collections::BTreeMap;
use std::path::Path;

use huijiao_domain::roster::Roster;
use huijiao_store::{
    ComparisonChange, Copies, DraftChange, DraftLife, Expiry, FilingEvent, FilingRecord, OutboxState, Quarantined,
    ReceiptFile, ReceiptRecord, Step, Store, StoreError, UnitExpiry,
};
use kit::{AT, Head, ID_NUMBER, NAME, UNIT, filing, head, id, roster, store};
use serde_json::json;

fn change<'a>(
    expected: u64,
    head: &'a Head,
    pages: &'a [(u32, Vec<String>)],
    step: Step<'a, String>,
) -> DraftChange<'a, Head, Vec<String>, String> {
    DraftChange { expected, head, pages, step, at: "2026-07-06T14:40:00+08:00" }
}

fn pages() -> Vec<(u32, Vec<String>)> {
    vec![(0, vec![NAME.into()]), (1, vec![ID_NUMBER.into()])]
}

#[test]
fn settings_units_imports_and_mappings_come_back() {
    let (_folder, mut store) = store();
    assert_eq!(store.setting::<String>("center").unwrap(), None);
    store.set_setting("center", "demo").unwrap();
    store.set_setting("center", "other").unwrap();
    assert_eq!(store.setting::<String>("center").unwrap().as_deref(), Some("other"), "the last one counts");

    store.put_unit(UNIT, &head("unit"), AT).unwrap();
    assert_eq!(store.unit::<Head>(UNIT).unwrap(), Some((head("unit"), AT.into())));
    assert_eq!(store.unit::<Head>("elsewhere").unwrap(), None);

    store.put_books(UNIT, &head("older"), "2026-07-06T14:00:00+08:00").unwrap();
    store.put_books(UNIT, &head("books"), AT).unwrap();
    assert_eq!(store.books::<Head>(UNIT).unwrap(), Some((head("books"), AT.into())), "the last ones, and when");
    assert_eq!(store.books::<Head>("elsewhere").unwrap(), None);

    assert_eq!(store.seen::<String>("ab").unwrap(), None);
    store.note_import("ab", &"draft", AT).unwrap();
    assert_eq!(store.seen::<String>("ab").unwrap(), Some(("draft".into(), AT.into())));
    assert_eq!(store.seen::<String>("ac").unwrap(), None, "another file was never seen");

    store.remember_mapping("姓名|证件号码", &vec![0, 1]).unwrap();
    assert_eq!(store.mapping::<Vec<u32>>("姓名|证件号码").unwrap(), Some(vec![0, 1]));
    assert_eq!(store.mapping::<Vec<u32>>("姓名").unwrap(), None);
    store.remember_mapping("姓名", &vec![2]).unwrap();
    let listed = [("姓名".to_owned(), vec![2]), ("姓名|证件号码".into(), vec![0, 1])];
    assert_eq!(store.mappings::<Vec<u32>>().unwrap(), listed, "they can be taken to another computer");

    store.put_roster(UNIT, &roster(42), AT).unwrap();
    assert_eq!(store.roster(UNIT).unwrap(), Some((roster(42), AT.into())));
}

#[test]
fn answers_to_queries_are_kept_by_question_and_the_oldest_go() {
    let (_folder, mut store) = store();
    let at = |n: u32| format!("2026-07-06T14:{:02}:{:02}+08:00", n / 60, n % 60);
    for n in 0..200 {
        store.put_query(UNIT, &format!("question {n}"), &head("answer"), &at(n)).unwrap();
    }
    store.put_query("elsewhere", "question 0", &head("of others"), &at(0)).unwrap();
    store.put_query(UNIT, "question 0", &head("anew"), &at(200)).unwrap();
    let answer =
        |store: &huijiao_store::Store, unit: &str, question: &str| store.query::<Head>(unit, question).unwrap();
    assert_eq!(answer(&store, UNIT, "question 1"), Some((head("answer"), at(1))), "as many as that are kept");
    store.put_query(UNIT, "one more", &head("answer"), &at(0)).unwrap();
    assert_eq!(answer(&store, UNIT, "question 1"), None, "the oldest is gone");
    assert_eq!(answer(&store, UNIT, "question 0"), Some((head("anew"), at(200))), "in place of the one before");
    assert!(answer(&store, UNIT, "one more").is_some(), "what was answered just now stays, whatever its clock said");
    assert_eq!(answer(&store, "elsewhere", "question 0"), Some((head("of others"), at(0))), "each unit for itself");
}

#[test]
fn profiles_are_kept_by_code_and_never_written_over() {
    let (_folder, mut store) = store();
    store.put_profile("one", &head("one"), None, AT).unwrap();
    let taken = store.put_profile("one", &head("two"), None, AT).unwrap_err();
    assert_eq!(taken.code(), "store-differs", "the code of another");
    assert_eq!(store.profile::<Head>("one").unwrap(), Some(head("one")), "which is as it was");
    store.put_profile("one", &head("two"), Some("one"), AT).unwrap();
    store.put_profile("other", &head("three"), Some("one"), AT).unwrap();
    assert_eq!(store.profiles::<Head>().unwrap(), [("other".to_owned(), head("three"), AT.to_owned())], "renamed");
    store.put_profile("one", &head("four"), None, AT).unwrap();
    let refused = store.put_profile("one", &head("five"), Some("other"), AT).unwrap_err();
    assert_eq!(refused.code(), "store-differs", "renamed to one that is there");
    assert_eq!(store.profiles::<Head>().unwrap().len(), 2, "and nothing is gone");
    assert!(store.delete_profile("one").unwrap());
    assert!(!store.delete_profile("one").unwrap(), "once");
}

#[test]
fn a_record_of_another_shape_is_named_and_not_guessed() {
    let (_folder, mut store) = store();
    store.set_setting("center", "demo").unwrap();
    assert_eq!(store.setting::<u32>("center").unwrap_err().code(), "store-shape");
}

#[test]
fn a_draft_changes_page_by_page() {
    let (_folder, mut store) = store();
    assert_eq!(store.create_draft(id(1), AT, &head("one"), pages()).unwrap(), 1);
    let page = [(1, vec!["changed".to_owned()])];
    assert_eq!(store.change_draft(id(1), change(1, &head("two"), &page, Step::Keep)).unwrap(), 2);

    let draft = store.draft::<Head>(id(1)).unwrap().unwrap();
    assert_eq!((draft.revision, draft.cursor, draft.head), (2, 0, head("two")));
    let kept: Vec<(u32, Vec<String>)> = store.draft_pages(id(1)).unwrap();
    assert_eq!(kept, [(0, vec![NAME.to_owned()]), (1, vec!["changed".into()])], "page 0 was left alone");

    store.create_draft(id(2), "2026-07-07T08:00:00+08:00", &head("later"), pages()).unwrap();
    let order: Vec<_> = store.drafts::<Head>().unwrap().into_iter().map(|draft| draft.id).collect();
    assert_eq!(order, [id(2), id(1)], "the last changed first");
    assert_eq!(store.create_draft(id(2), AT, &head("x"), pages()).unwrap_err().code(), "store-differs");

    assert!(!store.delete_drafts(&[id(1)]).unwrap().is_empty());
    assert!(store.delete_drafts(&[id(1)]).unwrap().is_empty());
    assert!(store.draft_pages::<Vec<String>>(id(1)).unwrap().is_empty(), "its pages went with it");
}

#[test]
fn a_change_on_an_old_revision_changes_nothing() {
    let (_folder, mut store) = store();
    store.create_draft(id(1), AT, &head("one"), pages()).unwrap();
    store.change_draft(id(1), change(1, &head("two"), &[], Step::Keep)).unwrap();
    let page = [(0, vec!["lost update".to_owned()])];
    let step = "step".to_owned();
    let error = store.change_draft(id(1), change(1, &head("three"), &page, Step::Append(&step))).unwrap_err();
    assert_eq!(error.code(), "store-stale");
    assert_eq!(store.draft::<Head>(id(1)).unwrap().unwrap().head, head("two"));
    assert_eq!(store.draft_pages::<Vec<String>>(id(1)).unwrap(), pages());
    assert_eq!(store.step_count(id(1)).unwrap(), 0);
    let error = store.change_draft(id(9), change(1, &head("x"), &[], Step::Keep)).unwrap_err();
    assert_eq!(error.code(), "store-missing");
}

fn steps(store: &Store) -> Vec<String> {
    (1..=store.step_count(id(1)).unwrap()).map(|seq| store.step(id(1), seq).unwrap().unwrap()).collect()
}

#[test]
fn a_new_step_after_an_undo_drops_what_was_undone() {
    let (_folder, mut store) = store();
    store.create_draft(id(1), AT, &head("0"), pages()).unwrap();
    for (revision, text) in [(1, "a"), (2, "b"), (3, "c")] {
        store.change_draft(id(1), change(revision, &head(text), &[], Step::Append(&text.to_owned()))).unwrap();
    }
    store.change_draft(id(1), change(4, &head("a"), &[], Step::MoveTo(1))).unwrap();
    assert_eq!(steps(&store), ["a", "b", "c"], "undone steps can be done again");
    assert_eq!(store.draft::<Head>(id(1)).unwrap().unwrap().cursor, 1);
    let error = store.change_draft(id(1), change(5, &head("x"), &[], Step::MoveTo(4))).unwrap_err();
    assert!(matches!(error, StoreError::Missing), "there is no fourth step");
    store.change_draft(id(1), change(5, &head("d"), &[], Step::Append(&"d".to_owned()))).unwrap();
    assert_eq!(steps(&store), ["a", "d"]);
    assert_eq!(store.step::<String>(id(1), 3).unwrap(), None, "c is gone");
    assert_eq!(store.step::<String>(id(1), 0).unwrap(), None, "steps are counted from 1");
    assert_eq!(store.draft::<Head>(id(1)).unwrap().unwrap().cursor, 2);
}

#[test]
fn committing_to_the_outbox_freezes_the_draft() {
    let (_folder, mut store) = store();
    store.create_draft(id(1), AT, &head("one"), pages()).unwrap();
    let signed =
        FilingEvent { at: AT.into(), code: "event-signed".into(), args: [("signer".into(), NAME.into())].into() };
    let record = FilingRecord { draft: Some((id(1), 1)), events: vec![signed.clone()], ..filing(2) };
    store.commit_outbox(&record, b"p7m").unwrap();
    assert!(store.drafts::<Head>().unwrap().is_empty(), "what was signed is no open draft any more");
    let error = store.change_draft(id(1), change(1, &head("two"), &[], Step::Keep)).unwrap_err();
    assert_eq!(error.code(), "store-frozen", "what was signed can no longer be edited");
    assert_eq!(store.draft_pages::<Vec<String>>(id(1)).unwrap(), pages(), "it is the way back after a refusal");
    let twice = FilingRecord { draft: Some((id(1), 1)), sha256: "twice".into(), ..filing(3) };
    assert_eq!(store.commit_outbox(&twice, b"twice").unwrap_err().code(), "store-frozen", "one draft, one filing");
    assert!(store.filing_events(id(3)).unwrap().is_empty(), "nor anything of its history");
    let kept = store.filing::<Head>(id(2)).unwrap().unwrap();
    assert_eq!((kept.state, kept.draft, kept.head), (OutboxState::Signed, Some(id(1)), head(NAME)));
    assert_eq!(store.filing_file(id(2)).unwrap(), b"p7m");
    assert_eq!(store.unsettled::<Head>("demo", UNIT).unwrap().len(), 1);
    for (center, unit) in [("demo", "another"), ("another", UNIT)] {
        assert!(store.unsettled::<Head>(center, unit).unwrap().is_empty(), "{center}, {unit}: nobody else asks for it");
    }

    store.commit_outbox(&record, b"p7m").expect("the same again is fine, the draft being frozen");
    assert_eq!(store.filing_events(id(2)).unwrap(), [signed], "who signed comes with it, once");
    let other = FilingRecord { sha256: "other".into(), ..record };
    assert_eq!(store.commit_outbox(&other, b"other").unwrap_err().code(), "store-differs");
    assert_eq!(store.filing_file(id(2)).unwrap(), b"p7m", "the signed file stays");
}

#[test]
fn a_filing_that_stays_here_and_the_draft_that_names_it_are_kept_together_or_not_at_all() {
    let (_folder, mut store) = store();
    store.create_draft(id(1), AT, &head("one"), pages()).unwrap();
    let names_it = head("signed");
    for (draft, expected, code) in [(id(1), 7, "store-stale"), (id(9), 1, "store-missing")] {
        let signed = change(expected, &names_it, &[], Step::Keep);
        assert_eq!(store.keep_signed(draft, signed, &filing(2), b"p7m").unwrap_err().code(), code);
        assert!(store.filing::<Head>(id(2)).unwrap().is_none(), "{code}: no filing that no draft names");
    }
    assert_eq!(store.draft::<Head>(id(1)).unwrap().unwrap().head, head("one"), "nor a draft that names none");

    let signed = change(1, &names_it, &[], Step::Keep);
    assert_eq!(store.keep_signed(id(1), signed, &filing(2), b"p7m").unwrap(), 2);
    assert_eq!(store.filing_file(id(2)).unwrap(), b"p7m");
    let drafts = store.drafts::<Head>().unwrap();
    let on: Vec<_> = drafts.iter().map(|draft| (draft.revision, &draft.head)).collect();
    assert_eq!(on, [(2, &names_it)], "the draft goes on");

    let again = change(2, &names_it, &[], Step::Keep);
    assert_eq!(store.keep_signed(id(1), again, &filing(2), b"p7m").unwrap_err().code(), "store-differs");
    assert_eq!(store.draft::<Head>(id(1)).unwrap().unwrap().revision, 2, "nothing is signed twice under one id");
}

#[test]
fn a_draft_edited_after_signing_is_not_thrown_away() {
    let (_folder, mut store) = store();
    store.create_draft(id(1), AT, &head("one"), pages()).unwrap();
    store.change_draft(id(1), change(1, &head("two"), &[], Step::Keep)).unwrap();
    let record = FilingRecord { draft: Some((id(1), 1)), ..filing(2) };
    assert_eq!(store.commit_outbox(&record, b"p7m").unwrap_err().code(), "store-stale");
    assert!(store.draft::<Head>(id(1)).unwrap().is_some());
    assert!(store.filing::<Head>(id(2)).unwrap().is_none(), "nothing that could be sent");
}

#[test]
fn a_refused_filing_gives_its_draft_back_once_and_is_never_sent_again() {
    let (_folder, mut store) = store();
    store.create_draft(id(1), AT, &head("one"), pages()).unwrap();
    store.change_draft(id(1), change(1, &head("two"), &[], Step::Append(&"step".to_owned()))).unwrap();
    store.commit_outbox(&FilingRecord { draft: Some((id(1), 2)), ..filing(2) }, b"p7m").unwrap();
    assert_eq!(store.thaw_draft(id(2), AT).unwrap_err().code(), "store-not-refused", "it may still be accepted");
    assert_eq!(store.delete_drafts(&[id(1)]).unwrap_err().code(), "store-frozen", "the way back is not thrown away");
    assert_eq!(store.draft_pages::<Vec<String>>(id(1)).unwrap(), pages());

    store.set_state(id(2), &OutboxState::Refused, None, AT).unwrap();
    assert_eq!(store.thaw_draft(id(2), AT).unwrap(), id(1));
    let draft = store.draft::<Head>(id(1)).unwrap().unwrap();
    assert_eq!((draft.revision, draft.cursor, draft.head), (3, 1, head("two")), "a page with the old one is stale");
    assert_eq!(store.drafts::<Head>().unwrap().len(), 1, "it is in the list again");
    assert_eq!(store.step::<String>(id(1), 1).unwrap().as_deref(), Some("step"), "and can still be undone");
    assert_eq!(store.thaw_draft(id(2), AT).unwrap_err().code(), "store-missing", "one filing, one draft");
    for state in [OutboxState::Signed, OutboxState::Submitting, OutboxState::Unknown] {
        let error = store.set_state(id(2), &state, None, AT).unwrap_err();
        assert_eq!(error.code(), "store-answered", "{state:?}: two filings of one draft could be on their way");
    }
    store.commit_outbox(&FilingRecord { draft: Some((id(1), 3)), ..filing(3) }, b"anew").expect("filed anew");
}

#[test]
fn states_go_forth_and_an_answer_is_final() {
    let (_folder, mut store) = store();
    store.commit_outbox(&filing(1), b"p7m").unwrap();
    let trouble = json!({"code": "net-cut"});
    store.set_state(id(1), &OutboxState::Unknown, Some(&trouble), AT).unwrap();
    let kept = store.filing::<Head>(id(1)).unwrap().unwrap();
    assert_eq!((kept.state, kept.trouble), (OutboxState::Unknown, Some(trouble)));
    for (word, open) in [("accepted", 1), ("in_review", 1), ("settled", 0), ("refused", 0), ("accepted", 1)] {
        store.set_state(id(1), &OutboxState::Answered(word.into()), None, AT).unwrap();
        assert_eq!(
            store.unsettled::<Head>("demo", UNIT).unwrap().len(),
            open,
            "{word}: whether the center may still move it on"
        );
    }
    for back in [OutboxState::Signed, OutboxState::Submitting, OutboxState::Unknown, OutboxState::Refused] {
        assert_eq!(store.set_state(id(1), &back, None, AT).unwrap_err().code(), "store-answered", "{back:?}");
    }
    store.set_state(id(1), &OutboxState::Answered("settled".into()), None, AT).unwrap();
    let kept = store.filing::<Head>(id(1)).unwrap().unwrap();
    assert_eq!((kept.state, kept.trouble), (OutboxState::Answered("settled".into()), None));
    assert_eq!(store.set_state(id(9), &OutboxState::Signed, None, AT).unwrap_err().code(), "store-missing");
}

#[test]
fn history_is_kept_in_order() {
    let (_folder, mut store) = store();
    store.commit_outbox(&filing(1), b"p7m").unwrap();
    let args = BTreeMap::from([("number".to_owned(), "YW1".to_owned())]);
    store.filing_event(id(1), AT, "signed", &BTreeMap::new()).unwrap();
    store.filing_event(id(1), AT, "accepted", &args).unwrap();
    let events = store.filing_events(id(1)).unwrap();
    assert_eq!(events.iter().map(|event| event.code.as_str()).collect::<Vec<_>>(), ["signed", "accepted"]);
    assert_eq!(events[1].args, args);
    assert_eq!(store.filing_event(id(9), AT, "signed", &args).unwrap_err().code(), "store-missing");
}

#[test]
fn a_kept_receipt_ends_the_frozen_draft() {
    let (_folder, mut store) = store();
    store.create_draft(id(1), AT, &head("one"), pages()).unwrap();
    store.commit_outbox(&FilingRecord { draft: Some((id(1), 1)), ..filing(2) }, b"p7m").unwrap();
    keep(&mut store, 2, &[receipt(b"receipt", "r1", None)]).unwrap();
    assert_eq!(store.draft::<Head>(id(1)).unwrap(), None, "the filing's own bytes say what was signed");
}

fn keep(store: &mut Store, n: u128, receipts: &[ReceiptFile<'_>]) -> Result<(), StoreError> {
    let (number, state) = ("YW1", "accepted");
    store.keep_receipts(&ReceiptRecord { filing: id(n), receipts, number, state, roster: None, events: &[], at: AT })
}

fn receipt<'a>(file: &'a [u8], sha256: &'a str, previous: Option<&'a str>) -> ReceiptFile<'a> {
    ReceiptFile { file, sha256, previous }
}

#[test]
fn receipt_state_history_and_roster_are_kept_together_and_once() {
    let (_folder, mut store) = store();
    store.commit_outbox(&filing(1), b"p7m").unwrap();
    store.put_roster(UNIT, &roster(42), AT).unwrap();
    let after = roster(43);
    let receipts = [receipt(b"receipt", "r1", None)];
    let (number, state) = ("YW1", "accepted");
    let events = [FilingEvent { at: AT.into(), code: "event-receipt".into(), args: BTreeMap::new() }];
    let record = ReceiptRecord {
        filing: id(1),
        receipts: &receipts,
        number,
        state,
        roster: Some(&after),
        events: &events,
        at: AT,
    };
    store.keep_receipts(&record).unwrap();
    store.keep_receipts(&ReceiptRecord { events: &[], ..record }).expect("the same receipt again is fine");
    let kept = store.receipts(id(1)).unwrap();
    assert_eq!(kept.len(), 1, "and is kept once");
    assert_eq!(
        (kept[0].file.as_slice(), kept[0].number.as_str(), kept[0].unit_account.as_str()),
        (&b"receipt"[..], "YW1", UNIT)
    );
    assert_eq!(store.filing_number(id(1)).unwrap().as_deref(), Some("YW1"));
    assert_eq!(store.filing::<Head>(id(1)).unwrap().unwrap().state, OutboxState::Answered("accepted".into()));
    assert_eq!(store.roster(UNIT).unwrap().unwrap().0, after);

    let later = roster(44);
    let forged = [receipt(b"another", "r2", None)];
    let forged = ReceiptRecord { roster: Some(&later), state: "settled", receipts: &forged, ..record };
    assert_eq!(store.keep_receipts(&forged).unwrap_err().code(), "store-receipt-differs");
    assert_eq!(store.receipts(id(1)).unwrap(), kept);
    assert_eq!(store.roster(UNIT).unwrap().unwrap().0, after, "the roster of a refused receipt is not taken either");
    assert_eq!(store.filing_events(id(1)).unwrap(), events, "nor is anything noted of it");
    assert_eq!(store.filing::<Head>(id(1)).unwrap().unwrap().state, OutboxState::Answered("accepted".into()));
    assert_eq!(keep(&mut store, 9, &[receipt(b"x", "x", None)]).unwrap_err().code(), "store-missing");
}

#[test]
fn a_filing_keeps_a_receipt_for_each_state_and_gives_none_back() {
    let (_folder, mut store) = store();
    store.commit_outbox(&filing(1), b"p7m").unwrap();
    let states = [receipt(b"accepted", "r1", None), receipt(b"settled", "r4", Some("r3"))];
    keep(&mut store, 1, &states[..1]).unwrap();
    keep(&mut store, 1, &states).expect("another state has another receipt");
    let files = |store: &Store| store.receipts(id(1)).unwrap().into_iter().map(|one| one.file).collect::<Vec<_>>();
    assert_eq!(files(&store), [&b"accepted"[..], b"settled"], "oldest first");
    for (answer, why) in [
        (&states[..1], "the newest is gone"),
        (&states[1..], "the first is gone"),
        (&[states[1], states[0]][..], "in another order"),
        (&[][..], "there is none"),
    ] {
        assert_eq!(keep(&mut store, 1, answer).unwrap_err().code(), "store-receipt-differs", "{why}");
        assert_eq!(files(&store).len(), 2, "{why}: what is on file stays");
    }
}

#[test]
fn f27_receipts_that_were_not_believed_are_kept_once_apart_and_not_without_end() {
    let (folder, mut store) = store();
    store.commit_outbox(&filing(1), b"p7m").unwrap();
    let false_one = |filing: u128, n: u8| Quarantined {
        filing: id(filing),
        at: AT.into(),
        code: "verify-signature".into(),
        sha256: format!("{n:064x}"),
        file: vec![n; 1000],
    };
    store.quarantine(&false_one(1, 1)).unwrap();
    let later = Quarantined { at: "2026-07-07T08:00:00+08:00".into(), ..false_one(1, 1) };
    store.quarantine(&later).unwrap();
    store.quarantine(&false_one(2, 1)).unwrap();
    assert_eq!(store.quarantined().unwrap(), [false_one(1, 1), false_one(2, 1)], "as they came, once, when first");
    assert_eq!(store.receipts(id(1)).unwrap(), [], "and none of them is a receipt");
    for n in 0..50 {
        store.quarantine(&false_one(1, n)).unwrap();
    }
    let of_the_first = store.quarantined().unwrap().into_iter().filter(|one| one.filing == id(1)).count();
    assert_eq!(of_the_first, 8, "whoever sends others each time does not fill the disk");
    keep(&mut store, 1, &[receipt(b"receipt", "r1", None)]).unwrap();
    assert_eq!(store.quarantined().unwrap().len(), 9, "the true one moves none of them");
    let pieces = [vec![1_u8; 64]];
    drop(store);
    assert_eq!(lying_there(folder.path(), &pieces), 0, "and they lie there sealed");
}

#[test]
fn the_end_of_the_chain_is_found_when_receipts_come_out_of_order() {
    let (_folder, mut store) = store();
    assert_eq!(store.last_receipt_sha256(UNIT).unwrap(), None);
    for n in 1..=3 {
        store.commit_outbox(&filing(n), b"p7m").unwrap();
    }
    keep(&mut store, 1, &[receipt(b"1", "r1", None)]).unwrap();
    keep(&mut store, 3, &[receipt(b"3", "r3", Some("r2"))]).unwrap();
    keep(&mut store, 2, &[receipt(b"2", "r2", Some("r1"))]).unwrap();
    assert_eq!(store.last_receipt_sha256(UNIT).unwrap().as_deref(), Some("r3"));
    assert_eq!(store.last_receipt_sha256("another unit").unwrap(), None);
}

#[test]
fn a_draft_keeps_its_workbook_and_takes_it_along() {
    let (folder, mut store) = store();
    let workbook: Vec<u8> = NAME.bytes().cycle().take(300_000).collect();
    store.create_draft_of(id(1), AT, &head("一"), pages(), &workbook).unwrap();
    assert_eq!(store.draft_source(id(1)).unwrap().as_deref(), Some(workbook.as_slice()), "byte for byte");
    assert_eq!(store.draft_source(id(2)).unwrap(), None, "another draft has none");
    let again = store.create_draft_of(id(1), AT, &head("二"), pages(), b"other").unwrap_err();
    assert_eq!(again.code(), "store-differs", "an id is taken once");
    assert_eq!(store.draft_source(id(1)).unwrap().unwrap().len(), workbook.len(), "and its workbook stays");
    for file in ["huijiao.db", "huijiao.db-wal"] {
        let bytes = std::fs::read(folder.path().join(file)).unwrap_or_default();
        assert!(!bytes.windows(NAME.len()).any(|w| w == NAME.as_bytes()), "{file} shows nobody's name");
    }
    store.put_attachment(id(1), 3, b"paper").unwrap();
    let step =
        DraftChange { expected: 1, head: &head("一"), pages: &[(0, pages())], step: Step::Append(&"step"), at: AT };
    store.change_draft(id(1), step).unwrap();
    let before = (store.draft::<Head>(id(1)).unwrap(), store.step::<String>(id(1), 1).unwrap());
    let deleted = store.delete_drafts(&[id(1)]).unwrap();
    assert_eq!(store.draft_source(id(1)).unwrap(), None, "a deleted draft leaves no workbook behind");
    assert_eq!(store.step_count(id(1)).unwrap(), 0, "nor steps");

    store.put_back(&deleted).unwrap();
    assert_eq!(store.put_back(&deleted).unwrap_err().code(), "store-differs", "once");
    assert_eq!((store.draft::<Head>(id(1)).unwrap(), store.step::<String>(id(1), 1).unwrap()), before, "as it was");
    assert_eq!(store.draft_source(id(1)).unwrap().as_deref(), Some(workbook.as_slice()), "with its workbook");
    assert_eq!(store.attachment(id(1), 3).unwrap(), b"paper", "and its papers");
}

#[test]
fn a_comparison_and_the_drafts_it_makes_are_kept_together() {
    let (_folder, mut store) = store();
    let (made, draft) = (id(1), id(2));
    store.create_comparison(made, AT, &head("one"), &vec![ID_NUMBER]).unwrap();
    assert_eq!(store.create_comparison(made, AT, &head("two"), &NAME).unwrap_err().code(), "store-differs");
    let kept = store.comparison::<Head>(made).unwrap().unwrap();
    assert_eq!((kept.revision, kept.head), (1, head("one")));
    assert_eq!(store.comparison_body::<Vec<String>>(made).unwrap(), Some(vec![ID_NUMBER.to_owned()]));

    let decided = head("decided");
    let change = |expected| ComparisonChange { expected, head: &decided, body: None::<&String>, at: AT };
    assert_eq!(store.change_comparison(made, change(1)).unwrap(), 2);
    assert_eq!(store.change_comparison(made, change(1)).unwrap_err().code(), "store-stale", "two windows");
    assert_eq!(store.draft_life(draft).unwrap(), DraftLife::Gone, "nothing was made yet");
    let drafts = |one| vec![(one, head("draft"), pages())];
    assert_eq!(store.change_comparison_with(made, change(2), drafts(draft)).unwrap(), 3);
    assert_eq!(store.draft_pages::<Vec<String>>(draft).unwrap(), pages(), "a draft like any other");
    assert_eq!(store.draft_life(draft).unwrap(), DraftLife::Open);
    store.change_comparison_with(made, change(3), drafts(draft)).expect_err("a draft of this id is there");
    assert_eq!(store.comparison::<Head>(made).unwrap().unwrap().revision, 3, "nothing of it happened");

    assert!(store.delete_comparison(made).unwrap());
    assert!(store.comparisons::<Head>().unwrap().is_empty());
    assert!(store.draft::<Head>(draft).unwrap().is_some(), "the drafts stay");
}

#[test]
fn what_is_done_together_is_there_whole_or_not_at_all() {
    let (_folder, mut store) = store();
    store.create_draft(id(1), AT, &head("one"), pages()).unwrap();
    store.commit_outbox(&filing(2), b"p7m").unwrap();
    let (before, left) = (store.draft::<Head>(id(1)).unwrap(), head("left"));
    let both = |store: &mut Store, of: u128| {
        store.together(|store| {
            store.change_draft(id(1), change(1, &left, &[], Step::Keep))?;
            store.filing_event(id(of), AT, "event-upload-exported", &BTreeMap::new())
        })
    };
    assert_eq!(both(&mut store, 9).unwrap_err().code(), "store-missing", "there is no such filing");
    assert_eq!(store.draft::<Head>(id(1)).unwrap(), before, "so the draft did not leave either");

    let died = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        store.together(|store| -> Result<(), StoreError> {
            store.change_draft(id(1), change(1, &left, &[], Step::Keep))?;
            panic!("in the middle")
        })
    }));
    assert!(died.is_err());
    assert_eq!(store.draft::<Head>(id(1)).unwrap(), before, "whatever ends it, nothing of it is there");

    both(&mut store, 2).unwrap();
    assert_eq!(store.draft::<Head>(id(1)).unwrap().unwrap().head, left);
    let said = store.filing_events(id(2)).unwrap();
    assert_eq!(said.iter().map(|event| event.code.as_str()).collect::<Vec<_>>(), ["event-upload-exported"]);
}

#[test]
fn a_withdrawal_is_kept_until_it_is_answered() {
    let (_folder, mut store) = store();
    assert_eq!(store.keep_withdrawal(id(1), b"first", AT).unwrap_err().code(), "store-missing");
    store.commit_outbox(&filing(1), b"p7m").unwrap();
    store.keep_withdrawal(id(1), b"first", AT).unwrap();
    store.keep_withdrawal(id(1), b"second", AT).unwrap();
    assert_eq!(store.withdrawal(id(1)).unwrap().as_deref(), Some(&b"first"[..]), "what was sent once is sent again");
    assert_eq!(store.withdrawing("demo", UNIT).unwrap(), [id(1)]);
    assert!(store.withdrawing("demo", "another").unwrap().is_empty(), "nobody else sends it");
    store.end_withdrawal(id(1)).unwrap();
    assert_eq!(store.withdrawal(id(1)).unwrap(), None);
    assert!(store.withdrawing("demo", UNIT).unwrap().is_empty(), "nothing more to ask for");
}

#[test]
fn copies_that_are_older_than_they_are_kept_go_and_filings_stay() {
    let (folder, mut store) = store();
    let (old, new) = ("2025-01-01T00:00:00+08:00", "2026-07-01T00:00:00+08:00");
    for (n, at) in [(1, old), (2, new)] {
        let planted = format!("sheet of {n}");
        store.create_comparison(id(n), at, &head("c"), &planted).unwrap();
        store.create_draft_of(id(n + 10), at, &head("d"), [(0, "page")], planted.as_bytes()).unwrap();
        store.note_import(&planted, &"file", at).unwrap();
        store.put_roster(&n.to_string(), &roster(1), at).unwrap();
    }
    store.put_roster("brought by the user", &roster(1), old).unwrap();
    store.set_setting("center:1", "any").unwrap();
    store.set_setting("center:2", "any").unwrap();
    store.commit_outbox(&filing(3), b"signed").unwrap();
    let before = "2026-01-01T00:00:00+08:00";
    let expiry = Expiry { copies: before.into(), ..Expiry::default() };
    let counted = store.expired(&expiry).unwrap();
    let old = Copies { comparisons: 1, workbooks: 1, imports: 1, rosters: 1, ..Copies::default() };
    assert_eq!(counted, old);
    store.erase_expired(&Expiry::default()).unwrap();
    assert_eq!(store.expired(&expiry).unwrap(), old, "where everything is kept for ever nothing goes");
    store.erase_expired(&expiry).unwrap();
    assert_eq!(store.expired(&expiry).unwrap(), Copies::default());
    assert!(store.comparison::<Head>(id(1)).unwrap().is_none() && store.comparison::<Head>(id(2)).unwrap().is_some());
    assert!(store.draft::<Head>(id(11)).unwrap().is_some(), "the draft stays, without the workbook it came from");
    assert!(store.draft_source(id(11)).unwrap().is_none() && store.draft_source(id(12)).unwrap().is_some());
    assert!(store.roster("1").unwrap().is_none() && store.roster("2").unwrap().is_some());
    assert!(store.roster("brought by the user").unwrap().is_some(), "nobody could give it again");
    assert_eq!(store.filing_file(id(3)).unwrap(), b"signed");
    assert_eq!(std::fs::metadata(folder.path().join("huijiao.db-wal")).unwrap().len(), 0, "nor is it in the log");
}

/// A roster of people who left: their account, status and, where the center says it, the month of their sealing.
fn left(people: &[(&str, &str, Option<&str>)]) -> Roster {
    let person = |(account, status, sealed): &(&str, &str, Option<&str>)| {
        let mut person = serde_json::to_value(&roster(1).contributors[0]).unwrap();
        person["personal_account"] = (*account).into();
        person["status"] = (*status).into();
        if let Some(month) = sealed {
            person["changes"] = json!({ "sealed": [month] });
        }
        person
    };
    let people: Vec<_> = people.iter().map(person).collect();
    serde_json::from_value(json!({ "version": 1, "contributors": people })).unwrap()
}

fn accounts(store: &Store, unit: &str) -> Vec<String> {
    let (roster, _) = store.roster(unit).unwrap().unwrap();
    roster.contributors.into_iter().map(|person| person.personal_account.into()).collect()
}

/// Every sealed value of a table, as it lies in the file: pieces that no page boundary cuts.
fn pieces(folder: &Path, sql: &str) -> Vec<Vec<u8>> {
    let connection = rusqlite::Connection::open(folder.join("huijiao.db")).unwrap();
    let mut statement = connection.prepare(sql).unwrap();
    let bodies = statement.query_map([], |row| row.get::<_, Vec<u8>>(0)).unwrap();
    bodies.map(Result::unwrap).flat_map(|body| body.chunks(64).map(<[u8]>::to_vec).collect::<Vec<_>>()).collect()
}

fn lying_there(folder: &Path, pieces: &[Vec<u8>]) -> usize {
    let mut bytes = std::fs::read(folder.join("huijiao.db")).unwrap();
    bytes.extend(std::fs::read(folder.join("huijiao.db-wal")).unwrap_or_default());
    pieces.iter().filter(|piece| bytes.windows(piece.len()).any(|window| window == piece.as_slice())).count()
}

#[test]
fn who_left_long_ago_is_erased_from_the_file_and_does_not_come_back() {
    let (folder, mut store) = store();
    let (old, new) = ("2020-03-01T00:00:00+08:00", "2026-07-01T00:00:00+08:00");
    let said = [
        ("1", "normal", None),
        ("2", "sealed", Some("2020-05")),
        ("3", "sealed", Some("2024-05")),
        ("4", "closed_by_transfer", None),
        ("5", "frozen", None),
    ];
    for unit in ["given", "brought"] {
        store.put_roster(unit, &left(&said), old).unwrap();
        // A center may forget the month of a sealing: what was known of it stays known.
        let forgotten = said.map(|(account, status, _)| (account, status, None));
        store.put_roster(unit, &left(&forgotten), new).unwrap();
    }
    store.set_setting("center:given", "any").unwrap();
    for (n, unit) in [(1, "given"), (2, "given")] {
        store.create_comparison(id(n), old, &head(unit), &vec![NAME; 40]).unwrap();
        store.create_draft_of(id(n + 10), old, &head(unit), [(0, vec![NAME; 40])], &[7; 9000]).unwrap();
    }
    store.commit_outbox(&FilingRecord { draft: Some((id(12), 1)), ..filing(5) }, b"signed").unwrap();
    for (unit, at) in [("given", old), ("given", new), ("other", old)] {
        store.put_query(unit, at, &NAME, at).unwrap();
    }
    store.note_import("sheet", &NAME, old).unwrap();
    let limit = UnitExpiry { before: "2021-07-01T00:00:00+08:00".into(), left_before: "2021-07".into() };
    let units = [("given".to_owned(), limit.clone()), ("brought".to_owned(), limit)].into();
    let expiry = Expiry { units, records: vec![id(1), id(11), id(12)], ..Expiry::default() };
    let due = Copies { people: 4, drafts: 1, comparisons: 1, imports: 1, answers: 1, ..Copies::default() };
    assert_eq!(store.expired(&expiry).unwrap(), due, "nothing of another unit's, and no draft that was signed");

    let gone = [
        "SELECT body FROM rosters",
        "SELECT body FROM comparisons WHERE id LIKE '%1'",
        "SELECT body FROM draft_pages WHERE draft LIKE '%b'",
        "SELECT body FROM draft_sources WHERE draft LIKE '%b'",
        "SELECT body FROM queries WHERE unit_account = 'given' AND taken_at LIKE '2020%'",
        "SELECT note FROM imports",
    ];
    let stays = ["SELECT file FROM filings", "SELECT body FROM comparisons WHERE id LIKE '%2'"];
    let of = |sql: &[&str]| sql.iter().flat_map(|sql| pieces(folder.path(), sql)).collect::<Vec<_>>();
    let (gone, stays) = (of(&gone), of(&stays));
    assert!(lying_there(folder.path(), &gone) > 150, "the control: they are found while they are there");
    store.erase_expired(&expiry).unwrap();
    assert_eq!(store.expired(&expiry).unwrap(), Copies::default());
    assert_eq!(lying_there(folder.path(), &gone), 0, "and their bytes are gone, in the log as well");
    assert!(lying_there(folder.path(), &stays) > 0, "others' are not");
    for unit in ["given", "brought"] {
        assert_eq!(accounts(&store, unit), ["1", "3", "5"], "who left lately stays, a court's 冻结 is no leaving");
    }
    assert_eq!(store.filing_file(id(5)).unwrap(), b"signed");
    assert!(store.draft::<Head>(id(12)).unwrap().is_some() && store.draft::<Head>(id(11)).unwrap().is_none());

    let anew = [said[0], said[1], said[2], ("4", "normal", None), ("6", "sealed", None)];
    store.put_roster("given", &left(&anew), new).unwrap();
    assert_eq!(accounts(&store, "given"), ["1", "3", "4", "6"], "whoever came back is kept, the others are not");
    store.put_roster("brought", &left(&anew), new).unwrap();
    assert_eq!(accounts(&store, "brought"), ["1", "2", "3", "4", "6"], "what the user brings herself is hers");
}
