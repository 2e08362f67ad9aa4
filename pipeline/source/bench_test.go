package source

import (
	"encoding/csv"
	"fmt"
	"io"
	"strings"
	"testing"
)

const benchRows = 20_000

// customers makes rows of 20 columns, some 360 bytes each, as the tools it is compared with were given.
func customers() (names []string, rows [][]string) {
	names = strings.Split("Customer ID,Name,E-mail,Phone,Mobile,City,Country,Language,Time zone,Birthday,Signed up,Tags,"+
		"Avg Sat Score,Loyalty Tier,VIP,Orders,Last Order,Profile,Notes,Twitter", ",")
	for i := range benchRows {
		rows = append(rows, []string{
			fmt.Sprintf("cus_%09d", i), []string{"Anna Schmidt", "Bob Miller", "Chloe Dubois", "Daniel Garcia Lopez"}[i%4],
			fmt.Sprintf("person.%d@example.com", i), fmt.Sprintf("+3161%07d", i), fmt.Sprintf("+49151%07d", i),
			[]string{"Amsterdam", "New York", "Hamburg", "Lisbon"}[i%4], "NL", "en_US", "Europe/Amsterdam",
			"1984-03-12", "2023-11-05T10:22:33.000Z", "newsletter;trial", fmt.Sprintf("%d.%02d", i%5, i%100), "gold", "true",
			fmt.Sprint(i % 300), "2025-01-31T23:59:59.000Z", fmt.Sprintf("https://shop.example.com/customers/%d", i),
			"Prefers to be called in the afternoon and asked about the last order; speaks some Dutch",
			fmt.Sprintf("@person%d", i),
		})
	}
	return names, rows
}

func benchTexts(b *testing.B) map[string]string {
	names, rows := customers()
	plain := asCSV(names, rows, ',', "\n")
	var quoted, lines strings.Builder
	for _, row := range append([][]string{names}, rows...) {
		quoted.WriteString(`"` + strings.Join(row, `","`) + "\"\n")
	}
	for _, row := range rows {
		lines.WriteString("{")
		for j, cell := range row {
			if j > 0 {
				lines.WriteString(",")
			}
			fmt.Fprintf(&lines, "%q:", names[j])
			switch names[j] {
			case "Avg Sat Score", "Orders", "VIP":
				lines.WriteString(cell)
			default:
				fmt.Fprintf(&lines, "%q", cell)
			}
		}
		lines.WriteString("}\n")
	}
	accents := strings.NewReplacer("Lopez", "López", "Hamburg", "Köln", "order", "örder").Replace(plain)
	several := strings.ReplaceAll(plain, "Prefers to be called in the afternoon",
		"\"Prefers to be called\nin the afternoon\"")
	several = strings.ReplaceAll(several, "\" and asked about the last order; speaks some Dutch",
		" and asked about the last order; speaks some Dutch\"")
	return map[string]string{
		"csv": plain, "crlf": strings.ReplaceAll(plain, "\n", "\r\n"), "quoted": quoted.String(), "accents": accents,
		"several lines": several, "stray quotes": strings.ReplaceAll(plain, "Prefers", "Pre\"fers"),
		"widths": strings.ReplaceAll(plain, ",NL,", ",NL,,"),
		"ndjson": lines.String(), "json": "[" + strings.ReplaceAll(strings.TrimSuffix(lines.String(), "\n"), "\n",
			",\n") +
			"]",
	}
}

var benchOrder = [...]string{"csv", "crlf", "quoted", "accents", "several lines", "stray quotes", "widths", "ndjson",
	"json"}

func BenchmarkCut(b *testing.B) {
	texts := benchTexts(b)
	for _, name := range benchOrder {
		b.Run(name, func(b *testing.B) {
			text := texts[name]
			b.SetBytes(int64(len(text)))
			var c Chunk
			for b.Loop() {
				r, err := Open("-", strings.NewReader(text), Options{})
				if err != nil {
					b.Fatal(err)
				}
				for err == nil {
					err = r.Cut(&c)
				}
				if err != io.EOF {
					b.Fatal(err)
				}
			}
			rate(b)
		})
	}
}

func BenchmarkParse(b *testing.B) {
	texts := benchTexts(b)
	for _, name := range benchOrder {
		b.Run(name, func(b *testing.B) {
			r, err := Open("-", strings.NewReader(texts[name]), Options{})
			if err != nil {
				b.Fatal(err)
			}
			var chunks []*Chunk
			for c := new(Chunk); r.Cut(c) == nil; c = new(Chunk) {
				chunks = append(chunks, c)
			}
			var block Block
			for _, c := range chunks {
				r.Parse(c, &block)
			}
			b.SetBytes(int64(len(texts[name])))
			b.ReportAllocs()
			rows := 0
			for b.Loop() {
				rows = 0
				for _, c := range chunks {
					r.Parse(c, &block)
					rows += len(block.Rows)
				}
			}
			if rows != benchRows {
				b.Fatalf("%d rows", rows)
			}
			rate(b)
		})
	}
}

// BenchmarkStandard is encoding/csv on the same text, to compare with.
func BenchmarkStandard(b *testing.B) {
	text := benchTexts(b)["csv"]
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		r := csv.NewReader(strings.NewReader(text))
		r.ReuseRecord = true
		for {
			if _, err := r.Read(); err != nil {
				break
			}
		}
	}
	rate(b)
}

func rate(b *testing.B) {
	b.ReportMetric(float64(benchRows)*float64(b.N)/b.Elapsed().Seconds()/1e6, "Mrows/s")
}
