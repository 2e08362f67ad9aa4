package profile

import (
	"fmt"
	"testing"

	"muster/mappings"
	"muster/pipeline/report"
)

// Every column has one fate, and one without a value is lost in no way.
func TestFates(t *testing.T) {
	for _, test := range []struct {
		kind            mappings.UseKind
		values, refused int64
		want            string
	}{
		{mappings.Sent, 3, 0, report.FateSent},
		{mappings.Sent, 3, 1, report.FateRefusals},
		{mappings.Sent, 0, 0, report.FateBlank},
		{mappings.Sifts, 3, 0, report.FateIgnored},
		{mappings.Sifts, 0, 0, report.FateBlank},
		{mappings.Ignored, 3, 0, report.FateIgnored},
		{mappings.Ignored, 0, 0, report.FateIgnored},
		{mappings.LeftOut, 3, 1, report.FateLeftOut},
		{mappings.LeftOut, 0, 0, report.FateBlank},
	} {
		c := Column{Name: "A", Use: mappings.Use{Kind: test.kind}, Values: test.values, Refused: test.refused}
		if got := c.Fate(); got != test.want {
			t.Errorf("%+v is %s, want %s", test, got, test.want)
		}
	}
}

// Of very many columns the list is cut, the counts are exact, and those with the most values come first.
func TestManyColumnsAreCountedExactly(t *testing.T) {
	columns := make([]Column, 10_000)
	for i := range columns {
		columns[i] = Column{Name: fmt.Sprint("Column ", i), Place: i, Values: int64(i % 7),
			Use: mappings.Use{Kind: mappings.LeftOut, Why: mappings.NotKnown}}
	}
	columns[9_999].Values = 1 << 40
	b := Balance(columns)
	var sum int64
	for _, f := range b.Fates {
		sum += f.Columns
	}
	if sum != 10_000 || b.Columns != 10_000 || b.Lost() != int64(len(b.LeftOut))+b.More || len(b.LeftOut) != mostListed {
		t.Errorf("%d columns, %d counted, %d left out, %d listed and %d more", b.Columns, sum, b.Lost(), len(b.LeftOut),
			b.More)
	}
	if first := b.LeftOut[0]; first.Column != "Column 9999" || first.Line != "Column 9999: custom.column9999Str" {
		t.Errorf("the first is %+v", first)
	}
	if got, want := b.Headline(), "8,571 of 10,000 columns are NOT imported"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// A column without a name, or with one that others have, is called by its place, also where the line of a mapping
// brings it in.
func TestCalledByPlace(t *testing.T) {
	for want, c := range map[string]Column{
		"Notes: custom.notesStr":              {Name: "Notes", Suffix: "Str"},
		"column 3: custom.column3Str":         {Name: " ", Place: 2},
		"column 4: custom.notesNum":           {Name: "Notes", Place: 3, Doubled: true, Suffix: "Num"},
		`"#1": custom.columnStr`:              {Name: "#1"},
		"custom.aNum: custom.aNum":            {Name: "custom.aNum", Suffix: "Str"},
		"LOYALTY_TIER: custom.loyaltyTierStr": {Name: "LOYALTY_TIER"},
	} {
		c.Values, c.Use = 1, mappings.Use{Kind: mappings.LeftOut, Why: mappings.NotKnown}
		if got := Balance([]Column{c}).LeftOut[0].Line; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}
