-- +goose Up
-- Of which standards and times the duties are noted.
CREATE TABLE publication_standard (
    key TEXT PRIMARY KEY -- standard/time
);

-- From which day on bodies are held to what they owe at regular times: the one on which the platform began.
CREATE TABLE publication_held (
    one   BIGINT PRIMARY KEY,
    since BIGINT NOT NULL -- days since 1970
);

-- +goose Down
DROP TABLE publication_held;
DROP TABLE publication_standard;
