package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"mime/multipart"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"openhall.org/openhall/internal/app"
	"openhall.org/openhall/internal/app/province"
	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/file"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/slice/approval"
	"openhall.org/openhall/internal/slice/intermediary"
)

const (
	orderedMatters   = 6 // a third each by choice, draw and bids
	killsOfOrders    = 3
	orderStepsBefore = 7 // steps that are answered between two kills
	orderService     = "crash-assessment"
)

var orderAgencies = []string{"agency.zhengheng", "agency.huaihe", "agency.chaohu"}

// orders is who drives orders of intermediary services against a server that is killed.
type orders struct {
	*victim
	accounts map[string]*http.Client // by login, each with its cookie
	password string
	matters  []string          // numbers of the cases
	agencies map[string]string // logins by number of the agency

	db    *store.DB
	mu    sync.Mutex
	base  string // where the server listens now; empty while it is down
	steps int    // that were answered
	acked []string
}

// TestOrdersSurviveKills: the program is killed again and again while applicants order by choice, draw and bids, agencies confirm and deliver,
// and clerks grade. Whoever gets no answer sends the same form again. Afterwards each order is there once and ended as it should, no draw
// was done twice, no number stands twice, each bid that was acknowledged was opened, each deliverable stands in its case once, the log
// verifies, and so does every draw with the command that anybody has.
func TestOrdersSurviveKills(t *testing.T) {
	t.Parallel()
	o := newOrders(t)
	o.start()
	for login := range o.accounts {
		o.signIn(login)
	}
	o.up()
	over := make(chan struct{})
	go func() {
		defer close(over)
		var load sync.WaitGroup
		for i := range o.matters {
			load.Go(func() { o.drive(i) })
		}
		load.Wait()
	}()
	kills := 0
	for running := true; running; {
		select {
		case <-over:
			running = false
		case <-time.After(2 * time.Millisecond):
			if o.answered() < (kills+1)*orderStepsBefore || kills == killsOfOrders {
				continue
			}
			o.down()
			o.kill()
			kills++
			o.start()
			o.up()
		}
	}
	if kills < killsOfOrders {
		t.Fatalf("killed %d times only", kills)
	}
	o.stop()
	t.Logf("killed %d times during %d steps of %d orders", kills, o.answered(), len(o.acked))
	o.account()
}

func newOrders(t *testing.T) *orders {
	t.Helper()
	data := t.TempDir()
	v := &victim{t: t, binary: buildProgram(t), flags: []string{"--second-factor", "offered"}}
	v.config = app.Config{Data: data, Addr: "127.0.0.1:0", Database: "sqlite:" + filepath.Join(data, "crash.db"), BaseURL: "http://crash.test", Jurisdiction: "cn-ah", Division: "340000000000", Origin: "crash.test/log"}
	o := &orders{victim: v, accounts: map[string]*http.Client{}, agencies: map[string]string{}}
	ctx := t.Context()
	n, err := assemble(ctx, v.config, slog.New(slog.DiscardHandler))
	ok := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	ok(err)
	defer func() {
		n.Cases.Close()
		ok(n.Close())
	}()
	list, err := province.SetUp(ctx, n.Base)
	ok(err)
	ok(n.Demo(ctx))
	o.password = list[0].Password
	rooms := n.wiring.intermediary
	registrar := holderOf(t, n, "anhui-data", "reviewer")
	text := lang.Text{Hans: "水资源论证报告书编制", Hant: "水資源論證報告書編製", En: "Assessment"}
	ok(rooms.PutService(ctx, registrar, intermediary.Service{
		Key: orderService, Name: text, Items: []intermediary.Use{{Item: crashItem, Material: "assessment"}}, Basis: "取水许可和水资源费征收管理条例第十一条", Days: 20, Fen: 3_000_000, Pricing: intermediary.Market,
	}))
	who := func(login string) identity.Principal {
		a, err := n.Identity.AccountByLogin(ctx, login)
		ok(err)
		o.accounts[login] = nil
		return identity.Principal{Account: a.ID, Kind: a.Kind, Name: a.Name}
	}
	for i, login := range orderAgencies {
		rec, err := rooms.Apply(ctx, who(login), intermediary.Application{Body: "anhui-data", Profile: intermediary.Profile{
			Promise: "不合格免费重做", Offers: []intermediary.Offer{{Service: orderService, Fen: int64(1_000_000 + i), Days: 10}},
		}}, "apply/"+login)
		ok(err)
		_, err = rooms.Examine(ctx, registrar, rec.Number, intermediary.Admit, "", "admit/"+login)
		ok(err)
		o.agencies[rec.Number] = login
	}
	firm := who("enterprise.qinghe")
	who("hefei.water.reviewer")
	applicant, err := people{n.Base}.Party(ctx, firm.Account)
	ok(err)
	code, found := findImplementation(ctx, n.Node, crashItem, n.Registry.Now().Body("hefei-water").USCC)
	if !found {
		t.Fatal("the demo has no such item")
	}
	form, err := json.Marshal(map[string]any{
		"name": applicant.Name, "address": "合肥市", "reason": "灌溉", "purpose": "farming", "source": "lake", "place": "巢湖", "annual": 1200, "start": "2027-03-01", "years": 5, "method": "泵站", "metering": "水表",
		"telephone": "13800000000",
	})
	ok(err)
	for i := range orderedMatters {
		f, err := n.Files.Put(ctx, firm.Account, "paper.pdf", strings.NewReader(crashPDF), file.Limits{})
		ok(err)
		rec, err := n.Cases.Do(ctx, casework.Command{Key: fmt.Sprint("matter/", i), Actor: firm, Act: casework.Submit{
			Kind: approval.KindName, Subject: code, Channel: casework.Online, Applicant: applicant, Form: form,
			Files: []casework.FileRef{{ID: f.ID, Name: f.Name, Digest: f.Digest, Size: f.Size, Type: f.Type, Material: "third-party"}},
		}})
		ok(err)
		o.matters = append(o.matters, rec.Number)
	}
	o.db, err = store.Open(ctx, v.config.Database)
	ok(err)
	t.Cleanup(func() {
		if err := o.db.Close(); err != nil {
			t.Error(err)
		}
	})
	return o
}

