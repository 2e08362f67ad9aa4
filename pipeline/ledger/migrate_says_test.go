package ledger

import (
	"errors"
	"fmt"
	"path/filepath"
	"testing"
)

// A ledger of an older muster says where its copy is, once: the next opening made none.
func TestAMigrationNamesItsCopy(t *testing.T) {
	dir := t.TempDir()
	l, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	older := len(migrations()) - 1
	_, err = l.writer.Exec(fmt.Sprintf("DROP TABLE nights; PRAGMA user_version = %d", older))
	if err = errors.Join(err, l.Close()); err != nil {
		t.Fatal(err)
	}
	for _, want := range []bool{true, false} {
		l, err := Open(dir)
		if err != nil {
			t.Fatal(err)
		}
		copies, _ := filepath.Glob(filepath.Join(dir, "ledger.db.before-*"))
		if (l.Before() != "") != want || len(copies) != 1 || want && l.Before() != copies[0] {
			t.Errorf("it names %q, there are %v", l.Before(), copies)
		}
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
	}
}
