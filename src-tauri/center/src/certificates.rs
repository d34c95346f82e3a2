//! The life of operators' certificates: activation codes, requests, renewals, losses, the revocation list.

use std::collections::HashSet;
use std::sync::{Arc, PoisonError, RwLock};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use huijiao_domain::roster::Unit;
use huijiao_protocol::certificates::{
    CertificateStatus, Enrolled, Enrollment, RENEWAL_DAYS, Revocation, RevocationReason,
};
use huijiao_protocol::problem::ProblemCode;
use huijiao_signing::{Certificate, Purpose, Request, SignError, Signer};
use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, Transaction};
use serde::{Deserialize, Serialize};

use crate::center::Center;
use crate::error::CenterError;
use crate::filing::signed_by_clients;
use crate::hex::sha256_hex;
use crate::http::caller::Caller;
use crate::http::problem::Refusal;
use crate::keys::OPERATOR_DAYS;
use crate::register::certificates::{self as table, Activation};
use crate::register::operators::{self, OperatorId};
use crate::register::units;
use crate::seed::UnitRole;

/// Letters and digits that nobody takes for one another.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Characters of a code that name it; the others prove that one was handed it.
const REFERENCE: usize = 4;
/// Characters of a code.
const LONG: usize = 12;
/// Wrong tries that end a code.
const TRIES: u32 = 5;
/// How long a code can be used.
const CODE_HOLDS: SignedDuration = SignedDuration::from_hours(14 * 24);

/// An activation code, as it is handed over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActivationCode {
    /// 激活码, such as `7K3M-9QWX-2BHT`.
    pub code: String,
    /// RFC 3339: until when it can be used.
    pub expires_at: String,
}

/// What an activation code is for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ActivationFor {
    /// 单位账号
    pub unit: String,
    /// 姓名; somebody of this name who acts for the unit already is the same person.
    pub name: String,
    /// What he may do in the unit.
    pub role: UnitRole,
    /// Days that his certificate will hold; three years where absent.
    #[serde(default)]
    pub days: Option<u16>,
}

/// What is revoked, at hand for every handshake.
#[derive(Debug, Clone, Default)]
pub(crate) struct Revoked(Arc<RwLock<HashSet<String>>>);

impl Revoked {
    pub(crate) fn load(connection: &Connection) -> Result<Self, CenterError> {
        let all = table::revoked(connection)?.into_iter().collect();
        Ok(Self(Arc::new(RwLock::new(all))))
    }

    /// By SHA-256, lower-case hex.
    pub(crate) fn holds(&self, sha256: &str) -> bool {
        self.0.read().unwrap_or_else(PoisonError::into_inner).contains(sha256)
    }

    fn add(&self, sha256: &str) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).insert(sha256.to_owned());
    }
}

/// Makes a code and notes it.
pub(crate) fn activate(center: &Center, wanted: &ActivationFor) -> Result<ActivationCode, CenterError> {
    let expires_at = center.clock.now().checked_add(CODE_HOLDS).unwrap_or(Timestamp::MAX).to_string();
    loop {
        let code = random_code()?;
        let (reference, _) = code.split_at(REFERENCE);
        let activation = Activation {
            code_sha256: sha256_hex(code.as_bytes()),
            unit: wanted.unit.clone(),
            name: wanted.name.trim().to_owned(),
            role: wanted.role,
            days: wanted.days.map_or(OPERATOR_DAYS, i64::from),
            expires_at: expires_at.clone(),
            wrong: 0,
            used: false,
        };
        let added = center.register.write(|tx| {
            if units::roster_version(tx, &wanted.unit)?.is_none() || activation.name.is_empty() {
                return Err(CenterError::Seed(format!("no unit {} or no name", wanted.unit)));
            }
            table::add_activation(tx, reference, &activation)
        })?;
        if added {
            let groups: Vec<String> =
                code.as_bytes().chunks(4).map(|group| String::from_utf8_lossy(group).into()).collect();
            return Ok(ActivationCode { code: groups.join("-"), expires_at });
        }
    }
}

fn random_code() -> Result<String, CenterError> {
    let mut bytes = [0_u8; LONG];
    getrandom::fill(&mut bytes).map_err(|e| CenterError::Keys(e.to_string()))?;
    Ok(bytes.iter().map(|byte| char::from(ALPHABET[usize::from(byte % 32)])).collect())
}

