package intermediary

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"time"

	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/store/journal"
)

// Version (公开承诺的版本) is what an agency promised, with its prices and terms, from an instant on.
type Version struct {
	Number  int64
	Profile Profile
	From    time.Time
	Until   time.Time // when the next one began; zero: it holds
}

// maxVersions bounds the versions on a page.
const maxVersions = 100

// ActAmended is the entry in the public log of a change of what an agency promises. It names the version and the SHA-256 of its content.
const ActAmended = "intermediary.amended"

// The wording of what is wrong with a change.
var (
	amendMoved  = lang.Text{Hans: "价格或者承诺刚才已经修改过，请核对现在的内容再改", Hant: "價格或者承諾剛才已經修改過，請核對現在的內容再改", En: "Prices or promises were changed meanwhile; look at what holds now, then change it"}
	amendSame   = lang.Text{Hans: "没有改动：请修改承诺、价格、工作日或者联系方式以后再公布", Hant: "沒有改動：請修改承諾、價格、工作日或者聯繫方式以後再公佈", En: "Nothing was changed: change the promise, a price, days or how to reach you, then publish"}
	amendNeeds  = lang.Text{Hans: "这项服务要求资质，入驻时没有核验过，不能自行增加；请联系登记机关", Hant: "這項服務要求資質，入駐時沒有核驗過，不能自行增加；請聯繫登記機關", En: "This service asks for a qualification that was not checked at the admission; you cannot add it yourself. Ask the registrar"}
	notAdmitted = lang.Text{Hans: "入驻以后才能公布新的价格和承诺；现在请先办完入驻", Hant: "入駐以後才能公佈新的價格和承諾；現在請先辦完入駐", En: "Prices and promises are changed once the agency is admitted; finish the admission first"}
)

// Versions lists what an agency promised, the latest first. One that was admitted by an earlier version of the program has the one that holds.
func (s *Rooms) Versions(ctx context.Context, a *Agency) ([]Version, error) {
	list, err := s.versions(ctx, s.DB.Read(), a.ID)
	if err != nil {
		return nil, err
	}
	if len(list) == 0 && !a.AdmittedAt.IsZero() {
		list = []Version{{Number: 1, Profile: a.Profile, From: a.AdmittedAt}}
	}
	return list, nil
}

func (s *Rooms) versions(ctx context.Context, q store.Querier, agency store.ID) ([]Version, error) {
	list, err := store.All(ctx, q, func(row store.Row) (x Version, err error) {
		var content string
		var from int64
		if err = row.Scan(&x.Number, &content, &from); err == nil {
			err = json.Unmarshal([]byte(content), &x.Profile)
		}
		x.From = store.Instant(from)
		return x, err
	}, `SELECT version, content, from_at FROM intermediary_profile WHERE agency = $1 ORDER BY version DESC LIMIT $2`, int64(agency), maxVersions)
	if err != nil {
		return nil, fmt.Errorf("what agency %s promised: %w", agency, err)
	}
	for i := 1; i < len(list); i++ {
		list[i].Until = list[i-1].From
	}
	return list, nil
}

// profileAt is what an agency promised at an instant: an order keeps what it was placed with, a bid what it was handed in with.
func (s *Rooms) profileAt(ctx context.Context, a *Agency, at time.Time) (Profile, error) {
	content, err := store.Scalar[string](s.DB.Read().QueryRow(ctx, `SELECT content FROM intermediary_profile
		WHERE agency = $1 AND from_at <= $2 ORDER BY version DESC LIMIT 1`, int64(a.ID), store.Micros(at)))
	if isNotFound(err) {
		return a.Profile, nil
	}
	var p Profile
	if err == nil {
		err = json.Unmarshal([]byte(content), &p)
	}
	if err != nil {
		return p, fmt.Errorf("what agency %s promised: %w", a.Number, err)
	}
	return p, nil
}

// mark is a short digest of what an agency promises, by which a page says what its reader saw.
func (p *Profile) mark() string {
	content, err := json.Marshal(p)
	if err != nil {
		return "" // unreachable: it holds texts and numbers
	}
	sum := sha256.Sum256(content)
	return hexOf(sum[:8])
}

