package request

import (
	"context"

	"openhall.org/openhall/internal/platform/casework"
)

// Start is the answers with which the form of a step of a request begins: a reply that comes back from the head begins with what was drafted,
// the approval of more time with the reasons for which it was asked, delivery with the form that the applicant wanted (条例 40). They are
// private, and unsealed only when they are asked for.
func (s *Service) Start(ctx context.Context, c *casework.Case, element string) (map[string]any, error) {
	switch element {
	case "draft", "approve-extension", "hand-over":
		m, err := s.material(ctx, c, c.Seq)
		if err != nil {
			return nil, err
		}
		return startOf(c, m, element), nil
	}
	return nil, nil
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
		put("reasons", plain(m.asked["reasons"]))
	case "hand-over":
		put("manner", m.sent.Wanted)
	}
	return doc
}
