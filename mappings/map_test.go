package mappings

import (
	"fmt"
	"strings"
	"testing"
)

// problemList writes problems as "column code", which is what tables compare.
func problemList(rec *Record) string {
	var list []string
	for _, p := range rec.Problems {
		list = append(list, fmt.Sprintf("%d %s", p.Column, p.Code))
	}
	return strings.Join(list, ", ")
}

// split takes cells apart at |, so that they can hold commas; ¶ is a line end in a cell.
func splitCells(s string) [][]byte {
	return cellsOf(strings.Split(strings.ReplaceAll(s, "¶", "\n"), "|"))
}

// rules makes a mapping file of lines under columns:, after what stands before a --- line.
func rules(s string) string {
	head, columns, found := strings.Cut(s, "---\n")
	if !found {
		head, columns = "", s
	}
	return "version: 1\n" + head + "columns:\n" + columns
}

func TestMapText(t *testing.T) {
	for _, c := range []struct {
		name, rules, header, cells string
		payload, problems          string
	}{
		{"one name", " N: name\n", "N", "Ann", `{"name":"Ann"}`, ""},
		{"space around a cell is no part of it", " N: name\n", "N", "  Ann Lee\u00a0 ", `{"name":"Ann Lee"}`, ""},
		{"blank cells are not sent", " N: name\n E: emails\n T: tags\n", "N,E,T", " ||\u00a0", `{}`, ""},
		{"blank cells clear where they are to", "skip_blank: false\n---\n N: name\n E: emails\n C: createdAt\n" +
			" X: custom.aNum\n", "N,E,C,X", "|||", `{"name":null,"custom":{"aNum":null}}`, ""},
		{"missing cells are absent", " N: name\n U: username\n", "N,U", "Ann", `{"name":"Ann"}`, ""},
		{"text is escaped", " N: name\n", "N", "a\"b\\c¶d\te\u2028é", `{"name":"a\"b\\c\nd\te` + "\u2028é" + `"}`, ""},
		{"control characters are damage", " N: name\n U: username\n", "N,U", "a\x00b|a\x7fb", `{}`,
			"0 cell.control, 1 cell.control"},
		{"names that are found by have one line", " U: username\n", "U", "a¶b", `{}`, "0 cell.control"},
		{"two addresses are two items", " E: emails\n F: emails[work]\n", "E,F", "a@x.org|b@x.org",
			`{"emails":[{"email":"a@x.org"},{"email":"b@x.org","type":"work"}]}`, ""},
		{"items come in the mapping's order", " F: emails[work]\n E: emails\n", "E,F", "a@x.org|b@x.org",
			`{"emails":[{"email":"b@x.org","type":"work"},{"email":"a@x.org"}]}`, ""},
		{"equal addresses merge and know together", " E: emails\n F: emails[work]\n G: emails\n", "E,F,G",
			"a@x.org|A@X.org|b@x.org", `{"emails":[{"email":"a@x.org","type":"work"},{"email":"b@x.org"}]}`, ""},
		{"the first of two types stays", " E: emails[home]\n F: emails[work]\n", "E,F", "a@x.org|a@x.org",
			`{"emails":[{"email":"a@x.org","type":"home"}]}`, ""},
		{"equal phones merge in any form", " P: phones\n Q: phones\n", "P,Q", "+31 6 1234-5678|+31612345678",
			`{"phones":[{"phone":"+31612345678"}]}`, ""},
		{"cells split", " E: {to: emails, split: ;}\n", "E", "a@x.org; ;b@x.org;a@x.org;",
			`{"emails":[{"email":"a@x.org"},{"email":"b@x.org"}]}`, ""},
		{"cells split at longer marks", ` E: {to: emails, split: " ::: "}` + "\n", "E", "a@x.org ::: b@x.org",
			`{"emails":[{"email":"a@x.org"},{"email":"b@x.org"}]}`, ""},
		{"tags split at commas and come once", " T: tags\n", "T", "a, b ,a,,c", `{"tags":["a","b","c"]}`, ""},
		{"a list as JSON in a text", " E: emails\n L: locations\n T: tags\n", "E,L,T",
			`[{"email":"a@x.org","type":"work"},{"email":"b@x.org"}]|{"cityName":"Utrecht"}|["a, b","c"]`,
			`{"emails":[{"email":"a@x.org","type":"work"},{"email":"b@x.org"}],"locations":[{"cityName":"Utrecht"}],` +
				`"tags":["a, b","c"]}`, ""},
		{"a text that only begins as JSON", " T: tags\n U: socials.twitter\n", "T,U", "[a, b|{ann}",
			`{"socials":[{"type":"twitter","username":"{ann}"}],"tags":["[a","b"]}`, ""},
		{"tags of two columns", " T: tags\n U: {to: tags, split: ;}\n", "T,U", "a,b|b;c", `{"tags":["a","b","c"]}`, ""},
		{"too many tags", " T: tags\n", "T", "1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,20,21,22",
			`{"tags":["1","2","3","4","5","6","7","8","9","10","11","12","13","14","15","16","17","18","19","20"]}`,
			"0 cell.too_many"},
		{"members of one label make one item", " C: locations[home].city\n Z: locations[home].zip\n" +
			" W: locations[work].cityName\n", "Z,W,C", "1234 AB|Utrecht|Amsterdam",
			`{"locations":[{"type":"home","cityName":"Amsterdam","zipCode":"1234 AB"},{"type":"work","cityName":"Utrecht"}]}`,
			""},
		{"an item without cells is none", " C: locations[home].city\n W: locations[work].city\n", "C,W", "|Utrecht",
			`{"locations":[{"type":"work","cityName":"Utrecht"}]}`, ""},
		{"equal locations merge", " C: locations.city\n W: locations[1].city\n", "C,W", "Utrecht|Utrecht",
			`{"locations":[{"cityName":"Utrecht"}]}`, ""},
		{"countries by code or name", " A: locations[1].country\n B: locations[2].country\n", "A,B", "nl|The Netherlands",
			`{"locations":[{"countryCode":"NL"},{"countryName":"The Netherlands"}]}`, ""},
		{"regions by code or name", " A: locations[1].region\n B: locations[2].region\n", "A,B", "CA|California",
			`{"locations":[{"regionCode":"CA"},{"regionName":"California"}]}`, ""},
		{"verified alone makes no item", " E: emails\n V: emails.verified\n", "E,V", "|yes", `{}`, ""},
		{"verified joins its item", " E: emails[work]\n V: emails[work].verified\n", "V,E", "no|a@x.org",
			`{"emails":[{"email":"a@x.org","type":"work","verified":false}]}`, ""},
		{"an account with its page", " T: socials.twitter\n U: socials.twitter.url\n", "T,U", "ann|https://twitter.com/ann",
			`{"socials":[{"type":"twitter","username":"ann","url":"https://twitter.com/ann"}]}`, ""},
		{"a page without its account still goes to the judge", " T: socials.twitter\n U: socials.twitter.url\n", "T,U",
			"|https://twitter.com/ann", `{"socials":[{"type":"twitter","url":"https://twitter.com/ann"}]}`, ""},
		{"numbered items of one type", " A: locations[work 1].city\n B: locations[work 2].city\n", "A,B", "x|y",
			`{"locations":[{"type":"work","cityName":"x"},{"type":"work","cityName":"y"}]}`, ""},
		{"sentiment", " C: sentiment.confidence\n P: sentiment.polarity\n", "C,P", "0.5|-1",
			`{"sentiment":{"polarity":-1,"confidence":0.5}}`, ""},
		{"names join", ` First: {to: name, join: " "}` + "\n Last: {to: name, join: \" \"}\n", "Last,First", "Lee|Ann",
			`{"name":"Ann Lee"}`, ""},
		{"a blank part leaves no gap", ` First: {to: name, join: " "}` + "\n Middle: name\n Last: name\n",
			"First,Middle,Last", "Ann||Lee", `{"name":"Ann Lee"}`, ""},
		{"one part alone", ` First: {to: name, join: " "}` + "\n Last: name\n", "First,Last", "|Lee", `{"name":"Lee"}`, ""},
		{"no part", ` First: {to: name, join: " "}` + "\n Last: name\n", "First,Last", "|", `{}`, ""},
		{"the first that is not blank", " A: {to: name, prefer: first}\n B: name\n C: name\n", "C,B,A", "c|b|",
			`{"name":"b"}`, ""},
		{"custom attributes by suffix", " A: custom.aNum\n B: custom.bAt\n C: custom.cBool\n D: custom.dUrl\n" +
			" E: custom.eStr\n F: custom.fTxt\n G: custom.gId\n H: custom.hTree\n", "A,B,C,D,E,F,G,H",
			"1.50|2024-02-29|Y|https://x.org|007|a¶b|0123456789abcdef01234567|level1",
			`{"custom":{"aNum":1.50,"bAt":"2024-02-29T00:00:00.000Z","cBool":true,"dUrl":"https://x.org","eStr":"007","fTxt":"a\nb","gId":"0123456789abcdef01234567","hTree":"level1"}}`, ""},
		{"names made of columns", " Avg Sat Score: {to: custom, as: Num}\n", "Avg Sat Score", "4",
			`{"custom":{"avgSatScoreNum":4}}`, ""},
		{"wrong types are problems of their columns", " A: custom.aNum\n B: custom.bAt\n C: custom.cBool\n" +
			" D: custom.dUrl\n P: phones\n", "A,B,C,D,P", "x|31.1.2024|maybe|x.org|0612345678", `{}`,
			"4 cell.phone, 0 cell.number, 1 cell.date, 2 cell.bool, 3 cell.url"},
		{"scientific notation is refused where it identifies",
			" I: externalId\n P: phones\n N: custom.nNum\n S: custom.sStr\n", "I,P,N,S", "4.41E+11|4,41E+11|4.41E+11|4.41E+11",
			`{"custom":{"nNum":4.41E+11,"sStr":"4.41E+11"}}`,
			"0 cell.scientific, 1 cell.scientific"},
		{"a column to two places", " M: [phones, whatsapps]\n", "M", "+31612345678",
			`{"phones":[{"phone":"+31612345678"}],"whatsapps":[{"phone":"+31612345678"}]}`, ""},
		{"the default region", "region: nl\n---\n P: phones\n", "P", "06 12345678", `{"phones":[{"phone":"+31612345678"}]}`,
			""},
		{"a column's own region", "region: NL\n---\n P: {to: phones, region: DE}\n", "P", "030 901820",
			`{"phones":[{"phone":"+4930901820"}]}`, ""},
		{"dates of the whole file", "dates: {layout: DD.MM.YYYY HH:mm, zone: Europe/Amsterdam}\n---\n A: signedUpAt\n", "A",
			"15.07.2024 14:05", `{"signedUpAt":"2024-07-15T12:05:00.000Z"}`, ""},
		{"a column's own layout", "dates: {layout: DD.MM.YYYY}\n---\n A: {to: signedUpAt, layout: M/D/YYYY}\n", "A",
			"7/15/2024", `{"signedUpAt":"2024-07-15T00:00:00.000Z"}`, ""},
		{"decimal comma", "decimal: \",\"\n---\n A: custom.aNum\n", "A", "1.234,50", `{"custom":{"aNum":1234.50}}`, ""},
		{"gender", " G: gender\n", "G", "Female", `{"gender":"f"}`, ""},
		{"constants", "constants:\n  custom.sourceStr: old CRM\n  tags: [a, b]\n  emails[work].verified: true\n" +
			"  locations[home].countryCode: nl\n---\n E: emails[work]\n C: locations[home].city\n T: tags\n", "E,C,T",
			"a@x.org||b,c",
			`{"emails":[{"email":"a@x.org","type":"work","verified":true}],"tags":["b","c","a"],"custom":{"sourceStr":"old CRM"}}`, ""},
		{"a constant fills blanks", "constants:\n  locale: en\n---\n L: {to: locale, prefer: first}\n", "L", "",
			`{"locale":"en"}`, ""},
		{"a cleared constant", "constants:\n  company: null\n---\n L: locale\n", "L", "", `{"company":null}`, ""},
		{"locations that differ in one member are two", " C: locations[1].city\n D: locations[2].city\n Z: locations[2].zip\n", "C,D,Z", "Utrecht|Utrecht|1234", `{"locations":[{"cityName":"Utrecht"},{"cityName":"Utrecht","zipCode":"1234"}]}`, ""},
		{"merged members keep their order", " E: emails[1]\n V: emails[1].verified\n F: emails[work]\n", "E,V,F",
			"a@x.org|no|a@x.org", `{"emails":[{"email":"a@x.org","type":"work","verified":false}]}`, ""},
		{"items of members keep the mapping's order too", " A: emails[work].email\n B: emails\n", "A,B", "a@x.org|b@x.org",
			`{"emails":[{"email":"a@x.org","type":"work"},{"email":"b@x.org"}]}`, ""},
		{"what joins is escaped", " A: {to: name, join: \"\\n\"}\n B: name\n", "A,B", "a|b", `{"name":"a\nb"}`, ""},
		{"a blank column before another clears nothing", "skip_blank: false\n---\n A: {to: name, prefer: first}\n B: name\n",
			"A,B", "|b", `{"name":"b"}`, ""},
		{"wide and thin spaces", " A: name\n", "A", "\u2003a\u200b", `{"name":"a"}`, ""},
		{"the zero of calls within the country", " A: phones[1]\n B: phones[2]\n C: phones[3]\n D: phones[4]\n E: phones[5]\n", "A,B,C,D,E",
			"+31 06 12345678|+44 07911 123456|+49(0)30901820|+390612345678|+2250123456789",
			`{"phones":[{"phone":"+31612345678"},{"phone":"+447911123456"},{"phone":"+4930901820"},{"phone":"+390612345678"},{"phone":"+2250123456789"}]}`, ""},
		{"and where it makes the number too short or too long for the country", " A: phones[1]\n B: phones[2]\n", "A,B",
			"+310|+31 00612345678", `{}`, "0 cell.phone, 1 cell.phone"},
		{"birthdays are not in the future, and the others are what they are",
			"dates: {layout: DD/MM/YY}\n---\n B: birthdayAt\n C: custom.cAt\n", "B,C", "13/02/49|13/02/49",
			`{"birthdayAt":"1949-02-13T00:00:00.000Z","custom":{"cAt":"2049-02-13T00:00:00.000Z"}}`, ""},
		{"a birthday in the future is none", " B: birthdayAt\n C: custom.cAt\n", "B,C", "2949-02-13|2949-02-13",
			`{"custom":{"cAt":"2949-02-13T00:00:00.000Z"}}`, "0 cell.date"},
		{"a birthday without its year", " B: birthdayAt\n C: custom.cAt\n", "B,C", "--02-13|--02-13", `{}`,
			"0 cell.birthday, 1 cell.date"},
		{"and one with a year that stands for none", " B: birthdayAt\n C: custom.cAt\n", "B,C", "1604-02-29|1604-02-29",
			`{"custom":{"cAt":"1604-02-29T00:00:00.000Z"}}`, "0 cell.birthday"},
		{"what cannot be seen is in no identity", " I: externalId\n E: emails\n P: phones\n T: socials.twitter\n", "I,E,P,T",
			"A\u00a01\u200b2|\u202aa\ufeffda\u00ad@x.org\u202c|\u200e+31\u00a06\u20611\u200b2345678|a\u2060nn",
			`{"externalId":"A 12","emails":[{"email":"ada@x.org"}],"phones":[{"phone":"+31612345678"}],"socials":[{"type":"twitter","username":"ann"}]}`, ""},
		{"nor in dates, numbers, answers and addresses",
			" A: custom.aAt\n B: custom.bNum\n C: custom.cBool\n D: custom.dUrl\n", "A,B,C,D",
			"\u200e2024-\u200e02-\u200e29|1\u200b2.5|ye\u00ads|https://x.\u200borg",
			`{"custom":{"aAt":"2024-02-29T00:00:00.000Z","bNum":12.5,"cBool":true,"dUrl":"https://x.org"}}`, ""},
		{"what belongs to a name stays in it", " N: name\n", "N", "\u200bنامه\u200cها 👩\u200d🦰\u2060",
			"{\"name\":\"نامه\u200cها 👩\u200d🦰\"}", ""},
		{"of separators, too", " E: {to: emails, split: ;}\n", "E", "a@x.org\u00a0;\u200bb@x.org;\u200b;",
			`{"emails":[{"email":"a@x.org"},{"email":"b@x.org"}]}`, ""},
		{"a cell that shows nothing is blank", " N: name\n E: emails\n", "N,E", "\u200d\u3164|\u2066\u2069", `{}`, ""},
		{"ignored columns", " N: ignore\n U: username\n", "N,U", "x|y", `{"username":"y"}`, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := bound(t, rules(c.rules), c.header, BindOptions{})
			var rec Record
			p.Map(splitCells(c.cells), nil, &rec)
			if got := string(p.AppendJSON(nil, &rec)); got != c.payload {
				t.Errorf("payload\n got %s\nwant %s", got, c.payload)
			}
			if got := problemList(&rec); got != c.problems {
				t.Errorf("problems\n got %s\nwant %s", got, c.problems)
			}
			for _, problem := range rec.Problems {
				if problem.Detail == "" {
					t.Errorf("problem %s does not say what was expected", problem.Code)
				}
			}
		})
	}
}

