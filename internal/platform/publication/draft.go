package publication

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"time"
	"unicode/utf8"

	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/file"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/store"
)

// Draft is what somebody wants to publish: a new record, or a new version of one that was published.
type Draft struct {
	Record store.ID // of which it is a new version; 0: a new record
	Body   string   // whose record it is; of a new version that of the record
	Content
	// Duty is the key of the duty that it meets when it is published; see [Service.Owe]. Links meet duties too: what interprets a record
	// meets the duty to interpret it.
	Duty string
	// Overrides say why something in which the guard sees personal data stays as it is.
	Overrides []Override
}

// Work is a draft as it stands.
type Work struct {
	Draft
	Number   int // of the version
	State    State
	Division string
	Index    string // of the record; empty before it was published
	Author   store.ID
	At       time.Time // last edited
	Case     store.ID  // in which it is; 0: it was not handed in
}

// extra is what is stored beside the content of a version in work.
type extra struct {
	Duty      string     `json:"duty,omitempty"`
	Overrides []Override `json:"overrides,omitempty"`
}

// Limits of a record.
const (
	maxTitle       = 300     // characters
	maxSummary     = 2_000   // characters
	maxText        = 500_000 // characters
	maxShort       = 200     // characters of any other field
	maxAttachments = 50
	maxLinks       = 100
)

// HolderRecord is what attachments are bound to.
const HolderRecord = "publication"

// Draft keeps a draft of a new record, or of a new version of a published one, and returns the id of the record. What is wrong is a
// *casework.Refusal with the fields.
func (s *Service) Draft(ctx context.Context, actor identity.Principal, d Draft) (store.ID, error) {
	if d.Record != 0 {
		return d.Record, s.newVersion(ctx, actor, d)
	}
	id, _, err := s.DraftOnce(ctx, actor, d, "")
	return id, err
}

// TryDraft says what [Service.Draft] would refuse in a draft, and keeps nothing.
func (s *Service) TryDraft(ctx context.Context, actor identity.Principal, d Draft) error {
	if err := s.allow(actor, ActionDraft, d.Body); err != nil {
		return err
	}
	return s.check(ctx, &d)
}

// DraftOnce keeps a draft of a new record, unless the same sending has made one that is still in work: then it returns that one as it is. The
// key names the sending; among those who send at the same moment, to whichever node, the database lets one make the draft. Without a key each
// sending makes its own.
func (s *Service) DraftOnce(ctx context.Context, actor identity.Principal, d Draft, key string) (id store.ID, made bool, err error) {
	if err := s.allow(actor, ActionDraft, d.Body); err != nil {
		return 0, false, err
	}
	if err := s.check(ctx, &d); err != nil {
		return 0, false, err
	}
	const tries = 3 // the draft of before can go while we look for it
	for range tries {
		id = s.IDs.New()
		err = s.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
			if err := s.insertRecord(tx, id, d.Body, &d.Content); err != nil {
				return err
			}
			return s.putWork(ctx, tx, id, 1, actor, &d, key)
		})
		if key == "" || !store.IsDuplicate(err) {
			break
		}
		first, ferr := store.Scalar[store.ID](s.DB.Read().QueryRow(ctx, `SELECT record FROM publication_version WHERE sent <> '' AND sent = $1 AND state = 'work'`, key))
		if ferr == nil {
			return first, false, nil
		}
		if !isNotFound(ferr) {
			return 0, false, fmt.Errorf("draft: %w", ferr)
		}
	}
	return id, err == nil, wrapFile(err, "draft")
}

func (s *Service) newVersion(ctx context.Context, actor identity.Principal, d Draft) error {
	r, err := s.row(ctx, s.DB.Read(), d.Record)
	if err != nil {
		return err
	}
	if err := s.allow(actor, ActionDraft, r.Body); err != nil {
		return err
	}
	d.Body = r.Body
	if err := s.check(ctx, &d); err != nil {
		return err
	}
	err = s.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		var state State
		var version, latest int
		err := tx.QueryRow(ctx, `SELECT state, version, latest FROM publication_record WHERE id = $1`+tx.ForUpdate(), int64(d.Record)).
			Scan(&state, &version, &latest)
		if err != nil {
			return err
		}
		open, err := store.Scalar[int64](tx.QueryRow(ctx, `SELECT count(*) FROM publication_version WHERE record = $1 AND state = 'work'`, int64(d.Record)))
		if err != nil {
			return err
		}
		if state == Withdrawn || open > 0 {
			return errState
		}
		tx.Queue(`UPDATE publication_record SET latest = latest + 1 WHERE id = $1`, int64(d.Record))
		if version == 0 { // what was withheld comes again (art. 18)
			s.describe(tx, d.Record, &d.Content)
		}
		return s.putWork(ctx, tx, d.Record, latest+1, actor, &d, "")
	})
	return wrapFile(err, "new version")
}

