package web

import (
	"net/http"
	"slices"

	"muster/pipeline/config"
	"muster/pipeline/history"
	"muster/pipeline/nightly"
	"muster/pipeline/report"
)

// homePage is the first page: files, imports that were begun, earlier runs and nightly jobs.
type homePage struct {
	Imports []importLine
	Runs    []runLine
	Jobs    []*nightly.Status
	Said    string // why jobs or runs cannot be shown
}

type importLine struct {
	ID, Name, URL string
	When          string
	Stands        string
}

type runLine struct {
	report.Past
	When   string
	Counts []report.StatusCount
	Shown  bool // it has a page
}

// earlierRuns is how many the page lists.
const earlierRuns = 20

func (s *Server) home(w http.ResponseWriter, r *http.Request) {
	p := &homePage{}
	for _, one := range s.store.list() {
		one.mu.Lock()
		p.Imports = append(p.Imports, importLine{one.record.ID, one.name(), one.url(one.next()),
			one.record.Created.Local().Format("2 Jan 2006 15:04"), one.stands()})
		one.mu.Unlock()
	}
	if h, err := history.Open(s.config.State); err != nil {
		p.Said = err.Error()
	} else {
		p.Runs = runLines(h.Runs())
		if err := h.Close(); err != nil {
			p.Said = err.Error()
		}
	}
	if s.config.Project != "" {
		jobs, err := jobsOf(s.config.Project)
		if p.Jobs = jobs; err != nil {
			p.Said = err.Error()
		}
	}
	sh := &shell{Title: "muster", Heading: "Bring customers into Kustomer",
		Command: line([]string{"runs", "--state", s.config.State}), Body: p}
	s.show(w, "home.html", sh)
}

// jobsOf reads how the jobs of a project file stand, as muster status does.
func jobsOf(file string) ([]*nightly.Status, error) {
	p, err := config.Load(file)
	if err != nil {
		return nil, err
	}
	return nightly.StatusOf(p, "", nil)
}

func runLines(runs []report.Past) (lines []runLine) {
	for _, past := range runs {
		if past.Command == "check" {
			continue // what the page does all the time is no run that a person looks for
		}
		l := runLine{Past: past, When: past.Started.Local().Format("2 Jan 2006 15:04"), Shown: past.Undoes == ""}
		l.Counts = slices.DeleteFunc(report.Balance(past.Counts), func(c report.StatusCount) bool { return c.Rows == 0 })
		if lines = append(lines, l); len(lines) == earlierRuns {
			break
		}
	}
	return lines
}

// next is the step on which a person goes on.
func (s *session) next() string {
	switch {
	case s.landed() != "":
		return "report"
	case s.record.Underway != "":
		return stepOf(s.record.Underway)
	case s.record.Acts["plan"] != nil:
		return "plan"
	case s.record.Acts["check"] != nil:
		return "problems"
	case len(s.record.Decided) > 0:
		return "meaning"
	}
	return "file"
}

func (s *session) stands() string {
	if leader := s.leader(); leader != nil {
		return "goes in with " + leader.name()
	}
	switch s.next() {
	case "report":
		return "imported"
	case "plan":
		return "planned"
	case "problems":
		return "checked"
	case "meaning":
		return "columns decided"
	case "run":
		return "under way or interrupted"
	}
	return "begun"
}

// note is what stands beside the name of a step.
func (s *session) note(step string) string {
	switch step {
	case "problems":
		if a := s.checked(); a != nil && a.Basis == s.record.Basis {
			return "checked"
		}
	case "plan":
		if a := s.record.Acts["plan"]; a != nil && a.Run != "" && s.holds(a) {
			return "made"
		}
	case "run":
		if s.record.Underway == "import" || s.record.Underway == "apply" {
			return "under way"
		}
	case "report":
		if s.landed() != "" {
			return "done"
		}
	}
	return ""
}
