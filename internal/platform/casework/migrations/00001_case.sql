-- +goose Up
CREATE TABLE case_ (
    id          BIGINT PRIMARY KEY,
    number      TEXT NOT NULL UNIQUE,
    kind        TEXT NOT NULL,
    subject     TEXT NOT NULL,
    title       TEXT NOT NULL,          -- JSON, three languages
    division    TEXT NOT NULL,
    body        TEXT NOT NULL,
    procedure   TEXT NOT NULL,          -- key@version
    party       BIGINT NOT NULL,
    holder      BYTEA,                  -- blind index of the applicant's identity number
    channel     TEXT NOT NULL,
    status      TEXT NOT NULL,
    result      TEXT NOT NULL,
    rating      BIGINT NOT NULL,
    lamp        BIGINT NOT NULL,
    seq         BIGINT NOT NULL,
    created_at  BIGINT NOT NULL,        -- all times UTC microseconds; 0: none
    ended_at    BIGINT NOT NULL,
    promise_due BIGINT NOT NULL,
    statute_due BIGINT NOT NULL,
    wake_at     BIGINT NOT NULL,
    terms       TEXT NOT NULL,          -- JSON: lengths fixed for this case
    state       TEXT NOT NULL           -- JSON: procedure, tasks, clocks
);
CREATE INDEX case_wake ON case_ (wake_at) WHERE wake_at > 0;
CREATE INDEX case_party ON case_ (party, id) WHERE party > 0;
CREATE INDEX case_holder ON case_ (holder, id) WHERE holder IS NOT NULL;
CREATE INDEX case_body ON case_ (body, id);
CREATE INDEX case_lamp ON case_ (lamp, statute_due) WHERE ended_at = 0 AND lamp > 0;

CREATE TABLE task (
    case_id   BIGINT NOT NULL,
    token     BIGINT NOT NULL,
    element   TEXT NOT NULL,
    role      TEXT NOT NULL,
    division  TEXT NOT NULL,
    body      TEXT NOT NULL,
    holder    BIGINT NOT NULL,
    opened_at BIGINT NOT NULL,
    due_at    BIGINT NOT NULL,          -- the step's own line; 0: none
    sort_at   BIGINT NOT NULL,          -- what a queue is sorted by: the earliest line of step and case
    PRIMARY KEY (case_id, token)
);
CREATE INDEX task_queue ON task (body, role, sort_at, case_id, token);

CREATE TABLE event (
    id      BIGINT PRIMARY KEY,
    case_id BIGINT NOT NULL,
    seq     BIGINT NOT NULL,
    at      BIGINT NOT NULL,
    kind    TEXT NOT NULL,
    content TEXT NOT NULL,              -- canonical JSON: the entry of the log, byte for byte
    leaf    BIGINT,                     -- place in the log; NULL until it has one
    sealed  BYTEA,                      -- private fields: field -> salt and value; NULL when there are none or they were erased
    command BYTEA,                      -- hash of actor and key; NULL for what the platform does by itself
    asked   BYTEA,                      -- hash of what the command asked for
    UNIQUE (case_id, seq)
);
-- A command on a case is looked for among the events of that case. Only one that opens a case needs an index of its own: its
-- random keys would touch a page for every event.
CREATE UNIQUE INDEX event_submission ON event (command) WHERE seq = 1 AND command IS NOT NULL;
CREATE INDEX event_waiting ON event (id) WHERE leaf IS NULL;
CREATE UNIQUE INDEX event_leaf ON event (leaf) WHERE leaf IS NOT NULL;

CREATE TABLE series (
    name TEXT PRIMARY KEY,
    last BIGINT NOT NULL
);

CREATE TABLE draft (
    id         BIGINT PRIMARY KEY,
    account    BIGINT NOT NULL,
    kind       TEXT NOT NULL,
    subject    TEXT NOT NULL,
    sealed     BYTEA NOT NULL,          -- form, applicant, files
    version    BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX draft_account ON draft (account, updated_at);

CREATE TABLE procedure_version (
    key          TEXT NOT NULL,
    version      BIGINT NOT NULL,
    digest       TEXT NOT NULL,         -- SHA-256 of the XML
    xml          TEXT NOT NULL,
    published_at BIGINT NOT NULL,
    PRIMARY KEY (key, version)
);

-- +goose Down
DROP TABLE procedure_version;
DROP TABLE draft;
DROP TABLE series;
DROP TABLE event;
DROP TABLE task;
DROP TABLE case_;
