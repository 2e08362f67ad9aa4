package ledger

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

// landed does a run of n batches of two, all created, and ends it.
func landedRun(t *testing.T, l *Ledger, id string, n int, state string) {
	t.Helper()
	r := begin(t, l, id, id)
	for seq := int64(1); seq <= int64(n); seq++ {
		number, err := r.Intend(Batch{Seq: seq, Items: items(l, seq*2, seq*2+1)}, ask(0, 1))
		must(t, err)
		must(t, r.Accept(seq, number, "job"))
		must(t, r.Settle(seq, []Settled{created(hexID(int(seq * 2))),
			{Status: "created", CustomerID: hexID(int(seq*2 + 1)), Detail: "like " + hexID(int(seq*2+1))}}))
	}
	must(t, r.Finish(state, int64(2*n), map[string]int64{"created": int64(2 * n)}))
}

// What is compacted loses its rows and nothing else: identities, counts, and what is unfinished stay.
func TestCompactKeepsWhoIsWho(t *testing.T) {
	dir := t.TempDir()
	l := open(t, dir)
	landedRun(t, l, "old", 400, RunFinished)
	landedRun(t, l, "stopped", 3, RunFailed)
	_, err := l.writer.Exec("UPDATE runs SET ended = 1000")
	must(t, err)
	landedRun(t, l, "new", 2, RunFinished)
	l = reopen(t, l, dir)
	before, err := os.Stat(l.path)
	must(t, err)
	n, err := l.Compact(time.Now().Add(-time.Hour))
	must(t, err)
	after, err := os.Stat(l.path)
	must(t, err)
	if n != 400 || after.Size() > before.Size()*3/4 {
		t.Errorf("%d batches went, and of %d bytes %d are left", n, before.Size(), after.Size())
	}
	l = reopen(t, l, dir)
	runs, err := l.Runs()
	must(t, err)
	if len(runs) != 3 || runs[2].Counts["created"] != 800 {
		t.Errorf("the runs are %+v", runs)
	}
	for ordinal, want := range map[int64]bool{2: true, 801: true, 5000: false} {
		known, err := l.Known("org", []KeyHash{l.Key("email", []byte(itoa(ordinal)))})
		must(t, err)
		if known[0].Found != want {
			t.Errorf("row %d is known: %v", ordinal, known[0].Found)
		}
	}
	if rows := count(t, l, "SELECT count(*) FROM batches b JOIN runs r ON r.id = b.run WHERE r.name <> 'old'"); rows != 5 {
		t.Errorf("%d batches of the others are left, want 5", rows)
	}
}

func itoa(n int64) string { return string(appendInt(nil, n)) }

func appendInt(b []byte, n int64) []byte {
	if n >= 10 {
		b = appendInt(b, n/10)
	}
	return append(b, byte('0'+n%10))
}

func count(t *testing.T, l *Ledger, query string) (n int) {
	t.Helper()
	must(t, l.reader.QueryRow(query).Scan(&n))
	return n
}

// A backup that is made while a run goes on is whole, and can be restored.
func TestBackupWhileARunGoesOnAndRestore(t *testing.T) {
	dir := t.TempDir()
	l := open(t, dir)
	landedRun(t, l, "first", 50, RunFinished)
	r := begin(t, l, "going", "g")
	var group sync.WaitGroup
	stop := make(chan struct{})
	group.Go(func() {
		for seq := int64(1); ; seq++ {
			select {
			case <-stop:
				return
			default:
			}
			if _, err := r.Intend(Batch{Seq: seq, Items: items(l, seq*2, seq*2+1)}, ask(0, 1)); err != nil {
				t.Error(err)
				return
			}
		}
	})
	v, err := OpenReadOnly(dir)
	must(t, err)
	path := filepath.Join(t.TempDir(), "copy.db")
	must(t, v.Backup(path))
	close(stop)
	group.Wait()
	must(t, v.Close())
	info, err := os.Stat(path)
	must(t, err)
	if info.Mode().Perm() != 0o600 {
		t.Errorf("the backup has mode %v", info.Mode())
	}
	if v, err = OpenReadOnly(dir); err == nil {
		if err := v.Backup(path); !errors.Is(err, os.ErrExist) {
			t.Errorf("over a file that is there: %v", err)
		}
		must(t, v.Close())
	}
	if _, err := Restore(dir, path); !errors.As(err, new(*LockedError)) {
		t.Errorf("restored while a run goes on: %v", err)
	}
	must(t, l.Close())

	bad := filepath.Join(t.TempDir(), "bad.db")
	text, err := os.ReadFile(path)
	must(t, err)
	for _, broken := range [][]byte{[]byte("no database"),
		append(bytes.Clone(text[:4096]), make([]byte, len(text)-4096)...), nil} {
		must(t, os.WriteFile(bad, broken, 0o600))
		if _, err := Restore(dir, bad); !errors.As(err, new(*CorruptError)) {
			t.Errorf("restored %d broken bytes: %v", len(broken), err)
		}
	}
	kept, err := Restore(dir, path)
	must(t, err)
	if _, err := os.Stat(kept); err != nil {
		t.Errorf("what was there is not kept: %v", err)
	}
	l = open(t, dir)
	if n := count(t, l, "SELECT count(*) FROM known"); n != 100 {
		t.Errorf("%d identities came back, want 100", n)
	}
	runs, err := l.Runs()
	must(t, err)
	if len(runs) != 2 || runs[0].State != RunInterrupted {
		t.Errorf("the runs that came back are %+v", runs)
	}
	fresh := t.TempDir()
	if kept, err := Restore(fresh, path); kept != "" || err != nil {
		t.Errorf("into a new directory: %q, %v", kept, err)
	}
}

