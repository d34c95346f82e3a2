//! Made-up filings of every kind, and independent readers of what was printed.
#![allow(clippy::unwrap_used, reason = "a test that cannot start has failed")]

use std::collections::BTreeMap;
use std::process::Command;

use huijiao_documents::form::Form;
use huijiao_documents::forms::{Filed, Receipt, Signed, Signer, Standing};
use huijiao_documents::{Fonts, Pdf, print};
use huijiao_domain::filing::back_payment::BackPaymentRow;
use huijiao_domain::filing::base_adjustment::BaseAdjustmentRow;
use huijiao_domain::filing::contributor_registration::ContributorRegistrationRow;
use huijiao_domain::filing::contributor_update::{ContributorUpdateRow, PersonalData};
use huijiao_domain::filing::correction::CorrectionRow;
use huijiao_domain::filing::deferral::{Asked, DeferralRow};
use huijiao_domain::filing::payment::PaymentRow;
use huijiao_domain::filing::payment_claim::{ClaimRow, ClaimTo};
use huijiao_domain::filing::ratio_adjustment::RatioAdjustmentRow;
use huijiao_domain::filing::remittance_verification::VerificationRow;
use huijiao_domain::filing::status_change::{Change, StatusChangeRow};
use huijiao_domain::filing::unit_update::UnitUpdateRow;
use huijiao_domain::filing::{FilingKind, Rows};
use huijiao_domain::money::{Contribution, Yuan};
use huijiao_domain::month::Month;
use huijiao_domain::profile::UnitItem;
use huijiao_domain::remittance::{Figure, MonthFigures, PaidDue, PaymentMethod};
use jiff::civil::date;

pub(crate) fn month(text: &str) -> Month {
    text.parse().unwrap()
}

pub(crate) fn yuan(text: &str) -> Yuan {
    text.parse().unwrap()
}

pub(crate) fn parts(unit: i64, personal: i64) -> Contribution {
    Contribution { unit_amount: Yuan::from_fen(unit), personal_amount: Yuan::from_fen(personal) }
}

/// Names as long and as rare as they come, and plain ones.
pub(crate) fn name(person: usize) -> String {
    const RARE: [&str; 6] = [
        "王𬭎",
        "㛃䶮",
        "阿依古丽·买买提",
        "古丽米热·阿卜杜热合曼·买买提依明",
        "欧阳𠮷子",
        "Christopher Alexander Montgomery-Smith",
    ];
    match RARE.get(person) {
        Some(name) => (*name).to_owned(),
        None => {
            let given = char::from_u32(0x4e00 + u32::try_from(person * 37 % 5_000).unwrap()).unwrap();
            format!("{}{given}", ["王", "李", "赵"][person % 3])
        }
    }
}

pub(crate) fn account(person: usize) -> String {
    format!("0080{person:08}")
}

pub(crate) fn id_number(person: usize) -> String {
    format!("41080119900101{person:04}")
}

/// Parts that differ from person to person, in fen.
pub(crate) fn due(person: usize) -> Contribution {
    let fen = 40_000 + i64::try_from(person).unwrap() * 101;
    parts(fen, fen - 5_050)
}

