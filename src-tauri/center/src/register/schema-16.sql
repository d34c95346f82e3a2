-- Version 16: roles that were ended. Whoever had one is told so, and not that there is nothing of the kind.

create table role_ended (
    unit     text not null references unit (account),
    operator integer not null references operator (id),
    role     text not null check (role in ('clerk', 'approver', 'viewer')),
    primary key (unit, operator, role)
) strict, without rowid;
