//! The roster (缴存人清册): a unit and its contributors, as the center has them.

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::ops::{Deref, DerefMut};

use foldhash::{HashMap, HashMapExt};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use smol_str::SmolStr;

use crate::filing::deferral;
use crate::money::{Contribution, Ratio, Yuan};
use crate::month::Month;
use crate::numbers::Listed;
use crate::profile::UnitItem;

/// 个人账户状态 (GRZHZT), codes of JGJ/T 320.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccountStatus {
    /// 01 正常
    Normal,
    /// 02 封存
    Sealed,
    /// 03 合并销户
    ClosedByMerger,
    /// 04 外部转出销户
    ClosedByTransfer,
    /// 05 提取销户
    ClosedByWithdrawal,
    /// 06 冻结
    Frozen,
    /// 99 其他
    Other,
}

impl AccountStatus {
    /// The name on screen.
    pub fn label(self) -> &'static str {
        match self {
            Self::Normal => "正常",
            Self::Sealed => "封存",
            Self::ClosedByMerger => "合并销户",
            Self::ClosedByTransfer => "外部转出销户",
            Self::ClosedByWithdrawal => "提取销户",
            Self::Frozen => "冻结",
            Self::Other => "其他",
        }
    }

    /// Of several accounts under one ID number the one with the lowest is meant: an open one, a sealed one, another.
    pub(crate) fn rank(self) -> u8 {
        match self {
            Self::Normal => 0,
            Self::Sealed => 1,
            Self::Frozen | Self::Other => 2,
            Self::ClosedByMerger | Self::ClosedByTransfer | Self::ClosedByWithdrawal => 3,
        }
    }

    /// Every 销户: a closed account is no account.
    pub fn is_closed(self) -> bool {
        match self {
            Self::ClosedByMerger | Self::ClosedByTransfer | Self::ClosedByWithdrawal => true,
            Self::Normal | Self::Sealed | Self::Frozen | Self::Other => false,
        }
    }

    /// Whether he has left the unit: 封存 and every 销户. 冻结 is a court's word, not his.
    pub fn has_left(self) -> bool {
        self == Self::Sealed || self.is_closed()
    }
}

/// 单位账户状态 (DWZHZT), codes of JGJ/T 320.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UnitStatus {
    /// 01 正常
    Normal,
    /// 02 开户
    Opened,
    /// 03 缓缴
    Deferred,
    /// 04 销户
    Closed,
    /// 05 封存
    Sealed,
    /// 99 其他
    Other,
}

impl UnitStatus {
    /// The name on screen.
    pub fn label(self) -> &'static str {
        match self {
            Self::Normal => "正常",
            Self::Opened => "开户",
            Self::Deferred => "缓缴",
            Self::Closed => "销户",
            Self::Sealed => "封存",
            Self::Other => "其他",
        }
    }

    /// Whether the unit may file (01, 02 and 03).
    pub fn may_file(self) -> bool {
        match self {
            Self::Normal | Self::Opened | Self::Deferred => true,
            Self::Closed | Self::Sealed | Self::Other => false,
        }
    }
}

/// A unit's basic data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unit {
    /// 单位账号 (DWZH)
    pub account: String,
    /// 统一社会信用代码 (GB 32100-2015)
    pub credit_code: String,
    /// 单位名称 (DWMC)
    pub name: String,
    /// 单位账户状态 (DWZHZT)
    pub status: UnitStatus,
    /// 单位缴存比例 (DWJCBL)
    pub unit_ratio: Ratio,
    /// 个人缴存比例 (GRJCBL)
    pub personal_ratio: Ratio,
    /// 单位缴存人数 (DWJCRS)
    pub contributors: u32,
    /// 单位封存人数 (DWFCRS)
    pub sealed: u32,
    /// 缴至年月 (JZNY)
    pub paid_through: Month,
    /// 应汇缴年月: the first month not yet verified
    pub first_unverified: Month,
    /// 未分摊余额（暂存款）, yuan
    pub suspense_balance: Yuan,
    /// 区县 whose limits hold for it, where the center has them by district
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub district: Option<String>,
    /// The 缓缴, or the lower ratios, that the center has granted and whose term runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deferral: Option<Deferral>,
    /// The center lets its clerk file alone, whatever its rules say about approval.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub single_operator: bool,
    /// 经办人 and how to reach him, by [`UnitItem::as_str`]; an item that the center does not have is absent.
    #[serde(default)]
    pub details: BTreeMap<String, String>,
}

