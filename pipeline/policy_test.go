package pipeline_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// everywhere are leaves that every room below pipeline may know: what is believed is said once.
var everywhere = []string{"pipeline/trust", "pipeline/printable", "pipeline/object"}

// concurrent are the files and folders that may start goroutines and make channels: law 7. The last is no part of
// muster.
var concurrent = []string{"pipeline/pipeline.go", "pipeline/parallel/", "pipeline/sandbox/", "pipeline/web/",
	"samples/compare/rowwise/stages.go"}

// watchers are the files that may have something done when a context ends, each with its reason.
var watchers = map[string]string{
	"main.go":                     "gives the second Ctrl-C back to the system",
	"pipeline/fetch/sink.go":      "a download that stalls ends",
	"pipeline/kustomer/ending.go": "the first signal has a bound",
	"pipeline/kustomer/wire.go":   "law 8: a request that has not begun ends with its caller, one that has does not",
}

// selfEvident are methods whose interface says all there is to say.
var selfEvident = []string{"Error", "String", "Unwrap"}

// outermost are the files that may exit, print, and read the environment.
var outermost = []string{"main.go", "samples/generate/main.go", "samples/compare/main.go",
	"samples/compare/rowwise/main.go"}

// worldly are the names by which a package reaches past its caller to the process around it.
var worldly = map[string][]string{
	"os":  {"Exit", "Stdin", "Stdout", "Stderr", "Getenv", "LookupEnv", "Environ", "ExpandEnv", "Setenv", "Args"},
	"fmt": {"Print", "Printf", "Println", "Scan", "Scanf", "Scanln"},
	"log": {"Print", "Printf", "Println", "Fatal", "Fatalf", "Fatalln", "Panic", "Panicf", "Panicln", "Default",
		"SetOutput"},
	"slog":    {"Debug", "Info", "Warn", "Error", "Default", "SetDefault"},
	"flag":    {"Parse", "CommandLine", "Args", "Arg"},
	"signal":  {"Notify", "NotifyContext", "Ignore"},
	"syscall": {"Exit", "Getenv", "Environ"},
}

// nameless are words that name no room: what is in such a package could be anything.
var nameless = []string{"util", "utils", "common", "helper", "helpers", "types", "misc", "shared", "base", "lib",
	"core", "tools"}

// longest is how many lines a file that is not a test may have; long lists those that may have more, each with its
// reason.
const longest = 400

var long = map[string]string{}

// A source is one Go file of the module.
type source struct {
	path   string // slashes, from the module's root
	file   *ast.File
	set    *token.FileSet
	lines  int
	tested bool  // it is a test
	wide   []int // lines of more than [widest] columns, but for those whose text cannot be cut
}

// at says where a node stands.
func (s *source) at(n ast.Node) string {
	return fmt.Sprintf("%s:%d", s.path, s.set.Position(n.Pos()).Line)
}

// policies are the rules. Each returns what breaks it.
var policies = map[string]func([]source) []string{
	"imports":            checkImports,
	"one room":           checkConcurrency,
	"panics":             checkGuards,
	"doc comments":       checkComments,
	"no init":            checkInit,
	"names of rooms":     checkNames,
	"only main":          checkWorld,
	"length":             checkLength,
	"width":              checkWidth,
	"constant variables": checkVariables,
}

// The shape of the house, held to design and contract: which room may know which, where goroutines start, what stands
// in comments, who may talk to the outside, how long a file may be.
func TestPolicy(t *testing.T) {
	sources := readModule(t)
	for name, check := range policies {
		t.Run(name, func(t *testing.T) {
			for _, breach := range check(sources) {
				t.Error(breach)
			}
		})
	}
}

// TestLaw7OneRoomForConcurrency: channels between stages are made, and goroutines started, in pipeline.go; the sandbox
// is a server and has its own.
func TestLaw7OneRoomForConcurrency(t *testing.T) {
	for _, breach := range checkConcurrency(readModule(t)) {
		t.Error(breach)
	}
}

