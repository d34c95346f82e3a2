CREATE TABLE receipts (
    seq          INTEGER PRIMARY KEY AUTOINCREMENT,
    filing       TEXT NOT NULL UNIQUE REFERENCES filings (id),
    unit_account TEXT NOT NULL,
    number       TEXT NOT NULL,      -- 业务流水号
    sha256       TEXT NOT NULL,      -- of the receipt file
    previous     TEXT,               -- sha256 of the unit's receipt before it
    kept_at      TEXT NOT NULL,
    file         BLOB NOT NULL       -- sealed receipt.p7m, byte for byte
) STRICT;

CREATE INDEX receipts_by_unit ON receipts (unit_account, previous);
