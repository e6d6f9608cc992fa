package law

import (
	"bytes"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"
	"time"
)

// overlay is a tree of files with others laid over it.
type overlay struct {
	base  fs.FS
	files map[string][]byte
}

// Open implements [fs.FS].
func (o overlay) Open(name string) (fs.File, error) {
	if data, ok := o.files[name]; ok {
		return &file{Reader: bytes.NewReader(data), info: info{path.Base(name), int64(len(data))}}, nil
	}
	return o.base.Open(name)
}

// ReadDir implements [fs.ReadDirFS].
func (o overlay) ReadDir(name string) ([]fs.DirEntry, error) {
	entries, err := fs.ReadDir(o.base, name)
	if err != nil {
		entries = nil // a jurisdiction may have no folder but what was published
	}
	over := false
	for p, data := range o.files {
		if path.Dir(p) != name {
			continue
		}
		over = true
		entries = slices.DeleteFunc(entries, func(e fs.DirEntry) bool { return e.Name() == path.Base(p) })
		entries = append(entries, fs.FileInfoToDirEntry(info{path.Base(p), int64(len(data))}))
	}
	if over {
		err = nil
	}
	slices.SortFunc(entries, func(a, b fs.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
	return entries, err
}

// with lays one more file over the tree.
func (o overlay) with(name string, data []byte) overlay {
	files := map[string][]byte{name: data}
	for k, v := range o.files {
		if k != name {
			files[k] = v
		}
	}
	return overlay{o.base, files}
}

// file is a file in memory.
type file struct {
	*bytes.Reader
	info info
}

func (f *file) Stat() (fs.FileInfo, error) { return f.info, nil }
func (f *file) Close() error               { return nil }

var _ io.Reader = (*file)(nil)

// info describes a file in memory.
type info struct {
	name string
	size int64
}

func (i info) Name() string     { return i.name }
func (i info) Size() int64      { return i.size }
func (info) Mode() fs.FileMode  { return 0o444 }
func (info) ModTime() time.Time { return time.Time{} }
func (info) IsDir() bool        { return false }
func (info) Sys() any           { return nil }
