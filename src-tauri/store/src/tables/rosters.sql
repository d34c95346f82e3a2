CREATE TABLE rosters (
    unit_account TEXT PRIMARY KEY,
    version      INTEGER NOT NULL,
    taken_at     TEXT NOT NULL,
    body         BLOB NOT NULL       -- sealed JSON
) STRICT;

CREATE TABLE units (
    account  TEXT PRIMARY KEY,
    taken_at TEXT NOT NULL,
    body     BLOB NOT NULL           -- sealed JSON
) STRICT;
