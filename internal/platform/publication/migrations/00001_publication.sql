-- +goose Up
-- Classification: managed once at the top, extended below.
CREATE TABLE publication_category (
    key      TEXT NOT NULL PRIMARY KEY,
    parent   TEXT NOT NULL,     -- '': a column of the top
    division TEXT NOT NULL,     -- '': for everybody
    body     TEXT NOT NULL,     -- '': for every body of the division
    place    BIGINT NOT NULL,   -- among its siblings
    doc      TEXT NOT NULL,     -- titles, article, what the privacy guard does: JSON
    ended    BIGINT NOT NULL    -- first day on which nothing more is published under it; 0: open
);
CREATE TABLE publication_category_version (
    one     BIGINT PRIMARY KEY,
    version BIGINT NOT NULL
);
INSERT INTO publication_category_version (one, version) VALUES (1, 0);

-- A record. Columns about its content are those of the version shown; before the first they are those of the draft.
CREATE TABLE publication_record (
    id         BIGINT PRIMARY KEY,
    index_no   TEXT NOT NULL,   -- '': none yet
    state      TEXT NOT NULL,   -- draft, published, withdrawn
    live       BIGINT NOT NULL, -- 1: everybody reads it
    division   TEXT NOT NULL,
    d4         TEXT NOT NULL,   -- first digits of the division: its city
    d6         TEXT NOT NULL,   -- its county
    body       TEXT NOT NULL,
    category   TEXT NOT NULL,
    item       TEXT NOT NULL,   -- the category of the second level above it, or itself
    root       TEXT NOT NULL,   -- the column above it
    version    BIGINT NOT NULL, -- shown; 0: none yet
    latest     BIGINT NOT NULL, -- newest, also in work
    title      TEXT NOT NULL,
    summary    TEXT NOT NULL,
    docno      TEXT NOT NULL,
    genre      TEXT NOT NULL,
    language   TEXT NOT NULL,
    made       BIGINT NOT NULL, -- days, as all below; 0: not said
    first      BIGINT NOT NULL, -- first published
    day        BIGINT NOT NULL, -- version shown published
    effective  BIGINT NOT NULL,
    repealed   BIGINT NOT NULL,
    updated_at BIGINT NOT NULL, -- UTC microseconds
    gone_at    BIGINT NOT NULL, -- withdrawn; 0: not
    gone       TEXT NOT NULL    -- the tombstone: JSON
);
CREATE UNIQUE INDEX publication_record_index ON publication_record (index_no) WHERE index_no <> '';
CREATE INDEX publication_record_docno ON publication_record (docno, id) WHERE live = 1 AND docno <> '';
CREATE INDEX publication_record_all ON publication_record (first, id) WHERE live = 1;
CREATE INDEX publication_record_item ON publication_record (item, first, id) WHERE live = 1;
CREATE INDEX publication_record_d4 ON publication_record (d4, first, id) WHERE live = 1;
CREATE INDEX publication_record_d4_item ON publication_record (d4, item, first, id) WHERE live = 1;
CREATE INDEX publication_record_d6 ON publication_record (d6, first, id) WHERE live = 1;
CREATE INDEX publication_record_d6_item ON publication_record (d6, item, first, id) WHERE live = 1;
CREATE INDEX publication_record_division ON publication_record (division, first, id) WHERE live = 1;
CREATE INDEX publication_record_body ON publication_record (body, first, id) WHERE live = 1;
CREATE INDEX publication_record_body_item ON publication_record (body, item, first, id) WHERE live = 1;
CREATE INDEX publication_record_gone ON publication_record (gone_at, id) WHERE gone_at <> 0;

