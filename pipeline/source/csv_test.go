package source

import "testing"

// A fixture's text says what each row is to become: see showRow.
func TestCSVRows(t *testing.T) {
	for _, c := range []struct {
		name, text string
		options    Options
		want       []string
	}{
		{name: "plain", text: "a,b\n1,2\n3,4\n", want: []string{
			`2 #2 a="1" b="2"`, `3 #3 a="3" b="4"`}},
		{name: "no last line end", text: "a,b\n1,2", want: []string{`2 #2 a="1" b="2"`}},
		{name: "header only", text: "a,b\n"},
		{name: "header without line end", text: "a,b"},
		{name: "empty cells", text: "a,b,c\n,,\n,x,\n\"\",\"\",\"\"\n", want: []string{
			`2 #2 a="" b="" c=""`, `3 #3 a="" b="x" c=""`, `4 #4 a="" b="" c=""`}},
		{name: "quotes", text: "a,b\n\"x,y\",\"say \"\"hi\"\"\"\n\"\"\"\",z\n", want: []string{
			`2 #2 a="x,y" b="say \"hi\""`, `3 #3 a="\"" b="z"`}},
		{name: "several lines in a cell", text: "a,b\n1,\"x\ny\r\nz\"\n2,w\n", want: []string{
			`2-4 #2 a="1" b="x\ny\r\nz"`, `5 #3 a="2" b="w"`}},
		{name: "blank lines count but are no rows", text: "\n\r\na,b\n\n1,2\n\r\n\n3,4\n\n", want: []string{
			`5 #5 a="1" b="2"`, `8 #8 a="3" b="4"`}},
		{name: "CRLF", text: "a,b\r\n1,2\r\n\"3\",\"4\"\r\n", want: []string{
			`2 #2 a="1" b="2"`, `3 #3 a="3" b="4"`}},
		{name: "CR", text: "a,b\r1,2\r\r\"3\",\"4\"\r5,6", want: []string{
			`2 #2 a="1" b="2"`, `4 #4 a="3" b="4"`, `5 #5 a="5" b="6"`}},
		{name: "mixed line ends", text: "a,b\r\n1,2\n3,4\r5,\"6\n7\r8\"\r\n9,0\r", want: []string{
			`2 #2 a="1" b="2"`, `3 #3 a="3" b="4"`, `4-6 #4 a="5" b="6\n7\r8"`, `7 #5 a="9" b="0"`}},
		{name: "one column", text: "a\nx\n\n\"y\"\n", want: []string{`2 #2 a="x"`, `4 #4 a="y"`}},
		{name: "space stays", text: "a,b\n 1 ,\t2\n", want: []string{`2 #2 a=" 1 " b="\t2"`}},
		{name: "header trimmed, doubles kept", text: " a ,a,\n1,2,3\n", want: []string{`2 #2 a="1" a="2" ="3"`}},
		{name: "accents", text: "näme,b\nJosé,日本\n", want: []string{`2 #2 näme="José" b="日本"`}},

		{name: "too short, too long", text: "a,b,c\n1,2\n1,2,3,4\n1,2,3\n", want: []string{
			`2 #2 row.width: 2 cells where the header has 3 a="1" b="2"`,
			`3 #3 row.width: 4 cells where the header has 3 a="1" b="2" c="3" ?="4"`,
			`4 #4 a="1" b="2" c="3"`}},
		{name: "one wrong byte", text: "a,b\n1,x\xffy\n3,4\n", want: []string{
			`2 #2 row.encoding in 1: bytes that are not UTF-8 a="1" b="x\xffy"`, `3 #3 a="3" b="4"`}},
		{name: "a wrong byte right behind a line end", text: "a,b\n1,2\n\xff,3456789012\n", want: []string{
			`2 #2 a="1" b="2"`, `3 #3 row.encoding in 0: bytes that are not UTF-8 a="\xff" b="3456789012"`}},
		{name: "not UTF-8", text: "a,b\nä,ö\n1,x\xffy\n3,4\n", want: []string{
			`2 #2 a="ä" b="ö"`,
			`3 #3 row.encoding in 1: bytes that are not UTF-8 a="1" b="x\xffy"`, `4 #4 a="3" b="4"`}},
		{name: "not UTF-8 in quotes", text: "a,b\nä,ö\n\"long enough for two words, x\xffy\",2\n", want: []string{
			`2 #2 a="ä" b="ö"`,
			`3 #3 row.encoding in 0: bytes that are not UTF-8 a="long enough for two words, x\xffy" b="2"`}},

		{name: "quote inside an unquoted cell", text: "a,b\n1,2\n5'10\" tall,x\n3,4\n", want: []string{
			`2 #2 a="1" b="2"`, `3 #3 a="5'10\" tall" b="x"`, `4 #4 a="3" b="4"`}},
		{name: "text behind a closing quote", text: "a,b\n1,\"2\"x\n3,4\n", want: []string{
			`2 #2 row.syntax in 1: text after a closing quote`, `3 #3 a="3" b="4"`}},
		{name: "never closed", text: "a,b\n1,\"2\n3,4\n5,6\n", want: []string{
			`2 #2 row.syntax in 1: a quote that is opened and never closed`, `3 #3 a="3" b="4"`, `4 #4 a="5" b="6"`}},
		{name: "never closed, a later cell quoted", text: "a,b\n1,\"2\n3,4\n5,\"6\"\n", want: []string{
			`2 #2 row.syntax in 1: text after a closing quote`, `3 #3 a="3" b="4"`, `4 #4 a="5" b="6"`}},
		{name: "never closed in the last row", text: "a,b\n1,2\n3,\"4", want: []string{
			`2 #2 a="1" b="2"`, `3 #3 row.syntax in 1: a quote that is opened and never closed`}},
		{name: "stray quote in a cell of several lines", text: "a,b\n1,\"x\nsay \"hi\" to\nz\"\n3,4\n", want: []string{
			`2-4 #2 row.syntax in 1: text after a closing quote`, `5 #3 a="3" b="4"`}},
		{name: "stray quotes in a row", text: "a,b\nx\"y,1\nz\"w,2\n3,4\n", want: []string{
			`2 #2 a="x\"y" b="1"`, `3 #3 a="z\"w" b="2"`, `4 #4 a="3" b="4"`}},
		{name: "two faults in a row, the first a quote never closed", text: "a,b,c\n1,\"2,x\n3,\"4\" y,z\n5,6,7\n",
			want: []string{
				`2 #2 row.syntax in 1: text after a closing quote`, `3 #3 row.syntax in 1: text after a closing quote`,
				`4 #4 a="5" b="6" c="7"`}},
		{name: "quotes inside a quoted cell with delimiters, twice",
			text: "a,b\n\"say, \"hi\", you\",2\n\"say, \"ho\"!\",2\n3,4\n", want: []string{
				`2 #2 row.syntax in 0: text after a closing quote`, `3 #3 row.syntax in 0: text after a closing quote`,
				`4 #4 a="3" b="4"`}},
		{name: "text of two lines behind a closing quote, then another fault",
			text: "a,b,c\n1,\"x\ny\" z,3\nq\"r,2,3\n3,4,5\n", want: []string{
				`2-3 #2 row.syntax in 1: text after a closing quote`, `4 #3 a="q\"r" b="2" c="3"`, `5 #4 a="3" b="4" c="5"`}},
		{name: "nothing fits behind it", text: "a,b\nx\",1\n1,2,3\n4,5,6\n", want: []string{
			`2 #2 row.syntax in 0: a quote inside an unquoted cell`,
			`3 #3 row.width: 3 cells where the header has 2 a="1" b="2" ?="3"`,
			`4 #4 row.width: 3 cells where the header has 2 a="4" b="5" ?="6"`}},
		{name: "closing quote missing, opening quote missing later", text: "a,b,c\n1,\"2,x\n3,4,y\n5,6,z\n7,8\",w,v\n9,9,9\n",
			want: []string{
				`2 #2 row.syntax: a quoted cell that takes in the rows after it: its closing quote is missing`,
				`3 #3 a="3" b="4" c="y"`, `4 #4 a="5" b="6" c="z"`,
				`5 #5 row.syntax in 1: a quote inside an unquoted cell`, `6 #6 a="9" b="9" c="9"`}},
		{name: "wrong width and several lines of text", text: "a,b,c\n1,\"text\n\nmore\"\n2,3,4\n", want: []string{
			`2-4 #2 row.width: 2 cells where the header has 3 a="1" b="text\n\nmore"`, `5 #3 a="2" b="3" c="4"`}},
		{name: "stray quote, CR", text: "a,b\r1,x\"\r3,4\r", want: []string{
			`2 #2 row.syntax in 1: a quote inside an unquoted cell`, `3 #3 a="3" b="4"`}},

		{name: "too long", options: Options{MaxRow: 10}, text: "a,b\n12345,6789\n12345,67890\n1,2\n", want: []string{
			`2 #2 a="12345" b="6789"`, `3 #3 row.too_long: longer than 10 bytes`, `4 #4 a="1" b="2"`}},
		{name: "too long, quoted", options: Options{MaxRow: 10}, text: "a,b\n\"12345\",\"67890\"\n1,2\n", want: []string{
			`2 #2 row.too_long: longer than 10 bytes`, `3 #3 a="1" b="2"`}},
		{name: "too long with line ends inside", options: Options{MaxRow: 10}, text: "a,b\n\"1\n2\n3\",456789\n1,2\n",
			want: []string{
				`2-4 #2 row.too_long: longer than 10 bytes`, `5 #3 a="1" b="2"`}},
		{name: "not closed within the limit", options: Options{MaxRow: 10}, text: "a,b\n1,\"2\n3,4\n5,6\n7,8\n9,\"0\"\n",
			want: []string{
				`2 #2 row.syntax in 1: a quote that is opened and never closed`,
				`3 #3 a="3" b="4"`, `4 #4 a="5" b="6"`, `5 #5 a="7" b="8"`, `6 #6 a="9" b="0"`}},
		{name: "stray quote and no line end within the limit", options: Options{MaxRow: 10},
			text: "a,b\nx\"y,1,2,3,4,5,6,7\n1,2\n", want: []string{
				`2 #2 row.syntax in 0: a quote inside an unquoted cell`, `3 #3 a="1" b="2"`}},
		{name: "the line tried last is longer than the limit", options: Options{MaxRow: 40, Delimiter: ','},
			text: "a,b,c\na\"\"4,\"5\n6\",7\na\"long text that takes several words of eight bytes1,2,3\n", want: []string{
				`2-3 #2 a="a\"\"4" b="5\n6" c="7"`,
				`4 #3 row.syntax in 0: a quote inside an unquoted cell`}},
		{name: "more cells than kept", options: Options{MaxColumns: 3}, text: "a,b\n1,2,3,4,5\n1,2\n", want: []string{
			`2 #2 row.width: 5 cells where the header has 2 a="1" b="2" ?="3"`, `3 #3 a="1" b="2"`}},

		{name: "semicolon", text: "a;b\n1,5;2\n", want: []string{`2 #2 a="1,5" b="2"`}},
		{name: "tab", text: "a\tb\n1,5\t2\n", want: []string{`2 #2 a="1,5" b="2"`}},
		{name: "bar", text: "a|b\n1,5|2\n", want: []string{`2 #2 a="1,5" b="2"`}},
		{name: "comma in a header name", text: "a;b, c;d\n1;2;3\n4;5;6\n", want: []string{
			`2 #2 a="1" b, c="2" d="3"`, `3 #3 a="4" b, c="5" d="6"`}},
		{name: "two delimiters fit: the wider header", text: "a,b;c;d\n1,2;3;4\n",
			want: []string{`2 #2 a,b="1,2" c="3" d="4"`}},
		{name: "delimiters in quotes", text: "\"a;x;y\",b\n\"1;;;\",2\n", want: []string{`2 #2 a;x;y="1;;;" b="2"`}},
		{name: "sep line", text: "sep=;\r\na;b,c\r\n1;2\r\n", want: []string{`3 #2 a="1" b,c="2"`}},
		{name: "sep line quoted", text: "\"sep=|\"\na|b\n1|2\n", want: []string{`3 #2 a="1" b="2"`}},
		{name: "option over sep line", options: Options{Delimiter: ','}, text: "sep=;\na,b;c\n1,2\n",
			want: []string{`3 #2 a="1" b;c="2"`}},
		{name: "odd delimiter by option", options: Options{Delimiter: '^'}, text: "a^b\n1^2\n",
			want: []string{`2 #2 a="1" b="2"`}},
	} {
		t.Run(c.name, func(t *testing.T) {
			everySize(t, "a.csv", c.text, c.options, c.want)
		})
	}
}

