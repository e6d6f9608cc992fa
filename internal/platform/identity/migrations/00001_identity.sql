-- +goose Up
CREATE TABLE identity_account (
    id                  BIGINT PRIMARY KEY,
    kind                TEXT NOT NULL,
    login               BYTEA NOT NULL UNIQUE, -- blind index
    number              BYTEA UNIQUE,          -- blind index of the ID card number or the USCC; NULL: none
    profile             BYTEA NOT NULL,        -- sealed JSON: login, name, number, phone
    password            TEXT NOT NULL,         -- argon2id in PHC form; empty: cannot sign in
    version             BIGINT NOT NULL,       -- sessions of another version have ended
    disabled            BOOLEAN NOT NULL,
    created_at          BIGINT NOT NULL,       -- all times UTC microseconds; 0: none
    password_changed_at BIGINT NOT NULL
);

-- Failed attempts by blind index of the login, whether or not an account bears it: who guesses must not learn which do.
CREATE TABLE identity_attempt (
    login    BYTEA PRIMARY KEY,
    failures BIGINT NOT NULL,
    last_at  BIGINT NOT NULL,
    until_at BIGINT NOT NULL -- no attempt is looked at before
);
CREATE INDEX identity_attempt_last ON identity_attempt (last_at);

CREATE TABLE identity_session (
    token    TEXT PRIMARY KEY,  -- SHA-256 of the cookie
    data     BYTEA NOT NULL,    -- sealed
    until_at BIGINT NOT NULL,
    ended    BOOLEAN NOT NULL
);
CREATE INDEX identity_session_until ON identity_session (until_at);

CREATE TABLE identity_mandate (
    id         BIGINT PRIMARY KEY,
    party      BIGINT NOT NULL, -- for whom
    agent      BIGINT NOT NULL, -- who acts
    ground     TEXT NOT NULL,
    from_at    BIGINT NOT NULL,
    until_at   BIGINT NOT NULL, -- not included; 0: open
    granted_by BIGINT NOT NULL
);
CREATE INDEX identity_mandate_agent ON identity_mandate (agent, party);
CREATE INDEX identity_mandate_party ON identity_mandate (party);

CREATE TABLE identity_token (
    id         BIGINT PRIMARY KEY,
    hash       BYTEA NOT NULL UNIQUE, -- SHA-256 of the token
    name       TEXT NOT NULL,         -- of a system, never of a person
    scopes     TEXT NOT NULL,         -- actions, separated by blanks
    division   TEXT NOT NULL,
    body       TEXT NOT NULL,
    created_by BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    until_at   BIGINT NOT NULL        -- when it expires or was revoked
);

-- +goose Down
DROP TABLE identity_token;
DROP TABLE identity_mandate;
DROP TABLE identity_session;
DROP TABLE identity_attempt;
DROP TABLE identity_account;
