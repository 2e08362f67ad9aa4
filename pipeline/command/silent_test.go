package command_test

import (
	"context"
	"io"
	"strings"
	"sync"
	"testing"

	"muster/pipeline/command"
	"muster/pipeline/exit"
)

// notice is a standard input that nobody writes to; it tells of the first read.
type notice struct {
	io.Reader
	once sync.Once
	read chan struct{}
}

func (n *notice) Read(p []byte) (int, error) {
	n.once.Do(func() { close(n.read) })
	return n.Reader.Read(p)
}

// The first Ctrl-C ends a command that waits for standard input, whatever it wants from there.
func TestAnInterruptEndsTheWaitForStandardInput(t *testing.T) {
	for _, line := range []string{
		"check -", "import - --to sandbox", "read -", "map -", "check - --format csv",
		"doctor --to https://acme.api.kustomerapp.com --key-file -",
		"import a.csv --to https://acme.api.kustomerapp.com --key-file -",
	} {
		t.Run(line, func(t *testing.T) {
			from, to := io.Pipe()
			defer to.Close()
			ctx, cancel := context.WithCancel(t.Context())
			in := &notice{Reader: from, read: make(chan struct{})}
			go func() {
				<-in.read
				cancel()
			}()
			var out, err strings.Builder
			args := strings.Fields(line)
			if args[0] != "read" && args[0] != "map" {
				args = append(args, "--state", t.TempDir())
			}
			code := command.Main(ctx, command.Env{Args: args, Stdin: in, Stdout: &out, Stderr: &err,
				Lookup: func(string) (string, bool) { return "", false }, Width: 80})
			if code != exit.Interrupted || !strings.Contains(err.String(), "interrupted") {
				t.Errorf("exit code %d: %s", code, err.String())
			}
		})
	}
}
