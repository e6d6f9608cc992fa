-- +goose Up
-- What a published version was drawn from is asked by its reference.
CREATE INDEX chart_version_ref ON chart_version (ref) WHERE ref <> '';

-- +goose Down
DROP INDEX chart_version_ref;
