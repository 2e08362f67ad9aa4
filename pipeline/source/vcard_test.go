package source

import (
	"io"
	"strings"
	"testing"
)

// A card's text says what its row is to become: see showRow.
func TestVCardRows(t *testing.T) {
	card := func(lines ...string) string {
		return "BEGIN:VCARD\r\n" + strings.Join(lines, "\r\n") + "\r\nEND:VCARD\r\n"
	}
	for _, c := range []struct {
		name, text string
		options    Options
		want       []string
	}{
		{name: "3.0", text: card("VERSION:3.0", "UID:u-1", "FN:Ann Lee", "N:Lee;Ann;Mary,Jo;Dr.;",
			"EMAIL;TYPE=INTERNET,HOME:ann@example.com",
			`EMAIL;TYPE="work,pref":ann@work.example`, "TEL;TYPE=CELL:+31 6 1", "TEL:+1", "CATEGORIES:a b,c\\,d",
			"NOTE:one\\ntwo\\; three"), want: []string{
			`1-12 #1 UID="u-1" FN="Ann Lee" N.family="Lee" N.given="Ann" N.additional="Mary Jo" N.prefix="Dr." ` +
				`EMAIL.home=[:"[\"ann@example.com\"]" EMAIL.work=[:"[\"ann@work.example\"]" TEL=[:"[\"+1\"]" TEL.mobile=[:"[\"+31 6 1\"]" ` +
				`CATEGORIES=[:"[\"a b\",\"c,d\"]" NOTE="one\ntwo; three"`}},
		{name: "2.1", text: card("VERSION:2.1", "N;CHARSET=ISO-8859-1;ENCODING=QUOTED-PRINTABLE:M=FCller;Zo=EB",
			"TEL;WORK;VOICE:1", "TEL;WORK;FAX:2", "TEL;PREF;HOME:3",
			"NOTE;ENCODING=QUOTED-PRINTABLE:a long =", "text=0D=0Aof two lines; with \\n in it",
			"LABEL;HOME;ENCODING=QUOTED-PRINTABLE:x=", "END:VCARD"), want: []string{
			`1-10 #1 N.family="Müller" N.given="Zoë" TEL.home=[:"[\"3\"]" TEL.work=[:"[\"1\"]" TEL.fax=[:"[\"2\"]" NOTE="a long text\nof two lines; with \\n in it" LABEL="x"`,
			`11 #2 row.vcard: text that stands in no card`}},
		{name: "4.0", text: card("VERSION:4.0", "TEL;VALUE=uri;TYPE=\"voice,home\":tel:+1-555-0100",
			"EMAIL;PREF=2:b@example.com", "EMAIL;PREF=1:a@example.com",
			"BDAY:19800322", "ANNIVERSARY:--0322", "ADR;TYPE=home:;;1 Main St\\, East;Köln;;50667;Germany", "X-SKYPE:ann",
			"PHOTO:https://example.com/a.jpg"), want: []string{
			`1-11 #1 EMAIL=[:"[\"a@example.com\",\"b@example.com\"]" TEL.home=[:"[\"+1-555-0100\"]" ADR.home.street="1 Main St, East" ADR.home.locality="Köln" ` +
				`ADR.home.code="50667" ADR.home.country="Germany" BDAY="1980-03-22" ANNIVERSARY="--03-22" PHOTO="https://example.com/a.jpg" X-SKYPE="ann"`}},
		{name: "Apple", text: card("item1.EMAIL;type=INTERNET:a@example.com", "item1.X-ABLabel:_$!<Work>!$_", "item2.TEL:5",
			"item2.X-ABLabel:Ferienhaus",
			"BDAY;X-APPLE-OMIT-YEAR=1604:1604-03-22"), want: []string{
			`1-7 #1 EMAIL.work=[:"[\"a@example.com\"]" TEL=[:"[\"5\"]" BDAY="--03-22" X-ABLABEL="Ferienhaus"`}},
		{name: "folded", text: card("FN:Ann", "  Lee", "PHOTO;ENCODING=b;TYPE=JPEG:/9j/4AAQSk", " ZJRgABAQEAYA", "UID:1",
			"PHOTO;ENCODING=BASE64:AAAA", "BBBB", "", "TITLE:x"), want: []string{
			`1-11 #1 UID="1" FN="Ann Lee" TITLE="x" PHOTO.embedded="embedded"`}},
		{name: "several cards, LF, blank lines, capitals",
			text: "begin:vcard\nUID:1\nend:vcard\n\n\nBEGIN:VCARD\nUID:2\nEND:VCARD", want: []string{
				`1-3 #1 UID="1"`, `6-8 #2 UID="2"`}},
		{name: "a card inside a card", text: "BEGIN:VCARD\nUID:1\nAGENT:\nBEGIN:VCARD\nUID:9\nEND:VCARD\nFN:Ann\nEND:VCARD\n",
			want: []string{`1-8 #1 UID="1" FN="Ann" AGENT.embedded="embedded"`}},
		{name: "what comes twice", text: "BEGIN:VCARD\nFN:a\nFN:b\nADR;WORK:;;x\nADR;WORK:;;y\nORG:o;p;q\nNOTE:1\nNOTE:2\n" +
			"END:VCARD\n", want: []string{
			`1-9 #1 FN="a" ADR.work.street="x" ORG="o" ORG.unit="p, q" NOTE="1\n2" FN.more="b" ADR.work.more=";;y"`}},

		{name: "glued together", text: "BEGIN:VCARD\r\nUID:1\r\nEND:VCARDBEGIN:VCARD\r\nUID:2\r\n" +
			"end:vcard \ufeffBegin:vCard\r\nUID:3\r\nEND:VCARD\r\n\ufeffBEGIN:VCARD\nUID:4\nEND:VCARD", want: []string{
			`1-3 #1 UID="1"`, `3-5 #2 UID="2"`, `5-7 #3 UID="3"`, `8-10 #4 UID="4"`}},
		{name: "properties of any name", text: card("FN:a", "X-LOYALTY:gold", "HOBBY:chess", "HOBBY:go", "OTHER:x") +
			card("hobby;TYPE=home:tea", "FN:b"), want: []string{
			`1-7 #1 FN="a" X-LOYALTY="gold" HOBBY=[:"[\"chess\",\"go\"]" OTHER="x"`, `8-11 #2 FN="b" HOBBY="tea"`}},
		{name: "more properties than columns", text: card("FN:a", "X-A:1", "X-B:2") + card("FN:b", "X-B:1") +
			card("FN:c", "X-A:1"), options: Options{MaxColumns: len(vcardColumns()) + 1}, want: []string{
			`1-5 #1 row.width: more different properties than the 61 columns allowed`, `6-9 #2 FN="b" X-B="1"`,
			`10-13 #3 row.width: more different properties than the 61 columns allowed`}},
		{name: "a name that is none for a column", text: card("FN:a", strings.Repeat("X", maxName+1)+":1") + card("FN:b"),
			want: []string{`1-4 #1 row.vcard: a property with a name too long to name a column`, `5-7 #2 FN="b"`}},
		{name: "groups", text: card("VERSION:3.0", "UID:1", "X-ADDRESSBOOKSERVER-KIND:group",
			"X-ADDRESSBOOKSERVER-MEMBER:urn:uuid:x") + card("VERSION:4.0", "UID:2", "KIND:Group"), want: []string{
			`1-6 #1 UID="1" KIND="group" X-ADDRESSBOOKSERVER-MEMBER="urn:uuid:x"`,
			`7-11 #2 UID="2" KIND="group"`}},
		{name: "dates", text: card("BDAY:19780716T123456") + card("BDAY;VALUE=date-time:19531015T231000Z") +
			card("BDAY:1953-10-15t23:10+0100") + card("BDAY:19530716T08") +
			card("BDAY:--0203") + card("BDAY:---16") + card("BDAY:1996-04") + card("BDAY:1996") +
			card("BDAY;VALUE=text:circa 1800"), want: []string{
			`1-3 #1 BDAY="1978-07-16T12:34:56"`, `4-6 #2 BDAY="1953-10-15T23:10:00Z"`, `7-9 #3 BDAY="1953-10-15T23:10:00+0100"`,
			`10-12 #4 BDAY="1953-07-16T08:00:00"`,
			`13-15 #5 BDAY="--02-03"`, `16-18 #6 BDAY="---16"`, `19-21 #7 BDAY="1996-04"`, `22-24 #8 BDAY="1996"`,
			`25-27 #9 BDAY="circa 1800"`}},
		{name: "not closed", text: "BEGIN:VCARD\nUID:1\nBEGIN:VCARD\nUID:2\nEND:VCARD\nBEGIN:VCARD\nUID:3\n", want: []string{
			`1-2 #1 row.vcard: ` + cardOpen, `3-5 #2 UID="2"`, `6-7 #3 row.vcard: ` + cardOpen}},
		{name: "no colon", text: "BEGIN:VCARD\nUID\nEND:VCARD\nBEGIN:VCARD\nUID:2\nEND:VCARD\n", want: []string{
			`1-3 #1 row.vcard: ` + cardNoColon, `4-6 #2 UID="2"`}},
		{name: "empty", text: "BEGIN:VCARD\nVERSION:3.0\nEND:VCARD\n", want: []string{`1-3 #1 row.vcard: ` + cardNothing}},
		{name: "broken encodings", text: "BEGIN:VCARD\nFN;QUOTED-PRINTABLE:a\x01\nEND:VCARD\nBEGIN:VCARD\n" +
			"FN;ENCODING=B:a\nEND:VCARD\nBEGIN:VCARD\nFN;QUOTED-PRINTABLE:=FC\nEND:VCARD\n", want: []string{
			`1-3 #1 row.vcard: ` + cardQuoted, `4-6 #2 row.vcard: ` + cardBase64, `7-9 #3 row.vcard: ` + cardCharset}},
		{name: "an equals sign that means nothing", text: "BEGIN:VCARD\nFN;QUOTED-PRINTABLE:1=ZZ\nEND:VCARD\n",
			want: []string{`1-3 #1 FN="1=ZZ"`}},
		{name: "too long", options: Options{MaxRow: 20},
			text: "BEGIN:VCARD\nNOTE:a long line, too long\nUID:1\nEND:VCARD\nBEGIN:VCARD\nUID:2\nEND:VCARD\n", want: []string{
				`1-4 #1 row.too_long: longer than 20 bytes`, `5-7 #2 UID="2"`}},
	} {
		t.Run(c.name, func(t *testing.T) { everySize(t, "a.vcf", c.text, c.options, c.want) })
	}
}