// Who is forgotten is nowhere in the file any more, by key, id or hash, and every balance is as it was.
func TestForget(t *testing.T) {
	dir := t.TempDir()
	l := open(t, dir)
	landedRun(t, l, "first", 20, RunFinished)
	landedRun(t, l, "second", 20, RunFinished)
	key, id := l.Key("email", []byte("7")), hexID(7)
	must(t, l.KeepKeySet("job", func(yield func(KeyHash, error) bool) { yield(key, nil) }))
	f, err := l.Forget("org", nil, []KeyHash{key})
	must(t, err)
	if f.Known != 1 || f.Rows != 2 || len(f.Customers) != 1 || f.Customers[0] != id {
		t.Errorf("forgotten were %+v", f)
	}
	must(t, l.Close())
	for _, name := range []string{fileName, fileName + "-wal"} {
		raw, err := os.ReadFile(filepath.Join(dir, name))
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		must(t, err)
		packed, isPacked := packID(id).([]byte)
		if bytes.Contains(raw, key[:]) || isPacked && bytes.Contains(raw, packed) || bytes.Contains(raw, []byte(id)) {
			t.Errorf("%s still holds the person", name)
		}
	}
	l = open(t, dir)
	known, err := l.Known("org", []KeyHash{key, l.Key("email", []byte("8"))})
	must(t, err)
	if known[0].Found || !known[1].Found {
		t.Errorf("known are %+v", known)
	}
	r, err := l.Find("first")
	must(t, err)
	rows, err := r.Assigned(0, 100)
	must(t, err)
	if len(rows) != 40 {
		t.Errorf("%d rows are left of 40", len(rows))
	}
	for _, row := range rows {
		if row.Settled == nil || row.Settled.Status != "created" || row.Ordinal == 7 && row.Settled.CustomerID != nobody {
			t.Errorf("row %d is %+v", row.Ordinal, row.Settled)
		}
	}
	// By the id alone, and not while a run about them is unfinished.
	if f, err := l.Forget("org", []string{hexID(9)}, nil); err != nil || f.Known != 1 || f.Rows != 2 {
		t.Errorf("by id: %+v, %v", f, err)
	}
	again := begin(t, l, "third", "third")
	_, err = again.Intend(Batch{Seq: 1, Items: items(l, 11)}, ask(0))
	must(t, err)
	if _, err := l.Forget("org", nil, []KeyHash{l.Key("email", []byte("11"))}); !errors.Is(err, ErrState) {
		t.Errorf("while a run goes on: %v", err)
	}
	if known, _ := l.Known("org", []KeyHash{l.Key("email", []byte("11"))}); !known[0].Found {
		t.Error("what could not be forgotten is half forgotten")
	}
	if f, err := l.Forget("another org", nil, []KeyHash{key}); err != nil || f.Known+f.Rows != 0 {
		t.Errorf("in another org: %+v, %v", f, err)
	}
}

// A memo that holds somebody goes, and leaves nothing in the file; the others stay.
func TestForgetMemos(t *testing.T) {
	dir := t.TempDir()
	l := open(t, dir)
	must(t, l.Remember("job/a", []byte(`{"columns":["Quentin"]}`)))
	must(t, l.Remember("job/b", []byte(`{"columns":["name"]}`)))
	gone, err := l.ForgetMemos(func(value []byte) bool { return bytes.Contains(value, []byte("Quentin")) })
	must(t, err)
	kept, err := l.Memo("job/b")
	must(t, err)
	if gone != 1 || string(kept) != `{"columns":["name"]}` {
		t.Errorf("%d are gone, the other is %s", gone, kept)
	}
	must(t, l.Close())
	for _, name := range []string{fileName, fileName + "-wal"} {
		if raw, err := os.ReadFile(filepath.Join(dir, name)); err == nil && bytes.Contains(raw, []byte("Quentin")) {
			t.Errorf("%s still holds the person", name)
		}
	}
}
