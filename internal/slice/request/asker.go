package request

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"net/mail"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/identifier"
	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/core/statute"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/file"
	"openhall.org/openhall/internal/platform/store"
)

// holderAsker is what the files of an asker are bound to.
const holderAsker = "request-asker"

// unsent is how long an asker is kept whose request never came: the program ended between the two.
const unsent = 24 * time.Hour

func askerContext(id store.ID) string { return "request/asker/" + id.String() }

// askerID is the number under which the asker of a command stands. It says nothing about who asks, and the same command sent again
// has the same.
func (s *Service) askerID(key string) (store.ID, error) {
	raw := s.Keys.Index("request/asker-id", key)
	if len(raw) < 8 {
		return 0, errors.New("request: an index is too short")
	}
	id := store.ID(binary.BigEndian.Uint64(raw) >> 1)
	return max(id, 1), nil
}

// Askers are the kinds of askers, the leaves of the statutory list: a natural person, and the organisations of the annual report.
func (s *Service) Askers() []statute.Entry {
	p, ok := s.Rules.Parameter(ruleAskers)
	if !ok || len(p.Values) == 0 {
		return nil
	}
	// The list is younger than the requests: those of earlier years are counted in its columns too.
	v := p.Values[len(p.Values)-1]
	var list []statute.Entry
	for _, e := range v.Entries {
		if v.Leaf(e.Code) {
			list = append(list, e)
		}
	}
	return list
}

func (s *Service) isAsker(kind string) bool {
	return slices.ContainsFunc(s.Askers(), func(e statute.Entry) bool { return e.Code == kind })
}

// holderOf is by what an asker is known again in a month: the number, else name and telephone.
func (s *Service) holderOf(a Asker) []byte {
	who := a.IDNumber
	if who == "" {
		who = a.Name + "/" + a.Phone
	}
	return s.Keys.Index("request/holder", who)
}

func (s *Service) accountOf(id store.ID) []byte {
	if id == 0 {
		return nil
	}
	return s.Keys.Index("request/account", id.String())
}

// keepAsker seals who asks, before the request is sent. Doing it again changes nothing.
func (s *Service) keepAsker(ctx context.Context, owner, id store.ID, a Asker, arrived calendar.Date, now time.Time) error {
	plain, err := json.Marshal(a)
	if err != nil {
		return fmt.Errorf("asker: %w", err)
	}
	var files []store.ID
	for _, f := range a.Files {
		files = append(files, f.ID)
	}
	err = s.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		n, err := tx.ExecCount(ctx, `INSERT INTO request_asker (id, sealed, account, holder, day, case_id, erase_at) VALUES ($1, $2, $3, $4, $5, 0, $6)
			ON CONFLICT (id) DO NOTHING`, int64(id), s.Keys.Seal(askerContext(id), plain), s.accountOf(a.Account), s.holderOf(a), int64(arrived),
			store.Micros(now.Add(unsent)))
		if err != nil || n == 0 {
			return err
		}
		return file.Bind(ctx, tx, owner, file.Holder{Kind: holderAsker, ID: id}, files...)
	})
	if errors.Is(err, file.ErrNotOwned) {
		return &casework.Refusal{Code: casework.RefusedFile}
	}
	if err != nil {
		return fmt.Errorf("keep who asks: %w", err)
	}
	return nil
}

// Asker opens who asks, or answers [store.ErrNotFound] once it was erased. The caller must have asked the policy.
func (s *Service) Asker(ctx context.Context, e Entry) (Asker, error) {
	var a Asker
	sealed, err := store.Scalar[[]byte](s.DB.Read().QueryRow(ctx, `SELECT sealed FROM request_asker WHERE id = $1`, int64(e.asker)))
	if err != nil {
		return a, err
	}
	plain, err := s.Keys.Open(askerContext(e.asker), sealed)
	if err == nil {
		err = json.Unmarshal(plain, &a)
	}
	if err != nil {
		return a, fmt.Errorf("asker of %s: %w", e.Number, err)
	}
	return a, nil
}

