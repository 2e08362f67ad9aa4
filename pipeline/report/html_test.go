package report

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// pages are the summaries as pages get them.
func pages() map[string]*Summary {
	all := summaries()
	for _, s := range all {
		s.Settle()
		s.Line, s.Exit = "muster "+s.Command+" samples/customers.csv", "what the exit code means"
		for i := range s.Problems {
			s.Problems[i].Cause = "the usual cause of " + s.Problems[i].Code
		}
	}
	return all
}

func html(t interface{ Fatal(...any) }, s *Summary) []byte {
	var text bytes.Buffer
	if err := HTML(&text, s); err != nil {
		t.Fatal(err)
	}
	return text.Bytes()
}

func TestHTML(t *testing.T) {
	for name, s := range pages() {
		t.Run(name, func(t *testing.T) {
			text := bytes.Replace(html(t, s), []byte(htmlStyle), []byte("…"), 1)
			golden(t, name+".html", text)
		})
	}
}

// Every page, whatever the names in it, is well-formed, loads nothing, and can be read without eyes.
func TestHTMLIsWhole(t *testing.T) {
	all := pages()
	all["hostile"] = hostile("https://example.com/")
	all["huge"] = huge()
	all["nothing"] = &Summary{Balanced: true}
	for name, s := range all {
		t.Run(name, func(t *testing.T) {
			for _, fault := range faults(html(t, s)) {
				t.Error(fault)
			}
		})
	}
}

// The test above must be able to fail.
func TestFaultsAreFound(t *testing.T) {
	good := string(html(t, pages()["problems"]))
	for name, change := range map[string][2]string{
		"not closed":    {"</table>", ""},
		"picture":       {"<main ", `<img src="x.png"/><main `},
		"link":          {`href="#balance"`, `href="https://example.com/"`},
		"font":          {"</style>", "@import url(x.css);</style>"},
		"script":        {"</head>", "<script>1</script></head>"},
		"heading":       {"<h2 ", "<h5 "},
		"caption":       {"<caption", "<p"},
		"scope":         {` scope="row"`, ""},
		"label":         {`id="wide-title"`, `id="elsewhere"`},
		"same id twice": {`id="run"`, `id="balance"`},
		"landmark":      {"footer", "div"},
	} {
		t.Run(name, func(t *testing.T) {
			bad := strings.Replace(good, change[0], change[1], 1)
			if name == "landmark" {
				bad = strings.ReplaceAll(good, change[0], change[1])
			}
			if bad == good || len(faults([]byte(bad))) == 0 {
				t.Errorf("%q for %q is not found", change[1], change[0])
			}
		})
	}
}

// faults reads a page as XML, which is stricter than HTML, and says what is wrong with it.
func faults(text []byte) (list []string) {
	add := func(format string, args ...any) { list = append(list, fmt.Sprintf(format, args...)) }
	if strings.Contains(htmlStyle, "@import") || bytes.Contains(text, []byte("@import")) ||
		bytes.Contains(text, []byte("url(")) {
		add("the style loads something")
	}
	d := xml.NewDecoder(bytes.NewReader(text))
	ids, wanted, seen, parents := map[string]int{}, []string{}, map[string]int{}, []string{}
	heading, inTable := 0, false
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return append(list, "not well-formed: "+err.Error())
		}
		switch e := token.(type) {
		case xml.StartElement:
			name := e.Name.Local
			seen[name]++
			has := map[string]string{}
			for _, a := range e.Attr {
				has[a.Name.Local] = a.Value
			}
			if has["src"] != "" || has["srcset"] != "" || has["href"] != "" && !strings.HasPrefix(has["href"], "#") &&
				has["href"] != "data:," && !(name == "a" && strings.HasPrefix(has["href"],
				"https://acme.kustomerapp.com/app/customers/")) {
				add("%s refers to %s%s", name, has["src"], has["href"])
			}
			if strings.HasPrefix(has["href"], "#") {
				wanted = append(wanted, has["href"][1:])
			}
			wanted = append(wanted, strings.Fields(has["aria-labelledby"])...)
			if has["id"] != "" {
				ids[has["id"]]++
			}
			if len(name) == 2 && name[0] == 'h' && name[1] >= '1' && name[1] <= '6' {
				if level := int(name[1] - '0'); level > heading+1 {
					add("%s after h%d", name, heading)
				} else {
					heading = level
				}
			}
			switch {
			case slices.Contains([]string{"script", "iframe", "object", "embed", "base", "form", "img"}, name):
				add("there is a %s", name)
			case name == "th" && has["scope"] == "":
				add("a heading of a table has no scope")
			case inTable && name != "caption":
				add("a table has no caption")
			case name == "svg" && has["aria-hidden"] == "" && len(strings.Fields(has["aria-labelledby"])) != 2:
				add("a picture has no title and description")
			}
			inTable = name == "table"
			parents = append(parents, name)
		case xml.EndElement:
			parents = parents[:len(parents)-1]
		}
	}
	for _, id := range wanted {
		if ids[id] == 0 {
			add("nothing has the id %s", id)
		}
	}
	for id, n := range ids {
		if n > 1 {
			add("%d things have the id %s", n, id)
		}
	}
	for _, landmark := range []string{"header", "nav", "main", "footer", "h1", "title"} {
		if seen[landmark] == 0 {
			add("there is no %s", landmark)
		}
	}
	return list
}