CREATE TABLE publication_version (
    record   BIGINT NOT NULL,
    n        BIGINT NOT NULL,
    state    TEXT NOT NULL,   -- work, public, withheld
    body     TEXT NOT NULL,
    batch    BIGINT NOT NULL, -- in which it goes its way; 0: a draft
    part     BIGINT NOT NULL, -- of the batch, published by one event; 0: not numbered yet
    day      BIGINT NOT NULL, -- published; 0: not yet
    at       BIGINT NOT NULL, -- published, or last edited: UTC microseconds
    event    BIGINT NOT NULL, -- that published it
    case_id  BIGINT NOT NULL,
    author   BIGINT NOT NULL, -- account; 0: the platform
    digest   TEXT NOT NULL,   -- SHA-256 of content; '': it can still change
    content  TEXT NOT NULL,   -- of work: Content; else the Statement, canonical
    extra    TEXT NOT NULL,   -- of work: overrides, the duty that it meets: JSON
    PRIMARY KEY (record, n)
);
CREATE INDEX publication_version_work ON publication_version (body, record) WHERE state = 'work';
CREATE INDEX publication_version_batch ON publication_version (batch, part, record) WHERE batch <> 0;

-- What goes to the public together, as one case.
CREATE TABLE publication_batch (
    id         BIGINT PRIMARY KEY,
    key        TEXT NOT NULL,   -- of whoever handed it in, so that it is gathered once
    case_id    BIGINT NOT NULL, -- 0: not handed in yet
    number     TEXT NOT NULL,
    route      TEXT NOT NULL,   -- review, carried
    state      TEXT NOT NULL,   -- draft, review, approval, release, published, withheld
    division   TEXT NOT NULL,
    body       TEXT NOT NULL,
    author     BIGINT NOT NULL,
    records    BIGINT NOT NULL, -- how many
    taken      BIGINT NOT NULL, -- of an import: how many lines of the input were looked at
    released   BIGINT NOT NULL, -- how many of them are public
    parts      BIGINT NOT NULL, -- how many parts were published
    at         BIGINT NOT NULL  -- UTC microseconds
);
CREATE UNIQUE INDEX publication_batch_key ON publication_batch (key);
CREATE UNIQUE INDEX publication_batch_case ON publication_batch (case_id) WHERE case_id <> 0;
CREATE INDEX publication_batch_release ON publication_batch (id) WHERE state = 'release';
CREATE INDEX publication_batch_given ON publication_batch (at) WHERE route = 'carried' AND case_id = 0;
CREATE INDEX publication_batch_body ON publication_batch (body, id);

-- The next serial of a body in a month.
CREATE TABLE publication_series (
    body  TEXT NOT NULL,
    month BIGINT NOT NULL,      -- year * 100 + month
    next  BIGINT NOT NULL,
    PRIMARY KEY (body, month)
);

CREATE TABLE publication_link (
    record BIGINT NOT NULL,
    kind   TEXT NOT NULL,
    target BIGINT NOT NULL,     -- 0: only known by its index number yet
    index_no TEXT NOT NULL,
    PRIMARY KEY (record, kind, target, index_no)
);
CREATE INDEX publication_link_target ON publication_link (target, kind, record);
CREATE INDEX publication_link_waiting ON publication_link (index_no) WHERE target = 0;

-- How many records are public, by increments.
CREATE TABLE publication_tally (
    division TEXT NOT NULL,
    body     TEXT NOT NULL,
    item     TEXT NOT NULL,
    year     BIGINT NOT NULL,
    n        BIGINT NOT NULL,
    PRIMARY KEY (division, body, item, year)
);

-- The text of a file, extracted once.
CREATE TABLE publication_text (
    file   BIGINT PRIMARY KEY,
    text   TEXT NOT NULL,       -- what readers see
    hidden TEXT NOT NULL,       -- all that it holds, where that is more
    unread TEXT NOT NULL        -- what no program can read: JSON
);

-- +goose Down
DROP TABLE publication_text;
DROP TABLE publication_tally;
DROP TABLE publication_link;
DROP TABLE publication_series;
DROP TABLE publication_batch;
DROP TABLE publication_version;
DROP TABLE publication_record;
DROP TABLE publication_category_version;
DROP TABLE publication_category;
