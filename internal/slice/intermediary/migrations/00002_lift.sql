-- +goose Up
-- A relation that has ended is kept: until when it held, and why it does no more, stays public.
ALTER TABLE intermediary_relation ADD COLUMN ended_at BIGINT NOT NULL DEFAULT 0; -- 0: it holds
ALTER TABLE intermediary_relation ADD COLUMN ended TEXT NOT NULL DEFAULT '';

-- A sanction that was lifted before its term was over is kept as well.
ALTER TABLE intermediary_sanction ADD COLUMN lifted_at BIGINT NOT NULL DEFAULT 0; -- 0: it was not
ALTER TABLE intermediary_sanction ADD COLUMN lifted TEXT NOT NULL DEFAULT '';
DROP INDEX intermediary_sanction_imposed;
CREATE INDEX intermediary_sanction_imposed ON intermediary_sanction (decided_at) WHERE state IN ('imposed', 'lifted');

-- Lifting (解除): that a sanction is to end before its term, or that a relation has ended. What is asked is sealed in its case.
CREATE TABLE intermediary_lift (
    id         BIGINT PRIMARY KEY,      -- of the case
    number     TEXT NOT NULL,
    agency     BIGINT NOT NULL,
    sanction   TEXT NOT NULL,           -- number; empty: it is about a relation
    kind       TEXT NOT NULL,           -- of the relation
    target     TEXT NOT NULL,           -- of the relation
    ground     TEXT NOT NULL,           -- objection, repair, over
    asker      TEXT NOT NULL,           -- body; empty: the agency itself
    body       TEXT NOT NULL,           -- registrar that decides
    state      TEXT NOT NULL,           -- asked, lifted, kept
    reason     TEXT NOT NULL,           -- of the decision, public
    begun_at   BIGINT NOT NULL,
    decided_at BIGINT NOT NULL          -- 0: not decided
);
CREATE UNIQUE INDEX intermediary_lift_number ON intermediary_lift (number);
CREATE UNIQUE INDEX intermediary_lift_once ON intermediary_lift (agency, sanction, kind, target) WHERE state = 'asked';
CREATE INDEX intermediary_lift_agency ON intermediary_lift (agency, id);
CREATE INDEX intermediary_lift_body ON intermediary_lift (body, state, id);

-- +goose Down
DROP TABLE intermediary_lift;
DROP INDEX intermediary_sanction_imposed;
DELETE FROM intermediary_relation WHERE ended_at > 0;
UPDATE intermediary_sanction SET state = 'dismissed' WHERE state = 'lifted';
CREATE INDEX intermediary_sanction_imposed ON intermediary_sanction (decided_at) WHERE state = 'imposed';
ALTER TABLE intermediary_sanction DROP COLUMN lifted;
ALTER TABLE intermediary_sanction DROP COLUMN lifted_at;
ALTER TABLE intermediary_relation DROP COLUMN ended;
ALTER TABLE intermediary_relation DROP COLUMN ended_at;
