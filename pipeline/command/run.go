package command

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log"
	"log/slog"
	"net"
	"net/http"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"muster/pipeline"
	"muster/pipeline/config"
	"muster/pipeline/nightly"
	"muster/pipeline/notify"
	"muster/pipeline/outcome"
	"muster/pipeline/parallel"
	"muster/pipeline/printable"
	"muster/pipeline/progress"
	"muster/pipeline/secret"
)

type runFlags struct {
	orgFlags
	project, state   string
	overlap, missing string
	log              string
	metrics          string
	full, json       bool
	jobs             int
	grace            time.Duration
}

func (a *app) runCommand() *cobra.Command {
	f := &runFlags{}
	c := &cobra.Command{
		Use:   "run [JOB|GROUP…]",
		Short: "Do the jobs of muster.yaml, as every night: only what changed is sent",
		Long: `Run does the jobs of the project file (muster.yaml), each after those it needs; without a name,
all. Jobs of different orgs are done side by side, those of one org one after another. Of each it takes the newest file, finishes what the last night left unfinished, holds the file
against those before it, imports what changed, and tells whoever the file names when the job's state
has changed. The same file again costs nothing.

Flags go before the environment, the environment before the project file.`,
		Example: `  muster run
  muster run customers --log json
  muster run customers --full`,
		RunE: func(c *cobra.Command, names []string) error { return a.night(c, names, f) },
	}
	c.Flags().StringVar(&f.project, "project", config.FileName, "the project file")
	f.orgFlags.register(c)
	c.Flags().StringVar(&f.state, "state", "", "directory of ledger and reports (default: as the project file says)")
	c.Flags().StringVar(&f.overlap, "on-overlap", "",
		"while another run is under way: fail, skip, or how long to wait, such as 2h (default: as the project file says)")
	graceFlag(c, &f.grace, "as the project file says, or 30s")
	c.Flags().StringVar(&f.metrics, "metrics", "", "serve Prometheus metrics at this address while the jobs are done, "+
		"such as 127.0.0.1:9464")
	c.Flags().StringVar(&f.missing, "on-missing", "",
		"customers who are no longer in the file: ignore, report, tag or delete (default: as the project file says)")
	c.Flags().BoolVar(&f.full, "full", false, "import the file even if it was imported before, and read from the org "+
		"what has not changed, too")
	c.Flags().IntVar(&f.jobs, "jobs", 0, "jobs that are done at once at most, each of another org (default 32)")
	c.Flags().StringVar(&f.log, "log", "text", "form of what is said on standard error: text or json")
	c.Flags().BoolVar(&f.json, "json", false, "print the outcome as one JSON object")
	return c
}

// beside does work while metrics are served.
func (a *app) beside(address string, p *config.Project, state string, work func() error) error {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return fmt.Errorf("serve metrics: %w", err)
	}
	a.log.Info("metrics are served", "address", "http://"+listener.Addr().String()+"/metrics")
	mux := http.NewServeMux()
	mux.HandleFunc("GET /metrics", func(w http.ResponseWriter, _ *http.Request) {
		figures, err := nightly.FiguresOf(p, state)
		if err != nil && len(figures) == 0 {
			http.Error(w, "the ledger cannot be read", http.StatusServiceUnavailable)
			return
		}
		w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
		_ = notify.Expose(w, figures) // whoever asked is gone
	})
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, _ *http.Request) {
		if _, err := nightly.FiguresOf(p, state); err != nil {
			http.Error(w, "the ledger cannot be read", http.StatusServiceUnavailable)
			return
		}
		fmt.Fprintln(w, "ok")
	})
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second, ErrorLog: log.New(io.Discard, "", 0)}
	return parallel.Beside(func() error { return server.Serve(listener) }, server.Close, work)
}

// openProject reads a project file and has the flags and the environment go before it.
func (a *app) openProject(path string) (*config.Project, error) {
	p, err := config.Load(path)
	var mistakes config.Mistakes
	switch {
	case errors.As(err, &mistakes):
		return nil, &hinted{&outcome.UsageError{Err: err},
			"muster lint" + a.carried("project") + " says what is wrong; muster init --print shows a file to begin with"}
	case errors.Is(err, fs.ErrNotExist):
		return nil, &hinted{&outcome.UsageError{Err: fmt.Errorf("there is no project file %s", path)},
			"muster init writes one to begin with; --project FILE names another"}
	}
	return p, err
}

