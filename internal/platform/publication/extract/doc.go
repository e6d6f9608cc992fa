// Package extract reads the text of documents that are to become public: pdf, docx, xlsx, html and plain text.
//
//	doc, err := extract.Text(ctx, extract.TypeOf(name, content), content, extract.DefaultLimits())
//	for _, f := range guard.Scan(doc.Text) {
//		part := doc.PartAt(f.From) // page 3, comment, hidden sheet, …
//	}
//
// It reads all text that a file holds, and not only what is seen on opening it: properties, comments, tracked deletions, headers and
// footers, notes, hidden sheets, rows and columns, formulas, caches of charts and of other workbooks, annotations, form fields, bookmarks,
// attachments, scripts, attributes. That is where personal data hides. [Document.Parts] says what stands where, [Document.Main] returns
// the text that readers see, for the search index.
//
// What no program here can read is named in [Document.Unread]: pictures (scans), embedded objects, fonts that do not tell their
// characters. Somebody has to look at those.
//
// Documents come from strangers. Every reader has limits ([Limits]) for size, unpacked size, number and depth of parts, ends when the
// context ends, and answers what is broken with an [Error] that names the part. Passwords are not asked: a locked document is refused.
package extract
