//! Made-up people: valid ID numbers, plausible names and wages, the same at every run.

use std::collections::{BTreeMap, HashSet};

use huijiao_domain::money::{Ratio, Yuan};
use huijiao_domain::month::Month;
use huijiao_domain::profile::{CenterProfile, Policy, UnitItem};
use huijiao_domain::roster::{AccountStatus, Changes, Contributor, Roster, Unit, UnitStatus};
use serde::{Deserialize, Serialize};

use crate::DemoError;

/// 单位账号 of the practice unit.
pub const UNIT_ACCOUNT: &str = "041000000001";
/// 单位名称 of the practice unit.
pub const UNIT_NAME: &str = "演示市晨光机电有限公司";
/// 统一社会信用代码 of the practice unit; region 999999 exists nowhere.
pub const UNIT_CREDIT_CODE: &str = "91999999MA0HJT026B";
/// People of the practice unit, sealed ones too.
pub const PEOPLE: usize = 240;
/// The month the practice begins with: nothing is verified from here on.
pub const FIRST_MONTH: &str = "2026-07";

const SEED: u64 = 0x6875_696a_6961_6f07;

/// A unit with its contributors: what the center is seeded with and what `roster.json` holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UnitRoster {
    /// The unit.
    pub unit: Unit,
    /// Its contributors.
    pub roster: Roster,
}

/// 单位账号 of the other unit at the practice center.
pub const OTHER_UNIT_ACCOUNT: &str = "041000000002";

/// Another unit of the city, where somebody who starts at the practice unit in July was sealed.
///
/// # Errors
/// As [`practice_unit`].
pub fn other_unit(profile: &CenterProfile) -> Result<UnitRoster, DemoError> {
    let practice = unit_of(0, profile)?;
    let policy = profile.policy(practice.unit.paid_through).ok_or(DemoError::Profile)?;
    let base = Yuan::from_fen(460_000);
    let (body, name) = crate::workbooks::TRANSFERRED;
    let sealed = Contributor {
        // Below those of the practice unit.
        personal_account: "041000000050".into(),
        name: name.into(),
        id_type: "01".into(),
        id_number: format!("{body}{}", check_character(body)).into(),
        status: AccountStatus::Sealed,
        base,
        amounts: policy.contribution(base, practice.unit.unit_ratio, practice.unit.personal_ratio),
        contact: Default::default(),
        earlier: Vec::new(),
        changes: Changes::default(),
    };
    let unit = Unit {
        account: OTHER_UNIT_ACCOUNT.into(),
        credit_code: "91999999MA0HJT0346".into(),
        name: "演示市长河物流有限公司".into(),
        sealed: 1,
        ..practice.unit
    };
    Ok(UnitRoster { unit, roster: Roster { version: 1, contributors: vec![sealed] } })
}

/// The practice unit with its 240 people, 12 of them sealed.
///
/// # Errors
/// [`DemoError::Profile`] if the shipped practice profile has no policy for the months before July.
pub fn practice_unit(profile: &CenterProfile) -> Result<UnitRoster, DemoError> {
    unit_of(PEOPLE, profile)
}

/// The practice unit with another number of people, for measurements; every twentieth is sealed.
///
/// # Errors
/// As [`practice_unit`].
pub fn unit_of(people: usize, profile: &CenterProfile) -> Result<UnitRoster, DemoError> {
    let first_unverified: Month = FIRST_MONTH.parse().map_err(|_| DemoError::Profile)?;
    let paid_through = first_unverified.previous();
    let policy = profile.policy(paid_through).ok_or(DemoError::Profile)?;
    let ratio = Ratio::from_basis_points(800).map_err(|_| DemoError::Profile)?;
    let contributors = contributors(people, policy, ratio);
    let sealed = contributors.iter().filter(|c| c.status == AccountStatus::Sealed).count();
    let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    Ok(UnitRoster {
        unit: Unit {
            account: UNIT_ACCOUNT.into(),
            credit_code: UNIT_CREDIT_CODE.into(),
            name: UNIT_NAME.into(),
            status: UnitStatus::Normal,
            unit_ratio: ratio,
            personal_ratio: ratio,
            contributors: count(contributors.len() - sealed),
            sealed: count(sealed),
            paid_through,
            first_unverified,
            single_operator: false,
            suspense_balance: Yuan::ZERO,
            district: None,
            deferral: None,
            details: details(),
        },
        roster: Roster { version: 1, contributors },
    })
}

