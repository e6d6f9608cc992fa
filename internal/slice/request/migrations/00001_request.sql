-- +goose Up
-- Who asks (申请人), apart from the case and under a random number: sealed, erased when its term is over.
CREATE TABLE request_asker (
    id       BIGINT PRIMARY KEY,  -- random
    sealed   BYTEA NOT NULL,
    account  BYTEA,               -- blind index of the account; null: without one
    holder   BYTEA NOT NULL,      -- blind index of who it is, for the number of requests in a month (国办函〔2020〕109号)
    day      BIGINT NOT NULL,     -- on which the request reached the body
    case_id  BIGINT NOT NULL,     -- 0: the request was not sent yet
    erase_at BIGINT NOT NULL      -- UTC microseconds; 0: not while the request is open
);
CREATE INDEX request_asker_account ON request_asker (account, day, id) WHERE account IS NOT NULL;
CREATE INDEX request_asker_holder ON request_asker (holder, day);
CREATE INDEX request_asker_erase ON request_asker (erase_at) WHERE erase_at > 0;

-- Requests as the public may know them. Days are days since 1970-01-01 in Asia/Shanghai.
CREATE TABLE request_case (
    case_id   BIGINT PRIMARY KEY,
    number    TEXT NOT NULL,
    division  TEXT NOT NULL,
    body      TEXT NOT NULL,
    applicant TEXT NOT NULL,      -- code of report.annual.applicants
    channel   TEXT NOT NULL,
    asker     BIGINT NOT NULL,    -- number in request_asker; 0: erased
    arrived   BIGINT NOT NULL,    -- day on which it reached the body
    receipt   BIGINT NOT NULL,    -- 收到申请之日; 0: not confirmed yet
    status    TEXT NOT NULL,
    due_at    BIGINT NOT NULL,    -- UTC microseconds
    outcome   TEXT NOT NULL,      -- empty: open
    closed    BIGINT NOT NULL,    -- day of the outcome; 0: open
    days      BIGINT NOT NULL,    -- working days from receipt to the outcome
    late      BIGINT NOT NULL,
    subject   TEXT NOT NULL,      -- as the disclosure office wrote it for the public
    record    TEXT NOT NULL       -- key of the publication; empty: none
);
CREATE UNIQUE INDEX request_case_number ON request_case (number);
CREATE INDEX request_case_closed ON request_case (closed, case_id) WHERE closed > 0;
CREATE INDEX request_case_body ON request_case (body, closed, case_id);
CREATE INDEX request_case_division ON request_case (division, closed, case_id);

-- How many: of requests by the day on which they came (outcome 'received') and by the day of their outcome.
CREATE TABLE request_count (
    division  TEXT NOT NULL,
    body      TEXT NOT NULL,
    day       BIGINT NOT NULL,
    applicant TEXT NOT NULL,
    outcome   TEXT NOT NULL,
    channel   TEXT NOT NULL,
    n         BIGINT NOT NULL,
    PRIMARY KEY (body, day, applicant, outcome, channel)
);
CREATE INDEX request_count_division ON request_count (division, day);

-- Reconsiderations (行政复议) and suits (行政诉讼) about replies.
CREATE TABLE request_dispute (
    case_id   BIGINT PRIMARY KEY,
    number    TEXT NOT NULL,
    request   BIGINT NOT NULL,    -- case of the request
    division  TEXT NOT NULL,
    body      TEXT NOT NULL,
    kind      TEXT NOT NULL,      -- review, suit, suit-after-review
    filed     BIGINT NOT NULL,    -- day
    result    TEXT NOT NULL,      -- upheld, corrected, other; empty: pending
    concluded BIGINT NOT NULL     -- day; 0: pending
);
CREATE INDEX request_dispute_request ON request_dispute (request);
CREATE INDEX request_dispute_body ON request_dispute (body, filed);
CREATE INDEX request_dispute_division ON request_dispute (division, filed);

-- What can be asked for (依申请公开目录): the editions of a body and their entries.
CREATE TABLE request_edition (
    case_id   BIGINT PRIMARY KEY,
    number    TEXT NOT NULL,
    division  TEXT NOT NULL,
    body      TEXT NOT NULL,
    entries   TEXT NOT NULL,      -- JSON
    published BIGINT NOT NULL     -- day; 0: not approved
);
CREATE INDEX request_edition_body ON request_edition (body, published);

-- +goose Down
DROP TABLE request_edition;
DROP TABLE request_dispute;
DROP TABLE request_count;
DROP TABLE request_case;
DROP TABLE request_asker;
