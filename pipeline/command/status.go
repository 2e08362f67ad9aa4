package command

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"muster/pipeline/config"
	"muster/pipeline/exit"
	"muster/pipeline/nightly"
	"muster/pipeline/printable"
)

type statusFlags struct {
	project, state, all string
	json                bool
}

// brokenProject is a project file of which nothing is known.
type brokenProject struct {
	File  string `json:"file"`
	Error string `json:"error"`
}

func (a *app) statusCommand() *cobra.Command {
	f := &statusFlags{}
	c := &cobra.Command{
		Use:   "status [JOB…]",
		Short: "Say how every job stands: its last night, since when, rows, refusals, files passed over",
		Long: `Status reads what the nights of muster run left behind: how each job stands and since when, when it
went well last, its rows and those that were refused, what is unfinished, which files were passed over
and whom nobody could tell. It asks nobody and holds nobody up, also while a night is under way.
--all DIR does it for every project file (muster.yaml) in DIR and the folders below.`,
		Example: `  muster status
  muster status customers --json | jq -r '.jobs[] | .state'
  muster status --all /srv/muster`,
		RunE: func(_ *cobra.Command, names []string) error { return a.status(names, f) },
	}
	c.Flags().StringVar(&f.project, "project", config.FileName, "the project file")
	c.Flags().StringVar(&f.state, "state", "", "directory of ledger and reports (default: as the project file says)")
	c.Flags().StringVar(&f.all, "all", "", "every project file in this directory and below")
	c.Flags().BoolVar(&f.json, "json", false, "print one JSON object")
	return c
}

func (a *app) status(names []string, f *statusFlags) error {
	files := []string{f.project}
	if f.all != "" {
		if f.state != "" {
			return usage("--all and --state contradict each other: each project has a state directory of its own")
		}
		var err error
		if files, err = projectsBelow(f.all); err != nil {
			return err
		}
		if len(files) == 0 {
			return usage("there is no %s in %s or below", config.FileName, f.all)
		}
	}
	jobs, broken := []*nightly.Status{}, []brokenProject{}
	for _, file := range files {
		p, err := a.openProject(file)
		var found []*nightly.Status
		if err == nil {
			if f.state != "" && len(p.Orgs) > 1 {
				return usage("--state names one directory, and the jobs of %s are of %d orgs, each with its own", file, len(p.Orgs))
			}
			found, err = nightly.StatusOf(p, f.state, names)
		}
		jobs = append(jobs, found...)
		if err != nil && f.all == "" && len(found) == 0 {
			return err
		}
		if err != nil {
			broken = append(broken, brokenProject{file, err.Error()})
			a.code = exit.Code(err)
		}
	}
	if f.json {
		return a.printJSON(map[string]any{"jobs": jobs, "unreadable": broken})
	}
	for _, s := range jobs {
		a.printStatus(s, len(files) > 1)
	}
	for _, b := range broken {
		fmt.Fprintf(a.out, "%s: cannot be read: %s\n", b.File, strings.ReplaceAll(b.Error, "\n", "; "))
	}
	return nil
}

// projectsBelow are the project files of a directory and of the folders below it. Hidden folders have none.
func projectsBelow(dir string) (files []string, err error) {
	err = filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		switch {
		case err != nil && path == dir:
			return err
		case err != nil:
			return nil // a folder that is not ours to read
		case e.IsDir() && path != dir && strings.HasPrefix(e.Name(), "."):
			return filepath.SkipDir
		case !e.IsDir() && e.Name() == config.FileName:
			files = append(files, path)
		}
		return nil
	})
	if errors.Is(err, fs.ErrNotExist) {
		return nil, usage("there is no directory %s", dir)
	}
	return files, err
}

// printStatus shows how a job stands.
func (a *app) printStatus(s *nightly.Status, several bool) {
	name := s.Job
	if several {
		name = s.Project + "/" + s.Job
	}
	fmt.Fprintf(a.out, "%s: %s", name, s.State)
	if s.State != "never" && s.State != "running" {
		fmt.Fprintf(a.out, ", exit %d", s.ExitCode)
	}
	if s.Since != nil && s.ExitCode != exit.OK {
		fmt.Fprintf(a.out, " since %s", minute(s.Since))
	}
	fmt.Fprintln(a.out)
	line := func(shown bool, format string, args ...any) {
		if shown {
			fmt.Fprintf(a.out, "  "+format+"\n", args...)
		}
	}
	line(s.Org != "", "org %s, share %s, %d requests in the last night", s.Org, s.Share, s.Requests)
	line(s.LastEnd != nil, "last night ended %s", minute(s.LastEnd))
	if s.LastGood != nil {
		line(true, "went well last %s", minute(s.LastGood))
	} else {
		line(s.State != "never", "went well never")
	}
	line(s.Run != "", "run %s: %d rows, %d refused", s.Run, s.Rows, s.Refused)
	line(s.Unfinished != "", "run %s is unfinished: the next night takes it up", s.Unfinished)
	line(s.Due != nil, "the next file is due until %s", minute(s.Due))
	line(len(s.PassedOver) > 0, "passed over: %s", strings.Join(s.PassedOver, ", "))
	for _, channel := range s.Untold {
		line(true, "not told by %s", channel)
	}
	line(s.Unrecorded > 0, "%d nights are recorded beside the ledger only", s.Unrecorded)
	if s.ExitCode != exit.OK || s.State == "warned" {
		for _, says := range s.Says {
			line(true, "%s", printable.Line(says))
		}
	}
	for _, next := range s.Next {
		line(true, "next: %s", next)
	}
}

func minute(t *time.Time) string {
	if t == nil {
		return ""
	}
	return t.UTC().Format("2006-01-02 15:04 UTC")
}