// hostile has names that would like to be more than names.
func hostile(address string) *Summary {
	evil := `"><script src="` + address + `evil.js"></script><img src=` + address + `x.png onerror=alert(1)>&{{.}}` +
		"\x00\x1b[31m\u202e\xff"
	s := pages()["problems"]
	s.Command, s.Line, s.Mapping, s.Stopped, s.Exit, s.Run, s.Muster = evil, evil, evil, evil, evil, evil, evil
	s.Org.Name = evil
	s.Inputs = append(s.Inputs, Input{File: evil, Sheet: evil, Format: evil, Rows: 0})
	s.Files = append(s.Files, File{evil, evil})
	s.Next = append(s.Next, Next{evil, evil})
	s.Tables = append(s.Tables, Table{File: evil, Sheet: evil, Rows: 3, Looked: 1,
		Columns: []Profile{{Column: evil, Filled: 1, Kinds: []Kind{{evil, 1}}}}})
	s.Customers = append(s.Customers, Customer{Status: evil, File: evil, ID: evil, URL: "javascript:alert(1)"},
		Customer{Status: evil, ID: evil, URL: "https://acme.kustomerapp.com/app/customers/" + evil})
	p := &s.Problems[0]
	p.Code, p.Meaning, p.Cause, p.Fix = evil, evil, evil, evil
	p.Columns[0].Column = evil
	p.Columns[0].Samples[0].File = evil
	return s
}

// huge is a run with as many different problems as there can be, under the longest names.
func huge() *Summary {
	s := pages()["problems"]
	name := strings.Repeat(`"<+>é`, 300_000)
	path := name[:600] // of a column's name only a row sets the limit, of a path the system
	s.Problems = nil
	for range 400 {
		s.Inputs = append(s.Inputs, Input{File: path, Sheet: path, Format: "xlsx"})
		s.Files = append(s.Files, File{"rejects", path})
	}
	sample := Sample{File: path, Sheet: path, Line: math.MaxInt64, Cell: "XFD1048576"}
	columns := make([]Column, 16384)
	for i := range columns {
		columns[i] = Column{Column: name, Count: math.MaxInt64 / 16384 / 60,
			Samples: []Sample{sample, sample, sample, sample, sample}}
	}
	for i := range 60 {
		s.Problems = append(s.Problems, Problem{Code: fmt.Sprint("schema.", i), Meaning: strings.Repeat("words ", 30),
			Cause: strings.Repeat("words ", 30),
			Fix:   strings.Repeat("words ", 30), Columns: columns, Count: math.MaxInt64 / 60})
	}
	s.Line, s.Stopped = name, name
	for range 60 {
		profiles := make([]Profile, 1000)
		for i := range profiles {
			profiles[i] = Profile{Column: name, Filled: math.MaxInt64, Distinct: math.MaxInt64, Problems: math.MaxInt64,
				Kinds: []Kind{{"e-mail address", 1}, {"yes or no", 1}, {"number", 1}}}
		}
		s.Tables = append(s.Tables, Table{File: path, Sheet: path, Rows: math.MaxInt64, Looked: 1, Columns: profiles,
			More: 15384})
	}
	for i := range 240 {
		s.Moments = append(s.Moments, Moment{Seconds: float64(i) * 1e6, Rows: int64(i) << 40, Requests: int64(i) << 40})
	}
	return s
}

// The page stays openable whatever the run was, and says what it leaves out.
func TestHTMLStaysSmall(t *testing.T) {
	text := html(t, huge())
	t.Logf("%d bytes", len(text))
	if len(text) > 2_000_000 {
		t.Errorf("%d bytes", len(text))
	}
	for _, says := range []string{"16,324 more columns: report.json names all", "more codes: report.json names all",
		"more inputs", "more files"} {
		if !bytes.Contains(text, []byte(says)) {
			t.Errorf("it does not say %q", says)
		}
	}
}

