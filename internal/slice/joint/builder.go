package joint

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"

	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/platform/web/form"
	"openhall.org/openhall/internal/platform/web/ui"
)

// actionBuild is what whoever builds joint matters may do: the manager of the service centre, whose windows lead them.
const actionBuild = "centre.manage"

// builderPath is where joint matters are built.
const builderPath = "/desk/joint/matters"

// rowsOfBuilder is how many items one page takes; stagesOfBuilder how many stages.
const rowsOfBuilder, stagesOfBuilder = 8, 4

// builderPage is a joint matter that is being put together from items.
type builderPage struct {
	place string
	items []Item
	own   []*Matter
	typed *form.Form
}

func (s *Service) builder(r *http.Request) (builderPage, identity.Principal, error) {
	who, err := s.People.Principal(r)
	if err != nil {
		return builderPage{}, who, err
	}
	if err := s.Policies.Allow(who, actionBuild, identity.Resource{Type: "centre", Division: who.Post.Division, Body: who.Post.Body}); err != nil {
		return builderPage{}, who, err
	}
	p := builderPage{place: who.Post.Division, items: s.Items.Items(who.Post.Division), typed: form.Of(nil)}
	for _, m := range s.Matters() {
		if m.Platform == platformOther && m.Division == p.place {
			p.own = append(p.own, m)
		}
	}
	return p, who, nil
}

func (s *Service) getBuilder(w http.ResponseWriter, r *http.Request) error {
	p, _, err := s.builder(r)
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, builderView(web.ViewOf(r), p))
}

// postBuilder publishes a matter, or a new version of it.
func (s *Service) postBuilder(w http.ResponseWriter, r *http.Request) error {
	p, who, err := s.builder(r)
	if err != nil {
		return err
	}
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	p.typed = f
	v := web.ViewOf(r)
	m := s.built(v.L, &p)
	key := m.Key
	if was, _, _ := s.Newest(key); was != nil && (was.Platform != platformOther || was.Division != p.place) {
		f.Fail("key", v.L.T("joint.builder.key-taken"))
	}
	for _, err := range m.Check() {
		var fault *Fault
		if errors.As(err, &fault) {
			f.Fail(fieldOf(fault.Code), v.L.T("joint.fault."+fault.Code, web.Args{"Where": fault.Where}))
		}
	}
	if f.Valid() {
		if _, err := s.plan(m, 1, p.place, nil, s.today()); err != nil {
			f.Fail("", v.L.T("joint.fault.merge", web.Args{"Why": err.Error()}))
		}
	}
	if !f.Valid() {
		return web.Render(w, r, http.StatusUnprocessableEntity, builderView(v, p))
	}
	_, version, _ := s.Newest(key)
	if err := s.keepMatter(r.Context(), m, version+1, f.Value("act") != "retire", who.Post.ID); err != nil {
		if errors.Is(err, ErrTaken) {
			return web.Conflict("joint.builder.moved", nil)
		}
		return err
	}
	web.SetFlash(w, r, web.Flash{Kind: "success", Key: "joint.builder.done"})
	return web.SeeOther(w, r, builderPath)
}

// fieldOf is the field at which a fault is told.
func fieldOf(code string) string {
	switch code {
	case "key":
		return "key"
	case "title":
		return "title-hans"
	case "serves":
		return "serves"
	default:
		return ""
	}
}

// textField reads a text in three languages.
func textField(f *form.Form, name string) lang.Text {
	return lang.Text{Hans: f.Value(name + "-hans"), Hant: f.Value(name + "-hant"), En: f.Value(name + "-en")}
}

func rowField(name string, n int) string { return name + "-" + strconv.Itoa(n) }

// built puts the matter together from what was typed.
func (s *Service) built(l *web.Localizer, p *builderPage) *Matter {
	f := p.typed
	m := &Matter{Key: f.Value("key"), Platform: platformOther, Division: p.place, Lead: leadKind, Title: textField(f, "title"), Summary: textField(f, "summary"), Serves: f.All("serves")}
	if days := f.Value("promised"); days != "" {
		n, err := strconv.Atoi(days)
		if err != nil || n < 1 || n > 45 {
			f.Fail("promised", l.T("joint.builder.promised-wrong"))
		}
		m.Promised = n
	}
	stages := make([]Stage, stagesOfBuilder)
	for n := range rowsOfBuilder {
		key := f.Value(rowField("item", n))
		i := slices.IndexFunc(p.items, func(it Item) bool { return it.Key == key })
		if i < 0 {
			continue
		}
		at, err := strconv.Atoi(f.Value(rowField("stage", n)))
		if err != nil || at < 1 || at > stagesOfBuilder {
			at = 1
		}
		part := Part{Key: key, Title: p.items[i].Title, Item: key, Refusal: RefusalIsOwn, Default: Default{Late: true, Absent: true}, Optional: f.Value(rowField("optional", n)) == "true"}
		if f.Value(rowField("refusal", n)) == RefusalEndsAll {
			part.Refusal = RefusalEndsAll
		}
		if law := f.Value(rowField("law", n)); law != "" { // a law forbids the default: its citation is that of the state's language
			part.Default = Default{Law: lang.Text{Hans: law, Hant: law, En: law}}
		}
		for n := range stages {
			if n+1 == at {
				stages[n].Parts = append(stages[n].Parts, part)
			}
		}
	}
	for n, st := range stages {
		if len(st.Parts) == 0 {
			continue
		}
		st.Title = lang.Text{Hans: fmt.Sprintf("第 %d 阶段", n+1), Hant: fmt.Sprintf("第 %d 階段", n+1), En: fmt.Sprintf("Stage %d", n+1)}
		if kind := f.Value(rowField("meeting", n+1)); slices.Contains(Meetings, kind) {
			st.Meeting = kind
		}
		m.Stages = append(m.Stages, st)
	}
	return m
}

func itemOptions(l *web.Localizer, items []Item) []ui.Option {
	list := []ui.Option{{Text: l.T("joint.builder.no-item")}}
	for i := range items {
		list = append(list, ui.Option{Value: items[i].Key, Text: l.Text(items[i].Title)})
	}
	return list
}

func stageOptions(l *web.Localizer) []ui.Option {
	var list []ui.Option
	for n := range stagesOfBuilder {
		list = append(list, ui.Option{Value: strconv.Itoa(n + 1), Text: l.T("joint.stage.short", web.Args{"N": n + 1})})
	}
	return list
}

func meetingOptions(l *web.Localizer) []ui.Option {
	list := []ui.Option{{Text: l.T("joint.builder.no-meeting")}}
	for _, kind := range Meetings {
		list = append(list, ui.Option{Value: kind, Text: l.T("joint.meeting." + kind)})
	}
	return list
}
