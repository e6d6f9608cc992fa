package agent

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/identifier"
	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/store/journal"
)

// The states of visits.
const (
	VisitPlanned = "planned"
	VisitDone    = "done"
	VisitDropped = "dropped"
)

// Reasons are why somebody is visited at home, in the order in which they are offered.
func Reasons() []string {
	return []string{"disabled", "elderly", "ill", "alone", "infant", "far", "consent", "other"}
}

// Visited is whom a visit is for, and what came of it. All of it is personal.
type Visited struct {
	Name    string `json:"name"`
	Number  string `json:"id,omitempty"`
	Phone   string `json:"phone,omitempty"`
	Address string `json:"address"`
	Purpose string `json:"purpose,omitempty"`
	Result  string `json:"result,omitempty"`
	// Moves are the changes of its day or its agent, the latest last.
	Moves []Moved `json:"moves,omitempty"`
}

// Moved is a change of the day of a visit, or of who makes it.
type Moved struct {
	At     time.Time     `json:"at"`
	By     store.ID      `json:"by"`
	Due    calendar.Date `json:"due"`   // as it was before
	Agent  store.ID      `json:"agent"` // as it was before
	Reason string        `json:"reason"`
}

// Visit (上门服务) is a visit at somebody's home.
type Visit struct {
	ID      store.ID
	Body    string
	Village string
	Agent   store.ID
	Reason  string
	Due     calendar.Date
	State   string
	DoneAt  time.Time
	LateAt  time.Time // when it was noticed that it was not made by its day; zero: it was not late
	Visited Visited
	Version int64

	villager []byte
}

// Late reports whether it should have been made before a day.
func (v *Visit) Late(on calendar.Date) bool { return v.State == VisitPlanned && v.Due < on }

const visitColumns = `id, body, village, agent, villager, reason, due_day, state, done_at, late_at, sealed, version`

func (s *Service) scanVisit(row store.Row) (v Visit, err error) {
	var due, done, late int64
	var sealed []byte
	if err = row.Scan(&v.ID, &v.Body, &v.Village, &v.Agent, &v.villager, &v.Reason, &due, &v.State, &done, &late, &sealed, &v.Version); err != nil {
		return v, err
	}
	v.Due, v.DoneAt, v.LateAt = calendar.Date(due), store.Instant(done), store.Instant(late)
	return v, s.unseal("visit", v.ID, sealed, &v.Visited)
}

// Visit returns a visit, or [store.ErrNotFound].
func (s *Service) Visit(ctx context.Context, id store.ID) (Visit, error) {
	v, err := store.One(ctx, s.DB.Read(), s.scanVisit, `SELECT `+visitColumns+` FROM agent_visit WHERE id = $1`, int64(id))
	if err != nil {
		return v, fmt.Errorf("visit %s: %w", id, err)
	}
	return v, nil
}

// Visits lists the visits of an agent in a state: what is planned by its day, what is done the latest first.
func (s *Service) Visits(ctx context.Context, agent store.ID, state string) ([]Visit, error) {
	query := `SELECT ` + visitColumns + ` FROM agent_visit WHERE agent = $1 AND state = $2 ORDER BY due_day, id LIMIT $3`
	if state != VisitPlanned {
		query = `SELECT ` + visitColumns + ` FROM agent_visit WHERE agent = $1 AND state = $2 ORDER BY due_day DESC, id DESC LIMIT $3`
	}
	list, err := store.All(ctx, s.DB.Read(), s.scanVisit, query, int64(agent), state, 100)
	if err != nil {
		return nil, fmt.Errorf("visits of agent %s: %w", agent, err)
	}
	return list, nil
}

// LateVisits lists what the agents of a township should have done before a day, the oldest first.
func (s *Service) LateVisits(ctx context.Context, body string, day calendar.Date) ([]Visit, error) {
	list, err := store.All(ctx, s.DB.Read(), s.scanVisit, `SELECT `+visitColumns+` FROM agent_visit
		WHERE body = $1 AND state = '`+VisitPlanned+`' AND due_day < $2 ORDER BY due_day, id LIMIT $3`, body, int64(day), shown)
	if err != nil {
		return nil, fmt.Errorf("late visits of %s: %w", body, err)
	}
	return list, nil
}

