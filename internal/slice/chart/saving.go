package chart

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"

	"openhall.org/openhall/internal/core/procedure"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/publication"
	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/platform/web/form"
)

// saving is what the drawing board hears when it sends by script: where to go on, or why not. The canvas stays as it is then, so that nothing
// drawn depends on a page that comes back.
type saving struct {
	To    string `json:"to,omitempty"`
	Text  string `json:"text,omitempty"`  // what is wrong
	Stamp int    `json:"stamp,omitempty"` // of what was saved although it cannot be handed in
	Over  int    `json:"over,omitempty"`  // stamp of what somebody else has saved meanwhile
}

// scripted reports whether a script sends the form, which wants to hear of it in JSON.
func scripted(r *http.Request) bool {
	return strings.HasPrefix(r.Header.Get("Accept"), "application/json")
}

func answer(w http.ResponseWriter, status int, a saving) error {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	return json.NewEncoder(w).Encode(a)
}

// postBoard saves, and hands in when that was asked for. What is refused comes back with all that was drawn.
func (s *Service) postBoard(who identity.Principal, w http.ResponseWriter, r *http.Request) error {
	c, v, err := s.versionOf(who, r)
	if err != nil {
		return err
	}
	f, err := form.Parse(r, "xml")
	if err != nil {
		return err
	}
	view := web.ViewOf(r)
	xml := typedText(f.Values().Get("xml"), v.XML)
	if brought, name, err := upload(r); err != nil {
		return err
	} else if name != "" {
		xml = brought
	}
	stamp, _ := strconv.Atoi(f.Value("stamp")) // what is no number is no stamp of a version
	if over, _ := strconv.Atoi(f.Value("over")); over > 0 {
		stamp = over // whoever saves has been told of what stands there, and replaces it
	}
	to, flash := boardPath(c.ID, v.N), "chart.flash.saved"
	v, err = s.Save(r.Context(), who, c.ID, v.N, stamp, xml, f.Value("note"))
	if err == nil && f.Value("op") == "hand-in" {
		to, flash = chartPath(c.ID), "chart.flash.handed-in"
		_, err = s.HandIn(r.Context(), who, c.ID, v.N, f.Value("key"))
	}
	if err == nil {
		web.SetFlash(w, r, web.Flash{Key: flash, Kind: "success"})
		if scripted(r) {
			return answer(w, http.StatusOK, saving{To: to})
		}
		return web.SeeOther(w, r, to)
	}
	back, a := f.Values(), saving{}
	back.Set("xml", xml)
	var refused *casework.Refusal
	var faults *FaultsError
	switch {
	case errors.As(err, &faults):
		a.Text, a.Stamp = view.L.T("chart.error.faults"), v.Stamp
		back.Set("stamp", strconv.Itoa(v.Stamp)) // it was saved
	case errors.Is(err, refuseMoved):
		a.Text, a.Over = view.L.Text(refuseMoved.Fields[0].Text), v.Stamp
	case errors.Is(err, refuseState): // handed in meanwhile: what was drawn stays to be copied
		a.Text = view.L.Text(refuseState.Text)
	case errors.As(err, &refused) && refused.Code == casework.RefusedForm, errors.As(err, &refused) && refused.Code == publication.RefusedPersonal:
		a.Text = web.FieldSummary(view.L, refused)[0].Text
	default:
		return err
	}
	if scripted(r) {
		return answer(w, http.StatusUnprocessableEntity, a)
	}
	f = form.Of(back)
	f.Fail("xml", a.Text)
	p, err := s.board(r.Context(), view.L, c, v, f, nil)
	if err != nil {
		return err
	}
	p.over = a.Over
	return web.Render(w, r, http.StatusUnprocessableEntity, boardPage(view, p))
}

// typedText is what a text area brings, in the line ends of the file that stands in it: browsers write those in their own way. A file that was not
// changed is the file that is kept, to the byte.
func typedText(typed, kept string) string {
	same := strings.NewReplacer("\r\n", "\n", "\r", "\n")
	if strings.TrimSpace(same.Replace(typed)) == strings.TrimSpace(same.Replace(kept)) {
		return kept
	}
	typed = strings.TrimLeft(typed, "\r\n")
	if !strings.Contains(kept, "\r\n") {
		typed = strings.ReplaceAll(typed, "\r\n", "\n")
	}
	return typed
}

// upload reads the file that a form brings; name is empty when there is none.
func upload(r *http.Request) (content, name string, err error) {
	if r.MultipartForm == nil {
		return "", "", nil
	}
	for _, h := range r.MultipartForm.File["file"] {
		if h.Size == 0 {
			continue
		}
		in, err := h.Open()
		if err != nil {
			return "", "", fmt.Errorf("read the file: %w", err)
		}
		raw, err := io.ReadAll(io.LimitReader(in, procedure.MaxBytes+1))
		if err = errors.Join(err, in.Close()); err != nil {
			return "", "", fmt.Errorf("read the file: %w", err)
		}
		return string(raw), h.Filename, nil
	}
	return "", "", nil
}
