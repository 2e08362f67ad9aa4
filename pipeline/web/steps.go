package web

import (
	"errors"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
)

// steps routes what belongs to one import.
func (s *Server) steps(mux *http.ServeMux) {
	for pattern, handle := range map[string]func(http.ResponseWriter, *http.Request, *session){
		"GET /imports/{id}/file":             s.file,
		"POST /imports/{id}/reading":         s.setReading,
		"POST /imports/{id}/remove":          s.remove,
		"POST /imports/{id}/with":            s.setWith,
		"GET /imports/{id}/meaning":          s.meaning,
		"POST /imports/{id}/mapping":         s.changeMapping,
		"GET /imports/{id}/mapping.yaml":     s.mappingFile,
		"GET /imports/{id}/choices/{column}": s.showChoices,
		"GET /imports/{id}/problems":         s.problems,
		"GET /imports/{id}/rows":             s.gridRows,
		"POST /imports/{id}/edits":           s.edit,
		"GET /imports/{id}/fixed":            s.fixedFile,
		"GET /imports/{id}/plan":             s.plan,
		"GET /imports/{id}/run":              s.running,
		"GET /imports/{id}/report":           s.report,
		"POST /imports/{id}/act":             s.act,
		"POST /imports/{id}/stop":            s.stop,
		"GET /imports/{id}/events":           s.events,
	} {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			one, known := s.store.find(r.PathValue("id"))
			if !known {
				s.refuse(w, r, http.StatusNotFound, errors.New("there is no such import; it may have been removed in another tab"))
				return
			}
			handle(w, r, one)
		})
	}
}

// filePage is the content of the step File.
type filePage struct {
	*look
	Reading   map[string]string
	Encodings []string
	Layouts   []string
	Header    string // found out, first row, or none
	Others    []string
	Source    string
	Uploaded  bool
	Laid      int64 // rows laid out so far
	All       bool  // they are all
	Aside     bool  // there are edits of other rows

	Companions []companion // that could go into one run with it
}

func (s *Server) file(w http.ResponseWriter, r *http.Request, one *session) {
	companions := s.companions(r.Context(), one)
	one.mu.Lock()
	defer one.mu.Unlock()
	sh := s.shellOf(one, "file")
	p := &filePage{look: one.look(r.Context()), Reading: one.record.Reading, Source: one.record.File,
		Uploaded: one.record.Uploaded, Companions: companions,
		Encodings: slices.Concat(candidates[:], []string{"Windows-1251", "Windows-1254", "ISO-8859-2", "UTF-16", "Shift_JIS",
			"GB18030", "Big5", "EUC-KR"}),
		Layouts: []string{"DD.MM.YYYY", "DD/MM/YYYY", "MM/DD/YYYY", "YYYY-MM-DD", "DD-MM-YYYY", "DD.MM.YY", "MM/DD/YY"}}
	p.Header = "found"
	if p.Reading["no-header"] != "" {
		p.Header = "none"
	} else if p.Reading["header"] != "" {
		p.Header = "first"
	}
	for _, name := range p.Sheets {
		if name != p.Sheet {
			p.Others = append(p.Others, name)
		}
	}
	if p.Error == "" {
		if st, err := one.rows(r.Context()); err == nil {
			p.Laid, p.All, _ = st.state()
			p.Aside = one.aside()
		}
	}
	sh.Command = one.command("read", nil)
	sh.Also = "prints what muster sees in the file"
	sh.Body = p
	s.show(w, "file.html", sh)
}

// setReading changes how the file is read. What the old reading showed is gone with it.
func (s *Server) setReading(w http.ResponseWriter, r *http.Request, one *session) {
	if err := r.ParseForm(); err != nil {
		s.refuse(w, r, http.StatusBadRequest, errors.New("the form could not be read"))
		return
	}
	one.mu.Lock()
	defer one.mu.Unlock()
	revision, _ := strconv.ParseInt(r.PostForm.Get("revision"), 10, 64)
	if err := one.at(revision); err != nil {
		s.failed(w, r, err)
		return
	}
	reread := false
	change := func(name, value string) {
		value = strings.TrimSpace(value)
		if one.record.Reading[name] == value {
			return
		}
		reread = reread || slices.Contains(readingFlags[:], name)
		one.setReading(name, value)
	}
	for _, name := range []string{"encoding", "delimiter", "quote", "sheet", "skip-lines", "region", "dates"} {
		if r.PostForm.Has(name) {
			change(name, r.PostForm.Get(name))
		}
	}
	if r.PostForm.Has("header-row") {
		kind := r.PostForm.Get("header-row")
		change("no-header", map[bool]string{true: "yes"}[kind == "none"])
		change("header", map[bool]string{true: "yes"}[kind == "first"])
	}
	if err := one.reread(reread); err != nil {
		s.failed(w, r, err)
		return
	}
	http.Redirect(w, r, one.url("file"), http.StatusSeeOther)
}

