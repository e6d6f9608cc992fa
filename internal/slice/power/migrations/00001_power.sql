-- +goose Up
-- Every version of an item stands here for good: nothing is updated, a change is a new version.
CREATE TABLE power_item (
    key          TEXT NOT NULL,
    version      BIGINT NOT NULL,
    status       TEXT NOT NULL,
    effective    BIGINT NOT NULL, -- first day on which the version holds, in days since 1970-01-01; 0: at once
    content      TEXT NOT NULL,   -- JSON: power.Item
    digest       TEXT NOT NULL,   -- SHA-256 of the content without its version, hexadecimal
    published_at BIGINT NOT NULL, -- UTC microseconds
    published_by BIGINT NOT NULL, -- account; 0: the platform, by an import
    PRIMARY KEY (key, version)
);

-- An item as one body exercises it (实施事项). A code stays with its item and body after the body has ceased to exercise it.
CREATE TABLE power_implementation (
    code     TEXT PRIMARY KEY,  -- 实施编码, 31 characters
    item     TEXT NOT NULL,
    body     TEXT NOT NULL,
    level    TEXT NOT NULL,
    ended_at BIGINT NOT NULL    -- UTC microseconds; 0: the body exercises the item
);
CREATE INDEX power_implementation_item ON power_implementation (item);

-- What items refer to: laws, topics, life events, application forms.
CREATE TABLE power_reference (
    kind     TEXT NOT NULL,     -- law, topic, event, form
    key      TEXT NOT NULL,
    position BIGINT NOT NULL,   -- in the order in which they are offered
    content  TEXT NOT NULL,     -- JSON
    PRIMARY KEY (kind, key)
);

-- One row. Whoever changes the catalogue counts it up, so that other nodes know that they must read it again.
CREATE TABLE power_version (
    one     BIGINT PRIMARY KEY,
    version BIGINT NOT NULL
);
INSERT INTO power_version (one, version) VALUES (1, 0);

-- +goose Down
DROP TABLE power_version;
DROP TABLE power_reference;
DROP TABLE power_implementation;
DROP TABLE power_item;