// Amend (修改公开承诺) publishes new prices, terms and promises of an agency, from now on; version is the one that was changed. What held before stays
// public with its days, and orders keep what they were placed with. Qualifications are not changed here: the registrar checked them.
func (s *Rooms) Amend(ctx context.Context, actor identity.Principal, number string, version int64, p Profile) error {
	a, err := s.Agency(ctx, number)
	if err != nil {
		return err
	}
	if err := s.allow(actor, ActionAgency, number, a.Body, a.Party); err != nil {
		return err
	}
	if a.State != Admitted {
		return refuse("/promise", "state", notAdmitted)
	}
	past, err := s.Versions(ctx, &a)
	if err != nil {
		return err
	}
	p.Qualifications = a.Profile.Qualifications
	wrong, err := s.checkProfile(ctx, &p)
	if err != nil {
		return err
	}
	for _, o := range p.Offers {
		x, err := s.Service(ctx, o.Service)
		if err == nil && !offerable(&x, past) {
			wrong = append(wrong, fault("/fen-"+o.Service, "needs", amendNeeds))
		} else if err != nil && !isNotFound(err) {
			return err
		}
	}
	if len(wrong) == 0 && reflect.DeepEqual(p, a.Profile) {
		wrong = []casework.FieldError{fault("/promise", "same", amendSame)}
	}
	if err := refused(wrong); err != nil {
		return err
	}
	content, err := json.Marshal(p)
	if err != nil {
		return fmt.Errorf("agency %s: %w", number, err)
	}
	return s.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		return s.amended(ctx, tx, actor, &a, version, string(content), p.Offers)
	})
}

// offerable reports whether an agency can offer a service without being examined anew: none is asked for a qualification, or the agency has offered
// it before.
func offerable(x *Service, past []Version) bool {
	if x.Needs == "" {
		return true
	}
	return slices.ContainsFunc(past, func(v Version) bool {
		return slices.ContainsFunc(v.Profile.Offers, func(o Offer) bool { return o.Service == x.Key })
	})
}

// amended writes a version. It holds the agency's row, so that versions follow each other.
func (s *Rooms) amended(ctx context.Context, tx *store.Tx, actor identity.Principal, a *Agency, version int64, content string, offers []Offer) error {
	id, now := int64(a.ID), s.Now()
	n, err := tx.ExecCount(ctx, `UPDATE intermediary_agency SET content = $2 WHERE id = $1 AND state = 'admitted'`, id, content)
	if err != nil {
		return fmt.Errorf("agency %s: %w", a.Number, err)
	}
	if n != 1 {
		return refuse("/promise", "state", notAdmitted)
	}
	list, err := s.versions(ctx, tx, a.ID)
	if err != nil {
		return err
	}
	last := int64(1)
	if len(list) > 0 {
		last = list[0].Number
	} else { // admitted by an earlier version of the program
		was, err := json.Marshal(a.Profile)
		if err != nil {
			return fmt.Errorf("agency %s: %w", a.Number, err)
		}
		tx.Queue(`INSERT INTO intermediary_profile (agency, version, content, from_at) VALUES ($1, 1, $2, $3)`, id, string(was), store.Micros(a.AdmittedAt))
	}
	if last != version {
		return refuse("/promise", "moved", amendMoved)
	}
	tx.Queue(`INSERT INTO intermediary_profile (agency, version, content, from_at) VALUES ($1, $2, $3, $4)`, id, last+1, content, store.Micros(now))
	tx.Queue(`DELETE FROM intermediary_offer WHERE agency = $1`, id)
	for _, o := range offers {
		tx.Queue(`INSERT INTO intermediary_offer (agency, service, fen, days) VALUES ($1, $2, $3, $4)`, id, o.Service, o.Fen, o.Days)
	}
	return s.Journal.Record(ctx, tx, journal.Act{Kind: ActAmended, By: actor.Actor(), On: journal.On("agency", a.Number), Public: true,
		Data: map[string]any{"version": last + 1, "sha256": digestOf(content)}})
}
