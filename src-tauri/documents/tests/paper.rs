//! What other programs read in the printed forms.
#![allow(clippy::unwrap_used, reason = "a test that cannot start has failed")]

mod kit;

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::Path;

use huijiao_documents::forms::{
    Booked, LeaverNote, PaymentNotice, PersonalProof, Posted, Receipt, Recorded, Standing, UnitProof,
};
use huijiao_documents::{Fonts, PaperError, Pdf, Shift, print, print_shifted};
use huijiao_domain::capitals::capitals;
use huijiao_domain::filing::{FilingKind, Rows};
use huijiao_domain::money::{Ratio, Yuan};
use huijiao_domain::remittance::{DueLine, MonthFigures, MonthState, MonthTable, PaymentMethod, VerifiedMonth};
use huijiao_domain::roster::{Unit, UnitStatus};
use kit::{code_of, figures, filed, id_types, name, printed, read_by, receipt, rows, signed, text, without_readers};

/// Every form of a kind, received, with its receipt.
fn document(kind: FilingKind, people: usize, standing: Standing) -> Pdf {
    let (rows, figures, id_types) = (rows(kind, people), figures(people), id_types());
    let filed = filed(&rows, &figures, &id_types, standing);
    let mut forms = filed.forms();
    forms.extend(filed.receipt());
    printed(&forms)
}

#[test]
fn every_kind_reads_as_it_was_filed() {
    let folder = std::env::var_os("HUIJIAO_LOOK");
    for kind in FilingKind::ALL {
        let pdf = document(*kind, 7, Standing::Received(signed(), receipt()));
        if let Some(folder) = &folder {
            std::fs::write(Path::new(folder).join(format!("{}.pdf", kind.as_str())), &pdf.bytes).unwrap();
        }
        if without_readers() {
            continue;
        }
        read_by("qpdf", &["--check", "$"], &pdf.bytes);
        insta::assert_snapshot!(kind.as_str(), text(&pdf.bytes));
    }
}

#[test]
fn the_units_own_papers_read_as_they_were_made() {
    let notice = PaymentNotice {
        center: "演示市住房公积金管理中心",
        unit_name: "演示精密机械制造有限公司",
        unit_account: "800100",
        number: "YW-2026-000043",
        back: false,
        label: "2026-07 汇缴".into(),
        people: 240,
        amount: kit::yuan("231481.46"),
        account_name: "演示市住房公积金管理中心",
        account_number: "41050168260800000123",
        bank: "中国建设银行股份有限公司演示分行营业部",
        code: "JK20260700000043",
        ordered_at: "2026-07-06 15:20".into(),
        printed_at: "2026-07-06 15:21",
    };
    let back = PaymentNotice { back: true, label: "补缴 业务流水号 YW-2026-000041".into(), ..notice.clone() }.form();
    assert_eq!(back.title, "住房公积金单位补缴通知单", "what was missed is no month's 汇缴");
    assert_eq!(back.subtitle, "补缴 业务流水号 YW-2026-000041");
    let leaver = LeaverNote {
        center: notice.center,
        unit_name: notice.unit_name,
        unit_account: notice.unit_account,
        name: "王𬭎",
        id_masked: "4108**********0031",
        personal_account: "008000000001",
        base: kit::yuan("5012.63"),
        monthly: kit::yuan("751.52"),
        reason: "解除或终止劳动关系",
        sealed_on: "",
        withdrawal: "封存满 6 个月后可申请提取。",
        today: "2026-07-06",
        caution: "账户信息取自 2026-07-06 09:00 的清册。仅供参考，以中心审核为准。".into(),
    };
    let line = |person: usize| DueLine {
        personal_account: kit::account(person),
        name: name(person),
        id_number: kit::id_number(person),
        base: kit::yuan("5000.00"),
        amounts: kit::due(person),
    };
    let (before, after): (Vec<_>, Vec<_>) = ((0..5).map(line).collect(), (2..8).map(line).collect());
    let adjusted = |line: &DueLine| DueLine { amounts: kit::due(50), ..line.clone() };
    let after: Vec<_> = after.iter().enumerate().map(|(p, l)| if p == 1 { adjusted(l) } else { l.clone() }).collect();
    let table = MonthTable::between(kit::month("2026-07"), &before, &after);
    let (rows, id_types) = (Rows::none(FilingKind::RemittanceVerification), id_types());
    let changes = filed(&rows, &[], &id_types, Standing::Draft).changes(&[table]);
    assert_eq!(changes.len(), 1);
    for (called, forms) in [("notice", vec![notice.form()]), ("leaver", vec![leaver.form()]), ("changes", changes)] {
        let pdf = printed(&forms);
        if let Some(folder) = std::env::var_os("HUIJIAO_LOOK") {
            std::fs::write(Path::new(&folder).join(format!("{called}.pdf")), &pdf.bytes).unwrap();
        }
        if without_readers() {
            continue;
        }
        read_by("qpdf", &["--check", "$"], &pdf.bytes);
        insta::assert_snapshot!(called, text(&pdf.bytes));
    }
    let quiet = MonthTable::between(kit::month("2026-07"), &before, &before);
    assert!(filed(&rows, &[], &id_types, Standing::Draft).changes(&[quiet]).is_empty(), "nobody changed: no list");
}

