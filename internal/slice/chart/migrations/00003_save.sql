-- +goose Up
-- What was saved of a version before it was saved over, the newest twenty of each.
CREATE TABLE chart_save (
    chart  BIGINT NOT NULL,
    n      BIGINT NOT NULL,
    stamp  BIGINT NOT NULL,  -- that the version had
    xml    TEXT NOT NULL,
    note   TEXT NOT NULL,
    author BIGINT NOT NULL,
    at     BIGINT NOT NULL,
    PRIMARY KEY (chart, n, stamp)
);

-- +goose Down
DROP TABLE chart_save;
