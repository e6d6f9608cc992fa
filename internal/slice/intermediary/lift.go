package intermediary

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/store"
)

// The step in which it is decided whether something is lifted, and what comes of it.
const (
	stepLift = "decide-lift"

	LiftIt = "lift"
	KeepIt = "keep"
)

// Plea (解除申请) says what is to be lifted and why: a sanction by its number, or a relation by its kind and target.
type Plea struct {
	Agency    string `json:"agency"` // number
	Sanction  string `json:"sanction,omitempty"`
	Kind      string `json:"kind,omitempty"`
	Target    string `json:"target,omitempty"`
	Ground    string `json:"ground"`
	Statement string `json:"statement"`    // sealed in its case
	By        string `json:"by,omitempty"` // body; empty: the agency itself
}

// maxStatement bounds what is said for a lifting, in characters.
const maxStatement = 2000

var liftTitle = lang.Text{Hans: "解除惩戒或者利害关系", Hant: "解除懲戒或者利害關係", En: "Lifting a sanction or a relation"}

// The wording of what is wrong with a plea.
var (
	notOwnAgency = lang.Text{Hans: "只能为自己的机构申请", Hant: "只能為自己的機構申請", En: "Ask for your own agency only"}
	noneInForce  = lang.Text{Hans: "没有这项惩戒，或者它已经到期、已经解除", Hant: "沒有這項懲戒，或者它已經到期、已經解除", En: "There is no such sanction, or it is over or lifted already"}
	noneHolds    = lang.Text{Hans: "没有申报过这项利害关系，或者它已经解除", Hant: "沒有申報過這項利害關係，或者它已經解除", En: "No such relation was declared, or it has been lifted already"}
	badGround    = lang.Text{Hans: "请选择理由：惩戒的可以提出异议或者说明已经纠正，利害关系的说明已经结束", Hant: "請選擇理由：懲戒的可以提出異議或者說明已經糾正，利害關係的說明已經結束", En: "Choose a ground: an objection or a repair for a sanction, that it is over for a relation"}
	askedTwice   = lang.Text{Hans: "已经申请解除，正在等待决定", Hant: "已經申請解除，正在等待決定", En: "This was asked for already and waits for its decision"}
	tooLong      = lang.Text{Hans: "请缩短到 2000 字以内", Hant: "請縮短到 2000 字以內", En: "Shorten it to 2000 characters"}
)

// Plead (申请解除) asks that a sanction or a relation is lifted. The agency does for itself; supervision and the registrar's office do too.
func (s *Rooms) Plead(ctx context.Context, actor identity.Principal, p Plea, key string) (casework.Receipt, error) {
	p.Statement, p.By = strings.TrimSpace(p.Statement), ""
	sent := casework.Submit{Kind: LiftKind, Subject: p.Agency, Channel: casework.Online}
	if actor.Kind == identity.Staff {
		sent.Channel, p.By = casework.Office, actor.Post.Body
	} else if party := actor.Party().ID; party != 0 { // the policy keeps everybody else out
		who, err := s.People.Party(ctx, party)
		if err != nil {
			return casework.Receipt{}, fmt.Errorf("ask for a lifting: %w", err)
		}
		sent.Applicant = who
	}
	var err error
	if sent.Form, err = json.Marshal(p); err != nil {
		return casework.Receipt{}, fmt.Errorf("ask for a lifting: %w", err)
	}
	rec, err := s.cases.Do(ctx, casework.Command{Key: key, Actor: actor, Act: sent})
	if store.IsDuplicate(err) { // two at the same instant
		return rec, refuse("/statement", "twice", askedTwice)
	}
	return rec, err
}

func (s *Rooms) beginLift(ctx context.Context, sent casework.Submit, today calendar.Date) (casework.Beginning, error) {
	var p Plea
	if err := json.Unmarshal(sent.Form, &p); err != nil {
		return casework.Beginning{}, fmt.Errorf("lifting: %w", err)
	}
	a, err := s.Agency(ctx, p.Agency)
	switch {
	case isNotFound(err):
		return casework.Beginning{}, refuse("/agency", "unknown", noSuchAgency)
	case err != nil:
		return casework.Beginning{}, err
	case sent.Applicant.Party != 0 && sent.Applicant.Party != a.Party:
		return casework.Beginning{}, refuse("/agency", "owner", notOwnAgency)
	}
	var wrong []casework.FieldError
	grounds := []string{Over}
	about := map[string]any{"agency": a.Number, "ground": p.Ground}
	if p.Sanction != "" {
		grounds = []string{Objection, Repair}
		about["sanction"] = p.Sanction
		x, err := s.Sanction(ctx, p.Sanction)
		if isNotFound(err) || err == nil && (x.Agency != a.ID || !x.InForce(today)) {
			return casework.Beginning{}, refuse("/sanction", "over", noneInForce)
		}
		if err != nil {
			return casework.Beginning{}, err
		}
	} else {
		about["relation"] = p.Kind
		list, err := s.Relations(ctx, a.ID)
		if err != nil {
			return casework.Beginning{}, err
		}
		if !slices.ContainsFunc(list, func(r Relation) bool { return r.Kind == p.Kind && r.Target == p.Target && r.Holds() }) {
			return casework.Beginning{}, refuse("/target", "over", noneHolds)
		}
	}
	if !slices.Contains(grounds, p.Ground) {
		wrong = append(wrong, fault("/ground", "required", badGround))
	}
	switch n := utf8.RuneCountInString(p.Statement); {
	case n == 0:
		wrong = append(wrong, fault("/statement", "required", lang.Text{}))
	case n > maxStatement:
		wrong = append(wrong, fault("/statement", "maxLength", tooLong))
	}
	if err := refused(wrong); err != nil {
		return casework.Beginning{}, err
	}
	return casework.Beginning{
		Title:    lang.Text{Hans: liftTitle.Hans + "：" + a.Name, Hant: liftTitle.Hant + "：" + a.Name, En: liftTitle.En + ": " + a.Name},
		Division: a.Division, Body: a.Body, Procedure: LiftKind, Series: "ZJC" + a.Division, Public: about,
	}, nil
}

