//! Blank workbooks to fill in: our own titles, so that an import needs no mapping.

use huijiao_domain::field::Field;
use huijiao_domain::filing::{FilingKind, choices};
use huijiao_domain::money::Yuan;
use huijiao_domain::profile::CenterProfile;
use rust_xlsxwriter::{
    Color, DataValidation, DocProperties, ExcelDateTime, Format, FormatAlign, FormatBorder, Formula, Workbook,
    Worksheet,
};

use super::WriteError;

/// Rises when a template's columns change; stands in the workbook's properties as `huijiao-template`.
pub const TEMPLATE_VERSION: u32 = 1;

const NOTES: &str = "填表说明";
/// Rows that have formats and drop-downs.
const ROWS: u32 = 5_000;

/// One column: what it is, whether it must be filled, what to know about it.
struct Column {
    field: Field,
    width: u16,
    required: &'static str,
    note: &'static str,
    /// For the notes sheet, of nobody: the number's check character is wrong on purpose.
    example: &'static str,
}

const NAME: Column = Column {
    field: Field::Name,
    width: 14,
    required: "必填",
    note: "与证件上的姓名一致，字间不加空格；少数民族姓名中间用「·」",
    example: "张某某",
};
const ID_TYPE: Column = Column {
    field: Field::IdType,
    width: 16,
    required: "可不填",
    note: "从下拉列表中选择；不填按身份证处理",
    example: "",
};
const ID_NUMBER: Column = Column {
    field: Field::IdNumber,
    width: 24,
    required: "必填",
    note: "按文本填写，18 位，末位 X 用大写",
    example: "11010519900101000X",
};
const ACCOUNT: Column = Column {
    field: Field::PersonalAccount,
    width: 18,
    required: "与证件号码至少填一项",
    note: "中心的个人账号，按文本填写，开头的 0 不能少",
    example: "",
};
const REMARK: Column =
    Column {
        field: Field::Remark, width: 24, required: "可不填", note: "只在本机查看，不随申报提交", example: ""
    };

const CONTRIBUTOR_REGISTRATION: &[Column] = &[
    NAME,
    ID_TYPE,
    ID_NUMBER,
    Column {
        field: Field::Sex,
        width: 8,
        required: "身份证可不填",
        note: "身份证按号码取得；其他证件必填，写「男」或「女」",
        example: "女",
    },
    Column {
        field: Field::BirthDate,
        width: 14,
        required: "身份证可不填",
        note: "身份证按号码取得；其他证件必填，如 1990-01-01",
        example: "1990-01-01",
    },
    Column { field: Field::Mobile, width: 16, required: "必填", note: "11 位手机号码", example: "13800000000" },
    Column {
        field: Field::BankCard, width: 24, required: "可不填", note: "本人的银行卡号，按文本填写", example: ""
    },
    Column {
        field: Field::NewBase,
        width: 18,
        required: "必填",
        note: "新参加工作的填首个整月的工资，新调入的填新单位发放的当月工资；单位：元",
        example: "6500.00",
    },
    REMARK,
];

const STATUS_CHANGE: &[Column] = &[
    ACCOUNT,
    NAME,
    ID_TYPE,
    ID_NUMBER,
    Column {
        field: Field::ChangeKind,
        width: 14,
        required: "必填",
        note: "从下拉列表中选择：封存、启封、同城转入、同城转出",
        example: "封存",
    },
    Column {
        field: Field::Reason,
        width: 24,
        required: "封存必填",
        note: "封存原因，从下拉列表中选择；其他变更不填",
        example: "解除或终止劳动关系",
    },
    Column {
        field: Field::Month,
        width: 14,
        required: "可不填",
        note: "从哪个月起变更，如 2026-07；不填按本次申报的年月",
        example: "2026-07",
    },
    Column {
        field: Field::NewBase,
        width: 18,
        required: "同城转入必填",
        note: "转入后的缴存基数，单位：元；其他变更不填",
        example: "6500.00",
    },
    REMARK,
];

