package redact

import (
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"openhall.org/openhall/internal/platform/publication/extract"
	"openhall.org/openhall/internal/platform/publication/internal/archive"
	"openhall.org/openhall/internal/platform/publication/internal/pdf"
	"openhall.org/openhall/internal/platform/publication/internal/xmltext"
)

// kept are the files of a docx or xlsx that readers see something of; all others are dropped: properties, comments and who wrote them, data of
// mail merges, caches of pivot tables and of other workbooks, embedded documents, macros, thumbnails. A pattern ends with * or is the name.
var kept = map[extract.Type][]string{
	extract.DOCX: {
		"[Content_Types].xml", "_rels/.rels", "word/document.xml", "word/_rels/*", "word/styles.xml", "word/numbering.xml", "word/fontTable.xml", "word/settings.xml",
		"word/theme/*", "word/header*", "word/footer*", "word/footnotes.xml", "word/endnotes.xml", "word/media/*", "word/charts/*", "word/diagrams/*", "word/fonts/*",
	},
	extract.XLSX: {
		"[Content_Types].xml", "_rels/.rels", "xl/workbook.xml", "xl/_rels/*", "xl/worksheets/*", "xl/styles.xml", "xl/theme/*", "xl/sharedStrings.xml",
		"xl/drawings/*", "xl/charts/*", "xl/media/*", "xl/chartsheets/*",
	},
}

func keeps(typ extract.Type, name string) bool {
	if strings.HasSuffix(name, ".vml") || strings.HasSuffix(name, ".bin") { // comments on sheets; settings of printers
		return false
	}
	for _, pattern := range kept[typ] {
		if head, open := strings.CutSuffix(pattern, "*"); name == pattern || open && strings.HasPrefix(name, head) {
			return true
		}
	}
	return false
}

// officeFile rewrites a docx or xlsx: the texts of passages in their places, everything else as it was, without what readers do not see.
func officeFile(typ extract.Type, content []byte, limits extract.Limits, doc *extract.Document, passages []Passage, report *Report) ([]byte, error) {
	entries, wrong, err := archive.Read(content, limits.Unpacked, limits.Parts)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", wrong, err)
	}
	files := map[string][]byte{}
	for _, e := range entries {
		files[e.Name] = e.Data
	}
	c := &office{typ: typ, files: files, edits: map[string][]edit{}, report: report, gone: map[string]bool{}}
	for name := range files {
		if !keeps(typ, name) {
			c.gone[name] = true
		}
	}
	if typ == extract.XLSX {
		if err := c.hiddenSheets(); err != nil {
			return nil, err
		}
	}
	for _, s := range changes(doc, passages) {
		c.write(s)
	}
	var out []archive.Entry
	shown, strs := map[int]bool{}, -1
	for _, e := range entries {
		switch {
		case c.gone[e.Name]:
			report.drop(e.Name)
			continue
		case e.Name == sharedStrings:
			strs = len(out)
		default:
			e.Data = c.file(e.Name, e.Data)
			if strings.HasPrefix(e.Name, "xl/worksheets/") {
				shownStrings(e.Data, shown)
			}
		}
		out = append(out, e)
	}
	if strs >= 0 { // last: what no cell shows goes before what is masked
		data := out[strs].Data
		edits := append(c.unusedStrings(data, shown), c.edits[sharedStrings]...)
		out[strs].Data = apply(data, append(edits, c.elements(sharedStrings, data)...))
	}
	return archive.Write(out)
}

// office is a document that is being rewritten.
type office struct {
	typ    extract.Type
	files  map[string][]byte
	edits  map[string][]edit
	gone   map[string]bool
	sheets map[string]bool // relationship ids of hidden sheets
	report *Report
}