#[test]
fn what_the_center_has_in_its_books_has_its_number_and_no_watermark() {
    let (rows, figures, id_types) = (Rows::none(FilingKind::RemittanceVerification), figures(7), id_types());
    let booked = Booked { number: "YW-2026-000042".into(), by: "王小明".into(), at: "2026-07-06 14:32".into() };
    let filed = filed(&rows, &[], &id_types, Standing::Booked(booked));
    let form = |method| filed.remittance(&figures[0], method);
    let pdf = printed(&[form(Some(PaymentMethod::Suspense))]);
    assert_eq!(pdf.pages, 1, "汇缴书 is one sheet");
    if without_readers() {
        return;
    }
    read_by("qpdf", &["--check", "$"], &pdf.bytes);
    assert_eq!(code_of(&pdf.bytes).as_deref(), Some("YW-2026-000042"), "the number can be scanned");
    let paid = text(&pdf.bytes);
    let amount: Yuan = figures[0].due.amount;
    for part in [
        "汇缴年月 2026年07月",
        "■ 汇缴 □ 补缴",
        "填表日期 2026-07-06",
        "上月汇缴 6 4,889.42",
        "本月增加 2 1,200.00",
        "本月减少 1 800.50",
        "本月汇缴 7 5,288.92",
        "■ 暂存款",
        "使用暂存款 5,288.92",
        "付款户名",
        "付款账号",
        "付款银行",
        "已申报 2026-07-06 14:32",
        capitals(amount).as_str(),
    ] {
        assert!(paid.contains(part), "{part}: {paid}");
    }
    assert!(across(&paid, "草稿") == 0 && across(&paid, "未受理") == 0, "{paid}");
    let open = text(&printed(&[form(None)]).bytes);
    assert!(open.contains("□ 暂存款") && !open.contains("使用暂存款 5"), "nobody has decided how: {open}");
}

