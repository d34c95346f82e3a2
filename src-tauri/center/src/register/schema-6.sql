-- Version 6: months, what is owed, money and where it went. The ledger counts in fen, so that SQL sums exactly.

alter table contributor add column earlier text not null default '[]';   -- Vec<Earlier> as JSON, verified months too

-- Something a unit owes: a verified month, spans of the past, months that were posted too low.
create table due (
    id              integer primary key,
    unit            text not null references unit (account),
    pays            text not null,              -- PaidDue as JSON
    kind            text not null,
    filing          text references filing (id), -- null for months from before these books
    people          integer not null,
    unit_amount     text not null,
    personal_amount text not null,
    state           text not null default 'open' check (state in ('open', 'paid', 'void')),
    paid_on         text,
    paid_by         text references filing (id)
) strict;

create unique index due_once on due (unit, pays) where state <> 'void';
create trigger due_paid_once before update on due when old.state <> 'open'
begin select raise(abort, 'a due is paid once'); end;

create table month (
    unit           text not null references unit (account),
    month          text not null,
    due            integer not null references due (id),
    filing         text references filing (id),
    roster_version integer not null,
    figures        text not null,               -- MonthFigures as JSON
    primary key (unit, month)
) strict, without rowid;

-- The frozen list: gone only with the whole month, while that is not paid.
create table month_line (
    unit             text not null,
    month            text not null,
    place            integer not null,
    personal_account text not null,
    name             text not null,
    id_number        text not null,
    base             text not null,
    unit_amount      text not null,
    personal_amount  text not null,
    primary key (unit, month, place),
    foreign key (unit, month) references month (unit, month)
) strict, without rowid;

create trigger month_line_frozen before update on month_line
begin select raise(abort, 'a verified list is frozen'); end;
create trigger month_line_paid before delete on month_line
when (select d.state from month m join due d on d.id = m.due where m.unit = old.unit and m.month = old.month) = 'paid'
begin select raise(abort, 'a paid list is kept'); end;

-- 缴款单
create table payment_order (
    number          text primary key references filing (number),
    filing          text not null unique references filing (id),
    unit            text not null references unit (account),
    method          text not null,
    people          integer not null,
    unit_amount     text not null,
    personal_amount text not null,
    code            text not null,              -- what the bank remark must hold
    state           text not null check (state in ('awaiting', 'debiting', 'paid', 'failed', 'withdrawn')),
    reason          text not null default '',
    ordered_at      text not null,
    settled_on      text,
    received        text not null default '0.00'
) strict, without rowid;

create index payment_order_unit on payment_order (unit, number);
create trigger payment_order_ends_once before update of state on payment_order
when old.state in ('paid', 'failed', 'withdrawn')
begin select raise(abort, 'an order ends once'); end;

create table payment_due (
    number text not null references payment_order (number),
    place  integer not null,
    due    integer not null references due (id),
    primary key (number, place),
    unique (number, due)
) strict, without rowid;

-- Every credit of the collection account.
create table incoming (
    number        text primary key,             -- 到账流水号
    unit          text not null references unit (account),
    received_on   text not null,
    amount        text not null,
    remark        text not null,
    payer         text not null,
    payer_account text not null,
    state         text not null check (state in ('matched', 'unprocessed', 'claimed', 'returning', 'returned')),
    reason        text not null default '',     -- why it fits no order
    filing        text references filing (id)   -- the payment it settled, or the claim
) strict, without rowid;

create index incoming_unit on incoming (unit, state);

-- What the bank has been told and has not done yet; done on its day.
create table bank_instruction (
    id            integer primary key,
    unit          text not null references unit (account),
    kind          text not null check (kind in ('transfer', 'debit', 'return')),
    due_on        text not null,
    amount        text not null,
    remark        text not null default '',
    payer         text not null default '',
    payer_account text not null default '',
    payment       text references payment_order (number),
    incoming      text references incoming (number),
    claim         text references filing (id),
    done_on       text,
    answer        text not null default ''      -- the bank's words where it refused
) strict;

create index bank_instruction_open on bank_instruction (due_on) where done_on is null;

-- 委托收款协议, and what the bank will say to the next debit; empty where it pays.
create table debit_agreement (
    unit     text primary key references unit (account),
    last_day text,
    answer   text not null default ''
) strict, without rowid;

-- Double entries: the postings of an entry sum to zero, debits above. Nothing is ever altered or taken out.
create table entry (
    id        integer primary key,
    unit      text not null references unit (account),
    booked_at text not null,
    kind      text not null check (kind in ('opened', 'owed', 'revoked', 'received', 'allotted', 'corrected', 'returned')),
    label     text not null,
    filing    text references filing (id),
    incoming  text references incoming (number)
) strict;

create index entry_unit on entry (unit, id);

-- received, suspense, allotted and returned are money; due and pending stand against each other until a due is paid.
-- allotted carries the contributor, and which part of his contribution it is.
create table posting (
    entry            integer not null references entry (id),
    place            integer not null,
    unit             text not null references unit (account),
    account          text not null check (account in ('received', 'suspense', 'returned', 'due', 'pending',
                                                      'unit_part', 'personal_part')),
    personal_account text not null default '',
    fen              integer not null,          -- debit above zero, credit below
    primary key (entry, place),
    check ((personal_account <> '') = (account in ('unit_part', 'personal_part')))
) strict, without rowid;

create index posting_account on posting (unit, account, fen);
create index posting_person on posting (personal_account) where personal_account <> '';

create trigger entry_stays before update on entry begin select raise(abort, 'an entry is kept'); end;
create trigger entry_kept before delete on entry begin select raise(abort, 'an entry is kept'); end;
create trigger posting_stays before update on posting begin select raise(abort, 'a posting is kept'); end;
create trigger posting_kept before delete on posting begin select raise(abort, 'a posting is kept'); end;

-- The suspense balance is what the ledger says.
insert into entry (unit, booked_at, kind, label)
    select account, strftime('%Y-%m-%dT%H:%M:%S+00:00', 'now'), 'opened', '期初余额' from unit where suspense_balance <> '0.00';
insert into posting (entry, place, unit, account, fen)
    select e.id, 0, u.account, 'received', cast(replace(u.suspense_balance, '.', '') as integer)
    from entry e join unit u on u.account = e.unit;
insert into posting (entry, place, unit, account, fen)
    select e.id, 1, u.account, 'suspense', -cast(replace(u.suspense_balance, '.', '') as integer)
    from entry e join unit u on u.account = e.unit;
alter table unit drop column suspense_balance;
