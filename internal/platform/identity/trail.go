package identity

import (
	"context"
	"errors"

	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/store/journal"
)

// Actor says in the journal of administrative acts who did something.
func (p Principal) Actor() journal.Actor {
	a := journal.Actor{Account: p.Account, Kind: string(p.Kind), Post: p.Post.ID, Body: p.Post.Body}
	if len(p.Post.Roles) > 0 && p.Kind == Staff {
		a.Role = p.Post.Roles[0]
	}
	return a
}

// Administrative reports whether an action is one of the three administrators': that somebody was refused it is taken down.
func Administrative(action string) bool {
	for _, a := range []string{ActionItems, ActionRegistry, ActionAccounts, ActionTokens, ActionAudit, ActionLaw, ActionPolicies, ActionErase, ActionConfirm} {
		if action == a {
			return true
		}
	}
	return false
}

// trail is an act on an account.
func trail(by Principal, kind string, id store.ID) journal.Act {
	return journal.Act{Kind: kind, By: by.Actor(), On: journal.On("account", id)}
}

func tokenTrail(by Principal, t Token) journal.Act {
	return journal.Act{Kind: journal.TokenMade, By: by.Actor(), On: journal.On("token", t.ID), Data: map[string]any{
		"name": t.Name, "scopes": t.Scopes, "body": t.Body, "division": t.Division, "until": t.Until.UTC().Format("2006-01-02"),
	}}
}

func importTrail(by Principal, made []Account) journal.Act {
	counts := map[string]any{}
	for _, a := range made {
		n, _ := counts[string(a.Kind)].(int)
		counts[string(a.Kind)] = n + 1
	}
	return journal.Act{Kind: journal.AccountsImported, By: by.Actor(), On: journal.On("accounts", len(made)), Data: counts}
}

// note takes an act down, unless it is what one of the public does with their own account.
func (s *Service) note(ctx context.Context, tx *store.Tx, act journal.Act) error {
	if act.By.Kind == string(Person) || act.By.Kind == string(Enterprise) {
		return nil
	}
	return s.Journal.Record(ctx, tx, act)
}

// noteOwn takes down what a member of staff does to their own account.
func (s *Service) noteOwn(ctx context.Context, tx *store.Tx, a Account, kind string, data map[string]any) error {
	act := trail(Principal{Account: a.ID, Kind: a.Kind, Post: s.postOf(a.ID, "")}, kind, a.ID)
	act.Data = data
	return s.note(ctx, tx, act)
}

// noteSignIn takes down that a member of staff signed in.
func (s *Service) noteSignIn(ctx context.Context, a Account) error {
	if a.Kind != Staff {
		return nil
	}
	return s.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error { return s.noteOwn(ctx, tx, a, journal.SignedIn, nil) })
}

// noteRefused takes down that somebody tried to sign in as a member of staff with a wrong password, and returns the error of the
// attempt. Logins that are no staff's leave no entry: nobody must be able to fill the log from outside.
func (s *Service) noteRefused(ctx context.Context, login string, err error) error {
	var no *Refusal
	if !errors.As(err, &no) || no.Code != RefusedWrong { // too many attempts: those before were taken down
		return err
	}
	a, unknown := s.AccountByLogin(ctx, login)
	if unknown != nil || a.Kind != Staff { // what is written for staff takes time, by which they could be told from others: so something is written
		werr := s.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
			return tx.Exec(ctx, `UPDATE identity_attempt SET last_at = last_at WHERE login = $1`, s.loginIndex(login))
		})
		if werr != nil {
			return werr
		}
		return err
	}
	return s.noteRefusedOf(ctx, a, err)
}

func (s *Service) noteRefusedOf(ctx context.Context, a Account, err error) error {
	var no *Refusal
	if a.Kind != Staff || !errors.As(err, &no) {
		return err
	}
	act := journal.Act{Kind: journal.SignInRefused, By: journal.Actor{Kind: string(Visitor)}, On: journal.On("account", a.ID), Refused: no.Code}
	if werr := s.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error { return s.note(ctx, tx, act) }); werr != nil {
		return werr
	}
	return err
}
