package command

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"muster/pipeline/bind"
	"muster/pipeline/exit"
	"muster/pipeline/export"
	"muster/pipeline/source"
)

func (a *app) readCommand() *cobra.Command {
	f := newInputFlags()
	var as string
	var all bool
	c := &cobra.Command{
		Use:   "read FILE",
		Short: "Print what muster sees in a file, as clean CSV or NDJSON",
		Long: `Read prints the rows of a file as RFC 4180 CSV in UTF-8, or as NDJSON, exactly as every other
command would see them. Rows that cannot be trusted are left out and named on standard error.`,
		Example: `  muster read contacts.csv
  muster read contacts.csv.gz --as ndjson | head`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, files []string) error {
			a.looks = true
			options, err := f.source()
			if err != nil {
				return err
			}
			options.Doubtful, options.KeepBlank = all, true
			write := map[string]func(io.Writer) rowWriter{"csv": newCSVRows, "ndjson": newJSONRows}[as]
			if write == nil {
				return usage("--as %q is none of csv, ndjson", as)
			}
			return a.read(c.Context(), files[0], options, write)
		},
	}
	registerOptions(c, f.Source())
	c.Flags().BoolVar(&all, "all", false, "print rows that cannot be trusted, too, as well as they can be made out")
	c.Flags().StringVar(&as, "as", "csv", "csv or ndjson")
	return c
}

// rowWriter prints rows of one table after the other.
type rowWriter interface {
	// tables is told of a reader's tables where it may have several; its error is a *pipeline.UsageError.
	tables(h []*source.Header) error
	header(h *source.Header) error
	row(h *source.Header, r *source.Row) error
	flush() error
}

func (a *app) read(ctx context.Context, name string, options source.Options, write func(io.Writer) rowWriter) error {
	reader, err := bind.OpenSource(ctx, name, a.Stdin, options)
	if err != nil {
		return err
	}
	defer reader.Close()
	a.say(reader.Describe())
	out := write(a.data())
	if tables, several := reader.(source.Tables); several {
		if err := out.tables(tables.Headers()); err != nil {
			return err
		}
	}
	if err := out.header(reader.Header()); err != nil {
		return err
	}
	bad, err := a.copyRows(ctx, reader, out, options.Doubtful)
	if flushErr := out.flush(); err == nil {
		err = flushErr
	}
	if err == nil && bad > 0 {
		a.code = exit.Rejects
		left := "are left out"
		if options.Doubtful {
			left = "are printed as well as they could be made out"
		}
		fmt.Fprintf(a.Stderr, "muster: %d rows could not be trusted and %s\n", bad, left)
	}
	return err
}

// copyRows prints the rows of a reader and names those that cannot be trusted, which it leaves out or not.
func (a *app) copyRows(ctx context.Context, reader source.Reader, out rowWriter, doubtful bool) (bad int64, err error) {
	var chunk source.Chunk
	var block source.Block
	for {
		if err := ctx.Err(); err != nil {
			return bad, err
		}
		if err := reader.Cut(&chunk); err == io.EOF {
			return bad, nil
		} else if err != nil {
			return bad, err
		}
		reader.Parse(&chunk, &block)
		for i := range block.Rows {
			row := &block.Rows[i]
			if row.Code != "" {
				bad++
				fmt.Fprintf(a.Stderr, "muster: line %d: %s: %s\n", row.Line, row.Code, row.Detail)
				if !doubtful || row.Cells == nil || row.Code == "row.header" {
					continue
				}
			}
			if err := out.row(block.Header, row); err != nil {
				return bad, err
			}
		}
	}
}

type csvRows struct {
	w     *bufio.Writer
	line  []byte
	width int
	first *source.Header
}

func newCSVRows(w io.Writer) rowWriter { return &csvRows{w: bufio.NewWriter(w)} }

func (c *csvRows) tables(headers []*source.Header) error {
	for _, h := range headers {
		if !slices.Equal(h.Names, headers[0].Names) {
			return usage("%s has other columns than %s: name one with --sheet, or use --as ndjson", h.Sheet, headers[0].Sheet)
		}
	}
	return nil
}

func (c *csvRows) header(h *source.Header) error {
	c.width, c.first = len(h.Names), h
	if h.Line == 0 && (h.Format == "csv" || h.Format == "xlsx" || h.Format == "ods") {
		return nil // the file has none
	}
	return c.write(export.AppendLine(c.line[:0], h.Names))
}

// row prints as many cells as the header has; a JSON record may bring keys that appear later than
// the header was made, and CSV cannot grow.
func (c *csvRows) row(h *source.Header, r *source.Row) error {
	if len(h.Names) > c.width {
		return usage("line %d brings the key %q, which the records before it did not have: use --as ndjson", r.Line,
			h.Names[c.width])
	}
	return c.write(export.AppendLine(c.line[:0], r.Cells))
}

func (c *csvRows) write(line []byte) error {
	c.line = line
	_, err := c.w.Write(line)
	return err
}

func (c *csvRows) flush() error { return c.w.Flush() }

type jsonRows struct {
	w     *bufio.Writer
	of    *source.Header
	names [][]byte // its columns as keys of an object, with quotes
}

func newJSONRows(w io.Writer) rowWriter { return &jsonRows{w: bufio.NewWriter(w)} }

func (j *jsonRows) tables([]*source.Header) error { return nil }

func (j *jsonRows) header(*source.Header) error { return nil }

// keysOf are the names of columns as keys of an object: none is empty, and none comes twice.
func keysOf(names []string) (keys [][]byte) {
	taken := make(map[string]bool)
	for _, name := range names {
		taken[name] = true
	}
	seen := make(map[string]bool)
	for i, name := range names {
		if name == "" {
			name = strings.TrimSuffix(source.Address(i, 0), "0")
		}
		key := name
		for n := 2; seen[key] || key != names[i] && taken[key]; n++ {
			key = fmt.Sprintf("%s (%d)", name, n)
		}
		seen[key] = true
		text, _ := json.Marshal(key) // a string always can be
		keys = append(keys, text)
	}
	return keys
}

func (j *jsonRows) row(h *source.Header, r *source.Row) error {
	if j.of != h {
		j.of, j.names = h, keysOf(h.Names)
	}
	j.w.WriteByte('{')
	first := true
	for i, cell := range r.Cells {
		kind := byte('"')
		if r.Kinds != nil {
			kind = r.Kinds[i]
		}
		if i == len(h.Names) {
			break // of a doubtful row; no name is left for it
		}
		if kind == 0 {
			continue
		}
		if !first {
			j.w.WriteByte(',')
		}
		first = false
		j.w.Write(j.names[i])
		j.w.WriteByte(':')
		switch kind {
		case '"':
			cell, _ = json.Marshal(string(cell))
		case 'n':
			cell = []byte("null")
		}
		j.w.Write(cell)
	}
	_, err := j.w.WriteString("}\n")
	return err
}

func (j *jsonRows) flush() error { return j.w.Flush() }