#[test]
fn what_is_proven_is_what_the_books_say() {
    let ratio = |text: &str| text.parse::<Ratio>().unwrap();
    let unit = Unit {
        account: "800100".into(),
        credit_code: "91350100M000100Y43".into(),
        name: "演示精密机械制造有限公司".into(),
        status: UnitStatus::Normal,
        unit_ratio: ratio("0.08"),
        personal_ratio: ratio("0.07"),
        contributors: 228,
        sealed: 12,
        paid_through: kit::month("2026-06"),
        first_unverified: kit::month("2026-08"),
        suspense_balance: kit::yuan("1200.50"),
        district: None,
        deferral: None,
        single_operator: false,
        details: BTreeMap::new(),
    };
    let months: Vec<VerifiedMonth> = (0..15)
        .map(|place| VerifiedMonth {
            figures: MonthFigures {
                month: (0..place).fold(kit::month("2025-05"), |month, _| month.next()),
                ..kit::figures(7)[0]
            },
            state: if place == 14 { MonthState::Verified } else { MonthState::Paid },
            filing_number: format!("YW-{place}"),
            verified_by: String::new(),
            verified_at: String::new(),
        })
        .collect();
    let center = "演示市住房公积金管理中心";
    let taken_at = "2026-07-06 15:21";
    let of_unit = UnitProof { center, unit: &unit, months: &months, taken_at };
    let entry = |place: usize| Posted {
        on: format!("2026-{place:02}-06"),
        label: format!("2026-{place:02} 汇缴"),
        moved: kit::due(3),
        balance: kit::yuan("9000.00"),
    };
    let person = PersonalProof {
        center,
        unit_name: &unit.name,
        unit_account: &unit.account,
        name: "古丽米热·阿卜杜热合曼·买买提依明",
        id_type: "身份证",
        id_number: "11010519491231002X",
        personal_account: "008000000001",
        status: "正常",
        base: kit::yuan("5012.63"),
        unit_ratio: unit.unit_ratio,
        personal_ratio: unit.personal_ratio,
        amounts: kit::due(3),
        paid_through: unit.paid_through,
        balance: kit::yuan("9000.00"),
        entries: (1..=5).map(entry).collect(),
        taken_at,
    };
    for (called, form) in [("unit_proof", of_unit.form()), ("personal_proof", person.form())] {
        assert!(form.number.is_none() && form.watermark.is_none(), "it is nobody's filing");
        let pdf = printed(&[form]);
        if let Some(folder) = std::env::var_os("HUIJIAO_LOOK") {
            std::fs::write(Path::new(&folder).join(format!("{called}.pdf")), &pdf.bytes).unwrap();
        }
        assert_eq!(pdf.pages, 1, "{called}: a proof is one sheet");
        if without_readers() {
            continue;
        }
        read_by("qpdf", &["--check", "$"], &pdf.bytes);
        insta::assert_snapshot!(called, text(&pdf.bytes));
    }
    if without_readers() {
        return;
    }
    let newest = UnitProof { months: &months[14..], ..of_unit };
    let newest = text(&printed(&[newest.form()]).bytes);
    assert!(
        newest.contains("已核定，未入账") && !newest.contains("已入账\n"),
        "what is not paid is not said to be: {newest}"
    );
    let nothing = text(&printed(&[PersonalProof { entries: Vec::new(), ..person }.form()]).bytes);
    assert!(nothing.contains("合计（0 笔）"), "an account that nothing came into: {nothing}");
}

/// The amounts of the lines that begin with a word, the last of each line.
fn last_amounts(text: &str, word: &str) -> Vec<Yuan> {
    let lines = text.lines().filter(|line| line.starts_with(word));
    lines.map(|line| line.rsplit(' ').next().unwrap().replace(',', "").parse().unwrap()).collect()
}

#[test]
fn pages_are_numbered_headed_and_add_up() {
    let (rows, figures, id_types) = (rows(FilingKind::RemittanceVerification, 240), figures(240), id_types());
    let list = filed(&rows, &figures, &id_types, Standing::Received(signed(), receipt())).forms().remove(1);
    let pdf = printed(&[list]);
    if without_readers() {
        return;
    }
    let text = text(&pdf.bytes);
    let pages: Vec<&str> = text.trim_end_matches('\u{c}').split('\u{c}').collect();
    assert_eq!((pages.len(), pdf.pages as usize), (pages.len(), pages.len()), "as many pages as said");
    assert!(pages.len() > 5, "else nothing of this is tried");
    for (place, page) in pages.iter().enumerate() {
        assert!(page.contains(&format!("第 {} 页 共 {} 页", place + 1, pages.len())), "{page}");
        assert!(page.contains("业务流水号 YW-2026-000042"), "a page that is lost can be put back: {page}");
        let heads = page.matches("序号 个人账号 姓名").count();
        assert_eq!(heads, page.matches("本页小计").count(), "each page with rows says what they are, and adds them up");
    }
    let all: Yuan = (0..240).map(|person| kit::due(person).monthly()).sum();
    let subtotals = last_amounts(&text, "本页小计");
    assert!(subtotals.len() > 5, "{subtotals:?}");
    assert_eq!(subtotals.into_iter().sum::<Yuan>(), all, "what the pages add up to");
    assert_eq!(last_amounts(&text, "合计（240 人）"), [all]);
    assert!(text.contains(&capitals(all)), "and in capitals");
    for person in 0..240 {
        assert!(text.contains(&kit::account(person)), "nobody is lost between two pages: {person}");
    }
}

