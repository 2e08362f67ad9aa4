package sandbox

import (
	"encoding/json"
	"testing"
	"unicode/utf8"
)

func TestParseReadsEveryKind(t *testing.T) {
	v, err := parse([]byte(` {"a":[1,-2.5e3,"x\u00e9\n"],"b":{"c":null,"d":true,"e":false},"f":""} `))
	if err != nil {
		t.Fatal(err)
	}
	list := v.get("a")
	if list.len() != 3 || list.item(1).float() != -2500 || list.item(2).string() != "xé\n" {
		t.Errorf("list: %s", list.raw())
	}
	group := v.get("b")
	if !group.get("c").isNull() || !group.get("d").isTrue() || group.get("e").kind() != 'f' || group.get("x").exists() {
		t.Errorf("group: %s", group.raw())
	}
	if v.get("f").string() != "" || v.len() != 3 {
		t.Errorf("whole: %s", v.raw())
	}
}

func TestEqualIsJSONSchemasEquality(t *testing.T) {
	for _, c := range []struct {
		a, b string
		same bool
	}{
		{`{"a":1,"b":"x"}`, `{"b":"\u0078","a":1.0}`, true},
		{`[1,2]`, `[2,1]`, false},
		{`{"a":1}`, `{"a":1,"b":2}`, false},
		{`{"a":1}`, `{"b":1}`, false},
		{`1e2`, `100`, true},
		{`null`, `false`, false},
	} {
		a, _ := parse([]byte(c.a))
		b, _ := parse([]byte(c.b))
		if a.equal(b) != c.same {
			t.Errorf("%s = %s: %v", c.a, c.b, !c.same)
		}
	}
}

// The parser must take exactly what encoding/json takes, but for text that is not UTF-8 and nesting beyond maxDepth.
func FuzzParse(f *testing.F) {
	for _, s := range []string{
		`{"a":[1,2,{"b":null}]}`, `[]`, ` [ ] `, `[1,]`, `{"a":1,}`, `{,}`, `[1 2]`, `{"a" 1}`, `"\u12"`, `"\x"`, "\"\n\"",
		`01`, `-`, `1.`, `1e`, `1e+`, `-0.0e-1`, `tru`, `nul`, `{"a":1}x`, ``, ` `, `"`, `"\`, `{"a`, `{"a":`, `[`, "\xff",
		`"\ud800"`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		v, err := parse(text)
		want := json.Valid(text) && utf8.Valid(text)
		if (err == nil) != want {
			if err != nil && depth(text) > maxDepth {
				return
			}
			t.Fatalf("parse %q: %v, encoding/json says %v", text, err, want)
		}
		if err == nil {
			compare(t, v, text)
		}
	})
}

func depth(text []byte) int {
	most, now := 0, 0
	for _, c := range text {
		switch c {
		case '[', '{':
			now++
			most = max(most, now+1)
		case ']', '}':
			now--
		}
	}
	return most
}

// compare holds v to what encoding/json reads.
func compare(t *testing.T, v value, text []byte) {
	var want any
	if err := json.Unmarshal(text, &want); err != nil {
		return // a number beyond float64
	}
	got, err := json.Marshal(plain(v))
	if err != nil {
		t.Fatal(err)
	}
	wanted, _ := json.Marshal(want)
	if string(got) != string(wanted) {
		t.Fatalf("%q: got %s, want %s", text, got, wanted)
	}
}

func plain(v value) any {
	switch v.kind() {
	case 'n':
		return nil
	case 't', 'f':
		return v.kind() == 't'
	case '0':
		return v.float()
	case '"':
		return v.string()
	case '[':
		list := []any{}
		for _, item := range v.items() {
			list = append(list, plain(item))
		}
		return list
	}
	group := map[string]any{}
	for name, member := range v.members() {
		group[name.string()] = plain(member)
	}
	return group
}
