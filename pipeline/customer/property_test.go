package customer_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"muster/mappings"
	"muster/pipeline/customer"
	"muster/pipeline/kustomer"
)

type entry = map[string]any

// values draws a value of a member: few of each, so that entries meet; what is the same to an org in several forms.
func values(t *rapid.T, list, member string) any {
	of := map[string][]any{
		"email": {"ann@example.com", "Ann@Example.com", "bo@example.com"}, "phone": {"+31612345678", "+31201234567"},
		"externalId": {"a", "A", "b;c"}, "type": {"home", "work", "other"}, "verified": {true, false},
		"pageId": {"1", "2"}, "userId": {"1", "2"}, "threadId": {"1", "2"}, "username": {"ann", "Ann", "@ann", "bo"},
		"instagramId": {"7", "8"},
		"url":         {"https://example.com", "https://Example.com/", "https://example.com/a"}, "name": {"x", "y"},
		"userid":   {"5", "6"},
		"latitude": {52.1, 52.2}, "longitude": {4.5}, "address": {"Dam 1", "Plein 2"}, "cityName": {"Ede", "Delft"},
		"zipCode": {"1000 AA", "2000 BB"},
	}[member]
	if strings.HasSuffix(list, "ocials") && member == "type" {
		of = []any{"twitter", "facebook"}
	}
	if of == nil {
		of = []any{"p", "q"}
	}
	return rapid.SampledFrom(of).Draw(t, member)
}

// drawEntry is an entry that the vendor's schema takes: with its keys, and some of the rest.
func drawEntry(t *rapid.T, l mappings.List) entry {
	e := entry{}
	for _, m := range l.Members {
		must := slices.ContainsFunc(l.Keys, func(k mappings.ListKey) bool { return k.Member == m })
		if must || rapid.IntRange(0, 2).Draw(t, "with "+m) == 0 {
			e[m] = values(t, l.Name, m)
		}
	}
	return e
}

// drawLists are some lists of up to n entries, none of them twice as an org would tell.
func drawLists(t *rapid.T, n int) map[string][]entry {
	lists := map[string][]entry{}
	for _, l := range mappings.Lists() {
		seen := map[string]bool{}
		for range rapid.IntRange(0, n).Draw(t, l.Name) {
			e := drawEntry(t, l)
			if key := keyOf(l, e); len(e) > 0 && !seen[key] {
				seen[key] = true
				lists[l.Name] = append(lists[l.Name], e)
			}
		}
	}
	return lists
}

// keyOf tells entries apart as an org would; said here anew, so that the test is no mirror of what it tests.
func keyOf(l mappings.List, e entry) string {
	fold := func(member string) string { return strings.TrimPrefix(strings.ToLower(fmt.Sprint(e[member])), "@") }
	switch l.Name {
	case "locations":
		text, _ := json.Marshal(e)
		return string(text)
	case "facebookIds":
		return fold("pageId") + "/" + fold("userId")
	case "instagramIds":
		return fold("pageId") + "/" + fold("threadId") + "/" + fold("username")
	case "socials", "sharedSocials":
		return fold("type") + "/" + fold("username")
	case "externalIds", "sharedExternalIds":
		return fmt.Sprint(e["externalId"])
	case "urls":
		return strings.TrimSuffix(fold("url"), "/")
	case "emails", "sharedEmails":
		return fold("email")
	}
	return fold("phone")
}

// asOrg is a customer as an org answers with it: entries have an id, words of the org's own, and WhatsApp its prefix.
func asOrg(payload map[string]json.RawMessage) *kustomer.Customer {
	c := &kustomer.Customer{ID: "64aa00000000000000000001", Rev: 3, Attributes: map[string]json.RawMessage{}}
	for field, value := range payload {
		var items []entry
		if json.Unmarshal(value, &items) == nil {
			for _, e := range items {
				e["id"] = nil
				if field == "whatsapps" {
					e["phone"] = "whatsapp:" + strings.TrimPrefix(e["phone"].(string), "whatsapp:")
				}
				if strings.Contains(strings.ToLower(field), "email") || strings.Contains(strings.ToLower(field), "external") {
					e["externalVerified"] = false
				}
			}
			value, _ = json.Marshal(items)
		}
		c.Attributes[field] = value
	}
	c.Attributes["lastActivityAt"] = json.RawMessage(`"2030-01-01T00:00:00.000Z"`)
	c.Attributes["verified"] = json.RawMessage("true")
	return c
}

func encode(lists map[string][]entry) map[string]json.RawMessage {
	payload := map[string]json.RawMessage{}
	for field, entries := range lists {
		payload[field], _ = json.Marshal(entries)
	}
	return payload
}

