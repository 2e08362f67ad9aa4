package schema

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"muster/schema/klass"
)

func text(n int) string { return `"` + strings.Repeat("é", n) + `"` }

// Each row is a payload whose guilty values are marked; without marks it is valid. {N} is text of N characters.
var customerFixtures = []string{
	`{}`,
	`{"companyName": {256}, "companyExternalId": {256}}`,
	`{"companyName": {"!maxLength": {257}}, "companyExternalId": {"!minLength": ""}}`,
	`{"companyName": {"!type": null}, "companyExternalId": {"!type": 7}}`,
	`{"companyName": {"!minLength": "HP"}}`, `{"customerId": "0123456789abcdefABCDEF00"}`,
	`{"customerId": {"!pattern": "short"}}`, `{"customerId": {"!type": null}}`,
	`{"name": {256}, "username": {256}, "company": {2000}, "externalId": {256}, "locale": {16}, "timeZone": {64}, "defaultLang": {100}}`,
	`{"name": {"!maxLength": {257}}, "username": {"!maxLength": {257}}, "externalId": {"!maxLength": {257}},
	  "locale": {"!maxLength": {17}}, "timeZone": {"!maxLength": {65}}, "defaultLang": {"!maxLength": {101}}}`,
	`{"name": null, "company": null, "externalId": null, "username": null, "signedUpAt": null, "lastActivityAt": null, "lastCustomerActivityAt": null,
	  "lastSeenAt": null, "birthdayAt": null, "avatarUrl": null, "locale": null, "timeZone": null, "defaultLang": null, "gender": null}`,
	`{"createdAt": {"!type": null}, "importedAt": {"!type": null}, "rev": {"!type": null}, "custom": {"!type": null}, "sentiment": {"!type": null},
	  "tags": {"!type": null}, "emails": {"!type": null}, "locations": {"!type": null}, "externalIds": {"!type": null}, "sharedPhones": {"!type": null}}`,
	`{"externalId": {"!minLength": ""}, "name": "", "company": {"!type": 7}, "username": {"!type": true}, "foo": {"!additionalProperties": 1}}`,
	`{"signedUpAt": "2024-05-31T09:30:00Z", "lastActivityAt": "2024-02-29T23:59:59.999Z", "birthdayAt": "1970-01-01T00:00:00+01:00", "createdAt": "2024-05-31T09:30:00.123456789-11:30"}`,
	`{"signedUpAt": {"!format": "2024-05-31"}, "lastActivityAt": {"!format": "2023-02-29T00:00:00Z"}, "lastCustomerActivityAt": {"!format": "09:30:00"},
	  "lastSeenAt": {"!format": "2024-05-31T24:00:00Z"}, "birthdayAt": {"!format": "2024-05-31T09:30:00"}, "createdAt": {"!format": ""}, "importedAt": {"!type": 1717147800}}`,
	`{"avatarUrl": "https://example.com/a%20b.png"}`, `{"avatarUrl": {"!format": "example.com/a b.png"}}`,
	`{"externalIds": [{"externalId": {255}, "verified": true}], "sharedExternalIds": [{"externalId": "1"}, {"externalId": "2"}]}`,
	`{"externalIds": [{"externalId": {"!maxLength": {256}}}, {"externalId": {"!minLength": ""}}, {"!required externalId": 0}, {"externalId": {"!type": null}, "verified": {"!type": "yes"}}]}`,
	`{"sharedExternalIds": [{"externalId": "1", "x": {"!additionalProperties": 0}}]}`,
	`{"emails": [{"email": "a@example.com", "type": "home"}, {"email": "a@example.com", "type": "work"}, {"email": "o'neil+x@mail.example.co.uk", "type": "other", "verified": false}]}`,
	`{"emails": [{"email": {"!format": "a@b"}}, {"email": {"!format": "a b@example.com"}, "type": {"!enum": "mobile"}}, {"!required email": 0, "type": {"!type": null}}, {"!type": "a@example.com"}]}`,
	`{"sharedEmails": {"!uniqueItems": [{"email": "a@example.com"}, {"email": "a@example.com"}]}}`,
	`{"emails": {"!maxItems": [{"email": "0@example.com"}, {"email": "1@example.com"}, {"email": "2@example.com"}, {"email": "3@example.com"}, {"email": "4@example.com"},
	  {"email": "5@example.com"}, {"email": "6@example.com"}, {"email": "7@example.com"}, {"email": "8@example.com"}, {"email": "9@example.com"}, {"email": "10@example.com"}]}}`,
	`{"phones": [{"phone": "+31201234567", "type": "fax"}, {"phone": "18005551212", "type": "mobile"}], "sharedPhones": [{"phone": {"!format": "020-1234567"}, "type": {"!enum": "cell"}}]}`,
	`{"whatsapps": [{"phone": "+31612345678", "type": "mobile"}]}`,
	`{"whatsapps": [{"phone": {"!format": "112"}, "type": {"!enum": "work"}}]}`,
	`{"facebookIds": [{"pageId": {255}, "userId": {255}, "name": {255}}]}`,
	`{"facebookIds": [{"pageId": {"!maxLength": {256}}, "!required userId": 0, "name": {"!maxLength": {256}}}]}`,
	`{"instagramIds": [{"pageId": "1", "threadId": "2", "username": "3", "instagramId": "4"}]}`,
	`{"instagramIds": [{"!required pageId": 0, "!required threadId": 0, "!required username": 0, "instagramId": {"!maxLength": {256}}}]}`,
	`{"socials": [{"type": "twitter", "username": {256}, "userid": {256}, "url": "https://x.com/a"}]}`,
	`{"socials": [{"type": {"!enum": "x"}, "username": {"!minLength": ""}, "userid": {"!maxLength": {257}}, "url": {"!format": "//x.com"}}], "sharedSocials": [{"!required type": 0, "!required username": 0}]}`,
	`{"urls": [{"url": "HTTP://example.com", "type": "blog"}]}`,
	`{"urls": [{"url": {"!format": "mailto:a@example.com"}, "type": {"!enum": "shop"}}, {"!required url": 0}]}`,
	`{"locations": [{"type": "home", "name": "x", "address": {256}, "address2": {256}, "address3": {256}, "latitude": 52.37, "longitude": -4.9, "countryCode": "NL", "countryName": {64},
	  "regionCode": "NH", "regionName": {128}, "cityName": {128}, "zipCode": {30}, "areaCode": {30}}]}`,
	`{"locations": [{"type": null, "name": null, "address": null, "address2": null, "address3": null, "latitude": null, "longitude": null, "countryCode": null, "countryName": null,
	  "regionCode": null, "regionName": null, "cityName": null, "zipCode": null, "areaCode": null}]}`,
	`{"locations": [{"type": {"!enum": "holiday"}, "address": {"!maxLength": {257}}, "address2": {"!maxLength": {257}}, "address3": {"!maxLength": {257}}, "latitude": {"!type": "52"}, "countryCode": {"!maxLength": "NLD"},
	  "countryName": {"!maxLength": {65}}, "regionCode": {"!maxLength": "NHX"}, "regionName": {"!maxLength": {129}}, "cityName": {"!maxLength": {129}}, "zipCode": {"!maxLength": {31}}, "areaCode": {"!maxLength": {31}}, "city": {"!additionalProperties": "x"}}]}`,
	`{"locations": [{"countryCode": {"!minLength": "N"}}]}`,
	`{"gender": "m"}`, `{"gender": {"!enum": "M"}}`, `{"gender": {"!type": 1}}`,
	`{"tags": ["vip", "_x", "café crème", "a/b<c>-d.e"]}`,
	`{"tags": [{"!minLength": ""}, {"!pattern": " x"}, {"!pattern": "a,b"}, {"!maxLength": {65}}, {"!type": 1}, {"!pattern": "Ж"}]}`,
	`{"tags": {"!uniqueItems": ["a", "a"]}}`,
	`{"sentiment": {"polarity": -1, "confidence": 0.5}}`, `{"sentiment": {"polarity": 1.0, "confidence": -1}}`,
	`{"sentiment": {"polarity": {"!enum": 2}, "confidence": {"!maximum": 1.01}, "x": {"!additionalProperties": 1}}}`,
	`{"sentiment": {"polarity": {"!type": "1"}, "confidence": {"!minimum": -2}}}`,
	`{"sentiment": {"!required polarity": 0, "!required confidence": 0}}`,
	`{"rev": 12}`, `{"rev": {"!type": "12"}}`,
	`{"custom": {"aStr": {1024}, "aTxt": {1024}, "aNum": -1.5e3, "aAt": "2024-05-31T09:30:00Z", "aBool": false, "aUrl": "https://example.com", "aId": "0123456789abcdef01234567", "aTree": "n1"}}`,
	`{"custom": {"aStr": null, "aTxt": null, "aNum": null, "aAt": null, "aBool": null, "aUrl": null, "aId": null, "aTree": null}}`,
	`{"custom": {"aStr": {"!maxLength": {1025}}, "aTxt": {"!maxLength": {1025}}, "aNum": {"!type": "1"}, "aAt": {"!format": "31-05-2024"}, "aBool": {"!type": "true"}, "aUrl": {"!format": "example"},
	  "aId": {"!pattern": "0123456789abcdef0123456g"}, "aTree": {"!type": 1}, "plain": {"!additionalProperties": 1}, "Str": {"!additionalProperties": ""}}}`,
	`{"!type": [1]}`,
}

