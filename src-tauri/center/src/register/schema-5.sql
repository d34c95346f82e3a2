-- Version 5: money of the past. Both wait, accepted, until they are paid or posted, and are settled then.

-- 补缴: months of a contributor that the unit owes, outside of the monthly list.
create table back_payment_due (
    unit             text not null,
    personal_account text not null,
    from_month       text not null,
    to_month         text not null,
    unit_amount      text not null,             -- over the whole span
    personal_amount  text not null,
    reason           text not null,
    filing           text not null references filing (id),
    state            text not null default 'accepted' check (state in ('accepted', 'settled')),
    primary key (unit, personal_account, from_month, filing)
) strict, without rowid;

-- 错缴更正: what a paid month should have been. The difference goes to suspense, or is owed.
create table correction (
    unit                  text not null,
    personal_account      text not null,
    month                 text not null,
    wrong_unit_amount     text not null,
    wrong_personal_amount text not null,
    right_unit_amount     text not null,
    right_personal_amount text not null,
    reason                text not null,
    filing                text not null references filing (id),
    state                 text not null default 'accepted' check (state in ('accepted', 'settled')),
    primary key (unit, personal_account, month, filing)
) strict, without rowid;
