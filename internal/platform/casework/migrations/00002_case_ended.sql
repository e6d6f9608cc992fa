-- +goose Up
-- What was done since a day, for boards.
CREATE INDEX case_ended ON case_ (ended_at) WHERE ended_at > 0;

-- +goose Down
DROP INDEX case_ended;
