//! The pages of the help. Of a fault: what it looks like, why it happens, what the program does about it, what the
//! clerk does, and an example. Of a screen: what it is for, the steps, and common mistakes. Plain text in blocks, so
//! that nobody has to trust markup.

use std::sync::LazyLock;

/// One page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// Stable name, as in links.
    pub id: &'static str,
    /// Whether it is about a screen, rather than about a fault.
    pub screen: bool,
    /// Its number among the twenty faults of real sheets, where it is one of them.
    pub fault: Option<u8>,
    /// What it is about.
    pub title: &'static str,
    /// Codes of findings and errors that it explains; no code stands in two pages. None where it is about a screen.
    pub codes: Vec<&'static str>,
    /// Its parts, in the order of [`SECTIONS`] or [`SCREEN_SECTIONS`].
    pub sections: Vec<Section>,
}

/// A part of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// One of [`SECTIONS`] or [`SCREEN_SECTIONS`].
    pub title: &'static str,
    /// What it says, in order.
    pub blocks: Vec<Block>,
}

/// A paragraph or a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Block {
    /// A paragraph.
    Text(&'static str),
    /// The points of a list.
    Points(Vec<&'static str>),
}

impl Block {
    /// Its texts: one, or a point each.
    pub fn texts(&self) -> &[&'static str] {
        match self {
            Self::Text(text) => std::slice::from_ref(text),
            Self::Points(points) => points,
        }
    }
}

/// The parts that every page about a fault has.
pub const SECTIONS: [&str; 5] = ["是什么样", "为什么会这样", "汇缴通怎么做", "您怎么做", "例子"];

/// The parts that every page about a screen has.
pub const SCREEN_SECTIONS: [&str; 3] = ["用来做什么", "怎么做", "常见差错"];

/// The pages about screens, in the order in which a clerk meets them.
const SCREENS: &[(&str, &str)] = &[
    ("screen-start", include_str!("../help/screens/screen-start.md")),
    ("screen-month", include_str!("../help/screens/screen-month.md")),
    ("screen-kind", include_str!("../help/screens/screen-kind.md")),
    ("screen-compare", include_str!("../help/screens/screen-compare.md")),
    ("screen-comparison", include_str!("../help/screens/screen-comparison.md")),
    ("screen-import", include_str!("../help/screens/screen-import.md")),
    ("screen-draft", include_str!("../help/screens/screen-draft.md")),
    ("screen-review", include_str!("../help/screens/screen-review.md")),
    ("screen-filing", include_str!("../help/screens/screen-filing.md")),
    ("screen-verification", include_str!("../help/screens/screen-verification.md")),
    ("screen-payments", include_str!("../help/screens/screen-payments.md")),
    ("screen-unprocessed", include_str!("../help/screens/screen-unprocessed.md")),
    ("screen-statement", include_str!("../help/screens/screen-statement.md")),
    ("screen-order", include_str!("../help/screens/screen-order.md")),
    ("screen-approvals", include_str!("../help/screens/screen-approvals.md")),
    ("screen-approval", include_str!("../help/screens/screen-approval.md")),
    ("screen-query", include_str!("../help/screens/screen-query.md")),
    ("screen-contributors", include_str!("../help/screens/screen-contributors.md")),
    ("screen-cities", include_str!("../help/screens/screen-cities.md")),
    ("screen-rules", include_str!("../help/screens/screen-rules.md")),
    ("screen-calibrate", include_str!("../help/screens/screen-calibrate.md")),
    ("screen-learn", include_str!("../help/screens/screen-learn.md")),
    ("screen-units", include_str!("../help/screens/screen-units.md")),
    ("screen-notices", include_str!("../help/screens/screen-notices.md")),
    ("screen-certificates", include_str!("../help/screens/screen-certificates.md")),
    ("screen-tokens", include_str!("../help/screens/screen-tokens.md")),
    ("screen-data", include_str!("../help/screens/screen-data.md")),
    ("screen-audit", include_str!("../help/screens/screen-audit.md")),
    ("screen-settings", include_str!("../help/screens/screen-settings.md")),
    ("screen-lock", include_str!("../help/screens/screen-lock.md")),
    ("keys", include_str!("../help/screens/keys.md")),
];

/// In the order of the list: the twenty faults, then what else is said.
const SOURCES: &[(&str, &str)] = &[
    ("id-became-number", include_str!("../help/id-became-number.md")),
    ("last-x", include_str!("../help/last-x.md")),
    ("fifteen-digits", include_str!("../help/fifteen-digits.md")),
    ("id-typing-errors", include_str!("../help/id-typing-errors.md")),
    ("full-width", include_str!("../help/full-width.md")),
    ("invisible", include_str!("../help/invisible.md")),
    ("separator", include_str!("../help/separator.md")),
    ("rare-characters", include_str!("../help/rare-characters.md")),
    ("duplicates", include_str!("../help/duplicates.md")),
    ("merged-and-totals", include_str!("../help/merged-and-totals.md")),
    ("hidden", include_str!("../help/hidden.md")),
    ("dates", include_str!("../help/dates.md")),
    ("amounts", include_str!("../help/amounts.md")),
    ("not-a-workbook", include_str!("../help/not-a-workbook.md")),
    ("encoding", include_str!("../help/encoding.md")),
    ("base-and-ratio", include_str!("../help/base-and-ratio.md")),
    ("amounts-add-up", include_str!("../help/amounts-add-up.md")),
    ("person-status", include_str!("../help/person-status.md")),
    ("periods", include_str!("../help/periods.md")),
    ("wrong-file", include_str!("../help/wrong-file.md")),
    ("missing", include_str!("../help/missing.md")),
    ("roster-differs", include_str!("../help/roster-differs.md")),
    ("cross-checks", include_str!("../help/cross-checks.md")),
    ("contact", include_str!("../help/contact.md")),
    ("elsewhere", include_str!("../help/elsewhere.md")),
    ("changes", include_str!("../help/changes.md")),
    ("ratio-adjustment", include_str!("../help/ratio-adjustment.md")),
    ("contributor-update", include_str!("../help/contributor-update.md")),
    ("unit-update", include_str!("../help/unit-update.md")),
    ("money-of-the-past", include_str!("../help/money-of-the-past.md")),
    ("deferral", include_str!("../help/deferral.md")),
    ("attachments", include_str!("../help/attachments.md")),
    ("verification", include_str!("../help/verification.md")),
    ("payments", include_str!("../help/payments.md")),
    ("queries", include_str!("../help/queries.md")),
    ("unit-and-policy", include_str!("../help/unit-and-policy.md")),
    ("upload-files", include_str!("../help/upload-files.md")),
    ("upload-templates", include_str!("../help/upload-templates.md")),
    ("certificates", include_str!("../help/certificates.md")),
    ("certificate-enrolment", include_str!("../help/certificate-enrolment.md")),
    ("backup", include_str!("../help/backup.md")),
    ("center-said", include_str!("../help/center-said.md")),
    ("network", include_str!("../help/network.md")),
    ("tokens", include_str!("../help/tokens.md")),
    ("receipts", include_str!("../help/receipts.md")),
    ("printing", include_str!("../help/printing.md")),
];

static PAGES: LazyLock<Vec<Page>> =
    LazyLock::new(|| SCREENS.iter().chain(SOURCES).filter_map(|(id, text)| read(id, text)).collect());

/// Every page, in the order of the list.
pub fn pages() -> &'static [Page] {
    &PAGES
}

