package ledger

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

func TestOpenMakesPrivateFiles(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a %41?#é", "state")
	l := open(t, dir)
	begin(t, l, "run", "")
	for name, want := range map[string]os.FileMode{"": 0o700, fileName: 0o600, fileName + "-wal": 0o600, lockName: 0o600} {
		info, err := os.Stat(filepath.Join(dir, name))
		must(t, err)
		if info.Mode().Perm() != want {
			t.Errorf("%q has mode %o, want %o", name, info.Mode().Perm(), want)
		}
	}
}

func TestOpenKeepsTheCommitsPromises(t *testing.T) {
	l := open(t, t.TempDir())
	for pragma, want := range map[string]string{"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1",
		"page_size": "2048"} {
		var got string
		must(t, l.writer.QueryRow("PRAGMA "+pragma).Scan(&got))
		if got != want {
			t.Errorf("%s is %s, want %s", pragma, got, want)
		}
	}
	if _, err := l.reader.Exec("DELETE FROM runs"); err == nil {
		t.Error("a reader could write")
	}
}

func TestOpenRefusesWhatIsNoLedger(t *testing.T) {
	for name, spoil := range map[string]func(t *testing.T, path string){
		"text": func(t *testing.T, path string) {
			must(t, os.WriteFile(path, bytes.Repeat([]byte("muster "), 999), 0o600))
		},
		"newer":             func(t *testing.T, path string) { query(t, path, "PRAGMA user_version = 99") },
		"other application": func(t *testing.T, path string) { query(t, path, "PRAGMA application_id = 7") },
		"other database": func(t *testing.T, path string) {
			must(t, os.Remove(path))
			query(t, path, "CREATE TABLE people (name TEXT)")
		},
		"damaged in one page": func(t *testing.T, path string) {
			content, err := os.ReadFile(path)
			must(t, err)
			for i := len(content) - 2048; i < len(content); i++ {
				content[i] = 0xff
			}
			must(t, os.WriteFile(path, content, 0o600))
		},
		"damaged": func(t *testing.T, path string) {
			content, err := os.ReadFile(path)
			must(t, err)
			for i := 1100; i < len(content); i += 7 {
				content[i] ^= 0x5a
			}
			must(t, os.WriteFile(path, content, 0o600))
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			l := open(t, dir)
			fill(t, l, 2000)
			must(t, l.Close())
			path := filepath.Join(dir, fileName)
			spoil(t, path)
			before, err := os.ReadFile(path)
			must(t, err)
			_, err = Open(dir)
			var corrupt *CorruptError
			if !errors.As(err, &corrupt) || corrupt.Path != path || corrupt.Reason == "" {
				t.Fatalf("got %v, want a CorruptError", err)
			}
			if after, err := os.ReadFile(path); err != nil || !bytes.Equal(before, after) {
				t.Error("the file was changed")
			}
			must(t, os.Remove(path))
			open(t, dir) // the failed Open has given its lock back
		})
	}
}

func query(t *testing.T, path, text string) {
	t.Helper()
	pool, err := connect(path, nil, 1)
	must(t, err)
	_, err = pool.Exec(text)
	must(t, errors.Join(err, pool.Close()))
}

func TestOpenSaysWhatTheSystemSaid(t *testing.T) {
	dir := t.TempDir()
	must(t, os.WriteFile(filepath.Join(dir, "file"), nil, 0o600))
	must(t, os.Mkdir(filepath.Join(dir, fileName), 0o700))
	for path, want := range map[string]error{filepath.Join(dir, "file"): syscall.ENOTDIR, dir: syscall.EISDIR} {
		if _, err := Open(path); !errors.Is(err, want) {
			t.Errorf("got %v, want %v", err, want)
		}
	}
}

func TestAFullDiskLosesNothing(t *testing.T) {
	dir := t.TempDir()
	l := open(t, dir)
	r := begin(t, l, "run", "f")
	limit := func(pages int) {
		t.Helper()
		_, err := l.writer.Exec(fmt.Sprint("PRAGMA max_page_count = ", pages))
		must(t, err)
	}
	limit(80)
	var err error
	intended, settled, seq := 0, 0, int64(0)
	for err == nil {
		seq++
		if _, err = r.Intend(Batch{Seq: seq, Items: items(l, seq)}, ask(0)); err == nil {
			intended++
			if err = r.Settle(seq, []Settled{created(hexID(int(seq)))}); err == nil {
				settled++
			}
		}
	}
	if !errors.Is(err, syscall.ENOSPC) || settled < 10 {
		t.Fatalf("after %d batches: %v, want ENOSPC", settled, err)
	}
	expect := func() {
		t.Helper()
		list, err := r.Assigned(0, seq+1)
		must(t, err)
		left, err := r.OpenBatches()
		must(t, err)
		if len(list) != intended || len(left) != intended-settled {
			t.Errorf("%d intended and %d open, want %d and %d", len(list), len(left), intended, intended-settled)
		}
	}
	expect()
	limit(1 << 20)
	if intended > settled {
		must(t, r.Settle(seq, []Settled{created(hexID(int(seq)))}))
		settled++
	}
	must(t, begin(t, l, "another", "g").Finish(RunFinished, 0, nil))
	l = reopen(t, l, dir)
	r = begin(t, l, "run", "f")
	expect()
}