// The picture's parts add up: what leaves a bar came into it, in rows and in thickness, and the statuses are the rows
// read.
func TestFlowAddsUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		counts, sum := map[string]int64{}, int64(0)
		for _, c := range Balance(nil) {
			n := rapid.OneOf(rapid.Just(int64(0)), rapid.Int64Range(0, 3), rapid.Int64Range(0, 1<<40)).Draw(t, c.Status)
			counts[c.Status] = n
			sum += n
		}
		s := &Summary{Rows: sum, Statuses: Balance(counts)}
		if rapid.Bool().Draw(t, "wrong") {
			s.Missing = rapid.Int64Range(0, 5).Draw(t, "missing")
			s.Rows = max(0, sum+rapid.Int64Range(-5, 5).Draw(t, "off"))
		}
		left := s.Rows
		for i := range rapid.IntRange(1, 12).Draw(t, "inputs") {
			n := rapid.Int64Range(0, left).Draw(t, "rows")
			left -= n
			s.Inputs = append(s.Inputs, Input{File: fmt.Sprint(i), Rows: n})
		}
		s.Inputs[0].Rows += left
		s.Settle()
		for _, f := range []frame{{"wide", 920, 2, 240, 460, 710}, {"narrow", 350, -1, 2, -1, 160}} {
			d := drawFlow(s, f, func(name string) string { return name })
			if d == nil {
				if sum != 0 || s.Missing != 0 || s.Rows != 0 {
					t.Fatalf("no picture of %d rows", s.Rows)
				}
				continue
			}
			addsUp(t, s, d, f.inputs >= 0)
		}
	})
}

func addsUp(t *rapid.T, s *Summary, d *flow, whole bool) {
	rows, thick := map[string]int64{}, map[string]float64{}
	for _, b := range d.Bars {
		rows[b.Stage] += b.Rows
		thick[b.Stage] += measure(t, b.H)
		if measure(t, b.H) < flowThinnest-0.01 || measure(t, b.Y)+measure(t, b.H) > measure(t, d.Height) {
			t.Fatalf("bar %+v in a picture %s tall", b, d.Height)
		}
	}
	for _, r := range d.Ribbons {
		rows["ribbons to "+r.Stage] += r.Rows
		thick["ribbons to "+r.Stage] += measure(t, r.Thick)
	}
	all := rows["read"]
	if s.Balanced && all != s.Rows || all < s.Rows || all < s.sum() {
		t.Fatalf("the picture shows %d rows of %d read and %d with an outcome", all, s.Rows, s.sum())
	}
	want := []string{"status", "ribbons to status"}
	if whole {
		want = append(want, "group", "ribbons to group")
	}
	if whole && s.Balanced {
		want = append(want, "input", "ribbons to input")
	}
	for _, stage := range want {
		if rows[stage] != all || math.Abs(thick[stage]-flowThick) > 0.1 {
			t.Fatalf("%s: %d rows of %d, %.2f thick of %.2f\n%+v", stage, rows[stage], all, thick[stage], flowThick, d)
		}
	}
}

func measure(t *rapid.T, length string) float64 {
	v, err := strconv.ParseFloat(length, 64)
	if err != nil || math.IsNaN(v) {
		t.Fatalf("length %q", length)
	}
	return v
}

// Text can be read on its ground, light and dark: 4.5 to 1, and shapes 3 to 1
// (https://www.w3.org/TR/WCAG22/#contrast-minimum).
func TestHTMLContrast(t *testing.T) {
	value := regexp.MustCompile(`--([a-z]+): (#[0-9a-f]{6})`)
	themes := regexp.MustCompile(`(?s):root \{(.*?)\}`).FindAllStringSubmatch(htmlStyle, -1)
	if len(themes) != 3 {
		t.Fatalf("%d themes, want light, dark and print", len(themes))
	}
	for i, theme := range themes {
		colours := map[string]string{}
		for _, m := range value.FindAllStringSubmatch(theme[1], -1) {
			colours[m[1]] = m[2]
		}
		for _, name := range []string{"text", "quiet", "link", "good", "warn", "bad"} {
			for _, ground := range []string{"page", "panel"} {
				if c := contrast(t, colours[name], colours[ground]); c < 4.5 {
					t.Errorf("theme %d: %s on %s has %.2f", i, name, ground, c)
				}
			}
		}
		if i == 2 {
			continue // print takes the shapes of one of the others
		}
		for _, c := range Balance(nil) {
			if c := contrast(t, colours[c.Status], colours["page"]); c < 3 {
				t.Errorf("theme %d: a shape has %.2f", i, c)
			}
		}
	}
}

func contrast(t *testing.T, one, other string) float64 {
	t.Helper()
	a, b := luminance(t, one), luminance(t, other)
	return (max(a, b) + 0.05) / (min(a, b) + 0.05)
}

func luminance(t *testing.T, colour string) float64 {
	t.Helper()
	var rgb [3]uint8
	if _, err := fmt.Sscanf(colour, "#%02x%02x%02x", &rgb[0], &rgb[1], &rgb[2]); err != nil {
		t.Fatalf("colour %q: %v", colour, err)
	}
	var sum float64
	for i, weight := range []float64{0.2126, 0.7152, 0.0722} {
		v := float64(rgb[i]) / 255
		if v <= 0.04045 {
			v /= 12.92
		} else {
			v = math.Pow((v+0.055)/1.055, 2.4)
		}
		sum += weight * v
	}
	return sum
}

func TestWriteHTML(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "report.html")
	if err := os.WriteFile(path, []byte("old"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := WriteHTML(path, pages()["clean"]); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	if err := os.Mkdir(filepath.Join(dir, "taken"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := WriteHTML(filepath.Join(dir, "taken"), &Summary{}); err == nil {
		t.Error("wrote over a directory")
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 2 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}
