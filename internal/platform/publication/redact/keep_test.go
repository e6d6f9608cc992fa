package redact_test

import (
	"os"
	"testing"

	"openhall.org/openhall/internal/platform/publication/extract"
)

// Copies for a look at them with other programs: OPENHALL_KEEP=folder go test -run Keep.
func TestKeepForOtherPrograms(t *testing.T) {
	folder := os.Getenv("OPENHALL_KEEP")
	for _, name := range []string{"chromium.pdf", "libreoffice.pdf", "libreoffice.docx", "libreoffice.xlsx", "aes256.pdf"} {
		content, err := os.ReadFile("../extract/testdata/" + name)
		if err != nil {
			t.Fatal(err)
		}
		out, _ := public(t, extract.TypeOf(name, content), content, "")
		if folder == "" {
			continue
		}
		if err := os.WriteFile(folder+"/"+name, out, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}
