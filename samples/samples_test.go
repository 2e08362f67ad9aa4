// Package samples_test holds what the samples promise: who of them is fit, who is not and why, and that one mapping
// makes the same customers of the CSV and the NDJSON.
package samples_test

import (
	"bytes"
	"errors"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
	"unicode"

	"muster/mappings"
	"muster/pipeline/source"
	"muster/schema"
	"muster/schema/klass"
)

// verdict is what becomes of one row before anything is sent.
type verdict struct {
	line    int64
	codes   []string // of its problems, once each
	columns []string // that they point at, "" the whole row
	payload string   // "" for a row that could not be mapped
}

// audit reads a file as muster does: source, mapping, schema. klass is nil offline.
func audit(t *testing.T, name, format string, in io.Reader, klass *klass.Klass) []verdict {
	t.Helper()
	text, err := os.ReadFile("customers.mapping.yaml")
	if err != nil {
		t.Fatal(err)
	}
	mapping, err := mappings.Parse("customers.mapping.yaml", text)
	if err != nil {
		t.Fatal(err)
	}
	validator, err := schema.NewValidator(klass)
	if err != nil {
		t.Fatal(err)
	}
	reader, err := source.Open(name, in, source.Options{Format: format})
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	var verdicts []verdict
	var chunk source.Chunk
	var block source.Block
	var record mappings.Record
	for {
		if err := reader.Cut(&chunk); errors.Is(err, io.EOF) {
			return verdicts
		} else if err != nil {
			t.Fatal(err)
		}
		reader.Parse(&chunk, &block)
		plan, err := mapping.Bind(block.Header.Names, mappings.BindOptions{})
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range block.Rows {
			verdicts = append(verdicts, judge(t, block.Header, row, plan, validator, &record))
		}
	}
}

func judge(t *testing.T, header *source.Header, row source.Row, plan *mappings.Plan, validator *schema.Validator,
	record *mappings.Record) verdict {
	v := verdict{line: row.Line}
	note := func(code string, column int) {
		name := ""
		if column >= 0 {
			name = header.Names[column]
		}
		if !slices.Contains(v.codes, code) {
			v.codes = append(v.codes, code)
		}
		v.columns = append(v.columns, name)
	}
	if row.Code != "" {
		note(row.Code, row.Column)
		return v
	}
	plan.Map(row.Cells, row.Kinds, record)
	for _, p := range record.Problems {
		note(p.Code, p.Column)
	}
	payload := plan.AppendJSON(nil, record)
	findings, err := validator.Validate(payload)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range findings {
		note(f.Code, plan.Locate(record, f.Path))
	}
	v.payload = string(payload)
	return v
}

// demo is the Klass that the sandbox starts with.
func demo(t *testing.T) *klass.Klass {
	t.Helper()
	klass, err := klass.Parse([]byte(`{"data":{"id":"customer","attributes":{"properties":{"avgSatScoreNum":{},
		"loyaltyTierStr":{"enumeration":["bronze","silver","gold","platinum"]},"vipBool":{},"lastOrderAt":{},"profileUrl":{},
		"notesTxt":{},"ordersNum":{},"accountManagerStr":{},"sourceStr":{}}}}}`))
	if err != nil {
		t.Fatal(err)
	}
	return klass
}

// unfit lists the rows of the sample that cannot be sent, by a name in them, with what is wrong and where.
// platin, the tier that no org has, is found only once the org has said which tiers it knows.
var unfit = map[string]string{
	"Ottoline Greyfriars":   "schema.format E-mail",
	"Casimir Vandeput":      "cell.date Birthday",
	"Dolores Ferreira":      "cell.phone Phone",
	"Eudora Finch":          "schema.length Notes",
	"Augustus":              "row.syntax Name",
	"Tsvetana Dimitrova":    "row.width ",
	"Ambrose Quill":         "row.width ",
	"Wilhelmina Sturm":      "cell.number Orders",
	"Percival Ngata":        "cell.url Profile",
	"Clémentine Roussel":    "schema.pattern Tags",
	"Horatio Bell":          "cell.bool VIP",
	"Mirela Popescu":        "cell.scientific Customer ID",
	"Lysander Crane":        "cell.date Last Order",
	"Rasmus Tingstad (org)": "klass.enum Loyalty Tier",
}

