package disclosure

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/publication"
	"openhall.org/openhall/internal/platform/store"
)

// newDraft makes a draft of a new record. A form that comes twice, because its button was pressed twice or the answer was lost on the way,
// leads to the draft that it made the first time, on whichever node. The same form with something else in it makes another one.
func (s *Service) newDraft(ctx context.Context, who identity.Principal, d publication.Draft, form string) (store.ID, error) {
	id, _, err := s.Records.DraftOnce(ctx, who, d, sending("form", who, form, d))
	return id, err
}

// importDrafts makes drafts of the rows of a file and returns how many. Those that it made before and that are still in work, when the same
// file was sent twice or the program ended in the middle of it, are not made again, also when somebody has edited them since.
func (s *Service) importDrafts(ctx context.Context, who identity.Principal, drafts []publication.Draft) (made int, err error) {
	same := map[string]int{} // a file may hold the same row twice
	for _, d := range drafts {
		said := essence(d.Content)
		same[said]++
		_, fresh, err := s.Records.DraftOnce(ctx, who, d, sending("row", who, number(same[said]), d))
		if err != nil {
			return made, err
		}
		if fresh {
			made++
		}
	}
	return made, nil
}

// sending names what somebody sends: which door, whose form or which of equal rows, and what it says.
func sending(door string, who identity.Principal, which string, d publication.Draft) string {
	h := sha256.New()
	for _, part := range []string{door, who.Account.String(), d.Body, which, essence(d.Content)} {
		_, _ = fmt.Fprintf(h, "%d:%s", len(part), part) // never fails
	}
	return hex.EncodeToString(h.Sum(nil))
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
