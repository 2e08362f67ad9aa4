package pipeline_test

import (
	"testing"

	"muster/pipeline"
)

// A row of sums is no customer, whatever column its word stands in and however many sums there are; a customer of that
// name is.
func TestARowOfSumsIsNoCustomer(t *testing.T) {
	for _, row := range []string{"Total,,,11,12,13", "Grand Total:,,,11,,", ",Total,,11,12,13", ",,,Summe,12,13",
		"итого,,,5,,"} {
		content := "externalId,name,email,custom.aStr,custom.bNum,custom.cNum\n1,Ann,a@example.com,5,6,7\n" +
			"77,Total,,1,2,3\n,Total,fuel@example.com,1,2,3\n" + row + "\n"
		dir := t.TempDir()
		s, err := pipeline.Run(t.Context(), pipeline.Config{Command: "check", State: dir + "/state",
			Files: []string{prepared(t, dir, "people.csv", content, "")}})
		if err != nil {
			t.Fatal(err)
		}
		if found := problems(t, s); len(found) != 1 || found[0].code != "row.nothing" || found[0].line != 5 {
			t.Errorf("%s: %+v", row, found)
		}
	}
}

// A sentence that stands alone in its row is a footnote, also where the column is that of external ids; an id with
// spaces is one.
func TestAFootnoteIsNoCustomer(t *testing.T) {
	for row, want := range map[string]int{
		"Exported by an admin on 2024-01-01,,": 1, "\"* prices without tax, as of May\",,": 1,
		"ID 12 34,Ann,": 0, "AB 12,,": 0, "17,,": 0,
	} {
		dir := t.TempDir()
		s, err := pipeline.Run(t.Context(), pipeline.Config{Command: "check", State: dir + "/state",
			Files: []string{prepared(t, dir, "people.csv", "externalId,name,email\n1,Ann,a@example.com\n"+row+"\n", "")}})
		if err != nil {
			t.Fatal(err)
		}
		if found := problems(t, s); len(found) != want || want > 0 && (found[0].code != "row.nothing" || found[0].line != 3) {
			t.Errorf("%s: %+v", row, found)
		}
	}
}