const BASE_ADJUSTMENT: &[Column] = &[
    ACCOUNT,
    Column { required: "建议填写", note: "与中心登记的姓名一致，字间不加空格", ..NAME },
    ID_TYPE,
    Column { required: "与个人账号至少填一项", ..ID_NUMBER },
    Column {
        field: Field::OldBase,
        width: 18,
        required: "可不填",
        note: "填写时会与中心登记的基数核对，单位：元",
        example: "6000.00",
    },
    Column {
        field: Field::NewBase,
        width: 18,
        required: "必填",
        note: "上一年度月平均工资，单位：元，最多两位小数，不加千分位和货币符号",
        example: "6500.00",
    },
    REMARK,
];

const RATIO_ADJUSTMENT: &[Column] = &[
    Column {
        field: Field::UnitRatio,
        width: 18,
        required: "必填",
        note: "调整后的单位缴存比例，写成 8%；不变的填原来的比例",
        example: "10%",
    },
    Column {
        field: Field::PersonalRatio,
        width: 18,
        required: "必填",
        note: "调整后的个人缴存比例，写成 8%；不变的填原来的比例",
        example: "10%",
    },
    Column {
        field: Field::Month,
        width: 14,
        required: "可不填",
        note: "从哪个月起按新比例缴存，与本次申报的年月相同；不填即按申报年月",
        example: "2026-07",
    },
    REMARK,
];

const CONTRIBUTOR_UPDATE: &[Column] = &[
    ACCOUNT,
    Column { required: "必填", note: "中心现在登记的姓名，有错也照登记的填", ..NAME },
    ID_TYPE,
    Column {
        required: "与个人账号至少填一项",
        note: "中心现在登记的证件号码，按文本填写，有错也照登记的填",
        ..ID_NUMBER
    },
    Column {
        field: Field::NewName,
        width: 14,
        required: "变更时填",
        note: "与证件上的姓名一致；不变更的项目都留空",
        example: "张某",
    },
    Column {
        field: Field::NewIdType,
        width: 16,
        required: "变更时填",
        note: "从下拉列表中选择；不变更的留空",
        example: "",
    },
    Column {
        field: Field::NewIdNumber,
        width: 24,
        required: "变更时填",
        note: "按文本填写，与证件上的号码一致；不变更的留空",
        example: "",
    },
    Column {
        field: Field::Mobile,
        width: 16,
        required: "变更时填",
        note: "新的 11 位手机号码；不变更的留空",
        example: "13800000000",
    },
    Column {
        field: Field::BankName,
        width: 24,
        required: "变更时填",
        note: "新的开户银行名称；不变更的留空",
        example: "",
    },
    Column {
        field: Field::BankCard,
        width: 24,
        required: "变更时填",
        note: "本人新的银行卡号，按文本填写；不变更的留空",
        example: "",
    },
    REMARK,
];

const UNIT_UPDATE: &[Column] = &[
    Column {
        field: Field::Item,
        width: 20,
        required: "必填",
        note: "从下拉列表中选择，一个项目一行；列表中没有的项目请到中心办理",
        example: "经办人固定电话",
    },
    Column {
        field: Field::OldValue,
        width: 28,
        required: "可不填",
        note: "填写时会与中心登记的内容核对",
        example: "0391-1234567",
    },
    Column {
        field: Field::NewValue,
        width: 28,
        required: "必填",
        note: "变更后的内容；固定电话写成 0391-1234567",
        example: "0391-7654321",
    },
    REMARK,
];

/// In a sheet about money of the past, which holds for whoever has an account.
const MONEY_NAME: Column =
    Column { required: "建议填写", note: "与中心登记的姓名一致，字间不加空格", ..NAME };
const MONEY_ID_NUMBER: Column = Column { required: "与个人账号至少填一项", ..ID_NUMBER };

