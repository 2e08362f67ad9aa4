package schema

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"testing"

	oracle "github.com/santhosh-tekuri/jsonschema/v6"
	"pgregory.net/rapid"

	"muster/schema/klass"
)

// agree holds the compiled side to the judge on one record: what is proven the judge accepts, what is found the judge
// finds, word for word. It returns the verdict. The second implementation must think of validity as the judge does.
func agree(t rapid.TB, v *Validator, second *oracle.Schema, entries []entry) Verdict {
	t.Helper()
	record := payload(t, entries)
	findings, err := v.Validate(record)
	if err != nil {
		t.Fatalf("%s: %v", record, err)
	}
	verdict, compiled := prove(v, entries)
	switch verdict {
	case Proven:
		if len(findings) > 0 {
			t.Fatalf("%s\nproven by the rules, yet the judge finds %+v\n%s", record, findings, v.doc.text())
		}
	case Found:
		if !reflect.DeepEqual(findings, compiled) {
			t.Fatalf("%s\nthe rules find %+v\nthe judge finds %+v\n%s", record, compiled, findings, v.doc.text())
		}
	}
	if value, _ := decode(record); sane(value) && !differOn(value) { // the second implementation panics on insane numbers
		if err := second.Validate(value); (err == nil) != (len(findings) == 0) {
			t.Fatalf("%s\nthe judge finds %+v\nthe second implementation %v\n%s", record, findings, err, v.doc.text())
		}
	}
	return verdict
}

// differOn reports whether value holds a number of which the implementations are known to differ in enum, const and
// uniqueItems: the judge compares float64 and takes -0 for another number than 0, the second compares exactly.
func differOn(value any) bool {
	switch value := value.(type) {
	case json.Number:
		return value == "-0" || len(value) > 17
	case []any:
		return slices.ContainsFunc(value, differOn)
	case map[string]any:
		for _, inner := range value {
			if differOn(inner) {
				return true
			}
		}
	}
	return false
}

func (d *document) text() string {
	data, _ := json.MarshalIndent(d.root, "", " ")
	return string(data)
}

// Realistic customers: the rules and the judge agree, and at least 99 of 100 valid records and values are proven.
func TestRulesAgreeWithJudgeOnCustomers(t *testing.T) {
	for _, k := range []*klass.Klass{nil, demoKlass()} {
		v := newTestValidator(t, k)
		second := newOracle(t, v)
		records, proven, values, provenValues := 0, 0, 0, 0
		rapid.Check(t, func(rt *rapid.T) {
			entries := drawCustomer(rt)
			record := payload(t, entries)
			if findings, err := v.Validate(record); err != nil || len(findings) > 0 {
				rt.Fatalf("%s: %v %v", record, findings, err)
			}
			records++
			if agree(rt, v, second, entries) == Proven {
				proven++
			}
			for _, e := range entries {
				values++
				if v.Rule(e.path).Proves(e.kind, []byte(e.text)) {
					provenValues++
				}
			}
		})
		t.Logf("%d of %d valid records proven, %d of %d values", proven, records, provenValues, values)
		if proven*100 < records*99 || provenValues*100 < values*99 {
			t.Errorf("only %d of %d valid records proven, %d of %d values", proven, records, provenValues, values)
		}
	}
}

// One to three bad values in a customer.
func TestRulesAgreeWithJudgeOnBadCustomers(t *testing.T) {
	bad := violations()
	places := slices.Sorted(maps.Keys(bad))
	for _, k := range []*klass.Klass{nil, demoKlass()} {
		v := newTestValidator(t, k)
		second := newOracle(t, v)
		verdicts := map[Verdict]int{}
		rapid.Check(t, func(rt *rapid.T) {
			entries := drawCustomer(rt)
			for range rapid.IntRange(1, 3).Draw(rt, "bad values") {
				e := rapid.SampledFrom(bad[rapid.SampledFrom(places).Draw(rt, "place")]).Draw(rt, "bad")
				entries = replace(entries, e)
			}
			verdicts[agree(rt, v, second, entries)]++
		})
		t.Logf("unsure %d, proven %d, found %d", verdicts[Unsure], verdicts[Proven], verdicts[Found])
		if verdicts[Found]*2 < verdicts[Unsure] {
			t.Errorf("the rules settle too few bad records: unsure %d, proven %d, found %d", verdicts[Unsure], verdicts[Proven],
				verdicts[Found])
		}
	}
}

