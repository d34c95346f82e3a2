CREATE TABLE draft_attachments (
    draft TEXT NOT NULL REFERENCES drafts (id) ON DELETE CASCADE,
    place INTEGER NOT NULL,          -- as the draft's head names it
    body  BLOB NOT NULL,             -- the file as it was added, sealed
    PRIMARY KEY (draft, place)
) STRICT;
