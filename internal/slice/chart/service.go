package chart

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/core/procedure"
	"openhall.org/openhall/internal/core/statute"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/registry"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/platform/web/form"
)

// ActionEdit is the action of drawing a chart, as policies name it. Moving running cases is casework.ActionMigrate.
const ActionEdit = "chart.edit"

// Deps are what the slice works with. All are required.
type Deps struct {
	DB       *store.DB
	IDs      *store.IDs
	Registry *registry.Registry
	Rules    *statute.Rules
	People   People
	Names    Names
	Powers   Powers
	Kinds    Kinds
	Records  Records
	Formats  map[string]casework.Format // that forms of steps may name
	// PageFormats are the same for pages.
	PageFormats form.Formats
	Letters     []string // kinds of letters that a step can issue
	Now         func() time.Time
	Log         *slog.Logger
	BaseURL     string // of the site, without a slash at the end
}

// Service is the door to the charts. It is safe for concurrent use once Attach has been called.
type Service struct {
	Deps
	cases *casework.Runtime
	words *web.Catalogue
	uses  atomic.Pointer[map[use]string] // by which chart the cases of a power run
	made  sync.Map                       // forms of steps that were frozen, by their key
}

// use is a power in a body.
type use struct{ body, item string }

// New returns the service.
func New(d Deps) (*Service, error) {
	if d.DB == nil || d.IDs == nil || d.Registry == nil || d.Rules == nil || d.People == nil || d.Names == nil || d.Powers == nil || d.Kinds == nil ||
		d.Records == nil || d.Now == nil || d.Log == nil {
		return nil, errors.New("chart: a dependency is missing")
	}
	s := &Service{Deps: d}
	s.uses.Store(&map[use]string{})
	return s, nil
}

// Attach tells the service the runtime that runs the charts, and the words in which it writes records.
func (s *Service) Attach(cases *casework.Runtime, words *web.Catalogue) {
	s.cases, s.words = cases, words
	cases.Forms.Others = s.otherForm
}

// For returns the key of the procedure by which new cases of a power run in a body: that of the chart in force, or the one given.
func (s *Service) For(body, item, otherwise string) string {
	if key, ok := (*s.uses.Load())[use{body, item}]; ok {
		return key
	}
	return otherwise
}

// Owns reports whether a key of a procedure is that of a chart drawn here.
func (s *Service) Owns(ctx context.Context, key string) (bool, error) {
	n, err := store.Scalar[int](s.DB.Read().QueryRow(ctx, `SELECT count(*) FROM chart_chart WHERE key = $1`, key))
	return n > 0, err
}

// Base returns what a published version was drawn from, as key@version; empty when it was drawn from nothing, or elsewhere.
func (s *Service) Base(ctx context.Context, ref string) (string, error) {
	base, err := store.Scalar[string](s.DB.Read().QueryRow(ctx, `SELECT v.base FROM chart_version AS v WHERE v.ref = $1 AND v.ref <> '' LIMIT 1`, ref))
	if errors.Is(err, store.ErrNotFound) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("base of %s: %w", ref, err)
	}
	return base, nil
}

// Load reads by which charts powers run: at the start, and again when another node may have published.
func (s *Service) Load(ctx context.Context) error {
	type row struct{ body, item, key string }
	list, err := store.All(ctx, s.DB.Read(), func(r store.Row) (x row, err error) { return x, r.Scan(&x.body, &x.item, &x.key) },
		`SELECT body, item, key FROM chart_use`)
	if err != nil {
		return fmt.Errorf("charts in use: %w", err)
	}
	m := make(map[use]string, len(list))
	for _, x := range list {
		m[use{x.body, x.item}] = x.key
	}
	s.uses.Store(&m)
	return nil
}

func (s *Service) instant() time.Time { return s.Now().UTC().Truncate(time.Microsecond) }

// allow asks the policy about the charts of a body.
func (s *Service) allow(actor identity.Principal, action, body string) error {
	b := s.Registry.Now().Body(body)
	if b == nil {
		return fmt.Errorf("body %q: %w", body, store.ErrNotFound)
	}
	return s.cases.Policy.Allow(actor, action, identity.Resource{Type: "chart", ID: body, Division: b.Division, Body: b.Key})
}

// chart returns a chart that the actor may draw.
func (s *Service) chart(ctx context.Context, actor identity.Principal, id store.ID) (Chart, error) {
	c, err := s.Get(ctx, id)
	if err != nil {
		return c, err
	}
	return c, s.allow(actor, ActionEdit, c.Body)
}

// refuse is the refusal of one field.
func refuse(path, code string, text lang.Text) *casework.Refusal {
	return &casework.Refusal{Code: casework.RefusedForm, Fields: []casework.FieldError{{Path: path, Code: code, Text: text}}}
}