func expand(fixture string) string {
	for _, n := range []int{16, 17, 30, 31, 64, 65, 100, 101, 128, 129, 255, 256, 257, 1024, 1025, 2000} {
		fixture = strings.ReplaceAll(fixture, fmt.Sprintf("{%d}", n), text(n))
	}
	return fixture
}

func TestCustomerSchemaHoldsEveryDocumentedLimit(t *testing.T) {
	v := newTestValidator(t, nil)
	second := newOracle(t, v)
	for _, fixture := range customerFixtures {
		record, marks := unmark(t, expand(fixture))
		findings, err := v.Validate(record)
		if err != nil {
			t.Fatal(err)
		}
		if got := places(findings); !slices.Equal(got, marks) {
			t.Errorf("%.120s\n found %q\nmarked %q", fixture, got, marks)
		}
		value, _ := decode(record)
		if valid := second.Validate(value) == nil; valid != (len(marks) == 0) {
			t.Errorf("%.120s: the second implementation says valid=%v", fixture, valid)
		}
	}
}

// Every field of the document has a fixture, so that none of its limits goes untested.
func TestEveryFieldHasAFixture(t *testing.T) {
	all := strings.Join(customerFixtures, "\n")
	v := newTestValidator(t, nil)
	for pointer := range v.doc.nodes {
		if i := strings.LastIndex(pointer, "/properties/"); i >= 0 {
			if name := pointer[i+len("/properties/"):]; !strings.Contains(name, "/") && !strings.Contains(all, `"`+name+`"`) {
				t.Errorf("%s has no fixture", pointer)
			}
		}
	}
}

