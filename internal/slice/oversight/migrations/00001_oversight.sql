-- +goose Up
-- The last card whose case was opened: one row.
CREATE TABLE oversight_cursor (
    id   BIGINT PRIMARY KEY,
    card BIGINT NOT NULL
);

CREATE TABLE oversight_order (
    case_id    BIGINT PRIMARY KEY,
    number     TEXT NOT NULL,
    title      TEXT NOT NULL,
    division   TEXT NOT NULL,   -- of the body that answers
    body       TEXT NOT NULL,
    issuer     TEXT NOT NULL,   -- body that issued it
    above      TEXT NOT NULL,   -- division of that body
    status     TEXT NOT NULL,
    issued_at  BIGINT NOT NULL, -- UTC microseconds
    due_at     BIGINT NOT NULL, -- 0: nothing is awaited
    settled_at BIGINT NOT NULL  -- 0: open
);
CREATE INDEX oversight_order_above ON oversight_order (above, case_id);
CREATE INDEX oversight_order_body ON oversight_order (body, case_id);

-- +goose Down
DROP TABLE oversight_order;
DROP TABLE oversight_cursor;
