package joint

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"time"

	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/registry"
	"openhall.org/openhall/internal/platform/store"
)

// What one case means for another.
const (
	linkBegin       = "begin"       // the stage of a part has begun: open the case of its department
	linkAnswer      = "answer"      // the part is answered: the whole goes on
	linkSummon      = "summons"     // the departments of the stage are summoned to a joint meeting
	linkAbsent      = "absent"      // the department did not come to the joint meeting
	linkDiscontinue = "discontinue" // the whole ended: the part is not needed any more
	linkCheck       = "check"       // something was granted on a commitment: check it
	linkFiles       = "files"       // materials followed a promise: whoever needs them gets them
	linkRevoke      = "revoke"      // a commitment proved untrue: what was granted on it holds no more
)

// link is one row of the outbox.
type link struct {
	id      store.ID
	whole   store.ID
	ordinal int // 0: about the whole
	kind    string
	tries   int
}

const (
	linkRound   = 256 // rows that one look takes
	linkWorkers = 32  // that carry them out side by side
	linkPause   = 500 * time.Millisecond
	linkLease   = 15 * time.Second
	maxPause    = 10 * time.Minute
)

// Run carries out what cases mean for one another until ctx ends, on the one node that holds the lease.
func (s *Service) Run(ctx context.Context, holder string, report func(error)) {
	l := store.Lease{DB: s.DB, Name: "joint.link", Holder: holder, For: linkLease, Now: s.Now}
	l.Poll(ctx, linkPause, func(ctx context.Context) (bool, error) {
		gone := s.Succeed(ctx, s.Cases)
		n, err := s.Settle(ctx, s.Cases)
		return n > 0, errors.Join(gone, err)
	}, report)
}

// Settle (衔接) carries out what is due of the outbox and returns how many it finished. Every command has a key of its own, so that one that
// was carried out before the program stopped is not carried out twice. What fails is tried again later.
func (s *Service) Settle(ctx context.Context, cases *casework.Runtime) (int, error) {
	now := cases.Now()
	list, err := store.All(ctx, s.DB.Read(), func(row store.Row) (l link, err error) {
		return l, row.Scan(&l.id, &l.whole, &l.ordinal, &l.kind, &l.tries)
	}, `SELECT id, whole, ordinal, kind, tries FROM joint_link WHERE run_at <= $1 ORDER BY run_at, id LIMIT $2`, store.Micros(now), linkRound)
	if err != nil || len(list) == 0 {
		return 0, err
	}
	entries, err := s.entriesDue(ctx, now)
	if err != nil {
		return 0, err
	}
	work := make(chan int)
	failed := make([]error, len(list))
	kept := make([]bool, len(list)) // the row went with the event
	var wg sync.WaitGroup
	for range min(linkWorkers, len(list)) {
		wg.Go(func() {
			for i := range work {
				kept[i], failed[i] = s.carryOut(ctx, cases, &list[i], entries)
			}
		})
	}
	for i := range list {
		work <- i
	}
	close(work)
	wg.Wait()
	var finished []store.ID
	done := 0
	for i, err := range failed {
		if err == nil {
			done++
			if !kept[i] {
				finished = append(finished, list[i].id)
			}
			continue
		}
		failed[i] = fmt.Errorf("%s of joint matter %s: %w", list[i].kind, list[i].whole, err)
		if err := s.later(ctx, &list[i], now); err != nil {
			return done, err
		}
	}
	return done, errors.Join(errors.Join(failed...), s.drop(ctx, finished))
}

// later puts off what failed: twice as long each time.
func (s *Service) later(ctx context.Context, l *link, now time.Time) error {
	pause := min(time.Second<<min(l.tries, 20), maxPause)
	return s.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		return tx.Exec(ctx, `UPDATE joint_link SET tries = tries + 1, run_at = $2 WHERE id = $1`, int64(l.id), store.Micros(now.Add(pause)))
	})
}

// drop takes out what was carried out and what nobody waits for any more, for which there is no event.
func (s *Service) drop(ctx context.Context, finished []store.ID) error {
	if len(finished) == 0 {
		return nil
	}
	return s.DB.Write(ctx, func(_ context.Context, tx *store.Tx) error {
		for _, id := range finished {
			tx.Queue(`DELETE FROM joint_link WHERE id = $1`, int64(id))
		}
		return nil
	})
}

// seat names a part of a whole by its place there.
type seat struct {
	whole   store.ID
	ordinal int
}

// entriesDue returns the parts that the due rows of the outbox are about, in one look.
func (s *Service) entriesDue(ctx context.Context, now time.Time) (map[seat]*Entry, error) {
	list, err := store.All(ctx, s.DB.Read(), s.scanEntry, `SELECT `+partColumns+` FROM joint_part WHERE (whole, ordinal) IN
		(SELECT whole, ordinal FROM joint_link WHERE run_at <= $1 ORDER BY run_at, id LIMIT $2)`, store.Micros(now), linkRound)
	if err != nil {
		return nil, fmt.Errorf("parts of the outbox: %w", err)
	}
	entries := make(map[seat]*Entry, len(list))
	for i := range list {
		entries[seat{list[i].Whole, list[i].Ordinal}] = &list[i]
	}
	return entries, nil
}

