package file

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/store/seal"
)

// Sealed names the columns of sealed values.
func Sealed() []seal.Column {
	return []seal.Column{
		{Table: "file_", Name: "name", Key: []string{"id"}, Place: seal.ByID(func(id int64) string { return nameContext(store.ID(id)) })},
	}
}

// After returns files behind one, by their identifiers: to walk over all of them.
func (s *Files) After(ctx context.Context, id store.ID, limit int) ([]store.ID, error) {
	return store.All(ctx, s.o.DB.Read(), store.Scalar[store.ID], `SELECT id FROM file_ WHERE id > $1 ORDER BY id LIMIT $2`, int64(id), limit)
}

// keyAt is where the name of the key stands in a blob: behind the length of the first part.
const keyAt = 4

// KeyOf returns the short name of the key that the content of a file is sealed with.
func (s *Files) KeyOf(ctx context.Context, id store.ID) (string, error) {
	blob, err := s.o.Blobs.Open(ctx, BlobName(id))
	if err != nil {
		return "", fmt.Errorf("file %s: %w", id, errors.Join(ErrAltered, err))
	}
	var head [2 * keyAt]byte
	_, err = io.ReadFull(blob, head[:])
	if err = errors.Join(err, blob.Close()); err != nil {
		return "", fmt.Errorf("file %s: %w", id, errors.Join(ErrAltered, err))
	}
	return seal.KeyOf(head[keyAt:]), nil
}

// Reseal seals the content of a file anew with the key that seals now, and reports whether that was to be done. The content is compared
// with its digest first: what was altered is left as it is. A file that is erased meanwhile stays erased.
func (s *Files) Reseal(ctx context.Context, id store.ID) (bool, error) {
	now := s.o.Keys.Keys()[0]
	if key, err := s.KeyOf(ctx, id); err != nil || key == now {
		return false, err
	}
	_, r, err := s.Get(ctx, id)
	if err != nil {
		return false, err
	}
	var content bytes.Buffer
	_, err = content.ReadFrom(r)
	if err = errors.Join(err, r.Close()); err != nil {
		return false, err
	}
	done := false
	err = s.o.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		// Whoever erases the file waits for the row, and finds the new bytes then.
		_, err := store.Scalar[int64](tx.QueryRow(ctx, `SELECT id FROM file_ WHERE id = $1`+tx.ForUpdate(), int64(id)))
		if errors.Is(err, store.ErrNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		done = true
		return s.o.Blobs.Write(ctx, BlobName(id), func(w io.Writer) error { return sealTo(w, s.o.Keys, id, content.Bytes()) })
	})
	if err != nil {
		return false, fmt.Errorf("seal file %s anew: %w", id, err)
	}
	return done, nil
}
