package ledger

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// model is what a ledger should hold, said in maps. It has one org, a few
// fingerprints and a few keys, so that runs and records meet again.
type model struct {
	runs  []*modelRun // oldest first
	known map[KeyHash]Known
	order int // of intents, over all runs
	// landedAt is the order number of the batch that landed a key last.
	landedAt map[KeyHash]int
}

type modelRun struct {
	id, fingerprint, state string
	batches                map[int64]*modelBatch
}

type modelBatch struct {
	items    []Item
	requests []OpenRequest
	ends     []Settled
	order    int
}

func (r *modelRun) open() []int64 {
	var list []int64
	for seq, b := range r.batches {
		if b.ends == nil {
			list = append(list, seq)
		}
	}
	slices.Sort(list)
	return list
}

// machine drives a real ledger and the model with the same acts.
type machine struct {
	dir   string
	l     *Ledger
	model model
	run   *Run // the latest begun by this process
	mine  *modelRun
}

// TestTheLedgerIsItsModel does random acts, fit and unfit, reopening now and
// then, and compares all that can be read after each.
func TestTheLedgerIsItsModel(t *testing.T) {
	base := t.TempDir()
	n := 0
	rapid.Check(t, func(t *rapid.T) {
		n++
		dir := filepath.Join(base, fmt.Sprint(n))
		l, err := Open(dir)
		if err != nil {
			t.Fatal(err)
		}
		m := &machine{dir: dir, l: l, model: model{known: map[KeyHash]Known{}, landedAt: map[KeyHash]int{}}}
		defer func() { _ = errors.Join(m.l.Close(), os.RemoveAll(dir)) }()
		m.begin(t)
		t.Repeat(map[string]func(*rapid.T){
			"":       m.compare,
			"begin":  m.begin,
			"intend": m.intend,
			"again":  m.again,
			"accept": m.accept,
			"answer": m.answer,
			"settle": m.settle,
			"finish": m.finish,
			"reopen": m.reopen,
		})
	})
}

// agree holds an act's verdict to the model's and says whether it was done.
func agree(t *rapid.T, fit bool, err error) bool {
	if fit && err != nil {
		t.Fatalf("refused: %v", err)
	}
	if !fit && !errors.Is(err, ErrState) {
		t.Fatalf("got %v, want ErrState", err)
	}
	return fit
}

func (m *machine) begin(t *rapid.T) {
	fingerprint := rapid.SampledFrom([]string{"f", "g"}).Draw(t, "fingerprint")
	id := fmt.Sprint("run-", len(m.model.runs))
	run, err := m.l.Begin(RunInfo{ID: id, OrgID: "org", Fingerprint: fingerprint})
	if err != nil {
		t.Fatal(err)
	}
	m.run, m.mine = run, nil
	for _, r := range m.model.runs {
		if r.fingerprint == fingerprint && r.state != RunFinished {
			m.mine = r
		}
	}
	if run.Resumed() != (m.mine != nil) {
		t.Fatalf("resumed: %v", run.Resumed())
	}
	if m.mine == nil {
		m.mine = &modelRun{id: id, fingerprint: fingerprint, batches: map[int64]*modelBatch{}}
		m.model.runs = append(m.model.runs, m.mine)
	}
	m.mine.state = RunRunning
}

// drawSeq draws a batch that is likely to be there.
func (m *machine) drawSeq(t *rapid.T) int64 {
	return rapid.Int64Range(1, m.run.NextSeq()).Draw(t, "seq")
}

// openBatch is the model's batch if it may be acted on.
func (m *machine) openBatch(seq int64) *modelBatch {
	if b := m.mine.batches[seq]; b != nil && b.ends == nil && m.mine.state == RunRunning {
		return b
	}
	return nil
}

func drawRequest(t *rapid.T, size int) Request {
	q := Request{Verb: rapid.SampledFrom([]string{"create", "update"}).Draw(t, "verb"), Payload: RecordHash{byte(size)}}
	for i := range size {
		if i == 0 || rapid.Bool().Draw(t, "pick") {
			q.Items = append(q.Items, i)
		}
	}
	return q
}

