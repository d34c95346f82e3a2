CREATE TABLE draft_sources (
    draft TEXT PRIMARY KEY REFERENCES drafts (id) ON DELETE CASCADE,
    body  BLOB NOT NULL              -- the workbook as it was imported, sealed
) STRICT;
