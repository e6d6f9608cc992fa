package approval_test

import (
	"testing"

	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/platform/web/i18n"
	"openhall.org/openhall/internal/slice/approval"
)

func words(t testing.TB) *i18n.Catalogue {
	t.Helper()
	c, err := i18n.Load(web.Messages(), approval.Messages())
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestMessages(t *testing.T) { words(t) }
