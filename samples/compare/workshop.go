package main

import (
	"bytes"
	"context"
	"embed"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
)

//go:embed peers
var programs embed.FS

// workshop is the folder in which everything is built, generated and run.
type workshop struct {
	dir      string
	settings settings
	messages io.Writer
	absent   map[string]bool // peers that are not there
	missing  []string        // a line for each of them
	made     map[string]bool // files that are generated
}

func (w *workshop) path(name string) string { return filepath.Join(w.dir, filepath.FromSlash(name)) }

// prepare builds the programs, lays out the peers' parts, and finds out which peers there are.
func prepare(ctx context.Context, dir string, s settings, messages io.Writer) (*workshop, error) {
	w := &workshop{dir: dir, settings: s, messages: messages, absent: map[string]bool{}, made: map[string]bool{}}
	for name, pkg := range map[string]string{"muster": "muster", "generate": "muster/samples/generate",
		"rowwise": "muster/samples/compare/rowwise"} {
		if s.bare && name == "rowwise" {
			continue
		}
		fmt.Fprintln(messages, "building", name)
		build := exec.CommandContext(ctx, "go", "build", "-ldflags=-s -w", "-o", w.path(name), pkg)
		build.Stderr = messages
		if err := build.Run(); err != nil {
			return nil, fmt.Errorf("building %s: %w", name, err)
		}
	}
	if err := w.layOut(ctx); err != nil {
		return nil, err
	}
	for name, p := range peers {
		switch {
		case s.bare:
			w.absent[name] = true
		case p.probe != nil && exec.CommandContext(ctx, p.probe[0], p.probe[1:]...).Run() != nil:
			w.absent[name] = true
			w.missing = append(w.missing, "not measured: "+name+" ("+p.about+" is not installed)")
		}
	}
	return w, nil
}

// count is how many customers a file holds.
func (w *workshop) count(file string) int64 {
	in, known := files[file]
	switch {
	case !known:
		return 0
	case in.rows == 0:
		return 10
	case in.rows < 0:
		return w.settings.rows * -in.rows
	default:
		return w.settings.rows / in.rows
	}
}

func (w *workshop) rowsOf(file string) string { return strconv.FormatInt(w.count(file), 10) }

// input makes a file, once, and returns its path.
func (w *workshop) input(ctx context.Context, name string) (string, error) {
	file := w.path(name)
	if w.made[name] || name == "" {
		return file, nil
	}
	fmt.Fprintln(w.messages, "generating", name)
	in := files[name]
	var err error
	if in.from != "" {
		var from string
		if from, err = w.input(ctx, in.from); err == nil {
			err = exec.CommandContext(ctx, w.path("rowwise"), "workbook", from, file).Run()
		}
	} else {
		err = w.generate(ctx, file, in, w.rowsOf(name))
	}
	w.made[name] = err == nil
	return file, err
}

func (w *workshop) generate(ctx context.Context, file string, in input, rows string) error {
	out, err := os.Create(file)
	if err != nil {
		return err
	}
	defer out.Close()
	generate := exec.CommandContext(ctx, w.path("generate"), "-rows", rows, "-invalid", in.invalid, "-format", in.format)
	if in.columns != "" {
		generate.Args = append(generate.Args, "-columns", in.columns)
	}
	generate.Stdout, generate.Stderr = out, w.messages
	if err := generate.Run(); err != nil {
		return err
	}
	return out.Close()
}

// layOut puts the peers' parts, and the mapping of the samples, into the folder.
func (w *workshop) layOut(ctx context.Context) error {
	if err := os.CopyFS(w.dir, programs); err != nil {
		return err
	}
	list, err := exec.CommandContext(ctx, "go", "list", "-m", "-f", "{{.Dir}}", "muster").Output()
	if err != nil {
		return fmt.Errorf("this runs inside the module: %w", err)
	}
	root := strings.TrimSpace(string(list))
	if err := w.completeSchema(filepath.Join(root, "schema", "customer.schema.json")); err != nil {
		return err
	}
	mapping, err := os.ReadFile(filepath.Join(root, "samples", "customers.mapping.yaml"))
	if err != nil {
		return err
	}
	// The generator calls what no customer record has room for a remark.
	mapping = bytes.Replace(mapping, []byte("\ncolumns:\n"), []byte("\ncolumns:\n  \"Remark {n}\": ignore\n"), 1)
	return os.WriteFile(w.path("mapping.yaml"), mapping, 0o600)
}

// completeSchema writes the schema by which muster judges, with the attributes of the generated file among the
// customer's own, as muster completes it from an org's.
func (w *workshop) completeSchema(name string) error {
	var whole, record struct{ schema, properties map[string]json.RawMessage }
	for path, to := range map[string]*struct{ schema, properties map[string]json.RawMessage }{name: &whole,
		w.path("peers/record.schema.json"): &record} {
		text, err := os.ReadFile(path)
		if err == nil {
			err = json.Unmarshal(text, &to.schema)
		}
		if err == nil {
			err = json.Unmarshal(to.schema["properties"], &to.properties)
		}
		if err != nil {
			return fmt.Errorf("read %s: %w", path, err)
		}
	}
	whole.properties["custom"] = record.properties["custom"]
	whole.schema["properties"], _ = json.Marshal(whole.properties) // of what was decoded
	text, _ := json.Marshal(whole.schema)
	return os.WriteFile(w.path("peers/customer.schema.json"), text, 0o600)
}