func (a *app) night(c *cobra.Command, names []string, f *runFlags) error {
	a.Stderr = &oneAtATime{to: a.Stderr}
	log, err := a.logger(f.log)
	if err != nil {
		return err
	}
	if a.log = log; f.log == "json" {
		a.json = log
	}
	p, err := a.openProject(f.project)
	if err != nil {
		return errors.Join(err, a.unreadable(c.Context(), f, err))
	}
	if err := f.over(p); err != nil {
		return err
	}
	orgs, err := a.oneOrg(p, names, f)
	if err != nil {
		return err
	}
	keys := a.secrets(p)
	telemetry := notify.TelemetryOf(a.Lookup)
	if telemetry.Unspoken != "" {
		log.Warn("telemetry is sent as http/protobuf only", "asked", telemetry.Unspoken)
	}
	n := &nightly.Night{Project: p, Elsewhere: f.state, Version: a.version(), Full: f.full, Jobs: f.jobs, Log: log,
		Secret: keys.Open, Waits: a.waiting, Telemetry: telemetry,
		Grace: cmp.Or(f.grace, p.Grace), HTTP: &http.Client{Transport: a.transport()}}
	n.Host, _ = os.Hostname() // a machine without a name is told of without it
	n.Progress = func(job string) progress.Reporter {
		switch {
		case f.log == "json":
			return &logged{log: log.With("job", job)}
		case f.json:
			return nil
		case orgs > 1:
			return &watch{app: a, before: job + ": "}
		}
		return a.progress(false)
	}
	n.Connect = func(ctx context.Context, org *config.Org, state string) (*pipeline.Org, func(), error) {
		own := *a // what is learned while an org is reached is of no use to another
		return own.nightOrg(ctx, own.reach(c, &f.orgFlags, p, org, orgs), org, state)
	}
	var out *nightly.Outcome
	work := func() (err error) { out, err = n.Run(c.Context(), names); return err }
	if f.metrics != "" {
		err = a.beside(f.metrics, p, f.state, work)
	} else {
		err = work()
	}
	if err != nil {
		return err
	}
	a.code = out.ExitCode
	if f.json {
		return a.printJSON(out)
	}
	a.printNight(out)
	return nil
}

// unreadable has those be told of a project file with mistakes whom it still names.
func (a *app) unreadable(ctx context.Context, f *runFlags, why error) error {
	p := config.Salvage(f.project)
	if p == nil || !errors.As(why, new(config.Mistakes)) {
		return nil
	}
	n := &nightly.Night{Project: p, Elsewhere: f.state, Version: a.version(), Log: a.log, Secret: a.secrets(p).Open,
		Grace: cmp.Or(f.grace, p.Grace), HTTP: &http.Client{Transport: a.transport()}}
	n.Host, _ = os.Hostname()
	out := n.Unreadable(ctx, fmt.Errorf("the project file has mistakes: %w", why))
	if f.json {
		return a.printJSON(out)
	}
	return nil
}

// oneOrg says of how many orgs the jobs are. What names one org goes with jobs of one org: the customers of the others
// would land in it.
func (a *app) oneOrg(p *config.Project, names []string, f *runFlags) (orgs int, err error) {
	jobs, _ := p.Order(names) // a name that is none is said later
	var seen []*config.Org
	for _, j := range jobs {
		if !slices.Contains(seen, j.Org) {
			seen = append(seen, j.Org)
		}
	}
	if len(seen) < 2 {
		return len(seen), nil
	}
	for _, one := range []struct {
		says string
		said bool
	}{{"--to", f.to != ""}, {"--key-file", f.keyFile != ""}, {"--state", f.state != ""},
		{"KUSTOMER_URL", a.told("KUSTOMER_URL")}} {
		if one.said {
			return 0, &hinted{usage("%s is for one org, and these jobs are of %d", one.says, len(seen)),
				"leave it out, or name jobs of one org: muster run " + printable.Word(jobs[0].Name) + a.carried("project")}
		}
	}
	return len(seen), nil
}

// nightOrg reaches the org and makes sure that it is the one that is meant.
func (a *app) nightOrg(ctx context.Context, f *orgFlags, which *config.Org, state string) (*pipeline.Org, func(),
	error) {
	org, end, err := a.connect(ctx, f, state)
	if own := (*hinted)(nil); errors.As(err, &own) {
		err = fmt.Errorf("%w (%s)", err, own.hint)
	}
	if err != nil {
		return nil, nil, err
	}
	if err := a.meant(org.Name, org.Host, cmp.Or(f.yesOrg, which.Name),
		"This runs the jobs of the project into"); err != nil {
		end()
		return nil, nil, fmt.Errorf("%w (org-name in the project file says it)", err)
	}
	return org, end, nil
}

// over has the flags go before the file.
func (f *runFlags) over(p *config.Project) error {
	switch f.missing {
	case "":
	case "ignore", "report", "tag", "delete":
		for i := range p.Jobs {
			m := &p.Jobs[i].OnMissing
			m.Act, m.Tag = f.missing, cmp.Or(m.Tag, "gone-from-feed")
		}
	default:
		return usage("--on-missing %q is none of ignore, report, tag, delete", f.missing)
	}
	switch f.overlap {
	case "":
	case "fail", "skip":
		p.Overlap = config.Overlap{Policy: f.overlap}
	default:
		wait, err := config.ParseSpan(f.overlap)
		if err != nil {
			return usage("--on-overlap %q is none of fail, skip and a time such as 2h", f.overlap)
		}
		p.Overlap = config.Overlap{Policy: "wait", Wait: wait}
	}
	return nil
}

