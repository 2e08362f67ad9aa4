package mappings

import (
	"encoding/json"
	"fmt"
	"math/big"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"muster/pipeline/unseen"
)

// read runs one conversion and gives kind and text, or the code of the problem.
func read(t valueType, m manners, kind byte, text string) string {
	c := newConversion(t, m)
	v := Value{Kind: kind, Text: unseen.Trim([]byte(text))}
	var rec Record
	if f := c.run(c, &v, &rec); f != nil {
		return f.code
	}
	return string(v.Kind) + string(v.Text)
}

func TestNumbers(t *testing.T) {
	for _, c := range []struct{ text, unstated, point, comma string }{
		{"0", "0", "0", "0"}, {"-0", "-0", "-0", "-0"}, {"42", "42", "42", "42"}, {"+42", "42", "42", "42"},
		{"-42", "-42", "-42", "-42"}, {"−42", "-42", "-42", "-42"},
		{"007", "7", "7", "7"}, {"000", "0", "0", "0"}, {"1.50", "1.50", "1.50", ""}, {".5", "0.5", "0.5", ""},
		{"-.5", "-0.5", "-0.5", ""}, {"5.", "5", "5", ""},
		{"1,5", "", "", "1.5"}, {",5", "", "", "0.5"}, {"1,234", "", "1234", "1.234"}, {"1.234", "1.234", "1.234", "1234"},
		{"1.234,50", "", "", "1234.50"}, {"1,234.50", "", "1234.50", ""},
		{"1,234,567", "", "1234567", ""}, {"1.234.567", "", "", "1234567"}, {"1234,567", "", "", "1234.567"},
		{"12,34,567", "", "", ""}, {"1,23", "", "", "1.23"}, {",123", "", "", "0.123"},
		{"1 234", "", "1234", "1234"}, {"1\u00a0234,5", "", "", "1234.5"}, {"1\u202f234.5", "", "1234.5", ""},
		{"1'234.5", "", "1234.5", ""}, {"1 234,567", "", "", "1234.567"}, {"1 234'567", "", "", ""},
		{"1e5", "1e5", "1e5", "1e5"}, {"1.5E+3", "1.5E+3", "1.5E+3", ""}, {"1,5E+3", "", "", "1.5E+3"}, {"1e", "", "", ""},
		{"1e999", "", "", ""}, {"1e-308", "1e-308", "1e-308", "1e-308"}, {"1e5x", "", "", ""},
		{"12345678901234567890.123456789", "12345678901234567890.123456789", "12345678901234567890.123456789", ""},
		{"", "", "", ""}, {"-", "", "", ""}, {".", "", "", ""}, {"+", "", "", ""}, {"1.2.3", "", "", ""}, {"--1", "", "", ""},
		{"0x10", "", "", ""}, {"NaN", "", "", ""}, {"Infinity", "", "", ""},
		{"12 €", "", "", ""}, {"50%", "", "", ""}, {"(5)", "", "", ""}, {"１２", "", "", ""},
		{strings.Repeat("9", 129), "", "", ""}, {"1,234,", "", "", ""}, {"1,,234", "", "", ""},
	} {
		for decimal, want := range map[byte]string{0: c.unstated, '.': c.point, ',': c.comma} {
			if want = "0" + want; want == "0" {
				want = codeNumber
			}
			if got := read(asNumber, manners{decimal: decimal}, '"', c.text); got != want {
				t.Errorf("%q with mark %q is %q, want %q", c.text, decimal, got, want)
			}
		}
	}
}