const BACK_PAYMENT: &[Column] = &[
    ACCOUNT,
    MONEY_NAME,
    ID_TYPE,
    MONEY_ID_NUMBER,
    Column {
        field: Field::FromMonth,
        width: 14,
        required: "必填",
        note: "补缴的第一个月，如 2026-01；只填已核定的月份，同一人的几行月份不能重叠",
        example: "2026-01",
    },
    Column {
        field: Field::ToMonth,
        width: 14,
        required: "必填",
        note: "补缴的最后一个月；只补一个月的与起始年月相同",
        example: "2026-03",
    },
    Column {
        field: Field::Reason,
        width: 18,
        required: "必填",
        note: "从下拉列表中选择；只补差额的选「少缴补缴」或「基数调整补差」",
        example: "漏缴补缴",
    },
    Column {
        field: Field::OldBase,
        width: 18,
        required: "可不填",
        note: "基数调整补差可填调整前的基数，用来核对差额，不随申报提交；单位：元",
        example: "",
    },
    Column {
        field: Field::NewBase,
        width: 18,
        required: "可不填",
        note: "这些月份的缴存基数；填写时按各月政策和单位现行比例核对金额，单位：元",
        example: "6500.00",
    },
    Column {
        field: Field::UnitAmount,
        width: 18,
        required: "必填",
        note: "单位部分，这些月份合计，单位：元，最多两位小数；没有的填 0",
        example: "1560.00",
    },
    Column {
        field: Field::PersonalAmount,
        width: 18,
        required: "必填",
        note: "个人部分，这些月份合计，单位：元，最多两位小数；没有的填 0",
        example: "1560.00",
    },
    REMARK,
];

const CORRECTION: &[Column] = &[
    ACCOUNT,
    MONEY_NAME,
    ID_TYPE,
    MONEY_ID_NUMBER,
    Column {
        field: Field::Month,
        width: 14,
        required: "必填",
        note: "错缴的月份，如 2026-03；只填已缴款的月份，一人一月一行",
        example: "2026-03",
    },
    Column {
        field: Field::UnitAmount,
        width: 20,
        required: "必填",
        note: "中心已入账的单位部分，单位：元",
        example: "520.00",
    },
    Column {
        field: Field::PersonalAmount,
        width: 20,
        required: "必填",
        note: "中心已入账的个人部分，单位：元",
        example: "520.00",
    },
    Column {
        field: Field::RightUnitAmount,
        width: 20,
        required: "必填",
        note: "正确的单位部分，单位：元；不应缴的填 0",
        example: "500.00",
    },
    Column {
        field: Field::RightPersonalAmount,
        width: 20,
        required: "必填",
        note: "正确的个人部分，单位：元；不应缴的填 0",
        example: "500.00",
    },
    Column {
        field: Field::Reason, width: 18, required: "必填", note: "从下拉列表中选择", example: "缴存基数有误"
    },
    REMARK,
];

const DEFERRAL: &[Column] = &[
    Column {
        field: Field::ChangeKind, width: 18, required: "必填", note: "从下拉列表中选择", example: "降低缴存比例"
    },
    Column {
        field: Field::FromMonth,
        width: 14,
        required: "选填",
        note: "应汇缴的第一个月；不填就是申报的年月",
        example: "2026-07",
    },
    Column {
        field: Field::ToMonth,
        width: 14,
        required: "必填",
        note: "申请到哪个月，期限不超过中心的规定",
        example: "2026-12",
    },
    Column {
        field: Field::UnitRatio,
        width: 14,
        required: "降低比例时必填",
        note: "这段时间的单位缴存比例；缓缴不填",
        example: "3%",
    },
    Column {
        field: Field::PersonalRatio,
        width: 14,
        required: "降低比例时必填",
        note: "这段时间的个人缴存比例，不变的填原来的；缓缴不填",
        example: "5%",
    },
    Column {
        field: Field::Reason,
        width: 40,
        required: "必填",
        note: "简要写明，不超过 60 个字",
        example: "连续亏损，已经职工代表大会讨论通过",
    },
    REMARK,
];

