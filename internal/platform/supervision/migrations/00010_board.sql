-- +goose Up
-- What supervision knows of each case, from its events alone and as far as it has counted: a list read from here has as many lines as
-- the number that opens it says.
CREATE TABLE supervision_record (
    case_id     BIGINT PRIMARY KEY,
    number      TEXT NOT NULL,
    kind        TEXT NOT NULL,
    item        TEXT NOT NULL,      -- basic code of the item, the same for every body that carries it out; else the subject
    subject     TEXT NOT NULL,
    division    TEXT NOT NULL,
    city        TEXT NOT NULL,      -- the first four digits of the division
    area        TEXT NOT NULL,      -- the first six
    body        TEXT NOT NULL,
    post        TEXT NOT NULL,      -- the post at a window that took it in; empty: none has yet
    status      TEXT NOT NULL,
    result      TEXT NOT NULL,
    lamp        BIGINT NOT NULL,    -- of an open case
    grade       BIGINT NOT NULL,    -- of its rating; 0: none
    received_at BIGINT NOT NULL,    -- all times UTC microseconds; 0: not yet
    taken_at    BIGINT NOT NULL,    -- by the post
    accepted_at BIGINT NOT NULL,
    ended_at    BIGINT NOT NULL,
    rated_at    BIGINT NOT NULL,
    paused_at   BIGINT NOT NULL,    -- since when a clock stands still
    paused_days BIGINT NOT NULL,    -- working days on which a clock stood still, without the pause under way
    gross_days  BIGINT NOT NULL,    -- working days from receipt to end; 0 while it is open
    pause_rank  BIGINT NOT NULL,    -- sorts those that stand still by their paused days, on any day alike
    clocks      TEXT NOT NULL,      -- JSON: the clocks that run or stand still
    card        TEXT NOT NULL       -- JSON: the card that the case answers; empty: none
);
-- Open ones, by when they came in.
CREATE INDEX supervision_record_open ON supervision_record (kind, received_at, case_id) WHERE ended_at = 0;
CREATE INDEX supervision_record_open_city ON supervision_record (kind, city, received_at, case_id) WHERE ended_at = 0;
CREATE INDEX supervision_record_open_area ON supervision_record (kind, area, received_at, case_id) WHERE ended_at = 0;
CREATE INDEX supervision_record_open_body ON supervision_record (kind, body, received_at, case_id) WHERE ended_at = 0;
-- All, by when they came in.
CREATE INDEX supervision_record_received ON supervision_record (kind, received_at, case_id);
CREATE INDEX supervision_record_received_city ON supervision_record (kind, city, received_at, case_id);
CREATE INDEX supervision_record_received_area ON supervision_record (kind, area, received_at, case_id);
CREATE INDEX supervision_record_received_body ON supervision_record (kind, body, received_at, case_id);
-- Those that have ended, by when they did.
CREATE INDEX supervision_record_ended ON supervision_record (kind, ended_at, case_id) WHERE ended_at > 0;
CREATE INDEX supervision_record_ended_city ON supervision_record (kind, city, ended_at, case_id) WHERE ended_at > 0;
CREATE INDEX supervision_record_ended_area ON supervision_record (kind, area, ended_at, case_id) WHERE ended_at > 0;
CREATE INDEX supervision_record_ended_body ON supervision_record (kind, body, ended_at, case_id) WHERE ended_at > 0;
-- The few that are late, or about to be.
CREATE INDEX supervision_record_late ON supervision_record (kind, lamp, received_at, case_id) WHERE ended_at = 0 AND lamp > 0;
CREATE INDEX supervision_record_late_city ON supervision_record (kind, lamp, city, received_at, case_id) WHERE ended_at = 0 AND lamp > 0;
CREATE INDEX supervision_record_late_area ON supervision_record (kind, lamp, area, received_at, case_id) WHERE ended_at = 0 AND lamp > 0;
CREATE INDEX supervision_record_late_body ON supervision_record (kind, lamp, body, received_at, case_id) WHERE ended_at = 0 AND lamp > 0;
-- Those whose clocks stand still, and those whose clocks did.
CREATE INDEX supervision_record_standing ON supervision_record (kind, pause_rank, case_id) WHERE paused_at > 0;
CREATE INDEX supervision_record_paused ON supervision_record (kind, paused_days, case_id) WHERE ended_at = 0 AND paused_days > 0;
CREATE INDEX supervision_record_post ON supervision_record (post, taken_at, case_id) WHERE taken_at > 0;
CREATE INDEX supervision_record_item ON supervision_record (item, received_at, case_id);
CREATE INDEX supervision_record_rated ON supervision_record (kind, rated_at, case_id) WHERE rated_at > 0;

