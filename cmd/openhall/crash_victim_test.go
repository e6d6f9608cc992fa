package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"openhall.org/openhall/internal/app"
	"openhall.org/openhall/internal/app/province"
	"openhall.org/openhall/internal/core/merkle"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/ledger"
	"openhall.org/openhall/internal/platform/store"
)

const (
	crashClients = 8
	crashItem    = "water-abstraction-permit"
	// A body numbers 9,999 applications for an item in a day: after so many rounds the load moves on to the next body.
	crashRoundsABody = 100
)

// crashBodies are the bodies of the demo that the applications go to, one after another.
func crashBodies() []string {
	return []string{"hefei-water", "huaiyuan-water", "ningguo-water", "tianchang-water", "tongcheng-water"}
}

// victim is the server under test and those who load it.
type victim struct {
	t       *testing.T
	binary  string
	config  app.Config
	items   []string // implementation codes, one for each of crashBodies
	tokens  []string // crashClients for each of them
	under   []string // what the server is started under
	flags   []string // more flags of the server
	quiet   bool     // what it stands on fails on purpose: its complaints are not shown
	process *exec.Cmd
	url     string

	mu     sync.Mutex
	acked  map[string]acknowledged // by idempotency key
	asked  map[string]asked        // every command that was sent, also those without an answer
	unsure []string                // keys of commands whose answer never came
	failed int                     // answers that said the server itself is in trouble
	public visitors
}

type acknowledged struct {
	Case   string `json:"case"`
	Number string `json:"number"`
	Seq    int64  `json:"seq"`
}

type asked struct {
	client int
	path   string
	body   []byte
}

// buildProgram builds the program as it ships, without the race detector that may watch this test.
func buildProgram(t *testing.T) string {
	t.Helper()
	built.Lock()
	defer built.Unlock()
	if built.folder == "" {
		folder, err := os.MkdirTemp("", "openhall-program-")
		if err != nil {
			t.Fatal(err)
		}
		if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", filepath.Join(folder, "openhall"), ".").CombinedOutput(); err != nil {
			t.Fatalf("build: %v\n%s", errors.Join(err, os.RemoveAll(folder)), out)
		}
		built.folder = folder
	}
	return filepath.Join(built.folder, "openhall")
}

// built is where the program stands that was built for all tests that kill one. TestMain removes it.
var built struct {
	sync.Mutex
	folder string
}

// prepare sets the province up and makes a token for each client.
func (v *victim) prepare() {
	n, err := assemble(v.t.Context(), v.config, slog.New(slog.DiscardHandler))
	if err != nil {
		v.t.Fatal(err)
	}
	defer func() {
		n.Cases.Close()
		if err := n.Close(); err != nil {
			v.t.Error(err)
		}
	}()
	if _, err := province.SetUp(v.t.Context(), n.Base); err != nil {
		v.t.Fatal(err)
	}
	if err := n.Demo(v.t.Context()); err != nil {
		v.t.Fatal(err)
	}
	for _, key := range crashBodies() {
		v.admit(n, key)
	}
	v.ready(n)
}

// admit makes the item of one body known to the load, and a token for each client.
func (v *victim) admit(n *program, key string) {
	body := n.Registry.Now().Body(key)
	if body == nil {
		v.t.Fatalf("the demo has no %s", key)
	}
	item, ok := findImplementation(v.t.Context(), n.Node, crashItem, body.USCC)
	if !ok {
		v.t.Fatalf("the demo has no item %s of %s", crashItem, body.Key)
	}
	v.items = append(v.items, item)
	for client := range crashClients {
		_, secret, err := n.Identity.CreateMachineToken(v.t.Context(), identity.Platform, identity.Token{
			Name: fmt.Sprint("crash ", client), Scopes: []string{"case.submit", "case.attach", "case.message", "case.read", "task.complete"},
			Body: body.Key, Until: time.Now().Add(24 * time.Hour),
		})
		if err != nil {
			v.t.Fatal(err)
		}
		v.tokens = append(v.tokens, secret)
	}
}

