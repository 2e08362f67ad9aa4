package ledger

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

func TestBackupsRotate(t *testing.T) {
	dir, to := t.TempDir(), filepath.Join(t.TempDir(), "backups")
	l := open(t, dir)
	must(t, l.Remember("job", []byte("one")))
	v, err := OpenReadOnly(dir)
	must(t, err)
	defer v.Close()
	at := time.Date(2026, 3, 1, 2, 30, 0, 0, time.UTC)
	must(t, os.MkdirAll(to, 0o700))
	for _, other := range []string{"ledger-mine.db", "notes.txt"} {
		must(t, os.WriteFile(filepath.Join(to, other), nil, 0o600))
	}
	for night := range 10 {
		path, gone, err := v.BackupInto(to, at.Add(time.Duration(night)*24*time.Hour), 7*24*time.Hour)
		if err != nil || filepath.Dir(path) != to || len(gone) != max(0, min(1, night-7)) {
			t.Errorf("night %d: %s, gone %v, %v", night, path, gone, err)
		}
	}
	kept := Backups(to)
	if all, _ := os.ReadDir(to); len(kept) != 8 || len(all) != 10 ||
		filepath.Base(kept[0]) != "ledger-20260303-023000.db" {
		t.Errorf("%v", kept)
	}
	if _, err := Restore(t.TempDir(), kept[7]); err != nil {
		t.Error(err)
	}
}
