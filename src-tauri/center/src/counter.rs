//! The counter: what the center's own staff can do, and what happens outside of it (its bank, its clock).

use std::collections::BTreeMap;
use std::sync::Arc;

use huijiao_domain::filing::FilingKind;
use huijiao_domain::money::Yuan;
use huijiao_domain::profile::{Approval, SignatureAlgorithm};
use huijiao_domain::roster::{AccountStatus, Unit};
use huijiao_protocol::certificates::RevocationReason;
use huijiao_protocol::resources::{About, FilingStatus};
use huijiao_signing::issue::IssuedOperator;
use huijiao_signing::{Certificate, Pin};
use jiff::civil::Date;
use uuid::Uuid;

use crate::bank;
use crate::center::{Center, blocking};
use crate::certificates::{self, ActivationCode, ActivationFor};
use crate::error::CenterError;
use crate::http::problem::Refusal;
use crate::register::incoming::{self, StatementLine};
use crate::register::{self, dues, events, operators, proof, units};
use crate::review::{self, Decision, InReview, ReviewRule};
use crate::seed::{Seed, UnitRole};

/// The center from within; clones are one counter.
#[derive(Debug, Clone)]
pub struct Counter {
    pub(crate) center: Arc<Center>,
}

impl Counter {
    /// Adds what the seed has and the center lacks; sets the profile.
    ///
    /// # Errors
    /// [`CenterError`] when the database refuses or the seed is not one; then nothing of it is added.
    pub async fn seed(&self, seed: Seed) -> Result<(), CenterError> {
        let center = self.center.clone();
        blocking(move || center.plant(&seed)).await
    }

    /// A unit as the center has it now.
    ///
    /// # Errors
    /// [`CenterError`] when the database refuses.
    pub async fn unit(&self, account: &str) -> Result<Option<Unit>, CenterError> {
        let (center, account) = (self.center.clone(), account.to_owned());
        blocking(move || center.register.read(|c| units::unit(c, &account))).await
    }

    /// Gives the holder of a certificate (DER) a role in a unit.
    ///
    /// # Errors
    /// [`CenterError`] when it is no certificate or there is no such unit.
    pub async fn register_operator(&self, unit: &str, certificate: &[u8], role: UnitRole) -> Result<(), CenterError> {
        let certificate = Certificate::from_der(certificate).map_err(|e| CenterError::Keys(e.to_string()))?;
        let (center, unit) = (self.center.clone(), unit.to_owned());
        blocking(move || {
            center.register.write(|tx| {
                if units::roster_version(tx, &unit)?.is_none() {
                    return Err(CenterError::Seed(format!("no unit {unit}")));
                }
                operators::add(tx, &unit, certificate.holder(), role, &certificate.sha256_hex(), Some(&certificate))
            })
        })
        .await
    }

    /// Issues an operator's certificate for a unit of the register, registers it, and hands over the key file
    /// (PKCS#12) under the PIN. The center does not keep the key.
    ///
    /// # Errors
    /// [`CenterError`] when there is no such unit or the certificate cannot be made.
    pub async fn issue_operator(
        &self,
        unit: &str,
        name: &str,
        role: UnitRole,
        pin: Pin,
    ) -> Result<IssuedOperator, CenterError> {
        self.issue_operator_of(SignatureAlgorithm::P256, unit, name, role, pin).await
    }

    /// As [`Counter::issue_operator`], with a key of this algorithm.
    ///
    /// # Errors
    /// As [`Counter::issue_operator`], and where the authority has no branch for it: SM2 where the center's rules did
    /// not know it at its start, RSA anywhere.
    pub async fn issue_operator_of(
        &self,
        algorithm: SignatureAlgorithm,
        unit: &str,
        name: &str,
        role: UnitRole,
        pin: Pin,
    ) -> Result<IssuedOperator, CenterError> {
        let missing = || CenterError::Seed(format!("no unit {unit}"));
        let of = self.unit(unit).await?.ok_or_else(missing)?;
        let (center, name) = (self.center.clone(), name.to_owned());
        let issued =
            blocking(move || center.authority.operator(&of, &name, &pin, center.clock.now(), algorithm)).await?;
        self.register_operator(unit, issued.certificate.der(), role).await?;
        Ok(issued)
    }

