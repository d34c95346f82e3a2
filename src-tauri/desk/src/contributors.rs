//! 个人事项: a contributor at a glance, when he can withdraw, how much he could borrow. Reads only.

use huijiao_domain::aids::{LoanCeiling, loan_ceiling, withdrawal};
use huijiao_domain::mask;
use huijiao_domain::profile::{CenterProfile, LoanRule};
use huijiao_domain::roster::{AccountStatus, Contributor};
use jiff::civil::Date;

use crate::profile_form::{number, parsed, yuan};
use crate::search::{letters, names};
use crate::views::{
    ContributorLine, ContributorView, ContributorsView, LoanCeilingView, LoanRuleView, LoanStepView, WithdrawalLine,
};
use crate::{Desk, DeskError, text};

/// Lines of a search; whoever is not among them is found by more letters.
const SHOWN: usize = 50;
/// Stands beside every answer.
const CAUTION: &str = "仅供参考，以中心审核为准";

impl Desk {
    /// The contributors whose name, as written or as spelled, account or end of ID number is `find`; everybody for an empty text.
    ///
    /// # Errors
    /// [`DeskError::ROSTER_MISSING`].
    pub fn contributors(&self, find: &str) -> Result<ContributorsView, DeskError> {
        let mut inner = self.inner();
        let total = inner.session()?.roster.as_ref().map_or(0, |roster| roster.contributors.len());
        let names = names(&mut inner)?.ok_or_else(|| DeskError::refusal(DeskError::ROSTER_MISSING))?;
        let find = letters(find);
        let found: Vec<_> = names.people(&find).collect();
        Ok(ContributorsView {
            total: count(total),
            found: count(found.len()),
            lines: found.into_iter().take(SHOWN).map(line).collect(),
        })
    }

    /// One contributor with what there is to answer; `sealed_on` is the day of sealing, done or planned, empty for none.
    ///
    /// # Errors
    /// [`DeskError::ROSTER_MISSING`], [`DeskError::CONTRIBUTOR_GONE`], [`DeskError::DAY_UNREADABLE`].
    pub fn contributor(&self, account: &str, sealed_on: &str) -> Result<ContributorView, DeskError> {
        let inner = self.inner();
        let session = inner.session()?;
        let missing = || DeskError::refusal(DeskError::ROSTER_MISSING);
        let roster = session.roster.as_ref().ok_or_else(missing)?;
        let unit = session.unit.as_ref().ok_or_else(missing)?;
        let person = roster.contributors.iter().find(|person| person.personal_account == account);
        let person = person.ok_or_else(|| DeskError::refusal(DeskError::CONTRIBUTOR_GONE))?;
        let sealed_on = day(sealed_on)?;
        let today = text::local(self.now(&inner)).date();
        let profile = &session.info.profile;
        Ok(ContributorView {
            line: line(person),
            id_type: profile
                .id_types
                .get(person.id_type.as_str())
                .cloned()
                .unwrap_or_else(|| person.id_type.to_string()),
            id_number: person.id_number.to_string(),
            sealed: person.status == AccountStatus::Sealed,
            base: person.base.to_string(),
            unit_ratio: unit.unit_ratio.percent(),
            personal_ratio: unit.personal_ratio.percent(),
            unit_amount: person.amounts.unit_amount.to_string(),
            personal_amount: person.amounts.personal_amount.to_string(),
            monthly_amount: person.amounts.monthly().to_string(),
            paid_through: unit.paid_through.to_string(),
            mobile: person.contact.mobile.to_string(),
            bank_name: person.contact.bank_name.to_string(),
            bank_card_masked: mask::id_number(&person.contact.bank_card),
            roster_taken_at: session.as_of(),
            today: today.to_string(),
            withdrawals: withdrawals(profile, sealed_on, today),
            loan: profile.loan.as_ref().map(loan_rule),
            caution: CAUTION.into(),
        })
    }

