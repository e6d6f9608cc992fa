// Package merkle is the mathematics of the public log (公开日志): what makes every step of every case provable, and every
// backdating, deletion or quiet edit visible.
//
// An event is written as an entry: canonical JSON ([Canonical], RFC 8785). Entries are the leaves of one append-only Merkle tree
// per node (RFC 6962, SHA-256). The root of the tree at a size, signed by the node, is a [Checkpoint]. From the tree come two
// proofs: inclusion (this entry stands at this place of that checkpoint) and consistency (this checkpoint only adds to that one).
//
// All formats are those of C2SP, so that tools of other makers verify the log unchanged: tlog-tiles for what is stored and
// served ([Tile], [EncodeBundle]), signed-note and tlog-checkpoint for the checkpoint. The package computes; it stores and
// fetches nothing:
//
//	edge, err := merkle.LoadEdge(size, root, read) // the right edge of the tree, checked against its root
//	edge, tiles := edge.Append(leaves)             // tiles to be written together with the entries
//	signed, err := merkle.Checkpoint{Origin: name, Size: edge.Size(), Root: edge.Root()}.Sign(signer)
//
// A [Receipt] (回执) is a file that holds an entry with its inclusion proof and the signed checkpoint. It is verified offline,
// years later, with nothing but the node's public key. [VerifyLog] walks a whole log and recomputes it from its entries.
//
// Personal data never enters an entry. A private field stands there as a salted commitment ([Commit]); its owner can reveal the
// field by showing salt and value. Erasing both (个人信息保护法 art. 47) leaves a commitment that says nothing, and every proof valid.
package merkle
