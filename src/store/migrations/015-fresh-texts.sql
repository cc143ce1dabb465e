-- The sampled shingles of the newest texts, as one row for each: eight bytes for each key, the lowest first. The writer has them in
-- memory, in order.
INSERT OR IGNORE INTO fingerprint (h, article) SELECT h, article FROM fresh_fingerprint ORDER BY h, article;
DROP TABLE fresh_fingerprint;
DELETE FROM counter WHERE name = 'fresh_fingerprints';
CREATE TABLE fresh_text (
    article INTEGER PRIMARY KEY,
    keys BLOB NOT NULL
) STRICT;

-- A number that is another one whenever these rows are; and what is going over into `fingerprint`: of the articles up to `last` the
-- keys up to this pair have.
CREATE TABLE fresh_state (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    stamp INTEGER NOT NULL,
    last INTEGER,
    h INTEGER,
    article INTEGER
) STRICT;
INSERT INTO fresh_state (one, stamp) VALUES (1, random());

-- The most frequent spelling of a tag is the one that it shows: its uses stand with the tag, and few tags have another.
ALTER TABLE tag ADD COLUMN uses INTEGER NOT NULL DEFAULT 0;
UPDATE tag SET uses = coalesce((SELECT s.uses FROM tag_spelling s WHERE s.tag = tag.key AND s.shown = tag.shown), 0);
DELETE FROM tag_spelling
WHERE EXISTS (SELECT 1 FROM tag WHERE tag.key = tag_spelling.tag AND tag.shown = tag_spelling.shown);
