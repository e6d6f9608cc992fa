package joint

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/store"
)

// untrue takes over that a department revokes what it granted on a commitment (优化营商环境条例 40): the part says so, and the letters that told
// the result are revoked.
func (s *Service) untrue(tx *store.Tx, c *casework.Case, h casework.Happened) {
	task, _ := h.Data["task"].(string)
	number, _ := c.Variables()[varPart].(string)
	if h.Kind != casework.Completed || task != "revoke" || h.Data["outcome"] != "revoke" || number == "" {
		return
	}
	tx.Queue(`UPDATE joint_part SET revoked_at = $2 WHERE number = $1 AND number <> ''`, number, store.Micros(h.Event.At))
	s.linkWhere(tx, h.Event.At, linkRevoke, `number = $4 AND number <> ''`, number)
}

// revokeLetters revokes what told that a part was agreed: the opinion of the department, and the result of the whole. The opinions of the
// others stand.
func (s *Service) revokeLetters(ctx context.Context, cases *casework.Runtime, e *Entry) error {
	reason := fmt.Sprintf("“%s”系以告知承诺取得，经核查承诺不实且没有整改到位，已依法撤销；其他部门的结果不受影响。", e.Title.Hans)
	for _, x := range []struct {
		kase store.ID
		kind string
	}{{e.Case, "joint-opinion"}, {e.Whole, "joint-decision"}} {
		if x.kase == 0 {
			continue
		}
		c, err := cases.Get(ctx, x.kase)
		if err != nil {
			return err
		}
		docs := c.Documents()
		i := slices.IndexFunc(docs, func(d casework.Document) bool { return d.Kind == x.kind && d.RevokedAt.IsZero() })
		if i < 0 {
			continue // a default has no opinion; or it was revoked before
		}
		_, err = cases.Do(ctx, casework.Command{Key: e.key("revoke/" + x.kind), Actor: identity.Platform, Case: x.kase,
			Act: casework.Revoke{Document: x.kind, Of: docs[i].Seq, Reason: reason}})
		if err != nil && !over(err) {
			return err
		}
	}
	return nil
}

// revoked writes into the book of letters that one holds no more.
func (s *Service) revoked(tx *store.Tx, c *casework.Case, h casework.Happened) error {
	kind, _ := h.Data["document"].(string)
	of, _ := h.Data["of"].(int64)
	var reason string
	if err := json.Unmarshal(h.Private["reason"], &reason); err != nil {
		return fmt.Errorf("reason of a revocation in %s: %w", c.Number, err)
	}
	s.Documents.RevokeOf(tx, c.ID, of, kind, h.Event.At, reason)
	return nil
}
