-- Since when somebody is seen to have left a unit: centers say it for some time only.
CREATE TABLE departures (
    unit_account TEXT NOT NULL,
    mark         BLOB NOT NULL,      -- blind index of his account
    since        TEXT NOT NULL,      -- month, YYYY-MM
    PRIMARY KEY (unit_account, mark)
) STRICT;

-- Who left before this month is erased from the unit's roster, and is not kept again when the center gives it anew.
CREATE TABLE erasures (
    unit_account TEXT PRIMARY KEY,
    left_before  TEXT NOT NULL       -- month, YYYY-MM
) STRICT;
