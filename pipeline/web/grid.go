package web

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"sort"
	"strconv"
	"strings"
)

// mostShown is how many rows one answer holds: more than fit a window, so that the browser never holds the file.
const mostShown = 200

// A gridRow is one row as the grid shows it.
type gridRow struct {
	Ordinal  int64         `json:"o"`
	Line     int64         `json:"l"`
	Cells    []string      `json:"c"`
	Edited   []int         `json:"e,omitempty"`
	Problems []cellProblem `json:"p,omitempty"`
}

type cellProblem struct {
	Column     int    `json:"c"`
	Code       string `json:"code"`
	Message    string `json:"m"`
	Fix        string `json:"f"`
	Suggestion string `json:"s,omitempty"` // what most likely was meant; "" nobody knows
}

func filterOf(q url.Values) filter {
	f := filter{All: q.Get("only") == "all", Code: q.Get("code"), Column: -2}
	if n, err := strconv.Atoi(q.Get("column")); err == nil {
		f.Column = n
	}
	return f
}

// queryFilter is a filter that came as the query of an address; what cannot be read of it filters nothing.
func queryFilter(query string) filter {
	q, _ := url.ParseQuery(query)
	return filterOf(q)
}

// window gives a part of the rows that a filter shows. The caller holds mu.
func (s *session) window(f filter, from int64, n int) (rows []gridRow, total int64, err error) {
	st, p := s.tables.rows, s.tables.problems
	var ordinals []int64
	if f.All || p == nil {
		total, _, _ = st.state()
		for i := from; i < min(total, from+int64(n)); i++ {
			ordinals = append(ordinals, i)
		}
	} else {
		list := p.rows(f)
		total = int64(len(list))
		ordinals = list[min(from, total):min(from+int64(n), total)]
	}
	err = st.some(ordinals, func(ordinal int64, r *storedRow) bool {
		rows = append(rows, s.gridRow(ordinal, r))
		return true
	})
	return rows, total, err
}

func (s *session) gridRow(ordinal int64, r *storedRow) gridRow {
	s.tables.edits.over(ordinal, r, 0)
	g := gridRow{Ordinal: ordinal, Line: r.Line, Cells: r.Cells, Edited: sortedColumns(s.tables.edits.cells[ordinal])}
	if p := s.tables.problems; p != nil {
		for _, f := range p.of(ordinal) {
			k := &p.kinds[f.Kind]
			one := cellProblem{Column: int(f.Column), Code: k.Code, Message: k.Message, Fix: k.Fix}
			if one.Column >= 0 && one.Column < len(r.Cells) {
				one.Suggestion = s.suggestion(k, one.Column, r.Cells[one.Column])
			}
			g.Problems = append(g.Problems, one)
		}
	}
	return g
}

func sortedColumns(cells map[int]string) (columns []int) {
	for c := range cells {
		columns = append(columns, c)
	}
	slices.Sort(columns)
	return columns
}

func (s *Server) gridRows(w http.ResponseWriter, r *http.Request, one *session) {
	from, err := strconv.ParseInt(r.URL.Query().Get("from"), 10, 64)
	n, failed := strconv.Atoi(r.URL.Query().Get("n"))
	if err != nil || failed != nil || from < 0 || n < 1 {
		s.refuse(w, r, http.StatusBadRequest, errors.New("which rows are meant is not said"))
		return
	}
	one.mu.Lock()
	defer one.mu.Unlock()
	if err := one.ready(r.Context()); err != nil {
		s.failed(w, r, err)
		return
	}
	rows, total, err := one.window(filterOf(r.URL.Query()), from, min(n, mostShown))
	if err != nil {
		s.failed(w, r, err)
		return
	}
	_, all, _ := one.tables.rows.state()
	answer(w, map[string]any{"rows": rows, "total": total, "all": all, "revision": one.record.Revision})
}

// ready lays the rows out and reads what the last check found, where that is gone from memory. The caller holds mu.
func (s *session) ready(ctx context.Context) error {
	st, err := s.rows(ctx)
	if err != nil {
		return err
	}
	last := s.checked()
	if last == nil || s.tables.problems != nil && s.tables.problems.run == last.Run {
		return nil
	}
	if err := st.whole(ctx); err != nil {
		return err
	}
	locate := st.ordinal
	if last.Fixed {
		lines, err := openLines(s.linesPath())
		if err != nil {
			return err
		}
		defer lines.Close()
		locate = lines.ordinal
	}
	if s.tables.problems, err = loadProblems(ctx, s.state(), last.Run, locate); err != nil ||
		last.Stamp == s.record.Stamp {
		return err
	}
	var edited []int64 // since the check
	for ordinal := range s.tables.edits.cells {
		edited = append(edited, ordinal)
	}
	return s.recheck(ctx, edited)
}

// An edit is what a person did in the grid.
type edit struct {
	Revision int64  `json:"revision"`
	Kind     string `json:"kind"` // edit, paste, replace, suggest, undo, redo
	Cells    []struct {
		Row    int64  `json:"r"`
		Column int    `json:"c"`
		Text   string `json:"t"`
	} `json:"cells"`
	Find    string `json:"find"`
	Replace string `json:"replace"`
	Whole   bool   `json:"whole"` // the whole cell must be what is looked for
	Column  int    `json:"column"`
	Preview bool   `json:"preview"`
	Filter  string `json:"filter"` // of the rows that are meant, as a query
}

