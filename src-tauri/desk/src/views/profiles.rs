//! Rules of centers: the list, one of them as a form, and the method worked out from an accepted list.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// `profiles`: the rules there are.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct ProfilesView {
    /// Those of the open center first, then the user's own, then those that come with the program.
    pub profiles: Vec<ProfileLine>,
    /// Said wherever a figure is shown.
    pub caution: String,
}

/// One profile of the list.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct ProfileLine {
    /// Its code.
    pub code: String,
    /// 中心名称
    pub name: String,
    /// 城市
    pub city: String,
    /// Where it comes from.
    pub origin: ProfileOrigin,
    /// The policy of this month.
    pub policy: Option<PolicyLine>,
    /// When it was saved, local time; of the user's own ones.
    pub saved_at: Option<String>,
}

/// Where a profile comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
#[serde(rename_all = "snake_case")]
pub enum ProfileOrigin {
    /// The open center gave it; every check goes by it.
    Center,
    /// The user saved it.
    Own,
    /// It comes with the program.
    Shipped,
    /// Made from what a city has published.
    City,
    /// Read from a file and not saved yet.
    File,
}

/// What one policy says, in short.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct PolicyLine {
    /// 缴存基数下限; absent where it is not known
    pub base_floor: Option<String>,
    /// 缴存基数上限; absent where it is not known
    pub base_ceiling: Option<String>,
    /// 缴存比例, `5%–12%`
    pub ratio: String,
    /// 计算方法
    pub method: String,
    /// Title of the notice.
    pub source_title: String,
    /// Its date, `YYYY-MM-DD`.
    pub source_date: Option<String>,
}

/// `profile`, `profile_import`: one profile whole, as a form.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct ProfileView {
    /// Where it comes from.
    pub origin: ProfileOrigin,
    /// What it is saved on top of: everything that is not on the form stays as it is there.
    pub base: String,
    /// Everything a person can change.
    pub form: ProfileForm,
    /// What is wrong with it.
    pub problems: Vec<ProfileProblemView>,
    /// What can be chosen.
    pub choices: ProfileChoices,
    /// Mappings of columns that came with the file.
    pub mappings: u32,
    /// 上传模板
    pub templates: Vec<TemplateLine>,
    /// Said wherever a figure is shown.
    pub caution: String,
}

/// An upload template in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct TemplateLine {
    /// Kind of filing, `snake_case`.
    pub kind: String,
    /// Its Chinese name.
    pub kind_name: String,
    /// The template's name.
    pub name: String,
    /// `xlsx`, `xls`, `csv` or `txt`.
    pub file: String,
    /// How many columns it has.
    pub columns: u32,
    /// Files are written into a copy of the center's own blank.
    pub keeps_blank: bool,
}

/// `template_learn`: what a center's blank file says of the template that makes files like it.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct LearnedTemplate {
    /// Kind of filing, `snake_case`.
    pub kind: String,
    /// The template's name: that of the one it would replace, where the rules have one for this kind.
    pub name: String,
    /// Saved under this name it replaces another.
    pub replaces: bool,
    /// `xlsx`, `xls`, `csv` or `txt`.
    pub file: String,
    /// Files are written into a copy of the blank.
    pub keeps_blank: bool,
    /// The columns from the left.
    pub columns: Vec<LearnedColumn>,
    /// What a column can hold.
    pub choices: Vec<Choice>,
    /// What was not understood, concluded or left out.
    pub notes: Vec<String>,
    /// The template as it is kept; handed back when it is saved.
    pub template: String,
}

/// A column of a template.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct LearnedColumn {
    /// Column letter.
    pub letter: String,
    /// Its title.
    pub title: String,
    /// A field, `snake_case`; `number`, `constant`, `empty`, or `unbound` where nobody knows.
    pub holds: String,
    /// The text of every row, for `constant`.
    pub text: String,
    /// The center refuses a row without it.
    pub required: bool,
}

/// `template_save`: a learned template as it was completed.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct TemplateForm {
    /// As [`LearnedTemplate::template`].
    pub template: String,
    /// Its name.
    pub name: String,
    /// The columns from the left.
    pub columns: Vec<LearnedColumn>,
}