/// A code as somebody typed it; `None` where it can be none.
fn typed(code: &str) -> Option<String> {
    let plain: String = code
        .chars()
        .filter(|c| !c.is_whitespace() && !matches!(c, '-' | '－' | '—'))
        .map(|c| match c.to_ascii_uppercase() {
            'O' => '0',
            'I' | 'L' => '1',
            other => other,
        })
        .collect();
    (plain.len() == LONG && plain.bytes().all(|byte| ALPHABET.contains(&byte))).then_some(plain)
}

/// `true` where the certificate is new, `false` where it was given before.
pub(crate) type Answer = (bool, Enrolled);

/// Gives a certificate for an activation code.
pub(crate) fn enrol(center: &Center, asked: &Enrollment) -> Result<Answer, Refusal> {
    let request = STANDARD.decode(&asked.request).map_err(|_| Refusal::of(ProblemCode::RequestInvalid))?;
    let request = Request::from_der(&request).map_err(request_refusal)?;
    let code = typed(&asked.code).ok_or_else(|| Refusal::of(ProblemCode::ActivationUnknown))?;
    // A refusal is handed through as a value: a wrong try is counted though nothing comes of it.
    center.register.write(|tx| Ok::<_, Refusal>(enrol_by(center, tx, &code, &request)))?
}

fn enrol_by(center: &Center, tx: &Transaction<'_>, code: &str, request: &Request) -> Result<Answer, Refusal> {
    let refused = |code| Err(Refusal::of(code));
    let (reference, _) = code.split_at(REFERENCE);
    let Some(activation) = table::activation(tx, reference)? else { return refused(ProblemCode::ActivationUnknown) };
    if activation.wrong >= TRIES {
        return refused(ProblemCode::ActivationLocked);
    }
    if activation.code_sha256 != sha256_hex(code.as_bytes()) {
        table::tried_in_vain(tx, reference)?;
        return refused(ProblemCode::ActivationUnknown);
    }
    if let Some(before) = table::given(tx, &request.sha256_hex())? {
        return if before.activation.as_deref() == Some(reference) {
            Ok((false, enrolled(&before.certificate, before.unit)))
        } else {
            refused(ProblemCode::RequestKey)
        };
    }
    if activation.used {
        return refused(ProblemCode::ActivationUsed);
    }
    let now = center.clock.now();
    if activation.expires_at.parse::<Timestamp>().is_ok_and(|until| until < now) {
        return refused(ProblemCode::ActivationExpired);
    }
    let unit = units::unit(tx, &activation.unit)?.ok_or_else(|| CenterError::Content("activation".into()))?;
    let operator = match operators::named(tx, &unit.account, &activation.name)? {
        Some(known) => known,
        None => operators::new(tx, &activation.name)?,
    };
    operators::grant(tx, operator, &unit.account, activation.role)?;
    let certificate = center.authority.certify(&unit, &activation.name, request, activation.days, now)?;
    let Some(certificate) = certificate else { return refused(ProblemCode::RequestKey) };
    table::give(tx, &request.sha256_hex(), &certificate, operator, &unit.account, Some(reference))?;
    tracing::info!(serial = certificate.serial_hex(), "certificate issued");
    Ok((true, enrolled(certificate.der(), unit.account)))
}

fn enrolled(certificate: &[u8], unit_account: String) -> Enrolled {
    // The authority is the root itself: nothing lies in between.
    Enrolled { certificate: STANDARD.encode(certificate), chain: Vec::new(), unit_account }
}

fn request_refusal(error: SignError) -> Refusal {
    tracing::info!(code = error.code(), "request refused");
    let weak = matches!(error, SignError::RequestKey);
    Refusal::of(if weak { ProblemCode::RequestKey } else { ProblemCode::RequestInvalid })
}

