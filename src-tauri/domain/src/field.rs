//! What the fields are called: on the wire, on screen, and in the headers of real sheets.

use std::collections::HashMap;
use std::sync::LazyLock;

pub use crate::sheet::Field;

impl Field {
    /// Every field, in the order a grid shows them.
    pub const ALL: [Self; 32] = [
        Self::PersonalAccount,
        Self::Name,
        Self::IdType,
        Self::IdNumber,
        Self::Sex,
        Self::BirthDate,
        Self::OldBase,
        Self::NewBase,
        Self::UnitRatio,
        Self::PersonalRatio,
        Self::UnitAmount,
        Self::PersonalAmount,
        Self::MonthlyAmount,
        Self::Mobile,
        Self::BankCard,
        Self::Wage,
        Self::ChangeKind,
        Self::Reason,
        Self::Month,
        Self::NewName,
        Self::NewIdType,
        Self::NewIdNumber,
        Self::BankName,
        Self::Item,
        Self::OldValue,
        Self::NewValue,
        Self::FromMonth,
        Self::ToMonth,
        Self::RightUnitAmount,
        Self::RightPersonalAmount,
        Self::Department,
        Self::Remark,
    ];

    /// The wire form, the same as in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::PersonalAccount => "personal_account",
            Self::Name => "name",
            Self::IdType => "id_type",
            Self::IdNumber => "id_number",
            Self::Sex => "sex",
            Self::BirthDate => "birth_date",
            Self::OldBase => "old_base",
            Self::NewBase => "new_base",
            Self::UnitRatio => "unit_ratio",
            Self::PersonalRatio => "personal_ratio",
            Self::UnitAmount => "unit_amount",
            Self::PersonalAmount => "personal_amount",
            Self::MonthlyAmount => "monthly_amount",
            Self::Mobile => "mobile",
            Self::BankCard => "bank_card",
            Self::Wage => "wage",
            Self::ChangeKind => "change_kind",
            Self::Reason => "reason",
            Self::Month => "month",
            Self::NewName => "new_name",
            Self::NewIdType => "new_id_type",
            Self::NewIdNumber => "new_id_number",
            Self::BankName => "bank_name",
            Self::Item => "item",
            Self::OldValue => "old_value",
            Self::NewValue => "new_value",
            Self::FromMonth => "from_month",
            Self::ToMonth => "to_month",
            Self::RightUnitAmount => "right_unit_amount",
            Self::RightPersonalAmount => "right_personal_amount",
            Self::Department => "department",
            Self::Remark => "remark",
        }
    }

    /// Reads the wire form.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|field| field.as_str() == text)
    }

    /// The name on screen.
    pub fn label(self) -> &'static str {
        match self {
            Self::PersonalAccount => "个人账号",
            Self::Name => "姓名",
            Self::IdType => "证件类型",
            Self::IdNumber => "证件号码",
            Self::Sex => "性别",
            Self::BirthDate => "出生日期",
            Self::OldBase => "调整前缴存基数",
            Self::NewBase => "缴存基数",
            Self::UnitRatio => "单位缴存比例",
            Self::PersonalRatio => "个人缴存比例",
            Self::UnitAmount => "单位月缴存额",
            Self::PersonalAmount => "个人月缴存额",
            Self::MonthlyAmount => "月缴存额",
            Self::Mobile => "手机号码",
            Self::BankCard => "银行卡号",
            Self::Wage => "工资",
            Self::ChangeKind => "变更类型",
            Self::Reason => "变更原因",
            Self::Month => "变更年月",
            Self::NewName => "变更后姓名",
            Self::NewIdType => "变更后证件类型",
            Self::NewIdNumber => "变更后证件号码",
            Self::BankName => "开户银行",
            Self::Item => "变更项目",
            Self::OldValue => "变更前内容",
            Self::NewValue => "变更后内容",
            Self::FromMonth => "起始年月",
            Self::ToMonth => "终止年月",
            Self::RightUnitAmount => "更正后单位月缴存额",
            Self::RightPersonalAmount => "更正后个人月缴存额",
            Self::Department => "部门",
            Self::Remark => "备注",
        }
    }

    /// Headers that mean this field, the surest first, as [`normalise_header`] leaves them.
    pub fn aliases(self) -> &'static [&'static str] {
        match self {
            Self::PersonalAccount => &[
                "个人账号",
                "个人公积金账号",
                "个人住房公积金账号",
                "住房公积金个人账号",
                "公积金账号",
                "住房公积金账号",
                "职工账号",
                "职工公积金账号",
                "缴存人账号",
                "个人公积金账户",
                "公积金账户",
                "个人账户",
                "个人帐号",
                "公积金帐号",
                "职工帐号",
                "公积金号",
                "个人编号",
                "职工编号",
                "GRZH",
            ],
            Self::Name => &[
                "姓名",
                "职工姓名",
                "员工姓名",
                "缴存人姓名",
                "缴存职工姓名",
                "人员姓名",
                "个人姓名",
                "职工名称",
                "员工",
                "名字",
                "XINGMING",
            ],
            Self::IdType => &["证件类型", "证件种类", "证件类别", "身份证件类型", "ZJLX"],
            Self::IdNumber => &[
                "证件号码",
                "身份证号码",
                "身份证号",
                "居民身份证号码",
                "居民身份证号",
                "公民身份号码",
                "公民身份证号码",
                "身份证件号码",
                "有效证件号码",
                "证件编号",
                "证件号",
                "身份证",
                "身份号码",
                "ZJHM",
            ],
            Self::Sex => &["性别", "职工性别"],
            Self::BirthDate => &["出生日期", "出生年月", "出生年月日", "生日"],
            Self::OldBase => &[
                "调整前缴存基数",
                "调整前基数",
                "调整前工资基数",
                "调整前公积金基数",
                "调整前个人缴存基数",
                "调整前月缴存基数",
                "调整前缴存工资基数",
                "原缴存基数",
                "原基数",
                "原工资基数",
                "原个人缴存基数",
                "旧缴存基数",
                "旧基数",
                "现缴存基数",
                "现基数",
                "上年度缴存基数",
                "上年度基数",
                "上年缴存基数",
            ],
            Self::NewBase => &[
                "调整后缴存基数",
                "调整后基数",
                "调整后工资基数",
                "调整后公积金基数",
                "调整后个人缴存基数",
                "调整后月缴存基数",
                "调整后缴存工资基数",
                "新缴存基数",
                "新基数",
                "新工资基数",
                "新公积金基数",
                "新个人缴存基数",
                "拟调整缴存基数",
                "拟调整基数",
                "申报缴存基数",
                "申报基数",
                "核定缴存基数",
                "核定基数",
                "本年度缴存基数",
                "本年度基数",
                "个人缴存基数",
                "月缴存基数",
                "公积金缴存基数",
                "住房公积金缴存基数",
                "公积金基数",
                "缴存基数",
                "缴费基数",
                "工资基数",
                "基数",
                "GRJCJS",
            ],
            Self::UnitRatio => &[
                "单位缴存比例",
                "单位比例",
                "单位缴率",
                "单位缴交比例",
                "单位公积金比例",
                "缴存比例(单位)",
                "调整后单位缴存比例",
                "调整后单位比例",
                "新单位缴存比例",
                "DWJCBL",
            ],
            Self::PersonalRatio => &[
                "个人缴存比例",
                "个人比例",
                "职工缴存比例",
                "职工比例",
                "职工缴率",
                "个人缴交比例",
                "个人公积金比例",
                "缴存比例(个人)",
                "调整后个人缴存比例",
                "调整后个人比例",
                "新个人缴存比例",
                "GRJCBL",
            ],
            Self::UnitAmount => &[
                "单位月缴存额",
                "单位缴存额",
                "单位缴额",
                "单位月缴额",
                "单位应缴额",
                "单位部分",
                "单位缴存金额",
                "单位缴纳",
                "单位缴纳金额",
                "单位承担",
                "调整后单位月缴存额",
                "调整后单位缴存额",
                "新单位缴额",
                "单位补缴金额",
                "单位补缴额",
                "补缴单位部分",
                "更正前单位月缴存额",
                "更正前单位缴存额",
                "错缴单位缴存额",
                "月缴存额(单位)",
                "缴存额(单位)",
                "DWYJCE",
            ],
            Self::PersonalAmount => &[
                "个人月缴存额",
                "个人缴存额",
                "个人缴额",
                "个人月缴额",
                "个人应缴额",
                "个人部分",
                "个人缴存金额",
                "个人缴纳",
                "个人缴纳金额",
                "个人承担",
                "职工缴额",
                "职工月缴存额",
                "职工缴存额",
                "调整后个人月缴存额",
                "调整后个人缴存额",
                "新职工缴额",
                "个人补缴金额",
                "个人补缴额",
                "职工补缴金额",
                "职工补缴额",
                "补缴个人部分",
                "更正前个人月缴存额",
                "更正前个人缴存额",
                "错缴个人缴存额",
                "月缴存额(个人)",
                "缴存额(个人)",
                "GRYJCE",
            ],
            Self::MonthlyAmount => &[
                "月缴存额",
                "月缴存额合计",
                "合计月缴存额",
                "月缴存总额",
                "月缴存金额",
                "缴存额合计",
                "缴存总额",
                "月缴额合计",
                "月缴额",
                "缴存额",
                "月应缴额",
                "每月应缴额",
                "调整后月缴存额",
                "调整后月缴存额合计",
                "补缴金额合计",
                "补缴金额",
                "补缴总额",
                "合计",
                "合计金额",
                "YJCE",
            ],
            Self::Mobile => {
                &["手机号码", "手机号", "手机", "移动电话", "联系电话", "联系方式", "联系手机", "电话", "SJHM"]
            }
            Self::BankCard => {
                &["银行卡号", "银行账号", "银行帐号", "银行卡", "工资卡号", "个人存款账户号码", "卡号", "GRCKZHHM"]
            }
            Self::Wage => &[
                "工资",
                "应发工资",
                "应发合计",
                "应发金额",
                "应付工资",
                "税前工资",
                "工资合计",
                "工资总额",
                "月工资",
                "月收入",
                "职工月收入",
            ],
            Self::ChangeKind => &[
                "变更类型",
                "变更种类",
                "变更类别",
                "变动类型",
                "变动类别",
                "状态变更",
                "状态变更类型",
                "业务类型",
                "申请事项",
                "申请类型",
                "申请类别",
            ],
            Self::Reason => &[
                "变更原因",
                "变动原因",
                "封存原因",
                "停缴原因",
                "减少原因",
                "转移原因",
                "增减原因",
                "补缴原因",
                "更正原因",
                "错缴原因",
                "申请原因",
                "缓缴原因",
                "原因",
            ],
            Self::Month => &[
                "变更年月",
                "变更月份",
                "变动年月",
                "变动月份",
                "封存年月",
                "启封年月",
                "停缴年月",
                "生效年月",
                "更正年月",
                "错缴年月",
            ],
            Self::NewName => &["变更后姓名", "新姓名", "更正后姓名", "正确姓名"],
            Self::NewIdType => &["变更后证件类型", "新证件类型", "更正后证件类型"],
            Self::NewIdNumber => &[
                "变更后证件号码",
                "变更后证件号",
                "变更后身份证号码",
                "变更后身份证号",
                "新证件号码",
                "新身份证号码",
                "新身份证号",
                "更正后证件号码",
                "更正后身份证号",
                "正确证件号码",
                "正确身份证号",
            ],
            Self::BankName => &["开户银行", "开户行", "银行名称", "开户银行名称", "GRCKZHKHYHMC"],
            Self::Item => &["变更项目", "变更事项", "信息项", "项目"],
            Self::OldValue => &["变更前内容", "变更前", "原内容", "原值"],
            Self::NewValue => &["变更后内容", "变更后", "新内容", "新值"],
            Self::FromMonth => &[
                "起始年月",
                "补缴起始年月",
                "开始年月",
                "补缴开始年月",
                "补缴起始月份",
                "起始月份",
                "开始月份",
                "补缴起始月",
                "缓缴起始年月",
            ],
            Self::ToMonth => &[
                "终止年月",
                "补缴终止年月",
                "截止年月",
                "结束年月",
                "补缴截止年月",
                "补缴结束年月",
                "补缴终止月份",
                "终止月份",
                "结束月份",
                "截止月份",
                "补缴终止月",
                "缓缴终止年月",
            ],
            Self::RightUnitAmount => {
                &["更正后单位月缴存额", "更正后单位缴存额", "正确单位缴存额", "正确单位月缴存额", "更正后单位缴额"]
            }
            Self::RightPersonalAmount => &[
                "更正后个人月缴存额",
                "更正后个人缴存额",
                "正确个人缴存额",
                "正确个人月缴存额",
                "更正后个人缴额",
                "更正后职工缴存额",
            ],
            Self::Department => &["部门", "所在部门", "部门名称", "所属部门", "科室", "车间", "处室"],
            Self::Remark => &["备注", "说明", "备注说明", "附注"],
        }
    }

    /// The field a header means, with the place of the alias among [`Field::aliases`]: the smaller, the surer.
    pub fn match_header(header: &str) -> Option<(Self, usize)> {
        by_alias(&normalise_header(header))
    }

    /// The field a header means.
    pub fn from_header(header: &str) -> Option<Self> {
        Self::match_header(header).map(|(field, _)| field)
    }
}

