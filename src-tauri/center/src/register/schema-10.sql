-- Version 10: what officers decide, and what was granted.

-- What becomes of filings of a kind when they come in; a kind without a row has the rule of the program.
create table review_rule (
    kind text primary key,
    rule text not null                          -- ReviewRule as JSON
) strict, without rowid;

-- 缓缴 and lower ratios whose application was accepted.
create table deferral (
    filing         text primary key references filing (id),
    unit           text not null references unit (account),
    asked          text not null,
    from_month     text not null,
    to_month       text not null,
    unit_ratio     text not null,               -- what holds again after the term
    personal_ratio text not null,
    status         text not null,               -- of the unit, likewise
    ended_on       text
) strict, without rowid;

create index filing_in_review on filing (number) where state = 'in_review';
create unique index deferral_runs on deferral (unit) where ended_on is null;