pub(crate) fn rows(kind: FilingKind, people: usize) -> Rows {
    let all = 0..people;
    let base = |person: usize| Yuan::from_fen(500_000 + i64::try_from(person).unwrap() * 1_263);
    match kind {
        FilingKind::ContributorRegistration => Rows::ContributorRegistration(
            all.map(|p| ContributorRegistrationRow {
                name: name(p),
                id_type: "01".into(),
                id_number: id_number(p),
                sex: if p % 2 == 0 { "2" } else { "1" }.into(),
                birth_date: date(1990, 1, 1),
                mobile: format!("1390000{p:04}"),
                bank_card: format!("622202000000000{p:04}"),
                base: base(p),
                amounts: due(p),
            })
            .collect(),
        ),
        FilingKind::StatusChange => Rows::StatusChange(
            all.map(|p| {
                let change = Change::ALL[p % 4];
                let leaves = matches!(change, Change::Seal | Change::TransferOut);
                let nothing = parts(0, 0);
                StatusChangeRow {
                    personal_account: account(p),
                    name: name(p),
                    id_type: "01".into(),
                    id_number: id_number(p),
                    change,
                    reason: if change == Change::Seal { "解除或终止劳动关系".into() } else { String::new() },
                    month: month("2026-07"),
                    base: base(p),
                    before: if leaves { due(p) } else { nothing },
                    after: if leaves { nothing } else { due(p) },
                }
            })
            .collect(),
        ),
        FilingKind::BaseAdjustment => Rows::BaseAdjustment(
            all.map(|p| BaseAdjustmentRow {
                personal_account: account(p).into(),
                name: name(p).into(),
                id_type: "01".into(),
                id_number: id_number(p).into(),
                old_base: base(p),
                new_base: base(p + 100),
                before: due(p),
                after: due(p + 100),
            })
            .collect(),
        ),
        FilingKind::RatioAdjustment => Rows::RatioAdjustment(vec![RatioAdjustmentRow {
            old_unit_ratio: "0.08".parse().unwrap(),
            old_personal_ratio: "0.07".parse().unwrap(),
            unit_ratio: "0.12".parse().unwrap(),
            personal_ratio: "0.105".parse().unwrap(),
            month: month("2026-07"),
            people: 240,
            before: parts(12_345_678, 10_802_468),
            after: parts(18_518_517, 16_203_702),
        }]),
        FilingKind::ContributorUpdate => Rows::ContributorUpdate(
            all.map(|p| {
                let registered = PersonalData {
                    name: name(p),
                    id_type: "01".into(),
                    id_number: id_number(p),
                    mobile: format!("1390000{p:04}"),
                    bank_name: String::new(),
                    bank_card: String::new(),
                };
                let updated = PersonalData {
                    name: name(p + 1),
                    mobile: format!("1380000{p:04}"),
                    bank_name: "中国工商银行股份有限公司焦作市解放区民主路支行营业部".into(),
                    ..registered.clone()
                };
                ContributorUpdateRow { personal_account: account(p), registered, updated }
            })
            .collect(),
        ),
        FilingKind::UnitUpdate => Rows::UnitUpdate(
            UnitItem::ALL
                .into_iter()
                .map(|item| UnitUpdateRow { item, old_value: "王小明".into(), new_value: "李大明".into() })
                .collect(),
        ),
        FilingKind::BackPayment => Rows::BackPayment(
            all.map(|p| BackPaymentRow {
                personal_account: account(p),
                name: name(p),
                id_type: "01".into(),
                id_number: id_number(p),
                from: month("2026-01"),
                to: month("2026-03"),
                reason: "漏缴补缴".into(),
                base: (p % 2 == 0).then(|| base(p)),
                amounts: due(p),
            })
            .collect(),
        ),
        FilingKind::Correction => Rows::Correction(
            all.map(|p| CorrectionRow {
                personal_account: account(p),
                name: name(p),
                id_type: "01".into(),
                id_number: id_number(p),
                month: month("2026-05"),
                reason: "封存后多缴".into(),
                wrong: due(p),
                right: parts(0, 0),
            })
            .collect(),
        ),
        FilingKind::Deferral => Rows::Deferral(vec![DeferralRow {
            asked: Asked::LowerRatio,
            from: month("2026-07"),
            to: month("2027-06"),
            unit_ratio: "0.05".parse().ok(),
            personal_ratio: "0.05".parse().ok(),
            reason: "受市场影响，本单位上年度亏损，经职工代表大会讨论通过，申请自2026年7月起一年内按百分之五缴存，待经济效益好转后恢复原比例并按规定补缴。".into(),
        }]),
        FilingKind::RemittanceVerification => Rows::RemittanceVerification(
            all.map(|p| VerificationRow {
                month: month("2026-07"),
                personal_account: account(p),
                name: name(p),
                id_number: id_number(p),
                base: base(p),
                amounts: due(p),
            })
            .collect(),
        ),
        FilingKind::Payment => Rows::Payment(vec![
            PaymentRow {
                pays: PaidDue::Month(month("2026-07")),
                people: 240,
                amounts: parts(12_345_678, 10_802_468),
                method: PaymentMethod::Transfer,
            },
            PaymentRow {
                pays: PaidDue::Filing("YW-2026-000017".into()),
                people: 3,
                amounts: parts(300_000, 300_050),
                method: PaymentMethod::Transfer,
            },
        ]),
        FilingKind::PaymentClaim => Rows::PaymentClaim(vec![
            ClaimRow { incoming: "DZ20260706001".into(), amount: yuan("231481.46"), to: ClaimTo::Due(PaidDue::Month(month("2026-07"))) },
            ClaimRow { incoming: "DZ20260706002".into(), amount: yuan("88.00"), to: ClaimTo::Return },
        ]),
    }
}

