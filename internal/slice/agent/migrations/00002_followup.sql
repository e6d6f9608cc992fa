-- +goose Up
-- Which of the ten fields a consent covers: their keys with spaces between; empty: all.
ALTER TABLE agent_consent ADD COLUMN fields TEXT NOT NULL DEFAULT '';

-- The field of the item; empty: it was handed in before fields were noted. Since when, and until when, the authority waits for something from
-- the villager, such as a correction; 0: it does not, or without a term.
ALTER TABLE agent_case ADD COLUMN field TEXT NOT NULL DEFAULT '';
ALTER TABLE agent_case ADD COLUMN asked_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE agent_case ADD COLUMN ask_due BIGINT NOT NULL DEFAULT 0;
CREATE INDEX agent_case_asked ON agent_case (agent, ask_due) WHERE asked_at > 0;

-- How the villager agreed to what was done after they had applied: signed, spoken, thumbprint; empty: they were not asked anew.
ALTER TABLE agent_deed ADD COLUMN how TEXT NOT NULL DEFAULT '';

-- When it was noticed that the visit was not made by its day; 0: not.
ALTER TABLE agent_visit ADD COLUMN late_at BIGINT NOT NULL DEFAULT 0;
CREATE INDEX agent_visit_unnoticed ON agent_visit (due_day) WHERE state = 'planned' AND late_at = 0;
CREATE INDEX agent_visit_body ON agent_visit (body, state, due_day);

-- +goose Down
DROP INDEX agent_visit_body;
DROP INDEX agent_visit_unnoticed;
ALTER TABLE agent_visit DROP COLUMN late_at;
ALTER TABLE agent_deed DROP COLUMN how;
DROP INDEX agent_case_asked;
ALTER TABLE agent_case DROP COLUMN ask_due;
ALTER TABLE agent_case DROP COLUMN asked_at;
ALTER TABLE agent_case DROP COLUMN field;
ALTER TABLE agent_consent DROP COLUMN fields;
