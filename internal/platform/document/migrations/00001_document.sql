-- +goose Up
CREATE TABLE document_series (
    name TEXT PRIMARY KEY,        -- body/year/word
    last BIGINT NOT NULL          -- the last number that was given
);

CREATE TABLE document_letter (
    id          BIGINT PRIMARY KEY,
    case_id     BIGINT NOT NULL,
    case_number TEXT NOT NULL,
    seq         BIGINT NOT NULL,  -- of the event in the case
    event_id    BIGINT NOT NULL,
    type        TEXT NOT NULL,    -- kind of case
    kind        TEXT NOT NULL,    -- of letter
    number      TEXT NOT NULL,    -- 发文字号
    series      TEXT NOT NULL,
    ordinal     BIGINT NOT NULL,
    body        TEXT NOT NULL,
    division    TEXT NOT NULL,
    at          BIGINT NOT NULL,  -- of the event, UTC microseconds
    holder      TEXT NOT NULL,    -- whom it is addressed to, as the public may read it; empty until it is issued
    try_at      BIGINT NOT NULL,  -- when to print it, while it is not issued
    trouble     TEXT NOT NULL,    -- why it could not be printed
    issued_at   BIGINT NOT NULL,  -- 0: not printed yet
    file_id     BIGINT NOT NULL,
    digest      TEXT NOT NULL,    -- SHA-256 of the file, hexadecimal
    revoked_at  BIGINT NOT NULL,  -- 0: it holds
    reason      TEXT NOT NULL,    -- why it holds no more
    replaced_by BIGINT NOT NULL,  -- letter that holds in its place; 0: none
    UNIQUE (case_id, seq, kind),
    UNIQUE (series, ordinal)
);
CREATE INDEX document_letter_number ON document_letter (number);
CREATE INDEX document_letter_pending ON document_letter (try_at, id) WHERE issued_at = 0;

CREATE TABLE document_key (
    id       TEXT PRIMARY KEY,
    public   TEXT NOT NULL,
    from_at  BIGINT NOT NULL,     -- UTC microseconds
    until_at BIGINT NOT NULL      -- 0: it signs today
);

-- +goose Down
DROP TABLE document_key;
DROP TABLE document_letter;
DROP TABLE document_series;