const crashPDF = "%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"

// holderOf is somebody whose post in a body has a role.
func holderOf(t *testing.T, n *program, body, role string) identity.Principal {
	t.Helper()
	places := n.Registry.Now()
	for _, post := range places.Posts(body) {
		for _, account := range places.Holders(post.Key, n.Now()) {
			if post.Has(role) {
				return identity.Principal{Account: account, Kind: identity.Staff, Post: identity.Post{ID: post.Key, Body: post.Body, Division: post.Division, Roles: post.Roles}}
			}
		}
	}
	t.Fatalf("nobody in %s has the role %s", body, role)
	return identity.Principal{}
}

func (o *orders) up() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.base = o.url
}

func (o *orders) down() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.base = ""
}

func (o *orders) answered() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.steps
}

// signIn begins a session, which outlives the kills. Each account comes from an address of its own, which has its own limits.
func (o *orders) signIn(login string) {
	o.t.Helper()
	host := byte(len(login)*7 + int(login[len(login)-1]))
	dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 1, 2, host)}}
	c := &http.Client{Timeout: 20 * time.Second, Transport: &http.Transport{DialContext: dialer.DialContext, DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := c.PostForm(o.url+"/signin", url.Values{"login": {login}, "password": {o.password}})
	if err != nil {
		o.t.Fatal(err)
	}
	cookies := resp.Cookies()
	if err := resp.Body.Close(); err != nil || resp.StatusCode != http.StatusSeeOther || len(cookies) == 0 {
		o.t.Fatalf("%s signs in: %s, %v", login, resp.Status, err)
	}
	c.Jar = cookieOf{cookies[0]}
	o.accounts[login] = c
}

// cookieOf is a jar with one cookie, for whatever port the server listens on.
type cookieOf struct{ cookie *http.Cookie }

func (cookieOf) SetCookies(*url.URL, []*http.Cookie) {}
func (j cookieOf) Cookies(*url.URL) []*http.Cookie   { return []*http.Cookie{j.cookie} }

// send sends a form until it is answered, the same each time, and returns where the answer leads. A form that was carried out before it was
// sent again is answered by where it led then, also when it brings files.
func (o *orders) send(login, path, media string, body []byte) string {
	sent := 0
	for o.t.Context().Err() == nil {
		o.mu.Lock()
		base := o.base
		o.mu.Unlock()
		if base == "" {
			time.Sleep(time.Millisecond)
			continue
		}
		req, err := http.NewRequestWithContext(o.t.Context(), http.MethodPost, base+path, bytes.NewReader(body))
		if err != nil {
			o.t.Error(err)
			return ""
		}
		req.Header.Set("Content-Type", media)
		sent++
		resp, err := o.accounts[login].Do(req)
		if err != nil {
			continue
		}
		said, err := io.ReadAll(resp.Body)
		if err = errors.Join(err, resp.Body.Close()); err != nil {
			continue
		}
		switch status := resp.StatusCode; {
		case status == http.StatusSeeOther:
			o.mu.Lock()
			o.steps++
			o.mu.Unlock()
			return resp.Header.Get("Location")
		case status == http.StatusTooManyRequests:
			time.Sleep(200 * time.Millisecond)
		case status >= http.StatusInternalServerError:
			time.Sleep(5 * time.Millisecond)
		default:
			if i := bytes.Index(said, []byte("govuk-error-summary")); i > 0 {
				said = said[i:]
			}
			o.t.Errorf("%s %s, sent %d times: %s: %.600s", login, path, sent, resp.Status, said)
			return ""
		}
	}
	return ""
}

func (o *orders) post(login, path string, form url.Values) string {
	return o.send(login, path, "application/x-www-form-urlencoded", []byte(form.Encode()))
}

// reaches waits until an order is in a state, and returns which agency has it.
func (o *orders) reaches(number, state string) string {
	for range 30_000 {
		row, err := store.One(o.t.Context(), o.db.Read(), func(r store.Row) (x [2]string, err error) { return x, r.Scan(&x[0], &x[1]) },
			`SELECT o.state, coalesce(a.number, '') FROM intermediary_order AS o LEFT JOIN intermediary_agency AS a ON a.id = o.agency WHERE o.number = $1`, number)
		if err != nil {
			o.t.Errorf("order %s was acknowledged: %v", number, err)
			return ""
		}
		if row[0] == state {
			return row[1]
		}
		time.Sleep(2 * time.Millisecond)
	}
	o.t.Errorf("order %s never is %s", number, state)
	return ""
}

// drive brings one order from its placing to the deliverable in its case.
func (o *orders) drive(i int) {
	const firm, clerk = "enterprise.qinghe", "hefei.water.reviewer"
	key := func(step string) string { return fmt.Sprint("crash-", i, "-", step) }
	form := url.Values{"key": {key("place")}, "case": {o.matters[i]}, "service": {orderService}}
	method := intermediary.Methods()[i%3]
	form.Set("method", string(method))
	switch method {
	case intermediary.Choice:
		for number := range o.agencies {
			form.Set("agency", number)
		}
	case intermediary.Bids:
		form.Set("rule", "lowest")
	case intermediary.Draw:
	}
	at := o.post(firm, "/intermediary/order", form)
	number := strings.TrimPrefix(at, "/intermediary/orders/")
	if number == "" {
		return
	}
	o.mu.Lock()
	o.acked = append(o.acked, number)
	o.mu.Unlock()
	switch method {
	case intermediary.Draw:
		o.post(firm, at+"/start", url.Values{"key": {key("start")}, "words": {fmt.Sprint(1000 + i)}})
	case intermediary.Bids:
		for j, login := range orderAgencies {
			o.post(login, "/intermediary/bids/"+number, url.Values{"key": {key("bid" + login)}, "fen": {fmt.Sprint(9000 - j)}, "days": {"9"}})
		}
		// Three working days are over.
		err := o.db.Write(o.t.Context(), func(_ context.Context, tx *store.Tx) error {
			tx.QueueOne(`UPDATE intermediary_order SET open_at = 1 WHERE number = $1`, number)
			return nil
		})
		if err != nil {
			o.t.Error(err)
		}
	case intermediary.Choice:
	}
	agency := o.agencies[o.reaches(number, intermediary.Offered)]
	if agency == "" {
		return
	}
	o.post(agency, at+"/answer", url.Values{"key": {key("answer")}, "outcome": {"confirm"}})
	var b bytes.Buffer
	m := multipart.NewWriter(&b)
	part, err := m.CreateFormFile("files", "report.pdf")
	if err == nil {
		_, err = part.Write([]byte(crashPDF + "%" + number + "\n"))
	}
	if err = errors.Join(err, m.WriteField("key", key("deliver")), m.Close()); err != nil {
		o.t.Error(err)
		return
	}
	o.send(agency, at+"/deliver", m.FormDataContentType(), b.Bytes())
	o.post(clerk, at+"/grade", url.Values{"key": {key("grade")}, "outcome": {"A"}})
	o.reaches(number, intermediary.Accepted)
	for range 30_000 { // and into the case
		n, err := store.Scalar[int](o.db.Read().QueryRow(o.t.Context(), `SELECT attached FROM intermediary_order WHERE number = $1`, number))
		if err != nil || n == 1 {
			return
		}
		time.Sleep(2 * time.Millisecond)
	}
	o.t.Errorf("the deliverable of %s never is in its case", number)
}

// account holds what is there against what was acknowledged.
func (o *orders) account() {
	t := o.t
	t.Helper()
	ctx := t.Context()
	for query, want := range map[string]int{
		`SELECT count(*) FROM intermediary_order`:                                                                                              orderedMatters,
		`SELECT count(*) FROM intermediary_order WHERE state = 'accepted' AND grade = 'A' AND attached = 1`:                                    orderedMatters,
		`SELECT count(*) FROM intermediary_draw WHERE order_ <> 0`:                                                                             orderedMatters / 3,
		`SELECT count(*) FROM intermediary_bid WHERE fen BETWEEN 899800 AND 900000 AND days = 9`:                                               orderedMatters,
		`SELECT count(*) FROM intermediary_slot`:                                                                                               0,
		`SELECT sum(orders) FROM intermediary_share`:                                                                                           orderedMatters,
		`SELECT sum(finished) FROM intermediary_agency`:                                                                                        orderedMatters,
		`SELECT count(*) FROM (SELECT number FROM case_ GROUP BY number HAVING count(*) > 1) AS twice`:                                         0,
		`SELECT count(*) FROM series AS s WHERE s.last <> (SELECT count(*) FROM case_ AS c WHERE c.number LIKE s.name || '%')`:                 0,
		`SELECT count(*) FROM case_ AS c WHERE c.seq <> (SELECT count(*) FROM event AS e WHERE e.case_id = c.id)`:                              0,
		`SELECT count(*) FROM intermediary_agency AS a WHERE a.orders <> (SELECT count(*) FROM intermediary_order AS o WHERE o.agency = a.id)`: 0,
	} {
		if got, err := store.Scalar[int](o.db.Read().QueryRow(ctx, query)); err != nil || got != want {
			t.Errorf("%s: %d, want %d, %v", query, got, want, err)
		}
	}
	seen := map[string]bool{}
	for _, number := range o.acked {
		if seen[number] {
			t.Errorf("number %s was given twice", number)
		}
		seen[number] = true
	}
	logHolds(t, o.db)
	n := o.open()
	if _, err := n.Ledger.Sequence(ctx); err != nil { // what the last kill left to be put into the log
		t.Fatal(err)
	}
	key, err := n.Ledger.PublicKey(ctx)
	if err != nil {
		t.Fatal(err)
	}
	n.wiring.intermediary.Attach(n.Cases, n.Ledger)
	verified := 0
	for _, number := range o.acked {
		x, err := n.wiring.intermediary.Order(ctx, number)
		if err != nil {
			t.Fatal(err)
		}
		steps := map[string]int{}
		for _, data := range eventData(t, n, x.ID) {
			step, _ := data["task"].(string)
			steps[step]++
		}
		for step, times := range steps {
			if step != "" && times != 1 {
				t.Errorf("%s was done %d times in order %s", step, times, number)
			}
		}
		d, err := n.Cases.Dossier(ctx, x.OfCase)
		if err != nil {
			t.Fatal(err)
		}
		delivered := 0
		for _, f := range d.Files {
			if f.Material == "assessment" {
				delivered++
			}
		}
		if delivered != 1 {
			t.Errorf("the deliverable of %s stands %d times in its case", number, delivered)
		}
		if x.Method == intermediary.Draw {
			o.verifyDraw(n, &x, key)
			verified++
		}
	}
	if verified != orderedMatters/3 {
		t.Errorf("%d draws verified, want %d", verified, orderedMatters/3)
	}
}

// verifyDraw checks a draw with the command that anybody has.
func (o *orders) verifyDraw(n *program, x *intermediary.Order, key string) {
	t := o.t
	t.Helper()
	proof, ok, err := n.wiring.intermediary.Proof(t.Context(), x)
	if err != nil || !ok {
		t.Fatalf("proof of %s: %t, %v", x.Number, ok, err)
	}
	data, err := proof.Encode()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "draw.json")
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), o.binary, "verify", "draw", path, "--key", key).CombinedOutput()
	if err != nil || !bytes.Contains(out, []byte("draw verified")) {
		t.Errorf("draw of %s: %v: %s", x.Number, err, out)
	}
}
