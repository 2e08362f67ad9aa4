package sandbox

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"
)

// together sends requests while the writer is busy, in their order, so that they meet in one transaction.
func (o *org) together(requests ...func()) {
	busy, release := make(chan struct{}), make(chan struct{})
	var all sync.WaitGroup
	all.Go(func() {
		begun := sync.OnceFunc(func() { close(busy) })
		_ = o.writer.write(func(*tx) error { begun(); <-release; return nil })
	})
	<-busy
	for _, request := range requests {
		all.Go(request)
		time.Sleep(20 * time.Millisecond) // until it waits for the writer
	}
	close(release)
	all.Wait()
}

// New customers' identities are assumed to be free. One that is not, and whose owner changes in the same transaction,
// must still have one owner in the end.
func TestAssumptionsAreFoundOut(t *testing.T) {
	o := start(t, Config{})
	owner := o.value(`{"emails":[{"email":"a@b.example"}],"externalId":"1"}`)
	gives := o.value(`{"emails":[{"email":"c@b.example"}]}`)
	var thief, patch, late, heir reply
	o.together(
		func() { thief = o.do("POST", "/v1/customers", `{"emails":[{"email":"a@b.example"}]}`) },
		func() { patch = o.do("PATCH", "/v1/customers/"+owner, `{"emails":[{"email":"b@b.example"}]}`) },
		func() { late = o.do("POST", "/v1/customers", `{"externalId":"1"}`) },
		func() { o.do("DELETE", "/v1/customers/"+gives, "") },
		func() { heir = o.do("POST", "/v1/customers", `{"emails":[{"email":"c@b.example"}]}`) },
	)
	if thief.status != 409 || patch.status != 200 || late.status != 409 || heir.status != 201 {
		t.Errorf("statuses %d %d %d %d", thief.status, patch.status, late.status, heir.status)
	}
	o.audit(t.Fatalf)
	if o.Workflows() != 4 {
		t.Errorf("%d workflows", o.Workflows())
	}
}

func TestJobsAcceptedTogetherAreAllDone(t *testing.T) {
	o := start(t, Config{})
	var answers [5]reply
	var requests []func()
	for i := range answers {
		requests = append(requests, func() {
			answers[i] = o.do("POST", "/v1/customers/bulk", fmt.Sprintf(`[{"_clientRef":"a","externalId":"%d"}]`, i))
		})
	}
	o.together(requests...)
	for i, r := range answers {
		if got := o.outcomes(r.at("data.id"))["a"]; got.Status != "created" {
			t.Errorf("job %d: %+v", i, got)
		}
	}
}

// On a full disk nothing is accepted, and what was accepted before waits until there is room.
func TestFullDisk(t *testing.T) {
	var held sync.Mutex
	held.Lock()
	o := start(t, Config{Faults: &staged{hold: func(string) bool {
		free := held.TryLock()
		if free {
			held.Unlock()
		}
		return !free
	}}})
	notes := strings.Repeat("x", 1000)
	body := `[` + strings.TrimSuffix(strings.Repeat(`{"custom":{"notesTxt":"`+notes+`"}},`, 80), ",") + `]`
	id := o.want(201, "POST", "/v1/customers/bulk", body).at("data.id")
	pages := func(n int) {
		err := o.writer.write(func(t *tx) error {
			_, err := t.conn.ExecContext(o.t.Context(), fmt.Sprintf("pragma max_page_count=%d", n))
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	pages(1) // SQLite takes this for the pages there are
	held.Unlock()
	o.want(500, "POST", "/v1/customers/bulk", body).expect(t, "errors.0.code", "internal")
	time.Sleep(3 * heldFor)
	o.want(200, "GET", "/v1/bulk/"+id, "").expect(t, "data.attributes.status", "queued")
	if o.count() != 0 {
		t.Errorf("%d customers on a full disk", o.count())
	}
	pages(unbounded)
	o.finish(id).expect(t, "data.0.attributes.successCount", "50", "data.1.attributes.successCount", "30")
	o.want(201, "POST", "/v1/customers/bulk", body)
}

// A panic while something is written is that write's failure: nothing of it is there, nothing of its text is in the
// error, and the writer goes on.
func TestAPanicOfTheWriterIsItsWritesFailure(t *testing.T) {
	o := start(t, Config{})
	err := o.writer.write(func(tx *tx) error { panic("cannot bear a@b.example") })
	if err == nil || strings.Contains(err.Error(), "a@b.example") {
		t.Errorf("the write ended with %v", err)
	}
	if got := o.do("POST", "/v1/customers", `{"externalId":"1"}`); got.status != 201 {
		t.Errorf("the next write is answered with %d", got.status)
	}
	o.audit(t.Fatalf)
}
