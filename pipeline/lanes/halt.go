package lanes

import (
	"context"
	"sync"
)

// Halt is how one stage tells the run to stop, and why. The first reason stands.
type Halt struct {
	mu     sync.Mutex
	err    error
	away   error // see Lost
	Cancel context.CancelFunc
}

// Stop ends the reading of further rows. Begun requests are left to finish.
func (h *Halt) Stop(err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.err == nil {
		h.err = err
		h.Cancel()
	}
}

// Failed is Stop, where there is an error.
func (h *Halt) Failed(err error) {
	if err != nil {
		h.Stop(err)
	}
}

// Lost is Stop for an org that could not be asked what became of a record: the others are not asked for one by one.
func (h *Halt) Lost(err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.err == nil {
		h.err = err
		h.Cancel()
	}
	if h.away == nil {
		h.away = err
	}
}

// Away is why the org cannot be asked any more, nil while it can.
func (h *Halt) Away() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.away
}

// Err is why the run must stop, nil while it need not.
func (h *Halt) Err() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.err
}

// Sequence numbers the batches of a run.
type Sequence struct {
	mu   sync.Mutex
	Next int64
}

// Take is the next number.
func (s *Sequence) Take() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.Next++
	return s.Next - 1
}