/// The clerk of the practice unit, and how to reach him.
fn details() -> BTreeMap<String, String> {
    [
        (UnitItem::ClerkName, crate::practice::CLERK),
        (UnitItem::ClerkPhone, "0391-5550123"),
        (UnitItem::ClerkMobile, "13800000000"),
        (UnitItem::Department, "人力资源部"),
        (UnitItem::ClerkEmail, "hr@example.com"),
    ]
    .map(|(item, value)| (item.as_str().to_owned(), value.to_owned()))
    .into()
}

/// xorshift64*: the same people on every machine need no more.
#[derive(Debug, Clone)]
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed | 1)
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 16
    }

    /// `low..=high`
    pub(crate) fn between(&mut self, low: u64, high: u64) -> u64 {
        low + self.next() % (high - low + 1)
    }

    fn pick<'a, T: ?Sized>(&mut self, from: &[&'a T]) -> &'a T {
        from[usize::try_from(self.next()).unwrap_or(0) % from.len()]
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sex {
    Female,
    Male,
}

/// People who show what names and documents can be; the two operators work here too.
const NOTABLE: &[(usize, &str, Sex, &str)] = &[
    (3, "王晓敏", Sex::Female, "410802"),
    (7, "李建国", Sex::Male, "410803"),
    (17, "欧阳文静", Sex::Female, "410811"),
    (41, "尉迟建军", Sex::Male, "410823"),
    (58, "万俟志强", Sex::Male, "410825"),
    (76, "买买提·吐尔逊", Sex::Male, "650102"),
    (99, "努尔麦麦提·阿卜杜热合曼·吐尔逊", Sex::Male, "650104"),
    (123, "刘䶮", Sex::Male, "410882"),
    (150, "陈𬱖", Sex::Female, "410883"),
    (171, "黄嘉慧", Sex::Female, "810000"),
];

const REGIONS: &[&str] = &[
    "410802", "410803", "410804", "410811", "410821", "410822", "410823", "410825", "410882", "410883", "410102",
    "410105", "410305", "410702", "411002", "130102", "140502", "140105", "110105", "110108", "120101", "210102",
    "230103", "310104", "320102", "330106", "340104", "350102", "360102", "370102", "420106", "430104", "440305",
    "450103", "500103", "510107", "520102", "530102", "610113", "620102", "630102", "640104",
];

const SURNAMES: &[&str] = &[
    "王", "李", "张", "刘", "陈", "杨", "黄", "赵", "吴", "周", "徐", "孙", "马", "朱", "胡", "郭", "何", "林", "高",
    "罗", "郑", "梁", "谢", "宋", "唐", "许", "邓", "冯", "韩", "曹", "曾", "彭", "萧", "蔡", "潘", "田", "董", "袁",
    "于", "余", "叶", "蒋", "杜", "苏", "魏", "程", "吕", "丁", "任", "卢", "姚", "沈", "钟", "姜", "崔", "谭", "陆",
    "范", "汪", "廖", "石", "金", "韦", "贾", "夏", "付", "方", "邹", "熊", "白", "孟", "秦", "邱", "侯", "江", "尹",
    "薛", "闫", "雷", "龙", "史", "陶", "贺", "毛", "郝", "顾", "龚", "邵", "单", "仇", "解", "查", "覃", "司马",
    "诸葛", "上官",
];

const MALE: &[&str] = &[
    "伟", "强", "磊", "军", "洋", "勇", "杰", "涛", "明", "超", "刚", "平", "辉", "鹏", "华", "飞", "鑫", "波", "斌",
    "宇", "浩", "凯", "健", "俊", "帆", "帅", "旭", "宁", "龙", "林", "阳", "建", "国", "庆", "志", "文", "永", "海",
    "东", "晨", "泽", "瑞", "峰", "亮", "松",
];

