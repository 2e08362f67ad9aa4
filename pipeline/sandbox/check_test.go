package sandbox

import (
	"fmt"
	"strings"
	"testing"
)

// Every limit of the customer schema, from both sides: the value at the limit is taken, the one beyond it is refused
// with the parameter and the place in the schema.
func TestSchemaLimits(t *testing.T) {
	long := func(n int) string { return strings.Repeat("é", n) }
	many := func(n int, item string) string {
		items := make([]string, n)
		for i := range items {
			items[i] = strings.ReplaceAll(item, "#", fmt.Sprint(i))
		}
		return "[" + strings.Join(items, ",") + "]"
	}
	quote := func(s string) string { return `"` + s + `"` }
	bools := func(n int) string { return "{" + strings.Trim(many(n, `"a#Str":null`), "[]") + "}" }
	for _, c := range []struct{ field, good, bad, parameter, path string }{
		{"name", quote(long(256)), quote(long(257)), "name", "/properties/name/maxLength"},
		{"name", "null", "7", "name", "/properties/name/type"},
		{"company", "null", "{}", "company", "/properties/company/type"},
		{"externalId", quote(long(256)), quote(long(257)), "externalId", "/properties/externalId/maxLength"},
		{"externalId", "null", `""`, "externalId", "/properties/externalId/minLength"},
		{"username", quote(long(256)), quote(long(257)), "username", "/properties/username/maxLength"},
		{"signedUpAt", `"2024-02-29T10:00:00Z"`, `"2023-02-29T10:00:00Z"`, "signedUpAt", "/properties/signedUpAt/format"},
		{"lastActivityAt", `"2024-01-01T10:00:00.123+02:00"`, `"2024-01-01"`, "lastActivityAt",
			"/properties/lastActivityAt/format"},
		{"lastCustomerActivityAt", "null", `"2024-01-01 10:00:00Z"`, "lastCustomerActivityAt",
			"/properties/lastCustomerActivityAt/format"},
		{"lastSeenAt", "null", `"2024-01-01T10:00:00"`, "lastSeenAt", "/properties/lastSeenAt/format"},
		{"birthdayAt", "null", `"1980"`, "birthdayAt", "/properties/birthdayAt/format"},
		{"createdAt", `"2019-01-01T00:00:00Z"`, "null", "createdAt", "/properties/createdAt/type"},
		{"importedAt", `"2019-01-01T00:00:00Z"`, "null", "importedAt", "/properties/importedAt/type"},
		{"avatarUrl", `"https://example.com/a.png"`, `"a b"`, "avatarUrl", "/properties/avatarUrl/format"},
		{"externalIds", many(10, `{"externalId":"#"}`), many(11, `{"externalId":"#"}`), "externalIds",
			"/properties/externalIds/maxItems"},
		{"externalIds", `[{"externalId":"` + long(255) + `"}]`, `[{"externalId":"` + long(256) + `"}]`, "externalId",
			"/properties/externalIds/items/properties/externalId/maxLength"},
		{"sharedExternalIds", `[{"externalId":"a","verified":true}]`, `[{"externalId":"a","verified":"true"}]`, "verified",
			"/properties/sharedExternalIds/items/properties/verified/type"},
		{"emails", many(10, `{"email":"a#@b.example"}`), many(11, `{"email":"a#@b.example"}`), "emails",
			"/properties/emails/maxItems"},
		{"emails", `[{"email":"a@b.example","type":"work"}]`, `[{"email":"a@b.example","type":"mobile"}]`, "type",
			"/properties/emails/items/properties/type/enum"},
		{"emails", `[{"email":"a@b.example"}]`, `[{"type":"work"}]`, "email", "/properties/emails/items/required/0"},
		{"emails", `[{"email":"a@b.example"}]`, `[{"email":"a@b.example","note":1}]`, "note",
			"/properties/emails/items/additionalProperties"},
		{"emails", `[{"email":"a@b.example"}]`, `[{"email":"a b@b.example"}]`, "email",
			"/properties/emails/items/properties/email/format"},
		{"emails", `[{"email":"a@b.example"}]`, `["a@b.example"]`, "emails", "/properties/emails/items/type"},
		{"emails", `[{"email":"a@b.example"},{"email":"A@b.example"}]`,
			`[{"email":"a@b.example","type":"work"},{"type":"work","email":"a@b.example"}]`, "emails",
			"/properties/emails/uniqueItems"},
		{"emails", `[]`, `null`, "emails", "/properties/emails/type"},
		{"sharedEmails", `[{"email":"a@b.example"}]`, `[{"email":"@b.example"}]`, "email",
			"/properties/sharedEmails/items/properties/email/format"},
		{"phones", `[{"phone":"+15550001111","type":"fax"}]`, `[{"phone":"+15550001111","type":"pager"}]`, "type",
			"/properties/phones/items/properties/type/enum"},
		{"phones", `[{"phone":"18005551212"}]`, `[{"phone":"+1 800 555 1212"}]`, "phone",
			"/properties/phones/items/properties/phone/format"},
		{"phones", `[{"phone":"+123456789012345"}]`, `[{"phone":"+1234567890123456"}]`, "phone",
			"/properties/phones/items/properties/phone/format"},
		{"sharedPhones", `[{"phone":"+15550001111"}]`, `[{"phone":"0"}]`, "phone",
			"/properties/sharedPhones/items/properties/phone/format"},
		{"whatsapps", `[{"phone":"+15550001111","type":"mobile"}]`, `[{"phone":"+15550001111","type":"home"}]`, "type",
			"/properties/whatsapps/items/properties/type/enum"},
		{"facebookIds", `[{"pageId":"1","userId":"2","name":"x"}]`, `[{"pageId":"1"}]`, "userId",
			"/properties/facebookIds/items/required/1"},
		{"instagramIds", `[{"pageId":"1","threadId":"2","username":"x"}]`, `[{"pageId":"1","threadId":"` + long(256) +
			`","username":"x"}]`, "threadId", "/properties/instagramIds/items/properties/threadId/maxLength"},
		{"socials", `[{"type":"twitter","username":"` + long(256) + `","userid":"","url":"https://x.example/a"}]`,
			`[{"type":"twitter","username":"` + long(257) + `"}]`, "username",
			"/properties/socials/items/properties/username/maxLength"},
		{"socials", `[{"type":"pinterest","username":"a"}]`, `[{"type":"myspace","username":"a"}]`, "type",
			"/properties/socials/items/properties/type/enum"},
		{"sharedSocials", `[{"type":"linkedin","username":"a"}]`, `[{"type":"linkedin"}]`, "username",
			"/properties/sharedSocials/items/required/1"},
		{"urls", `[{"url":"https://example.com","type":"blog"}]`, `[{"url":"example"}]`, "url",
			"/properties/urls/items/properties/url/format"},
		{"locations", `[{"type":"home","address":"` + long(256) + `"}]`, `[{"address":"` + long(257) + `"}]`, "address",
			"/properties/locations/items/properties/address/maxLength"},
		{"locations", `[{"countryCode":"SE"}]`, `[{"countryCode":"SWE"}]`, "countryCode",
			"/properties/locations/items/properties/countryCode/maxLength"},
		{"locations", `[{"countryCode":null}]`, `[{"countryCode":"S"}]`, "countryCode",
			"/properties/locations/items/properties/countryCode/minLength"},
		{"locations", `[{"countryName":"` + long(64) + `"}]`, `[{"countryName":"` + long(65) + `"}]`, "countryName",
			"/properties/locations/items/properties/countryName/maxLength"},
		{"locations", `[{"regionCode":"CA"}]`, `[{"regionCode":"CAL"}]`, "regionCode",
			"/properties/locations/items/properties/regionCode/maxLength"},
		{"locations", `[{"regionName":"` + long(128) + `"}]`, `[{"regionName":"` + long(129) + `"}]`, "regionName",
			"/properties/locations/items/properties/regionName/maxLength"},
		{"locations", `[{"cityName":"` + long(128) + `"}]`, `[{"cityName":"` + long(129) + `"}]`, "cityName",
			"/properties/locations/items/properties/cityName/maxLength"},
		{"locations", `[{"zipCode":"` + long(30) + `"}]`, `[{"zipCode":"` + long(31) + `"}]`, "zipCode",
			"/properties/locations/items/properties/zipCode/maxLength"},
		{"locations", `[{"areaCode":"` + long(30) + `"}]`, `[{"areaCode":"` + long(31) + `"}]`, "areaCode",
			"/properties/locations/items/properties/areaCode/maxLength"},
		{"locations", `[{"latitude":59.3,"longitude":null}]`, `[{"latitude":"59.3"}]`, "latitude",
			"/properties/locations/items/properties/latitude/type"},
		{"locale", quote(long(16)), quote(long(17)), "locale", "/properties/locale/maxLength"},
		{"timeZone", quote(long(64)), quote(long(65)), "timeZone", "/properties/timeZone/maxLength"},
		{"defaultLang", quote(long(100)), quote(long(101)), "defaultLang", "/properties/defaultLang/maxLength"},
		{"gender", `"m"`, `"x"`, "gender", "/properties/gender/enum"},
		{"gender", `null`, `"M"`, "gender", "/properties/gender/enum"},
		{"tags", many(20, `"t#"`), many(21, `"t#"`), "tags", "/properties/tags/maxItems"},
		{"tags", `["É vip/<x>-.y"]`, `[" vip"]`, "tags", "/properties/tags/items/pattern"},
		{"tags", `["` + long(64) + `"]`, `["` + long(65) + `"]`, "tags", "/properties/tags/items/maxLength"},
		{"tags", `["a","A"]`, `["a","a"]`, "tags", "/properties/tags/uniqueItems"},
		{"tags", `[]`, `[""]`, "tags", "/properties/tags/items/minLength"},
		{"sentiment", `{"polarity":-1,"confidence":1}`, `{"polarity":2,"confidence":1}`, "polarity",
			"/properties/sentiment/properties/polarity/enum"},
		{"sentiment", `{"polarity":1.0,"confidence":-1}`, `{"polarity":1,"confidence":1.01}`, "confidence",
			"/properties/sentiment/properties/confidence/maximum"},
		{"sentiment", `{"polarity":0,"confidence":0}`, `{"polarity":0}`, "confidence", "/properties/sentiment/required/0"},
		{"rev", `1`, `"1"`, "rev", "/properties/rev/type"},
		{"custom", `{"notesTxt":"` + long(1024) + `"}`, `{"notesTxt":"` + long(1025) + `"}`, "notesTxt",
			"/properties/custom/properties/notesTxt/maxLength"},
		{"custom", `{"sourceStr":"","accountManagerStr":null}`, `{"sourceStr":1}`, "sourceStr",
			"/properties/custom/properties/sourceStr/type"},
		{"custom", `{"avgSatScoreNum":-1.5e3}`, `{"avgSatScoreNum":"1"}`, "avgSatScoreNum",
			"/properties/custom/properties/avgSatScoreNum/type"},
		{"custom", `{"avgSatScoreNum":null}`, `{"avgSatScoreNum":1e999}`, "avgSatScoreNum",
			"/properties/custom/properties/avgSatScoreNum/type"},
		{"custom", `{"vipBool":false}`, `{"vipBool":0}`, "vipBool", "/properties/custom/properties/vipBool/type"},
		{"custom", `{"lastOrderAt":"2024-01-01T00:00:00Z"}`, `{"lastOrderAt":"01.01.2024"}`, "lastOrderAt",
			"/properties/custom/properties/lastOrderAt/format"},
		{"custom", `{"profileUrl":"https://example.com"}`, `{"profileUrl":"nowhere"}`, "profileUrl",
			"/properties/custom/properties/profileUrl/format"},
		{"custom", `{"loyaltyTierStr":"gold"}`, `{"loyaltyTierStr":"tin"}`, "loyaltyTierStr",
			"/properties/custom/properties/loyaltyTierStr/enum"},
		{"custom", `{}`, `{"nosuchStr":"x"}`, "nosuchStr", "/properties/custom/additionalProperties"},
		{"custom", `{}`, `{"legacyScoreNum":1}`, "legacyScoreNum", "/properties/custom/additionalProperties"},
		{"custom", `{}`, bools(101), "custom", "/properties/custom/maxProperties"},
		{"name", `"x"`, `"x","name":"y"`, "name", "/properties/name"},
		{"name", `"x"`, `"x","nickname":"y"`, "nickname", "/additionalProperties"},
		{"name", `"x"`, `"x","id":"y"`, "id", "/additionalProperties"},
		{"name", `"x"`, `"x","_clientRef":"y"`, "_clientRef", "/additionalProperties"},
	} {
		o := start(t, Config{RatePerMinute: -1})
		o.want(201, "POST", "/v1/customers", `{"`+c.field+`":`+c.good+`}`)
		r := o.want(400, "POST", "/v1/customers", `{"`+c.field+`":`+c.bad+`}`)
		r.expect(t, "errors.0.status", "400", "errors.0.code", "badparam", "errors.0.source.parameter", c.parameter,
			"errors.0.detail", c.path)
		if o.count() != 1 {
			t.Errorf("%s: %d customers", c.field, o.count())
		}
		o.stop()
	}
}

