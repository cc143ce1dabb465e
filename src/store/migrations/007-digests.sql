-- The digests of feeds, as they were made; a day without stories has a row too, so that it is not made again. They outlive
-- their feed's place in the file: who takes it up again finds them.
CREATE TABLE digest (
    feed TEXT NOT NULL,
    day TEXT NOT NULL,
    due INTEGER NOT NULL,
    title TEXT NOT NULL,
    PRIMARY KEY (feed, day)
) STRICT, WITHOUT ROWID;

-- Each story as it was then: `shown` is JSON, `packed` its body and text.
CREATE TABLE digest_story (
    n INTEGER PRIMARY KEY,
    feed TEXT NOT NULL,
    day TEXT NOT NULL,
    position INTEGER NOT NULL,
    story TEXT NOT NULL REFERENCES story (id),
    shown TEXT NOT NULL,
    packed BLOB NOT NULL,
    UNIQUE (feed, day, position)
) STRICT;
CREATE INDEX digest_story_story ON digest_story (story);

CREATE INDEX story_admitted ON story (admitted, id) WHERE admitted IS NOT NULL AND redirect_to IS NULL;
