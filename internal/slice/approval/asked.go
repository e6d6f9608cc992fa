package approval

import (
	"context"
	"time"

	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/web/form"
)

// Asked is what an authority asks of the applicant of a case, such as a correction (补正).
type Asked struct {
	Token  int // of the step
	Title  lang.Text
	Notice string       // what it asks for, in its own words; personal
	Due    time.Time    // until when; zero: without a term
	Form   *form.Schema // nil: papers alone
}

// Asked tells what a case waits for from its applicant, and whether they can still withdraw it. It is for those who act for applicants:
// whether they may is theirs to find out.
func (s *Service) Asked(ctx context.Context, c *casework.Case) (asked []Asked, withdrawable bool, err error) {
	d := door{c: c}
	if _, d.def, err = s.Cases.Procedure(ctx, c.Procedure); err != nil {
		return nil, false, err
	}
	for _, t := range d.myTasks() {
		e := d.def.Element(t.Element)
		x := Asked{Token: t.Token, Title: e.Title, Due: c.Until(t.Token)}
		if x.Title.Hans == "" {
			x.Title.Hans = e.Name
		}
		if x.Form, err = s.forms.task(e.Form, s.Cases.Forms); err != nil {
			return nil, false, err
		}
		if x.Notice, err = s.lastWords(ctx, d, "missing"); err != nil {
			return nil, false, err
		}
		asked = append(asked, x)
	}
	return asked, c.Open() && d.awaits(withdrawal), nil
}
