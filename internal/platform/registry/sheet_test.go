package registry_test

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"

	"openhall.org/openhall/internal/platform/registry"
	"openhall.org/openhall/internal/platform/store"
)

// What is written as a table is read again as the same things: putting it back changes nothing.
func TestSheetsComeBack(t *testing.T) {
	each(t, func(t *testing.T, _ *store.DB, reg *registry.Registry) {
		for _, kind := range registry.Sheets() {
			data, err := reg.Now().WriteSheet(kind)
			if err != nil {
				t.Fatal(err)
			}
			sheet, err := reg.Now().ReadSheet(kind, data)
			if err != nil {
				t.Fatalf("%s: %v", kind, err)
			}
			changes, err := reg.Preview(t.Context(), func(e *registry.Edit) error { return e.PutSheet(sheet) })
			if err != nil || len(changes) != 0 {
				t.Errorf("%s: %d changes, %v", kind, len(changes), err)
			}
		}
	})
}

func TestSheetsAreRefusedRowByRow(t *testing.T) {
	each(t, func(t *testing.T, _ *store.DB, reg *registry.Registry) {
		for _, c := range []struct{ kind, data, want string }{
			{"divisions", "", ":0:empty"},
			{"divisions", "code,level,name_hans\n", ":0:empty"},
			{"divisions", "code,name_hans,colour\n", "colour:0:column-unknown level:0:column-missing"},
			{"divisions", "code,level,name_hans\n340102000000,3,瑶海区\n340103000000,9,庐阳区\n34010,3,x\n340102000000,3,\n", "level:3:number code:4:code name_hans:5:required code:5:twice"},
			{"bodies", "key,division,name_hans,kind,level,uscc,ended\nx,990000000000,某局,data,municipal,123,tomorrow\n", "ended:2:day division:2:unknown uscc:2:uscc"},
			{"windows", "key,centre,name_hans,bodies\nw9,none,窗口,hefei-health nobody\n", "centre:2:unknown bodies:2:unknown"},
			{"posts", "key,body,roles,title_hans,windows\np9,hefei-data,king window,岗,w-none\n", "roles:2:role windows:2:unknown"},
			{"posts", "key,body,roles,title_hans\n\"p9", "key:2:unreadable"},
		} {
			_, err := reg.Now().ReadSheet(c.kind, []byte(c.data))
			var wrong registry.SheetErrors
			errors.As(err, &wrong)
			var got []string
			for _, e := range wrong {
				got = append(got, e.Column+":"+string(rune('0'+e.Row))+":"+e.Code)
				if e.Error() == "" {
					t.Errorf("%s has no words", e.Code)
				}
			}
			want := strings.Fields(c.want)
			if slices.Sort(got); !slices.Equal(got, slices.Sorted(slices.Values(want))) {
				t.Errorf("%s: %v, want %v", c.kind, got, want)
			}
		}
		if _, err := reg.Now().ReadSheet("people", nil); err == nil {
			t.Error("a sheet that there is none of is read")
		}
	})
}

func TestASheetIsPutAndEnds(t *testing.T) {
	each(t, func(t *testing.T, _ *store.DB, reg *registry.Registry) {
		read := func(kind, data string) *registry.Sheet {
			t.Helper()
			s, err := reg.Now().ReadSheet(kind, []byte(data))
			if err != nil {
				t.Fatal(err)
			}
			return s
		}
		sheet := read("windows", "key,centre,name_hans,number,bodies\nw-people,hefei-centre,民生窗口,A03,hefei-health hefei-housing\nw-new,hefei-centre,新窗口,A04,\n")
		changes, err := reg.Preview(t.Context(), func(e *registry.Edit) error { return e.PutSheet(sheet) })
		if err != nil || len(changes) != 1 || changes[0].Kind != "centre" || changes[0].New() || reg.Now().Window("w-new") != nil {
			t.Fatalf("%+v, %v; want the centre, and nothing done yet", changes, err)
		}
		if err := reg.Edit(t.Context(), func(e *registry.Edit) error { return e.PutSheet(sheet) }); err != nil {
			t.Fatal(err)
		}
		if len(reg.Now().Centre("hefei-centre").Windows) != 3 || len(reg.Now().Window("w-people").Bodies) != 2 {
			t.Errorf("%+v", reg.Now().Centre("hefei-centre").Windows)
		}
		// Somebody holds the post of the reviewer: it cannot end before they leave.
		end := "key,body,roles,title_hans,ended\nreviewer,hefei-housing,reviewer,审核岗,2026-11-24\n"
		put := func() error {
			s := read("posts", end)
			return reg.Edit(t.Context(), func(e *registry.Edit) error { return e.PutSheet(s) })
		}
		if err := put(); err == nil || !strings.Contains(err.Error(), "end the appointment first") {
			t.Errorf("a post ends while it is held: %v", err)
		}
		if err := reg.Edit(t.Context(), func(e *registry.Edit) error { return e.Appoint(7, "reviewer", monday, tuesday.Add(-17*3600e9)) }); err != nil {
			t.Fatal(err)
		}
		if err := put(); err != nil {
			t.Error(err)
		}
		if err := reg.Edit(t.Context(), func(e *registry.Edit) error { return e.Appoint(8, "reviewer", friday, friday.AddDate(0, 1, 0)) }); err == nil {
			t.Error("somebody is appointed to a post that has ended")
		}
	})
}

func FuzzReadSheet(f *testing.F) {
	f.Add("posts", []byte("key,body,roles,title_hans\np,b,head,x\n"))
	f.Add("divisions", []byte("code,level,name_hans\n340102000000,3,瑶海区\n"))
	f.Add("bodies", []byte("\uFEFFkey;division\n"))
	var empty registry.Snapshot
	f.Fuzz(func(t *testing.T, kind string, data []byte) {
		s, err := empty.ReadSheet(kind, data)
		if (s == nil) == (err == nil) {
			t.Errorf("%v, %v", s, err)
		}
		if err != nil && bytes.Contains([]byte(err.Error()), []byte("%!")) {
			t.Errorf("words: %v", err)
		}
	})
}
