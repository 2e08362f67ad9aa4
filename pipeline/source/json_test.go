package source

import (
	"fmt"
	"strings"
	"testing"
)

func TestNDJSONRows(t *testing.T) {
	for _, c := range []struct {
		name, text string
		options    Options
		want       []string
	}{
		{name: "plain", text: "{\"a\":\"x\",\"b\":1}\n{\"b\":-2.5e+3,\"a\":\"\"}\n", want: []string{
			`1 #1 a="x" b=0:"1"`, `2 #2 a="" b=0:"-2.5e+3"`}},
		{name: "kinds", text: `{"s":"1","n":1,"t":true,"f":false,"z":null,"l":[1, {"x":"]"}],"e":[]}`, want: []string{
			`1 #1 s="1" n=0:"1" t=t:"true" f=t:"false" z=n:"" l=[:"[1, {\"x\":\"]\"}]" e=[:"[]"`}},
		{name: "nested", text: `{"a":{"b":1,"c":{"d":"x"}},"e":{},"f":2}`,
			want: []string{`1 #1 a.b=0:"1" a.c.d="x" f=0:"2"`}},
		{name: "absent", text: "{\"a\":1,\"b\":2}\n{\"b\":3}\n{}\n",
			want: []string{`1 #1 a=0:"1" b=0:"2"`, `2 #2 b=0:"3"`, `3 #3`}},
		{name: "escapes", text: `{"a\u0062":"\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00 and text behind"}`, want: []string{
			`1 #1 ab="\"\\/\b\f\n\r\té😀 and text behind"`}},
		{name: "key with quote and backslash", text: "{\"a\\\"\\\\\":1}\n{\"a\\\"\\\\\":2}\n",
			want: []string{`1 #1 a"\=0:"1"`, `2 #2 a"\=0:"2"`}},
		{name: "blank lines and line ends", text: "\n{\"a\":1}\r\n \t\r\n{\"a\":2}\r{\"a\":3}\n\n{\"a\":4} ", want: []string{
			`2 #2 a=0:"1"`, `4 #4 a=0:"2"`, `5 #5 a=0:"3"`, `7 #7 a=0:"4"`}},
		{name: "accents", text: `{"ä":"日本 José"}`, want: []string{`1 #1 ä="日本 José"`}},
		{name: "object and scalar in one place", text: "{\"a\":null}\n{\"a\":{\"b\":1}}\n{\"a\":2}\n", want: []string{
			`1 #1 a=n:""`, `2 #2 a.b=0:"1"`, `3 #3 a=0:"2"`}},

		{name: "faults cost their line", text: "{\"a\":1}\n{\"a\":1,}\n{\"a\":2}\n", want: []string{
			`1 #1 a=0:"1"`, `2 #2 row.json: not valid JSON: a key in quotes is missing (byte 8 of the record)`, `3 #3 a=0:"2"`}},
		{name: "string not closed", text: "{\"a\":\"x\n{\"a\":2}\n", want: []string{
			`1 #1 row.json in 0: not valid JSON: a string that is not closed, or a control character in it (byte 8 of the record)`, `2 #2 a=0:"2"`}},
		{name: "doubled key", text: `{"a":1,"b":{"c":1},"a":2}`, want: []string{
			`1 #1 row.json in 0: not valid JSON: a key that appears twice (byte 23 of the record)`}},
		{name: "doubled key of an object", text: "{\"b\":{\"c\":1},\"b\":{\"d\":1}}\n{\"b\":{\"c\":1}}", want: []string{
			`1 #1 row.json: not valid JSON: a key that appears twice (byte 17 of the record)`, `2 #2 b.c=0:"1"`}},
		{name: "doubled key in a list", text: `{"a":[{"x":1,"\u0078":2}]}`, want: []string{
			`1 #1 row.json: not valid JSON: a key that appears twice (byte 22 of the record)`}},
		{name: "dot and nothing as key", text: "{\"a.b\":1}\n{\"\":1}\n{\"a\":{\"b\":2}}\n", want: []string{
			`1 #1 a.b=0:"1"`,
			`2 #2 row.json: not valid JSON: an empty key (byte 2 of the record)`, `3 #3 a.b=0:"2"`}},
		{name: "no object", text: "{\"a\":1}\n[1]\n\"x\"\n{\"a\":1} {\"a\":2}\n", want: []string{
			`1 #1 a=0:"1"`, `2 #2 row.json: not valid JSON: not an object in braces (byte 1 of the record)`,
			`3 #3 row.json: not valid JSON: not an object in braces (byte 1 of the record)`,
			`4 #4 row.json: not valid JSON: more behind the object (byte 9 of the record)`}},
		{name: "a faulty line adds no column", text: "{\"a\":1}\n{\"a\":1,\"typo\":2,,}\n{\"a\":3,\"c\":4}\n", want: []string{
			`1 #1 a=0:"1"`, `2 #2 row.json: not valid JSON: a key in quotes is missing (byte 17 of the record)`,
			`3 #3 a=0:"3" c=0:"4"`}},
		{name: "not UTF-8", text: "{\"a\":\"ä\",\"b\":\"ö\"}\n{\"a\":\"1\",\"b\":\"x\xffy\"}\n", want: []string{
			`1 #1 a="ä" b="ö"`, `2 #2 row.encoding in 1: bytes that are not UTF-8`}},
		{name: "half a pair", text: `{"a":"\ud83dx"}`, want: []string{
			`1 #1 row.json: not valid JSON: half of a surrogate pair (byte 13 of the record)`}},
		{name: "numbers", text: "{\"a\":01}\n{\"a\":1.}\n{\"a\":-}\n{\"a\":1e}\n{\"a\":+1}\n{\"a\":.5}\n{\"a\":NaN}\n" +
			"{\"a\":-0}\n", want: []string{
			`1 #1 row.json: not valid JSON: a comma or } is missing (byte 7 of the record)`,
			`2 #2 row.json in 0: not valid JSON: a digit is missing in a number (byte 8 of the record)`,
			`3 #3 row.json in 0: not valid JSON: a digit is missing in a number (byte 7 of the record)`,
			`4 #4 row.json in 0: not valid JSON: a digit is missing in a number (byte 8 of the record)`,
			`5 #5 row.json in 0: not valid JSON: a value is missing (byte 6 of the record)`,
			`6 #6 row.json in 0: not valid JSON: a value is missing (byte 6 of the record)`,
			`7 #7 row.json in 0: not valid JSON: a value is missing (byte 6 of the record)`,
			`8 #8 a=0:"-0"`}},
		{name: "paths as keys", text: "{\"a.b\":1,\"c\":2,\"a\":{\"c\":3,\"d.e\":4}}\n" +
			"{\"a\":{\"b\":5},\"a.c\":6,\"c\":7}\n{\"a\":{\"b\":1},\"a.b\":2}\n{\".a\":1,\"b..c\":2,\"c.\":3}\n", want: []string{
			`1 #1 a.b=0:"1" c=0:"2" a.c=0:"3" a.d.e=0:"4"`, `2 #2 a.b=0:"5" c=0:"7" a.c=0:"6"`,
			`3 #3 row.json in 0: not valid JSON: a key that appears twice (byte 19 of the record)`,
			`4 #4 .a=0:"1" b..c=0:"2" c.=0:"3"`}},
		{name: "too deep", text: strings.Repeat(`{"a":`, 65) + "1" + strings.Repeat("}", 65) + "\n{\"a\":[" +
			strings.Repeat("[", 64) + strings.Repeat("]", 64) + "]}\n{\"b\":1}", want: []string{
			`1 #1 row.json: not valid JSON: nested too deep (byte 321 of the record)`,
			`2 #2 row.json: not valid JSON: nested too deep (byte 69 of the record)`, `3 #3 b=0:"1"`}},
		{name: "as long as allowed, CR", options: Options{MaxRow: 10}, text: "{\"a\":1234}\r{\"a\":1}\r", want: []string{
			`1 #1 a=0:"1234"`, `2 #2 a=0:"1"`}},
		{name: "too long", options: Options{MaxRow: 10}, text: "{\"a\":1234}\n{\"a\":12345}\n{\"a\":123456, bad\n{\"a\":1}\n",
			want: []string{
				`1 #1 a=0:"1234"`, `2 #2 row.too_long: longer than 10 bytes`, `3 #3 row.too_long: longer than 10 bytes`,
				`4 #4 a=0:"1"`}},
		{name: "too many keys", options: Options{MaxColumns: 2}, text: "{\"a\":1,\"b\":2}\n{\"a\":1,\"c\":3}\n{\"b\":1}\n",
			want: []string{
				`1 #1 a=0:"1" b=0:"2"`, `2 #2 row.width: more different keys than the 2 columns allowed`, `3 #3 b=0:"1"`}},
	} {
		t.Run(c.name, func(t *testing.T) {
			everySize(t, "a.ndjson", c.text, c.options, c.want)
		})
	}
}

