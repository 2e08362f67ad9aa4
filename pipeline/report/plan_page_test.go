package report

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"muster/pipeline/redact"
)

// TestPlanPageIsForPeople: new customers are shown, customers are called by name, and no value is shown as JSON.
func TestPlanPageIsForPeople(t *testing.T) {
	dir := t.TempDir()
	p, err := CreatePlan(dir, PlanHead{Run: "r", Org: "acme", Host: "acme.example", Made: time.Unix(0, 0),
		Settings: json.RawMessage("{}")}, redact.None)
	if err != nil {
		t.Fatal(err)
	}
	const id = "64b7f0c2a1b2c3d4e5f60718"
	for _, row := range []PlanRow{
		{Line: 2, Act: ActCreate, Name: "Ada Sample"},
		{Line: 3, Act: ActUpdate, Name: "Bob Sample", Customer: id, Fields: []PlanField{{Field: "emails",
			Before: json.RawMessage(`[{"email":"bob@example.com","type":"work"}]`),
			After:  json.RawMessage(`[{"email":"bob@example.com","type":"work"},{"email":"b@example.org"}]`)}}},
		{Line: 4, Act: ActDuplicate, Name: "Bob Sample", Detail: "the same e-mail as line 3 of people.csv"},
		{Line: 5, Act: ActUnchanged, Name: "Eve Sample", Customer: id},
	} {
		if err := p.Add(&row); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := p.Close(Ending{}, nil); err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(filepath.Join(dir, "plan.html"))
	if err != nil {
		t.Fatal(err)
	}
	_, main, _ := strings.Cut(string(raw), "<main")
	for _, want := range []string{"Ada Sample", "a new customer", "Bob Sample", "bob@example.com (work)</del>",
		"bob@example.com (work); b@example.org</ins>", "the same e-mail as line 3 of people.csv"} {
		if !strings.Contains(main, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	for _, not := range []string{"Eve Sample", `{&#34;`, `[{`, `<th scope="row"><code>`} {
		if strings.Contains(main, not) {
			t.Errorf("the page has %q", not)
		}
	}
}
