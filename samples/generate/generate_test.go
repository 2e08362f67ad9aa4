package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"strings"
	"testing"
)

func generated(t testing.TB, args ...string) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := run(args, &out, io.Discard); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// The same flags give the same bytes; a longer file begins as a shorter one; another seed gives other people.
func TestGenerateIsDeterministic(t *testing.T) {
	for _, format := range []string{"csv", "ndjson"} {
		args := []string{"-format", format, "-invalid", "5%", "-seed", "3", "-rows"}
		short, long := generated(t, append(args, "500")...), generated(t, append(args, "2000")...)
		if !bytes.Equal(short, generated(t, append(args, "500")...)) {
			t.Errorf("%s: two runs differ", format)
		}
		if !bytes.HasPrefix(long, short) {
			t.Errorf("%s: the longer file does not begin as the shorter one", format)
		}
		other := generated(t, "-format", format, "-invalid", "5%", "-seed", "4", "-rows", "500")
		if bytes.Equal(short, other) {
			t.Errorf("%s: the seed makes no difference", format)
		}
	}
}

// Ids, addresses, phone numbers and Twitter names are one customer's alone, and every row is good CSV of the right
// width.
func TestGenerateIsUnique(t *testing.T) {
	const rows = 50_000
	records, err := csv.NewReader(bytes.NewReader(generated(t, "-rows", fmt.Sprint(rows)))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if len(records) != rows+1 || len(records[0]) != standardColumns {
		t.Fatalf("%d records of %d columns", len(records), len(records[0]))
	}
	seen := make(map[string]bool, 6*rows)
	for i, r := range records[1:] {
		keys := append([]string{"id " + r[0], "phone " + r[3], "phone " + r[4]}, strings.Split(r[2], ";")...)
		if r[19] != "" {
			keys = append(keys, "twitter "+r[19])
		}
		for _, key := range keys {
			if seen[key] {
				t.Fatalf("row %d: %s is another's too", i+1, key)
			}
			seen[key] = true
		}
	}
}

// The last row's phone numbers are within the range that nobody has.
func TestGeneratePhones(t *testing.T) {
	for row, want := range map[int64]string{0: "+12902000000", 1: "+12902000002", mostRows - 1: "+19999999998"} {
		var p person
		p.become(1, row)
		if got := string(p.appendPhone(nil, 0)); got != want {
			t.Errorf("row %d: %s, want %s", row, got, want)
		}
	}
}

// A row has the size of those that the measurements are of: 361 MB for 1,000,000 rows.
func TestGenerateSize(t *testing.T) {
	const rows = 20_000
	if size := len(generated(t, "-rows", fmt.Sprint(rows))) / rows; size < 350 || size > 370 {
		t.Errorf("%d bytes a row, want about 360", size)
	}
}

// Every line of NDJSON is an object with the columns of the CSV, blank ones left out.
func TestGenerateFormatsAgree(t *testing.T) {
	records, err := csv.NewReader(bytes.NewReader(generated(t, "-rows", "500", "-columns", "40"))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSuffix(string(generated(t, "-rows", "500", "-columns", "40", "-format", "ndjson")),
		"\n"), "\n")
	for i, line := range lines {
		object := make(map[string]any)
		decoder := json.NewDecoder(strings.NewReader(line))
		decoder.UseNumber()
		if err := decoder.Decode(&object); err != nil {
			t.Fatalf("line %d: %v", i+1, err)
		}
		for column, name := range records[0] {
			if got, want := flat(name, object[name]), records[i+1][column]; got != want {
				t.Fatalf("line %d, %s: %q, want %q", i+1, name, got, want)
			}
		}
	}
}

// flat writes a JSON value as the CSV has it.
func flat(column string, value any) string {
	switch v := value.(type) {
	case nil:
		return ""
	case []any:
		var texts []string
		for _, one := range v {
			texts = append(texts, one.(string))
		}
		return strings.Join(texts, map[string]string{"E-mail": ";", "Tags": ","}[column])
	case bool:
		if column == "VIP" {
			return map[bool]string{true: "yes", false: "no"}[v]
		}
	}
	return fmt.Sprint(value)
}

// -invalid is the share of wrong rows, the rest is as without it, and any number of columns can be had, with wrong rows
// too.
func TestGenerateInvalid(t *testing.T) {
	const rows = 10_000
	clean := bytes.SplitAfter(generated(t, "-rows", fmt.Sprint(rows), "-columns", "9"), []byte("\n"))
	dirty := bytes.SplitAfter(generated(t, "-rows", fmt.Sprint(rows), "-columns", "9", "-invalid", "0.02"), []byte("\n"))
	wrong := 0
	for i := range clean {
		if !bytes.Equal(clean[i], dirty[i]) {
			wrong++
		}
	}
	if wrong < 150 || wrong > 250 {
		t.Errorf("%d of %d rows are wrong, want about 200", wrong, rows)
	}
	for _, columns := range []string{"1", "2", "3", "4", "21", "150"} {
		for _, format := range []string{"csv", "ndjson"} {
			text := generated(t, "-rows", "300", "-columns", columns, "-invalid", "100%", "-format", format)
			rows := bytes.Count(text, []byte("\nC-")) + bytes.Count(text, []byte("\n4.41E+11"))
			if format == "ndjson" {
				rows = bytes.Count(text, []byte("\n"))
			}
			if rows != 300 {
				t.Errorf("%s columns of %s: %d rows, want 300", columns, format, rows)
			}
		}
	}
}

// Every way to be wrong makes another row of the person's.
func TestWrongs(t *testing.T) {
	for _, format := range []string{"csv", "ndjson"} {
		table := newTable(settings{format: format, columns: standardColumns})
		rows := make(map[string]int)
		rows[string(table.appendRow(nil, 0))] = -1
		for i := range table.wrongs {
			var row []byte
			if format == "csv" {
				row = table.appendCSV(nil, &table.wrongs[i])
			} else {
				row = table.appendJSON(nil, &table.wrongs[i])
			}
			if same, known := rows[string(row)]; known {
				t.Errorf("%s: way %d is way %d", format, i, same)
			}
			rows[string(row)] = i
		}
		if len(rows) < 18 {
			t.Errorf("%s: %d ways", format, len(rows)-1)
		}
	}
}

// People sign up by day: at night clocks may be put forward, and a time that never was could not be read.
func TestSignedUpByDay(t *testing.T) {
	for i := range int64(20_000) {
		var p person
		p.become(1, i)
		if hour := string(appendSignedUp(nil, &p)[11:13]); hour < "06" || hour > "21" {
			t.Fatalf("row %d: %s o'clock", i, hour)
		}
	}
}

func TestGenerateFlags(t *testing.T) {
	for args, want := range map[string]string{
		"-rows -1":         "-rows -1",
		"-rows 1000000000": "phone numbers",
		"-invalid 3":       "-invalid 3",
		"-invalid NaN":     "-invalid NaN",
		"-invalid many":    "-invalid many",
		"-format xml":      "-format xml",
		"-columns 0":       "-columns 0",
		"-columns 20000":   "-columns 20000",
		"people.csv":       "people.csv",
		"-what":            "-what",
	} {
		err := run(strings.Fields(args), io.Discard, io.Discard)
		if !errors.As(err, new(usageError)) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want %q", args, err, want)
		}
	}
	if err := run([]string{"-help"}, io.Discard, io.Discard); !errors.Is(err, flag.ErrHelp) {
		t.Error(err)
	}
	full := errors.New("full")
	if err := run([]string{"-rows", "10"}, failing{full}, io.Discard); !errors.Is(err, full) {
		t.Error(err)
	}
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }

func BenchmarkGenerate(b *testing.B) {
	for _, format := range []string{"csv", "ndjson"} {
		b.Run(format, func(b *testing.B) {
			b.ReportAllocs()
			if err := run([]string{"-rows", fmt.Sprint(b.N), "-format", format, "-invalid", "2%"}, io.Discard,
				io.Discard); err != nil {
				b.Fatal(err)
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "rows/s")
		})
	}
}