// reread drops what the old reading showed. A mapping that nobody has touched goes with it: it named the old columns.
// The caller holds mu.
func (s *session) reread(whole bool) error {
	if whole {
		s.tables.close()
		if len(s.record.Decided) == 0 && s.record.Leader == "" {
			if err := removeFile(s.mappingPath()); err != nil {
				return err
			}
		}
	}
	s.tables.meaning = nil
	return errors.Join(s.changed(), s.save())
}

func (s *Server) remove(w http.ResponseWriter, r *http.Request, one *session) {
	if s.acts.holds(one) {
		s.failed(w, r, errors.New("something is under way with this import: stop it first"))
		return
	}
	if err := s.apart(one); err != nil {
		s.failed(w, r, err)
		return
	}
	if err := s.store.remove(one); err != nil && !errors.Is(err, os.ErrNotExist) {
		s.failed(w, r, err)
		return
	}
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

// meaningPage is the content of the step Meaning.
type meaningPage struct {
	*view
	Destinations []destination
	Suffixes     []suffix
	Layouts      []string
	Import       string
}

type suffix struct{ Name, Type, Meaning string }

func (s *Server) meaning(w http.ResponseWriter, r *http.Request, one *session) {
	one.mu.Lock()
	defer one.mu.Unlock()
	sh := s.shellOf(one, "meaning")
	v, err := one.view(r.Context())
	if err != nil {
		sh.Error = err.Error()
		sh.Body = &meaningPage{view: &view{}}
	} else {
		sh.Heading = v.Headline
		sh.Body = &meaningPage{view: v, Destinations: destinations(), Suffixes: suffixes(), Import: one.record.ID,
			Layouts: []string{"DD.MM.YYYY", "DD/MM/YYYY", "MM/DD/YYYY", "YYYY-MM-DD", "DD.MM.YY", "DD/MM/YYYY HH:mm", "epoch",
				"epoch_ms"}}
	}
	sh.Command, sh.Also = one.command("map", []string{"--lint", one.mappingPath()}), "holds this mapping to the file"
	s.show(w, "meaning.html", sh)
}

// changeMapping answers with every part of the page that the change may have touched.
func (s *Server) changeMapping(w http.ResponseWriter, r *http.Request, one *session) {
	var c change
	if err := asked(w, r, &c); err != nil {
		s.refuse(w, r, http.StatusBadRequest, err)
		return
	}
	one.mu.Lock()
	defer one.mu.Unlock()
	if err := one.change(r.Context(), &c); err != nil {
		s.failed(w, r, err)
		return
	}
	v, err := one.view(r.Context())
	if err != nil {
		s.failed(w, r, err)
		return
	}
	p := &meaningPage{view: v, Suffixes: suffixes(), Import: one.record.ID}
	parts := map[string]any{"revision": one.record.Revision, "headline": v.Headline, "yaml": v.YAML}
	rows := map[string]string{}
	for i := range v.Columns {
		if rows[strconv.Itoa(v.Columns[i].Place)], err = s.part("column", &v.Columns[i]); err != nil {
			s.failed(w, r, err)
			return
		}
	}
	parts["rows"] = rows
	for _, name := range []string{"cards", "mistakes", "recipes"} {
		if parts[name], err = s.part(name, p); err != nil {
			s.failed(w, r, err)
			return
		}
	}
	answer(w, parts)
}

func (s *Server) mappingFile(w http.ResponseWriter, r *http.Request, one *session) {
	w.Header().Set("Content-Disposition", "attachment; filename=\""+fileName(strings.TrimSuffix(one.name(), ".csv"))+
		".mapping.yaml\"")
	w.Header().Set("Content-Type", "text/yaml; charset=utf-8")
	http.ServeFile(w, r, one.mappingPath())
}

func (s *Server) showChoices(w http.ResponseWriter, r *http.Request, one *session) {
	place, err := strconv.Atoi(r.PathValue("column"))
	one.mu.Lock()
	defer one.mu.Unlock()
	m, failed := one.understand(r.Context())
	if err != nil || failed != nil || place < 0 || place >= len(m.names) {
		s.refuse(w, r, http.StatusNotFound, errors.New("there is no such column"))
		return
	}
	all, rows, more, err := one.choices(r.Context(), place)
	if err != nil {
		s.failed(w, r, err)
		return
	}
	if v, err := one.view(r.Context()); err == nil {
		for _, c := range v.Columns {
			if c.Place == place {
				for i := range all {
					all[i].told(c.Values)
				}
			}
		}
	}
	answer(w, map[string]any{"choices": all, "rows": rows, "more": more})
}

// told takes over what the mapping makes of a value.
func (c *choice) told(values []pair) {
	for _, p := range values {
		if strings.EqualFold(p.From, c.Value) {
			c.To, c.Blank = p.To, p.To == ""
		}
	}
}
