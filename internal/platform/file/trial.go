package file

import (
	"bytes"
	"context"
	"fmt"
	"io"

	"openhall.org/openhall/internal/platform/store"
)

// Trial takes files as [Files] does, with the same refusals, and keeps none: for dry runs. What was kept before is there too. Of what was
// tried it remembers what it is and how to open it again, and the content of the last [Trial.Put] only, so that it stays small whatever is
// tried. It is for one goroutine.
type Trial struct {
	files *Files
	tried map[store.ID]tried
	last  store.ID
	made  []byte // content of the last one that was put
}

// tried is a file that would have been taken.
type tried struct {
	file File
	open func() (io.ReadCloser, error) // nil: its content was put
}

// Try returns a place in which files are taken and not kept.
func (s *Files) Try() *Trial { return &Trial{files: s, tried: map[store.ID]tried{}} }

// Take tries a file that can be opened again.
func (t *Trial) Take(ctx context.Context, owner store.ID, name string, open func() (io.ReadCloser, error), limits Limits) (File, error) {
	r, err := open()
	if err != nil {
		return File{}, err
	}
	defer r.Close()
	f, _, err := t.files.examine(ctx, owner, name, r, limits)
	if err == nil {
		t.tried[f.ID] = tried{f, open}
	}
	return f, err
}

// Put tries a file whose content can be read until the next one is put.
func (t *Trial) Put(ctx context.Context, owner store.ID, name string, r io.Reader, limits Limits) (File, error) {
	f, content, err := t.files.examine(ctx, owner, name, r, limits)
	if err == nil {
		t.tried[f.ID], t.last, t.made = tried{file: f}, f.ID, content
	}
	return f, err
}

// Stat returns what is known of a file, tried or kept, or [store.ErrNotFound].
func (t *Trial) Stat(ctx context.Context, id store.ID) (File, error) {
	if f, ok := t.tried[id]; ok {
		return f.file, nil
	}
	return t.files.Stat(ctx, id)
}

// Get returns a file, tried or kept, and its content, which the caller closes.
func (t *Trial) Get(ctx context.Context, id store.ID) (File, io.ReadCloser, error) {
	f, ok := t.tried[id]
	switch {
	case !ok:
		return t.files.Get(ctx, id)
	case f.open != nil:
		r, err := f.open()
		if err != nil {
			return f.file, nil, fmt.Errorf("file %s: %w", id, err)
		}
		return f.file, r, nil
	case id != t.last:
		return f.file, nil, fmt.Errorf("file %s was tried and is let go of: %w", id, store.ErrNotFound)
	}
	return f.file, io.NopCloser(bytes.NewReader(t.made)), nil
}