// Every place against every bad value, alone.
func TestRulesAgreeWithJudgeOnEveryBadValue(t *testing.T) {
	for _, k := range []*klass.Klass{nil, demoKlass()} {
		v := newTestValidator(t, k)
		second := newOracle(t, v)
		for _, entries := range violations() {
			for _, e := range entries {
				agree(t, v, second, []entry{e})
			}
		}
	}
}

// Every small schema of one value against every kind of value.
func TestRulesAgreeWithJudgeOnEveryLeaf(t *testing.T) {
	types := []string{``, `"type":"string",`, `"type":"number",`, `"type":"integer",`, `"type":["integer","string"],`,
		`"type":["number","null"],`, `"type":["boolean","null"],`, `"type":["array","object"],`}
	for _, constraint := range []string{``, `"minLength":1,`, `"minLength":2,`, `"maxLength":1,`, `"maxLength":4,`,
		`"minLength":2,"maxLength":2,`,
		`"enum":["a","é",1,null],`, `"enum":[-1,0,1],`, `"enum":[0.1,10],`, `"enum":[1e1,1.0],`,
		`"enum":[100000000000000000000],`, `"enum":[true],`, `"enum":[false,null],`, `"enum":[[],{}],`,
		`"enum":["a","b","c","d","e","f","g","h","i"],`, `"enum":["\ufffd"],`, `"const":"a",`, `"const":1,`, `"const":1.0,`,
		`"const":null,`, `"const":true,`, `"enum":["a","b"],"const":"b",`, `"enum":["a","b"],"pattern":"^b",`,
		`"enum":["b"],"format":"email-relaxed",`, `"const":"b","pattern":"^a|b",`,
		`"minimum":1,`, `"minimum":0.1,`, `"maximum":1,`, `"maximum":-1,`, `"exclusiveMinimum":1,`, `"exclusiveMaximum":0.1,`,
		`"minimum":12345678901.5,`, `"minimum":-100000000000000000000,`, `"minimum":0,"maximum":1,`,
		`"pattern":"^a",`, `"pattern":"^[é�]$",`, `"pattern":"^$",`, `"format":"email-relaxed",`, `"format":"date-time",`,
		`"format":"ipv4",`, `"format":"no-such-format",`,
		`"multipleOf":2,`, `"not":{"type":"string"},`, `"anyOf":[{"type":"string"},{"minimum":1}],`, `"x-own":1,`} {
		for _, kind := range types {
			v, err := Compile([]byte(`{"properties":{"a":{` + kind + constraint + `"title":"a"}}}`))
			if err != nil {
				t.Fatal(err)
			}
			second := newOracle(t, v)
			for _, text := range leafValues {
				agree(t, v, second, []entry{newEntry("a", -1, text)})
			}
		}
	}
}

// Every small schema of an object, a list or a list of objects against records that fill it in every way.
func TestRulesAgreeWithJudgeOnEveryContainer(t *testing.T) {
	var records [][]entry
	for _, texts := range [][]string{{}, {`"a`}, {`"a`, `"b`}, {`"a`, `"a`}, {`"a`, `"b`, `"a`}, {`1`, `1.0`}, {`1`, `2`},
		{`"1`, `1`}, {`true`, `false`}, {`true`, `true`}, {`null`, `null`}, {"\"\xff", "\"\xfe"},
		{"\"\xef\xbf\xbd\xff", "\"\xef\xbf"}, {"\"\xef\xbf", "\"\xef\xbf\xbd\xff"}, {`"a`, `"b`, `"c`, `"d`}} {
		var scalars, objects, fields []entry
		for i, text := range texts {
			scalars = append(scalars, newEntry("a[]", i, text))
			objects = append(objects, newEntry("a[].x", i, text))
			fields = append(fields, newEntry("a."+string("xyzw"[i]), -1, text))
		}
		records = append(records, scalars, objects, fields, append(objects, newEntry("a[].y", 0, `"z`)))
	}
	for _, list := range []string{``, `"type":"array",`, `"type":["array","null"],`, `"type":"object",`} {
		for _, constraint := range []string{``, `"uniqueItems":true,`, `"maxItems":0,`, `"maxItems":2,`, `"minItems":2,`,
			`"maxItems":50,`, `"enum":[["a"],[{"x":"a"}],{"x":"a"}],`, `"const":["a"],`, `"contains":{"const":"a"},`,
			`"required":["y"],`, `"maxProperties":1,`, `"minProperties":2,`, `"additionalProperties":false,`,
			`"properties":{"x":false},`, `"propertyNames":{"const":"x"},`, `"dependencies":{"x":["y"]},`} {
			for _, items := range []string{``, `"items":true,`, `"items":{"required":["y"]},`,
				`"items":{"properties":{"x":{}},"additionalProperties":false},`, `"items":{"maxProperties":1},`,
				`"items":{"minProperties":2},`, `"items":[{},{"const":"b"}],`} {
				v, err := Compile([]byte(`{"properties":{"a":{` + list + constraint + items + `"title":"a"}}}`))
				if err != nil {
					t.Fatal(err)
				}
				second := newOracle(t, v)
				for _, entries := range records {
					agree(t, v, second, entries)
				}
			}
		}
	}
}

