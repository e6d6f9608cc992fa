package main

import (
	"context"
	"encoding/base64"
	"io"
	"mime"
	"net/mail"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"openhall.org/openhall/internal/app"
	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/notify/smtp/smtptest"
	"openhall.org/openhall/internal/platform/publication"
	"openhall.org/openhall/internal/platform/registry"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/slice/disclosure"
)

// TestAlertsOfSavedSearches: somebody has confirmed a mail address and saved a search. What is published and answers it brings one mail, by a
// real mail server; what does not answer it, and what was told before, brings none.
func TestAlertsOfSavedSearches(t *testing.T) {
	server := smtptest.Start(t, false, false)
	now := time.Date(2026, 3, 2, 2, 0, 0, 0, time.UTC)
	folder := t.TempDir()
	n := assembleProgram(t, app.Config{
		Data: folder, Database: "sqlite:" + filepath.Join(folder, "openhall.db"), Addr: "127.0.0.1:0", BaseURL: "http://alert.test", Jurisdiction: "cn-ah", Division: "340000000000",
		Origin: "alert.test/log", SMTP: "smtp://" + server.Host + ":" + server.Port + "?tls=none", MailFrom: "no-reply@hall.example.gov.cn",
	}, func() time.Time { return now })
	t.Cleanup(func() {
		n.Cases.Close()
		if err := n.Close(); err != nil {
			t.Error(err)
		}
	})
	ok := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	ctx := t.Context()
	ok(n.Registry.Edit(ctx, func(e *registry.Edit) error {
		name := func(s string) lang.Text { return lang.Text{Hans: s, Hant: s, En: s} }
		if err := e.PutDivisions([]registry.Division{{Code: "340000000000", Level: registry.Province, Name: name("安徽省")}}); err != nil {
			return err
		}
		return e.PutBody(registry.Body{Key: "anhui-water", Division: "340000000000", Kind: "water", Level: "provincial", Name: name("安徽省水利厅"), USCC: "11340000MB9000023Q"})
	}))
	room, err := disclosure.New(disclosureNeeds(n.wiring)(n.Node))
	ok(err)
	reader, err := n.Identity.Register(ctx, identity.Registration{Kind: identity.Person, Login: "chen.reader", Password: "a long enough secret", Name: "陈读者", Number: "11010519491231002X", Phone: "13800138000"})
	ok(err)
	// sent returns the texts of the mails that came since it was last called.
	seen := 0
	sent := func() (texts []string) {
		t.Helper()
		_, err := n.Jobs.Drain(ctx)
		ok(err)
		all := server.Taken()
		for _, m := range all[seen:] {
			got, err := mail.ReadMessage(strings.NewReader(m.Data))
			ok(err)
			subject, err := new(mime.WordDecoder).DecodeHeader(got.Header.Get("Subject"))
			ok(err)
			body, err := io.ReadAll(base64.NewDecoder(base64.StdEncoding, got.Body))
			ok(err)
			if m.To != "reader@example.com" {
				t.Errorf("a mail to %s", m.To)
			}
			texts = append(texts, subject+"\n"+string(body))
		}
		seen = len(all)
		return texts
	}
	ok(n.wiring.message.Notify.SetMail(ctx, reader.ID, "reader@example.com"))
	letters := sent()
	if len(letters) != 1 {
		t.Fatalf("to confirm the address came %q", letters)
	}
	ok(n.wiring.message.Notify.ConfirmMail(ctx, reader.ID, regexp.MustCompile(`\d{6}`).FindString(letters[0])))
	id := n.IDs.New()
	ok(n.DB.Write(ctx, func(_ context.Context, tx *store.Tx) error {
		tx.Queue(`INSERT INTO disclosure_search (id, account, query, mail, seen, at) VALUES ($1, $2, $3, 1, $4, $4)`, int64(id), int64(reader.ID),
			n.Keys.Seal("disclosure.search/"+id.String(), []byte("q=饮用水")), store.Micros(now))
		return nil
	}))
	publish := func(key, title string) {
		t.Helper()
		_, err := n.Publication.Import(ctx, identity.Platform, publication.Batch{Key: key, Body: "anhui-water", Records: []publication.Incoming{{Body: "anhui-water", Content: publication.Content{
			Title: title, Category: "statutory.1.other", Text: title + "的正文。",
		}}}})
		ok(err)
	}
	looks := func() {
		t.Helper()
		ok(n.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
			return tx.Exec(ctx, `UPDATE disclosure_search SET seen = $1`, store.Micros(now))
		}))
	}
	for _, step := range []struct {
		key, title string
		mails      int
		after      time.Duration
		looks      bool // before the hour is over
	}{
		{"", "", 0, 2 * time.Hour, false},
		{"a", "关于防汛值班的通知", 0, 2 * time.Hour, false},
		{"b", "全省饮用水水源保护办法", 1, 2 * time.Hour, false},
		{"", "", 0, 2 * time.Hour, false},
		{"c", "饮用水卫生监督公告", 1, 2 * time.Hour, false},
		{"d", "饮用水水质月报", 0, 10 * time.Minute, false}, // in the hour of the last mail: it waits
		{"", "", 0, 10 * time.Minute, false},
		{"", "", 1, 40 * time.Minute, false}, // and is told in the next one
		{"e", "饮用水水源地名录", 0, 10 * time.Minute, true},
		{"", "", 0, 2 * time.Hour, false}, // its owner has looked at it: there is nothing to tell
		{"f", "饮用水应急预案", 1, 2 * time.Hour, false},
	} {
		now = now.Add(step.after)
		if step.key != "" {
			publish(step.key, step.title)
		}
		told, err := room.Alert(ctx)
		ok(err)
		if step.looks {
			now = now.Add(time.Minute)
			looks()
		}
		texts := sent()
		if told != step.mails || len(texts) != step.mails {
			t.Errorf("after %q: %d told, mails %q; want %d", step.title, told, texts, step.mails)
		}
		for _, text := range texts {
			if !strings.Contains(text, "http://alert.test/me/searches") || !strings.Contains(text, "http://alert.test/stop-mails/") || strings.Contains(text, "饮用水") {
				t.Errorf("the mail says %q: want the way to the searches, and nothing of what they are about", text)
			}
		}
	}
}
