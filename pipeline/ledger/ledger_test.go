package ledger

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

func open(t testing.TB, dir string) *Ledger {
	t.Helper()
	l, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l
}

// reopen closes and opens as a further process would.
func reopen(t testing.TB, l *Ledger, dir string) *Ledger {
	t.Helper()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	return open(t, dir)
}

func begin(t testing.TB, l *Ledger, id, fingerprint string) *Run {
	t.Helper()
	r, err := l.Begin(RunInfo{ID: id, OrgID: "org", Fingerprint: fingerprint})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// items makes items whose keys and hashes follow from their ordinals.
func items(l *Ledger, ordinals ...int64) []Item {
	list := make([]Item, len(ordinals))
	for i, ordinal := range ordinals {
		list[i] = Item{Ordinal: ordinal, Key: l.Key("email", fmt.Append(nil, ordinal)), Hash: RecordHash{byte(ordinal), 1}}
	}
	return list
}

func ask(picks ...int) Request { return Request{Verb: "create", Items: picks, Payload: RecordHash{9}} }

func created(id string) Settled { return Settled{Status: "created", CustomerID: id} }

// hexID is an id of Kustomer's form.
func hexID(n int) string { return fmt.Sprintf("5f00000000000000%08x", n) }

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
	for pragma, want := range map[string]string{"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1", "page_size": "2048"} {
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

func TestKeyIsTheLedgersOwn(t *testing.T) {
	dir := t.TempDir()
	l := open(t, dir)
	key := l.Key("email", []byte("ann@example.org"))
	if other := open(t, t.TempDir()).Key("email", []byte("ann@example.org")); other == key {
		t.Error("two ledgers share a key's hash")
	}
	for _, other := range []KeyHash{{}, l.Key("phone", []byte("ann@example.org")), l.Key("emaila", []byte("nn@example.org"))} {
		if other == key {
			t.Error("another key has the same hash")
		}
	}
	if l.Key("email", []byte("ann@example.org")) != key {
		t.Error("the hash is another one the second time")
	}
	l = reopen(t, l, dir)
	if l.Key("email", []byte("ann@example.org")) != key {
		t.Error("the hash is another one after reopening")
	}
	value := []byte("ann@example.org")
	if n := testing.AllocsPerRun(100, func() { l.Key("email", value) }); n >= 1 && !raceEnabled {
		t.Errorf("Key allocates %v times", n)
	}
}

func TestNoKeyIsInTheFile(t *testing.T) {
	dir := t.TempDir()
	l := open(t, dir)
	const canary = "canary-7231@example.org"
	r := begin(t, l, "run", "")
	_, err := r.Intend(Batch{Seq: 1, Items: []Item{{Key: l.Key("email", []byte(canary))}}}, ask(0))
	must(t, err)
	must(t, r.Settle(1, []Settled{created(hexID(1))}))
	must(t, l.Close())
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	must(t, err)
	for _, file := range files {
		if content, err := os.ReadFile(file); err != nil || bytes.Contains(content, []byte(canary)) {
			t.Errorf("%s: %v, or the key stands in it", file, err)
		}
	}
}

func TestBeginTakesUpTheUnfinishedRun(t *testing.T) {
	dir := t.TempDir()
	l := open(t, dir)
	started := time.Date(2025, 3, 4, 5, 6, 7, 0, time.UTC)
	first, err := l.Begin(RunInfo{ID: "one", Command: "import", OrgID: "o1", Org: "Acme", Fingerprint: "f", Version: "v1", Stamp: "s1", Started: started})
	must(t, err)
	want := first.Info()
	if first.Resumed() || want.State != RunRunning || !want.Started.Equal(started) || want.Org != "Acme" || want.Command != "import" || want.Version != "v1" {
		t.Fatalf("a new run: resumed %v, %+v", first.Resumed(), want)
	}
	_, err = first.Intend(Batch{Seq: 4, Items: items(l, 1)}, ask(0))
	must(t, err)

	l = reopen(t, l, dir)
	if infos, err := l.Runs(); err != nil || len(infos) != 1 || infos[0].State != RunInterrupted {
		t.Fatalf("the run of a dead process: %+v, %v", infos, err)
	}
	for _, state := range []string{"", RunInterrupted, RunFailed} {
		r, err := l.Begin(RunInfo{ID: "two", OrgID: "o1", Fingerprint: "f", Stamp: "s2"})
		must(t, err)
		if got := r.Info(); !r.Resumed() || got.ID != "one" || got.Stamp != "s1" || got.State != RunRunning || !got.Ended.IsZero() || !got.Started.Equal(started) {
			t.Fatalf("taken up after %q: resumed %v, %+v", state, r.Resumed(), got)
		}
		if r.NextSeq() != 5 {
			t.Errorf("NextSeq is %d, want 5", r.NextSeq())
		}
		if state != "" {
			must(t, r.Finish(state, 7, map[string]int64{"created": 7}))
		}
	}
	for _, other := range []RunInfo{{ID: "two", OrgID: "o2", Fingerprint: "f"}, {ID: "three", OrgID: "o1", Fingerprint: "g"}} {
		if r, err := l.Begin(other); err != nil || r.Resumed() || r.ID() != other.ID || r.NextSeq() != 1 {
			t.Errorf("another org or fingerprint took up the run: %v", err)
		}
	}
	infos, err := l.Runs()
	must(t, err)
	if len(infos) != 3 || infos[0].ID != "three" || infos[2].Rows != 7 || infos[2].Counts["created"] != 7 || infos[2].Ended.IsZero() {
		t.Errorf("runs: %+v", infos)
	}
}

func TestBeginAfterTheEndIsAnotherRun(t *testing.T) {
	l := open(t, t.TempDir())
	must(t, begin(t, l, "one", "f").Finish(RunFinished, 0, nil))
	if _, err := l.Begin(RunInfo{ID: "one", OrgID: "org", Fingerprint: "f"}); !errors.Is(err, ErrState) {
		t.Errorf("an ID used twice: %v", err)
	}
	if _, err := l.Begin(RunInfo{OrgID: "org", Fingerprint: "f"}); !errors.Is(err, ErrState) {
		t.Errorf("no ID: %v", err)
	}
	if r := begin(t, l, "two", "f"); r.Resumed() || r.ID() != "two" {
		t.Errorf("a finished run was taken up again as %s", r.ID())
	}
	if _, err := l.Find("nobody"); !errors.Is(err, ErrNoRun) {
		t.Errorf("find: %v", err)
	}
	r, err := l.Find("one")
	must(t, err)
	if _, err := r.Intend(Batch{Seq: 1, Items: items(l, 1)}, ask(0)); !errors.Is(err, ErrState) {
		t.Errorf("intend in a finished run: %v", err)
	}
}

func TestKnownIsWhatLandedLast(t *testing.T) {
	dir := t.TempDir()
	l := open(t, dir)
	r := begin(t, l, "run", "")
	ids := []string{hexID(1), "a-text-id", strings.ToUpper(hexID(10)), hexID(4), hexID(5), "", "", ""}
	ends := []Settled{created(ids[0]), {Status: "updated", CustomerID: ids[1]}, {Status: "unchanged", CustomerID: ids[2]},
		created(ids[3]), {Status: "rejected", CustomerID: ids[4]}, {Status: "unknown"}, {Status: "unsent"}, {Status: "duplicate"}}
	list := items(l, 0, 1, 2, 3, 4, 5, 6, 7)
	list[3].Key = KeyHash{}
	_, err := r.Intend(Batch{Seq: 1, Items: list}, ask(0))
	must(t, err)
	must(t, r.Settle(1, ends))
	update := items(l, 9, 10)
	update[1].Key = list[0].Key
	_, err = r.Intend(Batch{Seq: 2, Items: update}, ask(0, 1))
	must(t, err)
	must(t, r.Settle(2, []Settled{{Status: "unsent"}, {Status: "updated", CustomerID: ids[0]}}))

	l = reopen(t, l, dir)
	keys := make([]KeyHash, 250) // more than two look-ups' worth, with repeats and zeroes
	want := make([]Known, len(keys))
	for i := range keys {
		keys[i] = list[i%len(list)].Key
		switch i % len(list) {
		case 0:
			want[i] = Known{Found: true, CustomerID: ids[0], Hash: update[1].Hash}
		case 1, 2:
			want[i] = Known{Found: true, CustomerID: ids[i%len(list)], Hash: list[i%len(list)].Hash}
		}
	}
	for orgID, want := range map[string][]Known{"org": want, "another": make([]Known, len(keys))} {
		if got, err := l.Known(orgID, keys); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("known in %s: %v, got %+v", orgID, err, got[:8])
		}
	}
	if got, err := l.Known("org", nil); err != nil || len(got) != 0 {
		t.Errorf("no keys: %v, %v", got, err)
	}
}

func TestDoubtsLastUntilALaterLanding(t *testing.T) {
	dir := t.TempDir()
	l := open(t, dir)
	dead := begin(t, l, "dead", "f1")
	list := items(l, 0, 1, 2, 3)
	list[3].Key = KeyHash{}
	_, err := dead.Intend(Batch{Seq: 1, Items: list}, ask(0, 1, 2, 3))
	must(t, err)
	_, err = dead.Intend(Batch{Seq: 2, Items: items(l, 4, 5)}, ask(0, 1))
	must(t, err)
	must(t, dead.Settle(2, []Settled{created(hexID(4)), {Status: "unknown"}}))
	keys := []KeyHash{list[0].Key, list[1].Key, list[2].Key, items(l, 5)[0].Key}
	expect := func(exceptRun string, want ...KeyHash) {
		t.Helper()
		doubts, err := l.Doubts("org", exceptRun)
		must(t, err)
		var got []KeyHash
		for _, doubt := range doubts {
			if got = append(got, doubt.Key); doubt.Run != "dead" {
				t.Errorf("doubt of run %s", doubt.Run)
			}
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("got %d doubts, want %d", len(got), len(want))
		}
	}
	expect("later", keys...)
	expect("dead")
	if doubts, err := l.Doubts("another", "later"); err != nil || len(doubts) != 0 {
		t.Errorf("doubts of another org: %v, %v", doubts, err)
	}

	l = reopen(t, l, dir)
	later := begin(t, l, "later", "f2")
	list = items(l, 0, 1, 2)
	list[2].Key = keys[3]
	_, err = later.Intend(Batch{Seq: 1, Items: list}, ask(0, 1, 2))
	must(t, err)
	must(t, later.Settle(1, []Settled{{Status: "rejected"}, created(hexID(1)), created(hexID(5))}))
	expect("third", keys[0], keys[2])
}

func TestAssignedFindsSparseAndRepeatedItems(t *testing.T) {
	dir := t.TempDir()
	l := open(t, dir)
	r := begin(t, l, "run", "f")
	for seq, ordinals := range [][]int64{1: {0, 50, 900}, 2: {1, 2, 3}, 3: {40, 41}, 4: {41, 899}} {
		if seq > 0 {
			_, err := r.Intend(Batch{Seq: int64(seq), Items: items(l, ordinals...)}, ask(0))
			must(t, err)
		}
	}
	must(t, r.Settle(3, []Settled{created(hexID(1)), {Status: "unsent", Code: "run.stopped", Detail: "why"}}))
	expect := func(from, to int64, want string) {
		t.Helper()
		list, err := r.Assigned(from, to)
		must(t, err)
		var got strings.Builder
		for _, a := range list {
			fmt.Fprintf(&got, "%d:%d.%d ", a.Ordinal, a.Seq, a.Index)
			if a.Item != items(l, a.Ordinal)[0] {
				t.Errorf("ordinal %d has another item", a.Ordinal)
			}
			if (a.Settled != nil) != (a.Seq == 3) {
				t.Errorf("ordinal %d: settled %v", a.Ordinal, a.Settled)
			}
		}
		if got.String() != want {
			t.Errorf("[%d, %d): got %q, want %q", from, to, got.String(), want)
		}
	}
	for range 2 { // as recorded, and as read again by a further process
		expect(0, 3, "0:1.0 1:2.0 2:2.1 ")
		expect(3, 41, "3:2.2 40:3.0 ")
		expect(41, 42, "41:4.0 ")
		expect(50, 900, "50:1.1 899:4.1 ")
		expect(900, 901, "900:1.2 ")
		expect(901, 5000, "")
		expect(5, 5, "")
		l = reopen(t, l, dir)
		r = begin(t, l, "again", "f")
	}
	traces, err := r.Trace(41)
	must(t, err)
	if len(traces) != 2 || traces[0].Seq != 3 || *traces[0].Settled != (Settled{Status: "unsent", Code: "run.stopped", Detail: "why"}) || traces[1].Seq != 4 {
		t.Errorf("trace of 41: %+v", traces)
	}
}

func TestOpenBatchesTellWhatWasAsked(t *testing.T) {
	dir := t.TempDir()
	l := open(t, dir)
	r := begin(t, l, "run", "f")
	earliest := time.Now().Add(-time.Millisecond)
	for _, seq := range []int64{3, 1, 2} {
		_, err := r.Intend(Batch{Seq: seq, Items: items(l, 10*seq, 10*seq+1, 10*seq+2)}, ask(0, 1, 2))
		must(t, err)
	}
	must(t, r.Accept(3, 1, "job-a"))
	must(t, r.Answer(3, 1, "results read"))
	n, err := r.Again(3, Request{Verb: "update", Items: []int{0, 2}, Payload: RecordHash{8}})
	must(t, err)
	must(t, r.Accept(3, n, "job-b"))
	must(t, r.Settle(1, []Settled{created(hexID(1)), created(hexID(2)), created(hexID(3))}))

	l = reopen(t, l, dir)
	r = begin(t, l, "run", "f")
	got, err := r.OpenBatches()
	must(t, err)
	want := []OpenBatch{
		{Batch: Batch{Seq: 2, Items: items(l, 20, 21, 22)}, Requests: []OpenRequest{{N: 1, Request: ask(0, 1, 2), State: RequestIntended}}},
		{Batch: Batch{Seq: 3, Items: items(l, 30, 31, 32)}, Requests: []OpenRequest{
			{N: 1, Request: ask(0, 1, 2), JobID: "job-a", State: RequestAnswered, Note: "results read"},
			{N: 2, Request: Request{Verb: "update", Items: []int{0, 2}, Payload: RecordHash{8}}, JobID: "job-b", State: RequestAccepted}}},
	}
	for i := range got {
		for k := range got[i].Requests {
			at := &got[i].Requests[k].IntendedAt
			if at.Before(earliest) || at.After(time.Now()) || at.Location() != time.UTC {
				t.Errorf("intended at %v", *at)
			}
			*at = time.Time{}
		}
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v\nwant %+v", got, want)
	}
	traces, err := l.Trace("org", items(l, 31)[0].Key)
	must(t, err)
	if len(traces) != 1 || traces[0].Run != "run" || traces[0].Ordinal != 31 || traces[0].Settled != nil ||
		len(traces[0].Requests) != 1 || traces[0].Requests[0].JobID != "job-a" {
		t.Errorf("trace of 31: %+v", traces)
	}
}

func TestEightWorkersShareALedger(t *testing.T) {
	dir := t.TempDir()
	l := open(t, dir)
	r := begin(t, l, "run", "f")
	const workers, batches = 8, 6
	var group sync.WaitGroup
	for worker := range int64(workers) {
		group.Go(func() {
			for k := range int64(batches) {
				seq := 1 + worker + k*workers
				list := items(l, seq*2, seq*2+1)
				n, err := r.Intend(Batch{Seq: seq, Items: list}, ask(0, 1))
				if err == nil {
					err = errors.Join(r.Accept(seq, n, "job"), r.Answer(seq, n, "read"))
				}
				if _, e := r.Assigned(seq*2, seq*2+2); e != nil {
					err = e
				}
				err = errors.Join(err, r.Settle(seq, []Settled{created(hexID(int(seq))), {Status: "unknown"}}))
				known, e := l.Known("org", []KeyHash{list[0].Key, list[1].Key})
				if err = errors.Join(err, e); err != nil || known[0].CustomerID != hexID(int(seq)) || known[1].Found {
					t.Errorf("batch %d: %v, known %+v", seq, err, known)
				}
				r.Info()
			}
		})
	}
	group.Wait()
	if list, err := r.Assigned(0, 1000); err != nil || len(list) != workers*batches*2 {
		t.Errorf("%d items, %v", len(list), err)
	}
	if r.NextSeq() != workers*batches+1 {
		t.Errorf("NextSeq is %d", r.NextSeq())
	}
	must(t, r.Finish(RunFinished, workers*batches*2, nil))
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
