package flowchart

import (
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/core/procedure"
	"openhall.org/openhall/procedures"
)

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

func shipped(t *testing.T, key string) *procedure.Definition {
	t.Helper()
	data, err := procedures.Files.ReadFile(key + ".bpmn")
	if err != nil {
		t.Fatal(err)
	}
	return parsed(t, data)
}

func parsed(t testing.TB, data []byte) *procedure.Definition {
	t.Helper()
	d, err := procedure.Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// TestFromProcedure reads the chart of the licence: places are those of the file, words those of the reader.
func TestFromProcedure(t *testing.T) {
	c := FromProcedure(shipped(t, "general-licence"), lang.Hant, nil)
	if c.Title != "行政許可通用流程" || len(c.Lanes) != 4 || c.Lanes[3].Name != "機關負責人" {
		t.Errorf("title %q, lanes %v", c.Title, c.Lanes)
	}
	if c.live() {
		t.Error("a published procedure shows the state of a case")
	}
	nodes := map[string]Node{}
	for _, n := range c.Nodes {
		nodes[n.ID] = n
	}
	examine := Node{ID: "examine", Kind: UserTask, Label: "審查", Box: Box{520, 579, 120, 72}, Interrupting: true, Within: "handling"}
	if nodes["examine"] != examine {
		t.Errorf("examine is %+v", nodes["examine"])
	}
	deemed := nodes["deemed"]
	if deemed.Kind != BoundaryEvent || deemed.Trigger != Timer || deemed.On != "receive" || deemed.Label != "五日未告知，視為受理" || deemed.LabelBox.W == 0 {
		t.Errorf("deemed is %+v", deemed)
	}
	if !nodes["handling"].Expanded || nodes["examine"].Expanded {
		t.Error("the sub-process alone is a frame")
	}
	i := slices.IndexFunc(c.Edges, func(e Edge) bool { return e.From == "receive" })
	if want := []Point{{380, 365}, {415, 365}}; !slices.Equal(c.Edges[i].Points, want) {
		t.Errorf("the flow from receive runs %v, want %v", c.Edges[i].Points, want)
	}
	if got := FromProcedure(shipped(t, "benefit"), lang.En, nil).Title; got != "Public benefit: general procedure" {
		t.Errorf("title %q", got)
	}
}

// TestProgress: which gateways and events a case has passed is worked out from the steps that people did.
func TestProgress(t *testing.T) {
	for _, row := range []struct {
		name, key, done, open, awaits, result string
		passed                                string // all that is marked as done
		not                                   string // flows that were not taken, though both their ends are done
	}{
		{"just handed in", "general-licence", "", "receive", "", "", "received submitted", ""},
		{"corrected, inspected, before the head", "general-licence", "receive=correct supplement recheck=accept examine=inspection inspect=pass examine=approve",
			"decide", "", "", "accepted examination examine inspect receipt receive received recheck recheck-result submitted supplement", "receipt-to-accepted"},
		{"deemed accepted", "general-licence", "receive!", "examine", "", "", "deemed receive received submitted", "receive-to-receipt"},
		{"not accepted", "general-licence", "receive=reject", "", "", "not-accepted", "not-accepted receipt receive received submitted", ""},
		{"not accepted after all", "general-licence", "receive=correct supplement recheck=reject", "", "", "not-accepted",
			"not-accepted-after-correction receipt receive received recheck recheck-result submitted supplement", ""},
		{"withdrawn in a hearing", "general-licence", "receive=accept examine=hearing hearing!", "", "", "withdrawn",
			"accepted examination examine hearing receipt receive received submitted withdraw withdrawn", ""},
		{"never corrected", "service", "receive=correct supplement!", "", "", "lapsed", "lapsed receipt receive received submitted supplement uncorrected", ""},
		{"granted", "registration", "receive=accept examine=grant deliver", "", "", "granted",
			"accepted decided decided-or-closed decision deliver examine granted receipt receive received submitted", ""},
		{"on public notice, with an objection", "benefit", "receive=accept investigate=approve", "handle-objection", "notice", "",
			"accepted inquiry investigate notice-begun notice-published objection receipt receive received submitted", ""},
		{"decided after the notice", "benefit", "receive=accept investigate=approve", "decide", "", "",
			"accepted inquiry investigate notice notice-begun notice-ended notice-over notice-published receipt receive received submitted", "inquiry-to-decide"},
	} {
		t.Run(row.name, func(t *testing.T) {
			p := &Progress{Open: strings.Fields(row.open), Awaits: strings.Fields(row.awaits), Result: row.result}
			for s := range strings.FieldsSeq(row.done) {
				id, cut := strings.CutSuffix(s, "!")
				id, outcome, _ := strings.Cut(id, "=")
				p.Done = append(p.Done, Step{id, outcome, cut})
			}
			c := FromProcedure(shipped(t, row.key), lang.Hans, p)
			in := map[State][]string{}
			for _, n := range c.Nodes {
				in[n.State] = append(in[n.State], n.ID)
			}
			slices.Sort(in[Done])
			if got := strings.Join(in[Done], " "); got != row.passed {
				t.Errorf("passed\n%s, want\n%s", got, row.passed)
			}
			if !slices.Equal(in[Active], p.Open) || !slices.Equal(in[Waiting], p.Awaits) {
				t.Errorf("active %v, waiting %v", in[Active], in[Waiting])
			}
			for _, e := range c.Edges {
				if e.Done && e.From+"-to-"+e.To == row.not {
					t.Errorf("the case did not go from %s to %s", e.From, e.To)
				}
			}
		})
	}
}

// TestProgressOf reads what is open from the state of the engine.
func TestProgressOf(t *testing.T) {
	d := shipped(t, "benefit")
	e := procedure.Engine{Due: func(_ procedure.TimerSpec, from time.Time) (time.Time, error) { return from.AddDate(0, 0, 7), nil }}
	var s procedure.State
	for _, in := range []procedure.Input{
		{Kind: procedure.InputStart},
		{Kind: procedure.InputComplete, Element: "receive", Vars: procedure.Variables{"outcome": "accept"}},
		{Kind: procedure.InputComplete, Element: "investigate", Vars: procedure.Variables{"outcome": "approve"}},
		{Kind: procedure.InputMessage, Name: "objection"},
	} {
		var err error
		if s, _, err = e.Step(d, s, in, noon); err != nil {
			t.Fatal(err)
		}
	}
	p, err := ProgressOf(d, s, []Step{{Element: "receive"}}, "")
	if err != nil || !slices.Equal(p.Open, []string{"handle-objection"}) || !slices.Equal(p.Awaits, []string{"notice"}) || len(p.Done) != 1 {
		t.Errorf("%+v, %v", p, err)
	}
	if _, err := ProgressOf(shipped(t, "service"), s, nil, ""); err == nil {
		t.Error("the state of another procedure is taken")
	}
}

// TestListOfLicence: an event on the border is one of the ways on from its step, and what a sub-process holds follows it.
func TestListOfLicence(t *testing.T) {
	c := FromProcedure(shipped(t, "general-licence"), lang.En, nil)
	var order []string
	for _, it := range c.list() {
		order = append(order, it.node.ID)
		if it.node.ID == "receive" {
			want := []next{{"", "receipt"}, {"No notice in 5 days: deemed accepted", "examine"}}
			if !slices.Equal(it.next, want) {
				t.Errorf("on from receive: %v, want %v", it.next, want)
			}
		}
	}
	if got := strings.Join(order[:5], " "); got != "submitted handling received decided-or-closed withdrawn" {
		t.Errorf("the list begins with %s", got)
	}
	if slices.Contains(order, "deemed") || len(order) != len(c.Nodes)-3 {
		t.Errorf("%d of %d nodes are listed; three are events on borders", len(order), len(c.Nodes))
	}
}

// TestWithoutDiagram: a file without a diagram can still be read as a list.
func TestWithoutDiagram(t *testing.T) {
	data, err := os.ReadFile("testdata/bare.bpmn")
	if err != nil {
		t.Fatal(err)
	}
	d, err := procedure.Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	c := FromProcedure(d, lang.Hans, nil)
	var order []string
	for _, it := range c.list() {
		order = append(order, it.node.ID)
	}
	if got := strings.Join(order, " "); got != "s a e" || c.Nodes[1].Label != "审查" {
		t.Errorf("list %s of %+v", got, c.Nodes)
	}
}
