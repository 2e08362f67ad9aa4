package mappings

import (
	"bytes"
	"strings"
	"testing"
)

// typical is a mapping of 20 columns as an export has them.
const typical = `version: 1
keys: [externalId, email, phone]
columns:
  Customer ID: externalId
  Name: name
  E-mail: emails
  Phone: phones
  Mobile: {to: phones, type: mobile}
  City: locations[home].city
  Country: locations[home].country
  Language: locale
  Time zone: timeZone
  Birthday: {to: birthdayAt, layout: DD.MM.YYYY}
  Signed up: signedUpAt
  Tags: {to: tags, split: ";"}
  Avg Sat Score: custom.avgSatScoreNum
  Loyalty Tier: custom.loyaltyTierStr
  VIP: custom.vipBool
  Orders: custom.ordersNum
  Last Order: custom.lastOrderAt
  Profile: custom.profileUrl
  Notes: custom.notesTxt
  Twitter: socials.twitter
`

const typicalHeader = "Customer ID,Name,E-mail,Phone,Mobile,City,Country,Language,Time zone,Birthday,Signed " +
	"up,Tags,Avg Sat Score,Loyalty Tier,VIP,Orders,Last Order,Profile,Notes,Twitter"

var typicalRow = []string{"C-0012345", "Marieke van Dijk", "marieke.vandijk@example.com", "+31201234567",
	"+31612345678", "Amsterdam", "NL", "nl_NL", "Europe/Amsterdam", "31.01.1984",
	"2019-06-03T08:15:00Z", "newsletter;gold", "4.5", "gold", "true", "12", "2024-02-11",
	"https://shop.example.com/u/12345", "Prefers to be called in the afternoon", "mariekevd"}

func bound(t testing.TB, mapping, header string, o BindOptions) *Plan {
	t.Helper()
	m, err := Parse("test.yaml", []byte(mapping))
	if err != nil {
		t.Fatal(err)
	}
	p, err := m.Bind(strings.Split(header, ","), o)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func cellsOf(row []string) [][]byte {
	cells := make([][]byte, len(row))
	for i, c := range row {
		cells[i] = []byte(c)
	}
	return cells
}

func rate(b *testing.B) {
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}

func BenchmarkMap(b *testing.B) {
	p, cells := bound(b, typical, typicalHeader, BindOptions{}), cellsOf(typicalRow)
	var rec Record
	b.ReportAllocs()
	for b.Loop() {
		p.Map(cells, nil, &rec)
	}
	rate(b)
}

func BenchmarkAppendJSON(b *testing.B) {
	p, cells := bound(b, typical, typicalHeader, BindOptions{}), cellsOf(typicalRow)
	var rec Record
	p.Map(cells, nil, &rec)
	var payload []byte
	b.ReportAllocs()
	for b.Loop() {
		payload = p.AppendJSON(payload[:0], &rec)
	}
	b.SetBytes(int64(len(payload)))
	rate(b)
}

func BenchmarkKeys(b *testing.B) {
	p, cells := bound(b, typical, typicalHeader, BindOptions{}), cellsOf(typicalRow)
	var rec Record
	p.Map(cells, nil, &rec)
	var keys []Key
	b.ReportAllocs()
	for b.Loop() {
		rec.keys = rec.keys[:0] // as Map does
		keys = p.Keys(&rec, keys[:0])
	}
	rate(b)
}

// BenchmarkMapJSON maps the same row as it comes from NDJSON, where lists are JSON.
func BenchmarkMapJSON(b *testing.B) {
	p, cells := bound(b, typical, typicalHeader, BindOptions{}), cellsOf(typicalRow)
	kinds := bytes.Repeat([]byte{'"'}, len(cells))
	for i, text := range map[int]string{2: `["marieke.vandijk@example.com"]`,
		3: `[{"phone":"+31201234567","type":"home"}]`, 11: `["newsletter","gold"]`, 12: "4.5", 14: "true", 15: "12"} {
		cells[i], kinds[i] = []byte(text), text[0]
		if isDigit(text[0]) {
			kinds[i] = '0'
		}
	}
	var rec Record
	b.ReportAllocs()
	for b.Loop() {
		p.Map(cells, kinds, &rec)
	}
	if len(rec.Problems) > 0 {
		b.Fatal(rec.Problems)
	}
	rate(b)
}

// BenchmarkMapWrong maps a row in which every typed cell is wrong.
func BenchmarkMapWrong(b *testing.B) {
	p, cells := bound(b, typical, typicalHeader, BindOptions{}), cellsOf(typicalRow)
	for _, i := range []int{3, 4, 9, 10, 12, 14, 15, 16, 17} {
		cells[i] = []byte("nothing")
	}
	var rec Record
	b.ReportAllocs()
	for b.Loop() {
		p.Map(cells, nil, &rec)
	}
	rate(b)
}

// BenchmarkMapPhone maps one national number, which the phone library reads.
func BenchmarkMapPhone(b *testing.B) {
	p := bound(b, "version: 1\nregion: NL\ncolumns:\n  P: phones\n", "P", BindOptions{})
	cells := cellsOf([]string{"06-12345678"})
	var rec Record
	b.ReportAllocs()
	for b.Loop() {
		p.Map(cells, nil, &rec)
	}
	rate(b)
}

func BenchmarkBind(b *testing.B) {
	m, err := Parse("test.yaml", []byte(typical))
	if err != nil {
		b.Fatal(err)
	}
	header := strings.Split(typicalHeader, ",")
	for b.Loop() {
		if _, err := m.Bind(header, BindOptions{}); err != nil {
			b.Fatal(err)
		}
	}
}
