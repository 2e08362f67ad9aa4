package nightly

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"

	"muster/mappings"
	"muster/pipeline"
	"muster/pipeline/config"
	"muster/pipeline/deliver"
	"muster/pipeline/exit"
	"muster/pipeline/fetch"
	"muster/pipeline/ledger"
	"muster/pipeline/options"
	"muster/pipeline/outcome"
	"muster/pipeline/source"
)

// jobRun is one job in one night.
type jobRun struct {
	*orgNight
	job    *config.Job
	memory *memory
	result *Result
	log    *slog.Logger
	taken  taken
	files  []fetch.File
}

// importFiles imports tonight's files under the guard's eyes.
func (s *jobRun) importFiles(ctx context.Context) {
	config, err := s.config()
	if err != nil {
		s.result.fail(err)
		return
	}
	if config.Org, err = s.connect(ctx); err != nil {
		s.result.fail(err)
		return
	}
	for _, f := range s.files {
		config.Files = append(config.Files, f.Path)
	}
	if err := s.headed(config); err != nil {
		s.result.fail(err)
		return
	}
	g := &guard{jobRun: s, keySet: newKeySet(s.state)}
	defer g.keySet.close()
	s.run(ctx, config, g)
}

// run runs one import to its end, and does what follows from it.
func (s *jobRun) run(ctx context.Context, c pipeline.Config, g *guard) {
	c.Watch = g
	summary, err := pipeline.Run(ctx, c)
	if summary != nil {
		s.result.adopt(summary, g.passed, s.taken.Entries)
	}
	if columns := (*mappings.BindError)(nil); errors.As(err, &columns) {
		err = s.unnamed(s.misfit(c, err), columns)
	}
	if bad := (*source.Error)(nil); errors.As(err, &bad) && bad.Code == "file.empty" && s.job.Guards.Empty == config.Stop {
		s.result.Findings = append(s.result.Findings, Finding{"empty", config.Stop,
			"the file holds nothing, not even a header"})
		err = &outcome.GuardError{Guard: "empty", Reason: "the file holds nothing, not even a header"}
	}
	if err != nil {
		s.result.fail(err)
		if summary != nil {
			s.result.ExitCode = summary.ExitCode
		}
		if tried := (*deliver.CanaryError)(nil); errors.As(err, &tried) && s.memory.Attempt != nil {
			s.memory.Attempt.Canary = tried
			s.untried()
		}
		return
	}
	if summary.ExitCode != exit.OK && summary.ExitCode != exit.Rejects {
		s.result.State, s.result.ExitCode = "failed", summary.ExitCode
		if summary.Stopped != "" {
			s.result.Says = append(s.result.Says, summary.Stopped)
		}
		return
	}
	s.landed(ctx, g, s.result.Runs[len(s.result.Runs)-1])
}

// landed remembers a night that came to its end.
func (s *jobRun) landed(ctx context.Context, g *guard, run Done) {
	refused := run.Counts["invalid"] + run.Counts["rejected"]
	if run.ExitCode == exit.Rejects && refused > 0 {
		s.result.Says = append(s.result.Says, fmt.Sprintf("%d of %d rows were refused", refused, run.Rows))
		if s.result.stray != "" {
			s.result.Says = append(s.result.Says, s.result.stray)
		}
	}
	if run.ExitCode == exit.Rejects && s.result.differ != "" {
		s.result.Says = append(s.result.Says, s.result.differ+"; outcomes.csv names rows and columns")
	}
	err := s.depart(ctx, g)
	if err == nil {
		s.memory.Attempt, s.memory.Stopped, s.memory.Missing = nil, nil, 0
		s.memory.Taken = s.taken
		s.memory.account(s.taken.Entries, s.taken.Content)
		s.memory.Landed = &landing{run.Run, run.ExitCode, run.Rows, refused, s.job.AllowRejects}
		s.memory.learn(g.shape)
	}
	if err != nil {
		s.result.fail(err)
		return
	}
	if run.ExitCode == exit.Rejects {
		s.result.became("refused")
	}
	s.result.became("well")
	keep := make([]string, len(s.files))
	for i := range s.files {
		keep[i] = s.files[i].Path
	}
	if err := fetch.Sweep(s.feeds(s.job.Name), keep); err != nil {
		s.log.Warn("old files stay", "error", err)
	}
}

// config is what the project file says of the job's import.
func (s *jobRun) config() (pipeline.Config, error) {
	j := s.job
	c, err := options.Config(&j.Options)
	limits, limitsErr := limitsOf(&j.Limits)
	if err = errors.Join(err, limitsErr); err != nil {
		return pipeline.Config{}, &outcome.UsageError{Err: fmt.Errorf("job %s: %w", j.Name, err)}
	}
	c.Command, c.Mapping, c.Properties, c.State, c.Limits = "run", s.mapping(j), s.Project.Path(j.Properties), s.state,
		limits
	c.Users, c.Backup = s.Project.Path(j.Users), s.Project.Path(j.Backup)
	c.Attachments.Folder = s.Project.Path(c.Attachments.Folder)
	c.Full, c.Canary, c.JobPatience, c.Grace, c.ByLetter, c.Lean = s.Full, j.Canary, s.Patience, s.Grace, true, s.crowded()
	c.Again, c.Version, c.Now, c.Sleep, c.Progress, c.Ledger = "muster run "+j.Name, s.Version, s.Now, s.Sleep,
		s.Progress(j.Name), s.ledger
	return c, nil
}

