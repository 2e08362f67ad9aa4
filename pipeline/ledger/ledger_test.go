package ledger

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
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

// TestNoStatementReadsAWholeTable: what a run repeats must not grow slower
// with the ledger.
func TestNoStatementReadsAWholeTable(t *testing.T) {
	l := open(t, t.TempDir())
	for _, s := range l.statements() {
		rows, err := l.writer.Query("EXPLAIN QUERY PLAN "+s.text, make([]any, strings.Count(s.text, "?"))...)
		must(t, err)
		for rows.Next() {
			var id, parent, unused int
			var detail string
			must(t, rows.Scan(&id, &parent, &unused, &detail))
			whole := strings.HasPrefix(detail, "SCAN b") || strings.HasPrefix(detail, "SCAN known") ||
				strings.HasPrefix(detail, "SCAN q")
			wholeRun := strings.HasSuffix(detail, "(run=?)")
			if (whole || wholeRun) && !strings.Contains(detail, "batches_in_doubt") {
				t.Errorf("%s in %s", detail, s.text)
			}
		}
		must(t, errors.Join(rows.Err(), rows.Close()))
	}
}
