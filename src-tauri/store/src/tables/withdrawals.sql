-- Signed withdrawals whose outcome is open: a row is here before the first byte is sent.
CREATE TABLE withdrawals (
    filing    TEXT PRIMARY KEY REFERENCES filings (id),
    signed_at TEXT NOT NULL,
    file      BLOB NOT NULL            -- sealed withdrawal.p7m, byte for byte
) STRICT;
