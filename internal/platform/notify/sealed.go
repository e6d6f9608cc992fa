package notify

import (
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/store/seal"
)

// Sealed names the columns of sealed values.
func Sealed() []seal.Column {
	var out []seal.Column
	for _, column := range []string{"address", "code", "problem"} {
		out = append(out, seal.Column{Table: "notify_contact", Name: column, Key: []string{"account", "channel"}, Place: func(key []any) string {
			account, _ := key[0].(int64)
			channel, _ := key[1].(string)
			return place(store.ID(account), Channel(channel), column)
		}})
	}
	return out
}
