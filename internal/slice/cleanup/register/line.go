package register

import (
	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/lang"
)

// Fate is what becomes of an item (处理决定).
type Fate string

// The fates.
const (
	Retained  Fate = "retained"  // 保留
	Cancelled Fate = "cancelled" // 取消
	Otherwise Fate = "otherwise" // 转变管理方式
	Delegated Fate = "delegated" // 下放管理层级
	Merged    Fate = "merged"    // 合并
)

// Fates lists them in the order in which lists show them.
func Fates() []Fate { return []Fate{Cancelled, Delegated, Merged, Otherwise, Retained} }

// Known reports whether the fate is one of the list.
func (f Fate) Known() bool {
	for _, x := range Fates() {
		if x == f {
			return true
		}
	}
	return false
}

// Takes reports whether the body ceases to exercise the item.
func (f Fate) Takes() bool { return f != Retained }

// Gives reports whether others exercise it, or what it became, from then on.
func (f Fate) Gives() bool { return f == Delegated || f == Merged }

// Open says what becomes of the open cases (在办件) on the date of effect.
type Open string

// The rules for open cases.
const (
	Finish Open = "finish" // 原机关继续办结
	Move   Open = "move"   // 随事项移交
)

// Follow is a date of the plan of follow-up supervision (后续监管计划): a duty of a body.
type Follow struct {
	Body string        `json:"body"`
	What string        `json:"what"`
	Due  calendar.Date `json:"due"`
}

// Line is what a round decides of one item of one body.
type Line struct {
	ID    int64  `json:"-"`
	Round string `json:"-"` // number of the round

	Item string        `json:"item"` // key in the catalogue
	Name lang.Text     `json:"name"` // as it was called on that day
	From string        `json:"from"` // body that exercises it
	Fate Fate          `json:"fate"`
	On   calendar.Date `json:"on"` // the first day on which it is so

	To     []string `json:"to,omitempty"`     // receiving bodies (承接机关); of a merged item none means the same body
	Into   string   `json:"into,omitempty"`   // key of the item into which it is merged
	Cases  Open     `json:"cases,omitempty"`  // empty where nothing is taken from the body
	Basis  string   `json:"basis"`            // 依据
	Reason string   `json:"reason,omitempty"` // why, for the public
	Manner string   `json:"manner,omitempty"` // how it is managed otherwise

	Checklist []string `json:"checklist,omitempty"` // what the hand-over has to bring (交接清单)
	Follow    []Follow `json:"follow,omitempty"`
}

// Receivers are who exercises the item, or what it became, from the date of effect on.
func (l *Line) Receivers() []string {
	switch {
	case !l.Fate.Gives():
		return nil
	case len(l.To) == 0:
		return []string{l.From}
	default:
		return l.To
	}
}

// Becomes is the item that the receivers exercise.
func (l *Line) Becomes() string {
	if l.Fate == Merged {
		return l.Into
	}
	return l.Item
}

// Heir is the body to which open cases go, when they go.
func (l *Line) Heir() string {
	if l.Cases != Move {
		return ""
	}
	if to := l.Receivers(); len(to) > 0 {
		return to[0]
	}
	return ""
}
