package procedure

import (
	"fmt"
	"strings"
	"testing"
)

// A gateway with thousands of branches has more states behind it than anything can hold: the checker says so and ends. 3,000 tokens in each of
// the 3,000 states that follow the first would take a gigabyte.
func TestCheckEndsWithThousandsOfBranches(t *testing.T) {
	const branches = 3_000
	var b strings.Builder
	b.WriteString(openProc + `<parallelGateway id="split"/><parallelGateway id="join"/><endEvent id="e"/><sequenceFlow id="f1" sourceRef="s" targetRef="split"/><sequenceFlow id="f2" sourceRef="join" targetRef="e"/>`)
	for i := range branches {
		fmt.Fprintf(&b, `<userTask id="t%d"/><sequenceFlow id="a%[1]d" sourceRef="split" targetRef="t%[1]d"/><sequenceFlow id="b%[1]d" sourceRef="t%[1]d" targetRef="join"/>`, i)
	}
	b.WriteString(shut)
	d, err := Parse([]byte(b.String()))
	if err != nil {
		t.Fatal(err)
	}
	large := false
	for _, f := range Check(d, Options{Plain: true}) {
		large = large || f.Code == CodeTooLarge
		if f.Code == CodeStuck || f.Code == CodeCannotEnd {
			t.Errorf("a chart that can end: %s", f)
		}
	}
	if !large {
		t.Error("it does not say that it has not looked at everything")
	}
}
