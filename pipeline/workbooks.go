package pipeline

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"muster/pipeline/bind"
	"muster/pipeline/outcome"
	"muster/pipeline/parallel"
	"muster/pipeline/redact"
	"muster/pipeline/report"
	"muster/pipeline/report/workbook"
)

// annotates refuses inputs that are no tables: their records have no cells to give back in columns.
func (c *Config) annotates(inputs []*bind.Input) error {
	for _, in := range inputs {
		switch {
		case in.Table.Header.Line > 0:
		case c.RejectsBook:
			return &outcome.UsageError{Err: fmt.Errorf("%s has no header line, and --rejects xlsx gives rows back in "+
				"columns: leave it out, rejects.csv has the refused records", in.Name)}
		case c.Annotate:
			return &outcome.UsageError{Err: fmt.Errorf("%s has no header line, and --annotate gives tables back: rejects.csv "+
				"has the refused records", in.Name)}
		}
	}
	return nil
}

// workbooks opens the inputs as workbooks that can be given back with their wrong cells coloured; nil where one of them
// is none, or is built in another way than most: then tables are given back as CSV.
func (r *Running) workbooks() []*workbook.Book {
	if !r.Config.Annotate || r.Config.Redact != redact.None {
		return nil
	}
	var books []*workbook.Book
	for _, in := range r.Inputs {
		if in.Name == "-" || in.Table.Header.Format != "xlsx" {
			closeWorkbooks(books)
			return nil
		}
		b, err := workbook.Open(in.Path)
		if err != nil {
			closeWorkbooks(books)
			return nil
		}
		books = append(books, b)
	}
	return books
}

func closeWorkbooks(books []*workbook.Book) {
	for _, b := range books {
		b.Close()
	}
}

// colour gives the user's workbooks back with the problems of the run on their cells, unless ctx is done: nobody waits
// any more, and what was not read would look as if nothing were wrong with it.
func (r *Running) colour(ctx context.Context, s *report.Summary) error {
	if r.books == nil {
		return nil
	}
	defer closeWorkbooks(r.books)
	old, err := fs.Glob(os.DirFS(r.Dir), "annotated*")
	for _, name := range old {
		err = errors.Join(err, os.Remove(filepath.Join(r.Dir, name)))
	}
	if err != nil {
		return err
	}
	for n, in := range r.Inputs {
		name := "annotated"
		if n > 0 {
			name = fmt.Sprintf("annotated-%d", n+1)
		}
		path := filepath.Join(r.Dir, name+strings.ToLower(filepath.Ext(in.Path)))
		if ctx.Err() != nil {
			return nil
		}
		left, err := r.colourOne(ctx, n, path, s)
		if errors.Is(err, context.Canceled) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("annotate %s: %w", in.Name, err)
		}
		if left > 0 {
			r.Config.Progress.Say(fmt.Sprintf("%s: %d wrong cells are coloured and have no comment; problems.csv says what "+
				"is wrong with them", in.Name, left))
		}
		s.Files = append(s.Files, report.File{Kind: "annotated", Path: path})
	}
	return nil
}

func (r *Running) colourOne(ctx context.Context, n int, path string, s *report.Summary) (uncommented int64, err error) {
	var problems io.Reader = strings.NewReader("")
	file, err := os.Open(filepath.Join(r.Dir, "problems.csv"))
	switch {
	case err == nil:
		defer file.Close()
		problems = bufio.NewReaderSize(file, 1<<16)
	case !errors.Is(err, fs.ErrNotExist):
		return 0, err
	}
	r.books[n].Fixes = map[string]string{}
	for _, p := range s.Problems {
		r.books[n].Fixes[p.Code] = p.Fix
	}
	return r.books[n].Annotate(path, r.Inputs[n].Table.Header.File, problems, packers(ctx, r.Config.Workers))
}

// packers has parts of a workbook packed by several goroutines, until ctx is done.
func packers(ctx context.Context, workers int) workbook.Packers {
	return func(fill func(func(*workbook.Segment) bool) error, do func(*workbook.Segment),
		take func(*workbook.Segment) error) error {
		err := parallel.Ordered(workers, func(send func(*workbook.Segment) bool) error {
			return fill(func(s *workbook.Segment) bool { return send(s) && ctx.Err() == nil })
		}, parallel.Each(do), take)
		return errors.Join(err, ctx.Err())
	}
}
