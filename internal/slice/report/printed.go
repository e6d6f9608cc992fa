package report

import (
	"fmt"
	"sync"

	"openhall.org/openhall/internal/core/lang"
)

// keptPrints is how many printed reports are kept: some 10 MB.
const keptPrints = 32

// prints keeps published reports that were printed lately. They do not change any more.
type prints struct {
	mu   sync.Mutex
	kept map[printKey][]byte
	old  []printKey // in the order in which they came
}

// of returns a report as it was printed, or prints it. One that is not published is printed every time.
func (p *prints) of(w *Work, tag lang.Tag, years []yearLine, set func() ([]byte, error)) ([]byte, error) {
	if w.State != Published {
		return set()
	}
	key := printKey{w.ID, tag, fmt.Sprint(years)} // an earlier year may be corrected, and its bar becomes longer
	p.mu.Lock()
	pdf, ok := p.kept[key]
	p.mu.Unlock()
	if ok {
		return pdf, nil
	}
	pdf, err := set()
	if err != nil {
		return nil, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.kept == nil {
		p.kept = map[printKey][]byte{}
	}
	if _, ok := p.kept[key]; !ok {
		p.kept[key] = pdf
		if p.old = append(p.old, key); len(p.old) > keptPrints {
			delete(p.kept, p.old[0])
			p.old = p.old[1:]
		}
	}
	return pdf, nil
}
