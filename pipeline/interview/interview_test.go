package interview_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/text/encoding/charmap"

	"muster/mappings"
	"muster/pipeline/interview"
)

func about(t *testing.T, text string) *interview.Interview {
	t.Helper()
	path := filepath.Join(t.TempDir(), "people.csv")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return interview.New(path, interview.Options{})
}

// through answers every question: by its id, else with its default.
func through(t *testing.T, v *interview.Interview, answers map[string]string) (asked []string) {
	t.Helper()
	for range 50 {
		q, _, _, err := v.Next(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if q == nil {
			return asked
		}
		asked = append(asked, q.ID)
		if err := v.Answer(q, answers[q.ID]); err != nil {
			t.Fatalf("%s: %v", q.ID, err)
		}
	}
	t.Fatal("it never ends")
	return nil
}

func TestAnInterviewAsksWhatTheFileLeavesOpen(t *testing.T) {
	for _, one := range []struct {
		name, text string
		answers    map[string]string
		asked      string
		wanted     []string // in the mapping
	}{
		{"sure", "Email,First Name,Last Name\na@example.com,Ana,Abel\nb@example.com,Bea,Bose\n", nil, "",
			[]string{"Email: emails", `First Name: {to: name, join: " "}`}},
		{"names in two columns", "A-Name,B-Name,Email\nAna,Abel,a@example.com\nBea,Bose,b@example.com\n",
			map[string]string{"column:1": "name", "column:2": "name", "joined": "last"},
			"column:1 column:2 joined", []string{"B-Name: {to: name, join: \" \"}\n  # 100 %: chosen by hand\n" +
				"  A-Name: {to: name, join: \" \"}"}},
		{"dates", "Email,Birthday\na@example.com,01/02/1990\nb@example.com,03/04/1991\n",
			map[string]string{"reading:2": "MM/DD/YYYY"}, "reading:2", []string{"layout: MM/DD/YYYY"}},
		{"a column is left out", "Email,Zeta\na@example.com,x\nb@example.com,y\n",
			map[string]string{"column:2": interview.LeaveIt}, "column:2", []string{"Zeta: ignore"}},
		{"a blank column is not asked about", "Email,Zeta\na@example.com,\nb@example.com,\n", nil, "",
			[]string{"Zeta: undecided"}},
		{"a country by its name", "Email,Phone\na@example.com,020 7946 0000\n", map[string]string{"region": "United Kingdom"},
			"region", []string{"region: GB"}},
	} {
		v := about(t, one.text)
		asked := through(t, v, one.answers)
		if got := strings.Join(asked, " "); got != one.asked {
			t.Errorf("%s: it asked %q, want %q", one.name, got, one.asked)
		}
		r := v.Result()
		if r.Trouble != nil {
			t.Errorf("%s: %v", one.name, r.Trouble)
		}
		for _, want := range one.wanted {
			if !bytes.Contains(r.Mapping, []byte(want)) {
				t.Errorf("%s: no %q in\n%s", one.name, want, r.Mapping)
			}
		}
	}
}

// What Enter takes is never worse than to leave a column out: it goes nowhere its values do not fit.
func TestDefaultsDoNoHarm(t *testing.T) {
	header := "Email,Remarks,VIP,E-Mailing,Name Tag,Zip Lock,Fone,Citty,Dob Note,Tags2,Stat\n"
	rows := "a@example.com,likes tea,yes,no,x9,blue,none yet,12,maybe,1,open\n" +
		"b@example.com,call later,no,yes,x8,red,ask,14,never,2,shut\nc@example.com,ok,yes,yes,x7,red,ask,15,never,3,shut\n"
	v := about(t, header+rows)
	list, err := v.Questions(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, q := range list {
		if !strings.HasPrefix(q.Default, "custom.") && q.Default != interview.LeaveIt {
			t.Errorf("%s takes %s by default", q.Text, q.Default)
		}
		if len(q.Samples) == 0 || q.Filled == 0 || q.Rows == 0 {
			t.Errorf("%s shows no values, or not of how many", q.Text)
		}
	}
}

// Back takes answers back, and what they brought with them.
func TestBack(t *testing.T) {
	v := about(t, "Email,Zeta\na@example.com,01/02/1990\nb@example.com,03/04/1991\n")
	q, number, of, err := v.Next(t.Context())
	if err != nil || q == nil || number != 1 {
		t.Fatal(q, number, of, err)
	}
	if v.Back() {
		t.Error("it goes back before the first question")
	}
	if err := v.Answer(q, "emals"); err == nil {
		t.Error("a reading that there is not is taken")
	}
	if err := v.Answer(q, interview.LeaveIt); err != nil {
		t.Fatal(err)
	}
	if q, _, _, _ := v.Next(t.Context()); q != nil {
		t.Fatalf("then it asks %s", q.Text)
	}
	if !v.Back() {
		t.Fatal("it does not go back")
	}
	if q, _, _, _ := v.Next(t.Context()); q == nil {
		t.Error("the question does not come again")
	}
}

// An encoding that the file does not show is asked by a word of it.
func TestAnEncodingIsAskedByAWord(t *testing.T) {
	text, err := charmap.Windows1250.NewEncoder().String(
		"Email,Name\na@example.com,Tomá Dvořák\nb@example.com,Aňa Ťažká\n")
	if err != nil {
		t.Fatal(err)
	}
	v := about(t, text)
	list, err := v.Questions(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(list) == 0 || list[0].ID != "encoding" {
		t.Skip("the encoding is found out")
	}
	if len(list[0].Options) < 2 {
		t.Errorf("%+v", list[0])
	}
}

// The text of every result is a mapping that can be used.
func TestResultsBind(t *testing.T) {
	v := about(t, "A-Name,Adr,Email\n\"Abel, Ana\",\"Weg 1, 10115 Berlin\",a@example.com\n"+
		"\"Bose, Bea\",\"Weg 2, 10115 Berlin\",b@example.com\n")
	through(t, v, map[string]string{"column:1": "name"})
	r := v.Result()
	m, err := mappings.Parse("m", r.Mapping)
	if err == nil {
		_, err = m.Bind(r.Columns, mappings.BindOptions{})
	}
	if err != nil || !bytes.Contains(r.Mapping, []byte("first_name_first")) ||
		!bytes.Contains(r.Mapping, []byte("locations[home].zipCode")) {
		t.Errorf("%v\n%s", err, r.Mapping)
	}
}

// What is answered of a column that a system's mapping leaves out goes beside the lines of that mapping, also where one
// of them has the column's name: of two columns that are called the same, it is about the first.
func TestAnswersStandBesideAPreset(t *testing.T) {
	for _, file := range []string{"hubspot.csv", "vcard.vcf"} {
		v := interview.New(filepath.Join("../../samples/presets", file), interview.Options{})
		if asked := through(t, v, nil); len(asked) < 3 || asked[0] != "preset" {
			t.Fatalf("%s: asked %q", file, asked)
		}
		r := v.Result()
		m, err := mappings.Parse("m", r.Mapping)
		if err == nil {
			_, err = m.Bind(r.Columns, mappings.BindOptions{})
		}
		if err != nil || r.Trouble != nil || !bytes.Contains(r.Mapping, []byte("\n  column ")) {
			t.Errorf("%s: %v\n%s", file, err, r.Mapping)
		}
	}
}
