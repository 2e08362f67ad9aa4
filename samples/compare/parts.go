package main

import (
	"fmt"
	"runtime"
	"strconv"
)

// A part compares subjects on files of the same customers.
type part struct {
	name, title string
	subjects    []subject
	asked       bool // measured only when -only names it: it takes long, or much disk
}

// A subject is one program on one file. The first of a part is what the others are set in ratio to.
type subject struct {
	title string
	peer  string   // "" for muster, else a key of peers
	file  string   // a key of files
	args  []string // of muster, after the file, or alone; of rowwise, what it does and the schema that it judges by
	cores string   // GOMAXPROCS, "" as it comes
}

// parts lists what is measured, in the order of the output.
func parts() []part {
	muster := subject{title: "muster check", file: "full.csv"}
	again := subject{title: "muster check again (A/A)", file: "full.csv"}
	sheet := subject{title: "muster check", file: "sheet.xlsx"}
	return []part{
		{name: "csv", title: "CSV, 2 % of the rows wrong", subjects: []subject{muster, again,
			{title: "DuckDB, the rules as SQL", peer: "duckdb", file: "full.csv"},
			{title: "Node: udsv + ajv, two workers", peer: "node", file: "full.csv"}}},
		{name: "slow", title: "CSV, peers that take long", subjects: []subject{muster,
			{title: "gojsonschema per row, the peers' schema", peer: "rowwise", file: "full.csv",
				args: []string{"gojsonschema", "record"}},
			{title: "gojsonschema per row, muster's schema", peer: "rowwise", file: "full.csv",
				args: []string{"gojsonschema", "customer"}},
			{title: "Python: csv + fastjsonschema", peer: "python", file: "full.csv"}}},
		{name: "cores", title: "from all cores to one (GOMAXPROCS)", subjects: onFewerCores(muster)},
		{name: "invalid", title: "how many rows are wrong", subjects: []subject{{title: "none", file: "clean.csv"},
			{title: "2 %", file: "full.csv"}, {title: "10 %", file: "tenthwrong.csv"}, {title: "half", file: "halfwrong.csv"},
			{title: "every row", file: "wrong.csv"}}},
		{name: "ndjson", title: "NDJSON, the same customers",
			subjects: []subject{{title: "muster check, NDJSON", file: "full.ndjson"},
				{title: "muster check, CSV", file: "full.csv"},
				{title: "Node: JSON.parse + ajv, two workers", peer: "node", file: "full.ndjson"}}},
		{name: "xlsx", title: "XLSX, a tenth of the rows", subjects: []subject{sheet,
			{title: "muster check, its workbook given back", file: "sheet.xlsx", args: []string{"--annotate"}},
			{title: "excelize's row iterator, judging nothing", peer: "rowwise", file: "sheet.xlsx", args: []string{"excelize"}},
			{title: "inflating the sheet, reading nothing", peer: "rowwise", file: "sheet.xlsx", args: []string{"inflate"}}}},
		{name: "start", title: "start-up", subjects: []subject{{title: "check of 10 rows", file: "ten.csv"},
			{title: "--help", file: "", args: []string{"--help"}}, {title: "version", file: "", args: []string{"version"}}}},
		{name: "rows", title: "how many rows there are", asked: true, subjects: []subject{muster,
			{title: "a hundredth", file: "hundredth.csv"}, {title: "a tenth", file: "tenth.csv"},
			{title: "ten times", file: "tenfold.csv"}}},
		{name: "columns", title: "how many columns there are, a tenth of the rows", asked: true,
			subjects: wider(20, 5, 50, 100, 200)},
	}
}

// onFewerCores is the subject as it comes, on a half, a quarter … of the cores, and on one.
func onFewerCores(s subject) []subject {
	subjects := []subject{s}
	for cores := runtime.NumCPU() / 2; cores > 0; cores /= 2 {
		fewer := s
		fewer.title, fewer.cores = fmt.Sprintf("on %d", cores), strconv.Itoa(cores)
		subjects = append(subjects, fewer)
	}
	return subjects
}

// wider is muster on files of so many columns. What is beyond the mapping's 20 becomes custom attributes, up to the 100
// that a record may have; the others are read and left out.
func wider(columns ...int) (subjects []subject) {
	for _, n := range columns {
		subjects = append(subjects, subject{title: fmt.Sprintf("%d columns", n), file: fmt.Sprintf("columns%d.csv", n),
			args: []string{"--unmapped", "custom"}})
	}
	return subjects
}

// An input is one generated file.
type input struct {
	rows    int64 // the large files' rows are divided by this; below 0: multiplied; 0: ten rows
	invalid string
	format  string
	from    string // a workbook is made of this CSV
	columns string // "" as many as customers have
}

// files are the inputs by name.
var files = map[string]input{
	"full.csv":    {rows: 1, invalid: "2%", format: "csv"},
	"tenth.csv":   {rows: 10, invalid: "2%", format: "csv"},
	"clean.csv":   {rows: 1, invalid: "0", format: "csv"},
	"wrong.csv":   {rows: 1, invalid: "100%", format: "csv"},
	"full.ndjson": {rows: 1, invalid: "2%", format: "ndjson"},
	"sheet.csv":   {rows: 10, invalid: "2%", format: "csv"},
	"sheet.xlsx":  {rows: 10, from: "sheet.csv"},
	"ten.csv":     {rows: 0, invalid: "0", format: "csv"},

	"tenthwrong.csv": {rows: 1, invalid: "10%", format: "csv"},
	"halfwrong.csv":  {rows: 1, invalid: "50%", format: "csv"},
	"hundredth.csv":  {rows: 100, invalid: "2%", format: "csv"},
	"tenfold.csv":    {rows: -10, invalid: "2%", format: "csv"},
	"columns5.csv":   {rows: 10, invalid: "2%", format: "csv", columns: "5"},
	"columns20.csv":  {rows: 10, invalid: "2%", format: "csv", columns: "20"},
	"columns50.csv":  {rows: 10, invalid: "2%", format: "csv", columns: "50"},
	"columns100.csv": {rows: 10, invalid: "2%", format: "csv", columns: "100"},
	"columns200.csv": {rows: 10, invalid: "2%", format: "csv", columns: "200"},
}

// A peer is a program to compare with: how to run it, and how to find out that it is there.
type peer struct {
	about   string   // what has to be installed
	probe   []string // runs without an error where it is; nil: it is always there
	command func(w *workshop, s subject, file string) []string
}

// peers are the programs by name. Their own parts lie in the folder peers.
var peers = map[string]peer{
	"duckdb": {about: "python3 with the module duckdb", probe: []string{"python3", "-c", "import duckdb"},
		command: func(w *workshop, s subject, file string) []string {
			return []string{"python3", w.path("peers/duck.py"), file, w.rowsOf(s.file)}
		}},
	"python": {about: "python3 with the module fastjsonschema", probe: []string{"python3", "-c", "import fastjsonschema"},
		command: func(w *workshop, _ subject, file string) []string {
			return []string{"python3", w.path("peers/rows.py"), file}
		}},
	"node": {about: "node with udsv, ajv and ajv-formats",
		probe: []string{"node", "-e", "['udsv', 'ajv', 'ajv-formats'].forEach(require)"},
		command: func(w *workshop, _ subject, file string) []string {
			return []string{"node", w.path("peers/rows.cjs"), file}
		}},
	"rowwise": {command: func(w *workshop, s subject, file string) []string {
		command := append([]string{w.path("rowwise")}, s.args[0], file)
		if len(s.args) > 1 {
			command = append(command, w.path("peers/"+s.args[1]+".schema.json"))
		}
		return command
	}},
}
