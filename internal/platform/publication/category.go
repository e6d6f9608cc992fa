package publication

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/store/journal"
	"openhall.org/openhall/rules"
)

// The uniform columns of all government sites (国办公开办函〔2019〕61号), and that of requests.
const (
	ColumnGuide     = "guide"     // 政府信息公开指南
	ColumnSystem    = "system"    // 政府信息公开制度
	ColumnStatutory = "statutory" // 法定主动公开内容
	ColumnAnnual    = "annual"    // 政府信息公开年报
	ColumnRequest   = "request"   // 依申请公开
)

// Measure is what the privacy guard does with what it finds in a category; see [guard.Policy].
type Measure string

// The measures.
const (
	MaskFound  Measure = "mask"  // identity and bank numbers stop it, what is less grave is masked when the record is handed in
	BlockFound Measure = "block" // nothing is handed in before all was masked by hand or overridden
)

// Category (信息分类) is a node of the classification. Its key is for good: records name it.
type Category struct {
	Key      string            `json:"key" yaml:"key"`
	Parent   string            `json:"parent,omitempty" yaml:"parent"`
	Division string            `json:"division,omitempty" yaml:"division"` // 12 digits; empty: for everybody
	Body     string            `json:"body,omitempty" yaml:"body"`         // empty: for every body of the division
	Place    int               `json:"place,omitempty" yaml:"place"`       // among its siblings
	Title    lang.Text         `json:"title" yaml:"title"`
	Article  string            `json:"article,omitempty" yaml:"article"` // of the regulations of 2019
	Before   string            `json:"before,omitempty" yaml:"before"`   // of those of 2007
	Guard    Measure           `json:"guard,omitempty" yaml:"guard"`     // empty: that of the parent; at the top mask
	Owes     map[string]string `json:"owes,omitempty" yaml:"owes"`       // kind of duty → rule of its term
	Ended    calendar.Date     `json:"ended,omitempty" yaml:"-"`         // first day on which nothing more is published under it
}

// tree is the classification at one instant. It never changes.
type tree struct {
	version  int64
	byKey    map[string]*Category
	children map[string][]*Category
}

func newTree(version int64, all []*Category) *tree {
	t := &tree{version: version, byKey: map[string]*Category{}, children: map[string][]*Category{}}
	slices.SortStableFunc(all, func(a, b *Category) int { return cmp.Or(cmp.Compare(a.Place, b.Place), strings.Compare(a.Key, b.Key)) })
	for _, c := range all {
		t.byKey[c.Key] = c
		t.children[c.Parent] = append(t.children[c.Parent], c)
	}
	return t
}

// path returns a category and all above it, the highest first.
func (t *tree) path(key string) []*Category {
	var path []*Category
	for c := t.byKey[key]; c != nil && len(path) < maxDepth; c = t.byKey[c.Parent] {
		path = append(path, c)
	}
	slices.Reverse(path)
	return path
}

// shelf returns the column and the category of the second level above a category; a column is its own.
func (t *tree) shelf(key string) (root, item string) {
	path := t.path(key)
	switch len(path) {
	case 0:
		return "", ""
	case 1:
		return key, key
	default:
		return path[0].Key, path[1].Key
	}
}

// below returns the keys of a category and of all below it.
func (t *tree) below(key string) []string {
	keys := []string{key}
	for i := 0; i < len(keys); i++ {
		for _, c := range t.children[keys[i]] {
			keys = append(keys, c.Key)
		}
	}
	return keys
}

func (t *tree) measure(key string) Measure {
	path := t.path(key)
	for _, c := range slices.Backward(path) {
		if c.Guard != "" {
			return c.Guard
		}
	}
	return MaskFound
}

// maxDepth bounds the levels of the classification.
const maxDepth = 8

// Category returns the category with the key, or nil.
func (s *Service) Category(key string) *Category { return s.tree.Load().byKey[key] }

