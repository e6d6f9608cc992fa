package document

import (
	"bytes"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf16"
)

// attachmentName is the name of the attachment in a PDF reader.
const attachmentName = "openhall-signature.json"

// begins is how the attachment begins in a file: the last such place is the one that counts.
var begins = []byte("stream\n{\"document\":")

const ends = "\nendstream\nendobj\n"

// tail is what has to be known of a PDF to update it.
type tail struct {
	size int // number of objects, and so the number of the next one
	xref int // where its table of objects stands
}

// The end of a file as package gopdf writes it.
var tailForm = regexp.MustCompile(`trailer\n<<\n/Size (\d{1,7})\n/Root 1 0 R\n>>\nstartxref\n(\d{1,9})\n%%EOF\n$`)

func tailOf(pdf []byte) (tail, bool) {
	m := tailForm.FindSubmatch(pdf[max(0, len(pdf)-200):])
	if m == nil {
		return tail{}, false
	}
	size, err := strconv.Atoi(string(m[1]))
	if err != nil {
		return tail{}, false
	}
	xref, err := strconv.Atoi(string(m[2]))
	return tail{size, xref}, err == nil
}

// update writes the incremental update (ISO 32000-1, 7.5.6) that makes a signed document of a PDF: language and title, the attachment,
// and the tables by which text is copied, where gopdf has written characters beyond U+FFFF wrongly. It depends on nothing but its
// arguments, so that whoever verifies can write it again and compare.
func update(pdf []byte, st *Statement, attached []byte) ([]byte, error) {
	t, ok := tailOf(pdf)
	if !ok {
		return nil, fmt.Errorf("the PDF of %s does not end as expected", st.Number)
	}
	w := &updater{base: len(pdf)}
	spec, data, info := t.size, t.size+1, t.size+2
	w.object(1, fmt.Sprintf("<< /Type /Catalog /Pages 2 0 R /Lang (%s) /ViewerPreferences << /DisplayDocTitle true >>"+
		" /Names << /EmbeddedFiles << /Names [(%s) %d 0 R] >> >> >>", pdfName.ReplaceAllString(st.Lang, ""), attachmentName, spec))
	for _, m := range unicodeMaps(pdf) {
		w.object(m.number, fmt.Sprintf("<< /Length %d >>\nstream\n%s\nendstream", len(m.text), m.text))
	}
	w.object(spec, fmt.Sprintf("<< /Type /Filespec /F (%s) /UF (%s) /AFRelationship /Data /EF << /F %d 0 R >> >>", attachmentName, attachmentName, data))
	w.object(info, fmt.Sprintf("<< /Title %s /Author %s /Subject %s /Producer (openhall) /CreationDate (D:%s) >>",
		pdfText(st.Title), pdfText(st.Issuer), pdfText(st.Number), pdfDate(st.SignedAt)))
	// The attachment comes last: what stands before it holds nothing of it.
	w.object(data, fmt.Sprintf("<< /Type /EmbeddedFile /Subtype /application#2Fjson /Length %d >>\n%s%s\nendstream", len(attached),
		"stream\n", attached))
	start := w.base + w.b.Len()
	w.b.WriteString("xref\n")
	for _, o := range w.objects {
		fmt.Fprintf(&w.b, "%d 1\n%010d 00000 n \n", o.number, o.at)
	}
	fmt.Fprintf(&w.b, "trailer\n<< /Size %d /Root 1 0 R /Info %d 0 R /Prev %d >>\nstartxref\n%d\n%%%%EOF\n", t.size+3, info, t.xref, start)
	return w.b.Bytes(), nil
}

type updater struct {
	base    int
	b       bytes.Buffer
	objects []struct{ number, at int }
}

func (w *updater) object(number int, content string) {
	w.objects = append(w.objects, struct{ number, at int }{number, w.base + w.b.Len()})
	fmt.Fprintf(&w.b, "%d 0 obj\n%s\nendobj\n", number, content)
}

var pdfName = regexp.MustCompile(`[^A-Za-z0-9-]`)

// pdfText writes a text string as the hexadecimal of its UTF-16.
func pdfText(s string) string {
	var b strings.Builder
	b.WriteString("<FEFF")
	for _, u := range utf16.Encode([]rune(s)) {
		fmt.Fprintf(&b, "%04X", u)
	}
	b.WriteString(">")
	return b.String()
}

// pdfDate writes an instant of RFC 3339 in UTC as D:YYYYMMDDHHMMSSZ wants it.
func pdfDate(at string) string {
	digits := strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, at)
	return digits[:min(14, len(digits))] + "Z"
}

// unicodeMap is a table of a font from glyphs to characters, mended.
type unicodeMap struct {
	number int
	text   string
}

// A table as package gopdf writes it: its object begins with its length, its stream with the head.
var (
	mapHead    = []byte("stream\n/CIDInit /ProcSet findresource begin")
	mapObject  = regexp.MustCompile(`(\d+) 0 obj\n<<\n/Length \d+\n>>\n$`)
	mapTooLong = regexp.MustCompile(`<([0-9A-F]{4})><([0-9A-F]{4})><([0-9A-F]{5,6})>`)
)

// unicodeMaps finds the tables in which a character beyond U+FFFF stands as its number instead of in UTF-16.
func unicodeMaps(pdf []byte) []unicodeMap {
	var out []unicodeMap
	for at := 0; ; {
		found := bytes.Index(pdf[at:], mapHead)
		if found < 0 {
			return out
		}
		start := at + found
		at = start + len("stream\n")
		end := bytes.Index(pdf[at:], []byte("endstream\n"))
		if end < 0 {
			return out
		}
		text := string(pdf[at : at+end])
		at += end
		head := mapObject.FindSubmatch(pdf[max(0, start-60):start])
		if head == nil || !mapTooLong.MatchString(text) {
			continue
		}
		number, err := strconv.Atoi(string(head[1]))
		if err != nil {
			continue
		}
		out = append(out, unicodeMap{number, strings.TrimSuffix(mapTooLong.ReplaceAllStringFunc(text, inUTF16), "\n")})
	}
}

// inUTF16 writes a line of a table anew.
func inUTF16(line string) string {
	parts := mapTooLong.FindStringSubmatch(line)
	r, err := strconv.ParseInt(parts[3], 16, 32)
	if err != nil {
		return line
	}
	hi, lo := utf16.EncodeRune(rune(r))
	return fmt.Sprintf("<%s><%s><%04X%04X>", parts[1], parts[2], hi, lo)
}
