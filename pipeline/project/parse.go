package project

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/agnivade/levenshtein"
	"go.yaml.in/yaml/v3"

	"muster/pipeline/trust"
)

// largestFile bounds a project file: a hundred jobs with comments need a tenth of it.
const largestFile = 1 << 20

// Load reads a project file. The error is Mistakes where it can be read and is not right. A file that somebody else owns or
// may write to is refused with a *trust.Stranger where it has commands, since they would be run in the user's name; without
// commands the project says that it is a stranger's.
func Load(path string) (*Project, error) {
	file, err := trust.OpenAny(path)
	if err != nil {
		return nil, fmt.Errorf("read the project file: %w", err)
	}
	defer file.Close()
	text, err := trust.ReadOpen(file, largestFile)
	if err != nil {
		return nil, fmt.Errorf("read the project file: %w", err)
	}
	p, err := Parse(path, text)
	if err != nil {
		return nil, err
	}
	// What was read is judged, not what has the name by now; then the folder, in which a file can be replaced.
	p.Stranger = trust.Owned(file, filepath.Dir(path))
	if p.Stranger != nil && p.Command > 0 {
		return nil, fmt.Errorf("%s has a command (line %d) and is not believed: %w", path, p.Command, p.Stranger)
	}
	return p, nil
}

// Parse reads the text of a project file. The error is Mistakes: all of them at once, each with its place.
func Parse(name string, text []byte) (*Project, error) {
	p := &parser{project: &Project{File: name, Directory: filepath.Dir(name), Share: "50%", State: ".muster", Overlap: Overlap{Policy: "fail"}}}
	if root := p.document(text); root != nil {
		p.file(root)
		p.check(root)
	}
	if len(p.mistakes) > 0 {
		slices.SortStableFunc(p.mistakes, func(a, b Mistake) int { return cmp.Or(a.Line-b.Line, a.Column-b.Column) })
		return nil, p.mistakes
	}
	return p.project, nil
}

// A parser walks over the nodes of one project file and notes every mistake on its way.
type parser struct {
	project  *Project
	mistakes Mistakes
	guards   Guards       // of the whole file, for jobs that say nothing
	jobs     []*yaml.Node // read last: the file's guards may stand behind them
	names    []*yaml.Node
	needs    []*yaml.Node // names of jobs that others need
}

func (p *parser) mistake(n *yaml.Node, fix, format string, args ...any) {
	p.mistakes = append(p.mistakes, Mistake{File: p.project.File, Line: max(n.Line, 1), Column: max(n.Column, 1), Message: fmt.Sprintf(format, args...), Fix: fix})
}

// document reads the one YAML document of the file, nil when there is none to read on.
func (p *parser) document(text []byte) *yaml.Node {
	nowhere := &yaml.Node{}
	if len(text) > largestFile {
		p.mistake(nowhere, "", "the file has %d bytes, a project file at most %d", len(text), largestFile)
		return nil
	}
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	var document yaml.Node
	err := decoder.Decode(&document)
	switch {
	case errors.Is(err, io.EOF) || err == nil && len(document.Content) == 0:
		p.mistake(nowhere, "muster init writes one to begin with", "the file is empty")
		return nil
	case err != nil:
		p.syntax(err)
		return nil
	}
	return document.Content[0]
}

var yamlError = regexp.MustCompile(`^yaml: (?:line (\d+): )?(.*)`)

func (p *parser) syntax(err error) {
	at := &yaml.Node{}
	message := strings.ReplaceAll(err.Error(), "\n", " ")
	if parts := yamlError.FindStringSubmatch(message); parts != nil {
		at.Line, _ = strconv.Atoi(parts[1])
		message = parts[2]
	}
	p.mistake(at, "texts with : # [ ] { } , or a leading @ % & * need quotes; indent with spaces, not tabs", "not YAML: %s", message)
}

// A rule reads the value of one key.
type rule struct {
	name string
	read func(n *yaml.Node)
}

// object reads a YAML mapping by rules: unknown and doubled keys are mistakes.
func (p *parser) object(n *yaml.Node, what string, rules []rule) {
	names := make([]string, len(rules))
	for i, r := range rules {
		names[i] = r.name
	}
	p.members(n, what, func(key, value *yaml.Node) {
		i := slices.Index(names, key.Value)
		if i < 0 {
			fix := "keys are " + strings.Join(names, ", ")
			if near := nearest(key.Value, names); near != "" {
				fix = "did you mean " + near + "?"
			}
			p.mistake(key, fix, "%s has no key %q", what, key.Value)
			return
		}
		rules[i].read(value)
	})
}

// members calls do for every key of a YAML mapping that stands there once and is text.
func (p *parser) members(n *yaml.Node, what string, do func(key, value *yaml.Node)) {
	if n.Kind != yaml.MappingNode {
		p.mistake(n, "", "%s must have keys and values, this is %s", what, describe(n))
		return
	}
	lines := map[string]int{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		if key.Kind != yaml.ScalarNode {
			p.mistake(key, "", "a key must be text, this is %s", describe(key))
			continue
		}
		if line, twice := lines[key.Value]; twice {
			p.mistake(key, "", "%q stands here and in line %d", key.Value, line)
			continue
		}
		lines[key.Value] = key.Line
		if value.Kind == yaml.AliasNode {
			value = value.Alias
		}
		do(key, value)
	}
}

func describe(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "keys and values"
	case yaml.SequenceNode:
		return "a list"
	}
	if n.Tag == "!!null" {
		return "nothing"
	}
	return "a single value"
}

// nearest is the word that was likely meant, "" where none is near.
func nearest(word string, words []string) string {
	best, distance := "", max(2, len(word)/3)+1
	for _, w := range words {
		if d := levenshtein.ComputeDistance(strings.ToLower(word), w); d < distance {
			best, distance = w, d
		}
	}
	return best
}
