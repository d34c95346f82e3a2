-- Proves the key before anything else is read.
CREATE TABLE canary (
    id          INTEGER PRIMARY KEY CHECK (id = 1),
    fingerprint BLOB NOT NULL,
    sealed      BLOB NOT NULL
) STRICT;
