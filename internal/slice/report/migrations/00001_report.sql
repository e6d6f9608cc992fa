-- +goose Up
CREATE TABLE report_report (
    id           BIGINT PRIMARY KEY, -- of the case
    division     TEXT NOT NULL,
    body         TEXT NOT NULL,      -- empty: the government of the division
    office       TEXT NOT NULL,      -- body that compiles it
    year         BIGINT NOT NULL,
    due          BIGINT NOT NULL,    -- last day of the term, in days since 1970
    state        TEXT NOT NULL,
    number       TEXT NOT NULL,
    begun_at     BIGINT NOT NULL,    -- UTC microseconds
    handed_at    BIGINT NOT NULL,    -- 0: not yet
    published_at BIGINT NOT NULL,    -- 0: not yet
    prepared     TEXT NOT NULL,      -- SHA-256 of the statement that may be handed on next
    draft        TEXT NOT NULL,      -- that statement
    statement    TEXT NOT NULL,      -- what was handed on; empty: nothing yet
    record       TEXT NOT NULL       -- address in the catalogue; empty: not there yet
);
CREATE UNIQUE INDEX report_report_owner ON report_report (division, body, year);
CREATE INDEX report_report_year ON report_report (year, division, state);
CREATE INDEX report_report_office ON report_report (office, year);
CREATE INDEX report_report_follow ON report_report (record, published_at);

-- Every adjustment that was ever made; the newest of a cell holds, unless it was dropped.
CREATE TABLE report_adjustment (
    id      BIGINT PRIMARY KEY,
    report  BIGINT NOT NULL,
    cell    TEXT NOT NULL,
    known   BIGINT NOT NULL, -- 1: the records count the cell
    counted BIGINT NOT NULL,
    value   BIGINT NOT NULL,
    dropped BIGINT NOT NULL, -- 1: what the records count holds again
    reason  TEXT NOT NULL,
    by_     BIGINT NOT NULL,
    post    TEXT NOT NULL,
    at      BIGINT NOT NULL
);
CREATE INDEX report_adjustment_report ON report_adjustment (report, id);

-- Every explanation of a check that does not hold; it holds for the numbers that it was given for.
CREATE TABLE report_explanation (
    id       BIGINT PRIMARY KEY,
    report   BIGINT NOT NULL,
    finding  TEXT NOT NULL,
    left_    BIGINT NOT NULL,
    right_   BIGINT NOT NULL,
    reason   TEXT NOT NULL,
    by_      BIGINT NOT NULL,
    post     TEXT NOT NULL,
    at       BIGINT NOT NULL
);
CREATE INDEX report_explanation_report ON report_explanation (report, id);

-- Every version of the words of a section.
CREATE TABLE report_text (
    report  BIGINT NOT NULL,
    section TEXT NOT NULL,
    version BIGINT NOT NULL,
    content TEXT NOT NULL,
    by_     BIGINT NOT NULL,
    post    TEXT NOT NULL,
    at      BIGINT NOT NULL,
    PRIMARY KEY (report, section, version)
);

-- +goose Down
DROP TABLE report_text;
DROP TABLE report_explanation;
DROP TABLE report_adjustment;
DROP TABLE report_report;
