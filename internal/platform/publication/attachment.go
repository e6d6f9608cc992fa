package publication

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/file"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/publication/extract"
	"openhall.org/openhall/internal/platform/publication/guard"
	"openhall.org/openhall/internal/platform/publication/redact"
	"openhall.org/openhall/internal/platform/publication/search"
	"openhall.org/openhall/internal/platform/store"
)

// Attachment opens a file of the version of a public record that is shown, or [store.ErrNotFound]. The caller closes it.
func (s *Service) Attachment(ctx context.Context, record, id store.ID) (Attachment, io.ReadCloser, error) {
	r, err := s.Get(ctx, record)
	if err != nil {
		return Attachment{}, nil, err
	}
	i := slices.IndexFunc(r.Attachments, func(a Attachment) bool { return a.File == id })
	if i < 0 {
		return Attachment{}, nil, fmt.Errorf("file %s of record %s: %w", id, record, store.ErrNotFound)
	}
	_, content, err := s.Files.Get(ctx, id)
	if err != nil {
		return Attachment{}, nil, fmt.Errorf("file %s of record %s: %w", id, record, err)
	}
	return r.Attachments[i], content, nil
}

// Uploads says what can be attached: whatever can be shown, and text. Hand attachments out as downloads: a web page among them is not ours.
func Uploads() file.Limits { return file.Limits{Types: append(file.Types(), file.TextTypes()...)} }

// FileText is the text of an attachment, extracted once.
type FileText struct {
	Text   string   // what readers see, for the index
	Whole  string   // all that the file holds, for the guard: comments, properties, hidden sheets too
	Unread []string // what no program can read: somebody has to look at it
}

// TextOf returns the text of an attachment. A file of a kind that is not read has none, and is named in Unread as a whole.
func (s *Service) TextOf(ctx context.Context, a Attachment) (FileText, error) {
	return s.filing().text(ctx, a)
}

// filing reads attachments where they are kept: beside the service, or where a dry run tries them.
type filing struct {
	db    *store.DB
	files Files
	trial bool // what is read out of files is not kept
}

func (s *Service) filing() filing { return filing{db: s.DB, files: s.Files} }

func (f filing) text(ctx context.Context, a Attachment) (FileText, error) {
	var t FileText
	var hidden, unread string
	err := f.db.Read().QueryRow(ctx, `SELECT text, hidden, unread FROM publication_text WHERE file = $1`, int64(a.File)).Scan(&t.Text, &hidden, &unread)
	if err == nil {
		if t.Whole = hidden; hidden == "" {
			t.Whole = t.Text
		}
		return t, json.Unmarshal([]byte(unread), &t.Unread)
	}
	if !isNotFound(err) {
		return t, fmt.Errorf("text of file %s: %w", a.File, err)
	}
	if t, err = f.extract(ctx, a); err != nil || f.trial {
		return t, err
	}
	raw, err := json.Marshal(t.Unread)
	if err != nil {
		return t, fmt.Errorf("text of file %s: %w", a.File, err)
	}
	if t.Whole != t.Text {
		hidden = t.Whole
	}
	err = f.db.Write(ctx, func(_ context.Context, tx *store.Tx) error {
		tx.Queue(`INSERT INTO publication_text (file, text, hidden, unread) VALUES ($1, $2, $3, $4) ON CONFLICT (file) DO NOTHING`,
			int64(a.File), t.Text, hidden, string(raw))
		return nil
	})
	if err != nil {
		return t, fmt.Errorf("text of file %s: %w", a.File, err)
	}
	return t, nil
}

func (f filing) content(ctx context.Context, id store.ID) ([]byte, error) {
	_, r, err := f.files.Get(ctx, id)
	if err != nil {
		return nil, fmt.Errorf("file %s: %w", id, err)
	}
	defer r.Close()
	content, err := io.ReadAll(r)
	if err != nil {
		return nil, fmt.Errorf("file %s: %w", id, err)
	}
	return content, nil
}

func (f filing) extract(ctx context.Context, a Attachment) (FileText, error) {
	content, err := f.content(ctx, a.File)
	if err != nil {
		return FileText{}, err
	}
	doc, err := extract.Text(ctx, extract.TypeOf(a.Name, content), content, extract.DefaultLimits())
	var unreadable *extract.Error
	if errors.As(err, &unreadable) {
		return FileText{Unread: []string{a.Name + ": " + unreadable.Err.Error()}}, nil
	}
	if err != nil {
		return FileText{}, fmt.Errorf("file %s: %w", a.File, err)
	}
	t := FileText{Text: plain(doc.Main()), Whole: plain(doc.Text)}
	for _, u := range doc.Unread {
		t.Unread = append(t.Unread, fmt.Sprintf("%s: %v", a.Name, u))
	}
	return t, nil
}

// plain takes out of a text what databases do not keep.
func plain(text string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(text, "\uFFFD"), "\x00", "")
}

