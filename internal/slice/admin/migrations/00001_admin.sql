-- +goose Up
-- Proposals to erase the private parts of a case. Security proposes, audit decides.
CREATE TABLE admin_erasure (
    id          BIGINT PRIMARY KEY,
    case_id     BIGINT NOT NULL,
    number      TEXT NOT NULL,
    reason      TEXT NOT NULL,
    proposed_by BIGINT NOT NULL,        -- account; 0: the operator
    proposed_at BIGINT NOT NULL,
    state       TEXT NOT NULL,          -- open, done, declined
    decided_by  BIGINT NOT NULL,
    decided_at  BIGINT NOT NULL
);
CREATE UNIQUE INDEX admin_erasure_open ON admin_erasure (case_id) WHERE state = 'open';

-- +goose Down
DROP TABLE admin_erasure;
