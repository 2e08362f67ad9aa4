package pipeline_test

import (
	"fmt"
	"strings"
	"testing"

	"muster/mappings"
	"muster/pipeline"
)

// wrong are values that no field of their place takes, by target; beside is what the rest of the record needs for that
// value to be the only thing that is wrong.
func wrongValues() []struct{ target, cell, code, beside string } {
	long := func(n int) string { return strings.Repeat("a", n) }
	return []struct{ target, cell, code, beside string }{
		{"name", long(257), "schema.length", ""},
		{"company.externalId", long(257), "schema.length", ""},
		{"company.name", long(257), "schema.length", ""},
		{"username", long(257), "schema.length", ""},
		{"signedUpAt", "29.02.2023", "cell.date", ""},
		{"lastActivityAt", "soon", "cell.date", ""}, {"customerId", "short", "schema.pattern", ""},
		{"lastCustomerActivityAt", "2023-02-30", "cell.date", ""},
		{"lastSeenAt", "2024-01-01T25:00:00Z", "cell.date", ""},
		{"birthdayAt", "31/31/1990", "cell.date", ""},
		{"createdAt", "1990", "cell.date", ""},
		{"importedAt", "now", "cell.date", ""},
		{"avatarUrl", "example.com/a.png", "cell.url", ""},
		{"externalIds", long(256), "schema.length", ""},
		{"externalIds.verified", "perhaps", "cell.bool", "externalIds=9"},
		{"sharedExternalIds", long(256), "schema.length", ""},
		{"emails[work]", "ana at example", "schema.format", ""},
		{"emails.verified", "perhaps", "cell.bool", "emails=a@example.com"},
		{"emails.type", "office", "schema.enum", "emails.email=a@example.com"},
		{"sharedEmails", "@shop.invalid", "schema.format", ""},
		{"phones", "0612", "cell.phone", ""},
		{"phones.type", "cell", "schema.enum", "phones.phone=+15550100001"},
		{"sharedPhones", "none", "cell.phone", ""},
		{"whatsapps", "12", "cell.phone", ""},
		{"facebookIds", long(256), "schema.length", "facebookIds.pageId=1"},
		{"facebookIds.pageId", "1", "schema.required", ""},
		{"instagramIds.username", long(256), "schema.length", "instagramIds.pageId=1|instagramIds.threadId=2"},
		{"socials.twitter", long(257), "schema.length", ""},
		{"socials.type", "myspace", "schema.enum", "socials.username=ana"},
		{"socials.twitter.url", "no url", "cell.url", "socials.twitter=ana"},
		{"sharedSocials.facebook", long(257), "schema.length", ""},
		{"urls", "shopfront", "cell.url", ""},
		{"urls.type", "shop", "schema.enum", "urls.url=https://example.com"},
		{"locations[home].address", long(257), "schema.length", ""},
		{"locations[home].latitude", "north", "cell.number", ""},
		{"locations[home].longitude", "1°", "cell.number", ""},
		{"locations[home].countryCode", "Narnia", "schema.length", ""},
		{"locations[home].countryName", long(65), "schema.length", ""},
		{"locations[home].regionCode", "NHL", "schema.length", ""},
		{"locations[home].regionName", long(129), "schema.length", ""},
		{"locations[home].cityName", long(129), "schema.length", ""},
		{"locations[home].zipCode", long(31), "schema.length", ""},
		{"locations[home].areaCode", long(31), "schema.length", ""},
		{"locations.type", "office", "schema.enum", "locations.cityName=Paris"},
		{"locale", long(17), "schema.length", ""},
		{"timeZone", long(65), "schema.length", ""},
		{"tags", "#bad", "schema.pattern", ""},
		{"tags", tagged(21), "cell.too_many", ""},
		{"tags", long(65), "schema.length", ""},
		{"sentiment.polarity", "2", "schema.enum", "sentiment.confidence=1"},
		{"sentiment.confidence", "1.5", "schema.range", "sentiment.polarity=1"},
		{"sentiment.confidence", "0.5", "schema.required", ""},
		{"gender", "x", "schema.enum", ""},
		{"rev", "first", "cell.number", ""},
		{"defaultLang", long(101), "schema.length", ""},
		{"externalId", "1.23E+12", "cell.scientific", ""},
		{"custom.avgSatScoreNum", "many", "cell.number", ""},
		{"custom.lastOrderAt", "yesterday", "cell.date", ""},
		{"custom.sourceStr", long(1025), "schema.length", ""},
		{"custom.notesTxt", long(1025), "schema.length", ""},
		{"custom.vipBool", "perhaps", "cell.bool", ""},
		{"custom.profileUrl", "shopfront", "cell.url", ""},
		{"custom.friendId", "7", "schema.pattern", ""},
		{"custom.areaTree", long(1025), "schema.length", ""},
		{"custom.loyaltyTierStr", "pewter", "klass.enum", ""},
		{"custom.legacyScoreNum", "1", "klass.inactive", ""},
		{"custom.nobodyStr", "x", "klass.unknown", ""},
	}
}

func tagged(n int) string {
	var names []string
	for i := range n {
		names = append(names, fmt.Sprintf("tag%d", i))
	}
	return strings.Join(names, ",")
}

// TestEveryWrongValue: a wrong value of each type at each place is found at its cell, with a code that says what is
// wrong and how to mend it, and without the value.
func TestEveryWrongValue(t *testing.T) {
	online := newOrg(t, sandboxConfig()).connect(t)
	tried := map[string]bool{}
	for _, one := range wrongValues() {
		field, _, _ := strings.Cut(one.target, "[")
		field, _, _ = strings.Cut(field, ".")
		tried[field] = true
		t.Run(one.target+" "+one.code, func(t *testing.T) {
			columns, cells := []string{"K", "X"}, []string{"k-1", one.cell}
			mapping := "version: 1\nkind: customer\ncolumns:\n  X: \"" + one.target + "\"\n"
			if one.target == "externalId" {
				mapping += "  K: ignore\n"
			} else {
				mapping += "  K: externalId\n"
			}
			for i, more := range strings.Split(one.beside, "|") {
				target, value, ok := strings.Cut(more, "=")
				if !ok {
					continue
				}
				name := fmt.Sprintf("B%d", i)
				columns, cells = append(columns, name), append(cells, value)
				mapping += "  " + name + ": \"" + target + "\"\n"
			}
			dir := t.TempDir()
			content := strings.Join(columns, ",") + "\n\"" + strings.Join(cells, "\",\"") + "\"\n"
			c := pipeline.Config{Command: "check", State: dir + "/state",
				Files: []string{prepared(t, dir, "x.csv", content, mapping)}}
			if strings.HasPrefix(one.code, "klass.") {
				c.Org = online
			}
			s, err := pipeline.Run(t.Context(), c)
			if err != nil {
				t.Fatal(err)
			}
			found := problems(t, s)
			if len(found) != 1 || found[0].code != one.code || found[0].cell != "B2" || found[0].fix == "" ||
				len(one.cell) > 3 && strings.Contains(found[0].message, one.cell) {
				t.Errorf("%+v, want %s at B2", found, one.code)
			}
		})
	}
	for _, target := range mappings.Targets() {
		field, _, _ := strings.Cut(target.Path, "[")
		field, _, _ = strings.Cut(field, ".")
		if !tried[field] && field != "conversationId" {
			t.Errorf("%s: no wrong value is tried", target.Path)
		}
	}
}
