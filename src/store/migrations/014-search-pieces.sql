-- Words gather to 4 MiB before they are written as one piece of the index, and eight pieces are joined at a time, not four: what
-- is written is rewritten less often.
INSERT INTO search (search, rank) VALUES ('hashsize', 4194304);
INSERT INTO search (search, rank) VALUES ('automerge', 8);
