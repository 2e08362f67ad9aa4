package mappings

import (
	"errors"
	"strings"
	"testing"
)

var org = []Attribute{
	{"avgSatScoreNum", "Avg Sat Score", true},
	{"loyaltyTierStr", "Loyalty Tier", true},
	{"legacyScoreNum", "Legacy Score", false},
	{"oldScoreNum", "Score", false},
	{"newScoreNum", "Score", true},
	{"aTwinStr", "Twin", true},
	{"bTwinStr", "Twin", true},
	{"acme_orders-order", "Order", true},
}

// places lists what each column becomes, in the order of the payload: "0 emails[].email".
func slotsOf(t *testing.T, p *Plan, columns int) string {
	t.Helper()
	cells := make([][]byte, columns)
	for i := range cells {
		cells[i] = []byte("1")
	}
	var rec Record
	p.Map(cells, nil, &rec)
	places := map[int][]string{}
	for _, v := range rec.Values {
		if v.Column >= 0 {
			places[v.Column] = append(places[v.Column], p.Slots[v.Slot].Path)
		}
	}
	var list []string
	for i := range cells {
		list = append(list, strings.Join(places[i], "+"))
	}
	return strings.Join(list, ",")
}

func TestBind(t *testing.T) {
	for _, c := range []struct {
		name, mapping, header string
		options               BindOptions
		want                  string // paths of the columns
		mistakes              string // else: kinds and columns
	}{
		{name: "system names need no entry", mapping: "version: 1",
			header: "externalId,Name,emails,locations[home].cityName,socials.twitter,tags,custom.aStr",
			want:   "externalId,name,emails[].email,locations[].cityName,socials[].username,tags[],custom.aStr"},
		{name: "offline names stay as written", mapping: "version: 1", header: "AvgSatScoreNum,avgSatScoreNum",
			want: "custom.AvgSatScoreNum,custom.avgSatScoreNum"},
		{name: "the org's own capitals", mapping: "version: 1", header: "AvgSatScoreNum",
			options: BindOptions{Attributes: org}, want: "custom.avgSatScoreNum"},
		{name: "the org's own capitals in entries", mapping: "version: 1\ncolumns:\n  A: custom.AVGSatScoreNum", header: "A",
			options: BindOptions{Attributes: org}, want: "custom.avgSatScoreNum"},
		{name: "display names", mapping: "version: 1", header: "Avg Sat Score,custom.Loyalty Tier",
			options: BindOptions{Attributes: org}, want: "custom.avgSatScoreNum,custom.loyaltyTierStr"},
		{name: "inactive attributes are for the schema to refuse", mapping: "version: 1", header: "Legacy Score",
			options: BindOptions{Attributes: org}, want: "custom.legacyScoreNum"},
		{name: "active before inactive", mapping: "version: 1", header: "Score", options: BindOptions{Attributes: org},
			want: "custom.newScoreNum"},
		{name: "apps' attributes", mapping: "version: 1", header: "custom.acme_orders-order",
			options: BindOptions{Attributes: org}, want: "custom.acme_orders-order"},
		{name: "two attributes of one display name", mapping: "version: 1", header: "Twin",
			options: BindOptions{Attributes: org}, mistakes: "ambiguous Twin"},
		{name: "offline display names are unmapped", mapping: "version: 1", header: "Avg Sat Score,paid",
			mistakes: "unmapped Avg Sat Score; unmapped paid"},
		{name: "online unknown system names are unmapped", mapping: "version: 1", header: "avgSatNum",
			options: BindOptions{Attributes: org}, mistakes: "unmapped avgSatNum"},
		{name: "what Kustomer sets itself", mapping: "version: 1", header: "id,updatedAt",
			mistakes: "unmapped id; unmapped updatedAt"},
		{name: "unmapped: ignore", mapping: "version: 1\nunmapped: ignore", header: "Foo,name", want: ",name"},
		{name: "unmapped: custom", mapping: "version: 1\nunmapped: custom", header: "Größe in cm,VIP Bool,name",
			want: "custom.grosseInCmStr,custom.vipBool,name"},
		{name: "the option is above the mapping", mapping: "version: 1\nunmapped: custom", header: "Foo",
			options: BindOptions{Unmapped: "error"}, mistakes: "unmapped Foo"},
		{name: "no name can be made", mapping: "version: 1\nunmapped: custom", header: "Имя", mistakes: "unmapped Имя"},
		{name: "a column without a name", mapping: "version: 1", header: "name,,", mistakes: "unmapped ; unmapped "},
		{name: "columns without a name or a value", mapping: "version: 1", header: "name,,",
			options: BindOptions{Blank: []bool{true, true, true}}, want: "name,,"},
		{name: "missing columns", mapping: "version: 1\ncolumns:\n  A: name\n  B: {to: username, optional: true}\n  C: ignore", header: "locale", mistakes: "missing A; missing C"},
		{name: "missing: ignore", mapping: "version: 1\nmissing: ignore\ncolumns:\n  A: name", header: "locale",
			want: "locale"},
		{name: "names that differ in form only", mapping: "version: 1\ncolumns:\n  E-mail: emails\n  First Name: name",
			header: "e_mail,FIRST NAME ", want: "emails[].email,name"},
		{name: "the exact name comes first", mapping: "version: 1\ncolumns:\n  Email: emails\n  E-mail: sharedEmails",
			header: "E-mail,Email", want: "sharedEmails[].email,emails[].email"},
		{name: "another entry's column is not for a loose name",
			mapping: "version: 1\nmissing: ignore\ncolumns:\n  Email: emails\n  E-mail: sharedEmails", header: "E-mail",
			want: "sharedEmails[].email"},
		{name: "exact names leave no loose ones", mapping: "version: 1\ncolumns:\n  Email: emails", header: "Email,E-Mail",
			mistakes: "unmapped E-Mail"},
		{name: "one name twice in the file", mapping: "version: 1\ncolumns:\n  Email: emails\n  Name: name",
			header: "Email,Email,Name,Name", mistakes: "doubled Name,Name"},
		{name: "two columns for one place", mapping: "version: 1\ncolumns:\n  A: name\n  B: name\n  C: locations.city\n" +
			"  D: locations.cityName\n  E: custom.aStr\n  F: custom.aStr", header: "A,B,C,D,E,F",
			mistakes: "doubled A,B; doubled C,D; doubled E,F"},
		{name: "an entry and a system name", mapping: "version: 1\ncolumns:\n  A: name", header: "A,Name",
			mistakes: "doubled A,Name"},
		{name: "rules that do not agree", mapping: "version: 1\ncolumns:\n  A: {to: name, join: \" \"}\n" +
			"  B: {to: name, prefer: first}", header: "A,B", mistakes: "doubled A,B"},
		{name: "a constant and a column", mapping: "version: 1\ncolumns:\n  A: name\nconstants:\n  name: x", header: "A",
			mistakes: "doubled A"},
		{name: "a code and a country", mapping: "version: 1\ncolumns:\n  A: locations.country\n  B: locations.countryCode",
			header: "A,B", mistakes: "doubled A,B"},
		{name: "a name and a country", mapping: "version: 1\ncolumns:\n  A: locations.country\n  B: locations.countryName",
			header: "A,B", mistakes: "doubled A,B"},
		{name: "a code, a name and a country", mapping: "version: 1\ncolumns:\n  C: locations.countryCode\n" +
			"  A: locations.country\n  B: locations.countryName", header: "A,B,C", mistakes: "doubled C,A,B"},
		{name: "a code and a name", mapping: "version: 1\ncolumns:\n  C: locations.countryCode\n  B: locations.countryName",
			header: "B,C", want: "locations[].countryName,locations[].countryCode"},
		{name: "which of two items", mapping: "version: 1\ncolumns:\n  A: emails\n  B: emails\n  C: emails.verified",
			header: "A,B,C", mistakes: "ambiguous "},
		{name: "bad options", mapping: "version: 1", header: "name",
			options: BindOptions{Unmapped: "x", Missing: "y", Region: "zz"}, mistakes: "invalid ; invalid ; invalid "},
		{name: "everything at once", mapping: "version: 1\ncolumns:\n  A: name\n  B: name\n  C: locale", header: "A,B,Foo",
			mistakes: "missing C; unmapped Foo; doubled A,B"},
	} {
		t.Run(c.name, func(t *testing.T) {
			m, err := Parse("test.yaml", []byte(c.mapping))
			if err != nil {
				t.Fatal(err)
			}
			header := strings.Split(c.header, ",")
			p, err := m.Bind(header, c.options)
			var refused *BindError
			if errors.As(err, &refused) {
				var got []string
				for _, one := range refused.Mistakes {
					got = append(got, one.Kind+" "+strings.Join(one.Columns, ","))
				}
				if strings.Join(got, "; ") != c.mistakes {
					t.Errorf("mistakes\n got %s\nwant %s\n%v", strings.Join(got, "; "), c.mistakes, err)
				}
				return
			}
			if c.mistakes != "" {
				t.Fatalf("bound, want mistakes %s", c.mistakes)
			}
			if got := slotsOf(t, p, len(header)); got != c.want {
				t.Errorf("columns\n got %s\nwant %s", got, c.want)
			}
		})
	}
}

