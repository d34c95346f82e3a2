//! PINs and passphrases are wiped: no memory that the desk gives back still holds one, whatever became of the call.
#![allow(clippy::unwrap_used, reason = "a test that cannot start has failed")]
#![allow(unsafe_code, reason = "an allocator that looks at what it is given back")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use huijiao_center::{ActivationFor, UnitRole};
use huijiao_demo::practice::CLERK;
use huijiao_demo::{Practice, workbooks};
use huijiao_desk::Desk;
use huijiao_desk::ports::{Clock, SystemClock};
use huijiao_desk::views::CertificateTaken;
use huijiao_tests::{config, import};
use serde_json::{Value, json};
use std::sync::Arc;
use tempfile::TempDir;

const WORKER: &str = env!("CARGO_BIN_EXE_huijiao-test-worker");
/// Every PIN and every passphrase of the test holds these octets, and nothing else does.
const PLANTED: &[u8] = b"pLaNtEd";
/// No secret lies in a block as large as this; the work areas of passphrases do, and looking at those takes long.
const LARGEST: usize = 1 << 16;

static LEFT: AtomicUsize = AtomicUsize::new(0);

struct Watching;

#[global_allocator]
static WATCHING: Watching = Watching;

/// SAFETY of all of it: as the system's, to which everything goes on; a block is looked at while it is still the caller's.
unsafe impl GlobalAlloc for Watching {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promise.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: the block has this length, and every octet of it was set when it was given out.
        let octets = unsafe { std::slice::from_raw_parts(block, layout.size().min(LARGEST)) };
        if memchr::memmem::find(octets, PLANTED).is_some() {
            LEFT.fetch_add(1, Ordering::SeqCst);
        }
        // SAFETY: the caller's promise.
        unsafe { System.dealloc(block, layout) }
    }
}

/// Calls a command as a page does and asserts that nothing of what it was told is left behind; gives its outcome.
async fn tells(desk: &Arc<Desk>, command: &str, args: Value) -> Result<Value, String> {
    let before = LEFT.load(Ordering::SeqCst);
    let outcome = huijiao_desk::calls::call(desk, command, args).await.map_err(|error| error.code);
    let left = LEFT.load(Ordering::SeqCst) - before;
    assert_eq!(left, 0, "{command}, {outcome:?}");
    outcome
}

fn refused(outcome: Result<Value, String>, code: &str) {
    assert_eq!(outcome.map(drop), Err(code.to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn no_memory_that_is_given_back_holds_a_pin_or_a_passphrase() {
    let forgotten = String::from_utf8(PLANTED.to_vec()).unwrap();
    drop(std::hint::black_box(forgotten));
    assert_eq!(LEFT.swap(0, Ordering::SeqCst), 1, "else this looks at nothing");

    let folder = TempDir::new().unwrap();
    let practice = Practice::open(&folder.path().join("practice"), SystemClock.now()).await.unwrap();
    let desk = Arc::new(Desk::new(config(folder.path(), Path::new(WORKER))));
    tells(&desk, "set_passphrase", json!({ "passphrase": "pLaNtEd first" })).await.unwrap();
    tells(&desk, "passphrase_change", json!({ "passphrase": "pLaNtEd second" })).await.unwrap();
    refused(tells(&desk, "passphrase_change", json!({ "passphrase": "pLaNtEd" })).await, "vault-weak-passphrase");
    tells(&desk, "lock", json!({})).await.unwrap();
    let unlock = |secret: &str| json!({ "certificate": "", "secret": secret });
    refused(tells(&desk, "unlock_screen", unlock("pLaNtEd other")).await, "vault-wrong-passphrase");
    tells(&desk, "unlock_screen", unlock("pLaNtEd second")).await.unwrap();
    refused(tells(&desk, "unlock", json!({ "passphrase": "pLaNtEd other" })).await, "vault-wrong-passphrase");

    desk.enter(practice.connection()).await.unwrap();
    let draft = import(&desk, &practice.workbook_folder.join(workbooks::CLEAN), "2026-07").await.unwrap();
    let made = tells(&desk, "backup_make", json!({})).await.unwrap();
    let backup = Path::new(made["folder"].as_str().unwrap()).join(made["file"].as_str().unwrap());
    let wrong = json!({ "certificate": "clerk", "pin": "pLaNtEd wrong" });
    refused(tells(&desk, "log_in", wrong).await, "sign-wrong-pin");
    let sign = |certificate: &str, pin: &str| json!({ "draft": draft.draft, "revision": draft.revision, "certificate": certificate, "pin": pin });
    refused(tells(&desk, "sign_and_submit", sign("approver", "pLaNtEd")).await, "desk-certificate-other-operator");
    let key = desk.ticket_of_file(&practice.certificates.join("clerk.p12")).unwrap().ticket;
    let import = json!({ "ticket": key, "password": "pLaNtEd wrong", "pin": "pLaNtEd 840275" });
    refused(tells(&desk, "certificate_import", import).await, "sign-wrong-password");
    let by_file = json!({ "by": "file", "ticket": key, "password": "pLaNtEd wrong" });
    let center = json!({ "address": practice.center.base_url(), "roots": "" });
    let join = json!({ "center": center, "account": "", "way": by_file, "pin": "pLaNtEd 840275" });
    tells(&desk, "unit_join", join).await.expect_err("no account");

    let wanted =
        ActivationFor { unit: practice.unit_account.into(), name: CLERK.into(), role: UnitRole::Clerk, days: Some(50) };
    let code = practice.center.activation(wanted).await.unwrap().code;
    let enrol = json!({ "code": code, "pin": "pLaNtEd 840275" });
    let taken = tells(&desk, "certificate_enrol", enrol).await.unwrap();
    let own = serde_json::from_value::<CertificateTaken>(taken).unwrap().certificate;
    let login = json!({ "certificate": own, "pin": "pLaNtEd 840275" });
    tells(&desk, "log_in", login).await.unwrap();
    let change = |old: &str, new: &str| json!({ "certificate": own, "pin": old, "new_pin": new });
    let same = tells(&desk, "certificate_pin", change("pLaNtEd 840275", "pLaNtEd 840275")).await;
    refused(same, "desk-pin-unchanged");
    tells(&desk, "certificate_pin", change("pLaNtEd 840275", "pLaNtEd 518203")).await.unwrap();
    tells(&desk, "sign_and_submit", sign(&own, "pLaNtEd 518203")).await.unwrap();
    tells(&desk, "unit_leave", json!({})).await.unwrap();

    let ticket = desk.ticket_of_file(&backup).unwrap().ticket;
    let restore = json!({ "choice": { "ticket": ticket }, "passphrase": "pLaNtEd other" });
    tells(&desk, "restore", restore).await.expect("this computer has its key, whatever is typed");
    drop(desk);
    assert_eq!(LEFT.load(Ordering::SeqCst), 0, "nor was any kept for later");
}
