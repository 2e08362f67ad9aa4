package ledger

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"
)

func TestBeginTakesUpTheUnfinishedRun(t *testing.T) {
	dir := t.TempDir()
	l := open(t, dir)
	started := time.Date(2025, 3, 4, 5, 6, 7, 0, time.UTC)
	first, err := l.Begin(RunInfo{ID: "one", Command: "import", OrgID: "o1", Org: "Acme", Fingerprint: "f", Version: "v1",
		Stamp: "s1", Started: started})
	must(t, err)
	want := first.Info()
	if first.Resumed() || want.State != RunRunning || !want.Started.Equal(started) || want.Org != "Acme" ||
		want.Command != "import" || want.Version != "v1" {
		t.Fatalf("a new run: resumed %v, %+v", first.Resumed(), want)
	}
	_, err = first.Intend(Batch{Seq: 4, Items: items(l, 1)}, ask(0))
	must(t, err)

	l = reopen(t, l, dir)
	if infos, err := l.Runs(); err != nil || len(infos) != 1 || infos[0].State != RunInterrupted {
		t.Fatalf("the run of a dead process: %+v, %v", infos, err)
	}
	for _, state := range []string{"", RunInterrupted, RunFailed} {
		r, err := l.Begin(RunInfo{ID: "two", OrgID: "o1", Fingerprint: "f", Stamp: "s2"})
		must(t, err)
		if got := r.Info(); !r.Resumed() || got.ID != "one" || got.Stamp != "s1" || got.State != RunRunning ||
			!got.Ended.IsZero() || !got.Started.Equal(started) {
			t.Fatalf("taken up after %q: resumed %v, %+v", state, r.Resumed(), got)
		}
		if r.NextSeq() != 5 {
			t.Errorf("NextSeq is %d, want 5", r.NextSeq())
		}
		if state != "" {
			must(t, r.Finish(state, 7, map[string]int64{"created": 7}))
		}
	}
	for _, other := range []RunInfo{{ID: "two", OrgID: "o2", Fingerprint: "f"},
		{ID: "three", OrgID: "o1", Fingerprint: "g"}} {
		if r, err := l.Begin(other); err != nil || r.Resumed() || r.ID() != other.ID || r.NextSeq() != 1 {
			t.Errorf("another org or fingerprint took up the run: %v", err)
		}
	}
	infos, err := l.Runs()
	must(t, err)
	if len(infos) != 3 || infos[0].ID != "three" || infos[2].Rows != 7 || infos[2].Counts["created"] != 7 ||
		infos[2].Ended.IsZero() {
		t.Errorf("runs: %+v", infos)
	}
}

func TestBeginAfterTheEndIsAnotherRun(t *testing.T) {
	l := open(t, t.TempDir())
	must(t, begin(t, l, "one", "f").Finish(RunFinished, 0, nil))
	if _, err := l.Begin(RunInfo{ID: "one", OrgID: "org", Fingerprint: "f"}); !errors.Is(err, ErrState) {
		t.Errorf("an ID used twice: %v", err)
	}
	if _, err := l.Begin(RunInfo{OrgID: "org", Fingerprint: "f"}); !errors.Is(err, ErrState) {
		t.Errorf("no ID: %v", err)
	}
	if r := begin(t, l, "two", "f"); r.Resumed() || r.ID() != "two" {
		t.Errorf("a finished run was taken up again as %s", r.ID())
	}
	if _, err := l.Find("nobody"); !errors.Is(err, ErrNoRun) {
		t.Errorf("find: %v", err)
	}
	r, err := l.Find("one")
	must(t, err)
	if _, err := r.Intend(Batch{Seq: 1, Items: items(l, 1)}, ask(0)); !errors.Is(err, ErrState) {
		t.Errorf("intend in a finished run: %v", err)
	}
}

