-- +goose Up
-- The kinds of devices on which an account was opened, so that its owner is told of another.
CREATE TABLE identity_device (
    account BIGINT NOT NULL,
    device  BYTEA NOT NULL,  -- keyed hash of the account with kind and browser
    seen_at BIGINT NOT NULL,
    PRIMARY KEY (account, device)
);
CREATE INDEX identity_device_seen ON identity_device (seen_at);

-- +goose Down
DROP TABLE identity_device;
