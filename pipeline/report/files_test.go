package report

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"pgregory.net/rapid"
)

// entryOf makes the entry of row n in its given version. Every third row has a problem, every ninth a reject, whose
// table changes on the way; some lines are long.
func entryOf(n int64, version int) Entry {
	e := Entry{Ordinal: n}
	e.Outcome = AppendOutcome(nil, &OutcomeLine{File: "a.csv", Line: n + 2, Key: fmt.Appendf(nil, "k%d", n),
		Status: fmt.Sprint("v", version)})
	if (n+int64(version))%3 == 0 {
		e.Problems = AppendProblem(nil, &ProblemLine{File: "a.csv", Line: n + 2, Code: "cell.date",
			Message: strings.Repeat("x", int(n%40))})
	}
	if (n+int64(version))%9 == 0 {
		e.Reject = AppendReject(nil, [][]byte{fmt.Appendf(nil, "row\n%d", n)}, "cell.date", "c", "m", "f")
		e.RejectTable = int(n/20+1) % 2
	}
	return e
}

// plainEntries are the first rows to come as far as they follow each other and have nothing but an outcome: one at
// least, whatever it has.
func plainEntries(arrivals []int64, most int) (some []Entry) {
	for i, n := range arrivals[:min(most, len(arrivals))] {
		e := entryOf(n, 0)
		if i > 0 && (n != arrivals[0]+int64(i) || !isPlain(some[0]) || !isPlain(e)) {
			break
		}
		some = append(some, e)
	}
	return some
}

func isPlain(e Entry) bool { return len(e.Problems) == 0 && e.Reject == nil }

// addTogether adds entries in one step where that can be.
func addTogether(files *Files, some []Entry) error {
	if !isPlain(some[0]) {
		return files.Add(some[0])
	}
	var lines []byte
	var ends []int
	for _, e := range some {
		lines = append(lines, e.Outcome...)
		ends = append(ends, len(lines))
	}
	return files.AddPlain(some[0].Ordinal, lines, ends)
}

// contents reads every file of dir.
func contents(t interface{ Fatal(...any) }, dir string) map[string]string {
	names, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	all := make(map[string]string)
	for _, name := range names {
		text, err := os.ReadFile(filepath.Join(dir, name.Name()))
		if err != nil {
			t.Fatal(err)
		}
		all[name.Name()] = string(text)
	}
	return all
}

// amendmentOf is what an amendment of row n says, and what entry then must hold, worked out by way of the CSV reader.
func amendmentOf(t interface{ Fatal(...any) }, entry Entry, version int) (Amendment, Entry) {
	a := Amendment{Ordinal: entry.Ordinal, Status: "duplicate", Code: "identity.x", Column: "=c, d",
		Detail: fmt.Sprint("\"v", version)}
	if version%2 == 0 {
		a.Problems = AppendProblem(nil, &ProblemLine{Code: "identity.x", Line: int64(version)})
	}
	if version%5 == 0 {
		a.Reject = AppendReject(nil, [][]byte{[]byte("amended")}, "identity.x", "", "", "")
		a.RejectTable = version % 2
	}
	rows, err := ReadOutcomes(strings.NewReader(OutcomeHeader + string(entry.Outcome)))
	if err != nil {
		t.Fatal(err)
	}
	row := rows[0]
	entry.Outcome = AppendOutcome(nil, &OutcomeLine{File: row.File, Sheet: row.Sheet, Line: row.Line, Key: []byte(row.Key),
		Status: a.Status, CustomerID: row.CustomerID, Code: a.Code, Column: a.Column, Detail: a.Detail})
	entry.Problems = append(slices.Clone(entry.Problems), a.Problems...)
	if a.Reject != nil {
		entry.Reject, entry.RejectTable = a.Reject, a.RejectTable
	}
	return a, entry
}

