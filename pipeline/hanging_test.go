package pipeline_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"muster/pipeline"
	"muster/pipeline/kustomer"
	"muster/pipeline/sandbox"
)

// TestAnOrgThatHangsEveryTenthTime: every tenth request gets no answer, and every second of these was carried out. The
// import ends by itself, nearly every row is in the org, and it costs no more than one keyed read that is answered for
// each record of a request without an answer. No record is sent more than three times.
func TestAnOrgThatHangsEveryTenthTime(t *testing.T) {
	t.Parallel()
	const rows = 2000
	o := newOrg(t, sandbox.Config{})
	client, err := kustomer.New(kustomer.Config{URL: o.front.URL, Key: o.Key(), Share: 1, Timeout: 600 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	connected := o.connect(t)
	connected.Client = client
	var mu sync.Mutex
	all, reads, lost, searches, creations, doubtful := 0, 0, 0, 0, 0, 0
	begun := &sent{}
	o.spoil(func(w http.ResponseWriter, r *http.Request) bool {
		mu.Lock()
		records := 0
		if creates(r) {
			creations++
			records = begun.take(r)
		}
		all++
		hangs, carried := all%10 == 0 || creates(r) && creations == 3, all%20 == 0
		mu.Unlock()
		if !hangs {
			o.Handler().ServeHTTP(w, r)
		} else {
			io.Copy(io.Discard, r.Body) // before it is read, the end of the connection is not seen
			if carried {
				o.Handler().ServeHTTP(httptest.NewRecorder(), r)
			}
			<-r.Context().Done()
		}
		mu.Lock()
		defer mu.Unlock()
		given := r.Context().Err() != nil // up by the client, be it that the machine is slow
		switch {
		case looksUp(r) && given:
			lost++
		case looksUp(r):
			reads++
		case creates(r) && given:
			doubtful += records
		case strings.HasSuffix(r.URL.Path, "/search"):
			searches++
		}
		return true
	})
	s, err := pipeline.Run(t.Context(), pipeline.Config{Command: "import", Files: []string{crew(t, rows)},
		State: t.TempDir(), Org: connected})
	mu.Lock()
	defer mu.Unlock()
	t.Logf("%d requests: %d creations with %d records in doubt, %d keyed reads and %d that hung, %d searches", all,
		creations, doubtful, reads, lost, searches)
	if created, unknown := count(s, "created"), count(s, "unknown"); err != nil || !s.Balanced || created+
		unknown != rows || unknown > rows/20 {
		t.Errorf("%d created and %d unknown of %d, balanced %v: %v", created, unknown, rows, s.Balanced, err)
	}
	if doubtful == 0 || reads > doubtful || searches > 0 {
		t.Errorf("%d keyed reads and %d searches for %d records in doubt", reads, searches, doubtful)
	}
	for id, times := range begun.ids {
		if times > 3 {
			t.Errorf("%s was sent %d times", id, times)
		}
	}
}
