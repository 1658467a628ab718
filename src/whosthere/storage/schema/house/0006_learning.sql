-- What people were asked about, what was measured of each incident, and what was learnt from tags.

CREATE TABLE pick (
    incident_id TEXT PRIMARY KEY,      -- so nobody is asked twice
    camera TEXT NOT NULL,
    at TEXT NOT NULL,                  -- when people were asked
    kind TEXT NOT NULL,
    chance REAL NOT NULL,              -- that it was picked
    why TEXT NOT NULL
);
CREATE INDEX pick_by_time ON pick (at);

CREATE TABLE numbers (                 -- of an incident that is over
    incident_id TEXT PRIMARY KEY,
    version INTEGER NOT NULL,          -- of what is measured
    body TEXT NOT NULL                 -- JSON
);

CREATE TABLE example (                 -- a tagged picture with its numbers; made from the tag
    incident_id TEXT PRIMARY KEY,
    tag_id INTEGER NOT NULL,           -- the last one it knows; a later tag makes it anew
    version INTEGER NOT NULL,
    at TEXT NOT NULL,                  -- of what it shows
    camera TEXT NOT NULL,
    body TEXT NOT NULL                 -- JSON
);
CREATE INDEX example_by_time ON example (at);
