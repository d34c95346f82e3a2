-- What approvers signed. The filing itself may be on another computer.
CREATE TABLE verdicts (
    filing       TEXT PRIMARY KEY,
    center       TEXT NOT NULL,
    unit_account TEXT NOT NULL,
    approved     INTEGER NOT NULL,   -- the file with both signatures; otherwise the signed rejection
    open         INTEGER NOT NULL,   -- a row is here before the first byte is sent, open until there is an answer
    signed_at    TEXT NOT NULL,
    sha256       TEXT NOT NULL,      -- of the file
    head         BLOB NOT NULL,      -- sealed JSON
    file         BLOB NOT NULL       -- sealed, byte for byte
) STRICT;
