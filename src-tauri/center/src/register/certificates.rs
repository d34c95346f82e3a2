//! Certificates: activation codes, what was given for them, what was revoked.

use huijiao_protocol::certificates::{CertificateStatus, RevocationReason};
use huijiao_signing::Certificate;
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};

use super::operators::OperatorId;
use super::{from_text, to_text};
use crate::error::CenterError;
use crate::seed::UnitRole;

/// An activation code as the register knows it.
pub(crate) struct Activation {
    pub(crate) code_sha256: String,
    pub(crate) unit: String,
    pub(crate) name: String,
    pub(crate) role: UnitRole,
    pub(crate) days: i64,
    pub(crate) expires_at: String,
    pub(crate) wrong: u32,
    pub(crate) used: bool,
}

/// Notes a code; `false` if its reference is taken.
pub(crate) fn add_activation(
    connection: &Connection,
    reference: &str,
    activation: &Activation,
) -> Result<bool, CenterError> {
    let added = connection.execute(
        "insert into activation (reference, code_sha256, unit, name, role, days, expires_at) \
         values (?1, ?2, ?3, ?4, ?5, ?6, ?7) on conflict do nothing",
        params![
            reference,
            activation.code_sha256,
            activation.unit,
            activation.name,
            activation.role.as_str(),
            activation.days,
            activation.expires_at
        ],
    )?;
    Ok(added == 1)
}

/// The code with this reference.
pub(crate) fn activation(connection: &Connection, reference: &str) -> Result<Option<Activation>, CenterError> {
    let found = connection
        .query_row(
            "select code_sha256, unit, name, role, days, expires_at, wrong, \
             exists (select 1 from request where activation = reference) from activation where reference = ?1",
            [reference],
            |row| {
                let role: String = row.get(3)?;
                let activation = Activation {
                    code_sha256: row.get(0)?,
                    unit: row.get(1)?,
                    name: row.get(2)?,
                    role: UnitRole::Viewer,
                    days: row.get(4)?,
                    expires_at: row.get(5)?,
                    wrong: row.get(6)?,
                    used: row.get(7)?,
                };
                Ok((activation, role))
            },
        )
        .optional()?;
    found.map(|(found, role)| Ok(Activation { role: from_text(role)?, ..found })).transpose()
}

/// Counts a wrong try.
pub(crate) fn tried_in_vain(connection: &Connection, reference: &str) -> Result<(), CenterError> {
    connection.execute("update activation set wrong = wrong + 1 where reference = ?1", [reference])?;
    Ok(())
}

/// What was given for a request: the certificate (DER), its unit, and by which code.
pub(crate) struct Given {
    pub(crate) certificate: Vec<u8>,
    pub(crate) unit: String,
    pub(crate) activation: Option<String>,
    pub(crate) operator: OperatorId,
}

/// What was given for this request before.
pub(crate) fn given(connection: &Connection, request_sha256: &str) -> Result<Option<Given>, CenterError> {
    Ok(connection
        .query_row(
            "select c.der, r.unit, r.activation, c.operator from request r join certificate c \
             on c.sha256 = r.certificate where r.sha256 = ?1",
            [request_sha256],
            |row| {
                Ok(Given {
                    certificate: row.get(0)?,
                    unit: row.get(1)?,
                    activation: row.get(2)?,
                    operator: OperatorId::of(row.get(3)?),
                })
            },
        )
        .optional()?)
}

/// Notes what is given for a request.
pub(crate) fn give(
    connection: &Connection,
    request_sha256: &str,
    certificate: &Certificate,
    operator: OperatorId,
    unit: &str,
    activation: Option<&str>,
) -> Result<(), CenterError> {
    let sha256 = certificate.sha256_hex();
    connection.execute(
        "insert into certificate (sha256, operator, der) values (?1, ?2, ?3)",
        params![sha256, operator, certificate.der()],
    )?;
    connection.execute(
        "insert into request (sha256, certificate, unit, activation) values (?1, ?2, ?3, ?4)",
        params![request_sha256, sha256, unit, activation],
    )?;
    Ok(())
}

