package main

import (
	"bytes"
	"errors"
	"flag"
	"io"
	"strings"
	"testing"
	"time"
)

// Every part runs on a few rows with muster alone, finds the rows it is to find, and leaves no peer's line.
func TestCompareMuster(t *testing.T) {
	var out bytes.Buffer
	if err := run(t.Context(), strings.Fields("-rows 400 -runs 1 -bare -only csv,invalid,ndjson,cores,rows,columns"), &out,
		io.Discard); err != nil {
		t.Fatal(err)
	}
	text := out.String()
	for _, want := range []string{"muster check again (A/A)", "every row", "muster check, NDJSON",
		"cores; load at the start", "on 1", "ten times", "200 columns"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	for line := range strings.Lines(text) {
		fields := strings.Fields(line)
		if strings.HasPrefix(line, "every row") && (fields[2] != "400" || fields[3] != "400") {
			t.Errorf("of 400 wrong rows: %s", line)
		}
		if strings.HasPrefix(line, "none") && fields[2] != "0" {
			t.Errorf("of rows that are fit: %s", line)
		}
		if strings.HasPrefix(line, "ten times") && fields[2] != "4000" || strings.HasPrefix(line, "200 columns") &&
			(fields[2] != "40" || fields[3] == "40") {
			t.Errorf("of more rows or columns: %s", line)
		}
	}
	if strings.Contains(text, "DuckDB") {
		t.Error("peers are measured with -bare")
	}
}

func TestFlags(t *testing.T) {
	for args, want := range map[string]string{
		"-only csv,tsv": "-only tsv",
		"-rows 3":       "-rows from 20",
		"-runs 0":       "-runs from 1",
		"people.csv":    "no other arguments",
	} {
		if err := run(t.Context(), strings.Fields(args), io.Discard, io.Discard); err == nil ||
			!strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want %q", args, err, want)
		}
	}
	if err := run(t.Context(), []string{"-help"}, io.Discard, io.Discard); !errors.Is(err, flag.ErrHelp) {
		t.Error(err)
	}
}

// Every subject's file and peer is one that there is.
func TestParts(t *testing.T) {
	for _, p := range parts() {
		for _, s := range p.subjects {
			if _, known := files[s.file]; !known && s.file != "" {
				t.Errorf("%s: no file %q", p.name, s.file)
			}
			if _, known := peers[s.peer]; !known && s.peer != "" {
				t.Errorf("%s: no peer %q", p.name, s.peer)
			}
		}
	}
}

// Ratios are of each row, round by round.
func TestRatio(t *testing.T) {
	w := &workshop{settings: settings{rows: 100, runs: 3}}
	subjects := []subject{{file: "full.csv"}, {file: "tenth.csv"}}
	at := func(seconds ...int) (list []sample) {
		for _, s := range seconds {
			list = append(list, sample{wall: time.Duration(s) * time.Second, cpu: 2 * time.Second})
		}
		return list
	}
	wall, cpu := w.ratio(subjects, [][]sample{at(1, 2, 4), at(3, 2, 4)}, 1)
	if wall != 10 || cpu != 10 {
		t.Errorf("wall %v, CPU %v, want 10 and 10", wall, cpu)
	}
	if got := middle([]float64{4, 1, 3, 2}); got != 2.5 {
		t.Errorf("the median is %v, want 2.5", got)
	}
}
