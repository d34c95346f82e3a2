//! The kinds of filings as the screens offer them: where they stand, what they are for, by when.

use huijiao_domain::filing::FilingKind;
use huijiao_domain::profile::CenterProfile;

use crate::error::DeskError;
use crate::views::{KindGroup, KindView, MoneyWords};
use crate::{Desk, text};

/// A group of the navigation, in its order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Group {
    People,
    Bases,
    Past,
    Unit,
}

impl Group {
    const ALL: [Self; 4] = [Self::People, Self::Bases, Self::Past, Self::Unit];

    fn label(self) -> &'static str {
        match self {
            Self::People => "缴存人",
            Self::Bases => "基数与比例",
            Self::Unit => "单位",
            Self::Past => "补缴与更正",
        }
    }
}

/// The words of a kind that are not in its own name.
struct Words {
    group: Group,
    entry: &'static str,
    lead: &'static str,
    period: &'static str,
    /// The sum before, where there is one, and the sum after; `None` where rows carry no money.
    money: Option<(Option<&'static str>, &'static str)>,
    /// What the law says about when.
    deadline: Option<&'static str>,
}

/// `None` for kinds that are made on screens of their own.
fn words(kind: FilingKind) -> Option<Words> {
    Some(match kind {
        FilingKind::ContributorRegistration => Words {
            group: Group::People,
            entry: "登记",
            lead: "为新录用、在本市还没有个人账户的职工开户。已有账户的人请到「状态变更」办理启封或同城转入。",
            period: "起缴年月",
            money: Some((None, "月缴存额")),
            deadline: Some("自录用之日起 30 日内办理缴存登记"),
        },
        FilingKind::StatusChange => Words {
            group: Group::People,
            entry: "状态变更",
            lead: "职工离职、退休时封存，复职时启封，同城转入和转出；一份申报里可以同时有几种变更。",
            period: "变更年月",
            money: Some((Some("变更前月缴存额"), "变更后月缴存额")),
            deadline: Some("自劳动关系终止之日起 30 日内办理"),
        },
        FilingKind::BaseAdjustment => Words {
            group: Group::Bases,
            entry: "基数调整",
            lead: "按职工上一年度月平均工资调整缴存基数，每年办理一次；可以按基数，也可以按月缴存额填写。",
            period: "生效年月",
            money: Some((Some("调整前月缴存额"), "调整后月缴存额")),
            deadline: None,
        },
        FilingKind::RatioAdjustment => Words {
            group: Group::Bases,
            entry: "比例调整",
            lead: "调整单位和个人的缴存比例，对全体缴存人生效；一份申报只有一行，两个比例都要填写。",
            period: "生效年月",
            money: Some((Some("调整前月缴存额"), "调整后月缴存额")),
            deadline: None,
        },
        FilingKind::ContributorUpdate => Words {
            group: Group::People,
            entry: "信息变更",
            lead: "更正缴存人的姓名、证件，或更换手机号码、银行卡；只填写要变更的内容，其余留空。",
            period: "变更年月",
            money: None,
            deadline: None,
        },
        FilingKind::UnitUpdate => Words {
            group: Group::Unit,
            entry: "单位信息变更",
            lead: "变更经办人及其联系方式等单位信息，一个项目一行；单位名称等其他信息请到中心办理。",
            period: "变更年月",
            money: None,
            deadline: None,
        },
        FilingKind::BackPayment => Words {
            group: Group::Past,
            entry: "补缴",
            lead: "为漏缴、少缴的职工补缴已核定月份的公积金，一人一段月份一行；尚未核定的月份随当月汇缴办理。",
            period: "申报年月",
            money: Some((None, "补缴金额")),
            deadline: None,
        },
        FilingKind::Correction => Words {
            group: Group::Past,
            entry: "错缴更正",
            lead: "更正已缴款月份的错误金额，一人一月一行；多缴的转入暂存款，少缴的另行补足。",
            period: "申报年月",
            money: Some((Some("更正前月缴存额"), "更正后月缴存额")),
            deadline: None,
        },
        FilingKind::Deferral => Words {
            group: Group::Bases,
            entry: "缓缴与降比",
            lead: "缴存确有困难时申请缓缴，或申请在一段时间里降低缴存比例；由中心审核，审核通过以前一切照旧。",
            period: "起始年月",
            money: None,
            deadline: None,
        },
        FilingKind::RemittanceVerification | FilingKind::Payment | FilingKind::PaymentClaim => return None,
    })
}

impl Desk {
    /// Every kind of filing, by group.
    pub fn kinds(&self) -> Result<Vec<KindGroup>, DeskError> {
        let inner = self.inner();
        let profile = &inner.session()?.info.profile;
        let of = |group| {
            let kinds = FilingKind::SHEETS
                .iter()
                .filter_map(|kind| Some((*kind, words(*kind)?)))
                .filter(move |(_, words)| words.group == group);
            kinds.map(|(kind, words)| view(kind, words, profile)).collect::<Vec<_>>()
        };
        let groups = Group::ALL.map(|group| KindGroup { label: group.label().into(), kinds: of(group) });
        Ok(groups.into_iter().filter(|group| !group.kinds.is_empty()).collect())
    }
}

/// Whether a filing is about everybody who pays: its draft can begin with the roster.
pub(crate) fn of_roster(kind: FilingKind) -> bool {
    kind == FilingKind::BaseAdjustment
}

/// What a sheet must have, alternatives in one.
fn needed(kind: FilingKind) -> Vec<String> {
    let groups = kind.columns();
    let alone = kind.required().iter().filter(|(field, _)| !groups.iter().any(|group| group.contains(field)));
    let groups = groups.iter().map(|group| text::any_of(group, |field| kind.title(field)));
    alone.map(|(field, _)| kind.title(*field).to_owned()).chain(groups).collect()
}

fn view(kind: FilingKind, words: Words, profile: &CenterProfile) -> KindView {
    let Words { entry, lead, period, money, deadline, .. } = words;
    let mut deadlines: Vec<String> = deadline.map(str::to_owned).into_iter().collect();
    if kind == FilingKind::BaseAdjustment
        && let Some(window) = profile.base_window
    {
        deadlines.push(format!("中心每年 {} 至 {} 受理", window.first, window.last));
    }
    if let Some(day) = profile.cut_off_day {
        deadlines.push(format!("每月 {day} 日以后办理的，从次月起算"));
    }
    if profile.days_off.moves && (profile.cut_off_day.is_some() || profile.base_window.is_some()) {
        deadlines.push("截止日遇周末、节假日顺延到下一个工作日".into());
    }
    KindView {
        kind: kind.as_str().into(),
        label: kind.label().into(),
        entry: entry.into(),
        lead: lead.into(),
        period_label: period.into(),
        needed: needed(kind),
        deadlines,
        taken: profile.kinds.contains_key(&kind),
        of_roster: of_roster(kind),
        money: money.map(|(before, after)| MoneyWords { before: before.map(str::to_owned), after: after.into() }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_a_sheet_is_refused_without_is_named_before_it_is_made() {
        let registration = needed(FilingKind::ContributorRegistration);
        assert_eq!(registration, ["姓名", "手机号码", "证件号码", "缴存基数或工资"]);
        for kind in FilingKind::SHEETS {
            let named = needed(*kind);
            for (field, _) in kind.required() {
                let title = kind.title(*field);
                assert!(
                    named.iter().any(|one| one.split('或').any(|one| one == title)),
                    "{kind:?}: {title} in {named:?}"
                );
            }
            assert!(
                named.iter().all(|one| named.iter().filter(|other| *other == one).count() == 1),
                "each once: {named:?}"
            );
        }
    }
}
