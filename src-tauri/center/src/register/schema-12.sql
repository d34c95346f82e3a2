-- Version 12: approval by a second person.

alter table unit add column single_operator integer not null default 0;   -- its clerk files alone

create table verdict (
    filing   text primary key references filing (id),
    approved integer not null,
    bytes    blob not null,                     -- the countersigned filing.p7m, or the rejection, as received
    sha256   text not null,
    at       text not null
) strict;

create trigger verdict_unchanged before update on verdict
begin select raise(abort, 'what an approver signed is kept as it came'); end;
create trigger verdict_stays before delete on verdict
begin select raise(abort, 'what an approver signed is kept'); end;
