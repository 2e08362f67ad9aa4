package pipeline_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"muster/pipeline"
	"muster/pipeline/command"
	"muster/pipeline/exit"
	"muster/pipeline/sandbox"
	tables "muster/pipeline/source"
)

func fifo(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "feed.csv")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Skip("no pipes here: ", err)
	}
	return path
}

// TestPipeHearsTheFirstSignal: nobody writes to the pipe, and opening it would wait for ever.
func TestPipeHearsTheFirstSignal(t *testing.T) {
	path := fifo(t)
	for _, args := range [][]string{{"check", path}, {"read", path}, {"map", path}, {"import", path, "--to", "sandbox"}} {
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		ctx, interrupt := context.WithCancelCause(ctx)
		context.AfterFunc(ctx, func() { interrupt(context.Canceled) })
		var stderr bytes.Buffer
		if args[0] != "read" && args[0] != "map" {
			args = append(args, "--state", t.TempDir())
		}
		code := command.Main(onlyCanceled{ctx}, command.Env{Args: args, Stdout: &bytes.Buffer{}, Stderr: &stderr,
			Lookup: func(string) (string, bool) { return "", false }, Width: 80})
		cancel()
		if code != exit.Interrupted {
			t.Errorf("%s: exit code %d, want %d: %s", args[0], code, exit.Interrupted, stderr.String())
		}
	}
}

// onlyCanceled ends as after a signal, whatever ended it.
type onlyCanceled struct{ context.Context }

func (c onlyCanceled) Err() error {
	if c.Context.Err() != nil {
		return context.Canceled
	}
	return nil
}

// TestPipeIsReadOnce: what comes through a pipe can be read once only, and an import goes through its input twice.
func TestPipeIsReadOnce(t *testing.T) {
	o := newOrg(t, sandbox.Config{})
	path := fifo(t)
	text, err := os.ReadFile(crew(t, 30))
	if err != nil {
		t.Fatal(err)
	}
	mapping := filepath.Join(t.TempDir(), "m.yaml")
	os.WriteFile(mapping, []byte("version: 1\nkind: customer\nkeys: [externalId]\ncolumns:\n  id: externalId\n  name: name\n  email: emails\n  phone: phones\n"), 0o600)
	written := make(chan error, 1)
	go func() { written <- os.WriteFile(path, text, 0) }()
	s, err := pipeline.Run(t.Context(), pipeline.Config{Command: "import", Files: []string{path}, Mapping: mapping, State: t.TempDir(), Org: o.connect(t)})
	if err != nil || count(s, "created") != 30 || !strings.HasSuffix(s.Inputs[0].File, "feed.csv") {
		t.Errorf("%d created of %q (%v), want 30", count(s, "created"), s.Inputs[0].File, err)
	}
	if err := <-written; err != nil {
		t.Error(err)
	}
}

// TestEndlessZerosEnd: a device that never ends is not copied until the disk is full.
func TestEndlessZerosEnd(t *testing.T) {
	if _, err := os.Stat("/dev/zero"); err != nil {
		t.Skip("no such device here")
	}
	_, err := pipeline.Run(t.Context(), pipeline.Config{Command: "check", Files: []string{"/dev/zero"}, State: t.TempDir()})
	if bad := (*tables.Error)(nil); !errors.As(err, &bad) || bad.Code != "file.binary" {
		t.Errorf("%v, want file.binary", err)
	}
}
