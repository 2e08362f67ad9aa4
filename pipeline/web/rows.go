package web

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"sort"
	"sync"

	"muster/pipeline/bind"
	"muster/pipeline/parallel"
	"muster/pipeline/source"
	"muster/pipeline/trust"
)

// A row of the file as the page keeps it.
type storedRow struct {
	Line, Number int64
	Code, Why    string // it cannot be trusted
	Cells        []string
	Kinds        []byte // nil: all text

	broken bool // it is written so that it is refused again
}

// entrySize is what the index has of a row: where it stands in the store, and on which line of the file.
const entrySize = 16

// A rowStore is a file's rows laid out so that any of them is found at once: rows.bin holds them one behind the other,
// rows.idx 16 bytes for each. Both are made again from the file when they are gone; memory holds none of them.
type rowStore struct {
	data, index *os.File

	mu      sync.Mutex
	count   int64 // rows that can be read
	columns []string
	format  string
	ended   bool
	failed  error
	cancel  context.CancelFunc
	done    chan struct{}
}

// tables is what a session has read of its file.
type tables struct {
	rows     *rowStore
	meaning  *meaning
	problems *problems
	edits    *edits

	under     string // which rows these are, as under says; "" nothing was read
	delimiter byte   // of a CSV file; 0 another format
	encoding  string
	sheet     string // of a workbook
	unfit     bool   // a workbook into which the edits cannot be written

	// how long the journal of edits was when they were written into the file with the edits, and into that of a run of
	// several files; 0 not yet
	fixedAt, togetherAt int64
}

func (t *tables) close() {
	if t.rows != nil {
		t.rows.close()
	}
	if t.edits != nil {
		t.edits.close()
	}
	*t = tables{}
}

// storeRows begins to lay out what a reader gives, which it closes at the end.
func storeRows(ctx context.Context, dir string, r source.Reader) (*rowStore, error) {
	data, err := trust.Create(dir + "/rows.bin")
	if err != nil {
		r.Close()
		return nil, err
	}
	index, err := trust.Create(dir + "/rows.idx")
	if err != nil {
		r.Close()
		return nil, errors.Join(err, data.Close())
	}
	ctx, cancel := context.WithCancel(ctx)
	st := &rowStore{data: data, index: index, columns: bind.OwnNames(r.Header()), format: r.Header().Format,
		cancel: cancel, done: make(chan struct{})}
	go func() {
		defer close(st.done)
		err := parallel.Guarded(func() error { return st.fill(ctx, r) })()
		r.Close()
		st.mu.Lock()
		defer st.mu.Unlock()
		st.ended, st.failed = err == nil, err
	}()
	return st, nil
}

// fill lays out all rows. What is written is shown once both files have it.
func (st *rowStore) fill(ctx context.Context, r source.Reader) error {
	data, index := bufio.NewWriterSize(st.data, 1<<20), bufio.NewWriterSize(st.index, 1<<16)
	var chunk source.Chunk
	var block source.Block
	var row, entry []byte
	at, n, shown := int64(0), int64(0), int64(0)
	for {
		err := r.Cut(&chunk)
		if err == nil {
			err = ctx.Err()
		}
		if err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		last := err != nil
		if !last {
			r.Parse(&chunk, &block)
			for i := range block.Rows {
				row = appendRow(row[:0], &block.Rows[i])
				entry = binary.LittleEndian.AppendUint64(entry[:0], uint64(at))
				entry = binary.LittleEndian.AppendUint64(entry, uint64(block.Rows[i].Line))
				data.Write(row) // a writer keeps its first error for Flush
				index.Write(entry)
				at += int64(len(row))
				n++
			}
		}
		if last || n-shown >= 1<<14 || shown == 0 {
			if err := errors.Join(data.Flush(), index.Flush()); err != nil {
				return fmt.Errorf("lay the rows out: %w", err)
			}
			shown = n
			st.show(n, block.Header)
		}
		if last {
			return nil
		}
	}
}

func (st *rowStore) show(n int64, h *source.Header) {
	st.mu.Lock()
	defer st.mu.Unlock()
	st.count = n
	if h == nil {
		return
	}
	if own := bind.OwnNames(h); len(own) > len(st.columns) {
		st.columns = own
	}
}

// state says how many rows can be read, and whether they are all.
func (st *rowStore) state() (n int64, all bool, err error) {
	st.mu.Lock()
	defer st.mu.Unlock()
	return st.count, st.ended, st.failed
}

func (st *rowStore) names() []string {
	st.mu.Lock()
	defer st.mu.Unlock()
	return st.columns
}

func (st *rowStore) close() {
	st.cancel()
	<-st.done
	st.data.Close()
	st.index.Close()
}

