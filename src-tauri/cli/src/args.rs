//! What can be asked on the command line. Help stands in Chinese and English on every line.

use std::path::PathBuf;
use std::str::FromStr;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{ArgAction, Args, Parser, Subcommand};
use huijiao_domain::amount;
use huijiao_domain::compare;
use huijiao_domain::field::Field;
use huijiao_domain::filing::FilingKind;
use huijiao_domain::finding::Finding;
use huijiao_domain::money::Ratio;
use huijiao_domain::month::Month;
use jiff::civil::Date;

const TEMPLATE: &str = "{about}\n\n用法 Usage: {usage}\n\n{all-args}{after-help}";

#[derive(Debug, Parser)]
#[command(
    name = "huijiao-cli",
    version,
    about = "汇缴通命令行：检查公积金申报表、比对工资表、验证签名文件，供脚本和工资系统使用\n\
             Checks housing provident fund sheets, compares payrolls and verifies signed files, for scripts and payroll systems",
    after_help = "\n退出码 Exit codes:\n  \
                  0  没有阻碍申报的问题；签名有效；有相符的计算方法\n     \
                  Nothing blocks; the signature is valid; a method fits\n  \
                  1  有必须处理的问题；签名无效；没有相符的计算方法\n     \
                  Something blocks; the signature is not valid; no method fits\n  \
                  2  文件或参数无法读取               The input or the arguments cannot be read\n",
    help_template = TEMPLATE,
    subcommand_help_heading = "命令 Commands",
    disable_help_subcommand = true,
    disable_help_flag = true,
    disable_version_flag = true
)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
    /// 显示帮助 / Show this help
    #[arg(long, short, action = ArgAction::Help, global = true, help_heading = "选项 Options", display_order = 100)]
    help: Option<bool>,
    /// 显示版本 / Show the version
    #[arg(long, short = 'V', action = ArgAction::Version, help_heading = "选项 Options", display_order = 101)]
    version: Option<bool>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// 检查一份表，列出全部问题 / Check a sheet and list everything there is to say
    #[command(help_template = TEMPLATE)]
    Check(CheckArgs),
    /// 工资表与清册比对，列出应办的人员变动 / Compare a payroll with the roster and list what has to be filed
    #[command(help_template = TEMPLATE)]
    Diff(DiffArgs),
    /// 列出中心规则和各城市公布的政策 / List centers' rules and what cities have published
    #[command(help_template = TEMPLATE)]
    Profiles(ProfilesArgs),
    /// 由已受理的清册识别计算方法 / Work out the rounding method from an accepted list
    #[command(help_template = TEMPLATE)]
    Calibrate(CalibrateArgs),
    /// 生成空白模板 / Write a blank template
    #[command(help_template = TEMPLATE)]
    Template(TemplateArgs),
    /// 检查后按中心的模板生成上传文件 / Check a sheet and write the center's upload files
    #[command(help_template = TEMPLATE)]
    Export(ExportArgs),
    /// 由中心的空白文件学习上传模板 / Learn an upload template from the center's blank file
    #[command(help_template = TEMPLATE)]
    Learn(LearnArgs),
    /// 验证签名文件（申报或回执）或证据包 / Verify a signed file (filing or receipt) or a folder of evidence
    #[command(help_template = TEMPLATE)]
    Verify(VerifyArgs),
    /// 把签名的申报和回执打印成 PDF 单证 / Print a signed filing and its receipt as the forms they are, a PDF
    #[command(help_template = TEMPLATE)]
    Print(PrintArgs),
    /// 生成练习用的表格和清册 / Write the practice workbooks and roster
    #[command(help_template = TEMPLATE)]
    Demo(DemoArgs),
}

