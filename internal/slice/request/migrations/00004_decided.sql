-- +goose Up
-- Catalogues that were sent back before that was noted here (-1), and those that wait: the latest one of each body.
UPDATE request_edition SET published = -1
    WHERE published = 0 AND EXISTS (SELECT 1 FROM case_ c WHERE c.id = request_edition.case_id AND c.ended_at > 0);
INSERT INTO request_waiting (body, case_id, number)
    SELECT e.body, e.case_id, e.number FROM request_edition e
    WHERE e.published = 0 AND NOT EXISTS (SELECT 1 FROM request_edition o WHERE o.body = e.body AND o.published = 0 AND o.case_id > e.case_id)
    ON CONFLICT (body) DO NOTHING;

-- +goose Down
SELECT 1;
