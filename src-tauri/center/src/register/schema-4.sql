-- Version 4: the unit's own data (经办人 and how to reach him), and what a unit was before a filing changed it.

alter table unit add column details text not null default '{}';   -- item → text, as JSON

create table unit_past (
    unit        text not null references unit (account),
    version     integer not null,               -- the roster version that these values ended with
    data        text not null,                  -- Unit as JSON
    replaced_by text not null references filing (id),
    primary key (unit, version)
) strict, without rowid;
