package command_test

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
	"unicode/utf8"

	"github.com/rogpeppe/go-internal/testscript"

	"muster/pipeline/sandbox"
)

// shell is what scripts have beside testscript's own commands.
func shell() map[string]func(ts *testscript.TestScript, neg bool, args []string) {
	return map[string]func(ts *testscript.TestScript, neg bool, args []string){
		"exits": exits, "await": await, "people": people,
		"begin": begin, "says": says, "signal": signals, "ends": ends,
		"holds": holds, "narrow": narrow, "object": object,
	}
}

// session is one program in the background.
type session struct {
	cmd      *exec.Cmd
	out, err string // files of its streams
	done     chan struct{}
}

// sessions are the programs that a script has in the background, by name.
type sessions struct {
	env  []string
	mu   sync.Mutex
	byID map[string]*session
}

// begin NAME COMMAND… starts a command in the background; its streams go to NAME.out and NAME.err.
func begin(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: begin NAME COMMAND ARG…")
	}
	all := ts.Value("sessions").(*sessions)
	s := &session{out: ts.MkAbs(args[0] + ".out"), err: ts.MkAbs(args[0] + ".err"), done: make(chan struct{})}
	s.cmd = exec.Command(args[1], args[2:]...)
	for _, dir := range filepath.SplitList(ts.Getenv("PATH")) {
		if path := filepath.Join(dir, args[1]); s.cmd.Err != nil && exists(path) {
			s.cmd.Path, s.cmd.Err = path, nil
		}
	}
	s.cmd.Dir, s.cmd.Env = ts.MkAbs("."), all.env
	var err error
	if s.cmd.Stdout, err = os.Create(s.out); err == nil {
		s.cmd.Stderr, err = os.Create(s.err)
	}
	ts.Check(err)
	ts.Check(s.cmd.Start())
	go func() { _ = s.cmd.Wait(); close(s.done) }()
	ts.Defer(func() { _ = s.cmd.Process.Kill(); <-s.done })
	all.mu.Lock()
	defer all.mu.Unlock()
	all.byID[args[0]] = s
}

func exists(path string) bool { _, err := os.Stat(path); return err == nil }

func named(ts *testscript.TestScript, name string) *session {
	all := ts.Value("sessions").(*sessions)
	all.mu.Lock()
	defer all.mu.Unlock()
	s := all.byID[name]
	if s == nil {
		ts.Fatalf("nothing was begun as %s", name)
	}
	return s
}

// patience is how long a script waits for a program in the background.
const patience = 60 * time.Second

// says NAME REGEXP [VAR] waits until the program prints a line that matches; VAR takes the match.
func says(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: says NAME REGEXP [VAR]")
	}
	s, wanted := named(ts, args[0]), regexp.MustCompile("(?m)"+args[1])
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		out, _ := os.ReadFile(s.out)
		err, _ := os.ReadFile(s.err)
		if m := wanted.Find(append(out, err...)); m != nil {
			if len(args) == 3 {
				ts.Setenv(args[2], string(m))
			}
			return
		}
	}
	ts.Fatalf("%s never said %q", args[0], args[1])
}

// signal NAME INT|TERM sends a signal to a program in the background.
func signals(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: signal NAME INT|TERM")
	}
	number := map[string]syscall.Signal{"INT": syscall.SIGINT, "TERM": syscall.SIGTERM}[args[1]]
	ts.Check(named(ts, args[0]).cmd.Process.Signal(number))
}

// ends NAME CODE waits for a program in the background and holds its exit code.
func ends(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: ends NAME CODE")
	}
	s := named(ts, args[0])
	select {
	case <-s.done:
	case <-time.After(patience):
		ts.Fatalf("%s does not end", args[0])
	}
	if code := strconv.Itoa(s.cmd.ProcessState.ExitCode()); code != args[1] {
		said, _ := os.ReadFile(s.err)
		ts.Fatalf("%s: exit code %s, want %s\n%s", args[0], code, args[1], said)
	}
}

// holds DIR N: the built-in org of a state directory has N customers, no external id twice.
func holds(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: holds DIR N")
	}
	org, err := sandbox.Start(sandbox.Config{Path: filepath.Join(ts.MkAbs(args[0]), "sandbox.db")})
	ts.Check(err)
	defer org.Close()
	all, err := org.Dump(context.Background())
	ts.Check(err)
	seen := map[string]bool{}
	for _, c := range all {
		var attributes struct{ ExternalID string }
		ts.Check(json.Unmarshal(c.Attributes, &attributes))
		if attributes.ExternalID != "" && seen[attributes.ExternalID] {
			ts.Fatalf("a customer is there twice")
		}
		seen[attributes.ExternalID] = true
	}
	if strconv.Itoa(len(all)) != args[1] {
		ts.Fatalf("the org has %d customers, want %s", len(all), args[1])
	}
}

// narrow FILE N: no line of the file has more than N columns.
func narrow(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: narrow FILE N")
	}
	most, err := strconv.Atoi(args[1])
	ts.Check(err)
	for _, line := range strings.Split(ts.ReadFile(args[0]), "\n") {
		if n := utf8.RuneCountInString(line); n > most {
			ts.Fatalf("%d columns: %s", n, line)
		}
	}
}

// object FILE: the file is one JSON object and nothing else.
func object(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: object FILE")
	}
	var one map[string]any
	text := []byte(ts.ReadFile(args[0]))
	if err := json.Unmarshal(text, &one); err != nil || !bytes.HasPrefix(text, []byte("{")) {
		ts.Fatalf("not one JSON object: %v", err)
	}
}
