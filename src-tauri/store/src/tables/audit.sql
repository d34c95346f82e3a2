-- Who did what when. Each hash takes in the one before it: nothing can be changed or taken out unseen.
CREATE TABLE audit (
    seq   INTEGER PRIMARY KEY,       -- from 1, without a gap
    event BLOB NOT NULL,             -- sealed JSON; its bytes are what was hashed
    hash  BLOB NOT NULL              -- SHA-256 (hash before ‖ event)
) STRICT;

CREATE TRIGGER audit_is_never_changed BEFORE UPDATE ON audit BEGIN
    SELECT RAISE (ABORT, 'the log of operations is only added to');
END;

CREATE TRIGGER audit_is_never_deleted BEFORE DELETE ON audit BEGIN
    SELECT RAISE (ABORT, 'the log of operations is only added to');
END;
