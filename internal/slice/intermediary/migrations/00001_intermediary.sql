-- +goose Up
-- Services (中介服务) that items ask for.
CREATE TABLE intermediary_service (
    key        TEXT PRIMARY KEY,
    content    TEXT NOT NULL,           -- JSON: Service
    version    BIGINT NOT NULL,
    changed_at BIGINT NOT NULL          -- UTC microseconds
);

-- Agencies (中介机构) that have asked for admission.
CREATE TABLE intermediary_agency (
    id            BIGINT PRIMARY KEY,   -- of the case of admission
    number        TEXT NOT NULL,
    party         BIGINT NOT NULL,      -- account
    uscc          TEXT NOT NULL,
    owner         TEXT NOT NULL,        -- USCC or number of who controls it; empty: nobody else
    body          TEXT NOT NULL,        -- registrar
    division      TEXT NOT NULL,
    name          TEXT NOT NULL,
    state         TEXT NOT NULL,
    content       TEXT NOT NULL,        -- JSON: Profile
    applied_at    BIGINT NOT NULL,
    admitted_at   BIGINT NOT NULL,      -- 0: not
    blocked       TEXT NOT NULL,        -- suspension, blacklist; empty: not
    blocked_until BIGINT NOT NULL,      -- the last day, in days since 1970
    orders        BIGINT NOT NULL,      -- contracts
    fen           BIGINT NOT NULL,
    finished      BIGINT NOT NULL,
    late          BIGINT NOT NULL,
    returned      BIGINT NOT NULL,      -- deliverables that had to be mended
    ratings       BIGINT NOT NULL,
    grades        BIGINT NOT NULL       -- their sum
);
CREATE UNIQUE INDEX intermediary_agency_number ON intermediary_agency (number);
CREATE INDEX intermediary_agency_party ON intermediary_agency (party, id);
CREATE INDEX intermediary_agency_uscc ON intermediary_agency (uscc, id);
CREATE INDEX intermediary_agency_registrar ON intermediary_agency (body, state, id);
CREATE INDEX intermediary_agency_admitted ON intermediary_agency (number) WHERE state = 'admitted';

-- What an agency offers: its public price and term of a service.
CREATE TABLE intermediary_offer (
    agency  BIGINT NOT NULL,
    service TEXT NOT NULL,
    fen     BIGINT NOT NULL,
    days    BIGINT NOT NULL,            -- working days
    PRIMARY KEY (agency, service)
);
CREATE INDEX intermediary_offer_service ON intermediary_offer (service, agency);

-- Relations (利害关系) that an agency has declared, or that were found.
CREATE TABLE intermediary_relation (
    agency BIGINT NOT NULL,
    kind   TEXT NOT NULL,               -- applicant, body, official
    target TEXT NOT NULL,               -- USCC or ID number index, key of the body, key of the post
    note   TEXT NOT NULL,
    at     BIGINT NOT NULL,
    PRIMARY KEY (agency, kind, target)
);

-- Orders (订单).
CREATE TABLE intermediary_order (
    id            BIGINT PRIMARY KEY,   -- of the case
    number        TEXT NOT NULL,
    of_case       BIGINT NOT NULL,      -- the case that the deliverable is for
    of_number     TEXT NOT NULL,
    service       TEXT NOT NULL,
    material      TEXT NOT NULL,        -- of the item
    body          TEXT NOT NULL,
    division      TEXT NOT NULL,
    party         BIGINT NOT NULL,      -- applicant
    agency        BIGINT NOT NULL,      -- 0: not chosen yet
    method        TEXT NOT NULL,
    rule          TEXT NOT NULL,        -- by which bids are compared
    state         TEXT NOT NULL,
    fen           BIGINT NOT NULL,
    days          BIGINT NOT NULL,
    open_at       BIGINT NOT NULL,      -- of bids; 0: none
    commitment    TEXT NOT NULL,        -- of a draw
    contract      TEXT NOT NULL,
    digest        TEXT NOT NULL,        -- SHA-256 of the contract
    begun_at      BIGINT NOT NULL,
    contracted_at BIGINT NOT NULL,
    due_at        BIGINT NOT NULL,      -- end of the term as it stands; 0: none runs
    delivered_at  BIGINT NOT NULL,
    ended_at      BIGINT NOT NULL,
    late          BIGINT NOT NULL,      -- 1: past its term
    grade         TEXT NOT NULL,        -- A, B
    returned      BIGINT NOT NULL,
    attached      BIGINT NOT NULL,      -- 1: the deliverable stands in the case; 2: the case had ended
    rating        BIGINT NOT NULL
);
CREATE UNIQUE INDEX intermediary_order_number ON intermediary_order (number);
CREATE INDEX intermediary_order_case ON intermediary_order (of_case, id);
CREATE INDEX intermediary_order_agency ON intermediary_order (agency, id);
CREATE INDEX intermediary_order_party ON intermediary_order (party, id);
CREATE INDEX intermediary_order_body ON intermediary_order (body, id);
CREATE INDEX intermediary_order_service ON intermediary_order (service, id);
CREATE INDEX intermediary_order_state ON intermediary_order (body, state, id);
CREATE INDEX intermediary_order_drawing ON intermediary_order (id) WHERE state = 'drawing';
CREATE INDEX intermediary_order_bidding ON intermediary_order (open_at, id) WHERE state = 'bidding';
CREATE INDEX intermediary_order_attach ON intermediary_order (id) WHERE state = 'accepted' AND attached = 0;
CREATE INDEX intermediary_order_drawn ON intermediary_order (id) WHERE method = 'draw';

