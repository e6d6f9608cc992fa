package report

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/web"
)

// Mount adds the pages to the shell.
func (s *Service) Mount(shell *web.Shell) {
	public := func(pattern, name string, h web.HandlerFunc) {
		shell.Handle(pattern, web.Route{Name: "report." + name, Public: true}, h)
	}
	public("GET /open/reports", "list", s.getReports)
	public("GET /open/reports/{owner}/{year}", "report", s.getReport)
	public("GET /open/reports/{owner}/{year}/report.pdf", "pdf", s.getPDF)
	public("GET /open/reports/{owner}/{year}/report.xlsx", "xlsx", s.getBook)
	public("GET /open/statistics", "statistics", s.getStatistics)
	public("GET /open/statistics/statistics.csv", "statistics-csv", s.getStatisticsCSV)
	public("GET /open/statistics/statistics.xlsx", "statistics-xlsx", s.getStatisticsBook)

	office := func(pattern, name string, h web.HandlerFunc) {
		shell.Handle(pattern, web.Route{Name: "report.desk-" + name, Action: ActionEdit, MaxBody: maxBody}, h)
	}
	office("GET /desk/reports", "list", s.getDesk)
	office("POST /desk/reports", "begin", s.postBegin)
	office("GET /desk/reports/case/{number}", "case", s.getCase)
	office("GET /desk/reports/{owner}/{year}", "work", s.getWork)
	office("GET /desk/reports/{owner}/{year}/preview", "preview", s.getPreview)
	office("GET /desk/reports/{owner}/{year}/preview.pdf", "preview-pdf", s.getPreviewPDF)
	office("GET /desk/reports/{owner}/{year}/cell/{table}/{row}/{column}", "cell", s.getCell)
	office("POST /desk/reports/{owner}/{year}/cell/{table}/{row}/{column}", "adjust", s.postCell)
	office("GET /desk/reports/{owner}/{year}/check/{check}/{table}/{line...}", "check", s.getCheck)
	office("POST /desk/reports/{owner}/{year}/check/{check}/{table}/{line...}", "explain", s.postCheck)
	office("POST /desk/reports/{owner}/{year}/text/{section}", "save", s.postText)
	office("POST /desk/reports/{owner}/{year}/hand", "hand", s.postHand)
	office("POST /desk/reports/{owner}/{year}/decide", "decide", s.postDecide)
	office("POST /desk/reports/{owner}/{year}/correct", "correct", s.postCorrect)
}

// maxBody bounds a section with its words, in bytes.
const maxBody = 512 << 10

// reportHref is the address of a published report.
func reportHref(o Owner, year int) string {
	return "/open/reports/" + url.PathEscape(o.Key()) + "/" + strconv.Itoa(year)
}

// versionHref is the address of a version of a published report: of the one that holds that of the report.
func versionHref(r *Report) string {
	if r.Live {
		return reportHref(r.Owner, r.Year)
	}
	return href(reportHref(r.Owner, r.Year), "version", strconv.Itoa(r.Version))
}

// workHref is the address of a report for those who work on it.
func workHref(o Owner, year int) string {
	return "/desk/reports/" + url.PathEscape(o.Key()) + "/" + strconv.Itoa(year)
}

// href is a path with query parameters; empty values are left out.
func href(path string, pairs ...string) string {
	q := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			q.Set(pairs[i], pairs[i+1])
		}
	}
	if len(q) == 0 {
		return path
	}
	return path + "?" + q.Encode()
}

// asked reads owner and year of an address.
func (s *Service) asked(r *http.Request) (Owner, int, error) {
	owner, err := s.Owner(r.PathValue("owner"))
	if err != nil {
		return owner, 0, web.NotFound("")
	}
	year, err := strconv.Atoi(r.PathValue("year"))
	if err != nil || !s.year(year) {
		return owner, 0, web.NotFound("")
	}
	return owner, year, nil
}

// working opens a report for somebody of the body that compiles it.
func (s *Service) working(r *http.Request) (*Work, identity.Principal, error) {
	actor, err := s.People.Principal(r)
	if err != nil {
		return nil, actor, err
	}
	owner, year, err := s.asked(r)
	if err != nil {
		return nil, actor, err
	}
	office := s.Office(owner)
	if office == nil {
		return nil, actor, web.NotFound("")
	}
	if err := s.allow(actor, office.Key); err != nil {
		return nil, actor, err
	}
	report, err := s.Newest(r.Context(), owner, year)
	if err != nil {
		return nil, actor, err
	}
	w, err := s.Work(r.Context(), report)
	return w, actor, err
}

// getCase leads from the case of a report to the page on which it is worked at.
func (s *Service) getCase(w http.ResponseWriter, r *http.Request) error {
	actor, err := s.People.Principal(r)
	if err != nil {
		return err
	}
	c, err := s.cases.ByNumber(r.Context(), strings.ToUpper(r.PathValue("number")))
	if err != nil || c.Kind != KindName {
		return web.NotFound("")
	}
	if err := s.allow(actor, c.Body); err != nil {
		return err
	}
	report, err := s.byID(r.Context(), c.ID)
	if err != nil {
		return err
	}
	newest, err := s.Newest(r.Context(), report.Owner, report.Year)
	if err != nil {
		return err
	}
	if newest.ID != report.ID { // it was corrected since
		return web.SeeOther(w, r, versionHref(&report))
	}
	return web.SeeOther(w, r, workHref(report.Owner, report.Year))
}
