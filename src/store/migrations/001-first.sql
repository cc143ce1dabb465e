-- Times are microseconds since 1970 (UTC); hashes are 64 bits read as signed; lists and small structures are JSON.
-- What names a story without an index on it (story_tag, fingerprint) is kept true by the writer, not by a foreign key:
-- SQLite would scan the whole table at each removal.
PRAGMA application_id = 0x66646c6d;

CREATE TABLE counter (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;
INSERT INTO counter VALUES ('revision', 0), ('stories', 0);

CREATE TABLE source (
    n INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    etag TEXT,
    last_modified TEXT,
    body_hash INTEGER,
    health TEXT,
    rhythm TEXT NOT NULL DEFAULT 'null',
    next_due INTEGER,
    last_polled INTEGER,
    last_new INTEGER,
    usual_entries INTEGER,
    polls INTEGER NOT NULL DEFAULT 0,
    not_modified INTEGER NOT NULL DEFAULT 0,
    url TEXT,
    feed_url TEXT,
    articles INTEGER NOT NULL DEFAULT 0
) STRICT;

-- What each source has shown us, whatever became of it: one look-up says that an entry is old. Outlives the article.
CREATE TABLE entry (
    source INTEGER NOT NULL REFERENCES source (n),
    id TEXT NOT NULL,
    article TEXT, -- the article's id where it is another
    entry_hash INTEGER NOT NULL,
    body_from TEXT NOT NULL,
    PRIMARY KEY (source, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE story (
    id TEXT PRIMARY KEY,
    lead INTEGER NOT NULL,
    date INTEGER NOT NULL,
    first_seen INTEGER NOT NULL,
    changed INTEGER NOT NULL,
    revision INTEGER NOT NULL DEFAULT 0,
    redirect_to TEXT REFERENCES story (id) ON DELETE CASCADE,
    admitted INTEGER,
    completed INTEGER NOT NULL DEFAULT 0,
    recommended INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
CREATE INDEX story_date ON story (date DESC, id) WHERE redirect_to IS NULL;
CREATE INDEX story_revision ON story (revision) WHERE redirect_to IS NULL;
CREATE INDEX story_redirect ON story (redirect_to) WHERE redirect_to IS NOT NULL;
CREATE INDEX story_unadmitted ON story (first_seen, id) WHERE admitted IS NULL AND redirect_to IS NULL;
CREATE INDEX story_incomplete ON story (admitted, id)
    WHERE completed = 0 AND admitted IS NOT NULL AND redirect_to IS NULL;

-- story is null and the columns after it are empty once the article has been purged.
CREATE TABLE article (
    n INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    source INTEGER NOT NULL REFERENCES source (n),
    guid TEXT,
    url_key TEXT,
    text_hash INTEGER NOT NULL,
    entry_hash INTEGER NOT NULL,
    body_from TEXT NOT NULL,
    date INTEGER NOT NULL,
    first_seen INTEGER NOT NULL,
    story TEXT REFERENCES story (id),
    kind TEXT NOT NULL,
    rank INTEGER NOT NULL,
    origin_key TEXT,
    why TEXT,
    url TEXT,
    title TEXT NOT NULL,
    standfirst TEXT,
    byline TEXT NOT NULL,
    provenance TEXT NOT NULL,
    image TEXT,
    enclosures TEXT NOT NULL,
    lang TEXT,
    published INTEGER,
    updated INTEGER
) STRICT;
CREATE INDEX article_guid ON article (source, guid) WHERE guid IS NOT NULL;
CREATE INDEX article_url ON article (url_key) WHERE url_key IS NOT NULL;
CREATE INDEX article_text ON article (text_hash);
CREATE INDEX article_story ON article (story) WHERE story IS NOT NULL;

CREATE TABLE content (
    article INTEGER PRIMARY KEY REFERENCES article (n),
    packed BLOB NOT NULL
) STRICT;

CREATE TABLE fingerprint (
    h INTEGER NOT NULL,
    article INTEGER NOT NULL,
    PRIMARY KEY (h, article)
) STRICT, WITHOUT ROWID;

CREATE TABLE article_tag (
    article INTEGER NOT NULL REFERENCES article (n),
    position INTEGER NOT NULL,
    tag TEXT NOT NULL,
    shown TEXT NOT NULL,
    origin TEXT NOT NULL,
    PRIMARY KEY (article, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE tag (
    key TEXT PRIMARY KEY,
    shown TEXT NOT NULL,
    stories INTEGER NOT NULL DEFAULT 0,
    revision INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
CREATE INDEX tag_used ON tag (stories DESC, key);

CREATE TABLE tag_spelling (
    tag TEXT NOT NULL,
    shown TEXT NOT NULL,
    uses INTEGER NOT NULL,
    PRIMARY KEY (tag, shown)
) STRICT, WITHOUT ROWID;

CREATE TABLE story_tag (
    tag TEXT NOT NULL,
    date INTEGER NOT NULL,
    story TEXT NOT NULL,
    PRIMARY KEY (tag, date DESC, story)
) STRICT, WITHOUT ROWID;

CREATE TABLE feed (
    slug TEXT PRIMARY KEY,
    query INTEGER,
    stories INTEGER NOT NULL DEFAULT 0,
    revision INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;

CREATE TABLE membership (
    feed TEXT NOT NULL REFERENCES feed (slug),
    date INTEGER NOT NULL,
    story TEXT NOT NULL REFERENCES story (id),
    PRIMARY KEY (feed, date DESC, story)
) STRICT, WITHOUT ROWID;
CREATE INDEX membership_story ON membership (story);

CREATE TABLE recommendation (
    story TEXT NOT NULL REFERENCES story (id),
    position INTEGER NOT NULL,
    to_story TEXT NOT NULL REFERENCES story (id),
    score REAL NOT NULL,
    why TEXT NOT NULL,
    PRIMARY KEY (story, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX recommendation_to ON recommendation (to_story);
