package request

import (
	"strings"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/lang"
)

// Outcomes returns the closed list of replies of a day, each with its legal basis.
func (s *Service) Outcomes(day calendar.Date) []Outcome {
	v, ok := s.rule(ruleOutcomes, day)
	if !ok {
		return nil
	}
	list := make([]Outcome, 0, len(v.Entries))
	for _, e := range v.Entries {
		o := Outcome{Entry: e, Basis: v.Source, Leaf: v.Leaf(e.Code)}
		if e.Article != "" {
			o.Basis.Article = e.Article
		}
		list = append(list, o)
	}
	return list
}

// Outcome returns an outcome of the list of a day.
func (s *Service) Outcome(code string, day calendar.Date) (Outcome, bool) {
	for _, o := range s.Outcomes(day) {
		if o.Code == code {
			return o, true
		}
	}
	return Outcome{}, false
}

var withdrawnTitle = lang.Text{Hans: "申请人撤回", Hant: "申請人撤回", En: "Withdrawn by the applicant"}

// OutcomeTitle names an outcome in full, with the group under which it stands.
func (s *Service) OutcomeTitle(code string, day calendar.Date) lang.Text {
	if code == Withdrawn {
		return withdrawnTitle
	}
	o, ok := s.Outcome(code, day)
	if !ok {
		return lang.Text{Hans: code}
	}
	if up, ok := s.Outcome(o.Parent, day); ok && o.Parent != "" {
		return lang.Text{
			Hans: up.Title.Hans + "：" + o.Title.Hans, Hant: up.Title.In(lang.Hant) + "：" + o.Title.In(lang.Hant),
			En: up.Title.In(lang.En) + ": " + strings.ToLower(o.Title.In(lang.En)[:1]) + o.Title.In(lang.En)[1:],
		}
	}
	return o.Title
}

// top is the group of an outcome: the code before the point.
func top(code string) string {
	group, _, _ := strings.Cut(code, ".")
	return group
}

// discloses reports whether information is handed out with an outcome.
func discloses(code string) bool { return code == "published" || code == "partial" }

// reviewFirst reports whether reconsideration comes before a suit against a reply of that day (行政复议法 23, from 2024).
func (s *Service) reviewFirst(code string, day calendar.Date) (article lang.Text, first bool) {
	v, ok := s.rule(ruleFirst, day)
	if !ok {
		return lang.Text{}, false
	}
	if _, first = v.Entry(top(code)); first {
		article = v.Source.CiteText()
	}
	return article, first
}
