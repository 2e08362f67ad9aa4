package ledger

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// TestTurnedBitsAreFound: bits turn within what a page holds, which leaves the page and the database sound. Nothing is
// believed of such a batch.
func TestTurnedBitsAreFound(t *testing.T) {
	dir := t.TempDir()
	l, err := Open(dir)
	must(t, err)
	r := begin(t, l, "one", "f")
	list := items(l, 1, 2, 3)
	_, err = r.Intend(Batch{Seq: 1, Items: list}, ask(0, 1, 2))
	must(t, err)
	ends := []Settled{created(hexID(1)), created(hexID(2)), {Status: "rejected", Code: "kustomer.refused"}}
	must(t, r.Settle(1, ends))
	must(t, l.Close())
	path := filepath.Join(dir, fileName)
	whole, err := os.ReadFile(path)
	must(t, err)
	for what, packed := range map[string][]byte{"items": packItems(list), "ends": packEnds(ends)} {
		at := bytes.Index(whole, packed)
		if at < 0 {
			t.Fatalf("the %s are not in the file", what)
		}
		for i := range packed {
			turned := bytes.Clone(whole)
			turned[at+i] ^= 1 << (i % 8)
			must(t, os.WriteFile(path, turned, 0o600))
			again, err := Open(dir)
			if bad := (*CorruptError)(nil); !errors.As(err, &bad) {
				t.Errorf("a bit of byte %d of the %s has turned: %v", i, what, err)
			}
			if err == nil {
				again.Close()
			}
		}
	}
	must(t, os.WriteFile(path, whole, 0o600))
	again, err := Open(dir)
	must(t, err)
	must(t, again.Close())
}

// TestOldBatchesAreRead: what was packed before there were checksums.
func TestOldBatchesAreRead(t *testing.T) {
	list, ends := []Item{{Ordinal: 7, Hash: RecordHash{1}}}, []Settled{created(hexID(3))}
	old := func(packed []byte) []byte { return append([]byte{packFormUnsummed}, packed[packHead:]...) }
	gotItems, gotEnds, err := unpackBatch(old(packItems(list)), old(packEnds(ends)))
	if err != nil || gotItems[0] != list[0] || gotEnds[0] != ends[0] {
		t.Errorf("%+v, %+v, %v", gotItems, gotEnds, err)
	}
}

// TestADeadRunIsToldByItsLock: in a container each process is the first, and its number says nothing of one that has
// died.
func TestADeadRunIsToldByItsLock(t *testing.T) {
	dir := t.TempDir()
	l, err := Open(dir)
	must(t, err)
	begin(t, l, "one", "f")
	view, err := OpenReadOnly(dir)
	must(t, err)
	runs, err := view.Runs()
	if err != nil || runs[0].State != RunRunning {
		t.Errorf("while it runs: %+v, %v", runs, err)
	}
	must(t, view.Close())
	// As after a kill: the lock is gone with its process, and its number is that of one that lives.
	must(t, l.reader.Close())
	must(t, l.writer.Close())
	must(t, l.lock.Unlock())
	note := fmt.Sprintf("%d %s\n", os.Getpid(), time.Now().UTC().Format(time.RFC3339))
	must(t, os.WriteFile(filepath.Join(dir, lockName), []byte(note), 0o600))
	view, err = OpenReadOnly(dir)
	must(t, err)
	defer view.Close()
	if runs, err = view.Runs(); err != nil || runs[0].State != RunInterrupted {
		t.Errorf("after it died: %+v, %v", runs, err)
	}
}