// findImplementation returns the code under which a body exercises an item.
func findImplementation(ctx context.Context, n *app.Node, key, uscc string) (code string, ok bool) {
	rows, err := n.DB.Read().Query(ctx, `SELECT code FROM power_implementation WHERE item = $1`, key)
	if err != nil {
		return "", false
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		if rows.Scan(&code) == nil && strings.HasPrefix(code, uscc) {
			return code, rows.Err() == nil
		}
	}
	return "", false
}

func (v *victim) start() {
	v.t.Helper()
	if !v.tryStart() {
		v.t.Fatal("the server did not start")
	}
}

// tryStart starts the server and reports whether it answers.
func (v *victim) tryStart() bool {
	v.t.Helper()
	c := v.config
	args := append(slices.Clone(v.under), v.binary, "serve", "--data", c.Data, "--addr", c.Addr, "--database", c.Database,
		"--origin", c.Origin, "--log", "error")
	args = append(args, v.flags...)
	v.process = exec.CommandContext(v.t.Context(), args[0], args[1:]...)
	v.process.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // so that what it is started under dies with it
	if !v.quiet {
		v.process.Stderr = os.Stderr
	}
	out, err := v.process.StdoutPipe()
	if err == nil {
		err = v.process.Start()
	}
	if err != nil {
		v.t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	url, ok := strings.CutPrefix(strings.TrimSpace(line), "openhall: ")
	if err != nil || !ok {
		v.t.Logf("the server did not start: %q, %v", line, err)
		v.kill()
		return false
	}
	v.url = url
	return true
}

func (v *victim) kill() {
	_ = syscall.Kill(-v.process.Process.Pid, syscall.SIGKILL) // it may have ended by itself
	_ = v.process.Wait()
	v.process = nil
}

func (v *victim) stop() {
	v.t.Helper()
	_ = v.process.Process.Signal(syscall.SIGTERM)
	if err := v.process.Wait(); err != nil {
		v.t.Errorf("the server did not end in order: %v", err)
	}
	v.process = nil
}

// load applies, and withdraws every other application, until the server is gone.
func (v *victim) load(ctx context.Context, client, round int) {
	body := round / crashRoundsABody % len(v.items)
	client += body * crashClients
	for i := 0; ctx.Err() == nil; i++ {
		key := fmt.Sprintf("crash-%d-%d-%d", round, client, i)
		file, err := v.upload(ctx, client)
		if err != nil {
			return
		}
		got, err := v.send(ctx, key, asked{client, "/api/v1/cases", v.application(body, file)})
		if err != nil {
			return
		}
		if i%2 == 0 {
			v.book(ctx, client)
			continue
		}
		act := []byte(`{"message":{"name":"withdraw","reason":"不再需要"}}`)
		if _, err := v.send(ctx, key+"-withdraw", asked{client, "/api/v1/cases/" + got.Number + "/acts", act}); err != nil {
			return
		}
		v.rate(ctx, client, got.Number)
	}
}

func (v *victim) upload(ctx context.Context, client int) (string, error) {
	pdf := []byte("%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n")
	var up struct {
		ID string `json:"id"`
	}
	_, err := v.call(ctx, client, "/api/v1/files", "", "application/octet-stream", pdf, &up)
	return up.ID, err
}

func (v *victim) application(body int, file string) []byte {
	text, err := json.Marshal(map[string]any{
		"item":      v.items[body],
		"applicant": map[string]any{"kind": "person", "name": "王小明", "idNumber": "11010519491231002X", "phone": "13800000000"},
		"form": map[string]any{
			"name": "王小明", "address": "合肥市", "reason": "灌溉", "purpose": "farming", "source": "lake", "place": "巢湖", "annual": 1200,
			"start": "2027-03-01", "years": 5, "method": "泵站", "metering": "水表", "telephone": "13800000000",
		},
		"files": []any{map[string]any{"id": file, "material": "third-party"}},
	})
	if err != nil {
		v.t.Error(err)
	}
	return text
}

// send sends a command and keeps what became of it.
func (v *victim) send(ctx context.Context, key string, a asked) (acknowledged, error) {
	v.mu.Lock()
	v.asked[key] = a
	v.mu.Unlock()
	var got acknowledged
	status, err := v.call(ctx, a.client, a.path, key, "application/json", a.body, &got)
	v.mu.Lock()
	defer v.mu.Unlock()
	switch {
	case err == nil:
		v.acked[key] = got
	case status >= 400 && status < 500:
		v.t.Errorf("%s: %v", key, err) // the load is legal: a refusal is a defect
	default:
		v.unsure = append(v.unsure, key)
	}
	return got, err
}

var errTooMany = errors.New("too many requests")

func (v *victim) call(ctx context.Context, client int, path, key, media string, body []byte, into any) (status int, err error) {
	for {
		status, err = v.callOnce(ctx, client, path, key, media, body, into)
		if !errors.Is(err, errTooMany) {
			return status, err
		}
		time.Sleep(20 * time.Millisecond)
	}
}

func (v *victim) callOnce(ctx context.Context, client int, path, key, media string, body []byte, into any) (int, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, v.url+path, bytes.NewReader(body))
	if err != nil {
		return 0, err
	}
	req.Header.Set("Authorization", "Bearer "+v.tokens[client])
	req.Header.Set("Content-Type", media)
	if key == "" {
		req.Header.Set("Content-Disposition", `attachment; filename="paper.pdf"`)
	} else {
		req.Header.Set("Idempotency-Key", key)
	}
	resp, err := crashClient.Do(req)
	if err != nil {
		return 0, err
	}
	answer, err := io.ReadAll(resp.Body)
	if err = errors.Join(err, resp.Body.Close()); err != nil {
		return 0, err
	}
	switch {
	case resp.StatusCode == http.StatusTooManyRequests:
		return resp.StatusCode, errTooMany
	case resp.StatusCode >= 500:
		v.mu.Lock()
		v.failed++
		v.mu.Unlock()
		fallthrough
	case resp.StatusCode >= 300:
		return resp.StatusCode, fmt.Errorf("%s %s: %s", path, resp.Status, answer)
	}
	return resp.StatusCode, json.Unmarshal(answer, into)
}

