-- What each story is about, as the index of likeness last took it in: which analysis made it (form), of which text (of), and
-- the words. A story that has none, or one of another form or text, is analysed when the index is filled.
CREATE TABLE vector (
    story TEXT PRIMARY KEY REFERENCES story (id) ON DELETE CASCADE,
    form INTEGER NOT NULL,
    of INTEGER NOT NULL,
    words BLOB NOT NULL
) STRICT;

-- For which feed a recommendation was fixed, where a feed has a `from` of its own; null: for all others.
ALTER TABLE recommendation ADD COLUMN feed TEXT;
