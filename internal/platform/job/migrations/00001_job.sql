-- +goose Up
CREATE TABLE job (
    id          BIGINT PRIMARY KEY,
    kind        TEXT NOT NULL,
    key         TEXT NOT NULL,   -- what is to be done once: with kind unique
    payload     TEXT NOT NULL,   -- JSON; names things by their identifiers and holds nothing personal
    state       TEXT NOT NULL,   -- open, done, dead
    run_at      BIGINT NOT NULL, -- not before this instant; while a worker has it: when its lease ends. UTC microseconds
    attempts    BIGINT NOT NULL, -- how often it was begun
    claim       BIGINT NOT NULL, -- of the worker that has it; 0: nobody
    holder      TEXT NOT NULL,   -- the node of that worker; empty: nobody
    problem     TEXT NOT NULL,   -- why the last attempt failed
    created_at  BIGINT NOT NULL,
    finished_at BIGINT NOT NULL  -- 0 while it is open
);
CREATE UNIQUE INDEX job_key ON job (kind, key);
-- What is due is found by its kind, so that a backlog of one kind is in nobody else's way. The rows of finished jobs are in neither.
CREATE INDEX job_due ON job (kind, run_at, id) WHERE state = 'open';
CREATE INDEX job_held ON job (holder) WHERE state = 'open' AND holder <> '';
CREATE INDEX job_finished ON job (state, finished_at, id) WHERE finished_at > 0;

-- +goose Down
DROP TABLE job;
