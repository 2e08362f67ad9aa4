package pipeline_test

import (
	"encoding/csv"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"muster/mappings"
	"muster/pipeline"
	"muster/pipeline/bind"
	"muster/pipeline/exit"
	"muster/pipeline/outcome"
	"muster/pipeline/report"
	reader "muster/pipeline/source"
	"muster/schema"
	"muster/schema/engage"
)

var codeForm = regexp.MustCompile(`^(file|row|cell|rule|column|schema|klass|identity|kustomer|plan|run)\.[a-z]+(_[a-z]+)*$`)

// TestRegistryIsEmitted: the registry holds every code that any room can emit, and no other.
func TestRegistryIsEmitted(t *testing.T) {
	emitted := slices.Concat(reader.Codes(), mappings.Codes(), schema.Codes(), engage.MisfitCodes(), ownCodes(t))
	registered := map[string]bool{}
	for _, c := range outcome.Codes() {
		registered[c.Code] = true
		if !slices.Contains(emitted, c.Code) {
			t.Errorf("%s is in the registry, and nobody emits it", c.Code)
		}
	}
	for _, code := range emitted {
		if !registered[code] {
			t.Errorf("%s can be emitted and is not in the registry", code)
		}
	}
}

// ownCodes are the codes that stand in the sources of this package and of the rooms that were cut out of it. file.* is
// left out: those are the readers', and names of files look like them.
func ownCodes(t *testing.T) (codes []string) {
	t.Helper()
	var files []string
	for _, pattern := range []string{"*.go", "customer/*.go", "lookup/*.go", "dedupe/*.go", "profile/*.go", "bind/*.go",
		"block/*.go",
		"check/*.go", "deliver/*.go", "link/*.go", "refusals/*.go", "plan/*.go", "verify/*.go", "undo/*.go"} {
		found, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, found...)
	}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		tree, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(tree, func(n ast.Node) bool {
			literal, ok := n.(*ast.BasicLit)
			if !ok || literal.Kind != token.STRING {
				return true
			}
			text, _ := strconv.Unquote(literal.Value)
			if codeForm.MatchString(text) && !strings.HasPrefix(text, "file.") && !strings.HasSuffix(text, ".json") {
				codes = append(codes, text)
			}
			return true
		})
	}
	return codes
}

// TestRegistryRows: every row is complete, of one form, and says something no other row says.
func TestRegistryRows(t *testing.T) {
	said := map[string]string{}
	for _, c := range outcome.Codes() {
		if !codeForm.MatchString(c.Code) {
			t.Errorf("%q is not of the form room.what_is_wrong", c.Code)
		}
		texts := map[string]string{"code": c.Code, "meaning": c.Meaning, "cause": c.Cause}
		for part, text := range texts {
			if other, twice := said[part+text]; twice {
				t.Errorf("%s and %s have the same %s", c.Code, other, part)
			}
			said[part+text] = c.Code
		}
		texts["fix"] = c.Fix
		for part, text := range texts {
			if text == "" || text != strings.TrimSpace(text) || strings.HasSuffix(text, ".") || strings.Contains(text, "\n") {
				t.Errorf("%s: its %s is not one line without a full stop: %q", c.Code, part, text)
			}
		}
		// The message of a problem is the meaning, a colon and what was found: the first must not hold the second.
		if strings.Contains(c.Meaning, ": ") || len(c.Meaning) > 110 {
			t.Errorf("%s: its meaning is not short enough to stand before a detail: %q", c.Code, c.Meaning)
		}
	}
}

// fixture is a file that triggers one code and nothing else. «» stand around the guilty cell, or at
// the beginning of the guilty line where the code is about the whole row.
type fixture struct {
	code    string
	name    string // "": people.csv
	content string
	mapping string // "": the standard mapping
	column  string // the guilty cell's column, "" the whole row
	cell    string // its address
	line    int64  // where there is no text to put a mark into
	online  bool   // with an org, whose attributes are known then
	// The file is checked by these definitions of customer properties.
	properties string
	second     string // stores.csv beside it, "" none
	guarded    bool   // no row of the file can be believed
}