// errState becomes a refusal once the transaction was rolled back.
var errState = errors.New("the version is not where it would have to be")

var refusedState = refuse(RefusedState, lang.Text{
	Hans: "该信息当前状态不能进行这一操作：可能正在审查、已经公开或者已撤回，请刷新后再看", Hant: "該信息當前狀態不能進行這一操作：可能正在審查、已經公開或者已撤回，請重新整理後再看",
	En: "The record cannot take this now: it may be under review, published already or withdrawn; open the page again",
})

func wrapFile(err error, what string) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, errState):
		return refusedState
	case errors.Is(err, file.ErrNotOwned):
		return &casework.Refusal{Code: casework.RefusedFile}
	default:
		return fmt.Errorf("%s: %w", what, err)
	}
}

// Edit changes a draft, or what was returned for revision.
func (s *Service) Edit(ctx context.Context, actor identity.Principal, id store.ID, d Draft) error {
	w, err := s.Work(ctx, actor, id)
	if err != nil {
		return err
	}
	if err := s.allow(actor, ActionDraft, w.Body); err != nil {
		return err
	}
	if w.State != Drafted {
		return refusedState
	}
	d.Record, d.Body = id, w.Body
	if err := s.check(ctx, &d); err != nil {
		return err
	}
	err = s.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		// Locked and looked at again: it may have been handed in meanwhile.
		if err := s.lockDraft(ctx, tx, id, w.Number); err != nil {
			return err
		}
		if w.Number == 1 {
			s.describe(tx, id, &d.Content)
		}
		return s.putWork(ctx, tx, id, w.Number, actor, &d, "")
	})
	return wrapFile(err, "edit")
}

// lockDraft locks a version in work that nobody is reviewing.
func (s *Service) lockDraft(ctx context.Context, tx *store.Tx, id store.ID, n int) error {
	batch, err := store.Scalar[int64](tx.QueryRow(ctx, `SELECT batch FROM publication_version WHERE record = $1 AND n = $2 AND state = 'work'`+tx.ForUpdate(),
		int64(id), n))
	if isNotFound(err) {
		return errState
	}
	if err != nil || batch == 0 {
		return err
	}
	state, err := store.Scalar[State](tx.QueryRow(ctx, `SELECT state FROM publication_batch WHERE id = $1`+tx.ForUpdate(), batch))
	if err == nil && state != Drafted {
		err = errState
	}
	return err
}

// Discard deletes a draft that was never handed in: also one that was to be when the program ended, so that no case has it. What an import is
// bringing in is none.
func (s *Service) Discard(ctx context.Context, actor identity.Principal, id store.ID) error {
	w, err := s.Work(ctx, actor, id)
	if err != nil {
		return err
	}
	if err := s.allow(actor, ActionDraft, w.Body); err != nil {
		return err
	}
	err = s.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		n, err := tx.ExecCount(ctx, `DELETE FROM publication_version WHERE record = $1 AND n = $2 AND state = 'work'
			AND (batch = 0 OR EXISTS (SELECT 1 FROM publication_batch b WHERE b.id = publication_version.batch AND b.case_id = 0 AND b.route <> 'carried'))`, int64(id), w.Number)
		if err != nil {
			return err
		}
		if n == 0 {
			return errState
		}
		if w.Number == 1 {
			tx.Queue(`DELETE FROM publication_record WHERE id = $1 AND version = 0`, int64(id))
			return file.Release(ctx, tx, file.Holder{Kind: HolderRecord, ID: id})
		}
		tx.Queue(`UPDATE publication_record SET latest = latest - 1 WHERE id = $1`, int64(id))
		return nil
	})
	return wrapFile(err, "discard")
}

// Work returns the version of a record that is in work, or [store.ErrNotFound].
func (s *Service) Work(ctx context.Context, actor identity.Principal, id store.ID) (*Work, error) {
	w, err := s.work(ctx, s.DB.Read(), id)
	if err != nil {
		return nil, err
	}
	return w, s.allow(actor, ActionRead, w.Body)
}

