//! What is wrong with a file that holds no profile, and where, in Chinese.

use serde::de::IgnoredAny;
use serde_json::Error;

/// An object or a list that is open, and where in it one is.
enum Open {
    /// `said`: what comes next is the value of this key.
    Object {
        key: String,
        said: bool,
    },
    List(usize),
}

/// What is wrong with a text that was to be a profile: `error` is what reading it has given.
pub fn unfit(text: &[u8], error: &Error) -> String {
    if std::str::from_utf8(text).is_err() {
        return "文件不是 UTF-8 编码的文字，请用记事本另存为 UTF-8 编码".into();
    }
    let (line, mut column) = (error.line(), error.column());
    if !error.is_data() {
        if serde_json::from_slice::<IgnoredAny>(text).is_err() {
            return format!("内容不是 JSON，第 {line} 行第 {column} 列起读不下去");
        }
        // A number, say, where one of several words is wanted: the reader stands on it.
        column = column.saturating_sub(1);
    }
    let said = error.to_string();
    let named = said.split('`').nth(1).unwrap_or_default();
    let mut place = place(text, line, column);
    let pointer = |place: &[String]| place.iter().map(|key| format!("/{key}")).collect::<String>();
    if said.starts_with("missing field") {
        place.pop();
        return match place.as_slice() {
            [] => format!("缺少「{named}」"),
            within => format!("「{}」里缺少「{named}」", pointer(within)),
        };
    }
    if said.starts_with("unknown field") {
        return format!("第 {line} 行的「{named}」本版本不认识");
    }
    if said.starts_with("duplicate field") {
        return format!("第 {line} 行的「{named}」写了两次");
    }
    let subject = match place.as_slice() {
        [] => format!("第 {line} 行"),
        within => format!("第 {line} 行「{}」", pointer(within)),
    };
    if said.starts_with("unknown variant") {
        return format!("{subject}的值「{named}」不在可选之列");
    }
    let another_type = said.starts_with("invalid type");
    match wanted(&said).filter(|_| another_type) {
        Some(wanted) => format!("{subject}的内容不符合格式，应为{wanted}"),
        None => format!("{subject}的内容不符合格式"),
    }
}

/// What should have stood there, by the words of the reader.
fn wanted(said: &str) -> Option<&'static str> {
    let (_, expected) = said.split_once(", expected ")?;
    let begins = |words: &[&str]| words.iter().any(|word| expected.starts_with(word));
    if begins(&["u8", "u16", "u32", "u64", "usize", "i8", "i16", "i32", "i64"]) {
        Some("不带引号的整数")
    } else if begins(&["a string"]) {
        Some("带引号的文字")
    } else if begins(&["a boolean"]) {
        Some("「true」或「false」")
    } else if begins(&["a sequence"]) {
        Some("方括号里的一列")
    } else if begins(&["a map", "struct"]) {
        Some("花括号里的一组")
    } else {
        None
    }
}

