package schema

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"pgregory.net/rapid"
)

// kindsOfValue gives values as a migration holds them, by what they are.
var (
	words = rapid.SampledFrom([]string{"Anna", "José Müller", "O'Neil & Sons", "東京", "Café de l'Étoile", "x",
		"Łódź 12-a", "multi\nline", "=1+1", `quote " and \`})
	names   = rapid.Custom(func(t *rapid.T) string { return words.Draw(t, "first") + " " + words.Draw(t, "last") })
	emails  = rapid.Custom(func(t *rapid.T) string { return local.Draw(t, "local") + "@" + host.Draw(t, "host") })
	local   = rapid.StringMatching(`[a-z]{1,12}([.+_-][a-z0-9]{1,8}){0,2}`)
	host    = rapid.StringMatching(`([a-z][a-z0-9]{0,6}(-[a-z0-9]{1,3})?\.){1,2}(com|nl|co\.uk|museum)`)
	phones  = rapid.StringMatching(`\+?[1-9][0-9]{6,14}`)
	moments = rapid.StringMatching(`(19[7-9][0-9]|20[0-2][0-9])-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{3})?(Z|[+-]0[0-9]:[03]0)`)
	webs    = rapid.StringMatching(`https?://(www\.)?[a-z]{2,10}\.(com|nl)(:8080)?(/[a-zA-Z0-9_~%-]{0,1}[a-z]{0,5}){0,2}(\?q=[a-z0-9&=]{0,9})?`).Filter(func(s string) bool {
		return !strings.Contains(s, "%")
	})
	ids        = rapid.StringMatching(`[0-9a-f]{24}`)
	externals  = rapid.StringMatching(`[A-Z]{0,3}-?[0-9]{1,12}`)
	tags       = rapid.StringMatching(`[a-zA-Z0-9À-ÿ_/<>.-][a-zA-Z0-9À-ÿ_/<>. -]{0,14}`)
	numbers    = rapid.StringMatching(`-?(0|[1-9][0-9]{0,8})(\.[0-9]{1,4})?`)
	confidence = rapid.SampledFrom([]string{"-1", "0", "1", "0.5", "-0.25", "1.0"})
	polarity   = rapid.SampledFrom([]string{"-1", "0", "1"})
	bools      = rapid.SampledFrom([]string{"true", "false"})
)

func choice(values ...string) *rapid.Generator[string] { return rapid.SampledFrom(values) }

// sample is what valid values of a place look like.
type sample struct {
	kind     byte
	values   *rapid.Generator[string]
	nullable bool
}

// customerSamples has every place of the customer's schema that a column can fill, and attributes of the demo Klass.
var customerSamples = func() map[string]sample {
	all := map[string]sample{}
	for _, path := range []string{"name", "company", "username", "locations[].name", "locations[].address",
		"locations[].address2", "locations[].address3",
		"locations[].countryName", "locations[].regionName", "locations[].cityName", "locations[].zipCode",
		"locations[].areaCode", "custom.notesTxt"} {
		all[path] = sample{'"', names, true}
	}
	for _, path := range []string{"signedUpAt", "lastActivityAt", "lastCustomerActivityAt", "lastSeenAt", "birthdayAt",
		"custom.lastOrderAt"} {
		all[path] = sample{'"', moments, true}
	}
	all["createdAt"], all["importedAt"] = sample{'"', moments, false}, sample{'"', moments, false}
	all["externalId"], all["avatarUrl"] = sample{'"', externals, true}, sample{'"', webs, true}
	all["locale"], all["timeZone"] = sample{'"', choice("en_US", "nl"), true},
		sample{'"', choice("Europe/Amsterdam", "UTC"), true}
	all["defaultLang"], all["gender"] = sample{'"', choice("en_us", "pt"), true}, sample{'"', choice("m", "f"), true}
	all["rev"], all["tags[]"] = sample{'0', numbers, false}, sample{'"', tags, false}
	all["sentiment.polarity"], all["sentiment.confidence"] = sample{'0', polarity, false}, sample{'0', confidence, false}
	for _, shared := range []string{"externalIds", "emails", "phones", "socials"} {
		for _, list := range []string{shared, "shared" + strings.ToUpper(shared[:1]) + shared[1:]} {
			all[list+"[].verified"] = sample{'t', bools, false}
			switch shared {
			case "externalIds":
				all[list+"[].externalId"] = sample{'"', externals, false}
			case "emails":
				all[list+"[].email"], all[list+"[].type"] = sample{'"', emails, false},
					sample{'"', choice("home", "work", "other"), false}
			case "phones":
				all[list+"[].phone"], all[list+"[].type"] = sample{'"', phones, false},
					sample{'"', choice("mobile", "home", "work", "fax", "other"), false}
			case "socials":
				all[list+"[].username"], all[list+"[].userid"], all[list+"[].url"] = sample{'"', names, false},
					sample{'"', externals, false}, sample{'"', webs, false}
				all[list+"[].type"] = sample{'"', choice("twitter", "facebook", "instagram", "linkedin", "pinterest"), false}
			}
		}
	}
	all["whatsapps[].phone"], all["whatsapps[].type"], all["whatsapps[].verified"] = sample{'"', phones, false},
		sample{'"', choice("mobile"), false}, sample{'t', bools, false}
	for _, name := range []string{"facebookIds[].pageId", "facebookIds[].userId", "facebookIds[].name",
		"instagramIds[].pageId", "instagramIds[].threadId", "instagramIds[].username", "instagramIds[].instagramId"} {
		all[name] = sample{'"', externals, false}
	}
	all["urls[].url"], all["urls[].type"] = sample{'"', webs, false},
		sample{'"', choice("website", "blog", "other"), false}
	all["locations[].type"], all["locations[].countryCode"] = sample{'"', choice("home", "work", "other"), true},
		sample{'"', choice("NL", "DE"), true}
	all["locations[].regionCode"] = sample{'"', choice("NH", "Z", ""), true}
	all["locations[].latitude"], all["locations[].longitude"] = sample{'0', numbers, true}, sample{'0', numbers, true}
	all["custom.avgSatScoreNum"], all["custom.vipBool"] = sample{'0', numbers, true}, sample{'t', bools, true}
	all["custom.loyaltyTierStr"], all["custom.profileUrl"] = sample{'"', choice("bronze", "silver", "gold", "platinum"),
		true}, sample{'"', webs, true}
	all["custom.managerId"], all["custom.regionTree"] = sample{'"', ids, true}, sample{'"', choice("eu", "eu.nl"), true}
	return all
}()

