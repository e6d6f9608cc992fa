package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

const (
	loadItem   = "water-abstraction-permit"
	loadTokens = 128 // at 20 requests a second each, more than the programs of the mix send
	loadKnown  = 64  // how many of the newest cases are looked at
	loadStays  = 8   // one in so many applications is not withdrawn
)

// crowd is who asks: visitors without a name, a clerk, a supervisor, and the programs of other systems.
type crowd struct {
	hall   *program
	by     *http.Transport
	turn   atomic.Uint64
	guide  string
	desk   string
	board  string
	clerk  []*http.Cookie
	tokens []string
	items  []string // who exercises the item: one body numbers at most 9,999 applications a day
	task   int      // token of the first task of each case: it is the same as the procedure is

	supervisor []*http.Cookie

	mu     sync.Mutex
	newest []*matter // as a ring
	at     int
	under  []*matter // wait for their next step
}

// matter is an application on its way: a file, the application, its acceptance, its withdrawal.
type matter struct {
	id     uint64
	step   int
	token  string
	item   string
	file   string
	number string
	code   string
}

// newCrowd signs in and makes tokens, as people do it in a browser.
func newCrowd(ctx context.Context, hall *program) (_ *crowd, err error) {
	c := &crowd{hall: hall, by: &http.Transport{MaxIdleConnsPerHost: loadInFlight, DisableCompression: true}}
	if c.guide, err = hall.guide(ctx); err != nil {
		return nil, err
	}
	if c.clerk, err = hall.signIn(ctx, "reviewer"); err != nil {
		return nil, err
	}
	if c.desk, err = c.settle(ctx, "/desk", c.clerk); err != nil {
		return nil, err
	}
	if c.supervisor, err = hall.signIn(ctx, "supervisor"); err != nil {
		return nil, err
	}
	if c.board, err = c.settle(ctx, "/board", c.supervisor); err != nil {
		return nil, err
	}
	if err := c.makeTokens(ctx); err != nil {
		return nil, err
	}
	if err := c.findItems(ctx); err != nil {
		return nil, err
	}
	for range loadKnown { // so that there is something to look at
		m := c.newMatter(c.turn.Add(1))
		for m.number == "" {
			if err := c.step(ctx, m); err != nil {
				return nil, err
			}
		}
	}
	return c, c.findTask(ctx)
}

// settle follows redirections and returns the page to which they lead.
func (c *crowd) settle(ctx context.Context, path string, cookies []*http.Cookie) (string, error) {
	for range 3 {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.hall.url+path, nil)
		if err != nil {
			return "", err
		}
		for _, k := range cookies {
			req.AddCookie(k)
		}
		res, err := c.by.RoundTrip(req)
		if err != nil {
			return "", err
		}
		_, err = io.Copy(io.Discard, res.Body)
		if err = errors.Join(err, res.Body.Close()); err != nil {
			return "", err
		}
		if res.StatusCode == http.StatusOK {
			return path, nil
		}
		to, err := res.Location()
		if err != nil || !strings.HasPrefix(to.String(), c.hall.url) {
			return "", fmt.Errorf("GET %s: %s", path, res.Status)
		}
		path = to.RequestURI()
	}
	return "", fmt.Errorf("GET %s: too many redirections", path)
}

var tokenText = regexp.MustCompile(`id="secret">([^<]+)<`)

// makeTokens has the security administrator make a token for each program.
func (c *crowd) makeTokens(ctx context.Context) error {
	admin, err := c.hall.signIn(ctx, "security-admin")
	if err != nil {
		return err
	}
	until := time.Now().AddDate(0, 0, 2)
	for i := range loadTokens {
		form := url.Values{
			"name": {fmt.Sprint("load ", i)}, "scopes": {"case.submit", "case.attach", "case.message", "case.read", "task.complete"},
			"until-year": {until.Format("2006")}, "until-month": {until.Format("1")}, "until-day": {until.Format("2")},
		}
		page, _, err := c.hall.post(ctx, "/admin/tokens", form, admin)
		if err != nil {
			return err
		}
		secret := tokenText.FindSubmatch(page)
		if secret == nil {
			return errors.New("the page of tokens shows no new token")
		}
		c.tokens = append(c.tokens, string(secret[1]))
	}
	return nil
}

// findItems finds all bodies that exercise the item.
func (c *crowd) findItems(ctx context.Context) error {
	for cursor, more := "", true; more; {
		var page struct {
			Items []struct{ Code, Key string }
			Next  string
		}
		if err := c.call(ctx, http.MethodGet, "/api/v1/items?limit=100&cursor="+url.QueryEscape(cursor), "", request{}, &page); err != nil {
			return err
		}
		for _, i := range page.Items {
			if i.Key == loadItem {
				c.items = append(c.items, i.Code)
			}
		}
		cursor, more = page.Next, page.Next != ""
	}
	if len(c.items) == 0 {
		return fmt.Errorf("nobody exercises %s", loadItem)
	}
	return nil
}

