-- What reading left out of each article, as JSON of at most 2 KB. Goes when the article is purged.
CREATE TABLE cut (
    article INTEGER PRIMARY KEY REFERENCES article (n),
    told TEXT NOT NULL
) STRICT;

-- Entries that were seen and not taken, and why: the last words about them. Gone once they are taken after all.
CREATE TABLE skipped (
    source INTEGER NOT NULL REFERENCES source (n),
    id TEXT NOT NULL,
    url_key TEXT,
    url TEXT,
    title TEXT NOT NULL,
    why TEXT NOT NULL,
    only_said TEXT,
    seen INTEGER NOT NULL,
    PRIMARY KEY (source, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX skipped_url ON skipped (url_key) WHERE url_key IS NOT NULL;

-- Canonical keys of the addresses that led to articles whose pages name another.
CREATE TABLE led_from (
    url_key TEXT NOT NULL,
    article INTEGER NOT NULL REFERENCES article (n),
    PRIMARY KEY (url_key, article)
) STRICT, WITHOUT ROWID;

-- What was odd in each source's last document.
ALTER TABLE source ADD COLUMN notes TEXT NOT NULL DEFAULT '[]';
