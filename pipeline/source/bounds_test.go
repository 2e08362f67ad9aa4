package source

import (
	"io"
	"strings"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"
)

// endless gives n times the same text without holding it.
type endless struct {
	text string
	n    int
	rest string
}

func (r *endless) Read(p []byte) (int, error) {
	if r.rest == "" {
		if r.n == 0 {
			return 0, io.EOF
		}
		r.n--
		r.rest = r.text
	}
	n := copy(p, r.rest)
	r.rest = r.rest[n:]
	return n, nil
}

// A line of any length costs memory for the longest row allowed, and its row only.
func TestALongLineIsNotKept(t *testing.T) {
	const mib = 1 << 20
	filler := strings.Repeat("x", mib)
	for name, c := range map[string]struct{ head, fill, tail, format, code string }{
		"unquoted":     {"a,b\n1,2\n", filler, "\n3,4\n", "csv", rowTooLong},
		"quoted":       {"a,b\n1,2\n1,\"", filler, "\"\n3,4\n", "csv", rowTooLong},
		"stray":        {"a,b\n1,2\nx\"y", filler, "\n3,4\n", "csv", rowSyntax},
		"commas":       {"a,b\n1,2\n", strings.Repeat(",", mib), "\n3,4\n", "csv", rowTooLong},
		"quotes":       {"a,b\n1,2\n\"", strings.Repeat(`""`, mib/2), "\"\n3,4\n", "csv", rowTooLong},
		"ndjson":       {"{\"a\":1}\n{\"a\":\"", filler, "\"}\n{\"a\":2}\n", "ndjson", rowTooLong},
		"json":         {"[{\"a\":1},\n{\"a\":\"", filler, "\"},\n{\"a\":2}]\n", "json", rowTooLong},
		"json, nested": {"[{\"a\":1},\n{\"a\":[0", strings.Repeat(",0", mib/2), "]},\n{\"a\":2}]\n", "json", rowTooLong},
		"json, spaces": {"[{\"a\":1},\n", strings.Repeat(" \r\n", mib/3), "{\"a\":2}]\n", "json", "none"},
	} {
		t.Run(name, func(t *testing.T) {
			text := io.MultiReader(strings.NewReader(c.head), &endless{text: c.fill, n: 64}, strings.NewReader(c.tail))
			r, err := Open("-", text, Options{Format: c.format})
			if err != nil {
				t.Fatal(err)
			}
			var chunk Chunk
			var b Block
			var codes []string
			for err = r.Cut(&chunk); err == nil; err = r.Cut(&chunk) {
				r.Parse(&chunk, &b)
				for _, row := range b.Rows {
					codes = append(codes, row.Code)
				}
				if got := cap(chunk.window); got > 5*mib {
					t.Fatalf("a window of %d bytes", got)
				}
			}
			if err != io.EOF {
				t.Fatal(err)
			}
			want := strings.Replace(" "+c.code+" ", " none", "", 1) // a good row on each side
			if got := strings.Join(codes, " "); got != want {
				t.Errorf("codes %q, want %q", got, want)
			}
			if len(b.cells) > 1<<17 {
				t.Errorf("%d cells are kept", len(b.cells))
			}
		})
	}
}

func TestCellsBeyondTheColumnsAreCounted(t *testing.T) {
	r, err := Open("-", strings.NewReader("a,b\n"+strings.Repeat(",", 49_999)+"\n1,2\n"), Options{MaxColumns: 100})
	if err != nil {
		t.Fatal(err)
	}
	var c Chunk
	var b Block
	if err := r.Cut(&c); err != nil {
		t.Fatal(err)
	}
	r.Parse(&c, &b)
	if row := b.Rows[0]; row.Detail != "50000 cells where the header has 2" || len(row.Cells) != 100 ||
		len(b.cells) > 8192 {
		t.Errorf("%s; %d cells given, %d kept", row.Detail, len(row.Cells), len(b.cells))
	}
	if row := b.Rows[1]; row.Code != "" || string(row.Cells[1]) != "2" {
		t.Errorf("the next row is %+v", row)
	}
}

// patience is how long a reader may take for what is soon read, so that one that goes on for ever is told from a
// machine that is busy: a thousand times as long as sound rows take on it at this moment, and 20 s at least.
func patience(t *testing.T) time.Duration {
	t.Helper()
	start := time.Now()
	if rows, err := soundRows(strings.NewReader("a,b,c\n" + strings.Repeat("x,1,2\n", 300_000))); rows != 300_000 ||
		err != nil {
		t.Fatal(rows, err)
	}
	return max(20*time.Second, 1000*time.Since(start))
}