// MaskAttachment puts in the place of an attachment of a draft a copy in which the personal data is masked that the guard found and nobody
// overrode. Nothing of it is left in the copy; see package redact. The file that was received stays with the draft, but is not published.
func (s *Service) MaskAttachment(ctx context.Context, actor identity.Principal, id, attachment store.ID) error {
	w, err := s.Work(ctx, actor, id)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(w.Attachments, func(a Attachment) bool { return a.File == attachment })
	if i < 0 {
		return fmt.Errorf("file %s of record %s: %w", attachment, id, store.ErrNotFound)
	}
	if err := s.allow(actor, ActionDraft, w.Body); err != nil {
		return err
	}
	if w.Attachments[i], err = s.filing().maskedCopy(ctx, actor.Account, w.Attachments[i], func(x guard.Finding, text string) bool { return w.overrides(x, text) }); err != nil {
		return err
	}
	return s.Edit(ctx, actor, id, w.Draft)
}

// maskedCopy makes a copy of an attachment in which all is masked that the guard finds, but for what stays. A file of which no such copy can
// be made is refused.
func (f filing) maskedCopy(ctx context.Context, owner store.ID, a Attachment, stays func(x guard.Finding, text string) bool) (Attachment, error) {
	content, err := f.content(ctx, a.File)
	if err != nil {
		return a, err
	}
	typ := extract.TypeOf(a.Name, content)
	doc, err := extract.Text(ctx, typ, content, extract.DefaultLimits())
	if err != nil {
		return a, notMaskable(err)
	}
	found := slices.DeleteFunc(guard.Scan(doc.Text), func(x guard.Finding) bool { return stays(x, doc.Text) })
	masked, _, err := redact.File(ctx, typ, content, extract.DefaultLimits(), redact.Masks(found))
	if err != nil {
		return a, notMaskable(err)
	}
	made, err := f.files.Put(ctx, owner, a.Name, bytes.NewReader(masked), Uploads())
	return Attachment{File: made.ID, Name: a.Name}, err
}

// notMaskable is the refusal of a file that cannot be masked here.
func notMaskable(err error) error {
	var unreadable *extract.Error
	if !errors.As(err, &unreadable) && !errors.Is(err, redact.ErrLeft) && !errors.Is(err, redact.ErrPassage) && !errors.Is(err, redact.ErrPicture) && !errors.Is(err, extract.ErrType) {
		return err
	}
	return refuse(RefusedPersonal, lang.Text{
		Hans: "这个文件不能在这里遮盖，请在原文件中遮盖后重新上传", Hant: "這個檔案不能在這裡遮蓋，請在原檔案中遮蓋後重新上傳",
		En: "This file cannot be masked here: mask it in the program that made it and upload it again",
	})
}

// doc is a version for the index.
func (s *Service) doc(ctx context.Context, q store.Querier, v *out, first calendar.Date) (search.Doc, error) {
	c := &v.statement.Content
	d := search.Doc{
		ID: v.record, Published: first, Title: c.Title, Keywords: c.Keywords, Number: c.DocumentNumber, Index: v.index, Division: v.division,
		Body: v.body, Year: first.Year(), From: c.Effective, Until: c.Repealed, Language: c.language(),
	}
	if d.From == 0 {
		d.From = first
	}
	for _, k := range s.tree.Load().path(c.Category) {
		d.Category = append(d.Category, k.Key)
	}
	var err error
	d.Text, err = readable(ctx, q, c)
	return d, err
}

// readable is all that readers see of a content, but for its title: what it is found by.
func readable(ctx context.Context, q store.Querier, c *Content) (string, error) {
	if c.Summary == "" && len(c.Questions) == 0 && len(c.Attachments) == 0 && len(c.Media) == 0 {
		return c.Text, nil
	}
	parts := []string{c.Text, c.Summary}
	for _, q := range c.Questions {
		parts = append(parts, q.Question, q.Answer)
	}
	for _, m := range c.Media {
		parts = append(parts, m.Caption)
	}
	for _, a := range c.Attachments {
		text, err := store.Scalar[string](q.QueryRow(ctx, `SELECT text FROM publication_text WHERE file = $1`, int64(a.File)))
		if err != nil && !isNotFound(err) {
			return "", fmt.Errorf("text of file %s: %w", a.File, err)
		}
		parts = append(parts, a.Name, text)
	}
	return strings.Join(slices.DeleteFunc(parts, func(p string) bool { return p == "" }), "\n"), nil
}

// texts reads what was put into the index, for snippets.
func (s *Service) texts(ctx context.Context, ids []store.ID) (map[store.ID]search.Text, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	args := make([]any, len(ids))
	for i, id := range ids {
		args[i] = int64(id)
	}
	list, err := store.All(ctx, s.DB.Read(), scanFull, `SELECT `+entryColumns+`, v.digest, v.event, v.case_id, `+says+` FROM publication_record r
		JOIN publication_version v ON v.record = r.id AND v.n = r.version WHERE r.live = 1 AND r.id IN (`+store.Placeholders(1, len(ids))+`)`, args...)
	if err != nil {
		return nil, fmt.Errorf("texts of records: %w", err)
	}
	out := make(map[store.ID]search.Text, len(list))
	for _, r := range list {
		text, err := readable(ctx, s.DB.Read(), &r.Content)
		if err != nil {
			return nil, err
		}
		out[r.ID] = search.Text{Title: r.Title, Text: text}
	}
	return out, nil
}
