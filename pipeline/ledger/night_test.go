package ledger

import (
	"bytes"
	"errors"
	"os"
	"testing"
	"time"
)

func TestNights(t *testing.T) {
	dir := t.TempDir()
	l := open(t, dir)
	at := time.Date(2026, 3, 1, 2, 30, 0, 0, time.UTC)
	first := Night{Job: "a", Began: at, Record: []byte("begun")}
	must(t, l.NoteNight(&first))
	must(t, l.NoteNight(&Night{Job: "b", Began: at, Ended: at.Add(time.Hour), Record: []byte("of ana")}))
	first.Record, first.Ended = []byte("done"), at.Add(time.Minute)
	must(t, l.NoteNight(&first))
	must(t, l.NoteNight(&Night{Job: "a", Began: at.Add(24 * time.Hour), Record: []byte("killed")}))
	if err := l.NoteNight(&Night{ID: 99, Job: "a"}); !errors.Is(err, ErrState) {
		t.Errorf("a night that is not there: %v", err)
	}
	must(t, l.Close())
	l = open(t, dir)
	v, err := OpenReadOnly(dir)
	must(t, err)
	defer v.Close()
	list, err := v.Nights("a", 10)
	must(t, err)
	if len(list) != 2 || string(list[0].Record) != "killed" || !list[0].Ended.IsZero() ||
		string(list[1].Record) != "done" || !list[1].Ended.Equal(at.Add(time.Minute)) {
		t.Errorf("%+v", list)
	}
	gone, err := l.ForgetMemos(func(text []byte) bool { return bytes.Contains(text, []byte("ana")) })
	if list, _ := l.Nights("b", 1); gone != 1 || err != nil || len(list) != 0 {
		t.Errorf("forgotten %d, %v; %+v is left", gone, err, list)
	}
	// Old nights go, but for the last of a job.
	_, err = l.Compact(at.Add(1000 * time.Hour))
	must(t, err)
	if list, _ := l.Nights("a", 10); len(list) != 1 || string(list[0].Record) != "killed" {
		t.Errorf("%+v", list)
	}
}

// Before a ledger is brought to another version it is copied, and the copy is the ledger of the older program.
func TestAMigrationKeepsACopy(t *testing.T) {
	dir := t.TempDir()
	l := open(t, dir)
	must(t, l.Remember("job", []byte("one")))
	_, err := l.writer.Exec("DROP TABLE nights; PRAGMA user_version = 5")
	must(t, err)
	must(t, l.Close())
	if made := Copies(dir); len(made) != 0 {
		t.Errorf("a new ledger was copied: %v", made)
	}
	l = open(t, dir)
	must(t, l.Remember("job", []byte("two")))
	must(t, l.Close())
	made := Copies(dir)
	if len(made) != 1 {
		t.Fatalf("copies: %v", made)
	}
	if info, err := os.Stat(made[0]); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	if _, err := Restore(dir, made[0]); err != nil {
		t.Fatal(err)
	}
	v, err := OpenReadOnly(dir)
	must(t, err)
	defer v.Close()
	if value, err := v.Memo("job"); string(value) != "one" || err != nil {
		t.Errorf("%q, %v", value, err)
	}
	if nights, err := v.Nights("job", 1); nights != nil || err != nil {
		t.Errorf("%v, %v", nights, err)
	}
}
