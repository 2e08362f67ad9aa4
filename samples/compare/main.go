// Command compare measures muster beside what one would pick instead, on this machine:
//
//	go run ./samples/compare
//	go run ./samples/compare -rows 100000 -runs 3 -only csv,ndjson
//	go run ./samples/compare -bare -only rows,columns,invalid,cores
//
// The last shows how the cost grows: with rows (a hundredth to ten times of -rows: 4 GB of disk), columns (5 to 200),
// wrong rows (none to all) and cores. Rows and columns are measured only when they are named.
//
// It generates customers (samples/generate), builds muster, runs `muster check` and every peer that is installed in
// turn (A B C A B C …), and prints a table for each part. Nothing is installed and nothing is left behind. Peers are
// DuckDB (python3 with the module duckdb), Node with udsv, ajv and ajv-formats (where node finds them, or in the folder
// that NODE_PATH names), Python's csv with fastjsonschema, and in Go gojsonschema and excelize. Muster does more than
// they do: it names every problem's cell, finds twins, and writes reports and rejected rows.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "compare:", err)
		os.Exit(1)
	}
}

// settings are what the command line says.
type settings struct {
	rows int64
	runs int
	only []string // names of parts
	bare bool     // muster without peers
}

func run(ctx context.Context, args []string, out, messages io.Writer) error {
	s, err := parseSettings(args, messages)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "compare-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	w, err := prepare(ctx, dir, s, messages)
	if err != nil {
		return err
	}
	fmt.Fprintln(out, conditions())
	for _, missing := range w.missing {
		fmt.Fprintln(out, missing)
	}
	for _, p := range parts() {
		if named := slices.Contains(s.only, p.name); !named && (len(s.only) > 0 || p.asked) {
			continue
		}
		if err := w.measurePart(ctx, p, out); err != nil {
			return fmt.Errorf("%s: %w", p.name, err)
		}
	}
	_, err = fmt.Fprintln(out, "\n"+load("load at the end"))
	return err
}

func parseSettings(args []string, messages io.Writer) (settings, error) {
	s := settings{rows: 1_000_000, runs: 5}
	var names []string
	for _, p := range parts() {
		names = append(names, p.name)
	}
	flags := flag.NewFlagSet("compare", flag.ContinueOnError)
	flags.SetOutput(messages)
	flags.Int64Var(&s.rows, "rows", s.rows, "customers in the large files; workbooks get a tenth")
	flags.IntVar(&s.runs, "runs", s.runs, "how often each is run")
	flags.BoolVar(&s.bare, "bare", false, "muster alone, without peers")
	only := flags.String("only", "", "parts, separated by commas: "+strings.Join(names, ", "))
	if err := flags.Parse(args); err != nil {
		return s, err
	}
	if *only != "" {
		s.only = strings.Split(*only, ",")
	}
	for _, name := range s.only {
		if !slices.Contains(names, name) {
			return s, fmt.Errorf("-only %s: the parts are %s", name, strings.Join(names, ", "))
		}
	}
	if s.rows < 20 || s.runs < 1 || flags.NArg() > 0 {
		return s, fmt.Errorf("-rows from 20, -runs from 1, and no other arguments")
	}
	return s, nil
}
