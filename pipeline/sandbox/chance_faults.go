package sandbox

import (
	"errors"
	"fmt"
	"hash/fnv"
	"maps"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// Misbehaviour is how often an org does what it should not. The zero value is an org that behaves.
type Misbehaviour struct {
	// Rates are the probabilities, 0 to 1, of faults by their names in NamedFaults. A fault that is not here never
	// happens.
	Rates map[string]float64
	// Seed decides when: the same requests in the same order meet the same faults.
	Seed uint64
	// Moment is the unit of the faults' times: a slow answer takes up to 2 of it, a job just submitted is unknown for 1, a
	// burst of 429s lasts 2, a key is refused for 3, a job is stuck for 120. 0: one second.
	Moment time.Duration
}

// Check returns all rates that can't be.
func (b Misbehaviour) Check() error {
	var wrong []error
	known := NamedFaults()
	for _, name := range slices.Sorted(maps.Keys(b.Rates)) {
		if !slices.ContainsFunc(known, func(f Fault) bool { return f.Name == name }) {
			wrong = append(wrong, fmt.Errorf("no fault is called %q", name))
		}
		if p := b.Rates[name]; !(p >= 0 && p <= 1) {
			wrong = append(wrong, fmt.Errorf("fault %s: the probability %v is not from 0 to 1", name, p))
		}
	}
	return errors.Join(wrong...)
}

// Fault is a named way to misbehave.
type Fault struct {
	Name    string
	Meaning string              // in one line
	on      func(*Request) bool // the requests it may happen to; nil: it does not happen to requests
	before  func(*faults, *Request, *rand.Rand) *Answer
	after   func(*faults, *Request, *Answer, *rand.Rand) *Answer
}

// faults are those that happen by chance.
type faults struct {
	Misbehaviour
	s    *Server
	list []Fault // those with a rate

	mutex     sync.Mutex
	behaves   bool
	drawn     map[string]uint64 // how often it was drawn for a fault and a kind of request
	happened  map[string]int    // how often each fault happened
	throttled time.Time         // until when every request is answered 429
	barred    time.Time         // until when the key is refused
	barring   int               // with which status
	jobs      map[string]time.Time
	stuck     map[string]time.Time // by job: until when it stays as it is
	refused   map[string][]string  // by job: references of the items that were taken out of it
}

func newMischief(b Misbehaviour, s *Server) *faults {
	if b.Moment == 0 {
		b.Moment = time.Second
	}
	m := &faults{
		Misbehaviour: b, s: s, drawn: map[string]uint64{}, happened: map[string]int{},
		jobs: map[string]time.Time{}, stuck: map[string]time.Time{}, refused: map[string][]string{},
	}
	for _, f := range NamedFaults() {
		if b.Rates[f.Name] > 0 {
			m.list = append(m.list, f)
		}
	}
	return m
}

// Misdeeds returns how often each fault has happened.
func (s *Server) Misdeeds() map[string]int {
	m, ok := s.config.Faults.(*faults)
	if !ok {
		return nil
	}
	m.mutex.Lock()
	defer m.mutex.Unlock()
	return maps.Clone(m.happened)
}

// Behave ends all misbehaviour, jobs that are stuck included, or lets it begin again.
func (s *Server) Behave(well bool) {
	m, ok := s.config.Faults.(*faults)
	if !ok {
		return
	}
	m.mutex.Lock()
	defer m.mutex.Unlock()
	m.behaves, m.throttled, m.barred = well, time.Time{}, time.Time{}
	clear(m.jobs)
	clear(m.stuck)
}

// active are the faults that may happen.
func (m *faults) active() []Fault {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	if m.behaves {
		return nil
	}
	return m.list
}

// draw decides whether a fault happens to a request. What else is to be decided about it comes from the generator.
// Requests of one kind are numbered, so that the order of those of different kinds does not matter.
func (m *faults) draw(fault, kind string) (*rand.Rand, bool) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	if m.behaves || m.Rates[fault] == 0 {
		return nil, false
	}
	m.drawn[fault+kind]++
	r := rand.New(rand.NewPCG(m.Seed, m.drawn[fault+kind]^hashOf(fault+kind)))
	if r.Float64() >= m.Rates[fault] {
		return nil, false
	}
	m.happened[fault]++
	return r, true
}

