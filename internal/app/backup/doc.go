// Package backup copies a hall away while it runs, checks the copy, and brings the hall back from it.
//
// A folder of backups holds one folder for each backup, and one pool of uploads that all of them share: uploads are sealed and change
// only when they are sealed anew with another key, so that each is copied once for each key.
//
//	2026-11-28T010203Z/
//	  manifest.json     what was copied, when, and the checkpoint of the log at that instant
//	  openhall.db       the database: a file of SQLite, or openhall.dump, an archive of pg_dump
//	  files.txt         each upload with the SHA-256 of its sealed bytes
//	files/              the pool
//
// The database is copied first and the uploads after it: an upload is on disk before the row that names it, so a copy never names
// what it does not hold. Keys are left out: who finds a backup must not be able to read it. They are kept elsewhere (see the guide for
// operators).
//
// [Take] makes a backup and checks it; [Check] does so again at any later day: digests, the structure of the database, every entry and
// tile of the log, and that each upload that a case or a draft holds is there. [Restore] brings a hall back into an empty place and
// checks what it has brought back.
package backup