// hiddenSheets drops sheets that are hidden, and what belongs to them.
func (c *office) hiddenSheets() error {
	list, err := extract.Sheets(c.files)
	if err != nil {
		return err
	}
	c.sheets = map[string]bool{}
	for _, s := range list {
		if s.Hidden {
			c.sheets[s.ID] = true
			c.gone[s.File] = true
			c.gone[path.Dir(s.File)+"/_rels/"+path.Base(s.File)+".rels"] = true
			c.report.drop("sheet " + s.Name)
		}
	}
	return nil
}

// write notes the new text of a segment.
func (c *office) write(s changed) {
	data := c.files[s.File]
	if data == nil || c.gone[s.File] {
		return
	}
	e := edit{s.RawFrom, s.RawTo, xmltext.Escape(s.text)}
	if s.Form == extract.NumberXML {
		e.text = textCell(data[s.RawFrom:s.RawTo], s.text)
	}
	c.edits[s.File] = append(c.edits[s.File], e)
}

// textCell writes a cell that held a number as one that holds a text.
func textCell(cell []byte, text string) string {
	var t xmltext.Token
	r := xmltext.NewReader(cell)
	r.Next(&t)
	ref, _ := t.Attr(cell, "r")
	style, hasStyle := t.Attr(cell, "s")
	prefix := strings.TrimSuffix(t.Name, t.Local())
	var b strings.Builder
	fmt.Fprintf(&b, `<%sc r="%s"`, prefix, xmltext.Escape(ref))
	if hasStyle {
		fmt.Fprintf(&b, ` s="%s"`, xmltext.Escape(style))
	}
	fmt.Fprintf(&b, ` t="inlineStr"><%[1]sis><%[1]st xml:space="preserve">%[2]s</%[1]st></%[1]sis></%[1]sc>`, prefix, xmltext.Escape(text))
	return b.String()
}

const sharedStrings = "xl/sharedStrings.xml"

// shownStrings notes which shared strings the cells of a sheet point to that is published.
func shownStrings(sheet []byte, shown map[int]bool) {
	var t xmltext.Token
	shared, value := false, false
	for r := xmltext.NewReader(sheet); r.Next(&t); {
		switch t.Kind {
		case xmltext.Start:
			if t.Local() == "c" {
				kind, _ := t.Attr(sheet, "t")
				shared = kind == "s"
			}
			value = t.Local() == "v"
		case xmltext.Text:
			if n, err := strconv.Atoi(strings.TrimSpace(t.Value(sheet))); err == nil && shared && value {
				shown[n] = true
			}
		default:
			value = false
		}
	}
}

// unusedStrings empties shared strings that no cell shows which is left.
func (c *office) unusedStrings(data []byte, shown map[int]bool) []edit {
	var edits []edit
	var t xmltext.Token
	n := -1
	for r := xmltext.NewReader(data); r.Next(&t); {
		switch {
		case t.Local() == "si" && t.Kind != xmltext.End:
			n++
		case t.Kind == xmltext.Text && n >= 0 && !shown[n] && strings.TrimSpace(t.Value(data)) != "":
			edits = append(edits, edit{t.From, t.To, ""})
			c.report.drop("texts that no cell shows")
		}
	}
	return edits
}

// file returns a file as it is published.
func (c *office) file(name string, data []byte) []byte {
	edits := c.edits[name]
	switch {
	case name == "[Content_Types].xml":
		edits = append(edits, c.types(data)...)
	case strings.HasSuffix(name, ".rels"):
		edits = append(edits, c.relations(name, data)...)
	case strings.HasSuffix(name, ".xml"):
		edits = append(edits, c.elements(name, data)...)
	case strings.HasSuffix(strings.ToLower(name), ".jpg"), strings.HasSuffix(strings.ToLower(name), ".jpeg"):
		return pdf.WithoutMetadata(data)
	case strings.HasSuffix(strings.ToLower(name), ".png"):
		return plainPNG(data)
	}
	return apply(data, edits)
}

