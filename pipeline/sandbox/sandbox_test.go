package sandbox

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	if path := os.Getenv(serveVariable); path != "" {
		serveUntilKilled(path)
	}
	goleak.VerifyTestMain(m)
}

// org is a running sandbox with a client of its own.
type org struct {
	*Server
	base   string
	t      *testing.T
	client *http.Client
	key    string
}

func start(t *testing.T, c Config) *org {
	t.Helper()
	s, err := Start(c)
	if err != nil {
		t.Fatal(err)
	}
	o := &org{s, s.URL(), t, &http.Client{Transport: &http.Transport{}}, s.Key()}
	t.Cleanup(o.stop)
	return o
}

// stop closes the org; once more does nothing.
func (o *org) stop() {
	o.client.CloseIdleConnections()
	if err := o.Close(); err != nil {
		o.t.Error(err)
	}
}

// reply is an answer that was read to its end.
type reply struct {
	status int
	header http.Header
	body   []byte
}

// do sends a request with the org's key and reads the answer.
func (o *org) do(method, path, body string) reply {
	o.t.Helper()
	r, err := o.send(method, path, body)
	if err != nil {
		o.t.Fatal(err)
	}
	return r
}

func (o *org) send(method, path, body string) (reply, error) {
	q, err := http.NewRequest(method, o.base+path, strings.NewReader(body))
	if err != nil {
		return reply{}, err
	}
	q.Header.Set("Authorization", "Bearer "+o.key)
	q.Header.Set("Content-Type", "application/json")
	answered, err := o.client.Do(q)
	if err != nil {
		return reply{}, err
	}
	defer answered.Body.Close()
	text, err := io.ReadAll(answered.Body)
	return reply{answered.StatusCode, answered.Header, text}, err
}

// want sends a request and fails unless the answer has the status.
func (o *org) want(status int, method, path, body string) reply {
	o.t.Helper()
	r := o.do(method, path, body)
	if r.status != status {
		o.t.Fatalf("%s %s %.300s: status %d, want %d: %.500s", method, path, body, r.status, status, r.body)
	}
	return r
}

// at is the value at a dotted path of the body, as fmt prints it; "" for none.
func (r reply) at(path string) string {
	var v any
	d := json.NewDecoder(bytes.NewReader(r.body))
	d.UseNumber()
	if err := d.Decode(&v); err != nil {
		return "not JSON"
	}
	for _, name := range strings.Split(path, ".") {
		switch x := v.(type) {
		case map[string]any:
			v = x[name]
		case []any:
			var i int
			if _, err := fmt.Sscan(name, &i); err != nil || i >= len(x) {
				return ""
			}
			v = x[i]
		default:
			return ""
		}
	}
	if v == nil {
		return ""
	}
	return fmt.Sprint(v)
}

// expect compares values of the body, given as path, value, path, value.
func (r reply) expect(t *testing.T, pairs ...string) {
	t.Helper()
	for i := 0; i < len(pairs); i += 2 {
		if got := r.at(pairs[i]); got != pairs[i+1] {
			t.Errorf("%s is %q, want %q in %.800s", pairs[i], got, pairs[i+1], r.body)
		}
	}
}

// finish waits for a job and gives its batches.
func (o *org) finish(id string) reply {
	o.t.Helper()
	for deadline := time.Now().Add(10 * time.Second); ; {
		r := o.want(200, "GET", "/v1/bulk/"+id, "")
		if s := r.at("data.attributes.status"); s == "complete" || s == "failed" {
			return o.want(200, "GET", "/v1/bulk/"+id+"/batches", "")
		}
		if time.Now().After(deadline) {
			o.t.Fatalf("job %s does not end: %s", id, r.body)
		}
		time.Sleep(2 * time.Millisecond)
	}
}

// outcome is a result of a bulk item.
type outcome struct {
	Ref    string `json:"_clientRef"`
	Status string
	ID     string `json:"objectId"`
	Error  string
}

// bulk sends a bulk request, waits for its job, and gives the results by ref.
func (o *org) bulk(method, body string) map[string]outcome {
	o.t.Helper()
	return o.outcomes(o.want(201, method, "/v1/customers/bulk", body).at("data.id"))
}

func (o *org) outcomes(job string) map[string]outcome {
	o.t.Helper()
	var batches struct {
		Data []struct {
			Attributes struct {
				SuccessCount, FailureCount int
				Results                    []outcome
			}
		}
	}
	if err := json.Unmarshal(o.finish(job).body, &batches); err != nil {
		o.t.Fatal(err)
	}
	all := map[string]outcome{}
	for _, b := range batches.Data {
		failed := 0
		for _, r := range b.Attributes.Results {
			all[r.Ref] = r
			if r.Status == "error" {
				failed++
			}
		}
		if n := len(b.Attributes.Results); n > 0 && (failed != b.Attributes.FailureCount ||
			n-failed != b.Attributes.SuccessCount) {
			o.t.Errorf("counts %d and %d for %d results with %d errors", b.Attributes.SuccessCount, b.Attributes.FailureCount, n,
				failed)
		}
	}
	return all
}

func (o *org) count() int {
	o.t.Helper()
	n, err := o.Count(context.Background())
	if err != nil {
		o.t.Fatal(err)
	}
	return n
}