// Plan (安排上门) plans a visit of an agent: their own, or by the head of the township centre. The paths of what is wrong are name, id, phone,
// address, reason, due, village, agent.
func (s *Service) Plan(ctx context.Context, who identity.Principal, v *Visit) error {
	var found []casework.FieldError
	add := func(field, code string, text lang.Text) {
		found = append(found, casework.FieldError{Path: "/" + field, Code: code, Text: text})
	}
	x := &v.Visited
	x.Name, x.Address, x.Number = strings.TrimSpace(x.Name), strings.TrimSpace(x.Address), strings.ToUpper(strings.TrimSpace(x.Number))
	if x.Name == "" || utf8.RuneCountInString(x.Name) > maxName {
		add("name", "required", lang.Text{Hans: "请填写姓名，不超过 50 个字", Hant: "請填寫姓名，不超過 50 個字", En: "Enter a name of at most 50 characters"})
	}
	if x.Address == "" || utf8.RuneCountInString(x.Address) > 2*maxName {
		add("address", "required", lang.Text{Hans: "请填写上门地址，不超过 100 个字", Hant: "請填寫上門地址，不超過 100 個字", En: "Enter the address, at most 100 characters"})
	}
	if x.Number != "" {
		if _, err := identifier.ParseIDCard(x.Number, s.Now()); err != nil {
			add("id", "id-card", numberWords(err))
		}
	}
	if _, err := identifier.ParsePhone(x.Phone); x.Phone != "" && err != nil {
		add("phone", "phone", lang.Text{Hans: "请填写 11 位手机号码，或者带区号的固定电话", Hant: "請填寫 11 位手機號碼，或者帶區號的固定電話", En: "Enter a mobile number of 11 digits, or a landline with its area code"})
	}
	if utf8.RuneCountInString(x.Purpose) > maxText {
		add("purpose", "maxLength", lang.Text{Hans: "不超过 500 个字", Hant: "不超過 500 個字", En: "At most 500 characters"})
	}
	if !slices.Contains(Reasons(), v.Reason) {
		add("reason", "required", lang.Text{Hans: "请选择上门的原因", Hant: "請選擇上門的原因", En: "Choose why they are visited"})
	}
	if v.Due < s.today() {
		add("due", "range", lang.Text{Hans: "上门日期不能早于今天", Hant: "上門日期不能早於今天", En: "The day cannot lie before today"})
	}
	mine, err := s.Villages(ctx, v.Agent, who.Post.Body, s.today())
	if err != nil {
		return err
	}
	if !slices.Contains(mine, v.Village) {
		add("village", "other-village", lang.Text{Hans: "请选择现在由这位代办员负责的村", Hant: "請選擇現在由這位代辦員負責的村", En: "Choose a village that this agent has at present"})
	}
	if len(found) > 0 {
		return &casework.Refusal{Code: casework.RefusedForm, Fields: found}
	}
	if err := s.mayVisit(ctx, who, v); err != nil {
		return err
	}
	v.ID, v.Body, v.State, v.Version = s.IDs.New(), who.Post.Body, VisitPlanned, 1
	sealed, err := s.seal("visit", v.ID, v.Visited)
	if err != nil {
		return err
	}
	if x.Number != "" {
		v.villager = s.cases.HolderIndex(x.Number)
	}
	return s.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		tx.Queue(`INSERT INTO agent_visit (id, body, village, agent, villager, reason, due_day, state, done_at, sealed, version)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0, $9, 1)`,
			int64(v.ID), v.Body, v.Village, int64(v.Agent), v.villager, v.Reason, int64(v.Due), v.State, sealed)
		return s.note(ctx, tx, who, "agent.visit-planned", v.ID, map[string]any{"village": v.Village, "due": v.Due.String()})
	})
}

// mayVisit asks the policy for a visit: an agent's own, or the head's for the agents of the township.
func (s *Service) mayVisit(ctx context.Context, who identity.Principal, v *Visit) error {
	if v.Agent != who.Account {
		return s.cases.Policy.Allow(who, ActionManage, identity.Resource{Type: "agent", Division: v.Village, Body: who.Post.Body})
	}
	on, err := s.resource(ctx, who, v.Village, nil)
	if err != nil {
		return err
	}
	return s.cases.Policy.Allow(who, ActionConsent, on)
}

// Finish (办结上门) records what came of a visit, or that it is not needed. A villager whose number is known is told of it.
func (s *Service) Finish(ctx context.Context, who identity.Principal, v *Visit, state, result string) error {
	result = strings.TrimSpace(result)
	if n := utf8.RuneCountInString(result); n == 0 || n > maxText {
		return refuse("/result", "required", lang.Text{Hans: "请填写结果，不超过 500 个字", Hant: "請填寫結果，不超過 500 個字", En: "Enter what came of it, at most 500 characters"})
	}
	if state != VisitDone && state != VisitDropped {
		return refuse("/state", "required", lang.Text{Hans: "请选择已上门或者不再需要", Hant: "請選擇已上門或者不再需要", En: "Choose whether it was made or is not needed any more"})
	}
	if v.Agent != who.Account && state != VisitDropped { // the head of the centre drops a visit, but was not there
		return &identity.Denied{Action: ActionConsent, Reason: identity.DeniedOther}
	}
	if err := s.mayVisit(ctx, who, v); err != nil {
		return err
	}
	now := s.Now()
	v.Visited.Result = result
	sealed, err := s.seal("visit", v.ID, v.Visited)
	if err != nil {
		return err
	}
	var given Consent
	if v.villager != nil {
		if given, err = s.given(ctx, who.Account, v.villager, now); err != nil && !isNotFound(err) {
			return err
		}
	}
	return s.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		n, err := tx.ExecCount(ctx, `UPDATE agent_visit SET state = $3, done_at = $4, sealed = $5, version = version + 1 WHERE id = $1 AND version = $2 AND state = '`+VisitPlanned+`'`,
			int64(v.ID), v.Version, state, store.Micros(now), sealed)
		if err != nil {
			return fmt.Errorf("visit %s: %w", v.ID, err)
		}
		if n == 0 {
			return refuse("/state", "moved", alreadyRecorded)
		}
		if state == VisitDone {
			count(tx, v.Body, who.Account, CountVisits, now)
			if given.ID != 0 {
				s.did(tx, &Deed{Consent: given.ID, Agent: who.Account, Post: who.Post.ID, Kind: DeedVisited, At: now})
			}
		}
		return s.note(ctx, tx, who, "agent.visit-"+state, v.ID, map[string]any{"village": v.Village})
	})
}

// note takes an act down in the log, under the post of who did it.
func (s *Service) note(ctx context.Context, tx *store.Tx, who identity.Principal, kind string, id store.ID, data map[string]any) error {
	return s.Journal.Record(ctx, tx, journal.Act{Kind: kind, By: who.Actor(), On: journal.On("agent", id), Public: true, Data: data})
}
