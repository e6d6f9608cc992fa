package disclosure

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/publication/search"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/platform/web/form"
)

// savedSearch is a search that somebody wants to be told of (订阅).
type savedSearch struct {
	id      store.ID
	account store.ID
	query   string // as in the address of the search
	mail    bool
	at      time.Time
	fresh   int // records that its owner has not looked at
}

// maxSaved is how many searches one account saves.
const maxSaved = 50

// savedView is the list of somebody's searches.
type savedView struct {
	list  []savedLine
	offer string // description of the search that may be saved; empty: none
	query string
	form  *form.Form
}

type savedLine struct {
	savedSearch
	text, href string
}

// sealedFor is where the words of a search are sealed: what people look for is theirs.
func sealedFor(id store.ID) string { return "disclosure.search/" + id.String() }

func (s *Service) scanSaved(row store.Row) (x savedSearch, err error) {
	var sealed []byte
	var mail, at int64
	if err = row.Scan(&x.id, &x.account, &sealed, &mail, &at, &x.fresh); err != nil {
		return x, err
	}
	plain, err := s.Keys.Open(sealedFor(x.id), sealed)
	if err != nil {
		return x, fmt.Errorf("saved search %s: %w", x.id, err)
	}
	x.query, x.mail, x.at = string(plain), mail == 1, store.Instant(at)
	return x, nil
}

const savedColumns = `s.id, s.account, s.query, s.mail, s.at, (SELECT count(*) FROM disclosure_found f WHERE f.search = s.id AND f.at > s.seen)`

func (s *Service) savedOf(ctx context.Context, account store.ID) ([]savedSearch, error) {
	list, err := store.All(ctx, s.DB.Read(), s.scanSaved, `SELECT `+savedColumns+` FROM disclosure_search s WHERE s.account = $1 ORDER BY s.id DESC`, int64(account))
	if err != nil {
		return nil, fmt.Errorf("saved searches: %w", err)
	}
	return list, nil
}

func (s *Service) getSaved(who identity.Principal, w http.ResponseWriter, r *http.Request) error {
	v := web.ViewOf(r)
	p, err := s.savedView(r.Context(), v, who, form.Of(nil))
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, savedPage(v, p))
}

func (s *Service) savedView(ctx context.Context, v *web.View, who identity.Principal, f *form.Form) (savedView, error) {
	list, err := s.savedOf(ctx, who.Account)
	p := savedView{form: f}
	for _, x := range list {
		values, perr := url.ParseQuery(x.query)
		if perr != nil {
			return p, fmt.Errorf("saved search %s: %w", x.id, perr)
		}
		q := s.queryOf(values)
		p.list = append(p.list, savedLine{x, s.describe(v.L, q), s.href("/open/search", q)})
	}
	return p, err
}

// getSave offers to save the search of the address.
func (s *Service) getSave(who identity.Principal, w http.ResponseWriter, r *http.Request) error {
	v := web.ViewOf(r)
	p, err := s.savedView(r.Context(), v, who, form.Of(nil))
	if err != nil {
		return err
	}
	q := s.queryOf(r.URL.Query())
	q.After = ""
	p.offer, p.query = s.describe(v.L, q), s.values(q).Encode()
	return web.Render(w, r, http.StatusOK, savedPage(v, p))
}

