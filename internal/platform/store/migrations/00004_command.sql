-- +goose Up
-- Commands of operators run beside the nodes that serve the hall. Each is counted, and makes its identifiers under a number of its own.
CREATE TABLE command_count (
    last BIGINT NOT NULL
);
INSERT INTO command_count (last) VALUES (0);

-- +goose Down
DROP TABLE command_count;