func TestCustomers(t *testing.T) {
	text, err := os.ReadFile("customers.csv")
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.SplitAfter(string(text), "\n")
	for name, test := range map[string]struct {
		klass *klass.Klass
		unfit int
	}{"offline": {nil, 13}, "against the org": {demo(t), 14}} {
		t.Run(name, func(t *testing.T) {
			verdicts := audit(t, "customers.csv", "", nil, test.klass)
			found := 0
			for _, v := range verdicts {
				if len(v.codes) == 0 {
					continue
				}
				found++
				says := strings.Join(v.codes, ",") + " " + strings.Join(v.columns, ",")
				if !expected(lines[v.line-1], says, test.klass != nil) {
					t.Errorf("line %d: %s", v.line, says)
				}
			}
			if len(verdicts) != 300 || found != test.unfit {
				t.Errorf("%d rows, %d of them unfit; want 300 and %d", len(verdicts), found, test.unfit)
			}
		})
	}
}

func expected(line, says string, online bool) bool {
	for who, what := range unfit {
		who, org := strings.CutSuffix(who, " (org)")
		if strings.Contains(line, who) && says == what && (online || !org) {
			return true
		}
	}
	return false
}

// One customer stands in the file twice; all other ids, addresses, numbers and names on Twitter are one customer's
// alone.
func TestCustomersDouble(t *testing.T) {
	seen := make(map[string]int)
	for _, v := range audit(t, "customers.csv", "", nil, nil) {
		if len(v.codes) > 0 {
			continue
		}
		for _, key := range regexp.MustCompile(`"(?:externalId|email|phone|username)":"[^"]*"`).FindAllString(v.payload, -1) {
			seen[key]++
		}
	}
	doubled := 0
	for key, n := range seen {
		if n > 2 {
			t.Errorf("%s stands %d times", key, n)
		}
		if n == 2 {
			doubled++
		}
	}
	if doubled != 4 { // the id, the address and both numbers of the customer who was entered twice
		t.Errorf("%d keys stand twice, want 4", doubled)
	}
}

// The NDJSON has the fit customers of the CSV, the one entered twice and the tier nobody knows left out, byte for byte.
func TestNDJSONIsTheSamePeople(t *testing.T) {
	payloads := func(name string) []string {
		var list []string
		for _, v := range audit(t, name, "", nil, demo(t)) {
			if len(v.codes) == 0 {
				list = append(list, v.payload)
			} else if strings.HasSuffix(name, ".ndjson") {
				t.Errorf("line %d: %v", v.line, v.codes)
			}
		}
		return list
	}
	csv := slices.DeleteFunc(payloads("customers.csv"),
		func(p string) bool { return strings.Contains(p, "Entered a second time") })
	ndjson := payloads("customers.ndjson")
	if len(ndjson) != 285 {
		t.Errorf("%d customers in the NDJSON, want 285", len(ndjson))
	}
	for i := range min(len(csv), len(ndjson)) {
		if csv[i] != ndjson[i] {
			t.Fatalf("customer %d:\n%s\n%s", i+1, csv[i], ndjson[i])
		}
	}
	if len(csv) != len(ndjson) {
		t.Errorf("%d customers in the CSV, %d in the NDJSON", len(csv), len(ndjson))
	}
}

// fictitious are the numbers that regulators keep for films and examples, and nobody has.
var fictitious = regexp.MustCompile(`^\+(?:` + strings.Join([]string{
	`1\d{3}55501\d\d`, // North America: https://www.nanpa.com/numbering/555-line-numbers
	// https://www.ofcom.org.uk/phones-and-broadband/phone-numbers/numbers-for-drama
	`44(?:20794600?\d{3}|1134960\d{3}|1174960\d{3}|1614960\d{3}|7700900\d{3})`,
	`3532091\d{5}`,                               // https://www.comreg.ie
	`33(?:19900|63998)\d{4}`,                     // https://www.arcep.fr
	`49(?:3023125|4066969|2214710|8999998)\d{3}`, // https://www.bundesnetzagentur.de
	`49(?:17139200|176040690)\d\d`,
	`46(?:8465004|3139006|4062804|7017406)\d\d`, // https://www.pts.se
	// https://www.acma.gov.au/phone-numbers-use-tv-shows-films-and-creative-works
	`612(?:5550)\d{4}|6149157\d{4}`,
}, "|") + `)$`)

// Nobody real can be reached by anything that stands in the samples.
func TestCustomersAreInvented(t *testing.T) {
	for _, name := range []string{"customers.csv", "customers.ndjson"} {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, host := range regexp.MustCompile(`(?:@|://)[^\s";,@/]+`).FindAllString(string(text), -1) {
			if !regexp.MustCompile(`(?:@|[/.])example\.(?:com|org|net)$`).MatchString(host) {
				t.Errorf("%s: %s", name, host)
			}
		}
		phones := 0
		for _, v := range audit(t, name, "", nil, nil) {
			for _, phone := range regexp.MustCompile(`"phone":"([^"]*)"`).FindAllStringSubmatch(v.payload, -1) {
				phones++
				if !fictitious.MatchString(phone[1]) {
					t.Errorf("%s line %d: a phone number that somebody may have", name, v.line)
				}
			}
		}
		if phones < 80 {
			t.Errorf("%s: %d phone numbers", name, phones)
		}
	}
}