fn by_alias(alias: &str) -> Option<(Field, usize)> {
    static BY_ALIAS: LazyLock<HashMap<&'static str, (Field, usize)>> = LazyLock::new(|| {
        Field::ALL
            .into_iter()
            .flat_map(|field| field.aliases().iter().enumerate().map(move |(rank, alias)| (*alias, (field, rank))))
            .collect()
    });
    BY_ALIAS.get(alias).copied()
}

/// In brackets they say which of two columns it is: the one that holds what was until now,
const UNTIL_NOW: [&str; 5] = ["调整前", "变更前", "更正前", "原", "旧"];
/// or the other one, or either.
const OTHERWISE: [&str; 9] = ["调整后", "变更后", "更正后", "新", "拟调整", "本年度", "上年度", "上年", "现"];

/// Whether such a word changes what a title means: where the two are a title together, and of what was until now
/// always, but for what somebody is known by.
fn turns(word: &str, title: &str) -> bool {
    let by = [Field::Name, Field::IdType, Field::IdNumber, Field::PersonalAccount];
    title.is_empty()
        || by_alias(&format!("{word}{title}")).is_some()
        || (UNTIL_NOW.contains(&word) && by_alias(title).is_none_or(|(field, _)| !by.contains(&field)))
}

/// A header without what varies between sheets: blanks, line breaks, stars, colons, full-width forms, and
/// bracketed units or hints such as `（元）`, `（必填）`, `(18位)`. 缴存基数（调整前） is 调整前缴存基数.
pub fn normalise_header(header: &str) -> String {
    let mut text: String = header
        .chars()
        .map(crate::characters::half_width)
        .filter(|c| {
            !c.is_whitespace()
                && !crate::characters::is_invisible(*c)
                && !matches!(c, '*' | '★' | '☆' | ':' | '、' | '#')
        })
        .map(|c| match c {
            '【' | '[' | '〔' => '(',
            '】' | ']' | '〕' => ')',
            other => other.to_ascii_uppercase(),
        })
        .collect();
    let mut from = 0;
    let mut which = None;
    while let Some(open) = text[from..].find('(').map(|at| at + from) {
        let Some(close) = text[open..].find(')').map(|at| at + open) else { break };
        let inside = &text[open + 1..close];
        // A bracket that says whose part it is belongs to the meaning: 缴存额（单位）.
        if matches!(inside, "单位" | "个人" | "职工") {
            from = close + 1;
        } else {
            which = which.or_else(|| UNTIL_NOW.into_iter().chain(OTHERWISE).find(|word| *word == inside));
            text.replace_range(open..=close, "");
            from = open;
        }
    }
    for suffix in ["/元", "元"] {
        if let Some(bare) = text.strip_suffix(suffix).filter(|bare| !bare.is_empty()) {
            text = bare.into();
        }
    }
    let text = text.trim_end_matches('%');
    match which.filter(|word| turns(word, text)) {
        Some(word) => format!("{word}{text}"),
        None => text.into(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn wire_form_is_the_one_of_json() {
        for field in Field::ALL {
            assert_eq!(
                serde_json::to_value(field).ok(),
                Some(serde_json::Value::from(field.as_str())),
                "as_str and JSON must not drift apart"
            );
            assert_eq!(Field::parse(field.as_str()), Some(field), "parse undoes as_str");
        }
        assert_eq!(Field::parse("salary"), None, "unknown names are nobody's field");
    }

    #[test]
    fn no_alias_means_two_fields_and_every_alias_is_found() {
        let mut seen = HashSet::new();
        for field in Field::ALL {
            assert_eq!(
                Field::from_header(field.label()),
                Some(field),
                "the name on screen is an alias: {}",
                field.label()
            );
            for alias in field.aliases() {
                assert!(seen.insert(*alias), "{alias} stands twice");
                assert_eq!(Field::from_header(alias), Some(field), "{alias} must survive normalisation");
            }
        }
    }

    #[test]
    fn headers_as_clerks_write_them() {
        for (header, field) in [
            ("职工 姓名", Field::Name),
            ("* 证件号码", Field::IdNumber),
            ("身份证号\n（18位）", Field::IdNumber),
            ("调整后\r\n缴存基数（元）", Field::NewBase),
            ("调整前缴存基数(元)", Field::OldBase),
            ("单位月缴存额（元）", Field::UnitAmount),
            ("月缴存额（单位）", Field::UnitAmount),
            ("月缴存额（个人）（元）", Field::PersonalAmount),
            ("月缴存额合计（元）", Field::MonthlyAmount),
            ("单位缴存比例（%）", Field::UnitRatio),
            ("个人缴存比例％", Field::PersonalRatio),
            ("姓\u{3000}\u{3000}名", Field::Name),
            ("个人账号【必填】", Field::PersonalAccount),
            ("\u{feff}姓名", Field::Name),
            ("grzh", Field::PersonalAccount),
        ] {
            assert_eq!(Field::from_header(header), Some(field), "{header:?}");
        }
        for (header, field) in [
            ("缴存基数（调整前）", Field::OldBase),
            ("缴存基数（元）【原】", Field::OldBase),
            ("缴存基数（调整后）（元）", Field::NewBase),
            ("缴存基数(新)", Field::NewBase),
            ("缴存基数（上年度）", Field::OldBase),
            ("月工资（上年度）", Field::Wage),
            ("个人缴存比例（调整后）%", Field::PersonalRatio),
            ("月缴存额（单位）（调整后）", Field::UnitAmount),
            ("单位月缴存额（更正前）", Field::UnitAmount),
            ("单位月缴存额（更正后）", Field::RightUnitAmount),
            ("姓名（变更前）", Field::Name),
            ("姓名（变更后）", Field::NewName),
            ("证件号码（原）", Field::IdNumber),
            ("证件号码（新）", Field::NewIdNumber),
            ("手机号码（变更后）", Field::Mobile),
        ] {
            assert_eq!(Field::from_header(header), Some(field), "{header:?}: the bracket says which of two");
        }
        for header in ["手机号码（变更前）", "月缴存额（调整前）", "单位缴存比例（原）"] {
            assert_eq!(Field::from_header(header), None, "{header:?} is not what is filed");
        }
        for header in ["序号", "单位账号", "单位名称", "", "（元）", "2025年缴存基数"] {
            assert_eq!(Field::from_header(header), None, "{header:?} must not be guessed");
        }
    }
}