// mapping is a job's mapping: a file as it is meant from the project's folder, or a preset.
func (n *orgNight) mapping(j *config.Job) string {
	if mappings.PresetFile(j.Mapping) != nil {
		return j.Mapping
	}
	return n.Project.Path(j.Mapping)
}

// limitsOf reads the limits of a job.
func limitsOf(l *config.Limits) (limits deliver.Limits, err error) {
	for _, one := range []struct {
		name, text string
		to         **deliver.Allowance
	}{{"invalid", l.Invalid, &limits.Invalid}, {"rejected", l.Rejected, &limits.Rejected},
		{"create", l.Create, &limits.Create}, {"update", l.Update, &limits.Update}} {
		if one.text == "" {
			continue
		}
		a, wrong := options.Allowance("limits: "+one.name, one.text)
		*one.to, err = &a, errors.Join(err, wrong)
	}
	return limits, err
}

// untried says what a person can do when the first customers of a job were not as they were sent.
func (s *jobRun) untried() {
	s.result.Says = append(s.result.Says, "muster undo "+s.memory.Attempt.Run+
		" takes them back, and the next night tries again; canary: false at the job goes on without")
}

// resume finishes a run that an earlier night began to send. It says whether the night may go on with its own file.
func (s *jobRun) resume(ctx context.Context) bool {
	attempt := s.memory.Attempt
	kept, err := s.ledger.Find(attempt.Run)
	if errors.Is(err, ledger.ErrNoRun) || err == nil && kept.Info().State == ledger.RunFinished {
		s.memory.Attempt = nil
		return true
	}
	if attempt.Canary != nil && s.job.Canary {
		s.result.fail(attempt.Canary) // each night would spoil eleven more
		s.untried()
		return false
	}
	var settings *pipeline.Settings
	if err == nil {
		settings, err = pipeline.LoadSettings(s.state, attempt.Run)
	}
	if err == nil {
		err = settings.Unchanged()
	}
	if err != nil {
		// What was in doubt is looked up when its customer comes again: nothing is sent twice, and nothing more can be done.
		s.log.Warn("the unfinished run cannot be taken up", "run", attempt.Run, "error", err)
		s.result.Says = append(s.result.Says, "the unfinished run "+attempt.Run+" cannot be taken up: "+
			strings.ReplaceAll(err.Error(), "\n", "; "))
		s.memory.Attempt = nil
		return true
	}
	s.log.Info("taking up the unfinished run", "run", attempt.Run)
	config := settings.Config
	if config.Org, err = s.connect(ctx); err != nil {
		s.result.fail(err)
		return false
	}
	config.State, config.Version, config.Now, config.Sleep, config.Ledger = s.state, s.Version, s.Now, s.Sleep, s.ledger
	config.ByLetter, config.Lean = true, s.crowded()
	config.Canary = s.job.Canary // which may have been taken out since
	config.Progress, config.Again, config.JobPatience, config.Grace = s.Progress(s.job.Name), "muster run "+s.job.Name,
		s.Patience, s.Grace
	g := &guard{jobRun: s, keySet: newKeySet(s.state), passed: true}
	defer g.keySet.close()
	s.taken = attempt.Taken
	s.run(ctx, config, g)
	if s.result.State == "failed" {
		return false
	}
	s.result.Resumed = attempt.Run
	s.result.Says = slices.Insert(s.result.Says, 0, "took up run "+attempt.Run+", which an earlier night had not finished")
	s.taken, s.files = taken{}, nil
	return true
}

// misfit makes a guard's finding of a header that the mapping no longer fits, where it did fit the nights before.
func (s *jobRun) misfit(config pipeline.Config, cause error) error {
	if len(s.memory.Good) == 0 {
		return cause
	}
	reader, err := source.Open(config.Files[0], nil, config.Source)
	if err != nil {
		return cause
	}
	defer reader.Close()
	head := reader.Header()
	now := tableOf(head)
	tonight := shape{At: s.Now().UTC(), Tables: []table{now}}
	good := unveiled(s.memory.Good, &tonight, s.veil)
	last := good[len(good)-1]
	tonight.Rows, tonight.Invalid = last.Rows, last.Invalid
	var found []Finding
	if before := last.table(head.Sheet); before != nil {
		found = header(&s.job.Guards, before, &now)
	}
	if !slices.ContainsFunc(found, func(f Finding) bool { return f.Guard == "columns" || f.Guard == "new-columns" }) {
		return cause
	}
	s.result.Findings = found
	s.memory.Stopped = &stopped{At: s.Now().UTC(), Findings: found, Shape: tonight.veiled(s.memory.Good, s.veil)}
	return &outcome.GuardError{Guard: "columns", Reason: says(found) + "; and the mapping does not fit it",
		Fix: s.onceItFits()}
}

// nameOne is what a job does without a mapping of its own, whose files are guessed anew each night.
const nameOne = "name a mapping at the job that takes every column (muster map FILE writes one)"

// onceItFits says how a header is taken that the mapping does not know: no command of the next ones to paste, since
// before the mapping fits no night could use the new shape.
func (s *jobRun) onceItFits() string {
	first := "change the mapping"
	if s.job.Mapping == "" {
		first = nameOne
	}
	return first + ", then muster accept-drift " + s.job.Name + " takes the new shape"
}

// says is the findings in one line.
func says(found []Finding) string {
	lines := make([]string, len(found))
	for i, f := range found {
		lines[i] = f.Says
	}
	return strings.Join(lines, "; ")
}
