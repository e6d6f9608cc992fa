-- +goose Up
-- Who and what is stationed at a window, and what the window is authorised to do: one row for each change, none is ever altered. What
-- holds on a day is the newest row of its subject that had begun by then.
CREATE TABLE centre_record (
    id       BIGINT PRIMARY KEY,
    centre   TEXT NOT NULL,
    win      TEXT NOT NULL,
    kind     TEXT NOT NULL,   -- body, item, staff, chief, accept, decide
    body     TEXT NOT NULL,   -- whose matters, items, people or power it is
    subject  TEXT NOT NULL,   -- code of an item, key of a post; '*': all items of the body
    day      BIGINT NOT NULL, -- from which it counts, in days since 1970-01-01
    held     BIGINT NOT NULL, -- 1: begins; 0: ends
    basis    TEXT NOT NULL,   -- the body's written authorisation
    account  BIGINT NOT NULL, -- who recorded it; 0: the platform, by an import
    post     TEXT NOT NULL,
    at       BIGINT NOT NULL  -- UTC microseconds
);

-- Opening hours, lines, places of appointments and rules of a centre, from a day on. None is ever altered.
CREATE TABLE centre_plan (
    id       BIGINT PRIMARY KEY,
    centre   TEXT NOT NULL,
    day      BIGINT NOT NULL,
    content  TEXT NOT NULL,   -- JSON: centre.Plan
    account  BIGINT NOT NULL,
    post     TEXT NOT NULL,
    at       BIGINT NOT NULL
);

-- One row. Whoever adds a record or a plan counts it up, so that other nodes know that they must read again.
CREATE TABLE centre_version (
    one     BIGINT PRIMARY KEY,
    version BIGINT NOT NULL
);
INSERT INTO centre_version (one, version) VALUES (1, 0);

CREATE TABLE centre_appointment (
    id         BIGINT PRIMARY KEY,
    centre     TEXT NOT NULL,
    line       TEXT NOT NULL,
    day        BIGINT NOT NULL,
    slot       BIGINT NOT NULL, -- minute of the day, Asia/Shanghai
    state      TEXT NOT NULL,   -- booked, cancelled, arrived, missed
    party      BIGINT NOT NULL, -- account; 0: booked without one
    item       TEXT NOT NULL,
    code       BYTEA NOT NULL,  -- blind index of the code on the confirmation
    phone      BYTEA,           -- blind index of the telephone number; NULL once erased
    sealed     BYTEA,           -- name and telephone number; NULL once erased
    ticket     BIGINT NOT NULL, -- drawn at the door; 0: none yet
    booked_at  BIGINT NOT NULL,
    changed_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX centre_appointment_code ON centre_appointment (code);
CREATE INDEX centre_appointment_day ON centre_appointment (centre, day, line, slot);
CREATE INDEX centre_appointment_due ON centre_appointment (state, day);
CREATE INDEX centre_appointment_phone ON centre_appointment (phone, state, day);
CREATE INDEX centre_appointment_party ON centre_appointment (party, day);

-- The places that are taken. The key is what makes a double booking impossible: a place is taken by whoever writes its row, and one
-- telephone number has one place of a line on a day.
CREATE TABLE centre_seat (
    centre      TEXT NOT NULL,
    line        TEXT NOT NULL,
    day         BIGINT NOT NULL,
    slot        BIGINT NOT NULL,
    seat        BIGINT NOT NULL, -- 1 to the capacity of the slot
    appointment BIGINT NOT NULL,
    phone       BYTEA NOT NULL,
    PRIMARY KEY (centre, line, day, slot, seat)
);
CREATE UNIQUE INDEX centre_seat_appointment ON centre_seat (appointment);
CREATE UNIQUE INDEX centre_seat_phone ON centre_seat (centre, line, day, phone);

CREATE TABLE centre_ticket (
    id          BIGINT PRIMARY KEY,
    centre      TEXT NOT NULL,
    line        TEXT NOT NULL,
    day         BIGINT NOT NULL,
    number      TEXT NOT NULL,   -- on the slip, such as A012
    class       TEXT NOT NULL,   -- ordinary, priority, appointment
    rank        BIGINT NOT NULL, -- order of calling: UTC microseconds, earlier by what the class is given
    state       TEXT NOT NULL,   -- waiting, called, serving, served, skipped, left
    win         TEXT NOT NULL,   -- that called it; empty: none yet
    account     BIGINT NOT NULL, -- of the clerk
    post        TEXT NOT NULL,
    item        TEXT NOT NULL,
    calls       BIGINT NOT NULL,
    appointment BIGINT NOT NULL,
    code        BYTEA NOT NULL,  -- blind index of the code on the slip
    sealed      BYTEA,           -- name, of those who had an appointment; NULL: none, or erased
    issued_at   BIGINT NOT NULL,
    called_at   BIGINT NOT NULL,
    began_at    BIGINT NOT NULL,
    ended_at    BIGINT NOT NULL
);
CREATE UNIQUE INDEX centre_ticket_code ON centre_ticket (code);
CREATE UNIQUE INDEX centre_ticket_number ON centre_ticket (centre, day, number);
CREATE INDEX centre_ticket_queue ON centre_ticket (centre, day, state, line, rank);
CREATE INDEX centre_ticket_state ON centre_ticket (state, day);
-- One ticket at a time at a window.
CREATE UNIQUE INDEX centre_ticket_window ON centre_ticket (win) WHERE state IN ('called', 'serving');

-- The last number of a line on a day.
CREATE TABLE centre_counter (
    centre TEXT NOT NULL,
    line   TEXT NOT NULL,
    day    BIGINT NOT NULL,
    n      BIGINT NOT NULL,
    PRIMARY KEY (centre, line, day)
);

-- Counted up by every change of a centre's queues: call screens look at it.
CREATE TABLE centre_live (
    centre  TEXT PRIMARY KEY,
    version BIGINT NOT NULL
);

-- +goose Down
DROP TABLE centre_live;
DROP TABLE centre_counter;
DROP TABLE centre_ticket;
DROP TABLE centre_seat;
DROP TABLE centre_appointment;
DROP TABLE centre_version;
DROP TABLE centre_plan;
DROP TABLE centre_record;