fn columns_of(kind: FilingKind) -> &'static [Column] {
    match kind {
        FilingKind::ContributorRegistration => CONTRIBUTOR_REGISTRATION,
        FilingKind::StatusChange => STATUS_CHANGE,
        FilingKind::BaseAdjustment => BASE_ADJUSTMENT,
        FilingKind::RatioAdjustment => RATIO_ADJUSTMENT,
        FilingKind::ContributorUpdate => CONTRIBUTOR_UPDATE,
        FilingKind::UnitUpdate => UNIT_UPDATE,
        FilingKind::BackPayment => BACK_PAYMENT,
        FilingKind::Correction => CORRECTION,
        FilingKind::Deferral => DEFERRAL,
        FilingKind::RemittanceVerification | FilingKind::Payment | FilingKind::PaymentClaim => &[],
    }
}

/// The fields of a template, in the order of its columns.
pub fn template_fields(kind: FilingKind) -> impl Iterator<Item = Field> {
    columns_of(kind).iter().map(|column| column.field)
}

/// A blank workbook for one kind of filing at one center.
///
/// The first sheet has titles only, so that nothing but what the clerk fills in is filed; the second sheet
/// explains the columns, gives an example, and states the center's limits with their source.
///
/// # Errors
/// [`WriteError::NotMade`].
pub fn template(kind: FilingKind, profile: &CenterProfile) -> Result<Vec<u8>, WriteError> {
    let columns = columns_of(kind);
    let mut book = Workbook::new();
    book.set_properties(
        &DocProperties::new()
            .set_title(format!("{}模板", kind.label()))
            // The same bytes each time: the day says which template this is, not when it was written.
            .set_creation_datetime(&ExcelDateTime::from_ymd(2026, 7, 1)?)
            .set_custom_property("huijiao-template", format!("{}/{TEMPLATE_VERSION}", kind.as_str().replace('_', "-")))
            .set_custom_property("huijiao-profile", profile.code.as_str()),
    );
    people(book.add_worksheet(), kind, columns, profile)?;
    notes(book.add_worksheet(), kind, columns, profile)?;
    Ok(book.save_to_buffer()?)
}

fn people(
    sheet: &mut Worksheet,
    kind: FilingKind,
    columns: &[Column],
    profile: &CenterProfile,
) -> Result<(), WriteError> {
    sheet.set_name(kind.label())?;
    let title = Format::new()
        .set_bold()
        .set_align(FormatAlign::Center)
        .set_border(FormatBorder::Thin)
        .set_background_color(Color::RGB(0xDD_E8_F5));
    let text = Format::new().set_num_format("@");
    let amount = Format::new().set_num_format("0.00");
    for (place, column) in (0_u16..).zip(columns) {
        sheet.write_string_with_format(0, place, kind.title(column.field), &title)?;
        sheet.set_column_width(place, column.width)?;
        let format = if is_amount(column.field) { &amount } else { &text };
        sheet.set_column_format(place, format)?;
        let document = column.field == Field::IdType || column.field == Field::NewIdType;
        if document && !profile.id_types.is_empty() {
            let last = profile.id_types.len() + 1;
            let list = Formula::new(format!("={NOTES}!$E$2:$E${last}"));
            let choice = DataValidation::new()
                .allow_list_formula(list)
                .set_error_title("证件类型")?
                .set_error_message("请从下拉列表中选择中心接受的证件类型")?;
            sheet.add_data_validation(1, place, ROWS, place, &choice)?;
        }
        let words = choices(kind, column.field, profile);
        // The names of documents may be longer than a rule holds: their list stands on the other sheet.
        if !words.is_empty() && !document {
            let choice = DataValidation::new()
                .allow_list_strings(&words)?
                .set_error_title(kind.title(column.field))?
                .set_error_message("请从下拉列表中选择")?;
            sheet.add_data_validation(1, place, ROWS, place, &choice)?;
        }
        if matches!(column.field, Field::IdNumber | Field::NewIdNumber) {
            let hint = DataValidation::new()
                .allow_any_value()
                .set_input_title("证件号码")?
                .set_input_message("本列是文本格式。从别处粘贴时请选「只粘贴文本」，以免后三位变成 0。")?;
            sheet.add_data_validation(1, place, ROWS, place, &hint)?;
        }
    }
    sheet.set_freeze_panes(1, 0)?;
    Ok(())
}

