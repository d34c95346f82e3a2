//! Whether the books hold together, whatever led to them.

use rusqlite::Connection;

use crate::error::CenterError;

/// An amount of the register in fen, both parts.
macro_rules! fen {
    () => {
        "cast(replace(unit_amount, '.', '') as integer) + cast(replace(personal_amount, '.', '') as integer)"
    };
}

/// What must never be found, each with a query that finds it.
const CONTRADICTIONS: &[(&str, &str)] = &[
    ("an entry that does not sum to nothing", "select entry from posting group by entry having sum(fen) <> 0"),
    (
        "something allotted twice",
        "select unit from entry where kind = 'allotted' group by unit, label having count(*) > 1",
    ),
    (
        "a personal account below zero",
        "select personal_account from posting where personal_account <> '' group by personal_account, account \
         having sum(fen) > 0",
    ),
    ("suspense below zero", "select unit from posting where account = 'suspense' group by unit having sum(fen) > 0"),
    (
        "what is owed in the ledger is not what the open dues are",
        concat!(
            "select unit, sum(fen) from (select unit, fen from posting where account = 'due' union all \
             select unit, -(",
            fen!(),
            ") from due where state = 'open') group by unit having sum(fen) <> 0"
        ),
    ),
    (
        "a list that does not sum to what is owed for it",
        concat!(
            "select unit, month, sum(fen) from (select unit, month, ",
            fen!(),
            " as fen from month_line union all select m.unit, m.month, -(",
            fen!(),
            ") from month m join due d on d.id = m.due) group by unit, month having sum(fen) <> 0"
        ),
    ),
    (
        "one due in two orders that stand",
        "select d.due from payment_due d join payment_order o on o.number = d.number \
         where o.state in ('awaiting', 'debiting', 'paid') group by d.due having count(*) > 1",
    ),
    (
        "a due that is paid without its order",
        "select due.id from due where due.state = 'paid' and due.paid_by in (select filing from payment_order) \
         and not exists (select 1 from payment_due d join payment_order o on o.number = d.number \
         where d.due = due.id and o.state = 'paid')",
    ),
    (
        "a receipt that does not follow on the one before",
        "select r.unit from receipt r left join receipt b on b.unit = r.unit and b.place = r.place - 1 \
         where r.previous is not b.sha256 or (r.place > 1 and b.place is null)",
    ),
    (
        "a filing without its receipt",
        "select id from filing where not exists (select 1 from receipt r where r.filing = filing.id)",
    ),
];

/// Every contradiction that is in the books: none, ever.
pub(crate) fn contradictions(connection: &Connection) -> Result<Vec<&'static str>, CenterError> {
    let mut found = Vec::new();
    for (what, query) in CONTRADICTIONS {
        if connection.query_row(&format!("select exists ({query})"), [], |row| row.get(0))? {
            found.push(*what);
        }
    }
    Ok(found)
}
