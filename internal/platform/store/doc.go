// Package store is the ground under every table: one code base for SQLite and PostgreSQL.
//
// SQL is written once, in the part both engines share (see docs/decisions): $n placeholders in order, RETURNING, ON CONFLICT,
// times as UTC microseconds in BIGINT, JSON as TEXT, bytes as BYTEA, money as BIGINT fen, identifiers as 63-bit time-ordered
// integers. Where an engine must differ, it differs here, behind one function.
//
// Three doors:
//
//   - [DB.Read] for queries. They never wait for a writer.
//   - [DB.Write] for a transaction of its own: loads, administration, pollers.
//   - [Group] for the hot path: many requesters share one transaction and one flush to disk, and each gets its own answer.
//
// A transaction that returned without error is on disk: SQLite runs with synchronous=FULL, PostgreSQL with fsync and
// synchronous_commit on, and [Open] refuses a server that would not keep its word.
package store
