CREATE TABLE comparisons (
    id       TEXT PRIMARY KEY,
    revision INTEGER NOT NULL,       -- rises with every change
    saved_at TEXT NOT NULL,
    head     BLOB NOT NULL,          -- sealed JSON: what was decided
    body     BLOB NOT NULL           -- sealed JSON: the sheet and what it was found to say
) STRICT;
