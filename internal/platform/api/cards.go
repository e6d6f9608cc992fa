package api

import (
	"context"
	"net/http"
	"time"

	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/supervision"
)

// Card (监察卡片) says that one line of one case, or one step, is about to be late or is late.
type Card struct {
	ID       store.ID   `json:"id"`
	Case     store.ID   `json:"case"`
	Number   string     `json:"number" doc:"办件编号"`
	Rule     string     `json:"rule" doc:"Of supervision."`
	Title    lang.Text  `json:"title,omitzero" doc:"Of the rule."`
	Colour   string     `json:"colour" enum:"reminder,overtime,yellow,irregular,red" doc:"提醒、超时、黄牌、异常、红牌"`
	Clock    string     `json:"clock,omitempty" doc:"Whose line was crossed; absent for a step."`
	Task     string     `json:"task,omitempty" doc:"Element of the step; absent for a clock."`
	Due      string     `json:"due,omitempty" format:"date" doc:"The day on which the line ends, in Asia/Shanghai; absent when it is about no line."`
	Division string     `json:"division"`
	Body     string     `json:"body"`
	Item     string     `json:"item" doc:"Implementation code (实施编码)."`
	At       time.Time  `json:"at"`
	Leaf     int64      `json:"leaf" doc:"Place in the log of the event that raised it."`
	ClosedAt *time.Time `json:"closedAt,omitempty" doc:"Absent while it is open."`
	Closed   string     `json:"closed,omitempty" enum:"ended,stopped,moved,done,overtook,concluded" doc:"Why it is no longer open."`

	Explain     string     `json:"explain,omitempty" enum:"window,reviewer,head" doc:"Role of the body that has to explain; absent when nobody has to."`
	Answer      string     `json:"answer,omitempty" doc:"Number of the case in which it is explained, verified and concluded; absent until that begins."`
	State       string     `json:"state,omitempty" enum:"explaining,verifying,accounting,concluded" doc:"How far that case has come."`
	Conclusion  string     `json:"conclusion,omitempty" enum:"upheld,excused,wrong" doc:"属实、免责、误报; what is excused or wrong does not count against the body."`
	ConcludedAt *time.Time `json:"concludedAt,omitempty"`
}

func (a *API) card(c *supervision.Card) Card {
	due := ""
	if c.Due != 0 {
		due = c.Due.String()
	}
	rule, _ := a.Cards.Rule(c.Rule) // a card whose rule is gone has no title
	return Card{
		ID: c.ID, Case: c.Case, Number: c.Number, Rule: c.Rule, Title: rule.Title, Colour: string(c.Colour), Clock: c.Clock, Task: c.Task, Due: due,
		Division: c.Division, Body: c.Body, Item: c.Subject, At: c.At.UTC(), Leaf: c.Leaf, ClosedAt: moment(c.ClosedAt), Closed: string(c.Closed),
		Explain: c.Explain, Answer: c.Answer, State: string(c.State), Conclusion: string(c.Conclusion), ConcludedAt: moment(c.ConcludedAt),
	}
}

// CardList is a page of cards.
type CardList struct {
	Cards []Card `json:"cards" nullable:"false"`
	Next  string `json:"next,omitempty" doc:"Cursor of the next page; absent on the last."`
}

type cardsInput struct {
	Page
	Division string `query:"division" pattern:"^[0-9]{12}$" patternDescription:"a code of 12 digits" doc:"12-digit code; its whole subtree."`
	BodyKey  string `query:"body" maxLength:"100" doc:"Key of the body."`
	Colour   string `query:"colour" enum:"reminder,overtime,yellow,irregular,red"`
	Rule     string `query:"rule" maxLength:"100" doc:"Of supervision, such as supervision.unlisted-fee."`
	State    string `query:"state" enum:"explaining,verifying,accounting,concluded"`
	Concl    string `query:"conclusion" enum:"upheld,excused,wrong"`
	Open     bool   `query:"open" doc:"Only those that are open."`
}

type cardsOutput struct{ Body CardList }

type cardInput struct {
	ID string `path:"id" doc:"Identifier of the card."`
}

type cardOutput struct{ Body Card }

func (a *API) addCards() {
	const tag = "Supervision"
	Register(a, Operation{
		ID: "list-cards", Method: http.MethodGet, Path: "/cards", Tag: tag, Summary: "Cards, newest first",
		Description: "What supervision has found by itself: lines that are about to pass or have passed.",
		Actions:     []string{identity.ActionBoard},
	}, a.listCards)
	Register(a, Operation{
		ID: "get-card", Method: http.MethodGet, Path: "/cards/{id}", Tag: tag, Summary: "A card",
		Actions: []string{identity.ActionBoard}, Errors: []int{http.StatusNotFound},
	}, func(ctx context.Context, in *cardInput) (*cardOutput, error) {
		id, err := store.ParseID(in.ID)
		if err != nil {
			return nil, NotFound()
		}
		c, err := a.Cards.Card(ctx, id)
		if err != nil {
			return nil, err
		}
		on := identity.Resource{Type: "card", ID: c.ID.String(), Division: c.Division, Body: c.Body}
		if err := a.Policies.Allow(Caller(ctx), identity.ActionBoard, on); err != nil {
			return nil, err
		}
		return &cardOutput{a.card(&c)}, nil
	})
}

func (a *API) listCards(ctx context.Context, in *cardsInput) (*cardsOutput, error) {
	before, err := in.after()
	if err != nil {
		return nil, err
	}
	who := Caller(ctx)
	on := bound(who, in.Division, in.BodyKey)
	if err := a.Policies.Allow(who, identity.ActionBoard, on); err != nil {
		return nil, err
	}
	cards, err := a.Cards.Cards(ctx, supervision.CardFilter{
		Division: on.Division, Body: on.Body, Colour: supervision.Colour(in.Colour), OpenOnly: in.Open,
		Rule: in.Rule, State: supervision.State(in.State), Conclusion: supervision.Conclusion(in.Concl), Before: store.ID(before), Limit: in.Limit + 1,
	})
	if err != nil {
		return nil, err
	}
	out := &cardsOutput{}
	cards, out.Body.Next = cut(in.Page, cards, func(c supervision.Card) string { return c.ID.String() })
	out.Body.Cards = make([]Card, 0, len(cards))
	for i := range cards {
		out.Body.Cards = append(out.Body.Cards, a.card(&cards[i]))
	}
	return out, nil
}
