package request

import (
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/store/seal"
)

// sealedColumns names the columns of sealed values.
func sealedColumns() []seal.Column {
	return []seal.Column{
		{Table: "request_asker", Name: "sealed", Key: []string{"id"}, Place: seal.ByID(func(id int64) string { return askerContext(store.ID(id)) })},
	}
}
