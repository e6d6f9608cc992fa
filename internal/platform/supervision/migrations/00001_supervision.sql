-- +goose Up
CREATE TABLE supervision_card (
    id        BIGINT PRIMARY KEY, -- the event that raised it
    case_id   BIGINT NOT NULL,
    number    TEXT NOT NULL,      -- of the case
    rule      TEXT NOT NULL,
    colour    TEXT NOT NULL,
    clock     TEXT NOT NULL,      -- whose line was crossed; empty for a step
    task      TEXT NOT NULL,      -- the step; empty for a clock
    token     BIGINT NOT NULL,    -- of the step
    due       BIGINT NOT NULL,    -- last day of the line, days since 1970-01-01; 0: unknown
    division  TEXT NOT NULL,
    body      TEXT NOT NULL,
    subject   TEXT NOT NULL,
    kind      TEXT NOT NULL,      -- of the case
    at        BIGINT NOT NULL,    -- UTC microseconds
    leaf      BIGINT NOT NULL,    -- place of the event in the log
    closed_at BIGINT NOT NULL,    -- UTC microseconds; 0: open
    closed    TEXT NOT NULL       -- why; empty: open
);
CREATE INDEX supervision_card_case ON supervision_card (case_id);
CREATE INDEX supervision_card_division ON supervision_card (division, id);
CREATE INDEX supervision_card_body ON supervision_card (body, id);
CREATE INDEX supervision_card_open ON supervision_card (division, colour) WHERE closed_at = 0;

CREATE TABLE supervision_count (
    division TEXT NOT NULL,
    body     TEXT NOT NULL,
    subject  TEXT NOT NULL,
    day      BIGINT NOT NULL,     -- in Asia/Shanghai, days since 1970-01-01
    received BIGINT NOT NULL,
    accepted BIGINT NOT NULL,
    ended    BIGINT NOT NULL,
    granted  BIGINT NOT NULL,
    refused  BIGINT NOT NULL,
    warned   BIGINT NOT NULL,
    yellow   BIGINT NOT NULL,
    red      BIGINT NOT NULL,
    overtime BIGINT NOT NULL,
    PRIMARY KEY (division, body, subject, day)
);

-- A case is accepted once, though its clock may start again.
CREATE TABLE supervision_accepted (
    case_id BIGINT PRIMARY KEY
);

-- +goose Down
DROP TABLE supervision_accepted;
DROP TABLE supervision_count;
DROP TABLE supervision_card;
