//! Operators: who holds which certificate, and may do what in which unit.

use huijiao_protocol::resources::UnitOfOperator;
use rusqlite::{Connection, OptionalExtension, params};
use uuid::Uuid;

use crate::error::CenterError;
use crate::seed::UnitRole;

/// An operator in the register.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct OperatorId(i64);

/// What the register knows of a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Holder {
    pub(crate) operator: OperatorId,
    pub(crate) revoked: bool,
}

/// Gives the holder of a certificate a role in a unit; the operator is made if the certificate is new.
pub(crate) fn add(
    connection: &Connection,
    unit: &str,
    name: &str,
    role: UnitRole,
    certificate_sha256: &str,
) -> Result<(), CenterError> {
    let operator = match holder(connection, certificate_sha256)? {
        Some(known) => known.operator,
        None => {
            connection.execute("insert into operator (name) values (?1)", [name])?;
            let id = connection.last_insert_rowid();
            connection.execute(
                "insert into certificate (sha256, operator) values (?1, ?2)",
                params![certificate_sha256, id],
            )?;
            OperatorId(id)
        }
    };
    connection.execute(
        "insert into role (unit, operator, role) values (?1, ?2, ?3) on conflict do nothing",
        params![unit, operator.0, role.as_str()],
    )?;
    Ok(())
}

/// Notes that a certificate is revoked; `false` if the register does not know it.
pub(crate) fn revoke(connection: &Connection, certificate_sha256: &str, at: &str) -> Result<bool, CenterError> {
    let changed = connection.execute(
        "update certificate set revoked_at = coalesce(revoked_at, ?2) where sha256 = ?1",
        [certificate_sha256, at],
    )?;
    Ok(changed == 1)
}

/// Who holds a certificate.
pub(crate) fn holder(connection: &Connection, certificate_sha256: &str) -> Result<Option<Holder>, CenterError> {
    Ok(connection
        .query_row(
            "select operator, revoked_at is not null from certificate where sha256 = ?1",
            [certificate_sha256],
            |row| Ok(Holder { operator: OperatorId(row.get(0)?), revoked: row.get(1)? }),
        )
        .optional()?)
}

/// Who signed a filing as its clerk.
pub(crate) fn filed(connection: &Connection, filing: Uuid) -> Result<OperatorId, CenterError> {
    let operator = "select operator from filing where id = ?1";
    Ok(OperatorId(connection.query_row(operator, [filing.to_string()], |row| row.get(0))?))
}

/// The units an operator may see, with his roles.
pub(crate) fn units(connection: &Connection, operator: OperatorId) -> Result<Vec<UnitOfOperator>, CenterError> {
    let mut statement = connection.prepare_cached(
        "select u.account, u.name, r.role from role r join unit u on u.account = r.unit where r.operator = ?1 \
         order by u.account, r.role",
    )?;
    let units = statement.query_map([operator.0], |row| {
        Ok(UnitOfOperator { account: row.get(0)?, name: row.get(1)?, role: row.get(2)? })
    })?;
    Ok(units.collect::<Result<_, _>>()?)
}

/// Whether an operator may see a unit, in whatever role.
pub(crate) fn sees(connection: &Connection, operator: OperatorId, unit: &str) -> Result<bool, CenterError> {
    Ok(connection.query_row(
        "select exists (select 1 from role where operator = ?1 and unit = ?2)",
        params![operator.0, unit],
        |row| row.get(0),
    )?)
}

/// Whether an operator has a role in a unit.
pub(crate) fn has_role(
    connection: &Connection,
    operator: OperatorId,
    unit: &str,
    role: UnitRole,
) -> Result<bool, CenterError> {
    Ok(connection.query_row(
        "select exists (select 1 from role where operator = ?1 and unit = ?2 and role = ?3)",
        params![operator.0, unit, role.as_str()],
        |row| row.get(0),
    )?)
}

impl rusqlite::ToSql for OperatorId {
    fn to_sql(&self) -> rusqlite::Result<rusqlite::types::ToSqlOutput<'_>> {
        self.0.to_sql()
    }
}
