package api

import (
	"cmp"
	"context"
	"encoding/json"
	"net/http"
	"time"

	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/store"
)

const tagCases = "Cases"

// Case (办件) is one matter, without anything personal.
type Case struct {
	ID         store.ID   `json:"id"`
	Number     string     `json:"number" doc:"办件编号"`
	Kind       string     `json:"kind"`
	Item       string     `json:"item" doc:"Implementation code (实施编码) of the item."`
	Title      lang.Text  `json:"title" doc:"Name of the item on the day of application."`
	Division   string     `json:"division" doc:"12-digit code."`
	Body       string     `json:"body" doc:"Key of the competent body."`
	Procedure  string     `json:"procedure" doc:"Key and version of the procedure that it runs."`
	Channel    string     `json:"channel" enum:"online,window,api,agent,office,mail,fax"`
	Status     string     `json:"status" doc:"Where it stands, as its procedure says."`
	Result     string     `json:"result,omitempty" doc:"Absent while it is open."`
	Rating     int        `json:"rating,omitempty" minimum:"1" maximum:"5" doc:"好差评; absent: not rated."`
	Lamp       string     `json:"lamp" enum:"green,amber,yellow,red" doc:"amber: the last working day before the earlier line; yellow: past the promise; red: past the statute."`
	Seq        int64      `json:"seq" doc:"Number of its events. Send it with an act to be refused when the case has moved since."`
	CreatedAt  time.Time  `json:"createdAt"`
	EndedAt    *time.Time `json:"endedAt,omitempty" doc:"Absent while it is open."`
	PromiseDue *time.Time `json:"promiseDue,omitempty" doc:"End of the promised term of the clock that runs."`
	StatuteDue *time.Time `json:"statuteDue,omitempty" doc:"End of the statutory term of the clock that runs."`
	Tasks      []Task     `json:"tasks" nullable:"false" doc:"Open steps."`
	Documents  []Document `json:"documents" nullable:"false" doc:"What was issued, oldest first."`
}

// Task is an open step of a case.
type Task struct {
	Token    int        `json:"token" doc:"Names the step in an act."`
	Element  string     `json:"element" doc:"Of the procedure."`
	Role     string     `json:"role" doc:"Who does it."`
	OpenedAt time.Time  `json:"openedAt"`
	DueAt    *time.Time `json:"dueAt,omitempty" doc:"End of the step's own term."`
}

// Document says that a slip, notice or decision was issued.
type Document struct {
	Kind      string    `json:"kind"`
	Element   string    `json:"element"`
	Seq       int64     `json:"seq" doc:"Of the event that issued it."`
	At        time.Time `json:"at"`
	RevokedAt time.Time `json:"revokedAt,omitzero" doc:"When it was revoked; left out while it holds."`
}

var lamps = map[casework.Lamp]string{
	casework.Green: "green", casework.Amber: "amber", casework.Yellow: "yellow", casework.Red: "red",
}

var lampOf = map[string]casework.Lamp{"amber": casework.Amber, "yellow": casework.Yellow, "red": casework.Red}

func caseOf(c *casework.Case) Case {
	out := Case{
		ID: c.ID, Number: c.Number, Kind: c.Kind, Item: c.Subject, Title: c.Title, Division: c.Division, Body: c.Body, Procedure: c.Procedure,
		Channel: string(c.Channel), Status: c.Status, Result: c.Result, Rating: c.Rating, Lamp: lamps[c.Lamp], Seq: c.Seq,
		CreatedAt: c.CreatedAt, EndedAt: moment(c.EndedAt), PromiseDue: moment(c.PromiseDue), StatuteDue: moment(c.StatuteDue),
		Tasks: make([]Task, 0, len(c.Tasks())), Documents: make([]Document, 0, len(c.Documents())),
	}
	for _, t := range c.Tasks() {
		out.Tasks = append(out.Tasks, Task{Token: t.Token, Element: t.Element, Role: t.Role, OpenedAt: t.OpenedAt, DueAt: moment(t.DueAt)})
	}
	for _, d := range c.Documents() {
		out.Documents = append(out.Documents, Document(d))
	}
	return out
}

// moment leaves out an instant that is not set.
func moment(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}

// bound fills in what the caller's token is bound to where a filter says nothing, so that a list never asks for more than it opens.
func bound(who identity.Principal, division, body string) identity.Resource {
	return identity.Resource{Type: "list", Division: cmp.Or(division, who.Post.Division), Body: cmp.Or(body, who.Post.Body)}
}

// found returns a case by number or identifier if the caller may read it. private asks for form, applicant and files too.
func (a *API) found(ctx context.Context, name string, private bool) (*casework.Case, error) {
	var c *casework.Case
	id, err := store.ParseID(name)
	if err == nil {
		c, err = a.Cases.Get(ctx, id)
	} else {
		c, err = a.Cases.ByNumber(ctx, name)
	}
	if err != nil {
		return nil, err
	}
	return c, a.Cases.MayRead(Caller(ctx), c, false, private)
}

