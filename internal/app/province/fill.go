package province

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/identifier"
	"openhall.org/openhall/internal/platform/casework"
)

// errToken says that a text of the demo's matters begins with @ and stands for nothing that is known.
var errToken = errors.New("stands for nothing; demo.Matters lists what may begin with @")

// Fill puts into a value what its texts stand for, as [demo.Matters] explains: what is known of the applicant, and the day so many
// working days from that of the act.
func Fill(value any, of casework.Applicant, working func(days int) calendar.Date) (any, error) {
	switch v := value.(type) {
	case map[string]any:
		out := make(map[string]any, len(v))
		for key, each := range v {
			filled, err := Fill(each, of, working)
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
		text, err := stands(token, of, working)
		if err != nil {
			return nil, fmt.Errorf("%q: %w", v, err)
		}
		return text, nil
	default:
		return v, nil
	}
}

// stands returns what a text that began with @ stands for.
func stands(token string, of casework.Applicant, working func(days int) calendar.Date) (string, error) {
	switch token {
	case "name":
		return of.Name, nil
	case "number":
		return of.IDNumber, nil
	case "phone":
		return of.Phone, nil
	}
	if n, err := strconv.Atoi(token); err == nil {
		return working(n).String(), nil
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