func (m *machine) intend(t *rapid.T) {
	seq := m.drawSeq(t)
	var list []Item
	ordinal := rapid.Int64Range(0, 60).Draw(t, "ordinal")
	for range rapid.IntRange(1, 5).Draw(t, "items") {
		item := Item{Ordinal: ordinal, Hash: RecordHash{rapid.Byte().Draw(t, "hash")}}
		if key := rapid.IntRange(0, 9).Draw(t, "key"); key > 0 {
			item.Key = m.l.Key("email", fmt.Append(nil, key))
		}
		list = append(list, item)
		ordinal += rapid.Int64Range(1, 9).Draw(t, "step")
	}
	q := drawRequest(t, len(list))
	_, err := m.run.Intend(Batch{Seq: seq, Items: list}, q)
	if agree(t, m.mine.state == RunRunning && m.mine.batches[seq] == nil, err) {
		m.model.order++
		m.mine.batches[seq] = &modelBatch{items: list, order: m.model.order,
			requests: []OpenRequest{{N: 1, Request: q, State: RequestIntended}}}
	}
}

func (m *machine) again(t *rapid.T) {
	seq := m.drawSeq(t)
	b := m.openBatch(seq)
	size := 1
	if b != nil {
		size = len(b.items)
	}
	q := drawRequest(t, size)
	n, err := m.run.Again(seq, q)
	if agree(t, b != nil, err) {
		b.requests = append(b.requests, OpenRequest{N: len(b.requests) + 1, Request: q, State: RequestIntended})
		if n != len(b.requests) {
			t.Fatalf("request %d, want %d", n, len(b.requests))
		}
	}
}

// request is the model's request n of an open batch if it is in one of the states.
func (m *machine) request(seq int64, n int, states ...string) *OpenRequest {
	b := m.openBatch(seq)
	if b == nil || n > len(b.requests) || !slices.Contains(states, b.requests[n-1].State) {
		return nil
	}
	return &b.requests[n-1]
}

func (m *machine) accept(t *rapid.T) {
	seq, n := m.drawSeq(t), rapid.IntRange(1, 3).Draw(t, "n")
	q := m.request(seq, n, RequestIntended)
	if agree(t, q != nil, m.run.Accept(seq, n, "job")) {
		q.State, q.JobID = RequestAccepted, "job"
	}
}

func (m *machine) answer(t *rapid.T) {
	seq, n := m.drawSeq(t), rapid.IntRange(1, 3).Draw(t, "n")
	q := m.request(seq, n, RequestIntended, RequestAccepted)
	if agree(t, q != nil, m.run.Answer(seq, n, "note")) {
		q.State, q.Note = RequestAnswered, "note"
	}
}

func (m *machine) settle(t *rapid.T) {
	seq := m.drawSeq(t)
	b := m.openBatch(seq)
	size := 1
	if b != nil {
		size = len(b.items)
	}
	ends := make([]Settled, size)
	for i := range ends {
		ends[i].Status = rapid.SampledFrom(Statuses()).Draw(t, "status")
		if lands(ends[i].Status) || takesBack(ends[i].Status) {
			ends[i].CustomerID = hexID(rapid.IntRange(1, 5).Draw(t, "id"))
		}
	}
	if !agree(t, b != nil, m.run.Settle(seq, ends)) {
		return
	}
	b.ends = ends
	for i, item := range b.items {
		if item.Key != (KeyHash{}) && lands(ends[i].Status) {
			m.model.known[item.Key] = Known{Found: true, CustomerID: ends[i].CustomerID, Hash: item.Hash}
			m.model.landedAt[item.Key] = b.order
		}
		known := m.model.known[item.Key]
		if !takesBack(ends[i].Status) || known.CustomerID != ends[i].CustomerID {
			continue
		}
		delete(m.model.known, item.Key)
		if ends[i].Status == "restored" {
			m.model.known[item.Key] = Known{Found: true, CustomerID: known.CustomerID}
			m.model.landedAt[item.Key] = b.order
		}
	}
}

func takesBack(status string) bool { return status == "deleted" || status == "restored" }

func (m *machine) finish(t *rapid.T) {
	state := rapid.SampledFrom([]string{RunFinished, RunInterrupted, RunFailed}).Draw(t, "state")
	fit := m.mine.state == RunRunning && (state != RunFinished || len(m.mine.open()) == 0)
	if agree(t, fit, m.run.Finish(state, 1, nil)) {
		m.mine.state = state
	}
}

func (m *machine) reopen(t *rapid.T) {
	err := m.l.Close()
	if err == nil {
		m.l, err = Open(m.dir)
	}
	if err == nil {
		m.run, err = m.l.Find(m.mine.id)
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range m.model.runs {
		if r.state == RunRunning {
			r.state = RunInterrupted
		}
	}
}
