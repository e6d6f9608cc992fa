-- +goose Up
-- The nodes that serve the hall, as each of them has told last. When keys are taken out of the ring, or a release takes something away,
-- it can be seen who would be left behind.
CREATE TABLE node (
    number  BIGINT PRIMARY KEY,
    program TEXT NOT NULL,   -- version of the program
    keys    TEXT NOT NULL,   -- short names of the keys of its ring, the one that seals first
    seen_at BIGINT NOT NULL  -- UTC microseconds; 0: it has ended in order
);

-- +goose Down
DROP TABLE node;
