package request

import (
	"context"

	"openhall.org/openhall/internal/platform/casework"
)

// Starts are the answers with which the forms of the open steps of a request begin, by the element: a reply that comes back from the head
// begins with what was drafted, the approval of more time with the reasons for which it was asked, delivery with the form that the
// applicant wanted (条例 40). They are private.
func (s *Service) Starts(ctx context.Context, c *casework.Case) (map[string]map[string]any, error) {
	starts := map[string]map[string]any{}
	for _, t := range c.Tasks() {
		switch t.Element {
		case "draft", "approve-extension", "hand-over":
			m, err := s.material(ctx, c, c.Seq)
			if err != nil {
				return nil, err
			}
			starts[t.Element] = startOf(c, m, t.Element)
		}
	}
	return starts, nil
}

func startOf(c *casework.Case, m material, element string) map[string]any {
	doc := map[string]any{}
	put := func(name, value string) {
		if value != "" {
			doc[name] = value
		}
	}
	switch element {
	case "draft":
		if m.draft.Seq == 0 {
			break // the first one
		}
		put(varReply, word(c.Variables(), varReply))
		for _, name := range []string{"reasons", "where", "agency", "outside", "law", "publicInterest", "subject"} {
			put(name, plain(m.draft.Fields[name]))
		}
		if cost := whole(c.Variables(), "cost"); cost > 0 {
			doc["cost"] = cost
		}
	case "approve-extension":
		put("reasons", plain(m.last["reasons"]))
	case "hand-over":
		put("manner", m.sent.Wanted)
	}
	return doc
}
