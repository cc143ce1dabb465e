-- Whether anything may stand beside a story's lead: other articles of it, or excerpts that stand as stories of their own. Once said it
-- stays: where it is not, nobody needs to look for them.
ALTER TABLE story ADD COLUMN company INTEGER NOT NULL DEFAULT 0;
UPDATE story SET company = 1 WHERE id IN (
    SELECT a.story FROM article a JOIN story s ON s.id = a.story WHERE a.n <> s.lead
    UNION SELECT excerpt_of FROM article WHERE excerpt_of IS NOT NULL
);
