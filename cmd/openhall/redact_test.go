package main

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/slice/request"
)

// Whoever takes passages out of a document learns what is wrong with it, and where it cannot be done: nothing of that is an error of ours.
func TestRedactorSaysWhatIsWrong(t *testing.T) {
	take := func(name, content string, passages ...string) (string, error) {
		out, err := redactor{}.Redact(t.Context(), name, []byte(content), passages, "个人隐私")
		return string(out), err
	}
	const page = "q 9 0 0 9 0 0 cm /I Do Q BT 3 Tr /F 20 Tf 1 4 Td (secret) Tj ET"
	scan := "%PDF-1.4\n1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n2 0 obj\n<</Type/Pages/Kids[3 0 R]/Count 1>>\nendobj\n" +
		"3 0 obj\n<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 100]/Resources<</Font<</F 5 0 R>>/XObject<</I 6 0 R>>>>/Contents 4 0 R>>\nendobj\n" +
		fmt.Sprintf("4 0 obj\n<</Length %d>>\nstream\n%s\nendstream\nendobj\n", len(page), strings.ReplaceAll(page, "9 0 0 9", "200 0 0 100")) +
		"5 0 obj\n<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>\nendobj\n" +
		"6 0 obj\n<</Type/XObject/Subtype/Image/Width 200/Height 100/BitsPerComponent 8/Filter/JPXDecode/Length 2>>\nstream\nxx\nendstream\nendobj\ntrailer\n<</Root 1 0 R>>\n"
	var missing *request.NotThere
	var said interface{ Message() lang.Text }
	if out, err := take("a.txt", "甲方张三，乙方李四，证人张三。", "张三"); err != nil || strings.Contains(out, "张三") || strings.Count(out, "不予公开：个人隐私") != 2 {
		t.Errorf("%q, %v", out, err)
	}
	if _, err := take("a.txt", "甲方张三", "王五"); !errors.As(err, &missing) {
		t.Errorf("a passage that is not there: %v", err)
	}
	if _, err := take("a.exe", "MZ\x00\x01", "x"); !errors.Is(err, request.ErrNoRedaction) {
		t.Errorf("a kind that is not read: %v", err)
	}
	if _, err := take("a.pdf", "%PDF-1.7\nhello", "hello"); !errors.As(err, &said) || said.Message().En == "" {
		t.Errorf("a broken file: %v", err)
	}
	if _, err := take("a.pdf", scan, "secret"); !errors.Is(err, request.ErrLeft) {
		t.Errorf("a passage in a picture: %v", err)
	}
}