// expected is what the files must hold, given every row's last entry.
func expected(entries map[int64]Entry) map[string]string {
	all := map[string]string{"outcomes.csv": OutcomeHeader}
	headers := []string{"x,_code,_column,_message,_fix\n", "y,_code,_column,_message,_fix\n"}
	names := make(map[int]string)
	for _, n := range slices.Sorted(maps.Keys(entries)) {
		e := entries[n]
		all["outcomes.csv"] += string(e.Outcome)
		if len(e.Problems) > 0 {
			if all["problems.csv"] == "" {
				all["problems.csv"] = ProblemHeader
			}
			all["problems.csv"] += string(e.Problems)
		}
		if e.Reject != nil {
			if names[e.RejectTable] == "" {
				names[e.RejectTable] = rejectsName(len(names) + 1)
				all[names[e.RejectTable]] = headers[e.RejectTable]
			}
			all[names[e.RejectTable]] += string(e.Reject)
		}
	}
	return all
}

// Any order of arrival, any gaps, any late changes, any memory: the files are the same and the counts exact.
func TestFilesAreInOrderWhateverTheArrival(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rows := rapid.Int64Range(0, 150).Draw(t, "rows")
		missing := rapid.SliceOfNDistinct(rapid.Int64Range(0, 150), 0, 5, rapid.ID[int64]).Draw(t, "missing")
		beyond := rapid.Int64Range(0, 3).Draw(t, "beyond")
		memory := rapid.SampledFrom([]int{1, 200, 1000, 1 << 20}).Draw(t, "memory")
		spread := rapid.SampledFrom([]int{1, 4, 1000}).Draw(t, "spread") // how far an entry may come out of its turn
		random := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))

		entries := make(map[int64]Entry)
		var arrivals []int64
		for n := range rows + beyond {
			if !slices.Contains(missing, n) {
				arrivals = append(arrivals, n)
			}
		}
		place := make(map[int64]int)
		for _, n := range arrivals {
			place[n] = int(n) + random.IntN(spread)
		}
		slices.SortStableFunc(arrivals, func(a, b int64) int { return place[a] - place[b] })

		dir, err := os.MkdirTemp("", "report")
		if err != nil {
			t.Fatal(err)
		}
		defer os.RemoveAll(dir)
		files, err := Create(dir, FilesOptions{Memory: memory})
		if err != nil {
			t.Fatal(err)
		}
		files.Table([]string{"x"})
		files.Table([]string{"y"})
		changeOneIn := rapid.SampledFrom([]int{1, 2, 10, 60, 1 << 30}).Draw(t, "changeOneIn")
		together := rapid.Bool().Draw(t, "together")
		for i, n := range arrivals {
			if _, come := entries[n]; come {
				continue
			}
			some := []Entry{entryOf(n, 0)}
			if together {
				some = plainEntries(arrivals[i:], 1+random.IntN(8))
			}
			if err := addTogether(files, some); err != nil {
				t.Fatal(err)
			}
			for _, e := range some {
				entries[e.Ordinal] = e
			}
			if err := addTogether(files, some[len(some)-1:]); !errors.Is(err, ErrDoubled) {
				t.Fatalf("row %d added twice: %v", n, err)
			}
			if random.IntN(changeOneIn) > 0 {
				continue
			}
			old := arrivals[random.IntN(i+1)]
			if random.IntN(2) == 0 {
				entries[old] = entryOf(old, i)
				err = files.Replace(entries[old])
			} else {
				var a Amendment
				a, entries[old] = amendmentOf(t, entries[old], i)
				err = files.Amend(a)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		ends, err := files.Close(rows)
		if err != nil {
			t.Fatal(err)
		}
		want := expected(entries)
		if got := contents(t, dir); !maps.Equal(got, want) {
			t.Fatalf("files\n%q\nwant\n%q", got, want)
		}
		var in int64
		for n := range entries {
			if n < rows {
				in++
			}
		}
		if ends.Missing != rows-in || ends.Beyond != int64(len(entries))-in {
			t.Fatalf("missing %d beyond %d, want %d and %d", ends.Missing, ends.Beyond, rows-in, int64(len(entries))-in)
		}
		var paths []string
		for _, path := range ends.Paths {
			paths = append(paths, filepath.Base(path))
		}
		if slices.Sort(paths); !slices.Equal(paths, slices.Sorted(maps.Keys(want))) {
			t.Fatalf("paths %v", paths)
		}
	})
}

