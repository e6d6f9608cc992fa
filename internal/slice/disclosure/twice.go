package disclosure

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/publication"
	"openhall.org/openhall/internal/platform/store"
)

// newDraft makes a draft of a new record. A form that comes twice, because its button was pressed twice or the answer was lost on the way,
// leads to the draft that it made the first time.
func (s *Service) newDraft(ctx context.Context, who identity.Principal, d publication.Draft) (store.ID, error) {
	s.making.Lock()
	defer s.making.Unlock()
	made, err := s.mine(ctx, who, d.Body)
	if err != nil {
		return 0, err
	}
	want := essence(d.Content)
	if i := slices.IndexFunc(made, func(w *publication.Work) bool { return essence(w.Content) == want }); i >= 0 {
		return made[i].Record, nil
	}
	return s.Records.Draft(ctx, who, d)
}

// importDrafts makes drafts of the rows of a file and returns how many. Those that it made before, when the same file was sent twice or the program
// ended in the middle of it, are not made again.
func (s *Service) importDrafts(ctx context.Context, who identity.Principal, drafts []publication.Draft) (made int, err error) {
	s.making.Lock()
	defer s.making.Unlock()
	works, err := s.mine(ctx, who, who.Post.Body)
	if err != nil {
		return 0, err
	}
	there := map[string]int{} // how many say the same: a file may hold the same row twice
	for _, w := range works {
		there[essence(w.Content)]++
	}
	for _, d := range drafts {
		if said := essence(d.Content); there[said] > 0 {
			there[said]--
			continue
		}
		if _, err := s.Records.Draft(ctx, who, d); err != nil {
			return made, err
		}
		made++
	}
	return made, nil
}

// mine lists the drafts of new records that somebody has made of late and that are not public yet, the latest first.
func (s *Service) mine(ctx context.Context, who identity.Principal, body string) ([]*publication.Work, error) {
	const most = 500
	works, err := s.Records.Works(ctx, who, body, 0, most)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(works, func(w *publication.Work) bool { return w.Author != who.Account || w.Number > 1 }), nil
}

// essence is what a content says, without what tells two sendings of it apart: where files and linked records are kept, spaces, ends of lines.
// A file that was uploaded again is the same file.
func essence(c publication.Content) string {
	kept := map[store.ID]string{}
	c.Attachments = slices.Clone(c.Attachments)
	for i := range c.Attachments {
		kept[c.Attachments[i].File] = c.Attachments[i].Digest
		c.Attachments[i].File = 0
	}
	c.Media = slices.Clone(c.Media)
	for i := range c.Media {
		if digest, attached := kept[c.Media[i].File]; attached {
			c.Media[i].File, c.Media[i].Href = 0, digest
		}
	}
	c.Links = slices.Clone(c.Links)
	for i := range c.Links {
		if c.Links[i].Index != "" {
			c.Links[i].Record = 0
		}
	}
	c.Keywords = slices.Clone(c.Keywords)
	for i := range c.Keywords {
		c.Keywords[i] = strings.TrimSpace(c.Keywords[i])
	}
	for _, text := range formFields(&c) {
		*text = strings.TrimSpace(strings.ReplaceAll(*text, "\r\n", "\n"))
	}
	said, _ := json.Marshal(c) // never fails: texts, numbers and lists of them
	return string(said)
}