// types drops the types of files that were dropped.
func (c *office) types(data []byte) []edit {
	var edits []edit
	var t xmltext.Token
	for r := xmltext.NewReader(data); r.Next(&t); {
		if part, ok := t.Attr(data, "PartName"); ok && t.Local() == "Override" {
			if name := strings.TrimPrefix(part, "/"); c.gone[name] || c.files[name] == nil {
				edits = append(edits, edit{t.From, t.To, ""})
			}
		}
	}
	return edits
}

// relations drops what points to files that were dropped.
func (c *office) relations(name string, data []byte) []edit {
	base := path.Dir(path.Dir(name)) // word/_rels/document.xml.rels tells of word/
	var edits []edit
	var t xmltext.Token
	for r := xmltext.NewReader(data); r.Next(&t); {
		if t.Local() != "Relationship" {
			continue
		}
		target, _ := t.Attr(data, "Target")
		mode, _ := t.Attr(data, "TargetMode")
		kind, _ := t.Attr(data, "Type")
		if mode == "External" {
			if !strings.HasSuffix(kind, "/hyperlink") && !strings.HasSuffix(kind, "/image") {
				edits = append(edits, edit{t.From, t.To, ""})
			}
			continue
		}
		file := path.Join(base, target)
		if strings.HasPrefix(target, "/") {
			file = target[1:]
		}
		if c.gone[file] || c.files[file] == nil {
			edits = append(edits, edit{t.From, t.To, ""})
		}
	}
	return edits
}

// dropped are elements that go with all that is in them: what was deleted under tracking and earlier formats, comments, embedded objects, bindings
// to data that is dropped, copies for old programs, formulas (the values stay), what points to dropped files.
var dropped = map[extract.Type][]string{
	extract.DOCX: {
		"del", "moveFrom", "commentRangeStart", "commentRangeEnd", "commentReference", "annotationRef", "rPrChange", "pPrChange", "sectPrChange", "tblPrChange",
		"tblPrExChange", "tblGridChange", "trPrChange", "tcPrChange", "numberingChange", "object", "control", "altChunk", "subDoc", "permStart", "permEnd", "dataBinding",
		"placeholder", "docPartObj", "moveFromRangeStart", "moveFromRangeEnd", "moveToRangeStart", "moveToRangeEnd", "customXmlDelRangeStart", "customXmlDelRangeEnd",
		"customXmlInsRangeStart", "customXmlInsRangeEnd", "customXmlMoveFromRangeStart", "customXmlMoveFromRangeEnd", "Fallback", "externalData",
		"attachedTemplate", "mailMerge", "rsids", "docVars", "documentProtection", "writeProtection", "alias", "tag", "cellDel", "cellIns", "saveThroughXslt",
	},
	extract.XLSX: {
		"f", "legacyDrawing", "legacyDrawingHF", "oleObjects", "controls", "tableParts", "dataValidations", "extLst", "customSheetViews", "protectedRanges", "sheetProtection",
		"scenarios", "webPublishItems", "customProperties", "smartTags", "definedNames", "externalReferences", "pivotCaches", "customWorkbookViews", "fileSharing",
		"workbookProtection", "bookViews", "oleSize", "smartTagTypes", "functionGroups", "externalData", "Fallback", "phoneticPr", "rPh", "autoFilter", "sortState",
		"conditionalFormatting", "absPath", "revisionPtr",
	},
}

// open is an element that has not ended yet.
type open struct {
	name     string
	from, to int  // the start tag
	drop     bool // with all that is in it
	unwrap   bool // the tags only
}

// dropEnclosing drops the innermost open element of the name.
func dropEnclosing(stack []open, name string) {
	for i := len(stack) - 1; i >= 0; i-- {
		if stack[i].name == name {
			stack[i].drop = true
			return
		}
	}
}

