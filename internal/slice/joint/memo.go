package joint

import "sync"

// memo keeps what was worked out from a text, because the same text comes again with each application: the terms of the parts, the form of
// the whole. What it returns is shared: nobody changes it.
type memo[T any] struct {
	mu sync.Mutex
	of map[string]T
}

// maxMemo bounds what a memo holds; when it is full, it begins anew.
const maxMemo = 500

func (m *memo[T]) get(text string, work func() (T, error)) (T, error) {
	m.mu.Lock()
	v, ok := m.of[text]
	m.mu.Unlock()
	if ok {
		return v, nil
	}
	v, err := work() // two at once work it out twice, and come to the same
	if err != nil {
		return v, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.of == nil || len(m.of) >= maxMemo {
		m.of = map[string]T{}
	}
	m.of[text] = v
	return v, nil
}