/// Gives the certificate that follows the one that signed; both hold until the older one ends.
pub(crate) fn renew(center: &Center, caller: Caller, bytes: &[u8]) -> Result<Answer, Refusal> {
    let (signer, content) = said(center, bytes, Purpose::Renewal)?;
    let request = Request::from_der(&content).map_err(request_refusal)?;
    center.register.write(|tx| {
        let operator = of_caller(tx, caller, &signer)?;
        if let Some(before) = table::given(tx, &request.sha256_hex())? {
            return if before.operator == operator && before.activation.is_none() {
                Ok((false, enrolled(&before.certificate, before.unit)))
            } else {
                Err(Refusal::of(ProblemCode::RequestKey))
            };
        }
        if request.is_of(&signer.certificate) {
            return Err(Refusal::of(ProblemCode::RequestKey));
        }
        let now = center.clock.now();
        if signer.certificate.not_after().duration_since(now) > SignedDuration::from_hours(RENEWAL_DAYS * 24) {
            return Err(Refusal::of(ProblemCode::RenewalEarly));
        }
        let unit = unit_of(tx, operator, &signer.certificate)?.ok_or_else(|| Refusal::of(ProblemCode::RoleMissing))?;
        let name = operators::name(tx, operator)?;
        let certificate = center.authority.certify(&unit, &name, &request, OPERATOR_DAYS, now)?;
        let certificate = certificate.ok_or_else(|| Refusal::of(ProblemCode::RequestKey))?;
        table::give(tx, &request.sha256_hex(), &certificate, operator, &unit.account, None)?;
        tracing::info!(serial = certificate.serial_hex(), "certificate renewed");
        Ok((true, enrolled(certificate.der(), unit.account)))
    })
}

/// The unit that a certificate was issued for, as the register has it now.
fn unit_of(
    connection: &Connection,
    operator: OperatorId,
    certificate: &Certificate,
) -> Result<Option<Unit>, CenterError> {
    for one in operators::units(connection, operator)? {
        let unit = units::unit(connection, &one.account)?;
        if let Some(unit) = unit.filter(|unit| certificate.credit_code() == Some(unit.credit_code.as_str())) {
            return Ok(Some(unit));
        }
    }
    Ok(None)
}

/// Revokes what its holder, or an approver of his unit, reports lost.
pub(crate) fn report(center: &Center, caller: Caller, bytes: &[u8]) -> Result<CertificateStatus, Refusal> {
    let (signer, content) = said(center, bytes, Purpose::Revocation)?;
    let Revocation { certificate_sha256: sha256, reason } =
        serde_json::from_slice(&content).map_err(|_| Refusal::of(ProblemCode::Malformed))?;
    let at = center.clock.rfc3339();
    let status = center.register.write(|tx| {
        let operator = of_caller(tx, caller, &signer)?;
        let unknown = || Refusal::of(ProblemCode::CertificateUnknown);
        if table::seen_by(tx, operator, Some(&sha256))?.is_empty() {
            return Err(unknown());
        }
        table::revoke(tx, &sha256, &at, reason)?;
        table::seen_by(tx, operator, Some(&sha256))?.pop().ok_or_else(unknown)
    })?;
    center.revoked.add(&sha256);
    tracing::info!(serial = status.serial, "certificate revoked");
    Ok(status)
}

/// Revokes a certificate at the counter; `false` if the register does not know it.
pub(crate) fn revoke(center: &Center, sha256: &str, because: RevocationReason) -> Result<bool, CenterError> {
    let at = center.clock.rfc3339();
    let known = center.register.write(|tx| table::revoke(tx, sha256, &at, because))?;
    if known {
        center.revoked.add(sha256);
    }
    Ok(known)
}

/// What the only signer of a file said.
fn said(center: &Center, bytes: &[u8], purpose: Purpose) -> Result<(Signer, Vec<u8>), Refusal> {
    let verified = signed_by_clients(center, bytes, purpose)?;
    let signer = verified.signers.into_iter().next().ok_or_else(|| Refusal::of(ProblemCode::SignatureInvalid))?;
    Ok((signer, verified.content))
}

/// Who signed is who calls, and his certificate is not revoked.
fn of_caller(connection: &Connection, caller: Caller, signer: &Signer) -> Result<OperatorId, Refusal> {
    let missing = || Refusal::of(ProblemCode::RoleMissing);
    let holder = operators::holder(connection, &signer.certificate.sha256_hex())?.ok_or_else(missing)?;
    if holder.revoked {
        return Err(Refusal::of(ProblemCode::CertificateRevoked));
    }
    if caller.operator == Some(holder.operator) { Ok(holder.operator) } else { Err(missing()) }
}

/// The revocation list of one of the center's roots as of now, DER.
pub(crate) fn revocation_list(center: &Center, root: Option<&str>) -> Result<Vec<u8>, Refusal> {
    let revoked = center.register.read(table::listed)?;
    let list = center.authority.revocation_list(root, &revoked, center.clock.now())?;
    list.ok_or_else(|| Refusal::of(ProblemCode::NotFound))
}