// The sample is there to be hard to read: many writings, several lines in a cell, commas, quotes, several addresses.
func TestCustomersAreVaried(t *testing.T) {
	text, err := os.ReadFile("customers.csv")
	if err != nil {
		t.Fatal(err)
	}
	counts := make(map[string]int)
	countries := make(map[string]bool)
	for _, v := range audit(t, "customers.csv", "", nil, nil) {
		p := v.payload
		if country := regexp.MustCompile(`"countryCode":"(..)"`).FindStringSubmatch(p); country != nil {
			countries[country[1]] = true
		}
		for name, is := range map[string]bool{
			"line ends": strings.Contains(p, `\n`),
			"quotes":    strings.Contains(p, `\"`),
			"addresses": strings.Count(p, `"email":`) > 1,
			"accents": strings.ContainsFunc(p, func(c rune) bool {
				return c > unicode.MaxASCII &&
					unicode.Is(unicode.Latin, c)
			}), "not Latin": strings.ContainsFunc(p, func(c rune) bool {
				return unicode.IsLetter(c) &&
					!unicode.Is(unicode.Latin, c)
			}),
			"to the left": strings.ContainsFunc(p, func(c rune) bool { return unicode.In(c, unicode.Arabic, unicode.Hebrew) }),
		} {
			if is {
				counts[name]++
			}
		}
	}
	for name, least := range map[string]int{"line ends": 4, "quotes": 8, "addresses": 20, "accents": 100, "not Latin": 30,
		"to the left": 5} {
		if counts[name] < least {
			t.Errorf("%s in %d rows, want %d or more", name, counts[name], least)
		}
	}
	if len(countries) < 40 {
		t.Errorf("%d countries: %v", len(countries), slices.Sorted(maps.Keys(countries)))
	}
	if !bytes.HasSuffix(text, []byte("\n")) || bytes.Contains(text, []byte("\r")) {
		t.Error("lines must end in LF")
	}
}

// What the generator calls wrong is wrong to muster, in as many ways as it knows; all else is fit, in both formats the
// same.
func TestGenerate(t *testing.T) {
	program := filepath.Join(t.TempDir(), "generate")
	if runtime.GOOS == "windows" {
		program += ".exe"
	}
	if out, err := exec.Command("go", "build", "-o", program, "./generate").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	generate := func(args ...string) io.Reader {
		out, err := exec.Command(program, args...).Output()
		if err != nil {
			t.Fatal(err)
		}
		return bytes.NewReader(out)
	}
	cells := []string{"cell.bool", "cell.date", "cell.number", "cell.phone", "cell.scientific", "cell.url",
		"schema.format", "schema.length", "schema.pattern"}
	ways := map[string][]string{
		"csv":    append([]string{"row.syntax", "row.width"}, cells...),
		"ndjson": append([]string{"row.json"}, cells...),
	}
	var clean [2][]string
	for i, format := range []string{"csv", "ndjson"} {
		for _, v := range audit(t, "-", format, generate("-rows", "2000", "-format", format), demo(t)) {
			if len(v.codes) > 0 {
				t.Fatalf("%s line %d: %v %v", format, v.line, v.codes, v.columns)
			}
			clean[i] = append(clean[i], v.payload)
		}
		wrong, codes := 0, make(map[string]bool)
		for _, v := range audit(t, "-", format, generate("-rows", "2000", "-format", format, "-invalid", "20%", "-seed", "7"),
			nil) {
			if len(v.codes) > 0 {
				wrong++
				codes[strings.Join(v.codes, ",")] = true
			}
		}
		if wrong < 350 || wrong > 450 {
			t.Errorf("%s: %d of 2000 rows are wrong, want about 400", format, wrong)
		}
		if got, want := slices.Sorted(maps.Keys(codes)),
			slices.Sorted(slices.Values(ways[format])); !slices.Equal(got, want) {
			t.Errorf("%s: wrong in the ways %v, want %v", format, got, want)
		}
	}
	if !slices.Equal(clean[0], clean[1]) || len(clean[0]) != 2000 {
		t.Error("the formats differ")
	}
	for _, columns := range []string{"5", "100"} {
		for _, v := range audit(t, "-", "csv", generate("-rows", "200", "-columns", columns), nil) {
			if len(v.codes) > 0 {
				t.Fatalf("%s columns, line %d: %v %v", columns, v.line, v.codes, v.columns)
			}
		}
	}
}
