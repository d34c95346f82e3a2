//! 关于: what the program is, the sample workbooks, and what technical support is given: no names, no numbers of
//! people, no amounts.

use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;

use crate::calls::blocking;
use crate::views::{AboutView, ConnectionStep, ConnectionTest, ExportedFile, SampleFile, SamplesView, WorkOfOthers};
use crate::workbooks::put;
use crate::{Desk, DeskError, text};

/// Works of others: name, what it does here, licence.
const WORKS: &[(&str, &str, &str)] = &[
    ("Noto Sans CJK SC", "单证的字体", "OFL-1.1"),
    ("HanaMinB", "单证里生僻字的字体", "OFL-1.1"),
    ("Tauri", "窗口", "MIT OR Apache-2.0"),
    ("Vue", "页面", "MIT"),
    ("Element Plus", "按钮、下拉等控件", "MIT"),
    ("Chart.js", "缴存走势图", "MIT"),
    ("PDF.js", "单证预览", "Apache-2.0"),
    ("calamine", "读工作簿", "MIT"),
    ("rust_xlsxwriter", "写工作簿", "MIT OR Apache-2.0"),
    ("krilla", "单证的 PDF", "MIT OR Apache-2.0"),
    ("SQLite", "本机数据库", "blessing"),
    ("ring", "签名与摘要", "Apache-2.0 AND ISC"),
    ("rustls", "与中心的加密连接", "Apache-2.0 OR ISC OR MIT"),
    ("reqwest", "与中心的通信", "MIT OR Apache-2.0"),
    ("Argon2", "数据口令", "MIT OR Apache-2.0"),
    ("rust_decimal", "金额", "MIT"),
    ("pinyin", "按拼音查找", "MIT"),
];

/// Refusals that are remembered, and lines of the log that are given on.
const REMEMBERED: usize = 50;
const LOG_LINES: usize = 200;

/// Something that was refused, as support is told.
#[derive(Debug, Clone)]
pub(crate) struct Refused {
    at: Timestamp,
    command: String,
    code: String,
    trace: String,
}

impl Desk {
    /// What the program is and where it keeps things.
    ///
    /// # Errors
    /// None today; as every step.
    pub fn about(&self) -> Result<AboutView, DeskError> {
        let works = WORKS.iter().map(|(name, what, licence)| WorkOfOthers {
            name: (*name).into(),
            what: (*what).into(),
            licence: (*licence).into(),
        });
        Ok(AboutView {
            version: self.config.version.clone(),
            system: system(),
            data_folder: self.config.folder.to_string_lossy().into_owned(),
            export_folder: self.config.export_folder.to_string_lossy().into_owned(),
            updates: self.config.updates.is_some(),
            works: works.collect(),
        })
    }

    /// Lays the practice workbooks where the user finds them.
    ///
    /// # Errors
    /// When the practice does not start, or the folder cannot be written.
    pub async fn samples_export(self: &Arc<Self>) -> Result<SamplesView, DeskError> {
        let door = self.config.practice.clone().ok_or_else(|| DeskError::refusal(DeskError::NO_PRACTICE))?;
        let connection = door.open(&self.practice_folder()).await?;
        let folder = self.config.export_folder.join("示例表格");
        let mut files = Vec::new();
        for (path, note) in connection.workbooks {
            let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            let read = std::fs::read(&path);
            let bytes = read.map_err(|source| DeskError::FileRead { name: name.clone(), source })?;
            let (stem, ending) = name.rsplit_once('.').unwrap_or((&name, "xlsx"));
            // Once is enough: a second time finds the first.
            let same = std::fs::read(folder.join(&name)).is_ok_and(|there| there == bytes);
            let file = if same { name.clone() } else { put(&folder, stem, ending, &bytes)? };
            files.push(SampleFile { file, note });
        }
        Ok(SamplesView { folder: folder.to_string_lossy().into_owned(), files })
    }

