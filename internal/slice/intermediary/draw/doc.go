// Package draw is the arithmetic of selection: a random draw (随机抽取) that anyone can verify, the comparison of sealed bids (竞价), and the
// concentration of orders (集中度). It is pure: no clock, no database, no randomness of its own.
//
// # The draw
//
// When an order is placed, the list of candidates (备选名单) is fixed and 32 secret random bytes, the nonce, are made. Their [Commit]ment
// goes into the public log with the order, as entry L. Then the applicant starts the draw and adds words of their own; that is entry M > L.
// The draw is decided by the root of the log's tree that ends with entry M: a checkpoint that was named by the commitment, and that did not
// exist when the commitment was published. Nobody could know it: it holds the applicant's words, the salts and the instants of all that
// came between.
//
//	commitment = SHA-256("openhall-draw-commitment/1\n" ‖ order ‖ "\n" ‖ SHA-256(candidates) ‖ nonce)   published with entry L
//	root       = the tree of size M+1, M = the start of the draw                                       exists only afterwards
//	seed       = SHA-256("openhall-draw-seed/1\n" ‖ root ‖ nonce)
//	winner     = candidates[uniform(seed, n)]
//
// uniform takes eight bytes of SHA-256(seed ‖ counter) at a time and rejects what would favour the first candidates, so that each has
// exactly the same chance. A [Proof] holds all of this with the proofs that both entries stand in the log; [Proof.Verify] checks it offline.
package draw
