package request

import (
	"slices"
	"strings"

	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/document"
	"openhall.org/openhall/internal/platform/registry"
	"openhall.org/openhall/internal/platform/web"
)

// Suggested are the bodies that the reply to a request can point to (条例 36 (5)): those of its own division, of all above it and of the one
// right above, those with the same business first.
func (s *Service) Suggested(c *casework.Case) []lang.Text {
	places := s.Registry.Now()
	own := places.Body(c.Body)
	if own == nil {
		return nil
	}
	var list []*registry.Body
	add := func(division string) {
		for _, b := range places.Bodies(division) {
			if b.Key != own.Key && !registry.Over(b.Ended, s.Now()) {
				list = append(list, b)
			}
		}
	}
	for _, d := range slices.Backward(places.Path(own.Division)) {
		add(d.Code)
	}
	for _, d := range places.Children(own.Division) {
		add(d.Code)
	}
	slices.SortStableFunc(list, func(a, b *registry.Body) int {
		switch {
		case (a.Kind == own.Kind) == (b.Kind == own.Kind):
			return 0
		case a.Kind == own.Kind:
			return -1
		default:
			return 1
		}
	})
	names := make([]lang.Text, len(list))
	for i, b := range list {
		names[i] = b.Name
	}
	return names
}

// named finds the body that goes by a name, in any of the languages; nil when there is none, or several.
func (s *Service) bodyNamed(name string) *registry.Body {
	name = strings.Join(strings.Fields(name), " ")
	if name == "" {
		return nil
	}
	var found *registry.Body
	places := s.Registry.Now()
	for _, d := range places.Divisions() {
		for _, b := range places.Bodies(d.Code) {
			if b.Name.Hans != name && b.Name.Hant != name && !strings.EqualFold(b.Name.En, name) || registry.Over(b.Ended, s.Now()) {
				continue
			}
			if found != nil {
				return nil
			}
			found = b
		}
	}
	return found
}

// checkAgency looks at which body the reply points to.
func (s *Service) checkAgency(c *casework.Case, in entered) []casework.FieldError {
	if strings.TrimSpace(in.Agency) == "" {
		return nil
	}
	b := s.bodyNamed(in.Agency)
	switch {
	case b == nil:
		return []casework.FieldError{{Path: "/agency", Code: "unknown", Text: noSuchBody}}
	case b.Key == c.Body:
		return []casework.FieldError{{Path: "/agency", Code: "own", Text: ownBody}}
	}
	return nil
}

var (
	noSuchBody = lang.Text{Hans: "名录中没有这个机关。请从列表中选择全称，或者写在“列表以外的机关”", Hant: "名錄中沒有這個機關。請從列表中選擇全稱，或者寫在「列表以外的機關」",
		En: "No body of that name is in the registry. Choose its full name from the list, or write it under “A body that is not in the list”"}
	ownBody = lang.Text{Hans: "这就是本机关，请选择应当申请的其他机关", Hant: "這就是本機關，請選擇應當申請的其他機關", En: "That is this body itself; choose the other one that has to be asked"}
)

// agencyFacts tell which other body has to be asked, with where it is found and called.
func (s *Service) agencyFacts(l *web.Localizer, m material, f document.Facts) {
	f["outside"] = plain(m.draft.Fields["outside"])
	if b := s.bodyNamed(plain(m.draft.Fields["agency"])); b != nil {
		f["other-body"], f["other-address"], f["other-phone"] = l.Text(b.Name), l.Text(s.addressOf(b)), b.Consult
	} else if name := plain(m.draft.Fields["agency"]); name != "" {
		f["other-body"] = name // renamed or dissolved since
	}
}

// addressOf is where a body is found: at its own address, else in the centre in which it is stationed.
func (s *Service) addressOf(b *registry.Body) lang.Text {
	if !b.Address.IsZero() {
		return b.Address
	}
	if c := s.Registry.Now().Centre(b.Centre); c != nil {
		return c.Address
	}
	return lang.Text{}
}

// officeFacts tell where the body itself is found, for what is paid or fetched there.
func (s *Service) officeFacts(l *web.Localizer, body string, f document.Facts) {
	if b := s.Registry.Now().Body(body); b != nil {
		f["office-address"], f["office-phone"] = l.Text(s.addressOf(b)), b.Consult
	}
}
