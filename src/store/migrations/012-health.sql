-- What was learnt of each source and told of it, as JSON; and a description of its list that would work, where its own broke.
ALTER TABLE source ADD COLUMN habit TEXT NOT NULL DEFAULT 'null';
ALTER TABLE source ADD COLUMN proposal TEXT;

-- Changes of sources' states that were told, the last ones.
CREATE TABLE state_change (
    n INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    source TEXT NOT NULL,
    was TEXT NOT NULL,
    state TEXT NOT NULL,
    at INTEGER NOT NULL,
    error TEXT
) STRICT;

-- What is to be sent, and has not arrived yet. `recipient` is a hash of the address, which stands in the file only.
CREATE TABLE outbox (
    n INTEGER PRIMARY KEY,
    key TEXT NOT NULL,
    recipient TEXT NOT NULL,
    body TEXT NOT NULL,
    made INTEGER NOT NULL,
    due INTEGER NOT NULL,
    tries INTEGER NOT NULL DEFAULT 0,
    UNIQUE (key, recipient)
) STRICT;
CREATE INDEX outbox_due ON outbox (due);

-- The newest articles of a source.
CREATE INDEX article_source ON article (source) WHERE story IS NOT NULL;