func fixtures(t *testing.T) []fixture {
	tags := func(mapped string) string {
		return "version: 1\nkind: customer\nkeys: [externalId]\ncolumns:\n  externalId: externalId\n  x: " + mapped + "\n"
	}
	return []fixture{
		{code: "cell.attachment", content: "externalId,conversation.externalId,direction,channel,attachments\n" +
			"M-1,T-1,in,email,«none.txt»\n", mapping: "version: 1\nkind: message\ncolumns: {}\n", column: "attachments",
			cell: "E2"},
		{code: "row.syntax", content: "externalId,name\n1,Ana\n2,«\"a \"stray\" quote\"»\n3,Cid\n", column: "name",
			cell: "B3"},
		{code: "row.width", content: "externalId,name\n1,Ana\n«»2,Bo,extra\n3,Cid\n"},
		{code: "row.header", content: "externalId,name\n1,Ana\n«»externalId,name\n3,Cid\n"},
		{code: "row.header_order", content: "externalId,name\n1,Ana\n«»name,externalId\nCid,3\n", guarded: true},
		{code: "row.too_long", content: "externalId,name\n«»1," + strings.Repeat("a", 2<<20) + "\n2,Bo\n"},
		{code: "row.encoding", content: "externalId,name\n1,Ana\n2,«B\xff»\n3,Cid\n4,Dé\n", column: "name", cell: "B3"},
		{code: "row.json", name: "people.ndjson", content: "{\"externalId\":\"1\"}\n«»{\"externalId\":\"2\",}\n" +
			"{\"externalId\":\"3\"}\n"},
		{code: "row.vcard", name: "people.vcf", content: "BEGIN:VCARD\nUID:1\nEND:VCARD\n«»BEGIN:VCARD\nUID:2\n" +
			"BEGIN:VCARD\nUID:3\nEND:VCARD\n", mapping: "version: 1\nkind: customer\nkeys: [externalId]\nunmapped: ignore\n" +
			"columns:\n  UID: externalId\n"},
		{code: "row.nothing", content: "externalId,name,gender\n1,Ana,f\n«»,Total,\n3,Cid,m\n"},
		{code: "row.unmapped", name: "people.ndjson", content: lateKey(), column: "shoeSize"},

		{code: "cell.error", name: "people.xlsx", content: oneSheet(t,
			`<c r="A2"><v>1</v></c><c r="B2" t="e"><v>#N/A</v></c>`), column: "name", cell: "B2", line: 2},
		{code: "cell.number", content: "externalId,x\n1,«many»\n", mapping: tags("custom.visitsNum"), column: "x",
			cell: "B2"},
		{code: "cell.scientific", content: "externalId,name\n1,Ana\n«1.23E+12»,Bo\n", column: "externalId", cell: "A3"},
		{code: "cell.decimal", content: "externalId,name\n1,Ana\n«9876.0»,Bo\n", column: "externalId", cell: "A3"},
		{code: "cell.date", content: "externalId,x\n1,2024-02-29\n2,«30.02.2024»\n", mapping: tags("custom.metAt"),
			column: "x", cell: "B3"},
		{code: "cell.birthday", content: "externalId,x\n1,2024-02-29\n2,«--02-29»\n", mapping: tags("birthdayAt"),
			column: "x", cell: "B3"},
		{code: "cell.derived", content: "externalId,x\n1,5\n2,«many»\n",
			mapping: "version: 1\ncolumns: {externalId: externalId}\nderived:\n  custom.halfNum: {expr: num(x) / 2}\n",
			column:  "x", cell: "B3"},
		{code: "cell.bool", content: "externalId,x\n1,yes\n2,«perhaps»\n", mapping: tags("custom.vipBool"), column: "x",
			cell: "B3"},
		{code: "cell.phone", content: "externalId,x\n1,+31612345678\n2,«0612»\n", mapping: tags("phones"), column: "x",
			cell: "B3"},
		{code: "cell.url", content: "externalId,x\n1,«shop.example»\n", mapping: tags("custom.homeUrl"), column: "x",
			cell: "B2"},
		{code: "cell.json", name: "people.ndjson", content: "{\"externalId\":\"1\",\"name\":«[\"Ana\"]»}\n", column: "name"},
		{code: "cell.too_many", content: "externalId,x\n1,«" + list(11, "a%d@example.com") + "»\n",
			mapping: tags("{to: emails, split: \";\"}"), column: "x", cell: "B2"},
		{code: "cell.control", content: "externalId,name\n1,«A\x01na»\n", column: "name", cell: "B2"},

		{code: "cell.word", content: "number,classOf\n15550100001,ClassOf2023\n15550100002,«Class of 2023»\n",
			properties: engageProperty("Word"), column: "classOf", cell: "B3"},
		{code: "cell.choice", content: "number,classOf\n15550100001,red\n15550100002,«Red»\n",
			properties: engageProperty("Single choice"), column: "classOf", cell: "B3"},
		{code: "cell.time", content: "number,classOf\n15550100001,09:30\n15550100002,«09:30:15»\n",
			properties: engageProperty("Time"), column: "classOf", cell: "B3"},
		{code: "cell.location", content: "number,classOf\n15550100001,\"48.8584,2.2945\"\n15550100002,«Paris»\n",
			properties: engageProperty("Location"), column: "classOf", cell: "B3"},

		{code: "rule.required", content: "externalId,x\n1,a\n2,«»\n", mapping: ruled("column: x, required: true"),
			column: "x", cell: "B3"},
		{code: "rule.pattern", content: "externalId,x\n1,AB12\n2,«12AB»\n",
			mapping: ruled(`column: x, pattern: '[A-Z]{2}\d+'`), column: "x", cell: "B3"},
		{code: "rule.range", content: "externalId,x\n1,18\n2,«1808»\n",
			mapping: ruled("column: x, range: {min: 18, max: 120}"), column: "x", cell: "B3"},
		{code: "rule.length", content: "externalId,x\n1,abc\n2,«abcd»\n", mapping: ruled("column: x, length: {max: 3}"),
			column: "x", cell: "B3"},
		{code: "rule.one_of", content: "externalId,x\n1,gold\n2,«Gold»\n",
			mapping: ruled("column: x, one-of: [gold, silver]"), column: "x", cell: "B3"},
		{code: "rule.unique", content: "externalId,x\n1,a7\n2,b8\n3,«A7»\n", mapping: ruled("column: x, unique: true"),
			column: "x", cell: "B4"},
		{code: "rule.lookup", content: "externalId,x\n1,s1\n2,«s3»\n",
			mapping: ruled("column: x, in: {file: stores.csv, column: store}"), column: "x", cell: "B3",
			second: "store\ns1\ns2\n"},
		{code: "rule.check", content: "externalId,x\n1,5\n2,«5000»\n",
			mapping: ruled("check: num(x) < 100, say: fewer than a hundred"), column: "x", cell: "B3"},

		{code: "schema.enum", content: "externalId,x\n1,«5»\n", mapping: tags("sentiment.polarity") +
			"constants: {sentiment.confidence: 1}\n", column: "x", cell: "B2"},
		{code: "schema.format", content: "externalId,email\n1,ana@example.com\n2,«ana at example»\n", column: "email",
			cell: "B3"},
		{code: "schema.length", content: "externalId,name\n1,«" + strings.Repeat("é", 257) + "»\n", column: "name",
			cell: "B2"},
		{code: "schema.pattern", content: "externalId,x\n1,good\n2,«#bad»\n", mapping: tags("tags"), column: "x", cell: "B3"},
		{code: "schema.range", content: "externalId,x\n1,«2»\n", mapping: tags("sentiment.confidence") +
			"constants: {sentiment.polarity: 1}\n", column: "x", cell: "B2"},
		{code: "schema.unique", name: "people.ndjson", column: "locations",
			content: "{\"externalId\":\"1\",\"locations\":«[{\"latitude\":1},{\"latitude\":1.0}]»}\n"},
		{code: "schema.required", content: "externalId,x\n1,«1»\n", mapping: tags("sentiment.polarity"), column: "x",
			cell: "B2"},
		{code: "schema.field", name: "people.ndjson", content: "{\"externalId\":\"1\",\"emails\":«[{\"email\":\"a@example.com\",\"mood\":\"x\"}]»}\n", column: "emails"},
		{code: "schema.properties", content: "externalId," + columns(101, "c%dStr") + "\n1,«»" + columns(101, "%d") + "\n",
			column: "c0Str", cell: "B2",
			mapping: "version: 1\nkind: customer\nkeys: [externalId]\nunmapped: custom\ncolumns: {externalId: externalId}\n"},

		{code: "klass.unknown", content: "externalId,x\n1,«a»\n", mapping: tags("custom.nobodyStr"), column: "x", cell: "B2",
			online: true},
		{code: "klass.inactive", content: "externalId,x\n1,«5»\n", mapping: tags("custom.legacyScoreNum"), column: "x",
			cell: "B2", online: true},
		{code: "klass.enum", content: "externalId,x\n1,gold\n2,«pewter»\n", mapping: tags("custom.loyaltyTierStr"),
			column: "x", cell: "B3", online: true},

		{code: "identity.conflict_in_file", content: "externalId,email\n1,a@example.com\n2,«A@Example.com»\n",
			column: "email", cell: "B3"},
	}
}

