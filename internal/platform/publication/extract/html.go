package extract

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/charset"
)

// DecodeHTML returns an HTML document in UTF-8, whatever it says it is encoded in.
func DecodeHTML(content []byte) ([]byte, error) {
	enc, _, certain := charset.DetermineEncoding(content, "text/html")
	if !certain {
		enc = Encoding(content)
	}
	text, err := enc.NewDecoder().Bytes(content)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrBroken, err)
	}
	return bytes.ToValidUTF8(bytes.TrimPrefix(text, []byte("\ufeff")), []byte("�")), nil
}

// blocks are elements that begin a line.
var blocks = map[string]bool{
	"p": true, "div": true, "br": true, "tr": true, "li": true, "h1": true, "h2": true, "h3": true, "h4": true, "h5": true, "h6": true, "table": true,
	"section": true, "article": true, "header": true, "footer": true, "ul": true, "ol": true, "dl": true, "dt": true, "dd": true, "blockquote": true,
	"pre": true, "hr": true, "title": true, "option": true, "caption": true, "body": true, "head": true,
}

// html reads an HTML document: what is shown first, then what is not: attributes, scripts, comments.
func (w *writer) html(content []byte) error {
	doc, err := DecodeHTML(content)
	if err != nil {
		return err
	}
	var hidden []hiddenText
	w.begin(Part{Place: Body})
	z := html.NewTokenizer(bytes.NewReader(doc))
	z.SetMaxBuf(w.limits.Size)
	at, raw := 0, ""
	for {
		kind := z.Next()
		from := at
		at += len(z.Raw())
		if err := w.check(); err != nil {
			return err
		}
		switch kind {
		case html.ErrorToken:
			if !errors.Is(z.Err(), io.EOF) {
				return fmt.Errorf("%w: at byte %d: %w", ErrBroken, from, z.Err())
			}
			return w.hidden(hidden)
		case html.TextToken:
			if s := string(z.Text()); raw != "" {
				hidden = w.later(hidden, s, Segment{RawFrom: from, RawTo: at})
			} else {
				w.write(s, Segment{RawFrom: from, RawTo: at})
			}
		case html.CommentToken, html.DoctypeToken:
			hidden = w.later(hidden, string(z.Text()), Segment{RawFrom: from, RawTo: at, Form: AttrValue})
		case html.StartTagToken, html.SelfClosingTagToken, html.EndTagToken:
			t := z.Token()
			raw = ""
			if kind == html.StartTagToken && (t.Data == "script" || t.Data == "style" || t.Data == "template" || t.Data == "noscript") {
				raw = t.Data
			}
			switch {
			case t.Data == "td" || t.Data == "th":
				if kind == html.EndTagToken {
					w.gap('\t')
				}
			case blocks[t.Data]:
				w.gap('\n')
			case t.Data == "img" || t.Data == "svg" || t.Data == "object" || t.Data == "embed" || t.Data == "iframe" || t.Data == "canvas":
				if kind != html.EndTagToken {
					w.unread = append(w.unread, Unread{Part: fmt.Sprintf("<%s> at byte %d", t.Data, from), What: Picture})
				}
			}
			for _, a := range t.Attr {
				if Telling(a.Val) {
					hidden = w.later(hidden, a.Val, Segment{RawFrom: from, RawTo: at, Form: AttrValue})
				}
			}
		}
	}
}

type hiddenText struct {
	text string
	seg  Segment
}

// hidden writes what is not shown.
func (w *writer) hidden(list []hiddenText) error {
	w.begin(Part{Place: Markup})
	for _, h := range list {
		if strings.TrimSpace(h.text) == "" {
			continue
		}
		w.write(h.text, h.seg)
		w.gap('\n')
		if err := w.check(); err != nil {
			return err
		}
	}
	return nil
}

// Telling reports whether the value of an attribute may say something about somebody: Han characters, a mail address, a long number.
// Most are sizes, colours and names of styles.
func Telling(s string) bool {
	digits := 0
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c >= 0xE2, c == '@':
			return true
		case c >= '0' && c <= '9':
			if digits++; digits >= 7 {
				return true
			}
		case c != ' ' && c != '-':
			digits = 0
		}
	}
	return false
}
