//go:build unix

package ledger

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

func view(t *testing.T, dir string) *View {
	t.Helper()
	v, err := OpenReadOnly(dir)
	must(t, err)
	t.Cleanup(func() { _ = v.Close() })
	return v
}

// TestAViewHoldsNobodyUp: what is committed is seen while the run is under way, and the run goes on.
func TestAViewHoldsNobodyUp(t *testing.T) {
	dir := t.TempDir()
	l := open(t, dir)
	r := begin(t, l, "run", "f")
	key := items(l, 7)[0].Key
	v := view(t, dir)
	for seq := int64(1); seq <= 3; seq++ {
		_, err := r.Intend(Batch{Seq: seq, Items: items(l, seq+6)}, ask(0))
		must(t, err)
		must(t, r.Accept(seq, 1, "job"))
		must(t, r.Settle(seq, []Settled{created(hexID(int(seq)))}))
		found, err := v.TraceRow("run", seq+6)
		must(t, err)
		if len(found) != 1 || found[0].Settled == nil || found[0].Requests[0].JobID != "job" {
			t.Fatalf("batch %d: %+v", seq, found)
		}
	}
	runs, err := v.Runs()
	must(t, err)
	if len(runs) != 1 || runs[0].State != RunRunning {
		t.Errorf("%+v", runs)
	}
	if v.Key("email", []byte("7")) != key {
		t.Error("the view hashes keys in another way")
	}
	found, err := v.Trace("org", key)
	must(t, err)
	if len(found) != 1 || found[0].Run != "run" || found[0].Settled.CustomerID != hexID(1) {
		t.Errorf("%+v", found)
	}
	must(t, r.Finish(RunFinished, 3, map[string]int64{"created": 3}))
	if runs, err = v.Runs(); err != nil || runs[0].State != RunFinished || runs[0].Counts["created"] != 3 {
		t.Errorf("%+v, %v", runs, err)
	}
	l = reopen(t, l, dir) // with the view still open
	begin(t, l, "next", "g")
	if runs, err = v.Runs(); err != nil || len(runs) != 2 {
		t.Errorf("%+v, %v", runs, err)
	}
	if _, err := v.TraceRow("none", 1); !errors.Is(err, ErrNoRun) {
		t.Errorf("got %v", err)
	}
}

// TestAViewWritesNothing: neither to the ledger nor beside it, and it leaves the lock free.
func TestAViewWritesNothing(t *testing.T) {
	dir := t.TempDir()
	l := open(t, dir)
	fill(t, l, 500)
	must(t, l.Close())
	before, err := os.ReadFile(filepath.Join(dir, fileName))
	must(t, err)
	v, err := OpenReadOnly(dir)
	must(t, err)
	if _, err := v.Runs(); err != nil {
		t.Error(err)
	}
	if _, err := v.ledger.reader.Exec("DELETE FROM runs"); err == nil {
		t.Error("a view could write")
	}
	l = open(t, dir) // no lock is held
	must(t, l.Close())
	must(t, v.Close())
	after, err := os.ReadFile(filepath.Join(dir, fileName))
	if err != nil || !bytes.Equal(before, after) {
		t.Errorf("the ledger was changed: %v", err)
	}
	names, err := os.ReadDir(dir)
	must(t, err)
	for _, name := range names {
		info, err := name.Info()
		must(t, err)
		if !slices.Contains([]string{fileName, lockName, fileName + "-wal", fileName + "-shm"}, name.Name()) ||
			info.Mode().Perm() != 0o600 {
			t.Errorf("left behind: %s, mode %o", name.Name(), info.Mode().Perm())
		}
	}
}

// TestAViewKnowsTheDead: a run whose process was killed is not shown as under way.
func TestAViewKnowsTheDead(t *testing.T) {
	dir := t.TempDir()
	command, lines := child(t, "hold", dir)
	lines.Scan()
	if _, err := OpenReadOnly(dir); err != nil {
		t.Fatalf("while another process holds the ledger: %v", err)
	}
	must(t, command.Process.Kill())
	_ = command.Wait()
	l := open(t, dir)
	begin(t, l, "run", "f")
	state := func() string {
		runs, err := view(t, dir).Runs()
		must(t, err)
		return runs[0].State
	}
	if got := state(); got != RunRunning {
		t.Errorf("under way it is %s", got)
	}
	must(t, l.Close())
	must(t, os.WriteFile(filepath.Join(dir, lockName), []byte("999999999 2020-01-01T00:00:00Z\n"), 0o600))
	if got := state(); got != RunInterrupted {
		t.Errorf("after its process died it is %s", got)
	}
}

func TestAViewOfNoLedger(t *testing.T) {
	dir := t.TempDir()
	if _, err := OpenReadOnly(filepath.Join(dir, "nowhere")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no directory: %v", err)
	}
	if _, err := OpenReadOnly(dir); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
	path := filepath.Join(dir, fileName)
	must(t, os.WriteFile(path, nil, 0o600))
	if _, err := OpenReadOnly(dir); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("an empty file: %v", err)
	}
	must(t, os.WriteFile(path, bytes.Repeat([]byte("muster "), 999), 0o600))
	var corrupt *CorruptError
	if _, err := OpenReadOnly(dir); !errors.As(err, &corrupt) {
		t.Errorf("a text: %v", err)
	}
	must(t, os.Remove(path))
	query(t, path, "CREATE TABLE people (name TEXT)")
	if _, err := OpenReadOnly(dir); !errors.As(err, &corrupt) {
		t.Errorf("another database: %v", err)
	}
}
