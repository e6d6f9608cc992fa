package flowchart

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/web/i18n"
)

// TestWrap has widths counted by hand: a Han character is 14 px wide, a Latin letter about half of it.
func TestWrap(t *testing.T) {
	for _, row := range []struct {
		name, text string
		width      float64
		limit      int
		want       []string
	}{
		{"nothing", "", 100, 3, nil},
		{"fits", "审查", 28, 3, []string{"审查"}},
		{"breaks between Han characters", "收件并审查材料", 56, 3, []string{"收件并审", "查材料"}},
		{"a closing mark stays with what it closes", "材料齐全，受理", 56, 3, []string{"材料齐", "全，受理"}},
		{"Latin words stay whole", "Check the documents", 70, 3, []string{"Check the", "documents"}},
		{"mixed", "第3次 review 完成", 60, 3, []string{"第3次", "review", "完成"}},
		{"too long ends in an ellipsis", "收件并审查材料是否齐全", 56, 2, []string{"收件并审", "查材料…"}},
		{"a word longer than a line is cut", "abcdefghij", 40, 3, []string{"abcde", "fghij"}},
		{"narrower than a character", "审查", 5, 3, []string{"审", "查"}},
	} {
		t.Run(row.name, func(t *testing.T) {
			if got := wrap(row.text, row.width, row.limit); !slices.Equal(got, row.want) {
				t.Errorf("got %q, want %q", got, row.want)
			}
		})
	}
}

// TestWrapLosesNothing: without a limit every character that is no space is there once and in order, and no line that could be
// broken is wider than allowed.
func TestWrapLosesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringOfN(rapid.SampledFrom([]rune("受理审查决定abcXYZ 019，。）(")), 0, 60, -1).Draw(t, "text")
		width := rapid.Float64Range(20, 200).Draw(t, "width")
		lines := wrap(text, width, 1000)
		squeeze := func(s string) string { return strings.ReplaceAll(s, " ", "") }
		if got := squeeze(strings.Join(lines, "")); got != squeeze(text) {
			t.Fatalf("%q became %q", text, lines)
		}
		for _, line := range lines {
			if widthOf(line) > width && len(words(line)) > 1 {
				t.Fatalf("line %q is %v wide, allowed %v", line, widthOf(line), width)
			}
		}
	})
}

func TestNum(t *testing.T) {
	for f, want := range map[float64]string{0: "0", 1: "1", 1.005: "1", 1.239: "1.24", -2.5: "-2.5", 100000.25: "100000.25"} {
		if got := num(f); got != want {
			t.Errorf("num(%v) = %s, want %s", f, got, want)
		}
	}
}

func TestLineAndArrow(t *testing.T) {
	e := Edge{Points: []Point{{0, 0}, {20, 0}, {20, 30}}}
	if got, want := e.line(), "M0 0L14 0Q20 0 20 6L20 30"; got != want {
		t.Errorf("line %s, want %s", got, want)
	}
	if got, want := e.arrow(), "M20 30L15.5 20L24.5 20Z"; got != want {
		t.Errorf("arrow %s, want %s", got, want)
	}
	for _, points := range [][]Point{nil, {{1, 1}}, {{1, 1}, {1, 1}}} {
		if got := (Edge{Points: points}).arrow(); got != "" {
			t.Errorf("an edge that leads nowhere has an arrow: %s", got)
		}
	}
}

// loop is a procedure with a way back and a node that nothing reaches.
func loop() Chart {
	return Chart{ID: "c", Title: "t", Nodes: []Node{
		{ID: "orphan", Kind: UserTask, Label: "孤"}, {ID: "s", Kind: StartEvent}, {ID: "a", Kind: UserTask, Label: "甲", Box: Box{0, 0, 100, 80}},
		{ID: "g", Kind: ExclusiveGateway, Label: "通过？", Box: Box{200, 20, 50, 50}}, {ID: "e", Kind: EndEvent, Label: "止"},
	}, Edges: []Edge{{From: "s", To: "a"}, {From: "a", To: "g"}, {From: "g", To: "a", Label: "否"}, {From: "g", To: "e", Label: "是"}, {From: "g", To: "gone"}},
		Lanes: []Lane{{"全部", Box{-10, -10, 500, 300}}, {"内层", Box{-10, -10, 150, 200}}}}
}

