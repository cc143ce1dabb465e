-- Stories that tell one event in words of their own, as it was found when the later of the two was admitted; each pair both ways
-- round. The writer takes the pairs of a story away with it.
CREATE TABLE alongside (story TEXT NOT NULL, other TEXT NOT NULL, PRIMARY KEY (story, other)) STRICT, WITHOUT ROWID;
