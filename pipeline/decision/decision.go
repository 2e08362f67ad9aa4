// Package decision remembers what somebody decided of files of one shape: the mapping, the country of the phone
// numbers, the encoding, the sheet, the layout of dates. It is kept in the state directory and offered for the next
// file with these columns, whatever that is called.
package decision

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"muster/pipeline/source"
	"muster/pipeline/spelling"
	"muster/pipeline/trust"
)

// Folder is where decisions lie, in a state directory.
const Folder = "decisions"

// A Decision is what somebody decided of a file. It holds names of columns and no value of a row.
type Decision struct {
	Version int       `json:"version"`
	File    string    `json:"file"` // that it was made for, absolute
	When    time.Time `json:"when"`
	Columns []string  `json:"columns"`
	Mapping string    `json:"mapping,omitempty"` // its file, absolute, or a preset's name; "" none was chosen

	Encoding string `json:"encoding,omitempty"`
	Sheet    string `json:"sheet,omitempty"`
	Region   string `json:"region,omitempty"`
	Dates    string `json:"dates,omitempty"`

	copied string // of the mapping, in the state directory
}

// Rules is the mapping to use: the file that was decided on as it is now, else what it was then, else a preset.
func (d *Decision) Rules() string {
	if filepath.IsAbs(d.Mapping) {
		if info, err := os.Stat(d.Mapping); err == nil && info.Mode().IsRegular() && info.Size() > 0 {
			return d.Mapping
		}
		return d.copied
	}
	return d.Mapping
}

const version = 1

// Remember keeps a decision in a state directory, in the place of an earlier one of the same columns. rules is the text
// of its mapping file, nil without one.
func Remember(state string, d *Decision, rules []byte) error {
	kept := *d
	kept.Version = version
	dir := filepath.Join(state, Folder)
	path := filepath.Join(dir, d.key())
	text, err := json.MarshalIndent(&kept, "", "  ")
	if err == nil {
		err = os.MkdirAll(dir, 0o700)
	}
	if err == nil && rules != nil {
		err = trust.WriteWhole(path+".mapping.yaml", rules)
	}
	if err == nil {
		err = trust.WriteWhole(path+".json", append(text, '\n'))
	}
	if err != nil {
		return fmt.Errorf("remember what was decided: %w", err)
	}
	return nil
}

// Near is how much of two headers must be the same for one to be offered what was decided of the other.
const Near = 0.8

// Recall finds what was decided of files with the columns of a file, which is named as in a Decision. likeness is 1
// where it was of exactly these, and at least Near where it was of nearly these; nil: nothing was decided. Of a file
// without a header only its own decision is recalled: that another has as many columns says nothing of them. What
// cannot be read back is passed over.
func Recall(state, file string, columns []string) (best *Decision, likeness float64) {
	for _, d := range All(state) {
		if d.File != file && lettered(d.Columns) && lettered(columns) {
			continue
		}
		like := alike(d.Columns, columns)
		if like >= Near && (like > likeness || like == likeness && d.When.After(best.When)) {
			best, likeness = d, like
		}
	}
	return best, likeness
}

// All is everything that was decided, the latest last.
func All(state string) (all []*Decision) {
	names, err := fs.Glob(os.DirFS(state), Folder+"/*.json")
	if err != nil {
		return nil // the pattern is sound: there is nothing to read
	}
	for _, name := range names {
		path := filepath.Join(state, filepath.FromSlash(name))
		text, err := os.ReadFile(path)
		d := &Decision{}
		if err != nil || json.Unmarshal(text, d) != nil || d.Version != version {
			continue
		}
		if rules := strings.TrimSuffix(path, ".json") + ".mapping.yaml"; exists(rules) {
			d.copied = rules
		}
		all = append(all, d)
	}
	slices.SortFunc(all, func(a, b *Decision) int { return a.When.Compare(b.When) })
	return all
}

// Forget takes what was decided out of a state directory: of one file, as it was called when it was decided, or of all
// ("").
func Forget(state, file string) (forgotten []string, err error) {
	if file != "" {
		if file, err = filepath.Abs(file); err != nil {
			return nil, err
		}
	}
	for _, d := range All(state) {
		if file != "" && d.File != file {
			continue
		}
		path := filepath.Join(state, Folder, d.key())
		err = errors.Join(err, remove(path+".json"), remove(path+".mapping.yaml"))
		forgotten = append(forgotten, d.File)
	}
	return forgotten, err
}

func remove(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("forget what was decided: %w", err)
	}
	return nil
}

func exists(path string) bool { _, err := os.Stat(path); return err == nil }

// plain is a column's name as it is compared: without accents and signs, so that a header is known in any encoding. A
// name of which that would leave less than half is compared as it is: so are those in other letters than Latin ones.
func plain(name string) string {
	whole := spelling.Fold(name)
	rest := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, whole)
	if 2*len(rest) < utf8.RuneCountInString(whole) {
		return whole
	}
	return rest
}

// lettered says whether columns are called A, B, C …: so are those of a file without a header.
func lettered(columns []string) bool {
	for i, name := range columns {
		if name+"0" != source.Address(i, 0) {
			return false
		}
	}
	return true
}

// key is what a decision is called in its folder.
func (d *Decision) key() string {
	if lettered(d.Columns) {
		return shape(append(slices.Clone(d.Columns), d.File))
	}
	return shape(d.Columns)
}

// shape is what a decision of these columns is called.
func shape(columns []string) string {
	sum := sha256.New()
	for _, name := range columns {
		fmt.Fprintf(sum, "%s\x00", plain(name))
	}
	return hex.EncodeToString(sum.Sum(nil)[:12])
}

// alike is how much of two headers is the same, 0 to 1; 1 only where they are the same in the same order.
func alike(a, b []string) float64 {
	if shape(a) == shape(b) {
		return 1
	}
	count := map[string]int{}
	for _, name := range a {
		count[plain(name)]++
	}
	both := 0
	for _, name := range b {
		if count[plain(name)] > 0 {
			count[plain(name)]--
			both++
		}
	}
	return min(float64(both)/float64(max(len(a), len(b), 1)), 0.99)
}
