package intermediary

import (
	"net/url"

	"golang.org/x/mod/sumdb/note"

	"openhall.org/openhall/internal/core/merkle"
)

// Addresses of the slice.
const (
	homeHref      = "/intermediary"
	agenciesHref  = homeHref + "/agencies"
	sharesHref    = homeHref + "/shares"
	drawsHref     = homeHref + "/draws"
	openingsHref  = homeHref + "/openings"
	sanctionsHref = homeHref + "/sanctions"
	applyHref     = homeHref + "/apply"
	ownHref       = homeHref + "/agency"
	mineHref      = homeHref + "/mine"
	placeHref     = homeHref + "/order"
	deskHref      = "/desk/intermediary"
)

func serviceHref(key string) string        { return homeHref + "/services/" + url.PathEscape(key) }
func agencyHref(number string) string      { return agenciesHref + "/" + number }
func bodyHref(key string) string           { return sharesHref + "/" + url.PathEscape(key) }
func drawHref(number string) string        { return drawsHref + "/" + number }
func openingHref(number string) string     { return openingsHref + "/" + number }
func orderHref(number string) string       { return homeHref + "/orders/" + number }
func admissionHref(number string) string   { return deskHref + "/admissions/" + number }
func deskServiceHref(key string) string    { return deskHref + "/services/" + url.PathEscape(key) }
func sanctionHref(number string) string    { return deskHref + "/sanctions/" + number }
func proposeHref(number string) string     { return deskHref + "/agencies/" + number + "/sanction" }
func ownSanctionHref(number string) string { return ownHref + "/sanctions/" + number }

// PlaceHref is where an order is placed from within a case.
func PlaceHref(number string) string { return placeHref + "?" + url.Values{"case": {number}}.Encode() }

// OrderHref is the page of an order, for those whose it is.
func OrderHref(number string) string { return orderHref(number) }

// AdmissionHref is the page of an application for admission, for the registrar.
func AdmissionHref(number string) string { return admissionHref(number) }

// SanctionHref is the page of a sanction, for those who decide.
func SanctionHref(number string) string { return sanctionHref(number) }

// verifierOf reads the public key of the log.
func verifierOf(key string) (note.Verifier, error) { return merkle.NewVerifier(key) }
