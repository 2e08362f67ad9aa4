package command

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"muster/pipeline"
	"muster/pipeline/config"
	"muster/pipeline/options"
	"muster/pipeline/outcome"
	"muster/pipeline/printable"
	"muster/pipeline/secret"
	"muster/pipeline/source"
)

// inputFlags say how to read and understand files.
type inputFlags struct {
	config.Options
	state string
	json  bool
}

func newInputFlags() *inputFlags {
	return &inputFlags{Options: config.DefaultOptions(), state: ".muster"}
}

func (f *inputFlags) register(c *cobra.Command) {
	registerOptions(c, f.Source())
	registerOptions(c, f.Reading())
	c.Flags().StringVar(&f.state, "state", ".muster", "directory of ledger and reports")
	c.Flags().BoolVar(&f.json, "json", false, "print the report as one JSON object")
}

// registerOptions makes flags of options.
func registerOptions(c *cobra.Command, list []config.Option) {
	for _, o := range list {
		switch to := o.To.(type) {
		case *string:
			c.Flags().StringVarP(to, o.Name, o.Short, *to, o.Help)
		case *int:
			c.Flags().IntVarP(to, o.Name, o.Short, *to, o.Help)
		case *bool:
			c.Flags().BoolVarP(to, o.Name, o.Short, *to, o.Help)
		case *[]string:
			if o.Commas {
				c.Flags().StringSliceVarP(to, o.Name, o.Short, *to, o.Help)
			} else {
				c.Flags().StringArrayVarP(to, o.Name, o.Short, *to, o.Help)
			}
		}
	}
}

func (f *inputFlags) source() (source.Options, error) {
	read, err := options.Source(&f.Options)
	return read, flagged(err)
}

// flagged has the first option that is wrong bear the name of its flag.
func flagged(err error) error {
	if one := (*options.Error)(nil); errors.As(err, &one) {
		return usage("--%v", one)
	}
	return err
}

// config is what the flags say of the input, for a check or an import.
func (a *app) config(c *cobra.Command, f *inputFlags, files []string) (pipeline.Config, error) {
	a.recall(c, f, files)
	config, err := options.Config(&f.Options)
	if err != nil {
		return config, flagged(err)
	}
	if config.Files, err = expanded(files); err != nil {
		return config, err
	}
	config.Command, config.Stdin, config.State = c.Name(), a.Stdin, f.state
	config.Version, config.Again, config.Progress = a.version(), a.again(), a.progress(f.json)
	return config, nil
}

// again is the command line as a person would type it again.
func (a *app) again() string {
	words := []string{"muster"}
	for _, arg := range a.Args {
		words = append(words, printable.Word(arg))
	}
	return strings.Join(words, " ")
}

func usage(format string, args ...any) error {
	return &outcome.UsageError{Err: fmt.Errorf(format, args...)}
}

// graceFlag is how long the first signal leaves to what has begun.
func graceFlag(c *cobra.Command, grace *time.Duration, otherwise string) {
	c.Flags().DurationVar(grace, "grace", 0, "how long what has begun is waited for after Ctrl-C or SIGTERM (default: "+
		otherwise+")")
}

// orgFlags say which org, with which key, and how much of its budget.
type orgFlags struct {
	to, keyFile string
	share       string
	timeout     time.Duration
	rate        int
	yesOrg      string

	named, keyed namer // who named the org, and the key

	secret  config.Secret // where the project file says the key is; none: from --key-file or the environment
	secrets *secret.Opener
}

func (f *orgFlags) register(c *cobra.Command) {
	c.Flags().StringVar(&f.to, "to", "", "the org: sandbox, or https://ORG.api.kustomerapp.com (default: KUSTOMER_URL)")
	registerKeyFile(c, &f.keyFile)
	c.Flags().StringVar(&f.share, "share", "50%", "part of the org's request budget this run may use")
	c.Flags().DurationVar(&f.timeout, "timeout", time.Minute, "how long one request may take")
	registerYesOrg(c, &f.yesOrg)
	c.Flags().IntVar(&f.rate, "sandbox-rate", 0, "requests a minute the built-in org allows, -1 for no limit (default "+
		"1000)")
}

func registerKeyFile(c *cobra.Command, to *string) {
	c.Flags().StringVar(to, "key-file", "", "file that holds the API key, - for standard input, keyring:SERVICE/USER "+
		"for the keyring of this machine (default: KUSTOMER_API_KEY)")
}

func registerYesOrg(c *cobra.Command, to *string) {
	c.Flags().StringVar(to, "yes-org", "", "the org that is meant, by its name or its host, instead of typing it when "+
		"asked")
}

func (f *orgFlags) budget() (float64, error) {
	share, err := strconv.ParseFloat(strings.TrimSuffix(f.share, "%"), 64)
	if strings.HasSuffix(f.share, "%") {
		share /= 100
	}
	if err != nil || share <= 0 || share > 1 {
		return 0, usage("--share %q is not a share such as 50%%", f.share)
	}
	return share, nil
}

// key reads the API key. It never comes from a flag's value, which other users of the machine
// could see.
func (a *app) key(ctx context.Context, f *orgFlags) (string, error) {
	if f.keyFile == "" && !f.secret.None() {
		return a.kept(ctx, f)
	}
	from, hint := config.Secret{File: f.keyFile}, oneKey
	if entry, named := strings.CutPrefix(f.keyFile, "keyring:"); named {
		if service, user, both := strings.Cut(entry, "/"); !both || service == "" || user == "" {
			return "", usage("--key-file %s: an entry of the keyring is keyring:SERVICE/USER", f.keyFile)
		}
		from, hint = config.Secret{Keyring: entry}, "keep the API key in the keyring under that service and user, or in a "+
			"file only you can read, which --key-file names"
	}
	if f.keyFile == "" {
		from = config.Secret{Env: "KUSTOMER_API_KEY"}
		if !a.told(from.Env) {
			return "", &hinted{&outcome.UsageError{Err: fmt.Errorf(
				"no API key: neither --key-file nor KUSTOMER_API_KEY is set")},
				"put the key into a file only you can read and name it with --key-file FILE"}
		}
	}
	opener := &secret.Opener{Lookup: a.Lookup, Stdin: a.Stdin, Warn: a.warn, Waits: a.waiting}
	key, err := opener.Open(ctx, from)
	if ctx.Err() != nil {
		return "", ctx.Err()
	}
	if err == nil && strings.ContainsAny(key, " \t") {
		err = fmt.Errorf("read the secret from %s: %w", secret.Place(from), secret.ErrSeveral)
	}
	if err != nil {
		return "", &hinted{&outcome.UsageError{Err: err}, hint}
	}
	return key, nil
}

// warn says on standard error what is worth a look and stops nothing.
func (a *app) warn(says string) {
	if a.log != nil {
		a.log.Warn(says)
		return
	}
	fmt.Fprintf(a.Stderr, "muster: warning: %s\n", says)
}

// kept reads the key from where the project file says it is.
func (a *app) kept(ctx context.Context, f *orgFlags) (string, error) {
	key, err := f.secrets.Open(ctx, f.secret)
	if ctx.Err() != nil {
		return "", ctx.Err()
	}
	if err == nil && strings.ContainsAny(key, " \t") {
		err = secret.ErrSeveral
	}
	if err != nil {
		return "", &hinted{&outcome.UsageError{Err: err},
			"key in muster.yaml says where the API key is found, alone and on one line"}
	}
	return key, nil
}

const oneKey = "--key-file names a file that you may read and that holds the API key, alone and on one line"
