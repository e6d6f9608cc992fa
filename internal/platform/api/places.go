package api

import (
	"context"
	"net/http"

	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/registry"
)

// Division (行政区划) is a province, city, county, township or village.
type Division struct {
	Code   string    `json:"code" doc:"12-digit code."`
	Level  string    `json:"level" enum:"province,city,county,township,village"`
	Name   lang.Text `json:"name"`
	Parent string    `json:"parent,omitempty" doc:"Code of the division above it on this node."`
}

var levels = map[registry.Level]string{
	registry.Province: "province", registry.City: "city", registry.County: "county", registry.Township: "township", registry.Village: "village",
}

func divisionOf(s *registry.Snapshot, d *registry.Division) Division {
	out := Division{Code: d.Code, Level: levels[d.Level], Name: d.Name}
	if path := s.Path(d.Code); len(path) > 1 {
		out.Parent = path[len(path)-2].Code
	}
	return out
}

// DivisionList is a list of divisions.
type DivisionList struct {
	Divisions []Division `json:"divisions" nullable:"false"`
}

// Body (机关) is a body of government.
type Body struct {
	Key       string    `json:"key"`
	Division  string    `json:"division" doc:"12-digit code."`
	Kind      string    `json:"kind" doc:"What it is competent for, the same at every level." example:"market-regulation"`
	Level     string    `json:"level" doc:"provincial, municipal, county or township."`
	Name      lang.Text `json:"name"`
	Agency    string    `json:"agency,omitempty" doc:"With what its document numbers begin (机关代字)."`
	USCC      string    `json:"uscc,omitempty" doc:"Unified social credit code (统一社会信用代码)."`
	Centre    string    `json:"centre,omitempty" doc:"Key of the service centre where it is stationed."`
	Address   lang.Text `json:"address,omitzero" doc:"Where it is found and written to."`
	Consult   string    `json:"consult,omitempty" doc:"Telephone for enquiries (咨询)."`
	Complaint string    `json:"complaint,omitempty" doc:"Telephone for complaints (监督投诉)."`
	Ended     string    `json:"ended,omitempty" doc:"First day on which it is no longer there; absent while it is."`
}

// BodyList is a list of bodies.
type BodyList struct {
	Bodies []Body `json:"bodies" nullable:"false"`
}

const maxFound = 50

func (a *API) addPlaces() {
	const tag = "Registry"
	type divisionsInput struct {
		Parent string `query:"parent" pattern:"^[0-9]{12}$" patternDescription:"a code of 12 digits" doc:"Code of the division above; left out: those at the top."`
		Words  string `query:"q" maxLength:"50" doc:"Words of the name or the beginning of the code; up to 50 are found. parent then counts for nothing."`
	}
	type divisionsOutput struct{ Body DivisionList }
	Register(a, Operation{
		ID: "list-divisions", Method: http.MethodGet, Path: "/divisions", Tag: tag, Summary: "The divisions right below one, or those found by words",
		Errors: []int{http.StatusNotFound},
	}, func(_ context.Context, in *divisionsInput) (*divisionsOutput, error) {
		s := a.Registry.Now()
		if in.Parent != "" && s.Division(in.Parent) == nil {
			return nil, NotFound()
		}
		found := s.Children(in.Parent)
		if in.Words != "" {
			found = s.Find(in.Words, maxFound)
		}
		out := &divisionsOutput{Body: DivisionList{Divisions: make([]Division, 0, len(found))}}
		for _, d := range found {
			out.Body.Divisions = append(out.Body.Divisions, divisionOf(s, d))
		}
		return out, nil
	})

	type divisionInput struct {
		Code string `path:"code" pattern:"^[0-9]{12}$" patternDescription:"a code of 12 digits"`
	}
	type divisionOutput struct{ Body Division }
	Register(a, Operation{
		ID: "get-division", Method: http.MethodGet, Path: "/divisions/{code}", Tag: tag, Summary: "A division", Errors: []int{http.StatusNotFound},
	}, func(_ context.Context, in *divisionInput) (*divisionOutput, error) {
		s := a.Registry.Now()
		d := s.Division(in.Code)
		if d == nil {
			return nil, NotFound()
		}
		return &divisionOutput{divisionOf(s, d)}, nil
	})

	type bodiesInput struct {
		Division string `query:"division" required:"true" pattern:"^[0-9]{12}$" patternDescription:"a code of 12 digits" doc:"Code of their division."`
	}
	type bodiesOutput struct{ Body BodyList }
	Register(a, Operation{
		ID: "list-bodies", Method: http.MethodGet, Path: "/bodies", Tag: tag, Summary: "The bodies of a division", Errors: []int{http.StatusNotFound},
	}, func(_ context.Context, in *bodiesInput) (*bodiesOutput, error) {
		s := a.Registry.Now()
		if s.Division(in.Division) == nil {
			return nil, NotFound()
		}
		bodies := s.Bodies(in.Division)
		out := &bodiesOutput{Body: BodyList{Bodies: make([]Body, 0, len(bodies))}}
		for _, b := range bodies {
			out.Body.Bodies = append(out.Body.Bodies, Body(*b))
		}
		return out, nil
	})

	type bodyInput struct {
		Key string `path:"key" maxLength:"100"`
	}
	type bodyOutput struct{ Body Body }
	Register(a, Operation{
		ID: "get-body", Method: http.MethodGet, Path: "/bodies/{key}", Tag: tag, Summary: "A body", Errors: []int{http.StatusNotFound},
	}, func(_ context.Context, in *bodyInput) (*bodyOutput, error) {
		b := a.Registry.Now().Body(in.Key)
		if b == nil {
			return nil, NotFound()
		}
		return &bodyOutput{Body(*b)}, nil
	})
}
