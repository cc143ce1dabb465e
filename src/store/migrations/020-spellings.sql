-- Words that are spelt in two ways are searched as one (Arabic with and without hamza, Russian with and without ё): the words of all
-- stories are looked through again where there are some in such languages.
INSERT OR REPLACE INTO refill
SELECT 'search', 0, NULL, NULL WHERE EXISTS (
    SELECT 1 FROM article WHERE story IS NOT NULL AND substr(lang, 1, 2) IN ('ar', 'fa', 'ur', 'ps', 'ku', 'ru', 'be')
);
