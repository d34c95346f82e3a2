-- Version 13: certificates come by an activation code or a renewal, and go before their time.

alter table certificate add column der blob;               -- absent where the register was told the hash alone
alter table certificate add column revoked_because text;   -- RevocationReason

create table activation (
    reference   text primary key,          -- the code's first part: names it, proves nothing
    code_sha256 text not null,
    unit        text not null references unit (account),
    name        text not null,             -- 姓名
    role        text not null check (role in ('clerk', 'approver', 'viewer')),
    days        integer not null,          -- how long the certificate will hold
    expires_at  text not null,
    wrong       integer not null default 0 -- tries
) strict, without rowid;

-- What was asked for and given: the same request is answered with the same certificate.
create table request (
    sha256      text primary key,          -- of the request, DER
    certificate text not null references certificate (sha256),
    unit        text not null references unit (account),
    activation  text references activation (reference)   -- absent where the old key asked
) strict, without rowid;