    /// Remembers what was refused, for support: codes only.
    pub(crate) fn remember_refusal(&self, command: &str, code: &str, trace: &str) {
        let at = self.config.clock.now();
        let refused = &mut self.inner().refused;
        if refused.len() == REMEMBERED {
            refused.pop_front();
        }
        refused.push_back(Refused { at, command: command.into(), code: code.into(), trace: trace.into() });
    }

    /// Writes what technical support asks for; the way to the center is tried for it.
    ///
    /// # Errors
    /// When it cannot be written.
    pub async fn diagnostics_export(self: &Arc<Self>) -> Result<ExportedFile, DeskError> {
        let way = self.connection_test().await;
        blocking(self, move |desk| {
            let report = desk.diagnostics(&way)?;
            let folder = desk.config.export_folder.join("诊断资料");
            let at = text::local(desk.config.clock.now()).strftime("%Y%m%d-%H%M%S").to_string();
            let file = put(&folder, &format!("诊断资料-{at}"), "txt", report.as_bytes())?;
            Ok(ExportedFile { folder: folder.to_string_lossy().into_owned(), file })
        })
        .await
    }

    fn diagnostics(&self, way: &Result<ConnectionTest, DeskError>) -> Result<String, DeskError> {
        let mut said = String::new();
        let mut line = |name: &str, value: &str| {
            // Writing to a string does not fail.
            let _ = writeln!(said, "{name}: {value}");
        };
        let preferences = self.preferences()?;
        line("程序", &format!("汇缴通 {}", self.config.version));
        line("系统", &system());
        line("导出时间", &text::local_time(&text::stamp(self.config.clock.now())));
        // The address of a proxy says where one works; that there is one is enough.
        line("外观", &format!("{:?} {}% {:?}", preferences.theme, preferences.scale, preferences.contrast));
        line("代理", &format!("{:?}", preferences.proxy));
        let inner = self.inner();
        line("数据", if inner.store.is_some() { "已打开" } else { "未打开" });
        line("备份", inner.backup_trouble.as_ref().map_or("正常", DeskError::code));
        line("操作日志", if inner.audit_broken.is_some() { "不连续" } else { "连续" });
        if let Some(session) = &inner.session {
            line("中心", &session.info.profile.code);
            line("办理方式", if session.gateway.is_some() { "联网" } else { "上传文件" });
            line("连接", &session.view(self.now(&inner)).connection);
        }
        line("数据文件", &sizes(&self.config.folder));
        if let Some(store) = &inner.store {
            let _ = writeln!(said, "\n隔离的回执（时间 申报编号 原因代码 SHA-256）");
            match store.quarantined() {
                Ok(kept) => {
                    for one in kept {
                        let _ = writeln!(said, "{} {} {} {}", one.at, one.filing, one.code, one.sha256);
                    }
                }
                Err(error) => {
                    let _ = writeln!(said, "{}", error.code());
                }
            }
        }
        let _ = writeln!(said, "\n最近未成的操作（时间 操作 代码 日志编号）");
        for refused in inner.refused.iter().rev() {
            let at = text::stamp(refused.at);
            let _ = writeln!(said, "{at} {} {} {}", refused.command, refused.code, refused.trace);
        }
        drop(inner);
        let _ = writeln!(said, "\n测试连接（步骤 结果 代码）");
        match way {
            // Where the center is, is nobody's business here: how far the way is open is enough.
            Ok(test) => {
                for ConnectionStep { step, state, why } in &test.steps {
                    let code = why.as_ref().map_or("", |why| why.code.as_str());
                    let _ = writeln!(said, "{step:?} {state:?} {code}");
                }
            }
            // Without a unit, or with a center that has no interface, there is no way.
            Err(error) => {
                let _ = writeln!(said, "{}", error.code());
            }
        }
        let _ = writeln!(said, "\n日志");
        for logged in last_lines(&self.config.folder.join("logs")) {
            let _ = writeln!(said, "{}", impersonal(&logged));
        }
        Ok(said)
    }
}

