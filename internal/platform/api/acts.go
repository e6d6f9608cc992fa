package api

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"time"

	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/store"
)

// Applicant (申请人) is whose application it is. All of it is personal.
type Applicant struct {
	Kind     string `json:"kind" enum:"person,enterprise"`
	Name     string `json:"name" minLength:"1" maxLength:"100"`
	IDNumber string `json:"idNumber" minLength:"1" maxLength:"40" doc:"ID card number (公民身份号码), or unified social credit code (统一社会信用代码) of an enterprise."`
	Phone    string `json:"phone,omitempty" maxLength:"40"`
	Address  string `json:"address,omitempty" maxLength:"200"`
	Agent    string `json:"agent,omitempty" maxLength:"100" doc:"Who hands it in for them."`
}

// FileRef names an upload of this token.
type FileRef struct {
	ID       store.ID `json:"id" doc:"Of upload-file."`
	Material string   `json:"material,omitempty" maxLength:"100" doc:"Key of the material that it is."`
}

// Application asks for a case to be opened.
type Application struct {
	Item      string          `json:"item" minLength:"1" maxLength:"40" doc:"Implementation code (实施编码)."`
	Applicant Applicant       `json:"applicant"`
	Form      json.RawMessage `json:"form,omitempty" doc:"By the form of the item."`
	Files     []FileRef       `json:"files,omitempty" nullable:"false" maxItems:"50"`
}

// Act asks for one thing to happen to a case: exactly one of Complete, Message and Attach.
type Act struct {
	Seq      int64     `json:"seq,omitempty" minimum:"0" doc:"seq of the case as you saw it: the act is refused when the case has moved since. Left out: whatever it is."`
	Complete *Complete `json:"complete,omitempty" doc:"Does an open step (办理)."`
	Message  *Message  `json:"message,omitempty" doc:"Gives the procedure what it waits for, such as a withdrawal (撤回)."`
	Attach   *Attach   `json:"attach,omitempty" doc:"Adds files to an open case."`
}

// Complete does an open step.
type Complete struct {
	Token int             `json:"token" minimum:"0" doc:"Of the task."`
	Data  json.RawMessage `json:"data,omitempty" doc:"By the form of the step."`
	Files []FileRef       `json:"files,omitempty" nullable:"false" maxItems:"50"`
}

// Message gives the procedure what it waits for.
type Message struct {
	Name   string `json:"name" minLength:"1" maxLength:"64" example:"withdraw"`
	Reason string `json:"reason,omitempty" maxLength:"2000" doc:"Personal; sealed."`
}

// Attach adds files.
type Attach struct {
	Files []FileRef `json:"files" nullable:"false" minItems:"1" maxItems:"50"`
}

// Receipt (回执) answers an accepted command. It is the same when the command is sent again.
type Receipt struct {
	Case   store.ID  `json:"case" doc:"Identifier of the case."`
	Number string    `json:"number" doc:"办件编号"`
	Seq    int64     `json:"seq" doc:"Of the command's event in the case."`
	Event  store.ID  `json:"event" doc:"Identifier of the command's event; /receipts/ and it is the proof that it stands in the log."`
	At     time.Time `json:"at"`
	Leaf   []byte    `json:"leaf" doc:"Hash under which the event stands in the log, base64."`
	Code   string    `json:"code,omitempty" doc:"Query code (查询码) with which the applicant follows the case: hand it to nobody else. Only of a new case."`
}

type createInput struct {
	Key  string `header:"Idempotency-Key" required:"true" minLength:"8" maxLength:"200" doc:"Of your choice, new for each command, such as a UUID."`
	Body Application
}

type actInput struct {
	CaseName
	Key  string `header:"Idempotency-Key" required:"true" minLength:"8" maxLength:"200" doc:"Of your choice, new for each command, such as a UUID."`
	Body Act
}

type receiptOutput struct {
	Location string `header:"Location" doc:"Of a new case."`
	Replayed string `header:"Idempotency-Replayed" doc:"true when the command had been carried out before."`
	Body     Receipt
}

func (a *API) addActs() {
	refused := []int{http.StatusNotFound, http.StatusConflict, http.StatusGone}
	Register(a, Operation{
		ID: "create-case", Method: http.MethodPost, Path: "/cases", Tag: tagCases, Summary: "Apply for an item",
		Description: "Opens a case for an applicant whose identity your system has checked.",
		Actions:     []string{casework.ActionSubmit}, Status: http.StatusCreated, Errors: refused,
	}, a.create)
	Register(a, Operation{
		ID: "act-on-case", Method: http.MethodPost, Path: "/cases/{case}/acts", Tag: tagCases, Summary: "Do something in a case",
		Description: "Exactly one of complete, message and attach.",
		Actions:     []string{casework.ActionComplete, casework.ActionSend, casework.ActionAttach}, Errors: refused,
	}, a.act)
}

