-- +goose Up
-- What was charged with a step of a case (行政事业性收费), for the annual reports (政府信息公开条例 20 第八项).
CREATE TABLE approval_charge (
    case_id  BIGINT NOT NULL,
    seq      BIGINT NOT NULL,     -- of the event with which it was entered
    division TEXT NOT NULL,
    body     TEXT NOT NULL,
    day      BIGINT NOT NULL,
    fen      BIGINT NOT NULL,
    PRIMARY KEY (case_id, seq)
);
CREATE INDEX approval_charge_body ON approval_charge (body, day);
CREATE INDEX approval_charge_division ON approval_charge (division, day);

-- +goose Down
DROP TABLE approval_charge;