// CaseList is a page of cases.
type CaseList struct {
	Cases []Case `json:"cases" nullable:"false"`
	Next  string `json:"next,omitempty" doc:"Cursor of the next page; absent on the last."`
}

type casesInput struct {
	Page
	Division string `query:"division" pattern:"^[0-9]{12}$" patternDescription:"a code of 12 digits" doc:"12-digit code; its whole subtree."`
	BodyKey  string `query:"body" maxLength:"100" doc:"Key of the competent body."`
	Item     string `query:"item" maxLength:"40" doc:"Implementation code (实施编码)."`
	Status   string `query:"status" maxLength:"40"`
	Lamp     string `query:"lamp" enum:"amber,yellow,red" doc:"This lamp or a graver one."`
	Open     bool   `query:"open" doc:"Only those that have not ended."`
}

type casesOutput struct{ Body CaseList }

// CaseName names the case of an operation.
type CaseName struct {
	Case string `path:"case" maxLength:"60" doc:"Number (办件编号) or identifier of the case."`
}

type caseOutput struct{ Body Case }

// Dossier (卷宗) is the personal part of a case.
type Dossier struct {
	Applicant Applicant       `json:"applicant"`
	Form      json.RawMessage `json:"form,omitempty" doc:"The application form as it was last handed in."`
	Files     []DossierFile   `json:"files" nullable:"false"`
}

// DossierFile is a file of a case.
type DossierFile struct {
	ID       store.ID `json:"id"`
	Name     string   `json:"name"`
	Digest   string   `json:"digest" doc:"SHA-256 of the content, hexadecimal."`
	Size     int64    `json:"size" doc:"Bytes."`
	Type     string   `json:"type" doc:"Media type found in the content."`
	Material string   `json:"material,omitempty" doc:"Key of the material that it is."`
}

type dossierOutput struct{ Body Dossier }

func (a *API) addCases() {
	Register(a, Operation{
		ID: "list-cases", Method: http.MethodGet, Path: "/cases", Tag: tagCases, Summary: "Cases, newest first",
		Description: "A token that is bound to a division or a body sees the cases of that division or body.",
		Actions:     []string{identity.ActionList},
	}, a.listCases)
	Register(a, Operation{
		ID: "get-case", Method: http.MethodGet, Path: "/cases/{case}", Tag: tagCases, Summary: "A case and where it stands",
		Actions: []string{casework.ActionRead}, Errors: []int{http.StatusNotFound},
	}, func(ctx context.Context, in *CaseName) (*caseOutput, error) {
		c, err := a.found(ctx, in.Case, false)
		if err != nil {
			return nil, err
		}
		return &caseOutput{caseOf(c)}, nil
	})
	Register(a, Operation{
		ID: "get-dossier", Method: http.MethodGet, Path: "/cases/{case}/dossier", Tag: tagCases, Summary: "Applicant, form and files of a case",
		Description: "Personal data: keep no more of it than the purpose needs, and no longer.",
		Actions:     []string{casework.ActionPrivate}, Errors: []int{http.StatusNotFound},
	}, a.dossier)
}

func (a *API) listCases(ctx context.Context, in *casesInput) (*casesOutput, error) {
	before, err := in.after()
	if err != nil {
		return nil, err
	}
	who := Caller(ctx)
	on := bound(who, in.Division, in.BodyKey)
	if err := a.Policies.Allow(who, identity.ActionList, on); err != nil {
		return nil, err
	}
	cases, err := a.Cases.List(ctx, casework.Filter{
		Division: on.Division, Body: on.Body, Subject: in.Item, Status: in.Status, Lamp: lampOf[in.Lamp], OpenOnly: in.Open,
		Before: store.ID(before), Limit: in.Limit + 1,
	})
	if err != nil {
		return nil, err
	}
	out := &casesOutput{Body: CaseList{Cases: []Case{}}}
	cases, out.Body.Next = cut(in.Page, cases, func(c *casework.Case) string { return c.ID.String() })
	for _, c := range cases {
		if a.Cases.MayRead(who, c, false, false) == nil {
			out.Body.Cases = append(out.Body.Cases, caseOf(c))
		}
	}
	return out, nil
}

func (a *API) dossier(ctx context.Context, in *CaseName) (*dossierOutput, error) {
	c, err := a.found(ctx, in.Case, true)
	if err != nil {
		return nil, err
	}
	d, err := a.Cases.Dossier(ctx, c.ID)
	if err != nil {
		return nil, err
	}
	out := &dossierOutput{Body: Dossier{Form: d.Form, Files: make([]DossierFile, 0, len(d.Files)), Applicant: Applicant{
		Kind: string(d.Applicant.Kind), Name: d.Applicant.Name, IDNumber: d.Applicant.IDNumber, Phone: d.Applicant.Phone,
		Address: d.Applicant.Address, Agent: d.Applicant.Agent,
	}}}
	for _, f := range d.Files {
		out.Body.Files = append(out.Body.Files, DossierFile(f))
	}
	return out, nil
}
