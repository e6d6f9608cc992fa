package request_test

import (
	"errors"
	"strings"
	"testing"

	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/slice/request"
)

// Silence counts when 15 working days have passed since the letter was received (2019, arts. 32, 34), and not since it was sent. Of those asked on Monday
// 2 March, whoever received the letter that day has until the 23rd; on Thursday the 5th, until the 26th.
func TestSilenceRunsFromReceipt(t *testing.T) {
	for _, outcome := range []string{"third-party", "joint"} {
		t.Run(outcome, func(t *testing.T) {
			w := onSQLite(t)
			w.at("2026-03-02", 9)
			id := w.ask(asker, sent(request.Window))
			w.step(id, "check", examine)
			if at := w.refused(id, "examine", served("2026-03-02")); at != "/servedOn" {
				t.Errorf("nobody was asked: refused at %q", at)
			}
			w.step(id, "examine", `{"outcome":"`+outcome+`","party":"某公司","question":"是否同意"}`)
			w.at("2026-03-24", 9)
			w.wake()
			for day, want := range map[string]string{"": "收到征求意见书的日期", "2026-03-01": "2026年3月2日", "2026-03-25": "2026年3月24日", "2026-03-03": "2026年3月24日", "2026-03-05": "2026年3月26日"} {
				data := draft
				if day != "" {
					data = served(day)
				}
				var refusal *casework.Refusal
				if err := w.try(id, "examine", data); !errors.As(err, &refusal) || len(refusal.Fields) != 1 || refusal.Fields[0].Path != "/servedOn" || !strings.Contains(refusal.Fields[0].Text.Hans, want) {
					t.Errorf("received on %q: %+v, want it to say %s", day, refusal, want)
				}
			}
			w.at("2026-03-26", 23)
			if at := w.refused(id, "examine", served("2026-03-05")); at != "/servedOn" {
				t.Errorf("on the last day: refused at %q", at)
			}
			w.at("2026-03-27", 0)
			w.step(id, "examine", served("2026-03-05"))
		})
	}
	// Whoever received it on the day on which it was sent has had their time when the clock of the case says so; and who answers a second
	// letter was not silent.
	w := onSQLite(t)
	w.at("2026-03-02", 9)
	first, second := w.ask(asker, sent(request.Window)), w.ask(asker, sent(request.Window))
	w.step(first, "check", examine)
	w.step(second, "check", examine)
	const ask = `{"outcome":"third-party","party":"某公司","question":"是否同意"}`
	w.step(first, "examine", ask)
	w.step(second, "examine", ask)
	w.at("2026-03-24", 0)
	w.wake()
	w.step(first, "examine", served("2026-03-02"))
	w.step(second, "examine", ask)
	w.step(second, "third-party", `{"thirdParty":"agrees","answeredOn":"2026-03-24"}`)
	w.step(second, "examine", draft)
}

// served is the examination that ends with a draft, after a letter that was received on a day and not answered.
func served(day string) string {
	return strings.TrimSuffix(draft, "}") + `,"servedOn":"` + day + `"}`
}