func (s *Service) postSave(who identity.Principal, w http.ResponseWriter, r *http.Request) error {
	v := web.ViewOf(r)
	f, err := form.Parse(r)
	if err != nil {
		return web.BadRequest("", err)
	}
	values, err := url.ParseQuery(f.Value("query"))
	if err != nil {
		return web.BadRequest("", err)
	}
	q := s.queryOf(values)
	q.After = ""
	have, err := s.savedOf(r.Context(), who.Account)
	if err != nil {
		return err
	}
	if len(have) >= maxSaved {
		f.Fail("", v.L.T("disclosure.saved.too-many", web.Args{"Count": maxSaved}))
		p, err := s.savedView(r.Context(), v, who, f)
		if err != nil {
			return err
		}
		p.offer, p.query = s.describe(v.L, q), s.values(q).Encode()
		return web.Render(w, r, http.StatusUnprocessableEntity, savedPage(v, p))
	}
	text := s.values(q).Encode()
	for _, x := range have {
		if x.query == text {
			return web.SeeOther(w, r, "/me/searches") // it was saved before
		}
	}
	id, now := s.IDs.New(), store.Micros(s.Now())
	err = s.DB.Write(r.Context(), func(_ context.Context, tx *store.Tx) error {
		tx.Queue(`INSERT INTO disclosure_search (id, account, query, mail, seen, at) VALUES ($1, $2, $3, 1, $4, $5)`, int64(id), int64(who.Account),
			s.Keys.Seal(sealedFor(id), []byte(text)), now, now)
		return nil
	})
	if err != nil {
		return fmt.Errorf("save a search: %w", err)
	}
	web.SetFlash(w, r, web.Flash{Kind: "success", Key: "disclosure.saved.done"})
	return web.SeeOther(w, r, "/me/searches")
}

