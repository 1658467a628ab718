-- The numbers of every analysed frame, packed; see chunks.py for what a chunk holds.

CREATE TABLE run (
    id INTEGER PRIMARY KEY AUTOINCREMENT,  -- one for each start, since clocks begin anew with it
    started TEXT NOT NULL
);

CREATE TABLE chunk (
    id INTEGER PRIMARY KEY,
    run INTEGER NOT NULL REFERENCES run (id),
    camera TEXT NOT NULL,
    first_sequence INTEGER NOT NULL,   -- of its first frame in the order of adding, within the run
    earliest INTEGER NOT NULL,         -- milliseconds since 1970 by the wall clock, which may jump
    latest INTEGER NOT NULL,           -- in between; rounded outwards
    frames INTEGER NOT NULL,
    body BLOB NOT NULL
);
CREATE INDEX chunk_by_order ON chunk (camera, run, first_sequence);
CREATE INDEX chunk_by_time ON chunk (latest);
