//! `cargo xtask`: demo, test, certs, bench.

mod needs;
mod run;

use std::path::PathBuf;
use std::process::ExitCode;

use run::say;

const USAGE: &str = "cargo xtask setup | demo | test | certs | bench";

fn main() -> ExitCode {
    let task = std::env::args().nth(1).unwrap_or_default();
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..");
    let root = root.canonicalize().unwrap_or(root);
    let outcome = match task.as_str() {
        "setup" => {
            needs::ensure(&[&needs::BUILD, &needs::WINDOW, &needs::TEST]).and_then(|()| needs::node_packages(&root))
        }
        _ => Err(format!("usage: {USAGE}")),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            say(&why);
            ExitCode::FAILURE
        }
    }
}
