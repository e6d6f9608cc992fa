package approval

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strings"
	"sync"

	"github.com/a-h/templ"

	"openhall.org/openhall/internal/core/procedure"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/platform/web/flowchart"
)

// charts keeps drawn charts. Many cases stand at the same place of the same procedure, and drawing costs more than the rest of a
// tracking page.
type charts struct {
	mu    sync.Mutex
	drawn map[string]string
}

// maxCharts bounds the memory: a chart has about 20 KB.
const maxCharts = 500

func newCharts() *charts { return &charts{drawn: map[string]string{}} }

// of returns the live chart of a case in the reader's language.
func (c *charts) of(ctx context.Context, l *web.Localizer, def *procedure.Definition, m *casework.Case) (templ.Component, error) {
	key := chartKey(l, m)
	c.mu.Lock()
	html, ok := c.drawn[key]
	c.mu.Unlock()
	if !ok {
		var err error
		if html, err = draw(ctx, l, def, m); err != nil {
			return nil, fmt.Errorf("chart of %s: %w", m.Procedure, err)
		}
		c.mu.Lock()
		if len(c.drawn) >= maxCharts {
			clear(c.drawn)
		}
		c.drawn[key] = html
		c.mu.Unlock()
	}
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		_, err := io.WriteString(w, html)
		return err
	}), nil
}

// chartKey holds all that the drawing depends on.
func chartKey(l *web.Localizer, m *casework.Case) string {
	var b strings.Builder
	b.WriteString(string(l.Tag()) + " " + m.Procedure + " " + m.Result)
	for _, d := range m.Done() {
		b.WriteString(" " + d.Element)
		if d.Cut {
			b.WriteByte('!')
		}
	}
	b.WriteByte('|')
	for _, t := range m.Progress().Tokens {
		b.WriteString(" " + t.Element)
	}
	return b.String()
}

func draw(ctx context.Context, l *web.Localizer, def *procedure.Definition, m *casework.Case) (string, error) {
	done := make([]flowchart.Step, 0, len(m.Done()))
	for _, d := range m.Done() {
		done = append(done, flowchart.Step{Element: d.Element, Cut: d.Cut})
	}
	progress, err := flowchart.ProgressOf(def, *m.Progress(), done, m.Result)
	if err != nil {
		return "", err
	}
	chart := flowchart.FromProcedure(def, l.Tag(), progress)
	chart.ID, chart.Description = "chart", l.T("approval.chart.description")
	var html bytes.Buffer
	if err := flowchart.Figure(chart).Render(ctx, &html); err != nil {
		return "", err
	}
	return html.String(), nil
}