func TestAssignedFindsSparseAndRepeatedItems(t *testing.T) {
	dir := t.TempDir()
	l := open(t, dir)
	r := begin(t, l, "run", "f")
	for seq, ordinals := range [][]int64{1: {0, 50, 900}, 2: {1, 2, 3}, 3: {40, 41}, 4: {41, 899}} {
		if seq > 0 {
			_, err := r.Intend(Batch{Seq: int64(seq), Items: items(l, ordinals...)}, ask(0))
			must(t, err)
		}
	}
	must(t, r.Settle(3, []Settled{created(hexID(1)), {Status: "unsent", Code: "run.stopped", Detail: "why"}}))
	expect := func(from, to int64, want string) {
		t.Helper()
		list, err := r.Assigned(from, to)
		must(t, err)
		var got strings.Builder
		for _, a := range list {
			fmt.Fprintf(&got, "%d:%d.%d ", a.Ordinal, a.Seq, a.Index)
			if a.Item != items(l, a.Ordinal)[0] {
				t.Errorf("ordinal %d has another item", a.Ordinal)
			}
			if (a.Settled != nil) != (a.Seq == 3) {
				t.Errorf("ordinal %d: settled %v", a.Ordinal, a.Settled)
			}
		}
		if got.String() != want {
			t.Errorf("[%d, %d): got %q, want %q", from, to, got.String(), want)
		}
	}
	for range 2 { // as recorded, and as read again by a further process
		expect(0, 3, "0:1.0 1:2.0 2:2.1 ")
		expect(3, 41, "3:2.2 40:3.0 ")
		expect(41, 42, "41:4.0 ")
		expect(50, 900, "50:1.1 899:4.1 ")
		expect(900, 901, "900:1.2 ")
		expect(901, 5000, "")
		expect(5, 5, "")
		l = reopen(t, l, dir)
		r = begin(t, l, "again", "f")
	}
	traces, err := r.Trace(41)
	must(t, err)
	if len(traces) != 2 || traces[0].Seq != 3 || *traces[0].Settled != (Settled{Status: "unsent", Code: "run.stopped",
		Detail: "why"}) || traces[1].Seq != 4 {
		t.Errorf("trace of 41: %+v", traces)
	}
}

func TestOpenBatchesTellWhatWasAsked(t *testing.T) {
	dir := t.TempDir()
	l := open(t, dir)
	r := begin(t, l, "run", "f")
	earliest := time.Now().Add(-time.Millisecond)
	for _, seq := range []int64{3, 1, 2} {
		_, err := r.Intend(Batch{Seq: seq, Items: items(l, 10*seq, 10*seq+1, 10*seq+2)}, ask(0, 1, 2))
		must(t, err)
	}
	must(t, r.Accept(3, 1, "job-a"))
	must(t, r.Answer(3, 1, "results read"))
	n, err := r.Again(3, Request{Verb: "update", Items: []int{0, 2}, Payload: RecordHash{8}})
	must(t, err)
	must(t, r.Accept(3, n, "job-b"))
	must(t, r.Settle(1, []Settled{created(hexID(1)), created(hexID(2)), created(hexID(3))}))

	l = reopen(t, l, dir)
	r = begin(t, l, "run", "f")
	got, err := r.OpenBatches()
	must(t, err)
	want := []OpenBatch{
		{Batch: Batch{Seq: 2, Items: items(l, 20, 21, 22)},
			Requests: []OpenRequest{{N: 1, Request: ask(0, 1, 2), State: RequestIntended}}},
		{Batch: Batch{Seq: 3, Items: items(l, 30, 31, 32)}, Requests: []OpenRequest{
			{N: 1, Request: ask(0, 1, 2), JobID: "job-a", State: RequestAnswered, Note: "results read"},
			{N: 2, Request: Request{Verb: "update", Items: []int{0, 2}, Payload: RecordHash{8}}, JobID: "job-b",
				State: RequestAccepted}}},
	}
	for i := range got {
		for k := range got[i].Requests {
			at := &got[i].Requests[k].IntendedAt
			if at.Before(earliest) || at.After(time.Now()) || at.Location() != time.UTC {
				t.Errorf("intended at %v", *at)
			}
			*at = time.Time{}
		}
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v\nwant %+v", got, want)
	}
	traces, err := l.Trace("org", items(l, 31)[0].Key)
	must(t, err)
	if len(traces) != 1 || traces[0].Run != "run" || traces[0].Ordinal != 31 || traces[0].Settled != nil ||
		len(traces[0].Requests) != 1 || traces[0].Requests[0].JobID != "job-a" {
		t.Errorf("trace of 31: %+v", traces)
	}
}
