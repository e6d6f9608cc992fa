package file

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// Blobs keeps bytes under names: a folder, or a bucket elsewhere.
type Blobs interface {
	// Write keeps what fill writes. When it returns nil, the bytes survive a power cut; when it fails, the name holds nothing.
	Write(ctx context.Context, name string, fill func(io.Writer) error) error
	// Open reads a blob. A name that holds nothing answers fs.ErrNotExist.
	Open(ctx context.Context, name string) (io.ReadCloser, error)
	// Remove deletes a blob. A name that holds nothing is no error.
	Remove(ctx context.Context, name string) error
}

// Dir keeps blobs in a folder of the local disk.
//
// It is not gocloud's fileblob because that renames without flushing: after a power cut an acknowledged file could be empty.
type Dir string

// Write keeps a blob: written beside its place, flushed, moved there, and the folder flushed too.
func (d Dir) Write(_ context.Context, name string, fill func(io.Writer) error) (err error) {
	path := filepath.Join(string(d), filepath.FromSlash(name))
	folder := filepath.Dir(path)
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return fmt.Errorf("folder of %s: %w", name, err)
	}
	f, err := os.CreateTemp(folder, ".upload-*")
	if err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	if err = errors.Join(fill(f), f.Sync(), f.Close()); err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("write %s: %w", name, err), os.Remove(f.Name()))
	}
	return errors.Join(flushFolder(folder), flushFolder(filepath.Dir(folder)))
}

// flushFolder makes the names in a folder survive a power cut.
func flushFolder(path string) error {
	f, err := os.Open(filepath.Clean(path))
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// Open reads a blob.
func (d Dir) Open(_ context.Context, name string) (io.ReadCloser, error) {
	return os.Open(filepath.Join(string(d), filepath.FromSlash(name)))
}

// Remove deletes a blob.
func (d Dir) Remove(_ context.Context, name string) error {
	err := os.Remove(filepath.Join(string(d), filepath.FromSlash(name)))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}
