package schema

import (
	"testing"

	"muster/schema/klass"
)

// Whatever an org's attributes are, records can be held to them: types that muster does not know, choices, lists,
// trees.
func TestEveryAttributeCompiles(t *testing.T) {
	k := &klass.Klass{Name: "customer", Attributes: []klass.Attribute{
		{Name: "acme_app-blob", Active: true},
		{Name: "acme_app-size", Type: "Num", Active: true},
		{Name: "friendsId", Type: "Id", Active: true, Array: true, Target: "customer"},
		{Name: "legacyScoreNum", Type: "Num", Display: "Legacy Score"},
		{Name: "loyaltyTierStr", Type: "Str", Display: "Loyalty Tier", Active: true,
			Enumeration: []string{"bronze", "silver", "bronze"}},
		{Name: "regionTree", Type: "Tree", Active: true, Enumeration: []string{"eu", "eu.nl", "us"}},
	}}
	if _, err := NewValidator(k); err != nil {
		t.Error(err)
	}
}

func TestNearest(t *testing.T) {
	v := newTestValidator(t, demoKlass())
	for name, want := range map[string]string{
		"avgSatScoreNum":      "avgSatScoreNum",
		"AvgSatScoreNum":      "avgSatScoreNum",
		"avg_sat_score":       "avgSatScoreNum",
		"Avg Sat Score":       "avgSatScoreNum",
		"avgSatScorNum":       "avgSatScoreNum",
		"vip":                 "vipBool",
		"LastOrder":           "lastOrderAt",
		"Loyality Tier":       "loyaltyTierStr",
		"Interests":           "interestsStr",
		"legacyScoreNum":      "", // inactive: not worth pointing to
		"shoeSizeNum":         "",
		"":                    "",
		"x":                   "",
		"completelyUnrelated": "",
	} {
		if got := v.Nearest(name); got != want {
			t.Errorf("Nearest(%q) = %q, want %q", name, got, want)
		}
	}
	if got := newTestValidator(t, nil).Nearest("vipBool"); got != "" {
		t.Errorf("offline: %q", got)
	}
}

// The judge of an offline customer takes custom apart by suffix; its verdicts are those of the document's
// patternProperties.
func TestOfflineCustomIsJudgedAsTheDocumentSays(t *testing.T) {
	v := newTestValidator(t, nil)
	second := newOracle(t, v)
	for _, name := range []string{"aStr", "aTxt", "aNum", "aAt", "aBool", "aUrl", "aId", "aTree", "Str", "a", "", "astr",
		"aStr ", "\nStr", "aStr\n", "éId", "aAtNum"} {
		for _, value := range []any{"x", "", 1, true, nil, []any{}, map[string]any{}, "2024-05-31T09:30:00Z",
			"https://example.com", "0123456789abcdef01234567"} {
			record := []byte(mustJSON(t, map[string]any{"custom": map[string]any{name: value}}))
			findings, err := v.Validate(record)
			decoded, _ := decode(record)
			if valid := second.Validate(decoded) == nil; err != nil || valid != (len(findings) == 0) {
				t.Errorf("%s: %v %v, by the document valid=%v", record, findings, err, valid)
			}
		}
	}
}
