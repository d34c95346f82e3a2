//! What an outside tool makes of the description of the interface and of the center behind it: `cargo xtask contract`.
#![allow(clippy::unwrap_used, reason = "a test that cannot start has failed")]

mod common;

use std::process::Command;

use common::{PIN, UNIT, World};
use huijiao_center::UnitRole;
use huijiao_signing::Pin;

const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,\
                      response_schema_conformance,response_headers_conformance";

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs schemathesis: cargo xtask contract"]
async fn no_request_that_the_description_allows_or_forbids_breaks_the_center() {
    let program = std::env::var("SCHEMATHESIS").expect("SCHEMATHESIS names the program");
    let world = World::new().await;
    let issued = world.center.issue_operator(UNIT, "测操作", UnitRole::Clerk, Pin::new(PIN)).await.unwrap();
    let folder = world.folder.path();
    std::fs::write(folder.join("own.p12"), &issued.p12).unwrap();
    let pem = Command::new("openssl")
        .args(["pkcs12", "-in", "own.p12", "-nodes", "-out", "own.pem", "-passin", &format!("pass:{PIN}")])
        .current_dir(folder)
        .output()
        .unwrap();
    common::post_mortem("openssl", &pem);
    let base = world.center.base_url();
    let run = Command::new(program)
        .args(["run", &format!("{base}/v1/openapi.json"), "--url", &base])
        .args(["--tls-verify", "ca.pem", "--request-cert", "own.pem", "--seed", "1", "--max-examples", "60"])
        .args(["--phases", "examples,coverage,fuzzing", "--continue-on-failure", "--no-color", "--workers", "1"])
        .args(["--checks", CHECKS])
        // A stream that goes on for ever has no answer to wait for.
        .args(["--exclude-path", "/v1/events"])
        .current_dir(folder)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&run.stdout);
    eprintln!("{said}{}", String::from_utf8_lossy(&run.stderr));
    assert!(run.status.success(), "schemathesis has findings: see above");
    // One that tries nothing finds nothing.
    let figure = |name: &str| said.lines().find_map(|line| line.trim().strip_prefix(name)).unwrap_or_default().trim();
    let (selected, all) = figure("Selected:").split_once('/').expect("it says how many operations it chose");
    assert_eq!(figure("Tested:"), selected, "each that it chose was tried");
    let count = |figure: &str| figure.parse::<usize>().unwrap();
    assert_eq!(count(all) - count(selected), 1, "all of them but the stream of events");
}
