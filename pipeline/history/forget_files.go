package history

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"muster/pipeline/report"
	"muster/pipeline/source"
	"muster/pipeline/trust"
)

// remove takes a file away that holds the person.
func (e *eraser) remove(path string) error {
	e.Removed = append(e.Removed, path)
	return os.Remove(path)
}

// unless removes a file that mentions the person: with less in it, it would say something else.
func (e *eraser) unless(path string) error {
	text, err := os.ReadFile(path)
	if err != nil || !e.mentioned(text) {
		return err
	}
	return e.remove(path)
}

// blotted stands where the person was mentioned in a text.
const blotted = "[forgotten]"

// blot takes the person out of a text, in one step.
func (e *eraser) blot(path string) error {
	text, err := os.ReadFile(path)
	if err != nil || !e.mentioned(text) {
		return err
	}
	lower := bytes.ToLower(text)
	if len(lower) != len(text) { // letters whose small form is of another length: the places would not be the same
		return e.remove(path)
	}
	var out []byte
	at := 0
	for at < len(text) {
		if n := e.at(lower, at); n > 0 {
			out, at = append(out, blotted...), at+n
			continue
		}
		out, at = append(out, text[at]), at+1
	}
	e.Files = append(e.Files, path)
	return trust.WriteWhole(path, out)
}

// mentioned says whether a text has one of the person's words.
func (e *eraser) mentioned(text []byte) bool {
	lower := bytes.ToLower(text)
	for word := range e.words {
		for from := 0; ; {
			i := bytes.Index(lower[from:], []byte(strings.ToLower(word)))
			if i < 0 {
				break
			}
			if e.at(lower, from+i) > 0 {
				return true
			}
			from += i + 1
		}
	}
	return false
}

// at is how long the word is that stands at a place of a text in small letters, 0 where none does. What is an address
// or a number with its plus stands for itself; anything else, such as 17, only where it is the whole of a quoted text.
func (e *eraser) at(lower []byte, i int) (length int) {
	for word := range e.words {
		small := strings.ToLower(word)
		if small == "" || !bytes.HasPrefix(lower[i:], []byte(small)) {
			continue
		}
		before, _ := utf8.DecodeLastRune(lower[:i])
		behind, _ := utf8.DecodeRune(lower[i+len(small):])
		free := before == '"' && behind == '"'
		if speaks(small) {
			free = !inWord(before) && !inWord(behind)
		}
		if free {
			length = max(length, len(small))
		}
	}
	return length
}

// speaks says whether a word means one person wherever it stands: an e-mail address, a phone number, an id of the org.
func speaks(word string) bool {
	return strings.Contains(word, "@") || strings.HasPrefix(word, "+") && len(word) > 6 || len(word) == 24 &&
		strings.Trim(word, "0123456789abcdef") == ""
}

func inWord(c rune) bool { return unicode.IsLetter(c) || unicode.IsDigit(c) || c == '@' || c == '_' }

// inTable says whether any cell of a table is the person's. What cannot be read as a table is taken for theirs where
// its bytes hold one of the words.
func (e *eraser) inTable(path string) bool {
	reader, err := source.Open(path, nil, source.Options{Scratch: filepath.Dir(path)})
	if err != nil {
		return e.inBytes(path)
	}
	defer reader.Close()
	if slices.ContainsFunc(reader.Header().Names, e.theirs) { // a feed without a header
		return true
	}
	var chunk source.Chunk
	var block source.Block
	unread := false
	for {
		if err := reader.Cut(&chunk); errors.Is(err, io.EOF) {
			return unread && e.inBytes(path)
		} else if err != nil {
			return true
		}
		reader.Parse(&chunk, &block)
		for i := range block.Rows {
			if slices.ContainsFunc(block.Rows[i].Cells, func(cell []byte) bool { return e.theirs(string(cell)) }) {
				return true
			}
			unread = unread || block.Rows[i].Code != ""
		}
	}
}

func (e *eraser) inBytes(path string) bool {
	text, err := os.ReadFile(path)
	return err != nil || e.mentioned(text)
}

// theirs says whether a cell is one of the person's words, or has it among several: in a list with signs between its
// items, in JSON, or in a sentence.
func (e *eraser) theirs(cell string) bool {
	cell = strings.TrimSpace(string(report.Undefuse([]byte(cell))))
	if cell == "" {
		return false
	}
	if e.is(cell) || e.mentioned([]byte(cell)) {
		return true
	}
	var values any
	if (cell[0] == '[' || cell[0] == '{') && json.Unmarshal([]byte(cell), &values) == nil {
		return e.among(values)
	}
	parts := strings.FieldsFunc(cell, func(c rune) bool { return strings.ContainsRune(";,|/\n\r\t", c) })
	return len(parts) > 1 && slices.ContainsFunc(parts, e.is)
}

// is says whether a text is one of the words as a whole.
func (e *eraser) is(text string) bool {
	text = strings.TrimSpace(text)
	return text != "" && (e.words[text] || e.words[strings.ToLower(text)] || text[0] == '+' &&
		e.words[phoneOnly.Replace(text)])
}

func (e *eraser) among(values any) bool {
	switch v := values.(type) {
	case string:
		return e.is(v)
	case []any:
		return slices.ContainsFunc(v, e.among)
	case map[string]any:
		for _, one := range v {
			if e.among(one) {
				return true
			}
		}
	}
	return false
}

// copies removes what restore put aside: ledgers of another time, of which nobody can say whom they know without making
// them the ledger again. The one that is in use stays.
func (e *eraser) copies(state string) error {
	names, err := fs.Glob(os.DirFS(state), "ledger.db.before-*")
	if err != nil {
		return err
	}
	for _, name := range names {
		if err := e.remove(filepath.Join(state, name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// leave lists where the person may still be.
func (e *eraser) leave(state string) {
	e.Left = append(e.Left, "the org: delete the customer there",
		"the feed, and your own input files: take them out there, or the next import brings them back",
		"backups of the ledger, and copies or mails of reports",
		"snapshots of the disk, and what its own memory keeps of blocks that were written over")
	if _, err := os.Stat(filepath.Join(state, "sandbox.db")); err == nil {
		e.Left = append(e.Left, "the built-in org: muster sandbox --forget KEY takes them out, --wipe empties it")
	}
}