// Dates that lack a part, in any writing, and what is none of them.
func TestPartialDates(t *testing.T) {
	for text, want := range map[string]bool{
		"--03-22": true, "--0322": true, "---22": true, "--03": true, "1996": true, "1996-04": true, "04/1996": true,
		"22/03": true, "22.03.": true, "3-22": true,
		"March 22": true, "22 mar": true, "Mar 1996": true, "March": true, "circa 1800": true, "ca. 1950": true,
		"1604-03-22": true, "0000-03-22": true,
		"1996-04-31": false, "31/02/1996": false, "22": false, "": false, "--": false, "soon": false, "13/02/49": false,
		"n/a": false, "19960422": false, "1/2/3": false,
	} {
		if got := isPartial([]byte(text)); got != want {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
	}
}

// A number is what it was: the value that leaves is the value that came, whatever marks it had.
func TestNumbersKeepTheirValue(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		whole := rapid.StringMatching(`[0-9]{1,18}`).Draw(t, "whole")
		fraction := rapid.StringMatching(`([0-9]{1,12})?`).Draw(t, "fraction")
		mark := rapid.SampledFrom([]string{"", " ", "'", "\u00a0"}).Draw(t, "grouping")
		decimal := rapid.SampledFrom([]byte{'.', ','}).Draw(t, "decimal")
		plain := whole
		if fraction != "" {
			plain += "." + fraction
		}
		want, _ := new(big.Rat).SetString(plain)
		text := group(whole, mark)
		if fraction != "" {
			text += string(decimal) + fraction
		}
		got := read(asNumber, manners{decimal: decimal}, '"', text)
		if !json.Valid([]byte(got[1:])) {
			t.Fatalf("%q became %q, which is no JSON", text, got)
		}
		if value, ok := new(big.Rat).SetString(got[1:]); !ok || value.Cmp(want) != 0 {
			t.Fatalf("%q became %q, want the value of %s", text, got, plain)
		}
	})
}

