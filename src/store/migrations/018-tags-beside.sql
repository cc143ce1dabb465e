-- The tags of an article stand in its row, as JSON: of each the shown form, the key and the origin, in their order. Who reads an
-- article reads them with it; in a table of their own they stood on a page that nothing else was read from.
ALTER TABLE article ADD COLUMN tags TEXT;

-- Part by part: a statement has in memory what it would have to undo.
CREATE TEMP TABLE part AS SELECT max(n) / 16 + 1 AS size FROM article;
UPDATE article SET tags = (
    SELECT nullif(json_group_array(json_array(shown, tag, origin) ORDER BY position), '[]') FROM article_tag WHERE article = n
) WHERE n BETWEEN (SELECT size FROM temp.part) * 0 AND (SELECT size FROM temp.part) * 1 - 1;
UPDATE article SET tags = (
    SELECT nullif(json_group_array(json_array(shown, tag, origin) ORDER BY position), '[]') FROM article_tag WHERE article = n
) WHERE n BETWEEN (SELECT size FROM temp.part) * 1 AND (SELECT size FROM temp.part) * 2 - 1;
UPDATE article SET tags = (
    SELECT nullif(json_group_array(json_array(shown, tag, origin) ORDER BY position), '[]') FROM article_tag WHERE article = n
) WHERE n BETWEEN (SELECT size FROM temp.part) * 2 AND (SELECT size FROM temp.part) * 3 - 1;
UPDATE article SET tags = (
    SELECT nullif(json_group_array(json_array(shown, tag, origin) ORDER BY position), '[]') FROM article_tag WHERE article = n
) WHERE n BETWEEN (SELECT size FROM temp.part) * 3 AND (SELECT size FROM temp.part) * 4 - 1;
UPDATE article SET tags = (
    SELECT nullif(json_group_array(json_array(shown, tag, origin) ORDER BY position), '[]') FROM article_tag WHERE article = n
) WHERE n BETWEEN (SELECT size FROM temp.part) * 4 AND (SELECT size FROM temp.part) * 5 - 1;
UPDATE article SET tags = (
    SELECT nullif(json_group_array(json_array(shown, tag, origin) ORDER BY position), '[]') FROM article_tag WHERE article = n
) WHERE n BETWEEN (SELECT size FROM temp.part) * 5 AND (SELECT size FROM temp.part) * 6 - 1;
UPDATE article SET tags = (
    SELECT nullif(json_group_array(json_array(shown, tag, origin) ORDER BY position), '[]') FROM article_tag WHERE article = n
) WHERE n BETWEEN (SELECT size FROM temp.part) * 6 AND (SELECT size FROM temp.part) * 7 - 1;
UPDATE article SET tags = (
    SELECT nullif(json_group_array(json_array(shown, tag, origin) ORDER BY position), '[]') FROM article_tag WHERE article = n
) WHERE n BETWEEN (SELECT size FROM temp.part) * 7 AND (SELECT size FROM temp.part) * 8 - 1;
UPDATE article SET tags = (
    SELECT nullif(json_group_array(json_array(shown, tag, origin) ORDER BY position), '[]') FROM article_tag WHERE article = n
) WHERE n BETWEEN (SELECT size FROM temp.part) * 8 AND (SELECT size FROM temp.part) * 9 - 1;
UPDATE article SET tags = (
    SELECT nullif(json_group_array(json_array(shown, tag, origin) ORDER BY position), '[]') FROM article_tag WHERE article = n
) WHERE n BETWEEN (SELECT size FROM temp.part) * 9 AND (SELECT size FROM temp.part) * 10 - 1;
UPDATE article SET tags = (
    SELECT nullif(json_group_array(json_array(shown, tag, origin) ORDER BY position), '[]') FROM article_tag WHERE article = n
) WHERE n BETWEEN (SELECT size FROM temp.part) * 10 AND (SELECT size FROM temp.part) * 11 - 1;
UPDATE article SET tags = (
    SELECT nullif(json_group_array(json_array(shown, tag, origin) ORDER BY position), '[]') FROM article_tag WHERE article = n
) WHERE n BETWEEN (SELECT size FROM temp.part) * 11 AND (SELECT size FROM temp.part) * 12 - 1;
UPDATE article SET tags = (
    SELECT nullif(json_group_array(json_array(shown, tag, origin) ORDER BY position), '[]') FROM article_tag WHERE article = n
) WHERE n BETWEEN (SELECT size FROM temp.part) * 12 AND (SELECT size FROM temp.part) * 13 - 1;
UPDATE article SET tags = (
    SELECT nullif(json_group_array(json_array(shown, tag, origin) ORDER BY position), '[]') FROM article_tag WHERE article = n
) WHERE n BETWEEN (SELECT size FROM temp.part) * 13 AND (SELECT size FROM temp.part) * 14 - 1;
UPDATE article SET tags = (
    SELECT nullif(json_group_array(json_array(shown, tag, origin) ORDER BY position), '[]') FROM article_tag WHERE article = n
) WHERE n BETWEEN (SELECT size FROM temp.part) * 14 AND (SELECT size FROM temp.part) * 15 - 1;
UPDATE article SET tags = (
    SELECT nullif(json_group_array(json_array(shown, tag, origin) ORDER BY position), '[]') FROM article_tag WHERE article = n
) WHERE n BETWEEN (SELECT size FROM temp.part) * 15 AND (SELECT size FROM temp.part) * 16 - 1;
DROP TABLE temp.part;
DROP TABLE article_tag;
