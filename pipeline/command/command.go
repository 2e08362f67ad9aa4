// Package command is muster's command line: one file per command, flags, help and output. Commands
// are thin; what they do is in package pipeline.
package command

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"muster/pipeline/bind"
	"muster/pipeline/decision"
	"muster/pipeline/exit"
	"muster/pipeline/kustomer"
	"muster/pipeline/ledger"
	"muster/pipeline/outcome"
	"muster/pipeline/parallel"
	"muster/pipeline/printable"
	"muster/pipeline/progress"
	"muster/pipeline/source"
	"muster/pipeline/trust"
)

// Env is the world as main found it. Commands see nothing of it but this.
type Env struct {
	Args           []string
	Stdin          io.Reader
	Stdout, Stderr io.Writer
	Lookup         func(name string) (string, bool)      // environment variables
	Width          int                                   // columns of the terminal
	Watched        bool                                  // standard error is a terminal
	Proxy          func(*http.Request) (*url.URL, error) // the proxy of a request, nil none
	Shown          bool                                  // standard output is a terminal
	Asked          bool                                  // standard input is one: questions can be answered
	// hears how far a run is, in place of standard error; nil: nobody else does
	Progress progress.Reporter
}

// Version is muster's version.
const Version = "0.1.0"

// Main runs one command and returns the exit code.
func Main(ctx context.Context, env Env) int {
	a := &app{Env: env, raw: env.Stderr, out: printable.NewWriter(env.Stdout), asking: new(sync.Mutex),
		waits: &waits{last: map[string]time.Time{}}}
	a.Stderr = printable.NewWriter(env.Stderr)
	if env.Stdin != nil {
		a.Stdin = parallel.Interruptible(ctx, env.Stdin)
	}
	root := a.root()
	root.SetArgs(env.Args)
	err := execute(ctx, root)
	if err != nil {
		a.fail(err)
		if a.code == 0 {
			a.code = exit.Code(err)
		}
	}
	if a.code == exit.Interrupted {
		return exit.BySignal(ctx)
	}
	return a.code
}

// execute runs a command; a panic in it is an error that says where.
func execute(ctx context.Context, root *cobra.Command) (err error) {
	defer parallel.Caught(&err)
	return root.ExecuteContext(ctx)
}

// app is one execution of the program.
type app struct {
	Env
	code int
	raw  io.Writer // standard error as it is, for bars
	// standard output for messages: what others wrote is cleaned; answers that are data go to Stdout as they are
	out    io.Writer
	log    *slog.Logger // where warnings go; nil: to standard error, as lines
	asking *sync.Mutex  // held by who asks a question
	waits  *waits
	named  string       // the host that somebody typed to say that it is meant; "" none
	json   *slog.Logger // where errors go that programs read; nil: to standard error, as lines
	// the command shows a person what is in a file: a word of it may be shown where its encoding is in doubt
	looks   bool
	decided *decision.Decision // of a file of the shape of this one, nil nothing
}

// data is where an answer goes that other programs read: as it is, but cleaned where a person reads it on a terminal.
func (a *app) data() io.Writer {
	if a.Shown {
		return a.out
	}
	return a.Stdout
}

func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "muster",
		Short: "Bring customer records into Kustomer whole, once, and provably",
		Long: `muster brings customer records into Kustomer and then calls the roll: every row of the
file is accounted for, by evidence, in exactly one column of a report that balances.`,
		Example: `  muster check contacts.csv                 what is wrong with it? no network
  muster import contacts.csv --to sandbox   try it on the built-in org
  muster import contacts.csv --to https://acme.api.kustomerapp.com --key-file key.txt
  muster explain cell.date                  what does this code mean?`,
		Args:          cobra.NoArgs,
		SilenceErrors: true,
		SilenceUsage:  true,
		RunE:          func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	root.SetIn(a.Stdin)
	root.SetOut(a.Stdout)
	root.SetErr(a.Stderr)
	root.SetFlagErrorFunc(a.unknownFlag)
	root.Version = versionLine()
	root.SetVersionTemplate("{{.Version}}\n")
	root.AddCommand(a.startCommand(), a.checkCommand(), a.importCommand(), a.exportCommand(), a.readCommand(),
		a.mapCommand(), a.runsCommand(), a.showCommand(), a.resumeCommand(), a.planCommand(), a.applyCommand(),
		a.verifyCommand(), a.undoCommand(),
		a.klassCommand(), a.sandboxCommand(), a.doctorCommand(), a.explainCommand(), a.versionCommand(),
		a.runCommand(), a.statusCommand(), a.initCommand(), a.lintCommand(), a.acceptCommand(), a.backupCommand(),
		a.restoreCommand(), a.tidyCommand(), a.forgetCommand(), a.uiCommand())
	root.SetHelpFunc(writeHelp)
	root.SetHelpCommand(a.helpCommand())
	group(root)
	for _, c := range root.Commands() {
		if c.Args != nil {
			c.Args = usageArgs(c.Args)
		}
	}
	root.Args = func(c *cobra.Command, args []string) error {
		if len(args) == 0 {
			return nil
		}
		return a.unknownCommand(c, args[0])
	}
	return root
}