impl Unit {
    /// An item of its own data; empty where the center has none.
    pub fn detail(&self, item: UnitItem) -> &str {
        self.details.get(item.as_str()).map_or("", String::as_str)
    }
}

/// 缓缴 or lower ratios for a term, granted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deferral {
    /// Which of the two.
    pub asked: deferral::Asked,
    /// The first month of the term.
    pub from: Month,
    /// Its last month.
    pub to: Month,
    /// 单位缴存比例 from the month after the term on, which held before it too.
    pub unit_ratio: Ratio,
    /// 个人缴存比例, likewise.
    pub personal_ratio: Ratio,
    /// 业务流水号 (YWLSH) of the application.
    pub filing_number: String,
}

impl Deferral {
    /// The words on screen.
    pub fn label(&self) -> String {
        format!("{}：{} 至 {}", self.asked.label(), self.from, self.to)
    }

    /// Whether the unit's ratios are those of the term, not its own.
    pub fn lowers_ratios(&self) -> bool {
        self.asked == deferral::Asked::LowerRatio
    }
}

/// One contributor of a unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contributor {
    /// 个人账号 (GRZH)
    pub personal_account: SmolStr,
    /// 姓名 (XINGMING)
    pub name: SmolStr,
    /// 证件类型 (ZJLX), national code such as `01`
    pub id_type: SmolStr,
    /// 证件号码 (ZJHM)
    pub id_number: SmolStr,
    /// 个人账户状态 (GRZHZT)
    pub status: AccountStatus,
    /// 个人缴存基数 (GRJCJS), yuan
    pub base: Yuan,
    /// Monthly parts (DWYJCE, GRYJCE), yuan
    pub amounts: Contribution,
    /// How to reach and pay him.
    #[serde(default)]
    pub contact: Seldom<Contact>,
    /// What held in months before the values above took effect, oldest first: only months that are not verified yet.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub earlier: Vec<Earlier>,
    /// What was filed for him lately: the center limits how often.
    #[serde(default, skip_serializing_if = "nothing_filed")]
    pub changes: Changes,
}

/// What most people have nothing of: then it takes no room.
#[derive(Debug, Clone)]
pub struct Seldom<T>(Option<Box<T>>);

/// What there is of whoever has nothing.
pub trait Nothing: Default + Eq + 'static {
    /// All of it empty.
    const NOTHING: &'static Self;
}

/// What was filed for somebody lately.
pub type Changes = Seldom<Filed>;

impl<T> Default for Seldom<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<T: Nothing> From<T> for Seldom<T> {
    fn from(value: T) -> Self {
        Self((value != *T::NOTHING).then(|| Box::new(value)))
    }
}

impl<T: Nothing> Deref for Seldom<T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.0.as_deref().unwrap_or(T::NOTHING)
    }
}

impl<T: Nothing> DerefMut for Seldom<T> {
    fn deref_mut(&mut self) -> &mut T {
        self.0.get_or_insert_default()
    }
}

impl<T: Nothing> PartialEq for Seldom<T> {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl<T: Nothing> Eq for Seldom<T> {}

impl<T: Nothing + Serialize> Serialize for Seldom<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        (**self).serialize(serializer)
    }
}

impl<'de, T: Nothing + Deserialize<'de>> Deserialize<'de> for Seldom<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::deserialize(deserializer).map(Self::from)
    }
}

/// Months in which somebody's account was changed by filings, oldest first; of the last twelve months or more.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Filed {
    /// 基数调整
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub base: Vec<Month>,
    /// 封存
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sealed: Vec<Month>,
    /// 启封
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unsealed: Vec<Month>,
}

