package customer

import (
	"encoding/json"
	"errors"
	"fmt"

	"muster/mappings"
)

// Fold adds a later row of a customer to the first.
func Fold(first, later []byte) ([]byte, error) {
	var have, more object
	if json.Unmarshal(first, &have) != nil || json.Unmarshal(later, &more) != nil {
		return nil, errors.New("the record is not a JSON object")
	}
	for field, value := range more {
		l := lists[field]
		switch {
		case IsNothing(have[field]):
			have[field] = value
		case l != nil:
			joined, err := foldList(l, have[field], value)
			if err != nil {
				return nil, err
			}
			have[field] = joined
		case field == "tags":
			joined, err := foldTags(have[field], value)
			if err != nil {
				return nil, err
			}
			have[field] = joined
		case field == "custom":
			have[field] = foldObject(have[field], value)
		}
	}
	return json.Marshal(have)
}

// foldList appends the items that are not there; one that is there takes what the later row knows more.
func foldList(l *mappings.List, have, more json.RawMessage) (json.RawMessage, error) {
	items, ok := entriesOf(have)
	added, also := entriesOf(more)
	if !ok || !also {
		return have, nil
	}
	for _, item := range added {
		at := held(l, items, item)
		if at < 0 {
			at = grows(l, items, item)
		}
		if at < 0 {
			items = append(items, item)
			continue
		}
		for name, value := range item {
			if IsNothing(items[at][name]) {
				items[at][name] = value
			}
		}
	}
	if len(items) > l.Most {
		return nil, fmt.Errorf("%s would hold %d items together with the rows before; %d are allowed", l.Name, len(items),
			l.Most)
	}
	return json.Marshal(items)
}

func foldTags(have, more json.RawMessage) (json.RawMessage, error) {
	var tags, added []string
	if json.Unmarshal(have, &tags) != nil || json.Unmarshal(more, &added) != nil {
		return have, nil
	}
	for _, t := range added {
		if !containsFold(tags, t) {
			tags = append(tags, t)
		}
	}
	if len(tags) > mappings.MostTags {
		return nil, fmt.Errorf("tags would hold %d entries together with the rows before; %d are allowed", len(tags),
			mappings.MostTags)
	}
	return json.Marshal(tags)
}

// foldObject adds the members that are not there.
func foldObject(have, more json.RawMessage) json.RawMessage {
	var own, added object
	if json.Unmarshal(have, &own) != nil || json.Unmarshal(more, &added) != nil {
		return have
	}
	for name, value := range added {
		if IsNothing(own[name]) {
			own[name] = value
		}
	}
	encoded, _ := json.Marshal(own) // of what was decoded
	return encoded
}