const FEMALE: &[&str] = &[
    "芳", "娜", "敏", "静", "丽", "艳", "娟", "霞", "秀", "英", "玲", "桂", "兰", "婷", "雪", "慧", "红", "颖", "梅",
    "琳", "燕", "倩", "莹", "洁", "晶", "瑶", "欣", "怡", "佳", "雨", "思", "梦", "晓", "春", "月", "萍", "云", "珍",
    "菲", "璐",
];

/// Made-up contributors: no ID, account or name twice.
fn contributors(people: usize, policy: &Policy, ratio: Ratio) -> Vec<Contributor> {
    let mut dice = Dice::new(SEED);
    let mut taken = HashSet::with_capacity(people * 2);
    for (_, name, _, _) in NOTABLE {
        taken.insert((*name).to_owned());
    }
    let mut account = 100;
    (0..people)
        .map(|index| {
            let notable = NOTABLE.iter().find(|(at, ..)| *at == index);
            let sex = notable
                .map_or_else(|| if dice.between(0, 99) < 42 { Sex::Female } else { Sex::Male }, |(_, _, sex, _)| *sex);
            let region = notable.map_or_else(|| dice.pick(REGIONS), |(_, _, _, region)| region);
            let name = match notable {
                Some((_, name, _, _)) => (*name).to_owned(),
                None => fresh(&mut taken, || name(&mut dice, sex)),
            };
            let id_number = fresh(&mut taken, || id_number(&mut dice, region, sex));
            account += dice.between(1, 3);
            let base = base(index, &mut dice);
            Contributor {
                personal_account: format!("0410{account:08}").into(),
                name: name.into(),
                id_type: "01".into(),
                id_number: id_number.into(),
                status: if index % 20 == 13 { AccountStatus::Sealed } else { AccountStatus::Normal },
                base,
                amounts: policy.contribution(base, ratio, ratio),
                contact: Default::default(),
                earlier: Vec::new(),
                changes: Changes::default(),
            }
        })
        .collect()
}

fn fresh(taken: &mut HashSet<String>, mut make: impl FnMut() -> String) -> String {
    loop {
        let text = make();
        if taken.insert(text.clone()) {
            return text;
        }
    }
}

fn name(dice: &mut Dice, sex: Sex) -> String {
    let given = match sex {
        Sex::Female => FEMALE,
        Sex::Male => MALE,
    };
    let surname = dice.pick(SURNAMES);
    let first = dice.pick(given);
    let second = if dice.between(0, 9) < 3 { "" } else { dice.pick(given) };
    // Two given characters that are the same read like a pet name.
    if first == second { format!("{surname}{first}") } else { format!("{surname}{first}{second}") }
}

/// A valid 18-digit number (GB 11643-1999) of somebody 22 to 58 years old in July 2026.
fn id_number(dice: &mut Dice, region: &str, sex: Sex) -> String {
    let (year, month, day) = (dice.between(1968, 2003), dice.between(1, 12), dice.between(1, 28));
    let half = dice.between(0, 499);
    let sequence = match sex {
        Sex::Female => half * 2,
        Sex::Male => half * 2 + 1,
    };
    let body = format!("{region}{year:04}{month:02}{day:02}{sequence:03}");
    let check = check_character(&body);
    format!("{body}{check}")
}

/// The check character over the first seventeen digits.
pub(crate) fn check_character(body: &str) -> char {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let sum: u32 = body.bytes().zip(WEIGHTS).map(|(digit, weight)| u32::from(digit - b'0') * weight).sum();
    char::from(b"10X98765432"[usize::try_from(sum % 11).unwrap_or(0)])
}

/// Wages as a machine works has them: most in the middle, a few far up, one at each end of the range.
fn base(index: usize, dice: &mut Dice) -> Yuan {
    let yuan = match index {
        20 => 2_100,
        21 => 24_018,
        _ => match dice.between(0, 99) {
            0..15 => dice.between(2_400, 3_600),
            15..80 => dice.between(3_600, 9_000),
            80..95 => dice.between(9_000, 15_000),
            _ => dice.between(15_000, 23_500),
        },
    };
    // Averages over a year have fen.
    let fen = if index != 20 && index != 21 && dice.between(0, 3) == 0 { dice.between(1, 99) } else { 0 };
    Yuan::from_fen(i64::try_from(yuan * 100 + fen).unwrap_or(0))
}
