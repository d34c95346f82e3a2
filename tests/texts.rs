//! Every code that can reach a person has its words: a title, what happened, what to do.

use std::collections::BTreeSet;
use std::path::Path;

use huijiao_domain::finding::Code;
use huijiao_domain::texts;
use huijiao_protocol::problem::ProblemCode;

fn has_words(code: &str) -> bool {
    texts::lookup(code).is_some_and(|t| {
        [&t.title, &t.happened, &t.remedy]
            .iter()
            .all(|part| !part.trim().is_empty() && part.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c)))
    })
}

const PREFIXES: [&str; 11] =
    ["sheet-", "sign-", "verify-", "net-", "store-", "vault-", "desk-", "demo-", "cli-", "event-", "paper-"];

fn looks_like_a_code(piece: &str) -> bool {
    PREFIXES.iter().any(|p| piece.starts_with(p))
        && !piece.ends_with('-')
        && piece.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

fn listed() -> Vec<String> {
    let mut codes: Vec<String> = Code::ALL.iter().map(|c| c.as_str().to_owned()).collect();
    codes.extend(ProblemCode::ALL.iter().map(|c| format!("problem-{}", c.as_str().replace('_', "-"))));
    codes.extend(huijiao_sheets::SheetError::CODES.iter().map(|c| (*c).to_owned()));
    codes.extend(huijiao_sheets::write::WriteError::CODES.iter().map(|c| (*c).to_owned()));
    codes.extend(huijiao_sheets::RosterError::CODES.iter().map(|c| (*c).to_owned()));
    codes.extend(huijiao_sheets::RosterFault::CODES.iter().map(|c| (*c).to_owned()));
    codes.extend(huijiao_sheets::StatementError::CODES.iter().map(|c| (*c).to_owned()));
    codes.extend(huijiao_domain::statement::Verdict::CODES.iter().map(|c| (*c).to_owned()));
    codes.extend(huijiao_sheets::upload::UploadError::CODES.iter().map(|c| (*c).to_owned()));
    codes.extend(huijiao_sheets::upload::LearnNote::CODES.iter().map(|c| (*c).to_owned()));
    codes.extend(huijiao_sheets::upload::Why::CODES.iter().map(|c| (*c).to_owned()));
    codes.extend(huijiao_desk::DeskError::CODES.iter().map(|c| (*c).to_owned()));
    codes
}

#[test]
fn every_code_has_its_words() {
    let mut codes = listed();
    for (file, text) in sources("src-tauri", &["rs"]) {
        // `Self::Variant => "code"` is how every room names its errors.
        for (before, piece) in literals(&text) {
            if before.ends_with("=> ") && looks_like_a_code(piece) && !file.contains("/tests/") {
                codes.push(piece.to_owned());
            }
        }
    }
    codes.sort();
    codes.dedup();
    assert!(codes.len() > 120, "the list of codes is not complete: {}", codes.len());
    let silent: Vec<&String> = codes.iter().filter(|code| !has_words(code)).collect();
    assert!(silent.is_empty(), "codes without Chinese words in texts.json: {silent:?}");
}

#[test]
fn no_words_are_left_over() {
    // Words that nobody can be shown are words that nobody keeps right.
    let mut known: BTreeSet<String> = listed().into_iter().collect();
    for (folder, endings) in [("src-tauri", &["rs"][..]), ("ui/src", &["ts", "vue"][..])] {
        for (_, text) in sources(folder, endings) {
            known.extend(literals(&text).map(|(_, piece)| piece.to_owned()));
        }
    }
    known.insert("problem-other".into());
    let left: Vec<&str> = texts::codes().filter(|code| !known.contains(*code)).collect();
    assert!(left.is_empty(), "words in texts.json that no code uses: {left:?}");
}

/// These are said to units without a gateway too: their authority is not the center's, and nothing waits for them in a list.
#[test]
fn words_that_are_said_without_a_gateway_too_name_nothing_that_only_a_gateway_has() {
    for code in [
        "desk-approval-differs",
        "desk-approval-ended",
        "desk-approval-stale",
        "desk-certificate-chain",
        "desk-no-roots",
        "verify-certificate-foreign",
        "verify-certificate-revoked",
    ] {
        let text = texts::lookup(code).unwrap_or_else(|| panic!("{code} has words"));
        for part in [&text.title, &text.happened, &text.remedy] {
            for wrong in ["待复核列表", "本中心", "公积金中心", "未登记签名证书"] {
                assert!(!part.contains(wrong), "{code}: {part}");
            }
        }
    }
}

/// String literals, each with what stands before it.
fn literals(text: &str) -> impl Iterator<Item = (&str, &str)> {
    let pieces: Vec<&str> = text.split(['"', '\'', '`']).collect();
    (1..pieces.len()).map(move |i| (pieces[i - 1], pieces[i]))
}

/// Every source file under a folder, with its text.
fn sources(folder: &str, endings: &[&str]) -> Vec<(String, String)> {
    fn walk(folder: &Path, endings: &[&str], found: &mut Vec<(String, String)>) {
        let Ok(entries) = std::fs::read_dir(folder) else { return };
        for path in entries.flatten().map(|e| e.path()) {
            if path.is_dir() {
                walk(&path, endings, found);
            } else if path.extension().is_some_and(|e| endings.iter().any(|w| e == *w))
                && let Ok(text) = std::fs::read_to_string(&path)
            {
                found.push((path.to_string_lossy().into_owned(), text));
            }
        }
    }
    let mut found = Vec::new();
    walk(&Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(folder), endings, &mut found);
    found
}
