-- +goose Up
-- A rating whose follow-up can't be opened, because nobody holds the post that works on it, waits and lets the others pass.
ALTER TABLE rating_bad ADD COLUMN try_at BIGINT NOT NULL DEFAULT 0; -- UTC microseconds
DROP INDEX rating_bad_waiting;
CREATE INDEX rating_bad_waiting ON rating_bad (try_at, id) WHERE followup = 0;

-- +goose Down
DROP INDEX rating_bad_waiting;
CREATE INDEX rating_bad_waiting ON rating_bad (id) WHERE followup = 0;
ALTER TABLE rating_bad DROP COLUMN try_at;