// elements finds what is dropped of an XML file.
func (c *office) elements(name string, data []byte) []edit {
	var edits []edit
	var t xmltext.Token
	var stack []open
	columns := hiddenColumns(data)
	for r := xmltext.NewReader(data); r.Next(&t); {
		local := t.Local()
		switch t.Kind {
		case xmltext.Start, xmltext.Empty:
			o := open{name: local, from: t.From, to: t.To}
			o.drop = slices.Contains(dropped[c.typ], local) && !(local == "f" && !strings.HasPrefix(name, "xl/worksheets/")) // in charts f says where the values stand
			switch {
			case c.typ == extract.DOCX && (local == "ins" || local == "moveTo"):
				o.drop = t.Kind == xmltext.Empty // the mark that a paragraph was inserted
				o.unwrap = !o.drop
			case c.typ == extract.DOCX && local == "vanish":
				if v, ok := t.Attr(data, "val"); !ok || v != "0" && v != "false" && v != "off" {
					dropEnclosing(stack, "r")
				}
			case c.typ == extract.DOCX && local == "del" && len(stack) > 0 && stack[len(stack)-1].name == "trPr":
				dropEnclosing(stack, "tr") // a row that was deleted
			case c.typ == extract.XLSX && local == "sheet":
				for _, a := range t.Attrs {
					o.drop = o.drop || a.Local() == "id" && c.sheets[string(data[a.Value.From:a.Value.To])]
				}
			case c.typ == extract.XLSX && local == "row":
				v, _ := t.Attr(data, "hidden")
				o.drop = v == "1" || v == "true"
			case c.typ == extract.XLSX && local == "c":
				ref, _ := t.Attr(data, "r")
				o.drop = columns[columnName(ref)]
			case c.typ == extract.XLSX && local == "pageSetup":
				for _, a := range t.Attrs { // points to the settings of a printer
					if a.Local() == "id" {
						edits = append(edits, edit{a.Value.From - len(a.Name) - 2, a.Value.To + 1, ""})
					}
				}
			}
			if t.Kind == xmltext.Empty {
				if o.drop {
					edits = append(edits, edit{t.From, t.To, ""})
				}
				continue
			}
			stack = append(stack, o)
		case xmltext.End:
			for len(stack) > 0 {
				o := stack[len(stack)-1]
				stack = stack[:len(stack)-1]
				if o.drop {
					edits = append(edits, edit{o.from, t.To, ""})
				} else if o.unwrap {
					edits = append(edits, edit{o.from, o.to, ""}, edit{t.From, t.To, ""})
				}
				if o.name == local {
					break
				}
			}
		case xmltext.Comment:
			edits = append(edits, edit{t.From, t.To, ""})
		default:
		}
	}
	return edits
}

// columnName returns the letters of a reference: C of C5.
func columnName(ref string) string { return strings.TrimRight(ref, "0123456789") }

// maxHidden bounds the columns that a sheet may hide.
const maxHidden = 1 << 14

// hiddenColumns lists the columns of a sheet that are not shown.
func hiddenColumns(data []byte) map[string]bool {
	var t xmltext.Token
	var out map[string]bool
	for r := xmltext.NewReader(data); r.Next(&t); {
		if t.Local() == "sheetData" {
			break
		}
		if v, _ := t.Attr(data, "hidden"); t.Local() != "col" || v != "1" && v != "true" {
			continue
		}
		low, _ := t.Attr(data, "min")
		high, _ := t.Attr(data, "max")
		from, err1 := strconv.Atoi(low)
		to, err2 := strconv.Atoi(high)
		if err1 != nil || err2 != nil || from < 1 {
			continue
		}
		if out == nil {
			out = map[string]bool{}
		}
		for n := from; n <= min(to, maxHidden); n++ {
			out[columnLetters(n)] = true
		}
	}
	return out
}

// columnLetters writes the number of a column, from 1, as letters.
func columnLetters(n int) string {
	s := ""
	for ; n > 0; n = (n - 1) / 26 {
		s = string(rune('A'+(n-1)%26)) + s
	}
	return s
}
