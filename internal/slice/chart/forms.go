package chart

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/core/procedure"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/store"
)

var formName = regexp.MustCompile(`^[a-z][a-z0-9-]{0,39}$`)

// maxForms bounds the forms of a chart.
const maxForms = 50

// NewForm makes a form with one field, or a copy of one that ships with the platform where the builder knows all its parts.
func (s *Service) NewForm(ctx context.Context, actor identity.Principal, id store.ID, name string, title lang.Text) error {
	if _, err := s.chart(ctx, actor, id); err != nil {
		return err
	}
	if !formName.MatchString(name) {
		return refuse("/name", "pattern", lang.Text{
			Hans: "代号以小写字母开头，只用小写字母、数字和连字符，不超过 40 位，例如 site-visit", Hant: "代號以小寫字母開頭，只用小寫字母、數字和連字號，不超過 40 位，例如 site-visit",
			En: "The short name begins with a small letter and has small letters, digits and hyphens only, at most 40, such as site-visit",
		})
	}
	d := Design{Title: title, Fields: []FormField{{
		Name: "opinion", Kind: Long, Title: lang.Text{Hans: "意见", Hant: "意見", En: "Opinion"}, Required: true,
	}}}
	if err := d.Check(); err != nil {
		return err
	}
	schema, err := d.Schema()
	if err != nil {
		return err
	}
	err = s.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		n, err := store.Scalar[int](tx.QueryRow(ctx, `SELECT count(DISTINCT name) FROM chart_form WHERE chart = $1`, int64(id)))
		if err != nil {
			return err
		}
		if n >= maxForms {
			return errFull
		}
		done, err := tx.ExecCount(ctx, `INSERT INTO chart_form (chart, name, n, schema, frozen, author, at) VALUES ($1, $2, 1, $3, 0, $4, $5) ON CONFLICT (chart, name, n) DO NOTHING`,
			int64(id), name, string(schema), int64(actor.Account), store.Micros(s.instant()))
		if err == nil && done == 0 {
			err = errTaken
		}
		return err
	})
	switch {
	case errors.Is(err, errTaken):
		return refuse("/name", "taken", lang.Text{Hans: "这张流程图已有表单 " + name, Hant: "這張流程圖已有表單 " + name, En: "The chart has a form " + name + " already"})
	case errors.Is(err, errFull):
		return refuse("/name", "full", lang.Text{Hans: fmt.Sprintf("一张流程图最多 %d 张表单", maxForms), Hant: fmt.Sprintf("一張流程圖最多 %d 張表單", maxForms), En: fmt.Sprintf("A chart has at most %d forms", maxForms)})
	case err != nil:
		return fmt.Errorf("new form %s: %w", name, err)
	}
	return nil
}

var errTaken = errors.New("there is a form of that name")

// Form returns the newest version of a form of a chart.
func (s *Service) Form(ctx context.Context, actor identity.Principal, id store.ID, name string) (StepForm, *Design, error) {
	if _, err := s.chart(ctx, actor, id); err != nil {
		return StepForm{}, nil, err
	}
	f, err := s.form(ctx, s.DB.Read(), id, name, 0)
	if err != nil {
		return f, nil, err
	}
	d, err := ReadDesign(f.Schema)
	return f, d, err
}

// ChangeForm changes a form. n is the version that the change was made from. A frozen version stays; the change makes the next one.
func (s *Service) ChangeForm(ctx context.Context, actor identity.Principal, id store.ID, name string, n int, change func(*Design) error) (StepForm, error) {
	f, d, err := s.Form(ctx, actor, id, name)
	if err != nil {
		return f, err
	}
	if f.N != n {
		return f, refuse("/name", "moved", lang.Text{
			Hans: "表单在您打开之后已被修改，请刷新页面后再改", Hant: "表單在您打開之後已被修改，請重新整理頁面後再改", En: "The form has been changed since you opened it; open the page again and repeat your change",
		})
	}
	if err := change(d); err != nil {
		return f, err
	}
	if err := d.Check(); err != nil {
		return f, err
	}
	if f.Schema, err = d.Schema(); err != nil {
		return f, err
	}
	if _, err := s.compile(name, f.Schema); err != nil {
		return f, fmt.Errorf("form %s: %w", name, err)
	}
	if f.Frozen {
		f.N, f.Frozen = f.N+1, false
	}
	err = s.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		return tx.Exec(ctx, `INSERT INTO chart_form (chart, name, n, schema, frozen, author, at) VALUES ($1, $2, $3, $4, 0, $5, $6)
			ON CONFLICT (chart, name, n) DO UPDATE SET schema = excluded.schema, author = excluded.author, at = excluded.at WHERE chart_form.frozen = 0`,
			int64(id), name, f.N, string(f.Schema), int64(actor.Account), store.Micros(s.instant()))
	})
	if err != nil {
		return f, fmt.Errorf("form %s of chart %s: %w", name, id, err)
	}
	return f, nil
}