const workColumns = `v.record, v.n, r.index_no, r.division, r.body, v.author, v.at, coalesce(b.case_id, 0), coalesce(b.state, 'draft'), v.digest, ` + says + `, v.extra`

const workTables = ` FROM publication_version v JOIN publication_record r ON r.id = v.record LEFT JOIN publication_batch b ON b.id = v.batch AND v.batch <> 0`

func scanWork(row store.Row) (*Work, error) {
	var w Work
	var at int64
	var digest, content, more string
	err := row.Scan(&w.Record, &w.Number, &w.Index, &w.Division, &w.Body, &w.Author, &at, &w.Case, &w.State, &digest, &content, &more)
	if err != nil {
		return nil, err
	}
	w.At = store.Instant(at)
	if digest != "" {
		var st Statement
		err = json.Unmarshal([]byte(content), &st)
		w.Content = st.Content
	} else {
		err = json.Unmarshal([]byte(content), &w.Content)
	}
	var e extra
	if err == nil && more != "" {
		err = json.Unmarshal([]byte(more), &e)
	}
	w.Duty, w.Overrides = e.Duty, e.Overrides
	if err != nil {
		return nil, fmt.Errorf("draft of record %s: %w", w.Record, err)
	}
	return &w, nil
}

func (s *Service) work(ctx context.Context, q store.Querier, id store.ID) (*Work, error) {
	return store.One(ctx, q, scanWork, `SELECT `+workColumns+workTables+` WHERE v.record = $1 AND v.state = 'work'`, int64(id))
}

// Works lists what a body has in work, the latest first. Before is the record after which the page begins; 0: the first page.
func (s *Service) Works(ctx context.Context, actor identity.Principal, body string, before store.ID, limit int) ([]*Work, error) {
	if err := s.allow(actor, ActionRead, body); err != nil {
		return nil, err
	}
	if before == 0 {
		before = maxID
	}
	list, err := store.All(ctx, s.DB.Read(), scanWork, `SELECT `+workColumns+workTables+` WHERE v.state = 'work' AND v.body = $1 AND v.record < $2
		ORDER BY v.record DESC LIMIT $3`, body, int64(before), pageSize(limit))
	if err != nil {
		return nil, fmt.Errorf("drafts: %w", err)
	}
	return list, nil
}

// InCase lists the versions that a case is about, whatever became of them, in the order of their records: those after a record, 0: from the
// first. All is how many the case has.
func (s *Service) InCase(ctx context.Context, actor identity.Principal, kase, after store.ID, limit int) (list []*Work, all int, err error) {
	b, err := store.One(ctx, s.DB.Read(), scanBatch, `SELECT `+batchColumns+` FROM publication_batch WHERE case_id <> 0 AND case_id = $1`, int64(kase))
	if err != nil {
		return nil, 0, fmt.Errorf("versions of case %s: %w", kase, err)
	}
	if err := s.allow(actor, ActionRead, b.body); err != nil {
		return nil, 0, err
	}
	list, err = store.All(ctx, s.DB.Read(), scanWork, `SELECT `+workColumns+workTables+` WHERE v.batch <> 0 AND v.batch = $1 AND v.record > $2
		ORDER BY v.record LIMIT $3`, int64(b.id), int64(after), pageSize(limit))
	if err != nil {
		return nil, 0, fmt.Errorf("versions of case %s: %w", b.number, err)
	}
	return list, b.records, nil
}

const maxID = store.ID(1<<63 - 1)

func pageSize(n int) int {
	if n <= 0 || n > 500 {
		return 50
	}
	return n
}

// putWork writes a version in work. The sending that made it stays with it when it is edited.
func (s *Service) putWork(ctx context.Context, tx *store.Tx, id store.ID, n int, actor identity.Principal, d *Draft, sent string) error {
	content, err := json.Marshal(&d.Content)
	if err != nil {
		return fmt.Errorf("content: %w", err)
	}
	more, err := json.Marshal(extra{d.Duty, d.Overrides})
	if err != nil {
		return fmt.Errorf("content: %w", err)
	}
	if len(d.Attachments) > 0 {
		if err := s.bind(ctx, tx, id, actor.Account, d.Attachments); err != nil {
			return err
		}
	}
	tx.Queue(`INSERT INTO publication_version (record, n, state, body, batch, part, day, at, event, case_id, author, digest, content, extra, sent)
		VALUES ($1, $2, 'work', $3, 0, 0, 0, $4, 0, 0, $5, '', $6, $7, $8)
		ON CONFLICT (record, n) DO UPDATE SET at = excluded.at, content = excluded.content, extra = excluded.extra`,
		int64(id), n, d.Body, store.Micros(s.instant()), int64(actor.Account), string(content), string(more), sent)
	return nil
}

