-- What is remembered of the newest pages of each source, to know what they share; the newest has the highest n.
CREATE TABLE seen_page (
    n INTEGER PRIMARY KEY,
    source INTEGER NOT NULL REFERENCES source (n),
    sighting BLOB NOT NULL
) STRICT;
CREATE INDEX seen_page_source ON seen_page (source, n);
