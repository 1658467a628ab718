-- Who looks for some minutes of weeks reads these alone, and none of the pages that hold numbers.

DROP INDEX chunk_by_order;
CREATE INDEX chunk_by_order ON chunk (camera, run, first_sequence, earliest);
DROP INDEX note_by_time;
CREATE INDEX note_by_time ON note (at, begins);
