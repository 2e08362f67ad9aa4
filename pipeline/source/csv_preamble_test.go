package source

import (
	"fmt"
	"strings"
	"testing"

	"muster/pipeline/printable"
)

// What stands before a table is passed over, whatever separates the table's cells.
func TestWhatStandsBeforeATable(t *testing.T) {
	for name, before := range map[string]string{
		"a title":                  "Contacts 2024\n",
		"a title and a blank line": "Contacts 2024\n\n",
		"a padded title":           "Contacts 2024@@@\n@@@\n",
		"comments":                 "# exported on 2024-01-31, by Ann\n# all; of | them\n",
		"a note with commas":       "All rights reserved, see the contract, page 2\n",
		"a note with a quote":      "The \"final list, so far\n",
		"names and values":         "Exported on@2024-01-31@@\nRows:@2@@\n",
		"a long preamble":          "Contacts\n" + strings.Repeat("see the contract\n", 30),
	} {
		for _, delimiter := range []string{",", ";", "\t", "|"} {
			for _, end := range []string{"\n", "\r\n"} {
				for _, mark := range []string{"", "\xef\xbb\xbf"} {
					text := before + "name@email@city@note\nAnn@ann@x.example@Oslo@x y\nBob@bob@x.example@Rome@\n"
					text = strings.NewReplacer("@x.example", "@x.example", "@", delimiter, "\n", end).Replace(text)
					r, err := openText(t, "a.csv", mark+text, Options{})
					if err != nil {
						t.Fatal(err)
					}
					lines := strings.Count(before, "\n")
					if got := fmt.Sprintf("%q", cellsOf(t, r)); got != `[["Ann" "ann@x.example" "Oslo" "x y"] ["Bob" "bob@x.example" "Rome" ""]]` {
						t.Errorf("%s, %q: %s", name, delimiter, got)
					}
					if fmt.Sprint(r.Header().Names) != "[name email city note]" || r.Header().Line != int64(lines+1) ||
						!strings.Contains(r.Describe(), printable.Counted(lines, "line")+" before the header passed over") {
						t.Errorf("%s, %q: %v in line %d: %s", name, delimiter, r.Header().Names, r.Header().Line, r.Describe())
					}
					r.Close()
				}
			}
		}
	}
}

// A table that begins at once loses nothing to a search for its beginning.
func TestNothingStandsBeforeATable(t *testing.T) {
	for name, text := range map[string]string{
		"lists in cells":              "name,tags\nAnn,a;b;c\nBob,d;e;f\nCid,g;h;i\n",
		"one column of towns":         "address\nRome, Italy\nOslo, Norway\nBonn, Germany\n",
		"a header of one name":        "id,,\nx,y,z\nv,w,u\n",
		"a delimiter missing in it":   "name,city\nAnn,Rome,Italy\nBob,Oslo,Norway\nCid,Bonn,Germany\n",
		"a number sign for a name":    "#,name,city\n1,Ann,Rome\n2,Bob,Oslo\n",
		"a comment as wide as a name": "#id,name,city\n1,Ann,Rome\n2,Bob,Oslo\n",
	} {
		r, err := openText(t, "a.csv", text, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(r.Describe(), "passed over") || r.Header().Line != 1 {
			t.Errorf("%s: %s", name, r.Describe())
		}
		r.Close()
	}
}

// A table behind a title may have a column without a name, or but two columns where its rows are not words alone.
func TestTablesBehindATitle(t *testing.T) {
	everySize(t, "a.csv", "Contacts 2024,,,\n,,,\nname,email,city,\nAnn,ann@x.example,Oslo,\n", Options{}, []string{
		`4 #4 name="Ann" email="ann@x.example" city="Oslo" =""`})
	everySize(t, "a.csv", "Contacts 2024\nname;email\nAnn;ann@x.example\nBob;bob@x.example\n", Options{}, []string{
		`3 #3 name="Ann" email="ann@x.example"`, `4 #4 name="Bob" email="bob@x.example"`})
}

// Small whole numbers are what rows hold; years, and the numbers of the columns, may be names.
func TestSmallNumbersAreNoHeader(t *testing.T) {
	for text, header := range map[string]bool{
		"1000,Ann A,0\n1001,Ann B,1\n1002,Ann C,2\n":          false,
		"1,Ann\n2,Bob\n3,Cid\n":                               false,
		"\"1\";\"Ann\"\r\n\"2\";\"Bob\"\r\n\"3\";\"Cid\"\r\n": false,
		"-5\tx\n3\ty\n0\tz\n":                                 false,
		"99999,a\n100000,b\n100001,c\n":                       false,
		"id,score\n1,5\n2,6\n":                                true,
		"2019,2020\n5,6\n7,8\n":                               true,
		"name,2019\nAnn,5\nBob,6\n":                           true,
		"0,1,2\n1000,Ann,7\n1001,Bob,8\n":                     true,
		"1,2,3\n5,4,3\n5,5,5\n":                               true,
	} {
		r, err := openText(t, "a.csv", text, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if got := r.Header().Line > 0; got != header {
			t.Errorf("%q: %s", text, r.Describe())
		}
		r.Close()
	}
}

// Of columns without a name, those that hold nothing are told from those that hold something.
func TestBlankColumns(t *testing.T) {
	for text, want := range map[string]string{
		"name,email,,\r\nAda,ada@x.example,,\r\n": "[false false true true]",
		"name;;\nAda;x;\nBo;; \n":                 "[false false true]",
		"name,email\nAda,\n":                      "[]",
	} {
		r, err := openText(t, "a.csv", text, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprint(r.Header().Blank); got != want {
			t.Errorf("%q: %s", text, got)
		}
		r.Close()
	}
}