func group(digits, mark string) string {
	var b strings.Builder
	for i, c := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			b.WriteString(mark)
		}
		b.WriteRune(c)
	}
	return b.String()
}

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func TestDates(t *testing.T) {
	for _, c := range []struct{ layout, zone, text, want string }{
		{"", "", "2024-02-29", "2024-02-29T00:00:00.000Z"},
		{"", "Pacific/Auckland", "2024-02-29", "2024-02-29T00:00:00.000Z"},
		{"", "", "2023-02-29", ""}, {"", "", "1900-02-29", ""}, {"", "", "2000-02-29", "2000-02-29T00:00:00.000Z"},
		{"", "", "2024-04-31", ""}, {"", "", "2024-13-01", ""}, {"", "", "2024-00-10", ""}, {"", "", "2024-01-00", ""},
		{"", "", "0000-00-00", ""}, {"", "", "0001-01-01", "0001-01-01T00:00:00.000Z"}, {"", "", "24-01-31", ""},
		{"", "", "2024-1-31", ""}, {"", "", "20240131", ""}, {"", "", "31.01.2024", ""}, {"", "", "2024/01/31", ""},
		{"", "", "2024-01-31T14:05:06Z", "2024-01-31T14:05:06.000Z"},
		{"", "", "2024-01-31 14:05", "2024-01-31T14:05:00.000Z"},
		{"", "", "2024-01-31t14:05:06z", "2024-01-31T14:05:06.000Z"},
		{"", "", "2024-01-31T14:05:06.789Z", "2024-01-31T14:05:06.789Z"},
		{"", "", "2024-01-31T14:05:06.789999Z", "2024-01-31T14:05:06.789Z"},
		{"", "", "2024-01-31T14:05:06,7Z", "2024-01-31T14:05:06.700Z"},
		{"", "", "2024-01-31T14:05:06+02:00", "2024-01-31T12:05:06.000Z"},
		{"", "", "2024-01-31T23:05:06-0330", "2024-02-01T02:35:06.000Z"},
		{"", "", "2024-01-31T14:05:06+02", "2024-01-31T12:05:06.000Z"},
		{"", "", "2024-01-31 14:05:06 +0200", "2024-01-31T12:05:06.000Z"},
		{"", "", "2024-01-31 14:05:06 UTC", "2024-01-31T14:05:06.000Z"},
		{"", "Europe/Amsterdam", "2024-01-31 14:05:06 UTC", "2024-01-31T14:05:06.000Z"},
		{"", "", "2024-01-31T24:00:00Z", ""}, {"", "", "2024-01-31T14:60:00Z", ""}, {"", "", "2024-01-31T14:05:60Z", ""},
		{"", "", "2024-01-31T14:05:06+24:00", ""}, {"", "", "2024-01-31T14", ""}, {"", "", "2024-01-31T14:05:06.Z", ""},
		{"", "", "2024-01-31T", ""}, {"", "", "2024-01-31T14:05:06Zx", ""},
		{"", "", "0001-01-01T00:00:00+01:00", ""}, {"", "", "9999-12-31T23:59:59-01:00", ""},
		{"", "Europe/Amsterdam", "2024-07-31T14:05:06", "2024-07-31T12:05:06.000Z"},
		{"", "Europe/Amsterdam", "2024-01-31T14:05:06", "2024-01-31T13:05:06.000Z"},
		{"", "Europe/Amsterdam", "2024-01-31T14:05:06Z", "2024-01-31T14:05:06.000Z"},
		{"", "Europe/Amsterdam", "2024-03-31T02:30:00", ""}, // clocks went from 02:00 to 03:00
		{"DD.MM.YYYY", "", "31.01.2024", "2024-01-31T00:00:00.000Z"}, {"DD.MM.YYYY", "", "1.2.2024", ""},
		{"DD.MM.YYYY", "", "31.01.2024 10:00", ""}, {"DD.MM.YYYY", "", "01.31.2024", ""},
		{"DD.MM.YYYY", "", "2024-01-31", "2024-01-31T00:00:00.000Z"},
		{"M/D/YYYY h:mm A", "Europe/Amsterdam", "2024-01-31T14:05:06", "2024-01-31T13:05:06.000Z"},
		{"YYYY-DD-MM", "", "2024-01-31", ""},
		{"D.M.YYYY", "", "1.2.2024", "2024-02-01T00:00:00.000Z"}, {"D.M.YYYY", "", "31.12.2024", "2024-12-31T00:00:00.000Z"},
		{"D.M.YYYY", "", "001.2.2024", ""},
		{"M/D/YY", "", "1/31/24", "2024-01-31T00:00:00.000Z"}, {"M/D/YY", "", "1/31/69", "1969-01-31T00:00:00.000Z"},
		{"M/D/YY", "", "1/31/68", "2068-01-31T00:00:00.000Z"},
		{"M/D/YYYY h:mm A", "", "1/31/2024 2:05 PM", "2024-01-31T14:05:00.000Z"},
		{"M/D/YYYY h:mm A", "", "1/31/2024 12:05 am", "2024-01-31T00:05:00.000Z"},
		{"M/D/YYYY h:mm A", "", "1/31/2024 12:05 pm", "2024-01-31T12:05:00.000Z"},
		{"M/D/YYYY h:mm A", "", "1/31/2024 13:05 PM", ""}, {"M/D/YYYY h:mm A", "", "1/31/2024 0:05 AM", ""},
		{"D MMM YYYY", "", "31 jan 2024", "2024-01-31T00:00:00.000Z"},
		{"MMMM D, YYYY", "", "February 3, 2024", "2024-02-03T00:00:00.000Z"}, {"MMMM D, YYYY", "", "Feb 3, 2024", ""},
		{"MMM D, YYYY", "", "May 3, 2024", "2024-05-03T00:00:00.000Z"},
		{"YYYY-MM-DDTHH:mm:ss.SSSZ", "", "2024-01-31T14:05:06.789+01:00", "2024-01-31T13:05:06.789Z"},
		{"YYYY-MM-DD HH:mm:ss Z", "Europe/Amsterdam", "2024-01-31 14:05:06 +0000", "2024-01-31T14:05:06.000Z"},
		{"YYYYMMDD", "", "20240131", "2024-01-31T00:00:00.000Z"},
		{"YYYYMMDDHHmmss", "America/New_York", "20240131140506", "2024-01-31T19:05:06.000Z"},
		{"YYYY[年]MM[月]DD[日]", "", "2024年01月31日", "2024-01-31T00:00:00.000Z"},
		{"02/01/2006", "", "31/01/2024", "2024-01-31T00:00:00.000Z"},
		{"02/01/2006 15:04", "Europe/Amsterdam", "31/01/2024 14:05", "2024-01-31T13:05:00.000Z"},
		{"02/01/2006", "Europe/Amsterdam", "31/01/2024", "2024-01-31T00:00:00.000Z"}, {"02/01/2006", "", "31/02/2024", ""},
		{"Mon, 02 Jan 2006 15:04:05 -0700", "Europe/Amsterdam", "Wed, 31 Jan 2024 14:05:06 -0200",
			"2024-01-31T16:05:06.000Z"},
		{"epoch", "", "1706709906", "2024-01-31T14:05:06.000Z"}, {"epoch", "", "-1", "1969-12-31T23:59:59.000Z"},
		{"epoch", "", "253402300800", ""}, {"epoch", "", "1706709906.5", ""}, {"epoch", "", "x", ""},
		{"epoch", "", "99999999999999999999", ""},
		{"epoch_ms", "", "1706709906789", "2024-01-31T14:05:06.789Z"}, {"epoch_ms", "", "-1", "1969-12-31T23:59:59.999Z"},
	} {
		m := manners{}
		if c.layout != "" {
			l, err := compileLayout(c.layout)
			if err != nil {
				t.Fatal(err)
			}
			m.layout = l
		}
		if c.zone != "" {
			m.zone = zone(t, c.zone)
		}
		want := `"` + c.want
		if c.want == "" {
			want = codeDate
		}
		if got := read(asDate, m, '"', c.text); got != want {
			t.Errorf("%q in layout %q and zone %q is %s, want %s", c.text, c.layout, c.zone, got, want)
		}
	}
}