#[test]
fn a_short_list_has_no_subtotal() {
    if without_readers() {
        return;
    }
    let text = text(&document(FilingKind::BackPayment, 3, Standing::Draft).bytes);
    assert!(!text.contains("本页小计") && text.contains("合计（3 笔）"), "one page is its own sum: {text}");
}

#[test]
fn rare_and_long_names_are_whole() {
    let pdf = document(FilingKind::RemittanceVerification, 7, Standing::Draft);
    if without_readers() {
        return;
    }
    let text: String = text(&pdf.bytes).split_whitespace().collect();
    for person in 0..7 {
        let name: String = name(person).split_whitespace().collect();
        assert!(text.contains(&name), "{name} is there to its last character, on however many lines");
    }
    // The middle of extension F, of which the main font has nothing.
    let Rows::BackPayment(mut rows) = rows(FilingKind::BackPayment, 1) else { unreachable!() };
    rows[0].name = "王\u{2dddd}".into();
    let (rows, id_types) = (Rows::BackPayment(rows), id_types());
    let pdf = printed(&filed(&rows, &[], &id_types, Standing::Draft).forms());
    assert!(kit::text(&pdf.bytes).contains("王\u{2dddd}"), "a name of two fonts is one name to whoever copies it");
    let fonts = read_by("pdffonts", &["$"], &pdf.bytes);
    for font in ["NotoSansCJKsc", "HanaMinB"] {
        let line = fonts.lines().find(|line| line.contains(font)).unwrap_or_else(|| panic!("{font}: {fonts}"));
        assert!(line.contains(" yes yes yes "), "embedded, only what is used of it, with its characters: {line}");
    }
    assert!(pdf.bytes.len() < 200_000, "subsets, not fonts: {}", pdf.bytes.len());
}

#[test]
fn a_character_without_a_glyph_is_an_error() {
    // Private use, where old names sit, and the end of all planes: neither font may draw its box for them.
    for character in ['\u{e863}', '\u{10fffd}'] {
        let Rows::BackPayment(mut rows) = rows(FilingKind::BackPayment, 2) else { unreachable!() };
        rows[1].name = format!("王{character}");
        let (rows, id_types) = (Rows::BackPayment(rows), id_types());
        let forms = filed(&rows, &[], &id_types, Standing::Draft).forms();
        let error = print(&forms, &mut Fonts::of_this_computer().unwrap()).unwrap_err();
        assert_eq!(error.code(), "paper-glyph-unknown");
        let PaperError::GlyphMissing { character: said, needs: None, who } = error else { panic!("{error}") };
        assert_eq!(said, character, "which one it is");
        assert_eq!(who, Some(format!("王{character}")), "and whose");
    }
}

#[test]
fn a_character_of_private_use_sends_nobody_for_a_font() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::copy(
        "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
        folder.path().join("NotoSansCJK-Regular.ttc"),
    )
    .expect("the fonts of `cargo xtask setup`");
    let Rows::BackPayment(mut rows) = rows(FilingKind::BackPayment, 2) else { unreachable!() };
    rows[1].name = "王\u{e863}".into();
    let (rows, id_types) = (Rows::BackPayment(rows), id_types());
    let mut fonts = Fonts::in_folders(vec![folder.path().into()]).unwrap();
    let error = print(&filed(&rows, &[], &id_types, Standing::Draft).forms(), &mut fonts).unwrap_err();
    let text = huijiao_domain::texts::lookup(error.code()).unwrap();
    let said = |part: &str| huijiao_domain::texts::fill(part, &error.args());
    assert!(said(&text.happened).contains("「王\u{e863}」一行"), "{}", said(&text.happened));
    assert!(said(&text.remedy).contains("身份证件"), "{}", said(&text.remedy));
    assert!(!said(&text.remedy).contains("安装字体"), "no font can help: {}", said(&text.remedy));
}