-- One open order for a service in a case: whoever could place two would have two draws.
CREATE TABLE intermediary_slot (
    of_case BIGINT NOT NULL,
    service TEXT NOT NULL,
    order_  BIGINT NOT NULL,
    PRIMARY KEY (of_case, service)
);

-- Draws (随机抽取).
CREATE TABLE intermediary_draw (
    commitment TEXT PRIMARY KEY,
    key        TEXT NOT NULL,           -- what the commitment binds to
    command    TEXT NOT NULL,           -- of the form that asked for it
    order_     BIGINT NOT NULL,         -- 0: not placed
    candidates TEXT NOT NULL,           -- JSON: []draw.Candidate
    excluded   TEXT NOT NULL,           -- JSON: []Excluded
    nonce      BYTEA NOT NULL,          -- sealed
    words      TEXT NOT NULL,
    started    BIGINT NOT NULL,         -- event that started it; 0: not started
    drawn      BIGINT NOT NULL,         -- event that published the result; 0: not drawn
    winner     TEXT NOT NULL
);
CREATE UNIQUE INDEX intermediary_draw_command ON intermediary_draw (command);
CREATE INDEX intermediary_draw_order ON intermediary_draw (order_);

-- Sealed bids (密封报价). What they say is sealed in their cases.
CREATE TABLE intermediary_bid (
    id     BIGINT PRIMARY KEY,          -- of the case
    number TEXT NOT NULL,
    order_ BIGINT NOT NULL,
    agency BIGINT NOT NULL,
    at     BIGINT NOT NULL,
    fen    BIGINT NOT NULL,             -- 0: not opened
    days   BIGINT NOT NULL,
    score  BIGINT NOT NULL
);
CREATE UNIQUE INDEX intermediary_bid_once ON intermediary_bid (order_, agency);

-- Sanctions (惩戒).
CREATE TABLE intermediary_sanction (
    id         BIGINT PRIMARY KEY,      -- of the case
    number     TEXT NOT NULL,
    agency     BIGINT NOT NULL,
    kind       TEXT NOT NULL,           -- warning, suspension, blacklist
    months     BIGINT NOT NULL,
    reason     TEXT NOT NULL,
    basis      TEXT NOT NULL,
    body       TEXT NOT NULL,           -- registrar that decides
    proposer   TEXT NOT NULL,           -- body that proposed it
    state      TEXT NOT NULL,
    begun_at   BIGINT NOT NULL,
    decided_at BIGINT NOT NULL,
    until_day  BIGINT NOT NULL          -- the last day; 0: none
);
CREATE UNIQUE INDEX intermediary_sanction_number ON intermediary_sanction (number);
CREATE INDEX intermediary_sanction_agency ON intermediary_sanction (agency, id);
CREATE INDEX intermediary_sanction_body ON intermediary_sanction (body, state, id);
CREATE INDEX intermediary_sanction_imposed ON intermediary_sanction (decided_at) WHERE state = 'imposed';

-- Shares (份额) of agencies in the contracts about the items of a body, counted as contracts are made.
CREATE TABLE intermediary_share (
    body   TEXT NOT NULL,
    agency BIGINT NOT NULL,
    orders BIGINT NOT NULL,
    fen    BIGINT NOT NULL,
    PRIMARY KEY (body, agency)
);

-- +goose Down
DROP TABLE intermediary_share;
DROP TABLE intermediary_sanction;
DROP TABLE intermediary_bid;
DROP TABLE intermediary_draw;
DROP TABLE intermediary_slot;
DROP TABLE intermediary_order;
DROP TABLE intermediary_relation;
DROP TABLE intermediary_offer;
DROP TABLE intermediary_agency;
DROP TABLE intermediary_service;
