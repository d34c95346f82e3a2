-- Version 7: a receipt for each state that a filing goes through, and events that tell of them.

create table receipt_of_state (
    filing   text not null references filing (id),
    unit     text not null references unit (account),
    place    integer not null,                  -- 1, 2, 3 … within the unit
    bytes    blob not null,
    sha256   text not null,
    previous text,                              -- sha256 of the receipt before; null for the first
    unique (unit, place),
    unique (filing, place)
) strict;
insert into receipt_of_state (filing, unit, place, bytes, sha256, previous)
    select filing, unit, place, bytes, sha256, previous from receipt order by unit, place;
drop table receipt;
alter table receipt_of_state rename to receipt;

create trigger receipt_unchanged before update on receipt
begin select raise(abort, 'a receipt is kept as it was signed'); end;
create trigger receipt_stays before delete on receipt
begin select raise(abort, 'a receipt is kept'); end;

-- What moved in a unit's books, in the order it happened; clients are told by it and then ask.
create table event (
    number integer primary key autoincrement,
    unit   text not null references unit (account),
    about  text not null,
    filing text references filing (id),
    state  text,                                -- of the filing, after it
    at     text not null
) strict;

create index event_of_unit on event (unit, number);