// carryOut does what one row says. Kept reports that the row goes with the event that shows it; every other is to be dropped.
func (s *Service) carryOut(ctx context.Context, cases *casework.Runtime, l *link, entries map[seat]*Entry) (kept bool, err error) {
	if whole := map[string]func(context.Context, *casework.Runtime, *link) error{
		linkCheck: s.openChecks, linkFiles: s.passOn, linkSummon: s.summon,
	}[l.kind]; whole != nil {
		return false, whole(ctx, cases, l)
	}
	e := entries[seat{l.whole, l.ordinal}]
	if e == nil { // the row has become due between the two looks, or there is no such part any more
		one, err := s.entry(ctx, l.whole, l.ordinal)
		if isNotFound(err) {
			return false, nil
		}
		if err != nil {
			return false, err
		}
		e = &one
	}
	switch l.kind {
	case linkBegin:
		kept, err = s.openPart(ctx, cases, e)
	case linkAnswer:
		kept, err = s.answer(ctx, cases, e)
	case linkAbsent, linkDiscontinue:
		err = s.tell(ctx, cases, e, l.kind)
	case linkRevoke:
		err = s.revokeLetters(ctx, cases, e)
	}
	if over(err) {
		return false, nil
	}
	return kept, err
}

// over reports whether a refusal says that it is too late or not needed any more: nobody waits for it.
func over(err error) bool {
	var r *casework.Refusal
	if !errors.As(err, &r) {
		return false
	}
	return slices.Contains([]string{
		casework.RefusedEnded, casework.RefusedTaskDone, casework.RefusedStale, casework.RefusedMessage, casework.RefusedRevoked,
	}, r.Code)
}

// key makes a command of a part idempotent.
func (e *Entry) key(what string) string {
	return "joint/" + e.Whole.String() + "/" + strconv.Itoa(e.Ordinal) + "/" + what
}

// openPart opens the case of a department with its share of the application. When the department is there no more, its successor in the
// division gets it; when there is none, the part is void. Kept says that the row of the outbox goes with the event.
func (s *Service) openPart(ctx context.Context, cases *casework.Runtime, e *Entry) (kept bool, err error) {
	if e.Case != 0 {
		return false, nil
	}
	whole, err := store.One(ctx, s.DB.Read(), s.scanWhole, `SELECT `+wholeColumns+` FROM joint_whole WHERE case_id = $1`, int64(e.Whole))
	if err != nil {
		return false, err
	}
	if !whole.Open() {
		return false, nil
	}
	body := e.Body
	if b := s.Registry.Now().Body(body); b == nil || registry.Over(b.Ended, cases.Now()) {
		next, _ := s.successor(whole.Division, e)
		if next == nil {
			return s.reply(ctx, cases, e, "void", "")
		}
		body = next.Key
	}
	dossier, err := cases.Dossier(ctx, e.Whole)
	if err != nil {
		return false, err
	}
	var sent Sent
	if err := json.Unmarshal(dossier.Form, &sent); err != nil {
		return false, fmt.Errorf("application %s: %w", whole.Number, err)
	}
	answers, err := share(sent.Answers, e.Takes)
	if err != nil {
		return false, err
	}
	raw, err := json.Marshal(partForm{e.Whole, whole.Number, e.Ordinal, body, whole.Body, answers})
	if err != nil {
		return false, err
	}
	rec, err := cases.Do(ctx, casework.Command{Key: e.key("begin"), Actor: identity.Platform, Act: casework.Submit{
		Kind: PartKind, Subject: e.Subject, Channel: casework.Office, Applicant: dossier.Applicant, Form: raw, Files: needed(dossier.Files, e.Needs),
	}})
	return !rec.Replay, err
}

// needed picks the files of the materials that a part needs.
func needed(files []casework.FileRef, materials []string) []casework.FileRef {
	var list []casework.FileRef
	for _, f := range files {
		if slices.Contains(materials, f.Material) {
			list = append(list, f)
		}
	}
	return list
}

// answer brings the answer of a department to the whole.
func (s *Service) answer(ctx context.Context, cases *casework.Runtime, e *Entry) (kept bool, err error) {
	words := map[PartState]string{Agreed: "agree", Forwarded: "forward", Refused: "disagree", Deemed: "deemed"}
	word, ok := words[e.State]
	if !ok {
		return false, nil
	}
	return s.reply(ctx, cases, e, word, e.Cause)
}

