-- +goose Up
ALTER TABLE document_letter ADD COLUMN erased_at BIGINT NOT NULL DEFAULT 0; -- when the PDF and what it was made of were erased; 0: they are there

-- +goose Down
ALTER TABLE document_letter DROP COLUMN erased_at;