/// Operating system and processor.
fn system() -> String {
    let release = std::fs::read_to_string("/etc/os-release").unwrap_or_default();
    let name = release.lines().find_map(|line| line.strip_prefix("PRETTY_NAME="));
    let name = name.map_or(std::env::consts::OS, |name| name.trim_matches('"'));
    format!("{name} {}", std::env::consts::ARCH)
}

/// The program's own files beside each other, with their sizes.
fn sizes(folder: &Path) -> String {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut files: Vec<String> = entries
        .filter_map(|entry| {
            let meta = entry.metadata().ok().filter(std::fs::Metadata::is_file)?;
            Some(format!("{} {}", entry.file_name().to_string_lossy(), meta.len()))
        })
        .collect();
    files.sort();
    files.join("，")
}

/// The end of the newest logs.
fn last_lines(logs: &Path) -> Vec<String> {
    let mut files: Vec<_> = std::fs::read_dir(logs).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    files.sort();
    let mut lines = Vec::new();
    for file in files.iter().rev() {
        let text = std::fs::read(file).unwrap_or_default();
        let text = String::from_utf8_lossy(&text).into_owned();
        let room = LOG_LINES - lines.len();
        lines.extend(text.lines().rev().take(room).map(str::to_owned));
        if lines.len() == LOG_LINES {
            break;
        }
    }
    lines.reverse();
    lines
}

/// A line of the log without what could be somebody: the log holds none of it, and this is the second lock. Han
/// characters go, and what has as many digits as an account, a telephone or an ID number.
fn impersonal(line: &str) -> String {
    let mut said = String::with_capacity(line.len());
    let mut run = String::new();
    let end = |run: &mut String, said: &mut String| {
        let digits = run.chars().filter(char::is_ascii_digit).count();
        let time = run.contains(':') || (run.len() <= 10 && run.matches('-').count() == 2);
        if digits > 6 && !time {
            said.push('…')
        } else {
            said.push_str(run)
        }
        run.clear();
    };
    for c in line.chars() {
        if c.is_ascii_digit() || (!run.is_empty() && matches!(c, 'X' | 'x' | '-' | ':' | '.' | 'T')) {
            run.push(c);
            continue;
        }
        end(&mut run, &mut said);
        said.push(if c.is_ascii() { c } else { '…' });
    }
    end(&mut run, &mut said);
    said
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot start has failed")]
    use super::*;
    use crate::ports::SystemClock;
    use crate::{DeskConfig, KeyringUse};
    use huijiao_sheets::WorkerProgram;

    #[tokio::test]
    async fn support_is_told_nothing_about_anybody() {
        let folder = tempfile::tempdir().unwrap();
        let logs = folder.path().join("logs");
        std::fs::create_dir_all(&logs).unwrap();
        let planted = ["41080119900307003X", "410801900307003", "13800138000", "张三丰", "201500003721", "12345.67"];
        let lines = planted.map(|one| format!("2026-07-06T14:32:05.123Z WARN refused name={one} code=\"net-proxy\""));
        std::fs::write(logs.join("huijiao.2026-07-06.log"), lines.join("\n")).unwrap();
        let desk = Arc::new(Desk::new(DeskConfig {
            folder: folder.path().into(),
            export_folder: folder.path().join("export"),
            worker: WorkerProgram("none".into()),
            keyring: KeyringUse::None,
            clock: Arc::new(SystemClock),
            practice: None,
            updates: None,
            tokens: huijiao_signing::Tokens::none(),
            pauses: Vec::new(),
            version: "9.8.7".into(),
        }));
        desk.remember_refusal("draft_edit", "desk-draft-gone", "abcd1234");
        let out = desk.diagnostics_export().await.unwrap();
        let said = std::fs::read_to_string(Path::new(&out.folder).join(&out.file)).unwrap();
        for one in planted {
            assert!(!said.contains(one), "{one} is somebody's");
        }
        for wanted in ["9.8.7", "net-proxy", "draft_edit desk-draft-gone abcd1234", "2026-07-06T14:32:05.123Z"] {
            assert!(said.contains(wanted), "{wanted} is what support needs: {said}");
        }
    }
}
