-- +goose Up
-- Which sending made a draft: what is sent again while it is in work leads to it, whichever node takes it. '': of no sending, such as a new
-- version or an import.
ALTER TABLE publication_version ADD COLUMN sent TEXT NOT NULL DEFAULT '';
CREATE UNIQUE INDEX publication_version_sent ON publication_version (sent) WHERE sent <> '' AND state = 'work';

-- +goose Down
DROP INDEX publication_version_sent;
ALTER TABLE publication_version DROP COLUMN sent;
