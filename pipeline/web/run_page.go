package web

import (
	"html/template"
	"net/http"
	"sync"

	"muster/pipeline/report"
)

// keys holds the keys that were pasted, until the server ends. None is written anywhere or given back.
type keys struct {
	mu sync.Mutex
	of map[string]string // by import
}

func (k *keys) put(id, key string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.of[id] = key
}

func (k *keys) held(id string) string {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.of[id]
}

// entrance is what the page says of the org and of the key.
type entrance struct {
	Org, KeyFile, YesOrg string
	Keyed, Held          bool   // the environment has a key; one was pasted
	Env                  string // the org that the environment names
}

func (s *Server) entrance(one *session) entrance {
	return entrance{Org: one.record.Org, KeyFile: one.record.KeyFile, YesOrg: one.record.YesOrg, Keyed: s.config.Keyed,
		Held: s.keys.held(one.record.ID) != "", Env: s.config.Org}
}

// runPage is the content of the step Run.
type runPage struct {
	doing
	entrance
	Planned  bool // there is a plan of what is here now
	Landed   string
	Edits    int
	Problems int64
	Statuses []report.StatusCount
	Balanced bool
}

func (s *Server) running(w http.ResponseWriter, r *http.Request, one *session) {
	one.mu.Lock()
	defer one.mu.Unlock()
	sh := s.shellOf(one, "run")
	p := &runPage{doing: s.doing(one, "import", "apply"), entrance: s.entrance(one), Landed: one.landed()}
	if err := one.ready(r.Context()); err != nil {
		sh.Error = err.Error()
	} else {
		p.Edits = one.tables.edits.n
		if one.tables.problems != nil {
			p.Problems, _ = one.tables.problems.counts()
		}
	}
	kind := "import"
	if plan := one.record.Acts["plan"]; plan != nil && plan.Run != "" && one.holds(plan) && !plan.Ended.IsZero() {
		p.Planned, kind = true, "apply"
	}
	if words, err := s.actWords(r.Context(), one, &order{kind: kind}); err == nil {
		sh.Command, sh.Also = line(words), "does the same"
	} else if words, err := one.runWords(r.Context(), "import", []string{"--mapping", one.mappingPath(), "--state",
		one.state(), "--to", "sandbox"}); err == nil {
		sh.Command = line(words)
	}
	if p.Landed != "" {
		if summary, _, err := s.reportOf(p.Landed); err == nil {
			p.Statuses, p.Balanced = summary.Statuses, summary.Balanced
		}
	}
	sh.Body = p
	s.show(w, "run.html", sh)
}

// reportPage is the content of the step Report.
type reportPage struct {
	doing
	entrance
	Run      string
	Report   template.HTML
	Verified *report.Verification
	Undo     *report.Undo // planned or done
}

func (s *Server) report(w http.ResponseWriter, r *http.Request, one *session) {
	one.mu.Lock()
	defer one.mu.Unlock()
	sh := s.shellOf(one, "report")
	p := &reportPage{doing: s.doing(one, "verify", "undo-plan", "undo"), entrance: s.entrance(one), Run: one.landed()}
	sh.Command = line([]string{"runs", "--state", one.state()})
	if p.Run != "" {
		summary, body, err := s.reportOf(p.Run)
		if err != nil {
			sh.Error = "the report of run " + p.Run + " cannot be read; it may have been tidied away"
		} else {
			p.Report = body
			sh.Heading = reportHeading(summary)
		}
		sh.Command = line([]string{"show", p.Run, "--state", one.state()})
		var v report.Verification
		if one.answerOf("verify", &v) && v.Run == p.Run {
			p.Verified = &v
		}
		for _, kind := range []string{"undo", "undo-plan"} {
			var u report.Undo
			if p.Undo == nil && one.answerOf(kind, &u) && u.Undoes == p.Run {
				p.Undo = &u
			}
		}
	}
	sh.Body = p
	s.show(w, "report.html", sh)
}

func reportHeading(s *report.Summary) string {
	if !s.Balanced {
		return "The books do not balance"
	}
	landed := int64(0)
	for _, c := range s.Statuses {
		switch c.Status {
		case "created", "updated", "unchanged":
			landed += c.Rows
		}
	}
	return grouped(landed) + " of " + grouped(s.Rows) + " rows are in Kustomer"
}
