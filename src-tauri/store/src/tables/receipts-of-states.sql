-- A filing has a receipt for each state that it went through; before, it had one.
CREATE TABLE receipts_of_states (
    seq          INTEGER PRIMARY KEY AUTOINCREMENT,
    filing       TEXT NOT NULL REFERENCES filings (id),
    unit_account TEXT NOT NULL,
    number       TEXT NOT NULL,      -- 业务流水号
    sha256       TEXT NOT NULL,      -- of the receipt file
    previous     TEXT,               -- sha256 of the unit's receipt before it
    kept_at      TEXT NOT NULL,
    file         BLOB NOT NULL,      -- sealed receipt.p7m, byte for byte
    UNIQUE (filing, sha256)
) STRICT;

INSERT INTO receipts_of_states (seq, filing, unit_account, number, sha256, previous, kept_at, file)
    SELECT seq, filing, unit_account, number, sha256, previous, kept_at, file FROM receipts;
DROP TABLE receipts;
ALTER TABLE receipts_of_states RENAME TO receipts;

CREATE INDEX receipts_by_unit ON receipts (unit_account, previous);