#[derive(Debug, Args)]
#[command(next_help_heading = "选项 Options")]
pub(crate) struct CheckArgs {
    /// 表格文件：xlsx、xls、xlsb、ods、csv / The sheet: xlsx, xls, xlsb, ods, csv
    #[arg(value_name = "FILE", help_heading = "参数 Arguments")]
    pub(crate) file: PathBuf,
    /// 种类：payroll 工资表、roster 清册、contributor-registration 登记、status-change 状态变更、base-adjustment 基数调整、ratio-adjustment 比例调整、contributor-update 缴存人信息变更、unit-update 单位信息变更、back-payment 补缴、correction 错缴更正、deferral 缓缴与降比 / Kind: one of these
    #[arg(long, value_name = "KIND")]
    pub(crate) kind: Kind,
    /// 中心规则：代码（demo）、城市名或规则文件 / The center's rules: a code (demo), a city, or a profile file (JSON)
    #[arg(long, value_name = "NAME|FILE")]
    pub(crate) profile: String,
    /// 缴存人清册：roster.json 或表格 / Roster: roster.json or a workbook
    #[arg(long, value_name = "FILE")]
    pub(crate) roster: Option<PathBuf>,
    /// 单位缴存比例，如 8%、8、0.08 / Unit's ratio, such as 8%, 8 or 0.08
    #[arg(long, value_parser = ratio, value_name = "RATIO", requires = "personal_ratio")]
    pub(crate) unit_ratio: Option<Ratio>,
    /// 个人缴存比例，如 8%、8、0.08 / Personal ratio, such as 8%, 8 or 0.08
    #[arg(long, value_parser = ratio, value_name = "RATIO", requires = "unit_ratio")]
    pub(crate) personal_ratio: Option<Ratio>,
    /// 生效年月，如 2026-07 / Effective month, such as 2026-07
    #[arg(long, value_name = "YYYY-MM")]
    pub(crate) period: Option<Month>,
    /// 工作表名称，默认第一张可见表 / Name of the sheet, the first visible one by default
    #[arg(long, value_name = "NAME")]
    pub(crate) sheet: Option<String>,
    /// 文本文件（csv、网页）的编码：gb18030、utf-8、utf-16le 等，默认自动识别 / Encoding of a text file (csv, web page), such as gb18030, utf-8 or utf-16le; found out by default
    #[arg(long, value_name = "LABEL")]
    pub(crate) encoding: Option<String>,
    /// 以这一天为今天 / Take this day for today
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub(crate) today: Option<Date>,
    /// 输出 JSON / Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "选项 Options")]
pub(crate) struct DiffArgs {
    /// 工资表：xlsx、xls、xlsb、ods、csv / The payroll: xlsx, xls, xlsb, ods, csv
    #[arg(value_name = "PAYROLL", help_heading = "参数 Arguments")]
    pub(crate) file: PathBuf,
    /// 缴存人清册：roster.json 或表格 / Roster: roster.json or a workbook
    #[arg(long, value_name = "FILE")]
    pub(crate) roster: PathBuf,
    /// 中心规则：代码（demo）、城市名或规则文件 / The center's rules: a code (demo), a city, or a profile file (JSON)
    #[arg(long, value_name = "NAME|FILE")]
    pub(crate) profile: String,
    /// 单位缴存比例，如 8%、8、0.08 / Unit's ratio, such as 8%, 8 or 0.08
    #[arg(long, value_parser = ratio, value_name = "RATIO", requires = "personal_ratio")]
    pub(crate) unit_ratio: Option<Ratio>,
    /// 个人缴存比例，如 8%、8、0.08 / Personal ratio, such as 8%, 8 or 0.08
    #[arg(long, value_parser = ratio, value_name = "RATIO", requires = "unit_ratio")]
    pub(crate) personal_ratio: Option<Ratio>,
    /// 年月，如 2026-07 / Month, such as 2026-07
    #[arg(long, value_name = "YYYY-MM")]
    pub(crate) period: Option<Month>,
    /// 工作表名称，默认第一张可见表 / Name of the sheet, the first visible one by default
    #[arg(long, value_name = "NAME")]
    pub(crate) sheet: Option<String>,
    /// 文本文件（csv、网页）的编码：gb18030、utf-8、utf-16le 等，默认自动识别 / Encoding of a text file (csv, web page), such as gb18030, utf-8 or utf-16le; found out by default
    #[arg(long, value_name = "LABEL")]
    pub(crate) encoding: Option<String>,
    /// 以这一天为今天 / Take this day for today
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub(crate) today: Option<Date>,
    /// 输出 JSON / Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "选项 Options")]
pub(crate) struct ProfilesArgs {
    /// 规则代码或城市名，显示全部内容 / A code or a city, shown whole
    #[arg(value_name = "NAME", help_heading = "参数 Arguments")]
    pub(crate) name: Option<String>,
    /// 检查规则文件，有问题时退出码为 1 / Check a profile file (JSON); exit 1 where it has faults
    #[arg(long, value_name = "FILE", conflicts_with = "name")]
    pub(crate) validate: Option<PathBuf>,
    /// 输出 JSON / Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "选项 Options")]
pub(crate) struct CalibrateArgs {
    /// 中心已受理的清册：要有缴存基数和单位、个人月缴存额 / A list the center has accepted: bases and both amounts
    #[arg(value_name = "FILE", help_heading = "参数 Arguments")]
    pub(crate) file: PathBuf,
    /// 单位缴存比例，如 8%、8、0.08，表中没有时必填 / Unit's ratio, such as 8%, 8 or 0.08, where the sheet has none
    #[arg(long, value_parser = ratio, value_name = "RATIO", requires = "personal_ratio")]
    pub(crate) unit_ratio: Option<Ratio>,
    /// 个人缴存比例，如 8%、8、0.08 / Personal ratio, such as 8%, 8 or 0.08
    #[arg(long, value_parser = ratio, value_name = "RATIO", requires = "unit_ratio")]
    pub(crate) personal_ratio: Option<Ratio>,
    /// 工作表名称，默认第一张可见表 / Name of the sheet, the first visible one by default
    #[arg(long, value_name = "NAME")]
    pub(crate) sheet: Option<String>,
    /// 输出 JSON / Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "选项 Options")]
pub(crate) struct TemplateArgs {
    /// 业务种类，如 base-adjustment 年度基数调整 / Kind of filing, such as base-adjustment
    #[arg(value_parser = filing_kind, value_name = "KIND", help_heading = "参数 Arguments")]
    pub(crate) kind: FilingKind,
    /// 中心规则：代码（demo）、城市名或规则文件 / The center's rules: a code (demo), a city, or a profile file (JSON)
    #[arg(long, value_name = "NAME|FILE")]
    pub(crate) profile: String,
    /// 写到这个 xlsx 文件，已有的会被替换 / The xlsx file to write; one that is there is replaced
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,
    /// 输出 JSON / Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "选项 Options")]
pub(crate) struct ExportArgs {
    #[command(flatten)]
    pub(crate) check: CheckArgs,
    /// 单位账号，默认取清册或表头 / The unit's account, by default the roster's or the sheet's own
    #[arg(long, value_name = "ACCOUNT")]
    pub(crate) unit_account: Option<String>,
    /// 单位名称，默认取清册或表头 / The unit's name, by default the roster's or the sheet's own
    #[arg(long, value_name = "NAME")]
    pub(crate) unit_name: Option<String>,
    /// 存放的文件夹，同名文件会被替换 / Folder to write into; files of the same name are replaced
    #[arg(long, value_name = "DIR")]
    pub(crate) out: PathBuf,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "选项 Options")]
pub(crate) struct LearnArgs {
    /// 中心的空白文件：xlsx、xls、csv / The center's blank file: xlsx, xls, csv
    #[arg(value_name = "FILE", help_heading = "参数 Arguments")]
    pub(crate) file: PathBuf,
    /// 业务种类，如 base-adjustment 年度基数调整 / Kind of filing, such as base-adjustment
    #[arg(long, value_parser = filing_kind, value_name = "KIND")]
    pub(crate) kind: FilingKind,
    /// 按哪个中心的证件类型和封存原因理解代码说明 / Whose types of documents and reasons explain the legends
    #[arg(long, value_name = "NAME|FILE", default_value = "demo", hide_default_value = true)]
    pub(crate) profile: String,
    /// 工作表名称，默认第一张可见表 / Name of the sheet, the first visible one by default
    #[arg(long, value_name = "NAME")]
    pub(crate) sheet: Option<String>,
    /// 写到这个 JSON 文件，已有的会被替换 / The JSON file to write; one that is there is replaced
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,
    /// 输出 JSON / Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "选项 Options")]
pub(crate) struct VerifyArgs {
    /// 签名文件 .p7m，或证据包文件夹 / The signed file, .p7m, or a folder of evidence
    #[arg(value_name = "FILE|FOLDER", help_heading = "参数 Arguments")]
    pub(crate) file: PathBuf,
    /// 中心的根证书（PEM），文件夹默认用其中的 ca.pem / Root certificates of the center (PEM); a folder's own ca.pem by default
    #[arg(long, value_name = "FILE")]
    pub(crate) ca: Option<PathBuf>,
    /// 按这个日期判断证书是否有效，文件默认今天，文件夹默认回执时 / Judge certificates as of this day: today, for a folder its receipt's, by default
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub(crate) at: Option<Date>,
    /// 输出 JSON / Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "选项 Options")]
pub(crate) struct PrintArgs {
    /// 申报签名文件 .p7m，或证据包文件夹 / The signed filing, .p7m, or a folder of evidence
    #[arg(value_name = "FILE|FOLDER", help_heading = "参数 Arguments")]
    pub(crate) file: PathBuf,
    /// 中心的回执 .p7m，文件夹默认用其中的 receipt.p7m / The center's receipt, .p7m; a folder's own receipt.p7m by default
    #[arg(long, value_name = "FILE")]
    pub(crate) receipt: Option<PathBuf>,
    /// 中心的根证书（PEM），文件夹默认用其中的 ca.pem / Root certificates of the center (PEM); a folder's own ca.pem by default
    #[arg(long, value_name = "FILE")]
    pub(crate) ca: Option<PathBuf>,
    /// 中心规则：代码（demo）、城市名或规则文件，默认按申报中的中心 / The center's rules: a code (demo), a city, or a profile file (JSON); by default those of the filing's center
    #[arg(long, value_name = "NAME|FILE")]
    pub(crate) profile: Option<String>,
    /// 按这个日期判断证书是否有效，默认今天 / Judge certificates as of this day, today by default
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub(crate) at: Option<Date>,
    /// 写到这个 PDF 文件，已有的会被替换 / The PDF file to write; one that is there is replaced
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,
    /// 输出 JSON / Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "选项 Options")]
pub(crate) struct DemoArgs {
    /// 存放的文件夹 / Folder to write into
    #[arg(long, value_name = "DIR")]
    pub(crate) out: PathBuf,
    /// 输出 JSON / Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// What a sheet is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The rows of a filing.
    Filing(FilingKind),
    Payroll,
    Roster,
}

impl FromStr for Kind {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "payroll" => Ok(Self::Payroll),
            "roster" => Ok(Self::Roster),
            other => filing_kind(other).map(Self::Filing),
        }
    }
}

/// A kind of filing, with hyphens or underscores.
fn filing_kind(text: &str) -> Result<FilingKind, &'static str> {
    FilingKind::parse(&text.replace('-', "_")).filter(|kind| kind.from_sheet()).ok_or("unknown kind")
}

/// A ratio as sheets write it: `8%`, `8`, `0.08`.
fn ratio(text: &str) -> Result<Ratio, &'static str> {
    amount::typed_ratio(text).ok_or("not a ratio")
}

impl Kind {
    /// The wire form.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Filing(kind) => kind.as_str(),
            Self::Payroll => "payroll",
            Self::Roster => "roster",
        }
    }

