package command_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"muster/pipeline/report"
)

// words takes a printed command apart as a shell does, and the file that its output goes to off it.
func words(t *testing.T, line string) (args []string, into string) {
	t.Helper()
	var word strings.Builder
	quoted, begun, escaped := false, false, false
	end := func() {
		if begun {
			args = append(args, word.String())
		}
		word.Reset()
		begun = false
	}
	for _, c := range line {
		switch {
		case escaped:
			word.WriteRune(c)
			escaped = false
		case c == '\\' && !quoted:
			escaped, begun = true, true
		case c == '\'':
			quoted, begun = !quoted, true
		case c == ' ' && !quoted:
			end()
		case strings.ContainsRune("$`\"&|;<", c) && !quoted:
			t.Fatalf("a shell takes %q for more than it is in %s", c, line)
		default:
			word.WriteRune(c)
			begun = true
		}
	}
	end()
	if args[0] != "muster" {
		t.Fatalf("%s is no command of muster", line)
	}
	if n := len(args); n > 2 && args[n-2] == "-o" {
		return args[1 : n-2], args[n-1]
	}
	return args[1:], ""
}

// reportOf is the report of the only run of a state directory that has not been read yet.
func reportOf(t *testing.T, state string) *report.Summary {
	t.Helper()
	paths, err := filepath.Glob(state + "/runs/*/report.json")
	if err != nil || len(paths) != 1 {
		t.Fatalf("reports: %v, %v", paths, err)
	}
	text, err := os.ReadFile(paths[0])
	if err != nil {
		t.Fatal(err)
	}
	var s report.Summary
	if err := json.Unmarshal(text, &s); err != nil {
		t.Fatal(err)
	}
	return &s
}

// TestLaw11WaysInCanBePasted: each command that a report prints beside columns that are not imported does what it says,
// from the directory where it was printed, whatever the names of files and columns are.
func TestLaw11WaysInCanBePasted(t *testing.T) {
	for name, test := range map[string]struct{ file, text, flags string }{
		"a preset": {"h.csv", "", ""},
		"names with signs": {"it's a 'file'.csv", "External ID;Name;It's $1 \"net\";a|b;Ätt\n1;Ann;x;y;z\n",
			"--delimiter ; --unmapped ignore"},
		"doubles and no name": {"d.csv", "External ID,Name,,Notes,Name\n1,Ann,x,y,Bo\n",
			"--unmapped ignore --mapping own.yaml"},
		"nothing is known": {"n.csv", "External ID,Name,Shoe Model\n1,Ann,x\n", "--unmapped ignore"},
	} {
		t.Run(name, func(t *testing.T) {
			sample, err := os.ReadFile("../../samples/presets/hubspot.csv")
			if err != nil {
				t.Fatal(err)
			}
			t.Chdir(t.TempDir())
			if test.text == "" {
				test.text = string(sample)
			}
			write(t, test.file, test.text)
			write(t, "own.yaml", "version: 1\ndoubles: first\ncolumns:\n  External ID: externalId\n  Name: name\n")
			first := append([]string{"import", test.file, "--to", "sandbox", "--no-canary", "--state", "first"},
				strings.Fields(test.flags)...)
			code, said := invoke(t, nil, first...)
			if code != 3 || !strings.Contains(said, "NOT imported") {
				t.Fatalf("exit %d\n%s", code, said)
			}
			columns := reportOf(t, "first").Columns
			if len(columns.Ways) == 0 {
				t.Fatal("there is no way in")
			}
			for n, way := range columns.Ways {
				state := "way" + string(rune('0'+n))
				args, into := words(t, strings.ReplaceAll(way.Command, "--state first", "--state "+state))
				create := args[len(args)-1] == "--create-attributes"
				if create {
					args = append(args, "--yes") // nobody is there to be asked
				}
				code, said := invoke(t, nil, args...)
				switch {
				case into != "": // the mapping that it writes is the one that the same command takes
					if code != 0 {
						t.Fatalf("%s: exit %d\n%s", way.Command, code, said)
					}
					decide(t, into, args)
				case create:
					if lost := reportOf(t, state).Columns.Lost(); lost >= columns.Lost() {
						t.Errorf("%s: %d columns are left out still", way.Command, lost)
					}
				case code != 0 || reportOf(t, state).Columns.Lost() > 0:
					t.Errorf("%s: exit %d\n%s", way.Command, code, said)
				}
			}
		})
	}
}