fn nothing_filed(changes: &Changes) -> bool {
    **changes == *Filed::NOTHING
}

impl Nothing for Filed {
    const NOTHING: &'static Self = &Self { base: Vec::new(), sealed: Vec::new(), unsealed: Vec::new() };
}

/// What was due of somebody until a change took effect.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Earlier {
    /// The last month it holds for.
    pub through: Month,
    /// What is due; `None` where the account was not in the list.
    pub due: Option<MonthlyDue>,
}

/// What is due of somebody in a month.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct MonthlyDue {
    /// 个人缴存基数 (GRJCJS), yuan
    pub base: Yuan,
    /// Monthly parts (DWYJCE, GRYJCE), yuan
    pub amounts: Contribution,
}

impl Nothing for Contact {
    const NOTHING: &'static Self = &Self {
        mobile: SmolStr::new_static(""),
        bank_name: SmolStr::new_static(""),
        bank_card: SmolStr::new_static(""),
    };
}

impl Contributor {
    /// What is due of him in a month; `None` where his account is not in that month's list. Of the past only months
    /// that are not verified yet are known here.
    pub fn due_in(&self, month: Month) -> Option<MonthlyDue> {
        if let Some(earlier) = self.earlier.iter().find(|earlier| month <= earlier.through) {
            return earlier.due;
        }
        (self.status == AccountStatus::Normal).then_some(MonthlyDue { base: self.base, amounts: self.amounts })
    }

    /// What will have been due in earlier months once a change takes effect in `period`. Of two changes the one that
    /// was filed last holds from its month on.
    pub fn until(&self, period: Month) -> Vec<Earlier> {
        let last = period.previous();
        let mut earlier: Vec<_> = self.earlier.iter().filter(|earlier| earlier.through < last).cloned().collect();
        earlier.push(Earlier { through: last, due: self.due_in(last) });
        earlier
    }

    /// What was due before he came, for an account that is opened or taken in from `period` on.
    pub fn not_before(period: Month) -> Vec<Earlier> {
        vec![Earlier { through: period.previous(), due: None }]
    }
}

/// Master data of a contributor that moves no money; empty where the center has none.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    /// 手机号码 (SJHM)
    #[serde(default)]
    pub mobile: SmolStr,
    /// 个人存款账户开户银行 (GRCKZHKHYHMC)
    #[serde(default)]
    pub bank_name: SmolStr,
    /// 个人存款账户号码 (GRCKZHHM)
    #[serde(default)]
    pub bank_card: SmolStr,
}

/// What the center knows of somebody who is not in the unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "known")]
pub enum Known {
    /// Nobody of this ID number has an account in the city.
    Nobody,
    /// The ID number is known under another name; nothing more is told.
    OtherName,
    /// An account at another unit, or at none (集中封存户).
    Account {
        /// 个人账号 (GRZH)
        personal_account: String,
        /// 个人账户状态 (GRZHZT)
        status: AccountStatus,
    },
}

/// What was asked about somebody, and the answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// The name that was asked with.
    pub name: String,
    /// The answer.
    pub answer: Known,
}

/// What the center knows of people who are not in the unit, by ID number (`lookup`).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Elsewhere(pub BTreeMap<String, Asked>);

impl Elsewhere {
    /// The answer about this person; `None` where nobody asked with this name.
    pub fn about(&self, id_number: &str, name: &str) -> Option<&Known> {
        self.0.get(id_number).filter(|asked| asked.name == name).map(|asked| &asked.answer)
    }
}

/// A unit's contributors at one version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Roster {
    /// Rises with every change the center makes to this unit.
    pub version: u64,
    /// Everybody, sealed ones too.
    pub contributors: Vec<Contributor>,
}

/// A roster with look-ups by ID number, by account and by name.
#[derive(Debug)]
pub struct RosterIndex<'a> {
    roster: &'a Roster,
    by_id: Listed<'a>,
    /// Made when first asked: whoever is found by ID number is not looked for again.
    by_account: OnceCell<Listed<'a>>,
    /// Made when first asked: zeros are seldom lost.
    by_digits: OnceCell<Digits<'a>>,
    /// Made when first asked: only damaged ID numbers are looked up by name.
    by_name: OnceCell<HashMap<&'a str, Vec<&'a Contributor>>>,
}

