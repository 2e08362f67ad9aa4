package web

import (
	"context"
	"errors"
	"net/http"
	"path/filepath"
	"strings"
)

// problemsPage is the content of the step Problems.
type problemsPage struct {
	doing
	Import  string
	Checked bool // a check of this file has been made
	Stale   bool // the mapping or the reading has changed since
	Rows    int64
	Ready   int64
	Twins   int64 // duplicates
	Count   int64
	InRows  int64
	Groups  []group
	Cut     bool
	Columns []string
	Edits   int
	Aside   bool // there are edits of other rows
	Undo    int
	Redo    int
	Fixed   string
	Pairs   int // values that the edits say something of
	Failed  string
}

// problemsPage puts it together. The caller holds the session's mu.
func (s *session) problemsPage(ctx context.Context) *problemsPage {
	p := &problemsPage{Import: s.record.ID}
	if err := s.ready(ctx); err != nil {
		p.Failed = err.Error()
		return p
	}
	last := s.checked()
	p.Checked, p.Aside = last != nil, s.aside()
	m, err := s.understand(ctx)
	if err != nil {
		p.Failed = err.Error()
		return p
	}
	p.Columns = s.tables.rows.names()
	p.Edits, p.Undo, p.Redo = s.tables.edits.n, len(s.tables.edits.done), len(s.tables.edits.back)
	p.Fixed, _ = s.fixed()
	for _, pairs := range s.tables.edits.pairs() {
		p.Pairs += len(pairs)
	}
	if summary := s.summaryOf("check"); summary != nil && last != nil {
		p.Rows = summary.Rows
		for _, status := range summary.Statuses {
			switch status.Status {
			case "unsent":
				p.Ready = status.Rows
			case "duplicate":
				p.Twins = status.Rows
			}
		}
	}
	if s.tables.problems != nil {
		p.Groups = s.tables.problems.groups(m)
		if err := s.hint(m, p.Groups); err != nil {
			p.Failed = err.Error()
		}
		p.Count, p.InRows = s.tables.problems.counts()
		p.Cut = s.tables.problems.cut
		p.Stale = last != nil && last.Basis != s.record.Basis
	}
	return p
}

func (s *Server) problems(w http.ResponseWriter, r *http.Request, one *session) {
	one.mu.Lock()
	defer one.mu.Unlock()
	sh := s.shellOf(one, "problems")
	p := one.problemsPage(r.Context())
	if err := one.writeFixed(r.Context()); err != nil {
		sh.Error = err.Error()
	}
	p.doing = s.doing(one, "check")
	sh.Body = p
	sh.Command = one.command("check", []string{"--mapping", one.mappingPath(), "--state", one.state()})
	sh.Also = "checks the file, your edits in it, and writes every problem with its cell"
	s.show(w, "problems.html", sh)
}

// fixedFile gives the file with the edits, in the form of the original.
func (s *Server) fixedFile(w http.ResponseWriter, r *http.Request, one *session) {
	one.mu.Lock()
	err := one.ready(r.Context())
	if err == nil {
		err = one.writeFixed(r.Context())
	}
	path, _ := one.fixed()
	one.mu.Unlock()
	if err == nil && path == "" {
		err = errors.New("nothing was edited: the file is as it was")
	}
	if err != nil {
		s.failed(w, r, err)
		return
	}
	w.Header().Set("Content-Disposition", "attachment; filename=\""+
		strings.ReplaceAll(fileName(filepath.Base(path)), `"`, "_")+"\"")
	w.Header().Set("Content-Type", "application/octet-stream")
	http.ServeFile(w, r, path)
}
