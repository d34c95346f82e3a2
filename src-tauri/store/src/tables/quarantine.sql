-- Receipts that were not believed, as they came: never taken for receipts, kept for whoever looks into it.
CREATE TABLE quarantine (
    seq    INTEGER PRIMARY KEY,
    filing TEXT NOT NULL,            -- that was asked for
    at     TEXT NOT NULL,
    code   TEXT NOT NULL,            -- why it was not believed
    sha256 TEXT NOT NULL,            -- of the file
    file   BLOB NOT NULL,            -- sealed, byte for byte
    UNIQUE (filing, sha256)
) STRICT;
