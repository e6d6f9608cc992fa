-- +goose Up
-- A villager's consent that an agent acts for them: one row for each case of the kind agent-consent.
CREATE TABLE agent_consent (
    id        BIGINT PRIMARY KEY, -- of the case
    number    TEXT NOT NULL,
    body      TEXT NOT NULL,      -- of the township
    village   TEXT NOT NULL,      -- 12-digit code
    agent     BIGINT NOT NULL,    -- account
    villager  BYTEA NOT NULL,      -- blind index of the identity number
    from_at   BIGINT NOT NULL,    -- UTC microseconds
    until_day BIGINT NOT NULL,    -- last day, in days since 1970
    ended_at  BIGINT NOT NULL,    -- 0: it has not been ended
    ended_by  TEXT NOT NULL,      -- villager, agent, time; empty: nobody yet
    sealed    BYTEA                -- who it is, what was agreed to and how; empty once erased
);
CREATE UNIQUE INDEX agent_consent_once ON agent_consent (agent, villager) WHERE ended_at = 0;
CREATE INDEX agent_consent_of ON agent_consent (agent, ended_at, id);
CREATE INDEX agent_consent_villager ON agent_consent (villager, id);

-- An application that an agent handed in for a villager.
CREATE TABLE agent_case (
    id        BIGINT PRIMARY KEY, -- of the case
    number    TEXT NOT NULL,
    consent   BIGINT NOT NULL,
    body      TEXT NOT NULL,      -- of the agent
    village   TEXT NOT NULL,
    agent     BIGINT NOT NULL,
    item      TEXT NOT NULL,      -- code
    draft     TEXT NOT NULL,      -- identity of what was written down before
    opened_at BIGINT NOT NULL,
    ended_at  BIGINT NOT NULL     -- 0: it runs
);
CREATE UNIQUE INDEX agent_case_once ON agent_case (agent, draft);
CREATE INDEX agent_case_of ON agent_case (agent, id);
CREATE INDEX agent_case_consent ON agent_case (consent, id);

-- A case that the township sent up to the county.
CREATE TABLE agent_transfer (
    id       BIGINT PRIMARY KEY,  -- of the case
    number   TEXT NOT NULL,
    sender   TEXT NOT NULL,       -- body
    receiver TEXT NOT NULL,       -- body
    sent_at  BIGINT NOT NULL,
    due_at   BIGINT NOT NULL,     -- of the step above; 0: it has no term
    back_at  BIGINT NOT NULL,     -- decided, and back for delivery; 0: not yet
    ended_at BIGINT NOT NULL
);
CREATE INDEX agent_transfer_of ON agent_transfer (sender, id);
CREATE INDEX agent_transfer_late ON agent_transfer (sender, due_at) WHERE back_at = 0 AND ended_at = 0;

-- A home visit.
CREATE TABLE agent_visit (
    id         BIGINT PRIMARY KEY,
    body       TEXT NOT NULL,
    village    TEXT NOT NULL,
    agent      BIGINT NOT NULL,
    villager   BYTEA,              -- as above; empty: their number is not known
    reason     TEXT NOT NULL,
    due_day    BIGINT NOT NULL,
    state      TEXT NOT NULL,     -- planned, done, dropped
    done_at    BIGINT NOT NULL,
    sealed     BYTEA,              -- whom, where, what for, what came of it
    version    BIGINT NOT NULL
);
CREATE INDEX agent_visit_of ON agent_visit (agent, state, due_day);
CREATE INDEX agent_visit_late ON agent_visit (body, due_day) WHERE state = 'planned';

-- Which agent has which village, from when until when.
CREATE TABLE agent_place (
    id        BIGINT PRIMARY KEY,
    body      TEXT NOT NULL,
    account   BIGINT NOT NULL,
    village   TEXT NOT NULL,
    from_day  BIGINT NOT NULL,
    until_day BIGINT NOT NULL,    -- last day; 0: open
    made_by   BIGINT NOT NULL,
    made_at   BIGINT NOT NULL
);
CREATE INDEX agent_place_of ON agent_place (account, from_day);
CREATE INDEX agent_place_body ON agent_place (body, village, from_day);

-- What an agent did for a villager, in order: it is told to them.
CREATE TABLE agent_deed (
    id      BIGINT PRIMARY KEY,
    consent BIGINT NOT NULL,      -- 0: none yet
    case_id BIGINT NOT NULL,      -- 0: of no application
    agent   BIGINT NOT NULL,
    post    TEXT NOT NULL,
    kind    TEXT NOT NULL,
    at      BIGINT NOT NULL
);
CREATE INDEX agent_deed_case ON agent_deed (case_id, id) WHERE case_id > 0;
CREATE INDEX agent_deed_consent ON agent_deed (consent, id);

-- How much each agent did in a month, counted as it happens.
CREATE TABLE agent_count (
    body  TEXT NOT NULL,
    month BIGINT NOT NULL,        -- year * 100 + month
    agent BIGINT NOT NULL,
    kind  TEXT NOT NULL,
    n     BIGINT NOT NULL,
    PRIMARY KEY (body, month, agent, kind)
);

-- +goose Down
DROP TABLE agent_count;
DROP TABLE agent_deed;
DROP TABLE agent_place;
DROP TABLE agent_visit;
DROP TABLE agent_transfer;
DROP TABLE agent_case;
DROP TABLE agent_consent;