    /// Ends a role that the holder of a certificate (DER) has in a unit: from the next request on he is refused what it
    /// takes, and what he signed and sends later. `false` where he has none such. A seed that names him gives it again.
    ///
    /// # Errors
    /// [`CenterError`] when the database refuses.
    pub async fn end_role(&self, unit: &str, certificate: &[u8], role: UnitRole) -> Result<bool, CenterError> {
        let hash = crate::hex::sha256_hex(certificate);
        let (center, unit) = (self.center.clone(), unit.to_owned());
        blocking(move || center.register.write(|tx| operators::end(tx, &unit, &hash, role))).await
    }

    /// Revokes a certificate (DER): its holder is refused from the next request on. `false` if it is unknown.
    ///
    /// # Errors
    /// [`CenterError`] when the database refuses.
    pub async fn revoke(&self, certificate: &[u8]) -> Result<bool, CenterError> {
        let hash = crate::hex::sha256_hex(certificate);
        let center = self.center.clone();
        blocking(move || certificates::revoke(&center, &hash, RevocationReason::Ceased)).await
    }

    /// Whether a certificate (DER) is revoked.
    pub fn is_revoked(&self, certificate: &[u8]) -> bool {
        self.center.revoked.holds(&crate::hex::sha256_hex(certificate))
    }

    /// An activation code for somebody: whoever types it gets a certificate in that name, once.
    ///
    /// # Errors
    /// [`CenterError`] when there is no such unit or no name.
    pub async fn activation(&self, wanted: ActivationFor) -> Result<ActivationCode, CenterError> {
        let center = self.center.clone();
        blocking(move || certificates::activate(&center, &wanted)).await
    }

    /// What a clerk at the center's counter does: changes one account's status, which raises the roster version.
    /// `false` without such an account.
    ///
    /// # Errors
    /// [`CenterError`] when the database refuses.
    pub async fn set_account_status(
        &self,
        unit: &str,
        personal_account: &str,
        status: AccountStatus,
    ) -> Result<bool, CenterError> {
        let (center, unit, account) = (self.center.clone(), unit.to_owned(), personal_account.to_owned());
        let at = self.center.clock.rfc3339();
        blocking(move || {
            center.register.write(|tx| {
                let changed = units::set_status(tx, &unit, &account, status)?;
                if changed {
                    events::moved(tx, &unit, About::Roster, &at)?;
                }
                Ok(changed)
            })
        })
        .await
    }

    /// Everything is done whose day has come: by the bank, by the rules of review, at the end of terms. Requests have
    /// it done too, before they are answered.
    ///
    /// # Errors
    /// [`CenterError`] when the database refuses.
    pub async fn work(&self) -> Result<(), CenterError> {
        let center = self.center.clone();
        blocking(move || center.work()).await
    }

    /// What a unit does at its bank: it transfers money to the collection account, which comes in the next day.
    ///
    /// # Errors
    /// [`CenterError`] when there is no such unit, or the amount is not above zero.
    pub async fn transfer(&self, unit: &str, amount: Yuan, remark: &str) -> Result<(), CenterError> {
        if amount <= Yuan::ZERO {
            return Err(CenterError::Seed(format!("a transfer of {amount}")));
        }
        let (center, unit, remark) = (self.center.clone(), unit.to_owned(), remark.to_owned());
        blocking(move || {
            let today = center.clock.today();
            center.register.write(|tx| bank::transfer(tx, &bank::unit(tx, &unit)?, today, amount, &remark))
        })
        .await
    }

    /// What a person does at the counter: takes money out of his account.
    ///
    /// # Errors
    /// [`CenterError`] when the unit has no such account, or it does not hold as much.
    pub async fn withdraw(
        &self,
        unit: &str,
        personal_account: &str,
        reason: &str,
        amount: Yuan,
    ) -> Result<(), CenterError> {
        let (center, unit) = (self.center.clone(), unit.to_owned());
        let (account, reason) = (personal_account.to_owned(), reason.to_owned());
        blocking(move || center.withdraw(&unit, &account, &reason, amount)).await
    }

