package pipeline_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"muster/pipeline"
	"muster/pipeline/report"
	"muster/pipeline/sandbox"
)

// listed draws customers with lists: valid ones by the vendor's schema, in forms that are the same to an org.
type listed struct{ *rand.Rand }

func (d listed) one(of ...string) string { return of[d.IntN(len(of))] }

// some is an entry: what it must have, and some of the rest.
func (d listed) some(must, rest map[string]any) map[string]any {
	for name, value := range rest {
		if d.IntN(2) == 0 {
			must[name] = value
		}
	}
	return must
}

// entries draws one entry of every list; n parts the customers, whose identities are their own.
func (d listed) entries(n int) map[string]map[string]any {
	type m = map[string]any
	k := d.IntN(3)
	mail := d.one("p%d-%d@example.com", "P%d-%d@Example.com")
	page := d.one("https://example.com/p%d-%d", "https://Example.com:443/p%d-%d")
	return map[string]map[string]any{
		"emails": d.some(m{"email": fmt.Sprintf(mail, n, k)},
			m{"type": d.one("home", "work", "other"), "verified": true}),
		"sharedEmails":      d.some(m{"email": fmt.Sprintf(mail, 0, k)}, m{"type": d.one("home", "work", "other")}),
		"phones":            d.some(m{"phone": fmt.Sprintf("+316%05d%03d", n, k)}, m{"type": d.one("mobile", "fax"), "verified": false}),
		"sharedPhones":      d.some(m{"phone": fmt.Sprintf("+3120%07d", k)}, m{"type": "home"}),
		"whatsapps":         d.some(m{"phone": fmt.Sprintf("%s+317%05d%03d", d.one("", "whatsapp:"), n, k)}, m{"type": "mobile"}),
		"externalIds":       d.some(m{"externalId": fmt.Sprintf("X;%d-%d", n, k)}, m{"verified": true}),
		"sharedExternalIds": m{"externalId": fmt.Sprintf("S|%d", k)},
		"facebookIds":       d.some(m{"pageId": d.one("1", "2"), "userId": fmt.Sprint(n, k)}, m{"name": "x"}),
		"instagramIds": d.some(m{"pageId": d.one("1", "2"), "threadId": "t", "username": d.one("u", "U")},
			m{"instagramId": "7"}),
		"socials": d.some(m{"type": d.one("twitter", "facebook"), "username": d.one("u", "U") + fmt.Sprint(n)},
			m{"userid": "5", "url": "https://example.com"}),
		"sharedSocials": m{"type": "twitter", "username": "all"},
		"urls":          d.some(m{"url": fmt.Sprintf(page, n, k)}, m{"type": "blog"}),
		"locations": d.some(m{"type": d.one("home", "work")},
			m{"address": d.one("Dam 1", "Plein 2"), "cityName": d.one("Ede", "Delft"),
				"zipCode": "1000 AA", "latitude": 52.25, "name": d.one("x", "y")}),
	}
}

// customer draws a record; its name changes with the round, its identity does not.
func (d listed) customer(n, round int) map[string]any {
	c := map[string]any{"externalId": fmt.Sprint("c-", n), "name": fmt.Sprint("Round ", round)}
	for range 1 + d.IntN(2) {
		for name, entry := range d.entries(n) {
			have, _ := c[name].([]map[string]any)
			twice := slices.ContainsFunc(have, func(other map[string]any) bool {
				return entryKey(name, other) == entryKey(name, entry)
			})
			if d.IntN(3) == 0 && !twice {
				c[name] = append(have, entry)
			}
		}
	}
	if d.IntN(2) == 0 {
		c["tags"] = [][]string{{"vip"}, {"new customer", "vip"}, {"old"}}[d.IntN(3)]
	}
	if d.IntN(4) == 0 {
		c["lastActivityAt"] = "2020-01-02T03:04:05.000Z"
	}
	return c
}

// entryKey tells the entries of a list apart as an org does.
func entryKey(list string, e map[string]any) string {
	word := func(name string) string { return strings.ToLower(fmt.Sprint(e[name])) }
	switch list {
	case "locations":
		delete(e, "id")
		text, _ := json.Marshal(e)
		return string(text)
	case "facebookIds":
		return word("pageId") + "/" + word("userId")
	case "instagramIds":
		return word("pageId") + "/" + word("threadId") + "/" + word("username")
	case "socials", "sharedSocials":
		return word("type") + "/" + word("username")
	case "externalIds", "sharedExternalIds":
		return fmt.Sprint(e["externalId"])
	case "urls":
		return strings.Replace(word("url"), ":443", "", 1)
	case "emails", "sharedEmails":
		return word("email")
	}
	return strings.TrimPrefix(word("phone"), "whatsapp:")
}