/// What came of saving it.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct TemplateSaved {
    /// It is among the rules.
    pub saved: bool,
    /// What keeps it from being used, in Chinese.
    pub problems: Vec<String>,
}

/// Something wrong with a profile.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct ProfileProblemView {
    /// The field, as a JSON pointer into the profile: `/policies/1/base_floor`.
    pub pointer: String,
    /// Stable code.
    pub code: String,
    /// A few words.
    pub title: String,
    /// What happened and what to do.
    pub message: String,
}

/// `profile_save`: whether it was saved, and what stood in the way.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct ProfileSaved {
    /// Only without problems.
    pub saved: bool,
    /// What is wrong with it.
    pub problems: Vec<ProfileProblemView>,
    /// Mappings of columns taken over from the file.
    pub mappings: u32,
}

/// One value that can be chosen.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct Choice {
    /// As it is kept.
    pub value: String,
    /// As it is shown.
    pub label: String,
}

/// What can be chosen in a profile.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct ProfileChoices {
    /// 计算方法
    pub roundings: Vec<Choice>,
    /// What it is applied to.
    pub scopes: Vec<Choice>,
    /// 复核
    pub approvals: Vec<Choice>,
    /// 单位信息
    pub unit_items: Vec<Choice>,
    /// 变更途径
    pub update_ways: Vec<Choice>,
    /// 申报方式
    pub channels: Vec<Choice>,
    /// 文字编码
    pub encodings: Vec<Choice>,
    /// 基数单位
    pub base_units: Vec<Choice>,
    /// 最低 TLS 版本
    pub minimum_tls: Vec<Choice>,
}

/// A profile as a person fills it in: every figure as text, empty where there is none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
#[serde(deny_unknown_fields)]
pub struct ProfileForm {
    /// Its code.
    pub code: String,
    /// 中心名称
    pub name: String,
    /// 城市
    pub city: String,
    /// What is to be known or asked.
    pub note: String,
    /// 区县
    pub districts: Vec<String>,
    /// Digits of a personal account.
    pub account_length: String,
    /// 证件类型
    pub id_types: Vec<IdTypeForm>,
    /// Codes of identity documents as a target writes them.
    pub id_type_codes: Vec<IdTypeCodeForm>,
    /// 封存原因
    pub seal_reasons: Vec<SealReasonForm>,
    /// Every kind of filing.
    pub kinds: Vec<KindForm>,
    /// Changes of a base per person and year.
    pub base_changes_per_year: String,
    /// 封存 and 启封, each, per person and month.
    pub status_changes_per_month: String,
    /// Months of one 缓缴 or 降低缴存比例.
    pub deferral_months: String,
    /// Years for which the data of people who left are kept.
    pub retention_years: String,
    /// What of its data a unit may change.
    pub unit_items: Vec<String>,
    /// How a name is corrected.
    pub name_update: String,
    /// How a document is corrected.
    pub id_update: String,
    /// Day of the month.
    pub cut_off_day: String,
    /// Day of the month by which that month is to be paid.
    pub remittance_day: String,
    /// Most papers of one filing.
    pub attachment_count: String,
    /// Most of one paper, KB.
    pub attachment_kilobytes: String,
    /// First day of the base window, `MM-DD`.
    pub window_first: String,
    /// Last day of the base window, `MM-DD`.
    pub window_last: String,
    /// 顺延 of deadlines on days off.
    pub deadlines_move: bool,
    /// 放假: days or `2026-10-01至2026-10-07`, between `、`.
    pub holidays: String,
    /// 调休上班, likewise.
    pub worked: String,
    /// 预缴
    pub prepayment: bool,
    /// 申报方式
    pub channel: String,
    /// 文字编码
    pub encoding: String,
    /// 基数单位
    pub base_unit: String,
    /// 最低 TLS 版本
    pub minimum_tls: String,
    /// 贷款额度公式; every field empty where the center has published none.
    pub loan: LoanForm,
    /// Address of the server that stamps filings with the time; empty where there is none.
    pub timestamp_url: String,
    /// The roots that its stamps are believed by, PEM.
    pub timestamp_roots: String,
    /// 缴存政策, the newest last.
    pub policies: Vec<PolicyForm>,
}

