-- The outbox and its history: a row is here before the first byte is sent.
CREATE TABLE filings (
    id           TEXT PRIMARY KEY,
    draft        TEXT,               -- the draft it was made from, gone since
    center       TEXT NOT NULL,
    unit_account TEXT NOT NULL,
    kind         TEXT NOT NULL,
    period       TEXT NOT NULL,
    sha256       TEXT NOT NULL,      -- of the filing file
    signed_at    TEXT NOT NULL,
    state        TEXT NOT NULL CHECK (state IN ('signed', 'submitting', 'unknown', 'answered', 'refused')),
    answer       TEXT,               -- the center's own state, once answered
    state_at     TEXT NOT NULL,
    trouble      BLOB,               -- sealed JSON
    head         BLOB NOT NULL,      -- sealed JSON
    file         BLOB NOT NULL,      -- sealed filing.p7m, byte for byte
    CHECK ((state = 'answered') = (answer IS NOT NULL))
) STRICT;

CREATE TABLE filing_events (
    seq    INTEGER PRIMARY KEY AUTOINCREMENT,
    filing TEXT NOT NULL REFERENCES filings (id),
    at     TEXT NOT NULL,
    code   TEXT NOT NULL,
    args   BLOB NOT NULL             -- sealed JSON
) STRICT;

CREATE INDEX filing_events_by_filing ON filing_events (filing, seq);