// Beginning is what a new chart begins with.
type Beginning struct {
	Title lang.Text
	Items []string // keys of powers of the body
	From  string   // key of the published procedure that is copied; empty: from an empty sheet
}

// Create begins a chart, with its first version as a draft.
func (s *Service) Create(ctx context.Context, actor identity.Principal, begin Beginning) (Chart, error) {
	body := actor.Post.Body
	if err := s.allow(actor, ActionEdit, body); err != nil {
		return Chart{}, err
	}
	begin.Title.Hans = strings.TrimSpace(begin.Title.Hans)
	if n := utf8.RuneCountInString(begin.Title.Hans); n == 0 || n > maxTitle {
		return Chart{}, refuse("/title", "required", lang.Text{
			Hans: fmt.Sprintf("请填写名称，不超过 %d 字", maxTitle), Hant: fmt.Sprintf("請填寫名稱，不超過 %d 字", maxTitle), En: fmt.Sprintf("Give it a name of at most %d characters", maxTitle),
		})
	}
	if err := s.checkItems(body, begin.Items); err != nil {
		return Chart{}, err
	}
	base, def, err := "", (*procedure.Definition)(nil), error(nil)
	if begin.From == "" {
		if def, err = procedure.Parse([]byte(blank)); err != nil {
			return Chart{}, fmt.Errorf("empty sheet: %w", err)
		}
	} else if base, def, err = s.cases.Procedure(ctx, begin.From); err != nil {
		return Chart{}, refuse("/from", "unknown", lang.Text{Hans: "没有这个已发布的流程，请从列表中选择", Hant: "沒有這個已發佈的流程，請從列表中選擇", En: "There is no such published procedure; choose one of the list"})
	}
	c := Chart{
		ID: s.IDs.New(), Body: body, Division: s.Registry.Now().Body(body).Division, Title: begin.Title, Items: begin.Items, Latest: 1, At: s.instant(),
	}
	v := Version{Chart: c.ID, N: 1, State: Draft, Base: base, Stamp: 1, Author: actor.Account, At: c.At}
	err = s.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		n, err := store.Scalar[int](tx.QueryRow(ctx, `SELECT count(*) FROM chart_chart WHERE body = $1`, body))
		if err != nil {
			return err
		}
		if n >= maxCharts {
			return errFull
		}
		c.Key = body + "." + strconv.Itoa(n+1)
		xml, err := procedure.Renamed(def, c.Key, c.Title) // the process is this chart, and not the one that it was drawn from
		if err != nil {
			return err
		}
		v.XML = string(xml)
		if err := insertChart(tx, &c); err != nil {
			return err
		}
		insertVersion(tx, &v)
		return nil
	})
	if errors.Is(err, errFull) {
		return c, refuse("/title", "full", lang.Text{
			Hans: fmt.Sprintf("本机关已有 %d 张流程图，请修改已有的", maxCharts), Hant: fmt.Sprintf("本機關已有 %d 張流程圖，請修改已有的", maxCharts), En: fmt.Sprintf("The body has %d charts already; change one of them", maxCharts),
		})
	}
	if err != nil {
		return c, fmt.Errorf("new chart of %s: %w", body, err)
	}
	return c, nil
}

var errFull = errors.New("the body has as many charts as it may")

// checkItems refuses powers that the body does not exercise.
func (s *Service) checkItems(body string, items []string) error {
	powers := s.Powers.OfBody(body)
	for _, key := range items {
		if !slices.ContainsFunc(powers, func(p Power) bool { return p.Key == key }) || len(items) > maxItems {
			return refuse("/items", "unknown", lang.Text{Hans: "本机关没有这项职权，请从列表中选择", Hant: "本機關沒有這項職權，請從列表中選擇", En: "The body does not exercise this power; choose from the list"})
		}
	}
	return nil
}

