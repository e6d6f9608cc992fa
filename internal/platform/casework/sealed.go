package casework

import (
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/store/seal"
)

// Sealed names the columns of sealed values.
func Sealed() []seal.Column {
	return []seal.Column{
		{Table: "event", Name: "sealed", Key: []string{"id"}, Place: seal.ByID(func(id int64) string { return privateContext(store.ID(id)) })},
		{Table: "draft", Name: "sealed", Key: []string{"id"}, Place: seal.ByID(func(id int64) string { return draftContext(store.ID(id)) })},
	}
}
