// Package ui holds the components of which pages are made, after the patterns of the GOV.UK Design System.
//
// Every component is a templ component with one struct of properties. Its own few words come from the localizer in the context;
// everything else is given in the reader's language. Form components wire label, hint and error message to their control, so that a
// page only names them:
//
//	@ui.Input(ui.Field{Name: "phone", Label: l.T("approval.phone"), Hint: l.T("approval.phone-hint"),
//		Value: form.Value("phone"), Error: form.Error("phone")}, ui.InputProps{Type: "tel", Autocomplete: "tel", Width: 20})
//
// The id of a control is its name, with what is not a letter, digit or dash replaced by a dash; the error summary links there. No
// component carries an inline style or script, and each works without JavaScript. All of them are shown on the page /dev/gallery.
package ui
