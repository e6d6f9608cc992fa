-- +goose Up
ALTER TABLE identity_session ADD COLUMN account BIGINT NOT NULL DEFAULT 0; -- whose it is; 0: nobody has signed in yet
CREATE INDEX identity_session_account ON identity_session (account, until_at);

CREATE TABLE identity_factor (
    id         BIGINT PRIMARY KEY,
    account    BIGINT NOT NULL,
    kind       TEXT NOT NULL,   -- totp, passkey
    handle     BYTEA UNIQUE,    -- blind index of the credential's identifier; NULL: not a passkey
    content    BYTEA NOT NULL,  -- sealed JSON: name, secret or credential
    step       BIGINT NOT NULL, -- of a TOTP, the last time step that was used: each counts once
    created_at BIGINT NOT NULL,
    used_at    BIGINT NOT NULL  -- 0: never
);
CREATE INDEX identity_factor_account ON identity_factor (account);

CREATE TABLE identity_recovery (
    account BIGINT NOT NULL,
    code    BYTEA NOT NULL,  -- keyed hash
    used_at BIGINT NOT NULL, -- 0: not yet
    PRIMARY KEY (account, code)
);

-- Who an identity provider says that somebody is.
CREATE TABLE identity_subject (
    issuer     TEXT NOT NULL,
    subject    BYTEA NOT NULL, -- blind index
    account    BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (issuer, subject)
);
CREATE INDEX identity_subject_account ON identity_subject (account);

-- +goose Down
DROP TABLE identity_subject;
DROP TABLE identity_recovery;
DROP TABLE identity_factor;
DROP INDEX identity_session_account;
ALTER TABLE identity_session DROP COLUMN account;
