-- +goose Up
-- Calendars and rules that were published by the administrators, over those that ship with the program. Never changed, never removed.
CREATE TABLE law_document (
    name         TEXT NOT NULL,         -- path as in the folder rules: calendar/2027.yaml, cn-ah/price.yaml
    version      BIGINT NOT NULL,
    digest       TEXT NOT NULL,         -- SHA-256 of the content
    content      TEXT NOT NULL,
    published_at BIGINT NOT NULL,
    published_by BIGINT NOT NULL,       -- account
    PRIMARY KEY (name, version)
);

-- One row: what the nodes look at, and how far the open cases have been moved to the newest calendar.
CREATE TABLE law_version (
    one     BIGINT PRIMARY KEY,
    version BIGINT NOT NULL,
    pending BIGINT NOT NULL,            -- version whose calendar is being applied; 0: none
    upto    BIGINT NOT NULL,            -- last case that was looked at
    moved   BIGINT NOT NULL
);
INSERT INTO law_version (one, version, pending, upto, moved) VALUES (1, 0, 0, 0, 0);

-- +goose Down
DROP TABLE law_version;
DROP TABLE law_document;
