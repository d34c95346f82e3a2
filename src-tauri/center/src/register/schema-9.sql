-- Version 9: what is taken back, and the roster version that a filing made.

alter table filing add column roster_version integer;   -- null for filings from before

create table withdrawal (
    filing text primary key references filing (id),
    bytes  blob not null,                       -- withdrawal.p7m as received
    at     text not null
) strict;

create trigger withdrawal_unchanged before update on withdrawal
begin select raise(abort, 'a withdrawal is kept as it came'); end;
create trigger withdrawal_stays before delete on withdrawal
begin select raise(abort, 'a withdrawal is kept'); end;