// Categories returns what stands right below a category (the columns for ""), in their order, as far as it concerns a body: what is for
// everybody, for the divisions above the body or for the body itself. An empty body gets what is for everybody in the division, and with
// an empty division what is for all.
func (s *Service) Categories(parent, division, body string) []*Category {
	t, places := s.tree.Load(), s.Registry.Now()
	if b := places.Body(body); b != nil {
		division = b.Division
	}
	var list []*Category
	for _, c := range t.children[parent] {
		if c.Body != "" && c.Body != body || c.Division != "" && !places.Contains(c.Division, division) {
			continue
		}
		list = append(list, c)
	}
	return list
}

// CategoryPath returns a category and all above it, the highest first.
func (s *Service) CategoryPath(key string) []*Category { return s.tree.Load().path(key) }

var categoryKey = regexp.MustCompile(`^[a-z0-9]+([.-][a-z0-9]+)*$`)

// PutCategory makes a category or changes it: at the top the system administrator, below whoever manages those of the division or body. A
// key or a parent never changes. What is wrong is a *casework.Refusal with the fields key, parent, division, body and title.
func (s *Service) PutCategory(ctx context.Context, actor identity.Principal, c Category) error {
	on := identity.Resource{Type: "category", ID: c.Key, Division: c.Division, Body: c.Body}
	if c.Body != "" {
		b, err := s.bodyOf(c.Body)
		if err != nil {
			return invalid("/body", "unknown", lang.Text{Hans: "没有这个机关", Hant: "沒有這個機關", En: "There is no such body"})
		}
		c.Division, on.Division = b.Division, b.Division
	}
	if err := s.Policy.Allow(actor, ActionCategory, on); err != nil {
		return err
	}
	t := s.tree.Load()
	if fields := t.check(&c); len(fields) > 0 {
		return &casework.Refusal{Code: casework.RefusedForm, Fields: fields}
	}
	err := s.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		if err := putCategories(tx, []*Category{&c}); err != nil {
			return err
		}
		p := actor.Post
		return s.Journal.Record(ctx, tx, journal.Act{
			Kind: "category.put", Public: true, On: journal.On("category", c.Key),
			By:   journal.Actor{Account: actor.Account, Kind: string(actor.Kind), Post: p.ID, Body: p.Body, Role: ActionCategory},
			Data: map[string]any{"title": c.Title.Hans, "parent": c.Parent},
		})
	})
	if err != nil {
		return fmt.Errorf("category %s: %w", c.Key, err)
	}
	return s.reload(ctx)
}

func (t *tree) check(c *Category) (fields []casework.FieldError) {
	fail := func(path, code string, text lang.Text) {
		fields = append(fields, casework.FieldError{Path: path, Code: code, Text: text})
	}
	if !categoryKey.MatchString(c.Key) || len(c.Key) > 64 {
		fail("/key", "pattern", lang.Text{Hans: "请用小写字母、数字，以点或短横相连，不超过 64 个字符，例如 statutory.1.local",
			Hant: "請用小寫字母、數字，以點或短橫相連，不超過 64 個字元，例如 statutory.1.local", En: "Use lower-case letters and digits joined by dots or hyphens, up to 64 characters, such as statutory.1.local"})
	}
	was, parent := t.byKey[c.Key], t.byKey[c.Parent]
	switch {
	case c.Parent != "" && parent == nil:
		fail("/parent", "unknown", lang.Text{Hans: "没有这个上级分类", Hant: "沒有這個上級分類", En: "There is no such category above"})
	case was != nil && (was.Parent != c.Parent || was.Division != c.Division || was.Body != c.Body):
		fail("/key", "taken", lang.Text{Hans: "这个代码已经用于其他分类，请换一个", Hant: "這個代碼已經用於其他分類，請換一個", En: "The key belongs to another category; choose another one"})
	case c.Parent == "" && c.Division != "":
		fail("/parent", "required", lang.Text{Hans: "栏目由最上级统一设置，请选择上级分类", Hant: "欄目由最上級統一設置，請選擇上級分類", En: "Columns are set at the top for all; choose the category above"})
	case len(t.path(c.Parent)) >= maxDepth-1:
		fail("/parent", "depth", lang.Text{Hans: "分类层级太多，请选择较高的上级分类", Hant: "分類層級太多，請選擇較高的上級分類", En: "There are too many levels; choose a higher category"})
	}
	if c.Title.Hans == "" {
		fail("/title", "required", lang.Text{})
	}
	if c.Guard != "" && c.Guard != MaskFound && c.Guard != BlockFound {
		fail("/guard", "enum", lang.Text{})
	}
	return fields
}