// Command is one row of the table of commands.
type Command struct{ Use, Short string }

// Commands lists the commands in the order of help.
func Commands() []Command {
	var list []Command
	root := (&app{}).root()
	root.InitDefaultCompletionCmd()
	for _, c := range root.Commands() {
		list = append(list, Command{c.Use, c.Short})
	}
	return list
}

// usageArgs makes a wrong number of arguments, or an unknown command, a usage error.
func usageArgs(check cobra.PositionalArgs) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		err := check(c, args)
		switch {
		case err == nil:
			return nil
		case c.HasParent() && len(args) == 0 && strings.Contains(c.Use, "FILE"):
			err = fmt.Errorf("name a file: %s FILE", c.CommandPath())
		case c.HasParent() && len(args) == 0:
			err = fmt.Errorf("something is missing: it is used as %s %s", c.Parent().CommandPath(), c.Use)
		case c.HasParent():
			err = fmt.Errorf("%q is too much: it is used as %s %s", args[len(args)-1], c.Parent().CommandPath(), c.Use)
		}
		return &hinted{&outcome.UsageError{Err: err}, c.CommandPath() + " --help shows how it is used"}
	}
}

// hinted is an error with the next command that helps.
type hinted struct {
	err  error
	hint string
}

func (h *hinted) Error() string { return h.err.Error() }
func (h *hinted) Unwrap() error { return h.err }

// fail prints an error and the hint that goes with it, each on lines of their own. Of a full disk
// the first that could not be written says everything.
func (a *app) fail(err error) {
	if a.json != nil {
		a.json.Error(strings.ReplaceAll(err.Error(), "\n", "; "), "hint", a.hintFor(err))
		return
	}
	if errors.Is(err, context.Canceled) {
		fmt.Fprintln(a.Stderr, "muster: error: interrupted")
		return
	}
	lines := strings.Split(strings.TrimSpace(err.Error()), "\n")
	if noRoom(err) {
		lines = lines[:1]
	}
	for i, line := range lines {
		if !slices.Contains(lines[:i], line) {
			fmt.Fprintf(a.Stderr, "muster: error: %s\n", line)
		}
	}
	if a.looks {
		a.showReadings(err)
	}
	if hint := cmp.Or(a.missingFile(err), a.hintFor(err)); hint != "" {
		fmt.Fprintf(a.Stderr, "muster: hint: %s\n", hint)
	}
}

// showReadings prints one word of a file as each encoding reads it that it may be in: the eye decides at once.
func (a *app) showReadings(err error) {
	var input *source.Error
	if !errors.As(err, &input) {
		return
	}
	for _, r := range input.Readings {
		fmt.Fprintf(a.Stderr, "muster: as %-14s %s\n", r.Encoding, r.Word)
	}
}

// noRoom says whether something could not be written because there is no room for it, or the disk failed.
func noRoom(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EFBIG) || errors.Is(err, syscall.EDQUOT) ||
		errors.Is(err, syscall.EIO)
}

