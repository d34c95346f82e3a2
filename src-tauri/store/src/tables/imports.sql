CREATE TABLE imports (
    mark     BLOB PRIMARY KEY,       -- blind index of the file's SHA-256
    noted_at TEXT NOT NULL,
    note     BLOB NOT NULL           -- sealed JSON
) STRICT;

CREATE TABLE mappings (
    mark BLOB PRIMARY KEY,           -- blind index of the header's fingerprint
    body BLOB NOT NULL               -- sealed JSON
) STRICT;
