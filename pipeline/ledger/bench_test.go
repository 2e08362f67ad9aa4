package ledger

import (
	"crypto/rand"
	"encoding/hex"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"
)

// BenchmarkDurableRows takes batches of 100 through Intend, Accept and Settle,
// each on the disk before the next, into a ledger that grows as it goes.
// MUSTER_LEDGER_ROWS sets how many rows (default 20,000).
func BenchmarkDurableRows(b *testing.B) {
	rows := 20_000
	if told, err := strconv.Atoi(os.Getenv("MUSTER_LEDGER_ROWS")); err == nil {
		rows = told
	}
	for b.Loop() {
		dir := b.TempDir()
		l, err := Open(dir)
		if err != nil {
			b.Fatal(err)
		}
		started := time.Now()
		fill(b, l, rows)
		spent := time.Since(started)
		if err := l.Close(); err != nil {
			b.Fatal(err)
		}
		file, err := os.Stat(filepath.Join(dir, fileName))
		if err != nil {
			b.Fatal(err)
		}
		opened := time.Now()
		if l, err = Open(dir); err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(time.Since(opened).Milliseconds()), "reopen-ms")
		b.ReportMetric(float64(rows)/spent.Seconds(), "rows/s")
		b.ReportMetric(float64(file.Size())/float64(rows), "file-B/row")
		if err := l.Close(); err != nil {
			b.Fatal(err)
		}
	}
}

func fill(tb testing.TB, l *Ledger, rows int) {
	tb.Helper()
	run, err := l.Begin(RunInfo{ID: "bench", OrgID: "org", Fingerprint: "bench"})
	if err != nil {
		tb.Fatal(err)
	}
	var id [12]byte
	items, ends, picks := make([]Item, MaxItems), make([]Settled, MaxItems), make([]int, MaxItems)
	for seq := int64(1); seq <= int64(rows/MaxItems); seq++ {
		for i := range items {
			ordinal := (seq-1)*MaxItems + int64(i)
			items[i] = Item{Ordinal: ordinal, Key: l.Key("email", strconv.AppendInt(nil, ordinal, 10))}
			_, _ = rand.Read(items[i].Hash[:])
			_, _ = rand.Read(id[:])
			ends[i], picks[i] = Settled{Status: "created", CustomerID: hex.EncodeToString(id[:])}, i
		}
		n, err := run.Intend(Batch{Seq: seq, Items: items}, Request{Verb: "create", Items: picks})
		if err != nil {
			tb.Fatal(err)
		}
		if err := run.Accept(seq, n, hex.EncodeToString(id[:])); err != nil {
			tb.Fatal(err)
		}
		if err := run.Settle(seq, ends); err != nil {
			tb.Fatal(err)
		}
	}
}