// liftChanged keeps what was asked in step with its case, and lifts what is to be lifted in the same transaction.
func (s *Rooms) liftChanged(ctx context.Context, tx *store.Tx, c *casework.Case, h casework.Happened) error {
	at := store.Micros(h.Event.At)
	if h.Kind == casework.Submitted {
		var p Plea
		if err := json.Unmarshal(h.Private["form"], &p); err != nil {
			return fmt.Errorf("lifting: %w", err)
		}
		var open int64
		err := tx.QueryRow(ctx, `SELECT COUNT(*) FROM intermediary_lift WHERE agency = (SELECT id FROM intermediary_agency WHERE number = $1)
			AND sanction = $2 AND kind = $3 AND target = $4 AND state = 'asked'`, p.Agency, p.Sanction, p.Kind, p.Target).Scan(&open)
		if err != nil {
			return fmt.Errorf("lifting: %w", err)
		}
		if open > 0 {
			return refuse("/statement", "twice", askedTwice)
		}
		tx.Queue(`INSERT INTO intermediary_lift (id, number, agency, sanction, kind, target, ground, asker, body, state, reason, begun_at, decided_at)
			VALUES ($1, $2, (SELECT id FROM intermediary_agency WHERE number = $3), $4, $5, $6, $7, $8, $9, $10, '', $11, 0)`,
			int64(c.ID), c.Number, p.Agency, p.Sanction, p.Kind, p.Target, p.Ground, p.By, c.Body, stateOf(c), at)
		return nil
	}
	if h.Kind != casework.Completed || h.Data["task"] != stepLift {
		return nil
	}
	var reason string
	if err := json.Unmarshal(h.Private["reason"], &reason); err != nil {
		return fmt.Errorf("lifting %s: %w", c.Number, err)
	}
	if s.cases.Personal != nil && s.cases.Personal(reason) {
		return refuse("/reason", "personal", publicText)
	}
	state := stateOf(c)
	tx.QueueOne(`UPDATE intermediary_lift SET state = $2, reason = $3, decided_at = $4 WHERE id = $1`, int64(c.ID), state, reason, at)
	if state != Lifted {
		return nil
	}
	if err := tx.Flush(ctx); err != nil {
		return err
	}
	x, err := store.One(ctx, tx, scanLift, `SELECT `+liftColumns+` FROM intermediary_lift WHERE id = $1`, int64(c.ID))
	if err != nil {
		return fmt.Errorf("lifting %s: %w", c.Number, err)
	}
	if x.Sanction == "" {
		tx.Queue(`UPDATE intermediary_relation SET ended_at = $4, ended = $5 WHERE agency = $1 AND kind = $2 AND target = $3 AND ended_at = 0`,
			int64(x.Agency), x.Kind, x.Target, at, reason)
		return nil
	}
	tx.Queue(`UPDATE intermediary_sanction SET state = 'lifted', lifted_at = $2, lifted = $3 WHERE number = $1 AND state = 'imposed'`, x.Sanction, at, reason)
	return s.barAgain(ctx, tx, x.Agency)
}

// barAgain works out what keeps an agency from orders: of its sanctions in force the one that holds longest, and of those the strictest.
func (s *Rooms) barAgain(ctx context.Context, tx *store.Tx, agency store.ID) error {
	if err := tx.Flush(ctx); err != nil {
		return err
	}
	list, err := store.All(ctx, tx, scanSanction, `SELECT `+sanctionColumns+` FROM intermediary_sanction WHERE agency = $1 AND state = 'imposed' AND until_day > 0
		ORDER BY until_day DESC, kind LIMIT 1`, int64(agency)) // blacklist before suspension
	if err != nil {
		return fmt.Errorf("sanctions against %s: %w", agency, err)
	}
	kind, until := "", calendar.Date(0)
	if len(list) > 0 {
		kind, until = list[0].Kind, list[0].Until
	}
	tx.QueueOne(`UPDATE intermediary_agency SET blocked = $2, blocked_until = $3 WHERE id = $1`, int64(agency), kind, int64(until))
	return nil
}

// DecideLift (决定解除) is the step of the head of the registrar. The reason becomes public.
func (s *Rooms) DecideLift(ctx context.Context, actor identity.Principal, number, outcome, reason, key string) (casework.Receipt, error) {
	x, err := s.Lift(ctx, number)
	if err != nil {
		return casework.Receipt{}, err
	}
	entered := map[string]string{}
	if outcome != "" {
		entered["outcome"] = outcome
	}
	if reason = strings.TrimSpace(reason); reason != "" {
		entered["reason"] = reason
	}
	data, err := json.Marshal(entered)
	if err != nil {
		return casework.Receipt{}, fmt.Errorf("lifting %s: %w", number, err)
	}
	return s.complete(ctx, actor, x.ID, stepLift, key, data, nil)
}

// statementOf is what was said for a lifting.
func statementOf(form []byte) (string, error) {
	var p Plea
	if err := json.Unmarshal(form, &p); err != nil {
		return "", fmt.Errorf("lifting: %w", err)
	}
	return p.Statement, nil
}
