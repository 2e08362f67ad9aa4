package klass

import (
	"bytes"
	"reflect"
	"strings"
	"testing"
)

// What is written is what is read: every attribute an org can have comes back whole.
func TestKlassFileRoundTrip(t *testing.T) {
	k, err := Parse([]byte(metadataBody))
	if err != nil {
		t.Fatal(err)
	}
	k.Attributes = append(k.Attributes, Attribute{Name: "SKUStr", Type: "Str", Active: true},
		Attribute{Name: "no suffix", Active: true})
	company := &Klass{Name: "company"}
	var b bytes.Buffer
	leftOut, err := WriteFile(&b, "made for a test", []*Klass{k, company})
	if err != nil || !reflect.DeepEqual(leftOut, []string{"no suffix"}) {
		t.Fatal(leftOut, err)
	}
	back, err := ParseFile("x.yaml", b.Bytes())
	if err != nil {
		t.Fatalf("%v\n%s", err, b.String())
	}
	want := append([]Attribute{k.Attributes[len(k.Attributes)-2]}, k.Attributes[:len(k.Attributes)-2]...)
	if len(back) != 2 || !reflect.DeepEqual(back[0].Attributes, want) || len(back[1].Attributes) != 0 {
		t.Errorf("got  %+v\nwant %+v\n%s", back[0].Attributes, want, b.String())
	}
	for _, d := range Compare(back[0], k) {
		if d.Name != "no suffix" {
			t.Errorf("differs from itself: %+v", d)
		}
	}
}

// Every mistake is told with its line.
func TestKlassFileMistakes(t *testing.T) {
	for text, want := range map[string]string{
		"":                        "x:1: the file is empty",
		"a: [":                    "x:1: not YAML",
		"version: 2\nklasses: {}": "x:1: version",
		"version: 1\nklass: {}":   "x:2: the file has no key",
		"version: 1":              "x:1: no Klass is in the file",
		"klasses:\n  order: {}":   `x:2: "order" is none of the Klasses`,
		"klasses:\n  customer:\n    Avg Sat Score: {type: number}": `x:3: the name "Avg Sat Score" has a space in it; system names are camelCase or PascalCase, such as avgSatScoreStr`,
		"klasses:\n  customer:\n    avgSatScore: {}":               `x:3: the name "avgSatScore" does not end in its type`,
		"klasses:\n  customer:\n    größeStr: {}":                  `x:3: the name "größeStr" is not camelCase`,
		"klasses:\n  customer:\n    aNum: {type: text}": "x:3: aNum is number by its name, " +
			"which ends in Num, and text by its type: give it the name aStr",
		"klasses:\n  customer:\n    aNum: {type: colour}": `x:3: "colour" is none of the types`,
		"klasses:\n  customer:\n    aNum: {enumeration: [a]}": "x:3: aNum is number: only text " +
			"(Str) has choices",
		"klasses:\n  customer:\n    aStr: {enumeration: [a, a]}": `x:3: aStr has the choice "a" twice`,
		"klasses:\n  customer:\n    aStr: {enumeration: a}":      "x:3: write the choices as a list",
		"klasses:\n  customer:\n    aStr: {active: maybe}":       "x:3: write true or false",
		"klasses:\n  customer:\n    aStr: {}\n    aStr: {}":      "x:4: aStr stands in line 3 already",
		"klasses:\n  customer:\n    aStr: {}\n    AStr: {}": "x:4: AStr and aStr differ only in " +
			"capitals",
		"klasses:\n  customer:\n    aStr: {}\n    b c: {}\n    dNum: {type: text}\n": "x:4: ",
	} {
		_, err := ParseFile("x", []byte(text))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}

func TestCheckName(t *testing.T) {
	for name, ok := range map[string]bool{
		"avgSatScoreNum": true, "AvgSatScoreNum": true, "a1Str": true, "Avg Sat Score": false, "avgSatScore": false,
		"Num":         false,
		"avg_sat_num": false, "acme_app-size": false, "1stStr": false, "": false, "VIPStr": false, "vipStr": true,
	} {
		if err := CheckName(name); (err == nil) != ok {
			t.Errorf("%q: %v", name, err)
		}
	}
}

func TestSystemName(t *testing.T) {
	for _, one := range [][3]string{
		{"Avg Sat Score", "Num", "avgSatScoreNum"}, {"loyalty_tier", "Str", "loyaltyTierStr"}, {"VIP", "Bool", "vipBool"},
		{"klaviyoID", "Str", "klaviyoIdStr"}, {"lastOrderAt", "At", "lastOrderAt"}, {"lastOrderAt", "Str", "lastOrderAtStr"},
		{"字", "Str", ""},
		{"IDNumber", "Str", "idNumberStr"},
	} {
		got := SystemName(one[0], one[1])
		if got != one[2] || got != "" && CheckName(got) != nil {
			t.Errorf("%v: %q %v", one, got, CheckName(got))
		}
	}
}

func TestCompare(t *testing.T) {
	have := &Klass{Name: "customer", Attributes: []Attribute{
		{Name: "sameStr", Type: "Str", Display: "Same", Active: true},
		{Name: "tierStr", Type: "Str", Active: true, Enumeration: []string{"gold", "silver"}},
		{Name: "openStr", Type: "Str", Active: true},
		{Name: "oldNum", Type: "Num"},
		{Name: "CapsNum", Type: "Num", Active: true},
		{Name: "calledStr", Type: "Str", Display: "Called", Active: true},
		{Name: "extraStr", Type: "Str", Active: true},
		{Name: "goneStr", Type: "Str", Active: true},
		{Name: "otherNum", Type: "Num", Display: "New", Active: true},
	}}
	want := &Klass{Name: "customer", Attributes: []Attribute{
		{Name: "sameStr", Type: "Str", Display: "Same", Active: true},
		{Name: "tierStr", Type: "Str", Active: true, Enumeration: []string{"gold", "platinum"}},
		{Name: "openStr", Type: "Str", Active: true, Enumeration: []string{"a"}},
		{Name: "oldNum", Type: "Num", Active: true},
		{Name: "capsNum", Type: "Num", Active: true},
		{Name: "calledStr", Type: "Str", Display: "Named", Active: true},
		{Name: "goneStr", Type: "Str"},
		{Name: "newStr", Type: "Str", Display: "New", Active: true},
		{Name: "areaTree", Type: "Tree", Active: true},
	}}
	var got []string
	for _, d := range Compare(want, have) {
		line := d.Name + " " + d.Kind
		if d.Has != "" {
			line += " " + d.Has
		}
		if d.Asks() {
			line += " asks"
		}
		if d.CanApply() {
			line += " " + string(d.Property())
		}
		got = append(got, line)
	}
	wantLines := []string{
		"areaTree lacking asks", "calledStr display Called", "capsNum spelling CapsNum asks", "extraStr extra",
		"goneStr retired",
		`newStr lacking otherNum asks {"displayName":"New"}`, "oldNum inactive asks", "openStr open", "otherNum extra",
		`tierStr choices asks {"enumeration":["gold","silver","platinum"]}`,
	}
	if !reflect.DeepEqual(got, wantLines) {
		t.Errorf("got  %q\nwant %q", got, wantLines)
	}
	if all := Compare(want, nil); len(all) != 8 {
		t.Errorf("against nothing: %+v", all)
	}
}
