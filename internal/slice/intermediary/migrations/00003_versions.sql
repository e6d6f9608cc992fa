-- +goose Up
-- What an agency promises, with its prices and terms, from an instant on (公开承诺的版本). A version is never changed or deleted.
CREATE TABLE intermediary_profile (
    agency  BIGINT NOT NULL,
    version BIGINT NOT NULL,            -- from 1, that of the admission
    content TEXT NOT NULL,              -- JSON: Profile
    from_at BIGINT NOT NULL,            -- UTC microseconds
    PRIMARY KEY (agency, version)
);
INSERT INTO intermediary_profile (agency, version, content, from_at)
    SELECT id, 1, content, admitted_at FROM intermediary_agency WHERE state = 'admitted';

-- The mean of the ratings of an agency when its bid was opened, in hundredths; -1: it was not kept.
ALTER TABLE intermediary_bid ADD COLUMN rating BIGINT NOT NULL DEFAULT -1;

-- Orders whose bids have been opened, for everybody to read.
CREATE INDEX intermediary_order_opened ON intermediary_order (id) WHERE method = 'bids' AND state <> 'bidding';

-- +goose Down
DROP INDEX intermediary_order_opened;
ALTER TABLE intermediary_bid DROP COLUMN rating;
DROP TABLE intermediary_profile;
