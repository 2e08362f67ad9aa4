package pipeline_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"muster/pipeline"
	"muster/pipeline/attributes"
	"muster/pipeline/lookup"
	"muster/schema"
	"muster/schema/klass"
)

// everything is a customer with every field that the document on creating a customer names as input; rev is what an
// update may expect, and is not kept.
const everything = `{"name":"Ana Cohen","company":"COMPANY","externalId":"E-1","username":"ana",
"signedUpAt":"2020-01-02T03:04:05.000Z","lastActivityAt":"2021-02-03T04:05:06.000Z","lastCustomerActivityAt":"2021-02-04T04:05:06.000Z","lastSeenAt":"2021-02-05T04:05:06.000Z","avatarUrl":"https://example.com/a.png",
"externalIds":[{"externalId":"E-1","verified":true},{"externalId":"OTHER-1","verified":false}],"sharedExternalIds":[{"externalId":"S-1","verified":true}],
"emails":[{"email":"ana@example.com","type":"work","verified":true},{"email":"ana@home.example","type":"home","verified":false}],"sharedEmails":[{"email":"all@example.com","type":"other","verified":false}],
"phones":[{"phone":"+15550100001","type":"mobile","verified":true},{"phone":"+15550100002","type":"fax","verified":false}],"sharedPhones":[{"phone":"+15550100003","type":"home","verified":false}],
"whatsapps":[{"phone":"+15550100001","type":"mobile","verified":true}],
"facebookIds":[{"pageId":"p1","userId":"u1","name":"Ana"}],"instagramIds":[{"pageId":"p2","threadId":"t2","username":"ana","instagramId":"i2"}],
"socials":[{"type":"twitter","username":"ana_t","userid":"77","url":"https://example.com/t","verified":true},{"type":"linkedin","username":"ana_l","userid":"78","url":"https://example.com/l","verified":false}],"sharedSocials":[{"type":"facebook","username":"fam","userid":"79","url":"https://example.com/f","verified":false}],
"urls":[{"url":"https://example.com","type":"website"},{"url":"https://example.com/blog","type":"blog"}],
"locations":[{"type":"home","name":"Home","address":"1 Main St","address2":"Apt 2","address3":"Floor 3","latitude":48.8584,"longitude":-2.2945,"countryCode":"FR","countryName":"France","regionCode":"ID","regionName":"Ile de France","cityName":"Paris","zipCode":"75007","areaCode":"1"},
{"type":"work","name":"Office","address":"2 Main St","address2":"b","address3":"c","latitude":0,"longitude":0,"countryCode":"NL","countryName":"Netherlands","regionCode":"NH","regionName":"Noord-Holland","cityName":"Amsterdam","zipCode":"1011 AB","areaCode":"020"}],
"locale":"en_US","timeZone":"Europe/Paris","tags":["vip","new customer"],"sentiment":{"polarity":1,"confidence":0.5},
"custom":{"scoreNum":-1.5,"lastOrderAt":"2022-03-04T05:06:07.000Z","tierStr":"gold","remarksTxt":"two\nlines","vipBool":true,"pageUrl":"https://example.com/p"},
"birthdayAt":"1990-12-31T00:00:00.000Z","gender":"f","createdAt":"2019-01-01T00:00:00.000Z","importedAt":"2022-01-01T00:00:00.000Z","defaultLang":"en_us"}`

// TestEveryInputFieldRoundTrips: what is imported, from JSON, from flat columns and from numbered ones, is what is read
// back, field by field; no field of the schema is left out.
func TestEveryInputFieldRoundTrips(t *testing.T) {
	for _, form := range []string{"json", "flat", "numbered"} {
		t.Run(form, func(t *testing.T) {
			t.Parallel()
			c := sandboxConfig()
			c.Switches.TagNamesOnRead = true
			o := newOrg(t, c)
			org := o.connect(t)
			if err := attributes.Amend(t.Context(), org.Client, "customer", klass.Compare(klass.Wanted("customer",
				[]string{"scoreNum", "tierStr", "remarksTxt", "pageUrl"}), nil)); err != nil {
				t.Fatal(err)
			}
			text := strings.ReplaceAll(everything, "COMPANY", newCompany(t, o))
			var sent map[string]any
			if err := json.Unmarshal([]byte(text), &sent); err != nil {
				t.Fatal(err)
			}
			dir := t.TempDir()
			name, content, mapping := asFile(t, form, sent)
			s, err := pipeline.Run(t.Context(), pipeline.Config{Command: "import", Org: o.connect(t), State: dir + "/state",
				Files: []string{prepared(t, dir, name, content, mapping)}})
			if err != nil || s.ExitCode != 0 {
				t.Fatalf("%v, %+v", err, problems(t, s))
			}
			p, err := lookup.FindProfile(t.Context(), org.Client.Viewer, "", "E-1")
			if err != nil {
				t.Fatal(err)
			}
			var got map[string]any
			raw, _ := json.Marshal(p)
			if err := json.Unmarshal(raw, &got); err != nil {
				t.Fatal(err)
			}
			delete(sent, "lastActivityAt") // which the org moves with every write
			for field, want := range sent {
				holdsAll(t, field, got[field], want)
			}
		})
	}
	covered := map[string]any{}
	if err := json.Unmarshal([]byte(everything), &covered); err != nil {
		t.Fatal(err)
	}
	var document struct{ Properties map[string]any }
	if err := json.Unmarshal(schema.CustomerDocument(), &document); err != nil {
		t.Fatal(err)
	}
	for field := range document.Properties {
		if covered[field] == nil && field != "rev" {
			t.Errorf("%s is an input field and not among those that are tried", field)
		}
	}
}

