package publication

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/identifier"
	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/store"
)

// Incoming is a record that was published elsewhere before.
type Incoming struct {
	Index     string        // 索引号; empty: it gets one of the month in which it was published
	Body      string        // key of the body whose record it is
	Published calendar.Date // on which it was first published; 0: today
	Content
}

// Batch is what is brought in together. Thousands of records are fine; each batch is one case.
type Batch struct {
	// Key makes the import idempotent: the same key goes on where it was interrupted. Required.
	Key string
	// Body answers for the import: its case is that of this body.
	Body    string
	Records []Incoming
	// Update makes a new version of a record that is there under the same index number and says something else. Without it such a line is
	// left as it is, and named in [Imported.Differ].
	Update bool
	// DryRun looks at everything and changes nothing.
	DryRun bool
	// Trial is where the attachments of the lines of a dry run are tried; nil: there are only such as are kept. See [file.Files.Try].
	Trial Files
	// Unguarded leaves the guard out: for what the source has looked through by the same guard. Otherwise all personal data that the guard is
	// sure of is masked, in texts and in files.
	Unguarded bool
}

// LineError says what is wrong with a line of a batch. It is left out; all others are brought in.
type LineError struct {
	Line   int // from 0
	Fields []casework.FieldError
}

// Imported says what became of a batch.
type Imported struct {
	Case    store.ID // 0 when there was nothing to do
	New     int      // records that are public now
	Updated int      // new versions of records that were there
	Same    int      // there already
	Differ  []int    // lines whose index number is there and says something else
	Masked  int      // records in which the guard masked something
	Unread  int      // files in which there is something that no program can read, such as scans: somebody has to look at them
	Errors  []LineError
	Notes   []LineNote
}

// LineNote says something about a file of a line that is brought in: what of it is masked, or that somebody has to look at it.
type LineNote struct {
	Line int // from 0
	Text lang.Text
}

// Import brings in what was published elsewhere before: it is reviewed and decided already, so its case leads straight to the release, under
// the name of the platform and with the account of whoever imports. A line that is there under its index number is left as it is. Interrupted,
// it goes on when it is called again with the same key and the same lines; what it has begun the platform ends by itself within the hour.
func (s *Service) Import(ctx context.Context, actor identity.Principal, b Batch) (Imported, error) {
	out, err := s.TakeIn(ctx, actor, b)
	if err != nil || out.Case == 0 {
		return out, err
	}
	return out, s.Release(ctx, out.Case)
}

// TakeIn is the first half of [Service.Import], up to the case that is to be released: [Service.Release] is the other one. Whoever brings
// batch after batch in takes the next one in while the last one is released.
func (s *Service) TakeIn(ctx context.Context, actor identity.Principal, b Batch) (_ Imported, err error) {
	body := s.Registry.Now().Body(b.Body)
	if body == nil || b.Key == "" {
		return Imported{}, errors.New("publication: an import needs a key, and a body that answers for it")
	}
	on := identity.Resource{Type: "publication", ID: b.Body, Division: body.Division, Body: b.Body}
	if err := s.Policy.Allow(actor, ActionImport, on); err != nil {
		return Imported{}, err
	}
	r := s.importing(&b)
	if err := r.begin(ctx, actor, body.Division); err != nil {
		return r.out, fmt.Errorf("import: %w", err)
	}
	defer func() {
		if err != nil {
			s.ahead.forget(r.batch.id)
		}
	}()
	for from := 0; from < len(b.Records); from += partSize {
		upto := min(from+partSize, len(b.Records))
		if upto <= r.taken { // an interrupted run took them in
			continue
		}
		at := max(from, r.taken)
		if err := r.part(ctx, at, ownLines(b.Records[at:upto])); err != nil {
			return r.out, fmt.Errorf("import of lines from %d on: %w", from+1, err)
		}
	}
	if b.DryRun || r.batch.records == 0 {
		return r.out, nil
	}
	if r.out.Case, err = s.handIn(ctx, r.batch.id); err != nil {
		return r.out, fmt.Errorf("import: %w", err)
	}
	return r.out, nil
}

