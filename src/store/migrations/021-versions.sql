-- Versions of what an article that was revised says, as hashes, and when each was first seen (0: before it was revised): one that comes
-- back is no update. Gone when the article is purged.
CREATE TABLE version (
    article INTEGER NOT NULL REFERENCES article (n),
    hash INTEGER NOT NULL,
    seen INTEGER NOT NULL,
    PRIMARY KEY (article, hash)
) STRICT, WITHOUT ROWID;
