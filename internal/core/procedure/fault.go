package procedure

import (
	"errors"
	"fmt"

	"openhall.org/openhall/internal/core/lang"
)

// CodeUnreadable is the kind of finding about a file that Parse refuses.
const CodeUnreadable Code = "unreadable"

// Fault is why Parse refuses a file, where one element is to blame.
type Fault struct {
	Line    int
	Kind    string // name of the element in the file
	Element string // its id; empty when it has none
	Err     error
	text    lang.Text
}

// Error tells line and element.
func (f *Fault) Error() string {
	return fmt.Sprintf("line %d: <%s> %q %v", f.Line, f.Kind, f.Element, f.Err)
}

// Unwrap returns the cause.
func (f *Fault) Unwrap() error { return f.Err }

// Unreadable is why a file as a whole is refused.
type Unreadable struct {
	Line int // 0: none is to blame
	text lang.Text
}

// unreadable makes one; the words of all languages take the same arguments.
func unreadable(line int, hans, hant, en string, args ...any) *Unreadable {
	return &Unreadable{line, lang.Text{Hans: fmt.Sprintf(hans, args...), Hant: fmt.Sprintf(hant, args...), En: fmt.Sprintf(en, args...)}}
}

// Error tells the line.
func (u *Unreadable) Error() string {
	if u.Line > 0 {
		return fmt.Sprintf("line %d: %s", u.Line, u.text.En)
	}
	return u.text.En
}

// Why says in the reader's language what is wrong with a file that Readable or Parse refuses.
func Why(err error) lang.Text {
	u := (*Unreadable)(nil)
	switch {
	case !errors.As(err, &u):
		return lang.Text{Hans: err.Error(), Hant: err.Error(), En: err.Error()}
	case u.Line > 0:
		return lang.Text{Hans: fmt.Sprintf("第 %d 行：%s", u.Line, u.text.Hans), Hant: fmt.Sprintf("第 %d 行：%s", u.Line, u.text.Hant), En: u.Error()}
	default:
		return u.text
	}
}

// Readable reports whether the bytes are XML within the limits, without a document type declaration: what can be kept as a draft. Whether it
// is a procedure is the business of Parse.
func Readable(data []byte) error {
	if _, _, err := readXML(data); err != nil {
		return fmt.Errorf("procedure: %w", err)
	}
	return nil
}

// Refused puts into a finding why Parse refused a file.
func Refused(err error) Finding {
	why := Why(err)
	f := Finding{Code: CodeUnreadable, Level: Error, Line: 1, Message: lang.Text{
		Hans: "文件无法读取：" + why.Hans + "；请在制图工具中改正后重新导入", Hant: "檔案無法讀取：" + why.Hant + "；請在製圖工具中改正後重新匯入",
		En: "the file cannot be read: " + why.En + "; mend it in the tool it was drawn with and bring it in again",
	}}
	if u := (*Unreadable)(nil); errors.As(err, &u) && u.Line > 0 {
		f.Line = u.Line
	}
	if fault := (*Fault)(nil); errors.As(err, &fault) {
		f.Element, f.Name, f.Line = fault.Element, fault.Kind, fault.Line
		if !fault.text.IsZero() {
			f.Message = fault.text
		} else {
			f.Message = lang.Text{
				Hans: fmt.Sprintf("<%s> 无法读取（%v）；请改正", fault.Kind, fault.Err), Hant: fmt.Sprintf("<%s> 無法讀取（%v）；請改正", fault.Kind, fault.Err),
				En: fmt.Sprintf("<%s> cannot be read (%v): correct it", fault.Kind, fault.Err),
			}
		}
	}
	return f
}
