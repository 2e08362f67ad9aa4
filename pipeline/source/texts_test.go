package source

import (
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"testing"

	"golang.org/x/sync/errgroup"
)

// sharing is a workbook of three columns whose texts are shared: the row's own, in the order that places gives, and
// one of a few.
func sharing(t *testing.T, places []int) (data []byte, want []string) {
	t.Helper()
	const few = 20
	texts := make([]string, few+len(places))
	rows := make([]string, 0, len(places))
	for i := range few {
		texts[i] = fmt.Sprint("one of few ", i)
	}
	for i, place := range places {
		texts[few+place] = strings.Repeat(fmt.Sprint("é", place, " "), 1+place%29)
		rows = append(rows, fmt.Sprintf(`<row r="%[1]d"><c r="A%[1]d" t="s"><v>%[2]d</v></c><c r="B%[1]d" s="0" t="s"><v>%[3]d</v></c><c r="C%[1]d"><v>%[1]d</v></c></row>`, i+2, few+place, i%few))
		want = append(want, fmt.Sprintf("%s|%s|%d", strings.Repeat(fmt.Sprint("é", place, " "), 1+place%29), texts[i%few], i+
			2))
	}
	var all strings.Builder
	for _, text := range texts {
		all.WriteString("<si><t>" + text + "</t></si>")
	}
	return workbook(t, all.String(), "<styleSheet/>", "S", "<sheetData>"+
		`<row r="1"><c r="A1" t="inlineStr"><is><t>a</t></is></c><c r="B1" t="inlineStr"><is><t>b</t></is></c><c r="C1" t="inlineStr"><is><t>c</t></is></c></row>`+
		strings.Join(rows, "")+"</sheetData>"), want
}

// Shared strings are read by whoever needs them first, in whatever order rows want them, in memory and beyond it.
func TestTextsBeside(t *testing.T) {
	const n = 8_000
	backwards := make([]int, n)
	for i := range backwards {
		backwards[i] = n - 1 - i
	}
	forwards := make([]int, n)
	for i := range forwards {
		forwards[i] = i
	}
	for name, places := range map[string][]int{"forwards": forwards, "backwards": backwards, "mixed": rand.Perm(n)} {
		data, want := sharing(t, places)
		for _, limit := range []int{textsHeld, 100_000} {
			r, err := openBytes(t, "a.xlsx", data, Options{Scratch: t.TempDir(), ChunkSize: 20_000})
			if err != nil {
				t.Fatal(err)
			}
			r.(*book).texts.limit = limit
			got, err := parseBeside(r, 4)
			if err != io.EOF {
				t.Fatal(err)
			}
			for i := range want {
				if got[int64(i+2)] != want[i] {
					t.Fatalf("%s, %d bytes in memory: row %d is %q, want %q", name, limit, i+2, got[int64(i+2)], want[i])
				}
			}
			// The header's search reads on to the texts of its rows, all of them where they stand last.
			if spilt := r.(*book).texts.file != nil; name == "forwards" && spilt != (limit < textsHeld) {
				t.Errorf("%d bytes in memory: in a file %v", limit, spilt)
			}
		}
	}
}

// parseBeside parses by several goroutines while it cuts, and gives the rows by number.
func parseBeside(r Reader, workers int) (map[int64]string, error) {
	chunks := make(chan *Chunk, workers)
	found := make([]map[int64]string, workers)
	var group errgroup.Group
	for i := range workers {
		found[i] = map[int64]string{}
		group.Go(func() error {
			var b Block
			for c := range chunks {
				r.Parse(c, &b)
				for _, row := range b.Rows {
					var cells []string
					for _, cell := range row.Cells {
						cells = append(cells, string(cell))
					}
					found[i][row.Number] = row.Code + strings.Join(cells, "|")
				}
			}
			return nil
		})
	}
	var err error
	for err == nil {
		c := &Chunk{}
		if err = r.Cut(c); err == nil {
			chunks <- c
		}
	}
	close(chunks)
	group.Wait()
	for _, more := range found[1:] {
		for number, row := range more {
			found[0][number] = row
		}
	}
	return found[0], err
}

// Strings that break off, or are no XML, end the reading with an error at the latest behind the last row, and whoever
// needs one of those that are lost gets a row that is refused.
func TestTextsDamaged(t *testing.T) {
	rows := grid(1, "a|b") + `<sheetData><row r="2"><c r="A2" t="s"><v>0</v></c></row><row r="3"><c r="A3" t="s"><v>1</v></c></row></sheetData>`
	rows = strings.Replace(rows, "</sheetData><sheetData>", "", 1)
	for name, c := range map[string]struct{ texts, want string }{
		"sound":         {"<si><t>x</t></si><si><t>y</t></si>", "map[2:x| 3:y|]"},
		"one is broken": {"<si><t>x</t></si><si><t>y</si>" + strings.Repeat("<si><t>z</t></si>", 10_000), ""},
		"ends early":    {"<si><t>x</t></si></sst><!--", "map[2:x| 3:row.syntax|]"},
	} {
		r, err := openBytes(t, "a.xlsx", workbook(t, c.texts, "<styleSheet/>", "S", rows), Options{})
		if err != nil {
			t.Fatal(err)
		}
		got, err := parseBeside(r, 2)
		if c.want == "" {
			if code(err) != fileBrokenOff {
				t.Errorf("%s: %v, rows %v", name, err, got)
			}
			continue
		}
		if err != io.EOF || fmt.Sprint(got) != c.want {
			t.Errorf("%s: %v, %v, want %s", name, err, got, c.want)
		}
	}
}