// ownLines copies lines: what is masked in them is not masked under the hands of the caller.
func ownLines(lines []Incoming) []Incoming {
	own := slices.Clone(lines)
	for i := range own {
		c := &own[i].Content
		c.Questions, c.Media, c.Attachments, c.Links = slices.Clone(c.Questions), slices.Clone(c.Media), slices.Clone(c.Attachments), slices.Clone(c.Links)
	}
	return own
}

// importing begins an import. A dry run goes the way of a real one, but for what it reads and masks, which is kept nowhere.
func (s *Service) importing(b *Batch) *importing {
	r := &importing{s: s, b: b, filing: s.filing(), day: s.today(), tree: s.tree.Load(), seen: map[string]int{}}
	if r.filing.trial = b.DryRun; b.DryRun && b.Trial != nil {
		r.filing.files = b.Trial
	}
	return r
}

// handIn opens the case of an import.
func (s *Service) handIn(ctx context.Context, id store.ID) (store.ID, error) {
	form, err := json.Marshal(submission{Batch: id})
	if err != nil {
		return 0, fmt.Errorf("submission: %w", err)
	}
	rec, err := s.cases.Do(ctx, casework.Command{Key: "import/" + id.String(), Actor: identity.Platform, Act: casework.Submit{
		Kind: Kind, Subject: Kind, Channel: casework.Office, Form: form,
	}})
	return rec.Case, err
}

// importing is one import under way.
type importing struct {
	s      *Service
	b      *Batch
	filing filing
	batch  batch
	taken  int // lines that an interrupted run has looked at already
	parts  int // parts sealed
	day    calendar.Date
	tree   *tree
	seen   map[string]int // index number → line
	out    Imported
}

// begin makes the batch, or finds the one that was begun.
func (r *importing) begin(ctx context.Context, actor identity.Principal, division string) error {
	key := "import/" + r.b.Key
	r.batch = batch{id: r.s.IDs.New(), route: routeCarried, state: Drafted, division: division, body: r.b.Body, author: actor.Account}
	if r.b.DryRun {
		return nil
	}
	return r.s.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		var was batch
		err := tx.QueryRow(ctx, `SELECT id, records, taken FROM publication_batch WHERE key = $1`, key).Scan(&was.id, &was.records, &r.taken)
		switch {
		case isNotFound(err):
			r.s.insertBatch(tx, &r.batch, key)
			return nil
		case err != nil:
			return err
		}
		r.batch.id, r.batch.records = was.id, was.records
		r.parts, err = store.Scalar[int](tx.QueryRow(ctx, `SELECT coalesce(max(part), 0) FROM publication_version WHERE batch <> 0 AND batch = $1`, int64(was.id)))
		return err
	})
}

// ready is a line that is to be published.
type ready struct {
	in     *Incoming
	day    calendar.Date // of this version
	record store.ID      // that is there already; 0: new
	n      int
	index  string
	said   Statement
	text   string // of it, canonical
	digest string
}