// hintFor names the next command for the errors a person can act on.
func (a *app) hintFor(err error) string {
	var (
		own      *hinted
		input    *source.Error
		locked   *ledger.LockedError
		corrupt  *ledger.CorruptError
		wire     *kustomer.Error
		lost     *bind.NoMapping
		dates    *bind.AmbiguousDates
		guard    *outcome.GuardError
		stranger *trust.Stranger
		defect   *parallel.InternalError
	)
	switch {
	case errors.As(err, &own):
		return own.hint
	case errors.As(err, &input):
		if code, ok := outcome.Explain(input.Code); ok {
			return code.Fix
		}
		return ""
	case errors.As(err, &defect):
		return "that is a mistake in muster: tell us this line and what muster version prints; a run that was under way " +
			"is whole, and the same command again goes on with it"
	case errors.As(err, &lost) && len(lost.Sheets) > 0:
		return "--sheet " + printable.Word(lost.Sheets[0]) + " has the same command read that sheet alone; muster map " +
			printable.File(lost.File) + " --sheet " + printable.Word(lost.Sheets[0]) + " shows a mapping for it"
	case errors.As(err, &lost):
		if lost.Making != "" {
			return lost.Making + " makes the attributes that the org lacks; or " + mappingHint(lost.File)
		}
		if lost.Asking != "" {
			return lost.Asking + " asks what each of them is, at a terminal; or " + mappingHint(lost.File)
		}
		return mappingHint(lost.File)
	case errors.As(err, &dates):
		return a.datesHint(dates)
	case errors.As(err, &stranger):
		return stranger.Fix + " " + printable.File(stranger.Path)
	case errors.As(err, &guard):
		return guard.Fix
	case errors.As(err, &locked):
		return "wait until it ends, or give this run a state directory of its own with --state DIR"
	case errors.As(err, new(*ledger.NetworkError)):
		return "keep the state on a disk of this machine: --state DIR, or state: in muster.yaml; muster backup copies it " +
			"to the other one; muster help operate"
	case errors.Is(err, bind.ErrInputChanged):
		return "run the same command again once nobody writes to the file"
	case errors.As(err, &corrupt):
		return corruptHint(corrupt)
	case errors.As(err, &wire):
		return a.wireHint(wire)
	case noRoom(err):
		return "make room there, or see whether the disk is sound; then run the same command again: it goes on where its " +
			"evidence ends"
	case errors.Is(err, os.ErrPermission):
		return "see who may read and write there, or name another place with --state DIR"
	case errors.Is(err, syscall.EADDRINUSE):
		return "another program listens there; --addr 127.0.0.1:0 takes any port that is free"
	case errors.Is(err, os.ErrNotExist):
		return "look at how the name is spelt, and in which folder it is"
	case errors.Is(err, syscall.ENOTDIR), errors.Is(err, syscall.EROFS):
		return "name a directory that can be written to with --state DIR"
	default:
		return ""
	}
}

// corruptHint says how to come by a ledger that can be trusted.
func corruptHint(e *ledger.CorruptError) string {
	state := filepath.Dir(e.Path)
	if copies := ledger.Copies(state); e.Newer && len(copies) > 0 {
		return "use the muster that wrote it, or a newer one; muster restore " + printable.Word(copies[len(copies)-1]) +
			" --state " + printable.Word(state) +
			" puts back the copy that was made before it was brought to that version"
	}
	if e.Newer {
		return "use the muster that wrote it, or a newer one"
	}
	return "muster restore BACKUP --state " + printable.Word(state) +
		" puts a backup back. Where there is none, move " + printable.Word(e.Path) +
		" away: the next import finds the customers in the org by their keys and creates none twice"
}

// mappingHint says how to come by a mapping for a file that has none.
func mappingHint(file string) string {
	if file == "-" {
		return "muster map FILE -o customers.mapping.yaml writes a mapping to read over and edit; name it with --mapping " +
			"customers.mapping.yaml"
	}
	return "muster map " + printable.File(file) + " -o " + printable.File(bind.MappingBeside(file)) +
		" writes a mapping to read over and edit; then run the same command again"
}

// datesHint says how to settle an order of days and months.
func (a *app) datesHint(e *bind.AmbiguousDates) string {
	if d := a.decided; d != nil && slices.Contains(e.Err.Readings[:], d.Dates) {
		return "of " + printable.File(relative(d.File)) + " you decided --dates " + printable.Word(d.Dates) +
			": give it again where it is true of this file, too"
	}
	return "say which: --dates " + printable.Word(e.Err.Readings[0]) + " for the whole file, or layout: " +
		e.Err.Readings[0] + " for the column in the mapping"
}

func (a *app) wireHint(e *kustomer.Error) string {
	switch e.Verdict {
	case kustomer.Unauthorized:
		return "the key is wrong, expired or of another region; " + a.doctorLine() + " tells which"
	case kustomer.Forbidden:
		return "the key lacks a role; " + a.doctorLine() + " names it"
	case kustomer.NotBegun, kustomer.InDoubt:
		return "see that the org can be reached (" + a.doctorLine() + "), then run the same command again; nothing is sent twice"
	case kustomer.NotFound:
		return "what answers there is no org of Kustomer's: --to https://ORG.api.kustomerapp.com names one"
	case kustomer.Throttled:
		return "the org's request budget is used up; run the same command again later, or with a smaller --share"
	default:
		return ""
	}
}
