CREATE TABLE settings (
    name TEXT PRIMARY KEY,
    body BLOB NOT NULL               -- sealed JSON
) STRICT;
