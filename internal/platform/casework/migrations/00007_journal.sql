-- +goose Up
-- How many entries the journal of a node has. Whoever writes the next one holds the row.
CREATE TABLE journal_head (
    node BIGINT PRIMARY KEY,
    last BIGINT NOT NULL
);

-- By what the journal of administrative acts is searched. It says nothing that the events do not say, and is checked against them.
CREATE TABLE journal_entry (
    event       BIGINT PRIMARY KEY,     -- id of the event
    at          BIGINT NOT NULL,
    kind        TEXT NOT NULL,
    refused     TEXT NOT NULL,          -- code; empty: it was done
    account     BIGINT NOT NULL,        -- who did it; 0: nobody with an account
    post        TEXT NOT NULL,
    target_kind TEXT NOT NULL,
    target      TEXT NOT NULL
);
CREATE INDEX journal_kind ON journal_entry (kind, event);
CREATE INDEX journal_account ON journal_entry (account, event);
CREATE INDEX journal_post ON journal_entry (post, event);
CREATE INDEX journal_target ON journal_entry (target, event);
CREATE INDEX journal_refused ON journal_entry (event) WHERE refused <> '';

-- +goose Down
DROP TABLE journal_entry;
DROP TABLE journal_head;