// Dates in any layout, and in Go's own form of it, are the dates that the time package reads.
func TestDatesAgreeWithTime(t *testing.T) {
	amsterdam := zone(t, "Europe/Amsterdam")
	layouts := []struct{ ours, gos string }{
		{"YYYY-MM-DD HH:mm:ss", "2006-01-02 15:04:05"}, {"DD.MM.YYYY HH:mm", "02.01.2006 15:04"},
		{"M/D/YYYY h:mm:ss A", "1/2/2006 3:04:05 PM"}, {"D MMMM YYYY hh:mm A", "2 January 2006 03:04 PM"},
		{"MMM DD YYYY H:mm", "Jan 02 2006 15:04"}, {"YYYY-MM-DDTHH:mm:ss.SSSZ", "2006-01-02T15:04:05.000Z07:00"},
		{"DD/MM/YY HH:mm", "02/01/06 15:04"},
	}
	rapid.Check(t, func(t *rapid.T) {
		l := rapid.SampledFrom(layouts).Draw(t, "layout")
		at := time.UnixMilli(rapid.Int64Range(0, 3_000_000_000_000).Draw(t,
			"ms")).In(rapid.SampledFrom([]*time.Location{time.UTC, amsterdam}).Draw(t, "zone"))
		text := at.Format(l.gos)
		want, err := time.ParseInLocation(l.gos, text, amsterdam)
		if err != nil {
			t.Fatal(err)
		}
		if want.Format(l.gos) != text {
			t.Skip("the clocks of Amsterdam skipped this time")
		}
		for _, pattern := range []string{l.ours, l.gos} {
			if !strings.Contains(pattern, "YYYY") && !strings.Contains(pattern, "2006") && pattern == l.gos {
				continue
			}
			compiled, err := compileLayout(pattern)
			if err != nil {
				t.Fatal(err)
			}
			if got := read(asDate, manners{layout: compiled, zone: amsterdam}, '"', text); got != `"`+
				want.UTC().Format("2006-01-02T15:04:05.000Z") {
				t.Fatalf("%s in %s is %s, want %s", text, pattern, got, want.UTC())
			}
		}
	})
}

