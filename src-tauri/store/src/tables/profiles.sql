CREATE TABLE profiles (
    code     TEXT PRIMARY KEY,
    saved_at TEXT NOT NULL,
    body     BLOB NOT NULL           -- sealed JSON
) STRICT;

ALTER TABLE mappings ADD COLUMN named BLOB; -- sealed JSON: the fingerprint itself, so that it can travel
