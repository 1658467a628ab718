-- What people care about: incidents, alerts, tags, modes, policies, and what is yet to be told.
-- Moments are text in UTC with six decimals, so that they sort and can be read.

CREATE TABLE incident (
    id TEXT PRIMARY KEY,
    camera TEXT NOT NULL,
    first_motion TEXT NOT NULL,
    started TEXT NOT NULL,
    started_clock REAL NOT NULL,
    last_seen TEXT NOT NULL,
    last_seen_clock REAL NOT NULL,
    labels TEXT NOT NULL,              -- JSON: label to best confidence
    area REAL NOT NULL,
    zones TEXT NOT NULL,               -- JSON: list
    best_score REAL NOT NULL,
    alert_id TEXT,
    alerted_at TEXT,
    evidence TEXT,
    decision TEXT,                     -- JSON, with its gates
    ended TEXT,
    picture TEXT,                      -- files, below the data folder
    picture_with_boxes TEXT,
    recording TEXT,
    preview TEXT,
    interrupted INTEGER NOT NULL DEFAULT 0  -- closed at the next start, since the program had died
);
CREATE INDEX incident_by_time ON incident (started);
CREATE INDEX incident_by_camera ON incident (camera, started);
CREATE INDEX incident_open ON incident (id) WHERE ended IS NULL;

CREATE TABLE alert (
    id TEXT NOT NULL,
    revision INTEGER NOT NULL,
    news TEXT NOT NULL,
    kind TEXT NOT NULL,
    camera TEXT NOT NULL,
    at TEXT NOT NULL,
    confidence REAL NOT NULL,
    labels TEXT NOT NULL,
    mode TEXT NOT NULL,
    incident_ids TEXT NOT NULL,        -- JSON: list
    detail TEXT NOT NULL,
    file TEXT,
    PRIMARY KEY (id, revision)
);
CREATE INDEX alert_by_time ON alert (at);

CREATE TABLE outbox (
    id INTEGER PRIMARY KEY,
    messenger TEXT NOT NULL,
    alert_id TEXT NOT NULL,
    revision INTEGER NOT NULL,
    key TEXT NOT NULL UNIQUE,          -- the same at every attempt
    state TEXT NOT NULL,               -- waiting, sending, sent, failed
    attempts INTEGER NOT NULL,
    queued TEXT NOT NULL,
    not_before TEXT,
    finished TEXT,
    why TEXT,                          -- of the last failure
    FOREIGN KEY (alert_id, revision) REFERENCES alert (id, revision) ON DELETE CASCADE
);
CREATE INDEX outbox_by_alert ON outbox (alert_id, revision);
CREATE INDEX outbox_unfinished ON outbox (id) WHERE state IN ('waiting', 'sending');

CREATE TABLE tag (
    id INTEGER PRIMARY KEY,            -- the latest counts, by this number and not by the clock
    incident_id TEXT NOT NULL,
    answer TEXT NOT NULL,
    by TEXT NOT NULL,
    at TEXT NOT NULL
);
CREATE INDEX tag_by_incident ON tag (incident_id);

CREATE TABLE arm_state (
    id INTEGER PRIMARY KEY,
    mode TEXT NOT NULL,
    since TEXT NOT NULL,
    reason TEXT NOT NULL,
    by_hand INTEGER NOT NULL
);

CREATE TABLE policy (
    version INTEGER PRIMARY KEY,
    numbers TEXT NOT NULL,             -- JSON
    author TEXT NOT NULL,
    reason TEXT NOT NULL,
    at TEXT NOT NULL
);

CREATE TABLE request (                 -- what other processes ask of the running program
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    mode TEXT NOT NULL,
    by TEXT NOT NULL,
    at TEXT NOT NULL
);
