-- +goose Up
-- What was paid for requests: the processing fee (国办函〔2020〕109号), and before 2019-05-15 the costs of search, copies and post.
CREATE TABLE request_fee (
    case_id  BIGINT PRIMARY KEY,
    division TEXT NOT NULL,
    body     TEXT NOT NULL,
    day      BIGINT NOT NULL,     -- on which it was paid or waived
    fen      BIGINT NOT NULL,
    waived   BIGINT NOT NULL      -- 1: the asker was let off (2007年条例 28)
);
CREATE INDEX request_fee_body ON request_fee (body, day);
CREATE INDEX request_fee_division ON request_fee (division, day);

-- What is published regularly of requests, and was.
CREATE TABLE request_bulletin (
    key  TEXT PRIMARY KEY,
    body TEXT NOT NULL,
    at   BIGINT NOT NULL          -- UTC microseconds
);

-- +goose Down
DROP TABLE request_bulletin;
DROP TABLE request_fee;