    /// What the bank will say to the unit's next debit instead of paying (余额不足); it is then forgotten.
    ///
    /// # Errors
    /// [`CenterError`] when there is no such unit.
    pub async fn refuse_next_debit(&self, unit: &str, answer: &str) -> Result<(), CenterError> {
        let (center, unit, answer) = (self.center.clone(), unit.to_owned(), answer.to_owned());
        blocking(move || center.register.write(|tx| incoming::set_debit_answer(tx, &unit, &answer))).await
    }

    /// Sets the last day of a unit's agreement on 委托收款.
    ///
    /// # Errors
    /// [`CenterError`] when there is no such unit.
    pub async fn agree_on_debits(&self, unit: &str, last_day: Date) -> Result<(), CenterError> {
        let (center, unit) = (self.center.clone(), unit.to_owned());
        blocking(move || center.register.write(|tx| dues::agree_on_debits(tx, &unit, last_day))).await
    }

    /// The statement of the collection account over some days, both included.
    ///
    /// # Errors
    /// [`CenterError`] when the database refuses.
    pub async fn statement(&self, from: Date, to: Date) -> Result<Vec<StatementLine>, CenterError> {
        let center = self.center.clone();
        blocking(move || center.register.read(|c| incoming::statement(c, from, to))).await
    }

    /// What in the books contradicts itself: entries that do not balance, something paid or ordered twice, receipts
    /// that do not follow on one another. Nothing, ever.
    ///
    /// # Errors
    /// [`CenterError`] when the database refuses.
    pub async fn contradictions(&self) -> Result<Vec<&'static str>, CenterError> {
        let center = self.center.clone();
        blocking(move || center.register.read(proof::contradictions)).await
    }

    /// The filings that wait for a decision, oldest first.
    ///
    /// # Errors
    /// [`CenterError`] when the database refuses.
    pub async fn in_review(&self) -> Result<Vec<InReview>, CenterError> {
        let center = self.center.clone();
        blocking(move || review::waiting(&center)).await
    }

    /// An officer decides of a filing.
    ///
    /// # Errors
    /// [`Undecided`] when it does not wait, the decision lacks something, or the filing cannot be booked any more: it
    /// goes on waiting then.
    pub async fn decide(&self, filing: Uuid, decision: Decision) -> Result<FilingStatus, Undecided> {
        let center = self.center.clone();
        let outcome = blocking(move || Ok(review::decide(&center, filing, &decision))).await;
        Ok(outcome??)
    }

    /// What becomes of filings of each kind that can be reviewed.
    ///
    /// # Errors
    /// [`CenterError`] when the database refuses.
    pub async fn review_rules(&self) -> Result<BTreeMap<FilingKind, ReviewRule>, CenterError> {
        let center = self.center.clone();
        blocking(move || review::rules(&center)).await
    }

    /// Sets what becomes of filings of a kind.
    ///
    /// # Errors
    /// [`Undecided`] for an order to pay and its like, or a rule that lacks something.
    pub async fn set_review_rule(&self, kind: FilingKind, rule: ReviewRule) -> Result<(), Undecided> {
        let center = self.center.clone();
        let outcome = blocking(move || Ok(review::set_rule(&center, kind, &rule))).await;
        Ok(outcome??)
    }

    /// Sets when filings of a kind need an approver's signature (复核), from the next one on.
    ///
    /// # Errors
    /// [`CenterError`] when the database refuses.
    pub async fn set_approval(&self, kind: FilingKind, approval: Approval) -> Result<(), CenterError> {
        let center = self.center.clone();
        blocking(move || {
            center.register.write(|tx| {
                let Some(mut profile) = register::profile(tx)? else { return Ok(()) };
                profile.kinds.insert(kind, approval);
                register::set_profile(tx, &profile)
            })
        })
        .await
    }
}

/// Why nothing was decided; its code is that of the problem.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {words}")]
pub struct Undecided {
    /// Stable code of the problem.
    pub code: &'static str,
    /// Chinese: what stands in the way.
    pub words: String,
}

impl From<CenterError> for Undecided {
    fn from(error: CenterError) -> Self {
        Refusal::from(error).into()
    }
}

impl From<Refusal> for Undecided {
    fn from(refusal: Refusal) -> Self {
        Self { code: refusal.code().as_str(), words: refusal.words() }
    }
}