// bind lets the attachments belong to the record. What belongs to it already may have been uploaded by somebody else.
func (s *Service) bind(ctx context.Context, tx *store.Tx, id, owner store.ID, list []Attachment) error {
	bound, err := file.Bound(ctx, tx, file.Holder{Kind: HolderRecord, ID: id})
	if err != nil {
		return err
	}
	var fresh []store.ID
	for _, a := range list {
		if !slices.Contains(bound, a.File) {
			fresh = append(fresh, a.File)
		}
	}
	return file.Bind(ctx, tx, owner, file.Holder{Kind: HolderRecord, ID: id}, fresh...)
}

// insertRecord makes the row of a new record.
func (s *Service) insertRecord(tx *store.Tx, id store.ID, body string, c *Content) error {
	b, err := s.bodyOf(body)
	if err != nil {
		return err
	}
	root, item := s.tree.Load().shelf(c.Category)
	tx.Queue(`INSERT INTO publication_record (`+recordColumns+`) VALUES (`+recordPlaceholders+`)`,
		int64(id), "", string(Drafted), 0, b.Division, head(b.Division, cityDigits), head(b.Division, countyDigits), body, c.Category, item, root, 0, 1,
		c.Title, c.Summary, c.DocumentNumber, c.Genre, c.language(), int64(c.Made), 0, 0, int64(c.Effective), int64(c.Repealed),
		store.Micros(s.instant()), 0, "")
	return nil
}

// describe brings the columns of a record in line with a content.
func (s *Service) describe(tx *store.Tx, id store.ID, c *Content) {
	root, item := s.tree.Load().shelf(c.Category)
	tx.Queue(`UPDATE publication_record SET category = $2, item = $3, root = $4, title = $5, summary = $6, docno = $7, genre = $8, language = $9,
		made = $10, effective = $11, repealed = $12, updated_at = $13 WHERE id = $1`,
		int64(id), c.Category, item, root, c.Title, c.Summary, c.DocumentNumber, c.Genre, c.language(), int64(c.Made), int64(c.Effective),
		int64(c.Repealed), store.Micros(s.instant()))
}

func (c *Content) language() string {
	if c.Language == "" {
		return "zh-Hans"
	}
	return c.Language
}

var languageTag = regexp.MustCompile(`^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$`)

// check looks through a draft and fills in what is known of its attachments.
func (s *Service) check(ctx context.Context, d *Draft) error {
	d.clean()
	var fields []casework.FieldError
	fail := func(path, code string, text lang.Text) {
		fields = append(fields, casework.FieldError{Path: path, Code: code, Text: text})
	}
	s.checkWords(&d.Content, fail)
	s.checkCategory(d, fail)
	if c := &d.Content; c.Repealed != 0 && c.Effective != 0 && c.Repealed < c.Effective {
		fail("/repealed", "order", lang.Text{Hans: "废止日期早于生效日期，请核对", Hant: "廢止日期早於生效日期，請核對", En: "It ends before it begins; look at both days again"})
	}
	if d.Made > s.today() {
		fail("/made", "future", lang.Text{Hans: "生成日期在今天以后，请核对", Hant: "生成日期在今天以後，請核對", En: "The day on which it was made lies in the future; look at it again"})
	}
	if err := s.checkLinks(ctx, d, fail); err != nil {
		return err
	}
	if err := s.filing().check(ctx, &d.Content, fail); err != nil {
		return err
	}
	if len(fields) > 0 {
		return &casework.Refusal{Code: casework.RefusedForm, Fields: fields}
	}
	return nil
}

type failure func(path, code string, text lang.Text)

// Limit is how many characters a field of a record may have, by its path in refusals; 0 for what is no text.
func Limit(path string) int {
	switch path {
	case "/title":
		return maxTitle
	case "/summary":
		return maxSummary
	case "/text":
		return maxText
	case "/documentNumber", "/genre", "/theme", "/audience", "/lifeCycle", "/source", "/format":
		return maxShort
	}
	return 0
}

