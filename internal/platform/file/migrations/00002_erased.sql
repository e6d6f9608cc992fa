-- +goose Up
-- Files whose row is gone and whose bytes are still to be removed from the disk.
CREATE TABLE file_erased (id BIGINT PRIMARY KEY);

-- +goose Down
DROP TABLE file_erased;
