-- What a source allowed when the article came; before, a private one was marked by its rank.
ALTER TABLE article ADD COLUMN republish TEXT;
UPDATE article SET republish = 'private', rank = rank - 1048576 WHERE rank >= 1048576;
-- The story of which the text is a part, where that came later; both stand.
ALTER TABLE article ADD COLUMN excerpt_of TEXT REFERENCES story (id) ON DELETE SET NULL;
CREATE INDEX article_excerpt ON article (excerpt_of) WHERE excerpt_of IS NOT NULL;
-- Whether the sampled shingles of the text stand in `fingerprint`: those of texts too old to be copied any more do not.
ALTER TABLE article ADD COLUMN fingerprinted INTEGER NOT NULL DEFAULT 1;
CREATE INDEX article_fingerprinted ON article (first_seen) WHERE fingerprinted = 1 AND story IS NOT NULL;
