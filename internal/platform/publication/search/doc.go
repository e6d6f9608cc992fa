// Package search finds published records by what stands in them (全文检索): words, document number, division, body, category, year, what
// was in force on a day; newest first or best first, the same on SQLite and PostgreSQL.
//
//	ix := search.New(search.Options{DB: db, Texts: texts, Now: now})
//	err = ix.Put(ctx, tx, docs...)        // in the transaction that publishes; replaces what was there under the same ids
//	err = ix.Remove(ctx, tx, id)          // in the transaction that withdraws
//	page, err := ix.Find(ctx, search.Query{Words: "養老保險 合肥", Division: "340100000000", Size: 20})
//	found, err := ix.Suggest(ctx, "养老", 8)
//	go ix.Run(ctx, holder, report)        // merges segments, on one node
//
// # What is a hit
//
// A text is folded ([lang.Fold]: traditional to simplified, small letters, ordinary width) and cut into units: each Chinese character is
// one, a run of letters is one, a run of digits is one. A word of the query is found where its units follow each other: for Chinese that
// is exactly a substring of the folded text. Signs between a number or a word and its neighbours don't count, so that 皖政办〔2013〕12号 is
// found however its brackets were typed. All words must be found; "…" keeps words together, −word must not be there.
//
// # The index
//
// It is an index of our own in two tables (docs/decisions/0050): pairs of neighbouring units with their positions, single characters, and
// what can be filtered by, each as a list of records, newest first. Each [Index.Put] writes a small segment that never changes; [Index.Run]
// merges segments of like size into larger ones and drops what was replaced or removed. A query reads from each list only as much as it
// needs: the shortest list says which records are looked at, and each longer one is asked only about those that are left. That makes a word
// that stands in every record as cheap as a rare one. Filters are lists like words, so they make a query cheaper, not dearer.
//
// Newest first reads until the page is full, then counts on to [CountCap] at most. Best first ranks a bounded set: the newest records with
// the words in their titles, and the newest with the words anywhere. The text itself is not kept here; [Options.Texts] reads it for
// snippets and suggestions.
package search
