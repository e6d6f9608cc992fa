package disclosure

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"strconv"
	"strings"
	"sync"

	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/publication"
	"openhall.org/openhall/internal/platform/registry"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/slice/disclosure/importing"
)

// Known answers what a file of records refers to: bodies by key, name in any script, or credit code; categories by key or title. A title
// that several categories have means the first one from the top.
func (s *Service) Known() importing.Known {
	places := s.Registry.Now()
	bodies := map[string]*registry.Body{}
	for _, d := range places.Divisions() {
		for _, b := range places.Bodies(d.Code) {
			for _, name := range []string{b.Key, b.Name.Hans, b.Name.Hant, b.Name.En, b.USCC} {
				if _, taken := bodies[lang.Fold(name)]; name != "" && !taken {
					bodies[lang.Fold(name)] = b
				}
			}
		}
	}
	categories := map[string]string{}
	var walk func(parent string)
	walk = func(parent string) {
		all := s.Records.Categories(parent, "", "")
		for _, c := range all {
			for _, name := range []string{c.Key, c.Title.Hans, c.Title.Hant, c.Title.En} {
				if _, taken := categories[lang.Fold(name)]; name != "" && !taken {
					categories[lang.Fold(name)] = c.Key
				}
			}
		}
		for _, c := range all {
			walk(c.Key)
		}
	}
	walk("")
	return importing.Known{
		Body: func(text string) (string, string, bool) {
			b := bodies[lang.Fold(text)]
			if b == nil {
				return "", "", false
			}
			return b.Key, b.USCC, true
		},
		Category: func(text string) (string, bool) {
			if c := s.Records.Category(text); c != nil {
				return c.Key, true // one that a body has of its own
			}
			key, ok := categories[lang.Fold(text)]
			return key, ok
		},
	}
}

// contentOfRecord is a row of a file as the content of a record.
func contentOfRecord(r *importing.Record) publication.Content {
	c := publication.Content{
		Title: r.Title, Category: r.Category, Theme: r.Theme, Audience: r.Audience, Genre: r.Genre, LifeCycle: r.Lifecycle, DocumentNumber: r.Number,
		Keywords: r.Keywords, Language: string(r.Language), Source: r.Source, Summary: r.Summary, Text: r.Text,
	}
	if r.Made != nil {
		c.Made = *r.Made
	}
	if r.InForce != nil {
		c.Effective = *r.InForce
	}
	if r.Repealed != nil {
		c.Repealed = *r.Repealed
	}
	if c.Language == string(lang.Hans) {
		c.Language = "" // as records are that were written here
	}
	for _, l := range r.Links {
		c.Links = append(c.Links, publication.Link{Kind: publication.Relation(l.Kind), Index: l.To})
	}
	return c
}

// Load says how a file of records is brought in.
type Load struct {
	Key    string // makes it idempotent: of the content of the file
	Body   string // answers for the import; empty: the data office of the top division
	DryRun bool
	Update bool // makes new versions of records that say something else
	// Attach opens a file that a row names as an attachment; nil: there are none. A dry run opens it more than once.
	Attach func(name string) (io.ReadCloser, error)
	// Report is told of each problem, and of what somebody should know of the files of a row that is brought in; it may stop the import by an
	// error.
	Report func(importing.Problem) error
}

// Loaded says what became of a file of records.
type Loaded struct {
	Rows, New, Updated, Same, Differ, Masked, Unread, Wrong, Cleaned int
}

// loadBatch is how many rows are brought in together: enough to be fast, few enough to fit into memory with their texts. Three events publish
// them.
const loadBatch = 1_200

// portion is rows that are brought in together.
type portion struct {
	rows     int // read
	wrong    int
	cleaned  int
	problems []importing.Problem
	records  []importing.Record
	numbers  []int // of the rows
}

