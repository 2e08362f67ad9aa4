package pipeline_test

import (
	"archive/zip"
	"os"
	"strings"
	"testing"

	"muster/pipeline"
	"muster/pipeline/progress"
)

// archive writes files into one zip.
func archive(t *testing.T, path string, parts ...[2]string) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	z := zip.NewWriter(f)
	for _, part := range parts {
		w, err := z.Create(part[0])
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(part[1])); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

// saying keeps what a run says.
type saying struct {
	progress.Reporter
	lines []string
}

func (s *saying) Phase(string, int64) {}
func (s *saying) Step(int64)          {}
func (s *saying) Done()               {}
func (s *saying) Say(line string)     { s.lines = append(s.lines, line) }

// TestEachTableIsRecognised: the files of one archive are each read by the preset that their own header shows. An
// audience of people who unsubscribed must not be taken for one that did not, because it stands second.
func TestEachTableIsRecognised(t *testing.T) {
	text := func(name string) string {
		data, err := os.ReadFile("../samples/presets/" + name)
		if err != nil {
			t.Fatal(err)
		}
		return string(data)
	}
	audience, gone := text("mailchimp.csv"), text("mailchimp-unsubscribed.csv")
	own := "externalId,name\n1,Ann\n2,Bob\n"
	for name, c := range map[string]struct{ first, second, third, want string }{
		"subscribed first":   {audience, gone, audience, "sheet b.csv: recognised as Mailchimp"},
		"unsubscribed first": {gone, audience, own, "sheet c.csv: the standard mapping"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			rows := int64(0)
			said := &saying{}
			path := dir + "/audience.zip"
			archive(t, path, [2]string{"a.csv", c.first}, [2]string{"b.csv", c.second}, [2]string{"c.csv", c.third})
			s, err := pipeline.Run(t.Context(), pipeline.Config{Command: "check", State: dir + "/state", Files: []string{path},
				Progress: said})
			if err != nil {
				t.Fatal(err)
			}
			for _, in := range s.Inputs {
				rows += in.Rows
			}
			if len(s.Inputs) != 3 || !s.Balanced || rows != s.Rows {
				t.Errorf("%+v, balanced %v", s.Inputs, s.Balanced)
			}
			all := strings.Join(said.lines, "\n")
			if !strings.Contains(all, c.want) || !strings.Contains(all, "mailchimp-unsubscribed") {
				t.Errorf("said %s", all)
			}
		})
	}
}