-- The counts, for each place that a board can show: a division with all below it, a body, a post at a window; each whole and for one
-- item; each as a total and by what it consists of. A board reads few rows however many cases there are. What was counted before is
-- counted anew: the counters follow the log from its beginning by a cursor of their own.
DROP TABLE supervision_accepted;
DROP TABLE supervision_count;
CREATE TABLE supervision_count (
    scope     TEXT NOT NULL,        -- d:DIVISION, b:BODY, p:POST
    kind      TEXT NOT NULL,        -- of the cases
    item      TEXT NOT NULL,        -- empty: all
    part      TEXT NOT NULL,        -- empty: the total; division, body, item, post
    day       BIGINT NOT NULL,      -- in Asia/Shanghai, days since 1970-01-01; 0: ever, and what stands now
    part_key  TEXT NOT NULL,
    received  BIGINT NOT NULL,
    accepted  BIGINT NOT NULL,
    ended     BIGINT NOT NULL,
    granted   BIGINT NOT NULL,
    refused   BIGINT NOT NULL,
    warned    BIGINT NOT NULL,
    yellow    BIGINT NOT NULL,
    red       BIGINT NOT NULL,
    overtime  BIGINT NOT NULL,
    rated1    BIGINT NOT NULL,
    rated2    BIGINT NOT NULL,
    rated3    BIGINT NOT NULL,
    rated4    BIGINT NOT NULL,
    rated5    BIGINT NOT NULL,
    gross     BIGINT NOT NULL,      -- working days, of cases that ended
    paused    BIGINT NOT NULL,
    standing  BIGINT NOT NULL,      -- open cases, on day 0 only: their clock stands still; the colour of their lamp
    lit_amber BIGINT NOT NULL,
    lit_yellow BIGINT NOT NULL,
    lit_red   BIGINT NOT NULL,
    PRIMARY KEY (scope, kind, item, part, day, part_key)
);

-- Cards by the same places.
CREATE TABLE supervision_card_count (
    scope    TEXT NOT NULL,
    kind     TEXT NOT NULL,
    item     TEXT NOT NULL,
    part     TEXT NOT NULL,
    day      BIGINT NOT NULL,       -- on which they were raised; 0: ever, and what stands now
    part_key TEXT NOT NULL,
    colour   TEXT NOT NULL,
    raised   BIGINT NOT NULL,
    open     BIGINT NOT NULL,       -- on day 0 only
    PRIMARY KEY (scope, kind, item, part, day, part_key, colour)
);
CREATE INDEX supervision_card_colour ON supervision_card (colour, id);
CREATE INDEX supervision_card_kind ON supervision_card (kind, colour, id) WHERE closed_at = 0;

-- +goose Down
DROP INDEX supervision_card_kind;
DROP INDEX supervision_card_colour;
DROP TABLE supervision_card_count;
DROP TABLE supervision_count;
DROP TABLE supervision_record;
CREATE TABLE supervision_count (
    division TEXT NOT NULL,
    body     TEXT NOT NULL,
    subject  TEXT NOT NULL,
    day      BIGINT NOT NULL,
    received BIGINT NOT NULL,
    accepted BIGINT NOT NULL,
    ended    BIGINT NOT NULL,
    granted  BIGINT NOT NULL,
    refused  BIGINT NOT NULL,
    warned   BIGINT NOT NULL,
    yellow   BIGINT NOT NULL,
    red      BIGINT NOT NULL,
    overtime BIGINT NOT NULL,
    PRIMARY KEY (division, body, subject, day)
);
CREATE TABLE supervision_accepted (
    case_id BIGINT PRIMARY KEY
);
