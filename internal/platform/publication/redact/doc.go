// Package redact makes a copy of a document in which passages are withheld, and in which nothing of them is left: not under a black bar, not
// in the properties, not in a comment, a deleted sentence, a hidden sheet, a cache or an earlier version that the file still holds.
//
//	doc, err := extract.Text(ctx, typ, content, limits)
//	passages := append(redact.Masks(findings), redact.Passage{From: 120, To: 180, Ground: "第三方合法权益"})
//	public, report, err := redact.File(ctx, typ, content, limits, passages)
//
// Passages are byte ranges of the text that package extract reads of the same content. A passage with a Mask is written over with it (what
// package guard proposes); one with a Ground is taken out, and the ground printed in its place: 部分公开 (政府信息公开条例 art. 37) has to say what
// was withheld and why.
//
// Besides the passages everything is dropped that readers do not see; [Report] lists it. Then the copy is read again, and unless every
// withheld text is gone from all of it, no copy is handed out.
package redact