// part looks at lines and takes in those that are not there.
func (r *importing) part(ctx context.Context, from int, lines []Incoming) error {
	good, err := r.check(ctx, from, lines)
	if err != nil {
		return err
	}
	masked := make([]bool, len(lines))
	if !r.b.Unguarded {
		guardTexts(lines, good, masked)
	}
	if good, err = r.readFiles(ctx, from, lines, good, masked); err != nil {
		return err
	}
	for _, m := range masked {
		if m {
			r.out.Masked++
		}
	}
	there, err := r.s.there(ctx, lines)
	if err != nil {
		return err
	}
	list := make([]*ready, 0, len(good))
	for _, i := range good {
		in := &lines[i]
		v := &ready{in: in, n: 1, index: in.Index, day: in.Published}
		if known := there[in.Index]; known != nil && in.Index != "" {
			same := known.same(in)
			switch {
			case same:
				r.out.Same++
				continue
			case !r.b.Update || known.state != Published || known.working:
				r.out.Differ = append(r.out.Differ, from+i)
				continue
			}
			r.out.Updated++
			v.record, v.n, v.day = known.record, known.latest+1, r.day
		} else {
			r.out.New++
		}
		list = append(list, v)
	}
	if r.b.DryRun {
		return nil
	}
	upto, part := from+len(lines), 0
	err = r.s.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		part = 0
		if len(list) > 0 {
			part = r.parts + 1
			if err := r.seal(ctx, tx, list); err != nil {
				return err
			}
			if err := r.insert(ctx, tx, list, part); err != nil {
				return err
			}
			for _, v := range list {
				if len(v.in.Attachments) == 0 {
					continue
				}
				if err := r.s.bind(ctx, tx, v.record, r.batch.author, v.in.Attachments); err != nil {
					return err
				}
			}
		}
		tx.QueueOne(`UPDATE publication_batch SET records = records + $2, taken = $3 WHERE id = $1 AND case_id = 0`, int64(r.batch.id), len(list), upto)
		tx.OnCommit(func() {
			r.batch.records += len(list)
			r.parts = max(r.parts, part)
		})
		return nil
	})
	if err != nil || part == 0 {
		return err
	}
	said, docs, err := r.docs(ctx, list)
	if docs != nil {
		r.s.ahead.begin(partKey{r.batch.id, part}, said, docs)
	}
	return err
}

// check looks through lines and returns those that can be taken in.
func (r *importing) check(ctx context.Context, from int, lines []Incoming) ([]int, error) {
	good := make([]int, 0, len(lines))
	places := r.s.Registry.Now()
	for i := range lines {
		in := &lines[i]
		in.clean()
		in.Index = strings.TrimSpace(in.Index)
		var fields []casework.FieldError
		fail := func(path, code string, text lang.Text) {
			fields = append(fields, casework.FieldError{Path: path, Code: code, Text: text})
		}
		if in.Published == 0 {
			in.Published = r.day
		}
		r.s.checkWords(&in.Content, fail)
		b := places.Body(in.Body)
		switch c := r.tree.byKey[in.Category]; {
		case b == nil || !places.Contains(r.batch.division, b.Division) && r.batch.division != "":
			fail("/body", "unknown", lang.Text{Hans: "没有这个机关，或者不在本地区之内", Hant: "沒有這個機關，或者不在本地區之內", En: "There is no such body, or it lies outside of the division"})
		case c == nil || c.Body != "" && c.Body != in.Body || c.Division != "" && !places.Contains(c.Division, b.Division):
			fail("/category", "unknown", lang.Text{Hans: "没有这个信息分类", Hant: "沒有這個信息分類", En: "There is no such category"})
		}
		if in.Published > r.day {
			fail("/published", "future", lang.Text{Hans: "发布日期在今天以后", Hant: "發佈日期在今天以後", En: "The day of publication lies in the future"})
		}
		if in.Repealed != 0 && in.Effective != 0 && in.Repealed < in.Effective {
			fail("/repealed", "order", lang.Text{Hans: "废止日期早于生效日期", Hant: "廢止日期早於生效日期", En: "It ends before it begins"})
		}
		r.checkIndex(from+i, in, fail)
		for j, l := range in.Links {
			if !slices.Contains(Relations(), l.Kind) || l.Index == "" && l.Record == 0 || l.Index != "" && l.Index == in.Index {
				fail(fmt.Sprintf("/links/%d", j), "unknown", lang.Text{Hans: "链接不正确", Hant: "連結不正確", En: "The link is not right"})
			}
		}
		if err := r.filing.check(ctx, &in.Content, fail); err != nil {
			return nil, err
		}
		if len(fields) > 0 {
			r.out.Errors = append(r.out.Errors, LineError{from + i, fields})
			continue
		}
		good = append(good, i)
	}
	return good, nil
}