    /// What the center's formula gives for a balance after months of contribution in a row; `coefficient` is what the
    /// center told the clerk, empty for nothing.
    ///
    /// # Errors
    /// [`DeskError::NO_LOAN_RULE`], [`DeskError::FIGURE_UNREADABLE`].
    pub fn loan_ceiling(&self, balance: &str, months: &str, coefficient: &str) -> Result<LoanCeilingView, DeskError> {
        let inner = self.inner();
        let rule = inner.session()?.info.profile.loan.as_ref();
        let rule = rule.ok_or_else(|| DeskError::refusal(DeskError::NO_LOAN_RULE))?;
        let wrong = |figure| DeskError::refusal_with(DeskError::FIGURE_UNREADABLE, "figure", figure);
        let balance = yuan(balance).filter(|amount| !amount.is_negative()).ok_or_else(|| wrong("账户余额"))?;
        let months = number(months.trim()).ok_or_else(|| wrong("连续缴存月数"))?;
        let asked = match coefficient.trim() {
            "" => None,
            told => Some(parsed(told).ok_or_else(|| wrong("时间系数"))?),
        };
        Ok(match loan_ceiling(rule, balance, months, asked) {
            LoanCeiling::TooFewMonths { needed } => LoanCeilingView {
                amount: None,
                asks_coefficient: false,
                sentence: format!("连续缴存满 {needed} 个月才有贷款额度。"),
            },
            LoanCeiling::CoefficientUnknown { from_months } => LoanCeilingView {
                amount: None,
                asks_coefficient: true,
                sentence: format!("中心未公布缴存满 {from_months} 个月的时间系数，请向中心咨询后填写。"),
            },
            LoanCeiling::Amount { coefficient, amount, capped } => LoanCeilingView {
                amount: Some(amount.to_string()),
                asks_coefficient: false,
                sentence: format!(
                    "{balance} × {} × {coefficient}{}",
                    rule.multiple,
                    if capped { "，超过最高贷款额度，按最高额度计。" } else { "。" }
                ),
            },
        })
    }
}

pub(crate) fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

pub(crate) fn line(person: &Contributor) -> ContributorLine {
    ContributorLine {
        personal_account: person.personal_account.to_string(),
        name: person.name.to_string(),
        id_masked: mask::id_number(&person.id_number),
        status: person.status.label().into(),
    }
}

/// A day that was typed; `None` where nothing was.
pub(crate) fn day(text: &str) -> Result<Option<Date>, DeskError> {
    let said = text.trim();
    if said.is_empty() {
        return Ok(None);
    }
    // The years that a month can have: before and after, a slip of the finger.
    let read = parsed::<Date>(said).filter(|day| (1990..=2199).contains(&day.year()));
    read.map(Some).ok_or_else(|| DeskError::refusal_with(DeskError::DAY_UNREADABLE, "day", said))
}

fn withdrawals(profile: &CenterProfile, sealed_on: Option<Date>, today: Date) -> Vec<WithdrawalLine> {
    let line = |reason| {
        let answer = withdrawal(reason, sealed_on, today);
        WithdrawalLine { reason: reason.name.clone(), sentence: answer.sentence(), open: answer.is_open() }
    };
    profile.seal_reasons.iter().map(line).collect()
}

fn loan_rule(rule: &LoanRule) -> LoanRuleView {
    LoanRuleView {
        multiple: rule.multiple.to_string(),
        steps: rule
            .coefficients
            .iter()
            .map(|step| LoanStepView {
                from_months: step.from_months,
                coefficient: step.coefficient.map(|figure| figure.to_string()),
            })
            .collect(),
        ceiling: rule.ceiling.map(|amount| amount.to_string()),
        source_title: rule.source_title.clone(),
        source_date: rule.source_date.map(|day| day.to_string()),
    }
}

#[cfg(test)]
pub(crate) mod tests {
    #![allow(clippy::unwrap_used)]
    use std::sync::Arc;

    use huijiao_domain::filing::FilingKind;
    use huijiao_domain::profile::MinimumTls;
    use huijiao_domain::roster::{Roster, Unit};
    use huijiao_protocol::PROTOCOL;
    use huijiao_protocol::resources::CenterInfo;
    use huijiao_sheets::WorkerProgram;
    use jiff::Timestamp;
    use serde_json::{Value, json};
    use tempfile::TempDir;
    use uuid::Uuid;

    use super::*;
    use crate::ports::{Clock, Connection};
    use crate::session::Session;
    use crate::{DeskConfig, KeyringUse, calls};

    struct July;

    impl Clock for July {
        fn now(&self) -> Timestamp {
            // Already the 6th where the centers are.
            "2026-07-05T17:00:00Z".parse().unwrap()
        }

        fn steady(&self) -> jiff::SignedDuration {
            jiff::SignedDuration::ZERO
        }

        fn new_id(&self) -> Uuid {
            Uuid::nil()
        }
    }

