CREATE TABLE books (
    unit_account TEXT PRIMARY KEY,
    taken_at     TEXT NOT NULL,
    body         BLOB NOT NULL       -- sealed JSON
) STRICT;