func TestManyPropertiesInCustom(t *testing.T) {
	v := newTestValidator(t, nil)
	for n, want := range map[int]int{100: 0, 101: 1} {
		custom := map[string]any{}
		for i := range n {
			custom[fmt.Sprintf("a%dStr", i)] = "x"
		}
		record, _ := json.Marshal(map[string]any{"custom": custom})
		findings, err := v.Validate(record)
		if err != nil || len(findings) != want {
			t.Fatalf("%d properties: %v %v", n, findings, err)
		}
		if want == 1 && (findings[0].Path != "custom" || findings[0].Keyword != "maxProperties" ||
			findings[0].Expected != "at most 100 fields") {
			t.Errorf("%d properties: %+v", n, findings[0])
		}
	}
}

func TestFindingsInWords(t *testing.T) {
	v := newTestValidator(t, demoKlass())
	settings := "Settings › Platform › Klasses › Customer"
	for record, want := range map[string]Finding{
		`{"name":1}`: {"name", "type", "schema.type", "text", ""},
		`{"emails":[{"email":"x"}]}`: {"emails.0.email", "format", "schema.format",
			"an e-mail address such as name@example.com", ""},
		`{"locale":"01234567890123456"}`: {"locale", "maxLength", "schema.length",
			"at most 16 characters", ""},
		`{"locations":[{"countryCode":""}]}`: {"locations.0.countryCode", "minLength", "schema.length",
			"exactly 2 characters", ""},
		`{"gender":"x"}`: {"gender", "enum", "schema.enum", "one of m, f", ""},
		`{"whatsapps":[{"phone":"+31612345678","type":"x"}]}`: {"whatsapps.0.type", "enum", "schema.enum", "only mobile", ""},
		`{"sentiment":{"polarity":0,"confidence":2}}`: {"sentiment.confidence", "maximum", "schema.range",
			"a number from -1 to 1", ""},
		`{"urls":[{"type":"blog"}]}`: {"urls.0.url", "required", "schema.required",
			"a value: it may not be missing here", ""},
		`{"tags":["?"]}`: {"tags.0", "pattern", "schema.pattern",
			"letters, digits, spaces and _ / < > - . with no space in front", ""},
		`{"emials":[]}`: {"emials", "additionalProperties", "schema.field",
			"only fields that the CRM has", "did you mean emails?"},
		`{"locations":[{"cityname":"x"}]}`: {"locations.0.cityname", "additionalProperties",
			"schema.field", "only fields that the CRM has", "did you mean cityName?"},
		`{"custom":{"loyaltyTierStr":"Gold"}}`: {"custom.loyaltyTierStr", "enum", "klass.enum",
			"one of bronze, silver, gold, platinum", "use one of these, or add the choice in " + settings},
		`{"custom":{"interestsStr":["sports","x"]}}`: {"custom.interestsStr.1", "enum", "klass.enum",
			"one of sports, music", "use one of these, or add the choice in " + settings},
		`{"custom":{"interestsStr":"sports"}}`: {"custom.interestsStr", "type", "schema.type", "a list", ""},
		`{"custom":{"managerId":"x"}}`: {"custom.managerId", "pattern", "schema.pattern",
			"an id of 24 characters, 0 to 9 and a to f", ""},
		`{"customerId":"k-1"}`: {"customerId", "pattern", "schema.pattern", "an id of 24 characters, 0 to 9 and a to f",
			"this column is Kustomer's own id; an id of your own system goes to externalId: rename the column so, or map it so"},
		`{"custom":{"legacyScoreNum":1}}`: {"custom.legacyScoreNum", "additionalProperties",
			"klass.inactive", "an active attribute of the Customer Klass", "activate legacyScoreNum in " + settings},
		`{"custom":{"AvgSatScoreNum":1}}`: {"custom.AvgSatScoreNum", "additionalProperties",
			"klass.unknown", "an active attribute of the Customer Klass",
			"did you mean avgSatScoreNum? Otherwise create it in " + settings},
		`{"custom":{"shoeSizeNum":1}}`: {"custom.shoeSizeNum", "additionalProperties", "klass.unknown",
			"an active attribute of the Customer Klass", "create it in " + settings},
		`{"custom":{"avgSatScoreNum":1e400}}`: {"custom.avgSatScoreNum", "maximum", "schema.range",
			"a number of ordinary size", ""},
		`{"custom":{"avgSatScoreNum":true}}`: {"custom.avgSatScoreNum", "type", "schema.type", "a number",
			""},
	} {
		findings, err := v.Validate([]byte(record))
		if err != nil || !reflect.DeepEqual(findings, []Finding{want}) {
			t.Errorf("%s\n got %+v %v\nwant %+v", record, findings, err, want)
		}
	}
}

