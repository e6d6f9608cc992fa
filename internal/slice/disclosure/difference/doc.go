// Package difference compares two versions of a text, as a reader of a policy wants to see what an amendment changed.
//
// Texts are compared paragraph by paragraph first, and within a paragraph that was reworded character by character: a Chinese sentence
// has no blanks to be cut at, so each Han character counts by itself, while a number or a word in Latin letters counts as one.
//
//	for _, p := range difference.Of(before, after) {
//		for _, s := range p.Spans { // s.Kind: Same, Removed, Added
//		}
//	}
//
// The result holds no markup. Two things always hold: what is the same and what was removed, in order, is the old text; what is the
// same and what was added is the new one. Time is bounded: texts that have almost nothing in common are shown as replaced.
package difference
