-- +goose Up
CREATE TABLE notify_message (
    id       BIGINT PRIMARY KEY,
    account  BIGINT NOT NULL, -- who is told
    notice   TEXT NOT NULL,   -- id in notices.yaml
    event    BIGINT NOT NULL,
    case_id  BIGINT NOT NULL,
    args     TEXT NOT NULL,   -- JSON: number, item, line, link
    at       BIGINT NOT NULL, -- when it happened; all times UTC microseconds, 0: never
    read_at  BIGINT NOT NULL,
    in_app   BOOLEAN NOT NULL, -- shown in the list
    mail     TEXT NOT NULL,   -- '', queued, sent, failed, off
    mail_at  BIGINT NOT NULL,
    sms      TEXT NOT NULL,
    sms_at   BIGINT NOT NULL
);
CREATE UNIQUE INDEX notify_message_once ON notify_message (account, event, notice);
CREATE INDEX notify_message_list ON notify_message (account, id) WHERE in_app;
CREATE INDEX notify_message_unread ON notify_message (account) WHERE in_app AND read_at = 0;
CREATE INDEX notify_message_at ON notify_message (at);

CREATE TABLE notify_contact (
    account     BIGINT NOT NULL,
    channel     TEXT NOT NULL,  -- mail, sms
    address     BYTEA,          -- sealed; NULL for sms: the number of the account is used
    found_by    BYTEA,          -- blind index of the address
    verified_at BIGINT NOT NULL,
    code        BYTEA,          -- sealed: the code that confirms it; NULL when none waits
    code_until  BIGINT NOT NULL,
    code_tries  BIGINT NOT NULL,
    code_count  BIGINT NOT NULL, -- codes sent on code_day
    code_day    BIGINT NOT NULL,
    code_at     BIGINT NOT NULL,
    problem     BYTEA,          -- sealed: why the server refused for good; NULL: it works
    problem_at  BIGINT NOT NULL,
    PRIMARY KEY (account, channel)
);
CREATE INDEX notify_contact_found ON notify_contact (found_by, code_day);

-- What somebody has chosen otherwise than notices.yaml says.
CREATE TABLE notify_choice (
    account BIGINT NOT NULL,
    notice  TEXT NOT NULL,
    channel TEXT NOT NULL,
    wanted  BOOLEAN NOT NULL,
    PRIMARY KEY (account, notice, channel)
);

CREATE TABLE notify_setting (
    account     BIGINT PRIMARY KEY,
    language    TEXT NOT NULL,
    quiet_from  BIGINT NOT NULL, -- hour of the day in Asia/Shanghai; the same as quiet_until: no quiet hours
    quiet_until BIGINT NOT NULL
);

-- +goose Down
DROP TABLE notify_setting;
DROP TABLE notify_choice;
DROP TABLE notify_contact;
DROP TABLE notify_message;