// updated is the customer after an update: an org replaces the lists that it names.
func updated(c *kustomer.Customer, update []byte) *kustomer.Customer {
	var said map[string]json.RawMessage
	if err := json.Unmarshal(update, &said); err != nil {
		panic(err)
	}
	after := maps.Clone(c.Attributes)
	maps.Copy(after, said)
	return asOrg(after)
}

// has says whether a list has an entry with everything of e.
func has(t *rapid.T, c *kustomer.Customer, l mappings.List, e entry, but entry) bool {
	var items []entry
	if text := c.Attributes[l.Name]; text != nil && json.Unmarshal(text, &items) != nil {
		t.Fatal("no list")
	}
	return slices.ContainsFunc(items, func(other entry) bool {
		for name, value := range e {
			if slices.ContainsFunc(l.Keys, func(k mappings.ListKey) bool { return k.Member == name }) || but[name] != nil {
				continue
			}
			if fmt.Sprint(other[name]) != fmt.Sprint(value) && !(value == false && other[name] == nil) {
				return false
			}
		}
		if l.Name == "whatsapps" {
			other = maps.Clone(other)
			other["phone"] = strings.TrimPrefix(other["phone"].(string), "whatsapp:")
		}
		return l.Keys == nil || keyOf(l, other) == keyOf(l, e)
	})
}

// Law 10: a row that is joined with a customer leaves every entry that it does not replace; law 2: once it is written
// nothing differs, and the same row is unchanged.
func TestListsKeepWhatTheOrgHas(t *testing.T) {
	compare := customer.NewComparer()
	for range 3 {
		rapid.Check(t, func(t *rapid.T) {
			theirs, own := drawLists(t, 3), drawLists(t, 2)
			c := asOrg(encode(theirs))
			writes := map[string]string{}
			for _, l := range mappings.Lists() {
				words := []string{"", "", mappings.WriteOver}
				if l.Typed {
					words = append(words, mappings.WriteReplace)
				}
				if word := rapid.SampledFrom(words).Draw(t, "write "+l.Name); word != "" {
					writes[l.Name] = word
				}
			}
			payload, _ := json.Marshal(encode(own))
			d, err := customer.Differ(payload, c, writes)
			if err != nil || len(d.Untold) > 0 {
				t.Fatalf("%v %v", err, d.Untold)
			}
			after := updated(c, d.Update)
			for _, l := range mappings.Lists() {
				for _, e := range own[l.Name] {
					if !has(t, after, l, e, nil) {
						t.Fatalf("%s: the row's %v is not among %s", l.Name, e, after.Attributes[l.Name])
					}
				}
				for _, e := range theirs[l.Name] {
					goes := writes[l.Name] == mappings.WriteOver && own[l.Name] != nil || writes[l.Name] == mappings.WriteReplace &&
						e["type"] != nil &&
						slices.ContainsFunc(own[l.Name], func(o entry) bool { return o["type"] == e["type"] })
					said := entry{} // what the row says of the same entry
					for _, o := range own[l.Name] {
						if l.Keys != nil && keyOf(l, o) == keyOf(l, e) {
							said = o
						}
					}
					if !goes && !has(t, after, l, e, said) {
						t.Fatalf("%s (%s): the org's %v is not among %s any more; the row says %v", l.Name, writes[l.Name], e,
							after.Attributes[l.Name], own[l.Name])
					}
				}
			}
			found, err := compare.Compare(payload, after, writes)
			if err != nil || len(found.Gaps)+len(found.Veiled) > 0 {
				t.Fatalf("after the update %+v differ\nrow %s\nhas %v", found.Gaps, payload, after.Attributes)
			}
			if !customer.Covers(after, payload, writes) {
				again, _ := customer.Differ(payload, after, writes)
				t.Fatalf("the same row would write %s", again.Update)
			}
			if d.Empty != (bytes.Equal(d.Update, []byte("{}"))) {
				t.Fatalf("nothing to write, and it is %s", d.Update)
			}
		})
	}
}

// Whatever is created is as it was sent: nothing in how an org answers is a difference.
func TestWhatIsCreatedIsNoDifference(t *testing.T) {
	compare := customer.NewComparer()
	for range 3 {
		rapid.Check(t, func(t *rapid.T) {
			payload, _ := json.Marshal(encode(drawLists(t, 4)))
			var made map[string]json.RawMessage
			if err := json.Unmarshal(payload, &made); err != nil {
				t.Fatal(err)
			}
			c := asOrg(made)
			found, err := compare.Compare(payload, c, nil)
			if err != nil || len(found.Gaps)+len(found.Veiled)+len(found.Extra) > 0 || !customer.Covers(c, payload, nil) {
				t.Fatalf("%+v %v", found, err)
			}
		})
	}
}
