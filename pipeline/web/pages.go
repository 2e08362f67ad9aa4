package web

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"strings"

	"muster/pipeline/outcome"
	"muster/pipeline/printable"
)

// stepNames are the steps in their order, as addresses and as people read them.
var stepNames = [...][2]string{{"file", "File"}, {"meaning", "Meaning"}, {"problems", "Problems"}, {"plan", "Plan"},
	{"run", "Run"}, {"report", "Report"}}

// shell is what every page has around its own content.
type shell struct {
	Title    string
	Heading  string // of the page, which gets the focus
	Step     string // "" it is no step of an import
	Import   string // id
	File     string // its name
	Revision int64
	Steps    []stepLink
	Command  string // that does the same
	Also     string // what to know of the command
	Error    string
	Led      string // the file in whose run this one goes
	LedURL   string
	Body     any
}

type stepLink struct {
	Name, URL, Note string
	Current         bool
}

func parsePages() (*template.Template, error) {
	return template.New("pages").Funcs(template.FuncMap{
		"count": grouped[int64], "number": grouped[int],
		"plural": func(n int64, one string) string { return grouped(n) + " " + printable.Noun(n, one) },
	}).ParseFS(pageFiles, "pages/*.html")
}

// grouped is a number as people read it: 1,234,567.
func grouped[N int | int64](n N) string {
	digits := fmt.Sprint(n)
	for at := len(digits) - 3; at > 0 && digits[at-1] != '-'; at -= 3 {
		digits = digits[:at] + "," + digits[at:]
	}
	return digits
}

// show renders a page whole before a byte of it is sent.
func (s *Server) show(w http.ResponseWriter, page string, sh *shell) {
	var b bytes.Buffer
	if err := s.pages.ExecuteTemplate(&b, page, sh); err != nil {
		http.Error(w, "the page could not be made: "+printable.Line(err.Error()), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Write(b.Bytes())
}

// part renders a part of a page for a script to put in its place.
func (s *Server) part(name string, data any) (string, error) {
	var b strings.Builder
	err := s.pages.ExecuteTemplate(&b, name, data)
	return b.String(), err
}

// shellOf is what stands around a step of an import. The caller holds the session's mu.
func (s *Server) shellOf(one *session, step string) *shell {
	sh := &shell{Step: step, Import: one.record.ID, File: one.name(), Revision: one.record.Revision}
	if leader := one.leader(); leader != nil {
		sh.Led, sh.LedURL = leader.name(), leader.url(step)
	}
	for _, name := range stepNames {
		link := stepLink{Name: name[1], URL: one.url(name[0]), Current: name[0] == step, Note: one.note(name[0])}
		if link.Current {
			sh.Heading, sh.Title = name[1], name[1]+": "+one.name()
		}
		sh.Steps = append(sh.Steps, link)
	}
	return sh
}

func (s *session) url(step string) string { return "/imports/" + s.record.ID + "/" + step }

// wantsJSON says whether a script asks.
func wantsJSON(r *http.Request) bool { return r.Header.Get("Accept") == "application/json" }

// refuse says why something was not done: on a page of its own, or to a script.
func (s *Server) refuse(w http.ResponseWriter, r *http.Request, code int, err error) {
	message := printable.Line(strings.ReplaceAll(err.Error(), "\n", "; "))
	if wantsJSON(r) {
		w.WriteHeader(code)
		json.NewEncoder(w).Encode(map[string]string{"error": message})
		return
	}
	w.WriteHeader(code)
	s.show(w, "refused.html", &shell{Title: "That did not work", Heading: "That did not work", Error: message})
}

// answer gives a script what it asked for.
func answer(w http.ResponseWriter, value any) {
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(value)
}

// failed answers an error with the code that fits.
func (s *Server) failed(w http.ResponseWriter, r *http.Request, err error) {
	code := http.StatusUnprocessableEntity
	if errors.Is(err, errLate) {
		code = http.StatusConflict
	}
	s.refuse(w, r, code, err)
}

// mostBody is the most bytes of a request that is no file: a paste of many cells.
const mostBody = 32 << 20

// asked reads what a script sends.
func asked(w http.ResponseWriter, r *http.Request, to any) error {
	d := json.NewDecoder(http.MaxBytesReader(w, r.Body, mostBody))
	if err := d.Decode(to); err != nil {
		return errors.New("what the page sent could not be read")
	}
	return nil
}

func fixOf(code string) string {
	if c, known := outcome.Explain(code); known {
		return c.Fix
	}
	return ""
}
