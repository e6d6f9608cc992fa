-- +goose Up
-- Counts whatever changes what readers see, so that a page can be kept until then.
CREATE TABLE publication_stamp (
    one BIGINT PRIMARY KEY,
    n   BIGINT NOT NULL
);
INSERT INTO publication_stamp (one, n) VALUES (1, 0);

-- +goose Down
DROP TABLE publication_stamp;
