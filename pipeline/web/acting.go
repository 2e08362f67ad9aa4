package web

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"muster/pipeline/report"
	"muster/pipeline/trust"
)

// An order is what a person asks to be carried out.
type order struct {
	kind    string
	org     string
	key     string // pasted; it goes no further than to the command
	keyFile string
	yesOrg  string
	create  bool // attributes that the org lacks are made
	all     bool // verify: every customer
}

// actKinds are the commands that the page carries out.
var actKinds = []string{"check", "plan", "import", "apply", "verify", "undo-plan", "undo"}

// act has a command carried out that the form names.
func (s *Server) act(w http.ResponseWriter, r *http.Request, one *session) {
	if err := r.ParseForm(); err != nil {
		s.refuse(w, r, http.StatusBadRequest, errors.New("the form could not be read"))
		return
	}
	f := r.PostForm
	o := &order{kind: f.Get("kind"), org: strings.TrimSpace(f.Get("org")), key: strings.TrimSpace(f.Get("key")),
		keyFile: strings.TrimSpace(f.Get("key-file")),
		yesOrg:  strings.TrimSpace(f.Get("yes-org")), create: f.Get("create") != "", all: f.Get("all") != ""}
	if !slices.Contains(actKinds, o.kind) {
		s.refuse(w, r, http.StatusBadRequest, errors.New("there is no such thing to do"))
		return
	}
	one.mu.Lock()
	err := s.order(r.Context(), one, o)
	one.mu.Unlock()
	if err != nil {
		s.failed(w, r, err)
		return
	}
	if wantsJSON(r) {
		answer(w, map[string]string{"kind": o.kind})
		return
	}
	http.Redirect(w, r, one.url(stepOf(o.kind)), http.StatusSeeOther)
}

// stepOf is the step on which a command shows.
func stepOf(kind string) string {
	switch kind {
	case "check":
		return "problems"
	case "plan":
		return "plan"
	case "import", "apply":
		return "run"
	}
	return "report"
}

// order begins a command. The caller holds the session's mu.
func (s *Server) order(ctx context.Context, one *session, o *order) error {
	if o.org != "" {
		one.record.Org = o.org
	}
	if o.keyFile != "" {
		one.record.KeyFile = o.keyFile
	}
	if o.yesOrg != "" {
		one.record.YesOrg = o.yesOrg
	}
	if o.key != "" {
		s.keys.put(one.record.ID, o.key)
		one.record.KeyFile = ""
	}
	if err := one.led(); err != nil && o.kind != "check" {
		return err
	}
	shown := one.tables.under
	if err := one.prepare(ctx, o.kind); err != nil {
		return err
	}
	if shown != "" && one.tables.under != shown {
		return errors.New("the file has changed since this page was loaded: load the page again to see what it holds now")
	}
	words, err := s.actWords(ctx, one, o)
	if err != nil {
		return err
	}
	a := &act{Kind: o.kind, Args: words, Started: s.config.Now().UTC(), Stamp: one.record.Stamp, Basis: one.record.Basis,
		Under: one.tables.under, With: one.standings()}
	fixed, _ := one.fixed()
	a.Fixed = fixed != "" && one.fixedBook() == ""
	if one.record.Acts == nil {
		one.record.Acts = map[string]*act{}
	}
	begun := *a
	old, was := one.record.Acts[o.kind], one.record.Underway
	one.record.Acts[o.kind], one.record.Underway = &begun, o.kind
	err = one.save()
	if err == nil {
		call := Call{Args: append(slices.Clone(words), "--json"), Key: s.keys.held(one.record.ID)}
		err = s.acts.start(one, a, call, func() { s.ended(one, a) })
	}
	if err != nil {
		if one.record.Acts[o.kind], one.record.Underway = old, was; old == nil {
			delete(one.record.Acts, o.kind)
		}
		return errors.Join(err, one.save())
	}
	return nil
}

// prepare has the file with the edits be there. The caller holds mu.
func (s *session) prepare(ctx context.Context, kind string) error {
	if !slices.Contains([]string{"check", "plan", "import"}, kind) {
		return nil
	}
	if _, err := s.understand(ctx); err != nil {
		return err
	}
	if _, err := s.rows(ctx); err != nil {
		return err
	}
	if kind != "check" && len(s.record.With) > 0 {
		_, _, err := s.files(ctx)
		return err
	}
	return s.writeFixed(ctx)
}

