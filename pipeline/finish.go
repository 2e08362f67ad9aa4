package pipeline

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"muster/pipeline/bind"
	"muster/pipeline/deliver"
	"muster/pipeline/exit"
	"muster/pipeline/ledger"
	"muster/pipeline/outcome"
	"muster/pipeline/printable"
	"muster/pipeline/profile"
	"muster/pipeline/report"
	"muster/pipeline/source"
	"muster/pipeline/trust"
)

// finish closes the reports and the ledger's part of the run, and works out what kind of end it was.
func (r *run) finish(ctx context.Context, reconciler *Reconciler, cause error) (*report.Summary, error) {
	if reconciler == nil {
		return nil, cause
	}
	c := r.config
	s := &report.Summary{Muster: c.Version, Run: r.id, Command: c.Command, Started: r.started, Ended: c.Now().UTC()}
	if err := reconciler.Close(s, r.read); err != nil {
		cause = errors.Join(cause, err)
	}
	switch {
	case c.ReadOnly != nil:
		s.Statuses[outcome.Unsent].Meaning = "see the acts below; a plan sends nothing"
	case c.Org == nil:
		s.Statuses[outcome.Unsent].Meaning = "ready: would be imported; a check sends nothing"
	}
	for _, in := range r.inputs {
		s.Inputs = append(s.Inputs, in.Summary()...)
	}
	s.Mapping, s.Damages = r.mappingNames(), r.damaged
	if err := r.colour(ctx, s); err != nil {
		cause = errors.Join(cause, err)
	}
	if err := errors.Join(r.keepMappings(s.Files), r.forgetKey(cause)); err != nil {
		cause = errors.Join(cause, err)
	}
	if c.ReadOnly != nil {
		r.looked(s)
	}
	columns := r.balanceColumns(reconciler.cells)
	s.Columns, s.Tables, s.Moments = r.columns, profile.Reported(r.seen, columns), r.throughput.moments
	if c.Org != nil {
		r.costs(s)
		s.Customers = c.Org.pages(reconciler.links)
	}
	s.Settle()
	if cause != nil {
		s.Stopped = outcome.OneLine(cause)
	} else if ctx.Err() != nil {
		s.Stopped = "interrupted"
	}
	if left := r.whole - s.Rows; s.Stopped != "" && left > 0 {
		s.Stopped += fmt.Sprintf("; %d rows of the input were not read", left)
	}
	s.ExitCode = r.exitCode(ctx, s, reconciler, cause)
	r.spoilt = errors.As(cause, new(*deliver.CanaryError))
	s.Next = r.next(ctx, s, reconciler)
	s.Line, s.Exit = c.Again, exit.Meaning(s.ExitCode)
	asJSON, asPage := filepath.Join(r.dir, "report.json"), filepath.Join(r.dir, "report.html")
	s.Files = append(s.Files, report.File{Kind: "report", Path: asJSON}, report.File{Kind: "page", Path: asPage})
	err := errors.Join(report.WriteJSON(asJSON, s), report.WriteHTML(asPage, s))
	s.Files = slices.DeleteFunc(s.Files, func(f report.File) bool { _, gone := os.Stat(f.Path); return gone != nil })
	if r.book != nil {
		err = errors.Join(err, r.book.Finish(r.state(ctx, s, cause), s.Rows, reconciler.countsByName()))
	}
	if err != nil && cause == nil {
		s.ExitCode = exit.Code(err)
	}
	return s, errors.Join(cause, err)
}

// costs fills in where the records went and what that took of the org's budget.
func (r *run) costs(s *report.Summary) {
	org := r.config.Org
	b := org.Client.Budget()
	s.Org = &report.Org{Name: org.Name, Host: org.Host}
	s.Requests = b.Requests
	minutes := s.Ended.Sub(s.Started).Minutes()
	s.Budget = &report.Budget{Limit: int64(b.Limit), Granted: int64(b.Granted), Throttled: b.Throttled}
	if minutes > 0 && b.Limit > 0 {
		// A run shorter than a window is measured against the whole window.
		s.Budget.Used = float64(b.Requests) / max(minutes, 1)
		s.Budget.Share = s.Budget.Used / float64(b.Limit)
	}
}

func (r *run) mappingNames() string {
	var names []string
	for _, in := range r.inputs {
		if in.Mapping != "" && (len(names) == 0 || names[len(names)-1] != in.Mapping) {
			names = append(names, in.Mapping)
		}
	}
	return strings.Join(names, ", ")
}

// keepMappings puts the mapping of each rejects or annotated file beside it, so that the mended file can be given
// to muster as it is. A file that cannot be read back is worth a note and no more: what the run did stands.
func (r *run) keepMappings(files []report.File) error {
	for _, f := range files {
		if f.Kind != "rejects" && f.Kind != "annotated" {
			continue
		}
		reader, err := source.Open(f.Path, nil, source.Options{})
		if err != nil {
			r.unreadable = append(r.unreadable, f.Path)
			if r.config.Progress != nil {
				r.config.Progress.Say(err.Error() + "; it cannot be given to muster again as it is, and its mapping is not put beside it")
			}
			continue
		}
		names := reader.Header().Names
		reader.Close()
		for _, in := range r.inputs {
			own := in.Table.Header.Names[:in.Table.Width]
			if in.Ruled == "" && in.Guessed == nil || len(names) < len(own) || !slices.Equal(names[:len(own)], own) {
				continue
			}
			rules, err := in.Guessed, error(nil)
			if rules == nil {
				rules, err = trust.ReadText(in.Ruled)
			}
			if err == nil {
				err = trust.WriteWhole(bind.MappingBeside(f.Path), rules)
			}
			if err != nil {
				return fmt.Errorf("keep the mapping of the rejects: %w", err)
			}
			break
		}
	}
	return nil
}

