-- Times in which a camera showed nothing, whatever the reason; open while `until` is NULL.
CREATE TABLE blind_spot (
    camera TEXT NOT NULL,
    since TEXT NOT NULL,
    until TEXT,
    why TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (camera, since)
) WITHOUT ROWID;
CREATE INDEX blind_spot_until ON blind_spot (until);

-- When each camera last showed something, so that a start knows for how long nobody looked.
CREATE TABLE camera_seen (
    camera TEXT PRIMARY KEY,
    at TEXT NOT NULL,
    boot TEXT NOT NULL DEFAULT '',   -- of the machine, which a power cut changes
    stopped INTEGER NOT NULL DEFAULT 0 -- people stopped the program
) WITHOUT ROWID;