/// A page by its name.
pub fn page(id: &str) -> Option<&'static Page> {
    PAGES.iter().find(|page| page.id == id)
}

/// The page that explains a code of a finding or an error.
pub fn page_of(code: &str) -> Option<&'static Page> {
    PAGES.iter().find(|page| page.codes.contains(&code))
}

/// Pages that say all of these words (by blanks), those whose title does first; all pages where nothing is asked.
pub fn find(words: &str) -> Vec<&'static Page> {
    let words: Vec<String> = words.split_whitespace().map(str::to_lowercase).collect();
    let says = |text: &str, word: &String| text.to_lowercase().contains(word.as_str());
    let in_title = |page: &Page| words.iter().all(|word| says(page.title, word));
    let anywhere = |page: &&Page| {
        words.iter().all(|word| {
            let texts = page.sections.iter().flat_map(|section| &section.blocks).flat_map(Block::texts);
            says(page.title, word)
                || page.codes.iter().any(|code| says(code, word) || says(crate::texts::title(code), word))
                || texts.into_iter().any(|text| says(text, word))
        })
    };
    let (mut first, rest): (Vec<_>, Vec<_>) = PAGES.iter().filter(anywhere).partition(|page| in_title(page));
    first.extend(rest);
    first
}

/// Reads a page: a head of `name: value` lines between two rules, then the sections. One without codes is about a
/// screen.
fn read(id: &'static str, text: &'static str) -> Option<Page> {
    let (head, body) = text.strip_prefix("---\n")?.split_once("\n---\n")?;
    let value = |name: &str| {
        head.lines()
            .find_map(|line| Some(line.split_once(':')?).filter(|(said, _)| *said == name))
            .map(|(_, v)| v.trim())
    };
    let sections = body.split("\n## ").skip(1).filter_map(section).collect();
    let codes = value("codes");
    Some(Page {
        id,
        screen: codes.is_none(),
        fault: value("fault").and_then(|fault| fault.parse().ok()),
        title: value("title")?,
        codes: codes.unwrap_or_default().split_whitespace().collect(),
        sections,
    })
}

