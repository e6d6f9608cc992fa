package intermediary

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/store"
)

// Steps of a sanction, and what comes of the last.
const (
	stepState  = "state-case"
	stepDecide = "decide-sanction"

	Impose  = "impose"
	Dismiss = "dismiss"
)

// Proposal (惩戒建议) is a sanction that somebody proposes.
type Proposal struct {
	Agency string `json:"agency"` // number
	Kind   string `json:"kind"`
	Months int    `json:"months,omitempty"`
	Reason string `json:"reason"` // public once it is imposed
	Basis  string `json:"basis"`
	By     string `json:"by,omitempty"` // body
}

// maxMonths bounds a suspension and a term on the blacklist.
const maxMonths = 36

// The wording of what is wrong with a proposal.
var (
	noSuchAgency = lang.Text{Hans: "没有这家机构，或者它没有入驻", Hant: "沒有這家機構，或者它沒有入駐", En: "There is no such agency, or it is not admitted"}
	noSanction   = lang.Text{Hans: "请选择惩戒种类", Hant: "請選擇懲戒種類", En: "Choose the sanction"}
	badMonths    = lang.Text{Hans: "暂停和黑名单的期限应当是 1 至 36 个月；警告没有期限", Hant: "暫停和黑名單的期限應當是 1 至 36 個月；警告沒有期限", En: "A suspension or a term on the blacklist lasts 1 to 36 months; a warning has no term"}
)

// Propose (提出惩戒) proposes a sanction. The agency states its case; then the head of the registrar decides.
func (s *Rooms) Propose(ctx context.Context, actor identity.Principal, p Proposal, key string) (casework.Receipt, error) {
	p.By = actor.Post.Body
	form, err := json.Marshal(p)
	if err != nil {
		return casework.Receipt{}, fmt.Errorf("sanction: %w", err)
	}
	return s.cases.Do(ctx, casework.Command{Key: key, Actor: actor, Act: casework.Submit{Kind: SanctionKind, Subject: p.Agency, Channel: casework.Office, Form: form}})
}

func (s *Rooms) beginSanction(ctx context.Context, sent casework.Submit, _ calendar.Date) (casework.Beginning, error) {
	var p Proposal
	if err := json.Unmarshal(sent.Form, &p); err != nil {
		return casework.Beginning{}, fmt.Errorf("sanction: %w", err)
	}
	a, err := s.Agency(ctx, p.Agency)
	if isNotFound(err) || err == nil && a.State != Admitted {
		return casework.Beginning{}, refuse("/agency", "unknown", noSuchAgency)
	}
	if err != nil {
		return casework.Beginning{}, err
	}
	var wrong []casework.FieldError
	switch p.Kind {
	case Warning:
		if p.Months != 0 {
			wrong = append(wrong, fault("/months", "range", badMonths))
		}
	case Suspension, Blacklist:
		if p.Months < 1 || p.Months > maxMonths {
			wrong = append(wrong, fault("/months", "range", badMonths))
		}
	default:
		wrong = append(wrong, fault("/kind", "required", noSanction))
	}
	s.limited(&wrong, "/reason", strings.TrimSpace(p.Reason), maxText, true)
	s.limited(&wrong, "/basis", strings.TrimSpace(p.Basis), maxText, true)
	if err := refused(wrong); err != nil {
		return casework.Beginning{}, err
	}
	return casework.Beginning{
		Title: lang.Text{Hans: "中介机构惩戒：" + a.Name, Hant: "中介機構懲戒：" + a.Name, En: "Sanction against " + a.Name}, Division: a.Division, Body: a.Body,
		Procedure: SanctionKind, Series: "ZC" + a.Division, Variables: map[string]any{"party": int64(a.Party)},
		Public: map[string]any{"agency": a.Number, "sanction": p.Kind, "months": p.Months, "by": p.By},
	}, nil
}

