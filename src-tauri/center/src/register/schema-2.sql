-- Version 2: contributors' contact data, people who come and go between units, the unit's own data.

alter table contributor add column mobile text not null default '';
alter table contributor add column bank_name text not null default '';
alter table contributor add column bank_card text not null default '';

-- A history that outlives the account's place in a unit.
create table contributor_past (
    unit             text not null,
    personal_account text not null,
    version          integer not null,          -- the version whose values these are
    person           text not null,             -- Contributor as JSON
    replaced_by      text not null references filing (id),
    primary key (unit, personal_account, version)
) strict, without rowid;

insert into contributor_past (unit, personal_account, version, person, replaced_by)
    select h.unit, h.personal_account, h.version,
           json_object('personal_account', h.personal_account, 'name', c.name, 'id_type', c.id_type,
                       'id_number', c.id_number, 'status', h.status, 'base', h.base,
                       'amounts', json_object('unit_amount', h.unit_amount, 'personal_amount', h.personal_amount)),
           h.replaced_by
    from contributor_history h
    join contributor c on c.unit = h.unit and c.personal_account = h.personal_account;
drop table contributor_history;

-- Accounts that a unit gave away: a filing against an older roster may still name them.
create table departure (
    unit             text not null references unit (account),
    personal_account text not null,
    id_number        text not null,
    version          integer not null,          -- roster version without the person
    primary key (unit, personal_account, version)
) strict, without rowid;

-- 集中封存户: accounts that wait, sealed, for a unit to take them in.
create table held (
    personal_account text primary key,
    person           text not null,             -- Contributor as JSON
    id_number        text not null,
    filing           text references filing (id)  -- that gave it away
) strict, without rowid;

create index held_id on held (id_number);
create index contributor_id on contributor (id_number);

-- One counter for personal accounts: a number is never given twice.
create table account_counter (
    one  integer primary key check (one = 1),
    last integer not null
) strict;
