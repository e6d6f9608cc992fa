// Package pdf reads PDF files (ISO 32000) down to single characters: for each one what it says, where on the page it is drawn, and by which
// bytes of which content stream. With that, characters can be taken out of a file for good: [Rewrite] makes a new file from what is left.
//
//	file, err := pdf.Open(content, limits)
//	for i := range file.Pages() { text, err := file.PageText(ctx, i) }
//
// It follows the tables of objects (plain, in streams, hybrid) and, where they are broken, looks for the objects themselves. Text comes from
// ToUnicode maps, from the predefined Chinese encodings (GBK-EUC-H, UniGB-UCS2-H and the like), from encodings of simple fonts and names of
// glyphs. Characters of which none of these says what they are, are counted: somebody has to look at the page.
//
// It draws nothing, decodes no pictures, and opens files that are locked only as far as everybody may read them.
package pdf
