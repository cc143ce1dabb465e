-- The words of each story, parted by us: what is between spaces is a word (`_` parts two texts of one column). The text itself
-- is kept elsewhere. Numbers rise with the date of the story, so that the newest are found first.
CREATE VIRTUAL TABLE search USING fts5 (
    title, body, author, marks, content = '', contentless_delete = 1, tokenize = "ascii tokenchars '_'"
);
CREATE TABLE search_row (
    n INTEGER PRIMARY KEY,
    story TEXT NOT NULL UNIQUE,
    columns INTEGER NOT NULL -- hash of what was written
) STRICT;

-- What all stories are being asked for again, newest first: the words of each (`search`), or the query of a feed (`feed/SLUG`);
-- after which story to go on.
CREATE TABLE refill (
    what TEXT PRIMARY KEY,
    query INTEGER NOT NULL,
    date INTEGER,
    story TEXT
) STRICT, WITHOUT ROWID;
INSERT INTO refill VALUES ('search', 0, NULL, NULL);

-- What the new query of a feed changes, until all stories have been asked.
CREATE TABLE refilled (
    feed TEXT NOT NULL,
    story TEXT NOT NULL,
    date INTEGER NOT NULL,
    stands INTEGER NOT NULL,
    PRIMARY KEY (feed, story)
) STRICT, WITHOUT ROWID;
CREATE INDEX refilled_story ON refilled (story);

-- Up to which revision stories have been taken in; those never admitted have not.
INSERT INTO counter
SELECT 'taken_in', coalesce(
    (SELECT min(revision) - 1 FROM story WHERE admitted IS NULL AND redirect_to IS NULL),
    (SELECT value FROM counter WHERE name = 'revision')
);
