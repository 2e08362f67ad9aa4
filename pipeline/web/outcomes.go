package web

import (
	"bytes"
	"encoding/json"
	"errors"
	"html/template"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"muster/pipeline/report"
	"muster/pipeline/trust"
)

// doing is what every page says of the command under way, and of the last that ended badly.
type doing struct {
	Underway string   // kind of the command under way with this import; "" none
	Broken   string   // kind of one that was cut short when the process ended
	Line     string   // of that
	Says     []string // of the last command of this page
	Exit     int
	Meaning  string
	Other    bool // something is under way with another import
}

func (s *Server) doing(one *session, kinds ...string) doing {
	d := doing{}
	if u := s.acts.at(); u != nil {
		d.Other = u.session != one
		if !d.Other {
			d.Underway = u.act.Kind
		}
	}
	if d.Underway == "" && one.record.Underway != "" {
		d.Broken = one.record.Underway
		if a := one.record.Acts[d.Broken]; a != nil {
			d.Line = line(a.Args)
		}
	}
	var last *act
	for _, kind := range kinds {
		if a := one.record.Acts[kind]; a != nil && !a.Ended.IsZero() && (last == nil || a.Started.After(last.Started)) {
			last = a
		}
	}
	if last != nil {
		d.Says, d.Exit = last.Says, last.Exit
	}
	return d
}

// showRun shows the report of any run of the state directory.
func (s *Server) showRun(w http.ResponseWriter, r *http.Request) {
	run := r.PathValue("run")
	summary, body, err := s.reportOf(run)
	if err != nil {
		s.refuse(w, r, http.StatusNotFound, errors.New("there is no report of that run: it may have been tidied away"))
		return
	}
	sh := &shell{Title: "Run " + run, Heading: summary.Command + ", " + summary.Started.Format("2 January 2006 15:04"),
		Command: line([]string{"show", run, "--state", s.config.State}),
		Body:    map[string]any{"Report": body, "Exit": summary.ExitCode, "Meaning": summary.Exit}}
	s.show(w, "past.html", sh)
}

// pagePolicy is the policy of the pages that a run wrote: they stand alone, with their style in them, and run nothing.
const pagePolicy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'"

// showPage gives a page that a run wrote, as it stands in the run's folder.
func (s *Server) showPage(w http.ResponseWriter, r *http.Request) {
	page := r.PathValue("page")
	path, err := s.fileOf(r.PathValue("run"), page)
	if err == nil {
		_, err = os.Stat(path)
	}
	if err != nil || page != "plan.html" && page != "report.html" {
		s.refuse(w, r, http.StatusNotFound, errors.New("there is no such page of that run: it may have been tidied away"))
		return
	}
	w.Header().Set("Content-Security-Policy", pagePolicy)
	http.ServeFile(w, r, path)
}

// fileOf is where a file of a run lies. A run's name leads nowhere else.
func (s *Server) fileOf(run, name string) (string, error) {
	if run == "" || strings.ContainsAny(run, `/\`) || !filepath.IsLocal(run) {
		return "", os.ErrNotExist
	}
	return filepath.Join(s.config.State, "runs", run, name), nil
}

// reportOf reads a run's report and makes the part of a page of it.
func (s *Server) reportOf(run string) (*report.Summary, template.HTML, error) {
	path, err := s.fileOf(run, "report.json")
	if err != nil {
		return nil, "", err
	}
	summary, err := report.ReadJSON(path)
	if err != nil {
		return nil, "", err
	}
	var b bytes.Buffer
	if err := report.Body(&b, summary); err != nil {
		return nil, "", err
	}
	return summary, template.HTML(b.String()), nil // html/template has made it
}

// answerOf reads what a command answered, false where it is not there.
func (s *session) answerOf(kind string, to any) bool {
	text, err := trust.Read(s.path(kind+".json"), mostAnswer)
	return err == nil && json.Unmarshal(text, to) == nil
}
