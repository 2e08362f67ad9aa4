package sandbox

import (
	"bufio"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// serveVariable makes the test binary serve the org at the path that it holds.
const serveVariable = "SANDBOX_TEST_SERVE"

// serveUntilKilled is what the killed process does.
func serveUntilKilled(path string) {
	s, err := Start(Config{Path: path, RatePerMinute: -1, JobDelay: 40 * time.Millisecond,
		Switches: Switches{BatchSize: 20}})
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	fmt.Println(s.URL(), s.Key())
	select {}
}

// serveProcess starts the org at path in a process of its own.
func serveProcess(t *testing.T, path string) (process *exec.Cmd, o *org) {
	t.Helper()
	process = exec.Command(os.Args[0])
	process.Env = append(os.Environ(), serveVariable+"="+path)
	out, err := process.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := process.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	base, key, ok := strings.Cut(strings.TrimSpace(line), " ")
	if err != nil || !ok {
		t.Fatalf("the process says %q, %v", line, err)
	}
	return process, &org{base: base, t: t, client: &http.Client{Transport: &http.Transport{}}, key: key}
}

// A job that was answered 201 is done completely and once, wherever the process is killed.
func TestAcceptedJobsSurviveKill(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sandbox.db")
	accepted := map[string]int{} // first ref by job
	next := 0
	for round := range 5 {
		process, o := serveProcess(t, path)
		killed, enough := make(chan struct{}), make(chan struct{})
		var submitting sync.WaitGroup
		submitting.Go(func() {
			for n := 1; ; n++ {
				first := next
				next += 100
				id, err := o.submit(first)
				if err != nil {
					return
				}
				accepted[id] = first
				if n == 2+round {
					close(enough)
				}
				select {
				case <-killed:
					return
				default:
				}
			}
		})
		select {
		case <-enough:
			time.Sleep(time.Duration(7*round) * time.Millisecond) // somewhere in a later job
		case <-time.After(time.Minute):
		}
		if err := process.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = process.Wait() // says that it was killed
		close(killed)
		submitting.Wait()
		o.client.CloseIdleConnections()
	}
	if len(accepted) < 10 {
		t.Fatalf("only %d jobs were accepted", len(accepted))
	}
	s, err := Start(Config{Path: path, RatePerMinute: -1})
	if err != nil {
		t.Fatal(err)
	}
	o := &org{Server: s, base: s.URL(), t: t, client: &http.Client{Transport: &http.Transport{}}, key: s.Key()}
	defer o.stop()
	created := 0
	for id, first := range accepted {
		results := o.outcomes(id)
		for i := first; i < first+100; i++ {
			r := results[fmt.Sprint(i)]
			if r.Status != "created" {
				t.Fatalf("job of %d: %d is %+v", first, i, r)
			}
			created++
		}
		o.want(200, "GET", fmt.Sprintf("/v1/customers/externalId=%d", first), "").expect(t, "data.attributes.rev", "1")
	}
	o.audit(t.Fatalf)
	// A request that was cut off by the kill may have been accepted without our knowing.
	if n := o.count(); n < created || n > created+5*100 {
		t.Errorf("%d customers, of %d jobs", n, len(accepted))
	}
}

// submit sends a job of a hundred customers and gives its id; an error says that the process is gone.
func (o *org) submit(first int) (string, error) {
	var items []string
	for i := first; i < first+100; i++ {
		items = append(items, fmt.Sprintf(`{"_clientRef":"%d","externalId":"%d","emails":[{"email":"p%d@b.example"}]}`, i, i,
			i))
	}
	r, err := o.send("POST", "/v1/customers/bulk", "["+strings.Join(items, ",")+"]")
	if err != nil {
		return "", err
	}
	if r.status != 201 {
		return "", fmt.Errorf("status %d", r.status)
	}
	return r.at("data.id"), nil
}
