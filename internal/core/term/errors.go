package term

import (
	"time"

	"openhall.org/openhall/internal/core/lang"
)

// Code names why something can't be done to a term.
type Code string

// The reasons of refusal.
const (
	AlreadyStopped   Code = "term.already-stopped"
	AlreadyPaused    Code = "term.already-paused"
	NotPaused        Code = "term.not-paused"
	BeforeStart      Code = "term.before-start"
	BeforePause      Code = "term.before-pause"
	NoMoreExtensions Code = "term.no-more-extensions"
	Overdue          Code = "term.overdue"
	BadLength        Code = "term.bad-length"
)

// Error says that a term can't be changed as asked, and why. The term is as it was.
type Error struct {
	Code Code
	At   time.Time // of the change that was asked for
}

// Error gives the reason in English with the instant.
func (e *Error) Error() string {
	return e.Text().En + " (" + string(e.Code) + ", at " + e.At.Format(time.RFC3339) + ")"
}

// Text gives the reason to a person.
func (e *Error) Text() lang.Text {
	switch e.Code {
	case AlreadyStopped:
		return lang.Text{Hans: "期限已经结束，不能再变更", Hant: "期限已經結束，不能再變更", En: "the term has ended and can't be changed"}
	case AlreadyPaused:
		return lang.Text{Hans: "期限已经中止；请先恢复计算", Hant: "期限已經中止；請先恢復計算", En: "the clock stands still already; resume it first"}
	case NotPaused:
		return lang.Text{Hans: "期限没有中止，无需恢复", Hant: "期限沒有中止，無需恢復", En: "the clock is running; there is nothing to resume"}
	case BeforeStart:
		return lang.Text{Hans: "时间早于期限起算；请填写起算以后的时间", Hant: "時間早於期限起算；請填寫起算以後的時間", En: "that is before the term began; give a later time"}
	case BeforePause:
		return lang.Text{Hans: "时间早于中止开始；请填写中止以后的时间", Hant: "時間早於中止開始；請填寫中止以後的時間", En: "that is before the pause began; give a later time"}
	case NoMoreExtensions:
		return lang.Text{Hans: "依法不能再延长", Hant: "依法不能再延長", En: "the law doesn't allow a further extension"}
	case Overdue:
		return lang.Text{Hans: "法定期限已经届满，不能延长", Hant: "法定期限已經屆滿，不能延長", En: "the statutory term has run out and can't be extended"}
	default:
		return lang.Text{Hans: "期限长度应为正数，并写明时间单位", Hant: "期限長度應為正數，並寫明時間單位", En: "the length must be a positive number of a unit of time"}
	}
}
