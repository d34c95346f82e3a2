-- Version 1. Money and ratios are decimal text as on the wire; times RFC 3339; months YYYY-MM.

create table center (
    one     integer primary key check (one = 1),
    profile text not null                       -- CenterProfile as JSON
) strict;

create table unit (
    account          text primary key,
    credit_code      text not null,
    name             text not null,
    status           text not null,
    unit_ratio       text not null,
    personal_ratio   text not null,
    paid_through     text not null,
    first_unverified text not null,
    suspense_balance text not null,
    roster_version   integer not null
) strict;

create table contributor (
    unit             text not null references unit (account),
    personal_account text not null,
    position         integer not null,          -- order in the roster
    name             text not null,
    id_type          text not null,
    id_number        text not null,
    status           text not null,
    base             text not null,
    unit_amount      text not null,
    personal_amount  text not null,
    version          integer not null,          -- roster version that changed this person last
    primary key (unit, personal_account),
    unique (unit, id_number)
) strict, without rowid;

-- What a person was before a filing changed it: one row per change.
create table contributor_history (
    unit             text not null,
    personal_account text not null,
    version          integer not null,          -- the version whose values these are
    base             text not null,
    unit_amount      text not null,
    personal_amount  text not null,
    status           text not null,
    replaced_by      text not null references filing (id),
    primary key (unit, personal_account, version),
    foreign key (unit, personal_account) references contributor (unit, personal_account)
) strict, without rowid;

create table operator (
    id   integer primary key,
    name text not null
) strict;

create table certificate (
    sha256     text primary key,                -- lower-case hex
    operator   integer not null references operator (id),
    revoked_at text
) strict, without rowid;

create table role (
    unit     text not null references unit (account),
    operator integer not null references operator (id),
    role     text not null check (role in ('clerk', 'approver', 'viewer')),
    primary key (unit, operator, role)
) strict, without rowid;

create table filing (
    id          text primary key,
    unit        text not null references unit (account),
    kind        text not null,
    period      text not null,
    state       text not null,
    number      text not null unique,           -- 业务流水号
    bytes       blob not null,                  -- filing.p7m as received
    sha256      text not null,
    accepted_at text not null,
    operator    integer not null references operator (id)
) strict;

create index filing_of_unit on filing (unit, number);

create table receipt (
    filing   text primary key references filing (id),
    unit     text not null references unit (account),
    place    integer not null,                  -- 1, 2, 3 … within the unit
    bytes    blob not null,
    sha256   text not null,
    previous text,                              -- sha256 of the receipt before; null for the first
    unique (unit, place)
) strict;

create table sequence (
    day  text primary key,                      -- YYYYMMDD
    last integer not null
) strict, without rowid;

-- Evidence is never altered, whatever the code above does.
create trigger filing_bytes_stay before update of id, unit, kind, period, number, bytes, sha256 on filing
begin select raise(abort, 'a filing is kept as it came'); end;
create trigger filing_stays before delete on filing
begin select raise(abort, 'a filing is kept'); end;
create trigger receipt_unchanged before update on receipt
begin select raise(abort, 'a receipt is kept as it was signed'); end;
create trigger receipt_stays before delete on receipt
begin select raise(abort, 'a receipt is kept'); end;
