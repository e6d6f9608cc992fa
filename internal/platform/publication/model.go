package publication

import (
	"time"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/platform/store"
)

// State is where a record or a version stands.
type State string

// The states of records and versions.
const (
	Drafted   State = "draft"     // 草稿, or returned for revision
	InReview  State = "review"    // 保密审查
	InDecide  State = "approval"  // 审批
	Releasing State = "release"   // approved; the platform is publishing it
	Published State = "published" // 已公开
	Withheld  State = "withheld"  // 不予公开
	Withdrawn State = "withdrawn" // 已撤回
)

// Content is what a version of a record says: the fields of the catalogue (law.md: 信息公开目录) and the text. The fields stand in the
// order of their JSON names, as canonical JSON wants them.
type Content struct {
	Attachments    []Attachment  `json:"attachments,omitempty"`
	Audience       string        `json:"audience,omitempty"` // 服务对象分类
	Category       string        `json:"category"`           // 信息分类: key of a [Category]
	DocumentNumber string        `json:"documentNumber,omitempty"`
	Effective      calendar.Date `json:"effective,omitempty"` // 生效日期; 0: the day on which it was published
	Format         string        `json:"format,omitempty"`    // 信息格式
	Genre          string        `json:"genre,omitempty"`     // 体裁分类
	Keywords       []string      `json:"keywords,omitempty"`
	Language       string        `json:"language,omitempty"`  // 语种, BCP 47; empty: zh-Hans
	LifeCycle      string        `json:"lifeCycle,omitempty"` // 生命周期分类
	Links          []Link        `json:"links,omitempty"`
	Made           calendar.Date `json:"made,omitempty"`      // 生成日期
	Media          []Media       `json:"media,omitempty"`     // pictures, charts and videos of an interpretation
	Questions      []Question    `json:"questions,omitempty"` // questions and answers of an interpretation
	Repealed       calendar.Date `json:"repealed,omitempty"`  // 废止日期: the first day on which it is not in force any more
	Source         string        `json:"source,omitempty"`    // 信息来源
	Summary        string        `json:"summary,omitempty"`   // 内容概述
	// Text is plain text: an empty line parts paragraphs, a line that begins with "# " or "## " is a heading, one that begins with "- " an
	// item of a list. Nothing else has a meaning.
	Text  string `json:"text,omitempty"`
	Theme string `json:"theme,omitempty"` // 主题分类
	Title string `json:"title"`           // 信息名称
}

// Attachment is a file of a version, kept as received.
type Attachment struct {
	File   store.ID `json:"file"`
	Name   string   `json:"name"`
	Digest string   `json:"sha256"` // of the content, hexadecimal
	Size   int64    `json:"size"`
	Type   string   `json:"type"` // media type
}

// Relation says what a record does to another.
type Relation string

// The relations.
const (
	Interprets Relation = "interprets" // 解读
	Amends     Relation = "amends"     // 修改
	Repeals    Relation = "repeals"    // 废止
	Answers    Relation = "answers"    // 答复
	Implements Relation = "implements" // 实施
)

// Relations lists the relations.
func Relations() []Relation { return []Relation{Interprets, Amends, Repeals, Answers, Implements} }

// Link leads from a record to another one, by its id, by its index number, or by both. What is not published yet is named by its id.
type Link struct {
	Index  string   `json:"index,omitempty"`
	Record store.ID `json:"record,omitzero"`
	Kind   Relation `json:"relation"`
}

// Media is a picture, chart or video that explains.
type Media struct {
	Caption string   `json:"caption,omitempty"`
	File    store.ID `json:"file,omitzero"`
	Href    string   `json:"href,omitempty"` // of what lies elsewhere, such as a video
	Kind    string   `json:"kind"`           // picture, chart, video, audio
}

// Question is a question with its answer.
type Question struct {
	Answer   string `json:"answer"`
	Question string `json:"question"`
}

// Record is a record as the public sees it: the version that is shown. Of a withdrawn one only the tombstone is left: Content is empty.
type Record struct {
	ID       store.ID
	Index    string // 索引号
	State    State
	Division string
	Body     string
	Version  int // number of the version shown
	Versions int // how many were published
	Content
	First     calendar.Date // on which it was first published
	Day       calendar.Date // on which the version shown was published
	UpdatedAt time.Time
	Digest    string // SHA-256 of the version's canonical JSON, hexadecimal
	Event     store.ID
	Case      store.ID   // in which the version was approved
	Tombstone *Tombstone // of a withdrawn record
}

// Validity says how a record stood on a day.
type Validity string

// The validities.
const (
	NotYet  Validity = "not-yet"  // 尚未生效, or not published
	InForce Validity = "in-force" // 现行有效
	Expired Validity = "expired"  // 已废止、失效
)

// ValidOn says how the version shown stands on a day.
func (r *Record) ValidOn(day calendar.Date) Validity {
	return validity(r.validFrom(), r.Repealed, day)
}

func (r *Record) validFrom() calendar.Date {
	if r.Effective != 0 {
		return r.Effective
	}
	return r.First
}

func validity(from, repealed, day calendar.Date) Validity {
	switch {
	case day < from:
		return NotYet
	case repealed != 0 && day >= repealed:
		return Expired
	default:
		return InForce
	}
}

// Tombstone is what is left of a withdrawn record.
type Tombstone struct {
	At     time.Time
	Reason Reason
	Note   string // what the public is told besides
	Event  store.ID
}

// Entry is a published record as lists show it.
type Entry struct {
	ID             store.ID
	Index          string
	Title          string
	Summary        string
	DocumentNumber string
	Division       string
	Body           string
	Category       string
	Genre          string
	Language       string
	First          calendar.Date // on which it was first published
	Day            calendar.Date // on which the version shown was published
	Made           calendar.Date
	Effective      calendar.Date // 0: on the day it was first published
	Repealed       calendar.Date // 0: not
	Version        int
	UpdatedAt      time.Time
}

// ValidOn says how the record stands on a day.
func (e *Entry) ValidOn(day calendar.Date) Validity {
	from := e.Effective
	if from == 0 {
		from = e.First
	}
	return validity(from, e.Repealed, day)
}

// VersionLine is a published version as the list of versions shows it.
type VersionLine struct {
	Number int
	Day    calendar.Date
	At     time.Time
	Digest string
	Event  store.ID
	Case   store.ID
	Title  string
}

// Ref is a record at the other end of a link.
type Ref struct {
	Kind  Relation
	Entry Entry
}

// Links are what a record is linked with, both ends published.
type Links struct {
	To   []Ref // what the record interprets, amends, …
	From []Ref // what interprets, amends, … the record
}
