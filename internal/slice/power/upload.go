package power

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"go.yaml.in/yaml/v3"
)

// ParseItem reads one item as a person uploads it: JSON as the API gives it, or YAML as the files of a catalogue hold it, either the
// item alone or a list of one. Unknown elements are errors. YAML cites laws by the keys of known; topics and life events must be
// known as well.
func ParseItem(data []byte, known *Catalogue) (Item, error) {
	data = bytes.TrimSpace(data)
	var (
		it  Item
		err error
	)
	if bytes.HasPrefix(data, []byte("{")) {
		it, err = parseJSON(data)
	} else {
		it, err = parseYAML(data)
	}
	if err != nil {
		return it, err
	}
	if it.Key == "" {
		return it, errors.New("the item has no key: give it one, it becomes part of its address")
	}
	c := Catalogue{Items: []Item{it}, Laws: known.Laws, Topics: known.Topics, Events: known.Events}
	if err := c.resolve(); err != nil {
		return it, err
	}
	return c.Items[0], nil
}

func parseJSON(data []byte) (it Item, err error) {
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(&it); err != nil {
		return it, fmt.Errorf("read the item as JSON: %w", err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return it, errors.New("read the item as JSON: something follows its last brace: remove it")
	}
	return it, nil
}

func parseYAML(data []byte) (it Item, err error) {
	d := yaml.NewDecoder(bytes.NewReader(data))
	d.KnownFields(true)
	if bytes.HasPrefix(data, []byte("- ")) {
		var list []Item
		if err := d.Decode(&list); err != nil {
			return it, fmt.Errorf("read the item as YAML: %w", err)
		}
		if len(list) != 1 {
			return it, fmt.Errorf("the list holds %d items: upload them one by one", len(list))
		}
		return list[0], nil
	}
	if err := d.Decode(&it); err != nil {
		if errors.Is(err, io.EOF) {
			return it, errors.New("there is no item in it: paste one, or choose a file")
		}
		return it, fmt.Errorf("read the item as YAML: %w", err)
	}
	return it, nil
}