// portions reads a file portion by portion. While one is brought in the next one is read.
func portions(ctx context.Context, f *importing.File) (out <-chan portion, failed func() error) {
	made := make(chan portion, 1)
	var failure error
	go func() {
		defer close(made)
		for more := true; more; {
			p := portion{}
			if more, failure = p.read(f); failure != nil {
				return
			}
			select {
			case made <- p:
			case <-ctx.Done():
				return
			}
		}
	}()
	return made, func() error { return failure } // once out is closed
}

// read fills the portion. more says that there may be another one behind it.
func (p *portion) read(f *importing.File) (more bool, err error) {
	for len(p.records) < loadBatch && len(p.problems) < loadBatch {
		item, err := f.Next()
		if errors.Is(err, io.EOF) {
			return false, nil
		}
		if err != nil {
			return false, err
		}
		p.rows++
		if len(item.Problems) > 0 {
			p.wrong++
			p.problems = append(p.problems, item.Problems...)
			continue
		}
		if item.Record.Cleaned > 0 {
			p.cleaned++
		}
		p.records, p.numbers = append(p.records, item.Record), append(p.numbers, item.Row)
	}
	return true, nil
}

// Load brings in what was published elsewhere, row by row in constant memory. Rows in which something is wrong are left out and told of. An
// interrupted import goes on when it is called again with the same key and the same file.
//
// Three things go on at once: while a portion is released the next one is taken in, and the one after it is read.
func (s *Service) Load(ctx context.Context, actor identity.Principal, f *importing.File, how Load) (out Loaded, err error) {
	if how.Body == "" {
		how.Body = s.answering()
	}
	behind, ctx := releaseBehind(ctx, s.Records.Release)
	made, failed := portions(ctx, f)
	defer func() {
		err = behind.end(err)
		for range made { // the reader has let the file go when this ends
		}
		err = errors.Join(err, failed())
	}()
	part := 0
	for p := range made {
		out.Rows, out.Wrong, out.Cleaned = out.Rows+p.rows, out.Wrong+p.wrong, out.Cleaned+p.cleaned
		for _, problem := range p.problems {
			if err := how.Report(problem); err != nil {
				return out, err
			}
		}
		if len(p.records) == 0 {
			continue
		}
		part++
		kase, err := s.takePortion(ctx, actor, &p, part, how, &out)
		if err != nil {
			return out, err
		}
		if kase != 0 {
			behind.cases <- kase
		}
	}
	return out, nil
}

// behind releases cases in their order while the next ones are taken in.
type behind struct {
	ctx   context.Context //nolint:containedctx // ends when a release fails
	stop  context.CancelCauseFunc
	cases chan store.ID
	done  sync.WaitGroup
}

// releaseBehind begins to release cases. The context that it returns ends with the first failure; none is released after that.
func releaseBehind(ctx context.Context, release func(context.Context, store.ID) error) (*behind, context.Context) {
	b := &behind{cases: make(chan store.ID, 1)}
	b.ctx, b.stop = context.WithCancelCause(ctx)
	b.done.Go(func() {
		for kase := range b.cases {
			if b.ctx.Err() != nil {
				continue
			}
			if err := release(b.ctx, kase); err != nil {
				b.stop(err)
			}
		}
	})
	return b, b.ctx
}

// end waits until all is released, and adds what failed to the error of whoever took the cases in.
func (b *behind) end(err error) error {
	close(b.cases)
	b.done.Wait()
	failure := context.Cause(b.ctx)
	b.stop(nil)
	if errors.Is(err, context.Canceled) && failure != nil {
		err = nil // only because of that failure
	}
	return errors.Join(err, failure)
}

