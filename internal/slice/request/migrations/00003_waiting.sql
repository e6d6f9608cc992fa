-- +goose Up
-- The catalogue of a body that waits for the decision of its head: one at a time.
CREATE TABLE request_waiting (
    body    TEXT PRIMARY KEY,
    case_id BIGINT NOT NULL,
    number  TEXT NOT NULL
);

-- +goose Down
DROP TABLE request_waiting;
