//! What a defect leaves in the log: where it was, and nothing of what the program was reading then.

use std::panic::Location;

/// Parts of a path that tell a source file from others; what lies above them is of the computer that built the program.
const TOLD: usize = 4;

/// From now on a panic is noted by its place and a code alone. Its message, which may hold whatever was being read, goes
/// nowhere.
pub fn note_panics_by_place() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(place).unwrap_or_default();
        tracing::error!(code = "desk-internal", place, "a defect of the program");
    }));
}

fn place(at: &Location<'_>) -> String {
    let parts: Vec<&str> = at.file().split(['/', '\\']).collect();
    let file = parts.get(parts.len().saturating_sub(TOLD)..).unwrap_or_default().join("/");
    format!("{file}:{}", at.line())
}
