package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"time"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/document"
	"openhall.org/openhall/internal/platform/file"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/registry"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/platform/web/form"
	"openhall.org/openhall/internal/platform/web/i18n"
	"openhall.org/openhall/internal/slice/joint"
	"openhall.org/openhall/letters"
	"openhall.org/openhall/procedures"
)

// jointMatters is how many joint matters each client brings to their end in each round: some 10,000 in all.
const jointMatters = 32

// jointSize makes a short run of the same: how many matters for each client in each round.
const jointSize = "OPENHALL_BENCH_JOINT"

// jointCities is how many cities the matters are applied for in. A division numbers 9,999 parts in a day, and the measure opens 72,000.
const jointCities = 16

// jointCity is where a client applies.
func jointCity(client int) string { return fmt.Sprintf("34%02d00000000", 1+client%jointCities) }

// jointBody is the body of a kind in the city of a client.
func jointBody(client int, kind string) string { return kind + "-" + jointCity(client)[2:4] }

// jointDepartments are the kinds of bodies that the establishment of an enterprise takes, with which their keys begin.
var jointDepartments = []string{"market-regulation", "public-security", "tax", "human-resources", "housing-fund", "bank"}

// benchJoint brings joint matters with seven departments each from application to delivery, by 64 clients at once, with the outbox carried out
// beside them as the program does. Its peer is the raw group commit of what the same steps write to the cases, their tasks and their events;
// what the slice writes beside them, lanes, letters and outbox, the peer leaves out.
func benchJoint(ctx context.Context, report func(string, ...any)) ([]measure, error) {
	n := jointMatters
	if text := os.Getenv(jointSize); text != "" {
		var err error
		if n, err = strconv.Atoi(text); err != nil || n < 1 {
			return nil, fmt.Errorf("%s=%s: want how many matters each client brings to their end in a round", jointSize, text)
		}
	}
	var out []measure
	for _, engine := range []store.Engine{store.SQLite, store.Postgres} {
		m, err := jointOn(ctx, engine, n, report)
		if err != nil {
			return out, fmt.Errorf("%s: %w", engine, err)
		}
		out = append(out, m)
	}
	return out, nil
}

func jointOn(ctx context.Context, engine store.Engine, n int, report func(string, ...any)) (m measure, err error) {
	tables := []store.Migrations{store.Schema(), registry.Schema(), casework.Schema(), file.Schema(), document.Schema(), joint.Schema()}
	err = withDatabase(ctx, engine, tables, func(db *store.DB, dir string) error {
		m, err = compareJoint(ctx, db, dir, n, report)
		return err
	})
	return m, err
}

// compareJoint runs both in turn and returns the median of the ratios.
func compareJoint(ctx context.Context, db *store.DB, dir string, n int, report func(string, ...any)) (m measure, err error) {
	engine := db.Engine()
	h, err := newJointHall(ctx, db, dir)
	if err != nil {
		return m, err
	}
	defer h.cases.Close()
	steps, err := h.record(ctx)
	if err != nil {
		return m, err
	}
	ids, err := store.NewIDs(2, time.Now)
	if err != nil {
		return m, err
	}
	if err := peerSeries(ctx, db); err != nil {
		return m, err
	}
	var ratios, ours, theirs []float64
	for range rounds {
		a, err := h.run(ctx, n, len(steps))
		if err != nil {
			return m, err
		}
		b, err := runJointPeer(ctx, db, ids, steps, n)
		if err != nil {
			return m, err
		}
		ours, theirs, ratios = append(ours, a), append(theirs, b), append(ratios, a/b)
	}
	report("%s: %d joint matters of 7 departments, %d steps each: %.0f steps/s, %.0f/s raw group commit of the same rows (medians of %d)",
		engine, clients*n*rounds, len(steps), median(ours), median(theirs), rounds)
	return measure{"joint-" + string(engine), median(ratios), "of raw", 0.30, true}, nil
}

// jointHall is a division with a lead window and the departments.
type jointHall struct {
	joint *joint.Service
	cases *casework.Runtime
	db    *store.DB
	form  json.RawMessage
}

// jointPorts are what the slice asks of others: nobody comes in by a page here, and no item of the power catalogue gives a part.
type jointPorts struct{ everybody }

// Principal implements joint.People.
func (jointPorts) Principal(*http.Request) (identity.Principal, error) {
	return identity.Principal{}, nil
}

// Party implements joint.People.
func (jointPorts) Party(context.Context, store.ID) (casework.Applicant, error) {
	return casework.Applicant{}, nil
}

// Item implements joint.Catalogue.
func (jointPorts) Item(string, string) (*joint.Item, bool) { return nil, false }

// Items implements joint.Catalogue.
func (jointPorts) Items(string) []joint.Item { return nil }

