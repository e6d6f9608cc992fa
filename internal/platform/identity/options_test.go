package identity_test

import (
	"testing"
	"time"

	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/registry"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/store/storetest"
)

func TestOptionsAreChecked(t *testing.T) {
	db := storetest.New(t, store.SQLite, registry.Schema(), identity.Schema())
	good := openWith(t, db, func(*identity.Options) {}).Options
	for name, change := range map[string]func(o *identity.Options){
		"second factor": func(o *identity.Options) { o.SecondFactor = "sometimes" },
		"lock after":    func(o *identity.Options) { o.LockAfter = 3 },
		"sessions":      func(o *identity.Options) { o.StaffSessions = -1 },
	} {
		o := good
		change(&o)
		if _, err := identity.New(o); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
	if good.FreshFor != 10*time.Minute || good.LockAfter != 10 {
		t.Errorf("defaults %+v", good)
	}
}
