-- +goose Up
-- The open cases about a power, for the day on which it goes to another body.
CREATE INDEX case_open_subject ON case_ (subject, body, id) WHERE ended_at = 0;

-- +goose Down
DROP INDEX case_open_subject;