var crashClient = &http.Client{Timeout: 20 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: crashClients}}

// repeatUntilAnswered sends what was not answered again, to a server whose database was away, until it is.
func (v *victim) repeatUntilAnswered() {
	v.t.Helper()
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		v.mu.Lock()
		keys := v.unsure
		v.unsure = nil
		v.mu.Unlock()
		if len(keys) == 0 {
			return
		}
		for _, key := range keys {
			if _, err := v.send(v.t.Context(), key, v.asked[key]); err != nil {
				break // send has noted it as unsure again
			}
		}
	}
	v.t.Error("the server did not find its database again within 20 seconds")
}

// repeatUnsure sends every command again whose answer never came, with the same key: it must be accepted, once.
func (v *victim) repeatUnsure() {
	v.t.Helper()
	v.revisit()
	keys := v.unsure
	v.unsure = nil
	for _, key := range keys {
		if _, err := v.send(v.t.Context(), key, v.asked[key]); err != nil {
			v.t.Errorf("repeat %s: %v", key, err)
		}
	}
}

// checkAcknowledged sends every acknowledged command again: the answer must be the same.
func (v *victim) checkAcknowledged() {
	v.t.Helper()
	numbers := map[string]string{}
	for key, want := range v.acked {
		var again acknowledged
		a := v.asked[key]
		if _, err := v.call(v.t.Context(), a.client, a.path, key, "application/json", a.body, &again); err != nil {
			v.t.Errorf("%s was acknowledged and is refused now: %v", key, err)
			continue
		}
		if again.Number != want.Number || again.Seq != want.Seq {
			v.t.Errorf("%s was acknowledged as %s event %d, and is %s event %d now", key, want.Number, want.Seq, again.Number, again.Seq)
		}
		if strings.HasSuffix(key, "-withdraw") {
			continue
		}
		if other, twice := numbers[want.Number]; twice {
			v.t.Errorf("number %s was given to %s and to %s", want.Number, other, key)
		}
		numbers[want.Number] = key
	}
}