func TestBindErrorWords(t *testing.T) {
	m, err := Parse("test.yaml", []byte("version: 1\ncolumns:\n  E-mail address: emails\n  A: name\n  B: name\n"))
	if err != nil {
		t.Fatal(err)
	}
	_, err = m.Bind([]string{"Email adress", "A", "B", "Avg Sat Scor", "nmae", "", "modifiedAt"},
		BindOptions{Attributes: org})
	want := strings.TrimSpace(`
the file has no column "E-mail address", which the mapping names (it has "Email adress")
column "Email adress" is not mapped yet (did you mean E-mail address? add  "Email adress": emails)
column "Avg Sat Scor" is not mapped yet (did you mean Avg Sat Score? add  "Avg Sat Scor": custom.avgSatScoreNum)
column "nmae" is not mapped yet (did you mean name? add  "nmae": name)
column 6, which has no name is not mapped yet (give it a name in the file, or add  column 6: and its target, or ignore)
column "modifiedAt" is not mapped yet (Kustomer sets it itself: add  "modifiedAt": ignore)
column "A" and column "B" go to name (ignore all but one, or add  join: " "  or  prefer: first)`)
	if err == nil || err.Error() != want {
		t.Errorf("got\n%v\nwant\n%s", err, want)
	}
}

func TestBindStandard(t *testing.T) {
	header := "External ID,First Name,Last Name,E-mail,email 2,Mobile " +
		"Phone,WhatsApp,Twitter,Website,Street,City,Zip,State,Country,Time Zone,Date of Birth,Tags"
	p, err := Standard().Bind(strings.Split(header, ","), BindOptions{})
	if err != nil {
		t.Fatal(err)
	}
	row := "42|Ann|Lee|a@x.org|b@x.org|+31612345678|+31612345678|ann|https://x.org|Dam 1|Amsterdam|1012 " +
		"JS|NH|NL|Europe/Amsterdam|1984-01-31|a,b"
	var rec Record
	p.Map(splitCells(row), nil, &rec)
	want := `{"name":"Ann Lee","externalId":"42","emails":[{"email":"a@x.org"},{"email":"b@x.org"}],"phones":[{"phone":"+31612345678","type":"mobile"}],"whatsapps":[{"phone":"+31612345678","type":"mobile"}],` +
		`"socials":[{"type":"twitter","username":"ann"}],"urls":[{"url":"https://x.org","type":"website"}],` +
		`"locations":[{"address":"Dam 1","countryCode":"NL","regionCode":"NH","cityName":"Amsterdam","zipCode":"1012 JS"}],"timeZone":"Europe/Amsterdam","tags":["a","b"],"birthdayAt":"1984-01-31T00:00:00.000Z"}`
	if got := string(p.AppendJSON(nil, &rec)); got != want || len(rec.Problems) > 0 {
		t.Errorf("problems %v, payload\n got %s\nwant %s", problemList(&rec), got, want)
	}
}

