package schema

import (
	"strings"
	"testing"

	"muster/schema/klass"
)

// benchmarkRow is a row of the generated file: 20 columns.
var benchmarkRow = []entry{
	{"externalId", -1, '"', "CRM-000123"}, {"name", -1, '"', "José Müller"},
	{"emails[].email", 0, '"', "jose.mueller@example.com"}, {"emails[].type", 0, '"', "work"},
	{"phones[].phone", 0, '"', "+31201234567"}, {"phones[].phone", 1, '"', "+31612345678"},
	{"phones[].type", 1, '"', "mobile"},
	{"locations[].cityName", 0, '"', "Amsterdam"}, {"locations[].countryCode", 0, '"', "NL"}, {"locale", -1, '"', "nl_NL"},
	{"timeZone", -1, '"', "Europe/Amsterdam"},
	{"birthdayAt", -1, '"', "1980-02-29T00:00:00.000Z"}, {"signedUpAt", -1, '"', "2021-11-30T08:15:00.000Z"},
	{"tags[]", 0, '"', "vip"}, {"tags[]", 1, '"', "newsletter"},
	{"custom.avgSatScoreNum", -1, '0', "4.5"}, {"custom.loyaltyTierStr", -1, '"', "gold"},
	{"custom.vipBool", -1, 't', "true"}, {"custom.lastOrderAt", -1, '"', "2024-05-31T09:30:00.000Z"},
	{"custom.profileUrl", -1, '"', "https://example.com/people/123"},
}

// benchRow is a row ready for a Proof.
type benchRow struct {
	slots, items []int
	kinds        []byte
	texts        [][]byte
}

func bind(entries []entry) (places []string, b benchRow) {
	places = paths(entries)
	slots := map[string]int{}
	for i, path := range places {
		slots[path] = i
	}
	for _, e := range entries {
		b.slots, b.items = append(b.slots, slots[e.path]), append(b.items, e.item)
		b.kinds, b.texts = append(b.kinds, e.kind), append(b.texts, []byte(e.text))
	}
	return places, b
}

func (b *benchRow) prove(p *Proof) Verdict {
	p.Begin()
	for i := range b.slots {
		p.Add(b.slots[i], b.items[i], b.kinds[i], b.texts[i])
	}
	return p.End()
}

// BenchmarkProof: one op is one valid row of 20 values, proven whole.
func BenchmarkProof(b *testing.B) {
	v := newTestValidator(b, demoKlass())
	places, row := bind(benchmarkRow)
	p := v.Shape(places).NewProof()
	b.ReportAllocs()
	for b.Loop() {
		if row.prove(p) != Proven {
			b.Fatal("not proven")
		}
	}
	reportRows(b)
}

// BenchmarkProofOfBadRow: one op is a row with one value wrong, its finding made.
func BenchmarkProofOfBadRow(b *testing.B) {
	v := newTestValidator(b, demoKlass())
	places, row := bind(replace(append([]entry(nil), benchmarkRow...),
		entry{"emails[].email", 0, '"', "jose.mueller@example"}))
	p := v.Shape(places).NewProof()
	var findings []Finding
	b.ReportAllocs()
	for b.Loop() {
		if row.prove(p) != Found {
			b.Fatal("not found")
		}
		findings = p.Findings(findings[:0])
	}
	reportRows(b)
}

// BenchmarkRules: the same row, each value against its rule alone.
func BenchmarkRules(b *testing.B) {
	v := newTestValidator(b, demoKlass())
	var rules []*Rule
	for _, e := range benchmarkRow {
		rules = append(rules, v.Rule(e.path))
	}
	_, row := bind(benchmarkRow)
	b.ReportAllocs()
	for b.Loop() {
		for i, r := range rules {
			if !r.Proves(row.kinds[i], row.texts[i]) {
				b.Fatal("not proven")
			}
		}
	}
	reportRows(b)
}

// BenchmarkRule: one op is one value.
func BenchmarkRule(b *testing.B) {
	v := newTestValidator(b, demoKlass())
	for _, e := range append(benchmarkRow, entry{"tags[]", 0, '"', "café crème"},
		entry{"custom.notesTxt", -1, '"', strings.Repeat("é", 600)}) {
		b.Run(e.path, func(b *testing.B) {
			r, text := v.Rule(e.path), []byte(e.text)
			for b.Loop() {
				if !r.Proves(e.kind, text) {
					b.Fatal("not proven")
				}
			}
		})
	}
}

// BenchmarkValidate: the same row as JSON, by the judge.
func BenchmarkValidate(b *testing.B) {
	for name, k := range map[string]*klass.Klass{"org": demoKlass(), "offline": nil} {
		b.Run(name, func(b *testing.B) {
			v := newTestValidator(b, k)
			record := payload(b, benchmarkRow)
			b.ReportAllocs()
			for b.Loop() {
				if findings, err := v.Validate(record); err != nil || len(findings) > 0 {
					b.Fatal(findings, err)
				}
			}
			reportRows(b)
		})
	}
}

// BenchmarkNewValidator and Shape: the cost of starting.
func BenchmarkNewValidator(b *testing.B) {
	for b.Loop() {
		newTestValidator(b, demoKlass())
	}
}

func BenchmarkShape(b *testing.B) {
	v := newTestValidator(b, demoKlass())
	places, _ := bind(benchmarkRow)
	for b.Loop() {
		v.Shape(places).NewProof()
	}
}

func reportRows(b *testing.B) {
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}

// The hot path allocates nothing, valid or not, up to the finding itself.
func TestProofDoesNotAllocate(t *testing.T) {
	v := newTestValidator(t, demoKlass())
	for _, name := range []string{"José Müller", strings.Repeat("x", 300)} {
		places, row := bind(replace(append([]entry(nil), benchmarkRow...), entry{"name", -1, '"', name}))
		p := v.Shape(places).NewProof()
		row.prove(p)
		if n := testing.AllocsPerRun(100, func() { row.prove(p) }); n != 0 {
			t.Errorf("%d allocations a row", int(n))
		}
	}
}
