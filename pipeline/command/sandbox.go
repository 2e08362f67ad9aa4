package command

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"muster/pipeline/exit"
	"muster/pipeline/outcome"
	"muster/pipeline/printable"
	"muster/pipeline/sandbox"
	"muster/pipeline/trust"
)

func (a *app) sandboxCommand() *cobra.Command {
	var addr, state string
	var rate int
	var roles []string
	var odd oddFlags
	var forget []string
	var wipe bool
	c := &cobra.Command{
		Use:   "sandbox",
		Short: "Serve the built-in org to other programs until interrupted",
		Long: `Sandbox serves an org that behaves like Kustomer's API, on this machine only. The first line
it prints is its address, the second its key. Its customers live in sandbox.db in the state
directory and are there again the next time. --forget takes a person out of it, --wipe all.`,
		Example: `  muster sandbox --addr 127.0.0.1:8080
  muster sandbox --forget ana@example.com
  muster sandbox --fault 'error-after=0.1,slow=0.3' --fault-seed 7 --switch company-kept
  muster import contacts.csv --to http://127.0.0.1:8080 --key-file .muster/sandbox.key`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if odd.listed(a.Stdout) {
				return nil
			}
			if len(forget) > 0 || wipe {
				return a.emptied(state, forget, wipe)
			}
			if !loopback(addr) {
				return &hinted{usage("--addr %q is no address of this machine's own", addr),
					"127.0.0.1:8080 is one; 127.0.0.1:0 takes any port that is free"}
			}
			config := sandbox.Config{Addr: addr, RatePerMinute: rate, Admin: true}
			if err := odd.apply(&config); err != nil {
				return err
			}
			var err error
			if config.Keys, err = keyWith(roles); err != nil {
				return err
			}
			server, err := a.startSandbox(state, config)
			if err != nil {
				return err
			}
			defer server.Close()
			keyFile, err := writeKey(state, server.Key())
			if err != nil {
				return err
			}
			fmt.Fprintf(a.out, "%s\n", server.URL())
			fmt.Fprintf(a.Stderr, "muster: its key is in %s; Ctrl-C ends it\n", keyFile)
			<-c.Context().Done()
			return nil
		},
	}
	c.Flags().StringVar(&addr, "addr", "127.0.0.1:0", "loopback address to listen on; port 0 takes any free one")
	c.Flags().StringVar(&state, "state", ".muster", "directory that holds sandbox.db")
	c.Flags().IntVar(&rate, "rate", 0, "requests a minute it allows, -1 for no limit (default 1000)")
	c.Flags().StringSliceVar(&roles, "role", nil, "give the key this role only, to see what a key that lacks some "+
		"meets; may be repeated (default all)")
	c.Flags().StringSliceVar(&forget, "forget", nil, "instead of serving: take a person out of the org, by an external "+
		"id, e-mail address, phone number or id; may be repeated")
	c.Flags().BoolVar(&wipe, "wipe", false, "instead of serving: remove the org with all its customers, after writing "+
		"over them")
	odd.register(c)
	return c
}

// emptied takes people out of the built-in org, or removes it.
func (a *app) emptied(state string, forget []string, wipe bool) error {
	path := filepath.Join(state, "sandbox.db")
	said := "removed " + path + " and its key, after writing over them; a disk that keeps copies of its blocks may " +
		"keep these"
	var err error
	if wipe {
		if err = sandbox.Wipe(path); err == nil {
			if err = os.Remove(filepath.Join(state, keyName)); errors.Is(err, fs.ErrNotExist) {
				err = nil
			}
		}
	} else {
		var n int
		n, err = sandbox.Forget(path, forget)
		said = "forgotten: " + printable.Counted(n, "customer") +
			" of the built-in org, with what its jobs were sent about them"
	}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return &hinted{usage("no built-in org is kept in %s", state), "--state DIR names the directory of sandbox.db"}
	case errors.Is(err, sandbox.ErrInUse):
		a.code = exit.Locked
		return &hinted{err, "end the process that serves it, or wait for the import that uses it"}
	case errors.Is(err, sandbox.ErrWorking):
		return &hinted{&outcome.UsageError{Err: err}, "muster sandbox finishes them; then forget"}
	case err != nil:
		return err
	}
	fmt.Fprintln(a.out, said)
	return nil
}

// loopback says whether an address can be listened on and is seen on this machine only.
func loopback(addr string) bool {
	host, port, err := net.SplitHostPort(addr)
	number, portErr := strconv.Atoi(port)
	return err == nil && portErr == nil && number >= 0 && number < 1<<16 && trust.Loopback(host)
}

// keyWith makes a key that has these roles and no others; without roles the sandbox has its own key.
func keyWith(roles []string) (map[string][]string, error) {
	if len(roles) == 0 {
		return nil, nil
	}
	for _, role := range roles {
		if !sandbox.IsRole(role) {
			return nil, &hinted{usage("--role %q is no role the sandbox asks for", role), "the roles are " +
				strings.Join(sandbox.Roles(), ", ") + "; the older roles that grant the same are taken, too"}
		}
	}
	return map[string][]string{"sandbox-" + rand.Text(): roles}, nil
}

// keyName is the file in the state directory that holds the sandbox's key.
const keyName = "sandbox.key"

// writeKey keeps the key of the sandbox where only its owner can read it.
func writeKey(state, key string) (string, error) {
	path := filepath.Join(state, keyName)
	if err := trust.WriteWhole(path, []byte(key+"\n")); err != nil {
		return "", fmt.Errorf("keep the sandbox's key: %w", err)
	}
	return path, nil
}