func (c *crowd) findTask(ctx context.Context) error {
	var kase struct{ Tasks []struct{ Token int } }
	if err := c.call(ctx, http.MethodGet, "/api/v1/cases/"+c.newest[0].number, c.tokens[0], request{}, &kase); err != nil {
		return err
	}
	if len(kase.Tasks) != 1 {
		return fmt.Errorf("a new case has %d tasks, want one", len(kase.Tasks))
	}
	c.task = kase.Tasks[0].Token
	return nil
}

// known returns one of the newest cases.
func (c *crowd) known() *matter {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at++
	return c.newest[c.at%len(c.newest)]
}

func (c *crowd) newMatter(n uint64) *matter {
	return &matter{id: n, token: c.tokens[n%uint64(len(c.tokens))], item: c.items[n%uint64(len(c.items))]}
}

// write returns the next step of the matter that has waited longest, or begins one.
func (c *crowd) write(n uint64) operation {
	c.mu.Lock()
	defer c.mu.Unlock()
	m := c.newMatter(n)
	if len(c.under) > 0 {
		m, c.under = c.under[0], c.under[1:]
	}
	return operation{[]string{"upload", "submit", "complete", "withdraw"}[m.step], func(ctx context.Context) error {
		if err := c.step(ctx, m); err != nil {
			return err // and nothing more is done with it
		}
		if m.step < 3 || m.step == 3 && m.id%loadStays != 0 {
			c.mu.Lock()
			c.under = append(c.under, m)
			c.mu.Unlock()
		}
		return nil
	}}
}

// step does the next step of a matter.
func (c *crowd) step(ctx context.Context, m *matter) error {
	var err error
	key := fmt.Sprintf("load-%d-%d-%d", os.Getpid(), m.id, m.step)
	act := func(body any) error {
		return c.call(ctx, http.MethodPost, "/api/v1/cases/"+m.number+"/acts", m.token, asJSON(key, body), nil)
	}
	switch m.step {
	case 0:
		var up struct{ ID string }
		err = c.call(ctx, http.MethodPost, "/api/v1/files", m.token, paper(m.id), &up)
		m.file = up.ID
	case 1:
		var got struct{ Number, Code string }
		err = c.call(ctx, http.MethodPost, "/api/v1/cases", m.token, asJSON(key, application(m)), &got)
		if err == nil {
			m.number, m.code = got.Number, got.Code
			c.remember(m)
		}
	case 2:
		err = act(map[string]any{"complete": map[string]any{"token": c.task, "data": map[string]any{"outcome": "accept"}}})
	default:
		err = act(map[string]any{"message": map[string]any{"name": "withdraw", "reason": "不再需要"}})
	}
	m.step++
	return err
}

func (c *crowd) remember(m *matter) {
	c.mu.Lock()
	defer c.mu.Unlock()
	kept := &matter{number: m.number, code: m.code} // m itself goes on
	if len(c.newest) < loadKnown {
		c.newest = append(c.newest, kept)
		return
	}
	c.newest[m.id%loadKnown] = kept
}

// paper is a small PDF, another one each time.
func paper(n uint64) request {
	pdf := "%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\n%" +
		strconv.FormatUint(n, 10) + "\ntrailer<</Root 1 0 R>>\n%%EOF\n"
	return request{body: []byte(pdf), headers: map[string]string{
		"Content-Type": "application/octet-stream", "Content-Disposition": `attachment; filename="paper.pdf"`,
	}}
}

// application is one that is right: a refusal of it is an error.
func application(m *matter) any {
	return map[string]any{
		"item":      m.item,
		"applicant": map[string]any{"kind": "person", "name": "王小明", "idNumber": "11010519491231002X", "phone": "13800000000"},
		"form": map[string]any{
			"name": "王小明", "address": "合肥市", "reason": "灌溉", "purpose": "farming", "source": "lake", "place": "巢湖", "annual": 1200,
			"start": "2027-03-01", "years": 5, "method": "泵站", "metering": "水表", "telephone": "13800000000",
		},
		"files": []any{map[string]any{"id": m.file, "material": "third-party"}},
	}
}

// request is what a call carries besides its token.
type request struct {
	body    []byte
	headers map[string]string
	err     error
}

func asJSON(key string, v any) request {
	body, err := json.Marshal(v)
	return request{body, map[string]string{"Content-Type": "application/json", "Idempotency-Key": key}, err}
}

// call asks the API. Any answer above 299 is an error.
func (c *crowd) call(ctx context.Context, method, path, token string, with request, into any) error {
	if with.err != nil {
		return with.err
	}
	req, err := http.NewRequestWithContext(ctx, method, c.hall.url+path, bytes.NewReader(with.body)) //nolint:gosec // our own child listens there
	if err != nil {
		return err
	}
	for k, v := range with.headers {
		req.Header.Set(k, v)
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	res, err := c.by.RoundTrip(req)
	if err != nil {
		return err
	}
	answer, err := io.ReadAll(res.Body)
	if err = errors.Join(err, res.Body.Close()); err != nil {
		return err
	}
	if res.StatusCode > 299 {
		return fmt.Errorf("%s %s: %s: %.300s", method, path, res.Status, answer)
	}
	if into == nil {
		return nil
	}
	return json.Unmarshal(answer, into)
}