// freeze fixes the forms that a version uses.
func (s *Service) freeze(ctx context.Context, c *Chart, def *procedure.Definition) error {
	err := s.DB.Write(ctx, func(_ context.Context, tx *store.Tx) error {
		for _, e := range def.Elements() {
			if chart, name, n, own := splitForm(e.Form); own && chart == c.Key {
				tx.Queue(`UPDATE chart_form SET frozen = 1 WHERE chart = $1 AND name = $2 AND n = $3`, int64(c.ID), name, n)
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("forms of chart %s: %w", c.Key, err)
	}
	return nil
}

// formWait bounds how long a step waits for its form.
const formWait = 10 * time.Second

// otherForm finds a frozen form for the runtime. It never changes, so it is read once.
func (s *Service) otherForm(key string) (*casework.Form, bool) {
	if f, ok := s.made.Load(key); ok {
		form, is := f.(*casework.Form)
		return form, is
	}
	chart, name, n, own := splitForm(key)
	if !own {
		return nil, false
	}
	ctx, cancel := context.WithTimeout(context.Background(), formWait)
	defer cancel()
	type row struct {
		schema string
		frozen int
	}
	x, err := store.One(ctx, s.DB.Read(), func(r store.Row) (x row, err error) { return x, r.Scan(&x.schema, &x.frozen) },
		`SELECT f.schema, f.frozen FROM chart_form AS f JOIN chart_chart AS c ON c.id = f.chart WHERE c.key = $1 AND f.name = $2 AND f.n = $3`, chart, name, n)
	if err != nil {
		if !errors.Is(err, store.ErrNotFound) {
			s.Log.ErrorContext(ctx, "read the form of a step", "form", key, "error", err)
		}
		return nil, false
	}
	form, err := s.compile(key, []byte(x.schema))
	if err != nil {
		s.Log.ErrorContext(ctx, "compile the form of a step", "form", key, "error", err)
		return nil, false
	}
	if x.frozen > 0 {
		s.made.Store(key, form)
	}
	return form, true
}

// Put sets a field in a design: over the one that was called was, or as a new one at the end.
func (d *Design) Put(was string, f FormField) {
	i := slices.IndexFunc(d.Fields, func(x FormField) bool { return x.Name == was })
	if was == "" || i < 0 {
		d.Fields = append(d.Fields, f)
		return
	}
	d.Fields[i] = f
	for j := range d.Rules {
		if d.Rules[j].When == was {
			d.Rules[j].When = f.Name
		}
		if d.Rules[j].Then == was {
			d.Rules[j].Then = f.Name
		}
	}
}

// Drop takes a field out, with the rules about it. The last field stays.
func (d *Design) Drop(name string) error {
	if len(d.Fields) < 2 {
		return refuse("/name", "minItems", lang.Text{Hans: "表单至少有一项", Hant: "表單至少有一項", En: "A form has at least one field"})
	}
	d.Fields = slices.DeleteFunc(d.Fields, func(x FormField) bool { return x.Name == name })
	d.Rules = slices.DeleteFunc(d.Rules, func(r Rule) bool { return r.When == name || r.Then == name })
	return nil
}

// Shift moves a field up (-1) or down (+1).
func (d *Design) Shift(name string, by int) {
	i := slices.IndexFunc(d.Fields, func(x FormField) bool { return x.Name == name })
	if j := i + by; i >= 0 && j >= 0 && j < len(d.Fields) {
		d.Fields[i], d.Fields[j] = d.Fields[j], d.Fields[i]
	}
}

// ParseOptions reads answers, one on each line: a value for conditions, then the words, as in "grant 准予 | 准予 | Grant". A line without a
// value of letters and digits is its own value.
func ParseOptions(lines string) []FieldOption {
	var out []FieldOption
	for line := range strings.Lines(lines) {
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		value, words, has := strings.Cut(line, " ")
		if !has || !optionValue.MatchString(value) {
			value, words = line, line
		}
		parts := strings.Split(words, "|")
		for i := range parts {
			parts[i] = strings.TrimSpace(parts[i])
		}
		o := FieldOption{Value: value, Title: lang.Text{Hans: parts[0]}}
		if value == words || value == line {
			o.Value = parts[0]
		}
		const hant, en = 1, 2
		if len(parts) > hant {
			o.Title.Hant = parts[hant]
		}
		if len(parts) > en {
			o.Title.En = parts[en]
		}
		out = append(out, o)
	}
	return out
}

var optionValue = regexp.MustCompile(`^[A-Za-z0-9_-]+$`)

// OptionLines is the inverse of ParseOptions.
func OptionLines(list []FieldOption) string {
	var b strings.Builder
	for _, o := range list {
		line := o.Value + " " + o.Title.Hans + " | " + o.Title.In(lang.Hant) + " | " + o.Title.In(lang.En)
		if !optionValue.MatchString(o.Value) {
			line = o.Title.Hans + " | " + o.Title.In(lang.Hant) + " | " + o.Title.In(lang.En)
		}
		b.WriteString(line + "\n")
	}
	return b.String()
}