// checkStore looks into the database when the server is gone: numbers without gap, events without gap, a log that verifies.
func (v *victim) checkStore() {
	v.t.Helper()
	ctx := v.t.Context()
	db, err := store.Open(ctx, v.config.Database)
	if err != nil {
		v.t.Fatal(err)
	}
	defer func() {
		if err := db.Close(); err != nil {
			v.t.Error(err)
		}
	}()
	for what, query := range map[string]string{
		"series of letters with a gap": `SELECT count(*) FROM document_series AS s WHERE s.last <> (SELECT count(*) FROM document_letter AS d WHERE d.series = s.name)
			OR s.last <> (SELECT coalesce(max(d.ordinal), 0) FROM document_letter AS d WHERE d.series = s.name)`,
		"numbers of letters that stand twice": `SELECT count(*) FROM (SELECT number FROM document_letter GROUP BY series, number HAVING count(*) > 1) AS twice`,
		"applications without the letter of receipt": `SELECT count(*) FROM case_ AS c WHERE c.kind = 'approval'
			AND NOT EXISTS (SELECT 1 FROM document_letter AS d WHERE d.case_id = c.id AND d.kind = 'receipt-slip')`,
		"series with a gap":                   `SELECT count(*) FROM series AS s WHERE s.last <> (SELECT count(*) FROM case_ AS c WHERE c.number LIKE s.name || '%')`,
		"cases whose events have a gap":       `SELECT count(*) FROM case_ AS c WHERE c.seq <> (SELECT count(*) FROM event AS e WHERE e.case_id = c.id)`,
		"tasks of cases that have ended":      `SELECT count(*) FROM task AS t JOIN case_ AS c ON c.id = t.case_id WHERE c.ended_at > 0`,
		"open cases in which nobody is asked": `SELECT count(*) FROM case_ AS c WHERE c.ended_at = 0 AND NOT EXISTS (SELECT 1 FROM task AS t WHERE t.case_id = c.id)`,
	} {
		if n, err := store.Scalar[int](db.Read().QueryRow(ctx, query)); err != nil || n != 0 {
			v.t.Errorf("%s: %d, %v", what, n, err)
		}
	}
	v.checkPublic(db)
	logHolds(v.t, db)
}

// eventData is what the events of a case say, in their order.
func eventData(t *testing.T, n *program, kase store.ID) []map[string]any {
	t.Helper()
	events, err := n.Cases.Events(context.WithoutCancel(t.Context()), kase, 0, 100)
	if err != nil {
		t.Fatal(err)
	}
	list := make([]map[string]any, len(events))
	for i := range events {
		env, err := events[i].Envelope()
		if err != nil {
			t.Fatal(err)
		}
		list[i] = env.Data
	}
	return list
}

// logHolds recomputes the log of a database, and holds it against its signed end.
func logHolds(t *testing.T, db *store.DB) {
	t.Helper()
	source := ledger.OpenReader(db).Source(t.Context())
	key, err := source.Key()
	if err != nil {
		t.Fatal(err)
	}
	verifier, err := merkle.NewVerifier(key)
	if err != nil {
		t.Fatal(err)
	}
	report, err := merkle.VerifyLog(source, verifier)
	if err != nil {
		t.Errorf("the log does not verify: %v", err)
	}
	if report.Entries == 0 {
		t.Error("the log is empty")
	}
}