func newJointHall(ctx context.Context, db *store.DB, dir string) (*jointHall, error) {
	g, err := newGround(time.Now)
	if err != nil {
		return nil, err
	}
	places, err := jointPlaces(ctx, db)
	if err != nil {
		return nil, err
	}
	free := func(string) error { return nil }
	formats := map[string]casework.Format{"id-card": free, "uscc": free, "phone": free, "date": free, "money": free}
	forms, err := casework.LoadForms(procedures.Files, "forms", formats)
	if err != nil {
		return nil, err
	}
	quiet := slog.New(slog.DiscardHandler)
	files, err := file.New(file.Options{DB: db, Blobs: file.Dir(filepath.Join(dir, "files")), Keys: g.ring, IDs: g.ids, Now: g.now})
	if err != nil {
		return nil, err
	}
	templates, err := document.Load(letters.Files)
	if err != nil {
		return nil, err
	}
	signers, err := document.LoadSigners(filepath.Join(dir, "keys"), "hall.example/documents")
	if err != nil {
		return nil, err
	}
	docs, err := document.New(ctx, document.Options{DB: db, Files: files, Keys: g.ring, IDs: g.ids, Now: g.now, Log: quiet, Templates: templates, Signers: signers,
		Holder: "bench", BaseURL: "https://hall.example"})
	if err != nil {
		return nil, err
	}
	known := func(string) *lang.Text { return nil }
	s, err := joint.New(joint.Deps{DB: db, IDs: g.ids, Files: files, Registry: places, People: jointPorts{}, Items: jointPorts{}, Policies: jointPorts{}, Rules: g.law,
		Calendar: g.today, Now: g.now, Log: quiet, Documents: docs, Agency: func(string) string { return "合" },
		Applicant: func(casework.Applicant, time.Time) []casework.FieldError { return nil }, Formats: formats, Pages: form.Formats{"id-card": known, "uscc": known}})
	if err != nil {
		return nil, err
	}
	charts := map[string][]byte{}
	for _, key := range []string{joint.WholeKind, joint.PartKind, joint.CheckKind} {
		if charts[key], err = procedures.Files.ReadFile(key + ".bpmn"); err != nil {
			return nil, err
		}
	}
	rt, err := g.runtime(ctx, db, s.Kinds(), forms, charts)
	if err != nil {
		return nil, err
	}
	words, err := i18n.Load(web.Messages(), joint.Messages())
	if err != nil {
		return nil, err
	}
	return &jointHall{joint: s, cases: rt, db: db, form: json.RawMessage(`{"name":"合肥晨光科技有限公司","alternative":"合肥晨曦科技有限公司","kind":"llc",
		"telephone":"13800000001","capital":100000000,"address":"虚构路1号","scope":"软件开发","representative":"陈晓禾","representativeId":"340104199003159026",
		"shareholders":"陈晓禾 100%","seals":["company"],"taxpayer":"small","staff":3,"payday":15,"fundRate":8,"bankBranch":"虚构支行"}`)}, s.Attach(ctx, rt, words)
}

func jointPlaces(ctx context.Context, db *store.DB) (*registry.Registry, error) {
	places, err := registry.Open(ctx, db)
	if err != nil {
		return nil, err
	}
	name := func(s string) lang.Text { return lang.Text{Hans: s, Hant: s, En: s} }
	return places, places.Edit(ctx, func(e *registry.Edit) error {
		err := e.PutDivisions([]registry.Division{{Code: "340000000000", Level: registry.Province, Name: name("安徽省")}})
		for city := range jointCities {
			err = errors.Join(err, e.PutDivisions([]registry.Division{{Code: jointCity(city), Level: registry.City, Name: name("第" + strconv.Itoa(city+1) + "市")}}))
			for _, kind := range append([]string{"data"}, jointDepartments...) {
				err = errors.Join(err, e.PutBody(registry.Body{Key: jointBody(city, kind), Division: jointCity(city), Kind: kind, Level: "municipal", Name: name(kind)}))
			}
		}
		return err
	})
}

// Who does the steps: of each client and body a reviewer and, because nobody signs what they have reviewed, a head.
func (h *jointHall) staff(client int, body, role string) identity.Principal {
	account := store.ID(1000 + client)
	if role != "reviewer" {
		account += 10_000
	}
	return identity.Principal{Account: account, Kind: identity.Staff, Post: identity.Post{ID: body + "." + role, Body: body, Division: jointCity(client), Roles: []string{role}}}
}

func (h *jointHall) apply(ctx context.Context, client int) (casework.Receipt, error) {
	return h.joint.Apply(ctx, identity.Principal{Account: 7, Kind: identity.Person}, joint.Application{
		Matter: "enterprise-establishment", Division: jointCity(client), Channel: casework.Window,
		Applicant: casework.Applicant{Party: 7, Kind: identity.Person, Name: "王小明", IDNumber: "11010519491231002X", Phone: "13800000000"},
		Sent:      joint.Sent{Parts: []string{"bank"}, Answers: h.form},
	}, fmt.Sprint("j", keys.Add(1)))
}

// step does the open step of a case, and returns which steps are open then.
func (h *jointHall) step(ctx context.Context, by identity.Principal, kase store.ID, open []casework.Task, element, data string) ([]casework.Task, error) {
	for _, t := range open {
		if t.Element == element {
			rec, err := h.cases.Do(ctx, casework.Command{Key: fmt.Sprint("j", keys.Add(1)), Actor: by, Case: kase, Act: casework.Complete{Token: t.Token, Data: json.RawMessage(data)}})
			return rec.Open, err
		}
	}
	return nil, fmt.Errorf("%s is not open in %s", element, kase)
}

