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

// BenchmarkKnown looks 1,000 keys up, half of which are known, among 100,000.
func BenchmarkKnown(b *testing.B) {
	l := open(b, b.TempDir())
	const rows, asked = 100_000, 1000
	fill(b, l, rows)
	keys := make([]KeyHash, asked)
	for i := range keys {
		keys[i] = l.Key("email", strconv.AppendInt(nil, int64(i*2*rows/asked), 10))
	}
	found := 0
	for b.Loop() {
		known, err := l.Known("org", keys)
		must(b, err)
		found = 0
		for i := range known {
			if known[i].Found {
				found++
			}
		}
	}
	if found != asked/2 {
		b.Errorf("found %d of %d", found, asked)
	}
	b.ReportMetric(float64(b.N)*asked/b.Elapsed().Seconds(), "keys/s")
}

// BenchmarkKey makes the hash of one key.
func BenchmarkKey(b *testing.B) {
	l := open(b, b.TempDir())
	value := []byte("ann.example@example.org")
	b.ReportAllocs()
	for b.Loop() {
		l.Key("email", value)
	}
}
