package power

import (
	"io/fs"
	"strings"
	"testing"
	"unicode/utf8"

	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/core/procedure"
	"openhall.org/openhall/internal/platform/document"
	"openhall.org/openhall/internal/platform/web/flowchart"
	"openhall.org/openhall/procedures"
)

// TestLabelsOfTheBookStandApart: in the book no label of a chart that ships lies on another, in any language. The test measures by itself: a Han
// character is as wide as it is high, any other at least a third of that.
func TestLabelsOfTheBookStandApart(t *testing.T) {
	files, err := fs.Glob(procedures.Files, "*.bpmn")
	if err != nil || len(files) < 20 {
		t.Fatalf("%d charts: %v", len(files), err)
	}
	for _, name := range files {
		xml, err := procedures.Files.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		def, err := procedure.Parse(xml)
		if err != nil {
			t.Fatal(err)
		}
		for _, tag := range []lang.Tag{lang.Hans, lang.Hant, lang.En} {
			c := flowchart.FromProcedure(def, tag, nil)
			d := drawingOf(c)
			if len(d.Words) < len(c.Lanes) {
				t.Errorf("%s, %s: %d labels", name, tag, len(d.Words))
			}
			for i := range d.Words {
				for j := range i {
					if a, b := covers(d.Words[i]), covers(d.Words[j]); a.over(b) > 1 {
						t.Errorf("%s, %s: %q lies on %q", name, tag, d.Words[i].Text, d.Words[j].Text)
					}
				}
				if w := covers(d.Words[i]); w.x < 0 || w.y < 0 || w.x+w.w > d.Width || w.y+w.h > d.Height {
					t.Errorf("%s, %s: %q leaves the picture", name, tag, d.Words[i].Text)
				}
			}
		}
	}
}

// covers is what a line of words covers at least: from the top of its type to its baseline.
func covers(w document.DrawnWords) rect {
	width := 0.0
	for _, r := range w.Text {
		if utf8.RuneLen(r) > 2 {
			width += w.Size
		} else {
			width += w.Size / 3
		}
	}
	const rise = 0.8
	return rect{w.X - width/2, w.Y - rise*w.Size, width, rise * w.Size}
}

// TestLabelsOfFlows: the conditions at the ways out of a gateway stand in the book too.
func TestLabelsOfFlows(t *testing.T) {
	xml, err := procedures.Files.ReadFile("general-licence.bpmn")
	if err != nil {
		t.Fatal(err)
	}
	def, err := procedure.Parse(xml)
	if err != nil {
		t.Fatal(err)
	}
	c := flowchart.FromProcedure(def, lang.Hans, nil)
	var all strings.Builder
	for _, w := range drawingOf(c).Words {
		all.WriteString(w.Text)
	}
	labels := 0
	for _, e := range c.Edges {
		if e.Label != "" {
			labels++
			if !strings.Contains(all.String(), e.Label) {
				t.Errorf("the book leaves out %q", e.Label)
			}
		}
	}
	if labels == 0 {
		t.Error("no flow has a label")
	}
}
