//! Running other programs, with the time each one took.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

/// Prints one line of what xtask is doing.
#[expect(clippy::print_stdout, reason = "xtask talks to a person at a terminal")]
pub(crate) fn say(line: &str) {
    println!("[xtask] {line}");
}

/// One program to run, with its folder and environment.
pub(crate) struct Step {
    program: String,
    arguments: Vec<String>,
    folder: Option<PathBuf>,
    variables: Vec<(String, String)>,
    quiet: bool,
}

impl Step {
    /// A step that runs `program` with `arguments`.
    pub(crate) fn new(program: &str, arguments: &[&str]) -> Self {
        Self {
            program: program.into(),
            arguments: arguments.iter().map(|a| (*a).to_owned()).collect(),
            folder: None,
            variables: Vec::new(),
            quiet: false,
        }
    }

    /// A step that runs this toolchain's cargo.
    pub(crate) fn cargo(arguments: &[&str]) -> Self {
        Self::new(&std::env::var("CARGO").unwrap_or_else(|_| "cargo".into()), arguments)
    }

    /// Runs in another folder.
    pub(crate) fn within(mut self, folder: &Path) -> Self {
        self.folder = Some(folder.into());
        self
    }

    /// Runs with an environment variable.
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Shows the output only where the program fails.
    pub(crate) fn quiet(mut self) -> Self {
        self.quiet = true;
        self
    }

    /// Runs it to its end, however it ends, and gives what it said to its standard output.
    ///
    /// # Errors
    /// When it cannot be started.
    pub(crate) fn heard(self) -> Result<String, String> {
        let line = format!("{} {}", self.program, self.arguments.join(" "));
        let start = Instant::now();
        let mut command = Command::new(&self.program);
        command.args(&self.arguments).envs(self.variables).stdin(Stdio::null()).stderr(Stdio::inherit());
        if let Some(folder) = &self.folder {
            command.current_dir(folder);
        }
        say(&format!("> {line}"));
        let output = command.output().map_err(|e| format!("{line}: {e}"))?;
        say(&format!("  ended in {:.1} s", start.elapsed().as_secs_f32()));
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    /// Runs it to its end.
    ///
    /// # Errors
    /// When it cannot be started or ends with a failure.
    pub(crate) fn run(self) -> Result<(), String> {
        let line = format!("{} {}", self.program, self.arguments.join(" "));
        let start = Instant::now();
        let mut command = Command::new(&self.program);
        command.args(&self.arguments);
        if let Some(folder) = &self.folder {
            command.current_dir(folder);
        }
        command.envs(self.variables);
        say(&format!("> {line}"));
        let passed = if self.quiet {
            let output = command.stdin(Stdio::null()).output().map_err(|e| format!("{line}: {e}"))?;
            if !output.status.success() {
                say(&String::from_utf8_lossy(&output.stdout));
                say(&String::from_utf8_lossy(&output.stderr));
            }
            output.status.success()
        } else {
            command.status().map_err(|e| format!("{line}: {e}"))?.success()
        };
        if passed {
            say(&format!("  done in {:.1} s", start.elapsed().as_secs_f32()));
            Ok(())
        } else {
            Err(format!("failed: {line}"))
        }
    }
}

/// Whether a program is on the path.
pub(crate) fn have(program: &str) -> bool {
    let names =
        if cfg!(windows) { vec![format!("{program}.exe"), format!("{program}.cmd")] } else { vec![program.to_owned()] };
    std::env::var_os("PATH")
        .is_some_and(|path| std::env::split_paths(&path).any(|d| names.iter().any(|n| d.join(n).is_file())))
}

/// The trimmed standard output of a program that ends well.
pub(crate) fn capture(program: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program).args(arguments).stderr(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}