// The flat form of the iOS SDK's describeCurrentCustomer is understood without a mapping file.
func TestBindFlatForm(t *testing.T) {
	p, err := Standard().Bind(strings.Split("phone,phones,email,emails,facebook,instagram,twitter,linkedin,AvgSatScoreNum",
		","), BindOptions{Attributes: org})
	if err != nil {
		t.Fatal(err)
	}
	cells, kinds := jsonCells(`"+12125550123"|["+12125550123","+12125550124"]|"a@x.org"|["a@x.org"]|"f"|"i"|"t"|"l"|4.5`)
	var rec Record
	p.Map(cells, kinds, &rec)
	want := `{"emails":[{"email":"a@x.org"}],"phones":[{"phone":"+12125550123"},{"phone":"+12125550124"}],` +
		`"socials":[{"type":"twitter","username":"t"},{"type":"facebook","username":"f"},{"type":"instagram","username":"i"},{"type":"linkedin","username":"l"}],"custom":{"avgSatScoreNum":4.5}}`
	if got := string(p.AppendJSON(nil, &rec)); got != want || len(rec.Problems) > 0 {
		t.Errorf("problems %v, payload\n got %s\nwant %s", problemList(&rec), got, want)
	}
}

func TestKeys(t *testing.T) {
	mapping := "version: 1\nkeys: [phone, email]\ncolumns:\n  X: externalIds\n  E: {to: emails, split: ;}\n" +
		"  S: sharedEmails\n  P: phones\n  W: whatsapps\n  T: socials.twitter\n  I: externalId\n"
	p := bound(t, mapping, "X,E,S,P,W,T,I", BindOptions{})
	for _, c := range []struct{ cells, want, first string }{
		{"7| ANN@X.org ;b@x.org|shared@x.org|+31 612345678|+31612345678|@Ann|7",
			"externalId 7, phone +31612345678, email ann@x.org, email b@x.org, whatsapp +31612345678, social twitter:ann",
			"+31612345678"},
		{"|Ärger@x.org||||| ", "email ärger@x.org", "ärger@x.org"},
		{"|||||ann|8", "externalId 8, social twitter:ann", ""},
		{"||s@x.org||||", "", ""},
	} {
		var rec Record
		p.Map(splitCells(c.cells), nil, &rec)
		var got []string
		keys := p.Keys(&rec, nil)
		first := string(p.AppendKey([]byte("> "), &rec))
		for _, key := range keys {
			got = append(got, key.Kind+" "+string(key.Value))
		}
		if strings.Join(got, ", ") != c.want {
			t.Errorf("%s: keys\n got %s\nwant %s", c.cells, strings.Join(got, ", "), c.want)
		}
		if first != "> "+c.first {
			t.Errorf("%s: first key %q, want %q", c.cells, first, "> "+c.first)
		}
	}
	if got := strings.Join(p.MatchKeys(), ","); got != "phone,email" {
		t.Errorf("match keys %s", got)
	}
}

