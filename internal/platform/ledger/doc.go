// Package ledger is the public log: it gives every event of every case its place in one append-only Merkle tree, signs what the
// tree is, serves it, and hands the events on in that order.
//
// Casework writes an event (事件) together with what it did; it has no place in the log yet. The sequencer, one poller per
// database under a lease, takes waiting events, appends their hashes to the tree, writes the tiles and signs a checkpoint
// ([Ledger.Sequence]), all in one transaction that holds the row of the head. Two sequencers that run by mistake only wait for
// each other: the log gets no gap and no event twice. Events of one case always stand in the order in which they happened.
//
//	event (leaf NULL) → Sequence → leaf n, tiles, checkpoint → Follow → supervision, publication, notices
//
// What is served is the C2SP tlog-tiles layout ([Ledger.Handlers]), which public tools verify unchanged. Hash tiles are rows of
// ledger_tile; bundles of entries are read from the events themselves, so that what is proved is what everybody else reads: a
// row that was altered behind the platform's back is found by [merkle.VerifyLog].
//
// Others learn of events by [Ledger.Follow]: each consumer keeps a cursor that moves in the same transaction as what the
// consumer writes, so that for its own tables it sees each event exactly once.
package ledger
