-- Numbers that are proposed, those that are tried in the shadow, and where those in use come from.

ALTER TABLE policy ADD COLUMN tuned TEXT NOT NULL DEFAULT '{}';  -- camera, number: [said, used]
ALTER TABLE policy ADD COLUMN repeats INTEGER;  -- the version that people went back to

CREATE TABLE proposal (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at TEXT NOT NULL,
    numbers TEXT NOT NULL,             -- JSON: the whole policy
    base INTEGER NOT NULL,             -- version that it was compared with
    tags INTEGER NOT NULL,             -- that it rests on
    words TEXT NOT NULL,               -- what people are told, in lines
    figures TEXT NOT NULL,             -- JSON
    state TEXT NOT NULL,               -- new, told, used, left, outdated
    settled TEXT,
    by TEXT
);

CREATE TABLE shadow (                  -- one row while something is tried
    id INTEGER PRIMARY KEY CHECK (id = 1),
    name TEXT NOT NULL,
    numbers TEXT NOT NULL,             -- JSON: the whole policy
    since TEXT NOT NULL
);

CREATE TABLE shadow_difference (       -- what the shadow would have told, or kept quiet about
    incident_id TEXT NOT NULL,
    name TEXT NOT NULL,                -- of the policy that was tried
    camera TEXT NOT NULL,
    at TEXT NOT NULL,
    told INTEGER NOT NULL,             -- whether people were told
    shadow INTEGER NOT NULL,           -- whether the shadow would have told them
    PRIMARY KEY (incident_id, name)
);
CREATE INDEX shadow_difference_by_time ON shadow_difference (at);
