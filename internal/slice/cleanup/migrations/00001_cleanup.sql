-- +goose Up
CREATE TABLE cleanup_round (
    id           BIGINT PRIMARY KEY, -- of the case
    number       TEXT NOT NULL,
    division     TEXT NOT NULL,
    body         TEXT NOT NULL,      -- reform office that prepares it
    title        TEXT NOT NULL,
    basis        TEXT NOT NULL,
    founding     BIGINT NOT NULL,    -- 1: it takes what was there into the register
    state        TEXT NOT NULL,
    begun_at     BIGINT NOT NULL,    -- UTC microseconds
    published_at BIGINT NOT NULL,    -- 0: not yet
    prepared     TEXT NOT NULL,      -- SHA-256 of the statement that may be handed on next
    statement    TEXT NOT NULL,      -- what was handed on, canonical JSON; empty: nothing yet
    handed       BIGINT NOT NULL,    -- 1: the cases of its hand-overs have been opened
    record       TEXT NOT NULL       -- address of its public list in the catalogue of records; empty: not there yet
);
CREATE INDEX cleanup_round_office ON cleanup_round (body, begun_at);
CREATE INDEX cleanup_round_published ON cleanup_round (published_at) WHERE published_at > 0;
CREATE INDEX cleanup_round_unhanded ON cleanup_round (id) WHERE published_at > 0 AND handed = 0;
CREATE INDEX cleanup_round_unrecorded ON cleanup_round (id) WHERE published_at > 0 AND record = '';

-- What a round decides of one item of one body.
CREATE TABLE cleanup_line (
    id      BIGINT PRIMARY KEY,
    round   BIGINT NOT NULL,
    item    TEXT NOT NULL,
    body    TEXT NOT NULL,           -- that exercises it
    on_day  BIGINT NOT NULL,         -- date of effect, in days since 1970
    state   TEXT NOT NULL,           -- draft, pending, done
    content TEXT NOT NULL,           -- JSON: register.Line
    version BIGINT NOT NULL,
    done_at BIGINT NOT NULL          -- UTC microseconds; 0: not yet
);
CREATE UNIQUE INDEX cleanup_line_once ON cleanup_line (round, item, body);
CREATE INDEX cleanup_line_due ON cleanup_line (on_day, id) WHERE state = 'pending';
CREATE INDEX cleanup_line_item ON cleanup_line (item, body, state);

-- An item on its way from one body to another.
CREATE TABLE cleanup_handover (
    id       BIGINT PRIMARY KEY,     -- of the case
    number   TEXT NOT NULL,
    line     BIGINT NOT NULL,
    giver    TEXT NOT NULL,
    receiver TEXT NOT NULL,
    on_day   BIGINT NOT NULL,
    cases    BIGINT NOT NULL,        -- 1: the open cases come along
    state    TEXT NOT NULL,          -- open, taken, done
    taken_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX cleanup_handover_once ON cleanup_handover (line, receiver);
CREATE INDEX cleanup_handover_due ON cleanup_handover (on_day, id) WHERE state = 'taken';
CREATE INDEX cleanup_handover_receiver ON cleanup_handover (receiver, id);
CREATE INDEX cleanup_handover_giver ON cleanup_handover (giver, id);

-- One row. Whoever publishes a round counts it up, so that other nodes read the register again.
CREATE TABLE cleanup_version (
    one     BIGINT PRIMARY KEY,
    version BIGINT NOT NULL
);
INSERT INTO cleanup_version (one, version) VALUES (1, 0);

-- +goose Down
DROP TABLE cleanup_version;
DROP TABLE cleanup_handover;
DROP TABLE cleanup_line;
DROP TABLE cleanup_round;
