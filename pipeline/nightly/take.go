package nightly

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"reflect"
	"slices"
	"time"

	"muster/mappings"
	"muster/pipeline/bind"
	"muster/pipeline/config"
	"muster/pipeline/exit"
	"muster/pipeline/fetch"
	"muster/pipeline/outcome"
)

// A lot is files that are imported together, in one run.
type lot struct {
	taken
	files []fetch.File
}

// work finishes what the last night left, takes tonight's files and imports them. Of a feed of changes each file is a
// run of its own, and none goes before one that did not land.
func (s *jobRun) work(ctx context.Context) {
	if s.memory.Attempt != nil && s.job.Resume && !s.resume(ctx) {
		return
	}
	lots, err := s.take(ctx)
	if err != nil {
		s.result.fail(err)
		return
	}
	if s.result.State == "failed" { // a rule says so
		return
	}
	if len(lots) == 0 {
		s.same()
		return
	}
	s.stale(youngest(lots))
	for i, l := range lots {
		if s.result.State == "failed" {
			s.wait(lots[i:], lots[max(0, i-1)])
			return
		}
		s.taken, s.files, s.memory.NewFile = l.taken, l.files, s.Now().UTC()
		s.importFiles(ctx)
	}
}

// youngest is when the youngest file of all was changed.
func youngest(lots []lot) (at time.Time) {
	for _, l := range lots {
		for _, e := range l.Entries {
			if e.Modified.After(at) {
				at = e.Modified
			}
		}
	}
	return at
}

// wait names the files that must wait until one before them has landed.
func (s *jobRun) wait(lots []lot, before lot) {
	for _, l := range lots {
		for _, f := range l.files {
			s.result.Files = slices.DeleteFunc(s.result.Files, func(name string) bool { return name == f.Name })
			for i := range s.result.Seen {
				if e := &s.result.Seen[i]; e.Name == f.Name && e.Fate == fateTaken {
					e.Fate, e.Why = "waits", "it comes after "+before.files[0].Name+", which has not landed"
				}
			}
		}
	}
	s.result.Says = append(s.result.Says, fmt.Sprintf("%s until %s has landed", waiting(len(lots)), before.files[0].Name))
}

// waiting says how many files wait.
func waiting(files int) string {
	if files == 1 {
		return "1 file waits"
	}
	return fmt.Sprintf("%d files wait", files)
}

// take takes tonight's files; there is none where they are what the last good night imported in the same way.
func (s *jobRun) take(ctx context.Context) (lots []lot, err error) {
	rules, err := s.rules(s.job)
	if err != nil {
		return nil, err
	}
	b := s.brought[s.job.Name]
	if known := s.known(s.job, s.memory, rules); b == nil || !slices.Equal(known, b.known) {
		b.drop()
		b = s.bring(ctx, s.job, s.memory, known)
	}
	defer b.drop()
	s.result.did("fetch", b.began, b.ended, b.err)
	if b.err != nil {
		return nil, b.err
	}
	if err := s.listed(b.files.Listed); err != nil || b.same {
		return nil, err
	}
	files, err := b.files.Place()
	if err != nil {
		return nil, err
	}
	if s.job.Changes() {
		for _, f := range files {
			one, err := s.lot([]fetch.File{f}, rules)
			if err != nil {
				return nil, err
			}
			if s.memory.landed(one.Content) {
				s.passOver(f.Entry, "its content has landed before")
				s.memory.account(one.Entries, "")
				continue
			}
			lots = append(lots, one)
		}
	} else {
		all, err := s.lot(files, rules)
		if err != nil {
			return nil, err
		}
		last := s.memory.Taken
		if all.Content == last.Content && rules == last.Rules && !s.Full && !s.memory.rejudged(s.job) {
			// Remember the new name and time: the next look at a remote place need not fetch it again.
			s.memory.Taken.Entries = all.Entries
			s.memory.account(all.Entries, "")
			return nil, nil
		}
		lots = []lot{all}
	}
	for _, l := range lots {
		for _, f := range l.files {
			s.result.Files = append(s.result.Files, f.Name)
			s.result.Seen = append(s.result.Seen, Seen{f.Name, f.Size, f.Modified, fateTaken, ""})
		}
		s.memory.try(l.Entries)
	}
	return lots, nil
}

