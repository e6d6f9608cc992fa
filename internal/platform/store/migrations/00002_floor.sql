-- +goose Up
-- The oldest state of a module's tables that a program must know to work with what is there. A migration that takes something away, which
-- an older program still uses, writes its own number here (see store.Migrations); one that only adds does not.
CREATE TABLE schema_floor (
    module  TEXT PRIMARY KEY,
    version BIGINT NOT NULL
);

-- +goose Down
DROP TABLE schema_floor;
