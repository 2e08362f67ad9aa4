package pipeline_test

import (
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"maps"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// largest is how many lines a room may have; larger lists those that may have more, each with its bound and its reason.
const largest = 4000

var larger = map[string]struct {
	lines  int
	reason string
}{
	"mappings": {10500, "one language: what a column means, from its suffix to its formula; presets and " +
		"guesses stand in rooms of their own"},
	"pipeline/command": {6500, "one file for each command, none of which knows another"},
	"pipeline/deliver": {5000, "the journal of law 3 with the policies that share it: customers, conversations " +
		"described, records of other kinds"},
	"pipeline/report":  {6500, "one file for each page and table that a run is told in"},
	"pipeline/sandbox": {11000, "an org of Kustomer's, with its database"},
	"pipeline/source":  {11000, "one reader for each format"},
	"pipeline/web":     {6500, "one file for each screen"},
}

// TestRoomsAreSmall: a room that one cannot hold in the head is parted.
func TestRoomsAreSmall(t *testing.T) {
	lines := map[string]int{}
	for _, s := range readModule(t) {
		if !s.tested {
			lines[path.Dir(s.path)] += s.lines
		}
	}
	for _, room := range slices.Sorted(maps.Keys(lines)) {
		bound := largest
		if l, is := larger[room]; is {
			bound = l.lines
			if lines[room] <= largest {
				t.Errorf("%s has %d lines and needs no exception", room, lines[room])
			}
		}
		if lines[room] > bound {
			t.Errorf("%s has %d lines, a room has at most %d", room, lines[room], bound)
		}
	}
}

// mostTied is how many files of the page may need each other in a loop.
const mostTied = 8

// TestNoKnotOfFiles: the files of the page stand one above the other, but for small loops.
func TestNoKnotOfFiles(t *testing.T) {
	needs := needsOfFiles(t, ".")
	if len(needs["pipeline.go"]) == 0 {
		t.Fatal("the test does not see what pipeline.go needs")
	}
	for _, loop := range loops(needs) {
		if len(loop) > mostTied {
			t.Errorf("%d files need each other in a loop, at most %d may: %s", len(loop), mostTied, strings.Join(loop, " "))
		}
	}
	tied := map[string]map[string]bool{"a": {"b": true}, "b": {"c": true}, "c": {"a": true}, "d": {"a": true}}
	if got := loops(tied); len(got) != 1 || !slices.Equal(got[0], []string{"a", "b", "c"}) {
		t.Errorf("the loop of three is not seen: %v", got)
	}
}

// noImports leaves what other packages define unknown: only what files of one package need of each other is looked for.
type noImports struct{}

func (noImports) Import(string) (*types.Package, error) { return nil, errors.New("not looked at") }

// needsOfFiles are the files of the package in a folder, each with those that define what it names.
func needsOfFiles(t *testing.T, folder string) map[string]map[string]bool {
	names, err := filepath.Glob(filepath.Join(folder, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	needs, set := map[string]map[string]bool{}, token.NewFileSet()
	var files []*ast.File
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(set, name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, file)
		needs[filepath.Base(name)] = map[string]bool{}
	}
	info := &types.Info{Uses: map[*ast.Ident]types.Object{}}
	config := types.Config{Importer: noImports{}, Error: func(error) {}}
	own, _ := config.Check("pipeline", set, files, info) // what it says of packages that it may not see is of no matter
	for id, o := range info.Uses {
		if o.Pkg() != own || !o.Pos().IsValid() {
			continue
		}
		from, to := filepath.Base(set.Position(id.Pos()).Filename), filepath.Base(set.Position(o.Pos()).Filename)
		if from != to {
			needs[from][to] = true
		}
	}
	return needs
}

// loops are the sets of more than one file each of which leads to every other (Tarjan, 1972).
func loops(needs map[string]map[string]bool) (found [][]string) {
	order, low, open := map[string]int{}, map[string]int{}, map[string]bool{}
	var way []string
	var visit func(string)
	visit = func(file string) {
		order[file] = len(order) + 1
		low[file] = order[file]
		way, open[file] = append(way, file), true
		for _, next := range slices.Sorted(maps.Keys(needs[file])) {
			if order[next] == 0 {
				visit(next)
				low[file] = min(low[file], low[next])
			} else if open[next] {
				low[file] = min(low[file], order[next])
			}
		}
		if low[file] != order[file] {
			return
		}
		at := slices.Index(way, file)
		loop := slices.Sorted(slices.Values(way[at:]))
		for _, one := range loop {
			open[one] = false
		}
		if way = way[:at]; len(loop) > 1 {
			found = append(found, loop)
		}
	}
	for _, file := range slices.Sorted(maps.Keys(needs)) {
		if order[file] == 0 {
			visit(file)
		}
	}
	return found
}