func (a *API) create(ctx context.Context, in *createInput) (*receiptOutput, error) {
	b := &in.Body
	it, ok := a.Items.Item(b.Item)
	if !ok || it.Kind == "" {
		return nil, Invalid(Field{Pointer: "/item", Code: "no-item"})
	}
	files, err := a.references(ctx, "/files", b.Files)
	if err != nil {
		return nil, err
	}
	out, err := a.do(ctx, casework.Command{Key: in.Key, Actor: Caller(ctx), Act: casework.Submit{
		Kind: it.Kind, Subject: b.Item, Channel: casework.API, Form: b.Form, Files: files,
		Applicant: casework.Applicant{
			Kind: identity.Kind(b.Applicant.Kind), Name: b.Applicant.Name, IDNumber: b.Applicant.IDNumber, Phone: b.Applicant.Phone,
			Address: b.Applicant.Address, Agent: b.Applicant.Agent,
		},
	}})
	if err != nil {
		var refused *casework.Refusal
		if a.Cancelled != nil && errors.As(err, &refused) && refused.Code == casework.RefusedCancelled {
			if failed := a.Cancelled(ctx, Caller(ctx), b.Item); failed != nil { // the refusal stands all the same
				a.Log.ErrorContext(ctx, "take down an application for an item that is exercised no more", "item", b.Item, "error", failed)
			}
		}
		return nil, under("/form", err)
	}
	out.Location = Prefix + "/cases/" + out.Body.Number
	out.Body.Code = a.Cases.Code(&casework.Case{Number: out.Body.Number})
	return out, nil
}

func (a *API) act(ctx context.Context, in *actInput) (*receiptOutput, error) {
	act, place, err := a.chosen(ctx, &in.Body)
	if err != nil {
		return nil, err
	}
	id, err := store.ParseID(in.Case)
	if err != nil {
		c, err := a.Cases.ByNumber(ctx, in.Case)
		if err != nil {
			return nil, err
		}
		id = c.ID
	}
	out, err := a.do(ctx, casework.Command{Key: in.Key, Actor: Caller(ctx), Case: id, Seq: in.Body.Seq, Act: act})
	return out, under(place, err)
}

// chosen returns the one act that a body names, and where the form of a step lies in it.
func (a *API) chosen(ctx context.Context, b *Act) (act casework.Act, place string, err error) {
	named := 0
	if b.Complete != nil {
		named++
		files, err := a.references(ctx, "/complete/files", b.Complete.Files)
		if err != nil {
			return nil, "", err
		}
		act, place = casework.Complete{Token: b.Complete.Token, Data: b.Complete.Data, Files: files}, "/complete/data"
	}
	if b.Message != nil {
		named++
		act = casework.Send{Message: b.Message.Name, Reason: b.Message.Reason}
	}
	if b.Attach != nil {
		named++
		files, err := a.references(ctx, "/attach/files", b.Attach.Files)
		if err != nil {
			return nil, "", err
		}
		act = casework.Attach{Files: files}
	}
	if named != 1 {
		return nil, "", Invalid(Field{Pointer: "", Code: "one-act"})
	}
	return act, place, nil
}

// do carries a command out and says whether it had been before.
func (a *API) do(ctx context.Context, cmd casework.Command) (*receiptOutput, error) {
	rec, err := a.Cases.Do(ctx, cmd)
	if err != nil {
		return nil, err
	}
	out := &receiptOutput{Body: Receipt{Case: rec.Case, Number: rec.Number, Seq: rec.Seq, Event: rec.Event, At: rec.At.UTC(), Leaf: rec.Leaf}}
	if rec.Replay {
		out.Replayed = "true"
	}
	return out, nil
}

// references looks up the uploads that a command names. Only those of the same token count.
func (a *API) references(ctx context.Context, place string, files []FileRef) ([]casework.FileRef, error) {
	var refs []casework.FileRef
	var wrong []Field
	for i, f := range files {
		up, err := a.Files.Stat(ctx, f.ID)
		if errors.Is(err, store.ErrNotFound) || err == nil && up.Owner != Caller(ctx).Account {
			wrong = append(wrong, Field{Pointer: place + "/" + strconv.Itoa(i) + "/id", Code: "no-file"})
			continue
		}
		if err != nil {
			return nil, err
		}
		refs = append(refs, casework.FileRef{ID: up.ID, Name: up.Name, Digest: up.Digest, Size: up.Size, Type: up.Type, Material: f.Material})
	}
	if len(wrong) > 0 {
		return nil, Invalid(wrong...)
	}
	return refs, nil
}