func putCategories(tx *store.Tx, all []*Category) error {
	for _, c := range all {
		doc, err := json.Marshal(c)
		if err != nil {
			return fmt.Errorf("category %s: %w", c.Key, err)
		}
		tx.Queue(`INSERT INTO publication_category (key, parent, division, body, place, doc, ended) VALUES ($1, $2, $3, $4, $5, $6, $7)
			ON CONFLICT (key) DO UPDATE SET place = excluded.place, doc = excluded.doc, ended = excluded.ended`,
			c.Key, c.Parent, c.Division, c.Body, int64(c.Place), string(doc), int64(c.Ended))
	}
	tx.Queue(`UPDATE publication_category_version SET version = version + 1 WHERE one = 1`)
	return nil
}

// classification is the file from which a node without categories begins.
const classification = "publication/cn.yaml"

// ReadCategories reads a file of categories, such as rules/publication/cn.yaml.
func ReadCategories(data []byte) ([]*Category, error) {
	var f struct {
		Categories []*Category `yaml:"categories"`
	}
	dec := yaml.NewDecoder(bytes.NewReader(data))
	dec.KnownFields(true)
	if err := dec.Decode(&f); err != nil {
		return nil, fmt.Errorf("categories: %w", err)
	}
	t := newTree(0, nil)
	for i, c := range f.Categories {
		c.Place = i + 1
		if fields := t.check(c); len(fields) > 0 || t.byKey[c.Key] != nil {
			return nil, fmt.Errorf("category %q: twice, or wrong: %v", c.Key, fields)
		}
		t.byKey[c.Key] = c
	}
	return f.Categories, nil
}

// seed gives a node without categories those that ship.
func (s *Service) seed(ctx context.Context) error {
	n, err := store.Scalar[int64](s.DB.Read().QueryRow(ctx, `SELECT version FROM publication_category_version WHERE one = 1`))
	if err != nil || n > 0 {
		return err
	}
	data, err := rules.Files.ReadFile(classification)
	if err != nil {
		return fmt.Errorf("categories: %w", err)
	}
	all, err := ReadCategories(data)
	if err != nil {
		return err
	}
	return s.DB.Write(ctx, func(_ context.Context, tx *store.Tx) error { return putCategories(tx, all) })
}

// reload reads the classification if it has changed.
func (s *Service) reload(ctx context.Context) error {
	s.load.Lock()
	defer s.load.Unlock()
	version, err := store.Scalar[int64](s.DB.Read().QueryRow(ctx, `SELECT version FROM publication_category_version WHERE one = 1`))
	if err != nil {
		return fmt.Errorf("categories: %w", err)
	}
	if t := s.tree.Load(); t != nil && t.version == version {
		return nil
	}
	all, err := store.All(ctx, s.DB.Read(), func(row store.Row) (c *Category, err error) {
		var doc string
		if err = row.Scan(&doc); err == nil {
			c = &Category{}
			err = json.Unmarshal([]byte(doc), c)
		}
		return c, err
	}, `SELECT doc FROM publication_category`)
	if err != nil {
		return fmt.Errorf("categories: %w", err)
	}
	s.tree.Store(newTree(version, all))
	return nil
}
