-- +goose Up
CREATE TABLE file_ (
    id         BIGINT PRIMARY KEY,
    owner      BIGINT NOT NULL,  -- account that uploaded it
    name       BYTEA NOT NULL,   -- sealed: names of files are personal
    digest     TEXT NOT NULL,    -- SHA-256 of the content, hexadecimal
    size       BIGINT NOT NULL,  -- bytes
    type       TEXT NOT NULL,    -- media type found in the content
    created_at BIGINT NOT NULL   -- UTC microseconds
);
CREATE INDEX file_owner ON file_ (owner, id);
CREATE INDEX file_created ON file_ (created_at);

CREATE TABLE file_binding (
    file_id BIGINT NOT NULL,
    holder  TEXT NOT NULL,       -- draft or case
    ref     BIGINT NOT NULL,     -- its id
    PRIMARY KEY (file_id, holder, ref)
);
CREATE INDEX file_binding_ref ON file_binding (holder, ref);

-- +goose Down
DROP TABLE file_binding;
DROP TABLE file_;
