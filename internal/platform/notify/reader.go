package notify

import (
	"context"
	"fmt"
	"slices"
	"time"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/store"
)

// choice is a notice by a channel.
type choice struct {
	notice  string
	channel Channel
}

// reader is what is known of somebody who is told.
type reader struct {
	chosen    map[choice]bool // where it differs from what is usual
	mail, sms bool            // the channel can be used: confirmed, and not refused by the server
	language  lang.Tag
	quiet     Quiet
}

// Quiet (免打扰时段) are the hours of the day in which neither mails nor short messages go out, in Asia/Shanghai. From may lie after
// Until: then they go over midnight. Both alike: there are none.
type Quiet struct{ From, Until int }

// Ends returns when the quiet hours end that hold at an instant; the zero time when none do.
func (q Quiet) Ends(at time.Time) time.Time {
	if q.From == q.Until {
		return time.Time{}
	}
	local := at.In(calendar.Zone)
	h := local.Hour()
	inside := h >= q.From && h < q.Until
	if q.From > q.Until {
		inside = h >= q.From || h < q.Until
	}
	if !inside {
		return time.Time{}
	}
	end := time.Date(local.Year(), local.Month(), local.Day(), q.Until, 0, 0, 0, calendar.Zone)
	if !end.After(local) {
		end = end.AddDate(0, 0, 1)
	}
	return end
}

// wants reports whether the reader is told of a notice by a channel.
func (r *reader) wants(n *Notice, c Channel) bool {
	if n.Fixed(c) {
		return true
	}
	if wanted, ok := r.chosen[choice{n.ID, c}]; ok {
		return wanted
	}
	return n.Usual(c)
}

// readers reads what is known of accounts, in three queries whatever their number.
func (s *Service) readers(ctx context.Context, q store.Querier, accounts []store.ID) (map[store.ID]*reader, error) {
	out := make(map[store.ID]*reader, len(accounts))
	ids := make([]int64, 0, len(accounts))
	for _, id := range accounts {
		if out[id] == nil {
			out[id] = &reader{chosen: map[choice]bool{}, sms: true, language: lang.Hans}
			ids = append(ids, int64(id))
		}
	}
	slices.Sort(ids)
	const atOnce = 256
	for part := range slices.Chunk(ids, atOnce) {
		if err := fillReaders(ctx, q, part, out); err != nil {
			return nil, fmt.Errorf("settings of readers: %w", err)
		}
	}
	return out, nil
}

func fillReaders(ctx context.Context, q store.Querier, ids []int64, out map[store.ID]*reader) error {
	list, values := in(ids)
	type one struct{}
	scan := func(read func(store.Row) error) func(store.Row) (one, error) {
		return func(r store.Row) (one, error) { return one{}, read(r) }
	}
	var id store.ID
	if _, err := store.All(ctx, q, scan(func(r store.Row) error {
		var c choice
		var wanted bool
		if err := r.Scan(&id, &c.notice, &c.channel, &wanted); err != nil {
			return err
		}
		out[id].chosen[c] = wanted
		return nil
	}), `SELECT account, notice, channel, wanted FROM notify_choice WHERE account IN (`+list+`)`, values...); err != nil {
		return err
	}
	if _, err := store.All(ctx, q, scan(func(r store.Row) error {
		var channel Channel
		var verified, problem int64
		if err := r.Scan(&id, &channel, &verified, &problem); err != nil {
			return err
		}
		switch channel {
		case Mail:
			out[id].mail = verified > 0 && problem == 0
		case SMS:
			out[id].sms = problem == 0
		case App:
		}
		return nil
	}), `SELECT account, channel, verified_at, problem_at FROM notify_contact WHERE account IN (`+list+`)`, values...); err != nil {
		return err
	}
	_, err := store.All(ctx, q, scan(func(r store.Row) error {
		var language string
		var quiet Quiet
		if err := r.Scan(&id, &language, &quiet.From, &quiet.Until); err != nil {
			return err
		}
		if tag, ok := lang.Parse(language); ok {
			out[id].language = tag
		}
		out[id].quiet = quiet
		return nil
	}), `SELECT account, language, quiet_from, quiet_until FROM notify_setting WHERE account IN (`+list+`)`, values...)
	return err
}

// in returns an IN list, padded to a power of two so that there are few texts to prepare.
func in(ids []int64) (list string, values []any) {
	n := 1
	for n < len(ids) {
		n *= 2
	}
	values = make([]any, n)
	for i := range values {
		values[i] = ids[min(i, len(ids)-1)]
	}
	return store.Placeholders(1, n), values
}
