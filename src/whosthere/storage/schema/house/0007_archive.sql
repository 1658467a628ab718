-- Which files are yet to be copied to the archive. A file is queued in the transaction that
-- remembers it, by the triggers below, so that nothing is forgotten however the program ends.

CREATE TABLE archive (
    name TEXT PRIMARY KEY,             -- below the data folder
    kind TEXT NOT NULL,                -- pictures, clips, examples, ledger, database
    camera TEXT,
    incident_id TEXT,
    at TEXT NOT NULL,                  -- of what it shows
    state TEXT NOT NULL DEFAULT 'waiting',  -- waiting, done, gone: the file was not there any more
    queued TEXT NOT NULL,
    key TEXT,                          -- in the archive
    size INTEGER,
    changed INTEGER,                   -- the file's own time in nanoseconds, when it was sent
    sha256 TEXT,
    upload TEXT,                       -- what a later attempt needs to go on from there
    attempts INTEGER NOT NULL DEFAULT 0,
    next_try TEXT,
    why TEXT,                          -- of the last failure
    finished TEXT,                     -- when a copy was last known to be there
    looked INTEGER NOT NULL DEFAULT 1, -- 0: done, but it may have changed since
    here INTEGER NOT NULL DEFAULT 1    -- 0: deleted here, since there is a copy
);
CREATE INDEX archive_waiting ON archive (at) WHERE state = 'waiting';
CREATE INDEX archive_by_incident ON archive (incident_id);
CREATE INDEX archive_unlooked ON archive (name) WHERE looked = 0;

CREATE TABLE archive_wish (            -- one row while there is an archive
    id INTEGER PRIMARY KEY CHECK (id = 1),
    place TEXT NOT NULL,               -- which archive the states are about
    kinds TEXT NOT NULL                -- JSON: list
);

CREATE TRIGGER archive_new_incident AFTER INSERT ON incident BEGIN
    INSERT INTO archive (name, kind, camera, incident_id, at, queued)
    SELECT f.name, f.kind, NEW.camera, NEW.id, NEW.started,
        strftime('%Y-%m-%dT%H:%M:%f', 'now') || '000+00:00'
    FROM (SELECT NEW.picture AS name, 'pictures' AS kind
        UNION ALL SELECT NEW.picture_with_boxes, 'pictures'
        UNION ALL SELECT NEW.recording, 'clips') f
    WHERE f.name IS NOT NULL
        AND f.kind IN (SELECT value FROM json_each((SELECT kinds FROM archive_wish)))
    ON CONFLICT (name) DO UPDATE SET looked = 0, here = 1,
        state = iif(state = 'gone', 'waiting', state);
END;

CREATE TRIGGER archive_known_incident
AFTER UPDATE OF picture, picture_with_boxes, recording ON incident BEGIN
    INSERT INTO archive (name, kind, camera, incident_id, at, queued)
    SELECT f.name, f.kind, NEW.camera, NEW.id, NEW.started,
        strftime('%Y-%m-%dT%H:%M:%f', 'now') || '000+00:00'
    FROM (SELECT NEW.picture AS name, 'pictures' AS kind
        UNION ALL SELECT NEW.picture_with_boxes, 'pictures'
        UNION ALL SELECT NEW.recording, 'clips') f
    WHERE f.name IS NOT NULL
        AND f.kind IN (SELECT value FROM json_each((SELECT kinds FROM archive_wish)))
    ON CONFLICT (name) DO UPDATE SET looked = 0, here = 1,
        state = iif(state = 'gone', 'waiting', state);
END;
