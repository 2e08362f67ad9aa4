package web

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"muster/pipeline/report/workbook"
	"muster/pipeline/source"
	"muster/pipeline/trust"
)

// A tableWriter writes rows in one format.
type tableWriter interface {
	header(names []string) error
	row(r *storedRow) error
}

// csvTable writes RFC 4180 with any delimiter.
type csvTable struct {
	to        io.Writer
	delimiter byte
	line      []byte
}

func (t *csvTable) header(names []string) error { return t.write(names) }

func (t *csvTable) row(r *storedRow) error { return t.write(r.Cells) }

func (t *csvTable) write(cells []string) error {
	t.line = t.line[:0]
	for i, c := range cells {
		if i > 0 {
			t.line = append(t.line, t.delimiter)
		}
		// A line of one blank cell would be a blank line, which is no row.
		if strings.ContainsAny(c, "\"\r\n"+string(rune(t.delimiter))) || strings.TrimSpace(c) != c || len(cells) == 1 &&
			c == "" {
			t.line = append(append(append(t.line, '"'), strings.ReplaceAll(c, `"`, `""`)...), '"')
			continue
		}
		t.line = append(t.line, c...)
	}
	_, err := t.to.Write(append(t.line, '\n'))
	return err
}

// jsonTable writes one JSON object a line.
type jsonTable struct {
	to    io.Writer
	names []string
	line  []byte
}

func (t *jsonTable) header([]string) error { return nil }

func (t *jsonTable) row(r *storedRow) error {
	if r.broken {
		_, err := io.WriteString(t.to, strings.ReplaceAll(r.Code+": "+r.Why, "\n", " ")+"\n")
		return err
	}
	t.line = append(t.line[:0], '{')
	for i, c := range r.Cells {
		kind := byte('"')
		if r.Kinds != nil {
			kind = r.Kinds[i]
		}
		if kind == 0 || i >= len(t.names) {
			continue
		}
		name, _ := json.Marshal(t.names[i]) // a string always can be
		if len(t.line) > 1 {
			t.line = append(t.line, ',')
		}
		t.line = append(append(t.line, name...), ':')
		switch kind {
		case '"':
			text, _ := json.Marshal(c)
			t.line = append(t.line, text...)
		case 'n':
			t.line = append(t.line, "null"...)
		default:
			t.line = append(t.line, c...)
		}
	}
	_, err := t.to.Write(append(t.line, '}', '\n'))
	return err
}

// distrust keeps a row that could not be trusted, and that nobody has looked at, one that is refused: written anew it
// would be taken for a good one. What was wrong with it stands in a cell too many.
func (r *storedRow) distrust(width int) {
	if r.Code == "" || len(r.Cells) != width && len(r.Cells) > 0 {
		return
	}
	for len(r.Cells) < width {
		r.Cells = append(r.Cells, "")
	}
	r.Cells, r.broken = append(r.Cells, r.Code+": "+r.Why), true
}

// fixed is the file with the edits in it, and the flags by which it is read; "" where nothing was edited. The caller
// holds mu.
func (s *session) fixed() (path string, how []string) {
	if s.tables.edits == nil || s.tables.edits.n == 0 || s.tables.rows == nil {
		return "", nil
	}
	base := s.name()
	if book := s.fixedBook(); book != "" {
		return book, flags(s.record.Reading)
	}
	rest := flags(map[string]string{"region": s.record.Reading["region"], "dates": s.record.Reading["dates"]})
	if isJSON(s.tables.rows.format) {
		return filepath.Join(s.path("fixed"), stem(base)+".ndjson"), rest
	}
	how = []string{"--header", "--delimiter", delimiterWord(s.delimiter())}
	if charset := s.charset(); charset != "" {
		how = append(how, "--encoding", charset)
	}
	return filepath.Join(s.path("fixed"), stem(base)+".csv"), append(how, rest...)
}

func stem(name string) string { return strings.TrimSuffix(name, filepath.Ext(name)) }