// sanctionChanged keeps sanctions in step with their cases, and puts them in force.
func (s *Rooms) sanctionChanged(ctx context.Context, tx *store.Tx, c *casework.Case, h casework.Happened) error {
	at := store.Micros(h.Event.At)
	if h.Kind == casework.Submitted {
		var p Proposal
		if err := json.Unmarshal(h.Private["form"], &p); err != nil {
			return fmt.Errorf("sanction: %w", err)
		}
		tx.Queue(`INSERT INTO intermediary_sanction (id, number, agency, kind, months, reason, basis, body, proposer, state, begun_at, decided_at, until_day)
			VALUES ($1, $2, (SELECT id FROM intermediary_agency WHERE number = $3), $4, $5, $6, $7, $8, $9, $10, $11, 0, 0)`,
			int64(c.ID), c.Number, p.Agency, p.Kind, p.Months, strings.TrimSpace(p.Reason), strings.TrimSpace(p.Basis), c.Body, p.By, stateOf(c), at)
		return nil
	}
	state := stateOf(c)
	tx.QueueOne(`UPDATE intermediary_sanction SET state = $2 WHERE id = $1`, int64(c.ID), state)
	if h.Kind != casework.Completed || h.Data["task"] != stepDecide {
		return nil
	}
	if err := tx.Flush(ctx); err != nil {
		return err
	}
	x, err := store.One(ctx, tx, scanSanction, `SELECT `+sanctionColumns+` FROM intermediary_sanction WHERE id = $1`, int64(c.ID))
	if err != nil {
		return fmt.Errorf("sanction %s: %w", c.Number, err)
	}
	until := calendar.Date(0)
	if x.Months > 0 {
		until = months(calendar.Of(h.Event.At), x.Months)
	}
	tx.QueueOne(`UPDATE intermediary_sanction SET decided_at = $2, until_day = $3 WHERE id = $1`, x.row(), at, int64(until))
	if state != Imposed || x.Kind == Warning {
		return nil
	}
	return s.barAgain(ctx, tx, x.Agency)
}

func (x *Sanction) row() int64 { return int64(x.ID) }

// months is the day so many months after another: the last day on which a sanction holds.
func months(day calendar.Date, n int) calendar.Date {
	t := day.Start().AddDate(0, n, 0)
	return calendar.Of(t)
}

// State (陈述申辩) is what an agency says before a sanction.
func (s *Rooms) State(ctx context.Context, actor identity.Principal, number, statement, key string) (casework.Receipt, error) {
	return s.sanctionStep(ctx, actor, number, stepState, key, map[string]string{"statement": strings.TrimSpace(statement)})
}

// Decide (决定惩戒) is the step of the head of the registrar.
func (s *Rooms) Decide(ctx context.Context, actor identity.Principal, number, outcome, remark, key string) (casework.Receipt, error) {
	return s.sanctionStep(ctx, actor, number, stepDecide, key, map[string]string{"outcome": outcome, "remark": strings.TrimSpace(remark)})
}

func (s *Rooms) sanctionStep(ctx context.Context, actor identity.Principal, number, step, key string, entered map[string]string) (casework.Receipt, error) {
	x, err := s.Sanction(ctx, number)
	if err != nil {
		return casework.Receipt{}, err
	}
	for name, value := range entered {
		if value == "" {
			delete(entered, name)
		}
	}
	data, err := json.Marshal(entered)
	if err != nil {
		return casework.Receipt{}, fmt.Errorf("sanction %s: %w", number, err)
	}
	return s.complete(ctx, actor, x.ID, step, key, data, nil)
}

// attempt is what a case of the kind [AttemptKind] is opened with.
type attempt struct {
	Order string `json:"order"`
}

var attemptTitle = lang.Text{Hans: "试图重新抽取中介机构", Hant: "試圖重新抽取中介機構", En: "A draw that was to be repeated"}

// attempted (试图重新抽取) takes down, once a day for each order, that somebody tried to have a draw repeated. Supervision makes a card of it.
func (s *Rooms) attempted(ctx context.Context, o *Order) error {
	form, err := json.Marshal(attempt{o.Number})
	if err == nil {
		_, err = s.cases.Do(ctx, casework.Command{
			Key: "intermediary/attempt/" + o.Number + "/" + s.today().String(), Actor: identity.Platform,
			Act: casework.Submit{Kind: AttemptKind, Subject: o.Number, Channel: casework.Office, Form: form},
		})
	}
	if err != nil {
		return fmt.Errorf("take down an attempt to repeat the draw of %s: %w", o.Number, err)
	}
	return nil
}

func (s *Rooms) beginAttempt(ctx context.Context, sent casework.Submit, _ calendar.Date) (casework.Beginning, error) {
	var a attempt
	if err := json.Unmarshal(sent.Form, &a); err != nil {
		return casework.Beginning{}, fmt.Errorf("attempt: %w", err)
	}
	o, err := s.Order(ctx, a.Order)
	if err != nil {
		return casework.Beginning{}, err
	}
	return casework.Beginning{
		Title: attemptTitle, Division: o.Division, Body: o.Body, Procedure: AttemptKind, Series: "ZX" + o.Division, Public: map[string]any{"attempt": true, "order": o.Number},
	}, nil
}
