package report

import (
	"context"
	"net/http"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/document"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/slice/report/sheet"
)

// People knows who asks. Package identity stands behind it.
type People interface {
	Principal(r *http.Request) (identity.Principal, error)
}

// Names turns keys of the registry into words.
type Names interface {
	Body(key string) lang.Text
	Division(code string) lang.Text
	Post(key string) lang.Text
}

// Figures counts what the records of a part of the platform say. The names of the figures are those of the layouts:
//
//	requests/ROW/APPLICANT    ROW is received, carried-over, carried-forward, results, or an outcome of request.outcomes;
//	                          APPLICANT a leaf of report.annual.applicants, or total
//	disputes/KIND.RESULT      KIND is review, direct, after; RESULT upheld, corrected, other, pending
//	records/SORT/EVENT        SORT is regulations, documents, all; EVENT made, repealed, in-force, published
//	decisions/SORT            licence, penalty, coercion
//	fees/administrative       in fen, and request-fees/charged, request-fees/waived; request-fees/number counts requests
//
// A figure that is counted is there even when it is zero; what is not counted is left out. Numbers come from counters or an index, in
// time that does not grow with the records.
type Figures interface {
	Figures(ctx context.Context, of Scope, from, until calendar.Date) (sheet.Figures, error)
}

// Scope is whose records are counted.
type Scope struct {
	Division string // 12 digits
	Body     string // key; empty: all bodies of the division
	Below    bool   // with those of all divisions below
}

// Printer prints a report, and knows what it can print. Package document stands behind it.
type Printer interface {
	Paper(p *document.Paper) ([]byte, error)
	Missing(text string) (char rune, missing bool, err error)
}

// Publisher puts an approved report into the catalogue of what is public. Package publication stands behind it.
type Publisher interface {
	// Publish makes the record, once: called again for the same report it returns the same address. The id is 0 and the address empty while
	// the record is not there yet.
	Publish(ctx context.Context, p Publication) (href string, record store.ID, err error)
}

// Publication is an approved report as the catalogue gets it.
type Publication struct {
	ID       string // of the report
	Division string
	Body     string // that answers for it
	Title    string
	Text     string // plain, as narratives are written
	Year     int
	Day      calendar.Date // on which it was approved
	Href     string        // of its page
	Version  int           // 1, or more when it corrects the one before
	Was      string        // address of the record of the version that it corrects; empty: there is none
}
