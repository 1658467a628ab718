-- What people set beside the mode, who changed what, and who answered an alert.

ALTER TABLE arm_state ADD COLUMN until TEXT;       -- set for a time: from then on "after_until"
ALTER TABLE arm_state ADD COLUMN after_until TEXT; -- mode
ALTER TABLE alert ADD COLUMN urgency TEXT NOT NULL DEFAULT 'usual';
ALTER TABLE tag ADD COLUMN origin TEXT NOT NULL DEFAULT '';

CREATE TABLE controls (                -- the last one counts; the earlier ones explain decisions
    id INTEGER PRIMARY KEY,
    since TEXT,
    body TEXT NOT NULL                 -- JSON
);

CREATE TABLE audit (
    id INTEGER PRIMARY KEY,
    at TEXT NOT NULL,
    who TEXT NOT NULL,
    origin TEXT NOT NULL,              -- the way they asked
    what TEXT NOT NULL,
    done INTEGER NOT NULL              -- 0: refused
);
CREATE INDEX audit_by_time ON audit (at);

CREATE TABLE reaction (
    id INTEGER PRIMARY KEY,
    alert_id TEXT,                     -- none: all alerts of that time
    by TEXT NOT NULL,
    at TEXT NOT NULL,
    what TEXT NOT NULL,
    origin TEXT NOT NULL
);
CREATE INDEX reaction_by_alert ON reaction (alert_id);

CREATE TABLE question (                -- what people on this machine ask of the running program
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    text TEXT NOT NULL,
    who TEXT NOT NULL,
    at TEXT NOT NULL,
    answer TEXT,
    file TEXT,                         -- below the data folder
    refused INTEGER,
    answered TEXT                      -- when
);
