package mappings

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"muster/pipeline/unseen"
)

// everything is a mapping that uses every kind of rule.
const everything = `version: 1
region: NL
dates: {layout: DD.MM.YYYY, zone: Europe/Amsterdam}
decimal: ","
columns:
  a: externalId
  b: {to: name, join: " "}
  c: {to: name, join: " "}
  d: {to: emails, split: ";"}
  e: emails[work]
  f: emails[work].verified
  g: phones
  h: {to: phones, type: mobile, split: "/"}
  i: socials
  j: socials.twitter
  k: socials.twitter.url
  l: locations
  m: locations[home].country
  n: locations[home].region
  o: locations[home].latitude
  p: tags
  q: sentiment.polarity
  r: {to: locale, prefer: first}
  s: {to: locale, prefer: first}
  t: custom.aNum
  u: custom.bAt
  v: custom.cBool
  w: custom.dUrl
  x: custom.eTxt
  y: {to: birthdayAt, layout: epoch}
  z: gender
constants:
  custom.sourceStr: "quoted \"text\"\n"
  tags: [imported]
  locations[home].name: Home
`

const everythingHeader = "a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q,r,s,t,u,v,w,x,y,z,custom,custom.anyStr"

var (
	someText = rapid.OneOf(
		rapid.SampledFrom([]string{"", " ", "a", "ann@x.org", "ANN@x.org", "+31612345678", "06-12345678", "1.234,5",
			"4.41E+11", "31.01.2024", "1706709906", "yes", "https://x.org", "NL", "a,b,a", "a;b; a",
			"\"", "\\", "\x00", "\n", "é😀", "\xff\xfe", "\u2028", `["a@x.org","a@x.org"]`,
			`[{"email":"a@x.org"},{"email":"A@x.org","type":"home"}]`, `[{"x":1},{"x":1}]`,
			`{"type":"home","cityName":"Utrecht"}`, "null", "true", "1e400", "[", "{}"}),
		rapid.String(),
		rapid.StringMatching(`[0-9,;./:+ -]{0,12}`),
		rapid.Map(rapid.SliceOfN(rapid.Byte(), 0, 12), func(b []byte) string { return string(b) }),
	)
	someKind = rapid.SampledFrom([]byte{'"', '0', 't', 'n', '[', '{', 0, 'x'})
)

func someRow(t *rapid.T, columns int) (cells [][]byte, kinds []byte) {
	cells = cellsOf(rapid.SliceOfN(someText, 0, columns+2).Draw(t, "cells"))
	if rapid.Bool().Draw(t, "json") {
		kinds = rapid.SliceOfN(someKind, 0, columns+2).Draw(t, "kinds")
	}
	return cells, kinds
}

// holdLaws maps a row and holds the record to everything that is true of all records.
func holdLaws(t interface{ Fatalf(string, ...any) }, p *Plan, cells [][]byte, kinds []byte, rec *Record) {
	before := fmt.Sprint(cells, kinds)
	p.Map(cells, kinds, rec)
	payload := p.AppendJSON(nil, rec)
	if fmt.Sprint(cells, kinds) != before {
		t.Fatalf("Map wrote into the cells")
	}
	if !json.Valid(payload) {
		t.Fatalf("the payload is no JSON: %q", payload)
	}
	var fresh Record
	p.Map(cells, kinds, &fresh)
	if again := p.AppendJSON([]byte("x"), &fresh); string(again[1:]) != string(payload) ||
		problemList(rec) != problemList(&fresh) {
		t.Fatalf("equal rows give %q and %q", payload, again)
	}
	for _, problem := range rec.Problems {
		if !slices.Contains(Codes(), problem.Code) || problem.Detail == "" || problem.Column < -1 ||
			problem.Column >= len(cells) {
			t.Fatalf("problem %+v", problem)
		}
	}
	for _, v := range rec.Values {
		if fixed := p.Slots[v.Slot].Fixed; (fixed != nil) != (v.Column < 0) || fixed != nil &&
			(v.Kind != fixed.Kind || string(v.Text) != string(fixed.Text)) {
			t.Fatalf("%s says it is %+v and is %+v", p.Slots[v.Slot].Path, fixed, v)
		}
	}
	holdLists(t, p, rec)
	holdKeys(t, p, rec)
	for path := range decoded(t, payload) {
		p.Locate(rec, path)
	}
}

// holdLists: items are counted from 0 without gaps, no list is too long, none holds an item twice.
func holdLists(t interface{ Fatalf(string, ...any) }, p *Plan, rec *Record) {
	last := map[string]int{}
	for _, v := range rec.Values {
		f := p.places[v.Slot].field
		if f.shape != list && f.shape != words {
			if v.Item != -1 {
				t.Fatalf("%s is item %d", f.name, v.Item)
			}
			continue
		}
		count, seen := last[f.name]
		if !seen && v.Item != 0 || seen && v.Item != count && v.Item != count+1 || v.Item >= f.items {
			t.Fatalf("item %d of %s follows %d", v.Item, f.name, count)
		}
		last[f.name] = v.Item
	}
	for name, value := range decoded(t, p.AppendJSON(nil, rec)) {
		items, _ := value.([]any)
		seen := map[string]bool{}
		for _, item := range items {
			text, _ := json.Marshal(item)
			f := fields.named(name) // nil: a list that customers do not have
			if members, ok := item.(map[string]any); ok && f != nil && f.key == emailIdentity && len(members) <= 3 {
				text = []byte(strings.ToLower(fmt.Sprint(members["email"])))
			}
			if seen[string(text)] {
				t.Fatalf("%s holds an item twice: %s", name, text)
			}
			seen[string(text)] = true
		}
	}
}