func TestLocate(t *testing.T) {
	p := bound(t, rules("constants:\n  custom.sourceStr: x\n---\n N: name\n E: {to: emails, split: ;}\n"+
		" F: emails[work]\n V: emails[work].verified\n L: locations.city\n T: tags\n C: custom.aNum\n S: sentiment.polarity\n"), "N,E,F,V,L,T,C,S", BindOptions{})
	var rec Record
	p.Map(splitCells("Ann|a@x.org;b@x.org|c@x.org|yes|Utrecht|x,y|1|0"), nil, &rec)
	for path, want := range map[string]int{
		"name": 0, "emails": 1, "emails.0.email": 1, "emails.1.email": 1, "emails.1": 1, "emails.2": 2, "emails.2.email": 2,
		"emails.2.type": -1, "emails.2.verified": 3, "emails.0.type": 1,
		"emails.3": -1, "locations.0.cityName": 4, "locations.0.zipCode": 4, "tags.1": 5, "tags": 5, "custom.aNum": 6,
		"custom.sourceStr": -1, "custom": 6, "sentiment.confidence": 7, "sentiment": 7,
		"": -1, "nothing": -1, "emails.x.y": 1, "emails.": 1, "locale": -1,
	} {
		if got := p.Locate(&rec, path); got != want {
			t.Errorf("%s is in column %d, want %d", path, got, want)
		}
	}
}