// Where no row can be trusted, the search for one does not begin anew at each: this would take hours.
func TestStrayQuotesEverywhere(t *testing.T) {
	const rows = 300_000
	for _, line := range []string{"x\",1,2\n", "\"x\n", "x\"\r", ",\"\"\"x\n"} {
		enough := patience(t)
		start := time.Now()
		r, err := Open("-", strings.NewReader("a,b,c\n"+strings.Repeat(line, rows)), Options{})
		if err != nil {
			t.Fatal(err)
		}
		var c Chunk
		var b Block
		bad := 0
		for r.Cut(&c) == nil {
			r.Parse(&c, &b)
			for i := range b.Rows {
				if b.Rows[i].Code == rowSyntax {
					bad++
				}
			}
		}
		if bad != rows {
			t.Errorf("%q: %d rows refused of %d", line, bad, rows)
		}
		if d := time.Since(start); d > enough {
			t.Errorf("%q took %v of %v", line, d, enough)
		}
	}
}

// Thousands of different keys cost a column each up to the limit, not memory by the row.
func TestKeysAsData(t *testing.T) {
	var text strings.Builder
	text.WriteString("{\"id\":1}\n")
	for text.Len() < 2*sampleSize {
		text.WriteString("{\"id\":1}\n")
	}
	for i := range 30_000 {
		text.WriteString("{\"k" + strings.Repeat("x", i%7) + string(rune('A'+i%26)) + string(rune(0x4e00+i%20000)) +
			"\":1}\n")
	}
	r, err := Open("-", strings.NewReader(text.String()), Options{})
	if err != nil {
		t.Fatal(err)
	}
	var c Chunk
	var b Block
	refused := 0
	for r.Cut(&c) == nil {
		r.Parse(&c, &b)
		for _, row := range b.Rows {
			if row.Code == rowWidth {
				refused++
			} else if row.Code != "" || len(row.Cells) != len(b.Header.Names) {
				t.Fatalf("%s, %d cells of %d", row.Code, len(row.Cells), len(b.Header.Names))
			}
		}
		if len(b.cells) > 4*blockCells {
			t.Fatalf("%d cells", len(b.cells))
		}
	}
	if refused == 0 {
		t.Error("no row was refused")
	}
}

// Once buffers have grown, clean rows cost no allocation.
func TestNoAllocationOnTheCleanPath(t *testing.T) {
	names, rows := customers()
	for name, text := range map[string]string{
		"csv":    asCSV(names, rows, ',', "\n"),
		"ndjson": asObjects(names, rows, "\n"),
		"json":   "[" + asObjects(names, rows, ",\n") + "]",
	} {
		r, err := Open("-", strings.NewReader(text), Options{ChunkSize: 64 << 10})
		if err != nil {
			t.Fatal(err)
		}
		var c Chunk
		var b Block
		chunks := func() {
			for range 8 {
				if err := r.Cut(&c); err != nil {
					t.Fatal(err)
				}
				r.Parse(&c, &b)
			}
		}
		chunks()
		chunks()
		if got := testing.AllocsPerRun(1, chunks); got != 0 {
			t.Errorf("%s: %v allocations for 8 chunks", name, got)
		}
	}
}

// Parse may run on several chunks at once, and gives what it gives alone.
func TestParseConcurrently(t *testing.T) {
	names, rows := customers()
	lines := strings.ReplaceAll(asObjects(names, rows, "\n"), `"Name":"Bob Miller"`, `"Name":"Bob Miller","More":1`)
	for _, text := range []string{asCSV(names, rows, ',', "\n"), lines[:sampleSize] +
		strings.ReplaceAll(lines[sampleSize:], "More", "Later")} {
		r, err := Open("-", strings.NewReader(text), Options{ChunkSize: 64 << 10})
		if err != nil {
			t.Fatal(err)
		}
		var chunks []*Chunk
		for c := new(Chunk); r.Cut(c) == nil; c = new(Chunk) {
			chunks = append(chunks, c)
		}
		var g errgroup.Group
		blocks := make([]Block, len(chunks))
		for i, c := range chunks {
			g.Go(func() error { r.Parse(c, &blocks[i]); return nil })
		}
		g.Wait()
		headers := map[*Header]bool{}
		for i, c := range chunks {
			var alone Block
			r.Parse(c, &alone)
			headers[blocks[i].Header] = true
			if alone.Header != blocks[i].Header || len(alone.Rows) != len(blocks[i].Rows) {
				t.Fatalf("chunk %d differs", i)
			}
			for j := range alone.Rows {
				if a, b := showRow(alone.Header, &alone.Rows[j]), showRow(alone.Header, &blocks[i].Rows[j]); a != b {
					t.Fatalf("got %s, alone %s", b, a)
				}
			}
		}
		if len(headers) > 2 {
			t.Errorf("%d headers", len(headers))
		}
	}
}
