package report

import (
	"slices"
	"time"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/statute"
	"openhall.org/openhall/internal/platform/registry"
	"openhall.org/openhall/internal/platform/store"
)

// The rules by which reports fall due.
const (
	ruleDepartments = "report.annual.departments"
	ruleGovernments = "report.annual.governments"
	ruleOffices     = "report.annual.offices"
)

// Term is by when a report is owed, and where that stands.
type Term struct {
	Due    calendar.Date
	Source statute.Source
}

// Term returns by when the report of an owner on a year has to be public.
func (s *Service) Term(owner Owner, year int) (Term, error) {
	rule := ruleDepartments
	if owner.Government() {
		rule = ruleGovernments
	}
	// The regulations that were in force when the year was over.
	v, err := s.Rules.At(rule, calendar.Day(year+1, time.January, 1))
	if err != nil {
		return Term{}, err
	}
	return Term{calendar.Day(year+1, time.Month(v.Yearly.Month), v.Yearly.Day), v.Source}, nil
}

// Owners returns who of a division itself owes a report on a year: its government, if it is one of a county or above that has an office
// for it, and its bodies that were there when the year ended. The government comes first.
func (s *Service) Owners(division string, year int) []Owner {
	places := s.Registry.Now()
	var list []Owner
	if s.Office(Owner{Division: division}) != nil {
		list = append(list, Owner{Division: division})
	}
	_, end := yearOf(year)
	for _, b := range places.Bodies(division) {
		if !registry.Over(b.Ended, end.Add(-1).End().Add(-time.Second)) {
			list = append(list, Owner{division, b.Key})
		}
	}
	return list
}

// Office returns the body that compiles the report of an owner: itself, or what runs disclosure for the government (政府信息公开工作主管部门).
// It is nil when nobody does.
func (s *Service) Office(owner Owner) *registry.Body {
	places := s.Registry.Now()
	if !owner.Government() {
		return places.Body(owner.Body)
	}
	d := places.Division(owner.Division)
	if d == nil || d.Level > registry.County {
		return nil
	}
	v, err := s.Rules.At(ruleOffices, s.today())
	if err != nil {
		return nil
	}
	for _, kind := range v.Entries {
		i := slices.IndexFunc(places.Bodies(owner.Division), func(b *registry.Body) bool { return b.Kind == kind.Code && b.Ended == "" })
		if i >= 0 {
			return places.Bodies(owner.Division)[i]
		}
	}
	return nil
}

// Owner finds an owner by what addresses name it.
func (s *Service) Owner(key string) (Owner, error) {
	places := s.Registry.Now()
	if b := places.Body(key); b != nil {
		return Owner{b.Division, b.Key}, nil
	}
	if d := places.Division(key); d != nil && d.Level <= registry.County {
		return Owner{Division: d.Code}, nil
	}
	return Owner{}, store.ErrNotFound
}

// OwnedBy returns who a body compiles reports for: itself, and the government when it is its office.
func (s *Service) OwnedBy(body string) []Owner {
	b := s.Registry.Now().Body(body)
	if b == nil {
		return nil
	}
	list := []Owner{{b.Division, b.Key}}
	if office := s.Office(Owner{Division: b.Division}); office != nil && office.Key == body {
		list = append(list, Owner{Division: b.Division})
	}
	return list
}

// LastYear is the newest year on which reports are owed: the one before today.
func (s *Service) LastYear() int { return s.today().Year() - 1 }

// Progress is how far those of an area have come who owe a report on a year.
type Progress struct {
	Owed      int
	Published int
	Tardy     int // of those published: after the term
	Compiling int // begun, not published
	Late      int // not published, and the term is over
}

func (p *Progress) add(o Progress) {
	p.Owed += o.Owed
	p.Published += o.Published
	p.Tardy += o.Tardy
	p.Compiling += o.Compiling
	p.Late += o.Late
}
