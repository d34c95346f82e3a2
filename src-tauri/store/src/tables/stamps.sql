-- Timestamps of filings: a third party's word on when a filing was there.
CREATE TABLE stamps (
    filing TEXT PRIMARY KEY REFERENCES filings (id),
    answer BLOB NOT NULL             -- sealed, as the server gave it
) STRICT;
