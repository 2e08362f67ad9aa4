// Package yamlfile reads a file of settings that people write, node by node, and notes every mistake with its place and
// the fix. It goes over nodes by hand since yaml.v3 decodes into structs up to the first mistake and tells no column.
package yamlfile

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"muster/pipeline/spelling"
)

// largest bounds a file: a thousand columns or a hundred jobs, with comments, need a tenth of it.
const largest = 1 << 20

// lineBreaks end lines in YAML and in no editor: places behind one would be told by other numbers than a person sees.
const lineBreaks = "\u0085\u2028\u2029"

// A Mistake is one thing wrong in a file.
type Mistake struct {
	File    string `json:"file"`
	Line    int    `json:"line"` // 1-based, as is Column, which counts characters
	Column  int    `json:"column"`
	Message string `json:"message"`       // what is wrong, lower case
	Fix     string `json:"fix,omitempty"` // what to write instead, "" when the message says it
}

// Mistakes is an error: every mistake of one file, in order of their places.
type Mistakes []Mistake

// Error gives one line for each mistake: file:line:column: message (fix).
func (m Mistakes) Error() string {
	lines := make([]string, len(m))
	for i, one := range m {
		lines[i] = fmt.Sprintf("%s:%d:%d: %s", one.File, one.Line, one.Column, one.Message)
		if one.Fix != "" {
			lines[i] += " (" + one.Fix + ")"
		}
	}
	return strings.Join(lines, "\n")
}

// A Reader walks over the nodes of one file and notes every mistake on its way.
type Reader struct {
	File     string // for messages
	What     string // what such a file is: "a mapping"
	Begin    string // how to begin one, the fix of an empty file
	NoAlias  string // why a value cannot be an alias; "" those are followed
	Mistakes Mistakes
}

// Mistake notes what is wrong at a node, and the fix, "" when the message says it.
func (r *Reader) Mistake(n *yaml.Node, fix, format string, args ...any) {
	r.Mistakes = append(r.Mistakes, Mistake{File: r.File, Line: max(n.Line, 1), Column: max(n.Column, 1),
		Message: fmt.Sprintf(format, args...), Fix: fix})
}

// Err is nil or the Mistakes, in order of their places.
func (r *Reader) Err() error {
	if len(r.Mistakes) == 0 {
		return nil
	}
	slices.SortStableFunc(r.Mistakes, func(a, b Mistake) int {
		if a.Line != b.Line {
			return a.Line - b.Line
		}
		return a.Column - b.Column
	})
	return r.Mistakes
}

// Document reads the one YAML document of the file, nil when there is none to read on.
func (r *Reader) Document(text []byte) *yaml.Node {
	nowhere := &yaml.Node{}
	if len(text) > largest {
		r.Mistake(nowhere, "", "the file has %d bytes, %s at most %d", len(text), r.What, largest)
		return nil
	}
	if !utf8.Valid(text) {
		r.Mistake(nowhere, "save it as UTF-8", "the file is not UTF-8")
		return nil
	}
	if at := strings.IndexAny(string(text), lineBreaks); at >= 0 {
		before := string(text[:at])
		nowhere.Line, nowhere.Column = 1+strings.Count(before, "\n"), 1+
			utf8.RuneCountInString(before[strings.LastIndexByte(before, '\n')+1:])
		found, _ := utf8.DecodeRuneInString(string(text[at:]))
		r.Mistake(nowhere, fmt.Sprintf(`in a text, write it in double quotes as "\u%04X"`, found),
			"a line break (U+%04X) that cannot be seen stands here", found)
		return nil
	}
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	var document, second yaml.Node
	if err := decoder.Decode(&document); errors.Is(err, io.EOF) || err == nil && len(document.Content) == 0 {
		r.Mistake(nowhere, r.Begin, "the file is empty")
		return nil
	} else if err != nil {
		r.syntax(err)
		return nil
	}
	if err := decoder.Decode(&second); err == nil {
		r.Mistake(&second, "put each in a file of its own", "a second document begins here")
	} else if !errors.Is(err, io.EOF) {
		r.syntax(err)
	}
	return document.Content[0]
}

var yamlError = regexp.MustCompile(`^yaml: (?:line (\d+): )?(.*)`)

// syntax notes what the YAML reader could not read. Where something does not end as it should, the reader names the
// line before the one where it begins.
func (r *Reader) syntax(err error) {
	at := &yaml.Node{}
	message := strings.ReplaceAll(err.Error(), "\n", " ")
	if parts := yamlError.FindStringSubmatch(message); parts != nil {
		at.Line, _ = strconv.Atoi(parts[1])
		message = parts[2]
	}
	if rest, open := strings.CutPrefix(message, "did not find expected "); open {
		at.Line++
		message = "what begins here goes on without " + rest
	}
	r.Mistake(at, "texts with : # [ ] { } , or a leading @ % & * need quotes; indent with spaces, not tabs",
		"not YAML: %s", message)
}

// Object reads keys and values: read gets the number of each key among names. Unknown and doubled keys are mistakes.
func (r *Reader) Object(n *yaml.Node, what string, names []string, read func(name int, value *yaml.Node)) {
	r.Members(n, what, func(key, value *yaml.Node) {
		i := slices.Index(names, key.Value)
		if i < 0 {
			fix := "keys are " + strings.Join(names, ", ")
			if near := spelling.Nearest(key.Value, names); near != "" {
				fix = "did you mean " + near + "?"
			}
			r.Mistake(key, fix, "%s has no key %q", what, key.Value)
			return
		}
		read(i, value)
	})
}

// Members calls do for every key that stands there once and is text.
func (r *Reader) Members(n *yaml.Node, what string, do func(key, value *yaml.Node)) {
	if n.Kind != yaml.MappingNode {
		r.Mistake(n, "", "%s must have keys and values, this is %s", what, Describe(n))
		return
	}
	lines := map[string]int{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		if key.Kind != yaml.ScalarNode {
			r.Mistake(key, "", "a key must be text, this is %s", Describe(key))
			continue
		}
		if line, twice := lines[key.Value]; twice {
			r.Mistake(key, "", "%q stands here and in line %d", key.Value, line)
			continue
		}
		lines[key.Value] = key.Line
		if value.Kind == yaml.AliasNode {
			if r.NoAlias != "" {
				r.Mistake(value, "write the value out", "%s", r.NoAlias)
				continue
			}
			value = value.Alias
		}
		do(key, value)
	}
}

// Describe says in words what stands at a node.
func Describe(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "keys and values"
	case yaml.SequenceNode:
		return "a list"
	case yaml.AliasNode:
		return "an alias"
	}
	if n.Tag == "!!null" {
		return "nothing"
	}
	return "a single value"
}