// Runs are merged when there are many, and every entry still comes back, those of one row in the order they came.
func TestFilesMergeManyRuns(t *testing.T) {
	dir := t.TempDir()
	files, err := Create(dir, FilesOptions{Memory: 100}) // a run for every entry or two
	if err != nil {
		t.Fatal(err)
	}
	files.Table([]string{"x"})
	files.Table([]string{"y"})
	const rows = 1000
	entries := make(map[int64]Entry)
	order := rand.New(rand.NewPCG(1, 2)).Perm(rows)
	for _, n := range order {
		if err := files.Add(entryOf(int64(n), 0)); err != nil {
			t.Fatal(err)
		}
	}
	for i := range 3 * rows {
		n := int64(order[(i*7)%rows])
		entries[n] = entryOf(n, i)
		if err := files.Replace(entries[n]); err != nil {
			t.Fatal(err)
		}
	}
	if ends, err := files.Close(rows); err != nil || ends.Missing != 0 {
		t.Fatal(ends, err)
	}
	if got, want := contents(t, dir), expected(entries); !maps.Equal(got, want) {
		t.Error("files differ from those written in order")
	}
}

// A spill file never holds more runs than may be read at once, and gives its space back when all were taken.
func TestTheReorderBufferKeepsItsSpillSmall(t *testing.T) {
	path := filepath.Join(t.TempDir(), "spill")
	s := newReorderBuffer(1, func() (Storage, error) { return openPrivate(path) })
	for n := range int64(1000) {
		if err := s.put(&Entry{Ordinal: n * 7 % 1000, Outcome: []byte("x\n")}); err != nil {
			t.Fatal(err)
		}
		if len(s.runs.items) >= runsAtMost {
			t.Fatalf("%d runs", len(s.runs.items))
		}
	}
	for n := range int64(1000) {
		err := s.take(func(e *Entry) error {
			if e.Ordinal != n || string(e.Outcome) != "x\n" {
				t.Fatalf("took %+v in the place of row %d", e, n)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if _, ok := s.first(); ok {
		t.Error("something is left")
	}
	if info, err := os.Stat(path); err != nil || info.Size() != 0 {
		t.Errorf("%d bytes are left on disk, %v", info.Size(), err)
	}
	if err := s.close(); err != nil {
		t.Error(err)
	}
}

func TestFilesRefuseWhatWouldBreakThem(t *testing.T) {
	line := []byte("x\n")
	for name, test := range map[string]struct {
		entry Entry
		want  string
	}{
		"no outcome":         {Entry{}, "not a line"},
		"outcome unfinished": {Entry{Outcome: []byte("x")}, "not a line"},
		"negative ordinal":   {Entry{Ordinal: -1, Outcome: line}, "counted from 0"},
		"unknown table":      {Entry{Outcome: line, Reject: line, RejectTable: 1}, "no rejects table 1"},
	} {
		t.Run(name, func(t *testing.T) {
			files, err := Create(t.TempDir(), FilesOptions{})
			if err != nil {
				t.Fatal(err)
			}
			defer files.Close(0)
			files.Table([]string{"a"})
			if err := files.Add(test.entry); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want %q", err, test.want)
			}
			if err := files.Replace(Entry{Ordinal: 5, Outcome: line}); !errors.Is(err, ErrNotAdded) {
				t.Errorf("replace of a row that never came: %v", err)
			}
			if err := files.Add(Entry{Outcome: line}); err != nil {
				t.Errorf("a good entry after a bad one: %v", err)
			}
		})
	}
}

func TestFilesAreClosedOnce(t *testing.T) {
	files, err := Create(t.TempDir(), FilesOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := files.Close(0); err != nil {
		t.Fatal(err)
	}
	if err := files.Add(Entry{Outcome: []byte("x\n")}); !errors.Is(err, ErrClosed) {
		t.Error(err)
	}
	if _, err := files.Close(0); !errors.Is(err, ErrClosed) {
		t.Error(err)
	}
}

func TestFilesSayWhatNeverCame(t *testing.T) {
	dir := t.TempDir()
	files, err := Create(dir, FilesOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range []int64{0, 2, 5} {
		if err := files.Add(Entry{Ordinal: n, Outcome: fmt.Appendf(nil, "%d\n", n)}); err != nil {
			t.Fatal(err)
		}
	}
	ends, err := files.Close(5)
	if err != nil || ends.Missing != 3 || ends.Beyond != 1 {
		t.Errorf("%+v, %v; want 3 missing and 1 beyond", ends, err)
	}
	if got := contents(t, dir)["outcomes.csv"]; got != OutcomeHeader+"0\n2\n5\n" {
		t.Errorf("%q", got)
	}
}

// Files are their owner's alone, also where an earlier run left others behind, whose traces go.
func TestFilesArePrivate(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "runs", "1")
	files, err := Create(dir, FilesOptions{Memory: 1})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{dir, filepath.Dir(dir)} {
		if info, err := os.Stat(name); err != nil || info.Mode().Perm() != 0o700 {
			t.Errorf("%s: %v %v", name, info.Mode(), err)
		}
	}
	files.Close(0)
	for _, name := range []string{"outcomes.csv", "problems.csv", "rejects.csv", "rejects-7.csv"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("old"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if files, err = Create(dir, FilesOptions{Memory: 1}); err != nil {
		t.Fatal(err)
	}
	files.Table([]string{"x"})
	files.Table([]string{"y"})
	for n := int64(40); n >= 0; n-- {
		if err := files.Add(entryOf(n, 0)); err != nil {
			t.Fatal(err)
		}
	}
	for name := range contents(t, dir) {
		if info, err := os.Stat(filepath.Join(dir, name)); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v %v", name, info.Mode(), err)
		}
	}
	if _, err := files.Close(41); err != nil {
		t.Fatal(err)
	}
	names := slices.Sorted(maps.Keys(contents(t, dir)))
	if want := []string{"outcomes.csv", "problems.csv", "rejects-2.csv", "rejects.csv"}; !slices.Equal(names, want) {
		t.Errorf("files %v, want %v", names, want)
	}
}

// small is a disk that is full after so many bytes.
type small struct {
	*os.File
	left *int
}

func (s small) Write(p []byte) (int, error) {
	n := min(len(p), *s.left)
	*s.left -= n
	written, err := s.File.Write(p[:n])
	if err == nil && n < len(p) {
		err = &os.PathError{Op: "write", Path: s.Name(), Err: syscall.ENOSPC}
	}
	return written, err
}

func (s small) WriteAt(p []byte, at int64) (int, error) {
	if _, err := s.Seek(at, io.SeekStart); err != nil {
		return 0, err
	}
	return s.Write(p)
}

// However much a disk takes, a run that does not fit ends with ENOSPC from Add, Replace or Close, and leaves no spill.
func TestFilesTellThatTheDiskIsFull(t *testing.T) {
	write := func(dir string, room int) error {
		left := room
		files, err := Create(dir, FilesOptions{Memory: 500, Open: func(path string) (Storage, error) {
			file, err := openPrivate(path)
			if err != nil {
				return nil, err
			}
			return small{file.(*os.File), &left}, nil
		}})
		if err != nil {
			return err
		}
		files.Table([]string{"x"})
		files.Table([]string{"y"})
		const rows = 200
		for n := range int64(rows) {
			err = errors.Join(err, files.Add(entryOf((n*31)%rows, 0)))
		}
		err = errors.Join(err, files.Replace(entryOf(7, 1)))
		_, closing := files.Close(rows)
		return errors.Join(err, closing)
	}
	enough := 1 << 20
	if err := write(t.TempDir(), enough); err != nil {
		t.Fatal(err)
	}
	for room := range 40 {
		dir := t.TempDir()
		if err := write(dir, room*500); !errors.Is(err, syscall.ENOSPC) {
			t.Fatalf("%d bytes of room: %v", room*500, err)
		}
		for name := range contents(t, dir) {
			if strings.HasPrefix(name, ".") || strings.HasSuffix(name, ".new") {
				t.Errorf("%d bytes of room: %s is left", room*500, name)
			}
		}
	}
}

func TestFilesOnAFullDevice(t *testing.T) {
	if _, err := os.Stat("/dev/full"); err != nil {
		t.Skip("needs /dev/full, which only Linux has")
	}
	_, err := Create(t.TempDir(), FilesOptions{Open: func(string) (Storage, error) {
		return os.OpenFile("/dev/full", os.O_RDWR, 0)
	}})
	if !errors.Is(err, syscall.ENOSPC) {
		t.Error(err)
	}
}

func TestCreateWhereItCannot(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Create(filepath.Join(file, "run"), FilesOptions{}); !errors.Is(err, syscall.ENOTDIR) {
		t.Error(err)
	}
}

// Ordinals far ahead cost a bit each at most, and whole leaves of them nothing.
func TestSeenForgetsFullLeaves(t *testing.T) {
	var s seen
	for n := int64(1); n < 3*leafBits; n++ {
		s.add(n)
	}
	held := 0
	for _, p := range s.leaves {
		if p != nil {
			held++
		}
	}
	if held != 1 || !s.has(2*leafBits) || !s.has(1) || s.has(0) || s.has(3*leafBits) {
		t.Errorf("%d leaves hold bits, want 1", held)
	}
	for n := range int64(3 * leafBits) {
		s.pass(n, n > 0)
	}
	if len(s.leaves) != 0 || s.count != 0 {
		t.Errorf("%d leaves, %d ordinals left", len(s.leaves), s.count)
	}
}

func BenchmarkFilesAdd(b *testing.B) {
	e := Entry{Outcome: []byte("customers.csv,,123456,customer-0123456,created,5f3e2a1b9c8d7e6f5a4b3c2d,,,\n")}
	for _, order := range []struct {
		name string
		swap int64
	}{{"in order", 1}, {"blocks swapped", 4096}} {
		b.Run(order.name, func(b *testing.B) {
			files, err := Create(b.TempDir(), FilesOptions{})
			if err != nil {
				b.Fatal(err)
			}
			b.SetBytes(int64(len(e.Outcome)))
			b.ReportAllocs()
			rows := (int64(b.N)/order.swap/2 + 1) * order.swap * 2
			for n := range rows {
				e.Ordinal = n
				if order.swap > 1 {
					e.Ordinal = n ^ order.swap
				}
				if err := files.Add(e); err != nil {
					b.Fatal(err)
				}
			}
			if ends, err := files.Close(rows); err != nil || ends.Missing > 0 {
				b.Fatal(ends, err)
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "entries/s")
		})
	}
}

func BenchmarkAppendOutcome(b *testing.B) {
	line := OutcomeLine{File: "customers.csv", Key: []byte("customer-0123456"), Status: "created",
		CustomerID: "5f3e2a1b9c8d7e6f5a4b3c2d"}
	var buffer []byte
	b.ReportAllocs()
	for b.Loop() {
		line.Line++
		buffer = AppendOutcome(buffer[:0], &line)
	}
}