func TestCSVHeader(t *testing.T) {
	r, err := openText(t, "a.csv", "\xef\xbb\xbf\n\"Customer ID\", E-mail ,\"two\nlines\"\n1,2,3\n", Options{})
	if err != nil {
		t.Fatal(err)
	}
	h := r.Header()
	equal(t, h.Names, []string{"Customer ID", "E-mail", "two\nlines"})
	if h.Line != 2 || h.Format != "csv" {
		t.Errorf("line %d, format %s", h.Line, h.Format)
	}
	rows, err := listing(t, r)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, rows, []string{"4 #3 Customer ID=\"1\" E-mail=\"2\" two\nlines=\"3\""})
}

func TestDescribe(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"a.csv", "a,b\n1,2\n3,4,5\n", "CSV, comma-separated (1 of the first 2 rows as wide as the header), 2 columns, UTF-8"},
		{"a.csv", "\xef\xbb\xbfsep=;\na;b\n", "CSV, semicolon-separated (set by the sep= line), 2 columns, UTF-8 with " +
			"byte order mark"},
		{"a.csv.gz", gzipped("a\n1\n"), "CSV, comma-separated (no delimiter found), 1 column, UTF-8, gzip"},
		{"a.txt", utf16le("a\tb\n1\t2\n"), "CSV, tab-separated (1 of the first 1 row as wide as the header), 2 columns, " +
			"UTF-16 little endian"},
		{"a.ndjson", "{\"a\":1,\"b\":2}\n", "NDJSON, 2 columns, UTF-8"},
		{"a.json", "[{\"a\":1}]", "JSON, 1 column, UTF-8"},
	} {
		r, err := openText(t, c.name, c.text, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if got := r.Describe(); got != c.want {
			t.Errorf("Describe() = %q, want %q", got, c.want)
		}
		r.Close()
	}
}