func delimiterWord(d byte) string {
	if d == '\t' {
		return "tab"
	}
	return string(rune(d))
}

func (s *session) delimiter() byte {
	if s.tables.delimiter == 0 {
		return ','
	}
	return s.tables.delimiter
}

// charset is the encoding of the file with the edits: the file's own, where that is not Unicode's and can hold every
// edit.
func (s *session) charset() string {
	name := source.Charset(s.tables.encoding)
	if name == "" {
		return ""
	}
	for _, cells := range s.tables.edits.cells {
		for _, text := range cells {
			if !source.Encodable(text, name) {
				return ""
			}
		}
	}
	return name
}

// writeFixed writes the file with the edits, in the form of the original, where that was not done since the last edit.
// The caller holds mu.
func (s *session) writeFixed(ctx context.Context) error {
	path, _ := s.fixed()
	if path == "" || s.tables.fixedAt == s.tables.edits.size && exists(path) {
		return nil
	}
	err := s.writeFixedAs(ctx, path)
	if err == nil {
		s.tables.fixedAt = s.tables.edits.size
	}
	return err
}

func exists(path string) bool { _, err := os.Stat(path); return err == nil }

func (s *session) writeFixedAs(ctx context.Context, path string) error {
	if s.fixedBook() != "" {
		err := s.writeBook(ctx, path)
		if s.tables.unfit = errors.Is(err, workbook.ErrUnfit); !s.tables.unfit {
			if err != nil {
				return fmt.Errorf("write the fixed file: %w", err)
			}
			return nil
		}
		if err := removeFile(path); err != nil {
			return fmt.Errorf("write the fixed file: %w", err)
		}
		path, _ = s.fixed()
	}
	return s.writeTable(ctx, path, &tableForm{delimiter: s.delimiter(), charset: s.charset(), lines: s.linesPath()})
}

// A tableForm is how a file of ours is written.
type tableForm struct {
	delimiter byte
	charset   string // "" UTF-8
	lines     string // the file that says where each row starts; "" nobody asks
}

// writeTable writes all rows with the edits in them, as CSV or, where the file is JSON, as NDJSON. The caller holds mu.
func (s *session) writeTable(ctx context.Context, path string, form *tableForm) error {
	st := s.tables.rows
	if err := st.whole(ctx); err != nil {
		return err
	}
	if err := trust.MkdirAll(filepath.Dir(path)); err != nil {
		return fmt.Errorf("write the fixed file: %w", err)
	}
	err := trust.Replace(path, 0o600, func(file *os.File) error {
		buffer := bufio.NewWriterSize(file, 1<<20)
		out, err := source.Encode(buffer, form.charset)
		if err != nil {
			return err
		}
		var w tableWriter = &csvTable{to: out, delimiter: form.delimiter}
		if isJSON(st.format) {
			w = &jsonTable{to: out, names: st.names()}
		}
		if err := w.header(st.names()); err != nil {
			return err
		}
		var lines io.Writer = io.Discard
		if form.lines != "" {
			file, err := trust.Create(form.lines)
			if err != nil {
				return err
			}
			defer file.Close()
			lines = file
		}
		starts := &lineWriter{to: bufio.NewWriterSize(lines, 1<<16), line: 1}
		if !isJSON(st.format) {
			starts.pass(st.names())
		}
		var failed error
		err = st.each(ctx, func(ordinal int64, r *storedRow) bool {
			s.tables.edits.over(ordinal, r, len(st.names()))
			if _, edited := s.tables.edits.cells[ordinal]; !edited {
				r.distrust(len(st.names()))
			}
			starts.row(r.Cells, isJSON(st.format))
			failed = w.row(r)
			return failed == nil
		})
		return errors.Join(failed, err, out.Close(), buffer.Flush(), starts.to.Flush())
	})
	if err != nil {
		return fmt.Errorf("write the fixed file: %w", err)
	}
	return nil
}
