-- Where each source has moved to for good, and where it seems to be moving.
ALTER TABLE source ADD COLUMN moved TEXT;
ALTER TABLE source ADD COLUMN moving TEXT;
-- Since when nothing has stood at its address.
ALTER TABLE source ADD COLUMN missing_since INTEGER;
-- What its last document asks of those who read it, and why it is due when it is.
ALTER TABLE source ADD COLUMN asks TEXT NOT NULL DEFAULT 'null';
ALTER TABLE source ADD COLUMN why TEXT NOT NULL DEFAULT 'null';
