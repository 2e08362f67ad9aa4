//go:build unix

package pipeline_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
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
	os.WriteFile(mapping, []byte("version: 1\nkind: customer\nkeys: [externalId]\ncolumns:\n  id: externalId\n"+
		"  name: name\n  email: emails\n  phone: phones\n"), 0o600)
	written := make(chan error, 1)
	go func() { written <- os.WriteFile(path, text, 0) }()
	s, err := pipeline.Run(t.Context(), pipeline.Config{Command: "import", Files: []string{path}, Mapping: mapping,
		State: t.TempDir(), Org: o.connect(t)})
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
	_, err := pipeline.Run(t.Context(), pipeline.Config{Command: "check", Files: []string{"/dev/zero"},
		State: t.TempDir()})
	if bad := (*tables.Error)(nil); !errors.As(err, &bad) || bad.Code != "file.binary" {
		t.Errorf("%v, want file.binary", err)
	}
}

// TestRulesFromAPipe: a mapping, properties, a file that is joined in and a key may be named by what never brings
// anything or never ends. Opening it keeps nobody, and what a pipe does bring is read.
func TestRulesFromAPipe(t *testing.T) {
	people := filepath.Join(t.TempDir(), "people.csv")
	if err := os.WriteFile(people, []byte("id,name\n1,Ana\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	state := t.TempDir()
	run := func(args ...string) (int, string) {
		var said bytes.Buffer
		if args[0] == "check" || args[0] == "doctor" {
			args = append(args, "--state", state)
		}
		code := command.Main(t.Context(), command.Env{Args: args, Stdin: strings.NewReader(""), Stdout: &said, Stderr: &said,
			Lookup: func(string) (string, bool) { return "", false }, Width: 80})
		return code, said.String()
	}
	for _, name := range []string{fifo(t), "/dev/zero"} {
		for _, args := range [][]string{
			{"check", people, "-m", name}, {"map", people, "-m", name},
			{"check", people, "--properties", name, "--channel", "whatsapp"},
			{"lint", name}, {"klass", "diff", name, "--to", "sandbox"},
			{"doctor", "--to", "http://127.0.0.1:1", "--key-file", name},
		} {
			if code, said := run(args...); code != exit.Usage && code != exit.Environment {
				t.Errorf("%v: exit code %d\n%s", args, code, said)
			}
		}
	}
	joined := filepath.Join(t.TempDir(), "joined.yaml")
	text := "version: 1\nkeys: [externalId]\ncolumns: {id: externalId, name: name}\njoins: [{file: " + fifo(t) +
		", name: o, on: {id: id}}]\n"
	if err := os.WriteFile(joined, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if code, said := run("check", people, "-m", joined); code != exit.Usage {
		t.Errorf("joined: exit code %d\n%s", code, said)
	}
	beside := strings.TrimSuffix(people, ".csv") + ".mapping.yaml" // as it may have come in an archive
	if err := os.Symlink("/dev/zero", beside); err != nil {
		t.Fatal(err)
	}
	if code, said := run("check", people); code != 0 {
		t.Errorf("beside: exit code %d\n%s", code, said)
	}
	os.Remove(beside)
	read, write, err := os.Pipe() // as <(…) is
	if err != nil {
		t.Fatal(err)
	}
	defer read.Close()
	_, err = write.WriteString("version: 1\nkeys: [externalId]\ncolumns: {id: externalId, name: name}\n")
	if err := errors.Join(err, write.Close()); err != nil {
		t.Fatal(err)
	}
	if code, said := run("check", people, "-m", fmt.Sprintf("/dev/fd/%d", read.Fd())); code != 0 {
		t.Errorf("from a pipe: exit code %d\n%s", code, said)
	}
}

// TestAKeyFileHearsTheFirstSignal: whoever writes to the pipe of a key keeps it open and says nothing.
func TestAKeyFileHearsTheFirstSignal(t *testing.T) {
	path := fifo(t)
	writer, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer writer.Close()
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(50*time.Millisecond, cancel)
	var said bytes.Buffer
	code := command.Main(ctx, command.Env{Args: []string{"doctor", "--to", "http://127.0.0.1:1", "--key-file", path,
		"--state", t.TempDir()},
		Stdin: strings.NewReader(""), Stdout: &said, Stderr: &said, Lookup: func(string) (string, bool) { return "", false },
		Width: 80})
	if code != exit.Interrupted {
		t.Errorf("exit code %d\n%s", code, &said)
	}
}
