package disclosure

import (
	"context"
	"errors"
	"slices"
	"testing"

	"openhall.org/openhall/internal/platform/store"
)

// What is released behind comes in order; the first failure stops whoever takes in, and neither failure is lost.
func TestReleaseBehind(t *testing.T) {
	full, own := errors.New("disk full"), errors.New("row 7 has no file")
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	for name, tt := range map[string]struct {
		ctx      context.Context
		fails    store.ID // case whose release fails
		err      error    // of whoever takes in
		released []store.ID
		want     []error
	}{
		"all":             {t.Context(), 0, nil, []store.ID{1, 2, 3}, nil},
		"a release fails": {t.Context(), 2, nil, []store.ID{1, 2}, []error{full}},
		"only stopped":    {t.Context(), 2, context.Canceled, []store.ID{1, 2}, []error{full}},
		"both fail":       {t.Context(), 2, own, []store.ID{1, 2}, []error{full, own}},
		"taking in fails": {t.Context(), 0, own, []store.ID{1, 2, 3}, []error{own}},
		"nobody waits":    {gone, 0, context.Canceled, nil, []error{context.Canceled}},
	} {
		t.Run(name, func(t *testing.T) {
			var released []store.ID
			b, ctx := releaseBehind(tt.ctx, func(_ context.Context, kase store.ID) error {
				if released = append(released, kase); kase == tt.fails {
					return full
				}
				return nil
			})
			for kase := range store.ID(3) {
				b.cases <- kase + 1
			}
			err := b.end(tt.err)
			if !slices.Equal(released, tt.released) {
				t.Errorf("released %v, want %v", released, tt.released)
			}
			if (err != nil) != (len(tt.want) > 0) || ctx.Err() == nil {
				t.Errorf("ended with %v; context: %v", err, ctx.Err())
			}
			for _, want := range tt.want {
				if !errors.Is(err, want) {
					t.Errorf("%v is lost in %v", want, err)
				}
			}
			if errors.Is(err, context.Canceled) != slices.Contains(tt.want, context.Canceled) {
				t.Errorf("ended with %v", err)
			}
		})
	}
}
