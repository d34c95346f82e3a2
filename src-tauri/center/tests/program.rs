//! The program itself: started, killed and started again.
#![allow(clippy::unwrap_used)]

mod common;

use std::ffi::OsStr;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use common::{At, Client, Person};
use huijiao_center::CenterClock;
use huijiao_protocol::resources::FilingStatus;
use huijiao_signing::Purpose;

/// A running program; ended when dropped.
struct Program {
    child: Child,
    base: String,
}

impl Program {
    fn start(folder: &Path) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_huijiao-center"));
        command.args(["--listen", "127.0.0.1:0", "--folder"]).arg(folder);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let address = lines.next().expect("the program says its address").unwrap();
        let authority = lines.next().expect("and where its CA is").unwrap();
        assert!(authority.ends_with("ca.pem"), "the file that clients must trust: {authority}");
        let (_, base) = address.split_once(": ").unwrap();
        Self { child, base: base.to_owned() }
    }

    /// As a power cut would: no signal that the program could handle.
    fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[tokio::test]
async fn a_killed_center_has_every_filing_that_it_answered() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name);
    std::fs::write(file("seed.json"), serde_json::to_vec(&common::seed(common::UNIT)).unwrap()).unwrap();
    std::fs::write(file("pin"), format!("{}\n", common::PIN)).unwrap();
    let issuing = Command::new(env!("CARGO_BIN_EXE_huijiao-center"))
        .args(["--issue", "王经办", "--unit", common::UNIT])
        .args([OsStr::new("--folder"), folder.path().as_ref(), OsStr::new("--seed"), file("seed.json").as_ref()])
        .args([OsStr::new("--pin-file"), file("pin").as_ref(), OsStr::new("--out"), file("key.p12").as_ref()])
        .output()
        .unwrap();
    common::post_mortem("--issue", &issuing);
    let clerk = Person::new(&std::fs::read(file("key.p12")).unwrap());
    let anchors = vec![common::authority(folder.path()).certificate().der().to_vec()];

    let client =
        |program: &Program| Client::new(program.base.clone(), anchors.clone(), &CenterClock::system(), Some(&clerk));
    let program = Program::start(folder.path());
    let (id, content) = common::content(&At::default());
    let p7m = clerk.sign(&content, Purpose::Filing, &CenterClock::system().rfc3339());
    let before: FilingStatus = client(&program).put(id, p7m.clone()).await.json(201);
    program.kill();

    let program = Program::start(folder.path());
    let after: FilingStatus = client(&program).get(&format!("/v1/filings/{id}")).await.json(200);
    assert_eq!(after, before, "what was answered survives a kill, to the byte");
    let again: FilingStatus = client(&program).put(id, p7m).await.json(200);
    assert_eq!(again, before, "and is not booked again");
    assert_eq!(client(&program).roster(common::UNIT).await.version, 2, "the new bases are there, once");
    let database = rusqlite::Connection::open(folder.path().join("center.db")).unwrap();
    let sound: String = database.query_row("pragma integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(sound, "ok", "the database is sound after a kill");
}

#[test]
fn what_stops_the_program_is_said_in_chinese_with_its_code() {
    let folder = tempfile::tempdir().unwrap();
    let run = |arguments: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_huijiao-center"))
            .arg("--folder")
            .arg(folder.path())
            .args(["--listen", "127.0.0.1:0"])
            .args(arguments)
            .output()
            .unwrap();
        assert!(!output.status.success(), "{arguments:?} must fail");
        String::from_utf8(output.stderr).unwrap()
    };
    let missing = folder.path().join("no-such-seed.json");
    let said = run(&["--seed", missing.to_str().unwrap()]);
    assert!(said.contains("center-folder") && said.contains("请"), "{said}");
    let broken = folder.path().join("broken.json");
    std::fs::write(&broken, "{\"unit\":").unwrap();
    let said = run(&["--seed", broken.to_str().unwrap()]);
    assert!(said.contains("center-seed") && said.contains("请"), "{said}");
    std::fs::write(folder.path().join("ca.pem"), "nothing").unwrap();
    std::fs::write(folder.path().join("ca-key.pem"), "nothing").unwrap();
    let said = run(&[]);
    assert!(said.contains("center-keys") && said.contains("请"), "{said}");
    let left = std::fs::read_to_string(folder.path().join("ca.pem")).unwrap();
    assert_eq!(left, "nothing", "a damaged authority is never replaced by a new one");
}

#[test]
fn help_speaks_chinese_and_english() {
    let output = Command::new(env!("CARGO_BIN_EXE_huijiao-center")).arg("--help").output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{said}");
    for words in ["参考中心", "reference center", "--folder", "--listen", "--seed", "数据目录", "Folder"] {
        assert!(said.contains(words), "{words} is missing in {said}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_center_that_crashes_leaves_no_keys_in_a_core_file() {
    let folder = tempfile::tempdir().unwrap();
    let program = Program::start(folder.path());
    let limits = std::fs::read_to_string(format!("/proc/{}/limits", program.child.id())).unwrap();
    let core = limits.lines().find_map(|line| line.strip_prefix("Max core file size")).unwrap();
    assert_eq!(core.split_whitespace().take(2).collect::<Vec<_>>(), ["0", "0"], "{limits}");
}
