package nightly

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"muster/pipeline/config"
	"muster/pipeline/fetch"
	"muster/pipeline/outcome"
)

// The fates of a file that was seen.
const (
	fateTaken      = "taken"
	fatePassedOver = "passed over"
)

// mostFiles is how many files of a source a job knows: so many take a third of what a memory may have.
const mostFiles = 10_000

// fewNames is how many files a sentence names; the record names all.
const fewNames = 5

// listed looks at every file that a source has: where only the newest is taken, another that came is passed over, and
// is named in the record of the first night that sees it.
func (s *jobRun) listed(all []fetch.Entry) error {
	s.result.Listed = len(all)
	if len(all) > mostFiles {
		if s.job.Changes() {
			return &outcome.UsageError{Err: fmt.Errorf("%d files fit %s, and %d are known at most: move away those that have "+
				"landed", len(all), Shown(s.job.Source.From), mostFiles)}
		}
		all = all[len(all)-mostFiles:]
	}
	s.memory.forgetOthers(all)
	if s.job.Source.All || len(all) == 0 {
		return nil
	}
	newest := all[len(all)-1]
	s.memory.begin(all)
	var over []fetch.Entry
	for _, e := range all[:len(all)-1] {
		if !s.memory.accounted(e) {
			over = append(over, e)
		}
	}
	if len(over) == 0 {
		return nil
	}
	why := "it is older than " + newest.Name
	if s.job.Source.ByName {
		why = "its name comes before " + newest.Name
	}
	if s.memory.accounted(newest) {
		why += ", which has landed"
	}
	var names []string
	for _, e := range over {
		if slices.Contains(s.memory.Tried, mark(e)) {
			s.passOver(e, why+"; it was taken before and did not land")
			continue // whoever must know was told that night
		}
		names = append(names, e.Name)
		s.passOver(e, why)
	}
	count := len(names)
	if len(names) > fewNames {
		names = append(names[:fewNames], "…")
	}
	rule := s.job.Guards.PassedOver
	if rule == config.Off || count == 0 {
		s.memory.account(over, "")
		return nil
	}
	s.found(Finding{"passed-over", rule, fmt.Sprintf("%d %s passed over (%s), since only the newest is taken: take: "+
		"all with on-missing: ignore imports each file that brings changes",
		count, map[bool]string{true: "file was", false: "files were"}[count == 1], strings.Join(names, ", "))})
	if rule == config.Warn {
		s.memory.account(over, "")
		s.result.became("warned")
	}
	return nil
}

func (s *jobRun) passOver(e fetch.Entry, why string) {
	s.result.Seen = append(s.result.Seen, Seen{e.Name, e.Size, e.Modified, fatePassedOver, why})
}

// mark is by what a file of a listing is known again, "" where nothing in the listing says.
func mark(e fetch.Entry) string {
	if e.Tag == "" && e.Modified.IsZero() {
		return ""
	}
	return short(fmt.Sprintf("%q %d %s %q", e.Name, e.Size, e.Modified.UTC(), e.Tag))
}

func short(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:8])
}

// accounted says whether a file has landed or was named when it was passed over.
func (m *memory) accounted(e fetch.Entry) bool { return slices.Contains(m.Accounted, mark(e)) }

// mostTried is how many files a job knows that it took and that did not land: more than there are nights in which
// nobody looks.
const mostTried = 100

// try notes files that are taken and may not land.
func (m *memory) try(entries []fetch.Entry) {
	for _, e := range entries {
		if id := mark(e); id != "" && !slices.Contains(m.Tried, id) {
			m.Tried = append(m.Tried, id)
		}
	}
	m.Tried = m.Tried[max(0, len(m.Tried)-mostTried):]
}

// landed says whether a file of this content has landed.
func (m *memory) landed(content string) bool { return slices.Contains(m.Contents, short(content)) }

// account notes that files need not be spoken of again, and the content of those that landed, "" for none.
func (m *memory) account(entries []fetch.Entry, content string) {
	for _, e := range entries {
		if id := mark(e); id != "" && !m.accounted(e) {
			m.Accounted = append(m.Accounted, id)
		}
	}
	if content == "" || m.landed(content) {
		return
	}
	if m.Contents = append(m.Contents, short(content)); len(m.Contents) > mostFiles {
		m.Contents = m.Contents[1:]
	}
}

// forgetOthers forgets files that a source has no more, once there are too many.
func (m *memory) forgetOthers(all []fetch.Entry) {
	if len(m.Accounted) <= mostFiles {
		return
	}
	there := map[string]bool{}
	for _, e := range all {
		there[mark(e)] = true
	}
	m.Accounted = slices.DeleteFunc(m.Accounted, func(id string) bool { return !there[id] })
}

// begin takes as accounted for what was there before files were: up to the one that was taken last.
func (m *memory) begin(all []fetch.Entry) {
	if len(m.Accounted) > 0 || len(m.Taken.Entries) == 0 {
		return
	}
	last := m.Taken.Entries[len(m.Taken.Entries)-1]
	for _, e := range all {
		if !e.Modified.After(last.Modified) {
			m.account([]fetch.Entry{e}, "")
		}
	}
}
