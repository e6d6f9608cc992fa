package admin

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/platform/web/form"
	"openhall.org/openhall/internal/platform/web/i18n"
)

//go:embed locales/*.yaml
var locales embed.FS

// Messages are the words of the pages.
func Messages() i18n.Source { return i18n.Source{Module: "admin", FS: locales} }

// maxSheet is how large an uploaded table may be, in bytes: the divisions of a province with their names have 2 MB.
const maxSheet = 4 << 20

// page serves somebody who is known.
type page func(who identity.Principal, w http.ResponseWriter, r *http.Request) error

// Mount adds the pages to the shell.
func (s *Service) Mount(shell *web.Shell) {
	may := func(action string) func(pattern, name string, h page) {
		return func(pattern, name string, h page) {
			route := web.Route{Name: "admin." + name, Action: action}
			if strings.HasPrefix(pattern, "POST") {
				route.MaxBody = 3 * maxSheet
			}
			shell.Handle(pattern, route, func(w http.ResponseWriter, r *http.Request) error {
				who, err := s.Identity.Principal(r)
				if err != nil {
					return err
				}
				return h(who, w, r)
			})
		}
	}
	places := may(identity.ActionRegistry)
	places("GET /admin/places/{sheet}", "places", s.getPlaces)
	places("GET /admin/places/{sheet}/table.csv", "table", s.getTable)
	places("GET /admin/places/{sheet}/import", "import", s.getImport)
	places("POST /admin/places/{sheet}/import", "do-import", s.postImport)
	places("GET /admin/places/{sheet}/one", "place", s.getPlace)
	places("POST /admin/places/{sheet}/one", "put-place", s.postPlace)
	places("GET /admin/coming", "coming", s.getComing)
	rules := may(identity.ActionLaw)
	rules("GET /admin/calendars", "calendars", s.getCalendars)
	rules("POST /admin/calendars", "import-calendar", s.postCalendar)
	rules("GET /admin/rules", "rules", s.getRules)
	rules("POST /admin/rules", "publish-rules", s.postRules)
	may(identity.ActionPolicies)("GET /admin/policies", "policies", s.getPolicies)
	erase := may(identity.ActionErase)
	erase("GET /admin/erasures", "erasures", s.getErasures)
	erase("POST /admin/erasures", "propose-erasure", s.postErasure)
	confirm := may(identity.ActionConfirm)
	confirm("GET /audit/erasures", "erasures-to-confirm", s.getErasures)
	confirm("POST /audit/erasures/{id}", "decide-erasure", s.postDecide)
}

// parse reads the form of a request.
func parse(r *http.Request) (*form.Form, error) {
	f, err := form.Parse(r)
	if err != nil {
		return nil, web.BadRequest("", err)
	}
	return f, nil
}

func statusOf(f *form.Form) int {
	if f.Valid() {
		return http.StatusOK
	}
	return http.StatusUnprocessableEntity
}

// takeFile puts the text of an uploaded file where a pasted one would be.
func takeFile(r *http.Request, f *form.Form) error {
	file, head, err := r.FormFile("file")
	if errors.Is(err, http.ErrMissingFile) || errors.Is(err, http.ErrNotMultipart) {
		return nil
	}
	if err != nil {
		return web.BadRequest("", err)
	}
	data, err := io.ReadAll(io.LimitReader(file, maxSheet+1))
	if err = errors.Join(err, file.Close()); err != nil {
		return fmt.Errorf("read the uploaded file: %w", err)
	}
	if len(data) > maxSheet {
		return &web.Error{Status: http.StatusRequestEntityTooLarge}
	}
	if len(data) > 0 {
		f.Values().Set("content", strings.ToValidUTF8(strings.ReplaceAll(string(data), "\r\n", "\n"), "\uFFFD"))
		f.Values().Set("filename", head.Filename)
	}
	return nil
}

// content is what was uploaded or pasted, with the line ends of a file.
func content(f *form.Form) []byte {
	return []byte(strings.ReplaceAll(f.Values().Get("content"), "\r\n", "\n"))
}

// token identifies what was shown before it is confirmed.
func token(parts ...any) string {
	h := sha256.New()
	for _, p := range parts {
		_, _ = fmt.Fprintf(h, "%v\x00", p) // a hash never fails to write
	}
	return hex.EncodeToString(h.Sum(nil))
}

// confirmed reports whether the form confirms what was shown. When it confirms something else, the form says that it has moved.
func confirmed(l *web.Localizer, f *form.Form, shown string) bool {
	if f.Value("act") != "confirm" {
		return false
	}
	if f.Value("token") != shown {
		f.Fail("", l.T("admin.moved"))
		return false
	}
	return true
}

func done(w http.ResponseWriter, r *http.Request, to, key string, args map[string]string) error {
	web.SetFlash(w, r, web.Flash{Kind: "success", Key: key, Args: args})
	return web.SeeOther(w, r, to)
}
