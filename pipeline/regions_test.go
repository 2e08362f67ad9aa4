package pipeline_test

import (
	"fmt"
	"strings"
	"testing"

	"muster/pipeline"
)

// Where one country reads most of a column of phone numbers, the fix names it; a column of countries decides between
// several.
func TestPhonesNameTheirRegion(t *testing.T) {
	fixOf := func(name, text, mapping string) string {
		t.Helper()
		dir := t.TempDir()
		s, err := pipeline.Run(t.Context(), pipeline.Config{Command: "check", State: dir + "/state",
			Files: []string{prepared(t, dir, name, text, mapping)}})
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range s.Problems {
			if p.Code == "cell.phone" {
				return p.Fix
			}
		}
		t.Fatalf("no phone is wrong: %+v", s.Problems)
		return ""
	}
	const mapping = "version: 1\nunmapped: ignore\ncolumns:\n  id: externalId\n  tel: phones\n  land: locations.country\n"
	for _, c := range []struct{ country, number, want string }{
		{"", "(212) 456-78%02d", "use --region US: that reads all 20 numbers looked at"},
		{"", "06123456%02d", "use --region DE (or NL, "},
		{"United Kingdom", "07700 9001%02d", "use --region GB: that reads all 20 numbers looked at"},
		{"", "nobody %d", "where most are of one country"},
	} {
		var rows strings.Builder
		rows.WriteString("id,tel,land\n")
		for i := range 20 {
			fmt.Fprintf(&rows, "%d,"+c.number+",%s\n", i, i, c.country)
		}
		if got := fixOf("people.csv", rows.String(), mapping); !strings.HasPrefix(got, c.want) {
			t.Errorf("%s: %s\nwant %s", c.number, got, c.want)
		}
	}
}
