package mappings

import (
	"errors"
	"strings"
	"testing"
)

// What a whole column shows: one layout, none, two that fit alike, or two that contradict each other.
func TestDatesOfAColumn(t *testing.T) {
	for _, c := range []struct{ cells, want string }{
		{"2024-01-31|2024-02-01", ""},
		{"", ""},
		{"31/01/2024|02/01/2024", "DD/MM/YYYY"},
		{"1/31/2024|02/01/2024", "M/D/YYYY"},
		{"31.1.24 9:05|02.01.24 10:00", "D.M.YY H:mm"},
		{"2024-01-31|31/01/2024|02/01/2024", "DD/MM/YYYY"}, // real dates of a workbook among texts
		{"05/05/2024|06/06/2024", "DD/MM/YYYY"},            // either order gives the same days
		{"'02/01/2024|'13/01/2024", "DD/MM/YYYY"},
		{"20240131|20240201", "YYYYMMDD"},
		{"1706709900|1706709901", "epoch"},
		{"3 Jan 2024|31 Dec 2023", "D MMM YYYY"},
		{"02/01/2024 3:04 PM|12/31/2024 1:00 AM", "MM/DD/YYYY h:mm A"},
		{"2024-01-31|2024-02-30|02/01/2024", ""}, // few are so: a problem of their rows
		{"unknown|soon|31/01/2024", ""},
		{"01/02/2024|03/04/2024|05/05/2024|x", "2 dates can be read as DD/MM/YYYY and as MM/DD/YYYY, and no date of the " +
			"column shows which (lines 2, 3)"},
		{"1/2/2024|03/04/2024|04/03/2024|05/06/2024", "4 dates can be read as D/M/YYYY and as M/D/YYYY, and no date of " +
			"the column shows which (lines 2, 3, 4 …)"},
		{"01/02/2024|13/02/2024|02/13/2024", "mixed: days and months in one order throughout the column: 1 date (line 3) " +
			"can only be read as DD/MM/YYYY, 1 date (line 4) only as MM/DD/YYYY"},
	} {
		m, err := Parse("x", []byte("version: 1\ncolumns:\n  Born: birthdayAt\n  Again: custom.bornAt\n"))
		if err != nil {
			t.Fatal(err)
		}
		plan, err := m.Bind([]string{"Born", "Again"}, BindOptions{})
		if err != nil || !plan.Open(0) || len(plan.OpenDates()) != 2 {
			t.Fatal(err)
		}
		d := plan.OpenDates()[0]
		for i, text := range strings.Split(c.cells, "|") {
			d.Add([][]byte{[]byte(text)}, nil, int64(i+2))
		}
		layout, err := d.Layout()
		got := layout.Pattern
		if layout.Mixed != "" {
			got = "mixed: " + layout.Mixed
		}
		var two *AmbiguousDates
		if errors.As(err, &two) {
			got = err.Error()
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q", c.cells, got, c.want)
		}
	}
}

// Once the column has shown its layout it is read in it; where it contradicts itself only ISO 8601 is.
func TestLayoutsOfWholeColumns(t *testing.T) {
	m, err := Parse("x", []byte("version: 1\ncolumns:\n  Born: birthdayAt\n"))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		o          BindOptions
		text, want string
	}{
		{BindOptions{}, "02/01/2024", codeDate},
		{BindOptions{Dates: "DD/MM/YYYY"}, "02/01/2024", "2024-01-02T00:00:00.000Z"},
		{BindOptions{Layouts: map[string]DateLayout{"Born": {Pattern: "DD/MM/YYYY"}}}, "02/01/2024",
			"2024-01-02T00:00:00.000Z"},
		{BindOptions{Layouts: map[string]DateLayout{"Born": {}}}, "02/01/2024", codeDate},
		{BindOptions{Layouts: map[string]DateLayout{"Born": {Mixed: "both"}}}, "02/01/2024", codeDateOrder},
		{BindOptions{Layouts: map[string]DateLayout{"Born": {Mixed: "both"}}}, "2024-01-02", "2024-01-02T00:00:00.000Z"},
	} {
		plan, err := m.Bind([]string{"Born"}, c.o)
		if err != nil {
			t.Fatal(err)
		}
		if plan.Open(0) != (c.o.Dates == "" && c.o.Layouts == nil) {
			t.Errorf("%+v: open is %v", c.o, plan.Open(0))
		}
		var rec Record
		plan.Map([][]byte{[]byte(c.text)}, nil, &rec)
		got := ""
		if len(rec.Problems) > 0 {
			got = rec.Problems[0].Code
		} else {
			got = string(rec.Values[0].Text)
		}
		if got != c.want {
			t.Errorf("%+v: %s is %s, want %s", c.o, c.text, got, c.want)
		}
	}
}

// Of a birthday the day counts as it is written, whatever the zone and the offset of its midnight.
func TestBirthdaysStay(t *testing.T) {
	m, err := Parse("x", []byte("version: 1\ndates: {zone: Europe/Amsterdam}\ncolumns:\n  Born: birthdayAt\n"+
		"  Seen: lastSeenAt\n"))
	if err != nil {
		t.Fatal(err)
	}
	plan, err := m.Bind([]string{"Born", "Seen"}, BindOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{
		"2023-05-29 00:00:00":       `{"lastSeenAt":"2023-05-28T22:00:00.000Z","birthdayAt":"2023-05-29T00:00:00.000Z"}`,
		"2023-05-29T00:00:00+05:00": `{"lastSeenAt":"2023-05-28T19:00:00.000Z","birthdayAt":"2023-05-29T00:00:00.000Z"}`,
		"2023-05-29":                `{"lastSeenAt":"2023-05-29T00:00:00.000Z","birthdayAt":"2023-05-29T00:00:00.000Z"}`,
		"2023-05-29 01:00":          `{"lastSeenAt":"2023-05-28T23:00:00.000Z","birthdayAt":"2023-05-28T23:00:00.000Z"}`,
	} {
		var rec Record
		plan.Map([][]byte{[]byte(text), []byte(text)}, nil, &rec)
		if got := string(plan.AppendJSON(nil, &rec)); got != want {
			t.Errorf("%s is %s, want %s", text, got, want)
		}
	}
}
