-- +goose Up
CREATE TABLE ledger_head (
    id         BIGINT PRIMARY KEY CHECK (id = 1), -- one row: whoever appends holds it
    size       BIGINT NOT NULL,
    checkpoint TEXT NOT NULL,                     -- signed note
    verifier   TEXT NOT NULL,                     -- public key by which it is signed
    at         BIGINT NOT NULL                    -- when it was signed, UTC microseconds
);

CREATE TABLE ledger_tile (
    level  BIGINT NOT NULL,
    number BIGINT NOT NULL,
    hashes BYTEA NOT NULL,                        -- 32 bytes each; 256 of them when the tile is full
    PRIMARY KEY (level, number)
);

CREATE TABLE ledger_cursor (
    name TEXT PRIMARY KEY,
    next BIGINT NOT NULL                          -- place of the first event that the consumer has not seen
);

-- +goose Down
DROP TABLE ledger_cursor;
DROP TABLE ledger_tile;
DROP TABLE ledger_head;