/// A table whose identities hold.
pub(crate) fn figures(people: usize) -> Vec<MonthFigures> {
    let amount: Yuan = (0..people).map(|p| due(p).monthly()).sum();
    let figure = |people: usize, amount| Figure { people: u32::try_from(people).unwrap(), amount };
    let (increase, decrease) = (yuan("1200.00"), yuan("800.50"));
    vec![MonthFigures {
        month: month("2026-07"),
        previous: figure(people - 1, amount - increase + decrease),
        increase: figure(2, increase),
        decrease: figure(1, decrease),
        adjusted: Figure::default(),
        due: figure(people, amount),
    }]
}

pub(crate) fn signed() -> Signed {
    Signed {
        id: "01981f2e-0000-7000-8000-000000000001".into(),
        digest: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08".into(),
        sha256: "3a7bd3e2360a3d29eea436fcfb7e44c735d117c42d1c1835420b6b9942dd4f1b".into(),
        signers: vec![
            Signer { role: "经办人", name: "王小明".into(), at: "2026-07-06 14:32".into() },
            Signer { role: "复核人", name: "李大明".into(), at: "2026-07-06 15:01".into() },
        ],
    }
}

pub(crate) fn receipt() -> Receipt {
    Receipt {
        number: "YW-2026-000042".into(),
        accepted_at: "2026-07-06 15:02".into(),
        state: "已办结",
        void: false,
        reason: String::new(),
        refused_rows: Vec::new(),
        signed_by: "演示市住房公积金管理中心回执".into(),
        sha256: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08".into(),
    }
}

/// A filing as it stands.
pub(crate) fn filed<'a>(
    rows: &'a Rows,
    figures: &'a [MonthFigures],
    id_types: &'a BTreeMap<String, String>,
    standing: Standing,
) -> Filed<'a> {
    Filed {
        center: "演示市住房公积金管理中心",
        unit_name: "演示精密机械制造有限公司",
        unit_account: "800100",
        credit_code: "91350100M000100Y43",
        period: month("2026-07"),
        rows,
        figures,
        attachments: vec!["职工代表大会决议.pdf", "上年度审计报告.pdf"],
        id_types,
        standing,
        printed_at: "2026-07-06 15:10",
    }
}

pub(crate) fn id_types() -> BTreeMap<String, String> {
    BTreeMap::from([("01".into(), "身份证".into())])
}

pub(crate) fn printed(forms: &[Form]) -> Pdf {
    let mut fonts = Fonts::of_this_computer().expect("the fonts of `cargo xtask setup`");
    print(forms, &mut fonts).unwrap()
}

/// Whether `HUIJIAO_WITHOUT_PDF_READERS` says that this computer has neither qpdf nor poppler's programs. A test that
/// goes without them says so.
pub(crate) fn without_readers() -> bool {
    let without = std::env::var_os("HUIJIAO_WITHOUT_PDF_READERS").is_some();
    if without {
        eprintln!("not read by another program: HUIJIAO_WITHOUT_PDF_READERS is set");
    }
    without
}

/// What another program makes of a PDF; `$` in an argument is the file.
pub(crate) fn read_by(program: &str, arguments: &[&str], pdf: &[u8]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("form.pdf");
    std::fs::write(&file, pdf).unwrap();
    let output = Command::new(program)
        .args(arguments.iter().map(|a| if *a == "$" { file.to_str().unwrap() } else { a }))
        .output()
        .unwrap_or_else(|e| panic!("{program} is installed by `cargo xtask setup`: {e}"));
    assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// What a camera reads in the QR code of the first page.
pub(crate) fn code_of(pdf: &[u8]) -> Option<String> {
    let folder = tempfile::tempdir().unwrap();
    let (file, picture) = (folder.path().join("form.pdf"), folder.path().join("page"));
    std::fs::write(&file, pdf).unwrap();
    let arguments = ["-gray", "-r", "150", "-singlefile"];
    let drawn = Command::new("pdftoppm").args(arguments).arg(&file).arg(&picture).status().unwrap();
    assert!(drawn.success(), "pdftoppm draws it");
    // P5, width and height, 255: then one byte a pixel.
    let bytes = std::fs::read(picture.with_extension("pgm")).unwrap();
    let head: Vec<&[u8]> = bytes.splitn(5, |b| b.is_ascii_whitespace()).collect();
    let number = |place: usize| std::str::from_utf8(head[place]).unwrap().parse::<usize>().unwrap();
    let (width, height, pixels) = (number(1), number(2), head[4]);
    let mut image = rqrr::PreparedImage::prepare_from_greyscale(width, height, |x, y| pixels[y * width + x]);
    image.detect_grids().first().map(|grid| grid.decode().unwrap().1)
}

/// The text of a PDF in the order in which it was written.
pub(crate) fn text(pdf: &[u8]) -> String {
    read_by("pdftotext", &["-raw", "-enc", "UTF-8", "$", "-"], pdf)
}
