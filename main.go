// Muster imports customer records into Kustomer and calls the roll: every row read is accounted
// for, by evidence, in exactly one column of a report that balances.
package main

import (
	"context"
	"io"
	"log"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	_ "time/tzdata" // zones of mappings work on machines that have no zone files

	"golang.org/x/term"

	"muster/pipeline/command"
)

func main() {
	// Libraries log there what a server sent out of turn, which may be a customer's (net/http, of a connection that
	// rests).
	log.SetOutput(io.Discard)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// After the first signal the default is back: a second one ends the process at once.
	context.AfterFunc(ctx, stop)
	width, _, err := term.GetSize(int(os.Stderr.Fd()))
	if err != nil {
		width = 80
	}
	os.Exit(command.Main(ctx, command.Env{
		Args:   os.Args[1:],
		Stdin:  os.Stdin,
		Stdout: os.Stdout,
		Stderr: os.Stderr,
		Lookup: os.LookupEnv,
		Proxy:  http.ProxyFromEnvironment,
		Width:  width,
		// Bars and colour are for people who watch.
		Watched: term.IsTerminal(int(os.Stderr.Fd())),
		Shown:   term.IsTerminal(int(os.Stdout.Fd())),
		Asked:   term.IsTerminal(int(os.Stdin.Fd())),
	}))
}
