package nightly_test

import (
	"bytes"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"muster/pipeline/nightly"
	"muster/pipeline/progress"
)

// logged keeps what a run says, as a terminal or a log would.
type logged struct{ bytes.Buffer }

func (*logged) Phase(string, int64) {}
func (*logged) Step(int64)          {}
func (*logged) Done()               {}
func (l *logged) Say(line string)   { l.WriteString(line + "\n") }

// TestLaw5AMissingHeader: a feed that comes without its header brings a customer in its place. Nobody reads of them:
// not in a log, not in a webhook, not in what the ledger remembers, not in a report. Names that are new tonight are
// told by letter.
func TestLaw5AMissingHeader(t *testing.T) {
	const (
		row  = "Quentin,de Vries,Utrecht,Lange Straat,Zuilen\n"
		more = "Bea,Bakker,Delft,Markt,Hof\nCas,Cohen,Breda,Kade,Tuin\n"
		head = "id,name,town,street,area\n"
	)
	sound := "1" + row[len("Quentin"):] + "2,Bea,Delft,Markt,Hof\n3,Cas,Breda,Kade,Tuin\n"
	strict := "version: 1\nkind: customer\ncolumns:\n  id: externalId\n  name: name\n  town: locations[home].cityName\n" +
		"  street: ignore\n  area: ignore\n"
	loose := "version: 1\nkind: customer\nunmapped: ignore\ncolumns:\n  id: {to: externalId, optional: true}\n" +
		"  name: {to: name, optional: true}\n"
	for name, test := range map[string]struct {
		mapping string
		good    string // the night before; "" none
		feed    string
		says    string
		code    int
	}{
		"the first night":                    {strict, "", row + more, "5 of its columns are not mapped yet", 2},
		"the first night, nothing is wanted": {loose, "", row + more, "the header is missing, or nothing of it is known", 2},
		"a later night":                      {strict, head + sound, row + more, "change the mapping, then muster accept-drift customers", 5},
		"a later night, nothing is wanted":   {loose, head + sound, row + more, "the header is missing", 5},
		"one name by accident": {loose, head + sound, "Quentin,de Vries,Utrecht,Lange Straat,name\n" + more,
			"the header is missing", 5},
		"a row that is told from a header": {strict, head + sound,
			"7,q@example.com,Utrecht,Lange Straat,2020-01-01\n8,b@example.com,Delft,Markt,2020-01-02\n",
			"the header is missing: the first line of 5 columns is a row", 5},
		"a column is new": {strict, head + sound, "id,name,town,street,area,Quentin de Vries\n" +
			strings.ReplaceAll(sound, "\n", ",x\n"), "column F is new", 5},
		"a column is new, and let in": {loose, head + sound, "id,name,town,street,area,Quentin de Vries\n" +
			strings.ReplaceAll(sound, "\n", ",x\n"), "column F is new", 3},
		"one is called otherwise": {strict, head + sound, "id,name,Quentin de Vries,street,area\n" + sound,
			`"town" is missing; it may be column C now`, 5},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t, strings.Replace(nightProject, "max-age: 60h", "stable: 0s", 1)+"guards: {rows: off}\n")
			h.write("crm.mapping.yaml", test.mapping)
			var log bytes.Buffer
			said := &logged{}
			turn := func() *nightly.Result {
				n := h.night()
				n.Log, n.Progress = slog.New(slog.NewJSONHandler(&log, nil)), func(string) progress.Reporter { return said }
				out, err := n.Run(t.Context(), nil)
				if err != nil {
					t.Fatal(err)
				}
				return out.Jobs[0]
			}
			if test.good != "" {
				h.write("feed-01.csv", test.good)
				// loose leaves columns out, which is no clean night
				if r := turn(); r.ExitCode != 0 && (r.ExitCode != 3 || test.mapping != loose) {
					t.Fatalf("the night before: %+v", r)
				}
				// it had a sound header and these rows
				if err := os.RemoveAll(filepath.Join(h.dir, ".muster", "runs")); err != nil {
					t.Fatal(err)
				}
			}
			h.clock.set(halfPastTwo(2))
			h.write("feed-02.csv", test.feed)
			r := turn()
			if says := strings.Join(r.Says, "; "); r.ExitCode != test.code || !strings.Contains(says, test.says) {
				t.Errorf("exit %d: %s", r.ExitCode, says)
			}
			if says := r.Says[0]; test.code == 2 && test.mapping == strict &&
				!strings.HasPrefix(says, "the mapping does not fit the file feed-02.csv: ") {
				t.Errorf("which file it is stands nowhere: %s", says)
			}
			if strings.HasPrefix(r.Says[0], "stopped by the guard of columns: the header is missing") &&
				!strings.HasPrefix(r.Says[1], "have the file sent again with its header; ") {
				t.Errorf("the likely way on is not the first: %q", r.Says)
			}
			if test.code == 5 && !strings.HasPrefix(r.Says[0], "stopped by the guard of columns: ") {
				t.Errorf("the way on stands before what is wrong: %q", r.Says)
			}
			if fits := strings.HasPrefix(name, "a column is new, and"); !fits &&
				slices.Contains(r.Next, "muster accept-drift customers") {
				t.Errorf("a shape that the mapping does not fit may be accepted: %v", r.Next)
			}
			told := log.String() + said.String()
			for _, m := range h.told {
				told += m.Text()
			}
			holds := func(where, text string) {
				for _, word := range []string{"Quentin", "de Vries", "Utrecht", "Lange Straat", "Zuilen"} {
					if strings.Contains(text, word) {
						t.Errorf("%s holds %q", where, word)
					}
				}
			}
			holds("what is told", told)
			err := filepath.WalkDir(filepath.Join(h.dir, ".muster"), func(path string, e fs.DirEntry, err error) error {
				base := filepath.Base(path)
				if err != nil || e.IsDir() || test.code == 3 { // its header is one, and is learned
					return err
				}
				if text, err := os.ReadFile(path); err == nil &&
					(strings.HasPrefix(base, "ledger") || strings.HasPrefix(base, "report.")) {
					holds(path, string(text))
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			// What a guard held back is accepted by what stands for its name, and known again.
			if strings.HasPrefix(name, "a column is new") || name == "one is called otherwise" {
				h.write("crm.mapping.yaml", loose)
				if _, err := nightly.AcceptDrift(filepath.Join(h.dir, ".muster"), "customers"); err != nil {
					t.Fatal(err)
				}
				if r := turn(); r.ExitCode != 3 && r.State != "same" || len(r.Findings) > 0 {
					t.Errorf("once it is accepted: exit %d, %v", r.ExitCode, r.Says)
				}
			}
		})
	}
}