func appendRow(dst []byte, r *source.Row) []byte {
	dst = binary.AppendUvarint(dst, uint64(r.Number))
	dst = appendText(dst, []byte(r.Code))
	dst = appendText(dst, []byte(r.Detail))
	dst = binary.AppendUvarint(dst, uint64(len(r.Cells)))
	for _, c := range r.Cells {
		dst = appendText(dst, c)
	}
	return appendText(dst, r.Kinds)
}

func appendText(dst, text []byte) []byte {
	return append(binary.AppendUvarint(dst, uint64(len(text))), text...)
}

// read gives rows from an ordinal on, as many as there are of those asked for.
func (st *rowStore) read(from int64, most int) ([]storedRow, error) {
	n, _, _ := st.state()
	if from < 0 || from >= n {
		return nil, nil
	}
	most = int(min(int64(most), n-from))
	entries := make([]byte, (most+1)*entrySize)
	got, err := st.index.ReadAt(entries, from*entrySize)
	if err != nil && (!errors.Is(err, io.EOF) || got < most*entrySize) {
		return nil, fmt.Errorf("read the rows: %w", err)
	}
	start := int64(binary.LittleEndian.Uint64(entries))
	end := int64(binary.LittleEndian.Uint64(entries[most*entrySize:]))
	if got < len(entries) { // the last row that is laid out
		info, err := st.data.Stat()
		if err != nil {
			return nil, fmt.Errorf("read the rows: %w", err)
		}
		end = info.Size()
	}
	data := make([]byte, end-start)
	if got, err := st.data.ReadAt(data, start); got < len(data) && err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("read the rows: %w", err)
	}
	rows := make([]storedRow, most)
	for i := range rows {
		at := int64(binary.LittleEndian.Uint64(entries[i*entrySize:])) - start
		end := int64(len(data))
		if i+1 < most {
			end = int64(binary.LittleEndian.Uint64(entries[(i+1)*entrySize:])) - start
		}
		rows[i].take(data[at:end])
		rows[i].Line = int64(binary.LittleEndian.Uint64(entries[i*entrySize+8:]))
	}
	return rows, nil
}

func (r *storedRow) take(b []byte) {
	number, n := binary.Uvarint(b)
	b, r.Number = b[n:], int64(number)
	text := func() string {
		length, n := binary.Uvarint(b)
		if n <= 0 || length > uint64(len(b)-n) {
			return "" // what is still being written behind the rows that are shown
		}
		s := string(b[n : n+int(length)])
		b = b[n+int(length):]
		return s
	}
	r.Code, r.Why = text(), text()
	cells, n := binary.Uvarint(b)
	b = b[max(n, 0):]
	r.Cells = make([]string, min(cells, 1<<20))
	for i := range r.Cells {
		r.Cells[i] = text()
	}
	if kinds := text(); len(kinds) == len(r.Cells) && kinds != "" {
		r.Kinds = []byte(kinds)
	}
}

// ordinal is that of the row that starts on a line, -1 where none does.
func (st *rowStore) ordinal(line int64) int64 {
	n, _, _ := st.state()
	var b [8]byte
	at := func(i int) int64 {
		if _, err := st.index.ReadAt(b[:], int64(i)*entrySize+8); err != nil {
			return 1 << 62
		}
		return int64(binary.LittleEndian.Uint64(b[:]))
	}
	i := sort.Search(int(n), func(i int) bool { return at(i) >= line })
	if i == int(n) || at(i) != line {
		return -1
	}
	return int64(i)
}

// window is how many rows are read at once.
const window = 2000

// each calls do for every row that can be read, in order, until it says no.
func (st *rowStore) each(ctx context.Context, do func(ordinal int64, r *storedRow) bool) error {
	n, _, _ := st.state()
	for from := int64(0); from < n && ctx.Err() == nil; from += window {
		rows, err := st.read(from, window)
		if err != nil {
			return err
		}
		for i := range rows {
			if !do(from+int64(i), &rows[i]) {
				return nil
			}
		}
	}
	return ctx.Err()
}

// some calls do for the rows of some ordinals, in order, until it says no.
func (st *rowStore) some(ordinals []int64, do func(ordinal int64, r *storedRow) bool) error {
	for i := 0; i < len(ordinals); {
		run := 1
		for i+run < len(ordinals) && ordinals[i+run] == ordinals[i]+int64(run) && run < window {
			run++
		}
		stored, err := st.read(ordinals[i], run)
		if err != nil {
			return err
		}
		for k := range stored {
			if !do(ordinals[i]+int64(k), &stored[k]) {
				return nil
			}
		}
		i += run
	}
	return nil
}

// whole waits until all rows are laid out.
func (st *rowStore) whole(ctx context.Context) error {
	select {
	case <-st.done:
	case <-ctx.Done():
		return ctx.Err()
	}
	_, _, err := st.state()
	return err
}
