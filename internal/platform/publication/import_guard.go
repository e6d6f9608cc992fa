package publication

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/publication/guard"
)

// guardTexts masks in the texts of lines what the guard is sure of, side by side, and notes in which.
func guardTexts(lines []Incoming, good []int, masked []bool) {
	const side = 4
	var work sync.WaitGroup
	for k := range side {
		work.Go(func() {
			for j := k; j < len(good); j += side {
				i := good[j]
				masked[i] = maskSure(&lines[i].Content)
			}
		})
	}
	work.Wait()
}

// readFiles reads the attachments of lines, so that records are found by what stands in them too. A copy takes the place of one that holds
// personal data; a line of whose file none can be made is not taken in. It returns the lines that are left.
func (r *importing) readFiles(ctx context.Context, from int, lines []Incoming, good []int, masked []bool) ([]int, error) {
	left := make([]int, 0, len(good))
	for _, i := range good {
		c := &lines[i].Content
		var fields []casework.FieldError
		for j := range c.Attachments {
			changed, err := r.readFile(ctx, &c.Attachments[j])
			var refusal *casework.Refusal
			switch {
			case errors.As(err, &refusal):
				name := c.Attachments[j].Name
				fields = append(fields, casework.FieldError{Path: fmt.Sprintf("/attachments/%d", j), Code: RefusedPersonal, Text: lang.Text{
					Hans: "附件“" + name + "”含有个人信息，而且不能在这里遮盖，请在原文件中遮盖", Hant: "附件「" + name + "」含有個人信息，而且不能在這裡遮蓋，請在原檔案中遮蓋",
					En: "The file “" + name + "” holds personal data and cannot be masked here: mask it in the program that made it",
				}})
			case err != nil:
				return nil, err
			}
			masked[i] = masked[i] || changed
		}
		if len(fields) > 0 {
			masked[i] = false
			r.out.Errors = append(r.out.Errors, LineError{from + i, fields})
			continue
		}
		left = append(left, i)
	}
	return left, nil
}

// readFile reads an attachment, and reports whether a masked copy took its place.
func (r *importing) readFile(ctx context.Context, a *Attachment) (masked bool, err error) {
	t, err := r.s.TextOf(ctx, *a)
	if err == nil && len(t.Unread) > 0 {
		r.out.Unread++
	}
	if err != nil || r.b.Unguarded || !slices.ContainsFunc(guard.Scan(t.Whole), sure) {
		return false, err
	}
	copied, err := r.s.maskedCopy(ctx, r.batch.author, *a, func(f guard.Finding, _ string) bool { return !sure(f) })
	if err != nil {
		return false, err
	}
	f, err := r.s.Files.Stat(ctx, copied.File)
	if err != nil {
		return false, err
	}
	a.File, a.Digest, a.Size, a.Type = f.ID, f.Digest, f.Size, f.Type
	_, err = r.s.TextOf(ctx, *a)
	return true, err
}

// sure reports whether the guard is sure of a finding.
func sure(f guard.Finding) bool { return f.Confidence >= guard.Likely }

// maskSure masks all that the guard is sure of.
func maskSure(c *Content) bool {
	changed := false
	for _, field := range fieldsOf(c) {
		found := slices.DeleteFunc(guard.Scan(*field.text), func(f guard.Finding) bool { return !sure(f) })
		if len(found) > 0 {
			*field.text = guard.Mask(*field.text, found)
			changed = true
		}
	}
	return changed
}