    /// As the center sends it: what it does not say is as it is for most.
    fn person(place: usize, name: &str, id_number: &str, status: AccountStatus) -> Contributor {
        serde_json::from_value(json!({
            "personal_account": format!("0080000000{place:02}"),
            "name": name,
            "id_type": "01",
            "id_number": id_number,
            "status": status,
            "base": "5000.00",
            "amounts": { "unit_amount": "400.00", "personal_amount": "350.00" },
            "contact": { "bank_card": "6222021234567890123" },
        }))
        .unwrap()
    }

    /// A desk with an open unit of people at a center of ours.
    pub(crate) fn desk(folder: &TempDir, code: &str, people: Vec<Contributor>) -> Arc<Desk> {
        let desk = Desk::new(DeskConfig {
            folder: folder.path().join("data"),
            export_folder: folder.path().join("export"),
            worker: WorkerProgram::current().unwrap(),
            keyring: KeyringUse::None,
            clock: Arc::new(July),
            practice: None,
            updates: None,
            tokens: huijiao_signing::Tokens::none(),
            pauses: Vec::new(),
            version: "0".into(),
        });
        let connection = Connection {
            demo: false,
            base_url: String::new(),
            anchors: Vec::new(),
            minimum_tls: MinimumTls::default(),
            certificates: folder.path().to_owned(),
            unit_account: "800100".into(),
            login: None,
            operators: Vec::new(),
            clock_offset: jiff::SignedDuration::ZERO,
            workbooks: Vec::new(),
        };
        let unit: Unit = serde_json::from_value(json!({
            "account": "800100",
            "credit_code": "91350100M000100Y43",
            "name": "演示单位",
            "status": "normal",
            "unit_ratio": "0.08",
            "personal_ratio": "0.07",
            "contributors": 3,
            "sealed": 1,
            "paid_through": "2026-06",
            "first_unverified": "2026-07",
            "suspense_balance": "0.00",
        }))
        .unwrap();
        let info = CenterInfo {
            protocol: PROTOCOL,
            time: String::new(),
            profile: CenterProfile::shipped(code).unwrap(),
            kinds: FilingKind::ALL.to_vec(),
        };
        let roster = Arc::new(Roster { version: 1, contributors: people });
        let session = Session::of_files(
            connection,
            info,
            unit,
            roster,
            "2026-07-01T09:00:00+08:00".into(),
            huijiao_signing::Tokens::none(),
            Arc::new(July),
        );
        desk.inner().session = Some(session);
        Arc::new(desk)
    }

    fn people() -> Vec<Contributor> {
        vec![
            person(1, "王小明", "11010519491231002X", AccountStatus::Normal),
            person(2, "阿依古丽·买买提", "440524188001010014", AccountStatus::Sealed),
            person(3, "王大明", "430401199202290042", AccountStatus::Normal),
        ]
    }

    async fn ask(desk: &Arc<Desk>, command: &str, args: Value) -> Result<Value, String> {
        calls::call(desk, command, args).await.map_err(|error| error.code)
    }

    async fn names(desk: &Arc<Desk>, find: &str) -> Vec<String> {
        let found = ask(desk, "contributors", json!({ "find": find })).await.unwrap();
        let found: ContributorsView = serde_json::from_value(found).unwrap();
        assert_eq!((found.total, found.found as usize), (3, found.lines.len()), "few enough to be shown whole");
        found.lines.into_iter().map(|line| line.name).collect()
    }

    #[tokio::test]
    async fn people_are_found_by_name_account_and_end_of_the_id() {
        let folder = TempDir::new().unwrap();
        let desk = desk(&folder, "demo", people());
        assert_eq!(names(&desk, "").await.len(), 3, "nothing asked for, everybody shown");
        assert_eq!(names(&desk, "王").await, ["王小明", "王大明"]);
        assert_eq!(names(&desk, " 王 大明 ").await, ["王大明"], "blanks are no letters");
        assert_eq!(names(&desk, "02x").await, ["王小明"], "the end of the ID, in whichever case");
        assert_eq!(names(&desk, "008000000002").await, ["阿依古丽·买买提"]);
        assert!(names(&desk, "1101").await.is_empty(), "the front of an ID tells where people are from, not who");
        let all = ask(&desk, "contributors", json!({})).await.unwrap().to_string();
        assert!(!all.contains("11010519491231002X") && all.contains("1101**********002X"), "masked in the list");
    }