// ruled is a mapping with one rule of its own.
func ruled(rule string) string {
	return "version: 1\nkeys: [externalId]\ncolumns: {externalId: externalId, x: custom.tierStr}\nrules:\n  - {" + rule +
		"}\n"
}

// engageProperty defines one customer property of a type.
func engageProperty(kind string) string {
	choices := ""
	if strings.HasSuffix(kind, "choice") {
		choices = "red|blue"
	}
	return "name,label,type,choices\nclassOf,Class of," + kind + "," + choices + "\n"
}

// list is n values between semicolons; columns is n values between commas.
func list(n int, form string) string    { return repeat(n, form, ";") }
func columns(n int, form string) string { return repeat(n, form, ",") }

func repeat(n int, form, between string) string {
	values := make([]string, n)
	for i := range values {
		values[i] = fmt.Sprintf(form, i)
	}
	return strings.Join(values, between)
}

// lateKey is a file whose key appears behind the stretch of it by which the header is made.
func lateKey() string {
	var b strings.Builder
	for i := range 6000 {
		fmt.Fprintf(&b, "{\"externalId\":\"%d\",\"name\":\"%s\"}\n", i, strings.Repeat("a", 100))
	}
	return b.String() + "{\"externalId\":\"last\",\"shoeSize\":«44»}\n"
}

