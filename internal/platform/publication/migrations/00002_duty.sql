-- +goose Up
-- What a body owes to the public (公开义务).
CREATE TABLE publication_duty (
    id          BIGINT PRIMARY KEY,
    key         TEXT NOT NULL,   -- what it is, once
    kind        TEXT NOT NULL,
    division    TEXT NOT NULL,
    body        TEXT NOT NULL,
    category    TEXT NOT NULL,   -- under which it is expected; '': not said
    about       BIGINT NOT NULL, -- record that it is about; 0: none
    title       TEXT NOT NULL,   -- JSON, three languages
    rule        TEXT NOT NULL,   -- of the law
    n           BIGINT NOT NULL, -- length of the term; 0: due_day is fixed
    unit        TEXT NOT NULL,
    start_at    BIGINT NOT NULL, -- UTC microseconds
    due_day     BIGINT NOT NULL,
    due_at      BIGINT NOT NULL, -- end of that day
    provisional BIGINT NOT NULL, -- 1: the year of the due day has no calendar yet
    state       TEXT NOT NULL,   -- owed, met, dropped
    record      BIGINT NOT NULL, -- that met it; 0: none
    settled_at  BIGINT NOT NULL, -- met or dropped; 0: open
    late        BIGINT NOT NULL, -- 1: it was noticed that the day passed
    case_id     BIGINT NOT NULL, -- opened when it was late
    number      TEXT NOT NULL,
    closed      BIGINT NOT NULL  -- 1: that case has ended
);
CREATE UNIQUE INDEX publication_duty_key ON publication_duty (key);
CREATE INDEX publication_duty_due ON publication_duty (due_at, id) WHERE state = 'owed' AND late = 0;
CREATE INDEX publication_duty_open ON publication_duty (due_at, id) WHERE state = 'owed';
CREATE INDEX publication_duty_body ON publication_duty (body, due_at, id) WHERE state = 'owed';
CREATE INDEX publication_duty_division ON publication_duty (division, due_at, id) WHERE state = 'owed';
CREATE INDEX publication_duty_settled ON publication_duty (body, settled_at, id) WHERE state <> 'owed';
CREATE INDEX publication_duty_about ON publication_duty (about) WHERE about <> 0;
CREATE INDEX publication_duty_close ON publication_duty (id) WHERE case_id <> 0 AND closed = 0 AND state <> 'owed';

CREATE TABLE publication_duty_count (
    division TEXT NOT NULL,
    body     TEXT NOT NULL,
    kind     TEXT NOT NULL,
    owed     BIGINT NOT NULL,    -- open, late ones too
    late     BIGINT NOT NULL,    -- open and late
    met      BIGINT NOT NULL,
    met_late BIGINT NOT NULL,    -- of those met, after their day
    PRIMARY KEY (division, body, kind)
);

-- The calendar by which the days above were counted.
CREATE TABLE publication_calendar (
    one   BIGINT PRIMARY KEY,
    print TEXT NOT NULL
);

-- +goose Down
DROP TABLE publication_calendar;
DROP TABLE publication_duty_count;
DROP TABLE publication_duty;
