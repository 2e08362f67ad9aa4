package pipeline_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"muster/pipeline"
	"muster/pipeline/deliver"
	"muster/pipeline/exit"
	"muster/pipeline/kustomer"
	"muster/pipeline/report"
)

// fastClock runs some times as fast as the real one, so that waits of seconds take milliseconds. All processes of a run
// share its beginning.
type fastClock struct {
	Begin time.Time
	Speed int
}

func (c fastClock) now() time.Time {
	return c.Begin.Add(time.Since(c.Begin) * time.Duration(c.Speed))
}

func (c fastClock) sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d / time.Duration(c.Speed))
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

// attempt is one execution of the command, as its process is told of it.
type attempt struct {
	URL, Key, State string
	Files           []string
	Clock           fastClock
	Uploads         int
	Policy          string // of rows in conflict
	DiskLeft        uint64 // bytes a file may grow to; 0: any

	heard time.Duration // how long it took to end after Ctrl-C or SIGTERM; 0: it got none
}

// endure is the process of an attempt: it writes its report to standard output and exits as the command would.
func endure(spec string) {
	var a attempt
	if err := json.Unmarshal([]byte(spec), &a); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	s, err := a.run(ctx)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	if s == nil {
		os.Exit(exit.Code(err))
	}
	json.NewEncoder(os.Stdout).Encode(s)
	os.Exit(s.ExitCode)
}

func (a *attempt) run(ctx context.Context) (*report.Summary, error) {
	client, err := kustomer.New(kustomer.Config{URL: a.URL, Key: a.Key, Share: 1, Timeout: 400 * time.Millisecond,
		Now: a.Clock.now, Sleep: a.Clock.sleep})
	if err != nil {
		return nil, err
	}
	token, err := client.Token(ctx)
	if err != nil {
		return nil, err
	}
	klass, err := client.Metadata(ctx, "customer")
	if err != nil {
		return nil, err
	}
	if a.DiskLeft > 0 {
		if err := limitFiles(a.DiskLeft); err != nil {
			return nil, err
		}
	}
	clashes, err := deliver.ParseOnConflict(a.Policy)
	if err != nil {
		return nil, err
	}
	return pipeline.Run(ctx, pipeline.Config{Command: "import", OnConflict: clashes, Files: a.Files, State: a.State,
		Uploads: a.Uploads, Org: &pipeline.Org{Client: client, Token: token, Klass: klass, Name: "test"},
		Grace: 5 * time.Second, JobPatience: 45 * time.Second, Now: a.Clock.now, Sleep: a.Clock.sleep})
}

// signalBound is how long a process of an attempt may take to end after a signal: its grace, and six times that for a
// machine under load.
const signalBound = 35 * time.Second

// start runs the attempt in a process of its own and ends it after a while (0: never) by SIGKILL, Ctrl-C or SIGTERM, as
// the moment has it. It returns the report, if it wrote one, its exit code (-1: ended so) and what it said. A process
// that was asked to end must balance its books if it wrote them.
func (a *attempt) start(ctx context.Context, kill time.Duration) (s *report.Summary, code int, said string) {
	spec, _ := json.Marshal(a)
	if kill > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, kill)
		defer cancel()
	}
	cmd := exec.CommandContext(ctx, os.Args[0])
	end := []os.Signal{os.Kill, os.Interrupt, syscall.SIGTERM}[kill/time.Millisecond%3]
	var sent time.Time
	cmd.Cancel = func() error {
		sent = time.Now()
		return cmd.Process.Signal(end)
	}
	cmd.WaitDelay = signalBound
	cmd.Env = append(os.Environ(), "MUSTER_TEST_ENDURE="+string(spec))
	var words strings.Builder
	cmd.Stderr = &words
	out, err := cmd.Output()
	if ctx.Err() != nil {
		if status, is := cmd.ProcessState.Sys().(syscall.WaitStatus); is && end != os.Kill && status.Signaled() &&
			status.Signal() == syscall.SIGKILL {
			return nil, 1, fmt.Sprintf("%v did not end it within %s: %s", end, signalBound, words.String())
		}
		if end != os.Kill {
			a.heard = time.Since(sent)
		}
		if s = (&report.Summary{}); len(out) > 0 && end != os.Kill && (json.Unmarshal(out, s) != nil || !s.Balanced) {
			return s, 1, fmt.Sprintf("%v: the books do not balance: %s%s", end, out, words.String())
		}
		return nil, -1, words.String()
	}
	if len(out) > 0 {
		s = &report.Summary{}
		if json.Unmarshal(out, s) != nil {
			return nil, 1, string(out)
		}
	}
	if err != nil {
		code = cmd.ProcessState.ExitCode()
	}
	return s, code, words.String()
}
