// Package api is the door for programs: the operations under /api/v1, described by OpenAPI 3.1.
//
// It shows and does what the pages show and do, through the same services and under the same policy; nothing is decided here.
//
//	a, err := api.New(api.Options{…})
//	api.Register(a, api.Operation{ID: "get-item", Method: "GET", Path: "/items/{code}", Summary: "An item"}, getItem)
//	handler, err := a.Handler() // serves /api/v1/ and /api/v1/openapi.json
//
// # Who
//
// What everybody may read on the pages, everybody may read here. Other operations ask for a bearer token, which the security
// administrator makes for one system: it opens named actions and is bound to a division, a body, or neither. No cookie counts, so
// no page of a foreign site can act here in the name of somebody who is signed in. Each token has a rate ([Options.PerSecond]).
//
// # Conventions
//
//   - An error is problem+json (RFC 9457) in the language of Accept-Language. Its code is stable; errors lists every field that is
//     wrong with a JSON pointer into the body, or the name of the parameter.
//   - A command carries an Idempotency-Key. Sent again with the same key it is not carried out again: the answer is the same, with
//     Idempotency-Replayed: true.
//   - A list has at most limit entries and, unless it is the last page, the cursor of the next.
//   - Reads carry an ETag; If-None-Match answers 304.
//   - Texts that people read are objects of three languages, identifiers are strings, times are RFC 3339 in UTC.
package api
