-- +goose Up
-- What versions say that were sealed when they came here, those of imports: their text never changes, while their row in
-- publication_version does once more, when they are published. There content is empty.
CREATE TABLE publication_sealed (
    record  BIGINT NOT NULL,
    n       BIGINT NOT NULL,
    content TEXT NOT NULL,    -- the Statement, canonical
    PRIMARY KEY (record, n)
);

-- +goose Down
UPDATE publication_version SET content = (SELECT s.content FROM publication_sealed s WHERE s.record = publication_version.record AND s.n = publication_version.n)
    WHERE content = '';
DROP TABLE publication_sealed;
