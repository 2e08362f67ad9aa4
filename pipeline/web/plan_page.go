package web

import (
	"net/http"
	"path/filepath"
	"strings"

	"muster/mappings"
	"muster/pipeline/outcome"
	"muster/pipeline/printable"
	"muster/pipeline/report"
)

// planPage is the content of the step Plan.
type planPage struct {
	doing
	entrance
	Made     bool
	Run      string
	Stale    bool
	Acts     []planAct
	Fields   []report.PlanCount
	Rows     []planRow
	More     int64
	Requests int64
	Edits    int
}

type planAct struct {
	Act, Words, Dot string
	Rows            int64
}

type planRow struct {
	File     string // where the run has several
	Line     int64
	Who      string
	Act      string
	Why      string
	Customer string
	Changes  []planChange
}

type planChange struct{ Field, Before, After, Entries string }

// planWords says what an act means for so many rows.
func planWords(act string, n int64) (words, dot string) {
	one := n == 1
	pick := func(single, several string) string {
		if one {
			return single
		}
		return several
	}
	switch act {
	case report.ActCreate:
		return pick("new customer will be made", "new customers will be made"), "created"
	case report.ActUpdate:
		return pick("customer will be changed", "customers will be changed"), "updated"
	case report.ActUnchanged:
		return pick("is in Kustomer exactly so already", "are in Kustomer exactly so already"), "unchanged"
	case report.ActDuplicate:
		return pick("row is the same customer as another row", "rows are the same customer as another row"), "duplicate"
	case report.ActConflict:
		return pick("row cannot be written as things are", "rows cannot be written as things are"), "rejected"
	case report.ActHeld:
		return pick("row names what is not there", "rows name what is not there"), "unsent"
	case report.ActInvalid:
		return pick("row has a problem and is not sent", "rows have a problem and are not sent"), "invalid"
	}
	return pick("row is left out by the mapping's own filter", "rows are left out by the mapping's own filter"), "skipped"
}

// shownPlan is how many rows of a plan the page shows.
const shownPlan = 60

// planRows reads the rows of a plan that a person wants to see: changes and conflicts first, then new customers.
func (s *session) planRows(path string, files []string) (rows []planRow, more int64, err error) {
	plan, err := report.OpenPlan(path)
	if err != nil {
		return nil, 0, err
	}
	defer plan.Close()
	var fresh []planRow
	for {
		r, err := plan.Next()
		if err != nil {
			return nil, 0, err
		}
		if r == nil {
			break
		}
		switch r.Act {
		case report.ActUnchanged, report.ActSkipped, report.ActInvalid:
			continue
		}
		if len(rows) >= shownPlan && (r.Act != report.ActCreate || len(fresh) >= shownPlan/3) {
			more++
			continue
		}
		one := s.planRow(r, files)
		if r.Act == report.ActCreate {
			if fresh = append(fresh, one); len(fresh) > shownPlan/3 {
				fresh, more = fresh[:shownPlan/3], more+1
			}
			continue
		}
		rows = append(rows, one)
	}
	return append(rows, fresh...), more, nil
}

func (s *session) planRow(r *report.PlanRow, files []string) planRow {
	one := planRow{Line: r.Line, Act: r.Act, Customer: r.Customer, Who: short(r.Name), Why: r.Detail}
	if c, known := outcome.Explain(r.Code); known && r.Code != "" {
		one.Why = strings.TrimSuffix(c.Meaning+": "+r.Detail, ": ")
	}
	for _, path := range files {
		one.Why = strings.ReplaceAll(one.Why, path, filepath.Base(path)) // where it lies helps nobody
	}
	if len(s.record.With) > 0 {
		one.File = filepath.Base(r.File)
	}
	for _, f := range r.Fields[:min(len(r.Fields), 12)] {
		one.Changes = append(one.Changes, planChange{fieldWords(f.Field), short(printable.Words(f.Before)),
			short(printable.Words(f.After)), f.Entries.String()})
	}
	return one
}

func (s *Server) plan(w http.ResponseWriter, r *http.Request, one *session) {
	one.mu.Lock()
	defer one.mu.Unlock()
	sh := s.shellOf(one, "plan")
	p := &planPage{doing: s.doing(one, "plan"), entrance: s.entrance(one)}
	if err := one.ready(r.Context()); err != nil {
		sh.Error = err.Error()
	} else {
		p.Edits = one.tables.edits.n
	}
	if last := one.record.Acts["plan"]; last != nil {
		p.Run, p.Stale = last.Run, !one.holds(last)
	}
	if summary := one.summaryOf("plan"); summary != nil && summary.Plan != nil {
		p.Made, p.Fields, p.Requests = true, summary.Plan.Fields[:min(len(summary.Plan.Fields), 40)], summary.Plan.Apply
		for _, a := range summary.Plan.Acts {
			words, dot := planWords(a.Act, a.Rows)
			p.Acts = append(p.Acts, planAct{a.Act, words, dot, a.Rows})
		}
		var err error
		var files []string
		for i := range summary.Inputs {
			files = append(files, summary.Inputs[i].File)
		}
		if p.Rows, p.More, err = one.planRows(summary.Plan.Path, files); err != nil {
			sh.Error = err.Error()
		}
	}
	if words, err := s.actWords(r.Context(), one, &order{kind: "plan"}); err == nil {
		sh.Command, sh.Also = line(words), "makes this plan; muster apply carries it out"
	} else if words, err := one.runWords(r.Context(), "plan", []string{"--mapping", one.mappingPath(), "--state",
		one.state(), "--to", "sandbox"}); err == nil {
		sh.Command = line(words)
	}
	sh.Body = p
	s.show(w, "plan.html", sh)
}

// fieldWords is a field as people read it.
func fieldWords(field string) string {
	name, custom := strings.CutPrefix(field, "custom.")
	if custom {
		name = strings.TrimSuffix(name, mappings.SuffixOf(name))
	}
	return words(name)
}
