package schema

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"muster/schema/klass"
)

// A customer's texts are counted in UTF-16 units where they may be too long, by the rules and by the judge alike.
func TestLengthsAreInUnits(t *testing.T) {
	k := &klass.Klass{Name: "customer", Attributes: []klass.Attribute{{Name: "aStr", Type: "Str", Active: true}}}
	for _, klass := range []*klass.Klass{nil, k} {
		v, err := NewValidator(klass)
		if err != nil {
			t.Fatal(err)
		}
		for _, tc := range []struct {
			path, text string
			wrong      bool
		}{
			{"name", strings.Repeat("😀", 128), false},
			{"name", strings.Repeat("😀", 128) + "x", true},
			{"name", strings.Repeat("😀", 256), true},
			{"name", strings.Repeat("é", 256), false},
			{"name", strings.Repeat("字", 256), false},
			{"locations[].zipCode", strings.Repeat("😀", 16), true},
			{"locations[].zipCode", strings.Repeat("😀", 15), false},
			{"custom.aStr", strings.Repeat("😀", 512), false},
			{"custom.aStr", strings.Repeat("😀", 513), true},
			{"companyName", "😀😀", true}, // two characters
		} {
			record := map[string]any{}
			switch head, rest, nested := strings.Cut(tc.path, "."); {
			case strings.HasSuffix(head, "[]"):
				record[strings.TrimSuffix(head, "[]")] = []any{map[string]any{rest: tc.text}}
			case nested:
				record[head] = map[string]any{rest: tc.text}
			default:
				record[head] = tc.text
			}
			payload, err := json.Marshal(record)
			if err != nil {
				t.Fatal(err)
			}
			findings, err := v.Validate(payload)
			if err != nil || (len(findings) == 1) != tc.wrong {
				t.Errorf("%s of %d bytes: %+v, %v", tc.path, len(tc.text), findings, err)
			}
			item := -1
			if strings.Contains(tc.path, "[]") {
				item = 0
			}
			proof := v.Shape([]string{tc.path}).NewProof()
			proof.Begin()
			proof.Add(0, item, '"', []byte(tc.text))
			verdict := proof.End()
			if verdict != map[bool]Verdict{true: Found, false: Proven}[tc.wrong] {
				t.Errorf("%s of %d bytes: verdict %d", tc.path, len(tc.text), verdict)
			}
			if tc.wrong && fmt.Sprint(proof.Findings(nil)) != fmt.Sprint(findings) {
				t.Errorf("%s: the rules say %+v, the judge %+v", tc.path, proof.Findings(nil), findings)
			}
			if tc.wrong && len(findings) == 1 && findings[0].Code != "schema.length" {
				t.Errorf("%+v", findings[0])
			}
		}
	}
	v, err := Compile([]byte(`{"type":"object","properties":{"a":{"type":"string","maxLength":2}}}`))
	if err != nil {
		t.Fatal(err)
	}
	if findings, err := v.Validate([]byte(`{"a":"😀😀"}`)); err != nil || len(findings) > 0 ||
		!v.Rule("a").Proves('"', []byte("😀😀")) {
		t.Errorf("a schema of one's own counts characters: %+v, %v", findings, err)
	}
}
