package customer_test

import (
	"encoding/json"
	"strings"
	"testing"

	"muster/pipeline/customer"
	"muster/pipeline/kustomer"
)

// TestCompare: what an org does to values is no difference; what is one is told with its field.
func TestCompare(t *testing.T) {
	for name, one := range map[string]struct {
		sent, have         string
		gaps, extra, veils string
		writes             map[string]string
	}{
		"the same":         {sent: `{"name":"Ana"}`, have: `{"name":"Ana"}`},
		"another":          {sent: `{"name":"Ana"}`, have: `{"name":"An"}`, gaps: "name"},
		"nothing":          {sent: `{"name":"Ana"}`, have: `{}`, gaps: "name-"},
		"nothing in words": {sent: `{"name":"Ana"}`, have: `{"name":null}`, gaps: "name-"},
		"cleared":          {sent: `{"name":null,"emails":[]}`, have: `{"emails":[],"name":""}`},
		"not cleared":      {sent: `{"name":null}`, have: `{"name":"Ana"}`, gaps: "name"},
		"folded address": {sent: `{"emails":[{"email":"Ana@Example.com"}]}`,
			have: `{"emails":[{"id":null,"email":"ana@example.com","verified":false}]}`},
		"other address": {sent: `{"emails":[{"email":"a@example.com"}]}`,
			have: `{"emails":[{"email":"b@example.com"}]}`, gaps: "emails-", extra: "emails"},
		"address and more": {sent: `{"emails":[{"email":"a@example.com"}]}`,
			have: `{"emails":[{"email":"b@example.com"},{"email":"a@example.com"}]}`, extra: "emails"},
		"type of an address": {sent: `{"emails":[{"email":"a@example.com","type":"work"}]}`,
			have: `{"emails":[{"email":"a@example.com","type":"home"}]}`, gaps: "emails.type"},
		"phone without signs": {sent: `{"phones":[{"phone":"+31201234567"}]}`,
			have: `{"phones":[{"phone":"31 20 1234567"}]}`},
		"other phone": {sent: `{"phones":[{"phone":"+31201234567"}]}`, have: `{"phones":[{"phone":"+31201234568"}]}`,
			gaps: "phones-", extra: "phones"},
		"moment in UTC": {sent: `{"custom":{"lastAt":"2026-03-01T12:00:00+01:00"}}`,
			have: `{"custom":{"lastAt":"2026-03-01T11:00:00.000Z"}}`},
		"moment cut to ms": {sent: `{"custom":{"lastAt":"2026-03-01T11:00:00.123456Z"}}`,
			have: `{"custom":{"lastAt":"2026-03-01T11:00:00.123Z"}}`},
		"a date alone": {sent: `{"birthdayAt":"1980-02-29"}`, have: `{"birthdayAt":"1980-02-29T00:00:00.000Z"}`},
		"another moment": {sent: `{"custom":{"lastAt":"2026-03-01T12:00:00Z"}}`,
			have: `{"custom":{"lastAt":"2026-03-01T11:00:00Z"}}`, gaps: "custom.lastAt"},
		"number":         {sent: `{"custom":{"aNum":1.50}}`, have: `{"custom":{"aNum":1.5}}`},
		"other number":   {sent: `{"custom":{"aNum":1.5}}`, have: `{"custom":{"aNum":1}}`, gaps: "custom.aNum"},
		"number as text": {sent: `{"custom":{"aNum":1}}`, have: `{"custom":{"aNum":"1"}}`, gaps: "custom.aNum"},
		"custom dropped": {sent: `{"custom":{"aNum":1,"bStr":"x"}}`, have: `{"custom":{}}`,
			gaps: "custom.aNum- custom.bStr-"},
		"custom of others": {sent: `{"custom":{"aNum":1}}`, have: `{"custom":{"aNum":1,"bStr":"x"}}`,
			extra: "custom.bStr"},
		"tags as ids": {sent: `{"tags":["vip"]}`, have: `{"tags":["0123456789abcdef01234567"]}`, veils: "tags"},
		"tag missing": {sent: `{"tags":["vip","new"]}`, have: `{"tags":["VIP"]}`, gaps: "tags-"},
		"masked": {sent: `{"custom":{"ssnStr":"123456789"}}`, have: `{"custom":{"ssnStr":"*****6789"}}`,
			veils: "custom.ssnStr"},
		"masked in a list": {sent: `{"phones":[{"phone":"+31201234567"}]}`, have: `{"phones":[{"phone":"*****4567"}]}`,
			veils: "phones", extra: "phones"},
		"stars of one's own": {sent: `{"custom":{"aStr":"***"}}`, have: `{"custom":{"aStr":"**"}}`, gaps: "custom.aStr"},
		"mirrored": {sent: `{"externalId":"7"}`,
			have: `{"externalId":"7","externalIds":[{"externalId":"7","verified":true}]}`},
		"kept by Kustomer": {sent: `{}`, have: `{"displayName":"Ana","rev":3,"importedAt":"2026-03-01T11:00:00Z","createdAt":"2026-03-01T11:00:00Z","emails":[]}`},
		"of others":        {sent: `{}`, have: `{"username":"ana"}`, extra: "username"},
		"a place": {sent: `{"locations":[{"type":"home","cityName":"Utrecht"}]}`,
			have: `{"locations":[{"type":"home","cityName":"Utrecht","zipCode":"1"}]}`},
		"another place": {sent: `{"locations":[{"type":"home","cityName":"Utrecht"}]}`,
			have: `{"locations":[{"type":"home","cityName":"Utrec"}]}`, gaps: "locations-", extra: "locations"},
		"accounts": {sent: `{"socials":[{"type":"twitter","username":"ana"}]}`,
			have: `{"socials":[{"type":"facebook","username":"ana"}]}`, gaps: "socials-", extra: "socials"},
		"an address of many": {sent: `{"locations":[{"type":"home","cityName":"Utrecht"}]}`,
			have: `{"locations":[{"type":"home","cityName":"Delft"},{"type":"home","cityName":"Utrecht"}]}`, extra: "locations"},
		"overwritten": {sent: `{"locations":[{"type":"home","cityName":"Utrecht"}]}`,
			have: `{"locations":[{"type":"home","cityName":"Delft"},{"type":"home","cityName":"Utrecht"}]}`, gaps: "locations",
			writes: map[string]string{"locations": "overwrite"}},
		"replaced by type": {sent: `{"locations":[{"type":"home","cityName":"Utrecht"}]}`,
			have: `{"locations":[{"type":"work","cityName":"Delft"},{"type":"home","cityName":"Ede"},{"type":"home","cityName":"Utrecht"}]}`, gaps: "locations", extra: "locations", writes: map[string]string{"locations": "replace"}},
		"account by case": {sent: `{"socials":[{"type":"twitter","username":"@Ana"}]}`,
			have: `{"socials":[{"type":"twitter","username":"ana"}]}`},
		"WhatsApp": {sent: `{"whatsapps":[{"phone":"+31201234567"}]}`,
			have: `{"whatsapps":[{"phone":"whatsapp:+31201234567","type":"mobile"}]}`},
		"Instagram": {sent: `{"instagramIds":[{"pageId":"1","threadId":"2","username":"ana"}]}`,
			have: `{"instagramIds":[{"pageId":"9","threadId":"2","username":"ana"},{"pageId":"1","threadId":"2","username":"ana","instagramId":"3"}]}`, extra: "instagramIds"},
		"Facebook": {sent: `{"facebookIds":[{"pageId":"1","userId":"2"}]}`,
			have: `{"facebookIds":[{"pageId":"9","userId":"2"}]}`, gaps: "facebookIds-", extra: "facebookIds"},
		"web page": {sent: `{"urls":[{"url":"https://Example.com"}]}`,
			have: `{"urls":[{"url":"https://example.com/"}]}`},
		"verified by itself": {sent: `{"externalId":"7","externalIds":[{"externalId":"7","verified":false},{"externalId":"8","verified":false}]}`, have: `{"externalId":"7","externalIds":[{"externalId":"7","verified":true,"externalVerified":true},{"externalId":"8"}]}`},
		"moved by the org": {sent: `{"rev":3,"lastActivityAt":"2026-01-01T00:00:00Z"}`,
			have: `{"rev":9,"lastActivityAt":"2026-03-01T00:00:00.000Z","verified":true}`},
		"capitals in a note": {sent: `{"custom":{"aTxt":"Ask A@B"}}`, have: `{"custom":{"aTxt":"ask a@b"}}`,
			gaps: "custom.aTxt"},
		"list of one's own": {sent: `{"custom":{"aStr":["a"]}}`, have: `{"custom":{"aStr":["a","b"]}}`,
			gaps: "custom.aStr"},
		"tag overwritten": {sent: `{"tags":["vip"]}`, have: `{"tags":["vip","old"]}`, gaps: "tags",
			writes: map[string]string{"tags": "overwrite"}},
		"an object": {sent: `{"sentiment":{"polarity":1}}`, have: `{"sentiment":{"polarity":1,"confidence":0.5}}`},
		"another object": {sent: `{"sentiment":{"polarity":1}}`, have: `{"sentiment":{"polarity":-1}}`,
			gaps: "sentiment"},
	} {
		t.Run(name, func(t *testing.T) {
			var have map[string]json.RawMessage
			if err := json.Unmarshal([]byte(one.have), &have); err != nil {
				t.Fatal(err)
			}
			c, err := customer.NewComparer().Compare([]byte(one.sent), &kustomer.Customer{ID: "1", Attributes: have}, one.writes)
			if err != nil {
				t.Fatal(err)
			}
			var gaps []string
			for _, g := range c.Gaps {
				if g.Missing {
					g.Field += "-"
				}
				gaps = append(gaps, g.Field)
			}
			if got := strings.Join(gaps, " "); got != one.gaps {
				t.Errorf("gaps %q, want %q", got, one.gaps)
			}
			if got := strings.Join(c.Extra, " "); got != one.extra {
				t.Errorf("extra %q, want %q", got, one.extra)
			}
			if got := strings.Join(c.Veiled, " "); got != one.veils {
				t.Errorf("veiled %q, want %q", got, one.veils)
			}
		})
	}
}