// reply does the step of the whole that waits for the part. Kept says that the row of the outbox goes with the event.
func (s *Service) reply(ctx context.Context, cases *casework.Runtime, e *Entry, word, cause string) (kept bool, err error) {
	data := map[string]any{"outcome": word, "item": e.Ordinal, "stops": word == "disagree" && e.EndsAll}
	if cause != "" {
		data["cause"] = cause
	}
	raw, err := json.Marshal(data)
	if err != nil {
		return false, err
	}
	rec, err := cases.Do(ctx, casework.Command{Key: e.key("answer"), Actor: identity.Platform, Case: e.Whole, Act: casework.Complete{Token: e.token, Data: raw}})
	return !rec.Replay, err
}

// errNotBegun says that the case of a department is about to be opened: what it is to be told waits for that.
var errNotBegun = errors.New("the case of the department is not open yet")

// tell sends a message to the case of a department.
func (s *Service) tell(ctx context.Context, cases *casework.Runtime, e *Entry, message string) error {
	void := message == linkDiscontinue && e.State == Void // nobody can answer it, so it ends
	switch {
	case e.Case == 0 && e.State == Open && message != linkDiscontinue:
		return errNotBegun
	case e.Case == 0, e.State.Answered() && !void:
		return s.notOpened(ctx, e, message)
	}
	_, err := cases.Do(ctx, casework.Command{Key: e.key(message), Actor: identity.Platform, Case: e.Case, Act: casework.Send{Message: message}})
	return err
}

// summon tells the departments of the stage, each in its own case, of the joint meeting that is to be held.
func (s *Service) summon(ctx context.Context, cases *casework.Runtime, l *link) error {
	w, err := s.Whole(ctx, l.whole)
	if err != nil {
		return err
	}
	for i := range w.Parts {
		e := &w.Parts[i]
		if m := w.meeting(e.Stage); m == nil || !m.HeldAt.IsZero() || e.State != Open {
			continue
		}
		if err := s.tell(ctx, cases, e, linkSummon); err != nil && !over(err) {
			return err
		}
	}
	return nil
}

// notOpened ends a part whose case was not opened before the whole ended.
func (s *Service) notOpened(ctx context.Context, e *Entry, message string) error {
	if message != linkDiscontinue || e.Case != 0 || e.State.Answered() {
		return nil
	}
	return s.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		n, err := tx.ExecCount(ctx, `UPDATE joint_part SET status = 'discontinued', answered_at = $3 WHERE whole = $1 AND ordinal = $2 AND case_id = 0`,
			int64(e.Whole), e.Ordinal, store.Micros(s.Now()))
		if err == nil && n == 0 {
			err = errNotBegun // its case was opened since it was looked at: that one is told at the next look
		}
		return err
	})
}

// openChecks opens the checks of the commitments on which something was granted.
func (s *Service) openChecks(ctx context.Context, cases *casework.Runtime, l *link) error {
	w, err := s.Whole(ctx, l.whole)
	if err != nil {
		return err
	}
	for i := range w.Parts {
		e := &w.Parts[i]
		if len(e.Commits) == 0 || e.Case == 0 || e.State == Refused || e.State == Discontinued {
			continue
		}
		dossier, err := cases.Dossier(ctx, e.Case)
		if err != nil {
			return err
		}
		var f partForm
		if err := json.Unmarshal(dossier.Form, &f); err != nil {
			return fmt.Errorf("form of %s: %w", e.Number, err)
		}
		raw, err := json.Marshal(checkForm{e.Whole, e.Ordinal, e.Commits, f.Answers})
		if err != nil {
			return err
		}
		_, err = cases.Do(ctx, casework.Command{Key: e.key("check"), Actor: identity.Platform, Act: casework.Submit{
			Kind: CheckKind, Subject: e.Subject, Channel: casework.Office, Applicant: dossier.Applicant, Form: raw,
		}})
		if err != nil {
			return err
		}
	}
	return nil
}

// passOn gives the departments that are still at work the materials that followed a promise, each what its part needs.
func (s *Service) passOn(ctx context.Context, cases *casework.Runtime, l *link) error {
	w, err := s.Whole(ctx, l.whole)
	if err != nil {
		return err
	}
	dossier, err := cases.Dossier(ctx, l.whole)
	if err != nil {
		return err
	}
	for i := range w.Parts {
		e := &w.Parts[i]
		if e.Case == 0 {
			continue // it gets all when it is opened
		}
		has, err := cases.Dossier(ctx, e.Case)
		if err != nil {
			return err
		}
		files := slices.DeleteFunc(needed(dossier.Files, e.Needs), func(f casework.FileRef) bool {
			return slices.ContainsFunc(has.Files, func(o casework.FileRef) bool { return o.ID == f.ID })
		})
		if len(files) == 0 {
			continue
		}
		_, err = cases.Do(ctx, casework.Command{Key: e.key("files/" + l.id.String()), Actor: identity.Platform, Case: e.Case, Act: casework.Attach{Files: files}})
		if err != nil && !over(err) {
			return err
		}
	}
	return nil
}