/// Whether a column holds yuan.
fn is_amount(field: Field) -> bool {
    [
        Field::OldBase,
        Field::NewBase,
        Field::UnitAmount,
        Field::PersonalAmount,
        Field::MonthlyAmount,
        Field::RightUnitAmount,
        Field::RightPersonalAmount,
    ]
    .contains(&field)
}

fn notes(
    sheet: &mut Worksheet,
    kind: FilingKind,
    columns: &[Column],
    profile: &CenterProfile,
) -> Result<(), WriteError> {
    sheet.set_name(NOTES)?;
    let bold = Format::new().set_bold();
    let wrap = Format::new().set_text_wrap().set_align(FormatAlign::Top);
    for (place, width) in [(0, 20), (1, 22), (2, 70), (3, 24), (4, 20)] {
        sheet.set_column_width(place, width)?;
    }
    for (place, title) in [(0, "列"), (1, "是否必填"), (2, "说明"), (3, "示例（勿照抄）"), (4, "可选的证件类型")]
    {
        sheet.write_string_with_format(0, place, title, &bold)?;
    }
    let mut row = 1;
    for column in columns {
        for (place, said) in [(0, kind.title(column.field)), (1, column.required), (2, column.note)] {
            sheet.write_string_with_format(row, place, said, &wrap)?;
        }
        let account = || format!("{:0>1$}", "12345678", usize::from(profile.account_length.unwrap_or(12)));
        let example = if column.field == Field::PersonalAccount { account() } else { column.example.to_owned() };
        sheet.write_string_with_format(row, 3, example, &wrap)?;
        row += 1;
    }
    for (place, name) in (1_u32..).zip(profile.id_types.values()) {
        sheet.write_string(place, 4, name)?;
    }
    row = row.max(u32::try_from(profile.id_types.len()).unwrap_or(0) + 1) + 1;
    let mut say = |row: &mut u32, title: &str, said: &str| -> Result<(), WriteError> {
        sheet.write_string_with_format(*row, 0, title, &bold)?;
        sheet.merge_range(*row, 1, *row, 3, "", &wrap)?;
        sheet.write_string_with_format(*row, 1, said, &wrap)?;
        *row += 1;
        Ok(())
    };
    say(
        &mut row,
        "长号码",
        "表格程序只保留数字的前 15 位，18 位证件号码按数字填写后三位会变成 0。本表的账号和证件号码两列已设为文本，请保持文本格式；已变成 4.1E+17 或末尾为 000 的号码无法还原，要按证件重填。",
    )?;
    say(
        &mut row,
        "填写",
        "每行一条，从第 2 行开始；不要合并单元格，不要改动标题。填好后在汇缴通中打开即可，列会自动对应。",
    )?;
    say(&mut row, "中心", &profile.name)?;
    for policy in profile.policies.iter().rev().take(2) {
        let until = policy.effective_to.map_or_else(|| "起".to_owned(), |month| format!(" 至 {month}"));
        let limit = |amount: Option<Yuan>| amount.map_or_else(|| "未收录".to_owned(), |a| format!("{a} 元"));
        let dated = policy.source_date.map_or_else(String::new, |date| format!("，{date}"));
        say(
            &mut row,
            &format!("{}{until}", policy.effective_from),
            &format!(
                "缴存基数下限 {}，上限 {}。依据：{}{dated}。以中心公布为准。",
                limit(policy.base_floor),
                limit(policy.base_ceiling),
                policy.source_title
            ),
        )?;
    }
    Ok(())
}