#[test]
fn fonts_that_are_not_there_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let error = Fonts::in_folders(vec![folder.path().into()]).err().expect("there is nothing in it");
    assert!(matches!(error, PaperError::FontMissing { file: "NotoSansCJK-Regular.ttc" }), "{error}");
    // The main font alone prints nearly everything; what it cannot print says which font is missing.
    std::fs::copy(
        "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
        folder.path().join("NotoSansCJK-Regular.ttc"),
    )
    .expect("the fonts of `cargo xtask setup`");
    let Rows::BackPayment(mut rows) = rows(FilingKind::BackPayment, 2) else { unreachable!() };
    rows[1].name = "王\u{2dddd}".into();
    let (rows, id_types) = (Rows::BackPayment(rows), id_types());
    let mut fonts = Fonts::in_folders(vec![folder.path().into()]).unwrap();
    let error = print(&filed(&rows, &[], &id_types, Standing::Draft).forms(), &mut fonts).unwrap_err();
    assert!(matches!(error, PaperError::GlyphMissing { needs: Some("HanaMinB.ttf"), .. }), "{error}");
    assert_eq!(error.code(), "paper-glyph-missing", "the words name the font");
}

#[test]
fn a_shifted_page_has_everything_where_the_printer_needs_it() {
    if without_readers() {
        return;
    }
    let (rows, id_types) = (rows(FilingKind::BaseAdjustment, 60), id_types());
    let forms = filed(&rows, &[], &id_types, Standing::Received(signed(), receipt())).forms();
    let mut fonts = Fonts::of_this_computer().unwrap();
    let mut shifted =
        |right, down| print_shifted(&forms, &mut fonts, Shift { right, down }, &mut |_, _| ControlFlow::Continue(()));
    // Where each word begins, in points from the upper left corner.
    let words = |pdf: &Pdf| -> Vec<(f32, f32)> {
        let read = read_by("pdftotext", &["-bbox", "$", "-"], &pdf.bytes);
        let at = |line: &str, side: &str| {
            let (_, rest) = line.split_once(side)?;
            rest.split('"').nth(1)?.parse::<f32>().ok()
        };
        read.lines().filter_map(|line| Some((at(line, "xMin")?, at(line, "yMin")?))).collect()
    };
    let (usual, moved) = (printed(&forms), shifted(20, -15).unwrap());
    assert_eq!((moved.pages, text(&moved.bytes)), (usual.pages, text(&usual.bytes)), "the same words, page by page");
    let (before, after) = (words(&usual), words(&moved));
    assert!(before.len() > 100 && before.len() == after.len(), "{} {}", before.len(), after.len());
    for ((x, y), (to_x, to_y)) in before.iter().zip(&after) {
        // 2 mm to the right, 1.5 mm up.
        assert!((to_x - x - 5.669).abs() < 0.05 && (to_y - y + 4.252).abs() < 0.05, "({x} {y}) to ({to_x} {to_y})");
    }
    let code = |pdf: &Pdf| code_of(&pdf.bytes);
    assert_eq!(code(&moved), code(&usual), "the code can still be scanned");
    assert!(shifted(Shift::MOST + 1, 0).is_err(), "what would leave the page is not printed");
}