func everySize(t *testing.T, name, text string, o Options, want []string) {
	t.Helper()
	for _, size := range []int{0, 1, 2, 3, 5, 8, 11, 13, 64} {
		o.ChunkSize = size
		r, err := openText(t, name, text, o)
		if err != nil {
			t.Fatal(err)
		}
		rows, err := listing(t, r)
		if err != nil {
			t.Fatal(err)
		}
		if equal(t, rows, want); t.Failed() {
			t.Fatalf("in chunks of %d", size)
		}
	}
}

func TestJSONArrayRows(t *testing.T) {
	for _, c := range []struct {
		name, text string
		options    Options
		want       []string
	}{
		{name: "compact", text: `[{"a":1,"b":"x"},{"a":2},{"b":"z"}]`, want: []string{
			`1 #1 a=0:"1" b="x"`, `1 #2 a=0:"2"`, `1 #3 b="z"`}},
		{name: "nothing", text: ` [ ] `},
		{name: "pretty", text: "\n[\n  {\n    \"a\": 1,\n    \"b\": [\n      {\"x\": 1}\n    ]\n  },\r\n  {\"a\": 2}\n]\n",
			want: []string{
				"3-8 #1 a=0:\"1\" b=[:\"[\\n      {\\\"x\\\": 1}\\n    ]\"", `9 #2 a=0:"2"`}},
		{name: "one a line", text: "[{\"a\":1},\n{\"a\":2},\n{\"a\":3}\n]",
			want: []string{`1 #1 a=0:"1"`, `2 #2 a=0:"2"`, `3 #3 a=0:"3"`}},
		{name: "elements that are no objects", text: `[{"a":1}, 2, "x,]", null, [1], {"a":3}]`, want: []string{
			`1 #1 a=0:"1"`, `1 #2 row.json: not valid JSON: not an object in braces (byte 1 of the record)`,
			`1 #3 row.json: not valid JSON: not an object in braces (byte 1 of the record)`,
			`1 #4 row.json: not valid JSON: not an object in braces (byte 1 of the record)`,
			`1 #5 row.json: not valid JSON: not an object in braces (byte 1 of the record)`, `1 #6 a=0:"3"`}},
		{name: "doubled and dotted keys", text: `[{"a":1,"a":2},{"a.b":3},{"a":4}]`, want: []string{
			`1 #1 row.json in 1: not valid JSON: a key that appears twice (byte 11 of the record)`,
			`1 #2 a.b=0:"3"`, `1 #3 a=0:"4"`}},
		{name: "damage inside brackets that fit", text: `[{"a":1},{"a":NaN},{"a":3,},{"a":4}]`, want: []string{
			`1 #1 a=0:"1"`, `1 #2 row.json: not valid JSON: a value is missing (byte 6 of the record)`,
			`1 #3 row.json: not valid JSON: a key in quotes is missing (byte 8 of the record)`, `1 #4 a=0:"4"`}},
		{name: "a quote too many", text: `[{"a":"x"y},{"a":4}]`, want: []string{
			`1 #1 row.json: not valid JSON: a comma or } is missing (byte 9 of the record)`, `1 #2 a=0:"4"`}},
		{name: "comma missing", text: `[{"a":1}{"a":2},{"a":3}]`, want: []string{
			`1 #1 a=0:"1"`, `1 #2 row.json: not valid JSON: a comma is missing before it (byte 1 of the record)`,
			`1 #3 a=0:"3"`}},
		{name: "quote missing, one a line", text: "[\n{\"a\":1},\n{\"a\":\"x},\n{\"a\":3},\n{\"a\":4}\n]", want: []string{
			`2 #1 a=0:"1"`, `3 #2 row.json: not valid JSON: a string that is not closed, or a control character in it (byte 10 of the record)`,
			`4 #3 a=0:"3"`, `5 #4 a=0:"4"`}},
		{name: "brace missing, pretty", text: "[\n  {\n    \"a\": {\"b\": 1}\n  },\n  {\n    \"a\": {\"b\": 2\n  },\n  {\n" +
			"    \"a\": {\"b\": 3}\n  }\n]", want: []string{
			`2-4 #1 a.b=0:"1"`, `5-7 #2 row.json: not valid JSON: a key in quotes is missing (byte 27 of the record)`,
			`8-10 #3 a.b=0:"3"`}},
		{name: "too long", options: Options{MaxRow: 12},
			text: "[{\"a\":123456},\n{\"a\":\"12}3]\\\"\n\",\"b\":[{}]},{\"a\":1}]", want: []string{
				`1 #1 a=0:"123456"`, `2-3 #2 row.too_long: longer than 12 bytes`, `3 #3 a=0:"1"`}},
	} {
		t.Run(c.name, func(t *testing.T) {
			everySize(t, "a.json", c.text, c.options, c.want)
		})
	}
}

