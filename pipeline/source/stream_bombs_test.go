package source

import (
	"io"
	"runtime"
	"strings"
	"testing"
	"time"
)

// What a stream can do to fill memory or to take for ever: a gigabyte without a line end, a million columns. It is
// refused at once, or its row is, and the rows around it are read.
func TestStreamBombs(t *testing.T) {
	const gigabyte = 1 << 10 // times a megabyte
	filler, commas := strings.Repeat("x", 1<<20), strings.Repeat("x,", 1<<19)
	card := "BEGIN:VCARD\nUID:1\nEND:VCARD\n"
	for _, c := range []struct {
		name, head, fill string
		times            int
		tail, code       string // of the error that ends it, "" none
		rows             int    // sound ones
	}{
		{"a header of a gigabyte", "a,", filler, gigabyte, "\n1,2\n", fileHeader, 0},
		{"a header of two million columns", "", commas, 4, "\n", fileHeader, 0},
		{"a header of a million columns", "", strings.Repeat(",", 1_000_000), 1, "\n", fileHeader, 0},
		{"a quoted header that never ends", "\"", filler, gigabyte, "", fileHeader, 0},
		{"a row of a gigabyte", "a,b\n1,2\n", filler, gigabyte, "\n3,4\n", "", 2},
		{"a row of two million columns", "a,b\n1,2\n", commas, 4, "\n3,4\n", "", 2},
		{"blank lines for ever", "a,b\n1,2\n", strings.Repeat("\n", 1<<20), gigabyte / 32, "3,4\n", "", 2},
		{"a JSON line of a gigabyte", "{\"a\":1}\n{\"a\":\"", filler, gigabyte, "\"}\n{\"a\":2}\n", "", 2},
		{"JSON in itself for ever", "{\"a\":1}\n", strings.Repeat(`{"a":`, 1<<17), 16, "\n{\"a\":2}\n", "", 2},
		{"a card of a gigabyte in one line", card + "BEGIN:VCARD\nNOTE:", filler, gigabyte, "\nEND:VCARD\n" + card, "", 2},
		{"a card of lines", card + "BEGIN:VCARD\n", strings.Repeat("NOTE:x\n", 1<<17), 32, "END:VCARD\n" + card, "", 2},
		{"cards in each other", card + "BEGIN:VCARD\n", strings.Repeat("AGENT:\nBEGIN:VCARD\n", 1<<15), 64, card, "", 1},
	} {
		enough := patience(t)
		runtime.GC()
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		start := time.Now()
		rows, err := soundRows(io.MultiReader(strings.NewReader(c.head), &endless{text: c.fill, n: c.times},
			strings.NewReader(c.tail)))
		took := time.Since(start)
		runtime.ReadMemStats(&after)
		if code(err) != c.code || rows != c.rows {
			t.Errorf("%s: %d rows, %v; want %d and %q", c.name, rows, err, c.rows, c.code)
		}
		if grown := after.HeapSys - min(after.HeapSys, before.HeapSys); took > enough || grown > 200<<20 {
			t.Errorf("%s: %s and %d MB", c.name, took, grown>>20)
		}
		t.Logf("%-40s %6d ms  %v", c.name, took.Milliseconds(), err)
	}
}

// soundRows is how many rows without a fault a stream holds, and the error that ends it, nil at the clean end.
func soundRows(stream io.Reader) (rows int, err error) {
	r, err := Open("-", stream, Options{})
	if err != nil {
		return 0, err
	}
	defer r.Close()
	var c Chunk
	var b Block
	for err = r.Cut(&c); err == nil; err = r.Cut(&c) {
		r.Parse(&c, &b)
		for i := range b.Rows {
			if b.Rows[i].Code == "" {
				rows++
			}
		}
	}
	if err == io.EOF {
		err = nil
	}
	return rows, err
}