func (s *Server) edit(w http.ResponseWriter, r *http.Request, one *session) {
	var e edit
	if err := asked(w, r, &e); err != nil {
		s.refuse(w, r, http.StatusBadRequest, err)
		return
	}
	one.mu.Lock()
	defer one.mu.Unlock()
	if err := errors.Join(one.at(e.Revision), one.ready(r.Context())); err != nil {
		s.failed(w, r, err)
		return
	}
	var o *operation
	var err error
	switch e.Kind {
	case "undo":
		o = &operation{Undo: true}
	case "redo":
		o = &operation{Redo: true}
	case "replace":
		o, err = one.replacement(r.Context(), &e)
	case "suggest":
		o, err = one.suggested(queryFilter(e.Filter))
	default:
		o, err = one.entered(&e)
	}
	if err != nil {
		s.failed(w, r, err)
		return
	}
	if e.Preview {
		answer(w, map[string]any{"count": len(o.Cells), "cells": o.Cells[:min(len(o.Cells), 8)]})
		return
	}
	touched, err := one.tables.edits.do(o)
	if err == nil && len(touched) > 0 {
		err = one.settled(r.Context(), touched)
	}
	if err != nil {
		s.failed(w, r, err)
		return
	}
	s.told(w, r, one, touched)
}

// settled checks the touched rows again and notes that the file is another one now. The caller holds mu.
func (s *session) settled(ctx context.Context, touched []cell) error {
	ordinals := make([]int64, len(touched))
	for i := range touched {
		ordinals[i] = touched[i].Row
	}
	err := s.recheck(ctx, ordinals)
	s.record.Stamp++
	return errors.Join(err, s.save())
}

// told answers an edit: what was touched, and what the problems come to now.
func (s *Server) told(w http.ResponseWriter, r *http.Request, one *session, touched []cell) {
	summary, err := s.part("summary", one.problemsPage(r.Context()))
	if err != nil {
		s.failed(w, r, err)
		return
	}
	reply := map[string]any{"revision": one.record.Revision, "touched": len(touched), "summary": summary,
		"undo": len(one.tables.edits.done), "redo": len(one.tables.edits.back)}
	if len(touched) > 0 {
		rows, err := one.tables.rows.read(touched[0].Row, 1)
		if err == nil && len(rows) > 0 {
			reply["first"] = one.gridRow(touched[0].Row, &rows[0])
		}
	}
	answer(w, reply)
}

// entered makes an operation of cells that were typed or pasted.
func (s *session) entered(e *edit) (*operation, error) {
	o := &operation{Kind: e.Kind}
	if len(e.Cells) > mostCells {
		return nil, errTooMany
	}
	n, _, _ := s.tables.rows.state()
	width := len(s.tables.rows.names())
	for _, c := range e.Cells {
		if c.Row < 0 || c.Row >= n || c.Column < 0 || c.Column >= width {
			continue // a paste may reach past the edge
		}
		rows, err := s.tables.rows.read(c.Row, 1)
		if err != nil {
			return nil, err
		}
		s.tables.edits.over(c.Row, &rows[0], width)
		before := ""
		if c.Column < len(rows[0].Cells) {
			before = rows[0].Cells[c.Column]
		}
		if before == c.Text {
			continue
		}
		_, edited := s.tables.edits.at(c.Row, c.Column)
		o.Cells = append(o.Cells, cell{c.Row, c.Column, before, c.Text, edited})
	}
	return o, nil
}

// replacement makes an operation of every cell of a column, or of all, that holds what is looked for.
func (s *session) replacement(ctx context.Context, e *edit) (*operation, error) {
	o := &operation{Kind: "replace"}
	if e.Find == "" && !e.Whole {
		return nil, errors.New("say what to look for")
	}
	var failed error
	var shown []int64
	only := strings.Contains(e.Filter, "only=problems") && s.tables.problems != nil
	if only {
		shown = s.tables.problems.rows(queryFilter(e.Filter))
	}
	width := len(s.tables.rows.names())
	err := s.tables.rows.each(ctx, func(ordinal int64, r *storedRow) bool {
		if only {
			if i := sort.Search(len(shown), func(i int) bool { return shown[i] >= ordinal }); i == len(shown) ||
				shown[i] != ordinal {
				return true
			}
		}
		s.tables.edits.over(ordinal, r, 0)
		for c := range r.Cells[:min(len(r.Cells), width)] {
			if e.Column >= 0 && c != e.Column {
				continue
			}
			after := strings.ReplaceAll(r.Cells[c], e.Find, e.Replace)
			if e.Whole {
				if after = r.Cells[c]; after == e.Find {
					after = e.Replace
				}
			}
			if after == r.Cells[c] {
				continue
			}
			if len(o.Cells) == mostCells {
				failed = errTooMany
				return false
			}
			_, edited := s.tables.edits.at(ordinal, c)
			o.Cells = append(o.Cells, cell{ordinal, c, r.Cells[c], after, edited})
		}
		return true
	})
	return o, errors.Join(failed, err)
}
