package registry

import (
	"strings"
	"time"

	"openhall.org/openhall/internal/platform/store"
)

// Snapshot is the registry as it stood at one instant. It never changes, so neither it nor what it returns may be altered.
type Snapshot struct {
	version  int64
	order    []*Division // by code: a division stands before what lies in it
	division map[string]*Division
	children map[string][]*Division
	roots    []*Division
	folded   []string // the searchable names of order, see find.go
	fold     map[rune]rune

	body     map[string]*Body
	bodiesIn map[string][]*Body
	centre   map[string]*Centre
	centreIn map[string][]*Centre
	window   map[string]*Window
	byWindow map[string]*Centre   // by window
	centres  []*Centre            // in the order of their keys
	runs     map[string][]*Centre // by body
	post     map[string]*Post
	postsOf  map[string][]*Post // by body
	serves   map[serving]bool
	held     map[store.ID][]Appointment
	holders  map[string][]Appointment // by post
}

// serving is one body whose matters one post takes in at a window.
type serving struct{ post, body string }

// build never fails: rows that an edit left were checked, and a reference that hangs between two queries is read again.
func build(all rows) *Snapshot {
	s := &Snapshot{
		order:    all.divisions,
		division: make(map[string]*Division, len(all.divisions)),
		children: make(map[string][]*Division, len(all.divisions)/8),
		body:     map[string]*Body{}, bodiesIn: map[string][]*Body{},
		centre: map[string]*Centre{}, centreIn: map[string][]*Centre{}, window: map[string]*Window{},
		byWindow: map[string]*Centre{}, centres: all.centres,
		post: map[string]*Post{}, postsOf: map[string][]*Post{}, serves: map[serving]bool{},
		held: map[store.ID][]Appointment{}, holders: map[string][]Appointment{},
	}
	for _, d := range all.divisions {
		s.division[d.Code] = d
		if parent := s.above(d); parent != nil {
			s.children[parent.Code] = append(s.children[parent.Code], d)
		} else {
			s.roots = append(s.roots, d)
		}
	}
	s.index()
	runs := map[string][]*Centre{} // by body
	s.runs = runs
	for _, b := range all.bodies {
		s.body[b.Key] = b
		s.bodiesIn[b.Division] = append(s.bodiesIn[b.Division], b)
	}
	for _, c := range all.centres {
		s.centre[c.Key] = c
		s.centreIn[c.Division] = append(s.centreIn[c.Division], c)
		runs[c.Body] = append(runs[c.Body], c)
		for i := range c.Windows {
			s.window[c.Windows[i].Key] = &c.Windows[i]
			s.byWindow[c.Windows[i].Key] = c
		}
	}
	for _, p := range all.posts {
		if b := s.body[p.Body]; b != nil {
			p.Division = b.Division
		}
		s.post[p.Key] = p
		s.postsOf[p.Body] = append(s.postsOf[p.Body], p)
		s.seat(p, runs[p.Body])
	}
	for _, a := range all.appointments {
		s.held[a.Account] = append(s.held[a.Account], a)
		s.holders[a.Post] = append(s.holders[a.Post], a)
	}
	return s
}

// above returns the next division above that is there: a city without districts has townships directly below it.
func (s *Snapshot) above(d *Division) *Division {
	for level := d.Level - 1; level >= Province; level-- {
		if parent := s.division[d.Code[:digits[level]]+strings.Repeat("0", 12-digits[level])]; parent != nil {
			return parent
		}
	}
	return nil
}

// seat notes whose matters a post takes in: those of its own body, and of the bodies that its windows serve.
func (s *Snapshot) seat(p *Post, runs []*Centre) {
	s.serves[serving{p.Key, p.Body}] = true
	serve := func(w *Window) {
		if w == nil {
			return
		}
		for _, body := range w.Bodies {
			s.serves[serving{p.Key, body}] = true
		}
	}
	for _, key := range p.Windows {
		serve(s.window[key])
	}
	if len(p.Windows) > 0 || !p.Has(Clerk) && !p.Has(Agent) {
		return
	}
	for _, c := range runs {
		for i := range c.Windows {
			serve(&c.Windows[i])
		}
	}
}

