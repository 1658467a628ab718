-- All that the house hears stands in its order: chunks without a camera hold what is no sighting.

CREATE TABLE rules (
    id INTEGER PRIMARY KEY,
    body TEXT NOT NULL UNIQUE          -- JSON: the policy that was used
);

CREATE TABLE note (                    -- what the house was like now and then, to begin there
    run INTEGER NOT NULL REFERENCES run (id),
    sequence INTEGER NOT NULL,         -- of the message that came next
    at INTEGER NOT NULL,               -- milliseconds since 1970
    begins INTEGER NOT NULL,           -- 1: a start, or other rules than before
    rules INTEGER NOT NULL REFERENCES rules (id),
    body BLOB NOT NULL,                -- zlib of JSON
    PRIMARY KEY (run, sequence)
) WITHOUT ROWID;
CREATE INDEX note_by_time ON note (at);
