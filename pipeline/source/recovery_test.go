package source

import (
	"bytes"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// A row that cannot be read takes no other with it: the lines behind it have outcomes of their own.
func TestARefusedRowTakesNoOtherWithIt(t *testing.T) {
	for _, c := range []struct {
		name, text string
		want       []string
	}{
		{name: "rows of other widths behind a stray quote",
			text: "name,email,city\nAnn,ann@x.example,5\" pipe, Oslo\nBob,bob@x.example\nCid,cid@x.example,Rome,IT\n" +
				"Dee,dee@x.example,Bonn\n",
			want: []string{
				`2 #2 row.syntax in 2: a quote inside an unquoted cell`,
				`3 #3 row.width: 2 cells where the header has 3 name="Bob" email="bob@x.example"`,
				`4 #4 row.width: 4 cells where the header has 3 name="Cid" email="cid@x.example" city="Rome" ?="IT"`,
				`5 #5 name="Dee" email="dee@x.example" city="Bonn"`}},
		{name: "behind a quote that is never closed",
			text: "name,email,city\r\nAnn,ann@x.example,\"Oslo\r\nBob,bob@x.example\r\nCid,cid@x.example,Rome,IT\r\n",
			want: []string{
				`2 #2 row.syntax in 2: a quote that is opened and never closed`,
				`3 #3 row.width: 2 cells where the header has 3 name="Bob" email="bob@x.example"`,
				`4 #4 row.width: 4 cells where the header has 3 name="Cid" email="cid@x.example" city="Rome" ?="IT"`}},
		{name: "a quote in a later row does not close it",
			text: "name,email,city\nAnn,ann@x.example,\"Oslo\nBob,bob@x.example\nCid,cid@x.example,5\" pipe\n",
			want: []string{
				`2 #2 row.syntax in 2: text after a closing quote`,
				`3 #3 row.width: 2 cells where the header has 3 name="Bob" email="bob@x.example"`,
				`4 #4 name="Cid" email="cid@x.example" city="5\" pipe"`}},
		{name: "a quote that a later row closes",
			text: "name,email,city\nAnn,ann@x.example,\"Oslo\nBob,bob@x.example\nCid,cid@x.example,Rome\"\n" +
				"Dee,dee@x.example,Bonn\n",
			want: []string{
				`2 #2 row.syntax: a quoted cell that takes in the rows after it: its closing quote is missing`,
				`3 #3 row.width: 2 cells where the header has 3 name="Bob" email="bob@x.example"`,
				`4 #4 row.syntax in 2: a quote inside an unquoted cell`,
				`5 #5 name="Dee" email="dee@x.example" city="Bonn"`}},
		{name: "text of several lines with delimiters in it",
			text: "name,email,city\nAnn,ann@x.example,\"Oslo\nand, at times, Bonn\"\n",
			want: []string{`2-3 #2 name="Ann" email="ann@x.example" city="Oslo\nand, at times, Bonn"`}},
		{name: "nothing fits behind it",
			text: "a;b;c\n1;\"2;3\n4;5\n6;7;8;9\n",
			want: []string{
				`2 #2 row.syntax in 1: a quote that is opened and never closed`,
				`3 #3 row.width: 2 cells where the header has 3 a="4" b="5"`,
				`4 #4 row.width: 4 cells where the header has 3 a="6" b="7" c="8" ?="9"`}},
	} {
		t.Run(c.name, func(t *testing.T) { everySize(t, "a.csv", c.text, Options{}, c.want) })
	}
}

// Space around the quotes of a cell, and quotes in a cell that does not start with one, are read where that can be done
// in one way only.
func TestQuotesThatAreReadInOneWayOnly(t *testing.T) {
	for _, c := range []struct{ name, row, want string }{
		{"an inch", `Ann,ann@x.example,5" pipe`, `a="Ann" b="ann@x.example" c="5\" pipe"`},
		{"inches at the end of cells", `24",ann@x.example,17"`, `a="24\"" b="ann@x.example" c="17\""`},
		{"feet and inches", `5'10",x,6' 2" tall`, `a="5'10\"" b="x" c="6' 2\" tall"`},
		{"words in quotes", `Ann "Annie" Lee,x,the "big" one`, `a="Ann \"Annie\" Lee" b="x" c="the \"big\" one"`},
		{"words in quotes at the end", `Ann "Annie",x,y`, `a="Ann \"Annie\"" b="x" c="y"`},
		{"beside a quoted cell", `5" pipe,"x, y",z`, `a="5\" pipe" b="x, y" c="z"`},
		{"space behind closing quotes", `"Ann" ,"x, y"  ,"z" `, `a="Ann" b="x, y" c="z"`},
		{"a tab behind a closing quote", "\"Ann\"\t,x,y", `a="Ann" b="x" c="y"`},
		{"space before one quote in the file", `Ann, "x",y`, `row.syntax in 1: a quote inside an unquoted cell`},
		{"what may be left of a pair", `Ann",x,y`, `row.syntax in 0: a quote inside an unquoted cell`},
		{"a delimiter between two quotes", `a "x,y" b,z`, `row.syntax in 0: a quote inside an unquoted cell`},
		{"a quoted cell with quotes inside", `"5" pipe",x,y`, `row.syntax in 0: text after a closing quote`},
		{"too many cells", `5" pipe, Oslo,x,y`, `row.syntax in 0: a quote inside an unquoted cell`},
		{"blank cells too many", `5" pipe,x,y, ,`, `a="5\" pipe" b="x" c="y"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, end := range []string{"\n", "\r\n"} {
				text := strings.Join([]string{"a,b,c", "1,2,3", "\"4\",5,6", "1,\"2\",3", c.row, "7,8,9", ""}, end)
				everySize(t, "a.csv", text, Options{}, []string{`2 #2 a="1" b="2" c="3"`, `3 #3 a="4" b="5" c="6"`,
					`4 #4 a="1" b="2" c="3"`, "5 #5 " + c.want, `6 #6 a="7" b="8" c="9"`})
			}
		})
	}
}

