package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/store"
)

// visitors is what people without an account do at the victim while it is killed: they book places and rate what has ended. Nobody sends
// a key for them: that nothing is lost or happens twice is the server's alone to see to.
type visitors struct {
	places []url.Values               // places of which each is booked once
	code   func(number string) string // query code of a case
	before [3]int                     // bookings, places and ratings that were there at the beginning
	booked []*visit
	rated  []*visit
}

// visit is a form that somebody sent.
type visit struct {
	client int
	path   string
	form   url.Values
	to     string // where the answer leads; empty: it did not come
	done   bool
}

// ready finds the places that can be booked.
func (v *victim) ready(n *program) {
	v.t.Helper()
	ctx := v.t.Context()
	for _, c := range n.Registry.Now().AllCentres() {
		for i, day := range n.wiring.centre.Days(c.Key) {
			if i < 2 { // a slot of today can be over before it is booked
				continue
			}
			plan, _ := n.wiring.centre.Book().Plan(c.Key, day)
			for _, line := range plan.Lines {
				slots, err := n.wiring.centre.Slots(ctx, c.Key, line.Key, day)
				if err != nil {
					v.t.Fatal(err)
				}
				for _, s := range slots {
					if s.Free() > 0 {
						v.public.places = append(v.public.places, url.Values{
							"centre": {c.Key}, "line": {line.Key}, "day": {day.String()}, "slot": {s.At.String()}, "name": {"王小明"},
							"phone": {fmt.Sprintf("138%08d", len(v.public.places))},
						})
					}
				}
			}
		}
	}
	if len(v.public.places) == 0 {
		v.t.Fatal("the demo has no place to be booked")
	}
	v.public.code = func(number string) string { return n.Cases.Code(&casework.Case{Number: number}) }
	v.public.before = v.countPublic(n.DB)
}

func (v *victim) countPublic(db *store.DB) (counts [3]int) {
	v.t.Helper()
	for i, query := range []string{`SELECT count(*) FROM centre_appointment WHERE state = 'booked'`, `SELECT count(*) FROM centre_seat`,
		`SELECT count(*) FROM event WHERE kind = 'case.rated'`} {
		var err error
		if counts[i], err = store.Scalar[int](db.Read().QueryRow(v.t.Context(), query)); err != nil {
			v.t.Fatal(err)
		}
	}
	return counts
}

// book books the next place.
func (v *victim) book(ctx context.Context, client int) {
	v.mu.Lock()
	if len(v.public.places) == 0 {
		v.mu.Unlock()
		return
	}
	form := v.public.places[0]
	v.public.places = v.public.places[1:]
	b := &visit{client: client, path: "/centres/" + form.Get("centre") + "/book", form: form}
	v.public.booked = append(v.public.booked, b)
	v.mu.Unlock()
	v.visit(ctx, b)
}

// rate rates a case that has ended.
func (v *victim) rate(ctx context.Context, client int, number string) {
	r := &visit{client: client, path: "/track/" + number + "/" + v.public.code(number) + "/rate", form: url.Values{"grade": {"5"}, "key": {"once"}}}
	v.mu.Lock()
	v.public.rated = append(v.public.rated, r)
	v.mu.Unlock()
	v.visit(ctx, r)
}

// visit sends a form. A place or a case that is known to be taken by the same visit before is done too: its answer was lost.
func (v *victim) visit(ctx context.Context, x *visit) {
	// Each client comes from an address of its own, which has its own limits.
	dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 1, 1, byte(x.client+1))}}
	transport := &http.Transport{DialContext: dialer.DialContext, DisableKeepAlives: true}
	c := http.Client{Timeout: 20 * time.Second, Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	for {
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, v.url+x.path, strings.NewReader(x.form.Encode()))
		if err != nil {
			v.t.Error(err)
			return
		}
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		resp, err := c.Do(req)
		if err != nil {
			return // whether it happened is found out later
		}
		to, status, closed := resp.Header.Get("Location"), resp.StatusCode, resp.Body.Close()
		again := x.to == "" && (status == http.StatusConflict || status == http.StatusUnprocessableEntity)
		switch {
		case status == http.StatusSeeOther && closed == nil:
			v.mu.Lock()
			x.to, x.done = to, true
			v.mu.Unlock()
		case status == http.StatusTooManyRequests && ctx.Err() == nil:
			time.Sleep(time.Second)
			continue
		case again:
			v.mu.Lock()
			x.done = true
			v.mu.Unlock()
		case status < http.StatusInternalServerError:
			v.t.Errorf("%s: %s", x.path, resp.Status)
		}
		return
	}
}

// revisit sends again what was not answered: it is done now, or was done.
func (v *victim) revisit() {
	v.t.Helper()
	for _, list := range [][]*visit{v.public.booked, v.public.rated} {
		for _, x := range list {
			if !x.done {
				v.visit(v.t.Context(), x)
			}
		}
	}
}

// checkVisits opens each appointment that was confirmed.
func (v *victim) checkVisits() {
	v.t.Helper()
	for _, x := range v.public.booked {
		if x.to == "" {
			continue
		}
		resp, err := http.Get(v.url + x.to)
		if err != nil || resp.StatusCode != http.StatusOK {
			v.t.Errorf("an appointment that was confirmed can't be opened: %v, %v", resp, err)
			continue
		}
		if err := errors.Join(resp.Body.Close()); err != nil {
			v.t.Error(err)
		}
	}
}

// checkPublic counts what people did: each booking once, with one place; each rating once.
func (v *victim) checkPublic(db *store.DB) {
	v.t.Helper()
	now := v.countPublic(db)
	for i, want := range []int{len(v.public.booked), len(v.public.booked), len(v.public.rated)} {
		if got := now[i] - v.public.before[i]; got != want {
			v.t.Errorf("%s: %d; want %d", []string{"bookings", "places taken", "ratings"}[i], got, want)
		}
	}
	v.t.Logf("%d places booked, %d cases rated: each once", len(v.public.booked), len(v.public.rated))
}