// Reach returns the addresses at which the asker of a case is told of it, and in which language, and nothing else of them; nothing once the
// asker was erased. It is for what sends notices by itself, and nobody reads it.
func (s *Service) Reach(ctx context.Context, id store.ID) (Asker, error) {
	e, err := s.Entry(ctx, id)
	if err != nil {
		return Asker{}, err
	}
	a, err := s.Asker(ctx, e)
	if errors.Is(err, store.ErrNotFound) {
		return Asker{}, nil
	}
	return Asker{Email: a.Email, Phone: a.Phone, Language: a.Language}, err
}

// monthOf is the first and the last day of the calendar month of a day.
func monthOf(day calendar.Date) (first, last calendar.Date) {
	first = calendar.Day(day.Year(), day.Month(), 1)
	next := first + 31
	return first, calendar.Day(next.Year(), next.Month(), 1) - 1
}

// InMonth returns how many requests the asker of a request made of its body in the calendar month of it, up to it in the order in which they
// were registered (国办函〔2020〕109号: 同一申请人一个自然月内累计). The clerk may count more: a request of several contents can be taken as several.
func (s *Service) InMonth(ctx context.Context, e Entry) (int64, error) {
	holder, err := store.Scalar[[]byte](s.DB.Read().QueryRow(ctx, `SELECT holder FROM request_asker WHERE id = $1`, int64(e.asker)))
	if err != nil {
		return 0, err
	}
	first, last := monthOf(e.Arrived)
	return store.Scalar[int64](s.DB.Read().QueryRow(ctx,
		`SELECT count(*) FROM request_asker a JOIN request_case c ON c.case_id = a.case_id
			WHERE a.holder = $1 AND a.day >= $2 AND a.day <= $3 AND a.case_id > 0 AND a.case_id <= $4 AND c.body = $5`,
		holder, int64(first), int64(last), int64(e.Case), e.Body))
}

// eraseRound bounds one round of erasing.
const eraseRound = 100

// Erase deletes who asked where its term is over, with the files by which they proved it and the letters that name them, and returns how
// many it deleted; it is to be called again while there were any. The log keeps all that it holds: it never named them.
func (s *Service) Erase(ctx context.Context) (int, error) {
	now := store.Micros(s.Now())
	list, err := store.All(ctx, s.DB.Read(), func(row store.Row) (x [2]store.ID, err error) {
		return x, row.Scan(&x[0], &x[1])
	}, `SELECT id, case_id FROM request_asker WHERE erase_at > 0 AND erase_at <= $1 ORDER BY erase_at LIMIT $2`, now, eraseRound)
	if err != nil {
		return 0, fmt.Errorf("find askers to erase: %w", err)
	}
	for _, x := range list {
		if err := s.eraseOne(ctx, x[0], x[1], now); err != nil {
			return 0, fmt.Errorf("erase an asker: %w", err)
		}
	}
	return len(list), nil
}

// EraseCase deletes, in the transaction that erases the private parts of an ended request, who asked and what they proved it with, before
// their term is over. It returns how many files went; of a case of another kind it knows nothing.
func (s *Service) EraseCase(ctx context.Context, tx *store.Tx, id store.ID) (files int, err error) {
	asker, err := store.Scalar[int64](tx.QueryRow(ctx, `SELECT asker FROM request_case WHERE case_id = $1`, int64(id)))
	if errors.Is(err, store.ErrNotFound) || err == nil && asker == 0 {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("asker of a case: %w", err)
	}
	if files, err = file.Erase(ctx, tx, file.Holder{Kind: holderAsker, ID: store.ID(asker)}); err != nil {
		return files, err
	}
	tx.Queue(`DELETE FROM request_asker WHERE id = $1`, asker)
	tx.Queue(`UPDATE request_case SET asker = 0 WHERE case_id = $1`, int64(id))
	return files, nil
}

func (s *Service) eraseOne(ctx context.Context, asker, id store.ID, now int64) error {
	return s.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		n, err := tx.ExecCount(ctx, `DELETE FROM request_asker WHERE id = $1 AND erase_at > 0 AND erase_at <= $2`, int64(asker), now)
		if err != nil || n == 0 { // the request was sent meanwhile
			return err
		}
		if _, err := file.Erase(ctx, tx, file.Holder{Kind: holderAsker, ID: asker}); err != nil {
			return err
		}
		if id == 0 {
			return nil
		}
		if _, err := s.Documents.EraseCase(ctx, tx, id, store.Instant(now)); err != nil {
			return err
		}
		return tx.Exec(ctx, `UPDATE request_case SET asker = 0 WHERE case_id = $1`, int64(id))
	})
}

