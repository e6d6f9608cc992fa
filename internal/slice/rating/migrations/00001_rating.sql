-- +goose Up
-- Ratings of visits to a window. Ratings of cases stand in the log.
CREATE TABLE rating_visit (
    visit    BYTEA PRIMARY KEY,  -- blind index of the code on the ticket: a visit is rated once
    id       BIGINT NOT NULL,
    division TEXT NOT NULL,
    body     TEXT NOT NULL,      -- whose matter it was; that of the centre when the visit was for none in particular
    win      TEXT NOT NULL,      -- key of the window
    item     TEXT NOT NULL,      -- implementation code; empty: none in particular
    day      BIGINT NOT NULL,    -- of the rating, in Asia/Shanghai, days since 1970-01-01
    grade    BIGINT NOT NULL,
    reasons  TEXT NOT NULL,      -- JSON: codes
    clerk    BIGINT NOT NULL,    -- account that served; 0: unknown
    sealed   BYTEA NOT NULL,     -- comment and telephone
    at       BIGINT NOT NULL     -- UTC microseconds
);
CREATE UNIQUE INDEX rating_visit_id ON rating_visit (id);

-- Bad ratings and what became of them. What is published stands here in clear; everything else is in the case of the follow-up.
CREATE TABLE rating_bad (
    id        BIGINT PRIMARY KEY, -- the event of the rating, or the rating of a visit
    case_id   BIGINT NOT NULL,    -- that was rated; 0: a visit
    seq       BIGINT NOT NULL,    -- of the event in that case
    division  TEXT NOT NULL,
    body      TEXT NOT NULL,
    item      TEXT NOT NULL,
    win       TEXT NOT NULL,
    grade     BIGINT NOT NULL,
    reasons   TEXT NOT NULL,      -- JSON: codes
    at        BIGINT NOT NULL,    -- all times UTC microseconds; 0: not yet
    followup  BIGINT NOT NULL,    -- case; 0: not opened yet
    number    TEXT NOT NULL,      -- of that case
    status    TEXT NOT NULL,
    due_at    BIGINT NOT NULL,
    closed_at BIGINT NOT NULL,
    late      BIGINT NOT NULL,    -- 1: closed, or still open, past the line
    closure   TEXT NOT NULL,      -- what the officer wrote for the public
    comment   TEXT NOT NULL,      -- of the rater, once it may be published
    withheld  BIGINT NOT NULL     -- 1: there is a comment, which is not published
);
CREATE INDEX rating_bad_waiting ON rating_bad (id) WHERE followup = 0;
CREATE INDEX rating_bad_case ON rating_bad (case_id) WHERE case_id > 0;
CREATE INDEX rating_bad_followup ON rating_bad (followup) WHERE followup > 0;
CREATE INDEX rating_bad_division ON rating_bad (division, at, id);
CREATE INDEX rating_bad_body ON rating_bad (body, at, id);

-- The public register of complaints. Who complained is nowhere in it.
CREATE TABLE rating_complaint (
    case_id   BIGINT PRIMARY KEY,
    number    TEXT NOT NULL,
    division  TEXT NOT NULL,
    body      TEXT NOT NULL,      -- complained of
    item      TEXT NOT NULL,
    win       TEXT NOT NULL,
    matter    TEXT NOT NULL,      -- code of complaint.matters
    at        BIGINT NOT NULL,
    status    TEXT NOT NULL,
    due_at    BIGINT NOT NULL,
    closed_at BIGINT NOT NULL,
    late      BIGINT NOT NULL,
    verdict   TEXT NOT NULL,
    summary   TEXT NOT NULL       -- what the officer wrote for the public
);
CREATE INDEX rating_complaint_division ON rating_complaint (division, at, case_id);
CREATE INDEX rating_complaint_body ON rating_complaint (body, at, case_id);

CREATE TABLE rating_count (
    division  TEXT NOT NULL,
    body      TEXT NOT NULL,
    item      TEXT NOT NULL,
    win       TEXT NOT NULL,
    day       BIGINT NOT NULL,    -- in Asia/Shanghai, days since 1970-01-01
    grade5    BIGINT NOT NULL,
    grade4    BIGINT NOT NULL,
    grade3    BIGINT NOT NULL,
    grade2    BIGINT NOT NULL,
    grade1    BIGINT NOT NULL,
    followed  BIGINT NOT NULL,    -- follow-ups opened
    closed    BIGINT NOT NULL,
    overdue   BIGINT NOT NULL,    -- of those closed: past the line
    settled   BIGINT NOT NULL,    -- of those closed: the rater is satisfied now
    filed     BIGINT NOT NULL,    -- complaints
    declined  BIGINT NOT NULL,
    answered  BIGINT NOT NULL,
    tardy     BIGINT NOT NULL,    -- of those answered: past the line
    contented BIGINT NOT NULL,
    reviewed  BIGINT NOT NULL,
    PRIMARY KEY (division, body, item, win, day)
);
CREATE INDEX rating_count_body ON rating_count (body, day);

-- What a follow-up or a complaint is counted under, as far as the log was read.
CREATE TABLE rating_case (
    case_id  BIGINT PRIMARY KEY,
    division TEXT NOT NULL,
    body     TEXT NOT NULL,
    item     TEXT NOT NULL,
    win      TEXT NOT NULL,
    late     BIGINT NOT NULL
);

-- +goose Down
DROP TABLE rating_case;
DROP TABLE rating_count;
DROP TABLE rating_complaint;
DROP TABLE rating_bad;
DROP TABLE rating_visit;
