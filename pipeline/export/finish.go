package export

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"muster/mappings"
	"muster/pipeline/report"
	"muster/pipeline/report/workbook"
	"muster/pipeline/trust"
)

// Formats are the endings of the files that are written.
func Formats() []string { return []string{".csv", ".xlsx", ".ndjson"} }

// ErrLongCell is that a value is longer than a cell of a workbook, or that there are more records than rows.
var ErrLongCell = errors.New("a sheet of a workbook cannot hold it: a cell has 32,767 characters at most, and a sheet " +
	"1,048,575 rows")

// Done is what an export has written.
type Done struct {
	Records int64
	Mapping string // the file beside it
	NoTags  bool   // the key may not ask for the names of tags, and they are left out
}

// late is how long before its begin by our count an export takes records for changed while it was read.
const late = 2 * time.Minute

// Finish is Write and Remove.
func (f *File) Finish() (*Done, error) {
	d, err := f.Write()
	if err != nil {
		return nil, err
	}
	return d, f.Remove()
}

// Remove takes the part away: the file is made.
func (f *File) Remove() error {
	return errors.Join(f.part.Close(), os.Remove(Part(f.Path)), os.Remove(stateOf(f.Path)))
}

// Write makes the file of what was read, with a mapping beside it. Of a record that was changed while the others were
// read the latest reading counts, in a backup the first.
func (f *File) Write() (*Done, error) {
	d := &Done{Mapping: f.Beside}
	latest, used := map[string]int{}, map[string]bool{}
	err := f.each(func(n int, l *line) error {
		if !f.Whole && l.At.After(f.state.Begun.Add(-late)) {
			latest[l.ID] = n
		}
		for column := range l.Row {
			used[column] = true
		}
		d.NoTags = d.NoTags || l.Opaque
		return nil
	})
	if err != nil {
		return nil, err
	}
	if d.NoTags {
		delete(used, "tags") // of some they are not known, and a blank cell would say that there are none
	}
	columns := slices.DeleteFunc(slices.Clone(f.columns), func(c string) bool {
		return !used[c] && !isName(c) && !f.Whole || c == "tags" && d.NoTags
	})
	rows := func(write func(Row) error) error {
		d.Records = 0
		return f.each(func(n int, l *line) error {
			if last, twice := latest[l.ID]; twice && last != n {
				return nil
			}
			if d.NoTags {
				delete(l.Row, "tags")
			}
			d.Records++
			return write(f.whole(columns, l.Row))
		})
	}
	format := strings.ToLower(filepath.Ext(f.Path))
	if err := writeAs(format, f.Path, columns, rows); err != nil {
		return nil, fmt.Errorf("write %s: %w", f.Path, err)
	}
	if err := trust.WriteWhole(f.Beside, []byte(Mapping(f.Kind, f.Path))); err != nil {
		return nil, fmt.Errorf("write %s: %w", f.Beside, err)
	}
	return d, nil
}

// whole is a row that says also what the record lacks, where that is to be said.
func (f *File) whole(columns []string, row Row) Row {
	if f.Whole {
		for _, column := range columns {
			if row[column] == nil {
				row[column] = json.RawMessage("null")
			}
		}
	}
	return row
}

// isName says whether a column stands in every table: by it records are found again.
func isName(column string) bool { return column == "externalId" || column == "customerId" }

// each shows the lines of the part.
func (f *File) each(see func(n int, l *line) error) error {
	if _, err := f.part.Seek(0, io.SeekStart); err != nil {
		return err
	}
	lines := json.NewDecoder(bufio.NewReaderSize(io.LimitReader(f.part, f.state.Bytes), 256<<10))
	for n := 0; ; n++ {
		var one line
		err := lines.Decode(&one)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err == nil {
			err = see(n, &one)
		}
		if err != nil {
			return err
		}
	}
}

// writeAs writes rows in the form of an ending.
func writeAs(format, path string, columns []string, rows func(write func(Row) error) error) error {
	if format == ".xlsx" {
		header := make([][]byte, len(columns))
		for i, c := range columns {
			header[i] = []byte(c)
		}
		err := workbook.Table(path, "Records", header, func(use func([][]byte) error) error {
			return rows(func(r Row) error {
				line := make([][]byte, len(columns))
				for i, c := range cells(columns, r) {
					line[i] = []byte(c)
				}
				return use(line)
			})
		})
		if errors.Is(err, workbook.ErrUnholdable) {
			err = ErrLongCell
		}
		return err
	}
	err := trust.Replace(path, 0o600, func(out *os.File) error {
		w := bufio.NewWriterSize(out, 256<<10)
		var text []byte
		write := func(r Row) error {
			text = appendDefused(text[:0], cells(columns, r))
			_, err := w.Write(text)
			return err
		}
		if format == ".ndjson" {
			lines := json.NewEncoder(w)
			lines.SetEscapeHTML(false)
			write = func(r Row) error { return lines.Encode(r) }
		} else {
			w.Write(AppendLine(nil, columns)) // its error sticks
		}
		return errors.Join(rows(write), w.Flush())
	})
	if err == nil && format == ".csv" {
		_, err = report.ForSpreadsheet(path, ',', nil)
	}
	return err
}

// Mapping is the mapping that goes beside a file of a kind. By it the file says all of its records: an entry that is
// taken out of a list is taken off, and a blank cell clears.
func Mapping(kind, path string) string {
	columns := "{}"
	text := "# What a row says is what the record has afterwards: a blank cell clears, and a list holds what stands there.\n" +
		"version: 1\nkind: " + kind + "\n"
	if kind != mappings.Customers {
		text += "skip: externalId == \"\" # a record that nobody gave an external id cannot be found again\n"
		columns = "{externalId: externalId}"
	}
	text += "blank: clear\nwrite: overwrite\ndecimal: \".\"\n"
	if strings.EqualFold(filepath.Ext(path), ".csv") {
		text += "apostrophes: defused\n"
	}
	return text + "columns: " + columns + "\n"
}
