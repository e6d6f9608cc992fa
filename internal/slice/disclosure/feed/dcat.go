package feed

import (
	"io"
	"strings"
)

// dcatContext maps the members to the terms of DCAT-AP 3.
func dcatContext() map[string]any {
	typed := func(id, kind string) map[string]string { return map[string]string{"@id": id, "@type": kind} }
	return map[string]any{
		"dcat": "http://www.w3.org/ns/dcat#", "dct": "http://purl.org/dc/terms/", "foaf": "http://xmlns.com/foaf/0.1/", "xsd": "http://www.w3.org/2001/XMLSchema#",
		"spdx": "http://spdx.org/rdf/terms#", "adms": "http://www.w3.org/ns/adms#",
		"title": "dct:title", "description": "dct:description", "identifier": "dct:identifier", "keyword": "dcat:keyword", "name": "foaf:name", "notation": "adms:identifier",
		"publisher": "dct:publisher", "language": "dct:language", "dataset": "dcat:dataset", "distribution": "dcat:distribution",
		"issued": typed("dct:issued", "xsd:date"), "modified": typed("dct:modified", "xsd:dateTime"),
		"landingPage": typed("dcat:landingPage", "@id"), "accessURL": typed("dcat:accessURL", "@id"), "downloadURL": typed("dcat:downloadURL", "@id"),
		"homepage": typed("foaf:homepage", "@id"), "theme": typed("dcat:theme", "@id"), "mediaType": "dct:format", "byteSize": typed("dcat:byteSize", "xsd:nonNegativeInteger"),
		"checksum": "spdx:checksum", "checksumValue": typed("spdx:checksumValue", "xsd:hexBinary"), "algorithm": typed("spdx:algorithm", "@id"), "temporal": "dct:temporal",
		"startDate": typed("dcat:startDate", "xsd:date"), "endDate": typed("dcat:endDate", "xsd:date"),
	}
}

type dcatAgent struct {
	Type string `json:"@type"`
	ID   string `json:"@id,omitempty"`
	Name string `json:"name"`
}

type dcatCatalog struct {
	Context     map[string]any `json:"@context"`
	ID          string         `json:"@id"`
	Type        string         `json:"@type"`
	Title       string         `json:"title"`
	Description string         `json:"description"`
	Publisher   dcatAgent      `json:"publisher"`
	Language    string         `json:"language"`
	Homepage    string         `json:"homepage"`
	Modified    string         `json:"modified"`
}

type dcatChecksum struct {
	Type      string `json:"@type"`
	Algorithm string `json:"algorithm"`
	Value     string `json:"checksumValue"`
}

type dcatDistribution struct {
	ID          string        `json:"@id,omitempty"`
	Type        string        `json:"@type"`
	Title       string        `json:"title,omitempty"`
	AccessURL   string        `json:"accessURL"`
	DownloadURL string        `json:"downloadURL,omitempty"`
	MediaType   string        `json:"mediaType,omitempty"`
	ByteSize    int64         `json:"byteSize,omitempty"`
	Checksum    *dcatChecksum `json:"checksum,omitempty"`
}

type dcatPeriod struct {
	Type  string `json:"@type"`
	Start string `json:"startDate"`
	End   string `json:"endDate,omitempty"`
}

type dcatDataset struct {
	ID           string             `json:"@id"`
	Type         string             `json:"@type"`
	Identifier   string             `json:"identifier"`
	Title        string             `json:"title"`
	Description  string             `json:"description"`
	Issued       string             `json:"issued"`
	Modified     string             `json:"modified"`
	Publisher    dcatAgent          `json:"publisher"`
	Language     string             `json:"language,omitempty"`
	Keyword      []string           `json:"keyword,omitempty"`
	Theme        string             `json:"theme,omitempty"`
	Notation     string             `json:"notation,omitempty"`
	LandingPage  string             `json:"landingPage"`
	Temporal     dcatPeriod         `json:"temporal"`
	Distribution []dcatDistribution `json:"distribution"`
}

// DCAT writes the entries as a catalogue of datasets in JSON-LD, by the profile DCAT-AP 3 that catalogues of open data harvest. A record is
// a dataset; its page and its attachments are the distributions.
func DCAT(out io.Writer, c Channel, entries Entries) error {
	w := newWriter(out)
	w.open(dcatCatalog{
		Context: dcatContext(), ID: c.Self, Type: "dcat:Catalog", Title: c.Title, Description: either(c.Subtitle, c.Title), Language: c.Language, Homepage: c.Home,
		Publisher: dcatAgent{Type: "foaf:Agent", ID: c.PublisherURL, Name: c.Publisher}, Modified: instant(c.Updated),
	})
	w.text(",\n\"dataset\":[")
	themes, _, _ := strings.Cut(c.Home, "?") // a theme is the same in each list
	err := w.each(entries, func(n int, e *Entry) {
		if n > 0 {
			w.text(",")
		}
		w.text("\n")
		w.json(e.dataset(themes))
	})
	if err != nil {
		return err
	}
	w.text("\n]}\n")
	return w.end()
}

func (e *Entry) dataset(themes string) dcatDataset {
	from := e.Effective
	if from == 0 {
		from = e.Published
	}
	d := dcatDataset{
		ID: e.URL, Type: "dcat:Dataset", Identifier: e.Index, Title: e.Title, Description: either(e.Summary, e.Title), Issued: day(e.Published), Modified: instant(e.Updated),
		Publisher: dcatAgent{Type: "foaf:Agent", ID: e.BodyURL, Name: e.Body}, Language: e.Language, Keyword: e.Keywords, Notation: e.DocumentNumber, LandingPage: e.URL,
		Temporal:     dcatPeriod{Type: "dct:PeriodOfTime", Start: day(from), End: day(e.Repealed)},
		Distribution: []dcatDistribution{{Type: "dcat:Distribution", AccessURL: e.URL, MediaType: "text/html"}},
	}
	if e.CategoryKey != "" {
		d.Theme = themes + "#" + e.CategoryKey
	}
	for _, f := range e.Files {
		x := dcatDistribution{Type: "dcat:Distribution", Title: f.Name, AccessURL: e.URL, DownloadURL: f.URL, MediaType: f.Type, ByteSize: f.Size}
		if f.Digest != "" {
			x.Checksum = &dcatChecksum{Type: "spdx:Checksum", Algorithm: "http://spdx.org/rdf/terms#checksumAlgorithm_sha256", Value: f.Digest}
		}
		d.Distribution = append(d.Distribution, x)
	}
	return d
}

func either(a, b string) string {
	if a != "" {
		return a
	}
	return b
}