// Rooms and exceptions that no longer exist must not stay in the policy.
func TestPolicyNamesWhatThereIs(t *testing.T) {
	sources := readModule(t)
	folders, paths := make(map[string]bool), make(map[string]bool)
	for _, s := range sources {
		folders[path.Dir(s.path)] = true
		paths[s.path] = true
	}
	for _, name := range slices.Sorted(maps.Keys(rooms)) {
		if !folders[name] {
			t.Errorf("rooms: there is no %s", name)
		}
	}
	for _, name := range slices.Concat(concurrent, outermost, slices.Sorted(maps.Keys(watchers)),
		slices.Sorted(maps.Keys(long))) {
		if !paths[name] && !folders[strings.TrimSuffix(name, "/")] {
			t.Errorf("an exception is made for %s, which is not there", name)
		}
	}
}

// Every rule is broken here on purpose, so that it is known to bite.
func TestPolicyBites(t *testing.T) {
	for name, test := range map[string]struct{ path, text, rule string }{
		"leaf imports leaf":  {"schema/x.go", "package schema\nimport _ \"muster/mappings\"", "imports"},
		"upwards":            {"pipeline/source/x.go", "package source\nimport _ \"muster/pipeline\"", "imports"},
		"stranger":           {"mappings/x.go", "package mappings\nimport _ \"github.com/pkg/errors\"", "imports"},
		"lookalike":          {"mappings/x.go", "package mappings\nimport _ \"golang.org/x/textual\"", "imports"},
		"room without place": {"attic/x.go", "package attic", "imports"},
		"goroutine":          {"pipeline/roll.go", "package pipeline\nfunc f() { go f() }", "one room"},
		"channel":            {"pipeline/source/x.go", "package source\nvar c = make(chan int)", "one room"},
		"group":              {"pipeline/x.go", "package pipeline\nfunc f(g group) { g.Go(func() {}) }", "one room"},
		"open goroutine":     {"pipeline/pipeline.go", "package pipeline\nfunc f() { go func() { f() }() }", "panics"},
		"open group":         {"pipeline/pipeline.go", "package pipeline\nfunc f(g group) { g.Go(func() { Guarded(f) }) }", "panics"},
		"timer":              {"pipeline/x.go", "package pipeline\nimport \"time\"\nvar t = time.AfterFunc(0, nil)", "one room"},
		"bare func":          {"schema/x.go", "// Package schema is.\npackage schema\nfunc F() {}", "doc comments"},
		"bare method": {"schema/x.go", "// Package schema is.\npackage schema\n// T is.\ntype T int\n" +
			"func (t *T) M() {}", "doc comments"},
		"bare type":  {"schema/x.go", "// Package schema is.\npackage schema\ntype T int", "doc comments"},
		"bare const": {"schema/x.go", "// Package schema is.\npackage schema\nconst C = 1", "doc comments"},
		"bare interface": {"schema/x.go", "// Package schema is.\npackage schema\n// T is.\ntype T interface { M() }",
			"doc comments"},
		"bare package":      {"schema/x.go", "package schema", "doc comments"},
		"init":              {"schema/x.go", "package schema\nfunc init() {}", "no init"},
		"util":              {"pipeline/util/x.go", "package util", "names of rooms"},
		"types in a folder": {"mappings/types/x.go", "package kinds", "names of rooms"},
		"exit":              {"pipeline/x.go", "package pipeline\nimport \"os\"\nfunc f() { os.Exit(1) }", "only main"},
		"environment": {"pipeline/command/x.go",
			"package command\nimport world \"os\"\nvar v = world.Getenv(\"HOME\")", "only main"},
		"print":            {"schema/x.go", "package schema\nimport \"fmt\"\nfunc f() { fmt.Println() }", "only main"},
		"built-in print":   {"schema/x.go", "package schema\nfunc f() { println() }", "only main"},
		"long":             {"schema/x.go", "package schema" + strings.Repeat("\n", longest+1), "length"},
		"variable set":     {"schema/x.go", "package schema\nvar v int\nfunc f() { v = 1 }", "constant variables"},
		"variable counted": {"schema/x.go", "package schema\nvar v [2]int\nfunc f() { v[0]++ }", "constant variables"},
		"variable's field": {"schema/x.go", "package schema\nvar v struct{ n int }\nfunc f() { v.n = 1 }",
			"constant variables"},
		"variable handed out": {"schema/x.go", "package schema\nvar v int\nfunc f() *int { return &v }",
			"constant variables"},
	} {
		t.Run(name, func(t *testing.T) {
			sources := []source{parse(t, test.path, test.text)}
			for rule, check := range policies {
				if found := check(sources); (len(found) > 0) != (rule == test.rule) && !allowedToo(rule, test.rule) {
					t.Errorf("%s found %v", rule, found)
				}
			}
		})
	}
}

