-- Version 11: ledgers by day, and what contributors took out of their accounts.

-- 提取: how much, and of which part, the ledger says.
create table personal_withdrawal (
    number           text primary key,          -- 业务流水号
    unit             text not null references unit (account),
    personal_account text not null,
    name             text not null,
    reason           text not null
) strict, without rowid;

create index personal_withdrawal_unit on personal_withdrawal (unit, number);
create trigger personal_withdrawal_unchanged before update on personal_withdrawal
begin select raise(abort, 'a withdrawal is kept'); end;
create trigger personal_withdrawal_stays before delete on personal_withdrawal
begin select raise(abort, 'a withdrawal is kept'); end;

-- What a column may hold cannot be changed in place.
create table entry_by_day (
    id         integer primary key,
    unit       text not null references unit (account),
    booked_at  text not null,
    booked_on  text not null,                   -- the day in China; ledgers go by it, then by id
    kind       text not null check (kind in ('opened', 'owed', 'revoked', 'received', 'allotted', 'corrected',
                                             'returned', 'withdrawn')),
    label      text not null,
    filing     text references filing (id),
    incoming   text references incoming (number),
    withdrawal text references personal_withdrawal (number)
) strict;
insert into entry_by_day (id, unit, booked_at, booked_on, kind, label, filing, incoming)
    select id, unit, booked_at, date(booked_at, '+8 hours'), kind, label, filing, incoming from entry;

-- withdrawn is where money goes that leaves a personal account for the person.
create table posting_by_day (
    entry            integer not null references entry_by_day (id),
    place            integer not null,
    unit             text not null references unit (account),
    account          text not null check (account in ('received', 'suspense', 'returned', 'due', 'pending',
                                                      'unit_part', 'personal_part', 'withdrawn')),
    personal_account text not null default '',
    fen              integer not null,          -- debit above zero, credit below
    primary key (entry, place),
    check ((personal_account <> '') = (account in ('unit_part', 'personal_part')))
) strict, without rowid;
insert into posting_by_day (entry, place, unit, account, personal_account, fen)
    select entry, place, unit, account, personal_account, fen from posting;

drop table posting;
drop table entry;
alter table entry_by_day rename to entry;
alter table posting_by_day rename to posting;

create index entry_unit on entry (unit, booked_on, id);
create index posting_account on posting (unit, account, fen);
create index posting_person on posting (personal_account) where personal_account <> '';

create trigger entry_stays before update on entry begin select raise(abort, 'an entry is kept'); end;
create trigger entry_kept before delete on entry begin select raise(abort, 'an entry is kept'); end;
create trigger posting_stays before update on posting begin select raise(abort, 'a posting is kept'); end;
create trigger posting_kept before delete on posting begin select raise(abort, 'a posting is kept'); end;