// state is how the ledger remembers the run. One with rows unsent or unknown is not finished: the
// same command takes it up again.
func (r *run) state(ctx context.Context, s *report.Summary, cause error) string {
	switch {
	case ctx.Err() != nil:
		return ledger.RunInterrupted
	case cause != nil || !s.Balanced || s.Unknown > 0:
		return ledger.RunFailed
	default:
		return ledger.RunFinished
	}
}

// exitCode is the verdict on the whole run, see [exit.Code] for the table.
func (r *run) exitCode(ctx context.Context, s *report.Summary, reconciler *Reconciler, cause error) int {
	faulty := reconciler.count(outcome.Invalid) + reconciler.count(outcome.Rejected) + reconciler.left + reconciler.parted +
		reconciler.differing + r.conflicts()
	switch {
	case !s.Balanced:
		return exit.Unproven
	case cause != nil:
		if code := exit.Code(cause); code != exit.Interrupted {
			return code
		}
		return exit.BySignal(ctx)
	case ctx.Err() != nil:
		return exit.BySignal(ctx)
	case s.Unknown > 0:
		return exit.Unproven
	case r.config.Org == nil && undamaged(r.damaged) != nil:
		return exit.Guard
	case s.Columns.Lost() > 0, len(s.Columns.Unsure) > 0:
		return exit.Rejects
	case faulty > 0 && !r.config.AllowRejects.Covers(faulty, s.Rows):
		return exit.Rejects
	default:
		return exit.OK
	}
}

// next names the commands that make sense now, the best first.
func (r *run) next(ctx context.Context, s *report.Summary, reconciler *Reconciler) []report.Next {
	var list []report.Next
	command := r.config.Again
	unfinished := s.Unknown > 0 || (r.config.Org != nil && (s.Stopped != "" || reconciler.count(outcome.Unsent) > 0))
	if unfinished && command != "" {
		list = append(list, report.Next{Command: command, Why: "goes on where this run's evidence ends; nothing is sent twice"})
	}
	if r.spoilt {
		list = append([]report.Next{{Command: "muster verify " + r.id + " --all" + r.config.stateFlag(), Why: "names every field that is not as it was sent; its values are in verify.csv"},
			{Command: "muster undo " + r.id + r.config.stateFlag(), Why: "takes back what was sent"}}, list...)
	}
	if r.config.Org != nil && !unfinished && reconciler.landed() > 0 {
		list = append(list, report.Next{Command: "muster verify " + r.id + r.config.stateFlag(), Why: "reads back what landed and compares it field by field with what was sent"})
	}
	for _, f := range s.Files {
		if f.Kind == "rejects" && !slices.Contains(r.unreadable, f.Path) {
			list = append(list, report.Next{Command: "muster check " + printable.File(f.Path) + r.rejectsFlags() + r.config.stateFlag(),
				Why: "looks at the refused rows again once you have fixed them there; import takes the file the same way"})
			break
		}
	}
	if len(s.Problems) > 0 {
		list = append(list, report.Next{Command: "muster explain " + s.Problems[0].Code, Why: "says what the most frequent problem means"})
	}
	if r.planned != nil {
		return append([]report.Next{{Command: "muster apply " + printable.File(r.planned.Path), Why: "does exactly this, and leaves alone who is changed meanwhile"}}, list...)
	}
	sound := reconciler.count(outcome.Unsent) > 0 && undamaged(r.damaged) == nil && len(r.columns.Unsure) == 0
	if r.config.Org == nil && len(r.config.Files) > 0 && sound {
		list = append(list, report.Next{Command: "muster import " + printable.Files(r.config.Files) + " --to sandbox" + sourceFlags(&r.config.Source) + r.config.rulesFlags(true) + r.making() + r.config.stateFlag(),
			Why: "tries it on the built-in org"})
	}
	return list
}

// stateFlag is what a command needs to find this run, nothing where it is found without.
func (c *Config) stateFlag() string {
	if c.State == defaultState {
		return ""
	}
	return " --state " + printable.Word(c.State)
}

// countsByName is the balance as the ledger keeps it.
func (r *Reconciler) countsByName() map[string]int64 {
	counts := map[string]int64{}
	for _, s := range outcome.Statuses() {
		counts[s.String()] = r.counts[s]
	}
	return counts
}

// kindOf names a report by its file.
func kindOf(path string) string {
	name := strings.TrimSuffix(filepath.Base(path), filepath.Ext(path))
	kind, _, _ := strings.Cut(name, "-")
	return kind
}
