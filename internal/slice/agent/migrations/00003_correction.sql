-- +goose Up
-- What authorities wait for from the villagers of a township, what is due first at the head: the list of the head of its centre.
CREATE INDEX agent_case_asked_body ON agent_case (body, ask_due, id) WHERE asked_at > 0;

-- 1: asked_at has been kept since the case has its row, or was worked out once (Service.CatchUp); 0: a program that did not keep it wrote the row.
ALTER TABLE agent_case ADD COLUMN followed BIGINT NOT NULL DEFAULT 0;
CREATE INDEX agent_case_behind ON agent_case (id) WHERE followed = 0 AND ended_at = 0;

-- +goose Down
DROP INDEX agent_case_behind;
ALTER TABLE agent_case DROP COLUMN followed;
DROP INDEX agent_case_asked_body;