func TestISOAgreesWithTime(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`(19|20)[0-9]{2}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-6][0-9]:[0-6][0-9](\.[0-9]{1,9})?(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])`).Draw(t, "text")
		want, err := time.Parse(time.RFC3339Nano, text)
		wanted := codeDate
		if err == nil {
			wanted = `"` + want.UTC().Format("2006-01-02T15:04:05.000Z")
		}
		if got := read(asDate, manners{}, '"', text); got != wanted {
			t.Fatalf("%s is %s, want %s", text, got, wanted)
		}
	})
}

func TestPhones(t *testing.T) {
	for _, c := range []struct{ region, text, want string }{
		{"", "+31612345678", "+31612345678"}, {"", "+31 6 1234 5678", "+31612345678"},
		{"", "+1 (212) 555-0123", "+12125550123"}, {"", "+49.30.901820", "+4930901820"}, {"", "+6834001", "+6834001"},
		{"", "+123456789012345", "+123456789012345"}, {"", "+1234567890123456", ""}, {"", "+0123456789", ""}, {"", "+12", ""},
		{"", "+", ""}, {"", "", ""},
		{"", "+44 (0)20 7946 0958", "+442079460958"}, {"GB", "+44 (0)20 7946 0958", "+442079460958"},
		{"", "0612345678", ""}, {"NL", "0612345678", "+31612345678"}, {"NL", "06-12345678", "+31612345678"},
		{"NL", "0031612345678", "+31612345678"}, {"US", "(212) 555-0123", "+12125550123"},
		{"US", "011 31 612345678", "+31612345678"},
		{"US", "212-555-0123 x12", ""}, {"US", "12", ""}, {"NL", "nobody", ""}, {"NL", "06 12", ""}, {"NL", "4.41E+11", "!"},
		{"NL", strings.Repeat("1", 100), ""}, {"NL", "n/a", ""},
		{"NL", "+31\t612345678", "+31612345678"}, {"IT", "06 698 1234", "+39066981234"},
	} {
		want := `"` + c.want
		switch c.want {
		case "":
			want = codePhone
		case "!":
			want = codeScientific
		}
		if got := read(asPhone, manners{region: c.region}, '"', c.text); got != want {
			t.Errorf("%q in region %q is %s, want %s", c.text, c.region, got, want)
		}
	}
}

func TestWords(t *testing.T) {
	for _, c := range []struct {
		value      valueType
		kind       byte
		text, want string
	}{
		{asBool, '"', "TRUE", "ttrue"}, {asBool, '"', "Yes", "ttrue"}, {asBool, '"', "on", "ttrue"},
		{asBool, '"', "y", "ttrue"}, {asBool, '"', "1", "ttrue"}, {asBool, '0', "0", "tfalse"},
		{asBool, '"', "OFF", "tfalse"},
		{asBool, '"', "nope", codeBool}, {asBool, '"', "2", codeBool}, {asBool, '"', "truetrue", codeBool},
		{asBool, '[', "[true]", codeBool}, {asBool, '"', "", codeBool},
		{asURL, '"', "https://x.org/a?b=c#d", `"https://x.org/a?b=c#d`}, {asURL, '"', "mailto:a@x.org", `"mailto:a@x.org`},
		{asURL, '"', "www.x.org", codeURL}, {asURL, '"', "x.org:80", `"x.org:80`}, {asURL, '"', "https://", codeURL},
		{asURL, '"', "https:///x", codeURL},
		{asURL, '"', "https://x .org", codeURL}, {asURL, '"', "1http://x.org", codeURL}, {asURL, '"', ":x", codeURL},
		{asURL, '"', "ht tp://x", codeURL}, {asURL, '0', "1", codeURL}, {asURL, '"', "https://é.org", `"https://é.org`},
		{asURL, '"', `https://x.org/"`, codeURL},
		{asCode, '"', "nl", `"NL`}, {asCode, '"', "NL", `"NL`}, {asCode, '"', "NLD", `"NLD`}, {asCode, '"', "é", `"é`},
		{asCode, '"', "1a", `"1a`},
		{asGender, '"', "M", `"m`}, {asGender, '"', "FEMALE", `"f`}, {asGender, '"', "x", `"x`},
		{asID, '"', "12E45", `"12E45`}, {asID, '"', "1E+5", codeScientific}, {asID, '"', "-1.2E-05", codeScientific},
		{asID, '"', "E+5", `"E+5`}, {asID, '"', "1e+5a", `"1e+5a`}, {asID, '0', "1e5", codeScientific},
		{asID, '"', "a\tb", codeControl},
		{asIs, '[', "[1, 2 ]", "[[1,2]"}, {asIs, '{', `{"a b" : [ ]}`, `{{"a b":[]}`}, {asIs, '[', "[1", codeJSON},
		{asIs, '"', "x", `"x`}, {asIs, '0', "1.0", "01.0"},
	} {
		if got := read(c.value, manners{}, c.kind, c.text); got != c.want {
			t.Errorf("%s %q as %s is %q, want %q", string(c.kind), c.text, conversions[c.value].name, got, c.want)
		}
	}
}

