CREATE TABLE drafts (
    id       TEXT PRIMARY KEY,
    revision INTEGER NOT NULL,       -- rises with every change
    cursor   INTEGER NOT NULL,       -- steps that are in force; later ones are undone
    saved_at TEXT NOT NULL,
    head     BLOB NOT NULL           -- sealed JSON
) STRICT;

CREATE TABLE draft_pages (
    draft TEXT NOT NULL REFERENCES drafts (id) ON DELETE CASCADE,
    page  INTEGER NOT NULL,
    body  BLOB NOT NULL,             -- sealed JSON
    PRIMARY KEY (draft, page)
) STRICT;

CREATE TABLE draft_steps (
    draft TEXT NOT NULL REFERENCES drafts (id) ON DELETE CASCADE,
    seq   INTEGER NOT NULL,          -- from 1
    body  BLOB NOT NULL,             -- sealed JSON
    PRIMARY KEY (draft, seq)
) STRICT;