// postSaved changes or removes a saved search, or opens it and notes that its owner has looked at what is new.
func (s *Service) postSaved(who identity.Principal, w http.ResponseWriter, r *http.Request) error {
	f, err := form.Parse(r)
	if err != nil {
		return web.BadRequest("", err)
	}
	id, err := store.ParseID(r.PathValue("search"))
	if err != nil {
		return web.NotFound("disclosure.error.saved")
	}
	found, err := store.One(r.Context(), s.DB.Read(), s.scanSaved, `SELECT `+savedColumns+` FROM disclosure_search s WHERE s.id = $1 AND s.account = $2`, int64(id), int64(who.Account))
	if errors.Is(err, store.ErrNotFound) {
		return web.NotFound("disclosure.error.saved")
	}
	if err != nil {
		return err
	}
	to := "/me/searches"
	err = s.DB.Write(r.Context(), func(_ context.Context, tx *store.Tx) error {
		switch f.Value("do") {
		case "remove":
			tx.Queue(`DELETE FROM disclosure_found WHERE search = $1`, int64(id))
			tx.Queue(`DELETE FROM disclosure_search WHERE id = $1 AND account = $2`, int64(id), int64(who.Account))
		case "quiet":
			tx.Queue(`UPDATE disclosure_search SET mail = 1 - mail WHERE id = $1 AND account = $2`, int64(id), int64(who.Account))
		default:
			tx.Queue(`UPDATE disclosure_search SET seen = $3 WHERE id = $1 AND account = $2`, int64(id), int64(who.Account), store.Micros(s.Now()))
			to = "/open/search?" + found.query
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("saved search: %w", err)
	}
	return web.SeeOther(w, r, to)
}

const (
	alertEvery = 5 * time.Minute
	alertLease = time.Minute
	alertPage  = 100 // newest hits that are looked at for each search
	alertBatch = 200 // searches in one transaction
	alertBack  = 3   // days: what was published earlier is not new
)

// keepAlerting looks for what is new for saved searches until ctx ends, on one node.
func (s *Service) keepAlerting(ctx context.Context, holder string) {
	lease := store.Lease{DB: s.DB, Name: "disclosure.alerts", Holder: holder, For: alertLease, Now: s.Now}
	tick := time.NewTicker(alertEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		mine, err := lease.Hold(ctx)
		if err == nil && mine {
			_, err = s.Alert(ctx)
		}
		if err != nil && ctx.Err() == nil {
			s.Log.ErrorContext(ctx, "saved searches could not be looked through; it is tried again", "error", err)
		}
	}
}

// Alert finds what is new for each saved search and tells its owner once, however many searches it answers. Whoever was told in this hour is told in
// the next one; what the owner has looked at meanwhile is told to nobody. It returns how many were told.
func (s *Service) Alert(ctx context.Context) (told int, err error) {
	for after := store.ID(0); ; {
		list, err := store.All(ctx, s.DB.Read(), s.scanSaved, `SELECT `+savedColumns+` FROM disclosure_search s WHERE s.id > $1 AND s.mail = 1 ORDER BY s.id LIMIT $2`, int64(after), alertBatch)
		if err != nil {
			return 0, fmt.Errorf("saved searches: %w", err)
		}
		for i := range list {
			if err := s.freshFor(ctx, &list[i]); err != nil {
				return 0, err
			}
			after = list[i].id
		}
		if len(list) < alertBatch {
			break
		}
	}
	if s.Alerts == nil {
		return 0, nil
	}
	owners, err := store.All(ctx, s.DB.Read(), func(r store.Row) (id store.ID, err error) { return id, r.Scan(&id) },
		`SELECT DISTINCT s.account FROM disclosure_found f JOIN disclosure_search s ON s.id = f.search WHERE f.told = 0 AND s.mail = 1`)
	if err != nil {
		return 0, fmt.Errorf("who is to be told: %w", err)
	}
	for _, account := range owners { // one who cannot be told keeps nobody else from it
		now, terr := s.tellOwner(ctx, account)
		err = errors.Join(err, terr)
		if now {
			told++
		}
	}
	return told, err
}

// tellOwner tells an account that its searches have found something, unless it was told in this hour or has looked at it. What it was told is
// noted afterwards: if the program dies in between, the notice of the same hour is written once all the same.
func (s *Service) tellOwner(ctx context.Context, account store.ID) (bool, error) {
	var fresh int
	var last int64
	err := s.DB.Read().QueryRow(ctx, `SELECT COALESCE(MAX(CASE WHEN f.told = 0 AND f.at > s.seen AND s.mail = 1 THEN 1 ELSE 0 END), 0), COALESCE(MAX(f.told), 0)
		FROM disclosure_search s JOIN disclosure_found f ON f.search = s.id WHERE s.account = $1`, int64(account)).Scan(&fresh, &last)
	if err != nil {
		return false, fmt.Errorf("what account %s is to be told: %w", account, err)
	}
	now := s.Now()
	if fresh == 1 && hourOf(store.Instant(last)) == hourOf(now) {
		return false, nil
	}
	at := int64(1) // it was looked at before anybody told
	if fresh == 1 {
		if err := s.Alerts.Alert(ctx, account); err != nil {
			return false, err
		}
		at = store.Micros(now)
	}
	err = s.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		return tx.Exec(ctx, `UPDATE disclosure_found SET told = $2 WHERE told = 0 AND search IN (SELECT id FROM disclosure_search WHERE account = $1 AND mail = 1)`, int64(account), at)
	})
	if err != nil {
		return false, fmt.Errorf("note what account %s was told: %w", account, err)
	}
	return fresh == 1, nil
}

// hourOf numbers the hours as notices do that are written once an hour.
func hourOf(at time.Time) int64 { return at.Unix() / int64(time.Hour/time.Second) }

// freshFor notes the new hits of a search; nobody was told of them yet.
func (s *Service) freshFor(ctx context.Context, x *savedSearch) error {
	values, err := url.ParseQuery(x.query)
	if err != nil {
		return fmt.Errorf("saved search %s: %w", x.id, err)
	}
	q := s.queryOf(values)
	q.Order, q.Size, q.After = search.Newest, alertPage, ""
	q.From = max(s.today()-alertBack, calendar.Of(x.at))
	page, err := s.Index.Find(ctx, q)
	if err != nil || len(page.Hits) == 0 {
		return err
	}
	now := store.Micros(s.Now())
	return s.DB.Write(ctx, func(_ context.Context, tx *store.Tx) error {
		for _, h := range page.Hits {
			tx.Queue(`INSERT INTO disclosure_found (search, record, told, at) VALUES ($1, $2, 0, $3) ON CONFLICT (search, record) DO NOTHING`, int64(x.id), int64(h.ID), now)
		}
		return nil
	})
}