// lot is files with the digest of their bytes, and of the mappings that lie beside them.
func (s *jobRun) lot(files []fetch.File, rules string) (l lot, err error) {
	l.files, l.Rules = files, rules
	sum := sha256.New()
	for _, f := range files {
		l.Entries = append(l.Entries, f.Entry)
		if err := digest(sum, f.Path); err != nil {
			return l, err
		}
		if beside := bind.MappingBeside(f.Path); s.job.Mapping == "" {
			if err := digest(sum, beside); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return l, fmt.Errorf("read the mapping: %w", err)
			}
		}
	}
	l.Content = hex.EncodeToString(sum.Sum(nil))
	return l, nil
}

func digest(sum io.Writer, path string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	n, err := io.Copy(sum, file)
	fmt.Fprintf(sum, "\x00%d\x00", n)
	return err
}

// rules digests what says how the job's rows are read and what becomes of them.
func (n *orgNight) rules(j *config.Job) (string, error) {
	sum := sha256.New()
	fmt.Fprintf(sum, "%q", []string{n.org.Address, j.Mapping, j.Unmapped, j.Region, j.Verb, j.Format, j.Delimiter, j.Sheet,
		j.Encoding})
	if len(j.Ignore) > 0 || j.BadCells != "" {
		fmt.Fprintf(sum, "%q %q", j.Ignore, j.BadCells)
	}
	// What was added since is digested only where it is said, so that what landed before stays known.
	added := j.Options
	added.Mapping, added.Unmapped, added.Region, added.Verb = "", "", "", ""
	added.Format, added.Delimiter, added.Sheet, added.Encoding = "", "", "", ""
	added.Ignore, added.BadCells, added.AllowRejects, added.Workers, added.Uploads, added.Redact, added.Rejects = nil, "",
		"", 0, 0, "", ""
	if usual := (config.Options{Confidence: "95%", OnConflict: "reject"}); !reflect.DeepEqual(added, usual) {
		fmt.Fprintf(sum, "%+v", added)
	}
	for _, name := range []string{n.mapping(j), n.Project.Path(j.Properties)} {
		if name == "" || mappings.PresetFile(name) != nil {
			continue
		}
		if err := digest(sum, name); err != nil {
			return "", fmt.Errorf("read the mapping: %w", err)
		}
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}

// same ends a night without a new file: there is nothing to do, and nothing is asked of the org. What the last run
// refused is as wrong as it was.
func (s *jobRun) same() {
	s.result.became("same")
	if last := s.memory.Landed; last != nil && last.ExitCode == exit.Rejects && len(s.result.Runs) == 0 {
		s.result.ExitCode = last.ExitCode
		s.result.Says = append(s.result.Says, fmt.Sprintf(
			"run %s refused %d of %d rows, or left columns out, and no file has set that right: muster show %s says which; "+
				"allow-rejects at the job accepts them", last.Run, last.Refused, last.Rows, last.Run))
	}
	s.result.Says = append(s.result.Says, "no new file since "+s.memory.NewFile.Format("2006-01-02 15:04")+
		" UTC: nothing to do")
	newest := s.memory.NewFile
	if e := s.memory.Taken.Entries; len(e) > 0 && !e[len(e)-1].Modified.IsZero() {
		newest = e[len(e)-1].Modified
	}
	s.stale(newest)
}

// stale notes that the newest file is older than it may be.
func (s *jobRun) stale(newest time.Time) {
	most, rule := s.job.Source.MaxAge, s.job.Guards.Stale
	age := s.Now().Sub(newest)
	if most == 0 || newest.IsZero() || rule == config.Off || age <= most {
		return
	}
	s.found(Finding{"stale", rule, fmt.Sprintf("the newest file is %s old, and may be %s", age.Round(time.Minute), most)})
}

// found notes a finding; one that stops ends the job.
func (s *jobRun) found(f Finding) {
	s.result.Findings = append(s.result.Findings, f)
	if f.Rule == config.Stop {
		s.result.fail(&outcome.GuardError{Guard: f.Guard, Reason: f.Says})
		return
	}
	s.result.Says = append(s.result.Says, "warning: "+f.Says)
}
