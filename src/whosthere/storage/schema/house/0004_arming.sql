-- What the house is in the middle of, by what it was armed, and moments that are announced.

ALTER TABLE arm_state ADD COLUMN source TEXT NOT NULL DEFAULT 'start';
ALTER TABLE arm_state ADD COLUMN evidence TEXT NOT NULL DEFAULT '[]'; -- JSON: list of lines
ALTER TABLE arm_state ADD COLUMN stays INTEGER NOT NULL DEFAULT 0;
ALTER TABLE arm_state ADD COLUMN then_by TEXT;                       -- what had set "after_until"
ALTER TABLE alert ADD COLUMN due TEXT;
ALTER TABLE request ADD COLUMN force INTEGER NOT NULL DEFAULT 0;

CREATE TABLE standing (                -- the last one counts
    id INTEGER PRIMARY KEY,
    body TEXT NOT NULL                 -- JSON: countdown, alarm, alerts held back, schedule
);