/// Revokes a certificate from now on; one that is revoked stays so as of then. `false` if the register does not know it.
pub(crate) fn revoke(
    connection: &Connection,
    sha256: &str,
    at: &str,
    because: RevocationReason,
) -> Result<bool, CenterError> {
    let changed = connection.execute(
        "update certificate set revoked_because = case when revoked_at is null then ?3 else revoked_because end, \
         revoked_at = coalesce(revoked_at, ?2) where sha256 = ?1",
        [sha256, at, &to_text(&because)?],
    )?;
    Ok(changed == 1)
}

/// SHA-256 of everything that is revoked.
pub(crate) fn revoked(connection: &Connection) -> Result<Vec<String>, CenterError> {
    let mut statement = connection.prepare("select sha256 from certificate where revoked_at is not null")?;
    let rows = statement.query_map([], |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// What a revocation list is made of. A certificate that is known by its hash alone has no serial number to be listed
/// under: it is refused by the register.
pub(crate) fn listed(connection: &Connection) -> Result<Vec<(Certificate, Timestamp)>, CenterError> {
    let mut statement = connection
        .prepare("select der, revoked_at from certificate where revoked_at is not null and der is not null")?;
    let rows = statement.query_map([], |row| Ok((row.get::<_, Vec<u8>>(0)?, row.get::<_, String>(1)?)))?;
    rows.map(|row| {
        let (der, at) = row?;
        let at = at.parse().map_err(|_| CenterError::Content("revoked_at".into()))?;
        Ok((Certificate::from_der(&der)?, at))
    })
    .collect()
}

/// A certificate with who holds it, as `viewer` sees it: his own ones, and those of the units that he approves for.
/// Whoever acts for several units has a certificate of each: it is of the unit that it names, and one that is known by
/// its hash alone is of all its holder's units.
pub(crate) fn seen_by(
    connection: &Connection,
    viewer: OperatorId,
    sha256: Option<&str>,
) -> Result<Vec<CertificateStatus>, CenterError> {
    let mut statement = connection.prepare_cached(
        "with mine as (select u.account, u.credit_code from role r join unit u on u.account = r.unit \
         where r.operator = ?1 and r.role = 'approver') \
         select c.sha256, o.name, c.der, c.revoked_at, c.operator = ?1, \
         (select group_concat(m.credit_code, ' ') from mine m join role its on its.unit = m.account \
          where its.operator = c.operator), \
         exists (select 1 from role its where its.operator = c.operator \
          and its.unit not in (select account from mine)) \
         from certificate c join operator o on o.id = c.operator where ?2 is null or c.sha256 = ?2 \
         order by o.name, c.sha256",
    )?;
    let rows = statement.query_map(params![viewer, sha256], |row| {
        Ok((
            row.get::<_, String>(0)?,
            row.get::<_, String>(1)?,
            row.get::<_, Option<Vec<u8>>>(2)?,
            row.get::<_, Option<String>>(3)?,
            row.get::<_, bool>(4)?,
            row.get::<_, Option<String>>(5)?.unwrap_or_default(),
            row.get::<_, bool>(6)?,
        ))
    })?;
    let mut seen = Vec::new();
    for row in rows {
        let (sha256, holder, der, revoked_at, own, approved, elsewhere) = row?;
        if !own && approved.is_empty() {
            continue;
        }
        let certificate = der.map(|der| Certificate::from_der(&der)).transpose()?;
        let of_mine = match &certificate {
            Some(certificate) => approved.split(' ').any(|code| Some(code) == certificate.credit_code()),
            None => !elsewhere,
        };
        if !own && !of_mine {
            continue;
        }
        let of = |f: &dyn Fn(&Certificate) -> String| certificate.as_ref().map(f).unwrap_or_default();
        seen.push(CertificateStatus {
            serial: of(&Certificate::serial_hex),
            not_before: of(&|c| c.not_before().to_string()),
            not_after: of(&|c| c.not_after().to_string()),
            sha256,
            holder,
            revoked_at,
            own,
        });
    }
    Ok(seen)
}
