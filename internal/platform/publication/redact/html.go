package redact

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"golang.org/x/net/html"

	"openhall.org/openhall/internal/platform/publication/extract"
)

// attributes are those of HTML that readers see the effect of. Others are dropped: scripts, data for programs.
var attributes = []string{
	"href", "src", "srcset", "alt", "title", "class", "id", "style", "lang", "dir", "width", "height", "align", "valign", "border", "cellpadding", "cellspacing", "bgcolor",
	"color", "face", "size", "colspan", "rowspan", "headers", "scope", "span", "start", "type", "reversed", "value", "name", "rel", "media", "target", "open", "for",
	"controls", "poster", "checked", "selected", "disabled", "label", "placeholder", "cite", "datetime", "charset", "role", "hidden",
}

// without are elements that go with all that is in them.
var without = []string{"script", "template", "noscript", "iframe", "object", "embed", "frameset", "applet"}

// htmlFile rewrites an HTML document, in UTF-8.
func htmlFile(content []byte, doc *extract.Document, passages []Passage, report *Report) ([]byte, error) {
	source, err := extract.DecodeHTML(content)
	if err != nil {
		return nil, err
	}
	texts := map[int]string{} // the new text of what stands at an offset
	for _, c := range changes(doc, passages) {
		if c.Form == extract.CharData {
			texts[c.RawFrom] = c.text
		}
	}
	secrets := secretsOf(doc.Text, passages)
	var out bytes.Buffer
	z := html.NewTokenizer(bytes.NewReader(source))
	at, skip := 0, ""
	for {
		kind := z.Next()
		raw := z.Raw()
		from := at
		at += len(raw)
		if kind == html.ErrorToken {
			if !errors.Is(z.Err(), io.EOF) {
				return nil, fmt.Errorf("at byte %d: %w", from, z.Err())
			}
			return out.Bytes(), nil
		}
		raw = bytes.Clone(raw)
		t := z.Token()
		switch {
		case skip != "":
			if kind == html.EndTagToken && t.Data == skip {
				skip = ""
			}
		case kind == html.CommentToken:
			report.drop("comments")
		case kind == html.TextToken:
			if text, ok := texts[from]; ok {
				out.WriteString(html.EscapeString(text))
			} else {
				out.Write(raw)
			}
		case kind == html.StartTagToken && slices.Contains(without, t.Data):
			skip = t.Data
			report.drop("<" + t.Data + ">")
		case slices.Contains(without, t.Data), t.Data == "base":
		case t.Data == "meta":
			if slices.ContainsFunc(t.Attr, func(a html.Attribute) bool {
				return a.Key == "charset" || a.Key == "http-equiv" && strings.EqualFold(a.Val, "content-type")
			}) {
				out.WriteString(`<meta charset="utf-8">`)
			} else {
				report.drop("<meta>")
			}
		case kind == html.StartTagToken || kind == html.SelfClosingTagToken:
			t.Attr = slices.DeleteFunc(t.Attr, func(a html.Attribute) bool {
				return !slices.Contains(attributes, a.Key) && !strings.HasPrefix(a.Key, "aria-") || strings.HasPrefix(strings.TrimSpace(strings.ToLower(a.Val)), "javascript:")
			})
			for i := range t.Attr {
				t.Attr[i].Val = secrets.Replace(t.Attr[i].Val)
			}
			out.WriteString(t.String())
		default:
			out.Write(raw)
		}
	}
}
