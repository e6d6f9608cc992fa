package disclosure

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"os"
	"strconv"
	"time"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/identifier"
	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/file"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/publication"
	"openhall.org/openhall/internal/platform/registry"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/slice/disclosure/importing"
	"openhall.org/openhall/internal/slice/disclosure/sample"
)

// The demo: records of fifteen years, of every city and county.
const (
	demoRecords  = 20_400
	demoPolicies = 216
	demoSeed     = 20130410 // the day of the founding document
	demoYears    = 15

	smallEvery    = 25 // one in so many of the records of the bodies that the small demo has
	smallPolicies = 14
	demoBatch     = 250 // records brought in together: short enough that pages don't wait for them
	restBetween   = 150 * time.Millisecond
)

// government is the kind of body of a city or county that publishes for the place as a whole.
const government = "government"

// demoUntil is the last day of made-up records; it doesn't follow the clock, so that a demo that is started again another day goes on with
// the same records.
func (s *Service) demoUntil(ctx context.Context) (calendar.Date, error) {
	// The day on which the demo began is that of its first record.
	first, err := store.One(ctx, s.DB.Read(), func(row store.Row) (at int64, err error) { return at, row.Scan(&at) }, `SELECT began FROM disclosure_demo WHERE one = 1`)
	if err == nil {
		return calendar.Date(first), nil
	}
	if !errors.Is(err, store.ErrNotFound) {
		return 0, fmt.Errorf("demo: %w", err)
	}
	today := s.today()
	err = s.DB.Write(ctx, func(_ context.Context, tx *store.Tx) error {
		tx.Queue(`INSERT INTO disclosure_demo (one, began) VALUES (1, $1) ON CONFLICT (one) DO NOTHING`, int64(today))
		return nil
	})
	return today, err
}

// demoBodies are those that publish: the ones of the registry, and a government for each city and county.
func demoBodies(places *registry.Snapshot) (bodies []sample.Body, governments []registry.Body, err error) {
	for _, d := range places.Divisions() {
		for _, b := range places.Bodies(d.Code) {
			if b.USCC != "" && b.Kind != government && b.Ended == "" {
				bodies = append(bodies, sample.Body{Key: b.Key, Name: b.Name.Hans, Place: d.Name.Hans, Kind: b.Kind, Agency: b.Agency, Code: b.USCC, Weight: 5 - int(d.Level)})
			}
		}
		if d.Level > registry.County || d.Level == registry.County && d.Name.Hans == "市辖区" {
			continue
		}
		code, err := identifier.NewUSCC('1', '1', d.Code[:6], "MC"+d.Code[:6])
		if err != nil {
			return nil, nil, fmt.Errorf("code of the government of %s: %w", d.Name.Hans, err)
		}
		level := map[registry.Level]string{registry.Province: "provincial", registry.City: "municipal", registry.County: "county"}[d.Level]
		agency := string([]rune(d.Name.Hans)[:1]) + "政"
		if d.Level == registry.County {
			agency = string([]rune(d.Name.Hans)[:2]) + "政"
		}
		gov := registry.Body{
			Key: "government-" + d.Code[:6], Division: d.Code, Kind: government, Level: level, USCC: code.Code, Agency: agency,
			Name: lang.Text{Hans: d.Name.Hans + "人民政府", Hant: d.Name.In(lang.Hant) + "人民政府", En: "People's Government of " + d.Name.In(lang.En)},
		}
		governments = append(governments, gov)
		bodies = append(bodies, sample.Body{Key: gov.Key, Name: gov.Name.Hans, Place: d.Name.Hans, Kind: government, Agency: agency, Code: gov.USCC, Weight: 3 + 2*(3-int(d.Level))})
	}
	return bodies, governments, nil
}

func (s *Service) demoPlan(ctx context.Context) (*sample.Plan, []registry.Body, error) {
	until, err := s.demoUntil(ctx)
	if err != nil {
		return nil, nil, err
	}
	bodies, governments, err := demoBodies(s.Registry.Now())
	if err != nil {
		return nil, nil, err
	}
	plan, err := sample.New(bodies, sample.Options{
		Records: demoRecords, Policies: demoPolicies, Seed: demoSeed, From: until.AddMonths(-12 * demoYears), Until: until,
	})
	return plan, governments, err
}