/// The keys that lead to where the reader stood. Where it fails over what a value means, it stands behind the value,
/// or behind the bracket that closes over it.
fn place(text: &[u8], line: usize, column: usize) -> Vec<String> {
    let before: usize = text.split_inclusive(|byte| *byte == b'\n').take(line.saturating_sub(1)).map(<[u8]>::len).sum();
    let text = text.get(..before + column).unwrap_or(text);
    let mut open: Vec<Open> = Vec::new();
    let mut at = 0;
    while let Some(byte) = text.get(at) {
        at += 1;
        match byte {
            b'"' => {
                let start = at;
                while let Some(inner) = text.get(at) {
                    at += if *inner == b'\\' { 2 } else { 1 };
                    if *inner == b'"' {
                        break;
                    }
                }
                if let Some(Open::Object { key, said: false }) = open.last_mut() {
                    let written = text.get(start..at.saturating_sub(1)).unwrap_or_default();
                    *key = String::from_utf8_lossy(written).into_owned();
                }
            }
            b':' => {
                if let Some(Open::Object { said, .. }) = open.last_mut() {
                    *said = true;
                }
            }
            b',' => match open.last_mut() {
                Some(Open::Object { said, .. }) => *said = false,
                Some(Open::List(index)) => *index += 1,
                None => {}
            },
            b'{' => open.push(Open::Object { key: String::new(), said: false }),
            b'[' => open.push(Open::List(0)),
            b'}' | b']' if at < text.len() => {
                open.pop();
            }
            _other => {}
        }
    }
    let keys = open.into_iter().map(|open| match open {
        Open::Object { key, .. } => key,
        Open::List(index) => index.to_string(),
    });
    keys.collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use serde_json::{Value, json};

    use super::*;
    use crate::profile::CenterProfile;

    fn said(text: &str) -> String {
        unfit(text.as_bytes(), &serde_json::from_str::<CenterProfile>(text).unwrap_err())
    }

    /// The demo center's rules with one value said otherwise.
    fn with(pointer: &str, value: Value) -> String {
        let mut rules = serde_json::to_value(CenterProfile::shipped("demo").unwrap()).unwrap();
        *rules.pointer_mut(pointer).unwrap() = value;
        serde_json::to_string_pretty(&rules).unwrap()
    }

    #[test]
    fn the_field_and_what_is_wrong_with_it_are_named() {
        for (pointer, value, expected) in [
            ("/cut_off_day", json!("soon"), "「/cut_off_day」的内容不符合格式，应为不带引号的整数"),
            ("/cut_off_day", json!(300), "「/cut_off_day」的内容不符合格式"),
            ("/prepayment", json!(1), "「/prepayment」的内容不符合格式，应为「true」或「false」"),
            ("/name", json!(7), "「/name」的内容不符合格式，应为带引号的文字"),
            ("/policies", json!(7), "「/policies」的内容不符合格式，应为方括号里的一列"),
            ("/channel", json!("pigeon"), "「/channel」的值「pigeon」不在可选之列"),
            ("/channel", json!(7), "「/channel」的内容不符合格式"),
            ("/channel", json!([]), "「/channel」的内容不符合格式"),
            ("/policies/1/source_title", json!(true), "「/policies/1/source_title」的内容不符合格式"),
            ("/seal_reasons/0/synonyms", json!([3]), "「/seal_reasons/0/synonyms/0」的内容不符合格式"),
        ] {
            let words = said(&with(pointer, value));
            assert!(words.contains(expected) && words.starts_with("第 "), "{pointer}: {words}");
        }
    }

    #[test]
    fn what_is_missing_too_much_or_said_twice_is_named() {
        let mut rules: Value = serde_json::from_str(&with("/name", json!("甲"))).unwrap();
        rules["surplus"] = json!(1);
        assert!(said(&rules.to_string()).ends_with("的「surplus」本版本不认识"));
        rules.as_object_mut().unwrap().remove("surplus");
        rules["policies"][1].as_object_mut().unwrap().remove("rounding");
        assert_eq!(said(&rules.to_string()), "「/policies/1」里缺少「rounding」");
        rules.as_object_mut().unwrap().remove("policies");
        assert_eq!(said(&rules.to_string()), "缺少「policies」");
        assert_eq!(said("{\"code\":\"a\",\n\"code\":\"b\"}"), "第 2 行的「code」写了两次");
    }

    #[test]
    fn what_is_no_json_is_said_to_be_none() {
        for text in ["", "{", "PK\u{3}\u{4}", "{\"code\": \"a\" \"b\"}"] {
            assert!(said(text).starts_with("内容不是 JSON，第 "), "{text:?}: {}", said(text));
        }
    }

    #[test]
    fn a_profile_that_was_saved_in_another_encoding_is_said_to_be() {
        let gbk = b"{\"code\":\"a\",\"name\":\"\xbc\xd7\"}";
        let error = serde_json::from_slice::<CenterProfile>(gbk).unwrap_err();
        assert!(unfit(gbk, &error).contains("不是 UTF-8"), "no field of it is wrong");
    }

    #[test]
    fn places_are_found_whatever_stands_in_texts() {
        let place = |text: &str| super::place(text.as_bytes(), 1, text.len()).join("/");
        assert_eq!(place(r#"{"a":{"b\"{":[1,{"c":2"#), r#"a/b\"{/1/c"#);
        assert_eq!(place(r#"{"a":[1,2],"b":"},{"#), "b", "a text that does not end");
        assert_eq!(place(r#"{"a":{"b":1}"#), "a/b", "behind the bracket that closes over it");
        assert_eq!(place(r#"{"a":{"b":1},"#), "a", "and past it");
        assert_eq!(place(""), "", "nowhere");
    }
}
