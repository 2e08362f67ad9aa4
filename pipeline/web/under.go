package web

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// under says which rows lie under the edits: the file as it is now, and how it is cut into rows and cells. An edit
// belongs to a place, and in another file, or in this one read another way, another cell stands there. It is "" where
// the file cannot be looked at. The encoding changes letters alone. The caller holds mu.
func (s *session) under() string {
	info, err := os.Stat(s.record.File)
	if err != nil {
		return ""
	}
	sum := sha256.New()
	fmt.Fprintf(sum, "%d\x00%d", info.Size(), info.ModTime().UnixNano())
	for _, name := range readingFlags {
		if name != "encoding" {
			fmt.Fprintf(sum, "\x00%s", s.record.Reading[name])
		}
	}
	return hex.EncodeToString(sum.Sum(nil)[:8])
}

// refresh drops what was read of a file that is another one now. Of a file that cannot be looked at, what was read of
// it stays. The caller holds mu.
func (s *session) refresh() {
	now := s.under()
	if now != "" && now != s.tables.under {
		s.tables.close()
		s.tables.under = now
	}
}

// editsPath is the journal of the edits that lie over some rows.
func (s *session) editsPath(under string) string { return s.path("edits-" + under + ".ndjson") }

// aside says whether there are edits that lie over other rows than those that were read. The caller holds mu.
func (s *session) aside() bool {
	entries, err := os.ReadDir(s.dir)
	if err != nil {
		return false
	}
	here := filepath.Base(s.editsPath(s.tables.under))
	return slices.ContainsFunc(entries, func(e os.DirEntry) bool {
		info, err := e.Info()
		return strings.HasPrefix(e.Name(), "edits-") && e.Name() != here && err == nil && info.Size() > 0
	})
}

// holds says whether a command was about what is here now: rows, mapping and edits. The caller holds mu.
func (s *session) holds(a *act) bool {
	return a.Stamp == s.record.Stamp && s.sees(a) && maps.Equal(a.With, s.standings())
}

// sees says whether a command was about the rows that were read; before any are, it is taken for that.
func (s *session) sees(a *act) bool { return s.tables.under == "" || a.Under == s.tables.under }

// checked is the last check of these rows, nil where there is none.
func (s *session) checked() *act {
	a := s.record.Acts["check"]
	if a == nil || a.Run == "" || !s.sees(a) {
		return nil
	}
	return a
}