func (r *importing) checkIndex(line int, in *Incoming, fail failure) {
	if in.Index == "" {
		return
	}
	if _, err := identifier.ParseIndexNumber(in.Index); err != nil {
		text := lang.Text{}
		var wrong *identifier.Error
		if errors.As(err, &wrong) {
			text = wrong.Text
		}
		fail("/index", "index-number", text)
		return
	}
	if first, twice := r.seen[in.Index]; twice {
		fail("/index", "twice", lang.Text{
			Hans: fmt.Sprintf("与第 %d 行的索引号相同", first+1), Hant: fmt.Sprintf("與第 %d 行的索引號相同", first+1), En: fmt.Sprintf("The same index number stands in line %d", first+1),
		})
		return
	}
	r.seen[in.Index] = line
}

// known is a record that is there under an index number.
type known struct {
	record  store.ID
	state   State
	latest  int
	working bool
	content string
}

// same reports whether the record says what a line says.
func (k *known) same(in *Incoming) bool {
	if k.content == "" {
		return k.state != Published // withdrawn: it does not come back by an import
	}
	var st Statement
	if json.Unmarshal([]byte(k.content), &st) != nil {
		return false
	}
	was, err1 := json.Marshal(unlinked(st.Content))
	now, err2 := json.Marshal(unlinked(in.Content))
	return err1 == nil && err2 == nil && string(was) == string(now)
}

// unlinked is a content with its links named by index numbers only, where they have one, and its files by what they hold.
func unlinked(c Content) Content {
	c.Attachments = slices.Clone(c.Attachments)
	for i := range c.Attachments {
		if c.Attachments[i].Digest != "" {
			c.Attachments[i].File = 0
		}
	}
	c.Links = slices.Clone(c.Links)
	for i := range c.Links {
		if c.Links[i].Index != "" {
			c.Links[i].Record = 0
		}
	}
	return c
}

// there reads which index numbers are there already.
func (s *Service) there(ctx context.Context, lines []Incoming) (map[string]*known, error) {
	var args []any
	for i := range lines {
		if lines[i].Index != "" {
			args = append(args, lines[i].Index)
		}
	}
	found := map[string]*known{}
	if len(args) == 0 {
		return found, nil
	}
	for len(args) < partSize { // one text to prepare
		args = append(args, args[0])
	}
	_, err := store.All(ctx, s.DB.Read(), func(row store.Row) (none struct{}, err error) {
		var k known
		var index string
		err = row.Scan(&index, &k.record, &k.state, &k.latest, &k.working, &k.content)
		found[index] = &k
		return none, err
	}, `SELECT r.index_no, r.id, r.state, r.latest, EXISTS (SELECT 1 FROM publication_version w WHERE w.record = r.id AND w.state = 'work'), coalesce(`+says+`, '')
		FROM publication_record r LEFT JOIN publication_version v ON v.record = r.id AND v.n = r.version AND r.live = 1
		WHERE r.index_no <> '' AND r.index_no IN (`+store.Placeholders(1, partSize)+`)`, args...)
	if err != nil {
		return nil, fmt.Errorf("look for what is there: %w", err)
	}
	return found, nil
}

// seal numbers the lines and writes their statements.
func (r *importing) seal(ctx context.Context, tx *store.Tx, list []*ready) error {
	need, used := map[series]int{}, map[series]int{}
	own := make([]series, len(list))
	for i, v := range list {
		if v.index != "" {
			n, err := identifier.ParseIndexNumber(v.index)
			if err != nil {
				return err
			}
			sr := series{n.Body, n.Year, n.Month}
			used[sr] = max(used[sr], n.Serial)
			continue
		}
		sr, err := r.s.seriesOf(v.in.Body, v.day)
		if err != nil {
			return err
		}
		own[i] = sr
		need[sr]++
	}
	if err := skip(ctx, tx, used); err != nil {
		return err
	}
	next, err := take(ctx, tx, need)
	if err != nil {
		return err
	}
	for i, v := range list {
		if v.index == "" {
			if v.index, err = own[i].number(next[own[i]]); err != nil {
				return err
			}
			next[own[i]]++
		}
		if v.record == 0 {
			v.record = r.s.IDs.New()
		}
		v.said = Statement{Content: v.in.Content, Index: v.index, Published: v.day, Record: v.record, Type: StatementType, V: 1, Version: v.n}
		if v.text, v.digest, err = v.said.Canonical(); err != nil {
			return err
		}
	}
	return nil
}

