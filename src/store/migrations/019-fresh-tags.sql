-- Which stories stand under each tag. A tag falls anywhere in the large table, so that the tags of one story touch as many of its
-- pages; those of the newest stories stand in a small one, and go over in the order of the tags, many at once. Who asks reads both.
ALTER TABLE story_tag RENAME TO story_tag_kept;
CREATE TABLE story_tag_fresh (
    tag TEXT NOT NULL,
    date INTEGER NOT NULL,
    story TEXT NOT NULL,
    PRIMARY KEY (tag, date DESC, story)
) STRICT, WITHOUT ROWID;
CREATE VIEW story_tag (tag, date, story) AS
    SELECT tag, date, story FROM story_tag_kept UNION ALL SELECT tag, date, story FROM story_tag_fresh;
-- Rows of the small table, or a few more.
INSERT INTO counter VALUES ('fresh_tags', 0);
