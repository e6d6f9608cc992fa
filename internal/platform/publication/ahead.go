package publication

import (
	"cmp"
	"context"
	"reflect"
	"runtime"
	"slices"
	"sync"

	"openhall.org/openhall/internal/platform/publication/search"
	"openhall.org/openhall/internal/platform/store"
)

// indexAhead prepares parts of imports for the index while the lines that follow are looked through, outside of any transaction: it is most
// of the work of an import. The transaction that publishes a part takes what was prepared only if it says exactly what is published, and
// does the work itself otherwise, so nothing depends on it.
type indexAhead struct {
	mu    sync.Mutex
	parts map[partKey]*aheadPart
	slots chan struct{} // as many at once as there are processors
	index search.Preparer
}

type partKey struct {
	batch store.ID
	part  int
}

type aheadPart struct {
	said  map[string]*Statement // by their digests
	docs  []search.Doc          // by their identifiers
	done  chan struct{}
	batch *search.Batch // nil: it could not be prepared
}

// maxAhead bounds how many parts wait, about three megabytes each.
const maxAhead = 16

func newIndexAhead() *indexAhead {
	return &indexAhead{parts: map[partKey]*aheadPart{}, slots: make(chan struct{}, runtime.GOMAXPROCS(0))}
}

// begin prepares a part of which these statements were sealed.
func (a *indexAhead) begin(key partKey, said map[string]*Statement, docs []search.Doc) {
	byID(docs)
	p := &aheadPart{said: said, docs: docs, done: make(chan struct{})}
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.parts) >= maxAhead || a.parts[key] != nil {
		return
	}
	a.parts[key] = p
	go func() {
		defer close(p.done)
		a.slots <- struct{}{}
		defer func() { <-a.slots }()
		if b, err := a.index.Prepare(docs...); err == nil { // whoever publishes the part meets the error again
			p.batch = b
		}
		a.rest()
	}()
}

// wait waits until a part is ready, if it is being prepared.
func (a *indexAhead) wait(key partKey) {
	a.mu.Lock()
	p := a.parts[key]
	a.mu.Unlock()
	if p != nil {
		<-p.done
	}
}

// said returns the statements of a part by their digests, or nil when it was not prepared.
func (a *indexAhead) said(key partKey) map[string]*Statement {
	a.mu.Lock()
	defer a.mu.Unlock()
	if p := a.parts[key]; p != nil {
		return p.said
	}
	return nil
}

// take returns what was prepared of a part, or nil when nothing was or when it says something else.
func (a *indexAhead) take(key partKey, docs []search.Doc) *search.Batch {
	a.mu.Lock()
	p := a.parts[key]
	delete(a.parts, key)
	a.mu.Unlock()
	if p == nil {
		return nil
	}
	<-p.done
	if !slices.EqualFunc(p.docs, docs, func(a, b search.Doc) bool { return reflect.DeepEqual(a, b) }) {
		return nil
	}
	return p.batch
}

// rest lets the memory of preparing go when nothing waits: the load is over.
func (a *indexAhead) rest() {
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.parts) == 0 {
		a.index.Rest()
	}
}

// forget lets go of all parts of a batch.
func (a *indexAhead) forget(batch store.ID) {
	defer a.rest()
	a.mu.Lock()
	defer a.mu.Unlock()
	for key := range a.parts {
		if key.batch == batch {
			delete(a.parts, key)
		}
	}
}

func byID(docs []search.Doc) {
	slices.SortFunc(docs, func(a, b search.Doc) int { return cmp.Compare(a.ID, b.ID) })
}

// index puts what a part publishes into the index.
func (s *Service) index(ctx context.Context, tx *store.Tx, key partKey, docs []search.Doc) error {
	byID(docs)
	if b := s.ahead.take(key, docs); b != nil {
		return s.Search.PutBatch(ctx, tx, b)
	}
	return s.Search.Put(ctx, tx, docs...)
}

// docs describes new records for the index before they are published, and what they say. Both are nil when one of them is a new version of a
// record that is there.
func (r *importing) docs(ctx context.Context, list []*ready) (said map[string]*Statement, docs []search.Doc, err error) {
	said, docs = make(map[string]*Statement, len(list)), make([]search.Doc, len(list))
	for i, v := range list {
		if v.n > 1 {
			return nil, nil, nil
		}
		b, err := r.s.bodyOf(v.in.Body)
		if err != nil {
			return nil, nil, err
		}
		o := out{record: v.record, n: v.n, day: v.day, index: v.index, division: b.Division, body: v.in.Body, statement: v.said}
		said[v.digest], v.text = &v.said, "" // it is written; what waits does not hold it
		if docs[i], err = r.s.doc(ctx, r.s.DB.Read(), &o, v.day); err != nil {
			return nil, nil, err
		}
	}
	return said, docs, nil
}
