-- +goose Up
CREATE TABLE registry_division (
    code   TEXT PRIMARY KEY,
    level  BIGINT NOT NULL,
    hans   TEXT NOT NULL,
    hant   TEXT NOT NULL,
    en     TEXT NOT NULL
);

-- What a body, a centre (with its windows) or a post is made of is read as a whole and kept in memory: content is JSON.
CREATE TABLE registry_body (
    key     TEXT PRIMARY KEY,
    content TEXT NOT NULL
);

CREATE TABLE registry_centre (
    key     TEXT PRIMARY KEY,
    content TEXT NOT NULL
);

CREATE TABLE registry_post (
    key     TEXT PRIMARY KEY,
    content TEXT NOT NULL
);

CREATE TABLE registry_appointment (
    account  BIGINT NOT NULL,
    post     TEXT NOT NULL,
    from_at  BIGINT NOT NULL, -- UTC microseconds
    until_at BIGINT NOT NULL, -- not included; 0: open
    PRIMARY KEY (account, post, from_at)
);

-- One row. Whoever changes the registry counts it up, so that other nodes know that they must read it again.
CREATE TABLE registry_version (
    one     BIGINT PRIMARY KEY,
    version BIGINT NOT NULL
);
INSERT INTO registry_version (one, version) VALUES (1, 0);

-- +goose Down
DROP TABLE registry_version;
DROP TABLE registry_appointment;
DROP TABLE registry_post;
DROP TABLE registry_centre;
DROP TABLE registry_body;
DROP TABLE registry_division;