func TestAnEmptyEnumIsForTheJudge(t *testing.T) {
	v, err := Compile([]byte(`{"properties":{"a":{"enum":[]}}}`))
	if err != nil || v.Rule("a") != nil {
		t.Errorf("%v %v", err, v.Rule("a"))
	}
}

// replace puts e in the place of the entry that is there, or adds it.
func replace(entries []entry, e entry) []entry {
	for i := range entries {
		if entries[i].path == e.path && entries[i].item == e.item {
			entries[i] = e
			return entries
		}
	}
	return append(entries, e)
}

// Any schema, any record. The schemas have places a to f, lists, objects, references and now and then a keyword that
// the compiler does not understand.
func agreeOnAnything(rt *rapid.T, verdicts map[Verdict]int) {
	d := drawer{rt, rapid.IntRange(0, 3).Draw(rt, "opaque") == 0}
	document := d.schema()
	data, err := json.Marshal(document)
	if err != nil {
		rt.Fatal(err)
	}
	v, err := Compile(data)
	if err != nil {
		rt.Skip(err) // minLength above maxLength and the like
	}
	second := newOracle(rt, v)
	for range 5 {
		verdicts[agree(rt, v, second, d.entries(document))]++
	}
}

func TestRulesAgreeWithJudgeOnAnySchema(t *testing.T) {
	verdicts := map[Verdict]int{}
	rapid.Check(t, func(rt *rapid.T) { agreeOnAnything(rt, verdicts) })
	t.Logf("unsure %d, proven %d, found %d", verdicts[Unsure], verdicts[Proven], verdicts[Found])
	if all := verdicts[Unsure] + verdicts[Proven] + verdicts[Found]; verdicts[Proven]*20 < all ||
		verdicts[Found]*20 < all {
		t.Error("the schemas drawn leave the rules nothing to settle")
	}
}

func FuzzRulesAgreeWithJudge(f *testing.F) {
	f.Fuzz(rapid.MakeFuzz(func(rt *rapid.T) { agreeOnAnything(rt, map[Verdict]int{}) }))
}

// A value at a place the plan fills twice, an item left out and a value in a place that is filled as a whole are
// doubts.
func TestDoubtsGoToTheJudge(t *testing.T) {
	v := newTestValidator(t, nil)
	name := entry{"name", -1, '"', "Anna"}
	for what, entries := range map[string][]entry{
		"two values for one place": {name, name},
		"a gap in a list":          {{"tags[]", 0, '"', "a"}, {"tags[]", 2, '"', "b"}},
		"a list and its parts":     {{"emails", -1, '[', `[]`}, {"emails[].email", 0, '"', "a@example.com"}},
		"an item and its parts": {{"emails[]", 1, '{', `{"email":"b@example.com"}`},
			{"emails[].email", 0, '"', "a@example.com"}},
		"a list as a whole":        {{"tags", -1, '[', `["a"]`}},
		"a missing field":          {{"sentiment.polarity", -1, '0', "1"}},
		"two equal items":          {{"tags[]", 0, '"', "a"}, {"tags[]", 1, '"', "a"}},
		"no such JSON kind":        {{"name", -1, 0, ""}},
		"a position outside lists": {{"name", 0, '"', "Anna"}},
		"no position in a list":    {{"tags[]", -1, '"', "a"}},
		"too many items":           tagsUpTo(21),
	} {
		if verdict, _ := prove(v, entries); verdict != Unsure {
			t.Errorf("%s: %v", what, verdict)
		}
	}
	// A plan with a slot for an item and slots for its parts: even a record that uses only one kind is in doubt.
	p := v.Shape([]string{"emails[]", "emails[].type"}).NewProof()
	p.Begin()
	if p.Add(1, 0, '"', []byte("work")); p.Proves() {
		t.Error("an e-mail without address is proven")
	}
	p = v.Shape([]string{"name"}).NewProof()
	for range 3 {
		p.Begin()
		p.Add(0, -1, '"', []byte("Anna"))
		if !p.Proves() || p.End() != Proven {
			t.Error("the second look at a record, or the second record, is not proven")
		}
	}
	if p.Begin(); !p.Proves() {
		t.Error("a record without values is not proven")
	}
	if p.Add(1, -1, '"', nil); p.Proves() {
		t.Error("a slot that does not exist is proven")
	}
}

