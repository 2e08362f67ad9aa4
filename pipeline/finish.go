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
	"muster/pipeline/exit"
	"muster/pipeline/outcome"
	"muster/pipeline/printable"
	"muster/pipeline/profile"
	"muster/pipeline/report"
	"muster/pipeline/source"
	"muster/pipeline/trust"
)

// finish closes the reports and the ledger's part of the run, and works out what kind of end it was.
func (r *Running) finish(ctx context.Context, cause error) (*report.Summary, error) {
	if r.roll == nil {
		return nil, cause
	}
	c := r.Config
	s := &report.Summary{Muster: c.Version, Run: r.Run, Command: c.Command, Started: r.Started, Ended: c.Now().UTC()}
	join := func(err error) {
		if err != nil {
			cause = errors.Join(cause, err)
		}
	}
	join(r.roll.Close(s))
	for _, in := range r.Inputs {
		s.Inputs = append(s.Inputs, in.Summary()...)
	}
	s.Mapping, s.Damages, s.Moved = r.mappingNames(), r.Survey.Damages, r.Survey.Moved
	join(errors.Join(r.colour(ctx, s), r.refusedBooks(s)))
	join(r.forSpreadsheets(s.Files))
	join(errors.Join(r.keepMappings(s.Files), r.mode.Report(r, s, cause)))
	columns := r.balanceColumns()
	s.Columns, s.Tables, s.Moments = r.Survey.Columns, profile.Reported(r.Survey.Profiles, columns), r.throughput.moments
	s.Settle()
	if cause != nil && exit.Code(cause) != exit.Interrupted {
		s.Stopped = outcome.OneLine(cause)
	} else if ctx.Err() != nil {
		s.Stopped = "interrupted"
	}
	if left := r.Survey.Rows - s.Rows; s.Stopped != "" && r.Survey.Ended && left > 0 {
		s.Stopped += fmt.Sprintf("; %d rows of the input were not read", left)
	}
	s.ExitCode = r.exitCode(ctx, s, cause)
	s.Next = r.next(s)
	s.Line, s.Exit = c.Again, exit.Meaning(s.ExitCode)
	asJSON, asPage := filepath.Join(r.Dir, "report.json"), filepath.Join(r.Dir, "report.html")
	s.Files = append(s.Files, report.File{Kind: "report", Path: asJSON}, report.File{Kind: "page", Path: asPage})
	err := errors.Join(report.WriteJSON(asJSON, s), report.WriteHTML(asPage, s))
	s.Files = slices.DeleteFunc(s.Files, func(f report.File) bool { _, gone := os.Stat(f.Path); return gone != nil })
	err = errors.Join(err, r.mode.End(ctx, r, s, cause))
	if err != nil && cause == nil {
		s.ExitCode = exit.Code(err)
	}
	return s, errors.Join(cause, err)
}

func (r *Running) mappingNames() string {
	var names []string
	for _, in := range r.Inputs {
		if in.Mapping != "" && (len(names) == 0 || names[len(names)-1] != in.Mapping) {
			names = append(names, in.Mapping)
		}
	}
	return strings.Join(names, ", ")
}

// keepMappings puts the mapping of each rejects or annotated file beside it, so that the mended file can be given
// to muster as it is. A file that cannot be read back is worth a note and no more: what the run did stands.
func (r *Running) keepMappings(files []report.File) error {
	for _, f := range files {
		if f.Kind != "rejects" && f.Kind != "annotated" {
			continue
		}
		reader, err := source.Open(f.Path, nil, source.Options{})
		if err != nil {
			r.unreadable = append(r.unreadable, f.Path)
			if r.Config.Progress != nil {
				r.Config.Progress.Say(err.Error() + "; it cannot be given to muster again as it is, and its mapping is not put " +
					"beside it")
			}
			continue
		}
		names := reader.Header().Names
		reader.Close()
		for _, in := range r.Inputs {
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

// exitCode is the verdict on the whole run, see [exit.Code] for the table.
func (r *Running) exitCode(ctx context.Context, s *report.Summary, cause error) int {
	roll := r.roll
	faulty := roll.count(outcome.Invalid) + roll.count(outcome.Rejected) + roll.left + roll.parted + roll.differing +
		roll.held + roll.open + r.mode.Faulty()
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
	case undamaged(r.Survey.Damages) != nil, s.Moved != nil:
		return exit.Guard
	case s.Columns.Lost() > 0, len(s.Columns.Unsure) > 0:
		return exit.Rejects
	case faulty > 0 && !r.Config.AllowRejects.Covers(faulty, s.Rows):
		return exit.Rejects
	default:
		return exit.OK
	}
}

// klassUnknown is the code of a value that the org has no attribute for.
const klassUnknown = "klass.unknown"

// next names the commands that make sense now, the best first.
func (r *Running) next(s *report.Summary) []report.Next {
	if s.Moved != nil { // nothing that was found below it says anything of the file
		return []report.Next{{Command: "muster explain " + source.HeaderMoved, Why: "says how it comes about, and what to do"}}
	}
	list, last := r.mode.Next(r, s)
	lacks := func(p report.Problem) bool { return p.Code == klassUnknown }
	if making := r.Config.making(); making != "" && slices.ContainsFunc(s.Problems, lacks) {
		list = slices.Insert(list, 0, report.Next{Command: making,
			Why: "makes the attributes that the org lacks, and imports the rows that were refused for them"})
	}
	for _, f := range s.Files {
		if f.Kind == "rejects" && !slices.Contains(r.unreadable, f.Path) {
			list = append(list, report.Next{Command: "muster check " + printable.File(f.Path) + r.rejectsFlags() +
				r.Config.stateFlag(),
				Why: "looks at the refused rows again once you have fixed them there; import takes the file the same way"})
			break
		}
	}
	if len(s.Problems) > 0 {
		list = append(list, report.Next{Command: "muster explain " + s.Problems[0].Code,
			Why: "says what the most frequent problem means"})
	}
	return append(list, last...)
}

// rejectsFlags are those for a file of refused rows. The mapping lies beside it where it is a file; what several inputs
// leave out by name, one of them alone may not have.
func (r *Running) rejectsFlags() string {
	c := *r.Config
	if len(r.Inputs) > 1 {
		c.Ignore = nil
	}
	preset := !slices.ContainsFunc(r.Inputs, func(in *bind.Input) bool { return in.Ruled != "" || in.Guessed != nil })
	return c.rulesFlags(preset)
}

// making is the flag without which an org that lacks the attributes of a guess does not take it.
func (r *Running) making() string {
	if slices.ContainsFunc(r.Inputs, func(in *bind.Input) bool { return in.Makes }) {
		return " --create-attributes"
	}
	return ""
}
