package province

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/identifier"
)

// errToken says that a text of the demo's matters begins with @ and stands for nothing that is known.
var errToken = errors.New("stands for nothing; demo.Matters lists what may begin with @")

// fill puts into a value what its texts stand for on the day of the act; see [demo.Matters].
func (pl *played) fill(value any, day calendar.Date) (any, error) {
	switch v := value.(type) {
	case map[string]any:
		out := make(map[string]any, len(v))
		for key, each := range v {
			filled, err := pl.fill(each, day)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", key, err)
			}
			out[key] = filled
		}
		return out, nil
	case string:
		token, ok := strings.CutPrefix(v, "@")
		if !ok {
			return v, nil
		}
		text, err := pl.token(token, day)
		if err != nil {
			return nil, fmt.Errorf("%q: %w", v, err)
		}
		return text, nil
	default:
		return v, nil
	}
}

func (pl *played) token(token string, day calendar.Date) (string, error) {
	switch token {
	case "name":
		return pl.applicant.Name, nil
	case "number":
		return pl.applicant.IDNumber, nil
	case "phone":
		return pl.applicant.Phone, nil
	}
	if n, err := strconv.Atoi(token); err == nil {
		return pl.p.cal.Add(day, n).String(), nil
	}
	words := strings.Fields(token)
	switch {
	case len(words) == 4 && words[0] == "id":
		return idNumber(words[1], words[2], words[3])
	case len(words) == 3 && words[0] == "uscc":
		code, err := identifier.NewUSCC('9', '1', words[1], words[2])
		return code.Code, err
	}
	return "", errToken
}

// idNumber makes an identity number with its check character.
func idNumber(area, birth, sequence string) (string, error) {
	born, err := time.Parse(time.DateOnly, birth)
	if err != nil {
		return "", err
	}
	n, err := strconv.Atoi(sequence)
	if err != nil {
		return "", err
	}
	card, err := identifier.NewIDCard(area, born, n)
	return card.Number, err
}