/// 贷款额度公式
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
#[serde(deny_unknown_fields)]
pub struct LoanForm {
    /// 倍数
    pub multiple: String,
    /// 时间系数, fewest months first.
    pub steps: Vec<LoanStepForm>,
    /// 最高贷款额度, yuan; empty for none
    pub ceiling: String,
    /// Title of the notice.
    pub source_title: String,
    /// Its address.
    pub source_url: String,
    /// `YYYY-MM-DD`
    pub source_date: String,
}

/// One step of 时间系数.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
#[serde(deny_unknown_fields)]
pub struct LoanStepForm {
    /// From this many months in a row.
    pub from_months: String,
    /// Empty where it is not published.
    pub coefficient: String,
}

/// One type of identity document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
#[serde(deny_unknown_fields)]
pub struct IdTypeForm {
    /// National code.
    pub code: String,
    /// Its name.
    pub name: String,
}

/// One code of an identity document as a target writes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
#[serde(deny_unknown_fields)]
pub struct IdTypeCodeForm {
    /// What is written or read.
    pub target: String,
    /// National code.
    pub national: String,
    /// The code there.
    pub code: String,
}

/// One reason of sealing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
#[serde(deny_unknown_fields)]
pub struct SealReasonForm {
    /// The center's code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Months until a withdrawal, `0` at once, empty for none.
    pub withdrawal_months: String,
    /// What sheets write instead, between `、`.
    pub synonyms: String,
}

/// One kind of filing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
#[serde(deny_unknown_fields)]
pub struct KindForm {
    /// Wire form.
    pub kind: String,
    /// Its name.
    pub label: String,
    /// The center takes it.
    pub offered: bool,
    /// `none`, `always` or `above`.
    pub approval: String,
    /// Above this change a month, yuan.
    pub amount: String,
    /// Above this many people.
    pub people: String,
}

/// One policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
#[serde(deny_unknown_fields)]
pub struct PolicyForm {
    /// 区县; empty for the whole city
    pub district: String,
    /// `YYYY-MM`
    pub effective_from: String,
    /// `YYYY-MM`; empty where open
    pub effective_to: String,
    /// 缴存基数下限, yuan
    pub base_floor: String,
    /// 缴存基数上限, yuan
    pub base_ceiling: String,
    /// 月缴存额下限, yuan
    pub amount_floor: String,
    /// 月缴存额上限, yuan
    pub amount_ceiling: String,
    /// `5%`
    pub ratio_floor: String,
    /// `12%`
    pub ratio_ceiling: String,
    /// `1%`; empty for any
    pub ratio_step: String,
    /// 单位与个人比例一致
    pub equal_ratio: bool,
    /// 计算方法
    pub rounding: String,
    /// What it is applied to.
    pub rounding_scope: String,
    /// Title of the notice.
    pub source_title: String,
    /// Its address.
    pub source_url: String,
    /// `YYYY-MM-DD`
    pub source_date: String,
}

/// `calibrate`: what an accepted list says about the method behind it.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct CalibrationView {
    /// Rows that were compared.
    pub rows: u32,
    /// Rows with a figure missing or unreadable, the first of them.
    pub skipped: Vec<u32>,
    /// How many there are.
    pub skipped_total: u32,
    /// Every method that reproduces every row, the commonest first.
    pub fits: Vec<MethodView>,
    /// The nearest one where none does.
    pub nearest: Option<MethodView>,
    /// Rows that the nearest does not reproduce, the first of them.
    pub contradicting: Vec<ContradictionView>,
    /// How many there are.
    pub contradicting_total: u32,
}

/// A way of computing.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct MethodView {
    /// 计算方法
    pub rounding: String,
    /// What it is applied to.
    pub rounding_scope: String,
    /// Its name.
    pub label: String,
}

/// A row that a method does not reproduce.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct ContradictionView {
    /// Row of the sheet.
    pub row: u32,
    /// 个人缴存基数
    pub base: String,
    /// 单位月缴存额 of the list.
    pub unit_amount: String,
    /// 个人月缴存额 of the list.
    pub personal_amount: String,
    /// 单位月缴存额 as computed.
    pub computed_unit_amount: String,
    /// 个人月缴存额 as computed.
    pub computed_personal_amount: String,
}