// Division returns the division with the 12-digit code, or nil.
func (s *Snapshot) Division(code string) *Division { return s.division[code] }

// Divisions returns all divisions in the order of their codes.
func (s *Snapshot) Divisions() []*Division { return s.order }

// Children returns the divisions right below one, or those at the top for "".
func (s *Snapshot) Children(code string) []*Division {
	if code == "" {
		return s.roots
	}
	return s.children[code]
}

// Path returns the division and all above it, the highest first: the breadcrumbs of its site. It is empty when there is none.
func (s *Snapshot) Path(code string) []*Division {
	var path []*Division
	for d := s.division[code]; d != nil; d = s.above(d) {
		path = append([]*Division{d}, path...)
	}
	return path
}

// Contains reports whether the division code is the ancestor or lies within it. The code "" stands for the whole node, which only
// a division at the top contains.
func (s *Snapshot) Contains(ancestor, code string) bool {
	a := s.division[ancestor]
	if a == nil {
		return false
	}
	if code == "" {
		return s.above(a) == nil
	}
	return s.division[code] != nil && strings.HasPrefix(code, ancestor[:digits[a.Level]])
}

// Body returns the body with the key, or nil.
func (s *Snapshot) Body(key string) *Body { return s.body[key] }

// Bodies returns the bodies of a division, not of those below it.
func (s *Snapshot) Bodies(division string) []*Body { return s.bodiesIn[division] }

// Centre returns the centre with the key, or nil.
func (s *Snapshot) Centre(key string) *Centre { return s.centre[key] }

// Centres returns the service centres of a division, not of those below it.
func (s *Snapshot) Centres(division string) []*Centre { return s.centreIn[division] }

// AllCentres returns all centres in the order of their keys. The slice belongs to the snapshot.
func (s *Snapshot) AllCentres() []*Centre { return s.centres }

// CentresRunBy returns the centres that a body runs.
func (s *Snapshot) CentresRunBy(body string) []*Centre { return s.runs[body] }

// CentreOf returns the centre of a window, or nil.
func (s *Snapshot) CentreOf(window string) *Centre { return s.byWindow[window] }

// Window returns the window with the key, or nil.
func (s *Snapshot) Window(key string) *Window { return s.window[key] }

// Post returns the post with the key, or nil.
func (s *Snapshot) Post(key string) *Post { return s.post[key] }

// Posts returns the posts of a body.
func (s *Snapshot) Posts(body string) []*Post { return s.postsOf[body] }

// Serves reports whether the post takes in matters of the body: its own body always, others when one of its windows serves them.
func (s *Snapshot) Serves(post, body string) bool { return s.serves[serving{post, body}] }

// PostsOf returns the posts that an account holds at an instant, in the order of their keys.
func (s *Snapshot) PostsOf(account store.ID, at time.Time) []*Post {
	var posts []*Post
	for _, a := range s.held[account] {
		p := s.post[a.Post]
		if p == nil || !a.holds(at) || Over(p.Ended, at) || len(posts) > 0 && posts[len(posts)-1] == p {
			continue
		}
		posts = append(posts, p)
	}
	return posts
}

// Holders returns the accounts that hold a post at an instant.
func (s *Snapshot) Holders(post string, at time.Time) []store.ID {
	var accounts []store.ID
	for _, a := range s.holders[post] {
		if a.holds(at) && (len(accounts) == 0 || accounts[len(accounts)-1] != a.Account) {
			accounts = append(accounts, a.Account)
		}
	}
	return accounts
}

// AppointmentsTo returns all appointments to a post, past and future ones too, by account and beginning.
func (s *Snapshot) AppointmentsTo(post string) []Appointment { return s.holders[post] }

// AppointmentsOf returns all appointments of an account, past and future ones too.
func (s *Snapshot) AppointmentsOf(account store.ID) []Appointment { return s.held[account] }