// A picture of any size, in lines or in one, costs no memory.
func TestAVCardsPictureIsNotKept(t *testing.T) {
	for name, line := range map[string]string{"in lines": " " + strings.Repeat("A", 74) + "\r\n",
		"in one": strings.Repeat("A", 76)} {
		t.Run(name, func(t *testing.T) {
			text := io.MultiReader(strings.NewReader("BEGIN:VCARD\r\nUID:1\r\nPHOTO;ENCODING=b:"),
				&endless{text: line, n: 700_000},
				strings.NewReader("\r\nFN:Ann\r\nEND:VCARD\r\n"))
			r, err := Open("-", text, Options{})
			if err != nil {
				t.Fatal(err)
			}
			var c Chunk
			var b Block
			if err := r.Cut(&c); err != nil {
				t.Fatal(err)
			}
			if cap(c.window) > 1000 {
				t.Errorf("%d bytes are kept", cap(c.window))
			}
			r.Parse(&c, &b)
			got := showRow(b.Header, &b.Rows[0])
			if !strings.HasSuffix(got, ` #1 UID="1" FN="Ann" PHOTO.embedded="embedded"`) {
				t.Error(got)
			}
		})
	}
}

func FuzzVCard(f *testing.F) {
	for _, text := range []string{
		"VERSION:3.0\nN:a;b\nEMAIL;TYPE=HOME:x@y\nitem1.TEL:1\nitem1.X-ABLabel:_$!<Work>!$_\nEND:VCARD\n",
		"VERSION:2.1\r\nNOTE;ENCODING=QUOTED-PRINTABLE;CHARSET=ISO-8859-1:=FC=\r\n x\r\nPHOTO;BASE64:\r\n AAAA\r\n\r\n" +
			"AGENT:\r\nBEGIN:VCARD\r\nEND:VCARD\r\nADR:;;a;b\r\nEND:VCARD\r\n",
		"BDAY:19800101\nNOTE;ENCODING=B:AAAA\nX:\\,\\;\nBEGIN:VCARD\nx\nEND:VCARD\nrest\n",
		"UID:Zqxj7\nFN;QUOTED-PRINTABLE:Zqxj7=FC\nEND:VCARD\nBEGIN:VCARD\nZqxj7\nEND:VCARD\nBEGIN:VCARD\n" +
			"FN;ENCODING=B:Zqxj7!\nEND:VCARDBEGIN:VCARD\nKIND:group\nFN:Zqxj7\n",
		"VERSION:4.0\nTEL;VALUE=uri;TYPE=\"voice,home\":tel:+1-555-0100\nEMAIL;PREF=2:b@x\nEMAIL;PREF=1:a@x\nBDAY:--0322\n" +
			"CATEGORIES:a,b\\,c\nORG:o;p\nEND:VCARD",
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, data []byte) { fuzzRows(t, append([]byte("BEGIN:VCARD\n"), data...), Options{}) })
}
