-- +goose Up
-- Joint matters (联合事项) as data. A change is a new version; those that run keep theirs.
CREATE TABLE joint_matter (
    key        TEXT NOT NULL,
    version    BIGINT NOT NULL,
    division   TEXT NOT NULL,   -- where it can be applied for; empty: wherever its bodies are
    content    TEXT NOT NULL,   -- JSON
    active     BIGINT NOT NULL, -- 0: cannot be applied for any more
    post       TEXT NOT NULL,   -- who published it; empty: the product
    created_at BIGINT NOT NULL, -- UTC microseconds
    PRIMARY KEY (key, version)
);

-- Applications for joint matters, as the public may know them.
CREATE TABLE joint_whole (
    case_id    BIGINT PRIMARY KEY,
    number     TEXT NOT NULL,
    matter     TEXT NOT NULL,
    version    BIGINT NOT NULL,
    division   TEXT NOT NULL,
    body       TEXT NOT NULL,
    status     TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    ended_at   BIGINT NOT NULL  -- 0: open
);
CREATE UNIQUE INDEX joint_whole_number ON joint_whole (number);
CREATE INDEX joint_whole_division ON joint_whole (division, case_id);

-- The parts of departments. Terms are in the unit of the statutory one.
CREATE TABLE joint_part (
    whole       BIGINT NOT NULL,
    ordinal     BIGINT NOT NULL, -- from 1, in the order of the matter
    key         TEXT NOT NULL,
    stage       BIGINT NOT NULL,
    body        TEXT NOT NULL,
    subject     TEXT NOT NULL,   -- implementation code of the item, or key of the matter and of the part
    content     TEXT NOT NULL,   -- JSON: title, terms, defaults, what a refusal means, commitments
    token       BIGINT NOT NULL, -- of the step of the whole that waits for it; 0: its stage has not begun
    case_id     BIGINT NOT NULL, -- 0: not opened yet
    number      TEXT NOT NULL,
    status      TEXT NOT NULL,   -- waiting, open, agreed, forwarded, refused, deemed, discontinued, void
    cause       TEXT NOT NULL,   -- of a default: late, absent, no-reason
    opened_at   BIGINT NOT NULL,
    due_at      BIGINT NOT NULL, -- line of the department: promised, else statutory
    statute_at  BIGINT NOT NULL,
    answered_at BIGINT NOT NULL,
    late        TEXT NOT NULL,   -- the opinion given after a default; empty: none
    late_at     BIGINT NOT NULL,
    PRIMARY KEY (whole, ordinal)
);
CREATE UNIQUE INDEX joint_part_case ON joint_part (case_id) WHERE case_id > 0;
CREATE INDEX joint_part_body ON joint_part (body, status, whole);

-- Joint surveys, reviews and acceptances.
CREATE TABLE joint_meeting (
    whole   BIGINT NOT NULL,
    stage   BIGINT NOT NULL,
    kind    TEXT NOT NULL,
    day     BIGINT NOT NULL,
    held_at BIGINT NOT NULL,    -- 0: summoned
    absent  TEXT NOT NULL,      -- JSON: ordinals of the parts whose department did not come
    PRIMARY KEY (whole, stage)
);

-- What one case means for another, until it is carried out.
CREATE TABLE joint_link (
    id      BIGINT PRIMARY KEY,
    whole   BIGINT NOT NULL,
    ordinal BIGINT NOT NULL,    -- of the part; 0: about the whole
    kind    TEXT NOT NULL,      -- begin, answer, absent, discontinue, check, files
    run_at  BIGINT NOT NULL,
    tries   BIGINT NOT NULL
);
CREATE INDEX joint_link_run ON joint_link (run_at, id);
CREATE INDEX joint_link_part ON joint_link (whole, ordinal, kind);
CREATE INDEX joint_part_token ON joint_part (whole, token) WHERE token > 0;

-- +goose Down
DROP TABLE joint_link;
DROP TABLE joint_meeting;
DROP TABLE joint_part;
DROP TABLE joint_whole;
DROP TABLE joint_matter;