func TestAnyValueInAttributeOfUnknownType(t *testing.T) {
	v := newTestValidator(t, demoKlass())
	for _, value := range []string{`1`, `"x"`, `null`, `[1]`, `{"a":1}`} {
		if findings, err := v.Validate([]byte(`{"custom":{"acme_app-order":` + value + `}}`)); err != nil ||
			len(findings) > 0 {
			t.Errorf("%s: %v %v", value, findings, err)
		}
	}
}

func TestNoFindingHoldsAValue(t *testing.T) {
	const secret = "s3cret"
	for _, k := range []*klass.Klass{nil, demoKlass()} {
		v := newTestValidator(t, k)
		for path, entries := range violations() {
			for _, e := range entries {
				if e.kind != '"' {
					continue
				}
				e.text = secret + e.text
				record := payload(t, []entry{e})
				findings, err := v.Validate(record)
				_, compiled := prove(v, []entry{e})
				if said := fmt.Sprintf("%+v %v %+v", findings, err, compiled); strings.Contains(said, secret) {
					t.Errorf("%s: %s", path, said)
				}
			}
		}
		if _, err := v.Validate([]byte(secret)); err == nil || strings.Contains(err.Error(), secret) {
			t.Errorf("not JSON: %v", err)
		}
	}
}

func TestOrderOfFindingsIsStable(t *testing.T) {
	v := newTestValidator(t, demoKlass())
	record := []byte(`{"tags":["?","?a","b"," c","d"," e","f","g","h","i"," j"],"emails":[{"email":"x"},{"type":"y"}],"name":1,"zzz":0,"custom":{"a":1,"b":2,"vipBool":3},"locale":4}`)
	first, err := v.Validate(record)
	if err != nil || len(first) < 10 {
		t.Fatal(first, err)
	}
	if i, j := slices.IndexFunc(first, func(f Finding) bool { return f.Path == "tags.3" }),
		slices.IndexFunc(first, func(f Finding) bool { return f.Path == "tags.10" }); i > j {
		t.Errorf("tags.10 before tags.3: %v", first)
	}
	for range 20 {
		if again, _ := v.Validate(record); !reflect.DeepEqual(first, again) {
			t.Fatalf("first %v\nthen %v", first, again)
		}
	}
}

func TestCodesAreAllThatIsFound(t *testing.T) {
	found := map[string]bool{}
	for _, k := range []*klass.Klass{nil, demoKlass()} {
		v := newTestValidator(t, k)
		for _, fixture := range append([]string{`{"custom":{"loyaltyTierStr":"x","legacyScoreNum":1,"?":1}}`, `{"!type": 1}`},
			customerFixtures...) {
			record, _ := unmark(t, expand(fixture))
			findings, _ := v.Validate(record)
			for _, f := range findings {
				found[f.Code] = true
				if !slices.Contains(Codes(), f.Code) {
					t.Errorf("%+v: its code is not listed", f)
				}
			}
		}
	}
	for _, code := range Codes() {
		if !found[code] && code != "schema.properties" && code != "schema.rule" { // these two have their own tests
			t.Errorf("%s is listed and never found", code)
		}
	}
}