// actWords is the command line of an order, as a person would type it.
func (s *Server) actWords(ctx context.Context, one *session, o *order) ([]string, error) {
	mapped := []string{"--mapping", one.mappingPath(), "--state", one.state()}
	last := one.landed()
	reach := s.reach(one, o.kind)
	if o.kind != "check" && one.record.Org == "" {
		return nil, errors.New("say first which org is meant: sandbox tries it out")
	}
	switch o.kind {
	case "check":
		return one.words("check", mapped), nil
	case "plan":
		return one.runWords(ctx, "plan", append(append(mapped, "--to", one.record.Org), lacking(reach, "--yes-org")...))
	case "import":
		more := append(append(mapped, "--to", one.record.Org), reach...)
		if o.create {
			more = append(more, "--create-attributes", "--yes")
		}
		return one.runWords(ctx, "import", more)
	case "apply":
		plan := one.record.Acts["plan"]
		if plan == nil || plan.Run == "" || !one.holds(plan) {
			return nil, errors.New("there is no plan of what is here now: make one first")
		}
		return append([]string{"apply", filepath.Join(one.state(), "runs", plan.Run, "plan.json"), "--state", one.state()},
			reach...), nil
	case "verify":
		if last == "" {
			return nil, errors.New("nothing was imported yet that could be read back")
		}
		words := append([]string{"verify", last, "--state", one.state()}, reach...)
		if o.all {
			words = append(words, "--all")
		}
		return words, nil
	}
	if last == "" {
		return nil, errors.New("nothing was imported yet that could be taken back")
	}
	words := append([]string{"undo", last, "--state", one.state()}, reach...)
	if o.kind == "undo-plan" {
		return append(words, "--dry-run"), nil
	}
	return append(words, "--yes"), nil
}

// reach are the flags by which an org is entered. A key that was pasted is none of them.
func (s *Server) reach(one *session, kind string) (words []string) {
	if one.record.Org == "sandbox" {
		if kind == "plan" || kind == "import" {
			return []string{"--sandbox-rate", "-1"} // who tries it out does not wait for another org's budget
		}
		return nil
	}
	if one.record.KeyFile != "" {
		words = append(words, "--key-file", one.record.KeyFile)
	}
	if one.record.YesOrg != "" && kind != "check" {
		words = append(words, "--yes-org", one.record.YesOrg)
	}
	return words
}

// lacking takes a flag and its value out of words.
func lacking(words []string, flag string) []string {
	if i := slices.Index(words, flag); i >= 0 {
		return slices.Delete(slices.Clone(words), i, i+2)
	}
	return words
}

// landed is the run that last sent something, "" none.
func (s *session) landed() string {
	var last *act
	for _, kind := range []string{"import", "apply"} {
		if a := s.record.Acts[kind]; a != nil && a.Run != "" && (last == nil || a.Started.After(last.Started)) {
			last = a
		}
	}
	if last == nil {
		return ""
	}
	return last.Run
}

// ended keeps what became of a command.
func (s *Server) ended(one *session, a *act) {
	one.mu.Lock()
	defer one.mu.Unlock()
	defer s.acts.clear() // before mu is given back: no page shows a command that is under way and ended
	if s.acts.ctx.Err() != nil && a.Run == "" {
		return // the server ends: the command was cut short, and is gone on with the next time
	}
	one.record.Acts[a.Kind], one.record.Underway = a, ""
	if a.Kind == "check" {
		one.tables.problems = nil
	}
	if err := one.save(); err != nil {
		a.Says = append(a.Says, "error: "+err.Error())
	}
}

// events streams how far the command under way is. One stream a tab; it ends with the command.
func (s *Server) events(w http.ResponseWriter, r *http.Request, one *session) {
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("X-Accel-Buffering", "no")
	stream := http.NewResponseController(w)
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	last := int64(-1)
	for {
		u := s.acts.at()
		if u == nil || u.session != one {
			fmt.Fprint(w, "event: ended\ndata: {\"ended\":true}\n\n")
			stream.Flush()
			return
		}
		s.idle.touch()
		if st, version := u.standing(); version != last {
			last = version
			text, err := json.Marshal(&st)
			if err != nil {
				return
			}
			if _, err := fmt.Fprintf(w, "id: %d\ndata: %s\n\n", version, text); err != nil {
				return
			}
			stream.Flush()
		}
		select {
		case <-tick.C:
		case <-r.Context().Done():
			return
		}
	}
}

// stop tells the command under way to stop: what has begun ends, and is kept.
func (s *Server) stop(w http.ResponseWriter, r *http.Request, one *session) {
	u := s.acts.at()
	if u == nil || u.session != one {
		s.failed(w, r, errors.New("nothing is under way with this import"))
		return
	}
	u.stop()
	answer(w, map[string]bool{"stopped": true})
}

// summaryOf reads the report of a run, nil where there is none.
func (s *session) summaryOf(kind string) *report.Summary {
	a := s.record.Acts[kind]
	if a == nil || a.Run == "" {
		return nil
	}
	summary, err := report.ReadJSON(filepath.Join(s.state(), "runs", a.Run, "report.json"))
	if err != nil {
		return nil
	}
	return summary
}

// keepAnswer keeps what a command answered beside the session, for the pages that show it.
func (s *session) keepAnswer(kind string, text []byte) error {
	return trust.WriteWhole(s.path(kind+".json"), text)
}
