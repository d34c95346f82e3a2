-- Version 15: whoever comes back after his account in a unit was closed is given a new one there: only one that is not
-- closed excludes another. The new table is the old one but for that.

create table contributor_anew (
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
    mobile           text not null default '',
    bank_name        text not null default '',
    bank_card        text not null default '',
    earlier          text not null default '[]', -- Vec<Earlier> as JSON, verified months too
    changes          text not null default '{}', -- Changes as JSON
    primary key (unit, personal_account)
) strict, without rowid;

insert into contributor_anew
    select unit, personal_account, position, name, id_type, id_number, status, base, unit_amount, personal_amount,
           version, mobile, bank_name, bank_card, earlier, changes
    from contributor;
drop table contributor;
alter table contributor_anew rename to contributor;
create index contributor_id on contributor (id_number);
create unique index contributor_open on contributor (unit, id_number)
    where status not in ('closed_by_merger', 'closed_by_transfer', 'closed_by_withdrawal');
