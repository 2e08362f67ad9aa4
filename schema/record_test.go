package schema

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"pgregory.net/rapid"

	oracle "github.com/santhosh-tekuri/jsonschema/v6"

	"muster/schema/klass"
)

// entry is one value of a test record, as the pipeline has it.
type entry struct {
	path string
	item int
	kind byte
	text string
}

func (e entry) String() string { return fmt.Sprintf("%s#%d=%c%q", e.path, e.item, e.kind, e.text) }

// paths lists the places of entries, each once.
func paths(entries []entry) []string {
	var found []string
	for _, e := range entries {
		if !slices.Contains(found, e.path) {
			found = append(found, e.path)
		}
	}
	return found
}

// payload writes the object that holds the entries, by a way of its own: a tree and encoding/json.
func payload(tb rapid.TB, entries []entry) []byte {
	tb.Helper()
	root := map[string]any{}
	for _, e := range entries {
		object := root
		before, after, isList := strings.Cut(e.path, "[]")
		names := strings.Split(before, ".")
		for _, name := range names[:len(names)-1] {
			if object[name] == nil {
				object[name] = map[string]any{}
			}
			object = object[name].(map[string]any)
		}
		last := names[len(names)-1]
		if !isList {
			object[last] = literalOf(e)
			continue
		}
		items, _ := object[last].([]any)
		for len(items) <= e.item {
			items = append(items, map[string]any{})
		}
		object[last] = items
		if after == "" {
			items[e.item] = literalOf(e)
			continue
		}
		items[e.item].(map[string]any)[after[1:]] = literalOf(e)
	}
	data, err := json.Marshal(root)
	if err != nil {
		tb.Fatal(err)
	}
	return data
}

func literalOf(e entry) any {
	if e.kind == '"' {
		return e.text
	}
	return json.RawMessage(e.text)
}

// prove runs the compiled side over one record.
func prove(v *Validator, entries []entry) (Verdict, []Finding) {
	places := paths(entries)
	p := v.Shape(places).NewProof()
	p.Begin()
	for _, e := range entries {
		p.Add(slices.Index(places, e.path), e.item, e.kind, []byte(e.text))
	}
	verdict := p.End()
	if verdict == Found {
		return verdict, p.Findings(nil)
	}
	return verdict, nil
}

// newOracle compiles the validator's own document with santhosh-tekuri/jsonschema, an implementation that shares no
// code with the judge.
func newOracle(tb rapid.TB, v *Validator) *oracle.Schema {
	tb.Helper()
	c := oracle.NewCompiler()
	c.DefaultDraft(map[int]*oracle.Draft{4: oracle.Draft4, 6: oracle.Draft6, 7: oracle.Draft7}[v.doc.draft])
	c.AssertFormat()
	for _, f := range formats {
		c.RegisterFormat(&oracle.Format{Name: f.name, Validate: func(value any) error {
			if text, ok := value.(string); ok && !f.holds([]byte(text)) {
				return fmt.Errorf("not %s", f.name)
			}
			return nil
		}})
	}
	if err := c.AddResource("mem:schema", v.doc.root); err != nil {
		tb.Fatal(err)
	}
	compiled, err := c.Compile("mem:schema")
	if err != nil {
		tb.Fatal(err)
	}
	return compiled
}

// unmark takes the marks out of a fixture and tells where they were. A guilty value is wrapped in an object whose only
// name is ! and the keyword: {"name": {"!type": 1}}. A field that is missing is marked beside the others: {"!required
// email": 0}.
func unmark(tb rapid.TB, fixture string) (payload []byte, marks []string) {
	tb.Helper()
	value, err := decode([]byte(fixture))
	if err != nil {
		tb.Fatalf("fixture %s: %v", fixture, err)
	}
	payload, err = json.Marshal(strip(value, nil, &marks))
	if err != nil {
		tb.Fatal(err)
	}
	slices.Sort(marks)
	return payload, marks
}

func strip(value any, at []string, marks *[]string) any {
	switch value := value.(type) {
	case []any:
		for i := range value {
			value[i] = strip(value[i], append(at, fmt.Sprint(i)), marks)
		}
	case map[string]any:
		for name, inner := range value {
			keyword, missing, isMissing := strings.Cut(strings.TrimPrefix(name, "!"), " ")
			switch {
			case name[0] != '!':
				value[name] = strip(inner, append(at, name), marks)
			case isMissing:
				*marks = append(*marks, strings.Join(append(at, missing), ".")+" "+keyword)
				delete(value, name)
			default:
				*marks = append(*marks, strings.Join(at, ".")+" "+keyword)
				return strip(inner, at, marks)
			}
		}
	}
	return value
}

// places writes findings the way marks are written.
func places(findings []Finding) []string {
	var found []string
	for _, f := range findings {
		found = append(found, f.Path+" "+f.Keyword)
	}
	slices.Sort(found)
	return found
}

func newTestValidator(tb rapid.TB, k *klass.Klass) *Validator {
	tb.Helper()
	v, err := NewValidator(k)
	if err != nil {
		tb.Fatal(err)
	}
	return v
}

// demoKlass has an attribute of every type.
func demoKlass() *klass.Klass {
	return &klass.Klass{Name: "customer", Attributes: []klass.Attribute{
		{Name: "avgSatScoreNum", Type: "Num", Display: "Avg Sat Score", Active: true},
		{Name: "loyaltyTierStr", Type: "Str", Display: "Loyalty Tier", Active: true,
			Enumeration: []string{"bronze", "silver", "gold", "platinum", "gold"}},
		{Name: "vipBool", Type: "Bool", Display: "VIP", Active: true},
		{Name: "lastOrderAt", Type: "At", Display: "Last Order", Active: true},
		{Name: "profileUrl", Type: "Url", Display: "Profile", Active: true},
		{Name: "notesTxt", Type: "Txt", Display: "Notes", Active: true},
		{Name: "managerId", Type: "Id", Display: "Manager", Active: true},
		{Name: "regionTree", Type: "Tree", Display: "Region", Active: true, Enumeration: []string{"eu", "eu.nl"}},
		{Name: "interestsStr", Type: "Str", Display: "Interests", Active: true, Array: true,
			Enumeration: []string{"sports", "music"}},
		{Name: "acme_app-order", Type: "", Display: "Order", Active: true},
		{Name: "legacyScoreNum", Type: "Num", Display: "Legacy Score", Active: false},
	}}
}
