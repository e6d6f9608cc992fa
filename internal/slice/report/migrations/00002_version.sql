-- +goose Up
-- A published report is corrected by a new version with a case of its own; all versions stay to be read.
ALTER TABLE report_report ADD COLUMN version BIGINT NOT NULL DEFAULT 1;
ALTER TABLE report_report ADD COLUMN live BIGINT NOT NULL DEFAULT 1;     -- 1: the version that holds, or the first while there is none; 0: a correction that is not published, or what was corrected
ALTER TABLE report_report ADD COLUMN first_at BIGINT NOT NULL DEFAULT 0; -- when the first version was published; 0: not yet
ALTER TABLE report_report ADD COLUMN reason TEXT NOT NULL DEFAULT '';    -- of the correction
UPDATE report_report SET first_at = published_at;
DROP INDEX report_report_owner;
DROP INDEX report_report_year;
CREATE UNIQUE INDEX report_report_version ON report_report (division, body, year, version);
CREATE UNIQUE INDEX report_report_owner ON report_report (division, body, year) WHERE live = 1;
CREATE INDEX report_report_year ON report_report (year, division, state) WHERE live = 1;

-- +goose Down
DROP INDEX report_report_year;
DROP INDEX report_report_owner;
DROP INDEX report_report_version;
CREATE INDEX report_report_year ON report_report (year, division, state);
CREATE UNIQUE INDEX report_report_owner ON report_report (division, body, year);
ALTER TABLE report_report DROP COLUMN reason;
ALTER TABLE report_report DROP COLUMN first_at;
ALTER TABLE report_report DROP COLUMN live;
ALTER TABLE report_report DROP COLUMN version;