func TestUnknownAttributeIsTheRecordedRefusal(t *testing.T) {
	o := start(t, Config{})
	r := o.want(400, "POST", "/v1/customers", `{"custom":{"nosuchStr":"x"}}`)
	want := `{"errors":[{"code":"badparam","detail":"/properties/custom/additionalProperties","source":{"parameter":"nosuchStr"},"status":400,"title":"Additional properties not allowed"}]}`
	if string(r.body) != want {
		t.Errorf("got  %s\nwant %s", r.body, want)
	}
}

func TestBodiesThatAreNoCustomer(t *testing.T) {
	o := start(t, Config{})
	for _, body := range []string{``, `nope`, `[]`, `"x"`, `null`, `{"name":"x"`, "{\"name\":\"\xff\"}",
		strings.Repeat("[", 1000)} {
		r := o.want(400, "POST", "/v1/customers", body)
		r.expect(t, "errors.0.source.parameter", "body")
	}
}

// The checker must not panic or take what is no JSON object, whatever it is given.
func FuzzCheck(f *testing.F) {
	for _, s := range []string{`{"emails":[{"email":"a@b"}]}`, `{"custom":{"vipBool":null}}`, `[1]`,
		`{"sentiment":{"polarity":1e999}}`, benchBody(0)} {
		f.Add(s)
	}
	b := newBodies(customRules{customer: klass{"vipBool": {}}.customRule(Switches{}),
		company: klass{}.customRule(Switches{}), conversation: klass{}.customRule(Switches{}),
		message: klass{}.customRule(Switches{})}, Switches{})
	c, ids := newChecker(), newIdentityReader(Switches{})
	f.Fuzz(func(t *testing.T, s string) {
		v, err := parse([]byte(s))
		if err != nil {
			return
		}
		ids.read(nil, v)
		if found := c.check(v, b.single, ""); found == nil {
			if !v.isGroup() {
				t.Fatalf("took %q", s)
			}
			if _, err := parse(documentOf(v, b.single).mirror(nil).bytes()); err != nil {
				t.Fatalf("made %q of %q", documentOf(v, b.single).mirror(nil).bytes(), s)
			}
		}
	})
}