func hashOf(s string) uint64 {
	h := fnv.New64a()
	h.Write([]byte(s))
	return h.Sum64()
}

// Before is Faults.
func (m *faults) Before(r *Request) *Answer {
	if a := m.lasting(); a != nil {
		return a
	}
	if a := m.newJob(r); a != nil {
		return a
	}
	for _, f := range m.active() {
		if f.on == nil || f.before == nil || !f.on(r) {
			continue
		}
		by, happens := m.draw(f.Name, kindOf(r))
		if !happens && f.Name != refuseItem {
			continue
		}
		if a := f.before(m, r, by); a != nil {
			return a
		}
	}
	return nil
}

// After is Faults.
func (m *faults) After(r *Request, a *Answer) *Answer {
	m.noteJob(r, a)
	for _, f := range m.active() {
		if f.on == nil || f.after == nil || !f.on(r) {
			continue
		}
		if by, happens := m.draw(f.Name, kindOf(r)); happens {
			a = f.after(m, r, a, by)
			if a.Cut {
				return a
			}
		}
	}
	return a
}

// Hold is Faults.
func (m *faults) Hold(job string) bool {
	m.mutex.Lock()
	until, known := m.stuck[job]
	m.mutex.Unlock()
	if !known {
		until = time.Time{}
		if _, happens := m.draw("job-stuck", ""); happens {
			until = time.Now().Add(120 * m.Moment)
		}
		m.mutex.Lock()
		m.stuck[job] = until
		m.mutex.Unlock()
	}
	return time.Now().Before(until)
}

// lasting is what an earlier fault still does to every request, nil for nothing.
func (m *faults) lasting() *Answer {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	now := time.Now()
	switch {
	case now.Before(m.barred):
		return m.s.refuse(&refusal{status: m.barring, code: "unauthorized", title: "Unauthorized"})
	case now.Before(m.throttled):
		return m.tooMany()
	}
	return nil
}

// tooMany is a 429 in the form that the switches ask for.
func (m *faults) tooMany() *Answer {
	a := m.s.refuse(tooMany("Rate limit exceeded"))
	a.Header = http.Header{}
	l := limiter{switches: m.s.switches}
	now := m.s.now()
	l.describe(&budget{limit: 1000, used: 1000, ends: now.Add(time.Second)}, now, true, a.Header)
	a.Header.Set("Content-Type", "application/json; charset=utf-8")
	return a
}

// sleep waits, or until the request is given up.
func (m *faults) sleep(r *Request, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-r.Context.Done():
	}
}

// kindOf tells requests apart whose faults are drawn apart: the method, and the path without what names one thing.
func kindOf(r *Request) string {
	path := strings.TrimPrefix(r.Path, "/v1/")
	switch {
	case strings.HasPrefix(path, "bulk/") && strings.HasSuffix(path, "/batches"):
		path = "batches"
	case strings.HasPrefix(path, "bulk/"):
		path = "job"
	case strings.HasPrefix(path, "customers/") && strings.Contains(path, "="):
		path = "keyed"
	case strings.HasPrefix(path, "customers/") && isObjectID([]byte(strings.TrimPrefix(path, "customers/"))):
		path = "customer"
	case strings.HasPrefix(path, "conversations/") && isObjectID([]byte(strings.TrimPrefix(path, "conversations/"))):
		path = "conversation"
	}
	return r.Method + " " + path
}

func isAny(*Request) bool { return true }
func isWrite(r *Request) bool {
	return r.Method != http.MethodGet && !strings.HasSuffix(r.Path, "/search")
}
func isBulk(r *Request) bool {
	return isWrite(r) && strings.HasSuffix(r.Path, "/bulk") && r.Method != http.MethodDelete
}
func isResults(r *Request) bool {
	return r.Method == http.MethodGet && strings.HasSuffix(r.Path, "/batches")
}
func isSearch(r *Request) bool { return strings.HasSuffix(r.Path, "/search") }
func isRead(r *Request) bool {
	k := kindOf(r)
	return k == "GET keyed" || k == "GET customer" || k == readConversation
}

// readConversation is the kind of the requests that read one conversation.
const readConversation = "GET conversation"