// holdsAll holds what was read back to what was sent: lists in their order, moments as moments.
func holdsAll(t *testing.T, at string, got, want any) {
	switch want := want.(type) {
	case map[string]any:
		have, _ := got.(map[string]any)
		for name, one := range want {
			holdsAll(t, at+"."+name, have[name], one)
		}
	case []any:
		have, _ := got.([]any)
		if len(have) != len(want) {
			t.Errorf("%s has %d items, sent %d", at, len(have), len(want))
			return
		}
		for i := range want {
			holdsAll(t, fmt.Sprintf("%s[%d]", at, i), have[i], want[i])
		}
	default:
		if w, ok := want.(string); ok {
			a, e1 := time.Parse(time.RFC3339, w)
			b, e2 := time.Parse(time.RFC3339, fmt.Sprint(got))
			if e1 == nil && e2 == nil && a.Equal(b) {
				return
			}
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s is %v, sent %v", at, got, want)
		}
	}
}

func newCompany(t *testing.T, o *org) string {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), "POST", o.front.URL+"/v1/companies",
		strings.NewReader(`{"name":"Acme"}`))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+o.Key())
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, _ := io.ReadAll(res.Body)
	var answer struct{ Data struct{ ID string } }
	if err := json.Unmarshal(body, &answer); err != nil || answer.Data.ID == "" {
		t.Fatalf("%s", body)
	}
	return answer.Data.ID
}

// asFile writes the record as a file of one row, with the mapping that the form needs.
func asFile(t *testing.T, form string, record map[string]any) (name, content, mapping string) {
	if form == "json" {
		text, err := json.Marshal(record)
		if err != nil {
			t.Fatal(err)
		}
		return "people.ndjson", string(text) + "\n", ""
	}
	var columns, cells []string
	add := func(column string, value any) {
		text := fmt.Sprint(value)
		columns = append(columns, `"`+column+`"`)
		cells = append(cells, `"`+strings.ReplaceAll(text, `"`, `""`)+`"`)
	}
	mapping = "version: 1\nkind: customer\ncolumns:\n"
	for _, field := range keysOf(record) {
		switch value := record[field].(type) {
		case map[string]any:
			for _, member := range keysOf(value) {
				add(field+"."+member, value[member])
			}
		case []any:
			if field == "tags" {
				add(field, "vip, new customer")
				continue
			}
			for i, item := range value {
				object := item.(map[string]any)
				for _, member := range keysOf(object) {
					label := fmt.Sprint(i + 1)
					if kind, ok := object["type"]; ok && form == "flat" {
						label = fmt.Sprint(kind)
					}
					if form == "numbered" {
						add(fmt.Sprintf("%s %s - %s", field, label, member), object[member])
					} else if member != "type" {
						add(fmt.Sprintf("%s[%s].%s", field, label, member), object[member])
					}
				}
			}
			for _, member := range keysOf(value[0].(map[string]any)) {
				mapping += fmt.Sprintf("  \"%s {n} - %s\": \"%s[{n}].%s\"\n", field, member, field, member)
			}
		default:
			add(field, value)
		}
	}
	if form == "flat" {
		mapping = ""
	}
	return "people.csv", strings.Join(columns, ",") + "\n" + strings.Join(cells, ",") + "\n", mapping
}

func keysOf(m map[string]any) []string {
	var keys []string
	for key := range m {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}
