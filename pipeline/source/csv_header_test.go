package source

import (
	"strings"
	"testing"
)

// What names the columns is found out, and said.
func TestCSVHeaders(t *testing.T) {
	for _, c := range []struct {
		name, text string
		options    Options
		describe   string
		want       []string
	}{
		{name: "missing, by addresses", text: "ann@example.com,Ann\nbob@example.com,Bob\n",
			describe: "no header (the first line looks like the rows in 1 of 2 columns)", want: []string{
				`1 #1 A="ann@example.com" B="Ann"`, `2 #2 A="bob@example.com" B="Bob"`}},
		{name: "missing, by dates", text: "Ann;2020-01-31;5\nBob;2021-02-28;6\n", describe: "no header", want: []string{
			`1 #1 A="Ann" B="2020-01-31" C="5"`, `2 #2 A="Bob" B="2021-02-28" C="6"`}},
		{name: "missing, by phones", text: "Ann,0612345678\nBob,0687654321\n", describe: "no header", want: []string{
			`1 #1 A="Ann" B="0612345678"`, `2 #2 A="Bob" B="0687654321"`}},
		{name: "missing, one row", text: "ann@example.com,Ann\n",
			describe: "no header (the first line holds an e-mail address)", want: []string{`1 #1 A="ann@example.com" B="Ann"`}},
		{name: "missing, and said to be there", options: Options{HasHeader: true}, text: "a@b.example,Ann\nb@b.example,Bob\n",
			want: []string{`2 #2 a@b.example="b@b.example" Ann="Bob"`}},
		{name: "years are names", text: "name,2019,2020\nAnn,1,2\nBob,3,4\n",
			want: []string{`2 #2 name="Ann" 2019="1" 2020="2"`, `3 #3 name="Bob" 2019="3" 2020="4"`}},
		{name: "dates are names above numbers", text: "name,2019-01-01,2020-01-01\nAnn,100.50,2.00\nBob,3.10,4.20\n",
			want: []string{
				`2 #2 name="Ann" 2019-01-01="100.50" 2020-01-01="2.00"`, `3 #3 name="Bob" 2019-01-01="3.10" 2020-01-01="4.20"`}},
		{name: "words say nothing", text: "Ann,Rome\nBob,Oslo\n", want: []string{`2 #2 Ann="Bob" Rome="Oslo"`}},
		{name: "words above addresses", text: "mail,x\nann@example.com,1\n",
			want: []string{`2 #2 mail="ann@example.com" x="1"`}},

		{name: "again and again", text: "a,\"b\"\na,b\n1,2\na,b\n3,4\n", want: []string{
			`2 #2 row.header: the header once more`, `3 #3 a="1" b="2"`, `4 #4 row.header: the header once more`,
			`5 #5 a="3" b="4"`}},
		{name: "again behind a mark of its file", text: "\ufeffid,name\n1,Ann\n\ufeffid,name\n2,Bob\n", want: []string{
			`2 #2 id="1" name="Ann"`, `3 #3 row.header: the header once more`, `4 #4 id="2" name="Bob"`}},
		{name: "again with other capitals and spaces", text: "id,First name\n1,Ann\nID, First Name \n2,Bob\n" +
			"\u200bid,First\u00a0name\n", want: []string{
			`2 #2 id="1" First name="Ann"`, `3 #3 row.header: the header once more`, `4 #4 id="2" First name="Bob"`,
			`5 #5 row.header: the header once more`}},
		{name: "again in another order", text: "id,First name\n1,Ann\nfirst name,ID\nBob,2\nID,x\nID,id\n", want: []string{
			`2 #2 id="1" First name="Ann"`, `3 #3 row.header_order: the header in another order`, `4 #4 id="Bob" First name="2"`,
			`5 #5 id="ID" First name="x"`, `6 #6 id="ID" First name="id"`}},
		{name: "an empty header is repeated by no row", text: "a,\n,\n1,2\n",
			want: []string{`2 #2 a="" =""`, `3 #3 a="1" ="2"`}},

		{name: "a stray quote", text: "id,\"name,city\n1,Ann,Rome\n2,Bob,Oslo\n",
			describe: "a stray quote in the header taken for text", want: []string{
				`2 #2 id="1" "name="Ann" city="Rome"`, `3 #3 id="2" "name="Bob" city="Oslo"`}},
		{name: "a doubled quote", text: "id,\"\"name\",\"city\"\n1,Ann,Rome\n2,Bob,Oslo\n",
			describe: "a stray quote in the header taken for text", want: []string{
				`2 #2 id="1" "name="Ann" city="Rome"`, `3 #3 id="2" "name="Bob" city="Oslo"`}},
		{name: "two lines of names", text: "Person,,Home,\nname,born,city,zip\nAnn,2000-01-31,Rome,00100\n" +
			"Bob,1999-12-31,Oslo,0150\n", describe: "the header takes 2 rows", want: []string{
			`3 #3 Person name="Ann" Person born="2000-01-31" Home city="Rome" Home zip="00100"`,
			`4 #4 Person name="Bob" Person born="1999-12-31" Home city="Oslo" Home zip="0150"`}},
		{name: "a header with blanks above words", text: "id,,note,\nx,y,z,w\na,b,c,d\n",
			want: []string{`2 #2 id="x" ="y" note="z" ="w"`, `3 #3 id="a" ="b" note="c" ="d"`}},
		{name: "a delimiter is missing in it", text: "a,bc\n1,2,x\n3,4,y\n5,6,z\n",
			describe: "the header has 2 cells and 3 of the first 3 rows have 3",
			want: []string{
				`2 #2 row.width: 3 cells where the header has 2 a="1" bc="2" ?="x"`,
				`3 #3 row.width: 3 cells where the header has 2 a="3" bc="4" ?="y"`,
				`4 #4 row.width: 3 cells where the header has 2 a="5" bc="6" ?="z"`}},
		{name: "delimiters behind the last cell of each row", text: "name,email\nAda,ada@x.example,\nBo,bo@x.example, ,\n",
			want: []string{
				`2 #2 name="Ada" email="ada@x.example"`, `3 #3 name="Bo" email="bo@x.example"`}},
	} {
		t.Run(c.name, func(t *testing.T) {
			everySize(t, "a.csv", c.text, c.options, c.want)
			r, err := openText(t, "a.csv", c.text, c.options)
			if err != nil {
				t.Fatal(err)
			}
			defer r.Close()
			if d := r.Describe(); !strings.Contains(d, c.describe) || c.describe == "" &&
				(strings.Contains(d, "header (") || strings.Contains(d, "takes 2")) {
				t.Error(d)
			}
		})
	}
}

// Rows that cannot be trusted are handed out on demand, as well as they can be made out.
func TestDoubtfulRows(t *testing.T) {
	r, err := openText(t, "a.csv", "a,b,c\n1,\"2,3\n4,\"x\"y,5\n6,\"7\"8,9\n10\n11,12,13\n", Options{Doubtful: true})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	var got []string
	var c Chunk
	var b Block
	for r.Cut(&c) == nil {
		r.Parse(&c, &b)
		for i := range b.Rows {
			var cells []string
			for _, cell := range b.Rows[i].Cells {
				cells = append(cells, string(cell))
			}
			got = append(got, b.Rows[i].Code+" "+strings.Join(cells, "|"))
		}
	}
	equal(t, got, []string{`row.syntax 1|"2|3`, `row.syntax 4|"x"y|5`, `row.syntax 6|"7"8|9`, `row.width 10`, ` 11|12|13`})
}