// decide writes the mapping that a command prints, takes the word undecided for ignore, and checks the file with it.
func decide(t *testing.T, into string, args []string) {
	t.Helper()
	code, text, errs := said(t, nil, args...)
	if code != 0 {
		t.Fatalf("exit %d\n%s%s", code, text, errs)
	}
	write(t, into, strings.ReplaceAll(text, ": undecided", ": ignore"))
	check := append([]string{"check"}, args[1:]...)
	if code, said := invoke(t, nil, append(check, "--mapping", into, "--state", "decided")...); code != 0 {
		t.Errorf("decided: exit %d\n%s\n%s", code, said, text)
	}
	if err := os.Remove(into); err != nil {
		t.Fatal(err)
	}
}

// TestLaw11NextCommandsMeanTheSame: the commands that a check or an import ends with take the rows as it did, wherever
// its flags stood.
func TestLaw11NextCommandsMeanTheSame(t *testing.T) {
	t.Chdir(t.TempDir())
	write(t, "-people.csv", "externalId;name;phone;Fax No\n1;Ann;06 12345678;x\n2;Bob;07;y\n")
	flags := []string{"--state", "st", "--region", "NL", "--unmapped", "ignore", "--ignore", "Fax No", "--delimiter", ";",
		"--", "-people.csv"}
	if code, said := invoke(t, nil, append([]string{"check"}, flags...)...); code != 3 {
		t.Fatalf("exit %d\n%s", code, said)
	}
	tried := ""
	for _, next := range reportOf(t, "st").Next {
		args, _ := words(t, next.Command)
		code, said := invoke(t, nil, args...)
		tried += args[0] + " "
		switch args[0] {
		case "check", "import":
			if code != 3 || strings.Contains(said, "NOT imported") || !strings.Contains(said, "invalid    1") {
				t.Errorf("%s: exit %d\n%s", next.Command, code, said)
			}
		}
	}
	if tried != "check explain import " {
		t.Errorf("the commands were %s", tried)
	}
	code, said := invoke(t, nil, "check", "--state", "more", "--unmapped", "ignore", "--", "-people.csv")
	if code != 3 {
		t.Fatalf("exit %d\n%s", code, said)
	}
	for _, way := range reportOf(t, "more").Columns.Ways {
		args, _ := words(t, way.Command)
		if code, said := invoke(t, nil, args...); code == 2 {
			t.Errorf("%s: exit %d\n%s", way.Command, code, said)
		}
	}
}

// TestLaw11AGuessComesIn: what a check takes by a guess, the import that it prints takes too, attributes that the org
// lacks and all.
func TestLaw11AGuessComesIn(t *testing.T) {
	t.Chdir(t.TempDir())
	write(t, "people.csv", "name,email,note\nAnn,ann@example.com,\"rang twice, and asked for Bob\"\n"+
		"Bob,bob@example.com,\"never in, before nine\"\n")
	if code, said := invoke(t, nil, "check", "people.csv", "--state", "st"); code != 0 {
		t.Fatalf("exit %d\n%s", code, said)
	}
	next := reportOf(t, "st").Next
	args, _ := words(t, next[len(next)-1].Command)
	if code, said := invoke(t, nil, append(args, "--yes")...); code != 0 || !strings.Contains(said, "created    2") {
		t.Errorf("%q: exit %d\n%s", args, code, said)
	}
	code, said := invoke(t, nil, "import", "people.csv", "--to", "sandbox", "--state", "other")
	if code != 2 || !strings.Contains(said, "muster: hint: muster import people.csv --to sandbox --state other "+
		"--create-attributes makes") {
		t.Errorf("exit %d\n%s", code, said)
	}
}
