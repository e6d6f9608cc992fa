-- +goose Up
CREATE TABLE lease (
    name   TEXT PRIMARY KEY,
    holder TEXT NOT NULL,
    until  BIGINT NOT NULL -- UTC microseconds
);

-- +goose Down
DROP TABLE lease;
