package main

// A part compares subjects on files of the same customers.
type part struct {
	name, title string
	subjects    []subject
}

// A subject is one program on one file. The first of a part is what the others are set in ratio to.
type subject struct {
	title string
	peer  string   // "" for muster, else a key of peers
	file  string   // a key of files
	args  []string // of muster, after the file; of rowwise, before it
	cores string   // GOMAXPROCS, "" as it comes
}

// parts lists what is measured, in the order of the output.
func parts() []part {
	muster := subject{title: "muster check", file: "full.csv"}
	again := subject{title: "muster check again (A/A)", file: "full.csv"}
	tenth, sheet := subject{title: "muster check", file: "tenth.csv"}, subject{title: "muster check", file: "sheet.xlsx"}
	return []part{
		{"csv", "CSV, 2 % of the rows wrong", []subject{muster, again,
			{title: "DuckDB, the rules as SQL", peer: "duckdb", file: "full.csv"},
			{title: "Node: udsv + ajv, two workers", peer: "node", file: "full.csv"}}},
		{"slow", "CSV, a tenth of the rows", []subject{tenth,
			{title: "gojsonschema per row, in stages", peer: "rowwise", file: "tenth.csv", args: []string{"gojsonschema"}},
			{title: "Python: csv + fastjsonschema", peer: "python", file: "tenth.csv"}}},
		{"cores", "one core (GOMAXPROCS=1)", []subject{muster,
			{title: "on one core", file: "full.csv", cores: "1"}}},
		{"invalid", "how many rows are wrong", []subject{{title: "none", file: "clean.csv"},
			{title: "2 %", file: "full.csv"}, {title: "every row", file: "wrong.csv"}}},
		{"ndjson", "NDJSON, the same customers", []subject{{title: "muster check, NDJSON", file: "full.ndjson"},
			{title: "muster check, CSV", file: "full.csv"},
			{title: "Node: JSON.parse + ajv, two workers", peer: "node", file: "full.ndjson"}}},
		{"xlsx", "XLSX, a twentieth of the rows", []subject{sheet,
			{title: "excelize's row iterator, judging nothing", peer: "rowwise", file: "sheet.xlsx", args: []string{"excelize"}},
			{title: "inflating the sheet, reading nothing", peer: "rowwise", file: "sheet.xlsx", args: []string{"inflate"}}}},
		{"start", "start-up", []subject{{title: "check of 10 rows", file: "ten.csv"},
			{title: "--help", file: "", args: []string{"--help"}}, {title: "version", file: "", args: []string{"version"}}}},
	}
}

// An input is one generated file.
type input struct {
	rows    int64 // the large files' rows are divided by this; 0: ten rows
	invalid string
	format  string
	from    string // a workbook is made of this CSV
}

// files are the inputs by name.
var files = map[string]input{
	"full.csv":    {rows: 1, invalid: "2%", format: "csv"},
	"tenth.csv":   {rows: 10, invalid: "2%", format: "csv"},
	"clean.csv":   {rows: 1, invalid: "0", format: "csv"},
	"wrong.csv":   {rows: 1, invalid: "100%", format: "csv"},
	"full.ndjson": {rows: 1, invalid: "2%", format: "ndjson"},
	"sheet.csv":   {rows: 20, invalid: "2%", format: "csv"},
	"sheet.xlsx":  {rows: 20, from: "sheet.csv"},
	"ten.csv":     {rows: 0, invalid: "0", format: "csv"},
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
	"node": {about: "node with udsv, ajv and ajv-formats", probe: []string{"node", "-e", "['udsv', 'ajv', 'ajv-formats'].forEach(require)"},
		command: func(w *workshop, _ subject, file string) []string {
			return []string{"node", w.path("peers/rows.cjs"), file}
		}},
	"rowwise": {command: func(w *workshop, s subject, file string) []string {
		command := append([]string{w.path("rowwise")}, s.args[0], file)
		if s.args[0] == "gojsonschema" {
			command = append(command, w.path("peers/record.schema.json"))
		}
		return command
	}},
}