// fieldProblem says in the words of a table what was refused in a field of a row.
func fieldProblem(row int, c *publication.Content, x casework.FieldError) importing.Problem {
	field, rest, _ := strings.Cut(strings.TrimPrefix(x.Path, "/"), "/")
	p := importing.Problem{Row: row, Field: importing.ColumnOf(field), Rule: x.Text, Remedy: checkRow}
	if i, err := strconv.Atoi(strings.TrimSuffix(rest, "/relation")); err == nil && field == "links" && i < len(c.Links) {
		p.Field, p.Value = importing.ColumnOf(string(c.Links[i].Kind)), c.Links[i].Index
	}
	if !p.Rule.IsZero() {
		return p
	}
	switch limit := number(publication.Limit("/" + field)); {
	case x.Code == "maxLength" && limit != "0":
		p.Rule = lang.Text{Hans: "最多 " + limit + " 个字", Hant: "最多 " + limit + " 個字", En: "it may have " + limit + " characters"}
	case x.Code == "maxItems":
		p.Rule = lang.Text{Hans: "项数太多", Hant: "項數太多", En: "it holds too many values"}
	case x.Code == "required":
		p.Rule = lang.Text{Hans: "必须填写", Hant: "必須填寫", En: "it must be filled in"}
	default:
		p.Rule = lang.Text{Hans: "填写不正确", Hant: "填寫不正確", En: "it is not right"}
	}
	return p
}

var checkRow = lang.Text{Hans: "请核对这一行", Hant: "請核對這一列", En: "Check the row"}

// takePortion takes the rows of a portion in, and returns the case that is to be released, if any.
func (s *Service) takePortion(ctx context.Context, actor identity.Principal, p *portion, part int, how Load, out *Loaded) (store.ID, error) {
	batch, numbers := make([]publication.Incoming, 0, len(p.records)), make([]int, 0, len(p.records))
	to := filesFor(s.Files, how)
	for i := range p.records {
		r := &p.records[i]
		in := publication.Incoming{Index: r.Index, Body: r.Body, Content: contentOfRecord(r)}
		if r.Published != nil {
			in.Published = *r.Published
		}
		err := s.attach(ctx, actor, &in, r.Attachments, how, to)
		if refused := (*unfit)(nil); errors.As(err, &refused) {
			out.Wrong++
			if err := how.Report(refused.problem(p.numbers[i])); err != nil {
				return 0, err
			}
			continue
		}
		if err != nil {
			return 0, fmt.Errorf("row %d: %w", p.numbers[i], err)
		}
		batch, numbers = append(batch, in), append(numbers, p.numbers[i])
	}
	if p.numbers = numbers; len(batch) == 0 {
		return 0, nil
	}
	done, err := s.Records.TakeIn(ctx, actor, publication.Batch{
		Key: p.key(how, part), Body: how.Body, Records: batch, Update: how.Update, DryRun: how.DryRun, Trial: to,
	})
	if err != nil {
		return 0, err
	}
	out.New, out.Updated, out.Same, out.Differ, out.Masked = out.New+done.New, out.Updated+done.Updated, out.Same+done.Same, out.Differ+len(done.Differ), out.Masked+done.Masked
	out.Unread += done.Unread
	for _, e := range done.Errors {
		out.Wrong++
		for _, x := range e.Fields {
			if err := how.Report(fieldProblem(p.numbers[e.Line], &batch[e.Line].Content, x)); err != nil {
				return 0, err
			}
		}
	}
	for _, n := range done.Notes {
		if err := how.Report(importing.Problem{Row: p.numbers[n.Line], Rule: n.Text}); err != nil {
			return 0, err
		}
	}
	// What an earlier run of the same file has taken in is not looked at again.
	out.Same += max(0, len(batch)-done.New-done.Updated-done.Same-len(done.Differ)-len(done.Errors))
	return done.Case, nil
}

// key names what is brought in: the same rows of the same file in the same way. Rows that were left out and are right now, because a body
// was registered meanwhile, make it another one; so does what is to be updated. What is there already is known by its index number anyway.
func (p *portion) key(how Load, part int) string {
	h := fnv.New64a()
	for _, n := range p.numbers {
		_, _ = fmt.Fprintf(h, "%d,", n) // never fails
	}
	update := ""
	if how.Update {
		update = "/update"
	}
	return fmt.Sprintf("records/%s/%d/%x%s", how.Key, part, h.Sum64(), update)
}
