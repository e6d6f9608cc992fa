package centre

import (
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/store/seal"
)

// sealedColumns names the columns of sealed values.
func sealedColumns() []seal.Column {
	return []seal.Column{
		{Table: "centre_appointment", Name: "sealed", Key: []string{"id"}, Place: seal.ByID(func(id int64) string { return sealContext("appointment", store.ID(id)) })},
		{Table: "centre_ticket", Name: "sealed", Key: []string{"id"}, Place: seal.ByID(func(id int64) string { return sealContext("ticket", store.ID(id)) })},
	}
}