func decoded(t interface{ Fatalf(string, ...any) }, payload []byte) map[string]any {
	var all map[string]any
	d := json.NewDecoder(bytes.NewReader(payload))
	d.UseNumber()
	if err := d.Decode(&all); err != nil {
		t.Fatalf("decode: %v", err)
	}
	return all
}

// holdKeys: keys come in the plan's order, none is blank, none stands twice.
func holdKeys(t interface{ Fatalf(string, ...any) }, p *Plan, rec *Record) {
	keys := p.Keys(rec, nil)
	for i, key := range keys {
		if len(unseen.Trim(key.Value)) == 0 || holds(keys[:i], key.says, key.Value) {
			t.Fatalf("key %d of kind %s is blank or stands twice", i, key.Kind)
		}
		if i > 0 && p.rank[key.says] < p.rank[keys[i-1].says] {
			t.Fatalf("%s follows %s", key.Kind, keys[i-1].Kind)
		}
	}
}

func TestLawsOfRecords(t *testing.T) {
	p := bound(t, everything, everythingHeader, BindOptions{})
	var rec Record
	rapid.Check(t, func(t *rapid.T) {
		cells, kinds := someRow(t, 28)
		holdLaws(t, p, cells, kinds, &rec)
	})
}

// A column whose cells change place with its name in the header gives the same bytes: the payload
// hangs on the mapping, not on the order of the file.
func TestOrderOfColumnsIsNothing(t *testing.T) {
	header := strings.Split(everythingHeader, ",")
	m, err := Parse("test.yaml", []byte(everything))
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		cells := cellsOf(rapid.SliceOfN(someText, len(header), len(header)).Draw(t, "cells"))
		order := rapid.Permutation(ints(len(header))).Draw(t, "order")
		turned, names := make([][]byte, len(header)), make([]string, len(header))
		for i, from := range order {
			turned[i], names[i] = cells[from], header[from]
		}
		var a, b Record
		for _, one := range []struct {
			names []string
			cells [][]byte
			rec   *Record
		}{{header, cells, &a}, {names, turned, &b}} {
			p, err := m.Bind(one.names, BindOptions{})
			if err != nil {
				t.Fatal(err)
			}
			p.Map(one.cells, nil, one.rec)
			one.rec.keys = p.AppendJSON(nil, one.rec)
		}
		if string(a.keys) != string(b.keys) {
			t.Fatalf("\n%s\n%s", a.keys, b.keys)
		}
	})
}

func ints(n int) []int {
	list := make([]int, n)
	for i := range list {
		list[i] = i
	}
	return list
}

func TestMapDoesNotAllocate(t *testing.T) {
	p, cells := bound(t, typical, typicalHeader, BindOptions{}), cellsOf(typicalRow)
	var rec Record
	var payload []byte
	var keys []Key
	once := func() {
		p.Map(cells, nil, &rec)
		payload = p.AppendJSON(payload[:0], &rec)
		keys = p.Keys(&rec, keys[:0])
		payload = p.AppendKey(payload, &rec)
		if len(rec.Problems) > 0 || len(keys) != 5 {
			t.Fatal("the row is not clean")
		}
	}
	once()
	if n := testing.AllocsPerRun(100, once); n > 0 {
		t.Errorf("a clean row costs %v allocations", n)
	}
	bad := cellsOf(strings.Split(strings.Repeat("\x00,", 19)+"\x00", ","))
	if n := testing.AllocsPerRun(100, func() { p.Map(bad, nil, &rec) }); n > 0 && len(rec.Problems) < 15 {
		t.Errorf("a wrong row costs %v allocations", n)
	}
}

// People stay out of errors: no text of a problem holds what a cell held.
func TestProblemsHoldNoValues(t *testing.T) {
	p := bound(t, everything, everythingHeader, BindOptions{})
	const secret = "zq7"
	for _, kind := range []byte{'"', '0', 't', '[', '{'} {
		cells, kinds := make([][]byte, 28), make([]byte, 28)
		for i := range cells {
			cells[i], kinds[i] = []byte("["+secret+"\x00"), kind
		}
		var rec Record
		p.Map(cells, kinds, &rec)
		if len(rec.Problems) < 10 {
			t.Errorf("kind %q: only %d problems", kind, len(rec.Problems))
		}
		for _, problem := range rec.Problems {
			if strings.Contains(problem.Code+problem.Detail, secret) {
				t.Errorf("%+v holds the cell", problem)
			}
		}
	}
}