    /// What a finding says, with the names of its columns.
    pub(crate) fn message(self, finding: &Finding) -> String {
        match self {
            Self::Filing(kind) => finding.message_in(kind),
            Self::Payroll | Self::Roster => finding.message(),
        }
    }

    /// What its sheet carries.
    pub(crate) fn fields(self) -> &'static [Field] {
        match self {
            Self::Filing(kind) => kind.fields(),
            Self::Payroll | Self::Roster => &compare::FIELDS,
        }
    }

    /// The columns it cannot do without; of each group one is enough, and the first is named.
    pub(crate) fn required(self) -> &'static [&'static [Field]] {
        match self {
            Self::Filing(kind) => kind.columns(),
            Self::Payroll => compare::COLUMNS,
            Self::Roster => {
                &[&[Field::PersonalAccount], &[Field::Name], &[Field::IdNumber], &[Field::NewBase, Field::OldBase]]
            }
        }
    }
}

/// What is wrong with the arguments, in Chinese.
pub(crate) fn fault(error: &clap::Error) -> String {
    let named = |kind| match error.get(kind) {
        Some(ContextValue::String(one)) => one.clone(),
        Some(ContextValue::Strings(many)) => many.join("、"),
        _ => "…".into(),
    };
    let argument = || named(ContextKind::InvalidArg);
    let value = || named(ContextKind::InvalidValue);
    let is = |kind| error.kind() == kind;
    if is(ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand) || is(ErrorKind::MissingSubcommand) {
        "没有写要做什么，可用的命令有 check、diff、profiles、calibrate、template、export、learn、verify、print、demo"
            .into()
    } else if is(ErrorKind::InvalidSubcommand) {
        format!("没有「{}」这个命令", named(ContextKind::InvalidSubcommand))
    } else if is(ErrorKind::MissingRequiredArgument) {
        format!("缺少 {}", argument())
    } else if is(ErrorKind::UnknownArgument) {
        format!("不认识「{}」", argument())
    } else if is(ErrorKind::ArgumentConflict) {
        format!("{} 写了不止一次，或与别的参数冲突", argument())
    } else if value().is_empty() || value() == "…" {
        format!("{} 后面没有值", argument())
    } else {
        let form = if argument().contains("<RATIO>") { "，比例要写成8%、8或0.08这样的形式" } else { "" };
        format!("{} 的值「{}」不对{form}", argument(), value())
    }
}
