-- +goose Up
-- A part that was agreed on a commitment which proved untrue.
ALTER TABLE joint_part ADD COLUMN revoked_at BIGINT NOT NULL DEFAULT 0;
-- The check of a commitment names its part by number.
CREATE INDEX joint_part_number ON joint_part (number) WHERE number <> '';

-- +goose Down
DROP INDEX joint_part_number;
ALTER TABLE joint_part DROP COLUMN revoked_at;
