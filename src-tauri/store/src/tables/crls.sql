-- Revocation lists of the centers, and which one was the newest when a receipt was kept. They are public.
CREATE TABLE crls (
    seq          INTEGER PRIMARY KEY AUTOINCREMENT,
    unit_account TEXT NOT NULL,
    taken_at     TEXT NOT NULL,
    der          BLOB NOT NULL       -- as it came
) STRICT;

ALTER TABLE receipts ADD COLUMN crl INTEGER REFERENCES crls (seq);
