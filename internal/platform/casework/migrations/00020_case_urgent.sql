-- +goose Up
-- The most urgent cases of a body, and of a division with all below it, without looking at those of others.
CREATE INDEX case_lamp_body ON case_ (lamp, body, statute_due, id) WHERE ended_at = 0 AND lamp > 0;
CREATE INDEX case_lamp_division ON case_ (lamp, division, statute_due, id) WHERE ended_at = 0 AND lamp > 0;

-- +goose Down
DROP INDEX case_lamp_division;
DROP INDEX case_lamp_body;
