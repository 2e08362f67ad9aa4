package report

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"muster/pipeline/printable"
)

// Stray is the refused rows of which no file of rejects has a line: their cells cannot be told apart.
type Stray struct {
	Rows   int64    `json:"rows"`   // exact
	Places []Sample `json:"places"` // the first of them
}

// Note counts a row, and keeps its place where it is among the first.
func (s *Stray) Note(at Sample) {
	if s.Rows++; len(s.Places) < samplesKept {
		s.Places = append(s.Places, at)
	}
}

// Sentence says how many are not in the rejects, where they stand and what to do; files is how many files of rejects
// there are.
func (s *Stray) Sentence(files int) string {
	is, its, fix := "is", "its", "fix it"
	if s.Rows > 1 {
		is, its, fix = "are", "their", "fix them"
	}
	in := [...]string{"in no rejects.csv", "not in it", "not in them"}[min(files, 2)]
	return fmt.Sprintf("%s refused %s %s %s, since %s cells cannot be told apart: %s; %s in your file",
		number(s.Rows), printable.Noun(s.Rows, "row"), is, in, its, s.lines(), fix)
}

// lines names the places, file by file.
func (s *Stray) lines() string {
	var list []string
	for i := 0; i < len(s.Places); {
		first := s.Places[i]
		n := 1
		for i+n < len(s.Places) && s.Places[i+n].File == first.File && s.Places[i+n].Sheet == first.Sheet {
			n++
		}
		var lines []string
		for _, at := range s.Places[i : i+n] {
			lines = append(lines, fmt.Sprint(at.Line))
		}
		name := filepath.Base(first.File)
		if first.File == "-" {
			name = "standard input"
		}
		if first.Sheet != "" {
			name += " [" + first.Sheet + "]"
		}
		list = append(list, printable.Noun(int64(n), "line")+" "+strings.Join(lines, ", ")+" of "+name)
		i += n
	}
	if rest := s.Rows - int64(len(s.Places)); rest > 0 {
		list = append(list, fmt.Sprintf("%s more, which problems.csv names", number(rest)))
	}
	return strings.Join(list, ", and ")
}

// stray is the sentence for s, "" where every refused row is in a file of rejects, and behind which of the files it
// belongs.
func (s *Summary) stray() (sentence string, behind int) {
	if s.Stray == nil {
		return "", -1
	}
	files := 0
	behind = len(s.Files) - 1
	for i, f := range slices.Backward(s.Files) {
		if f.Kind == "rejects" && filepath.Ext(f.Path) == ".csv" {
			if files++; files == 1 {
				behind = i
			}
		}
	}
	return s.Stray.Sentence(files), behind
}
