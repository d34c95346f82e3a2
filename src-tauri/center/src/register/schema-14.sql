-- Version 14: refusals stand. A copy of a refused filing that arrives late must not be booked after its unit was told.

create table refusal (
    filing  text not null,
    sha256  text not null,                      -- of the file as received
    unit    text not null references unit (account),
    code    text not null,
    errors  text not null,                      -- the rows it is about, json
    at      text not null,
    primary key (filing, sha256)
) strict;

create trigger refusal_unchanged before update on refusal
begin select raise(abort, 'what was refused stays so'); end;