fn section(text: &'static str) -> Option<Section> {
    let (title, body) = text.split_once('\n')?;
    let blocks = body
        .split("\n\n")
        .map(str::trim)
        .filter(|block| !block.is_empty())
        .map(|block| match block.lines().map(|line| line.strip_prefix("- ")).collect::<Option<Vec<_>>>() {
            Some(points) => Block::Points(points),
            None => Block::Text(block),
        })
        .collect();
    Some(Section { title: title.trim(), blocks })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::collections::BTreeMap;

    use super::*;
    use crate::finding::Code;
    use crate::texts;

    #[test]
    fn every_page_can_be_read_and_is_whole() {
        assert_eq!(pages().len(), SCREENS.len() + SOURCES.len(), "no page is left out silently");
        assert_eq!(pages().iter().filter(|page| page.screen).count(), SCREENS.len(), "no fault without its codes");
        for page in pages() {
            let titles: Vec<_> = page.sections.iter().map(|section| section.title).collect();
            let whole: &[&str] = if page.screen { &SCREEN_SECTIONS } else { &SECTIONS };
            assert_eq!(titles, whole, "{}: every part, in order", page.id);
            for section in &page.sections {
                assert!(!section.blocks.is_empty(), "{}: {} says something", page.id, section.title);
                let empty = section.blocks.iter().any(|block| block.texts().iter().any(|text| text.trim().is_empty()));
                assert!(!empty, "{}: {}: no empty block", page.id, section.title);
            }
            assert!((2..=20).contains(&page.title.chars().count()), "{}: a short title", page.id);
            assert_eq!(page.codes.is_empty(), page.screen, "{}: a page about a fault explains something", page.id);
            assert_eq!(super::page(page.id).map(|found| found.id), Some(page.id), "it is found by its name");
        }
    }

    #[test]
    fn every_code_of_a_finding_has_exactly_one_page_and_every_code_of_a_page_exists() {
        let mut of: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for page in pages() {
            for code in &page.codes {
                assert!(texts::lookup(code).is_some(), "{}: {code} is nothing", page.id);
                of.entry(*code).or_default().push(page.id);
            }
        }
        for code in Code::ALL {
            let pages = of.get(code.as_str()).cloned().unwrap_or_default();
            assert_eq!(pages.len(), 1, "{}: one page, in help/*.md: {pages:?}", code.as_str());
        }
        assert!(of.values().all(|pages| pages.len() == 1), "nor has an error two: {of:?}");
        assert_eq!(page_of("ID-NUMERIC").map(|page| page.id), Some("id-became-number"), "found by its code");
        assert_eq!(page_of("NOTHING"), None, "a code that there is not");
        assert_eq!(page_of("net-unreachable").map(|page| page.id), Some("network"), "an error of the network too");
    }

    #[test]
    fn the_twenty_faults_are_all_there_and_come_first() {
        let of_faults = pages().iter().filter(|page| !page.screen);
        let faults: Vec<_> = of_faults.map_while(|page| page.fault).collect();
        assert_eq!(faults, (1..=20).collect::<Vec<_>>(), "in their order, before what else is said of faults");
        assert_eq!(pages().iter().filter(|page| page.fault.is_some()).count(), 20, "each once");
    }

    #[test]
    fn pages_are_found_by_what_they_say() {
        assert_eq!(find("").len(), pages().len(), "nothing asked, everything shown");
        assert_eq!(find("间隔号")[0].id, "separator", "by the title first");
        assert_eq!(find("锟斤拷")[0].id, "encoding", "by its text");
        assert_eq!(find("base-unit")[0].id, "base-and-ratio", "by a code");
        assert_eq!(find("缴存基数疑似单位不对")[0].id, "base-and-ratio", "by the title of a finding");
        assert_eq!(find("换计算机")[0].id, "backup", "a page whose title says it, before those that mention it");
        assert_eq!(find("缴款管理")[0].id, "screen-payments", "a screen by its name");
        assert_eq!(find("间隔号 年终奖"), Vec::<&Page>::new(), "all words, not any");
    }
}
