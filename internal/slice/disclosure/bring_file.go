package disclosure

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"path"
	"path/filepath"
	"slices"

	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/file"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/publication"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/slice/disclosure/importing"
)

// takenFiles is where the files go that rows name.
type takenFiles interface {
	publication.Files
	Take(ctx context.Context, owner store.ID, name string, open func() (io.ReadCloser, error), limits file.Limits) (file.File, error)
}

// filesFor is where files go: a dry run tries them as a real one takes them.
func filesFor(files *file.Files, how Load) takenFiles {
	if how.DryRun {
		return files.Try()
	}
	return keptFiles{files}
}

type keptFiles struct{ *file.Files }

func (k keptFiles) Take(ctx context.Context, owner store.ID, name string, open func() (io.ReadCloser, error), limits file.Limits) (file.File, error) {
	content, err := open()
	if err != nil {
		return file.File{}, err
	}
	f, err := k.Put(ctx, owner, name, content, limits)
	return f, errors.Join(err, content.Close())
}

// attach takes in the files that a row names. What a record that is there already has of them is not taken in again: only an update looks
// whether a file of the same name has another content now.
func (s *Service) attach(ctx context.Context, actor identity.Principal, in *publication.Incoming, names []string, how Load, to takenFiles) error {
	if len(names) == 0 {
		return nil
	}
	var have []publication.Attachment
	there := false
	if in.Index != "" {
		rec, err := s.Records.ByIndex(ctx, in.Index)
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return err
		}
		if there = err == nil; there {
			have = slices.Clone(rec.Attachments)
		}
	}
	for _, name := range names {
		at := slices.IndexFunc(have, func(a publication.Attachment) bool { return a.Name == path.Base(filepath.ToSlash(name)) })
		if at >= 0 {
			same := true
			if how.Update && how.Attach != nil {
				digest, err := digestOf(how, name)
				if err != nil {
					return unfitFile(name, err)
				}
				same = digest == have[at].Digest
			}
			if same {
				in.Attachments = append(in.Attachments, have[at])
				have = slices.Delete(have, at, at+1)
				continue
			}
		}
		if how.Attach == nil || there && !how.Update {
			continue
		}
		f, err := to.Take(ctx, actor.Account, name, how.source(name), publication.Uploads())
		if err != nil {
			return unfitFile(name, err)
		}
		in.Attachments = append(in.Attachments, publication.Attachment{File: f.ID})
	}
	return nil
}

// digestOf is the hash of a file that a row names, as records state it.
func digestOf(how Load, name string) (string, error) {
	content, err := how.source(name)()
	if err != nil {
		return "", err
	}
	h := sha256.New()
	_, err = io.Copy(h, content)
	if err = errors.Join(err, content.Close()); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// source opens a file that a row names. What cannot be read of it is told from what cannot be kept.
func (how Load) source(name string) func() (io.ReadCloser, error) {
	return func() (io.ReadCloser, error) {
		content, err := how.Attach(name)
		if err != nil {
			return nil, &unreadable{err}
		}
		return source{content}, nil
	}
}

type source struct{ io.ReadCloser }

func (s source) Read(p []byte) (int, error) {
	n, err := s.ReadCloser.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		err = &unreadable{err}
	}
	return n, err
}

type unreadable struct{ err error }

func (u *unreadable) Error() string { return u.err.Error() }
func (u *unreadable) Unwrap() error { return u.err }

// unfit says why a file that a row names cannot be taken in: the row is left out, and all others come in.
type unfit struct {
	name         string
	rule, remedy lang.Text
}

func (u *unfit) Error() string { return u.name + ": " + u.rule.En }

func (u *unfit) problem(row int) importing.Problem {
	return importing.Problem{Row: row, Field: importing.ColumnOf("attachments"), Value: u.name, Rule: u.rule, Remedy: u.remedy}
}

// unfitFile tells an error that is the file's from all others.
func unfitFile(name string, err error) error {
	if refused := (*file.Refusal)(nil); errors.As(err, &refused) {
		return &unfit{name: name, rule: refused.Text}
	}
	if unread := (*unreadable)(nil); errors.As(err, &unread) {
		return &unfit{
			name: name, rule: lang.Text{Hans: "附件打不开", Hant: "附件打不開", En: "the file cannot be opened"},
			remedy: lang.Text{
				Hans: "请核对它是文件而不是文件夹，而且运行本程序的账号可以读取", Hant: "請核對它是檔案而不是資料夾，而且執行本程式的帳號可以讀取",
				En: "See that it is a file and no folder, and that the account that runs this program may read it",
			},
		}
	}
	return fmt.Errorf("attachment %s: %w", name, err)
}