// Demo publishes a part of the records, enough to look around in within the first seconds.
func (s *Service) Demo(ctx context.Context) error {
	done, err := s.marked(ctx, "demo/small")
	if err != nil {
		return err
	}
	if done {
		return errors.Join(s.demoDuties(ctx), s.demoCases(ctx))
	}
	plan, _, err := s.demoPlan(ctx)
	if err != nil {
		return err
	}
	places := s.Registry.Now()
	var some []sample.Record
	at, chosen := 0, map[int]bool{}
	for r := range plan.All() {
		if places.Body(r.Body) == nil {
			continue
		}
		at++
		if r.Policy != 0 && len(chosen) < smallPolicies && r.Category == "statutory.1.normative" && at > demoRecords/10 {
			chosen[r.Policy] = true
		}
		if r.Policy != 0 && chosen[r.Policy] || r.Policy == 0 && at%smallEvery == 0 {
			some = append(some, r)
		}
	}
	if err := s.bringIn(ctx, "demo/small", some); err != nil {
		return err
	}
	if err := s.founding(ctx); err != nil {
		return err
	}
	return errors.Join(s.demoDuties(ctx), s.demoCases(ctx))
}

// founding brings in the founding document by the door of every other file, where somebody names it.
func (s *Service) founding(ctx context.Context) (err error) {
	if s.Founding == "" {
		return nil
	}
	r, err := os.Open(s.Founding) // whoever starts the demo names a file of their own
	if err != nil {
		return fmt.Errorf("founding document: %w", err)
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	f, err := importing.Open(s.Founding, r, importing.Options{
		Known: s.Known(), Today: s.today(), Defaults: map[string]string{"body": s.answering(), "category": "statutory.1.other", "published": "2013-04-10", "language": "zh-Hant"},
	})
	if err != nil {
		return fmt.Errorf("founding document: %w", err)
	}
	_, err = s.Load(ctx, identity.Platform, f, Load{Key: "founding", Report: func(p importing.Problem) error { return errors.New(p.In(lang.En)) }})
	return errors.Join(err, f.Close())
}

// Fill publishes all the others, and the governments of cities and counties with them. It goes on where it stopped.
func (s *Service) Fill(ctx context.Context) error {
	plan, governments, err := s.demoPlan(ctx)
	if err != nil {
		return err
	}
	missing := false
	for i := range governments {
		missing = missing || s.Registry.Now().Body(governments[i].Key) == nil
	}
	if missing {
		err := s.Registry.Edit(ctx, func(e *registry.Edit) error {
			for _, g := range governments {
				if err := e.PutBody(g); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	part, n := []sample.Record{}, 0
	flush := func() error {
		if len(part) == 0 {
			return nil
		}
		n++
		if err := s.bringIn(ctx, "demo/"+strconv.Itoa(n), part); err != nil {
			return err
		}
		part = part[:0]
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(restBetween):
			return nil
		}
	}
	for r := range plan.All() {
		if part = append(part, r); len(part) == demoBatch {
			if err := flush(); err != nil {
				return err
			}
		}
	}
	return flush()
}

// bringIn imports made-up records under a key. What is there already stays as it is.
func (s *Service) bringIn(ctx context.Context, key string, records []sample.Record) error {
	done, err := s.marked(ctx, key)
	if err != nil || done || len(records) == 0 {
		return err
	}
	list := make([]publication.Incoming, len(records))
	for i := range records {
		if list[i], err = s.incoming(ctx, &records[i]); err != nil {
			return err
		}
	}
	out, err := s.Records.Import(ctx, identity.Platform, publication.Batch{Key: key, Body: s.answering(), Records: list, Unguarded: true})
	if err != nil {
		return fmt.Errorf("records of the demo: %w", err)
	}
	if len(out.Errors) > 0 {
		return fmt.Errorf("records of the demo: line %d of %s: %+v", out.Errors[0].Line, key, out.Errors[0].Fields)
	}
	return s.mark(ctx, key)
}

// answering is the body that answers for what is brought in from all of the node: the data office of the top division, or its first body, or
// the first below it.
func (s *Service) answering() string {
	places := s.Registry.Now()
	first := ""
	for _, b := range places.Bodies(s.Top) {
		if b.Kind == "data" {
			return b.Key
		}
		if first == "" {
			first = b.Key
		}
	}
	for _, d := range places.Divisions() {
		if first != "" {
			break
		}
		for _, b := range places.Bodies(d.Code) {
			first = b.Key
			break
		}
	}
	return first
}

// marked reports whether a part of the demo is complete.
func (s *Service) marked(ctx context.Context, key string) (bool, error) {
	n, err := store.Scalar[int](s.DB.Read().QueryRow(ctx, `SELECT count(*) FROM disclosure_demo_part WHERE key = $1`, key))
	return n > 0, err
}

func (s *Service) mark(ctx context.Context, key string) error {
	return s.DB.Write(ctx, func(_ context.Context, tx *store.Tx) error {
		tx.Queue(`INSERT INTO disclosure_demo_part (key) VALUES ($1) ON CONFLICT (key) DO NOTHING`, key)
		return nil
	})
}

func (s *Service) incoming(ctx context.Context, r *sample.Record) (publication.Incoming, error) {
	in := publication.Incoming{Index: r.Index, Body: r.Body, Published: r.Published, Content: publication.Content{
		Category: r.Category, DocumentNumber: r.Number, Genre: r.Genre, Title: r.Title, Summary: r.Summary, Text: r.Text, Theme: r.Theme, Keywords: r.Keywords,
		Made: r.Made, Effective: r.Effective, Repealed: r.Repealed,
	}}
	for _, q := range r.Questions {
		in.Questions = append(in.Questions, publication.Question{Question: q.Question, Answer: q.Answer})
	}
	for _, l := range r.Links {
		in.Links = append(in.Links, publication.Link{Kind: publication.Relation(l.Kind), Index: l.Index})
	}
	for _, m := range r.Media {
		media := publication.Media{Kind: m.Kind, Caption: m.Caption, Href: m.Href}
		if m.Kind != "video" {
			data, err := drawing(m)
			if err != nil {
				return in, err
			}
			f, err := s.Files.Put(ctx, identity.Platform.Account, m.Kind+".png", bytes.NewReader(data), file.Limits{})
			if err != nil {
				return in, fmt.Errorf("picture of the demo: %w", err)
			}
			media.File = f.ID
			in.Attachments = append(in.Attachments, publication.Attachment{File: f.ID})
		}
		in.Media = append(in.Media, media)
	}
	return in, nil
}

// drawing draws the bars of a chart, or for a picture the steps that its caption counts. Words stand in the caption.
func drawing(m sample.Media) ([]byte, error) {
	const width, height, margin = 640, 360, 40
	img := image.NewRGBA(image.Rect(0, 0, width, height))
	fill := func(x0, y0, x1, y1 int, c color.Color) {
		draw.Draw(img, image.Rect(x0, y0, x1, y1), image.NewUniform(c), image.Point{}, draw.Src)
	}
	paper, ink, teal := color.RGBA{255, 255, 255, 255}, color.RGBA{11, 58, 91, 255}, color.RGBA{11, 107, 118, 255}
	fill(0, 0, width, height, paper)
	if len(m.Bars) == 0 { // four steps, each leading to the next
		const boxes = 4
		step := (width - 2*margin) / boxes
		for i := range boxes {
			x := margin + i*step
			fill(x, 120, x+step-30, 240, []color.Color{ink, teal}[i%2])
			if i < boxes-1 {
				fill(x+step-30, 176, x+step, 184, ink)
			}
		}
	} else {
		most := 1
		for _, b := range m.Bars {
			most = max(most, b.Value)
		}
		step := (width - 2*margin) / len(m.Bars)
		for i, b := range m.Bars {
			x := margin + i*step
			fill(x+10, height-margin-b.Value*(height-2*margin)/most, x+step-10, height-margin, teal)
		}
		fill(margin, height-margin, width-margin, height-margin+3, ink)
	}
	var out bytes.Buffer
	if err := png.Encode(&out, img); err != nil {
		return nil, fmt.Errorf("picture of the demo: %w", err)
	}
	return out.Bytes(), nil
}

// demoCases lets a body of the demo work: a policy in two versions with its interpretation, a record taken back, a draft under review. Each
// is done by who does it in a real body, and done once.
func (s *Service) demoCases(ctx context.Context) error {
	const body = "hefei-water"
	done, err := s.marked(ctx, "demo/cases")
	if err != nil || done {
		return err
	}
	staff := func(role string) (identity.Principal, bool) {
		now := s.Registry.Now()
		for _, post := range now.Posts(body) {
			for _, account := range now.Holders(post.Key, s.Now()) {
				if post.Has(role) {
					return identity.Principal{Account: account, Kind: identity.Staff, Post: identity.Post{ID: post.Key, Body: post.Body, Division: post.Division, Roles: post.Roles}}, true
				}
			}
		}
		return identity.Principal{}, false
	}
	officer, ok := staff(registry.Disclosure)
	reviewer, okReviewer := staff(registry.Reviewer)
	head, okHead := staff(registry.Head)
	if !ok || !okReviewer || !okHead {
		return nil // a registry without these posts has nobody to do it
	}
	publish := func(key string, d publication.Draft) (store.ID, error) {
		id, err := s.Records.Draft(ctx, officer, d)
		if err != nil {
			return 0, err
		}
		rec, err := s.Records.Submit(ctx, officer, "demo/"+key, id)
		if err == nil {
			_, err = s.Records.Review(ctx, reviewer, rec.Case, "demo/"+key+"/review", publication.Clear())
		}
		if err == nil {
			_, err = s.Records.Approve(ctx, head, rec.Case, "demo/"+key+"/approve", publication.Approval{Outcome: publication.Publish})
		}
		return id, err
	}
	today := s.today()
	policy := publication.Content{
		Title: "合肥市水务局取水许可办理规程", Category: "statutory.1.normative", DocumentNumber: "合水〔2026〕118号", Genre: "规程", Made: today - 3, Effective: today - 1,
		Theme: "取水许可管理", Keywords: []string{"取水许可", "办理时限"}, Summary: "规定取水许可的申请材料、办理时限和公开要求。",
		Text: "# 第一条 目的\n\n为方便企业和居民办理取水许可，制定本规程。\n\n# 第二条 申请材料\n\n申请人提交申请书、取水口位置图和水资源论证报告。\n\n# 第三条 时限\n\n自受理之日起15个工作日内作出决定。\n\n# 第四条 公开\n\n取水单位名录和许可水量按季度公开。\n\n# 第五条 施行\n\n本规程自公布之日起施行。",
	}
	id, err := publish("policy", publication.Draft{Body: body, Content: policy})
	if err != nil {
		return fmt.Errorf("policy of the demo: %w", err)
	}
	policy.Text = "# 第一条 目的\n\n为方便企业和居民办理取水许可，提高办理效率，制定本规程。\n\n# 第二条 申请材料\n\n申请人提交申请书和取水口位置图；取水量较小的，不提交水资源论证报告。\n\n# 第三条 时限\n\n自受理之日起10个工作日内作出决定。\n\n# 第四条 公开\n\n取水单位名录和许可水量按月公开。\n\n# 第五条 咨询\n\n咨询电话：12345。\n\n# 第六条 施行\n\n本规程自公布之日起施行。"
	if _, err := publish("version", publication.Draft{Record: id, Body: body, Content: policy}); err != nil {
		return fmt.Errorf("second version of the demo: %w", err)
	}
	_, err = publish("interpretation", publication.Draft{Body: body, Content: publication.Content{
		Title: "《合肥市水务局取水许可办理规程》问答", Category: "statutory.1.interpretation", Genre: "解读", Theme: "取水许可管理", Made: today,
		Links: []publication.Link{{Kind: publication.Interprets, Record: id}}, Text: "规程缩短了时限，减少了材料。常见问题如下。",
		Questions: []publication.Question{
			{Question: "现在几天能办好？", Answer: "自受理之日起10个工作日，比原来少5个工作日。"}, {Question: "还要水资源论证报告吗？", Answer: "取水量较小的不再需要。"},
			{Question: "在哪里看谁在取水？", Answer: "取水单位名录和许可水量每月在政府信息公开栏目公布。"},
		},
	}})
	if err != nil {
		return fmt.Errorf("interpretation of the demo: %w", err)
	}
	gone, err := publish("gone", publication.Draft{Body: body, Content: publication.Content{
		Title: "合肥市水务局第三季度取水单位名录（第一次公布）", Category: "statutory.5.decision", Made: today, Text: "名单中的许可水量单位有误，更正后重新公布。",
	}})
	if err != nil {
		return fmt.Errorf("record of the demo that is taken back: %w", err)
	}
	if _, err := s.Records.Withdraw(ctx, head, "demo/withdraw", gone, publication.Withdrawal{Reason: publication.ReasonError, Note: "许可水量的单位有误，更正后重新公布。"}); err != nil {
		return fmt.Errorf("record of the demo that is taken back: %w", err)
	}
	draft, err := s.Records.Draft(ctx, officer, publication.Draft{Body: body, Content: publication.Content{
		Title: "合肥市水务局关于公布饮用水水源巡查结果的公告", Category: "statutory.13.environment", Made: today, Text: "本月巡查饮用水水源保护区12次，发现问题3处，均已处理。\n\n举报电话：12345。",
	}})
	if err == nil {
		_, err = s.Records.Submit(ctx, officer, "demo/in-review", draft)
	}
	if err != nil {
		return fmt.Errorf("draft of the demo: %w", err)
	}
	return s.mark(ctx, "demo/cases")
}
