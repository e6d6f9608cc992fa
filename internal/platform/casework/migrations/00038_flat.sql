-- +goose Up
-- Who holds a task leads to it: the queue of a role, and what was handed to somebody, are each read from one place of the index.
DROP INDEX task_queue;
CREATE INDEX task_queue ON task (body, role, holder, sort_at, case_id, token);

-- The most urgent cases of a province, city, county or township stand beside each other, in their order. A range of divisions would
-- have to be sorted first.
DROP INDEX case_lamp_division;
CREATE INDEX case_lamp_province ON case_ (lamp, (substr(division, 1, 2)), statute_due, id) WHERE ended_at = 0 AND lamp > 0;
CREATE INDEX case_lamp_city ON case_ (lamp, (substr(division, 1, 4)), statute_due, id) WHERE ended_at = 0 AND lamp > 0;
CREATE INDEX case_lamp_area ON case_ (lamp, (substr(division, 1, 6)), statute_due, id) WHERE ended_at = 0 AND lamp > 0;
CREATE INDEX case_lamp_town ON case_ (lamp, (substr(division, 1, 9)), statute_due, id) WHERE ended_at = 0 AND lamp > 0;

-- +goose Down
DROP INDEX case_lamp_town;
DROP INDEX case_lamp_area;
DROP INDEX case_lamp_city;
DROP INDEX case_lamp_province;
CREATE INDEX case_lamp_division ON case_ (lamp, division, statute_due, id) WHERE ended_at = 0 AND lamp > 0;
DROP INDEX task_queue;
CREATE INDEX task_queue ON task (body, role, sort_at, case_id, token);
