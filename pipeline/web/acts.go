package web

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"muster/pipeline/parallel"
	"muster/pipeline/printable"
)

// An act is one command that was carried out for an import, or is under way.
type act struct {
	Kind    string            `json:"kind"` // check, plan, import, apply, verify, undo
	Args    []string          `json:"args"` // as a person would type them
	Started time.Time         `json:"started"`
	Ended   time.Time         `json:"ended,omitzero"` // zero: it is under way, or its process died
	Stamp   int64             `json:"stamp"`          // of the session when it began, as is Basis
	Basis   int64             `json:"basis"`
	Under   string            `json:"under"`           // the rows that it was about, as under says
	With    map[string]string `json:"with,omitempty"`  // what the followers held
	Fixed   bool              `json:"fixed,omitempty"` // of the file with the edits: its lines are other ones
	Exit    int               `json:"exit"`
	Run     string            `json:"run,omitempty"`
	Says    []string          `json:"says,omitempty"` // its errors and hints
}

// mostAnswer bounds what is kept of a command's answer: it is one JSON object of counts.
const mostAnswer = 16 << 20

// acts carries commands out, one at a time: they share the state directory.
type acts struct {
	run Runner
	now func() time.Time

	mu      sync.Mutex
	ctx     context.Context
	running sync.WaitGroup
	current *underway
}

// An underway is a command that is being carried out, and how far it is.
type underway struct {
	session *session
	act     *act
	cancel  context.CancelFunc

	mu      sync.Mutex
	now     func() time.Time
	phase   string
	total   int64
	done    int64
	begun   time.Time // of the phase
	says    []string  // the last lines
	counts  map[string]int64
	budget  string
	stopped bool
	version int64
}

// errBusy: two commands would write to one state directory.
var errBusy = errors.New("something is under way already: wait until it ends, or stop it")

func (a *acts) begin(ctx context.Context) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.ctx = ctx
}

func (a *acts) wait() { a.running.Wait() }

func (a *acts) busy() bool { return a.at() != nil }

// at is what is under way, nil nothing.
func (a *acts) at() *underway {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.current
}

func (a *acts) holds(s *session) bool {
	u := a.at()
	return u != nil && u.session == s
}

// start has a command carried out for a session. done is called at its end, without the session's mu, and clears.
func (a *acts) start(s *session, one *act, call Call, done func()) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.current != nil {
		return errBusy
	}
	if a.ctx == nil || a.ctx.Err() != nil {
		return errors.New("muster ui is ending")
	}
	ctx, cancel := context.WithCancel(a.ctx)
	u := &underway{session: s, act: one, cancel: cancel, now: a.now, begun: a.now()}
	a.current = u
	a.running.Add(1)
	go func() {
		defer a.running.Done()
		defer cancel()
		var err error
		func() {
			defer parallel.Caught(&err)
			a.carry(ctx, u, call)
		}()
		if err != nil {
			one.Exit, one.Says = 1, []string{printable.Line(err.Error())}
		}
		done()
	}()
	return nil
}

// clear lets the next command begin.
func (a *acts) clear() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.current = nil
}

// carry carries the command out and takes its answer apart.
func (a *acts) carry(ctx context.Context, u *underway, call Call) {
	var out, said bytes.Buffer
	call.Stdout, call.Stderr, call.Progress = &limited{to: &out, left: mostAnswer}, &limited{to: &said, left: 1 << 20}, u
	exit := a.run(ctx, call)
	var answer struct {
		Run string `json:"run"`
	}
	if json.Unmarshal(out.Bytes(), &answer) != nil {
		answer.Run = "" // it ended before it had anything to say
	}
	u.act.Exit, u.act.Run, u.act.Ended = exit, answer.Run, a.now().UTC()
	if out.Len() > 0 {
		if err := u.session.keepAnswer(u.act.Kind, out.Bytes()); err != nil {
			u.act.Says = append(u.act.Says, "error: "+err.Error())
		}
	}
	for line := range strings.Lines(said.String()) {
		line = strings.TrimSpace(strings.TrimPrefix(line, "muster: "))
		if strings.HasPrefix(line, "error: ") || strings.HasPrefix(line, "hint: ") {
			u.act.Says = append(u.act.Says, line)
		}
	}
}

// limited passes over what comes after its limit.
type limited struct {
	to   io.Writer
	left int
}

// Write takes all, and keeps what there is room for.
func (l *limited) Write(b []byte) (int, error) {
	n := min(len(b), l.left)
	l.left -= n
	if _, err := l.to.Write(b[:n]); err != nil {
		return 0, err
	}
	return len(b), nil
}

// Phase begins a part of the work.
func (u *underway) Phase(name string, total int64) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.phase, u.total, u.done, u.begun = name, total, 0, u.now()
	u.version++
}

// Step says how far the part is.
func (u *underway) Step(done int64) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.done = done
	u.version++
}

// Say keeps the last lines.
func (u *underway) Say(line string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if line = strings.TrimSpace(line); line == "" {
		return
	}
	u.says = append(u.says, printable.Lines(line))
	u.says = u.says[max(0, len(u.says)-12):]
	u.version++
}

// Done ends the part.
func (u *underway) Done() { u.Step(u.total) }

// Roll says how many rows have which status so far, and what the run takes of the org's budget.
func (u *underway) Roll(counts map[string]int64, granted, used int64) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.counts = counts
	u.budget = grouped(used) + " requests in this minute"
	if granted > 0 {
		u.budget = fmt.Sprintf("%s of %s requests in this minute", grouped(used), grouped(granted))
	}
	u.version++
}

func (u *underway) stop() {
	u.mu.Lock()
	u.stopped = true
	u.version++
	u.mu.Unlock()
	u.cancel()
}

// A standing is how far a command is, for the page.
type standing struct {
	Kind    string           `json:"kind"`
	Phase   string           `json:"phase"`
	Percent int              `json:"percent"`
	Done    int64            `json:"done"`
	Total   int64            `json:"total"`
	Unit    string           `json:"unit"`
	Rate    string           `json:"rate"`
	Left    string           `json:"left"`
	Says    []string         `json:"says"`
	Counts  map[string]int64 `json:"counts,omitempty"`
	Budget  string           `json:"budget,omitempty"`
	Stopped bool             `json:"stopped"`
	Ended   bool             `json:"ended"`
}

// standing takes a picture. version changes when there is another.
func (u *underway) standing() (st standing, version int64) {
	u.mu.Lock()
	defer u.mu.Unlock()
	st = standing{Kind: u.act.Kind, Phase: phaseWords(u.phase), Done: u.done, Total: u.total, Unit: "rows", Says: u.says,
		Counts: u.counts, Budget: u.budget, Stopped: u.stopped}
	if u.phase == "read" {
		st.Unit = "bytes"
	}
	if u.total > 0 {
		st.Percent = int(min(100, 100*u.done/u.total))
	}
	took := u.now().Sub(u.begun)
	if took > time.Second && u.done > 0 {
		rate := float64(u.done) / took.Seconds()
		if st.Unit == "rows" {
			st.Rate = grouped(int64(rate)) + " rows a second"
		}
		if left := time.Duration(float64(u.total-u.done)/rate) * time.Second; u.total > u.done {
			st.Left = "about " + left.Round(time.Second).String() + " left"
		}
	}
	return st, u.version
}

func phaseWords(phase string) string {
	switch phase {
	case "read":
		return "Reading and checking every row"
	case "compare":
		return "Looking which rows are one customer"
	case "import":
		return "Sending"
	case "":
		return "Beginning"
	}
	return strings.ToUpper(phase[:1]) + phase[1:]
}
