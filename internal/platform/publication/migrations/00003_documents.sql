-- +goose Up
-- Counting the documents of a category that were made, repealed, or are in force, for reports: from the index alone.
CREATE INDEX publication_record_category ON publication_record (category, division, body, made, first, repealed) WHERE live = 1;

-- +goose Down
DROP INDEX publication_record_category;
