package feed

import (
	"encoding/json"
	"io"
)

// Media types of the formats made of JSON.
const (
	JSONFeedType  = "application/feed+json; charset=utf-8"
	JSONLinesType = "application/jsonl; charset=utf-8"
	DCATType      = "application/ld+json; charset=utf-8"
)

// json writes a value. encoding/json escapes what HTML would take for markup.
func (w *writer) json(v any) {
	if w.err != nil {
		return
	}
	var data []byte
	if data, w.err = json.Marshal(v); w.err == nil {
		_, w.err = w.Write(data)
	}
}

// open writes an object without its closing brace, so that a list can be streamed into it.
func (w *writer) open(v any) {
	if w.err != nil {
		return
	}
	var data []byte
	if data, w.err = json.Marshal(v); w.err == nil {
		_, w.err = w.Write(data[:len(data)-1])
	}
}

type jsonAuthor struct {
	Name string `json:"name"`
	URL  string `json:"url,omitempty"`
}

type jsonFeed struct {
	Version     string       `json:"version"`
	Title       string       `json:"title"`
	HomePageURL string       `json:"home_page_url"`
	FeedURL     string       `json:"feed_url"`
	Description string       `json:"description,omitempty"`
	NextURL     string       `json:"next_url,omitempty"`
	Icon        string       `json:"icon,omitempty"`
	Authors     []jsonAuthor `json:"authors"`
	Language    string       `json:"language"`
}

type jsonFile struct {
	URL   string `json:"url"`
	Type  string `json:"mime_type"`
	Title string `json:"title,omitempty"`
	Size  int64  `json:"size_in_bytes,omitempty"`
}

type jsonItem struct {
	ID            string       `json:"id"`
	URL           string       `json:"url"`
	Title         string       `json:"title"`
	ContentText   string       `json:"content_text"`
	DatePublished string       `json:"date_published"`
	DateModified  string       `json:"date_modified"`
	Authors       []jsonAuthor `json:"authors"`
	Tags          []string     `json:"tags,omitempty"`
	Language      string       `json:"language,omitempty"`
	Attachments   []jsonFile   `json:"attachments,omitempty"`
}

// JSONFeed writes the entries as a JSON Feed, version 1.1.
func JSONFeed(out io.Writer, c Channel, entries Entries) error {
	w := newWriter(out)
	w.open(jsonFeed{
		Version: "https://jsonfeed.org/version/1.1", Title: c.Title, HomePageURL: c.Home, FeedURL: c.Self, Description: c.Subtitle, NextURL: c.Next, Icon: c.Icon,
		Authors: []jsonAuthor{{Name: c.Publisher, URL: c.PublisherURL}}, Language: c.Language,
	})
	w.text(`,"items":[`)
	err := w.each(entries, func(n int, e *Entry) {
		if n > 0 {
			w.text(",\n")
		}
		item := jsonItem{
			ID: e.URL, URL: e.URL, Title: e.Title, ContentText: e.Summary, DatePublished: dayTime(e.Published), DateModified: instant(e.Updated),
			Authors: []jsonAuthor{{Name: e.Body, URL: e.BodyURL}}, Language: e.Language, Tags: append([]string{e.Category}, e.Keywords...),
		}
		for _, f := range e.Files {
			item.Attachments = append(item.Attachments, jsonFile{URL: f.URL, Type: f.Type, Title: f.Name, Size: f.Size})
		}
		w.json(item)
	})
	if err != nil {
		return err
	}
	w.text("]}\n")
	return w.end()
}

// jsonRecord is a line of a bulk download. Its members are the columns of openhall import records, and what only a download knows.
type jsonRecord struct {
	Index       string   `json:"index"`
	Title       string   `json:"title"`
	Body        string   `json:"body"`
	Category    string   `json:"category"`
	Theme       string   `json:"theme,omitempty"`
	Audience    string   `json:"audience,omitempty"`
	Genre       string   `json:"genre,omitempty"`
	Lifecycle   string   `json:"lifecycle,omitempty"`
	Number      string   `json:"number,omitempty"`
	Made        string   `json:"made,omitempty"`
	Published   string   `json:"published"`
	InForce     string   `json:"in_force,omitempty"`
	Repealed    string   `json:"repealed,omitempty"`
	Keywords    []string `json:"keywords,omitempty"`
	Language    string   `json:"language,omitempty"`
	Source      string   `json:"source,omitempty"`
	Summary     string   `json:"summary,omitempty"`
	Text        string   `json:"text,omitempty"`
	Attachments []string `json:"attachments,omitempty"`
	Interprets  []string `json:"interprets,omitempty"`
	Amends      []string `json:"amends,omitempty"`
	Repeals     []string `json:"repeals,omitempty"`
	Answers     []string `json:"answers,omitempty"`
	Implements  []string `json:"implements,omitempty"`
}

// linked lists the index numbers to which a record has links of a kind.
func (e *Entry) linked(kind string) []string {
	var out []string
	for _, l := range e.Links {
		if l.Kind == kind && l.Index != "" {
			out = append(out, l.Index)
		}
	}
	return out
}

func (e *Entry) fileNames() []string {
	var out []string
	for _, f := range e.Files {
		out = append(out, f.Name)
	}
	return out
}

// JSONLines writes one JSON object a line, with the columns of openhall import records.
func JSONLines(out io.Writer, entries Entries) error {
	w := newWriter(out)
	err := w.each(entries, func(_ int, e *Entry) {
		w.json(jsonRecord{
			Index: e.Index, Title: e.Title, Body: e.Body, Category: e.CategoryKey, Theme: e.Theme, Audience: e.Audience, Genre: e.Genre, Lifecycle: e.LifeCycle,
			Number: e.DocumentNumber, Made: day(e.Made), Published: day(e.Published), InForce: day(e.Effective), Repealed: day(e.Repealed),
			Keywords: e.Keywords, Language: e.Language, Source: e.Source, Summary: e.Summary, Text: e.Text, Attachments: e.fileNames(),
			Interprets: e.linked("interprets"), Amends: e.linked("amends"), Repeals: e.linked("repeals"), Answers: e.linked("answers"), Implements: e.linked("implements"),
		})
		w.text("\n")
	})
	if err != nil {
		return err
	}
	return w.end()
}
