-- Who saw which device from when to when, when sources worked or failed, and where people were.

CREATE TABLE presence_period (
    kind TEXT NOT NULL,                -- seen, working, failing, person
    source TEXT NOT NULL,              -- of a person: the one that saw them last, or nothing
    about TEXT NOT NULL,               -- device or person; nothing for a source itself
    how TEXT NOT NULL,                 -- recognised by; why it fails; where they were
    since TEXT NOT NULL,
    until TEXT NOT NULL,               -- grows as long as it goes on
    PRIMARY KEY (kind, source, about, since)
) WITHOUT ROWID;
CREATE INDEX presence_period_by_end ON presence_period (until);
