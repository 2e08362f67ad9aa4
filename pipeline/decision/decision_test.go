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
		got, like := decision.Recall(state, "/b/new.csv", one.names)
		if (got == nil) != (one.like == 0) || like < one.like || one.like < 1 && like == 1 {
			t.Errorf("%q: %v, %.2f", one.names, got, like)
		}
	}
	got, _ := decision.Recall(state, "/b/new.csv", columns)
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
	if got, _ := decision.Recall(state, "/b/new.csv", columns); got != nil {
		t.Error("what is forgotten is recalled")
	}
}

// Headers in letters that are not Latin are told apart, and known again.
func TestHeadersInOtherLettersAreToldApart(t *testing.T) {
	russian, chinese := []string{"Имя", "Почта", "Город"}, []string{"姓名", "邮箱", "城市"}
	state := t.TempDir()
	d := &decision.Decision{File: "/a/list.csv", When: time.Unix(1, 0), Columns: russian, Region: "RU"}
	if err := decision.Remember(state, d, nil); err != nil {
		t.Fatal(err)
	}
	for _, other := range [][]string{chinese, {"Фамилия", "Телефон", "Улица"}, {"Имя 1", "Имя 2", "Имя 3"}, {"", "", ""}} {
		if got, like := decision.Recall(state, "/b/new.csv", other); got != nil {
			t.Errorf("%q has what was decided of %q, %.2f", other, russian, like)
		}
	}
	if got, like := decision.Recall(state, "/b/new.csv", []string{"ИМЯ", "почта", "Город"}); got == nil || like != 1 {
		t.Errorf("the header itself is not known: %.2f", like)
	}
}

// A file without a header has no columns by which another could be known: what was decided of it is for it alone.
func TestAFileWithoutAHeaderIsKnownByItsName(t *testing.T) {
	state := t.TempDir()
	for _, file := range []string{"/a/one.csv", "/a/two.csv"} {
		d := &decision.Decision{File: file, When: time.Unix(1, 0), Columns: []string{"A", "B", "C"}, Dates: file}
		if err := decision.Remember(state, d, nil); err != nil {
			t.Fatal(err)
		}
	}
	for file, want := range map[string]string{"/a/one.csv": "/a/one.csv", "/a/two.csv": "/a/two.csv", "/a/three.csv": ""} {
		got, _ := decision.Recall(state, file, []string{"A", "B", "C"})
		if (got == nil) != (want == "") || got != nil && got.Dates != want {
			t.Errorf("%s is read as %+v", file, got)
		}
	}
	if forgotten, err := decision.Forget(state, "/a/one.csv"); err != nil || len(forgotten) != 1 {
		t.Errorf("forgot %q: %v", forgotten, err)
	}
	if got, _ := decision.Recall(state, "/a/one.csv", []string{"A", "B", "C"}); got != nil {
		t.Error("what is forgotten is recalled")
	}
}
