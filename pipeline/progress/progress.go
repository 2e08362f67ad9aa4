// Package progress tells whoever watches how far a run has come.
package progress

import (
	"sync"
)

// InTurn lets several goroutines speak to one Reporter, and nobody any more once it is closed.
type InTurn struct {
	mu     sync.Mutex
	to     Reporter
	closed bool
}

// NewInTurn speaks to a Reporter.
func NewInTurn(to Reporter) *InTurn { return &InTurn{to: to} }

// Phase begins a part of the run.
func (o *InTurn) Phase(name string, total int64) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.closed {
		o.to.Phase(name, total)
	}
}

// Step says how much of the phase is done.
func (o *InTurn) Step(done int64) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.closed {
		o.to.Step(done)
	}
}

// Say prints one line.
func (o *InTurn) Say(line string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.closed {
		o.to.Say(line)
	}
}

// Done ends the phase.
func (o *InTurn) Done() {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.closed {
		o.to.Done()
	}
}

// Roll says how the rows stand, where somebody wants to know.
func (o *InTurn) Roll(counts map[string]int64, granted, used int64) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if roller, is := o.to.(Roller); is && !o.closed {
		roller.Roll(counts, granted, used)
	}
}

// Close has what is said from now on told to nobody.
func (o *InTurn) Close() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.closed = true
}

// Reporter is told how far a run has come. Its methods are called from one goroutine at a time.
type Reporter interface {
	// Phase begins a part of the run: "read" counts bytes, "import" counts rows. total is 0 where unknown.
	Phase(name string, total int64)
	// Step says how much of the phase's total is done.
	Step(done int64)
	// Say prints one line for people, outside any phase's bar.
	Say(line string)
	// Done ends the phase.
	Done()
}

// Roller is implemented by a Reporter that shows how the rows of an import stand while it sends.
type Roller interface {
	// Roll says how many rows have which status so far, and, of requests per minute, how many the run grants itself, 0 no
	// limit, and how many it has made in its present minute. counts is the callee's.
	Roll(counts map[string]int64, granted, used int64)
}

// Silent is for a run that nobody watches.
type Silent struct{}

// Phase tells nobody.
func (Silent) Phase(string, int64) {}

// Step tells nobody.
func (Silent) Step(int64) {}

// Say tells nobody.
func (Silent) Say(string) {}

// Done tells nobody.
func (Silent) Done() {}