func TestJSONArrayBrokenOff(t *testing.T) {
	const good = `1 #1 a=0:"1"`
	for _, c := range []struct{ name, text, want string }{
		{"not closed", `[{"a":1}`, "the array is not closed; the file is not complete"},
		{"not closed behind a comma", "[{\"a\":1},\n ", "the array is not closed; the file is not complete"},
		{"in an element", "[{\"a\":1},\n{\"a\":", "the array stops in the middle of an element; the file is not complete"},
		{"more behind it", "[{\"a\":1}]\n{\"a\":2}", "there is more behind the end of the array"},
		{"strings turned inside out", `[{"a":1},{"a":"x,"b":"y"},{"a":"z"},{"a":"w,"b":"y"},{"a":4}]`,
			"the array is damaged here, and where its next element starts cannot be told"},
		{"no way out", `[{"a":1},{"a":"x},{"a":"3"},{"a":4}]`,
			"the array is damaged here, and where its next element starts cannot be told"},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, size := range []int{0, 1, 2, 3, 5, 8, 13} {
				r, err := openText(t, "a.json", c.text, Options{ChunkSize: size})
				if err != nil {
					t.Fatal(err)
				}
				rows, err := listing(t, r)
				if code(err) != fileBrokenOff || !strings.HasSuffix(err.Error(), c.want) {
					t.Errorf("chunks of %d: %v", size, err)
				}
				equal(t, rows, []string{good})
			}
		})
	}
}

