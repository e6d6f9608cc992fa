// Package document issues official letters (公文): it fills their templates, numbers them, prints them as PDF, signs them, keeps them,
// and tells whether a file is one of them.
//
// What a letter says is data (package letters), read and checked by [Load]: [Template.Fill] puts the facts of a matter into it and
// gives a [Letter] in one of three languages. The web page and the PDF are made of the same Letter. Simplified Chinese is the original.
//
// A letter comes into being with its event: [Service.Issue], called by a slice in the transaction of the case, gives it the next
// document number (发文字号) of its body, year and word. Numbers have no gaps: a transaction that fails takes its numbers back.
//
// The PDF follows when the event has its place in the log ([Service.Run], or at once when somebody asks for it, [Service.Ensure]):
// laid out by GB/T 9704-2012, with the proof of the event, signed by the document keys of the node, kept sealed, and never made again.
//
//	case event + number (one transaction) → place in the log → PDF → signature → kept
//
// A [Paper] is no letter: reports with tables are printed by [Service.Paper], at once and unsigned.
//
// The signature stands inside the file, as an attachment in an incremental update, and covers every byte: [Verify] needs nothing but
// the file and the public keys. docs/guides/proofs.md describes the format.
package document
