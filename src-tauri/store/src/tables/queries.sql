CREATE TABLE queries (
    unit_account TEXT NOT NULL,
    asked        BLOB NOT NULL,      -- blind index of what was asked: it may name a person
    taken_at     TEXT NOT NULL,
    body         BLOB NOT NULL,      -- sealed JSON
    PRIMARY KEY (unit_account, asked)
) STRICT;
