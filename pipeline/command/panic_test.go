package command_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"muster/pipeline/command"
	"muster/pipeline/exit"
)

// sprung panics with a value when it is read.
type sprung struct{}

func (sprung) Read([]byte) (int, error) { panic("cannot bear ana.1@example.com") }

// A panic in a command is one line that says where, a hint, and exit code 1.
func TestLaw5APanicOfACommandSaysNothing(t *testing.T) {
	for name, env := range map[string]command.Env{
		"the environment": {Args: []string{"doctor"}, Lookup: func(string) (string, bool) { panic("key sandbox-KEY") }},
		"standard input":  {Args: []string{"check", "-", "--state", t.TempDir()}, Stdin: sprung{}},
	} {
		var out, err strings.Builder
		env.Stdout, env.Stderr, env.Width = &out, &err, 80
		if env.Lookup == nil {
			env.Lookup = func(string) (string, bool) { return "", false }
		}
		code := command.Main(t.Context(), env)
		said := err.String()
		if code != exit.Internal || !strings.HasPrefix(said, "muster: error: ") ||
			!strings.Contains(said, "internal error at ") ||
			!strings.Contains(said, "panic_test.go:") || !strings.Contains(said, "\nmuster: hint: ") ||
			strings.Count(said, "\n") != 2 {
			t.Errorf("%s: exit code %d:\n%s", name, code, said)
		}
		if strings.Contains(said+out.String(), "ana.1@") || strings.Contains(said+out.String(), "KEY") {
			t.Errorf("%s: a value was printed: %s", name, said)
		}
	}
}

// What an org sends out of turn, on a connection that rests, is logged by net/http; the program itself prints none of
// it.
func TestLaw5WhatComesOutOfTurnIsNotPrinted(t *testing.T) {
	program := filepath.Join(t.TempDir(), "muster")
	if out, err := exec.Command("go", "build", "-o", program, "muster").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	go chatter(listener)
	key := filepath.Join(t.TempDir(), "org.key")
	if err := os.WriteFile(key, []byte("sandbox-KEY"), 0o600); err != nil {
		t.Fatal(err)
	}
	for range 2 { // whether the connection rests already is chance
		c := exec.CommandContext(t.Context(), program, "doctor", "--to", "http://"+listener.Addr().String(), "--key-file",
			key)
		c.Env, c.Dir = []string{"HOME=" + t.TempDir()}, t.TempDir()
		said, _ := c.CombinedOutput() // what doctor thinks of it is not the question
		if len(said) == 0 || strings.Contains(string(said), "ana.1@") || strings.Contains(string(said), "Unsolicited") {
			t.Fatalf("muster printed what came out of turn:\n%s", said)
		}
	}
}

// chatter answers every request with an empty object and goes on talking.
func chatter(l net.Listener) {
	for {
		c, err := l.Accept()
		if err != nil {
			return
		}
		go func() {
			defer c.Close()
			r := bufio.NewReader(c)
			for {
				q, err := http.ReadRequest(r)
				if err != nil {
					return
				}
				_, _ = io.Copy(io.Discard, q.Body)
				_, _ = fmt.Fprint(c, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 11\r\n\r\n"+
					"{\"data\":{}}HTTP/1.1 200 OK\r\nX: ana.1@example.com\r\n")
			}
		}()
	}
}
