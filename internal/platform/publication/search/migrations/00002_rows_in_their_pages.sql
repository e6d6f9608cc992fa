-- +goose Up
-- PostgreSQL cuts large values up into a table beside, and puts them together again for each reader. A row of the index fits into a page of
-- its own, and is packed already.
-- postgres: ALTER TABLE search_row SET (toast_tuple_target = 8160);
-- postgres: ALTER TABLE search_row ALTER COLUMN data SET STORAGE EXTERNAL;

-- +goose Down
-- postgres: ALTER TABLE search_row ALTER COLUMN data SET STORAGE EXTENDED;
-- postgres: ALTER TABLE search_row RESET (toast_tuple_target);
