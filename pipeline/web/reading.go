package web

import (
	"cmp"
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"muster/pipeline/bind"
	"muster/pipeline/config"
	"muster/pipeline/options"
	"muster/pipeline/source"
)

// shownRows is how many rows the page shows of a file at first.
const shownRows = 20

// readingFlags are the flags by which a file is read that the page can change, in the order of a command.
var readingFlags = [...]string{"encoding", "delimiter", "quote", "sheet", "skip-lines", "no-header", "header"}

// meaningFlags are those by which its values are understood.
var meaningFlags = [...]string{"region", "dates"}

// given makes options of the flags that a session has.
func given(reading map[string]string) config.Options {
	o := config.DefaultOptions()
	for _, option := range o.All() {
		value, there := reading[option.Name]
		if !there {
			continue
		}
		switch to := option.To.(type) {
		case *string:
			*to = value
		case *bool:
			*to = value != ""
		case *int:
			*to = 0
			for _, digit := range value {
				if digit < '0' || digit > '9' || *to > 1<<20 {
					break
				}
				*to = *to*10 + int(digit-'0')
			}
		}
	}
	return o
}

// flags are the words of a command that say how a file is read and its values understood.
func flags(reading map[string]string) (words []string) {
	o := config.DefaultOptions()
	all := o.All()
	for _, name := range slices.Concat(readingFlags[:], meaningFlags[:]) {
		value := reading[name]
		if value == "" {
			continue
		}
		at := slices.IndexFunc(all, func(o config.Option) bool { return o.Name == name })
		words = append(words, "--"+name)
		if _, is := all[at].To.(*bool); !is {
			words = append(words, value)
		}
	}
	return words
}

// A look is what the first rows of a file show.
type look struct {
	Said     string // how it was read, in one line
	Format   string
	Columns  []string // as the file names them
	Rows     []shownRow
	Sheets   []string // of a workbook or an archive
	Sheet    string   // the one that is read
	Readings []source.Reading
	Error    string
	Fix      string
}

type shownRow struct {
	Line  int64
	Cells []string
	Why   string // it cannot be trusted
}

// open opens the session's file as it is to be read. The caller holds mu.
func (s *session) open(ctx context.Context) (source.Reader, error) {
	o := given(s.record.Reading)
	read, err := options.Source(&o)
	if err != nil {
		return nil, err
	}
	read.Doubtful = true
	r, err := bind.OpenSource(ctx, s.record.File, nil, read)
	if err != nil {
		return nil, err
	}
	return r, nil
}

// settle takes the first sheet of a workbook that has several: one table has one mapping, and the page names the
// others.
func (s *session) settle() {
	if names := s.sheets(context.Background()); len(names) > 1 {
		s.setReading("sheet", names[0])
	}
}

// look reads the first rows. What keeps a file from being read is said in the look. The caller holds mu.
func (s *session) look(ctx context.Context) *look {
	l := &look{}
	r, err := s.open(ctx)
	if err != nil {
		l.fail(err)
		return l
	}
	defer r.Close()
	h := r.Header()
	l.Said, l.Format, l.Sheet, l.Columns = r.Describe(), h.Format, h.Sheet, bind.OwnNames(h)
	l.Sheets = s.sheets(ctx)
	err = firstRows(r, shownRows, func(h *source.Header, row *source.Row) {
		if own := bind.OwnNames(h); len(own) > len(l.Columns) {
			l.Columns = own
		}
		one := shownRow{Line: row.Line, Why: row.Detail}
		for i := range row.Cells {
			one.Cells = append(one.Cells, bind.CellText(row, i))
		}
		l.Rows = append(l.Rows, one)
	})
	for i := range l.Rows {
		for len(l.Rows[i].Cells) < len(l.Columns) {
			l.Rows[i].Cells = append(l.Rows[i].Cells, "")
		}
	}
	if err != nil {
		l.fail(err)
	}
	if l.Format == "csv" && !strings.Contains(l.Said, "UTF-8") && !strings.Contains(l.Said, "UTF-16") {
		l.Readings = s.readings(ctx)
	}
	return l
}

func (l *look) fail(err error) {
	l.Error = err.Error()
	var input *source.Error
	if errors.As(err, &input) {
		l.Error = cmp.Or(input.Detail, l.Error)
		l.Readings = input.Readings
		l.Fix = fixOf(input.Code)
	}
}

// firstRows calls do for the first rows of a reader.
func firstRows(r source.Reader, most int, do func(*source.Header, *source.Row)) error {
	var chunk source.Chunk
	var block source.Block
	for most > 0 {
		if err := r.Cut(&chunk); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		r.Parse(&chunk, &block)
		for i := range block.Rows {
			if most == 0 {
				return nil
			}
			do(block.Header, &block.Rows[i])
			most--
		}
	}
	return nil
}

// sheets names the tables of a workbook. The caller holds mu.
func (s *session) sheets(ctx context.Context) (names []string) {
	o := given(s.record.Reading)
	o.Sheet = ""
	read, err := options.Source(&o)
	if err != nil {
		return nil
	}
	r, err := bind.OpenSource(ctx, s.record.File, nil, read)
	if err != nil {
		return nil
	}
	defer r.Close()
	if t, is := r.(source.Tables); is {
		for _, h := range t.Headers() {
			names = append(names, h.Sheet)
		}
	}
	return names
}

// candidates are the encodings by which spreadsheets of the West and of Central Europe write; a person tells them apart
// by one name.
var candidates = [...]string{"Windows-1252", "Windows-1250", "ISO-8859-15", "CP850", "Mac Roman"}

// readings shows one word of the file as each of several encodings reads it, so that a person decides by eye. The
// caller holds mu.
func (s *session) readings(ctx context.Context) (all []source.Reading) {
	kept := s.record.Reading["encoding"]
	defer func() { s.setReading("encoding", kept) }()
	at, cell := -1, -1
	for _, encoding := range candidates {
		s.setReading("encoding", encoding)
		r, err := s.open(ctx)
		if err != nil {
			continue
		}
		n, word := 0, ""
		firstRows(r, 2000, func(_ *source.Header, row *source.Row) { // what cannot be read has no word
			for i, c := range row.Cells {
				if (at < 0 && foreign(c)) || n == at && i == cell {
					at, cell, word = n, i, string(c)
				}
			}
			n++
		})
		r.Close()
		same := func(r source.Reading) bool { return r.Word == word }
		if word != "" && !slices.ContainsFunc(all, same) {
			all = append(all, source.Reading{Encoding: encoding, Word: word})
		}
	}
	if len(all) < 2 {
		return nil
	}
	return all
}

func (s *session) setReading(name, value string) {
	if value == "" {
		delete(s.record.Reading, name)
		return
	}
	if s.record.Reading == nil {
		s.record.Reading = map[string]string{}
	}
	s.record.Reading[name] = value
}

// foreign is true for a short text that holds a letter beyond ASCII.
func foreign(cell []byte) bool {
	return len(cell) < 60 && slices.ContainsFunc(cell, func(b byte) bool { return b >= utf8.RuneSelf })
}