// read returns the open steps of a case that something else than the client's own step has moved.
func (h *jointHall) read(ctx context.Context, kase store.ID) ([]casework.Task, error) {
	c, err := h.cases.Get(ctx, kase)
	if err != nil {
		return nil, err
	}
	return c.Tasks(), nil
}

// opinion lets a department review and sign.
func (h *jointHall) opinion(ctx context.Context, client int, e *joint.Entry, did func(store.ID) error) error {
	open, err := h.read(ctx, e.Case)
	if err != nil {
		return err
	}
	for _, s := range []struct{ role, element, data string }{{"reviewer", "review", `{"opinion":"agree"}`}, {"head", "sign", `{"outcome":"issue"}`}} {
		if open, err = h.step(ctx, h.staff(client, e.Body, s.role), e.Case, open, s.element, s.data); err != nil {
			return err
		}
		if err := did(e.Case); err != nil {
			return err
		}
	}
	return nil
}

// conclude lets the lead window and its head end the matter.
func (h *jointHall) conclude(ctx context.Context, client int, whole store.ID, did func(store.ID) error) error {
	open, err := h.read(ctx, whole)
	if err != nil {
		return err
	}
	for _, s := range []struct{ role, element, data string }{
		{"reviewer", "conclude", `{"summary":"各部门已经办理完毕"}`}, {"head", "decide", `{"outcome":"issue"}`},
		{"reviewer", "deliver", `{"manner":"electronic","delivered":"` + calendar.Of(time.Now()).String() + `"}`},
	} {
		if open, err = h.step(ctx, h.staff(client, jointBody(client, "data"), s.role), whole, open, s.element, s.data); err != nil {
			return err
		}
		if err := did(whole); err != nil {
			return err
		}
	}
	return nil
}

func nothingToNote(store.ID) error { return nil }

// run lets every client bring n matters from application to delivery, and returns steps per second.
func (h *jointHall) run(ctx context.Context, n, steps int) (float64, error) {
	begin := time.Now()
	ctx, giveUp := context.WithCancelCause(ctx)
	defer giveUp(nil)
	settling, stop := context.WithCancel(ctx)
	var outbox sync.WaitGroup
	var broken error
	outbox.Go(func() {
		if broken = h.settle(settling); broken != nil {
			giveUp(broken) // nobody waits for an outbox that is not carried out
		}
	})
	matters := make([][]store.ID, clients)
	stage := func(f func(client int, whole store.ID) error) error {
		err := together(func(client int) error {
			for _, id := range matters[client] {
				if err := f(client, id); err != nil {
					return err
				}
			}
			return nil
		})
		return errors.Join(err, h.settled(ctx))
	}
	opinions := func(keys ...string) func(int, store.ID) error {
		return func(client int, whole store.ID) error {
			w, err := h.joint.Whole(ctx, whole)
			if err != nil {
				return err
			}
			for i := range w.Parts {
				if slices.Contains(keys, w.Parts[i].Key) {
					if err := h.opinion(ctx, client, &w.Parts[i], nothingToNote); err != nil {
						return err
					}
				}
			}
			return nil
		}
	}
	err := together(func(client int) error {
		for range n {
			rec, err := h.apply(ctx, client)
			if err == nil {
				_, err = h.step(ctx, h.staff(client, jointBody(client, "data"), "reviewer"), rec.Case, rec.Open, "receive", `{"outcome":"accept"}`)
			}
			if err != nil {
				return err
			}
			matters[client] = append(matters[client], rec.Case)
		}
		return nil
	})
	for _, next := range []func() error{
		func() error { return h.settled(ctx) },
		func() error { return stage(opinions("name")) },
		func() error { return stage(opinions("licence")) },
		func() error { return stage(opinions("seal", "tax", "insurance", "fund", "bank")) },
		func() error {
			return stage(func(client int, whole store.ID) error { return h.conclude(ctx, client, whole, nothingToNote) })
		},
	} {
		if err == nil {
			err = next()
		}
	}
	took := time.Since(begin).Seconds()
	stop()
	outbox.Wait()
	return float64(clients*n*steps) / took, errors.Join(err, broken)
}

// settle carries the outbox out until ctx ends.
func (h *jointHall) settle(ctx context.Context) error {
	const pause = 5 * time.Millisecond
	for {
		n, err := h.joint.Settle(ctx, h.cases)
		if ctx.Err() != nil {
			return nil //nolint:nilerr // the round is over
		}
		if err != nil {
			return err
		}
		if n == 0 {
			time.Sleep(pause)
		}
	}
}

// settled waits until the outbox is empty.
func (h *jointHall) settled(ctx context.Context) error {
	const pause, patience = 5 * time.Millisecond, 10 * time.Minute
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(pause) {
		n, err := store.Scalar[int](h.db.Read().QueryRow(ctx, `SELECT count(*) FROM joint_link`))
		if err != nil || n == 0 {
			return err
		}
	}
	return errors.New("the outbox never becomes empty")
}