// secrets finds secrets; files are meant from the project's folder.
func (a *app) secrets(p *config.Project) *secret.Opener {
	return &secret.Opener{Lookup: a.Lookup, Stdin: a.Stdin, Path: p.Path, Hidden: p.Hidden, Warn: a.warn,
		Waits: a.waiting}
}

// transport is that of every connection but the org's.
func (a *app) transport() http.RoundTripper {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.Proxy = a.Proxy
	t.ResponseHeaderTimeout = time.Minute
	return t
}

// reach is how an org is reached, with which key and share: what no flag says and no variable, the project file does.
// Of several orgs --yes-org means the one that it names, and a key in the environment is of none whose entry says where
// its own is found.
func (a *app) reach(c *cobra.Command, f *orgFlags, p *config.Project, org *config.Org, orgs int) *orgFlags {
	to := *f
	if to.to == "" && !a.told("KUSTOMER_URL") {
		to.to, to.named = org.Address, namerOf(p)
	}
	if meant := (&destination{host: hostOf(org.Address)}); orgs > 1 && !meant.is(f.yesOrg) && f.yesOrg != org.Name {
		to.yesOrg = ""
	}
	if orgs > 1 && !org.Key.None() {
		to.secret, to.secrets, to.keyed = org.Key, a.secrets(p), namerOf(p)
	}
	a.keyOf(&to, p, namerOf(p))
	if !c.Flags().Changed("share") {
		to.share = org.Share
	}
	if !c.Flags().Changed("timeout") && p.Timeout > 0 {
		to.timeout = p.Timeout
	}
	return &to
}

// logger says what happens on standard error.
func (a *app) logger(form string) (*slog.Logger, error) {
	switch form {
	case "json":
		return slog.New(slog.NewJSONHandler(a.Stderr, nil)), nil
	case "text":
		return slog.New(&lines{to: a.Stderr}), nil
	default:
		return nil, usage("--log %q is neither text nor json", form)
	}
}

// lines is a handler that writes as the other commands do: muster: what: key value.
type lines struct {
	to     interface{ Write([]byte) (int, error) }
	before string
}

func (h *lines) Enabled(_ context.Context, l slog.Level) bool { return l >= slog.LevelInfo }

func (h *lines) Handle(_ context.Context, r slog.Record) error {
	var b strings.Builder
	b.WriteString("muster: ")
	if r.Level >= slog.LevelWarn {
		b.WriteString(strings.ToLower(r.Level.String()) + ": ")
	}
	b.WriteString(h.before)
	b.WriteString(printable.Line(r.Message))
	r.Attrs(func(at slog.Attr) bool {
		if text := at.Value.String(); text != "" && text != "map[]" {
			b.WriteString("; " + strings.ReplaceAll(at.Key, "_", " ") + " " + strings.TrimPrefix(printable.Line(text), "map"))
		}
		return true
	})
	b.WriteByte('\n')
	_, err := h.to.Write([]byte(b.String()))
	return err
}

func (h *lines) WithAttrs(attrs []slog.Attr) slog.Handler {
	with := *h
	for _, at := range attrs {
		with.before += at.Value.String() + ": "
	}
	return &with
}

func (h *lines) WithGroup(string) slog.Handler { return h }

// printNight shows the outcome of each job.
func (a *app) printNight(out *nightly.Outcome) {
	for _, r := range out.Jobs {
		fmt.Fprintf(a.out, "%s: %s, exit %d", r.Job, r.State, r.ExitCode)
		if r.ExitCode != 0 {
			fmt.Fprintf(a.out, " (%s)", r.Meaning)
		}
		fmt.Fprintln(a.out)
		for _, line := range r.Says {
			fmt.Fprintf(a.out, "  %s\n", line)
		}
		if r.Run != "" {
			fmt.Fprintf(a.out, "  run %s: %d %s", r.Run, r.Rows, printable.Noun(r.Rows, "row"))
			for _, status := range outcome.Statuses() {
				if count := r.Counts[status.String()]; count > 0 {
					fmt.Fprintf(a.out, ", %s %d", status, count)
				}
			}
			fmt.Fprintf(a.out, "; %d %s\n", r.Requests, printable.Noun(r.Requests, "request"))
		}
		if r.Report != "" {
			fmt.Fprintf(a.out, "  page %s\n", r.Report)
		}
		for _, next := range r.Next {
			fmt.Fprintf(a.out, "  next: %s\n", next)
		}
	}
}

func (a *app) printJSON(answer any) error {
	encoder := json.NewEncoder(a.Stdout)
	encoder.SetEscapeHTML(false)
	return encoder.Encode(answer)
}
