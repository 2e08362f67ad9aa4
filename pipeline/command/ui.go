package command

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"time"

	"github.com/spf13/cobra"

	"muster/pipeline/config"
	"muster/pipeline/trust"
	"muster/pipeline/web"
)

func (a *app) uiCommand() *cobra.Command {
	var state string
	var closed bool
	var idle time.Duration
	c := &cobra.Command{
		Use:   "ui [FILE…]",
		Short: "The same in a browser, on this machine: from a file to a report",
		Long: `Ui serves a page on this machine and opens it: choose a file, see how it was read, say what its
columns mean, fix problems in a grid, see the plan, import, read back, undo. Every step shows the
command that does the same.

Only this machine can reach the page, and only whoever has the address that is printed, once. What
you do is kept in the state directory as you do it: a closed tab, a reload or a restart loses
nothing. A file is never changed. It ends by Ctrl-C, or when nobody has used it for an hour.`,
		Example: `  muster ui
  muster ui contacts.xlsx
  muster ui --no-open`,
		RunE: func(c *cobra.Command, files []string) error {
			return a.ui(c.Context(), files, state, idle, !closed)
		},
	}
	c.Flags().StringVar(&state, "state", ".muster", "directory of ledger and reports, where the page keeps what you do")
	c.Flags().BoolVar(&closed, "no-open", false, "print the address and open no browser")
	c.Flags().DurationVar(&idle, "idle", time.Hour, "end when nobody has used the page for so long")
	return c
}

func (a *app) ui(ctx context.Context, files []string, state string, idle time.Duration, open bool) error {
	if idle < time.Second {
		return usage("--idle %s is no time in which anything could be done", idle)
	}
	site := web.Config{State: state, Files: files, Idle: idle, Keyed: a.told("KUSTOMER_API_KEY"), Run: a.within}
	site.Org, _ = a.Lookup("KUSTOMER_URL")
	if _, err := os.Stat(config.FileName); err == nil {
		site.Project = config.FileName
	}
	server, err := web.Listen(site)
	if err != nil {
		return err
	}
	fmt.Fprintf(a.out, "%s\n", server.Address())
	fmt.Fprintf(a.Stderr, "muster: the page is served to this machine alone; the address is good once. Ctrl-C ends it.\n")
	if open && a.Watched {
		if err := openBrowser(ctx, server.Address()); err != nil {
			fmt.Fprintf(a.Stderr, "muster: no browser could be opened; open the address yourself\n")
		}
	}
	return server.Serve(ctx)
}

// within carries out a command for the page, as muster itself would where nobody sits at a terminal.
func (a *app) within(ctx context.Context, call web.Call) int {
	env := a.Env
	env.Args, env.Stdin, env.Stdout, env.Stderr, env.Progress = call.Args, nil, call.Stdout, call.Stderr, call.Progress
	env.Watched, env.Shown, env.Asked = false, false, false
	if call.Key != "" {
		env.Lookup = func(name string) (string, bool) {
			if name == "KUSTOMER_API_KEY" {
				return call.Key, true
			}
			return a.Lookup(name)
		}
	}
	return Main(ctx, env)
}

// openBrowser has the system open an address. The program that does it is not waited for.
func openBrowser(ctx context.Context, address string) error {
	words := []string{"xdg-open", address}
	switch runtime.GOOS {
	case "darwin":
		words = []string{"open", address}
	case "windows":
		words = []string{"rundll32", "url.dll,FileProtocolHandler", address}
	}
	path, err := exec.LookPath(words[0])
	if err != nil {
		return err
	}
	c := exec.CommandContext(ctx, path, words[1:]...)
	c.Env = trust.Environment(c.Environ())
	return c.Start()
}
