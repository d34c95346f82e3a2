//! 设置: what this computer's user prefers, what the program is, and how the center is reached.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{Jump, UiError};

/// `preferences`: how the program looks and goes out on this computer; known before the data are open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(default)]
#[ts(export)]
pub struct Preferences {
    /// Light, dark, or as the system.
    pub theme: Theme,
    /// Size of everything, per cent: one of [`SCALES`].
    pub scale: u16,
    /// Stronger lines and text.
    pub contrast: bool,
    /// Whether notices are said by the system too.
    pub notify: bool,
    /// The way out to centers.
    pub proxy: ProxyWay,
    /// The address of a proxy chosen by hand, as it was typed.
    pub proxy_address: String,
    /// Who goes through the proxy, where it asks; empty for nobody.
    pub proxy_user: String,
    /// Where his password is; only the desk says it.
    pub proxy_password: ProxyPassword,
    /// The first-run tour was seen or skipped.
    pub toured: bool,
    /// How the user laid out the columns of a draft, by its kind; the usual where none is named.
    pub columns: BTreeMap<String, TableColumns>,
    /// 套打: how far printed forms stand from their usual place.
    pub print_shift: PrintShift,
}

/// How far printed forms stand from their usual place, tenths of a millimetre.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(default)]
#[ts(export)]
pub struct PrintShift {
    /// To the right; below zero to the left.
    pub right: i16,
    /// Down; below zero up.
    pub down: i16,
}

/// Columns of one table, as the user laid them out. Fields that the table no longer has are passed over, and new ones
/// stand where they usually do.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(default)]
#[ts(export)]
pub struct TableColumns {
    /// Fields from left to right, hidden ones in their places too.
    pub order: Vec<String>,
    /// Fields that are not shown.
    pub hidden: Vec<String>,
    /// Pixels at 100 %, within [`COLUMN_WIDTHS`], of those that are not as wide as usual.
    pub widths: BTreeMap<String, u16>,
}

/// How narrow and how wide a column can be, pixels at 100 %.
pub const COLUMN_WIDTHS: RangeInclusive<u16> = 40..=600;

/// Sizes that may be chosen.
pub const SCALES: [u16; 4] = [100, 125, 150, 175];

impl Default for Preferences {
    fn default() -> Self {
        Self {
            theme: Theme::System,
            scale: 100,
            contrast: false,
            notify: true,
            proxy: ProxyWay::System,
            proxy_address: String::new(),
            proxy_user: String::new(),
            proxy_password: ProxyPassword::None,
            toured: false,
            columns: BTreeMap::new(),
            print_shift: PrintShift::default(),
        }
    }
}

/// Colours of the window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
#[serde(rename_all = "snake_case")]
pub enum Theme {
    /// As the system.
    System,
    /// Always light.
    Light,
    /// Always dark.
    Dark,
}

/// The way out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
#[serde(rename_all = "snake_case")]
pub enum ProxyWay {
    /// As the system is set.
    System,
    /// By the address that was typed.
    Manual,
    /// Straight.
    Off,
}

/// Where the password of a proxy is; never in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
#[serde(rename_all = "snake_case")]
pub enum ProxyPassword {
    /// There is none.
    None,
    /// In the system's keyring.
    Kept,
    /// With the program until it ends: the system has no keyring.
    Session,
}

/// `about`: what the program is and where it keeps things.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct AboutView {
    /// Version of the program.
    pub version: String,
    /// Operating system and processor.
    pub system: String,
    /// Where the data lie.
    pub data_folder: String,
    /// Where exported files go.
    pub export_folder: String,
    /// Whether it knows where newer programs are announced.
    pub updates: bool,
    /// Works of others that are in it.
    pub works: Vec<WorkOfOthers>,
}

/// `update_look`: a newer program that is announced.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct ReleaseView {
    /// Its version.
    pub version: String,
    /// 更新说明, as whoever publishes it wrote it.
    pub notes: Option<String>,
    /// `YYYY-MM-DD`
    pub date: Option<String>,
}