func TestNames(t *testing.T) {
	for name, want := range map[string]string{"Avg Sat Score": "avgSatScore", "avg_sat_score": "avgSatScore", "VIP": "vip",
		"IDNumber": "idNumber", "Größe (cm)": "grosseCm", "2nd phone": "ndPhone", "Имя": "", "": "", "e-mail": "eMail",
		"Señor": "senor", "avgSatScoreNum": "avgSatScoreNum"} {
		if got := Camel(name); got != want {
			t.Errorf("%q makes %q, want %q", name, got, want)
		}
	}
	for name, want := range map[string]string{"avgSatScoreNum": "Num", "Num": "", "paid": "", "userId": "Id", "IDId": "",
		"lastOrderAt": "At", "at": "", "aTree": "Tree", "x1Bool": "Bool"} {
		got := ""
		if s := suffixOf(name); s != nil {
			got = s.Name
		}
		if got != want {
			t.Errorf("%q ends in %q, want %q", name, got, want)
		}
	}
}

// The scanner takes what encoding/json takes, and its texts are the same.
func TestScannerAgreesWithJSON(t *testing.T) {
	alphabet := rapid.SampledFrom([]string{"{", "}", "[", "]", ",", ":", `"a"`, `"\u00e9"`, `"\ud83d\ude00"`, `"\ud83d"`,
		`"\ud83dx"`, `"\ud83d\u0041"`, `"\n\\"`, `"`, `\`, "1", "-1.5e3", "01", "true", "false", "null", "nul", " ", "\n",
		"é", "\x7f", "\x01"})
	rapid.Check(t, func(t *rapid.T) {
		text := strings.Join(rapid.SliceOfN(alphabet, 0, 12).Draw(t, "tokens"), "")
		compareScan(t, []byte(text))
	})
	for _, text := range []string{`"\ud83d\u0041"`, `"\udc00"`, `{"a":[1,{"b":null}],"c":"x"}`, "[]", "{}", "[[]]", `[1,]`,
		`{"a":}`, `{"a" 1}`, `"\u12"`, `"\x"`, "", " ", strings.Repeat("[", deepest) + strings.Repeat("]", deepest)} {
		compareScan(t, []byte(text))
	}
	deep := []byte(strings.Repeat("[", deepest+1) + strings.Repeat("]", deepest+1))
	if _, ok := compact(deep, &Record{}); ok {
		t.Error("nesting is not bounded")
	}
}

func compareScan(t interface{ Fatalf(string, ...any) }, text []byte) {
	var rec Record
	got, ok := compact(text, &rec)
	if ok != json.Valid(text) {
		t.Fatalf("%q: valid is %v", text, ok)
	}
	if !ok {
		return
	}
	var a, b any
	if json.Unmarshal(text, &a) != nil || json.Unmarshal(got, &b) != nil || fmt.Sprint(a) != fmt.Sprint(b) {
		t.Fatalf("%q became %q", text, got)
	}
	s := scanner{text: text}
	if kind, quoted := s.value(0); kind == '"' {
		if plain := unescape(quoted, &rec); string(plain) != a {
			t.Fatalf("%q is %q, want %q", text, plain, a)
		}
	}
}

// A text that is ready is what its reader would make of it, for every type.
func TestWhatIsReadyIsReadAsItStands(t *testing.T) {
	texts := []string{"UK", "uk", "NL", "nL", "N", "en", "en_US", "en_us", "EN", "en-US", "Europe/Amsterdam", "UTC",
		"Europe/\t", "+31612345678", "+31 6 12345678", "+31e5", "+0612345678", "+1234567890123456",
		"12", "-0", "007", "1.50", "1.", ".5", "1e5", "1E400", "4.41E+11", "12E45", strings.Repeat("1", 128),
		strings.Repeat("1", 129), "a:b", "https://x.org/a?b=c", "https://x.org/a b", "http:///x", "mailto:a@x.org",
		"https://x.org/\x80<"}
	ready := map[valueType]int{}
	check := func(t rapid.TB, kind valueType, m manners, text string) {
		c := newConversion(kind, m)
		if text == "" || c.ready == nil || !c.ready([]byte(text)) {
			return
		}
		ready[kind]++
		var rec Record
		v := Value{Kind: '"', Text: []byte(text)}
		if fault := c.run(c, &v, &rec); fault != nil || v.Kind != c.kind || !v.plain || string(v.Text) != text {
			t.Fatalf("%s: %q is ready, and read as %c %q, %v %+v", conversions[kind].name, text, v.Kind, v.Text, v.plain, fault)
		}
	}
	manner := []manners{{}, {decimal: ','}, {decimal: '.', region: "NL"}, {rewriting: rewriting{prefix: "x"}}}
	for kind := range valueType(len(conversions)) {
		for _, m := range manner {
			for _, text := range texts {
				check(t, kind, m, text)
			}
			for b := range 256 { // each byte in each place of a word
				for at := range 9 {
					check(t, kind, m, "https:"+"/abcdefgh"[:at]+string([]byte{byte(b)})+"abcdefghi"[at:])
					check(t, kind, m, "123456789"[:at]+string([]byte{byte(b)})+"123456789"[at:])
				}
			}
		}
		if conversions[kind].ready != nil && ready[kind] == 0 {
			t.Errorf("nothing is ready to be a %s", conversions[kind].name)
		}
	}
	rapid.Check(t, func(rt *rapid.T) {
		kind := valueType(rapid.IntRange(0, len(conversions)-1).Draw(rt, "type"))
		check(rt, kind, rapid.SampledFrom(manner).Draw(rt, "manner"), someText.Draw(rt, "text"))
	})
}

// A layout whose parts have one width each is read as part by part.
func TestEvenLayoutsAreReadAsOthers(t *testing.T) {
	read := 0
	rapid.Check(t, func(rt *rapid.T) {
		pattern := rapid.SampledFrom([]string{"DD.MM.YYYY", "MM/DD/YYYY HH:mm", "YYYYMMDD", "YYYY-MM-DD[T]HH:mm:ss",
			"DDMMYYYY HHmmss"}).Draw(rt, "layout")
		even, err := compileLayout(pattern)
		if err != nil || even.width == 0 {
			rt.Fatal(pattern, err)
		}
		other := *even
		other.width = 0
		text := []byte(strings.NewReplacer("YYYY", "2024", "MM", "02", "DD", "29", "HH", "23", "mm", "59", "ss", "58", "[",
			"", "]", "").Replace(pattern))
		for range rapid.IntRange(0, 2).Draw(rt, "changes") {
			at := rapid.IntRange(0, len(text)-1).Draw(rt, "at")
			text[at] = rapid.SampledFrom([]byte("0123456789./-: Tx\x00\xff")).Draw(rt, "byte")
		}
		text = text[:rapid.IntRange(len(text)-1, len(text)).Draw(rt, "length")]
		var got, want stamp
		if ok := even.parse(text, &got); ok != other.parse(text, &want) || ok && got != want {
			rt.Fatalf("%s %q: %v %+v, part by part %+v", pattern, text, ok, got, want)
		} else if ok {
			read++
		}
	})
	if read == 0 {
		t.Error("nothing was read")
	}
}
