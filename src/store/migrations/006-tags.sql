-- What an article came with that tags are made of, before aliases, `drop` and `most`: JSON. Null for articles kept before this
-- was, and once the article has been purged.
ALTER TABLE article ADD COLUMN given TEXT;

-- By which rules the tags of stored articles were made: those up to this number by the rules of this hash; null: all.
CREATE TABLE tagging (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    rules INTEGER NOT NULL,
    upto INTEGER
) STRICT;

-- The source that alone carries a tag (null: several do, or the file gives it), and whether the tag may have a page of its own.
-- Tags that are there already keep theirs.
ALTER TABLE tag ADD COLUMN source INTEGER;
ALTER TABLE tag ADD COLUMN page INTEGER NOT NULL DEFAULT 1;
-- Pages of tags that a source alone carries.
ALTER TABLE source ADD COLUMN own_tags INTEGER NOT NULL DEFAULT 0;
