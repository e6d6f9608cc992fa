-- +goose Up
-- Charts of powers, as they are drawn. What is in force are the versions of procedures that casework keeps.
CREATE TABLE chart_chart (
    id       BIGINT PRIMARY KEY,
    key      TEXT NOT NULL,    -- of the procedure
    body     TEXT NOT NULL,
    division TEXT NOT NULL,
    title    TEXT NOT NULL,    -- JSON: three languages
    items    TEXT NOT NULL,    -- JSON: keys of the powers it is for
    record   BIGINT NOT NULL,  -- of platform/publication; 0: nothing was handed in yet
    latest   BIGINT NOT NULL,  -- number of the newest version
    live     TEXT NOT NULL,    -- key@version in force; empty: none
    at       BIGINT NOT NULL   -- UTC microseconds
);
CREATE UNIQUE INDEX chart_chart_key ON chart_chart (key);
CREATE INDEX chart_chart_body ON chart_chart (body, id);

CREATE TABLE chart_version (
    chart        BIGINT NOT NULL,
    n            BIGINT NOT NULL,
    state        TEXT NOT NULL,    -- draft, review, published, withheld
    base         TEXT NOT NULL,    -- key@version it was drawn from; empty: from nothing
    xml          TEXT NOT NULL,
    digest       TEXT NOT NULL,    -- SHA-256 of xml, hexadecimal
    stamp        BIGINT NOT NULL,  -- grows with every save
    note         TEXT NOT NULL,    -- what changes and why
    author       BIGINT NOT NULL,  -- account that saved last
    at           BIGINT NOT NULL,  -- of that
    case_id      BIGINT NOT NULL,  -- in which it is reviewed and approved
    ref          TEXT NOT NULL,    -- key@version, once it is in force
    published_at BIGINT NOT NULL,
    PRIMARY KEY (chart, n)
);
CREATE INDEX chart_version_review ON chart_version (chart) WHERE state = 'review';

CREATE TABLE chart_form (
    chart  BIGINT NOT NULL,
    name   TEXT NOT NULL,
    n      BIGINT NOT NULL,
    schema TEXT NOT NULL,    -- JSON Schema
    frozen BIGINT NOT NULL,  -- 1: a version that was handed in uses it
    author BIGINT NOT NULL,
    at     BIGINT NOT NULL,
    PRIMARY KEY (chart, name, n)
);

-- By which chart the cases of a power run in a body, in place of what the catalogue says.
CREATE TABLE chart_use (
    body TEXT NOT NULL,
    item TEXT NOT NULL,
    key  TEXT NOT NULL,
    PRIMARY KEY (body, item)
);

-- +goose Down
DROP TABLE chart_use;
DROP TABLE chart_form;
DROP TABLE chart_version;
DROP TABLE chart_chart;
