package disclosure

import (
	"context"
	"errors"
	"io"
	"net/http"

	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/publication"
	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/platform/web/form"
	"openhall.org/openhall/internal/platform/web/ui"
	"openhall.org/openhall/internal/slice/disclosure/importing"
)

// maxDrafts is how many rows an office brings in at once; what is larger the operator imports.
const maxDrafts = 500

// maxTable bounds a spreadsheet when it is unpacked, in bytes.
const maxTable = 64 << 20

// importView is the page on which an office brings a file of records in, as drafts.
type importView struct {
	form     *form.Form
	category []ui.Option // of rows that name none
	body     string
	tried    bool
	rows     int
	good     []string // titles of the rows that are right
	problems []string
}

func (s *Service) getImport(who identity.Principal, w http.ResponseWriter, r *http.Request) error {
	v := web.ViewOf(r)
	return web.Render(w, r, http.StatusOK, importPage(v, s.importView(v, who, form.Of(nil))))
}

func (s *Service) importView(v *web.View, who identity.Principal, f *form.Form) importView {
	return importView{form: f, category: s.categoryTree(v.L, who.Post.Body), body: v.L.Text(s.bodyName(who.Post.Body))}
}

// postImport tries a file, or makes drafts of it when nothing is wrong: an office's records go through review like any other.
func (s *Service) postImport(who identity.Principal, w http.ResponseWriter, r *http.Request) (err error) {
	v := web.ViewOf(r)
	f, err := form.Parse(r)
	if err != nil {
		return web.BadRequest("", err)
	}
	p := s.importView(v, who, f)
	upload, header, err := r.FormFile("file")
	if err != nil {
		f.Fail("file", v.L.T("disclosure.import.choose"))
		return web.Render(w, r, http.StatusUnprocessableEntity, importPage(v, p))
	}
	defer func() { err = errors.Join(err, upload.Close()) }()
	file, err := importing.Open(header.Filename, upload, importing.Options{
		Known: s.Known(), Today: s.today(), Defaults: map[string]string{"body": who.Post.Body, "category": f.Value("category")}, NoFiles: true, Unpacked: maxTable,
	})
	if problem, refused := importing.ProblemOf(err); refused {
		f.Fail("file", problem.In(v.L.Tag()))
		return web.Render(w, r, http.StatusUnprocessableEntity, importPage(v, p))
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	drafts, err := s.readDrafts(r.Context(), file, who, v.L.Tag(), &p)
	if err != nil {
		return err
	}
	p.tried = p.rows > 0 && p.rows <= maxDrafts
	if p.rows == 0 {
		f.Fail("file", v.L.T("disclosure.import.none"))
	}
	if p.rows > maxDrafts {
		f.Fail("file", v.L.T("disclosure.import.too-many", web.Args{"Count": maxDrafts}))
	}
	if f.Value("do") != "import" || len(p.problems) > 0 || !f.Valid() {
		status := http.StatusOK
		if len(p.problems) > 0 || !f.Valid() {
			status = http.StatusUnprocessableEntity
		}
		return web.Render(w, r, status, importPage(v, p))
	}
	made, err := s.importDrafts(r.Context(), who, drafts)
	if err != nil {
		return err
	}
	flash := web.Flash{Kind: "success", Key: "disclosure.import.done", Args: map[string]string{"Count": number(made)}}
	if there := len(drafts) - made; there > 0 {
		flash.Key, flash.Args["There"] = "disclosure.import.again", number(there)
	}
	web.SetFlash(w, r, flash)
	return web.SeeOther(w, r, "/desk/records")
}

// readDrafts reads the rows of the office's own body; those of others are problems. It ends at the first row too many: a file of 20 MB may
// hold ten million of them, each with problems of its own.
func (s *Service) readDrafts(ctx context.Context, file *importing.File, who identity.Principal, tag lang.Tag, p *importView) (drafts []publication.Draft, err error) {
	for {
		item, err := file.Next()
		if errors.Is(err, io.EOF) {
			return drafts, nil
		}
		if err != nil {
			return nil, err
		}
		if p.rows++; p.rows > maxDrafts {
			return drafts, nil
		}
		if len(item.Problems) == 0 && item.Record.Body != who.Post.Body {
			item.Problems = append(item.Problems, importing.Problem{
				Row: item.Row, Rule: lang.Text{Hans: "这是其他机关的信息", Hant: "這是其他機關的信息", En: "this is a record of another body"},
				Remedy: lang.Text{Hans: "请由该机关导入", Hant: "請由該機關匯入", En: "Let that body bring it in"},
			})
		}
		d := publication.Draft{Body: item.Record.Body, Content: contentOfRecord(&item.Record)}
		if len(item.Problems) == 0 {
			err := s.Records.TryDraft(ctx, who, d)
			fields, _ := refusedFields(err)
			if err != nil && len(fields) == 0 {
				return nil, err
			}
			for _, x := range fields {
				item.Problems = append(item.Problems, fieldProblem(item.Row, &d.Content, x))
			}
		}
		for _, x := range item.Problems {
			p.problems = append(p.problems, x.In(tag))
		}
		if len(item.Problems) == 0 {
			p.good = append(p.good, item.Record.Title)
			drafts = append(drafts, d)
		}
	}
}
