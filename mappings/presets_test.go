package mappings

import (
	"regexp"
	"strings"
	"testing"
)

func TestPresetsParse(t *testing.T) {
	names, err := presetFiles.ReadDir("presets")
	if err != nil || len(names) < 20 {
		t.Fatal(len(names), err)
	}
	for _, one := range names {
		name := one.Name()[:len(one.Name())-len(".yaml")]
		m, err := Parse(name, PresetFile(name))
		if err != nil {
			t.Error(err)
		} else if m.Match == nil || m.Match.Name == "" {
			t.Errorf("%s does not say how it is recognised", name)
		} else if err := m.Try(BindOptions{}); err != nil {
			t.Error(err)
		}
	}
}

var (
	aboutConsent = regexp.MustCompile(`(?i)consent|subscri|opt.?(in|out|ed)|marketing|blacklist|accepts|suppress|unsub|do.?not|status$`)
	// Names that say no, or only name a state: whatever the cell holds, it never reads as a consent.
	saysNo = regexp.MustCompile(`(?i)optedout|donotcall|unsub|blacklist|suppress`)
)

// What a file says of consent is copied into an attribute that says the same, or left out: it never
// becomes a tag or another field, a no never loses its no, and no preset adds a consent of its own.
func TestUnsubscribedNeverBecomesOptedIn(t *testing.T) {
	seen := 0
	for _, m := range Presets() {
		if m.Kind != Customers { // nobody subscribes a ticket
			continue
		}
		for _, e := range m.entries {
			if e.ignore || e.open != "" || !aboutConsent.MatchString(e.column) || strings.HasPrefix(e.column, "OPTIN_TIME") {
				continue
			}
			seen++
			path := e.target.path()
			if !strings.HasPrefix(path, "custom.") {
				t.Errorf("%s: %s goes to %s", m.Name, e.column, path)
			}
			if saysNo.MatchString(e.column) && !saysNo.MatchString(path) {
				t.Errorf("%s: %s goes to %s, which does not say no any more", m.Name, e.column, path)
			}
			if e.manners.values != nil {
				t.Errorf("%s: %s is rewritten", m.Name, e.column)
			}
		}
		for _, c := range m.constants {
			if aboutConsent.MatchString(c.target.path()) && string(c.value.Text) != "unsubscribed" {
				t.Errorf("%s: constant %s", m.Name, c.target.path())
			}
		}
	}
	if seen < 15 {
		t.Errorf("%d columns about consent: the test looks past them", seen)
	}
}

// A preset is known by its header alone: in any order, among other columns. One name that must be
// there and is not, and it is another kind of file.
func TestRecognise(t *testing.T) {
	for _, m := range Presets() {
		if m.Match.Named {
			continue
		}
		var columns []string
		for _, name := range append(append([]string{}, m.Match.Must...), m.Match.Typical...) {
			one, _, _ := strings.Cut(name, " | ")
			columns = append([]string{one}, columns...)
		}
		if got, sure := Recognise(columns); got == nil || got.Name != m.Name || sure < Sure {
			t.Errorf("%s is taken for %v (%.2f)", m.Name, got, sure)
		}
		got, sure := Recognise(append([]string{"Shoe size", "Hat"}, columns...))
		if m.Match.Only != nil && got != nil && got.Name == m.Name {
			t.Errorf("%s is recognised among columns that it cannot have", m.Name)
		}
		if m.Match.Only == nil && !m.Match.Common && (got == nil || got.Name != m.Name || sure < Sure) {
			t.Errorf("%s among other columns is taken for %v (%.2f)", m.Name, got, sure)
		}
		if got, _ := Recognise(columns[:len(columns)-1]); got != nil && got.Name == m.Name {
			t.Errorf("%s is recognised without %q", m.Name, columns[len(columns)-1])
		}
	}
	for _, columns := range []string{"Name|Email|Phone", "first_name|last_name|email|created_at|status|company|id",
		"id|name|email", "Email|First Name|Last Name|Phone", ""} {
		if got, sure := Recognise(strings.Split(columns, "|")); got != nil && sure >= Sure {
			t.Errorf("%s is taken for %s", columns, got.Name)
		}
	}
}

func BenchmarkRecognise(b *testing.B) {
	for b.Loop() {
		Recognise([]string{"Name", "Email", "Phone"})
	}
}