#[test]
fn printing_says_how_far_it_is_and_ends_where_it_is_given_up() {
    let (rows, id_types) = (rows(FilingKind::BaseAdjustment, 400), id_types());
    let forms = filed(&rows, &[], &id_types, Standing::Draft).forms();
    let mut fonts = Fonts::of_this_computer().unwrap();
    let mut heard = Vec::new();
    let pdf = print_shifted(&forms, &mut fonts, Shift::default(), &mut |done, total| {
        heard.push((done, total));
        ControlFlow::Continue(())
    });
    let pages = pdf.unwrap().pages;
    assert!(pages > 5, "{pages}");
    assert_eq!(heard.last(), Some(&(pages, Some(pages))), "in the end it is whole");
    assert!(heard.is_sorted_by_key(|(done, _)| *done), "and never goes back: {heard:?}");
    let (mut laid, mut drawn) = (0, 0);
    let stop_laying = print_shifted(&forms, &mut fonts, Shift::default(), &mut |_, _| {
        laid += 1;
        ControlFlow::Break(())
    });
    assert!(
        matches!(stop_laying, Err(PaperError::GivenUp)) && laid == 1,
        "at the first page, before anything is drawn"
    );
    let stop_drawing = print_shifted(&forms, &mut fonts, Shift::default(), &mut |done, _| {
        drawn = done;
        if done == 3 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    assert!(matches!(stop_drawing, Err(PaperError::GivenUp)) && drawn == 3, "and between two pages");
}

/// How often a word is written across a page: aslant, so that each character is a line to whoever reads the text.
fn across(text: &str, word: &str) -> usize {
    let aslant: String = word.chars().flat_map(|c| [c, '\n']).collect();
    text.matches(&aslant).count()
}

#[test]
fn only_what_the_center_took_has_a_number() {
    let pdf = document(FilingKind::BaseAdjustment, 90, Standing::Draft);
    if without_readers() {
        return;
    }
    let drawn = text(&pdf.bytes);
    assert!(!drawn.contains("业务流水号") && code_of(&pdf.bytes).is_none(), "a draft has no number: {drawn}");
    assert_eq!(across(&drawn, "草稿"), pdf.pages as usize, "every page says that it is one: {drawn}");

    let signed_only = text(&document(FilingKind::BaseAdjustment, 3, Standing::Signed(signed())).bytes);
    assert!(across(&signed_only, "未受理") > 0 && !signed_only.contains("业务流水号"), "{signed_only}");
    assert!(signed_only.contains("王小明") && signed_only.contains("已电子签名 2026-07-06 14:32"), "{signed_only}");

    let taken = document(FilingKind::BaseAdjustment, 3, Standing::Received(signed(), receipt()));
    assert_eq!(code_of(&taken.bytes).as_deref(), Some("YW-2026-000042"), "the number can be scanned");
    let taken = text(&taken.bytes);
    assert!(across(&taken, "草稿") == 0 && across(&taken, "未受理") == 0, "{taken}");

    let refused = Receipt {
        state: "已退回",
        void: true,
        reason: "基数低于下限".into(),
        refused_rows: vec![(1, "缴存基数低于下限 2420.00 元。".into())],
        ..receipt()
    };
    let refused = text(&document(FilingKind::BaseAdjustment, 3, Standing::Received(signed(), refused)).bytes);
    assert!(
        refused.contains("退回原因 基数低于下限") && refused.contains("2 缴存基数低于下限 2420.00 元。"),
        "{refused}"
    );
    assert!(across(&refused, "已退回") == 2, "a form that does not hold says so: {refused}");
}

#[test]
fn what_the_clerk_recorded_has_its_number_and_claims_no_receipt() {
    let recorded = |number: &str, outcome, void| {
        let recorded = Recorded { number: number.into(), outcome, void, at: "2026-07-08 09:30".into() };
        document(FilingKind::BaseAdjustment, 3, Standing::Recorded(signed(), recorded))
    };
    let taken = recorded("YW20260700123", "中心已受理", false);
    if without_readers() {
        return;
    }
    assert_eq!(code_of(&taken.bytes).as_deref(), Some("YW20260700123"), "the number can be scanned");
    let taken = text(&taken.bytes);
    for part in
        ["业务流水号 YW20260700123", "由经办人登记，2026-07-08 09:30", "无中心回执", "已电子签名 2026-07-06 14:32"]
    {
        assert!(taken.contains(part), "{part}: {taken}");
    }
    for claim in ["业务回执单", "电子签章"] {
        assert!(!taken.contains(claim), "the center has signed nothing, {claim}: {taken}");
    }
    assert!(across(&taken, "草稿") == 0 && across(&taken, "未受理") == 0, "{taken}");

    let refused = text(&recorded("", "中心退回", true).bytes);
    assert!(across(&refused, "中心退回") > 0, "a form that does not hold says so: {refused}");
    assert!(!refused.contains("业务流水号"), "nobody gave it a number: {refused}");
}