// Limits of what is typed, in characters.
const (
	maxName        = 100
	maxAddress     = 200
	maxDescription = 2000
	minDescription = 5
)

// checkAsker says what is wrong with who asks, all at once. The paths are those of [Asker] under /asker.
func (s *Service) checkAsker(a Asker, sent Sent, day calendar.Date, proved bool) (found []casework.FieldError) {
	add := func(field, code string, text lang.Text) {
		found = append(found, casework.FieldError{Path: "/asker/" + field, Code: code, Text: text})
	}
	if !s.isAsker(a.Kind) {
		add("kind", "required", lang.Text{})
	}
	switch n := utf8.RuneCountInString(strings.TrimSpace(a.Name)); {
	case n == 0:
		add("name", "required", lang.Text{})
	case n > maxName:
		add("name", "maxLength", lang.Text{})
	}
	kind := identifier.KindIDCard
	if a.Kind != Person {
		kind = identifier.KindUSCC
	}
	wants, asked := s.rule(ruleIdentity, day)
	asked = asked && wants.Amount != 0
	if a.IDNumber != "" {
		if _, err := identifier.Check(kind, a.IDNumber, day.Start()); err != nil {
			add("idNumber", string(kind), messageOf(err))
		}
	} else if asked {
		add("idNumber", "required", lang.Text{})
	}
	if asked && sent.Channel == Web && !proved && len(a.Files) == 0 {
		add("files", "required", needProof)
	}
	if a.Phone == "" {
		add("phone", "required", lang.Text{})
	} else if _, err := identifier.Check(identifier.KindPhone, a.Phone, day.Start()); err != nil {
		add("phone", string(identifier.KindPhone), messageOf(err))
	}
	if a.Email != "" {
		if _, err := mail.ParseAddress(a.Email); err != nil || strings.ContainsAny(a.Email, " <>") {
			add("email", "email", badMail)
		}
	} else if sent.Wanted == "email" {
		add("email", "required", needMail)
	}
	if strings.TrimSpace(a.Agent) == "" && sent.Channel == ByAgent {
		add("agent", "required", needAgent)
	}
	if a.Address == "" && sent.Wanted == "post" {
		add("address", "required", needAddress)
	}
	for _, f := range []struct {
		name, value string
		limit       int
	}{{"address", a.Address, maxAddress}, {"contact", a.Contact, maxName}, {"agent", a.Agent, maxName}, {"email", a.Email, maxAddress}} {
		if utf8.RuneCountInString(f.value) > f.limit {
			add(f.name, "maxLength", lang.Text{})
		}
	}
	return found
}

var (
	needProof = lang.Text{Hans: "请上传身份证明的照片或者扫描件（条例第二十九条）；登录并且核实过身份的不需要", Hant: "請上傳身份證明的照片或者掃描件（條例第二十九條）；登入並且核實過身份的不需要",
		En: "Upload a picture of your proof of identity (art. 29); whoever is signed in and has proved it need not"}
	badMail     = lang.Text{Hans: "电子邮件地址不完整，应当像 name@example.cn", Hant: "電子郵件地址不完整，應當像 name@example.cn", En: "The e-mail address is incomplete; it should look like name@example.cn"}
	needMail    = lang.Text{Hans: "您希望用电子邮件获取，请填写电子邮件地址", Hant: "您希望用電子郵件獲取，請填寫電子郵件地址", En: "You want the reply by e-mail: enter the address"}
	needAgent   = lang.Text{Hans: "由代理人提交的，请填写代理人的姓名，并核对授权委托书", Hant: "由代理人提交的，請填寫代理人的姓名，並核對授權委託書", En: "An agent handed it in: enter the agent’s name, and look at their mandate"}
	needAddress = lang.Text{Hans: "您希望邮寄，请填写通信地址", Hant: "您希望郵寄，請填寫通信地址", En: "You want the reply by post: enter the address"}
)

// messageOf returns the words that an error of package identifier has for people.
func messageOf(err error) lang.Text {
	var wrong *identifier.Error
	if errors.As(err, &wrong) {
		return wrong.Text
	}
	return lang.Text{}
}