// violations gives values that no place of this kind of path should take, by path: as entries at item 0.
func violations() map[string][]entry {
	bad := []entry{{kind: '"', text: ""}, {kind: '"', text: "x"}, {kind: '"', text: " ?"},
		{kind: '"', text: strings.Repeat("é", 300)},
		{kind: '"', text: strings.Repeat("a", 1025)}, {kind: '"', text: "2024-02-30T00:00:00Z"}, {kind: '"', text: "a@b"},
		{kind: '"', text: "+0123"},
		{kind: '0', text: "7"}, {kind: '0', text: "-0"}, {kind: '0', text: "1.0"}, {kind: '0', text: "-1.000000001"},
		{kind: '0', text: "1e2"}, {kind: '0', text: "99999999999999999999"},
		{kind: 't', text: "true"}, {kind: 'n', text: "null"}, {kind: '[', text: "[]"}, {kind: '{', text: "{}"}}
	all := map[string][]entry{}
	paths := slices.Sorted(maps.Keys(customerSamples))
	paths = append(paths, "foo", "custom.foo", "custom.fooStr", "custom.legacyScoreNum", "custom.AvgSatScoreNum",
		"emails[].foo", "locations[].city", "sentiment.x")
	for _, path := range paths {
		for _, e := range bad {
			e.path, e.item = path, -1
			if strings.Contains(path, "[]") {
				e.item = 0
			}
			all[path] = append(all[path], e)
		}
	}
	return all
}

// drawCustomer draws a record: some of the places, items without gaps, required fields present.
func drawCustomer(t *rapid.T) []entry {
	var entries []entry
	items := map[string]int{}
	all := slices.Sorted(maps.Keys(customerSamples))
	for _, path := range all {
		if list, _, isList := strings.Cut(path, "[]"); isList {
			if _, drawn := items[list]; !drawn {
				items[list] = rapid.SampledFrom([]int{0, 0, 0, 1, 1, 2, 3}).Draw(t, list)
			}
		}
	}
	sentiment := rapid.Bool().Draw(t, "sentiment")
	for _, path := range all {
		list, field, isList := strings.Cut(path, "[]")
		switch {
		case strings.HasPrefix(path, "sentiment."):
			if sentiment {
				entries = append(entries, drawEntry(t, path, -1, false))
			}
		case !isList:
			if rapid.IntRange(0, 2).Draw(t, "has "+path) == 0 {
				entries = append(entries, drawEntry(t, path, -1, true))
			}
		default:
			for item := range items[list] {
				if isKeyField(list, field) || rapid.IntRange(0, 2).Draw(t, "has "+path) == 0 {
					entries = append(entries, drawEntry(t, path, item, true))
				}
			}
		}
	}
	return mergeEqual(entries)
}

// mergeEqual drops the items of a list from the first one on that equals an earlier one, as a mapping merges them.
func mergeEqual(entries []entry) []entry {
	items, from := map[string]string{}, map[string]int{} // list and position → text of the item; list → first to drop
	for _, e := range entries {
		list, field, _ := strings.Cut(e.path, "[]")
		items[fmt.Sprint(list, "#", e.item)] += field + string(e.kind) + e.text + ";"
	}
	for _, e := range entries {
		list, _, _ := strings.Cut(e.path, "[]")
		for earlier := range max(e.item, 0) {
			first, dropped := from[list]
			if items[fmt.Sprint(list, "#", earlier)] == items[fmt.Sprint(list, "#", e.item)] && (!dropped || e.item < first) {
				from[list] = e.item
			}
		}
	}
	kept := entries[:0]
	for _, e := range entries {
		list, _, _ := strings.Cut(e.path, "[]")
		if first, dropped := from[list]; !dropped || e.item < first {
			kept = append(kept, e)
		}
	}
	return kept
}

// isKeyField: what a mapping always fills in an item.
func isKeyField(list, field string) bool {
	switch strings.TrimPrefix(field, ".") {
	case "", "email", "phone", "externalId", "username", "pageId", "userId", "threadId", "cityName":
		return true
	case "url":
		return list == "urls"
	case "type":
		return strings.HasSuffix(strings.ToLower(list), "socials")
	}
	return false
}

func drawEntry(t *rapid.T, path string, item int, null bool) entry {
	s := customerSamples[path]
	if null && s.nullable && rapid.IntRange(0, 9).Draw(t, "null") == 0 {
		return entry{path, item, 'n', "null"}
	}
	e := entry{path, item, s.kind, s.values.Draw(t, path)}
	if strings.HasPrefix(path, "locations") && len(e.text) > 30 {
		e.text = e.text[:2]
	}
	return e
}
