package approval

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/file"
	"openhall.org/openhall/internal/platform/store"
)

// maxFiles is how many files a draft, or one command, may carry.
const maxFiles = 50

var tooManyFiles = lang.Text{
	Hans: "文件已达 50 个，请合并后再上传", Hant: "檔案已達 50 個，請合併後再上傳", En: "There are 50 files already; join some before you add more",
}

// reference is how a case names an upload.
func reference(f file.File, material string) casework.FileRef {
	return casework.FileRef{ID: f.ID, Name: f.Name, Digest: f.Digest, Size: f.Size, Type: f.Type, Material: material}
}

// checkFiles refuses references that do not name an upload, or not as it is: the log shows the digest.
func checkFiles(ctx context.Context, uploads *file.Files, refs []casework.FileRef) error {
	if len(refs) > maxFiles {
		return &casework.Refusal{Code: casework.RefusedFile, Text: tooManyFiles}
	}
	for _, ref := range refs {
		f, err := uploads.Stat(ctx, ref.ID)
		if errors.Is(err, store.ErrNotFound) || err == nil && f.Digest != ref.Digest {
			return &casework.Refusal{Code: casework.RefusedFile, Args: map[string]any{"File": ref.ID.String()}}
		}
		if err != nil {
			return fmt.Errorf("look up a file: %w", err)
		}
	}
	return nil
}

// bindFiles lets the files that an event brought belong to the case, so that no sweep takes them.
func bindFiles(ctx context.Context, tx *store.Tx, c *casework.Case, h casework.Happened) error {
	raw, ok := h.Private["files"]
	if !ok {
		return nil
	}
	var refs []casework.FileRef
	if err := json.Unmarshal(raw, &refs); err != nil {
		return fmt.Errorf("files of %s: %w", c.Number, err)
	}
	ids := make([]store.ID, len(refs))
	for i, ref := range refs {
		ids[i] = ref.ID
	}
	return file.Bind(ctx, tx, h.Actor.Account, file.Holder{Kind: file.HolderCase, ID: c.ID}, ids...)
}

// upload is a file on its way in.
type upload struct {
	material, name string
	open           func() (io.ReadCloser, error)
}

// addToDraft keeps an upload and adds it to the draft, which the caller saves.
func (s *Service) addToDraft(ctx context.Context, d *casework.Draft, u upload) error {
	if len(d.Content.Files) >= maxFiles {
		return &file.Refusal{Text: tooManyFiles}
	}
	f, err := s.put(ctx, d.Account, u)
	if err != nil {
		return err
	}
	return s.attachToDraft(ctx, d, f, u.material)
}

func (s *Service) put(ctx context.Context, owner store.ID, u upload) (file.File, error) {
	r, err := u.open()
	if err != nil {
		return file.File{}, fmt.Errorf("read the upload: %w", err)
	}
	f, err := s.Files.Put(ctx, owner, u.name, r, file.Limits{})
	return f, errors.Join(err, r.Close())
}

// attachToDraft adds a file that is there already, such as one of an earlier application.
func (s *Service) attachToDraft(ctx context.Context, d *casework.Draft, f file.File, material string) error {
	same := func(ref casework.FileRef) bool { return ref.ID == f.ID && ref.Material == material }
	if slices.ContainsFunc(d.Content.Files, same) {
		return nil
	}
	err := s.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		return file.Bind(ctx, tx, d.Account, file.Holder{Kind: file.HolderDraft, ID: d.ID}, f.ID)
	})
	if err != nil {
		return fmt.Errorf("add a file to draft %s: %w", d.ID, err)
	}
	d.Content.Files = append(d.Content.Files, reference(f, material))
	return nil
}

func (s *Service) releaseFiles(ctx context.Context, draft store.ID) error {
	return s.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		return file.Release(ctx, tx, file.Holder{Kind: file.HolderDraft, ID: draft})
	})
}

// DropDraft deletes a draft of the account and lets its files go.
func (s *Service) DropDraft(ctx context.Context, account, draft store.ID) error {
	if _, err := s.Cases.Draft(ctx, account, draft); err != nil {
		return err
	}
	if err := s.Cases.DeleteDraft(ctx, account, draft); err != nil {
		return fmt.Errorf("delete draft %s: %w", draft, err)
	}
	return s.releaseFiles(ctx, draft)
}
