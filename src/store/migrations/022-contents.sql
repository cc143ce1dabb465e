-- Contents that come from now on are packed in a second form (`store/pack.rs`), which what is older does not know; those that are there
-- stay as they are.
SELECT 1;
