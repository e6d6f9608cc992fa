-- +goose Up
-- The day on which a reconsideration or suit was taken back that was recorded by mistake; 0: it holds.
ALTER TABLE request_dispute ADD COLUMN taken_back BIGINT NOT NULL DEFAULT 0;

-- +goose Down
ALTER TABLE request_dispute DROP COLUMN taken_back;
