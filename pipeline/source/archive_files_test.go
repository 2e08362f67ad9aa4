package source

import (
	"fmt"
	"strings"
	"testing"
)

// The data files of an archive are read one behind the other, each as it is written itself.
func TestArchiveOfSeveralFiles(t *testing.T) {
	data := packed(t, "a.csv", "id;name\n1;Ann\n2;Bob\n", "sub/", "", "sub/b.ndjson",
		"{\"id\":3}\n{\"id\":4,\"late\":true}\n", "README.md", "# not a table",
		"__MACOSX/a.csv", "x", "empty.csv", "", "c.vcf", "BEGIN:VCARD\nUID:5\nEND:VCARD\n", "d.csv",
		utf16le("id\tname\n6\tZoë\n"))
	for _, size := range []int{0, 3, 64} {
		r, err := Open("-", strings.NewReader(string(data)), Options{ChunkSize: size})
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{"archive of 4 files", "a.csv: CSV, semicolon-separated", "README.md",
			"empty.csv (empty)"} {
			if !strings.Contains(r.Describe(), want) {
				t.Errorf("%s lacks %s", r.Describe(), want)
			}
		}
		var sheets []string
		for _, h := range r.(Tables).Headers() {
			sheets = append(sheets, h.Sheet)
		}
		equal(t, sheets, []string{"a.csv", "sub/b.ndjson", "c.vcf", "d.csv"})
		var got []string
		var c Chunk
		var b Block
		for err = r.Cut(&c); err == nil; err = r.Cut(&c) {
			r.Parse(&c, &b)
			for i := range b.Rows {
				got = append(got, b.Header.Sheet+" "+showRow(b.Header, &b.Rows[i]))
			}
		}
		if code(err) != "" {
			t.Fatal(err)
		}
		equal(t, got, []string{`a.csv 2 #2 id="1" name="Ann"`, `a.csv 3 #3 id="2" name="Bob"`, `sub/b.ndjson 1 #1 id=0:"3"`,
			`sub/b.ndjson 2 #2 id=0:"4" late=t:"true"`,
			`c.vcf 1-3 #1 UID="5"`, `d.csv 2 #2 id="6" name="Zoë"`})
		r.Close()
	}
}

// What is wrong with one file of an archive is said with its name, and no more files are opened than are allowed.
func TestArchiveFaults(t *testing.T) {
	many := []string{}
	for i := range mostMembers + 1 {
		many = append(many, fmt.Sprintf("%d.csv", i), "a,b\n1,2\n")
	}
	for want, data := range map[string][]byte{
		"sheet b.csv: is a PDF": packed(t, "a.csv", "a,b\n1,2\n", "b.csv", "%PDF-1.4 and more"),
		"sheet b.csv: holds b.csv, an archive or a workbook": packed(t, "a.csv", "a,b\n1,2\n", "b.csv",
			string(packed(t, "x.csv", "a\n1\n"))),
		"whose files are all empty": packed(t, "a.csv", "", "b.csv", ""), "is an archive of 51 files": packed(t, many...),
		"holds two files that are called a.csv": packed(t, "a.csv", "a,b\n1,2\n", "sub/", "", "sub/", "",
			"a.csv", "a,b\n3,4\n"),
	} {
		_, err := Open("-", strings.NewReader(string(data)), Options{})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
	r, err := Open("-", strings.NewReader(string(packed(t, "a.csv", "a,b\n1,2\n", "b.csv", "c\n3\n"))),
		Options{Sheet: "b.csv"})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	equal(t, r.Header().Names, []string{"c"})
}