func TestListFollowsTheProcedure(t *testing.T) {
	var order []string
	for _, it := range loop().list() {
		order = append(order, it.node.ID)
	}
	if want := []string{"s", "a", "g", "e", "orphan"}; !slices.Equal(order, want) {
		t.Errorf("order %v, want %v", order, want)
	}
	if got := loop().laneOf(loop().Nodes[2]); got != "内层" {
		t.Errorf("the innermost lane is %q", got)
	}
}

func TestLabelsGiveWayToFlows(t *testing.T) {
	c := loop()
	g := c.Nodes[3]
	if got := c.layout().nodes[3].y; got <= g.Box.Y+g.Box.H {
		t.Errorf("the label stands at %v, not beneath", got)
	}
	c.Edges[3].Points = []Point{{225, 70}, {225, 200}}
	if got := c.layout().nodes[3].y; got >= g.Box.Y {
		t.Errorf("the label stands at %v, not above", got)
	}
	if got := c.layout().flows[3]; got.x <= 225 || got.y <= 70 || got.y >= 200 {
		t.Errorf("the label of the flow stands at %v, %v, not beside it", got.x, got.y)
	}
	c.Nodes[3].LabelBox = Box{300, 40, 60, 20}
	if got := c.layout().nodes[3]; got.x != 330 || got.y != 40+baseline {
		t.Errorf("the label stands at %v, %v, not where the diagram puts it", got.x, got.y)
	}
	c.Nodes[3].LabelBox = Box{20, 40, 60, 20}
	if got := c.layout().nodes[3]; got.x < 150 {
		t.Errorf("the label stands at %v, %v, on the step where the diagram puts it", got.x, got.y)
	}
	c.Edges[2].Points, c.Edges[3].Points = []Point{{225, 20}, {225, -100}, {100, -100}}, []Point{{225, 20}, {225, -80}, {400, -80}}
	l := c.layout()
	if l.flows[2].x > 225 || l.flows[3].x < 225 {
		t.Errorf("labels stand where two flows run on one line: %v, %v", l.flows[2], l.flows[3])
	}
}

// TestPictureIsWellFormed draws every kind with every trigger and state and parses the result as XML.
func TestPictureIsWellFormed(t *testing.T) {
	catalogue, err := i18n.Load(i18n.Source{Module: "web", FS: os.DirFS("..")})
	if err != nil {
		t.Fatal(err)
	}
	c := Chart{ID: "x", Title: "<&>", Description: "\"d\""}
	kinds := []Kind{StartEvent, EndEvent, CatchEvent, ThrowEvent, BoundaryEvent, Task, UserTask, ManualTask, ServiceTask, BusinessRuleTask, SendTask,
		ReceiveTask, SubProcess, CallActivity, ExclusiveGateway, ParallelGateway, InclusiveGateway, EventGateway, "unknown"}
	for i, kind := range kinds {
		for j, trigger := range []Trigger{NoTrigger, Message, Timer, Error, Signal, Terminate, "unknown"} {
			c.Nodes = append(c.Nodes, Node{ID: string(kind) + string(trigger), Kind: kind, Trigger: trigger, Label: "名<称>", Expanded: j == 1,
				State: []State{Idle, Done, Active, Waiting}[j%4], Multi: []string{"", "parallel", "sequential"}[j%3], Box: Box{float64(i) * 120, float64(j) * 100, 80, 60}})
		}
	}
	for _, tag := range lang.All {
		var out bytes.Buffer
		if err := Figure(c).Render(i18n.NewContext(t.Context(), catalogue.Localizer(tag)), &out); err != nil {
			t.Fatal(err)
		}
		d := xml.NewDecoder(&out)
		for {
			_, err := d.Token()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatalf("%s: %v", tag, err)
			}
		}
	}
	if missing := catalogue.Missing(); len(missing) > 0 {
		t.Errorf("words asked for in vain: %v", missing)
	}
}
