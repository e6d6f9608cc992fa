-- +goose Up
-- A segment: records indexed together. Its rows never change.
CREATE TABLE search_segment (
    id     BIGINT PRIMARY KEY,
    state  TEXT NOT NULL,   -- building: being merged, not read yet; live; gone: merged into another one
    docs   BIGINT NOT NULL, -- how many records, with those that are no longer current
    newest BIGINT NOT NULL, -- day of the first record, which is the newest
    newid  BIGINT NOT NULL, -- its id
    oldest BIGINT NOT NULL, -- day of the last record
    at     BIGINT NOT NULL  -- when it got its state: UTC microseconds
);
CREATE INDEX search_segment_state ON search_segment (state, id);

-- What a segment holds: columns of records and lists of terms, in the order of the keys.
CREATE TABLE search_row (
    segment BIGINT NOT NULL,
    key     BYTEA NOT NULL,
    data    BYTEA NOT NULL,
    PRIMARY KEY (segment, key)
);

-- Which version of a record is the current one. Older ones lie in segments until these are merged.
CREATE TABLE search_doc (
    id      BIGINT PRIMARY KEY,
    version BIGINT NOT NULL, -- counts how often the record was put
    live    BIGINT NOT NULL, -- 1: it is found; 0: removed
    stale   BIGINT NOT NULL, -- how many versions in segments are not current
    change  BIGINT NOT NULL  -- number of the last change after the first version; 0: none
);
CREATE INDEX search_doc_change ON search_doc (change) WHERE change > 0;
CREATE TABLE search_state (
    one     BIGINT PRIMARY KEY,
    changes BIGINT NOT NULL -- numbers given; in the order of commits, because the row is locked
);
INSERT INTO search_state (one, changes) VALUES (1, 0);

-- +goose Down
DROP TABLE search_state;
DROP TABLE search_doc;
DROP TABLE search_row;
DROP TABLE search_segment;