// allowedToo passes over rules that the tiny sources break beside the one they are about.
func allowedToo(rule, about string) bool {
	return rule == "doc comments" || about == "names of rooms" && rule == "imports"
}

// What is allowed must pass: the exceptions, tests, and locals that share a variable's name.
func TestPolicyAllows(t *testing.T) {
	for name, test := range map[string]struct{ path, text string }{
		"pipeline.go": {"pipeline/pipeline.go", "// Package pipeline is.\npackage pipeline\n" +
			"func f() { c := make(chan int); go func() { defer Caught(nil); f() }(); g.Go(Guarded(f)); close(c) }"},
		"test": {"schema/x_test.go", "package schema\nimport \"os\"\nimport _ \"muster/mappings\"\n" +
			"func F() { go F(); os.Exit(1) }"},
		"main": {"main.go", "// Command muster is.\npackage main\nimport \"os\"\nfunc main() { os.Exit(1) }"},
		"below": {"mappings/x.go", "// Package mappings is.\npackage mappings\n" +
			"import _ \"golang.org/x/text/unicode/norm\""},
		"local": {"schema/x.go", "// Package schema is.\npackage schema\nvar v int\nfunc f(v int) { v = 1; _ = v }"},
		"trailing doc": {"schema/x.go", "// Package schema is.\npackage schema\n// The kinds.\nconst (\n\tA = 1\n" +
			"\tB = 2 // B is.\n)"},
		"watcher": {"pipeline/kustomer/wire.go", "// Package kustomer is.\npackage kustomer\nimport \"context\"\n" +
			"var stop = context.AfterFunc(nil, nil)"},
		"error": {"schema/x.go", "// Package schema is.\npackage schema\n// T is.\ntype T int\n" +
			"func (t *T) Error() string { return \"\" }"},
		"element": {"schema/x.go", "// Package schema is.\npackage schema\nvar v = [...]int{1}\n" +
			"func f() *int { return &v[0] }"},
		"hidden type": {"schema/x.go", "// Package schema is.\npackage schema\ntype t int\nfunc (t) Read() {}"},
		"slice made":  {"schema/x.go", "// Package schema is.\npackage schema\nvar v = make([]chan int, 1)"},
	} {
		t.Run(name, func(t *testing.T) {
			for rule, check := range policies {
				if found := check([]source{parse(t, test.path, test.text)}); len(found) > 0 {
					t.Errorf("%s found %v", rule, found)
				}
			}
		})
	}
}

// readModule parses every Go file of the module.
func readModule(t *testing.T) []source {
	t.Helper()
	root := ".."
	if _, err := os.Stat(filepath.Join(root, "go.mod")); err != nil {
		t.Fatal(err)
	}
	var sources []source
	err := filepath.WalkDir(root, func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		base := entry.Name()
		if entry.IsDir() && name != root && (base == "testdata" || strings.HasPrefix(base, ".") ||
			strings.HasPrefix(base, "_")) {
			return filepath.SkipDir
		}
		if entry.IsDir() || filepath.Ext(base) != ".go" {
			return nil
		}
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		relative, err := filepath.Rel(root, name)
		if err != nil {
			return err
		}
		sources = append(sources, parse(t, filepath.ToSlash(relative), string(text)))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(sources) < 20 {
		t.Fatalf("%d Go files: this is not the module", len(sources))
	}
	return sources
}

func parse(t *testing.T, name, text string) source {
	t.Helper()
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, name, text, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	return source{path: name, file: file, set: set, lines: strings.Count(text, "\n"),
		tested: strings.HasSuffix(name, "_test.go"), wide: wideLines(text)}
}