// jsonCells takes cells with their kinds: each begins with its kind byte, - is absent.
func jsonCells(s string) (cells [][]byte, kinds []byte) {
	for _, c := range strings.Split(s, "|") {
		kind := c[0]
		switch {
		case kind == '-' && len(c) == 1:
			kind, c = 0, ""
		case kind == '"':
			c = strings.Trim(c, `"`)
		case kind == 'f':
			kind = 't'
		case kind == '-' || isDigit(kind):
			kind = '0'
		}
		cells, kinds = append(cells, []byte(c)), append(kinds, kind)
	}
	return cells, kinds
}

func TestMapJSON(t *testing.T) {
	for _, c := range []struct {
		name, rules, header, cells string
		payload, problems          string
	}{
		{"absent and null", " N: name\n U: username\n C: createdAt\n E: emails\n", "N,U,C,E", `-|null|null|null`,
			`{"username":null}`, ""},
		{"blank text", " N: name\n", "N", `""`, `{}`, ""},
		{"numbers are text where text belongs", " I: externalId\n N: name\n", "I,N", `12345678901234567890|1.50`,
			`{"name":"1.50","externalId":"12345678901234567890"}`, ""},
		{"numbers stay as written", " A: custom.aNum\n", "A", `1.10`, `{"custom":{"aNum":1.10}}`, ""},
		{"whole numbers written as decimals are no ids and no phones", " I: externalId\n P: phones\n", "I,P",
			`12345.0|"+31612345678.0"`, `{}`, "0 cell.decimal, 1 cell.decimal"},
		{"and others that end in zeros are", " I: externalId\n P: phones\n N: custom.sumNum\n", "I,P,N",
			`"v1.0"|"+31.612345600"|12.0`,
			`{"externalId":"v1.0","phones":[{"phone":"+31612345600"}],"custom":{"sumNum":12.0}}`, ""},
		{"numbers in scientific notation are no ids", " I: externalId\n P: phones\n", "I,P", `4.41e11|4.41e11`, `{}`,
			"0 cell.scientific, 1 cell.scientific"},
		{"text that is a number", " A: custom.aNum\n", "A", `"1.10"`, `{"custom":{"aNum":1.10}}`, ""},
		{"decimal comma is for text only", "decimal: \",\"\n---\n A: custom.aNum\n B: custom.bNum\n", "A,B", `1.5|"1,5"`,
			`{"custom":{"aNum":1.5,"bNum":1.5}}`, ""},
		{"booleans", " A: custom.aBool\n B: custom.bBool\n C: custom.cBool\n D: custom.dNum\n E: name\n", "A,B,C,D,E",
			`true|false|1|true|false`, `{"name":"false","custom":{"aBool":true,"bBool":false,"cBool":true}}`, "3 cell.number"},
		{"dates are text, or counts where the layout says so",
			" A: signedUpAt\n B: {to: lastSeenAt, layout: epoch}\n C: {to: birthdayAt, layout: epoch_ms}\n", "A,B,C",
			`1706709900|1706709900|1706709900123`,
			`{"lastSeenAt":"2024-01-31T14:05:00.000Z","birthdayAt":"2024-01-31T14:05:00.123Z"}`, "0 cell.date"},
		{"an array of addresses", " E: emails[work]\n", "E", `[ "a@x.org" , "b@x.org", null, "", "a@x.org" ]`,
			`{"emails":[{"email":"a@x.org","type":"work"},{"email":"b@x.org","type":"work"}]}`, ""},
		{"an array of numbers", "region: NL\n---\n P: phones\n", "P", `[612345678,"+31201234567"]`,
			`{"phones":[{"phone":"+31612345678"},{"phone":"+31201234567"}]}`, ""},
		{"an array of objects", " E: emails\n", "E", `[{"verified":true,"email":"a@x.org","type":"home"},{"email":"b@x.org"}]`, `{"emails":[{"email":"a@x.org","type":"home","verified":true},{"email":"b@x.org"}]}`, ""},
		{"the mapping's type fills in", " E: emails[work]\n", "E", `[{"email":"a@x.org"},{"email":"b@x.org","type":"home"}]`,
			`{"emails":[{"email":"a@x.org","type":"work"},{"email":"b@x.org","type":"home"}]}`, ""},
		{"one object", " S: socials\n", "S", `{"username":"ann","type":"facebook"}`,
			`{"socials":[{"type":"facebook","username":"ann"}]}`, ""},
		{"locations from objects", " L: locations\n", "L",
			`[{"type":"home","cityName":"Utrecht","latitude":52.09,"name":null}]`,
			`{"locations":[{"type":"home","name":null,"latitude":52.09,"cityName":"Utrecht"}]}`, ""},
		{"locations from text", " L: locations\n", "L", `"Utrecht"`, `{}`, "0 cell.json"},
		{"unknown members go to the judge as they are", " E: emails\n", "E", `[ {"email" : "a@x.org", "id": "1 2"} ]`,
			`{"emails":[{"email":"a@x.org","id":"1 2"}]}`, ""},
		{"a member twice", " E: emails\n", "E", `[{"email":"a@x.org","email":"b@x.org"}]`, `{}`, "0 cell.json"},
		{"escapes", " E: emails\n T: tags\n", "E,T", `[{"\u0065mail":"\u0061@x.org"}]|["\u00e9\ud83d\ude00\n\"x"]`,
			`{"emails":[{"email":"a@x.org"}],"tags":["é😀\n\"x"]}`, ""},
		{"escaped quotes in what stays as it is", " C: custom.cStr\n", "C", `["a\" b" , "c"]`,
			`{"custom":{"cStr":["a\" b","c"]}}`, ""},
		{"wrong values inside objects", " P: phones\n", "P", `[{"phone":"12"},{"phone":"+31612345678"}]`, `{}`,
			"0 cell.phone"},
		{"arrays in arrays", " E: emails\n", "E", `[["a@x.org"]]`, `{}`, "0 cell.json"},
		{"broken JSON", " E: emails\n T: tags\n C: custom.cStr\n", "E,T,C", `["a@x.org"|[1,]|[1 2]`, `{}`,
			"0 cell.json, 1 cell.json, 2 cell.json"},
		{"lists where one value belongs", " N: name\n A: signedUpAt\n C: createdAt\n", "N,A,C", `["a"]|["2024-01-31"]|{}`,
			`{}`, "0 cell.json, 1 cell.date, 2 cell.date"},
		{"lists in custom attributes are for the schema", " C: custom.cStr\n", "C", `[ "a b", 1 ]`,
			`{"custom":{"cStr":["a b",1]}}`, ""},
		{"objects in tags", " T: tags\n", "T", `[{"a":1}]`, `{}`, "0 cell.json"},
		{"empty lists and objects", " T: tags\n E: emails\n", "T,E", `[]|{}`, `{}`, ""},
		{"an empty custom object", " N: name\n", "N,custom", `"Ann"|{}`, `{"name":"Ann"}`, ""},
		{"custom as text", " N: name\n", "N,custom", `"Ann"|"x"`, `{"name":"Ann"}`, "1 cell.json"},
		{"lists where other columns fill the item", " E: emails\n V: emails.verified\n", "E,V", `["a@x.org"]|true`, `{}`,
			"0 cell.json"},
		{"phone and phones together", " phone: phones\n phones: phones\n", "phone,phones",
			`"+31612345678"|["+31201234567","+31 6 12345678"]`, `{"phones":[{"phone":"+31612345678"},{"phone":"+31201234567"}]}`,
			""},
		{"too many", " E: emails\n", "E", `["1@x.org","2@x.org","3@x.org","4@x.org","5@x.org","6@x.org","7@x.org","8@x.org","9@x.org","10@x.org","11@x.org","12@x.org"]`,
			`{"emails":[{"email":"1@x.org"},{"email":"2@x.org"},{"email":"3@x.org"},{"email":"4@x.org"},{"email":"5@x.org"},{"email":"6@x.org"},{"email":"7@x.org"},{"email":"8@x.org"},{"email":"9@x.org"},{"email":"10@x.org"}]}`, "0 cell.too_many"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := bound(t, rules(c.rules), c.header, BindOptions{})
			var rec Record
			cells, kinds := jsonCells(c.cells)
			p.Map(cells, kinds, &rec)
			if got := string(p.AppendJSON(nil, &rec)); got != c.payload {
				t.Errorf("payload\n got %s\nwant %s", got, c.payload)
			}
			if got := problemList(&rec); got != c.problems {
				t.Errorf("problems\n got %s\nwant %s", got, c.problems)
			}
		})
	}
}
