//! Operators: who holds which certificate, and may do what in which unit.

use huijiao_protocol::resources::UnitOfOperator;
use huijiao_signing::Certificate;
use rusqlite::{Connection, OptionalExtension, params};
use uuid::Uuid;

use crate::error::CenterError;
use crate::seed::UnitRole;

/// An operator in the register.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct OperatorId(i64);

impl OperatorId {
    /// As a column of the register has it.
    pub(crate) fn of(id: i64) -> Self {
        Self(id)
    }
}

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
    certificate: Option<&Certificate>,
) -> Result<(), CenterError> {
    let operator = match holder(connection, certificate_sha256)? {
        Some(known) => known.operator,
        None => {
            let operator = new(connection, name)?;
            connection.execute(
                "insert into certificate (sha256, operator, der) values (?1, ?2, ?3)",
                params![certificate_sha256, operator, certificate.map(Certificate::der)],
            )?;
            operator
        }
    };
    grant(connection, operator, unit, role)
}

/// An operator without certificate or role.
pub(crate) fn new(connection: &Connection, name: &str) -> Result<OperatorId, CenterError> {
    connection.execute("insert into operator (name) values (?1)", [name])?;
    Ok(OperatorId(connection.last_insert_rowid()))
}

/// Gives an operator a role in a unit.
pub(crate) fn grant(
    connection: &Connection,
    operator: OperatorId,
    unit: &str,
    role: UnitRole,
) -> Result<(), CenterError> {
    connection.execute(
        "insert into role (unit, operator, role) values (?1, ?2, ?3) on conflict do nothing",
        params![unit, operator.0, role.as_str()],
    )?;
    connection.execute(
        "delete from role_ended where unit = ?1 and operator = ?2 and role = ?3",
        params![unit, operator.0, role.as_str()],
    )?;
    Ok(())
}

/// Ends a role that the holder of a certificate has in a unit; `false` where he has none such. What he did in it stays his.
pub(crate) fn end(
    connection: &Connection,
    unit: &str,
    certificate_sha256: &str,
    role: UnitRole,
) -> Result<bool, CenterError> {
    let Some(holder) = holder(connection, certificate_sha256)? else { return Ok(false) };
    let ended = connection.execute(
        "delete from role where unit = ?1 and operator = ?2 and role = ?3",
        params![unit, holder.operator, role.as_str()],
    )?;
    if ended > 0 {
        connection.execute(
            "insert into role_ended (unit, operator, role) values (?1, ?2, ?3)",
            params![unit, holder.operator, role.as_str()],
        )?;
    }
    Ok(ended > 0)
}

/// Whoever of this name acts for a unit; the one who came last of namesakes.
pub(crate) fn named(connection: &Connection, unit: &str, name: &str) -> Result<Option<OperatorId>, CenterError> {
    Ok(connection
        .query_row(
            "select max(o.id) from operator o join role r on r.operator = o.id where r.unit = ?1 and o.name = ?2",
            [unit, name],
            |row| row.get::<_, Option<i64>>(0),
        )?
        .map(OperatorId))
}

/// An operator's name.
pub(crate) fn name(connection: &Connection, operator: OperatorId) -> Result<String, CenterError> {
    Ok(connection.query_row("select name from operator where id = ?1", [operator.0], |row| row.get(0))?)
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

/// Whether a role that an operator had in a unit was ended: this one, or any where none is named.
pub(crate) fn had_role(
    connection: &Connection,
    operator: OperatorId,
    unit: &str,
    role: Option<UnitRole>,
) -> Result<bool, CenterError> {
    Ok(connection.query_row(
        "select exists (select 1 from role_ended where operator = ?1 and unit = ?2 and role = coalesce(?3, role))",
        params![operator.0, unit, role.map(UnitRole::as_str)],
        |row| row.get(0),
    )?)
}

impl rusqlite::ToSql for OperatorId {
    fn to_sql(&self) -> rusqlite::Result<rusqlite::types::ToSqlOutput<'_>> {
        self.0.to_sql()
    }
}
