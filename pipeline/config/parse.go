package config

import (
	"fmt"
	"path/filepath"
	"slices"

	"go.yaml.in/yaml/v3"

	"muster/pipeline/trust"
	"muster/pipeline/yamlfile"
)

// largestFile bounds a project file: a hundred jobs with comments need a tenth of it.
const largestFile = 1 << 20

// Load reads a project file. The error is Mistakes where it can be read and is not right. A file that somebody else
// owns or may write to is refused with a *trust.Stranger where it has commands, since they would be run in the user's
// name; without commands the project says that it is a stranger's.
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
	if stranger := trust.Owned(file, filepath.Dir(path)); stranger != nil {
		p.Stranger = stranger
	}
	if p.Stranger != nil && p.Command > 0 {
		return nil, fmt.Errorf("%s has a command (line %d) and is not believed: %w", path, p.Command, p.Stranger)
	}
	return p, nil
}

// Parse reads the text of a project file. The error is Mistakes: all of them at once, each with its place.
func Parse(name string, text []byte) (*Project, error) {
	p := newParser(name)
	if root := p.Document(text); root != nil {
		p.file(root)
		p.check(root)
		p.once()
	}
	if err := p.Err(); err != nil {
		return nil, err
	}
	return p.project, nil
}

// once leaves out what is said again of the next row of a table.
func (p *parser) once() {
	said := map[Mistake]bool{}
	p.Mistakes = slices.DeleteFunc(p.Mistakes, func(m Mistake) bool {
		again := said[m]
		said[m] = true
		return again
	})
}

// Salvage is what can be believed of a project file that has mistakes: where its state is, how its jobs are called, and
// whom to tell. nil: nothing, since it cannot be read, is a stranger's, or the mistake is in what would be believed.
func Salvage(path string) *Project {
	file, err := trust.OpenAny(path)
	if err != nil {
		return nil
	}
	defer file.Close()
	text, err := trust.ReadOpen(file, largestFile)
	if err != nil || trust.Owned(file, filepath.Dir(path)) != nil {
		return nil
	}
	p := newParser(path)
	root := p.Document(text)
	if root == nil {
		return nil
	}
	p.file(root)
	if p.unsure || p.project.Stranger != nil {
		return nil
	}
	return p.project
}

func newParser(name string) *parser {
	return &parser{Reader: yamlfile.Reader{File: name, What: "a project file",
		Begin: "muster init writes one to begin with"},
		top:     &entry{org: Org{Share: "50%", State: ".muster"}},
		project: &Project{File: name, Directory: filepath.Dir(name), Overlap: Overlap{Policy: "fail"}}}
}

// A parser walks over the nodes of one project file and notes every mistake on its way.
type parser struct {
	yamlfile.Reader
	project *Project
	guards  Guards       // of the whole file, for jobs that say nothing
	jobs    []*yaml.Node // read last: the file's guards may stand behind them
	names   []*yaml.Node
	top     *entry       // what the whole file says of an org
	groups  []string     // names of those that were read
	grouped bool         // there are groups, whatever is wrong with them
	keys    []*yaml.Node // of each job that was read
	needs   []*yaml.Node // of each of them, the names of jobs it needs; nil: none
	unsure  bool         // there is a mistake in whom to tell, or in where the state is
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
	p.Object(n, what, names, func(i int, value *yaml.Node) { rules[i].read(value) })
}