func (s *Service) checkWords(c *Content, fail failure) {
	for _, f := range []struct{ path, value string }{
		{"/title", c.Title}, {"/summary", c.Summary}, {"/text", c.Text}, {"/documentNumber", c.DocumentNumber}, {"/genre", c.Genre}, {"/theme", c.Theme},
		{"/audience", c.Audience}, {"/lifeCycle", c.LifeCycle}, {"/source", c.Source}, {"/format", c.Format},
	} {
		if utf8.RuneCountInString(f.value) > Limit(f.path) {
			fail(f.path, "maxLength", lang.Text{})
		}
	}
	if c.Title == "" {
		fail("/title", "required", lang.Text{})
	}
	if c.Language != "" && !languageTag.MatchString(c.Language) {
		fail("/language", "format", lang.Text{Hans: "请写语言代码，例如 zh-Hans、zh-Hant、en", Hant: "請寫語言代碼，例如 zh-Hans、zh-Hant、en", En: "Write the code of a language, such as zh-Hans, zh-Hant or en"})
	}
	if c.Text == "" && len(c.Attachments) == 0 && len(c.Questions) == 0 && len(c.Media) == 0 {
		fail("/text", "required", lang.Text{Hans: "请填写正文，或者上传附件", Hant: "請填寫正文，或者上傳附件", En: "Write a text, or attach a file"})
	}
}

func (s *Service) checkCategory(d *Draft, fail failure) {
	c := s.tree.Load().byKey[d.Category]
	places := s.Registry.Now()
	b := places.Body(d.Body)
	switch {
	case d.Category == "":
		fail("/category", "required", lang.Text{})
	case c == nil || b == nil || c.Body != "" && c.Body != d.Body || c.Division != "" && !places.Contains(c.Division, b.Division):
		fail("/category", "unknown", lang.Text{Hans: "没有这个信息分类，请从列表中选择", Hant: "沒有這個信息分類，請從列表中選擇", En: "There is no such category; choose one of the list"})
	case c.Ended != 0 && c.Ended <= s.today():
		fail("/category", "ended", lang.Text{Hans: "这个信息分类已停用，请选择其他分类", Hant: "這個信息分類已停用，請選擇其他分類", En: "Nothing more is published under this category; choose another one"})
	}
}

func (s *Service) checkLinks(ctx context.Context, d *Draft, fail failure) error {
	if len(d.Links) > maxLinks {
		fail("/links", "maxItems", lang.Text{})
		return nil
	}
	for i := range d.Links {
		l := &d.Links[i]
		path := fmt.Sprintf("/links/%d", i)
		if !slices.Contains(Relations(), l.Kind) {
			fail(path+"/relation", "enum", lang.Text{})
			continue
		}
		var r *Record
		var err error
		if l.Record != 0 {
			r, err = s.row(ctx, s.DB.Read(), l.Record)
		} else {
			r, err = s.rowByIndex(ctx, s.DB.Read(), l.Index)
		}
		switch {
		case err != nil && !isNotFound(err):
			return err
		case err != nil || r.State == Withdrawn:
			fail(path, "unknown", lang.Text{Hans: "没有这个索引号的信息，请核对", Hant: "沒有這個索引號的信息，請核對", En: "There is no record of this index number; look at it again"})
		case r.ID == d.Record:
			fail(path, "self", lang.Text{Hans: "不能链接到信息自身", Hant: "不能連結到信息自身", En: "A record cannot be linked with itself"})
		default:
			l.Record, l.Index = r.ID, r.Index
		}
	}
	return nil
}

// check fills in name, size, type and digest from what was uploaded: a draft, or a line of an import, names files only.
func (f filing) check(ctx context.Context, c *Content, fail failure) error {
	if len(c.Attachments) > maxAttachments {
		fail("/attachments", "maxItems", lang.Text{})
		return nil
	}
	for i := range c.Attachments {
		a := &c.Attachments[i]
		there, err := f.files.Stat(ctx, a.File)
		if isNotFound(err) {
			fail(fmt.Sprintf("/attachments/%d", i), "unknown", lang.Text{Hans: "附件已不在，请重新上传", Hant: "附件已不在，請重新上傳", En: "The file is not there any more; upload it again"})
			continue
		}
		if err != nil {
			return fmt.Errorf("attachment: %w", err)
		}
		if a.Name == "" {
			a.Name = there.Name
		}
		a.Digest, a.Size, a.Type = there.Digest, there.Size, there.Type
	}
	return nil
}
