package approval

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/a-h/templ"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/procedure"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/platform/web/caseview"
	"openhall.org/openhall/internal/platform/web/flowchart"
)

// kept holds parts of pages that were rendered, by all that they depend on. It forgets everything when it is full.
type kept struct {
	max int

	mu    sync.Mutex
	parts map[string]string
}

// Bounds of memory: a chart has about 20 KB, the main part of a matter 40 KB.
const (
	maxCharts  = 300
	maxMatters = 200
)

func newKept(n int) *kept { return &kept{max: n, parts: map[string]string{}} }

// part returns the part under the key, and has it made when it is not there.
func (k *kept) part(ctx context.Context, key string, build func() (templ.Component, error)) (templ.Component, error) {
	k.mu.Lock()
	html, ok := k.parts[key]
	k.mu.Unlock()
	if !ok {
		c, err := build()
		if err != nil {
			return nil, err
		}
		var b bytes.Buffer
		if err := c.Render(ctx, &b); err != nil {
			return nil, err
		}
		html = b.String()
		k.mu.Lock()
		if len(k.parts) >= k.max {
			clear(k.parts)
		}
		k.parts[key] = html
		k.mu.Unlock()
	}
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		_, err := io.WriteString(w, html)
		return err
	}), nil
}

// matterKey holds all that the page of a matter depends on. What is left of a term is told in minutes at the finest.
func matterKey(v *web.View, d door) string {
	return strings.Join([]string{
		d.base, strconv.FormatInt(d.c.Seq, 10), string(v.L.Tag()), strconv.FormatBool(d.full), v.Now.UTC().Truncate(time.Minute).String(),
	}, " ")
}

// chart returns the live chart of a case in the reader's language. Many cases stand at the same place of the same procedure.
func (s *Service) chart(ctx context.Context, l *web.Localizer, d door) (templ.Component, error) {
	return s.charts.part(ctx, chartKey(l, d.c), func() (templ.Component, error) {
		return draw(l, d.def, d.c)
	})
}

// chartKey holds all that the drawing depends on.
func chartKey(l *web.Localizer, m *casework.Case) string {
	var b strings.Builder
	b.WriteString(string(l.Tag()) + " " + m.Procedure + " " + m.Result)
	for _, d := range m.Done() {
		b.WriteString(" " + d.Element + d.Role + calendar.Of(d.OpenedAt).String() + calendar.Of(d.At).String())
		if d.Cut {
			b.WriteByte('!')
		}
	}
	b.WriteByte('|')
	for _, t := range m.Progress().Tokens {
		b.WriteString(" " + t.Element)
	}
	for _, t := range m.Tasks() {
		b.WriteString(" " + t.Element + t.Role + calendar.Of(t.OpenedAt).String() + calendar.Of(t.DueAt).String())
	}
	return b.String()
}

func draw(l *web.Localizer, def *procedure.Definition, m *casework.Case) (templ.Component, error) {
	done := make([]flowchart.Step, 0, len(m.Done()))
	for _, d := range m.Done() {
		done = append(done, flowchart.Step{Element: d.Element, Cut: d.Cut})
	}
	progress, err := flowchart.ProgressOf(def, *m.Progress(), done, m.Result)
	if err != nil {
		return nil, fmt.Errorf("chart of %s: %w", m.Procedure, err)
	}
	chart := flowchart.FromProcedure(def, l.Tag(), progress)
	chart.ID, chart.Description = "chart", l.T("approval.chart.description")
	caseview.Annotate(l, &chart, m, nil)
	return flowchart.Figure(chart), nil
}
