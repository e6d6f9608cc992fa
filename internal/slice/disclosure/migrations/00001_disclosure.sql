-- +goose Up
-- Searches that people have saved, to be told of what is new.
CREATE TABLE disclosure_search (
    id      BIGINT PRIMARY KEY,
    account BIGINT NOT NULL,
    query   BYTEA NOT NULL,  -- as in the address of the search, sealed: what people look for is theirs
    mail    BIGINT NOT NULL, -- 1: told of what is new
    seen    BIGINT NOT NULL, -- UTC microseconds: when its owner last looked at what is new
    at      BIGINT NOT NULL
);
CREATE INDEX disclosure_search_account ON disclosure_search (account, id);

-- What is new for a saved search, until its owner has looked at it.
CREATE TABLE disclosure_found (
    search BIGINT NOT NULL,
    record BIGINT NOT NULL,
    told   BIGINT NOT NULL,  -- when its owner was told, UTC microseconds; 0: not yet, 1: nobody knows when, or there was no need
    at     BIGINT NOT NULL,
    PRIMARY KEY (search, record)
);
CREATE INDEX disclosure_found_new ON disclosure_found (search, at) WHERE told = 0;

-- The demo: the day on which it began, and the parts of it that are complete.
CREATE TABLE disclosure_demo (
    one   BIGINT PRIMARY KEY,
    began BIGINT NOT NULL
);
CREATE TABLE disclosure_demo_part (
    key TEXT NOT NULL PRIMARY KEY
);

-- +goose Down
DROP TABLE disclosure_demo_part;
DROP TABLE disclosure_demo;
DROP TABLE disclosure_found;
DROP TABLE disclosure_search;
