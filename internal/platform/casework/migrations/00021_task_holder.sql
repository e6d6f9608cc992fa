-- +goose Up
-- In whose name tasks are: whoever leaves is found without looking at what is open.
CREATE INDEX task_holder ON task (holder, body, role) WHERE holder > 0;

-- +goose Down
DROP INDEX task_holder;
