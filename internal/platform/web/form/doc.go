// Package form takes what people type into forms and gives back either values or messages that say what to mend.
//
// Two kinds of form. A Form is a few fields that a page knows by name:
//
//	f, err := form.Parse(r)
//	if err != nil {
//		return err // too large, or not a form: the shell has a page for it
//	}
//	opinion := f.Required(l, "opinion", l.T("approval.opinion"))
//	if !f.Valid() {
//		return web.Render(w, r, http.StatusUnprocessableEntity, page(v, f)) // with all that was typed
//	}
//
// A Schema is a form that is data: a JSON Schema (draft 2020-12) of an object, published with a service item. It is checked when it
// is loaded, drawn by Fields, decoded by Decode, validated by Check in the reader's language, and shown again by Rows. Its titles
// are in three languages: title is Simplified Chinese, x-title holds {zh-Hant, en}; description and x-hint do the same for hints.
//
//	{"type": "object", "required": ["name", "idCard"], "properties": {
//		"name":   {"type": "string", "title": "姓名", "x-title": {"zh-Hant": "姓名", "en": "Name"}, "maxLength": 50},
//		"idCard": {"type": "string", "title": "身份证号", "x-title": {...}, "format": "id-card", "x-personal": true}}}
//
// A question with "x-when": {"outcome": ["fee"]} is asked only when outcome was answered so: the script of the site hides it otherwise, and
// Decode leaves out what stands in it. "x-suggest": "bodies" offers the words that the page gives under that name (Suggestions).
//
// Understood are strings (with the formats date, email, phone and those given to Compile; long ones as text areas), integer,
// number, integers with the format money (fen, typed in yuan), boolean, choices (enum, or oneOf with const and title), arrays of
// choices, and objects one level deep. Anything else, a missing translation, or a pattern without x-pattern that explains it to
// people, is refused by Compile.
//
// What was typed is never lost: a page that shows errors is drawn from the typed values, not from the decoded ones.
package form
