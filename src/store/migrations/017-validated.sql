-- The address that gave a source's validators: they are sent to that one alone. NULL where it was not noted.
ALTER TABLE source ADD COLUMN validated TEXT;