// skip moves series behind serials that came from elsewhere.
func skip(_ context.Context, tx *store.Tx, used map[series]int) error {
	for _, sr := range slices.SortedFunc(maps.Keys(used), compareSeries) {
		tx.Queue(`INSERT INTO publication_series (body, month, next) VALUES ($1, $2, $3) ON CONFLICT (body, month) DO UPDATE
			SET next = CASE WHEN publication_series.next < excluded.next THEN excluded.next ELSE publication_series.next END`,
			sr.code, sr.year*100+int(sr.month), used[sr]+1)
	}
	return nil
}

// Rows of one statement of an import: few texts, each prepared once.
const rowsTogether = 25

const versionColumns = `record, n, state, body, batch, part, day, at, event, case_id, author, digest, content, extra`

func (r *importing) insert(ctx context.Context, tx *store.Tx, list []*ready, part int) error {
	at := store.Micros(r.s.instant())
	records := rows{width: 26, text: `INSERT INTO publication_record (` + recordColumns + `) VALUES `}
	texts := rows{width: 3, text: `INSERT INTO publication_sealed (record, n, content) VALUES `}
	versions := rows{width: 14, text: `INSERT INTO publication_version (` + versionColumns + `) VALUES `}
	for _, v := range list {
		c := &v.in.Content
		if v.n > 1 {
			tx.Queue(`UPDATE publication_record SET latest = $2 WHERE id = $1`, int64(v.record), v.n)
		} else {
			b, err := r.s.bodyOf(v.in.Body)
			if err != nil {
				return err
			}
			root, item := r.tree.shelf(c.Category)
			records.add(tx, int64(v.record), v.index, string(Drafted), 0, b.Division, head(b.Division, cityDigits), head(b.Division, countyDigits), v.in.Body,
				c.Category, item, root, 0, 1, c.Title, c.Summary, c.DocumentNumber, c.Genre, c.language(), int64(c.Made), 0, 0, int64(c.Effective),
				int64(c.Repealed), at, 0, "")
		}
		versions.add(tx, int64(v.record), v.n, "work", v.in.Body, int64(r.batch.id), part, int64(v.day), at, 0, 0, int64(r.batch.author), v.digest, "", "")
		texts.add(tx, int64(v.record), v.n, v.text)
	}
	records.end(tx)
	versions.end(tx)
	texts.end(tx)
	return nil
}

// rows writes many rows by few statements.
type rows struct {
	text  string
	width int
	args  []any
	n     int
}

func (r *rows) add(tx *store.Tx, values ...any) {
	r.args = append(r.args, values...)
	if r.n++; r.n == rowsTogether {
		r.end(tx)
	}
}

func (r *rows) end(tx *store.Tx) {
	if r.n == 0 {
		return
	}
	if r.n < rowsTogether {
		for i := range r.n {
			tx.Queue(r.text+"("+store.Placeholders(1, r.width)+")", r.args[i*r.width:(i+1)*r.width]...)
		}
	} else {
		tx.Queue(r.many(), r.args...)
	}
	r.args, r.n = nil, 0
}

// many is the statement for a full set of rows.
func (r *rows) many() string {
	var b strings.Builder
	b.WriteString(r.text)
	for i := range rowsTogether {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString("(" + store.Placeholders(1+i*r.width, r.width) + ")")
	}
	return b.String()
}