func tagsUpTo(n int) (entries []entry) {
	for i := range n {
		entries = append(entries, entry{"tags[]", i, '"', fmt.Sprint("tag", i)})
	}
	return entries
}

// A list that may hold nothing has no place for marks.
func TestAListWithoutRoom(t *testing.T) {
	v, err := Compile([]byte(`{"properties":{"a":{"maxItems":0}}}`))
	if err != nil {
		t.Fatal(err)
	}
	for _, item := range []int{-1, 0, 1} {
		if verdict, _ := prove(v, []entry{{"a[]", item, '"', "x"}}); verdict != Unsure {
			t.Errorf("item %d: %v", item, verdict)
		}
	}
	if verdict, _ := prove(newTestValidator(t, nil), tagsUpTo(20)); verdict != Proven {
		t.Error("20 tags are not proven")
	}
}

func TestRecordsDoNotLeakIntoEachOther(t *testing.T) {
	v := newTestValidator(t, demoKlass())
	rapid.Check(t, func(rt *rapid.T) {
		records := [][]entry{drawCustomer(rt), replace(drawCustomer(rt), entry{"name", -1, '0', "1"}), drawCustomer(rt)}
		var all []entry
		for _, entries := range records {
			all = append(all, entries...)
		}
		places := paths(all)
		slots := map[string]int{}
		for i, path := range places {
			slots[path] = i
		}
		p := v.Shape(places).NewProof()
		for _, entries := range records {
			alone, _ := prove(v, entries)
			p.Begin()
			for _, e := range entries {
				p.Add(slots[e.path], e.item, e.kind, []byte(e.text))
			}
			if together := p.End(); together != alone {
				rt.Fatalf("%v: alone %v, after others %v", entries, alone, together)
			}
		}
	})
}

func ExampleProof() {
	v, _ := NewValidator(nil)
	p := v.Shape([]string{"name", "emails[].email", "tags[]"}).NewProof()
	for _, address := range []string{"anna@example.com", "anna@example"} {
		p.Begin()
		p.Add(0, -1, '"', []byte("Anna"))
		p.Add(1, 0, '"', []byte(address))
		p.Add(2, 0, '"', []byte("vip"))
		p.Add(2, 1, '"', []byte("spring"))
		fmt.Println(p.End() == Proven, p.End() == Found, p.Findings(nil))
	}
	// Output:
	// true false []
	// false true [{emails.0.email format schema.format an e-mail address such as name@example.com }]
}

// A fixed value is proven where it is right, and found where it is wrong, as one that is not fixed.
func TestAFixedValueIsLookedAtOnce(t *testing.T) {
	v := newTestValidator(t, nil)
	for text, want := range map[string]Verdict{"home": Proven, "house": Found} {
		s := v.Shape([]string{"emails[].email", "emails[].type"})
		s.Fix(1, '"', []byte(text))
		p := s.NewProof()
		p.Begin()
		p.Add(0, 0, '"', []byte("a@example.com"))
		p.Add(1, 0, '"', []byte(text))
		if verdict := p.End(); verdict != want {
			t.Errorf("%s: %v", text, verdict)
		}
		if quick := s.slots[1].also == nil; quick != (want == Proven) {
			t.Errorf("%s: looked at again: %v", text, !quick)
		}
	}
	s := v.Shape([]string{"nothing.such"})
	s.Fix(0, '"', []byte("a"))
	p := s.NewProof()
	p.Begin()
	if p.Add(0, -1, '"', []byte("a")); p.Proves() {
		t.Error("a value that is for the judge is proven because it is fixed")
	}
}
