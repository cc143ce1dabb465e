-- Sampled shingles of the newest texts. Their keys fall anywhere in `fingerprint`, so that each would touch a page of its own
-- there; from this small table they go over in the order of their keys, many at once.
CREATE TABLE fresh_fingerprint (
    h INTEGER NOT NULL,
    article INTEGER NOT NULL,
    PRIMARY KEY (h, article)
) STRICT, WITHOUT ROWID;
INSERT INTO counter VALUES ('fresh_fingerprints', 0);
