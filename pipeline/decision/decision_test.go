package decision_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"muster/pipeline/decision"
)

func TestADecisionIsForTheNextFileOfTheShape(t *testing.T) {
	state := t.TempDir()
	columns := []string{"Kunden-Nr.", "Straße", "Größe", "Mail", "Tel"}
	d := &decision.Decision{File: "/a/list.csv", When: time.Unix(1, 0), Columns: columns,
		Mapping: filepath.Join(state, "gone.mapping.yaml"), Encoding: "Windows-1252", Region: "DE"}
	if err := decision.Remember(state, d, []byte("version: 1\n")); err != nil {
		t.Fatal(err)
	}
	for _, one := range []struct {
		names []string
		like  float64 // at least; 0: nothing is offered
	}{
		{columns, 1},
		{[]string{"Kunden-Nr.", "Stra\u00dfe", "Gr\u00f6\u00dfe", "MAIL", "tel"}, 1},
		{[]string{"Straße", "Kunden-Nr.", "Größe", "Mail", "Tel"}, 0.9},
		{[]string{"Kunden-Nr.", "Straße", "Größe", "Mail"}, decision.Near},
		{[]string{"Kunden-Nr.", "Straße", "Größe"}, 0},
		{[]string{"id", "name"}, 0},
	} {
		got, like := decision.Recall(state, one.names)
		if (got == nil) != (one.like == 0) || like < one.like || one.like < 1 && like == 1 {
			t.Errorf("%q: %v, %.2f", one.names, got, like)
		}
	}
	got, _ := decision.Recall(state, columns)
	if text, err := os.ReadFile(got.Rules()); err != nil || string(text) != "version: 1\n" {
		t.Errorf("the mapping that is gone is not read from the copy: %q, %v", text, err)
	}
	if info, err := os.Stat(got.Rules()); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the copy is %v", info.Mode())
	}
	if err := os.WriteFile(filepath.Join(state, decision.Folder, "broken.json"), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if all := decision.All(state); len(all) != 1 {
		t.Errorf("%d decisions beside a broken file, want 1", len(all))
	}
	if forgotten, err := decision.Forget(state, ""); err != nil || len(forgotten) != 1 {
		t.Errorf("forgot %q: %v", forgotten, err)
	}
	if got, _ := decision.Recall(state, columns); got != nil {
		t.Error("what is forgotten is recalled")
	}
}