// Save keeps what was drawn, byte for byte, whatever the checker thinks of it. stamp is that of the version as it was opened: who saves over
// somebody else's change is refused, and what they have drawn is not lost on the page. What is saved over stays among the earlier saves
// ([Service.EarlierOf]). What is no XML is refused with line and reason.
func (s *Service) Save(ctx context.Context, actor identity.Principal, id store.ID, n, stamp int, xml, note string) (Version, error) {
	if _, err := s.chart(ctx, actor, id); err != nil {
		return Version{}, err
	}
	v, err := s.Look(ctx, id, n)
	if err != nil {
		return v, err
	}
	if !v.Editable() {
		return v, refuseState
	}
	if err := procedure.Readable([]byte(xml)); err != nil {
		why := procedure.Why(err)
		return v, refuse("/xml", "unreadable", lang.Text{
			Hans: "不是可读取的 BPMN 文件：" + why.Hans + "。请改正后再保存", Hant: "不是可讀取的 BPMN 檔案：" + why.Hant + "。請改正後再保存",
			En: "This is no readable BPMN file: " + why.En + ". Mend it and save again",
		})
	}
	if utf8.RuneCountInString(note) > maxNote {
		return v, refuse("/note", "maxLength", lang.Text{
			Hans: fmt.Sprintf("说明不超过 %d 字", maxNote), Hant: fmt.Sprintf("說明不超過 %d 字", maxNote), En: fmt.Sprintf("Write at most %d characters", maxNote),
		})
	}
	there := v.Stamp
	v.XML, v.Note, v.Digest, v.Author, v.At = xml, note, digestOf(xml), actor.Account, s.instant()
	err = s.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		keepEarlier(tx, &v, stamp)
		done, err := tx.ExecCount(ctx, `UPDATE chart_version SET xml = $4, digest = $5, note = $6, author = $7, at = $8, stamp = stamp + 1
			WHERE chart = $1 AND n = $2 AND stamp = $3`, int64(id), n, stamp, v.XML, v.Digest, v.Note, int64(v.Author), store.Micros(v.At))
		if err == nil && done == 0 {
			err = errMoved
		}
		return err
	})
	if errors.Is(err, errMoved) {
		v.Stamp = there
		return v, refuseMoved
	}
	if err != nil {
		return v, fmt.Errorf("save version %d of chart %s: %w", n, id, err)
	}
	v.Stamp = stamp + 1
	return v, nil
}

var errMoved = errors.New("somebody else has saved the version")

var refuseMoved = refuse("/xml", "moved", lang.Text{
	Hans: "别人在您打开之后保存过这个版本，您画的还没有保存，仍在这一页上。请先看对方保存的内容，再决定是否用您画的替换", Hant: "別人在您打開之後保存過這個版本，您畫的還沒有保存，仍在這一頁上。請先看對方保存的內容，再決定是否用您畫的替換",
	En: "Somebody else has saved this version since you opened it. What you drew isn't saved yet and is still on this page: look at what they saved, then decide whether yours replaces it",
})

// RefusedState says that a version is not where it would have to be.
const RefusedState = "chart-state"

var refuseState = &casework.Refusal{Code: RefusedState, Text: lang.Text{
	Hans: "这个版本正在审查或者已经发布，不能再改；请另起新版本", Hant: "這個版本正在審查或者已經發佈，不能再改；請另起新版本", En: "This version is under review or published and cannot be changed; begin a new one",
}}

// Look is Version that also tells whether it came back from review.
func (s *Service) Look(ctx context.Context, id store.ID, n int) (Version, error) {
	v, err := s.Version(ctx, id, n)
	if err != nil || v.State != InReview || v.Case == 0 {
		return v, err
	}
	c, err := s.cases.Get(ctx, v.Case)
	if err != nil {
		return v, fmt.Errorf("review of version %d of chart %s: %w", n, id, err)
	}
	v.Returned = slices.ContainsFunc(c.Tasks(), func(t casework.Task) bool { return t.Element == stepRevise })
	return v, nil
}

// Begin makes the next version of a chart as a draft, from the newest one. A chart has one version in work.
func (s *Service) Begin(ctx context.Context, actor identity.Principal, id store.ID) (int, error) {
	c, err := s.chart(ctx, actor, id)
	if err != nil {
		return 0, err
	}
	last, err := s.Version(ctx, id, c.Latest)
	if err != nil {
		return 0, err
	}
	if last.State == Draft || last.State == InReview {
		return last.N, nil
	}
	v := Version{Chart: id, N: last.N + 1, State: Draft, Base: c.Live, XML: last.XML, Stamp: 1, Author: actor.Account, At: s.instant()}
	err = s.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		done, err := tx.ExecCount(ctx, `UPDATE chart_chart SET latest = $3 WHERE id = $1 AND latest = $2`, int64(id), last.N, v.N)
		if err != nil || done == 0 {
			return err // somebody else has begun it
		}
		insertVersion(tx, &v)
		return nil
	})
	if err != nil {
		return 0, fmt.Errorf("next version of chart %s: %w", id, err)
	}
	return v.N, nil
}

// Assign says for which powers a chart is. It takes effect with the next version that is published.
func (s *Service) Assign(ctx context.Context, actor identity.Principal, id store.ID, items []string) error {
	c, err := s.chart(ctx, actor, id)
	if err != nil {
		return err
	}
	if err := s.checkItems(c.Body, items); err != nil {
		return err
	}
	c.Items = items
	return s.putItems(ctx, &c)
}