// TestImportsKeepListsOfTheOrg: whatever is created passes the canary and verify; the same file once more is unchanged
// in every row; and an import over it leaves every entry and every tag that no row replaced (laws 2 and 10).
func TestImportsKeepListsOfTheOrg(t *testing.T) {
	t.Parallel()
	kinds := []sandbox.Switches{{}, {TagNamesOnRead: true}, {BulkUpdateFull: true}, {IdentitiesExact: true},
		{CompanyKept: true, TagIDsAreNames: true}}
	rounds := 10
	if *allSeeds {
		rounds = 200
	}
	for seed := range rounds {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			o := newOrg(t, sandbox.Config{Switches: kinds[seed%len(kinds)], RatePerMinute: -1})
			d := listed{rand.New(rand.NewPCG(uint64(seed), 3))}
			dir, people := t.TempDir(), 12+d.IntN(10)
			file := func(round int) (path string, rows []map[string]any) {
				var b strings.Builder
				for n := range people {
					row := d.customer(n, round)
					text, _ := json.Marshal(row)
					b.Write(append(text, '\n'))
					rows = append(rows, row)
				}
				return prepared(t, dir, fmt.Sprintf("round%d.ndjson", round), b.String(), ""), rows
			}
			run := 0
			imports := func(path, status string) *report.Summary {
				run++
				state := filepath.Join(dir, fmt.Sprint("state", run)) // a ledger that knows nothing
				s, err := pipeline.Run(t.Context(), pipeline.Config{Command: "import", Org: o.connect(t), Files: []string{path},
					State: state, Canary: true})
				if err != nil || s.ExitCode != 0 {
					t.Fatalf("%v %+v", err, s)
				}
				for _, row := range outcomes(t, s) {
					if row.Status != status && (status != "" || row.Status != "created" && row.Status != "updated") {
						t.Errorf("%s, row %d is %s, want %s", path, row.Line, row.Status, status)
					}
				}
				v, err := verifyRun(t, o, state, s.Run, 0)
				if err != nil || v.Same != int64(people) || v.Veiled != 0 {
					t.Errorf("read back: %v %+v", err, v)
				}
				return s
			}
			first, _ := file(1)
			imports(first, "created")
			imports(first, "unchanged")
			before := o.customers(t)
			second, rows := file(2)
			imports(second, "updated")
			imports(second, "unchanged")
			after := o.customers(t)
			for id := range before {
				at := slices.IndexFunc(rows, func(row map[string]any) bool { return row["externalId"] == id })
				stillThere(t, id, before[id][0].Attributes, after[id][0].Attributes, rows[at])
			}
		})
	}
}

// stillThere holds what a customer has after an import to what it had: every entry, and of an entry all that the row
// did not say.
func stillThere(t *testing.T, id string, before, after json.RawMessage, row map[string]any) {
	var had, has map[string]json.RawMessage
	if json.Unmarshal(before, &had) != nil || json.Unmarshal(after, &has) != nil {
		t.Fatal("no attributes")
	}
	for list := range (listed{rand.New(rand.NewPCG(1, 1))}).entries(0) {
		var theirs, now []map[string]any
		_, _ = json.Unmarshal(had[list], &theirs), json.Unmarshal(has[list], &now) // none: nothing
		said, _ := row[list].([]map[string]any)
		for _, e := range theirs {
			key := entryKey(list, e)
			named := slices.IndexFunc(said, func(s map[string]any) bool { return entryKey(list, s) == key })
			if !slices.ContainsFunc(now, func(other map[string]any) bool {
				for name, value := range e {
					if (named < 0 || said[named][name] == nil) && fmt.Sprint(other[name]) != fmt.Sprint(value) {
						return false
					}
				}
				return list == "locations" || entryKey(list, other) == key
			}) {
				t.Errorf("%s: the org had %v in %s and has %s; the row said %v", id, e, list, has[list], said)
			}
		}
	}
	var tags, left []string
	_, _ = json.Unmarshal(had["tags"], &tags), json.Unmarshal(has["tags"], &left)
	for _, tag := range tags {
		if !slices.Contains(left, tag) {
			t.Errorf("%s lost a tag", id)
		}
	}
}
