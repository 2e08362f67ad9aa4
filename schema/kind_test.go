package schema

import (
	"fmt"
	"strings"
	"testing"

	"muster/pipeline/object"
)

// Each limit of each field, at it and beyond it, in UTF-16 units.
func TestEveryLimitOfEveryKind(t *testing.T) {
	for _, name := range []string{"company", "kobject.order", "conversation", "message", "note"} {
		kind := object.Called(name)
		v, err := NewKindValidator(kind, nil)
		if err != nil {
			t.Fatal(err)
		}
		base := map[string]string{"externalId": `"x"`}
		for _, f := range kind.Fields {
			if f.Must && base[f.Name] == "" {
				switch f.Type {
				case object.ID:
					base[f.Name] = `"0123456789abcdef01234567"`
				case object.OneOf:
					base[f.Name] = `"` + f.Choices[0] + `"`
				default:
					base[f.Name] = `"` + strings.Repeat("n", max(1, f.Min)) + `"`
				}
			}
		}
		check := func(field, value string, want string) {
			t.Helper()
			members := []string{}
			for name, text := range base {
				if name != field {
					members = append(members, fmt.Sprintf("%q:%s", name, text))
				}
			}
			if value != "" {
				members = append(members, fmt.Sprintf("%q:%s", field, value))
			}
			found, err := v.Validate([]byte("{" + strings.Join(members, ",") + "}"))
			if err != nil {
				t.Fatal(err)
			}
			got := ""
			if len(found) > 0 {
				got = found[0].Code
			}
			if got != want {
				t.Errorf("%s.%s = %.60s…: %q, want %q (%v)", name, field, value, got, want, found)
			}
		}
		quoted := func(n int, with string) string { return `"` + strings.Repeat(with, n) + `"` }
		check("externalId", `"x"`, "")
		for _, f := range kind.Fields {
			if f.Must && (f.Type != object.ID || f.Name == "externalId") {
				check(f.Name, "", "schema.required")
			}
			switch f.Type {
			case object.Text, object.Line:
				if f.Max > 0 {
					check(f.Name, quoted(f.Max, "x"), "")
					check(f.Name, quoted(f.Max+1, "x"), "schema.length")
					check(f.Name, quoted(f.Max/2, "😀"), "")
					check(f.Name, quoted(f.Max/2+1, "😀"), "schema.length")
				}
				check(f.Name, "5", "schema.type")
			case object.OneOf:
				check(f.Name, `"purple"`, "schema.enum")
			case object.Moment:
				check(f.Name, `"2024-05-31T09:30:00Z"`, "")
				check(f.Name, `"yesterday"`, "schema.format")
			case object.Whole:
				check(f.Name, "6", "schema.range")
				check(f.Name, "1.5", "schema.type")
			case object.ID:
				if f.Name != "externalId" {
					check(f.Name, `"T-1"`, "schema.pattern")
				}
			case object.Words:
				if f.Name == "tags" {
					check(f.Name, "["+strings.Repeat(`"a",`, 20)+`"b"]`, "schema.items")
				}
			}
		}
		check("colour", `"red"`, "schema.field")
		for _, r := range kind.References {
			check(r.Key(), `"T-1"`, "")
		}
	}
}

func TestDomains(t *testing.T) {
	v, err := NewKindValidator(object.Called("company"), nil)
	if err != nil {
		t.Fatal(err)
	}
	for domain, want := range map[string]int{"acme.example": 0, "a-b.co.uk": 0, "https://acme.example": 1, "acme": 1,
		"": 1} {
		found, err := v.Validate([]byte(`{"name":"Acme","externalId":"1","domains":[{"domain":"` + domain + `"}]}`))
		if err != nil || len(found) != want {
			t.Errorf("%q: %v %v", domain, found, err)
		}
	}
}
