package ledger

import (
	"errors"
	"fmt"
	"testing"
)

// TestEveryTransition drives a request into each of its states, in an open
// batch, in a settled one and in a run that has ended, tries every act there
// and holds what happens to the tables in the package's comment.
func TestEveryTransition(t *testing.T) {
	l := open(t, t.TempDir())
	ends := []Settled{created(hexID(1))}
	prepare := []struct {
		state string
		reach func(r *Run) error
	}{
		{"none", func(r *Run) error { return nil }},
		{"intended", func(r *Run) error { _, err := r.Intend(Batch{Seq: 1, Items: items(l, 1)}, ask(0)); return err }},
		{"accepted", func(r *Run) error { return r.Accept(1, 1, "job") }},
		{"answered", func(r *Run) error { return r.Answer(1, 1, "read") }},
		{"settled", func(r *Run) error { return r.Settle(1, ends) }},
		{"ended", func(r *Run) error { return r.Finish(RunInterrupted, 1, nil) }},
	}
	acts := []struct {
		name    string
		allowed string // the states above in which it has a place, by their initial
		do      func(r *Run) error
	}{
		{"Intend", "n", prepare[1].reach},
		{"Again", "iaA", func(r *Run) error {
			n, err := r.Again(1, ask(0))
			if err == nil && n != 2 {
				err = fmt.Errorf("it has number %d", n)
			}
			return err
		}},
		{"Accept", "i", prepare[2].reach},
		{"Answer", "ia", prepare[3].reach},
		{"Settle", "iaA", prepare[4].reach},
		{"Finish finished", "ns", func(r *Run) error { return r.Finish(RunFinished, 1, nil) }},
		{"Finish interrupted", "niaAs", func(r *Run) error { return r.Finish(RunInterrupted, 1, nil) }},
		{"Finish failed", "niaAs", func(r *Run) error { return r.Finish(RunFailed, 1, nil) }},
	}
	const initials = "niaAse"
	for s, state := range prepare {
		for _, act := range acts {
			name := act.name + " when " + state.state
			r := begin(t, l, name, name)
			for _, step := range prepare[:s+1] {
				must(t, step.reach(r))
			}
			before := tell(t, l)
			err := act.do(r)
			allowed := false
			for _, initial := range act.allowed {
				allowed = allowed || byte(initial) == initials[s]
			}
			switch {
			case allowed && err != nil:
				t.Errorf("%s: %v", name, err)
			case allowed && tell(t, l) == before:
				t.Errorf("%s: nothing was recorded", name)
			case !allowed && !errors.Is(err, ErrState):
				t.Errorf("%s: %v, want ErrState", name, err)
			case !allowed && tell(t, l) != before:
				t.Errorf("%s: refused, but it left a trace", name)
			}
		}
	}
}

// tell is all that the ledger holds of states, as text.
func tell(t *testing.T, l *Ledger) string {
	t.Helper()
	var all string
	must(t, l.reader.QueryRow(`
		SELECT coalesce((SELECT group_concat(name || state || rows) FROM runs), '')
			|| coalesce((SELECT group_concat(run || '/' || seq || doubt || hex(items) || coalesce(hex(ends), '-')) FROM batches), '')
			|| coalesce((SELECT group_concat(batch || '/' || n || state || coalesce(job, '') || coalesce(note, '')) FROM requests), '')
			|| coalesce((SELECT group_concat(hex(key) || batch) FROM known), '')`).Scan(&all))
	return all
}

func TestActsRefuseWhatIsNotAsItsTypeSays(t *testing.T) {
	l := open(t, t.TempDir())
	r := begin(t, l, "run", "")
	crowd := make([]int64, MaxItems+1)
	for i := range crowd {
		crowd[i] = int64(i)
	}
	good := Batch{Seq: 2, Items: items(l, 5, 6)}
	intend := func(b Batch, q Request) error { _, err := r.Intend(b, q); return err }
	for name, err := range map[string]error{
		"no seq":                   intend(Batch{Items: good.Items}, ask(0)),
		"no items":                 intend(Batch{Seq: 2}, ask(0)),
		"too many items":           intend(Batch{Seq: 2, Items: items(l, crowd...)}, ask(0)),
		"a negative ordinal":       intend(Batch{Seq: 2, Items: items(l, -1)}, ask(0)),
		"an ordinal twice":         intend(Batch{Seq: 2, Items: items(l, 5, 5)}, ask(0)),
		"ordinals out of order":    intend(Batch{Seq: 2, Items: items(l, 6, 5)}, ask(0)),
		"a request without a verb": intend(good, Request{Items: []int{0}}),
		"a request for nothing":    intend(good, ask()),
		"a request for no item":    intend(good, ask(0, 2)),
		"a negative index":         intend(good, ask(-1, 0)),
		"indexes out of order":     intend(good, ask(1, 0)),
		"an index twice":           intend(good, ask(1, 1)),
	} {
		if !errors.Is(err, ErrState) {
			t.Errorf("%s: %v, want ErrState", name, err)
		}
	}
	if got := r.NextSeq(); got != 1 {
		t.Fatalf("NextSeq is %d after nothing but refusals", got)
	}
	must(t, intend(good, ask(0)))
	for name, err := range map[string]error{
		"a job without an id":        r.Accept(2, 1, ""),
		"a request there is not":     r.Accept(2, 2, "job"),
		"too few ends":               r.Settle(2, []Settled{created("1")}),
		"too many ends":              r.Settle(2, []Settled{created("1"), created("2"), created("3")}),
		"no status":                  r.Settle(2, []Settled{created("1"), {CustomerID: "2"}}),
		"another status":             r.Settle(2, []Settled{created("1"), {Status: "Created", CustomerID: "2"}}),
		"created without a customer": r.Settle(2, []Settled{created("1"), created("")}),
		"updated without a customer": r.Settle(2, []Settled{created("1"), {Status: "updated"}}),
		"a run ended as nothing":     r.Finish("done", 0, nil),
		"a run ended as running":     r.Finish(RunRunning, 0, nil),
	} {
		if !errors.Is(err, ErrState) {
			t.Errorf("%s: %v, want ErrState", name, err)
		}
	}
	if known, err := l.Known("org", []KeyHash{good.Items[0].Key}); err != nil || known[0].Found {
		t.Errorf("a refused Settle landed a key: %v", err)
	}
	must(t, r.Settle(2, []Settled{created("1"), created("2")}))
}
