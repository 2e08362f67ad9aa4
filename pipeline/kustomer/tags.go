package kustomer

import (
	"context"
	"encoding/json"
	"strconv"
)

// Tag is one tag of an org: customers are answered with its id, and written to by its name.
type Tag struct {
	ID, Name string
	Deleted  bool
}

const tagPath = "/v1/tags"

// Tags lists the org's tags, page by page: those that are deleted, or those that are not. It needs a role of its own:
// verdict Forbidden, in older orgs Unauthorized. A list that does not end, turns in a circle or leads to another host
// is cut off.
func (v *Viewer) Tags(ctx context.Context, deleted bool) ([]Tag, error) {
	var all []Tag
	next := ""
	query := "?deleted=" + strconv.FormatBool(deleted) + "&page=1&pageSize=" + strconv.Itoa(MaxListed)
	c := reading(tagPath+query, tagPath+"?…", func(body []byte) (err error) {
		var some []Tag
		some, next, err = decodeTags(body)
		all = append(all, some...)
		return err
	})
	for seen := map[string]bool{}; len(seen) < maxPages && !seen[c.path]; {
		seen[c.path] = true
		if err := v.wire.do(ctx, c); err != nil {
			return nil, err
		}
		path, ok := v.wire.follow(c.path, next, tagPath)
		if next == "" || !ok {
			break
		}
		c.path = path
	}
	return all, nil
}

func decodeTags(body []byte) (tags []Tag, next string, err error) {
	var page struct {
		Data []struct {
			ID         loose `json:"id"`
			Attributes struct {
				Name    string          `json:"name"`
				Deleted json.RawMessage `json:"deleted"`
			} `json:"attributes"`
		} `json:"data"`
		Links json.RawMessage `json:"links"`
	}
	if json.Unmarshal(body, &page) != nil || page.Data == nil {
		return nil, "", errUnreadable
	}
	for i := range page.Data {
		one := &page.Data[i]
		if id := string(one.ID); id != "" && one.Attributes.Name != "" {
			tags = append(tags, Tag{id, one.Attributes.Name, string(one.Attributes.Deleted) == "true"})
		}
	}
	return tags, nextLink(page.Links), nil
}
