-- +goose Up
ALTER TABLE supervision_card ADD COLUMN event BIGINT NOT NULL DEFAULT 0;         -- that raised it
ALTER TABLE supervision_card ADD COLUMN explain TEXT NOT NULL DEFAULT '';        -- role that has to explain; empty: nobody
ALTER TABLE supervision_card ADD COLUMN answer_case BIGINT NOT NULL DEFAULT 0;   -- the case that answers it; 0: none yet
ALTER TABLE supervision_card ADD COLUMN answer TEXT NOT NULL DEFAULT '';         -- its number
ALTER TABLE supervision_card ADD COLUMN state TEXT NOT NULL DEFAULT '';          -- how far the answer has come
ALTER TABLE supervision_card ADD COLUMN conclusion TEXT NOT NULL DEFAULT '';     -- upheld, excused, wrong; empty: none yet
ALTER TABLE supervision_card ADD COLUMN concluded_at BIGINT NOT NULL DEFAULT 0;  -- UTC microseconds
-- One event may raise several cards: their ids are made of its place in the log, and so go up with it.
UPDATE supervision_card SET event = id;
UPDATE supervision_card SET id = -leaf - 1;
UPDATE supervision_card SET id = (-id - 1) * 16 + 16;
CREATE INDEX supervision_card_asked ON supervision_card (id) WHERE explain <> '';
CREATE INDEX supervision_card_state ON supervision_card (state, division, id) WHERE state <> '';

-- What is remembered of an open case, because a rule may ask for it when a later event comes.
CREATE TABLE supervision_case (
    case_id BIGINT PRIMARY KEY,
    facts   TEXT NOT NULL
);

-- +goose Down
DROP TABLE supervision_case;
DROP INDEX supervision_card_state;
DROP INDEX supervision_card_asked;
ALTER TABLE supervision_card DROP COLUMN concluded_at;
ALTER TABLE supervision_card DROP COLUMN conclusion;
ALTER TABLE supervision_card DROP COLUMN state;
ALTER TABLE supervision_card DROP COLUMN answer;
ALTER TABLE supervision_card DROP COLUMN answer_case;
ALTER TABLE supervision_card DROP COLUMN explain;
ALTER TABLE supervision_card DROP COLUMN event;