// Where every quoted cell has space before it, the space is no part of the file's text.
func TestSpaceBeforeQuotes(t *testing.T) {
	everySize(t, "a.csv", "name, notes\n\"Ada\", \"one, two\"\n\"Bo\",  \"three\n four\"\nCy, five\n", Options{}, []string{
		`2 #2 name="Ada" notes="one, two"`, `3-4 #3 name="Bo" notes="three\n four"`, `5 #4 name="Cy" notes=" five"`})
	everySize(t, "a.csv", "\"name\"; \"notes\"\r\n\"Ada\"; \"one; two\"\r\n", Options{},
		[]string{`2 #2 name="Ada" notes="one; two"`})
	everySize(t, "a.csv", "\"name\" ,\"email\" ,\"note\"\n\"Ann\" ,\"ann@x.example\" ,\"x\"\n", Options{}, []string{
		`2 #2 name="Ann" email="ann@x.example" note="x"`})
}

// damages are what one row of a file may have suffered.
func damages() map[string]func(row, scrap string, at int) string {
	return map[string]func(row, scrap string, at int) string{
		"put in":   func(row, scrap string, at int) string { return row[:at] + scrap + row[at:] },
		"replaced": func(row, scrap string, at int) string { return row[:at] + scrap + row[min(at+1, len(row)):] },
		"cut":      func(row, _ string, at int) string { return row[:at] },
	}
}

// Law 1 for a file with one damaged row: every other row is read as it was, and every line of the file belongs to
// exactly one row, sound or refused.
func TestOneDamagedRowCostsNoOther(t *testing.T) {
	cell := rapid.OneOf(
		rapid.StringMatching(`[A-Za-zé]{1,8}( [A-Za-z0-9]{1,6})?`),
		rapid.SampledFrom([]string{"", "ann@x.example", "x, y", "say \"hi\"", "two\nlines", "12", "O'Neil; Ltd"}))
	rapid.Check(t, func(t *rapid.T) {
		width := rapid.IntRange(2, 6).Draw(t, "width")
		delimiter := rapid.SampledFrom([]byte{',', ';', '\t'}).Draw(t, "delimiter")
		end := rapid.SampledFrom([]string{"\n", "\r\n"}).Draw(t, "line end")
		table := rapid.SliceOfN(rapid.SliceOfN(cell, width, width), 3, 12).Draw(t, "rows")
		victim := rapid.IntRange(0, len(table)-1).Draw(t, "victim")
		for _, row := range table {
			row[0] = "k" + row[0] // no row is blank
		}
		lines := make([]string, len(table))
		for i, row := range table {
			lines[i] = strings.TrimSuffix(asCSV(nil, [][]string{row}, rune(delimiter), "\n"), "\n")
			lines[i] = lines[i][strings.IndexByte(lines[i], '\n')+1:]
		}
		damage := rapid.SampledFrom([]string{"put in", "replaced", "cut"}).Draw(t, "damage")
		scrap := rapid.SampledFrom([]string{"\"", "\"\"", "\x00", "\xff", "\"x", string(delimiter), "5\" "}).Draw(t, "scrap")
		row := lines[victim]
		lines[victim] = damages()[damage](row, scrap, rapid.IntRange(0, len(row)).Draw(t, "at"))
		header := strings.Repeat("h"+string(delimiter), width-1) + "h\n"
		text := strings.ReplaceAll(header+strings.Join(lines, "\n")+"\n", "\n", end)
		r, err := Open("-", strings.NewReader(text), Options{Delimiter: delimiter, HasHeader: true, Encoding: "utf-8",
			ChunkSize: rapid.IntRange(1, 300).Draw(t, "chunk")})
		if err != nil {
			t.Fatal(err)
		}
		got, covered := map[string]int{}, make([]int, strings.Count(text, "\n")+1)
		var c Chunk
		var b Block
		for r.Cut(&c) == nil {
			r.Parse(&c, &b)
			for _, row := range b.Rows {
				for line := row.Line; line <= row.EndLine; line++ {
					covered[line]++
				}
				if row.Code == "" {
					got[strings.ReplaceAll(string(bytes.Join(row.Cells, []byte{0})), "\r\n", "\n")]++
				}
			}
		}
		for i, n := range covered[2:] {
			if n != 1 && len(strings.TrimSpace(strings.Split(text, "\n")[i+1])) > 0 {
				t.Fatalf("%q: line %d belongs to %d rows", text, i+2, n)
			}
		}
		for i, row := range table {
			key := strings.Join(row, "\x00")
			if i == victim {
				continue
			}
			if got[key]--; got[key] < 0 {
				t.Fatalf("%q: the row %q is lost with another", text, row)
			}
		}
	})
}