// TestEveryCodeHasAFixture: each code of the registry is triggered by a file made for it, at the
// cell that is marked there and nowhere else.
func TestEveryCodeHasAFixture(t *testing.T) {
	covered := map[string]bool{}
	for _, f := range fixtures(t) {
		covered[f.code] = true
		t.Run(f.code, func(t *testing.T) { f.try(t) })
	}
	for code, try := range fileFixtures() {
		covered[code] = true
		t.Run(code, try)
	}
	for code, try := range validatorFixtures() {
		covered[code] = true
		t.Run(code, try)
	}
	for code, try := range columnFixtures() {
		covered[code] = true
		t.Run(code, try)
	}
	for code, try := range damageFixtures() {
		covered[code] = true
		t.Run(code, try)
	}
	for code, try := range orgFixtures() {
		covered[code] = true
		t.Run(code, try)
	}
	for code, try := range kindFixtures() {
		covered[code] = true
		t.Run(code, try)
	}
	for _, c := range outcome.Codes() {
		if !covered[c.Code] {
			t.Errorf("%s has no fixture", c.Code)
		}
	}
}

func (f fixture) try(t *testing.T) {
	t.Parallel()
	before, rest, _ := strings.Cut(f.content, "«")
	marked, after, _ := strings.Cut(rest, "»")
	if f.line == 0 {
		f.line = int64(1 + strings.Count(before, "\n"))
	}
	if f.name == "" {
		f.name = "people.csv"
		if got := place(before); f.cell != "" && got != f.cell {
			t.Fatalf("the mark is at %s, not at %s", got, f.cell)
		}
	}
	dir := t.TempDir()
	c := pipeline.Config{Command: "check", State: dir + "/state",
		Files: []string{prepared(t, dir, f.name, before+marked+after, f.mapping)}}
	if f.second != "" {
		prepared(t, dir, "stores.csv", f.second, "")
	}
	if f.properties != "" {
		c.Properties = prepared(t, dir, "properties.csv", f.properties, "")
		c.Channel = "whatsapp"
	}
	if f.online {
		c.Org = newOrg(t, sandboxConfig()).connect(t)
	}
	s, err := pipeline.Run(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	found := problems(t, s)
	if len(found) != 1 {
		t.Fatalf("%d problems: %+v", len(found), found)
	}
	p := found[0]
	if p.code != f.code || p.line != f.line || p.column != f.column || p.cell != f.cell {
		t.Errorf("%s at line %d, column %q, cell %q; want %s at line %d, column %q, cell %q: %s",
			p.code, p.line, p.column, p.cell, f.code, f.line, f.column, f.cell, p.message)
	}
	want := exit.Rejects
	if f.guarded {
		want = exit.Guard
	}
	if s.ExitCode != want || !s.Balanced {
		t.Errorf("exit code %d, not %d; balanced %v", s.ExitCode, want, s.Balanced)
	}
	if value := strings.Trim(marked, `"`); len(value) > 2 && strings.Contains(p.message, value) {
		t.Errorf("the message holds the value: %s", p.message)
	}
}

// place is the address of the cell that begins where a plain CSV text stops.
func place(before string) string {
	row := 1 + strings.Count(before, "\n")
	column := strings.Count(before[strings.LastIndexByte(before, '\n')+1:], ",")
	return reader.Address(column, int64(row))
}

// prepared writes an input and its mapping, if it has one.
func prepared(t *testing.T, dir, name, content, mapping string) (path string) {
	t.Helper()
	path = filepath.Join(dir, name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	if mapping != "" {
		if err := os.WriteFile(bind.MappingBeside(path), []byte(mapping), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return path
}

// found is one line of problems.csv.
type found struct {
	line                             int64
	cell, column, code, message, fix string
}

func problems(t *testing.T, s *report.Summary) (list []found) {
	t.Helper()
	for _, f := range s.Files {
		if f.Kind != "problems" {
			continue
		}
		file, err := os.Open(f.Path)
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
		rows, err := csv.NewReader(file).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range rows[1:] {
			line, _ := strconv.ParseInt(r[2], 10, 64)
			list = append(list, found{line, r[3], r[4], r[5], r[6], r[7]})
		}
	}
	return list
}

// fileFixtures are inputs that cannot be read at all, or not to their end.
func fileFixtures() map[string]func(t *testing.T) {
	tries := map[string]func(t *testing.T){}
	sheet := ""
	try := func(code string, make func(t *testing.T, dir string) (path string)) {
		sheet := sheet
		tries[code] = func(t *testing.T) {
			dir := t.TempDir()
			_, err := pipeline.Run(t.Context(), pipeline.Config{Files: []string{make(t, dir)}, State: dir + "/state",
				Source: reader.Options{Sheet: sheet}})
			var e *reader.Error
			if !errors.As(err, &e) || e.Code != code {
				t.Errorf("%v", err)
			}
		}
	}
	file := func(content string) func(*testing.T, string) string {
		return func(t *testing.T, dir string) string { return prepared(t, dir, "people.csv", content, "") }
	}
	try("file.missing", func(_ *testing.T, dir string) string { return dir + "/nowhere.csv" })
	try("file.directory", func(_ *testing.T, dir string) string { return dir })
	try("file.permission", unreadable)
	try("file.unreadable", endless)
	try("file.empty", file(""))
	try("file.binary", file("\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00"))
	try("file.encoding", file("externalId,name\n1,Plze\xf2\n"))
	try("file.format", file("{\n  \"externalId\": \"1\"\n}\n"))
	try("file.header", file("externalId,\"name\n1,Ana\n"))
	try("file.broken_off", func(t *testing.T, dir string) string {
		return prepared(t, dir, "people.csv", packed(t, "externalId,name\n1,Ana\n", 6), "")
	})
	sheet = "Nobody"
	try("file.sheet", func(t *testing.T, dir string) string {
		return prepared(t, dir, "people.xlsx", oneSheet(t, `<c r="A2"/>`), "")
	})
	return tries
}
