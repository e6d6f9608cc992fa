package publication

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/file"
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
		var notes []LineNote
		unread := 0
		for j := range c.Attachments {
			name := c.Attachments[j].Name
			read, err := r.readFile(ctx, &c.Attachments[j])
			if wrong := refusedFile(name, err); wrong != nil {
				wrong.Path = fmt.Sprintf("/attachments/%d", j)
				fields = append(fields, *wrong)
				continue
			}
			if err != nil {
				return nil, err
			}
			masked[i] = masked[i] || len(read.masked) > 0
			if read.unread {
				unread++
			}
			for _, text := range read.notes(name) {
				notes = append(notes, LineNote{from + i, text})
			}
		}
		if len(fields) > 0 {
			masked[i] = false
			r.out.Errors = append(r.out.Errors, LineError{from + i, fields})
			continue
		}
		r.out.Notes, r.out.Unread = append(r.out.Notes, notes...), r.out.Unread+unread
		left = append(left, i)
	}
	return left, nil
}

// refusedFile says why a file is not taken in, or nil when the error is of another kind.
func refusedFile(name string, err error) *casework.FieldError {
	if unmasked := (*casework.Refusal)(nil); errors.As(err, &unmasked) {
		return &casework.FieldError{Code: RefusedPersonal, Text: lang.Text{
			Hans: "附件“" + name + "”含有个人信息，而且不能在这里遮盖，请在原文件中遮盖", Hant: "附件「" + name + "」含有個人信息，而且不能在這裡遮蓋，請在原檔案中遮蓋",
			En: "The file “" + name + "” holds personal data and cannot be masked here: mask it in the program that made it",
		}}
	}
	if copied := (*file.Refusal)(nil); errors.As(err, &copied) {
		return &casework.FieldError{Code: copied.Code, Text: lang.Text{
			Hans: "附件“" + name + "”遮盖个人信息后的副本不能收下：" + copied.Text.Hans, Hant: "附件「" + name + "」遮蓋個人信息後的副本不能收下：" + copied.Text.Hant,
			En: "The copy of “" + name + "” in which personal data is masked cannot be taken: " + copied.Text.En,
		}}
	}
	return nil
}

// readOf is what reading a file has shown.
type readOf struct {
	masked []guard.Finding // in a copy that took its place
	unread bool
}

// notes puts it into words.
func (f readOf) notes(name string) (list []lang.Text) {
	if len(f.masked) > 0 {
		n := map[guard.Kind]int{}
		for _, x := range f.masked {
			n[x.Kind]++
		}
		var hans, hant, en []string
		for _, k := range slices.Sorted(maps.Keys(n)) {
			of := k.Name()
			hans, hant = append(hans, fmt.Sprintf("%s %d 处", of.Hans, n[k])), append(hant, fmt.Sprintf("%s %d 處", of.Hant, n[k]))
			en = append(en, fmt.Sprintf("%s (%d)", of.En, n[k]))
		}
		list = append(list, lang.Text{
			Hans: "附件“" + name + "”以遮盖了个人信息的副本公开：" + strings.Join(hans, "、"), Hant: "附件「" + name + "」以遮蓋了個人信息的副本公開：" + strings.Join(hant, "、"),
			En: "a copy of “" + name + "” in which personal data is masked takes its place: " + strings.Join(en, ", "),
		})
	}
	if f.unread {
		list = append(list, lang.Text{
			Hans: "附件“" + name + "”里有程序读不出的内容（例如扫描件），请人工检查有没有个人信息", Hant: "附件「" + name + "」裡有程式讀不出的內容（例如掃描件），請人工檢查有沒有個人信息",
			En: "“" + name + "” holds what no program can read, such as a scan: look at it for personal data",
		})
	}
	return list
}

// readFile reads an attachment. Where the guard is sure that it holds personal data, a masked copy takes its place.
func (r *importing) readFile(ctx context.Context, a *Attachment) (read readOf, err error) {
	t, err := r.filing.text(ctx, *a)
	if err != nil {
		return read, err
	}
	read.unread = len(t.Unread) > 0
	if r.b.Unguarded {
		return read, nil
	}
	found := slices.DeleteFunc(guard.Scan(t.Whole), func(f guard.Finding) bool { return !sure(f) })
	if len(found) == 0 {
		return read, nil
	}
	copied, err := r.filing.maskedCopy(ctx, r.batch.author, *a, func(f guard.Finding, _ string) bool { return !sure(f) })
	if err != nil {
		return read, err
	}
	f, err := r.filing.files.Stat(ctx, copied.File)
	if err != nil {
		return read, err
	}
	read.masked = found
	a.File, a.Digest, a.Size, a.Type = f.ID, f.Digest, f.Size, f.Type
	_, err = r.filing.text(ctx, *a)
	return read, err
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
