-- +goose Up
CREATE TABLE approval_matter (
    case_id    BIGINT PRIMARY KEY,
    number     TEXT NOT NULL,
    item       TEXT NOT NULL,   -- implementation code
    title      TEXT NOT NULL,   -- JSON, three languages
    division   TEXT NOT NULL,
    body       TEXT NOT NULL,
    applicant  TEXT NOT NULL,   -- name of an enterprise; of a person the masked name alone
    result     TEXT NOT NULL,   -- grant or refuse; empty until it is decided
    seq        BIGINT NOT NULL, -- event of the decision
    decided_at BIGINT NOT NULL  -- UTC microseconds; 0: not decided
);
CREATE INDEX approval_matter_decided ON approval_matter (decided_at, case_id) WHERE result = 'grant';
CREATE INDEX approval_matter_body ON approval_matter (body, decided_at, case_id) WHERE result = 'grant';

-- +goose Down
DROP TABLE approval_matter;