impl<'a> RosterIndex<'a> {
    /// Indexes a roster.
    pub fn of(roster: &'a Roster) -> Self {
        let by_id = Self::listed(roster, |person| &person.id_number);
        Self { roster, by_id, by_account: OnceCell::new(), by_digits: OnceCell::new(), by_name: OnceCell::new() }
    }

    /// The contributor with this ID number; of several accounts under it the one that is used.
    pub fn by_id(&self, id_number: &str) -> Option<&'a Contributor> {
        let rank = |place: usize| self.roster.contributors[place].status.rank();
        let place = self.by_id.place(id_number, |one, other| rank(other) < rank(one))?;
        Some(&self.roster.contributors[place])
    }

    /// As [`RosterIndex::by_id`], of a row that names an account too: of several under one ID number that one is meant.
    pub(crate) fn by_id_and_account(&self, id_number: &str, account: Option<&str>) -> Option<&'a Contributor> {
        let person = self.by_id(id_number)?;
        let other = account.filter(|account| *account != person.personal_account);
        let own = other.and_then(|account| self.by_account(account));
        // An account of before, closed meanwhile, is still in many sheets.
        let own = own.filter(|own| own.id_number == person.id_number && !own.status.is_closed());
        Some(own.unwrap_or(person))
    }

    /// Everybody of exactly this name.
    pub fn by_name(&self, name: &str) -> &[&'a Contributor] {
        let names = self.by_name.get_or_init(|| {
            let mut names: HashMap<&str, Vec<&Contributor>> = HashMap::new();
            for person in &self.roster.contributors {
                names.entry(person.name.as_str()).or_default().push(person);
            }
            names
        });
        names.get(name).map_or(&[], Vec::as_slice)
    }

    /// The contributor with this personal account; of several who have it the last.
    pub fn by_account(&self, account: &str) -> Option<&'a Contributor> {
        let accounts = self.by_account.get_or_init(|| Self::listed(self.roster, |person| &person.personal_account));
        accounts.place(account, |_, _| true).map(|place| &self.roster.contributors[place])
    }

    /// The contributor whose account is these digits with zeros in front, as [`Digits::account`] finds it.
    pub(crate) fn by_digits(&self, digits: &str) -> Option<&'a Contributor> {
        let account = self.by_digits.get_or_init(|| Digits::of(self.roster)).account(digits)?;
        self.by_account(account)
    }

    fn listed(roster: &'a Roster, number: impl Fn(&'a Contributor) -> &'a SmolStr) -> Listed<'a> {
        Listed::of(roster.contributors.iter().map(|person| number(person).as_str().into()).collect())
    }
}

/// The accounts of a roster without the zeros in front of them.
#[derive(Debug)]
pub(crate) struct Digits<'a>(
    /// `None` where the digits are those of several accounts.
    HashMap<&'a str, Option<&'a str>>,
);

impl<'a> Digits<'a> {
    pub(crate) fn of(roster: &'a Roster) -> Self {
        let mut accounts: HashMap<&str, Option<&str>> = HashMap::new();
        for account in roster.contributors.iter().map(|person| person.personal_account.as_str()) {
            let of_these = accounts.entry(account.trim_start_matches('0')).or_insert(Some(account));
            if *of_these != Some(account) {
                *of_these = None;
            }
        }
        Self(accounts)
    }

    /// The account that is these digits with zeros in front, however long the center's accounts are; `None` where
    /// there are several such accounts, of different lengths.
    pub(crate) fn account(&self, digits: &str) -> Option<&'a str> {
        let significant = digits.trim_start_matches('0');
        let lost = !significant.is_empty() && significant.bytes().all(|digit| digit.is_ascii_digit());
        let account = self.0.get(significant).copied().flatten().filter(|_| lost)?;
        (digits.len() < account.len()).then_some(account)
    }
}
