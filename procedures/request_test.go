package procedures_test

import (
	"strings"
	"testing"
	"time"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/procedure"
)

// TestRequestWays plays the ways through the handling of a request for information, by the regulations of 2019 (711号) and of 2007 (492号).
func TestRequestWays(t *testing.T) {
	day := time.Date(2026, 3, 2, 9, 0, 0, 0, calendar.Zone)
	in2013 := time.Date(2013, 5, 6, 9, 0, 0, 0, calendar.Zone)
	examined := `
		start         => received, start reply request.reply, request-registration, accepted | check
		check=examine => | examine`
	for _, row := range []struct {
		name, key string
		at        time.Time
		script    string
	}{
		{"answered", "request", day, examined + `
			examine=draft => | draft
			draft         => | decide
			decide=issue  => stop reply, decided | hand-over
			hand-over     => answered | end`},
		{"corrected once: the clock starts anew (art. 30)", "request", day, `
			start         => received, start reply request.reply, request-registration, accepted | check
			check=correct => stop reply, request-correction, supplement | supplement
			supplement    => start reply request.reply, accepted | examine`},
		// Fifteen working days after Monday 2 March end with the 23rd.
		{"not corrected: given up (art. 30)", "request", day, `
			start                  => received, start reply request.reply, request-registration, accepted | check
			check=correct          => stop reply, request-correction, supplement | supplement
			until 2026-03-23T23:59 => | supplement
			until 2026-03-24T00:00 => request-lapsed, lapsed | end`},
		// Seven working days after Monday 2 March end with the 11th.
		{"no notice in seven working days: nothing more can be asked for (art. 30)", "request", day, `
			start                  => received, start reply request.reply, request-registration, accepted | check
			until 2026-03-11T23:59 => | check
			until 2026-03-12T00:00 => | examine`},
		{"a third party is asked and silent; the agency decides (arts. 32, 33)", "request", day, examined + `
			examine=third-party    => pause reply request.pause.third-party, request-third-party, paused | third-party
			until 2026-03-23T23:59 => | third-party
			until 2026-03-24T00:00 => resume reply, accepted | examine`},
		{"joint makers are silent: they agree (art. 34)", "request", day, examined + `
			examine=joint          => pause reply request.pause.other-agency, request-consultation, paused | joint
			until 2026-03-24T00:00 => resume reply, accepted | examine`},
		{"extended by the head (art. 33)", "request", day, examined + `
			examine=extend        => | approve-extension
			approve-extension=yes => extend reply request.reply.extension, request-extension | examine`},
		{"excessive without good reasons: to be refused (art. 35)", "request", day, `
			start              => received, start reply request.reply, request-registration, accepted | check
			check=reasons      => request-reasons, reasons | explain
			explain            => accepted | weigh
			weigh=unreasonable => | draft`},
		{"excessive with good reasons: later (art. 35)", "request", day, `
			start            => received, start reply request.reply, request-registration, accepted | check
			check=reasons    => request-reasons, reasons | explain
			explain          => accepted | weigh
			weigh=reasonable => start reply request.excessive.delay, request-delay | examine`},
		// Twenty working days after Monday 2 March end with the 30th.
		{"fee not paid: given up (国办函〔2020〕109号)", "request", day, examined + `
			examine=fee            => stop reply, request-fee, unpaid | payment
			until 2026-03-30T23:59 => | payment
			until 2026-03-31T00:00 => request-lapsed, lapsed | end`},
		{"fee paid: the clock starts anew", "request", day, examined + `
			examine=fee => stop reply, request-fee, unpaid | payment
			payment     => start reply request.reply, accepted | examine`},
		{"withdrawn", "request", day, examined + `
			message withdraw => withdrawn | end`},
		{"2013: answered", "request-2008", in2013, `
			start         => received, start reply request.reply, request-registration, accepted | examine
			examine=draft => | draft
			draft         => | decide
			decide=return => | examine
			examine=draft => | draft
			draft         => | decide
			decide=issue  => stop reply, decided | hand-over
			hand-over     => answered | end`},
		{"2013: costs are paid before delivery (art. 27)", "request-2008", in2013, `
			start                => received, start reply request.reply, request-registration, accepted | examine
			examine=draft        => | draft
			draft reply="published" cost=1250 => | decide
			decide=issue         => stop reply, request-grant, request-cost, unpaid | payment
			payment=paid         => decided | hand-over`},
		// 15 working days after Monday 6 May 2013 end with the 27th.
		{"2013: costs not paid: given up, the reply stands", "request-2008", in2013, `
			start                => received, start reply request.reply, request-registration, accepted | examine
			examine=draft        => | draft
			draft reply="published" cost=1250 => | decide
			decide=issue         => stop reply, request-grant, request-cost, unpaid | payment
			until 2013-05-27T23:59 => | payment
			until 2013-05-28T00:00 => request-lapsed, lapsed | end`},
		{"2013: a third party stops the clock (art. 24)", "request-2008", in2013, `
			start               => received, start reply request.reply, request-registration, accepted | examine
			examine=third-party => pause reply request.pause.third-party, request-third-party, paused | third-party
			third-party         => resume reply, accepted | examine`},
		{"a suit", "request-dispute", day, `
			start          => pending | conclude
			conclude=other => concluded | end`},
		{"a catalogue is sent back", "request-catalogue", day, `
			start          => approving | approve
			approve=return => returned | end`},
	} {
		t.Run(row.name, func(t *testing.T) {
			h := newHall(t, row.key)
			h.at = row.at
			for line := range strings.SplitSeq(strings.TrimSpace(row.script), "\n") {
				step, want, _ := strings.Cut(line, "=>")
				got, err := h.do(strings.TrimSpace(step))
				if err != nil {
					t.Fatalf("%s: %v", step, err)
				}
				if got != strings.TrimSpace(want) {
					t.Errorf("%s\n got %s\nwant %s", strings.TrimSpace(step), got, strings.TrimSpace(want))
				}
			}
		})
	}
}

// TestRequestLetters: each outcome of the closed list has its letter.
func TestRequestLetters(t *testing.T) {
	for result, want := range map[string]string{
		"published": "request-grant", "partial": "request-partial", "refused.secret": "request-refusal", "unavailable.not-held": "request-unavailable",
		"unprocessed.petition": "request-unprocessed", "other.other": "request-other",
	} {
		h := along(t, "request", "check=examine examine=draft")
		h.give("draft", map[string]string{"reply": result})
		if got, err := h.do("decide=issue"); err != nil || !strings.Contains(got, want) {
			t.Errorf("%s: %s, %v; want %s", result, got, err, want)
		}
	}
}

// give does a step with variables of its own.
func (h *hall) give(element string, vars map[string]string) {
	h.t.Helper()
	in := procedure.Input{Kind: procedure.InputComplete, Element: element, Vars: procedure.Variables{}}
	for name, value := range vars {
		in.Vars[name] = value
	}
	s, _, err := h.engine.Step(h.d, h.s, in, h.at)
	if err != nil {
		h.t.Fatal(err)
	}
	h.s = s
}
