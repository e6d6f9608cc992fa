package identity

import (
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/store/seal"
)

// Sealed names the columns of sealed values.
func Sealed() []seal.Column {
	return []seal.Column{
		{Table: "identity_account", Name: "profile", Key: []string{"id"}, Place: seal.ByID(func(id int64) string { return place(store.ID(id)) })},
		{Table: "identity_factor", Name: "content", Key: []string{"id"}, Place: seal.ByID(func(id int64) string { return factorPlace(store.ID(id)) })},
		{Table: "identity_session", Name: "data", Key: []string{"token"}, Place: func(key []any) string {
			token, _ := key[0].(string)
			return sessionPlace(token)
		}},
	}
}
