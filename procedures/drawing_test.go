package procedures_test

import (
	"math"
	"testing"

	"openhall.org/openhall/internal/core/procedure"
)

// TestNames: whatever is drawn and has a name has it in three languages. Only the unnamed ends of the notice period have none.
func TestNames(t *testing.T) {
	for _, key := range keys {
		d := read(t, key)
		if !d.Main.Title.Complete() {
			t.Errorf("%s has no title in three languages", key)
		}
		for _, l := range d.Main.Lanes {
			if !l.Title.Complete() {
				t.Errorf("%s: lane %s is not named in three languages", key, l.ID)
			}
		}
		for _, e := range d.Elements() {
			if unnamed := e.ID == "notice-begun" || e.ID == "notice-ended"; !unnamed && !e.Title.Complete() {
				t.Errorf("%s: %s is not named in three languages", key, e.ID)
			}
			for _, f := range e.Outgoing {
				if (f.Name != "" || f.Condition != nil) && !f.Title.Complete() {
					t.Errorf("%s: flow %s is not named in three languages", key, f.ID)
				}
			}
		}
	}
}

// TestDrawing: all is drawn, in its lane, nothing on top of another; flows are orthogonal and join their ends.
func TestDrawing(t *testing.T) {
	for _, key := range keys {
		d := read(t, key)
		drawing := d.Diagram()
		at := map[string]procedure.Bounds{}
		for _, s := range drawing.Shapes {
			at[s.Element] = s.Bounds
		}
		for i, e := range d.Elements() {
			b, drawn := at[e.ID]
			switch {
			case !drawn:
				t.Errorf("%s: %s is not drawn", key, e.ID)
			case e.Inner == nil && (e.Lane == nil || !holds(at[e.Lane.ID], b)):
				t.Errorf("%s: %s stands outside its lane", key, e.ID)
			case e.Body.Owner != nil && !holds(at[e.Body.Owner.ID], b):
				t.Errorf("%s: %s stands outside %s", key, e.ID, e.Body.Owner.ID)
			}
			for _, o := range d.Elements()[:i] {
				if o.Body == e.Body && e.AttachedTo == nil && o.AttachedTo == nil && overlap(b, at[o.ID]) {
					t.Errorf("%s: %s and %s overlap", key, e.ID, o.ID)
				}
			}
		}
		edges := map[string]procedure.Edge{}
		for _, e := range drawing.Edges {
			edges[e.Element] = e
		}
		for _, e := range d.Elements() {
			for _, f := range e.Outgoing {
				points := edges[f.ID].Points
				if len(points) < 2 || !onBorder(at[f.From.ID], points[0]) || !onBorder(at[f.To.ID], points[len(points)-1]) {
					t.Errorf("%s: flow %s does not join its ends: %v", key, f.ID, points)
					continue
				}
				for i := 1; i < len(points); i++ {
					if points[i].X != points[i-1].X && points[i].Y != points[i-1].Y {
						t.Errorf("%s: flow %s is not orthogonal at %v", key, f.ID, points[i])
					}
				}
			}
		}
	}
}

func holds(outer, inner procedure.Bounds) bool {
	return inner.X >= outer.X && inner.Y >= outer.Y && inner.X+inner.W <= outer.X+outer.W && inner.Y+inner.H <= outer.Y+outer.H
}

func overlap(a, b procedure.Bounds) bool {
	return a.X < b.X+b.W && b.X < a.X+a.W && a.Y < b.Y+b.H && b.Y < a.Y+a.H
}

func onBorder(b procedure.Bounds, p procedure.Point) bool {
	const near = 0.5
	side := math.Abs(p.X-b.X) < near || math.Abs(p.X-b.X-b.W) < near
	level := math.Abs(p.Y-b.Y) < near || math.Abs(p.Y-b.Y-b.H) < near
	return side && p.Y >= b.Y-near && p.Y <= b.Y+b.H+near || level && p.X >= b.X-near && p.X <= b.X+b.W+near
}
