package command_test

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"golang.org/x/term"

	"muster/pipeline/command"
)

// longScripts has the scripts that wait for an org's rate run with whole files; without it these have fewer rows.
var longScripts = flag.Bool("long", false, "run the scripts with all rows of their files")

// TestMain makes the test binary the program itself when a script calls muster.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"muster": muster})
}

// muster is main.go, for a machine whose terminal has 80 columns.
func muster() {
	log.SetOutput(io.Discard)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	var said bytes.Buffer
	var given bytes.Buffer // what a pipe gave this program
	stdin := io.Reader(os.Stdin)
	if !asked() {
		stdin = io.TeeReader(os.Stdin, &given)
	}
	code := command.Main(ctx, command.Env{Args: os.Args[1:], Stdin: stdin,
		Stdout: io.MultiWriter(overheard(os.Stdout, "out"), &said),
		Stderr: io.MultiWriter(overheard(os.Stderr, "err"), &said),
		Lookup: os.LookupEnv, Width: 80, Shown: term.IsTerminal(int(os.Stdout.Fd())),
		// A script's terminal is its standard input alone: where one sits there, standard error counts as one, too.
		Watched: asked(), Asked: asked()})
	pastePrinted(os.Args[1:], code, said.String(), given.Bytes())
	os.Exit(code)
}

// asked says whether a person answers at this program's standard input.
func asked() bool { return term.IsTerminal(int(os.Stdin.Fd())) || os.Getenv(askedIn) != "" }

// TestCommands runs the scripts under testdata: each is a person's session with the program, real
// files, real HTTP and real exit codes.
func TestCommands(t *testing.T) {
	samples, err := filepath.Abs("../../samples")
	if err != nil {
		t.Fatal(err)
	}
	generator := filepath.Join(t.TempDir(), "generate")
	if out, err := exec.Command("go", "build", "-o", generator, "../../samples/generate").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	kinds := t.TempDir()
	testscript.Run(t, testscript.Params{
		Dir: "testdata",
		Setup: func(e *testscript.Env) error {
			e.Setenv("SAMPLES", samples)
			e.Setenv("GENERATE", generator)
			e.Setenv("ADDR", freeAddress(t))
			e.Values["sessions"] = &sessions{env: e.Vars, byID: map[string]*session{}}
			// A picture and the beginning of an archive cannot stand in a script: their bytes are not text.
			return errors.Join(heldByLaw5(e, kinds),
				os.WriteFile(filepath.Join(e.WorkDir, "binary.csv"), []byte("\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"), 0o600),
				os.WriteFile(filepath.Join(e.WorkDir, "cut.xlsx"), []byte("PK\x03\x04\x00\x00\x00\x08"), 0o600))
		},
		Cmds: shell(),
		Condition: func(name string) (bool, error) {
			return name == "root" && os.Getuid() == 0 || name == "long" && *longScripts, nil
		},
	})
}

// exits CODE COMMAND… runs a command and holds its exit code.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE COMMAND ARG…")
	}
	err := ts.Exec(args[1], args[2:]...)
	code := "0"
	if err != nil {
		code = "?"
		if exit, ok := err.(interface{ ExitCode() int }); ok {
			code = strconv.Itoa(exit.ExitCode())
		}
	}
	if code != args[0] {
		ts.Fatalf("%v: exit code %s, want %s", args[1:], code, args[0])
	}
}

// await REGEXP COMMAND… runs a command again and again until its standard output matches.
func await(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: await REGEXP COMMAND ARG…")
	}
	wanted := regexp.MustCompile("(?m)" + args[0])
	for range 1200 {
		err := ts.Exec(args[1], args[2:]...)
		if err == nil && wanted.MatchString(ts.ReadFile("stdout")) {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	ts.Fatalf("%v: never matched %q", args[1:], args[0])
}

// people FILE N writes a file of N customers, without a mistake among them.
func people(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: people FILE N")
	}
	n, err := strconv.Atoi(args[1])
	ts.Check(err)
	var b strings.Builder
	b.WriteString("externalId,name,email\n")
	for i := range n {
		fmt.Fprintf(&b, "C-%d,Ana %d,ana%d@example.com\n", i+1, i+1, i+1)
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(b.String()), 0o600))
}

// freeAddress is a loopback address nobody listens on.
func freeAddress(t *testing.T) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}