/// A library or a font of somebody else.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct WorkOfOthers {
    /// Its name.
    pub name: String,
    /// What it does here.
    pub what: String,
    /// Its licence, SPDX.
    pub licence: String,
}

/// `samples_export`: the practice workbooks, where the user finds them.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct SamplesView {
    /// Folder that they lie in.
    pub folder: String,
    /// Each one's file name and what it is for.
    pub files: Vec<SampleFile>,
}

/// A sample workbook.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct SampleFile {
    /// File name.
    pub file: String,
    /// What it is for.
    pub note: String,
}

/// `connection_test`: how far the way to the center is open.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct ConnectionTest {
    /// Host and port that were tried.
    pub address: String,
    /// Every step, in their order.
    pub steps: Vec<ConnectionStep>,
    /// The script (PAC) that the system's settings name for proxies, where they are asked; it was not run.
    pub auto_config: Option<String>,
}

/// One step of the way.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct ConnectionStep {
    /// Which one.
    pub step: WayStep,
    /// How it went.
    pub state: WayState,
    /// Why it failed.
    pub why: Option<UiError>,
}

/// The steps of the way to a center.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
#[serde(rename_all = "snake_case")]
pub enum WayStep {
    /// The name of the center has an address.
    Name,
    /// The proxy takes the connection.
    Proxy,
    /// A connection stands.
    Tcp,
    /// It is the center, and it takes our certificate.
    Tls,
    /// It answers as the protocol says.
    Http,
    /// Its clock and ours agree.
    Clock,
}

/// How a step went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
#[serde(rename_all = "snake_case")]
pub enum WayState {
    /// It is open.
    Passed,
    /// Here it ends.
    Failed,
    /// It was not come to, or it is somebody else's: a proxy resolves names itself.
    Skipped,
}

/// `notices`: what waits for the user, in one list.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct NoticesView {
    /// The most pressing first.
    pub notices: Vec<NoticeLine>,
    /// How many of them nobody has looked at.
    pub unread: u32,
}

/// Something that waits.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct NoticeLine {
    /// Stays the same while the matter does.
    pub key: String,
    /// How pressing.
    pub tone: NoticeTone,
    /// What it is.
    pub title: String,
    /// More of it; may be empty.
    pub text: String,
    /// Where it is seen to.
    pub jump: Option<Jump>,
    /// The user has looked at it.
    pub read: bool,
}

/// What the system is asked to say: nothing of it is about a person, for it shows on a locked screen too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Announcement {
    /// Whose it is.
    pub title: String,
    /// What waits.
    pub text: String,
}

/// How pressing a notice is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[ts(export)]
#[serde(rename_all = "snake_case")]
pub enum NoticeTone {
    /// Something went wrong.
    Bad,
    /// Soon it will.
    Warn,
    /// Worth knowing.
    Note,
}

/// `readiness`: how something stands that filing needs.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct ReadyLine {
    /// What it is about; what mends it follows from that.
    pub part: ReadyPart,
    /// Whether it is in order.
    pub state: ReadyState,
    /// How it stands, Chinese.
    pub said: String,
}

/// What filing needs, in the order in which it is needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
#[serde(rename_all = "snake_case")]
pub enum ReadyPart {
    /// The center answers.
    Connection,
    /// There is a certificate that signs, and it is logged in with.
    Certificate,
    /// Where keys are on tokens: what speaks to them.
    Driver,
    /// Whoever is logged in may file.
    Role,
    /// The people are known.
    Roster,
    /// The center's rules are known.
    Rules,
    /// This computer's clock goes as the center's.
    Clock,
    /// Forms can be drawn.
    Fonts,
    /// Forms can be opened, and there printed.
    Printing,
    /// Not the keyring alone opens the data.
    Recovery,
}

/// Whether it is in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
#[serde(rename_all = "snake_case")]
pub enum ReadyState {
    /// It is.
    Good,
    /// It will do, but somebody should see to it.
    Warn,
    /// Nothing can be filed so.
    Bad,
    /// This center does without.
    Unneeded,
}