    #[tokio::test]
    async fn a_long_list_is_cut_and_says_how_many_there_are() {
        let folder = TempDir::new().unwrap();
        let many = (0..99).map(|n| person(n, "王小明", "11010519491231002X", AccountStatus::Normal)).collect();
        let found = ask(&desk(&folder, "demo", many), "contributors", json!({ "find": "王" })).await.unwrap();
        let found: ContributorsView = serde_json::from_value(found).unwrap();
        assert_eq!((found.found, found.lines.len()), (99, SHOWN));
    }

    #[tokio::test]
    async fn one_contributor_with_the_answers_of_the_day() {
        let folder = TempDir::new().unwrap();
        let desk = desk(&folder, "demo", people());
        let one = async |sealed_on: &str| {
            let args = json!({ "account": "008000000002", "sealed_on": sealed_on });
            serde_json::from_value::<ContributorView>(ask(&desk, "contributor", args).await.unwrap()).unwrap()
        };
        let view = one("2026-01-06").await;
        assert_eq!((view.line.name.as_str(), view.sealed), ("阿依古丽·买买提", true));
        assert_eq!(
            (view.monthly_amount.as_str(), view.personal_ratio.as_str()),
            ("750.00", "7%"),
            "as the center has it"
        );
        assert_eq!(view.bank_card_masked, "6222***********0123", "a card is masked");
        assert_eq!(view.today, "2026-07-06", "the day of the center, not of Greenwich");
        let said = |view: &ContributorView, reason: &str| {
            let line = view.withdrawals.iter().find(|line| line.reason == reason).unwrap();
            (line.open, line.sentence.clone())
        };
        assert_eq!(said(&view, "解除或终止劳动关系"), (true, "已可申请提取（自 2026年7月6日起）。".into()));
        assert!(!said(&one("2026-01-07").await, "解除或终止劳动关系").0, "a day short");
        assert_eq!(said(&one("").await, "离休退休"), (false, "封存后即可申请提取。".into()), "no day, no date made up");
        assert_eq!(view.loan.unwrap().steps.len(), 3, "the practice formula");
        for day in ["昨天", "2026-02-30", "0026-07-01", "2026-7"] {
            let args = json!({ "account": "008000000002", "sealed_on": day });
            assert_eq!(ask(&desk, "contributor", args).await.unwrap_err(), DeskError::DAY_UNREADABLE, "{day}");
        }
        let gone = ask(&desk, "contributor", json!({ "account": "1" })).await.unwrap_err();
        assert_eq!(gone, DeskError::CONTRIBUTOR_GONE);
    }

    #[tokio::test]
    async fn the_ceiling_is_worked_out_or_it_is_said_why_not() {
        let folder = TempDir::new().unwrap();
        let demo = desk(&folder, "demo", people());
        let of = async |desk: &Arc<Desk>, balance: &str, months: &str, coefficient: &str| {
            let args = json!({ "balance": balance, "months": months, "coefficient": coefficient });
            let view = ask(desk, "loan_ceiling", args).await?;
            Ok::<_, String>(serde_json::from_value::<LoanCeilingView>(view).unwrap())
        };
        let view = of(&demo, "20,000", "30", "").await.unwrap();
        assert_eq!(view.amount.as_deref(), Some("480000.00"));
        assert_eq!(view.sentence, "20000.00 × 20 × 1.2。", "how it came about");
        let capped = of(&demo, "5万", "30", "").await.unwrap();
        assert_eq!(capped.amount.as_deref(), Some("700000.00"));
        assert!(capped.sentence.contains("最高"), "{capped:?}");
        let early = of(&demo, "20000", "5", "").await.unwrap();
        assert_eq!((early.amount, early.asks_coefficient), (None, false), "too early is not zero yuan");
        for (balance, months, coefficient) in
            [("", "6", ""), ("-1", "6", ""), ("约两万", "6", ""), ("1", "半年", ""), ("1", "-6", ""), ("1", "6", "0")]
        {
            let error = of(&demo, balance, months, coefficient).await.unwrap_err();
            assert_eq!(error, DeskError::FIGURE_UNREADABLE, "{balance:?} {months:?} {coefficient:?}");
        }
        let jiaozuo = desk(&folder, "jiaozuo", people());
        assert!(of(&jiaozuo, "20000", "30", "").await.unwrap().asks_coefficient, "its figure is not published");
        assert_eq!(of(&jiaozuo, "20000", "30", "1.0").await.unwrap().amount.as_deref(), Some("600000.00"));
        let none = desk(&folder, "dezhou", people());
        assert_eq!(of(&none, "20000", "30", "").await.unwrap_err(), DeskError::NO_LOAN_RULE);
    }
}
