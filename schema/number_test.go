package schema

import (
	"encoding/json"
	"math/big"
	"testing"

	"pgregory.net/rapid"
)

func TestDecimals(t *testing.T) {
	for text, want := range map[string]struct{ integer, ok bool }{
		"0": {true, true}, "-0": {true, true}, "10": {true, true}, "-12345678901234567890": {true, true},
		"0.5": {false, true}, "-1.50": {false, true},
		"": {}, "-": {}, "+1": {}, "01": {}, "-01": {}, "00.5": {}, ".5": {}, "1.": {}, "1.5.": {}, "1,5": {}, "1e2": {},
		"1E2": {}, " 1": {}, "1 ": {}, "0x1": {}, "١": {}, "NaN": {}, "--1": {},
	} {
		if integer, ok := isDecimal([]byte(text)); integer != want.integer || ok != want.ok {
			t.Errorf("%q: %v %v", text, integer, ok)
		}
		if want.ok && !json.Valid([]byte(text)) {
			t.Errorf("%q is no JSON", text)
		}
	}
}

func TestFixedOrdersAsExactNumbersDo(t *testing.T) {
	numbers := rapid.StringMatching(`-?(0|[1-9][0-9]{0,9})(\.[0-9]{1,10})?`)
	rapid.Check(t, func(t *rapid.T) {
		a, b := numbers.Draw(t, "a"), numbers.Draw(t, "b")
		fixedA, okA := parseFixed([]byte(a))
		fixedB, okB := parseFixed([]byte(b))
		if !okA || !okB {
			return
		}
		exactA, _ := new(big.Rat).SetString(a)
		exactB, _ := new(big.Rat).SetString(b)
		if want := exactA.Cmp(exactB); (fixedA < fixedB) != (want < 0) || (fixedA > fixedB) != (want > 0) {
			t.Fatalf("%s and %s: %d and %d", a, b, fixedA, fixedB)
		}
	})
	for _, text := range []string{"999999999.999999999", "-999999999.999999999", "0.000000001"} {
		if _, ok := parseFixed([]byte(text)); !ok {
			t.Errorf("%s does not fit", text)
		}
	}
	for _, text := range []string{"1000000000", "0.0000000001"} {
		if _, ok := parseFixed([]byte(text)); ok {
			t.Errorf("%s fits", text)
		}
	}
}

// Numbers that made the judge panic or work for minutes.
func TestInsaneNumbersNeverReachTheJudge(t *testing.T) {
	v, err := Compile([]byte(`{"properties":{"a":{"minimum":0,"enum":[1],"multipleOf":2},"b":{"uniqueItems":true}},"dependencies":{"a":["b"]}}`))
	if err != nil {
		t.Fatal(err)
	}
	for _, number := range []string{"1e400", "-1E+400", "1e999999999", "1e-999999999", "1e-9999999999999999999"} {
		for place, record := range map[string]string{"a": `{"a":` + number + `}`, "b.1": `{"b":[1,` + number + `]}`,
			"c.d.0": `{"c":{"d":[` + number + `]}}`} {
			findings, err := v.Validate([]byte(record))
			if err != nil || len(findings) != 1 || findings[0].Path != place || findings[0].Code != "schema.range" {
				t.Errorf("%s: %+v %v", record, findings, err)
			}
		}
	}
	if findings, err := v.Validate([]byte(number300())); err != nil || len(findings) != 0 {
		t.Errorf("300 digits: %+v %v", findings, err)
	}
}

func number300() string {
	digits := make([]byte, 300)
	for i := range digits {
		digits[i] = '9'
	}
	return string(digits)
}
