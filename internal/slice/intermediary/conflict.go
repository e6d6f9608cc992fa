package intermediary

import (
	"context"
	"fmt"
	"slices"

	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/core/statute"
	"openhall.org/openhall/internal/platform/registry"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/slice/intermediary/draw"
)

// The rules by which a conflict of interest (利益冲突) keeps an agency from an order: codes of the list [ruleConflicts].
const (
	sameParty        = "same-party"
	sameOwner        = "same-owner"
	relatedApplicant = "related-applicant"
	affiliatedBody   = "affiliated-body"
	relatedOfficial  = "related-official" // the official is recused, the agency is not excluded
)

// side is the applicant of an order, as far as conflicts look at it.
type side struct {
	Party  store.ID
	Number string // USCC or ID number
	Owner  string // who controls it, when it is in the register itself
	Body   string
}

// sideOf finds out about the applicant.
func (s *Rooms) sideOf(ctx context.Context, party store.ID, body string) (side, error) {
	who, err := s.People.Party(ctx, party)
	if err != nil {
		return side{}, fmt.Errorf("applicant: %w", err)
	}
	x := side{Party: party, Number: who.IDNumber, Body: body}
	own, err := s.OfParty(ctx, party)
	if err == nil {
		x.Owner = own.Owner
	} else if !isNotFound(err) {
		return x, err
	}
	return x, nil
}

// conflict returns the code of the rule that keeps an agency from an order of the applicant, or "". Relations are those of the agency.
func conflict(a *Agency, relations []Relation, with side) string {
	switch {
	case a.Party != 0 && a.Party == with.Party, a.USCC == with.Number:
		return sameParty
	case a.Owner != "" && (a.Owner == with.Number || a.Owner == with.Owner), with.Owner != "" && with.Owner == a.USCC:
		return sameOwner
	}
	for _, r := range relations {
		switch {
		case r.Kind == ToApplicant && r.Target == with.Number:
			return relatedApplicant
		case r.Kind == ToBody && r.Target == with.Body:
			return affiliatedBody
		}
	}
	return ""
}

// relationsOf lists the relations that hold of all agencies that offer a service, by agency.
func (s *Rooms) relationsOf(ctx context.Context, service string) (map[store.ID][]Relation, error) {
	list, err := store.All(ctx, s.DB.Read(), scanRelation, `SELECT `+relationColumns+` FROM intermediary_relation
		WHERE ended_at = 0 AND agency IN (SELECT agency FROM intermediary_offer WHERE service = $1)`, service)
	if err != nil {
		return nil, fmt.Errorf("relations of agencies that offer %s: %w", service, err)
	}
	by := map[store.ID][]Relation{}
	for _, x := range list {
		by[x.agency] = append(by[x.agency], x.Relation)
	}
	return by, nil
}

// standing is an agency that offers a service, with what keeps it from an order.
type standing struct {
	Agency
	Offered Offer
	Rule    string // conflict or sanction that keeps it from the order; empty: it may have it
}

// offering lists who offers a service, each with what keeps it from an order of the applicant.
func (s *Rooms) offering(ctx context.Context, service *Service, with side) ([]standing, error) {
	agencies, err := s.Offering(ctx, service.Key)
	if err != nil {
		return nil, err
	}
	relations, err := s.relationsOf(ctx, service.Key)
	if err != nil {
		return nil, err
	}
	list := make([]standing, 0, len(agencies))
	for i := range agencies {
		a := &agencies[i]
		o, ok := a.Offer(service.Key)
		if !ok || o.Fen > service.Fen || o.Days > service.Days { // the catalogue has become stricter than the offer
			continue
		}
		x := standing{Agency: *a, Offered: o, Rule: a.Barred(s.today())}
		if x.Rule == "" {
			x.Rule = conflict(a, relations[a.ID], with)
		}
		if x.Rule == "" && s.nobodyElse(relations[a.ID], with.Body) {
			x.Rule = relatedOfficial
		}
		list = append(list, x)
	}
	return list, nil
}

// split puts those who may have an order on the list of a draw, and the others beside it.
func split(list []standing) (candidates []draw.Candidate, excluded []Excluded) {
	excluded = []Excluded{}
	for i := range list {
		x := &list[i]
		if x.Rule != "" {
			excluded = append(excluded, Excluded{Number: x.Number, Name: x.Name, Rule: x.Rule})
			continue
		}
		candidates = append(candidates, draw.Candidate{Number: x.Number, Name: x.Name, Fen: x.Offered.Fen, Days: x.Offered.Days})
	}
	return candidates, excluded
}

// ruleText words what keeps an agency from an order, with the article.
func (s *Rooms) ruleText(code string) lang.Text {
	if t, ok := sanctionTexts[code]; ok {
		return t
	}
	v, err := s.Rules.At(ruleConflicts, s.today())
	if err != nil {
		return lang.Text{Hans: code}
	}
	e, ok := v.Entry(code)
	if !ok {
		return lang.Text{Hans: code}
	}
	return cited(e.Title, v.Source)
}

// cited joins a text with its citation.
func cited(t lang.Text, source statute.Source) lang.Text {
	c := source.CiteText()
	return lang.Text{Hans: t.Hans + "（" + c.Hans + "）", Hant: t.In(lang.Hant) + "（" + c.In(lang.Hant) + "）", En: t.In(lang.En) + " (" + c.In(lang.En) + ")"}
}

var sanctionTexts = map[string]lang.Text{
	Suspension: {Hans: "机构被暂停承接", Hant: "機構被暫停承接", En: "The agency is suspended"},
	Blacklist:  {Hans: "机构在黑名单中", Hant: "機構在黑名單中", En: "The agency is on the blacklist"},
}

// recused lists the accounts of officials of a body to whom an agency is related: they check nothing that it delivers (回避).
func (s *Rooms) recused(relations []Relation, body string) []store.ID {
	reg := s.Registry.Now()
	var list []store.ID
	for _, r := range relations {
		if post := reg.Post(r.Target); r.Kind == ToOfficial && post != nil && post.Body == body {
			list = append(list, reg.Holders(r.Target, s.Now())...)
		}
	}
	return list
}

// nobodyElse reports whether an agency is related to all officers of a body who could check what it delivers.
func (s *Rooms) nobodyElse(relations []Relation, body string) bool {
	barred := s.recused(relations, body)
	if len(barred) == 0 {
		return false
	}
	reg := s.Registry.Now()
	for _, post := range reg.Posts(body) {
		if !post.Has(registry.Reviewer) {
			continue
		}
		for _, account := range reg.Holders(post.Key, s.Now()) {
			if !slices.Contains(barred, account) {
				return false
			}
		}
	}
	return true
}