// Columns that appear behind the sample make a longer header that starts with the same names.
func TestColumnsGrow(t *testing.T) {
	var text strings.Builder
	rows := 0
	line := func(s string) { text.WriteString(s + "\n"); rows++ }
	for text.Len() < 2*sampleSize {
		line(fmt.Sprintf(`{"id":%d,"name":"some name of a person"}`, rows))
	}
	line(`{"id":1,"late":{"x":true},"name":"n"}`)
	line(`{"id":1,"broken":2,}`)
	line(`{"later":3}`)
	for text.Len() < 4*sampleSize {
		line(fmt.Sprintf(`{"id":%d,"name":"some name of a person"}`, rows))
	}
	line(`{"id":1,"late":{"x":true}}`)
	line(`{"id":1,"later":1}`)
	r, err := openText(t, "a.ndjson", text.String(), Options{ChunkSize: 64 << 10})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	equal(t, r.Header().Names, []string{"id", "name"})
	headers := map[*Header]string{}
	var c Chunk
	var b Block
	count := 0
	for r.Cut(&c) == nil {
		r.Parse(&c, &b)
		headers[b.Header] = strings.Join(b.Header.Names, " ")
		for _, row := range b.Rows {
			if row.Code == "" && (len(row.Cells) != len(b.Header.Names) || len(row.Kinds) != len(row.Cells)) {
				t.Fatalf("line %d has %d cells and %d kinds under %v", row.Line, len(row.Cells), len(row.Kinds), b.Header.Names)
			}
		}
		count += len(b.Rows)
		first := *b.Header
		if r.Parse(&c, &b); first.Names[0] != "id" || &first.Names[0] != &b.Header.Names[0] {
			t.Error("the same chunk gave another header")
		}
	}
	if count != rows {
		t.Errorf("%d rows of %d", count, rows)
	}
	want := map[string]bool{"id name": true, "id name late.x later": true}
	if len(headers) != 2 {
		t.Errorf("headers: %v", headers)
	}
	for _, names := range headers {
		if !want[names] {
			t.Errorf("header %q", names)
		}
	}
}
