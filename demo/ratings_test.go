package demo

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"
)

// TestOpinions: all grades are there, and complaints that wait for each of those who work on them.
func TestOpinions(t *testing.T) {
	o, err := LoadOpinions()
	if err != nil {
		t.Fatal(err)
	}
	grades, last := map[int]bool{}, map[string]bool{}
	for _, r := range o.Ratings {
		grades[r.Grade] = true
	}
	for _, c := range o.Complaints {
		step := ""
		if n := len(c.Acts); n > 0 {
			step = c.Acts[n-1].Step
		}
		last[step] = true
	}
	if len(grades) != 5 || len(o.Complaints) < 12 || len(o.Followups) == 0 || len(o.Visits) == 0 {
		t.Errorf("%d grades, %d complaints, %d follow-ups, %d visits", len(grades), len(o.Complaints), len(o.Followups), len(o.Visits))
	}
	// Each bad rating has a follow-up that fits its reason; those of answers to requests speak of no windows.
	bad := func(list []Opinion, follow map[string][]OpinionAct) {
		for _, r := range list {
			if r.Grade <= 2 && len(r.Reasons) > 0 && len(follow[r.Reasons[0]]) == 0 {
				t.Errorf("nothing becomes of a bad rating for %v", r.Reasons)
			}
		}
	}
	bad(o.Ratings, o.Followups)
	bad(o.Answers, o.Answered)
	for _, v := range o.Visits {
		bad([]Opinion{v.Opinion}, o.Followups)
	}
	for reason, acts := range o.Answered {
		for _, act := range acts {
			if text := fmt.Sprint(act.Data); strings.Contains(text, "窗口") {
				t.Errorf("the follow-up of an answer rated for %s speaks of a window: %s", reason, text)
			}
		}
	}
	for _, step := range []string{"", "accept", "investigate", "reply", "inquire", "judge", "review"} {
		if step != "inquire" && !last[step] {
			t.Errorf("no complaint stands behind the step %q", step)
		}
	}
}

func TestOpinionsRefuse(t *testing.T) {
	for name, text := range map[string]string{
		"unknown field": "complaint: []", "no body": "complaints: [{key: a, day: -1}]", "future": "complaints: [{key: a, body: b, day: 1}]",
	} {
		if _, err := loadOpinions(fstest.MapFS{"ratings.yaml": {Data: []byte(text)}}); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
}
